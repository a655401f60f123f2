"""Reads a document of `segfed benchmark --json` on standard input as `Benchmarks/peers/compare.py` does.

Prints the machine as `machine.py` sees it, the row that `report.py` makes of the first result, and the table.
"""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Benchmarks/peers"))

import machine  # noqa: E402
import report  # noqa: E402

document = json.load(sys.stdin)
run = {**document["results"][0], "tool": document["tool"], "round": 1, "version": document["version"]}
rows = report.summary([run])
described = machine.describe()
entry = {
    "date": "today", "command": "none", "threads": document["threads"], "numerics": document["numerics"],
    "versions": {run["tool"]: run["version"]}, "runs": [run], "summary": rows,
}
table = report.markdown({"machine": described, "networks": {run["network"]: entry}})
print(json.dumps({"machine": described, "row": rows[0], "table": table}))
