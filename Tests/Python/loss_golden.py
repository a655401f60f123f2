"""What nnU-Net's losses and PyTorch's optimisers make of small made-up batches: Tests/NeuralNetworkTests/Golden/recipe.safetensors.

usage: loss_golden.py [--check]     (nnunetv2==2.8.1, torch==2.15.0)

loss/<name>/...: logits and gradients (batch, depth, height, width, outputs), one of each output from the finest, targets
(batch, depth, height, width) as class indices, the loss, and the settings that segfed needs; computed by nnunetv2's
DC_and_CE_loss and DC_and_BCE_loss with MemoryEfficientSoftDiceLoss, within DeepSupervisionWrapper where there are several.
Labels that have class weights give them to nnunetv2's cross-entropy, regions to PyTorch's as `pos_weight`.
optimizer/<name>/...: weights after each step on given gradients (torch.optim in Float64, clipped by clip_grad_norm_), and the
learning rates that nnunetv2's schedulers, for the cosine PyTorch's, gave. With --check the file is compared, not written.
"""
import sys
from pathlib import Path

import numpy as np
import torch
from batchgeneratorsv2.transforms.utils.deep_supervision_downsampling import DownsampleSegForDSTransform
from batchgeneratorsv2.transforms.utils.seg_to_regions import ConvertSegmentationToRegionsTransform
from nnunetv2.training.loss.compound_losses import DC_and_BCE_loss, DC_and_CE_loss
from nnunetv2.training.loss.deep_supervision import DeepSupervisionWrapper
from nnunetv2.training.loss.dice import MemoryEfficientSoftDiceLoss
from nnunetv2.training.lr_scheduler.polylr import PolyLRScheduler
from nnunetv2.training.lr_scheduler.warmup import Lin_incr_LRScheduler, PolyLRScheduler_offset
from safetensors.numpy import load_file, save_file

GOLDEN = Path(__file__).parents[1] / "NeuralNetworkTests" / "Golden" / "recipe.safetensors"
REGIONS = [[1, 2, 3], [1, 3], [3]]

# name: grid, batch, settings. "regions" hold classes; "weights" one for each output; "scales" one for each output of the network;
# "without": a class that no voxel has.
GRID2, GRID3 = (9, 11), (5, 6, 7)
LOSSES = {
    "labels-2d": dict(grid=GRID2, batch=3, classes=4),
    "labels-3d": dict(grid=GRID3, batch=2, classes=4),
    "labels-3d-two-classes": dict(grid=GRID3, batch=2, classes=2),
    "labels-2d-samples": dict(grid=GRID2, batch=3, classes=4, batch_dice=False),
    "labels-3d-samples-seven-classes": dict(grid=GRID3, batch=2, classes=7, batch_dice=False),
    "labels-empty-class": dict(grid=GRID3, batch=2, classes=4, without=2),
    "labels-weights": dict(grid=GRID3, batch=2, classes=4, weights=[0.3, 1.0, 7.5, 40.0]),
    "labels-weights-samples-three-classes": dict(
        grid=GRID2, batch=2, classes=3, weights=[0.2, 5.0, 1.0], batch_dice=False),
    "regions-2d": dict(grid=GRID2, batch=3, classes=4, regions=REGIONS),
    "regions-3d": dict(grid=GRID3, batch=2, classes=4, regions=REGIONS),
    "regions-3d-samples": dict(grid=GRID3, batch=2, classes=4, regions=REGIONS, batch_dice=False),
    "regions-one": dict(grid=GRID2, batch=2, classes=3, regions=[[2]]),
    "regions-empty": dict(grid=GRID3, batch=2, classes=4, regions=REGIONS, without=3),
    "regions-weights": dict(grid=GRID3, batch=2, classes=4, regions=REGIONS, weights=[2.5, 1.0, 30.0]),
    "deep-2d": dict(grid=(16, 24), batch=2, classes=4, scales=[(1, 1), (0.5, 0.5), (0.25, 0.25)], batch_dice=False),
    "deep-3d": dict(
        grid=(4, 16, 8), batch=2, classes=3, scales=[(1, 1, 1), (1, 0.5, 0.5), (0.5, 0.25, 0.25), (0.25, 0.125, 0.125)]),
    "deep-regions": dict(
        grid=(4, 8, 16), batch=2, classes=4, regions=REGIONS, scales=[(1, 1, 1), (1, 0.5, 0.5), (0.5, 0.25, 0.25)]),
}

