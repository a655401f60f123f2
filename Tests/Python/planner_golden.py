"""What nnU-Net's own planners make of made-up fingerprints: Tests/PlanningTests/Golden/nnunet_plans.json.

usage: planner_golden.py [--check]     (nnunetv2==2.8.1, torch==2.15.0)

A fingerprint is a list of cases (spacing in mm and size after cropping, both z, y, x as nnU-Net has them), repeated where
the number of cases matters. ExperimentPlanner and ResEncUNetPlanner plan for it within several budgets; no image is needed.
With --check the file is compared, not written.
"""
import contextlib
import io
import json
import os
import sys
import tempfile
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "PlanningTests" / "Golden" / "nnunet_plans.json"


def varied(spacing, size, changes):
    """Cases around a typical one: factors of spacing and size (z, y, x) for each."""
    cases = []
    for spacings, sizes in changes:
        cases.append({
            "spacing": [round(s * f, 3) for s, f in zip(spacing, spacings)],
            "size": [max(1, round(n * f)) for n, f in zip(size, sizes)],
        })
    return cases


SAME = (1, 1, 1)
# name: channels, labels with background, median relative size after cropping, repeats, cases
DATASETS = {
    "brats": (4, 4, 0.35, 139, varied(SAME, (140, 171, 137), [
        (SAME, f) for f in [(1, 1, 1), (.96, 1.02, 1.01), (1.03, .97, .98), (.99, 1.01, .95), (1.05, 1.03, 1.02),
                            (.93, .95, .96), (1.01, 1, 1.04), (.98, .99, 1), (1.02, 1.04, .97)]])),
    "prostate": (2, 3, 1.0, 1, varied((3.0, .6, .6), (20, 320, 320), [
        ((1, 1, 1), (1, 1, 1))] * 17 + [((1.2, 1.042, 1.042), (.95, .9, .9))] * 10 + [
        ((1.333, 1.25, 1.25), (.75, .8, .8))] * 5)),
    "cardiac": (1, 4, 1.0, 2, varied((10.0, 1.5625, 1.5625), (9, 256, 216), [
        ((1, 1, 1), (1, 1, 1))] * 60 + [((.5, .9, .9), (1.8, 1, 1))] * 22 + [((1, .87, .87), (1.1, .94, 1.03))] * 19)),
    "abdomen": (1, 14, 1.0, 1, varied((3.0, .76, .76), (140, 512, 512), [
        (SAME, SAME), ((.833, .95, .95), (1.2, 1, 1)), ((1.667, 1.08, 1.08), (.65, 1, 1)), ((1, 1.2, 1.2), (.9, 1, 1)),
        ((1, .86, .86), (1.05, 1, 1)), ((1.667, 1, 1), (.6, 1, 1)), ((.833, 1.1, 1.1), (1.3, 1, 1))] * 5)),
    "pictures": (3, 2, 1.0, 1, varied((999.0, 1, 1), (1, 512, 640), [
        (SAME, SAME), (SAME, (1, 1.2, 1)), (SAME, (1, .8, .9))] * 12)),
    "hippocampus": (1, 3, 1.0, 1, varied(SAME, (35, 50, 36), [
        (SAME, SAME), (SAME, (1.03, 1.02, .97)), (SAME, (.97, 1, 1.03))] * 86)),
    "sagittal": (1, 2, 1.0, 1, varied((.7, .7, 3.5), (256, 256, 30), [
        (SAME, SAME), (SAME, (.9, .95, 1.1)), ((1.2, 1.2, 1), (1, 1, .9))] * 9)),
    "cube": (1, 2, 1.0, 1, varied(SAME, (200, 200, 200), [(SAME, SAME)] * 40)),
    "even": (4, 4, 0.5, 1, varied((2.4, 3.0, 3.0), (50, 47, 60), [(SAME, SAME), ((2.083, .8, .8), (.5, 1.2, 1.3))] * 20)),
}
BUDGETS = [2.0, 8.0, 24.0]


def fingerprint(relative, repeats, cases):
    return {
        "spacings": [c["spacing"] for c in cases] * repeats,
        "shapes_after_crop": [c["size"] for c in cases] * repeats,
        "median_relative_size_after_cropping": relative,
        "foreground_intensity_properties_per_channel": {},
    }


