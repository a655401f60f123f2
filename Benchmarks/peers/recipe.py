"""Trains by one recipe with segfed and with PyTorch + MONAI in turn, and compares Dice, wall time and CPU time.

Both read the same simulated cases (scans from disk, no cache), train `recipe.yaml` from the same weights (PyTorch's, a set for
each seed), and score the same other cases: the whole run is timed from the start of the process to its end. What was run already
with the same settings is kept and not run again, so that the comparison can be made in pieces: `--seeds 1 --only pytorch`. Writes <output>/<cpu>-recipe.json and .md.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

import machine

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PLAN = HERE / "recipe.yaml"
TOOLS = ("segfed", "pytorch")
REGIONS = ("WT", "TC", "ET")
SITES = 6
# What the project promises: of mean Dice, and of the whole run's wall time.
DICE_BOUND = 0.01
SPEED_BOUND = 3


def main():
    options = parsed_options()
    settings = {name: getattr(options, name) for name in ("steps", "cases", "test_cases", "threads")}
    settings["plan"], settings["start"] = PLAN.read_text(), "the same weights"
    description = machine.describe()
    kept = options.output / f"{machine.slug(description)}-recipe.json"
    document = kept_document(kept, settings, description, options.again)
    data = made_data(options)
    # Every second seed goes backwards, so that no one always comes after a rest.
    for number, seed in enumerate(options.seeds):
        for tool in TOOLS if number % 2 == 0 else TOOLS[::-1]:
            name = f"{tool}/{seed}"
            if options.only in (None, tool) and name not in document["runs"]:
                document["runs"][name] = measured(tool, seed, data, options)
                save(kept, document)
    print()
    print(table(document), end="")


def parsed_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    environment = os.environ.get
    parser.add_argument("--seeds", type=seeds, default=environment("SEEDS") or "1 2 3", metavar="LIST",
                        help="a run of each tool for each (default: SEEDS, else 1 2 3)")
    parser.add_argument("--only", choices=TOOLS, help="run this tool only")
    parser.add_argument("--steps", type=int, default=int(environment("STEPS") or 720),
                        help=f"training steps, a multiple of {SITES} (default: STEPS, else 720)")
    parser.add_argument("--cases", type=int, default=6, help="training cases of each of the six sites (default: 6)")
    parser.add_argument("--test-cases", type=int, default=5, help="test cases of each site (default: 5)")
    parser.add_argument("--threads", type=int, default=2, help="of each tool (default: 2)")
    parser.add_argument("--again", action="store_true", help="forget what was run before")
    parser.add_argument("--segfed", type=Path, default=ROOT / ".build/release/segfed", metavar="PATH")
    parser.add_argument("--python", default=sys.executable, metavar="PATH",
                        help="with recipe-requirements.txt (default: this one)")
    parser.add_argument("--work", type=Path, default=ROOT / "runs/recipe", metavar="FOLDER",
                        help="for cases and models (default: runs/recipe)")
    parser.add_argument("--output", type=Path, default=HERE / "results", metavar="FOLDER",
                        help="where figures are kept (default: Benchmarks/peers/results)")
    options = parser.parse_args()
    if options.steps % SITES:
        parser.error(f"--steps: found {options.steps}, expected a multiple of {SITES}")
    return options


def seeds(text):
    return [int(word) for word in text.replace(",", " ").split()]


def kept_document(path, settings, description, again):
    """What was measured before with the same settings."""
    if path.exists() and not again:
        document = json.loads(path.read_text())
        if document["settings"] == settings:
            return document
        sys.exit(f"{path} holds runs with other settings: give --again to replace them, or another --output.")
    return {"machine": description, "settings": settings, "runs": {}}


# MARK: Running

def made_data(options, spacing=2):
    """Folders of training and test cases, made where they are not there."""
    folders = []
    for split, cases in (("train", options.cases), ("test", options.test_cases)):
        folder = options.work / f"{split}-{cases}"
        if not folder.exists():
            command = [options.segfed, "simulate", "--profile", "demo", "--seed", "1", "--split", split, "--cases", cases,
                       "--spacing", spacing, "--output", folder, "--quiet"]
            subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
        folders.append(folder)
    return folders


def measured(tool, seed, data, options):
    print(f"{tool}, seed {seed} …", file=sys.stderr, flush=True)
    before = machine.processor_ticks()
    run = {"segfed": segfed, "pytorch": pytorch}[tool](seed, *data, options)
    run["steal_percent"] = machine.steal_percent(before, machine.processor_ticks())
    run["date"] = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    print(f"  {run['wall_s']:.0f} s, CPU {run['cpu_s']:.0f} s, Dice "
          + ", ".join(f"{region} {run['dice'][region]:.4f}" for region in REGIONS), file=sys.stderr, flush=True)
    return run


def segfed(seed, train, test, options):
    """Trains on pooled cases, then predicts and scores the test cases: two processes, both counted."""
    model, scores = options.work / f"segfed-{seed}", options.work / f"segfed-{seed}-scores"
    start = options.work / f"start-{seed}.safetensors"
    subprocess.run(
        [options.python, HERE / "monai_recipe.py", "--plan", PLAN, "--seed", str(seed), "--write-start", start], check=True)
    common = ["--threads", options.threads, "--force", "--quiet"]
    trained, _ = timed([
        options.segfed, "train", "--data", train, "--plan", PLAN, "--mode", "centralised", "--seed", seed, "--rounds", 1,
        "--local-steps", options.steps // SITES, "--init", start, "--output", model, *common])
    tested, _ = timed([options.segfed, "evaluate", "--model", model, "--data", test, "--output", scores, *common])
    metrics = json.loads((scores / "metrics.json").read_text())["overall"]
    version = subprocess.run([str(options.segfed), "--version"], check=True, capture_output=True, text=True).stdout
    return {
        **{name: round(trained[name] + tested[name], 2) for name in ("wall_s", "cpu_s")},
        "peak_mb": max(trained["peak_mb"], tested["peak_mb"]), "parts": {"train": trained, "evaluate": tested},
        "dice": {region: metrics["dice"][region] for region in REGIONS}, "version": f"segfed {version.strip()}"}


def pytorch(seed, train, test, options):
    timing, output = timed([
        options.python, HERE / "monai_recipe.py", "--plan", PLAN, "--data", train, "--test", test, "--seed", seed, "--steps",
        options.steps, "--threads", options.threads])
    found = json.loads(output.splitlines()[-1])
    return {**timing, "parts": found["seconds"], "dice": found["dice"], "version": found["version"]}


def timed(command):
    """Wall and CPU seconds and the peak memory of a process with its children, and what it printed."""
    start = time.perf_counter()
    environment = {**os.environ, "OMP_NUM_THREADS": str(command[command.index("--threads") + 1])}
    # A file: a pipe that nobody reads could fill up.
    with tempfile.TemporaryFile("w+") as complaints:
        process = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=complaints, text=True, env=environment)
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            complaints.seek(0)
            sys.exit(f"{' '.join(str(part) for part in command)} failed:\n{complaints.read()}")
    wall = time.perf_counter() - start
    return {
        "wall_s": round(wall, 2), "cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_mb": round(usage.ru_maxrss / 1000)}, output


# MARK: Keeping

def save(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n")
    path.with_suffix(".md").write_text(table(document))


def table(document):
    settings, runs = document["settings"], document["runs"]
    groups = {tool: [run for name, run in runs.items() if name.startswith(tool + "/")] for tool in TOOLS}
    cpu = "{cpu} (family {family}, model {model}), {cores} cores".format(**document["machine"])
    lines = [
        f"# One recipe, segfed and PyTorch with MONAI, on {cpu}", "",
        f"{settings['steps']} steps of `recipe.yaml` on {SITES * settings['cases']} simulated cases, tested on "
        f"{SITES * settings['test_cases']} others; {settings['threads']} threads. Mean and deviation over seeds; times are "
        "of the whole run, from scans on disk to Dice: median (least).", "",
        "| tool | seeds | WT | TC | ET | mean | wall s | CPU s | peak MB |", "|---|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for tool, group in groups.items():
        if group:
            dice = [[run["dice"][region] for run in group] for region in REGIONS]
            dice.append([statistics.mean(run["dice"].values()) for run in group])
            cells = [spread(values) for values in dice] + [seconds(group, "wall_s"), seconds(group, "cpu_s")]
            lines.append(f"| {tool} | {len(group)} | {' | '.join(cells)} | {max(run['peak_mb'] for run in group)} |")
    lines.append("")
    seeds_of_both = [name.split("/")[1] for name in runs if name.startswith("segfed/") and f"pytorch/{name[7:]}" in runs]
    if seeds_of_both:
        pairs = [(runs[f"segfed/{seed}"], runs[f"pytorch/{seed}"]) for seed in seeds_of_both]
        lines += verdict(pairs)
    lines += [f"- {name}: {run['date']}, {run['version']}; the host took {run['steal_percent']:.0f} % of the time."
              for name, run in sorted(runs.items())]
    return "\n".join(lines) + "\n"


def verdict(pairs):
    ratios = [theirs["wall_s"] / own["wall_s"] for own, theirs in pairs]
    differences = [
        statistics.mean(own["dice"].values()) - statistics.mean(theirs["dice"].values()) for own, theirs in pairs]
    return [
        f"PyTorch's run takes {statistics.median(ratios):.1f}× as long ({min(ratios):.1f} to {max(ratios):.1f}; wanted: "
        f"{SPEED_BOUND}). segfed's mean Dice minus PyTorch's: {spread(differences, '+.4f')} (wanted: not below "
        f"−{DICE_BOUND}).", ""]


def spread(values, form=".4f"):
    deviation = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):{form}}{deviation}"


def seconds(group, name):
    values = [run[name] for run in group]
    return f"{statistics.median(values):.0f} ({min(values):.0f})"


if __name__ == "__main__":
    main()
