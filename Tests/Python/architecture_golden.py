"""nnU-Net's own networks, small: outputs and gradients of all parameters, for Tests/NeuralNetworkTests/Golden/nnunet_*.safetensors.

usage: architecture_golden.py [--check | --find-seeds]     (dynamic_network_architectures==0.4.4, torch==2.15.0)

Tensors are as pytorch_golden.py writes them, parameters by segfed's names. The loss is the sum of all outputs times
`output_gradient/<i>`; 0 for the lowest output, as nnU-Net weights it. With --check the files are compared, not written.
"""
import argparse
import itertools
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from dynamic_network_architectures.architectures.unet import PlainConvUNet, ResidualEncoderUNet
from dynamic_network_architectures.building_blocks.residual import BasicBlockD
from torch import nn

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/Python"))
from pytorch_golden import MARGIN, agrees, channels_last, parameter, write  # noqa: E402

CONTRASTS, CLASSES = 2, 3


@dataclass
class Case:
    """A network of nnU-Net's; axes are depth, height, width, and in 2D height, width."""
    widths: list
    strides: list
    kernels: list
    patch: tuple
    # Each with the seed that `--find-seeds` names.
    seed: int
    # Convolutions of the decoder's stages, and of the plain encoder's.
    convolutions: int = 2
    # Blocks of the residual encoder's stages.
    blocks: list | None = None
    batch: int = 2

    @property
    def model(self):
        dimensions = len(self.patch)
        arguments = {
            "input_channels": CONTRASTS, "n_stages": len(self.widths), "features_per_stage": self.widths,
            "conv_op": nn.Conv2d if dimensions == 2 else nn.Conv3d, "kernel_sizes": self.kernels,
            "strides": self.strides, "num_classes": CLASSES, "n_conv_per_stage_decoder": self.convolutions,
            # As nnU-Net's planner sets them.
            "conv_bias": True, "norm_op": nn.InstanceNorm2d if dimensions == 2 else nn.InstanceNorm3d,
            "norm_op_kwargs": {"eps": 1e-5, "affine": True}, "nonlin": nn.LeakyReLU,
            "nonlin_kwargs": {"inplace": False}, "deep_supervision": True,
        }
        if self.blocks:
            return ResidualEncoderUNet(n_blocks_per_stage=self.blocks, **arguments)
        return PlainConvUNet(n_conv_per_stage=self.convolutions, **arguments)


CASES = {
    "nnunet_plain_3d": Case(
        widths=[4, 6, 8, 10], strides=[[1, 1, 1], [1, 2, 2], [2, 2, 2], [2, 2, 1]],
        kernels=[[1, 3, 3], [1, 3, 3], [3, 3, 3], [3, 3, 3]], patch=(8, 16, 12), seed=10),
    "nnunet_plain_2d": Case(
        widths=[4, 8, 12, 16], strides=[[1, 1], [2, 2], [2, 2], [2, 1]], kernels=[[3, 3]] * 4, patch=(32, 24),
        seed=2),
    # Skips of every kind: nothing, projected, pooled, pooled and projected.
    "nnunet_residual_3d": Case(
        widths=[4, 4, 6, 8], strides=[[1, 1, 1], [1, 2, 2], [2, 2, 2], [1, 1, 1]],
        kernels=[[1, 3, 3], [3, 3, 3], [3, 3, 3], [3, 3, 3]], patch=(4, 16, 12), blocks=[1, 2, 2, 1],
        convolutions=1, seed=4),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true",
                        help="write nothing; fail where the files differ from what nnU-Net's networks compute now")
    parser.add_argument("--find-seeds", action="store_true",
                        help="write nothing; name each network's first seed that keeps clear of kinks")
    options = parser.parse_args()
    # One thread adds in one order.
    torch.set_num_threads(1)
    if options.find_seeds:
        for name, case in CASES.items():
            print(name, next(seed for seed in itertools.count(1) if margin(*start(case, seed)) >= MARGIN))
        return
    folder = ROOT / "Tests/NeuralNetworkTests/Golden"
    files = {folder / f"{name}.safetensors": tensors(case) for name, case in CASES.items()}
    if options.check:
        if not all([agrees(path, made) for path, (made, _) in files.items()]):
            sys.exit("The golden files are not what these networks compute: `make golden`, and look why.")
        return
    for path, (made, metadata) in files.items():
        write(path, made, {"script": "Tests/Python/architecture_golden.py"} | metadata)


