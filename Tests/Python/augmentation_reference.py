"""A patch of a case, changed as batchgeneratorsv2 changes it, with NumPy and SciPy in double precision.

usage: augmentation_reference.py '{"size": [x, y, z], "patch": [x, y, z], "origin": ..., "direction": ..., ...}'
Reads float64: the image (z, y, x, channel), then the labels (z, y, x). Writes the patch's image and labels
in the same layout; a label is -1 where two classes have nearly the same weight.
"""
import json
import sys

import numpy as np
from scipy.ndimage import correlate1d, map_coordinates

spec = json.loads(sys.argv[1])
size, patch, origin = (np.array(spec[name]) for name in ("size", "patch", "origin"))
channels = spec["channels"]
data = np.frombuffer(sys.stdin.buffer.read())
image = data[: size.prod() * len(channels)].reshape(*size[::-1], len(channels))
labels = data[size.prod() * len(channels) :].reshape(size[::-1]).astype(int)


def affine():
    """create_affine_matrix_3d; only the plane across the fixed axis is scaled."""
    x, y, z = spec.get("angles", (0, 0, 0))
    rx = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    ry = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    rz = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    scales = np.full(3, spec.get("scale", 1.0))
    if spec.get("fixed") is not None:
        scales[spec.get("fixed")] = 1
    return rz @ ry @ rx @ np.diag(scales)


def coordinates():
    """Where the patch's voxels lie in the case, before mirroring: z, y, x."""
    half = (patch - 1) / 2
    grid = np.stack(np.meshgrid(*(np.arange(n) - h for n, h in zip(patch[::-1], half[::-1])), indexing="ij"), -1)
    places = grid[..., ::-1] @ affine() + origin + half
    # A slice of the patch lies in a slice of the case: no rounding may take it out of it.
    if spec.get("fixed") is not None:
        places[..., spec.get("fixed")] = np.round(places[..., spec.get("fixed")])
    return np.moveaxis(places[..., ::-1], -1, 0)


def spatial():
    places = coordinates()
    sample = lambda volume: map_coordinates(volume, places, order=1, mode="grid-constant", cval=0)
    found = np.stack([sample(image[..., c]) for c in range(len(channels))], -1)
    # Outside lies background.
    classes = np.arange(labels.max() + 1)
    votes = np.stack([sample((labels == c).astype(float)) for c in classes])
    votes[0] += 1 - votes.sum(0)
    ranked = np.sort(votes, 0)
    winner = votes.argmax(0)
    winner[ranked[-1] - ranked[-2] < 1e-4] = -1
    return found, winner


def kernel(sigma):
    """_build_kernel with truncate 6."""
    n = sigma * 6 + 0.5
    rounded = round(n)
    if rounded % 2 == 0:
        rounded += 1 if n - rounded >= 0 else -1
    half = (rounded - 1) / 2
    bell = np.exp(-0.5 * (np.linspace(-half, half, rounded) / sigma) ** 2)
    return bell / bell.sum()


def low_resolution(x, scale):
    """interpolate(nearest-exact), then interpolate(linear), axis by axis."""
    for axis, extent in enumerate(x.shape):
        # SciPy's axes are z, y, x.
        if extent == 1 or 2 - axis == spec.get("fixed"):
            continue
        coarse = round(extent * scale)
        nearest = np.floor((np.arange(coarse) + 0.5) * extent / coarse).astype(int)
        x = np.take(x, nearest, axis)
        places = np.clip((np.arange(extent) + 0.5) * coarse / extent - 0.5, 0, coarse - 1)
        x = np.apply_along_axis(lambda line: np.interp(places, np.arange(coarse), line), axis, x)
    return x


def gamma(x, exponent):
    """GammaTransform with p_retain_stats 1."""
    mean, deviation = x.mean(), x.std(ddof=1)
    low = x.min()
    span = x.max() - low
    x = ((x - low) / max(span, 1e-7)) ** exponent * span + low
    return (x - x.mean()) * (deviation / max(x.std(ddof=1), 1e-7)) + mean


def change(x, draw):
    if "blur" in draw:
        for axis, sigma in enumerate(draw["blur"][::-1]):
            if x.shape[axis] > 1:
                x = correlate1d(x, kernel(sigma), axis, mode="mirror")
    if "brightness" in draw:
        x = x * draw["brightness"]
    if "contrast" in draw:
        x = np.clip((x - x.mean()) * draw["contrast"] + x.mean(), x.min(), x.max())
    if "low_resolution" in draw:
        x = low_resolution(x, draw["low_resolution"])
    if "inverted_gamma" in draw:
        x = -gamma(-x, draw["inverted_gamma"])
    if "gamma" in draw:
        x = gamma(x, draw["gamma"])
    return x


found, winner = spatial()
# MirrorTransform comes last; the low resolution's ties alone have a direction, and follow the mirrored patch.
flips = [axis for axis in range(3) if spec["direction"][2 - axis] < 0]
flips_first = any("low_resolution" in draw for draw in channels)
if flips_first:
    found = np.flip(found, flips)
found = np.stack([change(found[..., c], draw) for c, draw in enumerate(channels)], -1)
if not flips_first:
    found = np.flip(found, flips)
winner = np.flip(winner, flips)
sys.stdout.buffer.write(np.ascontiguousarray(found).tobytes())
sys.stdout.buffer.write(np.ascontiguousarray(winner, dtype=np.float64).tobytes())
