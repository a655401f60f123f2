"""Writes NIfTI files of every kind with nibabel, and what nibabel reads back from them.

usage: nifti_reference.py FOLDER
For each file a line of index.tsv: name, size i j k, then beside it name.voxels (float64, i fastest),
name.affine (12 float64, rows), name.ras.voxels, name.ras.affine and name.ras.size.
"""
import os
import sys

import nibabel as nib
import numpy as np

folder = sys.argv[1]
rng = np.random.default_rng(7)
INTEGERS = [np.uint8, np.int8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]
TYPES = INTEGERS + [np.float32, np.float64]


def oblique(angles=(0.3, -0.2, 0.4), zooms=(1.2, 0.9, 3.0), perm=(0, 1, 2), flips=(1, 1, 1)):
    from scipy.spatial.transform import Rotation

    affine = np.eye(4)
    rotation = Rotation.from_euler("xyz", angles).as_matrix()[:, perm]
    affine[:3, :3] = rotation * np.array(flips) @ np.diag(zooms)
    affine[:3, 3] = [-12.5, 30.25, 7.75]
    return affine


def voxels(dtype, shape=(5, 4, 3)):
    if np.issubdtype(dtype, np.integer):
        info = np.iinfo(dtype)
        data = rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
        data.flat[0], data.flat[1] = info.min, info.max
        return data
    return rng.normal(0, 100, shape).astype(dtype)


def dump(name, image):
    if len(image.shape) > 3 and max(image.shape[3:]) == 1:
        image = nib.Nifti1Image(image.get_fdata().reshape(image.shape[:3]), image.affine)
    size = list(image.shape) + [1] * (3 - len(image.shape))
    base = os.path.join(folder, name)
    image.get_fdata(dtype=np.float64).ravel(order="F").tofile(base + ".voxels")
    np.ascontiguousarray(image.affine[:3], dtype=np.float64).tofile(base + ".affine")
    if len(image.shape) < 3:
        image = nib.Nifti1Image(image.get_fdata().reshape(size), image.affine)
    ras = nib.as_closest_canonical(image)
    ras.get_fdata(dtype=np.float64).ravel(order="F").tofile(base + ".ras.voxels")
    np.ascontiguousarray(ras.affine[:3], dtype=np.float64).tofile(base + ".ras.affine")
    np.array(ras.shape[:3], dtype=np.float64).tofile(base + ".ras.size")
    index.write("\t".join([name] + [str(s) for s in size]) + "\n")


def save(name, data, affine, header_edit=None, klass=nib.Nifti1Image, endian="<", codes=(1, 1), slope=None):
    header = klass.header_class(endianness=endian)
    header.set_data_dtype(data.dtype)
    image = klass(data, affine, header)
    image.set_qform(affine, codes[0])
    image.set_sform(affine, codes[1])
    if slope:
        # Stored voxels are kept as they are: nibabel's own writer would fit them to the slope.
        image.header.set_slope_inter(*slope)
        image = klass(StoredProxy(data, slope), image.affine, image.header)
        write_raw(name, data, image.header)
    else:
        image.header.set_slope_inter(1, 0)
        nib.save(image, os.path.join(folder, name))
    if header_edit:
        patch(name, header_edit)
    dump(name, nib.load(os.path.join(folder, name)))


class StoredProxy(np.lib.mixins.NDArrayOperatorsMixin):
    def __init__(self, data, slope):
        self.shape, self.dtype, self.ndim = data.shape, data.dtype, data.ndim
        self.data, self.slope = data, slope

    def __array__(self, dtype=None, copy=None):
        return self.data * self.slope[0] + self.slope[1]


def write_raw(name, data, header):
    header = header.copy()
    header.set_data_shape(data.shape)
    offset = 352 if header["sizeof_hdr"] == 348 else 544
    header["vox_offset"] = offset
    header["magic"] = header.single_magic
    content = header.binaryblock + b"\0" * 4
    content += data.astype(data.dtype.newbyteorder(header.endianness)).tobytes(order="F")
    path = os.path.join(folder, name)
    if name.endswith(".gz"):
        import gzip

        content = gzip.compress(content)
    with open(path, "wb") as file:
        file.write(content)


def patch(name, edit):
    path = os.path.join(folder, name)
    content = bytearray(open(path, "rb").read())
    header = nib.Nifti1Header(bytes(content[:348]), check=False)
    edit(header)
    content[:348] = header.binaryblock
    open(path, "wb").write(content)


