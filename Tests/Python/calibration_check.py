"""Computes calibration errors of maps that `segfed predict` wrote, in the scan's grid by NumPy's histograms (20 bins, upper bounds
belong to a bin: Guo et al. 2017), and compares them with `segfed evaluate --model`; prints what it found as JSON.

usage: calibration_check.py DATA PREDICTIONS SCORES
"""
import csv
import json
import sys
from pathlib import Path

import nibabel
import numpy as np

data, predictions, scores = (Path(argument) for argument in sys.argv[1:])
VALUES = [0, 1, 2, 4]
REGIONS = {"WT": [1, 2, 4], "TC": [1, 4], "ET": [4], "necrotic core": [1], "edema": [2]}
BINS = 20


def errors(probability, truth):
    """Expected, average and maximum calibration error."""
    # Bins are numbered from above: histogram's bounds are lower ones, these are upper ones.
    bins = np.clip(np.floor((1 - probability.astype(np.float64)) * BINS + 1e-6).astype(int), 0, BINS - 1)
    count = np.bincount(bins, minlength=BINS)
    held = count > 0
    gap = np.abs(np.bincount(bins, probability, BINS) - np.bincount(bins, truth, BINS))[held] / count[held]
    return (gap * count[held]).sum() / count.sum(), gap.mean(), gap.max()


found = {"compared": 0, "error": 0.0, "largest": 0.0}
for table in sorted(scores.glob("sites/*/metrics.csv")):
    for row in csv.DictReader(table.open()):
        case = Path(table.parent.name) / row["case"]
        maps = nibabel.load(predictions / case / f"{row['case']}_probabilities.nii.gz")
        p = np.asarray(maps.dataobj, np.float32)
        reference = np.asarray(nibabel.load(data / case / f"{row['case']}_seg.nii.gz").dataobj)
        labels = REGIONS[row["region"]]
        probability = np.zeros(reference.shape, np.float32)
        for output, value in enumerate(VALUES):
            if value in labels:
                probability += p[..., output]
        own = errors(probability.ravel(), np.isin(reference, labels).ravel())
        theirs = [float(row[name]) for name in ("ece", "ace", "mce")]
        found["compared"] += len(own)
        found["error"] = max(found["error"], float(np.abs(np.subtract(own, theirs)).max()))
        found["largest"] = max(found["largest"], theirs[0])
print(json.dumps(found))
