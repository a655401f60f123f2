"""`nnunet_export_check.py FOLDER DATA`: what nnU-Net makes of `segfed export --format nnunet`, as JSON.

The network is built from plans.json and dataset.json as nnU-Net's predictor builds it, the weights are loaded strictly, and
`image` of DATA (safetensors) is put through it: `difference` is the largest from DATA's `logits`.
"""
import json
import sys
from pathlib import Path

import torch
from nnunetv2.utilities.get_network_from_plans import get_network_from_plans
from nnunetv2.utilities.label_handling.label_handling import determine_num_input_channels
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager
from safetensors.torch import load_file, load_model

folder, data = Path(sys.argv[1]), load_file(sys.argv[2])
plans = PlansManager(str(folder / "plans.json"))
dataset = json.loads((folder / "dataset.json").read_text())
name, = plans.available_configurations
configuration = plans.get_configuration(name)
labels = plans.get_label_manager(dataset)
network = get_network_from_plans(
    configuration.network_arch_class_name, configuration.network_arch_init_kwargs,
    configuration.network_arch_init_kwargs_req_import,
    determine_num_input_channels(plans, configuration, dataset), labels.num_segmentation_heads,
    allow_init=False, deep_supervision=False)
missing, unexpected = load_model(network, folder / "model.safetensors", strict=True)
with torch.no_grad():
    logits = network.eval()(data["image"])
print(json.dumps({
    "configuration": name, "missing": sorted(missing), "unexpected": sorted(unexpected),
    "heads": labels.num_segmentation_heads, "regions": labels.has_regions, "reader": plans.image_reader_writer_class.__name__,
    "preprocessor": configuration.preprocessor_class.__name__, "patch": configuration.patch_size,
    "difference": float((logits - data["logits"]).abs().max()), "largest": float(data["logits"].abs().max()),
}))
