"""Trains the U-Net of Benchmarks/peers with PyTorch on the batches that segfed's trainer takes, from the same parameters.

usage: trainer_reference.py FOLDER STEPS BATCH EXTENT STAGES BASE RATE MOMENTUM DECAY
FOLDER holds start.safetensors (segfed's names and layouts), end.safetensors (segfed's parameters after the last step), images.bin
(float32, step, sample, z, y, x, contrast) and targets.bin (uint8, step, sample, z, y, x). Prints JSON: the mean loss, how far all
parameters moved, and how far PyTorch's end lies from segfed's, as a share of that.
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Benchmarks/peers"))
from unet import CLASSES, INPUT_CHANNELS, Network, UNet, dice_cross_entropy  # noqa: E402

folder = Path(sys.argv[1])
steps, batch, extent, stages, base = map(int, sys.argv[2:7])
rate, momentum, decay = map(float, sys.argv[7:])
assert CLASSES == INPUT_CHANNELS == 4


def parameters(name):
    """As PyTorch lays them out: (out, in, ...) for segfed's (..., in, out)."""
    found = load_file(folder / name)
    return {key: value.permute(4, 3, 0, 1, 2).contiguous() if value.ndim == 5 else value for key, value in found.items()}


model = UNet(Network(3, batch, extent, base, stages, strided=True))
start, theirs = parameters("start.safetensors"), parameters("end.safetensors")
model.load_state_dict(start)
rule = torch.optim.SGD(model.parameters(), rate, momentum=momentum, nesterov=True, weight_decay=decay)
grid = (steps, batch, extent, extent, extent)
images = np.fromfile(folder / "images.bin", np.float32).reshape(*grid, INPUT_CHANNELS)
targets = np.fromfile(folder / "targets.bin", np.uint8).reshape(grid)
losses = []
for step in range(steps):
    for group in rule.param_groups:
        group["lr"] = rate * (1 - step / steps) ** 0.9
    rule.zero_grad(set_to_none=True)
    image = torch.from_numpy(np.moveaxis(images[step], -1, 1).copy())
    loss = dice_cross_entropy(model(image), torch.from_numpy(targets[step].astype(np.int64)))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 12)
    rule.step()
    losses.append(loss.item())
own = {name: value.detach() for name, value in model.named_parameters()}
moved = sum(float(((own[name] - start[name]) ** 2).sum()) for name in own) ** 0.5
apart = sum(float(((own[name] - theirs[name]) ** 2).sum()) for name in own) ** 0.5
print(json.dumps({"mean_loss": float(np.mean(losses)), "first": losses[0], "last": losses[-1], "moved": moved, "apart": apart / moved}))
