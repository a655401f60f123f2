"""Resizes a volume as skimage.transform.resize(mode="edge", anti_aliasing=False) does, with SciPy.

usage: zoom_reference.py KIND i j k NEWI NEWJ NEWK < float64 voxels (i fastest) > the same

KIND is linear; cubic; slices, cubic in the slices along k and the nearest slice across them; labels, as nnU-Net
resizes them.
"""
import sys

import numpy as np
from label_resize import resize, resize_labels
from scipy.ndimage import map_coordinates


def by_slices(image, shape):
    """nnunetv2's resample_data_or_seg with a separate z axis, order 3 in the plane and 0 across."""
    planes = np.stack([resize(image[:, :, k], shape[:2], 3) for k in range(image.shape[2])], axis=2)
    if planes.shape[2] == shape[2]:
        return planes
    scales = [o / n for o, n in zip(planes.shape, shape)]
    places = [s * (c + 0.5) - 0.5 for s, c in zip(scales, np.mgrid[: shape[0], : shape[1], : shape[2]])]
    return map_coordinates(planes, places, order=0, mode="nearest")


kind, *sizes = sys.argv[1:]
old, new = [int(a) for a in sizes[:3]], [int(a) for a in sizes[3:]]
volume = np.frombuffer(sys.stdin.buffer.read()).reshape(old, order="F")
ways = {
    "linear": lambda: resize(volume, new, 1),
    "cubic": lambda: resize(volume, new, 3),
    "slices": lambda: by_slices(volume, new),
    "labels": lambda: resize_labels(volume, new),
}
sys.stdout.buffer.write(np.ascontiguousarray(ways[kind]().ravel(order="F"), dtype=np.float64).tobytes())
