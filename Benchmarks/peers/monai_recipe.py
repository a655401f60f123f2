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
from safetensors.torch import save_file
from scipy.ndimage import binary_fill_holes
from torch.utils.data import DataLoader, Dataset

from unet import Network, UNet, dice_cross_entropy

CONTRASTS = ("t1", "t1ce", "t2", "flair")
LABELS = (0, 1, 2, 4)
# As classes: BraTS' regions of the labels above.
REGIONS = {"WT": (1, 2, 3), "TC": (1, 3), "ET": (3,)}
# nnU-Net's leaky ReLU.
SLOPE = 0.01
CLIP = 12


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


def standardised(image, labels):
    """Cropped to the nonzero mask with its holes filled, z-score inside it, 0 around it."""
    mask = binary_fill_holes((image != 0).any(0))
    box = tuple(slice(places.min(), places.max() + 1) for places in np.nonzero(mask))
    mask = mask[box]
    image = image[(slice(None), *box)].astype(np.float32)
    for channel in image:
        inside = channel[mask]
        channel -= inside.mean()
        channel /= max(inside.std(), 1e-8)
        channel[~mask] = 0
    classes = np.searchsorted(LABELS, labels[0][box]).astype(np.uint8)
    return image, classes[None], mask[None].astype(np.uint8)


# MARK: Patches

class Patches(Dataset):
    """`steps · batch` patches, each of a case drawn at random, a share of them around a voxel of a drawn label."""

    def __init__(self, cases, plan, count, seed):
        self.cases, self.plan, self.count, self.seed = cases, plan, count, seed
        self.foreground = [
            [np.argwhere(labels[0] == label) for label in range(1, len(LABELS)) if (labels[0] == label).any()]
            for _, labels, _ in cases]
        self.augment = augmentation(plan)

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        random = np.random.default_rng((self.seed, index))
        self.augment.set_random_state(seed=int(random.integers(2**31)))
        number = int(random.integers(len(self.cases)))
        image, labels, mask = self.cases[number]
        centre = None
        if random.random() < self.plan["foreground_oversampling"] and self.foreground[number]:
            places = self.foreground[number][random.integers(len(self.foreground[number]))]
            centre = places[random.integers(len(places))]
        window = [self.window(extent, side, None if centre is None else centre[axis], random)
                  for axis, (extent, side) in enumerate(zip(image.shape[1:], self.plan["patch"]))]
        cut = {name: padded(array, window) for name, array in
               (("image", image), ("labels", labels), ("mask", mask))}
        found = self.augment({name: torch.from_numpy(array) for name, array in cut.items()})
        # Background stays 0, as in nnU-Net where scans were cropped to the brain.
        image, labels, mask = (torch.as_tensor(np.asarray(found[name])) for name in ("image", "labels", "mask"))
        return image * (mask > 0), labels[0].long()

    @staticmethod
    def window(extent, side, centre, random):
        room = extent - side
        if room <= 0:
            return -(-room // 2), side
        start = random.integers(room + 1) if centre is None else min(max(centre - side // 2, 0), room)
        return int(start), side


def padded(array, window):
    """A part of the array, zeros beyond it."""
    target = np.zeros((array.shape[0], *(side for _, side in window)), array.dtype)
    source, place = [slice(None)], [slice(None)]
    for (start, side), extent in zip(window, array.shape[1:]):
        first, end = max(start, 0), min(start + side, extent)
        source.append(slice(first, end))
        place.append(slice(first - start, end - start))
    target[tuple(place)] = array[tuple(source)]
    return target


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

def network(plan, seed):
    torch.manual_seed(seed)
    widths = plan["network"]["widths"]
    model = UNet(Network(3, plan["batch"], plan["patch"][0], widths[0], len(widths), strided=True))
    assert [len(stage) for stage in model.encoder] == [plan["network"]["convolutions_per_stage"]] * len(widths)
    for module in model.modules():
        if isinstance(module, (torch.nn.Conv3d, torch.nn.ConvTranspose3d)):
            torch.nn.init.kaiming_normal_(module.weight, a=SLOPE)
            if module.bias is not None:
                torch.nn.init.zeros_(module.bias)
    return model


def write_start(plan, seed, path):
    """The weights of a network not trained yet, as nnU-Net names them: its stages go from coarse to fine in the decoder. Its axes
    are z, y, x, MONAI's here x, y, z."""
    model = network(plan, seed)
    coarsest = len(model.decoder) - 1

    def renamed(name):
        part, *rest = name.split(".")
        if part == "head":
            return ".".join(["decoder.seg_layers", str(coarsest), *rest])
        stage, block, *rest = rest
        if part == "encoder":
            return ".".join(["encoder.stages", stage, "0.convs", block, *rest])
        stage = str(coarsest - int(stage))
        if block == "up":
            return ".".join(["decoder.transpconvs", stage, *rest])
        return ".".join(["decoder.stages", stage, "convs", block, *rest])

    save_file({
        renamed(name): (value.permute(0, 1, 4, 3, 2) if value.ndim == 5 else value).contiguous()
        for name, value in model.state_dict().items()}, path)


def optimizer(plan, model):
    chosen = plan["optimizer"]
    if chosen["name"] == "sgd":
        return torch.optim.SGD(
            model.parameters(), chosen["learning_rate"], momentum=chosen["momentum"], nesterov=True,
            weight_decay=chosen["weight_decay"])
    return torch.optim.AdamW(
        model.parameters(), chosen["learning_rate"], weight_decay=chosen["weight_decay"], fused=True)


def train(plan, cases, steps, seed):
    """The model after `steps` steps. A process of its own prepares batches meanwhile, as segfed's thread does."""
    model = network(plan, seed)
    rule = optimizer(plan, model)
    batches = DataLoader(
        Patches(cases, plan, steps * plan["batch"], seed), batch_size=plan["batch"], num_workers=1, prefetch_factor=2)
    for step, (image, labels) in enumerate(batches):
        for group in rule.param_groups:
            group["lr"] = plan["optimizer"]["learning_rate"] * (1 - step / steps) ** 0.9
        rule.zero_grad(set_to_none=True)
        loss = dice_cross_entropy(model(image), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        rule.step()
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
