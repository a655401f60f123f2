"""What nnU-Net's own preprocessing makes of small made-up cases: Tests/HarmonizationTests/Golden/nnunet.safetensors.

usage: nnunet_golden.py [--check]     (nnunetv2==2.8.1, torch==2.15.0)

Each case has images (contrast, z, y, x), labels (z, y, x) and spacings (z, y, x; old, new) as float32, and what
nnunetv2's DefaultPreprocessor.run_case_npy gives for them: crop to nonzero, z-score in the mask, cubic images and linear
labels at the new spacing, slice by slice where a spacing is anisotropic. With --check the file is compared, not written.
"""
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import nnunetv2
import numpy as np
from nnunetv2.preprocessing.preprocessors.default_preprocessor import DefaultPreprocessor
from nnunetv2.preprocessing.resampling.default_resampling import resample_data_or_seg_to_shape
from safetensors.numpy import load_file, save_file

GOLDEN = Path(__file__).parents[1] / "HarmonizationTests" / "Golden" / "nnunet.safetensors"

# name: (size z y x), old spacing, new spacing
CASES = {
    "isotropic": ((20, 26, 22), (1.0, 1.0, 1.0), (1.4, 1.2, 0.8)),
    "thick-slices": ((10, 30, 28), (5.0, 1.0, 1.1), (2.5, 1.3, 1.3)),
    "to-thick-slices": ((24, 20, 22), (1.0, 1.0, 1.0), (4.0, 1.2, 0.9)),
    "same-spacing": ((12, 16, 14), (2.0, 1.0, 1.0), (2.0, 1.0, 1.0)),
}


def case(size, seed):
    """A head of two contrasts on zeros, with holes of zeros in it, and two labels."""
    random = np.random.default_rng(seed)
    place = np.stack(np.meshgrid(*[(np.arange(n) + 0.5) / n * 2 - 1 for n in size], indexing="ij"))
    inside = (place**2).sum(0) < 0.72
    first = 300 + 80 * place[0] + 40 * np.sin(7 * place[1]) + random.normal(0, 10, size)
    second = 900 - 200 * place[2] ** 2 + 60 * np.cos(5 * place[0]) + random.normal(0, 25, size)
    hole = ((place - 0.2) ** 2).sum(0) < 0.03
    images = np.stack([first, second]) * (inside & ~hole)
    lesion = ((place + 0.15) ** 2).sum(0)
    labels = np.where(lesion < 0.05, 2, np.where(lesion < 0.16, 1, 0)) * inside
    return images.astype(np.float32), labels.astype(np.float32)


def preprocessed(images, labels, old, new):
    data = partial(resample_data_or_seg_to_shape, is_seg=False, order=3, order_z=0, force_separate_z=None)
    seg = partial(resample_data_or_seg_to_shape, is_seg=True, order=1, order_z=0, force_separate_z=None)
    configuration = SimpleNamespace(
        spacing=list(new), resampling_fn_data=data, resampling_fn_seg=seg,
        normalization_schemes=["ZScoreNormalization"] * 2, use_mask_for_norm=[True] * 2)
    manager = SimpleNamespace(
        has_regions=False, foreground_labels=[1, 2], has_ignore_label=False, all_labels=[0, 1, 2])
    plans = SimpleNamespace(
        transpose_forward=[0, 1, 2], foreground_intensity_properties_per_channel={"0": {}, "1": {}},
        get_label_manager=lambda _: manager)
    found, found_seg, _ = DefaultPreprocessor(verbose=False).run_case_npy(
        images, labels[None], {"spacing": list(old)}, plans, configuration, {})
    # Background outside of the nonzero mask is -1.
    return found.astype(np.float32), found_seg[0].astype(np.float32)


tensors = {}
for seed, (name, (size, old, new)) in enumerate(CASES.items()):
    images, labels = case(size, seed)
    result, result_labels = preprocessed(images, labels, old, new)
    tensors |= {
        f"{name}.images": images, f"{name}.labels": labels,
        f"{name}.spacing": np.array([old, new], np.float32), f"{name}.result": result,
        f"{name}.result-labels": result_labels}
tensors = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
if "--check" in sys.argv:
    golden = load_file(GOLDEN)
    assert golden.keys() == tensors.keys()
    for name, value in tensors.items():
        assert golden[name].shape == value.shape, name
        assert np.abs(golden[name] - value).max() <= 1e-5 * max(1, np.abs(value).max()), name
    print("nnunetv2 today says what the golden file says")
else:
    GOLDEN.parent.mkdir(exist_ok=True)
    save_file(tensors, GOLDEN, {"nnunetv2": "2.8.1", "numpy": np.__version__})
    print(GOLDEN, GOLDEN.stat().st_size)
