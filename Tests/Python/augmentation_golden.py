"""What batchgeneratorsv2's own transforms make of a small case: Tests/TrainingTests/Golden/augmentation.safetensors.

usage: augmentation_golden.py [--check]     (batchgeneratorsv2==0.3.6, torch==2.15.0)

The case: image (channel, z, y, x) and segmentation (z, y, x; -1 outside the brain). For each transform of nnU-Net's list its
parameters and its result, in that layout; `noise.law` holds the standard deviation of a channel's noise over the sampled
`noise_variance`, and the correlation of two channels' noise. With --check the file is compared, not written.
"""
import sys
from pathlib import Path

import numpy as np
import torch
from batchgeneratorsv2.transforms.intensity.brightness import MultiplicativeBrightnessTransform
from batchgeneratorsv2.transforms.intensity.contrast import ContrastTransform
from batchgeneratorsv2.transforms.intensity.gamma import GammaTransform
from batchgeneratorsv2.transforms.intensity.gaussian_noise import GaussianNoiseTransform
from batchgeneratorsv2.transforms.noise.gaussian_blur import GaussianBlurTransform
from batchgeneratorsv2.transforms.spatial.low_resolution import SimulateLowResolutionTransform
from batchgeneratorsv2.transforms.spatial.spatial import SpatialTransform
from batchgeneratorsv2.transforms.utils.nnunet_masking import MaskImageTransform
from safetensors.numpy import load_file, save_file

GOLDEN = Path(__file__).parents[1] / "TrainingTests" / "Golden" / "augmentation.safetensors"
SIZE = (14, 18, 16)
CHANNELS = 2


def case():
    """Smooth contrasts with noise on zeros, and two labels."""
    random = np.random.default_rng(1)
    z, y, x = np.meshgrid(*[(np.arange(n) + 0.5) / n * 2 - 1 for n in SIZE], indexing="ij")
    inside = x**2 + y**2 + z**2 < 1.1
    image = np.stack([np.sin(4 * x) + z, np.cos(3 * y) - x * z]) + 0.3 * random.normal(size=(CHANNELS, *SIZE))
    lesion = (x - 0.2) ** 2 + (y + 0.1) ** 2 + z**2
    labels = np.where(lesion < 0.08, 2, np.where(lesion < 0.3, 1, 0))
    return (image * inside).astype(np.float32), np.where(inside, labels, -1).astype(np.int16)


IMAGE, LABELS = case()
TENSORS = {"image": IMAGE, "labels": LABELS.astype(np.float32)}


def keep(name, parameters, image, labels=None):
    TENSORS[f"{name}.parameters"] = np.array(parameters, np.float32)
    TENSORS[f"{name}.image"] = image.numpy().astype(np.float32)
    if labels is not None:
        TENSORS[f"{name}.labels"] = labels[0].numpy().astype(np.float32)


def each(values):
    """A sampler that gives each channel its value."""
    return lambda *_, channel, **__: values[int(channel)]


def image():
    return torch.from_numpy(IMAGE.copy())


def spatial(name, patch, angles, scale):
    """Angles about z, y, x."""
    transform = SpatialTransform(
        patch, patch_center_dist_from_border=0, random_crop=False, p_elastic_deform=0, p_rotation=float(any(angles)),
        rotation=lambda dim, **_: angles[dim], p_scaling=float(scale != 1), scaling=(scale, scale),
        p_synchronize_scaling_across_axes=1, bg_style_seg_sampling=False, border_mode_seg="constant",
        padding_value_seg=-1)
    labels = torch.from_numpy(LABELS[None].copy())
    found = transform(image=image(), segmentation=labels)
    keep(name, [*angles, scale], found["image"], found["segmentation"])
    masked = MaskImageTransform(list(range(CHANNELS)), 0, 0)(
        image=found["image"].clone(), segmentation=found["segmentation"])
    keep(f"{name}-masked", [*angles, scale], masked["image"])


spatial("rotation", (10, 12, 14), (0.4, -0.3, 0.5), 1)
spatial("scaling", (10, 12, 14), (0, 0, 0), 1.3)
spatial("both", SIZE, (-0.5, 0.1, 0.3), 0.8)
spatial("half-turn", SIZE, (3.0, 0, 0), 1)

for name, factors in (("brightness", (0.8, 1.2)),):
    keep(name, factors, MultiplicativeBrightnessTransform(each(factors), False, 1)(image=image())["image"])
for name, factors in (("contrast", (0.75, 1.25)),):
    keep(name, factors, ContrastTransform(each(factors), True, False, 1)(image=image())["image"])
for name, exponents, inverted in (("gamma", (0.7, 1.5), 0), ("inverted-gamma", (1.4, 0.8), 1)):
    keep(name, exponents, GammaTransform(each(exponents), inverted, False, 1, 1)(image=image())["image"])
scales = (0.5, 0.83)
keep("low-resolution", scales, SimulateLowResolutionTransform(
    each(scales), False, True, None, None, 1)(image=image())["image"])
keep("flat-low-resolution", scales, SimulateLowResolutionTransform(
    each(scales), False, True, (0,), None, 1)(image=image())["image"])
# Deviations along z, y, x, for one channel and then the other.
deviations = [(0.5, 0.75, 1.0), (0.62, 0.99, 0.51)]
flat = iter([value for channel in deviations for value in channel])
keep("blur", deviations, GaussianBlurTransform(lambda *_, **__: next(flat), False, False, 1)(image=image())["image"])

torch.manual_seed(1)
sampled = 0.07
noise = GaussianNoiseTransform((sampled, sampled), 1, True)(image=torch.zeros(2, 64, 64, 64))["image"].numpy()
TENSORS["noise.law"] = np.array(
    [noise[0].std() / sampled, np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]], np.float32)

TENSORS = {name: np.ascontiguousarray(value) for name, value in TENSORS.items()}
if "--check" in sys.argv:
    golden = load_file(GOLDEN)
    assert golden.keys() == TENSORS.keys()
    for name, value in TENSORS.items():
        assert golden[name].shape == value.shape, name
        assert np.abs(golden[name] - value).max() <= 1e-5, name
    print("batchgeneratorsv2 today says what the golden file says")
else:
    GOLDEN.parent.mkdir(exist_ok=True)
    save_file(TENSORS, GOLDEN, {"batchgeneratorsv2": "0.3.6", "torch": torch.__version__})
    print(GOLDEN, GOLDEN.stat().st_size)
