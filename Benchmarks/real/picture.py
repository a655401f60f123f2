"""Draws slices of each head, and the test tiles, with reference and prediction outlined; prints Dice for each.

picture.py FOLDER PICTURE: FOLDER is what run.sh filled. Dice is computed here from the files alone, as a check of
segfed's own: an image written in another grid or orientation than its reference would fail here.
"""
import csv
import sys
from pathlib import Path

import nibabel
import numpy as np
from PIL import Image, ImageDraw

SIDE = 176
LABEL = 16
REFERENCE, PREDICTION = (0, 210, 90), (255, 120, 0)


def dice(reference, prediction):
    total = reference.sum() + prediction.sum()
    return 2 * (reference & prediction).sum() / total if total else 1.0


def outline(mask):
    """Pixels of the mask with a neighbour outside it."""
    padded = np.pad(mask, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inner


def panel(grey, reference, prediction, millimetres):
    """A square panel: the picture scaled to fit, outlines drawn after scaling so that they stay thin."""
    scale = SIDE / max(extent * step for extent, step in zip(grey.shape, millimetres))
    size = tuple(round(extent * step * scale) for extent, step in zip(grey.shape, millimetres))[::-1]
    picture = np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BILINEAR).convert("RGB")).copy()
    for mask, colour in ((reference, REFERENCE), (prediction, PREDICTION)):
        scaled = np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).resize(size, Image.Resampling.BILINEAR))
        picture[outline(scaled > 127)] = colour
    square = Image.new("RGB", (SIDE, SIDE))
    square.paste(Image.fromarray(picture), ((SIDE - size[0]) // 2, (SIDE - size[1]) // 2))
    return square


def grey_levels(values):
    top = np.percentile(values, 99.7)
    return (np.clip(values / top, 0, 1) * 255).astype(np.uint8)


def row(text, panels, width):
    strip = Image.new("RGB", (SIDE * width, SIDE + LABEL))
    ImageDraw.Draw(strip).text((4, 2), text, fill=(255, 255, 255))
    for index, one in enumerate(panels):
        strip.paste(one, (index * SIDE, LABEL))
    return strip


def volume(path):
    image = nibabel.as_closest_canonical(nibabel.load(path))
    return np.asarray(image.dataobj).reshape(image.shape[:3]), image


def head_rows(folder):
    for scan in sorted(folder.glob("heads/*/*/*_t1.nii.gz")):
        site, case = scan.parts[-3], scan.parts[-2]
        values, image = volume(scan)
        reference, _ = volume(scan.with_name(f"{case}_seg.nii.gz"))
        prediction, written = volume(folder / "predictions/heads" / site / case / f"{case}_seg.nii.gz")
        if prediction.shape != values.shape or not np.allclose(written.affine, image.affine, atol=1e-4):
            sys.exit(f"{site}/{case}: the prediction lies in another grid than the scan")
        reference, prediction = reference > 0, prediction > 0
        score = dice(reference, prediction)
        print(f"{site}/{case}: brain Dice {score:.4f}, predicted by a model that never saw {site}")
        grey = grey_levels(values)
        steps = image.header.get_zooms()[:3]
        panels = []
        for axis in range(3):
            middle = round(np.argwhere(reference)[:, axis].mean())
            cut = [np.rot90(np.take(part, middle, axis)) for part in (grey, reference, prediction)]
            across = [step for index, step in enumerate(steps) if index != axis]
            panels.append(panel(*cut, across[::-1]))
        yield row(f"{site}/{case}  Dice {score:.3f}", panels, 3)


def nuclei_row(folder):
    panels, scores = [], []
    for table in sorted(folder.glob("nuclei-run/sites/*/metrics.csv")):
        site = table.parent.name
        for record in csv.DictReader(table.open()):
            case = record["case"]
            source = folder / "nuclei" / site / case
            grey = np.asarray(Image.open(source / f"{case}_fluorescence.png"))
            reference = np.asarray(Image.open(source / f"{case}_seg.png")) > 0
            written = folder / "predictions/nuclei" / site / case / f"{case}_seg.png"
            prediction = np.asarray(Image.open(written)) > 0
            scores.append(dice(reference, prediction))
            print(f"{site}/{case}: nuclei Dice {scores[-1]:.4f}, a test tile")
            panels.append(panel(grey_levels(grey), reference, prediction, (1, 1)))
    mean = sum(scores) / len(scores)
    print(f"nuclei: mean over {len(scores)} test tiles {mean:.4f}")
    return row(f"nuclei, 3 of {len(scores)} test tiles  mean Dice {mean:.3f}", panels[:3], 3)


def main():
    folder, target = Path(sys.argv[1]), Path(sys.argv[2])
    rows = [*head_rows(folder), nuclei_row(folder)]
    legend = Image.new("RGB", (SIDE * 3, LABEL))
    draw = ImageDraw.Draw(legend)
    draw.text((4, 2), "reference", fill=REFERENCE)
    draw.text((80, 2), "prediction", fill=PREDICTION)
    # Two rows side by side.
    rows += [Image.new("RGB", rows[0].size)] * (len(rows) % 2)
    lines = len(rows) // 2
    sheet = Image.new("RGB", (SIDE * 6, LABEL + lines * (SIDE + LABEL)))
    sheet.paste(legend, (0, 0))
    for index, one in enumerate(rows):
        sheet.paste(one, (index % 2 * SIDE * 3, LABEL + index // 2 * (SIDE + LABEL)))
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet.quantize(96).save(target, optimize=True)
    print(f"{target}: {target.stat().st_size // 1000} kB")


main()
