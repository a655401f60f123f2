"""The recipe of a segfed plan in PyTorch and MONAI: reads cases, trains, predicts the test cases, scores them.

usage: monai_recipe.py --plan PLAN --seed N --data FOLDER --test FOLDER --steps N [--threads N]
       monai_recipe.py --plan PLAN --seed N --write-start FILE

Cases are `<site>/<case>/<case>_<contrast>.nii.gz` with `<case>_seg.nii.gz`; those of all sites train one model. Prints JSON:
mean Dice per region, seconds of each part. What MONAI has is MONAI's; where it differs from nnU-Net's list, the comment says.
The second form writes the weights that training starts from, with nnU-Net's names, for another program to start from.
"""
import argparse
import json
import time
from pathlib import Path

import monai
import numpy as np
import torch
import yaml
from monai import transforms
from monai.inferers import sliding_window_inference
from torch.utils.data import DataLoader

from patches import CONTRASTS, Patches, standardised
from training import network, optimizer, take_step, write_start

# As classes: BraTS' regions of LABELS.
REGIONS = {"WT": (1, 2, 3), "TC": (1, 3), "ET": (3,)}


# MARK: Cases

def load_cases(folder):
    """Every case in memory, as nnU-Net and segfed standardise it: (image, labels, mask), channels first."""
    read = transforms.Compose([
        transforms.LoadImaged(("image", "labels")),
        transforms.EnsureChannelFirstd(("image", "labels")),
        transforms.Orientationd(("image", "labels"), "RAS", labels=None),
    ])
    cases = []
    for path in sorted(Path(folder).glob("*/*/*_seg.nii.gz")):
        name = path.name.removesuffix("_seg.nii.gz")
        scans = [str(path.parent / f"{name}_{contrast}.nii.gz") for contrast in CONTRASTS]
        found = read({"image": scans, "labels": str(path)})
        cases.append(standardised(found["image"].numpy(), found["labels"].numpy()))
    return cases


# MARK: Augmentation

class Augment:
    """MONAI's list for `Patches`."""

    def __init__(self, plan):
        self.transform = augmentation(plan)

    def __call__(self, parts, seed):
        self.transform.set_random_state(seed=seed)
        found = self.transform({name: torch.from_numpy(array) for name, array in parts.items()})
        # Background stays 0, as in nnU-Net where scans were cropped to the brain.
        image, labels, mask = (torch.as_tensor(np.asarray(found[name])) for name in ("image", "labels", "mask"))
        return image * (mask > 0), labels[0].long()


class EachChannel(transforms.Randomizable, transforms.Transform):
    """Applies a transform to the image with a probability, then to each channel with another, drawn anew for each, as nnU-Net
    does; MONAI's own draws once for all channels."""

    def __init__(self, transform, probability, channel_probability):
        self.transform = transform
        self.probability, self.channel_probability = probability, channel_probability

    def set_random_state(self, seed=None, state=None):
        self.transform.set_random_state(seed=seed, state=state)
        return super().set_random_state(seed=seed, state=state)

    def __call__(self, data):
        if self.R.random() >= self.probability:
            return data
        channels = [
            self.transform(channel[None]) if self.R.random() < self.channel_probability else channel[None]
            for channel in data["image"]]
        return {**data, "image": torch.cat([torch.as_tensor(channel) for channel in channels])}


def augmentation(plan):
    """MONAI's equivalents of nnU-Net's list, in its order. The scale is drawn as its inverse, and patches are turned after they
    were cut, so that their corners are 0."""
    everything = ("image", "labels", "mask")
    modes = ("bilinear", "nearest", "nearest")
    turn = np.pi / 6
    steps = [
        transforms.RandRotated(everything, turn, turn, turn, prob=0.2, mode=modes, padding_mode="zeros"),
        transforms.RandZoomd(
            everything, prob=0.2, min_zoom=1 / 1.4, max_zoom=1 / 0.7,
            mode=("trilinear", "nearest-exact", "nearest-exact"), align_corners=(False, None, None),
            padding_mode="constant", keep_size=True),
        transforms.RandGaussianNoised("image", prob=0.1, std=0.1, sample_std=True),
        EachChannel(transforms.RandGaussianSmooth(*[(0.5, 1)] * 3, prob=1), 0.2, 0.5),
        transforms.RandScaleIntensityd("image", 0.25, prob=0.15, channel_wise=True),
        transforms.RandScaleIntensityFixedMeand(
            "image", factors=0.25, prob=0.15, preserve_range=True, channel_wise=True),
        EachChannel(transforms.RandSimulateLowResolution(prob=1, zoom_range=(0.5, 1)), 0.25, 0.5),
        EachChannel(
            transforms.RandAdjustContrast(prob=1, gamma=(0.7, 1.5), invert_image=True, retain_stats=True), 0.1, 1),
        EachChannel(transforms.RandAdjustContrast(prob=1, gamma=(0.7, 1.5), retain_stats=True), 0.3, 1),
    ]
    for axis in plan["mirror"]:
        steps.append(transforms.RandFlipd(everything, prob=0.5, spatial_axis="xyz".index(axis)))
    return transforms.Compose(steps)


# MARK: Training

def train(plan, cases, steps, seed):
    """The model after `steps` steps. A process of its own prepares batches meanwhile, as segfed's thread does."""
    model = network(plan, seed)
    rule = optimizer(plan, model)
    batches = DataLoader(
        Patches(cases, plan, steps * plan["batch"], (seed,), Augment(plan)), batch_size=plan["batch"], num_workers=1,
        prefetch_factor=2)
    for step, (image, labels) in enumerate(batches):
        take_step(plan, model, rule, image, labels, step / steps)
    return model


# MARK: Scores

def score(plan, model, cases):
    """Mean Dice per region over the cases; a region that is empty in both maps counts 1, in one of them 0 (BraTS)."""
    values = {region: [] for region in REGIONS}
    model.eval()
    with torch.inference_mode():
        for image, labels, _ in cases:
            logits = sliding_window_inference(
                torch.from_numpy(image)[None], plan["patch"], 1, model, overlap=0.5, mode="gaussian",
                sigma_scale=0.125)
            found = logits[0].argmax(0).numpy()
            for region, classes in REGIONS.items():
                a, b = np.isin(found, classes), np.isin(labels[0], classes)
                total = a.sum() + b.sum()
                values[region].append(2 * (a & b).sum() / total if total else 1.0)
    return {region: float(np.mean(dice)) for region, dice in values.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plan", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--write-start", metavar="FILE", help="write this file and do nothing else")
    parser.add_argument("--data")
    parser.add_argument("--test")
    parser.add_argument("--steps", type=int, help="steps in all")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    plan = yaml.safe_load(Path(options.plan).read_text())
    assert plan["augmentation"] == "nnunet" and plan["dimensions"] == 3
    if options.write_start:
        return write_start(plan, options.seed, options.write_start)
    if None in (options.data, options.test, options.steps):
        parser.error("--data, --test and --steps are needed, or --write-start")
    clock = [time.perf_counter()]
    cases = load_cases(options.data)
    clock.append(time.perf_counter())
    model = train(plan, cases, options.steps, options.seed)
    clock.append(time.perf_counter())
    dice = score(plan, model, load_cases(options.test))
    clock.append(time.perf_counter())
    seconds = dict(zip(("loading", "training", "testing"), np.diff(clock).round(2).tolist()))
    print(json.dumps({
        "dice": dice, "seconds": seconds, "cases": len(cases),
        "version": f"PyTorch {torch.__version__}, MONAI {monai.__version__}"}))


if __name__ == "__main__":
    main()
