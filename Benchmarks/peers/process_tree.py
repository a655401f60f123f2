"""Runs a program and measures it with every process that it starts, and theirs. Linux only."""
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# Seconds between two looks, and at least so many times as long as a look takes.
PERIOD, LEISURE = 0.1, 25
# Seconds that what a program leaves running may take to end.
PATIENCE = 30
PR_SET_CHILD_SUBREAPER = 36
TICK = os.sysconf("SC_CLK_TCK")


def measured(command, environment, watch=lambda now: None):
    """Wall and CPU seconds, peak memory, and what the program printed; `watch` is called often meanwhile.

    Memory is the largest sum seen of the processes' proportional set sizes (a page that n of them share
    counts 1/n for each). CPU time is what the processes had used when last seen, or what the kernel reports
    of those that were waited for, whichever is more: Ray's workers are waited for by nobody.
    """
    # Processes whose parent has ended become this one's children: none is lost.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    used_before, own_before = children_seconds(), time.process_time()
    seen, peak = {}, 0
    with tempfile.TemporaryFile("w+") as printed, tempfile.TemporaryFile("w+") as complaints:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command], stdout=printed, stderr=complaints,
            env={**os.environ, **environment})
        looked = start
        while process.poll() is None:
            now = time.perf_counter()
            watch(now - start)
            if now >= looked:
                peak = max(peak, look(seen))
                after = time.perf_counter()
                looked = after + max(PERIOD, LEISURE * (after - now))
            time.sleep(PERIOD / 10)
        wall = time.perf_counter() - start
        reap(seen)
        for file in (printed, complaints):
            file.seek(0)
        if process.returncode != 0:
            sys.exit(f"{' '.join(str(part) for part in command)} failed:\n{complaints.read()[-4000:]}")
        output = printed.read()
    return {
        "wall_s": round(wall, 2),
        "cpu_s": round(max(sum(seen.values()) / TICK, children_seconds() - used_before), 2),
        "peak_mb": round(peak / 1e6),
        "measuring_s": round(time.process_time() - own_before, 2)}, output


def look(seen):
    """Bytes that all descendants hold now; notes what ticks each of them has used."""
    parents, ticks = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                # The name stands in brackets and may hold anything.
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[folder.name] = fields[1]
            # With its start: a number may be given again.
            ticks[folder.name] = (folder.name, fields[19]), int(fields[11]) + int(fields[12])
    total = 0
    for number in descendants(parents):
        name, used = ticks[number]
        seen[name] = used
        total += proportional_bytes(number)
    return total


def descendants(parents):
    """Of this process, by the parent of each."""
    found, front = [], {str(os.getpid())}
    while front:
        front = {number for number, parent in parents.items() if parent in front}
        found += front
    return found


def proportional_bytes(number):
    try:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
    except OSError:  # It has just ended.
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def reap(seen):
    """Waits for what the program has left running."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        look(seen)
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(PERIOD)
        except ChildProcessError:
            return
    sys.exit(f"processes still run {PATIENCE} s after the program's end")


def children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
