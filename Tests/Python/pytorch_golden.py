"""Writes the golden files that segfed's networks and convolutions are tested against, with PyTorch (`make golden`).

Tensors are channels last, (batch, depth, height, width, channels), 2D has depth 1; kernels are (depth, height,
width, input channels, output channels), for transposed convolutions (..., fine channels, coarse channels). Inputs
and parameters are Float32 numbers; what follows from them is computed in Float64 and then rounded, but for `losses`.

Where a file was there before, the largest difference from it is printed. Inputs stay bit for bit the same. Results
may differ in a Float32's last bit, a gradient's by 1e-7 of its tensor's largest; `losses`, computed in Float32, by
`losses_spread` where the CPU's kernels differ.
"""
import argparse
import copy
import itertools
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from torch.nn import functional

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Benchmarks/peers"))
from unet import CLASSES, INPUT_CHANNELS, Network, UNet, adam, dice_cross_entropy  # noqa: E402

# Each with the seed that `--find-seeds` names.
NETWORKS = {
    "unet_a_small": (Network(dimensions=2, batch=2, extent=32, base=4, stages=5), 47),
    "unet_c_small": (Network(dimensions=3, batch=1, extent=16, base=4, stages=4), 59),
}
STEPS = 20
# How far every value stays from a kink (leaky ReLU at 0, a max pool's runner-up): nearer ones would let a rounding
# error send a gradient another way, and a correct network would miss the file.
MARGIN = 5e-5
# How far PyTorch's loss curves in Float32 and Float64 may lie apart. Kinks are crossed on the way too, and one
# crossed a step sooner or later moves all that follows by thousandths; with most seeds PyTorch itself shows it.
AGREEMENT = 1e-5
# `losses_spread` tells what to expect where it happens: the start is perturbed by this much, this often. For
# Winograd's tiles `losses_spread_winograd` does, with the error that segfed's tiles of results 4x4x4 may make.
PERTURBATION, WINOGRAD_PERTURBATION, PERTURBED_RUNS = 1e-6, 3e-5, 8
# How far results may lie from those of another CPU, beside a tensor's largest: `--check`.
ROUNDING = 2e-7


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", type=Path, default=ROOT / "Tests/NeuralNetworkTests/Golden", metavar="FOLDER",
                        help="where to write (default: Tests/NeuralNetworkTests/Golden)")
    parser.add_argument("--find-seeds", action="store_true",
                        help="write nothing; name each network's first seed that keeps clear of kinks")
    parser.add_argument("--check", action="store_true",
                        help="write nothing; fail where the files differ from what this PyTorch computes")
    options = parser.parse_args()
    # One thread adds in one order.
    torch.set_num_threads(1)
    if options.find_seeds:
        for name, (network, _) in NETWORKS.items():
            print(name, next(seed for seed in itertools.count(1) if is_robust(network, seed)))
        return
    files = {f"{name}.safetensors": network_tensors(*made) for name, made in NETWORKS.items()}
    files["convolutions.safetensors"] = layer_tensors()
    if options.check:
        if not all([agrees(options.output / name, tensors) for name, (tensors, _) in files.items()]):
            sys.exit("The golden files are not what this PyTorch computes: `make golden`, and look why.")
        return
    options.output.mkdir(parents=True, exist_ok=True)
    for name, (tensors, metadata) in files.items():
        write(options.output / name, tensors, metadata)


# MARK: Files

SAME = "as before, bit for bit"


def write(path, tensors, metadata):
    made_by = {"script": "Tests/Python/pytorch_golden.py", "torch": torch.__version__, "numpy": np.__version__}
    metadata = made_by | metadata
    before, metadata_before = read(path) if path.exists() else (None, None)
    words = difference(before, tensors)
    # The library writes metadata in a new order each time: a file that says the same stays as it is.
    if words != SAME or metadata != metadata_before:
        ordered = {name: np.array(tensor, order="C") for name, tensor in tensors.items()}
        save_file(ordered, path, metadata=metadata)
    print(f"{path.name}: {len(tensors)} tensors, {path.stat().st_size / 1e6:.2f} MB; {words}")