def set_field(**fields):
    def edit(header):
        for key, value in fields.items():
            header[key] = value

    return edit


index = open(os.path.join(folder, "index.tsv"), "w")
kinds = [(nib.Nifti1Image, "n1", "nii"), (nib.Nifti2Image, "n2", "nii"), (nib.Nifti1Pair, "p1", "img"),
         (nib.Nifti2Pair, "p2", "img")]
for klass, tag, extension in kinds:
    for dtype in TYPES:
        for endian in "<>":
            name = f"{tag}-{np.dtype(dtype).name}-{'le' if endian == '<' else 'be'}.{extension}"
            save(name, voxels(dtype), oblique(), klass=klass, endian=endian)
    save(f"{tag}-packed.{extension}.gz", voxels(np.int16), oblique(), klass=klass)

for number, codes in enumerate([(0, 1), (1, 0), (0, 0), (2, 4)]):
    save(f"codes-{number}.nii", voxels(np.int16), oblique(flips=(-1, 1, 1)), codes=codes)
save("left-handed.nii", voxels(np.int16), oblique(flips=(1, 1, -1)), codes=(1, 0))
save("qfac-0.nii", voxels(np.int16), oblique(), codes=(1, 0),
     header_edit=lambda h: h["pixdim"].__setitem__(0, 0))
save("pixdim-negative.nii", voxels(np.int16), oblique(), codes=(1, 0),
     header_edit=lambda h: h["pixdim"].__setitem__(2, -0.9))
save("pixdim-zero.nii", voxels(np.int16), oblique(), codes=(0, 0),
     header_edit=lambda h: h["pixdim"].__setitem__(3, 0))
save("half-turn.nii", voxels(np.int16), np.diag([-1.0, -2.0, 3.0, 1.0]), codes=(1, 0))
sheared = oblique()
sheared[0, 1] += 0.4
save("sheared.nii", voxels(np.int16), sheared, codes=(0, 2))
for number, slope in enumerate([(0.0754, 0), (2.5, -1000.25), (-0.5, 3)]):
    for dtype in TYPES:
        name = f"slope-{number}-{np.dtype(dtype).name}.nii"
        save(name, voxels(dtype), oblique(), slope=slope, endian="<>"[number % 2])
save("slope-2.nii.gz", voxels(np.uint16), oblique(), slope=(0.25, 1), klass=nib.Nifti2Image)
save("slope-zero.nii", voxels(np.int16), oblique(), header_edit=set_field(scl_slope=0, scl_inter=5))
save("slope-nan.nii", voxels(np.int16), oblique(), header_edit=set_field(scl_slope=np.nan, scl_inter=np.nan))
save("one-volume-4d.nii", voxels(np.float32, (4, 3, 2, 1)), oblique())
save("two-dimensions.nii", voxels(np.float32, (6, 5)), oblique(), codes=(0, 0))
save("one-dimension.nii", voxels(np.float32, (6,)), oblique())
for number, angle in enumerate(np.linspace(0.1, 3.1, 31)):
    save(f"turned-{number}.nii.gz", voxels(np.uint8), oblique((angle, 1.3 * angle, -0.7 * angle)))
extended = nib.Nifti1Image(voxels(np.int16), oblique())
extended.header.extensions.append(nib.nifti1.Nifti1Extension("comment", b"x" * 100))
nib.save(extended, os.path.join(folder, "extended.nii.gz"))
dump("extended.nii.gz", nib.load(os.path.join(folder, "extended.nii.gz")))

data = os.path.join(os.path.dirname(nib.__file__), "tests", "data")
for name in ["anatomical.nii", "functional.nii", "example4d.nii.gz", "example_nifti2.nii.gz",
             "reoriented_anat_moved.nii", "resampled_anat_moved.nii", "standard.nii.gz"]:
    image = nib.load(os.path.join(data, name))
    target = os.path.join(folder, "nibabel-" + name)
    if not os.path.exists(target):
        os.symlink(os.path.join(data, name), target)
    if len(image.shape) > 3 and image.shape[3] > 1:
        with open(os.path.join(folder, "several.tsv"), "a") as several:
            several.write("nibabel-" + name + "\n")
    else:
        dump("nibabel-" + name, image)
index.close()
