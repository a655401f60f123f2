"""Times the benchmark's U-Nets in PyTorch: a training step, and inference.

A step is forward, Dice + cross-entropy, backward and Adam; inference is forward alone, without gradients. Each
configuration runs in a fresh process, so that its peak memory is its own. Prints a line for each, or JSON with the
keys of `segfed benchmark --json`; a configuration that fails has an `error` in place of its figures, and the exit
status is 1 where all failed.
"""
import argparse
import itertools
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import machine

CHOICES = {
    "network": ("A", "B", "C", "D"),
    "precision": ("fp32", "bf16"),
    "mode": ("eager", "compile"),
    "memory_format": ("contiguous", "channels_last"),
}


def main():
    options = parsed_options()
    # For OpenMP and the compiler's workers in the processes that follow; they read these as they start.
    os.environ["OMP_NUM_THREADS"] = os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = str(options.threads)
    results = []
    for configuration in configurations(options):
        results.append(measured_apart(configuration))
        if not options.json:
            print(text(results[-1]), flush=True)
    versions = [result.pop("version") for result in results if "version" in result]
    if options.json:
        document = {
            "tool": "pytorch", "version": versions[0] if versions else None,
            "machine": machine.describe(), "threads": options.threads, "results": results,
        }
        print(json.dumps(document, indent=1))
    return 0 if versions else 1


def parsed_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--network", action="append", choices=CHOICES["network"], metavar="A",
                        help="A, B, C or D; may be repeated (default: A)")
    parser.add_argument("--precision", type=chosen("precision"), default=["fp32"], metavar="LIST",
                        help="of fp32, bf16 (autocast), with commas between (default: fp32)")
    parser.add_argument("--mode", type=chosen("mode"), default=["eager"], metavar="LIST",
                        help="of eager, compile (torch.compile with its defaults) (default: eager)")
    parser.add_argument("--memory-format", type=chosen("memory_format"), metavar="LIST",
                        default=list(CHOICES["memory_format"]),
                        help="of contiguous, channels_last (in 3D channels_last_3d) (default: both)")
    parser.add_argument("--threads", type=count(1), default=2, metavar="N", help="default: 2")
    parser.add_argument("--repetitions", type=count(1), default=10, metavar="N",
                        help="timed steps, and timed inferences (default: 10)")
    parser.add_argument("--warmup", type=count(0), default=3, metavar="N",
                        help="steps and inferences before those (default: 3)")
    passes = parser.add_mutually_exclusive_group()
    passes.add_argument("--training-only", action="store_true", help="time no inference")
    passes.add_argument("--inference-only", action="store_true", help="time no training step")
    parser.add_argument("--json", action="store_true", help="print JSON at the end in place of lines as they come")
    return parser.parse_args()


def chosen(name):
    """An argparse type: a list of `CHOICES[name]` with commas between."""
    def parse(text):
        values = text.split(",")
        for value in values:
            if value not in CHOICES[name]:
                raise argparse.ArgumentTypeError(f"'{value}' is none of {', '.join(CHOICES[name])}")
        return values
    return parse


def count(least):
    """An argparse type: a whole number from `least`."""
    def parse(text):
        if not text.isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"'{text}' is no whole number from {least}")
        return int(text)
    return parse


def configurations(options):
    passes = ["step"] * (not options.inference_only) + ["inference"] * (not options.training_only)
    names = ("network", "precision", "mode", "memory_format")
    lists = (options.network or ["A"], options.precision, options.mode, options.memory_format)
    for values in itertools.product(*lists):
        yield {
            **dict(zip(names, values)), "passes": passes, "threads": options.threads,
            "repetitions": options.repetitions, "warmup": options.warmup,
        }


def measured_apart(configuration):
    """The configuration's result from a process of its own; what went wrong there becomes the result's `error`."""
    try:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(measured, configuration).result()
    except Exception as error:  # PyTorch's compiler raises its own kinds; a killed process raises BrokenProcessPool.
        lines = str(error).strip().splitlines()
        reason = f"{type(error).__name__}: {lines[0] if lines else 'no message'}"
        print(f"{name_of(configuration)} failed: {reason}", file=sys.stderr)
        names = ("network", "precision", "mode", "memory_format")
        return {**{name: configuration[name] for name in names}, "error": reason}


def measured(configuration):
    # PyTorch is loaded here alone: the process that waits needs none of it.
    import measurement

    return measurement.measure(configuration)


def name_of(result):
    return "{network} {precision} {mode} {memory_format}".format(**result)


def text(result):
    """One line for people."""
    if "error" in result:
        return f"{name_of(result):32} {result['error']}"
    parts = [f"{name_of(result):32}"]
    for name in ("step", "inference"):
        if name in result:
            wall, cpu = result[name]["wall_ms"], result[name]["cpu_ms"]
            parts.append(f"{name} {wall['median']:9.1f} ms (minimum {wall['minimum']:.1f}; CPU {cpu['median']:.1f})")
    parts.append(f"peak {result['peak_bytes'] / 1e9:.2f} GB")
    if result["steal_percent"] >= 5:
        parts.append(f"the host took {result['steal_percent']:.0f} % of the CPU time")
    return "  ".join(parts)


if __name__ == "__main__":
    sys.exit(main())