def prepare(root, name, number, channels, labels, relative, repeats, cases):
    dataset = f"Dataset{number:03d}_{name}"
    raw, preprocessed = Path(root, "raw", dataset), Path(root, "preprocessed", dataset)
    raw.mkdir(parents=True)
    preprocessed.mkdir(parents=True)
    description = {
        "channel_names": {str(i): f"contrast {i}" for i in range(channels)},
        "labels": {"background": 0} | {f"label {i}": i for i in range(1, labels)},
        "numTraining": repeats * len(cases), "file_ending": ".nii.gz",
        "dataset": {"case": {"images": ["case_0000.nii.gz"], "label": "case.nii.gz"}},
        "overwrite_image_reader_writer": "SimpleITKIO",
    }
    (raw / "dataset.json").write_text(json.dumps(description))
    (preprocessed / "dataset_fingerprint.json").write_text(json.dumps(fingerprint(relative, repeats, cases)))
    return dataset


def configuration(plan, planner, description):
    """The parts of a configuration that segfed's planner decides too, and nnU-Net's estimate of its feature maps."""
    architecture = plan["architecture"]
    kwargs = architecture["arch_kwargs"]
    estimate = planner.static_estimate_VRAM_usage(
        plan["patch_size"], len(description["channel_names"]), len(description["labels"]),
        architecture["network_class_name"], kwargs, architecture["_kw_requires_import"])
    return {
        "spacing": [float(s) for s in plan["spacing"]],
        "median_size": [float(n) for n in plan["median_image_size_in_voxels"]],
        "patch": [int(n) for n in plan["patch_size"]], "batch": int(plan["batch_size"]),
        "widths": list(kwargs["features_per_stage"]), "strides": [list(s) for s in kwargs["strides"]],
        "kernels": [list(k) for k in kwargs["kernel_sizes"]],
        "blocks": list(kwargs.get("n_blocks_per_stage", kwargs.get("n_conv_per_stage"))),
        "decoder_convolutions": list(kwargs["n_conv_per_stage_decoder"]),
        "batch_dice": plan["batch_dice"], "uses_mask": plan["use_mask_for_norm"], "estimate": int(estimate),
    }


def planned():
    import torch
    from nnunetv2.experiment_planning.experiment_planners import default_experiment_planner as default
    from nnunetv2.experiment_planning.experiment_planners.residual_unets import residual_encoder_unet_planners as residual

    # Only shapes are asked of the networks that the planners build: no weights need to be drawn for that.
    original = default.ExperimentPlanner.static_estimate_VRAM_usage

    def estimate(*args):
        with torch.device("meta"):
            return original(*args)

    default.ExperimentPlanner.static_estimate_VRAM_usage = staticmethod(estimate)
    root = os.environ["SEGFED_PLANNER_ROOT"]
    result = {}
    for number, (name, (channels, labels, relative, repeats, cases)) in enumerate(DATASETS.items(), 1):
        dataset = prepare(root, name, number, channels, labels, relative, repeats, cases)
        plans = []
        for encoder, planner_class in [
                ("plain", default.ExperimentPlanner), ("residual", residual.ResEncUNetPlanner)]:
            for budget in BUDGETS:
                # A name of its own: what an earlier plan of the same name held would be kept.
                planner = planner_class(
                    dataset, gpu_memory_target_in_gb=budget, plans_name=f"{encoder}-{budget}")
                with contextlib.redirect_stdout(io.StringIO()):
                    found = planner.plan_experiment()
                configurations = found["configurations"]
                plans.append({
                    "encoder": encoder, "budget": budget, "transpose": found["transpose_forward"],
                    "has_low_resolution": "3d_lowres" in configurations,
                } | {key: configuration(configurations[key], planner, planner.dataset_json)
                     for key in ("2d", "3d_fullres") if key in configurations})
        result[name] = {
            "channels": channels, "labels": labels, "relative_size": relative, "repeats": repeats, "cases": cases,
            "plans": plans,
        }
    return result


def main():
    with tempfile.TemporaryDirectory() as root:
        os.environ["SEGFED_PLANNER_ROOT"] = root
        # nnU-Net reads these when it is imported.
        for key in ("raw", "preprocessed", "results"):
            os.environ["nnUNet_" + key] = str(Path(root, key))
            Path(root, key).mkdir()
        import torch
        from importlib.metadata import version
        found = {
            "made_by": {"script": "Tests/Python/planner_golden.py", "nnunetv2": version("nnunetv2"),
                        "torch": torch.__version__},
            "datasets": planned(),
        }
    if "--check" not in sys.argv:
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(found, separators=(",", ":")) + "\n")
        print(f"wrote {GOLDEN}")
        return
    known = json.loads(GOLDEN.read_text())
    wrong = [name for name in found["datasets"] | known["datasets"]
             if json.loads(json.dumps(found["datasets"].get(name))) != known["datasets"].get(name)]
    if wrong:
        sys.exit(f"{GOLDEN}: nnU-Net plans otherwise for {', '.join(wrong)}")
    print(f"{GOLDEN}: nnU-Net plans the same for {len(known['datasets'])} fingerprints")


if __name__ == "__main__":
    main()
