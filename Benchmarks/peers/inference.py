"""Times `segfed predict` and MONAI's sliding-window inference in turn on one case and one model, and prints ratios.

usage: inference.py [--rounds N] [--mirror] [--threads N] [--segfed PATH] [--output FOLDER] [--more "OPTIONS"]

The case is 240×240×155 voxels with four contrasts, simulated, once with a brain on a background of 0, to which both tools crop,
and once with a background of noise, so that windows cover the whole grid. The model is network C of the benchmark, trained by
segfed for a minute. segfed's time is the whole process, from its start to the written label map; of MONAI's process only reading,
windows and writing count, not the start of Python. Voxels whose labels differ are counted.
Writes <output>/<cpu>-inference.json and .md.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nibabel
import numpy as np

import machine

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CONTRASTS = ("t1", "t1ce", "t2", "flair")


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--mirror", action="store_true", help="test-time augmentation: eight passes a window")
    parser.add_argument("--cases", default="brain,full", help="of brain, full, with commas between")
    parser.add_argument("--batch", type=int, default=1, help="MONAI's sw_batch_size")
    parser.add_argument("--segfed", default=ROOT / ".build/release/segfed")
    parser.add_argument("--output", type=Path, default=HERE / "results")
    return parser.parse_args()


def run(*command, **more):
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, **more).stdout


def model(chosen, folder):
    """Network C, trained on one site of SampleData."""
    data = folder / "train"
    data.mkdir()
    (data / "aspen").symlink_to(ROOT / "SampleData/aspen")
    run(chosen.segfed, "train", "--data", data, "--plan", HERE / "inference-network.yaml", "--mode", "centralised",
        "--output", folder / "run", "--threads", chosen.threads, "--quiet")
    return folder / "run/coordinator/model.safetensors"


def cases(chosen, folder):
    """Folders with the scans: as simulated, and with noise in place of the background's zeros."""
    run(chosen.segfed, "simulate", "--profile", "demo", "--brats-grid", "--cases", "1", "--output", folder / "data", "--quiet")
    brain = folder / "data/aspen/aspen-001"
    (brain / "aspen-001_seg.nii.gz").unlink()
    full = folder / "full/aspen-001"
    full.mkdir(parents=True)
    random = np.random.default_rng(1)
    for contrast in CONTRASTS:
        scan = nibabel.load(brain / f"aspen-001_{contrast}.nii.gz")
        voxels = np.asarray(scan.dataobj).astype(np.float32)
        voxels[voxels == 0] = random.uniform(1, 20, int((voxels == 0).sum()))
        nibabel.save(nibabel.Nifti1Image(voxels, scan.affine), full / f"aspen-001_{contrast}.nii.gz")
    return {"brain": brain, "full": full}


def segfed(chosen, weights, case, output):
    """The whole process: wall and CPU seconds, and peak memory."""
    more = ["--mirror"] if chosen.mirror else []
    command = [
        chosen.segfed, "predict", "--model", weights, "--input", case, "--output", output, "--force", "--quiet",
        "--threads", chosen.threads, *more]
    ticks, start = machine.processor_ticks(), time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status:
        sys.exit("segfed predict failed")
    return {
        "all": {"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime}, "peak_bytes": usage.ru_maxrss * 1024,
        "steal_percent": machine.steal_percent(ticks, machine.processor_ticks())}


def monai(chosen, weights, case, output, compare):
    more = ["--mirror"] if chosen.mirror else []
    scans = [case / f"aspen-001_{contrast}.nii.gz" for contrast in CONTRASTS]
    return json.loads(run(
        sys.executable, HERE / "monai_inference.py", "--model", weights, "--output", output, "--compare", compare, "--threads",
        chosen.threads, "--batch", chosen.batch, *more, *scans))


def median(runs, part, name):
    return statistics.median(run[part][name] for run in runs)


def table(rows):
    lines = [
        "| case | windows | tool | wall s | CPU s | peak MB | takes |", "|---|---:|---|---:|---:|---:|---|"]
    for name, runs in rows.items():
        ours, theirs = runs["segfed"], runs["MONAI"]
        windows = theirs[0]["windows"]
        lines.append(
            f"| {name} | {windows} | segfed predict, whole process | {median(ours, 'all', 'wall_s'):.2f} "
            f"| {median(ours, 'all', 'cpu_s'):.2f} | {max(run['peak_bytes'] for run in ours) / 1e6:.0f} | |")
        for part, title in (("sliding_window_inference", "MONAI's windows alone"), ("all", "MONAI, read to written")):
            pairs = [m[part]["wall_s"] / s["all"]["wall_s"] for s, m in zip(ours, theirs)]
            cpu = median(theirs, part, "cpu_s") / median(ours, "all", "cpu_s")
            lines.append(
                f"| {name} | {windows} | {title} | {median(theirs, part, 'wall_s'):.2f} | {median(theirs, part, 'cpu_s'):.2f} "
                f"| {max(run['peak_bytes'] for run in theirs) / 1e6:.0f} | {statistics.median(pairs):.1f}× as long "
                f"({min(pairs):.1f} to {max(pairs):.1f}; CPU {cpu:.1f}×) |")
    lines.append("")
    for name, runs in rows.items():
        found = runs["MONAI"][0]["comparison"]
        lines.append(
            f"{name}: of {found['voxels']} voxels ({found['labelled']} labelled) {found['differing']} have another label, "
            f"{found['differing_no_ties']} of them no ties (two probabilities within 1e-4; {found['voxels_within_tie']} voxels are).")
    return "\n".join(lines) + "\n"


def main():
    chosen = options()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        weights = model(chosen, folder)
        found = cases(chosen, folder)
        rows = {}
        for name in chosen.cases.split(","):
            runs = {"segfed": [], "MONAI": []}
            ours, theirs = folder / f"{name}-segfed.nii.gz", folder / f"{name}-monai.nii.gz"
            for _ in range(chosen.rounds):
                runs["segfed"].append(segfed(chosen, weights, found[name], ours))
                runs["MONAI"].append(monai(chosen, weights, found[name], theirs, ours))
            rows[name] = runs
    description = machine.describe()
    name = machine.slug(description) + ("-inference-mirror" if chosen.mirror else "-inference")
    chosen.output.mkdir(exist_ok=True)
    (chosen.output / f"{name}.json").write_text(json.dumps({"machine": description, "runs": rows}, indent=2) + "\n")
    (chosen.output / f"{name}.md").write_text(table(rows))
    print(table(rows), end="")


if __name__ == "__main__":
    main()
