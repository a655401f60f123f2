"""Trains one federation with segfed and with Flower's simulation in turn, and compares time, memory and Dice.

Both train FedAvg by `flower.yaml` from the same weights (PyTorch's, a set for each repetition) on the same
six sites; segfed evaluates both last models on the same other cases, which is not timed. A run is timed from
the start of the process to its end, a round from the end of the one before; CPU time and memory are those of
all processes together. What was run already with the same settings is kept and not run again: `--only flower`
makes one half. Writes <output>/<cpu>-flower.json and .md.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import yaml
from safetensors import safe_open
from safetensors.numpy import save_file

import machine
from process_tree import measured
from recipe import kept_document, made_data

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TOOLS = ("segfed", "flower")
REGIONS = ("WT", "TC", "ET")
# Neither program tells anyone that it runs.
QUIET = {"FLWR_TELEMETRY_ENABLED": "0", "RAY_USAGE_STATS_ENABLED": "0"}
# What the project promises: of the time of a round, of peak memory, of mean Dice.
SPEED_BOUND = 4
MEMORY_BOUND = 0.5
DICE_BOUND = 0.01
COLUMNS = {
    "round_s": ("round s", ".2f"), "later_round_s": ("without the first", ".2f"),
    "wall_s": ("whole run s", ".1f"), "cpu_s": ("CPU s", ".1f"),
    "peak_mb": ("peak MB", ".0f"), "mean_dice": ("mean Dice", ".4f")}


def main():
    options = parsed_options()
    settings = {name: getattr(options, name) for name in ("rounds", "steps", "threads", "at_once")}
    settings |= {"plan": options.plan.read_text(), "data": str(options.data or options.cases),
                 "test": str(options.test or options.test_cases)}
    description = machine.describe()
    kept = options.output / f"{machine.slug(description)}-flower.json"
    document = kept_document(kept, settings, description, options.again)
    made = (None, None) if options.data else made_data(options, spacing=3)
    data = options.data or made[0], options.test or made[1]
    options.work.mkdir(parents=True, exist_ok=True)
    # Every second repetition goes backwards, so that no one always comes after a rest.
    for number in range(1, options.repetitions + 1):
        for tool in TOOLS if number % 2 else TOOLS[::-1]:
            name = f"{tool}/{number}"
            if options.only in (None, tool) and name not in document["runs"]:
                document["runs"][name] = result(tool, number, *data, options)
                save(kept, document)
    print()
    print(table(document), end="")


def parsed_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    environment = os.environ.get
    parser.add_argument("--repetitions", type=int, default=int(environment("REPETITIONS") or 3),
                        help="runs of each tool, with other seeds (default: REPETITIONS, else 3)")
    parser.add_argument("--only", choices=TOOLS, help="run this tool only")
    parser.add_argument("--plan", type=Path, default=HERE / "flower.yaml", metavar="FILE",
                        help="with batches of 2 or more (default: flower.yaml)")
    parser.add_argument("--rounds", type=int, help="default: the plan's")
    parser.add_argument("--steps", type=int, help="of each site in a round (default: the plan's)")
    parser.add_argument("--data", type=Path, metavar="FOLDER",
                        help="with --test: sites to train on (default: simulated)")
    parser.add_argument("--test", type=Path, metavar="FOLDER", help="sites to test on (default: simulated)")
    parser.add_argument("--cases", type=int, default=6,
                        help="simulated cases of each of six sites (default: 6)")
    parser.add_argument("--test-cases", type=int, default=5, help="test cases of each site (default: 5)")
    parser.add_argument("--threads", type=int, default=2, help="of each tool (default: 2)")
    parser.add_argument("--at-once", type=int, default=2,
                        help="sites that train at a time, threads divided among them (default: 2)")
    parser.add_argument("--again", action="store_true", help="forget what was run before")
    parser.add_argument("--segfed", type=Path, default=ROOT / ".build/release/segfed", metavar="PATH")
    parser.add_argument("--python", default=sys.executable, metavar="PATH",
                        help="with flower-requirements.txt (default: this one)")
    parser.add_argument("--work", type=Path, default=ROOT / "runs/flower", metavar="FOLDER",
                        help="for cases and models (default: runs/flower)")
    parser.add_argument("--output", type=Path, default=HERE / "results", metavar="FOLDER",
                        help="where figures are kept (default: Benchmarks/peers/results)")
    options = parser.parse_args()
    if (options.data is None) != (options.test is None):
        parser.error("--data and --test go together")
    plan = yaml.safe_load(options.plan.read_text())
    options.rounds, options.steps = options.rounds or plan["rounds"], options.steps or plan["local_steps"]
    if options.threads % options.at_once:
        parser.error(f"--threads: found {options.threads}, wanted a multiple of --at-once {options.at_once}")
    if options.rounds < 2:
        parser.error(f"--rounds: found {options.rounds}, expected 2 or more")
    return options


# MARK: Running

def result(tool, number, train, test, options):
    print(f"{tool}, repetition {number} …", file=sys.stderr, flush=True)
    before = machine.processor_ticks()
    run, rounds, model = {"segfed": segfed, "flower": flower}[tool](number, train, options)
    run["steal_percent"] = machine.steal_percent(before, machine.processor_ticks())
    run |= {"rounds": rounds, "round_s": round(statistics.mean(rounds), 4),
            "later_round_s": round(statistics.mean(rounds[1:]), 4)}
    run["dice"] = dice(model, test, options)
    run["mean_dice"] = statistics.mean(run["dice"].values())
    run["date"] = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    print("  " + ", ".join(f"{title} {run[name]:{form}}" for name, (title, form) in COLUMNS.items()),
          file=sys.stderr, flush=True)
    return run


def segfed(number, train, options):
    start, output = options.work / f"start-{number}.safetensors", options.work / f"segfed-{number}"
    journal, ends = output / "coordinator/rounds.jsonl", []
    subprocess.run([
        options.python, HERE / "flower_simulation.py", "--plan", options.plan, "--seed", str(number),
        "--write-start", start], check=True)
    journal.unlink(missing_ok=True)

    def watch(now):
        """Notes when the journal's first line and each round's were first seen."""
        found = journal.read_text().count('"entry":"round"') + 1 if journal.exists() else 0
        ends.extend([now] * (found - len(ends)))

    run, _ = measured([
        options.segfed, "train", "--data", train, "--plan", options.plan, "--seed", number, "--rounds",
        options.rounds, "--local-steps", options.steps, "--init", start, "--threads",
        options.threads, "--sites-at-once", options.at_once, "--output", output, "--force",
        "--quiet"], {}, watch)
    watch(run["wall_s"])
    version = subprocess.run([options.segfed, "--version"], check=True, capture_output=True, text=True).stdout
    rounds = [round(after - before, 3) for before, after in zip(ends, ends[1:])]
    return run | {"version": f"segfed {version.strip()}"}, rounds, output / "coordinator/model.safetensors"


def flower(number, train, options):
    weights, model = (options.work / f"flower-{number}{name}.safetensors" for name in ("-weights", ""))
    run, output = measured([
        options.python, HERE / "flower_simulation.py", "--plan", options.plan, "--seed", number, "--data",
        train, "--rounds", options.rounds, "--steps", options.steps, "--threads", options.threads,
        "--clients-at-once", options.at_once, "--output", weights], QUIET)
    found = json.loads(output.splitlines()[-1])
    put_into_model(weights, train, options, model)
    return run | {"version": found["version"]}, found["rounds"], model


def put_into_model(weights, train, options, path):
    """Writes a model file of segfed with other weights; what else it says is the plan's: a step's training
    made it."""
    template = options.work / "template"
    subprocess.run([
        options.segfed, "train", "--data", train, "--plan", options.plan, "--rounds", "1", "--local-steps",
        "1", "--output", template, "--force", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    made = template / "coordinator/model.safetensors"
    with safe_open(made, "np") as own, safe_open(weights, "np") as other:
        shapes = [{name: file.get_slice(name).get_shape() for name in file.keys()} for file in (own, other)]
        if shapes[0] != shapes[1]:
            sys.exit(f"{weights} has tensors of other names or shapes than segfed's")
        save_file({name: other.get_tensor(name) for name in other.keys()}, path, own.metadata())


def dice(model, test, options):
    scores = options.work / "scores"
    subprocess.run([
        options.segfed, "evaluate", "--model", model, "--data", test, "--output", scores, "--threads",
        str(options.threads), "--force", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    overall = json.loads((scores / "metrics.json").read_text())["overall"]
    return {region: overall["dice"][region] for region in REGIONS}


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
        f"# One federation, segfed and Flower's simulation with PyTorch, on {cpu}", "",
        f"{settings['rounds']} rounds of {settings['steps']} steps at each site; {settings['threads']} "
        f"threads, {settings['at_once']} sites at once. Median (least to most) over repetitions; CPU time "
        "and memory are of all processes together. Flower's first round has the start of Ray's workers in "
        "it, and their reading of cases.", "",
        "| tool | runs | " + " | ".join(title for title, _ in COLUMNS.values()) + " |",
        "|---|" + "---:|" * (1 + len(COLUMNS))]
    for tool, group in groups.items():
        if group:
            cells = [spread([run[name] for run in group], form) for name, (_, form) in COLUMNS.items()]
            lines.append(f"| {tool} | {len(group)} | {' | '.join(cells)} |")
    lines.append("")
    pairs = [(run, runs[f"flower/{name[7:]}"]) for name, run in runs.items()
             if name.startswith("segfed/") and f"flower/{name[7:]}" in runs]
    if pairs:
        lines += verdict(pairs)
    lines += [
        f"- {name}: {run['date']}, {run['version']}; the host took {run['steal_percent']:.0f} % of the time, "
        f"measuring {run['measuring_s']:.1f} s of a core." for name, run in sorted(runs.items())]
    return "\n".join(lines) + "\n"


def verdict(pairs):
    def ratios(name):
        return [theirs[name] / own[name] for own, theirs in pairs]

    memory = [own["peak_mb"] / theirs["peak_mb"] for own, theirs in pairs]
    differences = [own["mean_dice"] - theirs["mean_dice"] for own, theirs in pairs]
    return [
        f"- Flower's round takes {spread(ratios('round_s'), '.1f')}× as long, without the first "
        f"{spread(ratios('later_round_s'), '.1f')}× (wanted: {SPEED_BOUND}); its whole run "
        f"{spread(ratios('wall_s'), '.1f')}×.",
        f"- segfed's peak memory is {spread(memory, '.2f')} of Flower's (wanted: at most {MEMORY_BOUND}).",
        f"- segfed's mean Dice minus Flower's: {spread(differences, '+.4f')} (wanted: within {DICE_BOUND}).",
        ""]


def spread(values, form):
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


if __name__ == "__main__":
    main()
