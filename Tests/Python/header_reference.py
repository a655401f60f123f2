"""Files whose headers hold what an audit looks for, and a check of the copies without text.

usage: header_reference.py forms FOLDER    writes NIfTI files; prints a line each, tab-separated: name, orientation
                                           (nibabel.aff2axcodes), shear in degrees, degrees between qform and sform
                                           ("mirrored" for mirror images), farthest corner shift in mm
       header_reference.py text FOLDER     writes NIfTI and PNG files with text; prints name, field and length of each
       header_reference.py check A B       fails unless every file of B shows what A's of that name shows, without text
       header_reference.py hash SIZE ...   XXH64 of float32 scans of the sizes (X,Y,Z) on standard input, one after the
                                           other, as Volume.contentHash seeds it; prints one a line
"""
import gzip
import itertools
import os
import sys

import nibabel as nib
import numpy as np
import xxhash
from PIL import Image, PngImagePlugin
from scipy.spatial.transform import Rotation

SECRET = "MUSTERMANN^ERIKA"


def forms(folder):
    rng = np.random.default_rng(4)
    shape = (9, 7, 5)
    corners = np.array(list(itertools.product(*[(0, n - 1) for n in shape])))
    for index in range(24):
        zooms = rng.uniform(0.7, 4, 3)
        turn = Rotation.random(random_state=rng)
        mirror = np.diag([1, 1, -1]) if index % 3 == 0 else np.eye(3)
        sform = np.eye(4)
        sform[:3, :3] = turn.as_matrix() @ mirror @ np.diag(zooms)
        sform[:3, 3] = rng.uniform(-90, 90, 3)
        if index % 4 == 1:
            sform[:3, :3] = sform[:3, :3] @ np.array([[1, rng.uniform(0.02, 0.3), 0], [0, 1, 0], [0, 0, 1]])
        apart = Rotation.from_rotvec(rng.uniform(-1, 1, 3) * [0, 0.1, 1.5][index % 3])
        qmirror = mirror @ np.diag([1, 1, -1]) if index % 5 == 2 else mirror
        qform = sform.copy()
        qform[:3, :3] = apart.as_matrix() @ turn.as_matrix() @ qmirror @ np.diag(zooms)
        qform[:3, 3] += [0, 2, 5][index % 3]
        image = nib.Nifti1Image(rng.integers(0, 99, shape).astype(np.int16), sform)
        image.set_sform(sform, 1)
        image.set_qform(qform, 1)
        name = f"forms-{index}.nii.gz"
        nib.save(image, os.path.join(folder, name))
        header = nib.load(os.path.join(folder, name)).header
        q, s = header.get_qform(), header.get_sform()
        unit = s[:3, :3] / np.linalg.norm(s[:3, :3], axis=0)
        cosines = np.abs(unit.T @ unit)[np.triu_indices(3, 1)]
        shift = np.linalg.norm(nib.affines.apply_affine(q, corners) - nib.affines.apply_affine(s, corners), axis=1)

        def rotation(affine):
            p, _, r = np.linalg.svd(affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0))
            return p @ r

        between = rotation(q).T @ rotation(s)
        angle = "mirrored" if np.linalg.det(between) < 0 else np.degrees(Rotation.from_matrix(between).magnitude())
        print(name, "".join(nib.aff2axcodes(s)), np.degrees(np.arcsin(cosines.max())), angle, shift.max(), sep="\t")


