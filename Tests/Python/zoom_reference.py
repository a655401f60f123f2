"""Resizes a volume with SciPy.

usage: zoom_reference.py i j k NEWI NEWJ NEWK < float64 voxels (i fastest) > the same
"""
import sys

import numpy as np
from scipy.ndimage import zoom

old, new = [int(a) for a in sys.argv[1:4]], [int(a) for a in sys.argv[4:7]]
volume = np.frombuffer(sys.stdin.buffer.read()).reshape(old, order="F")
factors = [n / o for n, o in zip(new, old)]
resized = zoom(volume, factors, order=1, mode="nearest", grid_mode=True)
assert list(resized.shape) == new, resized.shape
sys.stdout.buffer.write(np.ascontiguousarray(resized.ravel(order="F"), dtype=np.float64).tobytes())
