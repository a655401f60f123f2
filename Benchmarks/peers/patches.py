"""Cases as nnU-Net and segfed standardise them, and patches cut from them: what the peers train on."""
import numpy as np
import torch
from scipy.ndimage import binary_fill_holes
from torch.utils.data import Dataset

CONTRASTS = ("t1", "t1ce", "t2", "flair")
LABELS = (0, 1, 2, 4)


def standardised(image, labels):
    """(image, labels, mask), channels first: cropped to the nonzero mask with its holes filled, z-score
    inside it, 0 around it."""
    mask = binary_fill_holes((image != 0).any(0))
    box = tuple(slice(places.min(), places.max() + 1) for places in np.nonzero(mask))
    mask = mask[box]
    image = image[(slice(None), *box)].astype(np.float32)
    for channel in image:
        inside = channel[mask]
        channel -= inside.mean()
        channel /= max(inside.std(), 1e-8)
        channel[~mask] = 0
    classes = np.searchsorted(LABELS, labels[0][box]).astype(np.uint8)
    return image, classes[None], mask[None].astype(np.uint8)


class Patches(Dataset):
    """`count` patches, each of a case drawn at random, a share of them around a voxel of a drawn label.

    `augment(parts, seed)` makes the image and the labels of a patch's cut `image`, `labels` and `mask`.
    """

    def __init__(self, cases, plan, count, seed, augment):
        self.cases, self.plan, self.count, self.seed, self.augment = cases, plan, count, seed, augment
        self.foreground = [
            [np.argwhere(labels[0] == label) for label in range(1, len(LABELS)) if (labels[0] == label).any()]
            for _, labels, _ in cases]

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        random = np.random.default_rng((*self.seed, index))
        seed = int(random.integers(2**31))
        number = int(random.integers(len(self.cases)))
        image, labels, mask = self.cases[number]
        centre = None
        if random.random() < self.plan["foreground_oversampling"] and self.foreground[number]:
            places = self.foreground[number][random.integers(len(self.foreground[number]))]
            centre = places[random.integers(len(places))]
        window = [self.window(extent, side, None if centre is None else centre[axis], random)
                  for axis, (extent, side) in enumerate(zip(image.shape[1:], self.plan["patch"]))]
        return self.augment({name: padded(array, window) for name, array in
                             (("image", image), ("labels", labels), ("mask", mask))}, seed)

    @staticmethod
    def window(extent, side, centre, random):
        room = extent - side
        if room <= 0:
            return -(-room // 2), side
        start = random.integers(room + 1) if centre is None else min(max(centre - side // 2, 0), room)
        return int(start), side


def padded(array, window):
    """A part of the array, zeros beyond it."""
    target = np.zeros((array.shape[0], *(side for _, side in window)), array.dtype)
    source, place = [slice(None)], [slice(None)]
    for (start, side), extent in zip(window, array.shape[1:]):
        first, end = max(start, 0), min(start + side, extent)
        source.append(slice(first, end))
        place.append(slice(first - start, end - start))
    target[tuple(place)] = array[tuple(source)]
    return target


class GainOffset:
    """segfed's `gain-offset`: mirrored, and each contrast's brain with a random gain and offset."""

    PROBABILITY, GAIN, OFFSET = 0.3, (0.75, 1.25), (-0.25, 0.25)

    def __init__(self, plan):
        self.axes = [1 + "xyz".index(axis) for axis in plan["mirror"]]

    def __call__(self, parts, seed):
        random = np.random.default_rng(seed)
        axes = [axis for axis in self.axes if random.random() < 0.5]
        image, labels = (np.flip(parts[name], axes).copy() for name in ("image", "labels"))
        for channel in image:
            gain, offset = random.uniform(*self.GAIN), random.uniform(*self.OFFSET)
            if random.random() < self.PROBABILITY:
                np.copyto(channel, channel * gain + offset, where=channel != 0)
        return torch.from_numpy(image), torch.from_numpy(labels[0]).long()