def text(folder):
    rng = np.random.default_rng(5)
    data = rng.integers(0, 2000, (6, 5, 4)).astype(np.int16)
    affine = np.diag([1.5, 2, 3, 1]) + np.eye(4, k=3) * 7

    def fill(header, fields):
        for field, value in fields.items():
            header[field] = value
            print(name, field, len(value), sep="\t")

    for version, order, suffix in itertools.product((1, 2), "<>", (".nii", ".nii.gz", ".hdr")):
        name = f"v{version}{'le' if order == '<' else 'be'}{suffix}"
        kind = {1: nib.Nifti1Image, 2: nib.Nifti2Image}[version]
        if suffix == ".hdr":
            kind = {1: nib.Nifti1Pair, 2: nib.Nifti2Pair}[version]
        image = kind(data, affine, kind.header_class(endianness=order))
        image.set_data_dtype(np.int16)
        image.header.set_slope_inter(0.5, 3)
        fields = {"descrip": SECRET.encode(), "aux_file": b"erika.txt", "intent_name": b"Erika"}
        if version == 1:
            fields["db_name"] = b"Mustermann"
        fill(image.header, fields)
        if suffix != ".hdr":
            content = ("Patient " + SECRET).encode()
            image.header.extensions.append(nib.nifti1.Nifti1Extension(6, content))
            print(name, "extension 6", (len(content) + 8 + 15) // 16 * 16 - 8, sep="\t")
        nib.save(image, os.path.join(folder, name))
    name = "wrapped.nii.gz"
    plain = nib.Nifti1Image(data, affine).to_bytes()
    with open(os.path.join(folder, name), "wb") as file:
        with gzip.GzipFile("erika-mustermann.nii", "wb", fileobj=file) as wrapper:
            wrapper.write(plain + SECRET.encode())
    print(name, "gzip file name", len("erika-mustermann.nii"), sep="\t")
    print(name, "bytes after the voxels", len(SECRET), sep="\t")
    name = "picture.png"
    info = PngImagePlugin.PngInfo()
    info.add_text("Patient", SECRET)
    info.add_itxt("Comment", SECRET)
    info.add_text("Long", SECRET * 200, zip=True)
    palette = Image.fromarray(rng.integers(0, 200, (12, 17)).astype(np.uint8)).convert("P")
    palette.save(os.path.join(folder, name), pnginfo=info, transparency=3, gamma=0.45)
    print(name, "tEXt", len("Patient") + 1 + len(SECRET), sep="\t")
    print(name, "iTXt", len("Comment") + 5 + len(SECRET), sep="\t")
    print(name, "zTXt", "*", sep="\t")


def check(original, copy):
    names = sorted(name for name in os.listdir(original) if not name.endswith(".img"))
    for name in names:
        a, b = os.path.join(original, name), os.path.join(copy, name)
        content = open(b, "rb").read()
        inflated = gzip.decompress(content) if name.endswith(".gz") else content
        for word in (b"rika", b"ustermann", b"MUSTER"):
            assert word not in content and word not in inflated, (name, word)
        if name.endswith(".png"):
            x, y = Image.open(a), Image.open(b)
            assert (x.mode, x.size, x.getpalette()) == (y.mode, y.size, y.getpalette()), name
            assert np.array_equal(np.asarray(x), np.asarray(y)) and y.info.get("transparency") == 3, name
            assert not getattr(y, "text", {}), name
            continue
        x, y = nib.load(a), nib.load(b)
        assert np.array_equal(x.dataobj.get_unscaled(), y.dataobj.get_unscaled()), name
        assert np.array_equal(x.get_fdata(), y.get_fdata()) and np.array_equal(x.affine, y.affine), name
        assert y.header.endianness == x.header.endianness and not list(y.header.extensions), name
        for field in ("descrip", "aux_file", "intent_name", "db_name"):
            assert field not in y.header or not y.header[field].item(), (name, field)
        same = [k for k in x.header.keys() if k not in ("descrip", "aux_file", "intent_name", "db_name", "vox_offset")]
        for field in same:
            assert x.header[field].tobytes() == y.header[field].tobytes(), (name, field)
        if not name.endswith(".hdr"):
            skip = y.header["sizeof_hdr"] + 4
            assert len(inflated) == skip + x.dataobj.get_unscaled().nbytes, name
    print(len(names))


if sys.argv[1] == "hash":
    for size in sys.argv[2:]:
        x, y, z = map(int, size.split(","))
        scan = sys.stdin.buffer.read(4 * x * y * z)
        print(xxhash.xxh64(scan, seed=x + (y << 21) + (z << 42)).hexdigest())
else:
    {"forms": forms, "text": text, "check": check}[sys.argv[1]](*sys.argv[2:])
