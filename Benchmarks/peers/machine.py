"""Describes the machine for a benchmark's results, and tells how much of it the host took away. Linux only."""
import os
from pathlib import Path


def describe():
    """The CPU by name, family and model (virtual machines often hide the name), cores, memory, instruction sets."""
    fields = cpu_fields()
    flags = fields.get("flags", "").split()
    return {
        "cpu": fields.get("model name", "unknown"),
        "family": number(fields.get("cpu family")),
        "model": number(fields.get("model")),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory_bytes() / 2**30, 1),
        "avx2": "avx2" in flags,
        "avx512": "avx512f" in flags,
        "amx": "amx_tile" in flags,
    }


def slug(description):
    """A machine's name in a file's name. Virtual ones hide the CPU's name: its numbers stand beside."""
    words = "{cpu} family {family} model {model} {cores} cores".format(**description).lower()
    return "-".join("".join(letter if letter.isalnum() else " " for letter in words).split())


def cpu_fields():
    """What the kernel says about the first core."""
    first = Path("/proc/cpuinfo").read_text().split("\n\n")[0]
    pairs = (line.split(":", 1) for line in first.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def number(text):
    return int(text) if text and text.isdigit() else None


def memory_bytes():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def processor_ticks():
    """(stolen, all) clock ticks of all cores since the machine started."""
    ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return ticks[7], sum(ticks)


def steal_percent(before, after):
    """Share of the cores' time that the host gave to others between two `processor_ticks()`."""
    elapsed = after[1] - before[1]
    return round(100 * (after[0] - before[0]) / elapsed, 1) if elapsed else 0.0
