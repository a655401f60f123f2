"""Checks maps that `segfed predict` wrote, with nibabel and NumPy, and prints what it found as JSON.

usage: maps_check.py DATA PREDICTIONS, both <site>/<case>/…; for each case of PREDICTIONS: grid and affine of the case's first scan,
probabilities that add up to 1 with the label map's label the highest, entropy that follows from them
"""
import json
import sys
from pathlib import Path

import nibabel
import numpy as np

data, predictions = (Path(argument) for argument in sys.argv[1:])
found = {"cases": 0, "shapes": [], "sum_error": 0.0, "other_labels": 0, "entropy_error": 0.0, "grids": 0, "certain_outside": 0}
for path in sorted(predictions.glob("*/*/*_seg.nii.gz")):
    case = path.parent
    scan = nibabel.load(data / case.parent.name / case.name / f"{case.name}_t1.nii.gz")
    probabilities = nibabel.load(case / f"{case.name}_probabilities.nii.gz")
    entropy = nibabel.load(case / f"{case.name}_entropy.nii.gz")
    p, h = np.asarray(probabilities.dataobj, np.float64), np.asarray(entropy.dataobj, np.float64)
    labels = np.asarray(nibabel.load(path).dataobj)
    values = np.array([0, 1, 2, 4])
    found["cases"] += 1
    found["shapes"].append(list(p.shape))
    found["grids"] += int(
        p.shape[:3] == scan.shape == h.shape and np.array_equal(probabilities.affine, scan.affine)
        and np.array_equal(entropy.affine, scan.affine)
        and all(int(image.header[code]) == int(scan.header[code]) for image in (probabilities, entropy)
                for code in ("qform_code", "sform_code")))
    found["sum_error"] = max(found["sum_error"], float(np.abs(p.sum(-1) - 1).max()))
    best = np.take_along_axis(p, np.searchsorted(values, labels)[..., None], -1)[..., 0]
    found["other_labels"] += int((p.max(-1) - best > 1e-6).sum())
    terms = -np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0).sum(-1) / np.log(p.shape[-1])
    found["entropy_error"] = max(found["entropy_error"], float(np.abs(terms - h).max()))
    found["certain_outside"] += int((h[:1] == 0).all() and (p[:1, ..., 0] == 1).all())
print(json.dumps(found))
