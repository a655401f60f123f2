"""Nyúl and Udupa's normalisation by the package intensity-normalization.

usage: nyul_reference.py COUNT < COUNT float64 scans of equal length, one after the other

Writes float64: the standard scale (11 landmarks), then every scan normalised. Voxels above 0 are the foreground.
"""
import sys

import numpy as np
from intensity_image import Image
from intensity_normalization.normalizers.population.nyul import NyulNormalizer


scans = np.frombuffer(sys.stdin.buffer.read()).reshape(int(sys.argv[1]), -1)
images = [Image(scan) for scan in scans]
normalizer = NyulNormalizer().fit_population(images)
result = [normalizer.standard_scale] + [normalizer.transform(image).get_data() for image in images]
sys.stdout.buffer.write(np.concatenate(result).astype(np.float64).tobytes())
