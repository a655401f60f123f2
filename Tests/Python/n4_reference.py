"""Bias fields by SimpleITK's N4.

usage: n4_reference.py X Y Z STEP CONVERGENCE ITERATIONS < float64 scans of X × Y × Z, x fastest, one after the other

Fits every STEP-th voxel above 0; ITERATIONS are the rounds of each level, with commas. Z of 1 means 2D scans. Writes for
each scan the logarithm of its field at all voxels, float64.
"""
import sys

import numpy as np
import SimpleITK as sitk

size = [int(number) for number in sys.argv[1:4]]
if size[2] == 1:
    size.pop()
step, convergence = int(sys.argv[4]), float(sys.argv[5])
iterations = [int(number) for number in sys.argv[6].split(",")]
scans = np.frombuffer(sys.stdin.buffer.read()).reshape([-1] + size[::-1])
for scan in scans:
    image = sitk.GetImageFromArray(scan.astype(np.float32))
    mask = image > 0
    n4 = sitk.N4BiasFieldCorrectionImageFilter()
    n4.SetMaximumNumberOfIterations(iterations)
    n4.SetConvergenceThreshold(convergence)
    n4.Execute(sitk.Shrink(image, [step] * len(size)), sitk.Shrink(mask, [step] * len(size)))
    field = sitk.GetArrayFromImage(n4.GetLogBiasFieldAsImage(image))
    sys.stdout.buffer.write(field.astype(np.float64).tobytes())
