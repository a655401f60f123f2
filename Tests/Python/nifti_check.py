"""Compares files that segfed wrote with what they should hold.

usage: nifti_check.py FOLDER
Reads FOLDER/expected.tsv (name, version, data type, byte order, qform code, sform code, tolerance),
name.voxels (float64, i fastest) and name.affine (12 float64); fails with a message at the first difference.
"""
import os
import sys

import nibabel as nib
import numpy as np

folder = sys.argv[1]
count = 0
for line in open(os.path.join(folder, "expected.tsv")):
    name, version, dtype, order, qform, sform, tolerance = line.rstrip("\n").split("\t")
    image = nib.load(os.path.join(folder, name))
    header = image.header
    expected = np.fromfile(os.path.join(folder, name + ".voxels")).reshape(image.shape, order="F")
    affine = np.fromfile(os.path.join(folder, name + ".affine")).reshape(3, 4)
    assert type(image) is (nib.Nifti1Image if version == "1" else nib.Nifti2Image), (name, type(image))
    assert header.get_data_dtype().newbyteorder("=").name == dtype, (name, header.get_data_dtype())
    assert header.endianness == order, (name, header.endianness)
    assert (int(header["qform_code"]), int(header["sform_code"])) == (int(qform), int(sform)), name
    assert np.abs(image.get_fdata() - expected).max() <= float(tolerance), (
        name, np.abs(image.get_fdata() - expected).max())
    if int(qform):
        assert np.abs(header.get_qform()[:3] - affine).max() < 2e-5, (name, "qform", header.get_qform())
    if int(sform):
        assert np.abs(header.get_sform()[:3] - affine).max() < 1e-5, (name, "sform", header.get_sform())
    if not int(qform) and not int(sform):
        assert np.allclose(header.get_zooms()[:3], np.linalg.norm(affine[:, :3], axis=0), atol=1e-5), name
    assert not list(header.extensions), name
    count += 1
print(count)
