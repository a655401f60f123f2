"""`write PATH`: writes known tensors. `read PATH`: prints what is in a file, as JSON with exact bits."""
import json
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

command, path = sys.argv[1:3]
if command == "write":
    tensors = {
        "z.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4) / 7,
        "a.bias": np.array([1e-40, -0.0, 3.4e38], dtype=np.float32),
        "scalar": np.array(2.5, dtype=np.float32),
        "empty": np.zeros((0, 3), dtype=np.float32),
    }
    save_file(tensors, path, metadata={"made by": "numpy \"quoted\" ü", "round": "3"})
elif command == "write-half":
    save_file({"w": np.zeros((2, 2), dtype=np.float16)}, path)
else:
    with safe_open(path, framework="numpy") as file:
        result = {
            "metadata": file.metadata(),
            "tensors": {
                name: {
                    "dtype": str(file.get_tensor(name).dtype),
                    "shape": list(file.get_tensor(name).shape),
                    "bits": file.get_tensor(name).ravel().view(np.uint32).tolist(),
                }
                for name in file.keys()
            },
        }
    print(json.dumps(result))
