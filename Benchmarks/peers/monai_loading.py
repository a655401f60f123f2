"""Times MONAI's reading and normalising of one case, and prints the figures as JSON.

usage: monai_loading.py [--label FILE] [--spacing MM] [--repetitions N] [--threads N] SCAN...

A repetition is one `Compose` of LoadImaged, EnsureChannelFirstd, Orientationd to RAS, with --spacing Spacingd
(bilinear, the label map nearest), and NormalizeIntensityd over non-zero voxels, each contrast by itself: what
MONAI's BraTS examples do. The files are in the page cache. Every figure is of this process: start it anew for each.
"""
import argparse
import json
import time
from statistics import median

import monai
import nibabel
import numpy
import torch
from monai import transforms

import machine
from measurement import peak_bytes


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scans", nargs="+", metavar="SCAN", help="one NIfTI file for each contrast")
    parser.add_argument("--label", metavar="FILE", help="the case's label map")
    parser.add_argument("--spacing", type=float, metavar="MM", help="resample to voxels of this edge")
    parser.add_argument("--repetitions", type=int, default=7, metavar="N")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), metavar="N")
    return parser.parse_args()


def pipeline(keys, spacing):
    steps = [
        transforms.LoadImaged(keys=keys),
        transforms.EnsureChannelFirstd(keys=keys),
        # Without labels, MONAI says at every call that their default will change.
        transforms.Orientationd(keys=keys, axcodes="RAS", labels=(("L", "R"), ("P", "A"), ("I", "S"))),
    ]
    if spacing:
        mode = ["bilinear" if key == "image" else "nearest" for key in keys]
        steps.append(transforms.Spacingd(keys=keys, pixdim=(spacing,) * 3, mode=mode))
    steps.append(transforms.NormalizeIntensityd(keys="image", nonzero=True, channel_wise=True))
    return transforms.Compose(steps)


def measure(options):
    baseline = peak_bytes()
    torch.set_num_threads(options.threads)
    case = {"image": options.scans} | ({"label": options.label} if options.label else {})
    compose = pipeline(list(case), options.spacing)
    wall, cpu = [], []
    ticks = machine.processor_ticks()
    # The first is a warm-up: it imports what MONAI loads late.
    for _ in range(1 + options.repetitions):
        start, start_cpu = time.perf_counter(), time.process_time()
        result = compose(case)
        wall.append(1000 * (time.perf_counter() - start))
        cpu.append(1000 * (time.process_time() - start_cpu))
        shape = list(result["image"].shape)
        if not torch.isfinite(result["image"]).all():
            raise ArithmeticError("a voxel is not finite")
        # Or the next repetition's peak would hold two cases.
        del result
    return {
        "tool": "MONAI",
        "shape": shape,
        "spacing_mm": options.spacing,
        "label": options.label is not None,
        "threads": options.threads,
        "repetitions": options.repetitions,
        "wall_ms": summary(wall[1:]),
        "cpu_ms": summary(cpu[1:]),
        "peak_bytes": peak_bytes(),
        "baseline_bytes": baseline,
        "steal_percent": machine.steal_percent(ticks, machine.processor_ticks()),
        "machine": machine.describe(),
        "versions": {module.__name__: module.__version__ for module in (monai, torch, nibabel, numpy)},
    }


def summary(samples):
    return {"median": round(median(samples), 1), "minimum": round(min(samples), 1)}


if __name__ == "__main__":
    print(json.dumps(measure(arguments()), indent=2))