STEPS, PARAMETERS = 20, 48
SGD = dict(momentum=0.99, weight_decay=3e-5, nesterov=True)
OPTIMIZERS = {
    "sgd": (torch.optim.SGD, dict(lr=1e-2, **SGD), "polynomial", 0, 12),
    "sgd-decay": (torch.optim.SGD, dict(lr=1e-2, momentum=0.9, weight_decay=0.1, nesterov=True), "constant", 0, 0),
    "adam": (torch.optim.Adam, dict(lr=3e-3, weight_decay=0.1), "polynomial", 5, 12),
    "adam-unclipped": (torch.optim.Adam, dict(lr=3e-3, weight_decay=0), "cosine", 0, 0),
    "adamw": (torch.optim.AdamW, dict(lr=3e-3, weight_decay=0.3), "cosine", 4, 12),
    "adamw-constant": (torch.optim.AdamW, dict(lr=1e-2, weight_decay=1e-2), "constant", 3, 0),
}


def channels_last(tensor):
    array = tensor.detach().numpy()
    array = np.moveaxis(array, 1, -1)
    return (array if array.ndim == 5 else array[:, None]).astype(np.float32)


def loss_case(seed, grid, batch, classes, regions=None, weights=None, batch_dice=True, scales=None, without=None):
    random = np.random.default_rng(seed)
    scales = scales or [tuple(1 for _ in grid)]
    labels = random.integers(classes, size=(batch, *grid))
    # Rare classes, as lesions are.
    labels[random.random(labels.shape) < 0.5] = 0
    if without is not None:
        labels[labels == without] = 0
    outputs = len(regions) if regions else classes
    targets = [[] for _ in scales]
    for sample in torch.from_numpy(labels.astype(np.int16))[:, None]:
        if regions:
            sample = ConvertSegmentationToRegionsTransform(regions)._apply_to_segmentation(sample)
        for scale, reduced in enumerate(DownsampleSegForDSTransform([list(s) for s in scales])._apply_to_segmentation(sample)):
            targets[scale].append(reduced)
    targets = [torch.stack(samples) for samples in targets]
    logits = [
        torch.from_numpy((2 * random.standard_normal((batch, outputs, *target.shape[2:]))).astype(np.float32))
        .requires_grad_() for target in targets]
    dice = {"batch_dice": batch_dice, "smooth": 1e-5, "ddp": False}
    entropy = {} if weights is None else torch.tensor(weights)
    if regions:
        if weights is not None:
            entropy = {"pos_weight": entropy.reshape(-1, *(1 for _ in grid))}
        loss = DC_and_BCE_loss(entropy, dice | {"do_bg": True}, dice_class=MemoryEfficientSoftDiceLoss)
    else:
        if weights is not None:
            entropy = {"weight": entropy}
        loss = DC_and_CE_loss(dice | {"do_bg": False}, entropy, dice_class=MemoryEfficientSoftDiceLoss)
    shares = np.array([1.0])
    if len(scales) > 1:
        # As nnUNetTrainer._build_loss.
        shares = np.array([1 / (2**i) for i in range(len(scales))])
        shares[-1] = 0
        shares = shares / shares.sum()
    value = DeepSupervisionWrapper(loss, shares)(logits, targets)
    value.backward()
    found = {"loss": np.float32(value.item()), "targets": labels.reshape(batch, -1).astype(np.float32),
             "batch_dice": np.float32(batch_dice), "classes": np.float32(classes),
             "shares": shares[shares > 0].astype(np.float32)}
    if regions:
        found["regions"] = np.array([[c in r for c in range(classes)] for r in regions], np.float32)
    if weights is not None:
        found["weights"] = np.array(weights, np.float32)
    # segfed's networks do not compute the coarsest output, which counts nothing.
    for index in range(int((shares > 0).sum())):
        found[f"logits{index}"] = channels_last(logits[index])
        found[f"gradient{index}"] = channels_last(logits[index].grad)
    return found


