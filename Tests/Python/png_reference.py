"""Writes PNG files of every kind with Pillow, and what NumPy knows that they hold.

usage: png_reference.py write FOLDER    files, name.samples (float64),
                                        index.tsv (name, kind, width, height, channels)
       png_reference.py check FOLDER    compares the files in expected.tsv (name, mode) with name.samples
"""
import os
import sys

import numpy as np
from PIL import Image

mode, folder = sys.argv[1:3]
rng = np.random.default_rng(3)


def write():
    index = open(os.path.join(folder, "index.tsv"), "w")

    def save(name, kind, image, samples, **options):
        image.save(os.path.join(folder, name), **options)
        height, width = samples.shape[:2]
        channels = 1 if samples.ndim == 2 else samples.shape[2]
        np.ascontiguousarray(samples, dtype=np.float64).tofile(os.path.join(folder, name + ".samples"))
        index.write(f"{name}\t{kind}\t{width}\t{height}\t{channels}\n")

    grey = rng.integers(0, 256, (7, 13), dtype=np.uint8)
    save("grey8.png", "image", Image.fromarray(grey), grey)
    save("labels8.png", "labels", Image.fromarray(grey), grey)
    deep = rng.integers(0, 65536, (7, 13), dtype=np.uint16)
    save("grey16.png", "image", Image.fromarray(deep), deep)
    save("labels16.png", "labels", Image.fromarray(deep), deep)
    colour = rng.integers(0, 256, (9, 5, 3), dtype=np.uint8)
    save("rgb.png", "image", Image.fromarray(colour), colour)
    alpha = rng.integers(0, 256, (9, 5, 4), dtype=np.uint8)
    save("rgba.png", "image", Image.fromarray(alpha), alpha[:, :, :3])
    grey_alpha = rng.integers(0, 256, (6, 8, 2), dtype=np.uint8)
    save("grey-alpha.png", "image", Image.fromarray(grey_alpha, mode="LA"), grey_alpha[:, :, 0])
    table = rng.integers(0, 256, (256, 3), dtype=np.uint8)
    for colours in (256, 16, 4, 2):
        indices = rng.integers(0, colours, (11, 10), dtype=np.uint8)
        picture = Image.fromarray(indices, mode="P")
        picture.putpalette(table[:colours].ravel().tolist())
        bits = {256: 8, 16: 4, 4: 2, 2: 1}[colours]
        save(f"palette{colours}-labels.png", "labels", picture, indices, bits=bits)
        save(f"palette{colours}-image.png", "image", picture, table[indices], bits=bits)
    binary = rng.integers(0, 2, (5, 17)).astype(bool)
    save("binary-labels.png", "labels", Image.fromarray(binary), binary)
    index.close()


def check():
    count = 0
    for line in open(os.path.join(folder, "expected.tsv")):
        name, expected_mode = line.rstrip("\n").split("\t")
        image = Image.open(os.path.join(folder, name))
        assert image.mode.split(";")[0] == expected_mode, (name, image.mode)
        expected = np.fromfile(os.path.join(folder, name + ".samples"))
        assert np.array_equal(np.asarray(image).ravel().astype(float), expected), name
        count += 1
    print(count)


write() if mode == "write" else check()
