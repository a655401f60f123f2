"""Says whether `segfed compare --json` (standard input) is what SciPy and NumPy make of the runs' metrics.csv."""
import csv
import glob
import json
import sys

import numpy as np
from scipy import stats


def cases(run):
    found = {}
    for path in sorted(glob.glob(f"{run}/folds/*/sites/*/metrics.csv")):
        site = path.split("/")[-2]
        for row in csv.DictReader(open(path)):
            if row["dice"]:
                found[(site, row["case"], row["region"])] = float(row["dice"])
    return found


first, second = (cases(run) for run in sys.argv[1:3])
rows = json.load(sys.stdin)["rows"]
tests = []
for row in rows:
    values = first if row["run"] == sys.argv[1] else second
    sites = sorted({key[0] for key in values})
    if row["region"] == "mean":
        regions = {r["region"] for r in rows} - {"mean"}
        of = lambda table: {key: np.mean([table[key + (r,)] for r in regions if key + (r,) in table])
                            for key in {k[:2] for k in table}}
    else:
        of = lambda table: {key[:2]: value for key, value in table.items() if key[2] == row["region"]}
    own = of(values)
    sample = [own[key] for key in sorted(own)]
    close = lambda a, b: abs(a - b) < 1e-9
    assert row["cases"] == len(sample), row
    assert close(row["mean"], np.mean(sample)) and close(row["median"], np.median(sample)), row
    assert close(row["sd"], np.std(sample, ddof=1)), row
    means = [np.mean([v for k, v in own.items() if k[0] == site]) for site in sites]
    assert close(row["worst"], min(means)) and close(row["range"], max(means) - min(means)), row
    assert close(row["sites_sd"], np.std(means, ddof=1)), row
    gini = np.abs(np.subtract.outer(means, means)).mean() / 2 / np.mean(means) if sum(means) > 0 else None
    assert gini is None or close(row["gini"], gini), row
    if row["run"] == sys.argv[2]:
        other = of(first)
        differences = [own[key] - other[key] for key in sorted(own) if key in other]
        assert close(row["difference"], np.mean(differences)), row
        p = stats.wilcoxon(differences).pvalue if any(differences) else 1
        assert close(row["p"], p), (row, p)
        tests.append((p, row["p_holm"]))
ordered = sorted(range(len(tests)), key=lambda i: tests[i][0])
running = 0
for rank, index in enumerate(ordered):
    running = max(running, min(1, (len(tests) - rank) * tests[index][0]))
    assert abs(tests[index][1] - running) < 1e-9, tests
assert tests
print("equal")