def schedule(course, optimizer, base, warmup, step):
    """Sets the rate of a step as nnU-Net's trainers with warm-up do."""
    if step < warmup:
        Lin_incr_LRScheduler(optimizer, base, warmup).step(step)
    elif course == "polynomial" and warmup == 0:
        PolyLRScheduler(optimizer, base, STEPS).step(step)
    elif course == "polynomial":
        PolyLRScheduler_offset(optimizer, base, STEPS, warmup).step(step)
    elif course == "cosine":
        # What nnunetv2's CosineAnnealingLR_offset computes, which this PyTorch no longer constructs.
        other = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)
        cosine = torch.optim.lr_scheduler.CosineAnnealingLR(other, STEPS - warmup)
        for _ in range(step - warmup):
            other.step()
            cosine.step()
        optimizer.param_groups[0]["lr"] = cosine.get_last_lr()[0]
    else:
        optimizer.param_groups[0]["lr"] = base


def optimizer_case(seed, rule, settings, course, warmup, clip):
    random = np.random.default_rng(100 + seed)
    start = random.standard_normal(PARAMETERS).astype(np.float32)
    gradients = random.standard_normal((STEPS, PARAMETERS)).astype(np.float32)
    # Some longer than 12, some shorter.
    gradients[::3] *= 6
    weights = torch.nn.Parameter(torch.from_numpy(start.astype(np.float64)))
    optimizer = rule([weights], **settings)
    path, rates = [], []
    for step, gradient in enumerate(gradients):
        schedule(course, optimizer, settings["lr"], warmup, step)
        rates.append(optimizer.param_groups[0]["lr"])
        weights.grad = torch.from_numpy(gradient.astype(np.float64))
        if clip:
            torch.nn.utils.clip_grad_norm_([weights], clip)
        optimizer.step()
        path.append(weights.detach().numpy().copy())
    return {
        "start": start, "gradients": gradients, "path": np.array(path, np.float32), "rates": np.array(rates, np.float32),
        "settings": np.array([settings["lr"], settings["weight_decay"], settings.get("momentum", 0), warmup, clip],
                             np.float32)}


def tensors():
    torch.set_num_threads(1)
    found = {}
    for seed, (name, settings) in enumerate(LOSSES.items()):
        found |= {f"loss/{name}/{key}": value for key, value in loss_case(seed, **settings).items()}
    for seed, (name, settings) in enumerate(OPTIMIZERS.items()):
        found |= {f"optimizer/{name}/{key}": value for key, value in optimizer_case(seed, *settings).items()}
    return {name: np.ascontiguousarray(value) for name, value in found.items()}


def main():
    made = tensors()
    if "--check" in sys.argv:
        golden = load_file(GOLDEN)
        assert golden.keys() == made.keys()
        for name, value in made.items():
            assert golden[name].shape == value.shape, name
            assert np.abs(golden[name] - value).max() <= 1e-6 * max(1e-3, np.abs(value).max()), name
        print("nnunetv2 and torch today say what the golden file says")
        return
    save_file(made, GOLDEN, {"script": "Tests/Python/loss_golden.py", "nnunetv2": "2.8.1", "torch": torch.__version__,
                             "numpy": np.__version__})
    print(f"{len(made)} tensors, {GOLDEN.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