def agrees(path, tensors):
    """Whether a file holds what PyTorch computes now, to the rounding that the top of this script allows; prints it."""
    before, _ = read(path)
    if {name: tensor.shape for name, tensor in before.items()} != {name: t.shape for name, t in tensors.items()}:
        print(f"{path.name}: other tensors")
        return False
    # A curve's room stands beside it; of the rooms themselves the same size is asked.
    room = {name: ROUNDING for name in tensors}
    for name in tensors:
        if name.startswith("losses_spread"):
            room[name] = 1.0
        elif name == "losses":
            room[name] = float((before["losses_spread"] / np.abs(before["losses"]).max()).max()) + ROUNDING
    far = {name: relative_difference(tensor, before[name]) / room[name] for name, tensor in tensors.items()}
    worst = max(far, key=far.get)
    print(f"{path.name}: {len(tensors)} tensors; at most {far[worst]:.2f} of what rounding may do ({worst})")
    return far[worst] <= 1


def read(path):
    with safe_open(path, framework="numpy") as file:
        return load_file(path), file.metadata()


def difference(before, tensors):
    """In words: how far `tensors` lie from those of the file that was there."""
    if before is None:
        return "new"
    if {name: tensor.shape for name, tensor in before.items()} != {name: t.shape for name, t in tensors.items()}:
        return "other tensors than before"
    far = {name: relative_difference(tensor, before[name]) for name, tensor in tensors.items()}
    worst = max(far, key=far.get)
    if far[worst] == 0:
        return SAME
    return f"differs from before by at most {far[worst]:.1e} of a tensor's largest value ({worst})"


def relative_difference(a, b):
    """max|a - b| / max|b|"""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-30))


def channels_last(tensor):
    """(batch, channels, grid) to (batch, depth, height, width, channels)."""
    array = np.moveaxis(tensor.detach().numpy(), 1, -1)
    return (array[:, None] if array.ndim == 4 else array).astype(np.float32)


def kernel(tensor):
    """(output, input, taps) to (depth, height, width, input, output); transposed (coarse, fine, taps) likewise."""
    array = tensor.detach().numpy().transpose(*range(2, tensor.ndim), 1, 0)
    return (array[None] if array.ndim == 4 else array).astype(np.float32)


def parameter(tensor):
    return kernel(tensor) if tensor.ndim > 1 else tensor.detach().numpy().astype(np.float32)


# MARK: Networks

def network_tensors(network, seed):
    """All tensors of a network's file, and its metadata."""
    model, batch, targets = start(network, seed)
    margin = distance_from_kinks(model.double(), batch.double())
    logits, loss, gradients = forward_backward(model.double(), batch.double(), targets)
    tensors = {
        "input": channels_last(batch),
        "targets": channels_last(targets[:, None])[..., 0].astype(np.float32),
        "logits": channels_last(logits),
        "loss": np.float32(loss),
        "losses": loss_curve(model, batch, targets, torch.float32),
        "losses64": loss_curve(model, batch, targets, torch.float64),
        "losses_spread": loss_spread(model, batch, targets, np.random.default_rng(seed), PERTURBATION),
        "losses_spread_winograd": loss_spread(
            model, batch, targets, np.random.default_rng(seed), WINOGRAD_PERTURBATION),
    }
    tensors |= {f"parameter/{name}": parameter(tensor) for name, tensor in model.named_parameters()}
    tensors |= {f"gradient/{name}": parameter(tensor) for name, tensor in gradients.items()}
    _, _, single = forward_backward(model.float(), batch, targets)
    error = max(relative_difference(parameter(single[name]), tensors[f"gradient/{name}"]) for name in single)
    norm = sum(tensor.square().sum() for tensor in gradients.values()).sqrt()
    return tensors, {
        "network": f"U-Net, {network.dimensions}D, base {network.base}, {network.stages} stages, max pool 2",
        "loss": "soft Dice (batch, smooth 1e-5, no background) + cross-entropy",
        "losses": f"before each of {STEPS} Adam steps (1e-3, 0.9, 0.999, 1e-8), in Float32; losses64: in Float64",
        "losses_spread": f"largest distance from losses64, {PERTURBED_RUNS} starts perturbed by {PERTURBATION}",
        "losses_spread_winograd": f"the same for {WINOGRAD_PERTURBATION}",
        "seed": str(seed),
        "distance from kinks": f"{margin:.1e}",
        "gradient norm": f"{norm:.6f}",
        "PyTorch's own Float32 gradients differ by": f"{error:.1e} of a tensor's largest",
    }


def start(network, seed):
    """Model, batch and targets of a seed."""
    random = np.random.default_rng(seed)
    model = UNet(network)
    randomise(model, random)
    return model, *blobs(network, random)


