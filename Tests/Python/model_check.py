"""`model_check.py MODEL`: what the Python package safetensors reads: names, shapes and metadata."""
import json
import sys

import numpy as np
from safetensors import safe_open

with safe_open(sys.argv[1], framework="numpy") as file:
    tensors = {name: file.get_tensor(name) for name in file.keys()}
    print(json.dumps({
        "metadata": file.metadata(),
        "shapes": {name: list(tensor.shape) for name, tensor in tensors.items()},
        "types": sorted({str(tensor.dtype) for tensor in tensors.values()}),
        "finite": all(bool(np.isfinite(tensor).all()) for tensor in tensors.values()),
    }))
