"""Times one network in one configuration of PyTorch, in the process that calls it."""
import time
from pathlib import Path
from statistics import median

import torch

import machine
from unet import CLASSES, INPUT_CHANNELS, NETWORKS, UNet, adam, dice_cross_entropy, parameter_count

SEED = 1


def measure(configuration):
    """A result's dictionary for `configuration` (see `pytorch_unet.py`). Raises what PyTorch raises."""
    torch.set_num_threads(configuration["threads"])
    torch.manual_seed(SEED)
    baseline = peak_bytes()
    ticks = machine.processor_ticks()
    network = NETWORKS[configuration["network"]]
    layout = memory_format(configuration["memory_format"], network.dimensions)
    model = UNet(network).to(memory_format=layout)
    batch, targets = random_batch(network, layout)
    names = ("network", "precision", "mode", "memory_format")
    result = {name: configuration[name] for name in names}
    result["parameters"] = parameter_count(model)
    if "step" in configuration["passes"]:
        result["step"] = timings(training_step(configuration, model, batch, targets), configuration)
    if "inference" in configuration["passes"]:
        result["inference"] = timings(inference(configuration, model, batch), configuration)
    result["peak_bytes"] = peak_bytes()
    result["baseline_bytes"] = baseline
    result["steal_percent"] = machine.steal_percent(ticks, machine.processor_ticks())
    result["version"] = torch.__version__
    return result


def memory_format(name, dimensions):
    """PyTorch's channels-last formats differ for 2D and 3D; in results they have one name."""
    if name == "contiguous":
        return torch.contiguous_format
    return {2: torch.channels_last, 3: torch.channels_last_3d}[dimensions]


def random_batch(network, layout):
    batch = torch.randn(network.batch, INPUT_CHANNELS, *network.grid).contiguous(memory_format=layout)
    return batch, torch.randint(CLASSES, (network.batch, *network.grid))


def compiled(function, configuration):
    return torch.compile(function) if configuration["mode"] == "compile" else function


def autocast(configuration):
    return torch.autocast("cpu", torch.bfloat16, enabled=configuration["precision"] == "bf16")


def training_step(configuration, model, batch, targets):
    """Forward, loss, backward and optimiser step as one callable. The loss is compiled with the network."""
    optimizer = adam(model)

    def loss_of(batch, targets):
        with autocast(configuration):
            logits = model(batch)
        return dice_cross_entropy(logits.float(), targets)

    loss_of = compiled(loss_of, configuration)

    def step():
        model.train()
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(batch, targets)
        loss.backward()
        optimizer.step()
        # A step that computed nothing of use must not count as a fast one.
        if not torch.isfinite(loss):
            raise ArithmeticError(f"the loss became {loss.item()}")

    return step


def inference(configuration, model, batch):
    def forward(batch):
        with autocast(configuration):
            return model(batch)

    forward = compiled(forward, configuration)

    def infer():
        model.eval()
        with torch.no_grad():
            forward(batch)

    return infer


def timings(action, configuration):
    """Wall and process CPU time in ms of `action`, after warm-up (which compiles where that is asked for)."""
    for _ in range(configuration["warmup"]):
        action()
    wall, cpu = [], []
    for _ in range(configuration["repetitions"]):
        start, start_cpu = time.perf_counter(), time.process_time()
        action()
        wall.append(1000 * (time.perf_counter() - start))
        cpu.append(1000 * (time.process_time() - start_cpu))
    return {"wall_ms": summary(wall), "cpu_ms": summary(cpu), "repetitions": len(wall)}


def summary(samples):
    return {"median": round(median(samples), 3), "minimum": round(min(samples), 3)}


def peak_bytes():
    """This process's peak resident memory. Not `ru_maxrss`, which starts at the parent's peak."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return 1024 * int(line.split()[1])
    raise OSError("/proc/self/status has no VmHWM")
