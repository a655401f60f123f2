"""Runs `segfed benchmark` and PyTorch in turn on the same networks, prints medians and ratios, and keeps them.

Each process times one network in one configuration. They alternate, because a shared host's speed drifts: ratios
between neighbours hold where times do not. Writes <output>/<cpu>.json with every process's figures and <cpu>.md with
the table; a network measured again replaces its own figures there and leaves the others'.
"""
import argparse
import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import machine
import report

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# What segfed is asked for. The second costs something, and gives the same bits on every machine with AVX2.
MODES = ("native", "portable")
# What PyTorch is asked for: precision, mode. Each in both memory formats, of which the better one counts.
PEERS = (("fp32", "eager"), ("bf16", "eager"), ("fp32", "compile"))
MEMORY_FORMATS = ("contiguous", "channels_last")
# Enough of each network for a median, in times that a person waits for.
REPETITIONS = {"A": 10, "B": 20, "C": 10, "D": 3}
# Before these: the first steps are slow, and compile.
WARMUP = {"A": 2, "B": 5, "C": 2, "D": 1}


def main():
    options = parsed_options()
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"The machine is busy (load {load:.1f}): longer times, ratios less sure.", file=sys.stderr)
    description = machine.describe()
    for network in options.networks:
        entry = measure_network(network, options)
        document = merged(options.output, description, network, entry)
        save(options.output, document)
    print()
    print(report.markdown(document), end="")
    print(f"\nKept in {shown(paths(options.output, description)[0])} and .md", file=sys.stderr)


