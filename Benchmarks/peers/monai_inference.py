"""Predicts one case with MONAI's `sliding_window_inference` and PyTorch, and prints the figures as JSON.

usage: monai_inference.py --model FILE --output FILE [--compare FILE] [--mirror] [--batch N] [--threads N] SCAN...

The network, its weights and the plan are those of segfed's model file. Scans are read, turned to RAS, cropped to their brain and
normalised inside it as the plan says (nnU-Net's z-score), then come MONAI's windows with PyTorch in its faster memory format, and
the label map is written. MONAI's Gaussian and the places of its windows differ by a voxel or so from nnU-Net's: it is given
nnU-Net's weights (`roi_weight_map`), and as many windows at nnU-Net's places, so that label maps can be compared voxel by voxel.
--compare names segfed's label map: differing voxels are counted, and those that are no ties (p1 - p2 of 1e-4 or more).
"""
import argparse
import json
import math
import time
from dataclasses import replace

import nibabel
import numpy as np
import torch
from monai.inferers import sliding_window_inference
from monai.inferers import utils as inferers
from monai.transforms import EnsureChannelFirst, LoadImage, Orientation
from safetensors import safe_open
from scipy.ndimage import binary_fill_holes, gaussian_filter

import machine
from measurement import peak_bytes
from unet import NETWORKS, UNet

TIE = 1e-4


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scans", nargs="+", metavar="SCAN", help="one NIfTI file for each contrast, in the plan's order")
    parser.add_argument("--model", required=True, metavar="FILE", help="segfed's model of network C")
    parser.add_argument("--output", required=True, metavar="FILE", help="label map to write (.nii.gz)")
    parser.add_argument("--compare", metavar="FILE", help="segfed's label map of the case")
    parser.add_argument("--mirror", action="store_true", help="average over all mirrors of the three axes")
    parser.add_argument("--batch", type=int, default=1, metavar="N", help="MONAI's sw_batch_size (default: 1)")
    parser.add_argument("--threads", type=int, default=2, metavar="N")
    return parser.parse_args()


def network(path):
    """Network C with segfed's weights: (..., in, out) there, (out, in, ...) here."""
    model = UNet(replace(NETWORKS["C"], strided=True)).eval()
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    turned = {name: t.permute(4, 3, 0, 1, 2) if t.ndim == 5 else t for name, t in tensors.items()}
    model.load_state_dict({name: turned[name].contiguous() for name in model.state_dict()})
    return model


def read(paths):
    """Contrasts in RAS, cropped to the box of what is not 0 in any, z-scored inside the filled mask; and the box."""
    load = LoadImage(image_only=True)
    first, turn = EnsureChannelFirst(), Orientation(axcodes="RAS", labels=(("L", "R"), ("P", "A"), ("I", "S")))
    scans = np.concatenate([turn(first(load(path))).numpy() for path in paths]).astype(np.float32)
    mask = binary_fill_holes((scans != 0).any(0))
    box = tuple(slice(int(where.min()), int(where.max()) + 1) for where in np.nonzero(mask))
    mask, scans = mask[box], scans[(slice(None), *box)]
    for scan in scans:
        inside = scan[mask].astype(np.float64)
        scan[:] = np.where(mask, (scan - inside.mean()) / max(inside.std(), 1e-8), 0)
    # The network's axes are depth, height, width: z, y, x.
    return torch.from_numpy(np.ascontiguousarray(scans.transpose(0, 3, 2, 1)))[None], box


