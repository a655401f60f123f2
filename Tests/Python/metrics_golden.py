"""What the field's tools say of 200 pairs of masks: Tests/MetricsTests/Golden/metrics.json.

usage: metrics_golden.py [--check]     (Tests/Python/metrics-requirements.txt)

Each pair has a size, a spacing in mm, a tolerance in mm for surface Dice, two masks (base64 of packed bits, i fastest) and
the numbers of MONAI, DeepMind's surface-distance, medpy, nnunetv2, brats-evaluation and of BraTS 2023's rules as they are
written down here with NumPy and SciPy. null is NaN. Some pairs are pictures (one slice), for which the tools are given
2D arrays. With --check the file is compared, not written.
"""
import base64
import json
import math
import sys
import tempfile
import warnings
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas
import scipy.ndimage as ndimage

# surface-distance 0.1 was written for NumPy 1 and SciPy's old module names.
warnings.simplefilter("ignore")
import medpy.metric.binary as medpy
import monai.metrics as monai
import surface_distance.metrics as deepmind
import torch
from brats_evaluation import metrics_parser
from monai.metrics.calibration import calibration_binning
from nnunetv2.evaluation.evaluate_predictions import compute_metrics
from panoptica import Panoptica_Evaluator

deepmind.np = SimpleNamespace(**{**vars(np), "bool": bool, "Inf": np.inf, "NaN": np.nan})
deepmind.ndimage = SimpleNamespace(filters=ndimage, morphology=ndimage)
deepmind.lookup_tables.np = deepmind.np
# NumPy counts in its own integers since 2.3, so that 0 / 0.0 is NaN and no error: medpy's Dice of two empty masks.
medpy.numpy = SimpleNamespace(**{**vars(np), "count_nonzero": lambda mask: np.intp(np.count_nonzero(mask))})

GOLDEN = Path(__file__).parents[1] / "MetricsTests" / "Golden" / "metrics.json"
PAIRS = 200


# MARK: - The pairs


def blobs(random, size, count):
    """A union of ellipsoids with rough surfaces, anywhere in the grid, over its edges too."""
    place = np.stack(np.meshgrid(*[np.arange(n) for n in size], indexing="ij")).astype(float)
    mask = np.zeros(size, bool)
    for _ in range(count):
        centre = [random.uniform(-0.5, n - 0.5) for n in size]
        radii = [max(0.7, random.uniform(0.08, 0.35) * n) for n in size]
        distance = sum(((place[a] - centre[a]) / radii[a]) ** 2 for a in range(3))
        mask |= distance + random.normal(0, 0.12, size) < 1
    return mask


def moved(random, mask):
    """The mask as a network might see it: shifted, grown or shrunk, parts lost and parts invented."""
    out = np.roll(mask, random.integers(-2, 3, 3), axis=(0, 1, 2)) if random.random() < 0.7 else mask.copy()
    kind = random.integers(0, 4)
    if kind == 0:
        out = ndimage.binary_dilation(out)
    elif kind == 1 and out.sum() > 200:
        out = ndimage.binary_erosion(out)
    numbers, count = ndimage.label(out)
    for number in range(1, count + 1):
        if random.random() < 0.15:
            out[numbers == number] = False
    if random.random() < 0.4:
        out |= blobs(random, mask.shape, 1)
    if random.random() < 0.3:
        out |= random.random(mask.shape) < 0.004
    return out


