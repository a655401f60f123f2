"""WhiteStripe and fuzzy c-means normalisation by the package intensity-normalization.

usage: tissue_reference.py white-stripe t1|t2 < float64 scan
       tissue_reference.py fuzzy-c-means COUNT < float64 T1, then COUNT − 1 other scans of the same length

Writes every scan normalised, float64. Voxels above 0 are the foreground. Fuzzy c-means takes the T1's tissues for all.
"""
import sys

import numpy as np
from intensity_image import Image
from intensity_normalization.domain.models import Modality
from intensity_normalization.normalizers.individual.fcm import FCMNormalizer
from intensity_normalization.normalizers.individual.whitestripe import WhiteStripeNormalizer


method, what = sys.argv[1], sys.argv[2]
data = np.frombuffer(sys.stdin.buffer.read())
if method == "white-stripe":
    normalizer, images = WhiteStripeNormalizer(modality=Modality(what)), [Image(data)]
else:
    np.random.seed(0)  # the package's start is random
    normalizer, images = FCMNormalizer(), [Image(scan) for scan in data.reshape(int(what), -1)]
normalizer.fit(images[0])
result = [normalizer.transform(image).get_data() for image in images]
sys.stdout.buffer.write(np.concatenate(result).astype(np.float64).tobytes())
