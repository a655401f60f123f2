"""Flower's client: a site that trains a segfed plan's network in PyTorch.

A module of its own, so that Ray's workers import it once and keep their sites' cases from round to round.
"""
import functools
from pathlib import Path

import nibabel
import numpy as np
import torch
import yaml
from flwr.app import ArrayRecord, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from torch.utils.data import DataLoader

from patches import CONTRASTS, GainOffset, Patches, standardised
from training import network, optimizer, take_step

app = ClientApp()
# The faster one for this network with a thread for each of two clients.
LAYOUT = torch.channels_last_3d


@functools.cache
def cases_of(site):
    """Every case of a site's folder, read from disk once in a process."""
    def read(path):
        return np.asarray(nibabel.as_closest_canonical(nibabel.load(path)).dataobj)

    cases = []
    for path in sorted(site.glob("*/*_seg.nii.gz")):
        name = path.name.removesuffix("_seg.nii.gz")
        scans = [read(path.parent / f"{name}_{contrast}.nii.gz") for contrast in CONTRASTS]
        cases.append(standardised(np.stack(scans), read(path)[None]))
    return cases


@app.train()
def train(message, context):
    """A round at a site. As at segfed's, the optimiser starts afresh; the learning rate falls over all
    rounds."""
    config = message.content["config"]
    torch.set_num_threads(config["threads"])
    plan = yaml.safe_load(config["plan"])
    number = int(context.node_config["partition-id"])
    cases = cases_of(Path(config["sites"][number]))
    model = network(plan, config["seed"]).to(memory_format=LAYOUT)
    model.load_state_dict(message.content["arrays"].to_torch_state_dict())
    rule = optimizer(plan, model)
    steps, round_number = config["steps"], config["server-round"]
    patches = Patches(
        cases, plan, steps * plan["batch"], (config["seed"], number, round_number), GainOffset(plan))
    for step, (image, labels) in enumerate(DataLoader(patches, batch_size=plan["batch"])):
        before = (round_number - 1) * steps + step
        image = image.contiguous(memory_format=LAYOUT)
        take_step(plan, model, rule, image, labels, before / (config["rounds"] * steps))
    return Message(
        content=RecordDict({
            "arrays": ArrayRecord(model.state_dict()),
            "metrics": MetricRecord({"num-examples": len(cases)})}),
        reply_to=message)
