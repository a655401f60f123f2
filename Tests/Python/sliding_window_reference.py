"""Patch weights and window starts of nnU-Net 2.8, from SciPy and NumPy.

sliding_window_reference.py weights DEPTH HEIGHT WIDTH: doubles, in C order
sliding_window_reference.py starts PATCH EXTENT...: for each extent the number of windows, then their starts
"""
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


def starts(extent, patch):
    """Evenly spread, half a patch apart or less."""
    room = extent - patch
    count = math.ceil(room / (patch * 0.5)) + 1
    step = room / (count - 1) if count > 1 else 0
    return [int(np.round(step * i)) for i in range(count)]


what, numbers = sys.argv[1], [int(number) for number in sys.argv[2:]]
if what == "weights":
    values = weights(numbers).ravel()
else:
    lists = [starts(extent, numbers[0]) for extent in numbers[1:]]
    values = np.array([value for found in lists for value in (len(found), *found)], float)
sys.stdout.buffer.write(values.astype("<f8").tobytes())
