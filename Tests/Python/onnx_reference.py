"""`onnx_reference.py MODEL DATA`: what onnxruntime makes of a model, as JSON.

DATA is a safetensors file with `image`, `logits` and `probabilities` (batch, channels, grid) as segfed computed them; the
model is checked by onnx's own checker with shape inference, and run as it stands and for the batch's first image alone.
"""
import json
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file

model, data = sys.argv[1], load_file(sys.argv[2])
description = onnx.load(model)
onnx.checker.check_model(description, full_check=True)
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
outputs = [output.name for output in session.get_outputs()]


def difference(count):
    """Largest difference of each output for the first `count` images."""
    found = session.run(outputs, {"image": data["image"][:count]})
    return {name: float(np.abs(value - data[name][:count]).max()) for name, value in zip(outputs, found)}


print(json.dumps({
    "outputs": outputs,
    "shapes": {value.name: value.shape for value in session.get_inputs() + session.get_outputs()},
    "operations": sorted({node.op_type for node in description.graph.node}),
    "opset": description.opset_import[0].version,
    "largest": {name: float(np.abs(data[name]).max()) for name in outputs},
    "differences": difference(len(data["image"])),
    "differences of one": difference(1),
    "metadata": session.get_modelmeta().custom_metadata_map,
}))