def parsed_options():
    """Options, of which `make benchmark` gives three through the environment."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    environment = os.environ.get
    parser.add_argument("--networks", type=networks, default=environment("NETWORKS") or "A B C D", metavar="LIST",
                        help="of A, B, C, D (default: NETWORKS, else all)")
    parser.add_argument("--rounds", type=positive, default=environment("ROUNDS") or "3", metavar="N",
                        help="times that each tool has its turn on a network (default: ROUNDS, else 3)")
    parser.add_argument("--repetitions", type=positive, default=environment("REPETITIONS") or None, metavar="N",
                        help="timed steps, and inferences, of a process (default: REPETITIONS, else by network, "
                        + ", ".join(f"{name} {count}" for name, count in REPETITIONS.items()) + ")")
    parser.add_argument("--threads", type=positive, default="2", metavar="N", help="of each tool (default: 2)")
    parser.add_argument("--segfed", type=Path, default=ROOT / ".build/release/segfed", metavar="PATH",
                        help="segfed's executable (default: .build/release/segfed)")
    parser.add_argument("--output", type=Path, default=HERE / "results", metavar="FOLDER",
                        help="where figures are kept (default: Benchmarks/peers/results)")
    return parser.parse_args()


def networks(text):
    names = text.replace(",", " ").split()
    if not names or set(names) - set(REPETITIONS):
        raise argparse.ArgumentTypeError(f"'{text}' names other networks than {', '.join(REPETITIONS)}")
    return names


def positive(text):
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number from 1")
    return int(text)


# MARK: Measuring

def measure_network(network, options):
    """All rounds of one network: its runs, and what they were made with."""
    amounts = ["--threads", str(options.threads), "--warmup", str(WARMUP[network]),
               "--repetitions", str(options.repetitions or REPETITIONS[network])]
    runs = []
    for number in range(1, options.rounds + 1):
        for turn in turns(number):
            if has_failed(runs, turn):
                continue
            run = {"round": number, **run_tool(command(turn, network, amounts, options), turn), **turn}
            print(progress(network, number, options.rounds, run), file=sys.stderr, flush=True)
            runs.append(run)
        if all("error" in run for run in runs if run["tool"] == "pytorch"):
            sys.exit("PyTorch failed in every configuration: nothing to compare with, nothing kept.")
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "command": f"NETWORKS={network} ROUNDS={options.rounds} REPETITIONS={amounts[-1]} make benchmark",
        "threads": options.threads,
        "versions": {run["tool"]: run["version"] for run in runs if "version" in run},
        "numerics": next(run["numerics"] for run in runs if "numerics" in run and run["mode"] == "native"),
        "runs": runs,
    }


def turns(number):
    """Who runs in a round. Every second round goes backwards, so that no one always comes after a rest."""
    order = [{"tool": "segfed", "precision": "fp32", "mode": mode, "memory_format": "channels_last"} for mode in MODES]
    for precision, mode in PEERS:
        for layout in MEMORY_FORMATS:
            order.append({"tool": "pytorch", "precision": precision, "mode": mode, "memory_format": layout})
    return order if number % 2 else order[::-1]


def has_failed(runs, turn):
    """Whether this configuration failed before: torch.compile without a compiler, portable numerics without AVX2."""
    return any("error" in run and all(run[key] == turn[key] for key in turn) for run in runs)


def command(turn, network, amounts, options):
    if turn["tool"] == "segfed":
        numerics = [] if turn["mode"] == "native" else ["--numerics", turn["mode"]]
        return [str(options.segfed), "benchmark", "--network", network, *amounts, *numerics, "--json", "--quiet"]
    chosen = ["--precision", turn["precision"], "--mode", turn["mode"], "--memory-format", turn["memory_format"]]
    return [sys.executable, str(HERE / "pytorch_unet.py"), "--network", network, *chosen, *amounts, "--json"]


def run_tool(arguments, turn):
    """The tool's one result and its version, with the host's share of the time; or an `error`.

    Exits where segfed fails in its own mode: without it there is nothing to compare.
    """
    before = machine.processor_ticks()
    try:
        process = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        output, complaint = process.stdout, process.stderr.strip()
    except OSError as error:
        output, complaint = "", str(error)
    try:
        document = json.loads(output)
        result = document["results"][0]
        version = document["version"]
    except (ValueError, LookupError):
        result, version = {"error": reason(complaint)}, None
    if "error" in result:
        if turn["tool"] == "segfed" and turn["mode"] == "native":
            sys.exit(f"segfed failed: {' '.join(arguments)}\n{complaint or result['error']}")
        return {"error": result["error"]}
    numerics = {"numerics": document["numerics"]} if "numerics" in document else {}
    steal = machine.steal_percent(before, machine.processor_ticks())
    return {**result, **numerics, "version": version, "steal_percent": steal}


def reason(complaint):
    """The line of standard error that says why: argument parsers put theirs first, Python its exception last."""
    lines = complaint.splitlines()
    stated = [line.removeprefix("Error: ") for line in lines if line.startswith(("Error: ", "segfed: "))]
    return (stated or lines[-1:] or ["no JSON came out"])[0]


def progress(network, number, rounds, run):
    who = f"{network} {number}/{rounds} {report.name_of(run):35}"
    if "error" in run:
        return f"{who} failed, going on without it: {run['error']}"
    times = ", ".join(f"{name} {run[name]['wall_ms']['median']:.1f} ms" for name in ("step", "inference"))
    return f"{who} {times}, peak {run['peak_bytes'] / 1e9:.2f} GB"


# MARK: Keeping

def paths(folder, description):
    """The JSON and the Markdown file of a machine."""
    slug = machine.slug(description)
    return folder / f"{slug}.json", folder / f"{slug}.md"


def merged(folder, description, network, entry):
    """What is kept of this machine already, with this network's entry in place of an older one."""
    kept, _ = paths(folder, description)
    older = json.loads(kept.read_text())["networks"] if kept.exists() else {}
    entry["summary"] = report.summary(entry["runs"])
    return {"machine": description, "networks": dict(sorted({**older, network: entry}.items()))}


def save(folder, document):
    folder.mkdir(parents=True, exist_ok=True)
    figures, table = paths(folder, document["machine"])
    figures.write_text(json.dumps(document, indent=1) + "\n")
    table.write_text(report.markdown(document))


def shown(path):
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


if __name__ == "__main__":
    main()