def start(case, seed):
    """Model and batch, in Float64 with values that Float32 holds."""
    random = np.random.default_rng(seed)
    model = case.model
    for name, tensor in sorted(model.named_parameters()):
        if tensor.ndim > 1:
            values = tensor.detach().numpy()
            values = random.standard_normal(values.shape) * np.sqrt(2 / fan_in(name, values))
        else:
            values = 0.2 * random.standard_normal(tensor.shape) + (1 if name.endswith("norm.weight") else 0)
        tensor.data = torch.from_numpy(values.astype(np.float32))
    batch = random.standard_normal((case.batch, CONTRASTS, *case.patch)).astype(np.float32)
    return model.double(), torch.from_numpy(batch).double(), random


def fan_in(name, values):
    # A transposed convolution's output gets one tap of each coarse channel.
    return values.shape[0] if "transpconvs" in name else values[0].size


def margin(model, batch, _):
    """The smallest |input| of a leaky ReLU."""
    distances = []
    hooks = [
        module.register_forward_pre_hook(lambda _, inputs: distances.append(inputs[0].abs().min().item()))
        for module in model.modules() if isinstance(module, nn.LeakyReLU)]
    with torch.no_grad():
        model(batch)
    for hook in hooks:
        hook.remove()
    return min(distances)


def tensors(case):
    """All tensors of a network's file, and its metadata."""
    model, batch, random = start(case, case.seed)
    distance = margin(model, batch, None)
    assert distance >= MARGIN, f"{distance}: another seed"
    outputs = model(batch)
    # The lowest output has no part in nnU-Net's loss.
    outputs = outputs[:-1]
    seeds = [torch.from_numpy(random.standard_normal(output.shape).astype(np.float32)) for output in outputs]
    sum((output * seed).sum() for output, seed in zip(outputs, seeds)).backward()
    made = {"input": channels_last(batch), "supervision_weights": supervision_weights(case)}
    for index, (output, seed) in enumerate(zip(outputs, seeds)):
        made |= {f"output/{index}": channels_last(output), f"output_gradient/{index}": channels_last(seed)}
    named = dict(model.named_parameters())
    for ours, theirs in names(case, model).items():
        tensor = named.pop(theirs)
        made |= {f"parameter/{ours}": parameter(tensor), f"gradient/{ours}": parameter(tensor.grad)}
    for name, tensor in named.items():
        if name.endswith("conv.bias"):
            # Instance norm takes a bias away again: nothing depends on it.
            assert tensor.grad.abs().max() < 1e-10, name
        else:
            # The lowest output's head.
            assert name.startswith("decoder.seg_layers.0.") and tensor.grad is None, name
    return made, {
        "network": f"{type(model).__name__}, widths {case.widths}, strides {case.strides}, kernels {case.kernels}, "
        f"blocks {case.blocks}, convolutions {case.convolutions}",
        "seed": str(case.seed), "distance from kinks": f"{distance:.1e}",
        "dynamic_network_architectures": "0.4.4",
    }


def supervision_weights(case):
    """Of the outputs from the finest, as nnUNetTrainer._build_loss (nnunetv2 2.8.1) makes them."""
    weights = np.array([1 / (2**i) for i in range(len(case.widths) - 1)])
    weights[-1] = 0
    return (weights / weights.sum())[:-1].astype(np.float32)


def names(case, model):
    """nnU-Net's name of each of segfed's parameters."""
    found = {}
    stages = len(case.widths)

    def block(ours, theirs):
        found.update({f"{ours}.conv.weight": f"{theirs}.conv.weight"})
        found.update({f"{ours}.norm.{kind}": f"{theirs}.norm.{kind}" for kind in ("weight", "bias")})

    if case.blocks:
        block("encoder.stem", "encoder.stem.convs.0")
    for stage in range(stages):
        for index in range(case.blocks[stage] if case.blocks else case.convolutions):
            ours = f"encoder.{stage}.{index}"
            if not case.blocks:
                block(ours, f"encoder.stages.{stage}.0.convs.{index}")
                continue
            theirs = f"encoder.stages.{stage}.blocks.{index}"
            block(f"{ours}.conv1", f"{theirs}.conv1")
            block(f"{ours}.conv2", f"{theirs}.conv2")
            skip = model.get_submodule(theirs)
            assert isinstance(skip, BasicBlockD)
            if skip.input_channels != skip.output_channels:
                block(f"{ours}.skip", f"{theirs}.skip.{1 if any(step > 1 for step in skip.stride) else 0}")
    for stage in range(stages - 1):
        level = stages - 2 - stage
        for kind in ("weight", "bias"):
            found[f"decoder.{stage}.up.{kind}"] = f"decoder.transpconvs.{level}.{kind}"
            if level > 0:
                ours = "head" if stage == 0 else f"decoder.{stage}.head"
                found[f"{ours}.{kind}"] = f"decoder.seg_layers.{level}.{kind}"
        for index in range(case.convolutions):
            block(f"decoder.{stage}.{index}", f"decoder.stages.{level}.convs.{index}")
    return found


if __name__ == "__main__":
    main()
