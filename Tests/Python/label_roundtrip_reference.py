"""A label map to another grid (as nnU-Net) and back (one-hot, linear, argmax) with SciPy.

usage: label_roundtrip_reference.py i j k NEWI NEWJ NEWK LABEL... < float64 labels (i fastest) > the same
"""
import sys

import numpy as np
from label_resize import resize_labels
from scipy.ndimage import zoom

numbers = [int(a) for a in sys.argv[1:]]
old, new, values = numbers[:3], numbers[3:6], numbers[6:]
labels = np.frombuffer(sys.stdin.buffer.read()).reshape(old, order="F")
small = resize_labels(labels, new)
back = [o / n for o, n in zip(old, new)]
scores = [zoom((small == v).astype(float), back, order=1, mode="nearest", grid_mode=True) for v in values]
restored = np.array(values, dtype=float)[np.argmax(scores, axis=0)]
assert list(restored.shape) == old, restored.shape
sys.stdout.buffer.write(restored.ravel(order="F").tobytes())
