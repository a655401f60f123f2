"""`prediction_check.py DATA PREDICTIONS`: compares each prediction's grid with its scan's, through nibabel
(NIfTI) and Pillow (PNG); prints how many of each were compared and every difference, as JSON."""
import json
import sys
from pathlib import Path

import nibabel
import numpy as np
from PIL import Image

data, predictions = map(Path, sys.argv[1:3])
differences, volumes, pictures, orientations = [], 0, 0, set()


def compare(name, what, found, expected):
    if not np.array_equal(np.asarray(found), np.asarray(expected)):
        differences.append(f"{name}: {what} is {found}, the scan's is {expected}")


for path in sorted(predictions.rglob("*_seg.*")):
    name = str(path.relative_to(predictions))
    scans = sorted((data / path.relative_to(predictions).parent).glob("*_t1.*"))
    assert len(scans) == 1, name
    if path.suffix == ".png":
        pictures += 1
        with Image.open(path) as picture, Image.open(scans[0]) as scan:
            compare(name, "mode", picture.mode, "P")
            compare(name, "size", picture.size, scan.size)
            extra = set(np.unique(np.asarray(picture)).tolist()) - {0, 1, 2, 4}
            compare(name, "labels beyond BraTS'", sorted(extra), [])
        continue
    volumes += 1
    labels, scan = nibabel.load(path), nibabel.load(scans[0])
    orientations.add("".join(nibabel.aff2axcodes(scan.affine)))
    compare(name, "shape", labels.shape, scan.shape)
    compare(name, "affine", labels.affine, scan.affine)
    for field in ["qform_code", "sform_code", "pixdim", "dim", "xyzt_units", "quatern_b", "quatern_c",
                  "quatern_d", "qoffset_x", "qoffset_y", "qoffset_z", "srow_x", "srow_y", "srow_z"]:
        compare(name, field, labels.header[field].tolist(), scan.header[field].tolist())
    compare(name, "data type", str(labels.get_data_dtype()), "uint8")
    extra = set(np.unique(np.asarray(labels.dataobj)).tolist()) - {0, 1, 2, 4}
    compare(name, "labels beyond BraTS'", sorted(extra), [])

print(json.dumps({
    "volumes": volumes, "pictures": pictures, "orientations": len(orientations), "differences": differences}))
