"""Decodes a picture that was encoded for a terminal (standard input): argument kitty, iterm2, sixel or blocks.

Writes "<width> <height>" and the pixels as red, green, blue bytes, row by row.
"""

import base64
import io
import re
import sys

from PIL import Image


def from_png(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image.convert("RGB")


def kitty(text):
    keys, payload = {}, ""
    for command in re.findall(r"\x1b_G([^\x1b]*)\x1b\\", text):
        control, _, chunk = command.partition(";")
        assert len(chunk) <= 4096
        for pair in control.split(","):
            key, value = pair.split("=")
            keys.setdefault(key, value)
        payload += chunk
    data = base64.b64decode(payload, validate=True)
    if keys["f"] == "100":
        return from_png(data)
    return Image.frombytes("RGB", (int(keys["s"]), int(keys["v"])), data)


def iterm2(text):
    match = re.fullmatch(r"\x1b\]1337;File=([^:]*):([^\x07]*)\x07\n", text)
    arguments = dict(pair.split("=") for pair in match[1].split(";"))
    data = base64.b64decode(match[2], validate=True)
    assert arguments["inline"] == "1" and int(arguments["size"]) == len(data)
    return from_png(data)


def sixel(text):
    body = re.fullmatch(r"\x1bP[0-9;]*q(.*)\x1b\\\n", text, re.S)[1]
    registers, image, x, y, colour = {}, None, 0, 0, None
    for token in re.findall(r'"[0-9;]+|#[0-9;]+|![0-9]+[?-~]|[$]|-|[?-~]', body):
        if token[0] == '"':
            _, _, width, height = map(int, token[1:].split(";"))
            image = Image.new("RGB", (width, height))
        elif token[0] == "#":
            numbers = list(map(int, token[1:].split(";")))
            if len(numbers) == 5:
                registers[numbers[0]] = tuple(round(n * 255 / 100) for n in numbers[2:])
            colour = registers[numbers[0]]
        elif token == "$":
            x = 0
        elif token == "-":
            x, y = 0, y + 6
        else:
            count = int(token[1:-1]) if token[0] == "!" else 1
            bits = ord(token[-1]) - 63
            for _ in range(count):
                for bit in range(6):
                    if bits >> bit & 1:
                        image.putpixel((x, y + bit), colour)
                x += 1
    return image


def blocks(text):
    rows = []
    for line in text.splitlines():
        upper = lower = (0, 0, 0)
        above, below = [], []
        for code, character in re.findall(r"\x1b\[([0-9;]*)m|(▀)", line):
            if character:
                above.append(upper)
                below.append(lower)
            elif code == "0":
                upper = lower = (0, 0, 0)
            else:
                numbers = list(map(int, code.split(";")))
                assert numbers[1] == 2
                if numbers[0] == 38:
                    upper = tuple(numbers[2:])
                else:
                    lower = tuple(numbers[2:])
        rows += [above, below]
    image = Image.new("RGB", (len(rows[0]), len(rows)))
    image.putdata([pixel for row in rows for pixel in row])
    return image


text = sys.stdin.buffer.read().decode()
picture = {"kitty": kitty, "iterm2": iterm2, "sixel": sixel, "blocks": blocks}[sys.argv[1]](text)
sys.stdout.buffer.write(f"{picture.width} {picture.height}\n".encode() + picture.tobytes())
