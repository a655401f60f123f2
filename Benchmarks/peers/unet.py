"""The benchmark's U-Nets in PyTorch, with the names that segfed gives their parameters.

Per stage two blocks of 3x3(x3) convolution (no bias), instance norm and leaky ReLU; max pool between stages; 2x2(x2)
transposed convolution, concatenation [up, skip] and two blocks on the way up; a 1x1 head. Widths double per stage.
"""
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

INPUT_CHANNELS = 4
CLASSES = 4


@dataclass(frozen=True)
class Network:
    """One network of the benchmark: its shape, and the batch that it trains on."""

    dimensions: int
    batch: int
    extent: int
    base: int
    stages: int
    # A stage's first convolution has stride 2, as in segfed's plans, in place of the pool before it.
    strided: bool = False

    @property
    def widths(self):
        return [self.base << stage for stage in range(self.stages)]

    @property
    def grid(self):
        """Voxels along each axis."""
        return (self.extent,) * self.dimensions


NETWORKS = {
    "A": Network(dimensions=2, batch=4, extent=192, base=32, stages=5),
    "B": Network(dimensions=2, batch=8, extent=128, base=16, stages=4),
    "C": Network(dimensions=3, batch=1, extent=64, base=16, stages=4),
    "D": Network(dimensions=3, batch=1, extent=96, base=32, stages=5),
}


class Block(nn.Module):
    """Convolution, instance norm, leaky ReLU."""

    def __init__(self, dimensions, inputs, outputs, stride=1):
        super().__init__()
        convolution = {2: nn.Conv2d, 3: nn.Conv3d}[dimensions]
        norm = {2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d}[dimensions]
        self.conv = convolution(inputs, outputs, 3, stride, padding=1, bias=False)
        self.norm = norm(outputs, eps=1e-5, affine=True)
        self.activation = nn.LeakyReLU(0.01, inplace=True)

    def forward(self, x):
        return self.activation(self.norm(self.conv(x)))


class UNet(nn.Module):
    """Maps (batch, channels, [depth,] height, width) to logits of the same grid.

    Module names make PyTorch's parameter names equal to segfed's: `encoder.<stage>.<block>.conv.weight`,
    `decoder.<stage>.up.weight`, `head.bias`; stage 0 is the finest.
    """

    def __init__(self, network):
        super().__init__()
        dimensions, widths = network.dimensions, network.widths
        transposed = {2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}[dimensions]
        pointwise = {2: nn.Conv2d, 3: nn.Conv3d}[dimensions]
        self.pool = nn.Identity() if network.strided else {2: nn.MaxPool2d, 3: nn.MaxPool3d}[dimensions](2)
        self.encoder = nn.ModuleList(
            nn.ModuleList([
                Block(dimensions, inputs, width, 2 if network.strided and stage else 1), Block(dimensions, width, width)])
            for stage, (inputs, width) in enumerate(zip([INPUT_CHANNELS, *widths], widths))
        )
        self.decoder = nn.ModuleList(
            nn.ModuleDict({
                "up": transposed(coarse, fine, 2, stride=2),
                "0": Block(dimensions, 2 * fine, fine),
                "1": Block(dimensions, fine, fine),
            })
            for fine, coarse in zip(widths, widths[1:])
        )
        self.head = pointwise(widths[0], CLASSES, 1)

    def forward(self, x):
        skips = []
        for stage, (first, second) in enumerate(self.encoder):
            x = second(first(self.pool(x) if stage else x))
            skips.append(x)
        skips.pop()
        for stage in reversed(self.decoder):
            x = torch.cat([stage["up"](x), skips.pop()], dim=1)
            x = stage["1"](stage["0"](x))
        return self.head(x)


def parameter_count(model):
    return sum(parameter.numel() for parameter in model.parameters())


def dice_cross_entropy(logits, targets, smooth=1e-5):
    """Soft Dice over the whole batch without background, plus mean cross-entropy, as nnU-Net adds them (1 : 1).

    `targets` holds class indices (int64) of shape (batch, grid).
    """
    probabilities = torch.softmax(logits, 1)
    truth = torch.zeros_like(probabilities).scatter_(1, targets.unsqueeze(1), 1)
    axes = (0, *range(2, logits.ndim))
    overlap = (probabilities * truth).sum(axes)[1:]
    total = (probabilities.sum(axes) + truth.sum(axes))[1:]
    dice = (2 * overlap + smooth) / (total + smooth)
    return functional.cross_entropy(logits, targets) - dice.mean()


def adam(model):
    """Fused: PyTorch's fastest Adam on CPU; its default updates tensor by tensor in several passes."""
    return torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.999), eps=1e-8, fused=True)