def is_robust(network, seed):
    """Whether the seed keeps `MARGIN` at the start, and `AGREEMENT` on the way."""
    model, batch, targets = start(network, seed)
    if distance_from_kinks(model.double(), batch.double()) < MARGIN:
        return False
    losses, losses64 = (loss_curve(model, batch, targets, kind) for kind in (torch.float32, torch.float64))
    return np.abs(losses - losses64).max() <= AGREEMENT


def randomise(model, random):
    """He-normal kernels; norms around 1 and 0, biases that are not 0: each of them shows in the results."""
    for name, tensor in sorted(model.named_parameters()):
        if tensor.ndim > 1:
            # A transposed convolution's output gets one tap of each coarse channel.
            fan_in = tensor.shape[0] if ".up." in name else tensor[0].numel()
            values = random.standard_normal(tensor.shape) * np.sqrt(2 / fan_in)
        else:
            values = 0.2 * random.standard_normal(tensor.shape) + (1 if name.endswith("norm.weight") else 0)
        tensor.data = torch.from_numpy(values.astype(np.float32))


def blobs(network, random):
    """Noise with another mean in each 4-voxel cube: something to learn, so that the loss falls. Targets are int64."""
    coarse = random.integers(CLASSES, size=(network.batch, *(extent // 4 for extent in network.grid)))
    targets = coarse
    for axis in range(1, targets.ndim):
        targets = targets.repeat(4, axis)
    means = random.standard_normal((CLASSES, INPUT_CHANNELS))
    batch = random.standard_normal((network.batch, *network.grid, INPUT_CHANNELS)) + means[targets]
    batch = np.ascontiguousarray(np.moveaxis(batch, -1, 1).astype(np.float32))
    return torch.from_numpy(batch), torch.from_numpy(targets)


def distance_from_kinks(model, batch):
    """The smallest |input| of a leaky ReLU, or the smallest lead of a pool's winner, both before the leaky ReLU."""
    distances = []

    def normalised(_, __, output):
        distances.append(output.abs().min().item())

    def pooled(_, inputs):
        x = inputs[0]
        windows = torch.where(x < 0, 100 * x, x)
        for axis in range(2, x.ndim):
            windows = windows.unfold(axis, 2, 2)
        best = windows.flatten(x.ndim).topk(2).values
        distances.append((best[..., 0] - best[..., 1]).min().item())

    hooks = [module.norm.register_forward_hook(normalised) for module in model.modules() if hasattr(module, "norm")]
    hooks.append(model.pool.register_forward_pre_hook(pooled))
    with torch.no_grad():
        model(batch)
    for hook in hooks:
        hook.remove()
    return min(distances)


def forward_backward(model, batch, targets):
    """Logits, loss, and gradients by name."""
    model.zero_grad()
    logits = model(batch)
    loss = dice_cross_entropy(logits, targets)
    loss.backward()
    return logits, loss.item(), {name: tensor.grad.clone() for name, tensor in model.named_parameters()}


def loss_curve(model, batch, targets, precision):
    """Losses before each of `STEPS` steps, from the model's parameters, which stay as they are."""
    model, batch = copy.deepcopy(model).to(precision), batch.to(precision)
    optimizer = adam(model)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = dice_cross_entropy(model(batch), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses, np.float32)


def loss_spread(model, batch, targets, random, perturbation):
    """For each step the largest distance from the Float64 curve that runs from perturbed starts reached."""
    straight = loss_curve(model, batch, targets, torch.float64)
    spread = np.zeros(STEPS, np.float32)
    for _ in range(PERTURBED_RUNS):
        perturbed = copy.deepcopy(model).double()
        for _, tensor in sorted(perturbed.named_parameters()):
            tensor.data *= 1 + perturbation * torch.from_numpy(random.standard_normal(tensor.shape))
        spread = np.maximum(spread, np.abs(loss_curve(perturbed, batch, targets, torch.float64) - straight))
    return spread


# MARK: Layers

# Input (batch, depth, height, width, channels), output channels, kernel, stride, padding.
CONVOLUTIONS = [
    ((2, 1, 13, 11, 4), 20, (1, 3, 3), (1, 1, 1), (0, 1, 1)),  # 3x3, odd
    ((1, 1, 16, 24, 24), 32, (1, 3, 3), (1, 1, 1), (0, 1, 1)),  # 3x3, tiles fit, many channels
    ((1, 7, 9, 6, 5), 24, (3, 3, 3), (1, 1, 1), (1, 1, 1)),  # 3x3x3, odd
    ((1, 8, 8, 8, 20), 22, (3, 3, 3), (1, 1, 1), (1, 1, 1)),  # 3x3x3, tiles fit, many channels
    ((2, 5, 8, 7, 6), 7, (1, 3, 3), (1, 1, 1), (0, 1, 1)),  # 1x3x3 in 3D
    ((1, 1, 12, 15, 3), 8, (1, 5, 5), (1, 1, 1), (0, 2, 2)),  # 5x5
    ((2, 1, 13, 14, 8), 12, (1, 3, 3), (1, 2, 2), (0, 1, 1)),  # 3x3, strided
    ((1, 7, 8, 9, 4), 6, (3, 3, 3), (2, 2, 2), (1, 1, 1)),  # 3x3x3, strided
    ((1, 6, 9, 10, 5), 9, (1, 3, 3), (1, 2, 2), (0, 1, 1)),  # 1x3x3 in 3D, strided in the plane
    ((2, 1, 9, 10, 21), 4, (1, 1, 1), (1, 1, 1), (0, 0, 0)),  # 1x1
    ((2, 1, 12, 1, 4), 5, (1, 3, 3), (1, 1, 1), (0, 1, 1)),  # 3x3, one voxel wide
    ((1, 1, 9, 8, 7), 6, (3, 3, 3), (1, 1, 1), (1, 1, 1)),  # 3x3x3, one slice deep
    ((1, 1, 5, 4, 1), 1, (1, 3, 3), (1, 1, 1), (0, 1, 1)),  # 3x3, one channel
    ((1, 6, 7, 8, 3), 5, (3, 3, 3), (1, 1, 1), (0, 0, 0)),  # 3x3x3 without padding
    ((1, 4, 6, 8, 10), 20, (2, 2, 2), (2, 2, 2), (0, 0, 0)),  # transposed 2x2x2 is its input gradient
]


def layer_tensors():
    """`case<i>/...` for each convolution, `pool/...` in 3D and `pool2d/...`; and the metadata."""
    tensors = {}
    for index, case in enumerate(CONVOLUTIONS):
        tensors |= {f"case{index}/{name}": tensor for name, tensor in convolution_case(index, *case).items()}
    random = np.random.default_rng(1000)
    tensors |= {f"pool/{name}": tensor for name, tensor in pool_case((2, 5, 4, 6, 8), (2, 2, 2), random).items()}
    tensors |= {f"pool2d/{name}": tensor for name, tensor in pool_case((2, 5, 1, 6, 8), (1, 2, 2), random).items()}
    return tensors, {"inputs": "deviation 1, mean 0; mean 1 in odd cases, which is harder on Winograd's rounding"}


def convolution_case(index, shape, outputs, taps, stride, padding):
    random = np.random.default_rng(index)
    batch, *grid, channels = shape
    x = normal(random, (batch, channels, *grid)) + index % 2
    weight = normal(random, (outputs, channels, *taps)) / np.sqrt(channels * np.prod(taps))
    # Rounded, because the file holds these as Float32.
    x, weight = (tensor.float().double().requires_grad_() for tensor in (x, weight))
    output = functional.conv3d(x, weight, stride=stride, padding=padding)
    gradient = normal(random, output.shape) + index % 2
    output.backward(gradient)
    return {
        "geometry": np.array([*stride, *padding], np.float32),
        "input": channels_last(x),
        "weight": kernel(weight),
        "output": channels_last(output),
        "output_gradient": channels_last(gradient),
        "input_gradient": channels_last(x.grad),
        "weight_gradient": kernel(weight.grad),
    }


def pool_case(shape, window, random):
    """A max pool of a permutation of distinct numbers: no ties."""
    count = int(np.prod(shape))
    x = torch.from_numpy(random.permutation(count).reshape(shape) / 8.0 - count / 16.0).requires_grad_()
    output = functional.max_pool3d(x, window)
    gradient = normal(random, output.shape)
    output.backward(gradient)
    return {
        "input": channels_last(x), "output": channels_last(output),
        "output_gradient": channels_last(gradient), "input_gradient": channels_last(x.grad),
    }


def normal(random, shape):
    """Standard normal numbers that Float32 holds exactly, in Float64."""
    return torch.from_numpy(random.standard_normal(shape).astype(np.float32).astype(np.float64))


if __name__ == "__main__":
    main()
