"""Turns the runs of `compare.py` into medians and ratios, and those into a Markdown table."""
from statistics import median

PASSES = ("step", "inference")


def name_of(run):
    if run["tool"] == "segfed":
        return "segfed fp32" + ("" if run["mode"] == "native" else f" {run['mode']}")
    return "PyTorch {precision} {mode} {memory_format}".format(**run)


# MARK: Figures

def summary(runs):
    """Rows of the table: segfed's, then one for each precision and mode of PyTorch in its better memory format."""
    own = [run for run in runs if run["tool"] == "segfed" and run["mode"] == "native"]
    rows = [{"who": name_of(own[0]), **{name: figures(own, name) for name in PASSES}, **memory(own)}]
    others = [run for run in runs if run["tool"] == "segfed" and run["mode"] != "native"]
    if others:
        rows.append({"who": name_of(others[0]), **variant_row(own, others)})
    peers = [run for run in runs if run["tool"] != "segfed"]
    for precision, mode in dict.fromkeys((run["precision"], run["mode"]) for run in peers if run["round"] == 1):
        group = [run for run in peers if (run["precision"], run["mode"]) == (precision, mode)]
        rows.append({"who": f"PyTorch {precision} {mode}", **peer_row(own, group)})
    return rows


def variant_row(own, group):
    """Another mode of segfed beside its own."""
    whole = [run for run in group if "error" not in run]
    if not whole:
        return {"error": group[0]["error"]}
    return {**{name: {**figures(whole, name), **ratio(own, whole, name)} for name in PASSES}, **memory(whole)}


def peer_row(own, group):
    """One configuration of PyTorch beside segfed. The better format is chosen for each pass by itself."""
    formats = {}
    for run in group:
        if "error" not in run:
            formats.setdefault(run["memory_format"], []).append(run)
    if not formats:
        return {"error": group[0]["error"]}
    row = {}
    for name in PASSES:
        layout = min(formats, key=lambda layout: figures(formats[layout], name)["wall_ms"]["median"])
        row[name] = {"memory_format": layout, **figures(formats[layout], name), **ratio(own, formats[layout], name)}
    # Memory as in training: in the format in which the step is faster.
    row |= memory(formats[row["step"]["memory_format"]])
    peak = memory(own)["peak_bytes"]
    row["peak_share"] = round(peak / row["peak_bytes"], 3)
    row["peak_share_without_libraries"] = round(peak / (row["peak_bytes"] - row["baseline_bytes"]), 3)
    return row


def figures(runs, name):
    """Over rounds: the median of medians, and the minimum of minima, in ms."""
    return {
        clock: {
            "median": round(median(run[name][clock]["median"] for run in runs), 3),
            "minimum": round(min(run[name][clock]["minimum"] for run in runs), 3),
        }
        for clock in ("wall_ms", "cpu_ms")
    }


def ratio(own, peer, name):
    """Wall time over segfed's own: of the medians, and the lowest and highest within one round."""
    def median_of(run):
        return run[name]["wall_ms"]["median"]

    own_by_round = {run["round"]: median_of(run) for run in own}
    by_round = [median_of(run) / own_by_round[run["round"]] for run in peer]
    total = median(map(median_of, peer)) / median(map(median_of, own))
    return {"ratio": round(total, 3), "ratio_range": [round(min(by_round), 3), round(max(by_round), 3)]}


def memory(runs):
    """Peak resident memory, and what of it was there before the network: the interpreter and its libraries."""
    return {name: round(median(run.get(name, 0) for run in runs)) for name in ("peak_bytes", "baseline_bytes")}


# MARK: Markdown

HEADINGS = (
    "network", "tool",
    "step ms (minimum)", "CPU ms", "÷ segfed (in a round)",
    "inference ms (minimum)", "CPU ms", "÷ segfed (in a round)",
    "peak GB", "segfed's peak ÷ this", "÷ this without libraries",
)


def markdown(document):
    lines = [f"# segfed and PyTorch on {cpu_name(document['machine'])}", "", machine_line(document["machine"]), ""]
    lines += ["| " + " | ".join(HEADINGS) + " |", "| --- | --- |" + " ---: |" * (len(HEADINGS) - 2)]
    for network, entry in document["networks"].items():
        lines += [f"| {network} | " + " | ".join(cells(row)) + " |" for row in entry["summary"]]
    lines += ["", *NOTES, ""]
    lines += [measured_line(network, entry) for network, entry in document["networks"].items()]
    return "\n".join(lines) + "\n"


NOTES = (
    "Medians over rounds of each process's median; in brackets the minimum. Ratios are a line's time over that of",
    "segfed's first line, above 1 where segfed is faster; in brackets the lowest and highest of a single round. Each",
    "line of PyTorch is in its better memory format for that pass. CPU ms adds the threads up. Peak is the process's",
    "resident memory, PyTorch's with the libraries that it loads (compiling included); the last column takes those",
    "off PyTorch's side alone. Portable numerics give the same bits on every machine with AVX2.",
)


def cpu_name(machine):
    return f"{machine['cpu']} (family {machine['family']}, model {machine['model']})"


def machine_line(machine):
    sets = [name for key, name in (("avx2", "AVX2"), ("avx512", "AVX-512"), ("amx", "AMX")) if machine[key]]
    return f"{machine['cores']} cores, {machine['memory_gib']} GiB, {', '.join(sets) or 'no AVX2'}."


def cells(row):
    if "error" in row:
        return [row["who"], f"failed: {row['error']}".replace("|", "/"), *[""] * (len(HEADINGS) - 3)]
    result = [row["who"]]
    for name in PASSES:
        wall, cpu = row[name]["wall_ms"], row[name]["cpu_ms"]
        result += [f"{wall['median']:.1f} ({wall['minimum']:.1f})", f"{cpu['median']:.1f}", ratio_cell(row[name])]
    result.append(f"{row['peak_bytes'] / 1e9:.2f}")
    shares = ("peak_share", "peak_share_without_libraries")
    return result + [f"{row[name]:.2f}" if name in row else "" for name in shares]


def ratio_cell(figures):
    if "ratio" not in figures:
        return ""
    low, high = figures["ratio_range"]
    text = f"{figures['ratio']:.2f} ({low:.2f}–{high:.2f})"
    return text + (f", {figures['memory_format']}" if "memory_format" in figures else "")


def measured_line(network, entry):
    versions = {tool: f"{tool} {version}" for tool, version in entry["versions"].items()}
    if "numerics" in entry:
        versions["segfed"] += " ({kernels} kernels, OpenBLAS {openblas_version} {openblas_core})".format(
            **entry["numerics"])
    stolen = max(run.get("steal_percent", 0) for run in entry["runs"])
    return (f"- {network}: {entry['date']}, `{entry['command']}`, {entry['threads']} threads, "
            f"{', '.join(versions.values())}; the host took at most {stolen:.0f} % of a process's time.")
