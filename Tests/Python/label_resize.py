"""Label maps on another grid, as nnU-Net resizes them."""
import numpy as np
from scipy.ndimage import zoom


def resize(image, shape, order):
    """skimage.transform.resize(mode="edge", anti_aliasing=False), which clips to the image's range."""
    factors = [n / o for n, o in zip(shape, image.shape)]
    resized = zoom(image, factors, order=order, mode="nearest", grid_mode=True)
    assert resized.shape == tuple(shape), resized.shape
    return np.clip(resized, image.min(), image.max())


def resize_labels(labels, shape):
    """batchgenerators 0.25.5's resize_segmentation of order 1: each label's mask linear, then the largest; of equals the
    nearest label, or the smallest where that is none of them."""
    values = np.unique(labels)
    scores = np.stack([resize((labels == value).astype(float), shape, 1) for value in values])
    nearest = np.searchsorted(values, resize(labels, shape, 0))
    tied = scores >= scores.max(axis=0) - 1e-9
    is_nearest = np.take_along_axis(tied, nearest[None], axis=0)[0]
    return values[np.where(is_nearest, nearest, np.argmax(tied, axis=0))]
