"""Writes a run's folder of simulated numbers: FeTS 2022's size and more, for what a report of such a run takes.

usage: large_run.py SMALL_RUN FOLDER SITES CASES ROUNDS
SMALL_RUN is a finished run of segfed, whose configuration is taken over; nothing of the numbers is measured.
"""

import csv
import hashlib
import json
import pathlib
import random
import sys

small, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
site_count, case_count, round_count = map(int, sys.argv[3:6])
generator = random.Random(7)
names = [f"site-{index + 1:02d}" for index in range(site_count)]
metrics = json.loads((small / "metrics.json").read_text())
regions = list(metrics["overall"]["dice"])
columns = next(csv.reader((small / "sites").glob("*/metrics.csv").__next__().open()))

# Configuration: the small run's, with other sites and rounds.
lines, skipping = [], False
for line in (small / "config.yaml").read_text().splitlines():
    if line == "sites:":
        lines += [line] + [f"- {name}" for name in names]
        skipping = True
    elif skipping and line.startswith("- "):
        continue
    else:
        skipping = False
        lines.append(f"rounds: {round_count}" if line.startswith("rounds:") else "data: ''" if line.startswith("data:") else line)
(folder / "coordinator").mkdir(parents=True)
(folder / "config.yaml").write_text("\n".join(lines) + "\n")

counts = [case_count // site_count + (index < case_count % site_count) for index in range(site_count)]
levels = [generator.uniform(0.5, 0.9) for _ in names]


def dice(level):
    return min(1.0, max(0.0, generator.gauss(level, 0.08)))


def statistic(values):
    mean = sum(values) / len(values)
    deviation = (sum((value - mean) ** 2 for value in values) / max(1, len(values) - 1)) ** 0.5
    return {"cases": len(values), "undefined": 0, "infinite": 0, "mean": mean, "median": sorted(values)[len(values) // 2], "deviation": deviation}


found = {}
for name, count, level in zip(names, counts, levels):
    site = folder / "sites" / name
    site.mkdir(parents=True)
    cases = [f"{name}-case-{index + 1:03d}" for index in range(count)]
    with (site / "cases.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["case", "part", "scan", "labels"])
        writer.writerows([case, "test", "0" * 16, "0" * 16] for case in cases)
    found[name] = {region: [] for region in regions}
    with (site / "metrics.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for case in cases:
            for region in regions:
                found[name][region].append(dice(level))
                writer.writerow([case, region] + [found[name][region][-1]] * (len(columns) - 2))

pooled = {region: [value for name in names for value in found[name][region]] for region in regions}
mean = lambda values: sum(values) / len(values)
sites = {}
for name, count in zip(names, counts):
    sites[name] = {
        "cases": count, "steps": 10 * round_count, "dice": {region: mean(found[name][region]) for region in regions},
        "metrics": {region: {key: statistic(found[name][region]) for key in ("dice", "hd95_mm")} for region in regions},
    }
by_site = {region: mean([sites[name]["dice"][region] for name in names]) for region in regions}
worst = {region: min(names, key=lambda name: sites[name]["dice"][region]) for region in regions}
traffic = {"down_bytes": 50_000_000, "up_bytes": 40_000_000, "total_bytes": 90_000_000, "scan_bytes_compressed": 200_000_000,
           "scan_bytes_uncompressed": 1_500_000_000, "saving_compressed": 0.55, "saving_uncompressed": 0.94}
document = dict(
    metrics, model=f"last model (round {round_count})", worst_site=min(names, key=lambda name: mean(list(sites[name]["dice"].values()))),
    overall={
        "cases": case_count, "dice": {region: mean(pooled[region]) for region in regions}, "dice_by_site_mean": by_site,
        "metrics": {region: {key: statistic(pooled[region]) for key in ("dice", "hd95_mm")} for region in regions},
        "statistics": {
            region: {"interval_over_cases": [0.6, 0.8], "interval_over_sites": [0.6, 0.8], "worst_site": worst[region],
                     "worst": sites[worst[region]]["dice"][region], "worst_decile": 0.5, "range": 0.4, "deviation": 0.1, "gini": 0.1}
            for region in regions}},
    sites=sites,
    bandwidth=dict({key: value * site_count if isinstance(value, int) else value for key, value in traffic.items()},
                   sites={name: traffic for name in names}))
(folder / "metrics.json").write_text(json.dumps(document, indent=2))

# The journal: the small run's first line, then rounds.
chain = ""
with (folder / "coordinator" / "rounds.jsonl").open("w") as journal:
    first = json.loads((small / "coordinator" / "rounds.jsonl").read_text().splitlines()[0])

    def write(entry):
        global chain
        entry.pop("chain", None)
        text = json.dumps(entry, sort_keys=True, separators=(",", ":"))
        chain = hashlib.sha256((chain + text).encode()).hexdigest()
        journal.write('{"chain":"' + chain + '",' + text[1:] + "\n")

    write(first)
    for number in range(1, round_count + 1):
        progress = number / round_count
        rows = []
        for index, name in enumerate(names):
            if (number * 7 + index) % 97 == 0:
                continue
            rows.append({
                "site": name, "cases": counts[index], "steps": 10, "loss": 1.2 - 0.8 * progress + generator.uniform(-0.05, 0.05),
                "seconds": 3.0, "bytes_down": 1_000_000, "bytes_up": 800_000,
                "validation": {"site": name, "cases": 2, "regions": [
                    {"region": region, "cases": 2, "undefined": 0, "mean": dice(levels[index] * progress), "minimum": 0.1}
                    for region in regions]}})
        present = {row["site"] for row in rows}
        write({"entry": "round", "schema_version": 1, "round": number, "sites": rows, "validation_mean": 0.5,
               "left_out": [{"site": name, "reason": "it did not answer in time"} for name in names if name not in present],
               "model_sha256": hashlib.sha256(str(number).encode()).hexdigest()})
    write({"entry": "end", "schema_version": 1, "model": "last", "model_round": round_count, "test": [], "traffic": []})