def gaussian(patch):
    point = np.zeros(patch)
    point[tuple(extent // 2 for extent in patch)] = 1
    blurred = gaussian_filter(point, [extent / 8 for extent in patch], 0, mode="constant", cval=0)
    return torch.from_numpy((blurred / blurred.max()).astype(np.float32))


def starts(extent, patch):
    room = extent - patch
    count = math.ceil(room / (patch * 0.5)) + 1
    return [int(np.round(room / max(1, count - 1) * i)) for i in range(count)]


def nnunet_slices(image_size, patch_size, scan_interval, return_slice=True):
    """In place of MONAI's `dense_patch_slices`, which steps by whole intervals and moves the last window back."""
    lists = [starts(extent, patch) for extent, patch in zip(image_size, patch_size)]
    assert return_slice
    return [
        tuple(slice(start, start + patch) for start, patch in zip(place, patch_size))
        for place in np.stack(np.meshgrid(*lists, indexing="ij"), -1).reshape(-1, 3)]


def faster_format(model, patch):
    """The memory format in which one window is faster."""
    window = torch.randn(1, 4, *patch)
    best = {}
    for layout in (torch.contiguous_format, torch.channels_last_3d):
        model.to(memory_format=layout)
        given = window.to(memory_format=layout)
        times = []
        for _ in range(4):
            start = time.perf_counter()
            model(given)
            times.append(time.perf_counter() - start)
        best[layout] = min(times[1:])
    return min(best, key=best.get)


def mirrored(model, layout, axes):
    """The model averaged over all combinations of mirrored axes, as nnU-Net does."""
    def predict(x):
        x = x.to(memory_format=layout)
        total = model(x)
        for bits in range(1, 1 << len(axes)):
            chosen = [axis for i, axis in enumerate(axes) if bits >> i & 1]
            total += model(x.flip(chosen).contiguous(memory_format=layout)).flip(chosen)
        return total / (1 << len(axes))
    return predict


@torch.inference_mode()
def measure(options):
    torch.set_num_threads(options.threads)
    with safe_open(options.model, "pt") as file:
        plan = file.metadata()["plan"]
    patch = NETWORKS["C"].grid
    model = network(options.model)
    layout = faster_format(model, patch)
    model.to(memory_format=layout)
    inferers.dense_patch_slices = nnunet_slices
    baseline, ticks = peak_bytes(), machine.processor_ticks()
    clock = [(time.perf_counter(), time.process_time())]
    image, box = read(options.scans)
    clock.append((time.perf_counter(), time.process_time()))
    logits = sliding_window_inference(
        image, patch, options.batch, mirrored(model, layout, (2, 3, 4) if options.mirror else ()), overlap=0.5,
        mode="gaussian", roi_weight_map=gaussian(patch))
    clock.append((time.perf_counter(), time.process_time()))
    reference = nibabel.load(options.scans[0])
    labels = np.zeros(nibabel.as_closest_canonical(reference).shape, np.uint8)
    labels[box] = np.array(label_values(plan), np.uint8)[logits[0].argmax(0).numpy().T]
    back = nibabel.orientations.ornt_transform(
        nibabel.orientations.axcodes2ornt("RAS"), nibabel.io_orientation(reference.affine))
    labels = nibabel.orientations.apply_orientation(labels, back)
    nibabel.save(nibabel.Nifti1Image(labels, reference.affine), options.output)
    clock.append((time.perf_counter(), time.process_time()))
    peak = peak_bytes()
    result = {
        "tool": "MONAI", "memory_format": str(layout), "batch": options.batch, "windows": len(
            nnunet_slices(image.shape[2:], patch, None)), "size": list(image.shape[:1:-1]),
        "peak_bytes": peak, "baseline_bytes": baseline,
        "steal_percent": machine.steal_percent(ticks, machine.processor_ticks()),
    }
    names = ("reading", "sliding_window_inference", "writing")
    for name, (start, end) in zip((*names, "all"), ((0, 1), (1, 2), (2, 3), (0, 3))):
        result[name] = {
            "wall_s": clock[end][0] - clock[start][0], "cpu_s": clock[end][1] - clock[start][1]}
    if options.compare:
        result["comparison"] = compared(options, labels, logits, box, back)
    return result


def compared(options, labels, logits, box, back):
    other = np.asarray(nibabel.load(options.compare).dataobj)
    top = torch.softmax(logits[0].double(), 0).topk(2, 0).values.numpy()
    margin = np.ones(canonical_shape(options.scans[0]))
    margin[box] = (top[0] - top[1]).T
    margin = nibabel.orientations.apply_orientation(margin, back)
    differing = other != labels
    return {
        "voxels": int(labels.size), "labelled": int((labels != 0).sum()), "values": np.unique(labels).tolist(),
        "differing": int(differing.sum()), "differing_no_ties": int((differing & (margin >= TIE)).sum()),
        "largest_margin": float(margin[differing].max()) if differing.any() else 0.0,
        "voxels_within_tie": int((margin < TIE).sum()),
    }


def canonical_shape(path):
    return nibabel.as_closest_canonical(nibabel.load(path)).shape


def label_values(plan):
    """The labels' values in the resolved plan, which is YAML of known form."""
    lines = plan.splitlines()
    begin = lines.index("labels:") + 1
    values = []
    for line in lines[begin:]:
        if not line.startswith(("-", " ")):
            break
        if "value:" in line:
            values.append(int(line.split("value:")[1]))
    return values


if __name__ == "__main__":
    print(json.dumps(measure(arguments()), indent=2))
