"""Connected components by SciPy.

usage: components_reference.py 6|18|26 i j k < uint8 mask (i fastest) > int32 numbers (the same), numbered by first voxel
"""
import sys

import numpy as np
from scipy.ndimage import generate_binary_structure, label

neighbours, *size = [int(n) for n in sys.argv[1:]]
# i fastest is C order of (k, j, i): SciPy numbers components in that order.
mask = np.frombuffer(sys.stdin.buffer.read(), np.uint8).reshape(size[::-1])
numbers, _ = label(mask == 1, generate_binary_structure(3, {6: 1, 18: 2, 26: 3}[neighbours]))
sys.stdout.buffer.write(numbers.astype("<i4").tobytes())
