"""Codecs by NumPy: what comes of a tensor, and what libzstd makes of the same numbers.

usage: codec_reference.py STAGE [PARAMETER] SHAPE < float32 values      prints float32 values, little-endian
       codec_reference.py zstd < bytes                                  prints how many bytes libzstd's best makes of them

STAGE: fp16, bf16, sign (a scale for each channel, the last axis), topk FRACTION, lowrank RANK (the best there is of that rank, by
singular values), idct (the kernels that orthonormal cosine transforms are of: all axes but the last two). SHAPE is written 3,3,3,8,16.
"""
import sys

import ml_dtypes
import numpy as np
import scipy.fft
import zstandard

if sys.argv[1] == "zstd":
    print(len(zstandard.ZstdCompressor(level=22, write_content_size=False).compress(sys.stdin.buffer.read())))
    sys.exit()

stage = sys.argv[1]
shape = [int(text) for text in sys.argv[-1].split(",")]
values = np.frombuffer(sys.stdin.buffer.read(), "<f4").reshape(shape)
match stage:
    case "fp16":
        result = np.clip(values, -65504, 65504).astype(np.float16)
    case "bf16":
        result = values.astype(ml_dtypes.bfloat16)
    case "sign":
        scales = np.abs(values.astype(np.float64)).mean(axis=tuple(range(len(shape) - 1)))
        result = np.where(values < 0, -1, 1) * scales.astype(np.float32)
    case "topk":
        number = int(np.ceil(float(sys.argv[2]) * values.size))
        order = np.argsort(-np.abs(values.ravel()), kind="stable")[:number]
        result = np.zeros(values.size, np.float32)
        result[order] = values.ravel()[order]
    case "lowrank":
        u, s, v = np.linalg.svd(values.reshape(-1, shape[-1]).astype(np.float64), full_matrices=False)
        rank = int(sys.argv[2])
        result = (u[:, :rank] * s[:rank]) @ v[:rank]
    case "idct":
        result = scipy.fft.idctn(values.astype(np.float64), axes=tuple(range(len(shape) - 2)), norm="ortho")
sys.stdout.buffer.write(np.asarray(result, "<f4").tobytes())
