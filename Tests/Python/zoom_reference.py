"""Resizes a volume as skimage.transform.resize(mode="edge", anti_aliasing=False) does, with SciPy.

usage: zoom_reference.py KIND i j k NEWI NEWJ NEWK < float64 voxels (i fastest) > the same

KIND is linear; cubic; slices, cubic in the slices along k and the nearest slice across them; largest, each label's mask
linear and then the largest, the highest label of equals (nnU-Net's resampling with torch); halves, the same but 0.5 or
more, higher labels last (batchgenerators' resize_segmentation, nnU-Net's usual one).
"""
import sys

import numpy as np
from scipy.ndimage import map_coordinates, zoom


def resize(image, shape, order):
    """skimage clips to the image's range."""
    factors = [n / o for n, o in zip(shape, image.shape)]
    resized = zoom(image, factors, order=order, mode="nearest", grid_mode=True)
    assert resized.shape == tuple(shape), resized.shape
    return np.clip(resized, image.min(), image.max())


def by_slices(image, shape):
    """nnunetv2's resample_data_or_seg with a separate z axis, order 3 in the plane and 0 across."""
    planes = np.stack([resize(image[:, :, k], shape[:2], 3) for k in range(image.shape[2])], axis=2)
    if planes.shape[2] == shape[2]:
        return planes
    scales = [o / n for o, n in zip(planes.shape, shape)]
    places = [s * (c + 0.5) - 0.5 for s, c in zip(scales, np.mgrid[: shape[0], : shape[1], : shape[2]])]
    return map_coordinates(planes, places, order=0, mode="nearest")


def by_largest(image, shape):
    labels = np.unique(image)[::-1]
    return labels[np.argmax([resize((image == label).astype(float), shape, 1) for label in labels], axis=0)]


def by_halves(image, shape):
    result = np.zeros(shape)
    for label in np.unique(image):
        result[resize((image == label).astype(float), shape, 1) >= 0.5] = label
    return result


kind, *sizes = sys.argv[1:]
old, new = [int(a) for a in sizes[:3]], [int(a) for a in sizes[3:]]
volume = np.frombuffer(sys.stdin.buffer.read()).reshape(old, order="F")
ways = {
    "linear": lambda: resize(volume, new, 1),
    "cubic": lambda: resize(volume, new, 3),
    "slices": lambda: by_slices(volume, new),
    "largest": lambda: by_largest(volume, new),
    "halves": lambda: by_halves(volume, new),
}
sys.stdout.buffer.write(np.ascontiguousarray(ways[kind]().ravel(order="F"), dtype=np.float64).tobytes())
