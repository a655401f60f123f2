"""The table of `make harmonisation`: mean and deviation over seeds of the Dice at each held-out site.

usage: table.py FOLDER METHOD...
"""
import json
import statistics
import sys
from pathlib import Path

folder, methods = Path(sys.argv[1]), sys.argv[2:]
scores = {}
for file in sorted(folder.glob("*/scores/metrics.json")):
    method, site, seed = file.parts[-3].rsplit("-", 2)
    if method in methods:
        scores.setdefault(site, {}).setdefault(method, {})[seed] = json.loads(file.read_text())["overall"]["dice"]
for region in next(iter(next(iter(scores.values())).values()))["1"]:
    print(f"\n| {region}, held-out site | " + " | ".join(methods) + " |")
    print("|---|" + "---:|" * len(methods))
    means = {method: [] for method in methods}
    for site, found in sorted(scores.items()):
        cells = []
        for method in methods:
            values = [dice[region] for dice in found.get(method, {}).values()]
            if len(values) < 2:
                cells.append("–")
                continue
            means[method].append(statistics.mean(values))
            cells.append(f"{statistics.mean(values):.3f} ± {statistics.stdev(values):.3f} ({len(values)})")
        print(f"| {site} | " + " | ".join(cells) + " |")
    print("| mean | " + " | ".join(f"{statistics.mean(m):.3f}" if m else "–" for m in means.values()) + " |")
