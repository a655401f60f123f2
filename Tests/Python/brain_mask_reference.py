"""Brain masks by SciPy and SimpleITK.

usage: brain_mask_reference.py zeros|otsu i j k < float64 voxels (i fastest) > uint8 mask (the same)

zeros: where the scan is not 0, holes filled. otsu: above Otsu's threshold with 256 bins, the largest part joined
through faces, holes filled. A grid with k = 1 is a 2D image.
"""
import sys

import numpy as np
import SimpleITK as sitk
from scipy.ndimage import binary_fill_holes, label

kind, *size = sys.argv[1:]
shape = [int(n) for n in size if int(n) > 1]
scan = np.frombuffer(sys.stdin.buffer.read()).reshape(shape, order="F")
if kind == "zeros":
    mask = scan != 0
else:
    image = sitk.GetImageFromArray(scan.astype(np.float32))
    above = sitk.GetArrayFromImage(sitk.OtsuThreshold(image, 0, 1, 256))
    parts, _ = label(above)
    mask = parts == 1 + np.argmax(np.bincount(parts.ravel())[1:])
sys.stdout.buffer.write(binary_fill_holes(mask).astype(np.uint8).ravel(order="F").tobytes())
