"""`tfevents_reference.py FILE`: the scalars of a TensorBoard event file, as JSON; every checksum is checked.

Reads bytes after the formats' descriptions (TFRecord, CRC-32C of RFC 3720, protobuf's wire format), with none of
TensorFlow's or protobuf's code.
"""
import json
import struct
import sys


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def masked(data):
    value = crc32c(data)
    return ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    while data:
        length, = struct.unpack("<Q", data[:8])
        assert struct.unpack("<I", data[8:12])[0] == masked(data[:8]), "the length's checksum"
        payload = data[12:12 + length]
        assert struct.unpack("<I", data[12 + length:16 + length])[0] == masked(payload), "the record's checksum"
        yield payload
        data = data[16 + length:]


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def fields(data):
    """Protobuf's fields by number; the last of each."""
    found, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            found[key >> 3], at = varint(data, at)
        elif key & 7 == 1:
            found[key >> 3], at = struct.unpack("<d", data[at:at + 8])[0], at + 8
        elif key & 7 == 5:
            found[key >> 3], at = struct.unpack("<f", data[at:at + 4])[0], at + 4
        else:
            length, at = varint(data, at)
            found[key >> 3], at = data[at:at + length], at + length
    return found


events = [fields(record) for record in records(open(sys.argv[1], "rb").read())]
assert events[0] == {3: b"brain.Event:2"}, events[0]
scalars = []
for event in events[1:]:
    value = fields(fields(event[5])[1])
    scalars.append({
        "wall_time": event.get(1, 0.0), "step": event.get(2, 0), "tag": value[1].decode(), "value": value[2],
    })
print(json.dumps(scalars))
