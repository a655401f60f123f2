"""Clean-up of a label map by SciPy, as nnU-Net's `remove_all_but_largest_component_from_segmentation`.

usage: cleanup_reference.py i j k foreground|each|none LEAST LABELS... < uint8 labels (i fastest) > the same, cleaned

LABELS are those of each component, with commas between: a label, or a region. Components below LEAST voxels go, too.
"""
import sys

import numpy as np
from scipy.ndimage import label

*size, largest, least = sys.argv[1:6]
groups = [[int(value) for value in group.split(",")] for group in sys.argv[6:]]
labels = np.frombuffer(sys.stdin.buffer.read(), np.uint8).reshape([int(n) for n in size][::-1]).copy()


def keep(values, wanted):
    mask = np.isin(labels, values)
    components, _ = label(mask, np.ones((3, 3, 3)))
    counts = np.bincount(components.ravel())[1:]
    if counts.size:
        kept = 1 + np.flatnonzero(wanted(counts))
        labels[mask & ~np.isin(components, kept)] = 0


if largest != "none":
    for values in groups if largest == "each" else [sorted({value for group in groups for value in group})]:
        keep(values, lambda counts: counts == counts.max())
for values in groups:
    keep(values, lambda counts: counts >= int(least))
sys.stdout.buffer.write(labels.tobytes())
