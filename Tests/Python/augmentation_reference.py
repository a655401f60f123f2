"""A patch of a case, changed as batchgeneratorsv2 changes it and MR scanners do, with NumPy and SciPy in double precision.

usage: augmentation_reference.py '{"size": [x, y, z], "patch": [x, y, z], "origin": ..., "direction": ..., ...}'
Reads float64: the image (z, y, x, channel), then the labels (z, y, x; 255 outside the brain). Writes the patch's
image and labels in the same layout; a label is -1 where two classes have nearly the same weight, and an image is NaN
where one of these is what lies outside.
"""
import json
import sys

import numpy as np
from scipy.interpolate import BSpline
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
    places = (grid[..., ::-1] + displacements()) @ affine() + origin + half
    # A slice of the patch lies in a slice of the case: no rounding may take it out of it.
    if spec.get("fixed") is not None:
        places[..., spec.get("fixed")] = np.round(places[..., spec.get("fixed")])
    return np.moveaxis(places[..., ::-1], -1, 0)


def displacements():
    """Cubic B-splines on control points, of which the second lies at the first voxel; before mirroring: (z, y, x, 3)."""
    elastic = spec.get("elastic")
    if not elastic:
        return 0
    matrices = []
    for axis, extent in enumerate(patch):
        if axis == spec.get("fixed") or extent == 1:
            matrices.append(np.ones((extent, 1)))
            continue
        count = int((extent - 1) / elastic["distance"]) + 4
        knots = np.arange(-3, count + 1)
        matrices.append(BSpline.design_matrix(np.arange(extent) / elastic["distance"], knots, 3).toarray())
    shifts = np.array(elastic["shifts"]).reshape(*(m.shape[1] for m in matrices[::-1]), 3)
    field = np.einsum("xa,yb,zc,cbad->zyxd", *matrices, shifts)
    return np.flip(field * spec["direction"], [a for a in range(3) if spec["direction"][2 - a] < 0])


def spatial():
    places = coordinates()
    sample = lambda volume: map_coordinates(volume, places, order=1, mode="grid-constant", cval=0)
    found = np.stack([sample(image[..., c]) for c in range(len(channels))], -1)
    # Beyond the case lies what is outside the brain: a class of its own, as nnU-Net's -1 is.
    classes = np.array([0, 1, 2, 3, 255])
    votes = np.stack([sample((labels == c).astype(float)) for c in classes])
    votes[-1] += 1 - votes.sum(0)
    ranked = np.sort(votes, 0)
    winner = classes[votes.argmax(0)]
    is_unsure = ranked[-1] - ranked[-2] < 1e-4
    outside = np.where(is_unsure & (votes[-1] > ranked[-1] - 1e-4), np.nan, winner == 255)
    winner[is_unsure] = -1
    return found, winner, outside


def ghost_parts(lows):
    """What modulated k-space lines add to the patch, for each channel; the patch is neither turned nor scaled.

    The middle line stays as it is.
    """
    axis = 2 - spec["ghosts"]["axis"]
    distance = max(1, size[spec["ghosts"]["axis"]] // spec["ghosts"]["count"])
    room = distance + patch.max() + abs(origin).max()
    parts = []
    for c, low in enumerate(lows):
        signal = np.pad(np.where(labels == 255, 0, image[..., c] - low), room)
        spectrum = np.fft.fft(signal, axis=axis)
        lines = np.fft.fftfreq(signal.shape[axis])
        share = channels[c].get("ghosting", 0)
        change = (1 + 2 * share * np.cos(2 * np.pi * lines * distance)) / (1 + 2 * share) - 1
        added = np.fft.ifft(spectrum * change.reshape([-1 if a == axis else 1 for a in range(3)]), axis=axis).real
        start = (origin + room)[::-1]
        parts.append(added[tuple(slice(s, s + n) for s, n in zip(start, patch[::-1]))])
    return np.stack(parts, -1)


def thick_slices(x, axis, thickness):
    """Means over slices, from sums up to each place, and linear interpolation between the slices' middles."""
    extent = x.shape[axis]
    edges = np.minimum(np.arange(np.ceil(extent / thickness) + 1) * thickness, extent)
    middles = (np.arange(len(edges) - 1) + 0.5) * thickness

    def line(values):
        sums = np.interp(edges, np.arange(extent + 1), np.concatenate([[0], values.cumsum()]))
        return np.interp(np.arange(extent) + 0.5, middles, np.diff(sums) / np.diff(edges))

    return np.apply_along_axis(line, axis, x)


def bias_field(x, coefficients):
    """TorchIO's polynomial, above the least value; a unit is half the case."""
    places = [(np.arange(n) - (n - 1) / 2) / (max(1, s - 1) / 2) if n > 1 else np.zeros(1) for n, s in zip(patch, size)]
    field = np.exp(np.polynomial.polynomial.polygrid3d(*places, np.array(coefficients))).transpose(2, 1, 0)
    return x.min() + (x - x.min()) * field


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
    if "slices" in draw:
        x = thick_slices(x, 2 - draw["slices"]["axis"], draw["slices"]["thickness"])
    if "bias_field" in draw:
        x = bias_field(x, draw["bias_field"])
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


found, winner, outside = spatial()
if "ghosts" in spec:
    found = found + ghost_parts(found.min((0, 1, 2)))
# MirrorTransform comes last; the low resolution's ties alone have a direction, and follow the mirrored patch, as slices
# and the bias field do.
flips = [axis for axis in range(3) if spec["direction"][2 - axis] < 0]
flips_first = any(name in draw for draw in channels for name in ("low_resolution", "slices", "bias_field"))
if flips_first:
    found = np.flip(found, flips)
found = np.stack([change(found[..., c], draw) for c, draw in enumerate(channels)], -1)
if not flips_first:
    found = np.flip(found, flips)
winner, outside = np.flip(winner, flips), np.flip(outside, flips)
found = np.where(outside[..., None] == 1, 0, found)
found[np.isnan(outside)] = np.nan
winner = np.where(winner == 255, 0, winner)
sys.stdout.buffer.write(np.ascontiguousarray(found).tobytes())
sys.stdout.buffer.write(np.ascontiguousarray(winner, dtype=np.float64).tobytes())
