"""Patch weights, window starts and blending of nnU-Net 2.8 (`predict_from_raw_data`), from SciPy and NumPy.

sliding_window_reference.py weights DEPTH HEIGHT WIDTH: doubles, in C order
sliding_window_reference.py starts PATCH STEP EXTENT...: for each extent the number of windows, then their starts
sliding_window_reference.py patches STEP AXES CHANNELS D H W PD PH PW < case (d, h, w, channel): what the network is given, each
  (pd, ph, pw, channel): for each window (d, h, w), for each combination of the mirrored AXES (such as "02", or "-")
sliding_window_reference.py blend STEP AXES CLASSES D H W PD PH PW < its logits, in that order: mean logits (d, h, w, class)
"""
import itertools
import math
import sys

import numpy as np
from scipy.ndimage import gaussian_filter


def weights(patch):
    """A point in the middle (patch // 2), blurred by patch / 8, scaled to a peak of 1."""
    point = np.zeros(patch)
    point[tuple(extent // 2 for extent in patch)] = 1
    blurred = gaussian_filter(point, [extent / 8 for extent in patch], 0, mode="constant", cval=0)
    return blurred / blurred.max()


def starts(extent, patch, share):
    """Evenly spread, `share` of a patch apart or less."""
    room = extent - patch
    count = math.ceil(room / (patch * share)) + 1
    step = room / (count - 1) if count > 1 else 0
    return [int(np.round(step * i)) for i in range(count)]


def windows(size, patch, share):
    """Padding of a small case to the patch, half of it before; then the windows' slices in the padded case."""
    missing = [max(0, p - s) for s, p in zip(size, patch)]
    padding = [(m // 2, m - m // 2) for m in missing]
    places = itertools.product(*(starts(s + m, p, share) for s, m, p in zip(size, missing, patch)))
    return padding, [tuple(slice(start, start + p) for start, p in zip(place, patch)) for place in places]


def mirrors(axes):
    chosen = [int(axis) for axis in axes if axis != "-"]
    return [c for count in range(len(chosen) + 1) for c in itertools.combinations(chosen, count)]


def patches(share, axes, channels, *numbers):
    size, patch = numbers[:3], numbers[3:]
    case = np.frombuffer(sys.stdin.buffer.read()).reshape(*size, channels)
    padding, places = windows(size, patch, share)
    case = np.pad(case, [*padding, (0, 0)])
    return np.stack([np.flip(case[place], flips) for place in places for flips in mirrors(axes)])


def blend(share, axes, classes, *numbers):
    size, patch = numbers[:3], numbers[3:]
    logits = iter(np.frombuffer(sys.stdin.buffer.read()).reshape(-1, *patch, classes))
    padding, places = windows(size, patch, share)
    padded = [s + sum(p) for s, p in zip(size, padding)]
    gaussian = weights(patch)[..., None]
    sums, totals = np.zeros((*padded, classes)), np.zeros((*padded, 1))
    for place in places:
        flipped = [np.flip(next(logits), flips) for flips in mirrors(axes)]
        sums[place] += gaussian * np.mean(flipped, 0)
        totals[place] += gaussian
    inside = tuple(slice(below, below + s) for (below, _), s in zip(padding, size))
    return (sums / totals)[inside]


what, *rest = sys.argv[1:]
if what == "weights":
    values = weights([int(n) for n in rest])
elif what == "starts":
    patch, share = int(rest[0]), float(rest[1])
    lists = [starts(int(extent), patch, share) for extent in rest[2:]]
    values = np.array([value for found in lists for value in (len(found), *found)], float)
else:
    values = {"patches": patches, "blend": blend}[what](float(rest[0]), rest[1], *(int(n) for n in rest[2:]))
sys.stdout.buffer.write(np.ascontiguousarray(values).astype("<f8").tobytes())
