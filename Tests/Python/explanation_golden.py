"""Seg-Grad-CAM (arXiv 2002.11434) by PyTorch on the networks of pytorch_golden.py: Tests/ExplanationTests/Golden/gradcam.safetensors.

usage: explanation_golden.py [--check]     (torch==2.15.0)

For each network, class and stage: `<network>/<class>/<stage>/weights`, the mean over the stage's voxels of the gradient of
the class' logits summed over the voxels where it is predicted, for each channel; `.../map`, ReLU of the channels' sum with
these weights, (batch, depth, height, width); and `<network>/<class>/voxels`, how many voxels are predicted as the class.
Computed in Float64. With --check the file is compared, not written.
"""
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Benchmarks/peers"))
from unet import Network, UNet  # noqa: E402

GOLDEN = ROOT / "Tests/ExplanationTests/Golden/gradcam.safetensors"
NETWORKS = {
    "unet_a_small": Network(dimensions=2, batch=2, extent=32, base=4, stages=5),
    "unet_c_small": Network(dimensions=3, batch=1, extent=16, base=4, stages=4),
}


def torch_layout(array, dimensions):
    """segfed's kernels (depth, height, width, a, b) as PyTorch's (b, a, grid)."""
    if array.ndim < 5:
        return torch.from_numpy(array).double()
    array = array.transpose(4, 3, 0, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(array[:, :, 0] if dimensions == 2 else array)).double()


def maps(name, network):
    golden = load_file(ROOT / f"Tests/NeuralNetworkTests/Golden/{name}.safetensors")
    model = UNet(network).double()
    model.load_state_dict({
        key.removeprefix("parameter/"): torch_layout(value, network.dimensions)
        for key, value in golden.items() if key.startswith("parameter/")
    })
    stages = {f"encoder.{index}": stage[-1] for index, stage in enumerate(model.encoder)}
    stages |= {f"decoder.{index}": stage["1"] for index, stage in enumerate(model.decoder)}
    features = {}

    def keep(stage):
        def hook(_, __, output):
            output.retain_grad()
            features[stage] = output
        return hook

    for stage, module in stages.items():
        module.register_forward_hook(keep(stage))
    # Channels last, 2D with depth 1.
    image = torch.from_numpy(np.moveaxis(golden["input"], -1, 1)).double()
    image = image[:, :, 0] if network.dimensions == 2 else image
    tensors = {}
    for label in range(1, 4):
        logits = model(image)
        region = logits.argmax(1) == label
        logits[:, label][region].sum().backward()
        tensors[f"{name}/{label}/voxels"] = np.float32(region.sum())
        for stage, feature in features.items():
            axes = tuple(range(2, feature.ndim))
            weights = feature.grad.mean(axes, keepdim=True)
            heat = torch.relu((weights * feature).sum(1)).detach().numpy()
            tensors[f"{name}/{label}/{stage}/weights"] = weights.flatten(1).numpy().astype(np.float32)
            heat = heat[:, None] if network.dimensions == 2 else heat
            # Coarse stages alone: the others would make the file large.
            if heat.size <= 1024:
                tensors[f"{name}/{label}/{stage}/map"] = heat.astype(np.float32)
    return tensors


torch.set_num_threads(1)
tensors = {key: value for name, network in NETWORKS.items() for key, value in maps(name, network).items()}
if "--check" in sys.argv:
    golden = load_file(GOLDEN)
    assert golden.keys() == tensors.keys()
    for key, value in tensors.items():
        assert golden[key].shape == value.shape, key
        assert np.abs(golden[key] - value).max() <= 1e-6 * max(1e-6, np.abs(value).max()), key
    print("PyTorch today explains as the golden file does")
else:
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    save_file({key: np.array(value, order="C") for key, value in tensors.items()}, GOLDEN,
              {"script": "Tests/Python/explanation_golden.py", "torch": torch.__version__})
    print(GOLDEN, GOLDEN.stat().st_size)
