"""Times segfed and MONAI in turn at reading and normalising one case from disk, and prints ratios.

usage: loading.py [--rounds N] [--repetitions N] [--segfed PATH] [--output FOLDER]

The case is 240×240×155 voxels with four contrasts, simulated into a temporary folder; each process times one tool with and
without resampling to 1.5 mm. segfed crops to the brain, MONAI does not: both do what their users do before training.
Writes <output>/<cpu>-loading.json and .md.
"""
import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import machine

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CONTRASTS = ("t1", "t1ce", "t2", "flair")


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--segfed", default=ROOT / ".build/release/segfed")
    parser.add_argument("--output", type=Path, default=HERE / "results")
    return parser.parse_args()


def output_of(*command):
    return json.loads(subprocess.run([str(part) for part in command], check=True, capture_output=True).stdout)


def segfed(chosen, site, spacing):
    more = ["--spacing", spacing] if spacing else []
    found = output_of(
        chosen.segfed, "benchmark", "--cases", site, "--interpolation", "linear", "--json", "--quiet", "--repetitions",
        chosen.repetitions, "--threads", chosen.threads, *more)["cases"][0]
    return {
        "wall_ms": found["time"]["wall_ms"]["median"], "cpu_ms": found["time"]["cpu_ms"]["median"],
        "peak_mb": found["peak_bytes"] / 1e6}


def monai(chosen, site, spacing):
    name = f"{site.name}-001"
    scans = [site / name / f"{name}_{contrast}.nii.gz" for contrast in CONTRASTS]
    more = ["--spacing", spacing] if spacing else []
    found = output_of(
        sys.executable, HERE / "monai_loading.py", "--repetitions", chosen.repetitions, "--threads", chosen.threads,
        *more, *scans)
    return {
        "wall_ms": found["wall_ms"]["median"], "cpu_ms": found["cpu_ms"]["median"], "peak_mb": found["peak_bytes"] / 1e6}


def table(rows):
    lines = [
        "| to | tool | ms | CPU ms | peak MB | MONAI takes |", "|---|---|---:|---:|---:|---:|"]
    for spacing, tools in rows.items():
        wall = {tool: statistics.median(run["wall_ms"] for run in runs) for tool, runs in tools.items()}
        pairs = [m["wall_ms"] / s["wall_ms"] for s, m in zip(tools["segfed"], tools["MONAI"])]
        for tool, runs in tools.items():
            ratio = (
                f"{wall['MONAI'] / wall['segfed']:.1f}× as long ({min(pairs):.1f} to {max(pairs):.1f})"
                if tool == "MONAI" else "")
            lines.append(
                f"| {spacing} | {tool} | {wall[tool]:.0f} | {statistics.median(run['cpu_ms'] for run in runs):.0f} "
                f"| {max(run['peak_mb'] for run in runs):.0f} | {ratio} |")
    return "\n".join(lines) + "\n"


def main():
    chosen = options()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [chosen.segfed, "simulate", "--profile", "demo", "--brats-grid", "--cases", "1", "--output", folder + "/data",
             "--quiet"], check=True, stdout=subprocess.DEVNULL)
        site = Path(folder) / "data" / "aspen"
        # Scans alone, for both.
        (site / "aspen-001" / "aspen-001_seg.nii.gz").unlink()
        rows = {}
        for spacing, label in ((None, "its own spacing"), (1.5, "1.5 mm")):
            runs = {"segfed": [], "MONAI": []}
            for _ in range(chosen.rounds):
                runs["segfed"].append(segfed(chosen, site, spacing))
                runs["MONAI"].append(monai(chosen, site, spacing))
            rows[label] = runs
    description = machine.describe()
    name = machine.slug(description) + "-loading"
    chosen.output.mkdir(exist_ok=True)
    (chosen.output / f"{name}.json").write_text(json.dumps({"machine": description, "runs": rows}, indent=2) + "\n")
    (chosen.output / f"{name}.md").write_text(table(rows))
    print(table(rows), end="")


if __name__ == "__main__":
    main()
