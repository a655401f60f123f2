"""What the tools that read segfed's files make of them: TensorBoard's event file, and nnU-Net's networks.

usage: interchange_golden.py [--check]     (nnunetv2==2.8.1, torch==2.15.0, tensorboard==2.21.0)

Tests/InterchangeTests/Golden/events.out.tfevents.golden: the scalars of TensorBoardEventsTests as TensorBoard's own writer
stores them, wall time 0.
Tests/ExportTests/Golden/nnunet-<name>.safetensors: small networks of dynamic_network_architectures with random weights: all
tensors that `safetensors.torch.load_model` wants, an `image` and its `logits` (batch, channels, grid), in the metadata the
network's class and arguments as nnU-Net's plans.json has them. Biases before a normalisation and heads that deep supervision
alone reads are 0, as segfed writes them. With --check the files are compared, not written.
"""
import io
import json
import sys
from pathlib import Path

import numpy as np
import torch
from nnunetv2.utilities.get_network_from_plans import get_network_from_plans
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

TESTS = Path(__file__).parents[1]
EVENTS = TESTS / "InterchangeTests/Golden/events.out.tfevents.golden"
SCALARS = [
    ("loss/birch", 1, 0.75), ("loss/birch", 2, -0.5), ("validation_dice/ET/hazel ü", 300, 0.0),
    ("learning_rate/hazel", 0, 1e-30),
]


def events():
    file = io.BytesIO()
    writer = RecordWriter(file)
    writer.write(Event(file_version="brain.Event:2").SerializeToString())
    for tag, step, value in SCALARS:
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        writer.write(Event(step=step, summary=summary).SerializeToString())
    writer.flush()
    return file.getvalue()


PLAIN, RESIDUAL = "PlainConvUNet", "ResidualEncoderUNet"
# name: class, widths, kernels and strides by stage (z, y, x), convolutions or blocks by stage, inputs, outputs, patch.
NETWORKS = {
    "2d": (PLAIN, [4, 6, 8], [[3, 3]] * 3, [[1, 1], [2, 2], [2, 2]], [2, 2, 2], 3, 4, [16, 24]),
    "3d": (PLAIN, [3, 4, 6], [[3, 3, 3]] * 3, [[1, 1, 1], [2, 2, 2], [2, 2, 2]], [2, 2, 2], 2, 3, [8, 8, 16]),
    "3d-anisotropic": (
        PLAIN, [3, 4, 6], [[1, 3, 3], [3, 3, 3], [3, 3, 3]], [[1, 1, 1], [1, 2, 2], [2, 2, 2]], [2, 2, 2], 2, 3,
        [4, 8, 16]),
    "3d-residual": (
        RESIDUAL, [3, 4, 6], [[1, 3, 3], [3, 3, 3], [3, 3, 3]], [[1, 1, 1], [1, 2, 2], [2, 2, 2]], [1, 2, 2], 2, 3,
        [4, 8, 16]),
}


def arguments(kind, widths, kernels, strides, counts):
    dimensions = len(kernels[0])
    return {
        "n_stages": len(widths), "features_per_stage": widths,
        "conv_op": f"torch.nn.modules.conv.Conv{dimensions}d", "kernel_sizes": kernels, "strides": strides,
        "n_conv_per_stage" if kind == PLAIN else "n_blocks_per_stage": counts,
        "n_conv_per_stage_decoder": [2] * (len(widths) - 1), "conv_bias": True,
        "norm_op": f"torch.nn.modules.instancenorm.InstanceNorm{dimensions}d",
        "norm_op_kwargs": {"eps": 1e-05, "affine": True}, "dropout_op": None, "dropout_op_kwargs": None,
        "nonlin": "torch.nn.LeakyReLU", "nonlin_kwargs": {"inplace": True},
    }


def network(seed, kind, widths, kernels, strides, counts, inputs, outputs, patch):
    """The network's tensors, each once, an image and its logits; and the metadata."""
    architecture = {
        "network_class_name": f"dynamic_network_architectures.architectures.unet.{kind}",
        "arch_kwargs": arguments(kind, widths, kernels, strides, counts),
        "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"],
    }
    model = get_network_from_plans(
        architecture["network_class_name"], architecture["arch_kwargs"], architecture["_kw_requires_import"], inputs,
        outputs, allow_init=False, deep_supervision=False).double()
    random = np.random.default_rng(seed)
    # The names that segfed writes: shared tensors appear once.
    state = {
        name: tensor for name, tensor in model.state_dict().items()
        if ".all_modules." not in name and not name.startswith("decoder.encoder.")
    }
    last = len(widths) - 2
    for name, tensor in sorted(state.items()):
        if tensor.ndim > 1:
            values = random.standard_normal(tensor.shape) * np.sqrt(2 / tensor[0].numel())
        else:
            values = 0.2 * random.standard_normal(tensor.shape) + (1 if name.endswith("norm.weight") else 0)
        unused = name.endswith(".conv.bias") or (
            name.startswith("decoder.seg_layers.") and not name.startswith(f"decoder.seg_layers.{last}."))
        # Rounded, because the file holds them as Float32.
        tensor.copy_(torch.from_numpy((values * (not unused)).astype(np.float32)))
    image = random.standard_normal((2, inputs, *patch)).astype(np.float32)
    with torch.no_grad():
        logits = model(torch.from_numpy(image).double())
    tensors = {name: tensor.numpy().astype(np.float32) for name, tensor in state.items()}
    tensors |= {"image": image, "logits": logits.numpy().astype(np.float32)}
    return tensors, {"architecture": json.dumps(architecture), "torch": torch.__version__, "nnunetv2": "2.8.1"}


def main():
    is_check = "--check" in sys.argv
    if is_check:
        assert EVENTS.read_bytes() == events(), "TensorBoard writes other events today"
    else:
        EVENTS.parent.mkdir(exist_ok=True)
        EVENTS.write_bytes(events())
    for seed, (name, made) in enumerate(NETWORKS.items()):
        tensors, metadata = network(seed, *made)
        path = TESTS / f"ExportTests/Golden/nnunet-{name}.safetensors"
        if not is_check:
            path.parent.mkdir(exist_ok=True)
            save_file({key: np.ascontiguousarray(value) for key, value in tensors.items()}, path, metadata)
            print(path, path.stat().st_size)
            continue
        golden = load_file(path)
        with safe_open(path, framework="numpy") as file:
            assert file.metadata()["architecture"] == metadata["architecture"], name
        assert golden.keys() == tensors.keys(), name
        for key, value in tensors.items():
            assert golden[key].shape == value.shape, (name, key)
            assert np.abs(golden[key] - value).max() <= 1e-6 * max(1, np.abs(value).max()), (name, key)
    if is_check:
        print("TensorBoard and nnU-Net today say what the golden files say")


main()