def special(index, size):
    """The pairs that no random one is."""
    empty, full = np.zeros(size, bool), np.ones(size, bool)
    one, other, corner = empty.copy(), empty.copy(), empty.copy()
    one[tuple(n // 2 for n in size)] = True
    other[tuple(n // 3 for n in size)] = True
    corner[0, 0, 0] = True
    slab = empty.copy()
    slab[: size[0] // 2] = True
    two = one | corner
    pairs = [
        (empty, empty), (full, empty), (empty, full), (full, full), (one, empty), (empty, one), (one, one),
        (one, other), (corner, corner), (corner, one), (one, full), (full, one), (slab, ~slab), (slab, full),
        (two, one), (one, two), (slab, slab), (two, full), (~one, full), (full, ~corner),
    ]
    return pairs[index] if index < len(pairs) else None


def pair(index):
    random = np.random.default_rng([5, index])
    is_picture = index % 8 == 7
    size = tuple(int(n) for n in random.integers(6, 22, 3))
    if is_picture:
        size = size[:2] + (1,)
    spacing = [(1.0, 1.0, 1.0), (3.0, 1.0, 1.0), (0.7, 0.7, 5.0), (1.0, 1.0, 1.0)][index % 4]
    if index % 5 == 4:
        spacing = tuple(round(float(s), 3) for s in np.exp(random.normal(0, 0.6, 3)))
    tolerance = [1.0, 2.0, 0.5, 3.0][index % 3]
    found = special(index // 2, size) if index < 40 else None
    if found is None:
        reference = blobs(random, size, int(random.integers(1, 5)))
        prediction = moved(random, reference)
        if index % 17 == 0:
            prediction[:] = False
        if index % 23 == 0:
            reference[:] = False
    else:
        prediction, reference = found
    return prediction, reference, spacing, tolerance


# MARK: - The tools


def ratio(number):
    number = float(number)
    return None if math.isnan(number) else number


def of_monai(p, r, spacing, tolerance):
    def batch(mask):
        return torch.tensor(mask[None, None])

    def distance(function, one, other, **kwargs):
        return function(batch(one), batch(other), include_background=True, spacing=list(spacing), **kwargs)

    matrix = monai.get_confusion_matrix(batch(p).int(), batch(r).int())
    hausdorff, average = monai.compute_hausdorff_distance, monai.compute_average_surface_distance
    volume = math.prod(spacing)
    return {
        "dice": monai.compute_dice(batch(p), batch(r)),
        "jaccard": monai.compute_iou(batch(p).int(), batch(r).int()),
        "precision": monai.compute_confusion_matrix_metric("precision", matrix),
        "sensitivity": monai.compute_confusion_matrix_metric("sensitivity", matrix),
        "specificity": monai.compute_confusion_matrix_metric("specificity", matrix),
        "volume_difference_mm3": monai.absolute_volume_difference.compute_absolute_volume_difference(
            batch(p).int(), batch(r).int()).double() * volume,
        "hd95_mm": distance(hausdorff, p, r, percentile=95),
        "hd_mm": distance(hausdorff, p, r),
        "asd_mm": distance(average, p, r),
        "asd_from_reference_mm": distance(average, r, p),
        "assd_mm": distance(average, p, r, symmetric=True),
        "surface_dice": distance(monai.compute_surface_dice, p, r, class_thresholds=[tolerance]),
    }


def of_deepmind(p, r, spacing, tolerance):
    found = deepmind.compute_surface_distances(r, p, spacing)
    from_reference, from_prediction = deepmind.compute_average_surface_distance(found)
    return {
        "dice": deepmind.compute_dice_coefficient(r, p),
        "hd95_mm": deepmind.compute_robust_hausdorff(found, 95),
        "hd_mm": deepmind.compute_robust_hausdorff(found, 100),
        "asd_mm": from_prediction,
        "asd_from_reference_mm": from_reference,
        "surface_dice": deepmind.compute_surface_dice_at_tolerance(found, tolerance),
    }


def of_medpy(p, r, spacing, tolerance):
    def attempt(function, *arguments):
        try:
            return function(*arguments)
        except RuntimeError:
            return math.nan

    return {
        "dice": medpy.dc(p, r),
        "jaccard": medpy.jc(p, r),
        "precision": medpy.precision(p, r),
        "sensitivity": medpy.sensitivity(p, r),
        "specificity": medpy.specificity(p, r),
        "relative_volume_difference": attempt(medpy.ravd, p, r),
        "hd95_mm": attempt(medpy.hd95, p, r, spacing),
        "hd_mm": attempt(medpy.hd, p, r, spacing),
        "asd_mm": attempt(medpy.asd, p, r, spacing),
        "asd_from_reference_mm": attempt(medpy.asd, r, p, spacing),
        "assd_mm": attempt(medpy.assd, p, r, spacing),
    }


def of_nnunet(p, r, spacing, tolerance):
    masks = {"p": p.astype(np.uint8), "r": r.astype(np.uint8)}
    reader = SimpleNamespace(read_seg=lambda name: (masks[name], {}))
    found = compute_metrics("r", "p", reader, [1])["metrics"][1]
    return {"dice": found["Dice"], "jaccard": found["IoU"]}


PANOPTICA = Panoptica_Evaluator.load_from_config(
    str(files("brats_evaluation").joinpath("configs", "config_MenRT.yaml")))


def of_brats2025(p, r, spacing, tolerance):
    """brats-evaluation's two steps, for metastases and for the other tumours, with the region of its meningioma file."""
    # i fastest, as scans come from files: components are numbered in this order.
    found = PANOPTICA.evaluate(
        np.asfortranarray(p, np.uint8), np.asfortranarray(r, np.uint8), voxelspacing=spacing, verbose=False)["gtv"].to_dict(True)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "scores.json").write_text(json.dumps(
            {"metrics": [{"subject_name": "one", "gtv": json.loads(json.dumps(found, default=float))}]}))
        metrics_parser.print = lambda *_: None
        metrics_parser.parse_seg_results(f"{folder}/scores.json", f"{folder}/seg.csv")
        metrics_parser.parse_mets_results(f"{folder}/scores.json", 20.0, 0.1, f"{folder}/mets.csv")
        seg, mets = (pandas.read_csv(f"{folder}/{name}.csv").iloc[0] for name in ("seg", "mets"))

    def lesions(row):
        return {
            "lesion_dice": row["lesionwise_dsc_mean_gtv"],
            "lesion_hd95_mm": row["lesionwise_hd95_mean_gtv"],
            "lesion_surface_dice": row["lesionwise_nsd_mean_gtv"],
            "lesion_tp": row["all_instance_tp_gtv"],
            "lesion_fp": row["all_instance_fp_gtv"],
            "lesion_fn": row["all_instance_fn_gtv"],
        }

    whole = {
        "dice": seg["global_dsc_gtv"], "hd95_mm": seg["global_hd95_gtv"],
        "surface_dice": seg["global_nsd_gtv"],
    }
    return {"glioma": {**whole, **lesions(seg)}, "metastases": {**whole, **lesions(mets)}}


# MARK: - BraTS 2023's rules, written from their description


def hausdorff95(p, r, spacing):
    return deepmind.compute_robust_hausdorff(deepmind.compute_surface_distances(r, p, spacing), 95)


def brats2023(p, r, spacing, dilations, ignored):
    edges = ndimage.generate_binary_structure(p.ndim, min(2, p.ndim))
    corners = ndimage.generate_binary_structure(p.ndim, p.ndim)
    voxel = math.prod(spacing)
    empty = not p.any() and not r.any()
    true, wrong, lost = (p & r).sum(), (p & ~r).sum(), (~p & r).sum()
    negative = (~p & ~r).sum()
    tiny = np.finfo(float).eps
    whole = 0.0 if empty else hausdorff95(p, r, spacing)
    parts, part_count = ndimage.label(p, corners)
    merged, lesion_count = ndimage.label(ndimage.binary_dilation(r, edges, dilations), corners)
    matched, dices, distances, found, missed = set(), [], [], 0, 0
    for number in range(1, lesion_count + 1):
        lesion = r & (merged == number)
        near = ndimage.binary_dilation(lesion, edges, dilations)
        own = set(np.unique(parts[near])) - {0}
        matched |= own
        if lesion.sum() * voxel <= ignored:
            continue
        union = np.isin(parts, list(own))
        found, missed = found + (len(own) > 0), missed + (len(own) == 0)
        dices.append(2 * (union & lesion).sum() / (union.sum() + lesion.sum()))
        distances.append(min(374, hausdorff95(union, lesion, spacing)) if own else 374)
    invented = part_count - len(matched)
    all_lesions = len(dices) + invented
    return {
        "dice": 1 if empty else 2 * true / (p.sum() + r.sum()),
        "hd95_mm": 374 if math.isinf(whole) else whole,
        "sensitivity": 1 if empty else true / (true + lost + tiny),
        "specificity": negative / (negative + wrong + tiny),
        "lesion_dice": sum(dices) / all_lesions if all_lesions else 1,
        "lesion_hd95_mm": (sum(distances) + 374 * invented) / all_lesions if all_lesions else 0,
        "lesion_tp": found, "lesion_fp": invented, "lesion_fn": missed,
    }


# MARK: - The file


def packed(mask):
    return base64.b64encode(np.packbits(mask.ravel(order="F"), bitorder="little").tobytes()).decode()


def numbers(found):
    def plain(value):
        value = float(value.item() if torch.is_tensor(value) else value)
        return None if math.isnan(value) else "inf" if math.isinf(value) else float(f"{value:.9g}")

    return {name: plain(value) for name, value in found.items()}


def record(index):
    p, r, spacing, tolerance = pair(index)
    size = p.shape
    result = {
        "size": list(size), "spacing": list(spacing), "tolerance": tolerance, "prediction": packed(p),
        "reference": packed(r),
    }
    if size[2] == 1:
        p, r, spacing = p[..., 0], r[..., 0], spacing[:2]
    of_2025 = of_brats2025(p, r, spacing, tolerance)
    # A picture's volume is its voxels times all three sizes; the tools know two.
    thick = result["spacing"][2] if size[2] == 1 else 1.0
    of_2023 = {
        "glioma": brats2023(p, r, spacing, 3, 50 / thick), "meningioma": brats2023(p, r, spacing, 1, 50 / thick),
        "metastases": brats2023(p, r, spacing, 1, 2 / thick),
    }
    found_monai = of_monai(p, r, spacing, tolerance)
    found_monai["volume_difference_mm3"] = found_monai["volume_difference_mm3"] * thick
    result["scores"] = {
        "monai": numbers(found_monai),
        "deepmind": numbers(of_deepmind(p, r, spacing, tolerance)),
        "medpy": numbers(of_medpy(p, r, spacing, tolerance)),
        "nnunet": numbers(of_nnunet(p, r, spacing, tolerance)),
        **{f"brats2023 {name}": numbers(found) for name, found in of_2023.items()},
        "brats2025 glioma": numbers(of_2025["glioma"]),
        **({} if size[2] == 1 else {"brats2025 metastases": numbers(of_2025["metastases"])}),
    }
    return result


def calibration(seed):
    """Probabilities in 4096ths, what the reference says, and MONAI's three calibration errors in 20 bins."""
    random = np.random.default_rng([7, seed])
    steps = random.integers(0, 4097, 600)
    steps[:9] = [0, 4096, 2048, 1024, 3072, 1, 4095, 205, 410]
    reference = (random.random(600) < (steps / 4096) ** (1 + seed)).astype(np.uint8)
    p, r = torch.tensor(steps / 4096).float()[None, None], torch.tensor(reference).float()[None, None]
    mean, share, counts = (value[0, 0].numpy() for value in calibration_binning(p, r, num_bins=20))
    errors, full = np.abs(mean - share), counts > 0
    found = {
        "expected": (errors[full] * counts[full]).sum() / counts.sum(), "average": errors[full].mean(),
        "maximum": errors[full].max(),
    }
    for name in found:
        metric = monai.CalibrationErrorMetric(num_bins=20, calibration_reduction=name)
        metric(p, r)
        assert abs(float(metric.aggregate()) - found[name]) < 1e-5, name
    return {"steps": steps.tolist(), "reference": reference.tolist(), **numbers(found)}


def areas():
    """DeepMind's table of surface elements at one spacing."""
    return [float(f"{a:.12g}") for a in deepmind.lookup_tables.create_table_neighbour_code_to_surface_area((0.7, 1.3, 2.9))]


def document():
    return {
        "pairs": [record(index) for index in range(PAIRS)],
        "calibration": [calibration(seed) for seed in range(3)],
        "areas": areas(),
    }


def differences(old, new, path=""):
    if isinstance(new, dict):
        for key in sorted(set(old) | set(new)):
            yield from differences(old.get(key), new.get(key), f"{path}/{key}")
    elif isinstance(new, list):
        for index, (a, b) in enumerate(zip(old, new, strict=True)):
            yield from differences(a, b, f"{path}/{index}")
    elif isinstance(new, float) and isinstance(old, (int, float)):
        if abs(old - new) > 1e-5 * max(1, abs(old)):
            yield f"{path}: {old} in the file, {new} now"
    elif old != new:
        yield f"{path}: {old} in the file, {new} now"


if __name__ == "__main__":
    new = document()
    if "--check" in sys.argv:
        found = list(differences(json.loads(GOLDEN.read_text()), new))
        print("\n".join(found[:20]) or "equal")
        sys.exit(1 if found else 0)
    lines = ",\n".join(json.dumps(record, separators=(",", ":")) for record in new["pairs"])
    rest = json.dumps({k: v for k, v in new.items() if k != "pairs"}, separators=(",", ":"))
    GOLDEN.write_text('{"pairs":[\n' + lines + "\n]," + rest[1:] + "\n")
