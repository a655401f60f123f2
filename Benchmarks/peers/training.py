"""A segfed plan's network, start, optimiser and step in PyTorch: for the peers' training programs."""
import torch
from safetensors.torch import save_file

from unet import Network, UNet, dice_cross_entropy

# nnU-Net's leaky ReLU.
SLOPE = 0.01
CLIP = 12


def network(plan, seed):
    """Not trained yet; the same for the same seed."""
    torch.manual_seed(seed)
    widths = plan["network"]["widths"]
    model = UNet(Network(3, plan["batch"], plan["patch"][0], widths[0], len(widths), strided=True))
    depth = plan["network"]["convolutions_per_stage"]
    assert [len(stage) for stage in model.encoder] == [depth] * len(widths)
    for module in model.modules():
        if isinstance(module, (torch.nn.Conv3d, torch.nn.ConvTranspose3d)):
            torch.nn.init.kaiming_normal_(module.weight, a=SLOPE)
            if module.bias is not None:
                torch.nn.init.zeros_(module.bias)
    return model


def write_start(plan, seed, path):
    """The weights of a network not trained yet, as nnU-Net names them: its stages go from coarse to fine in
    the decoder. Its axes are z, y, x, those here x, y, z."""
    model = network(plan, seed)
    coarsest = len(model.decoder) - 1

    def renamed(name):
        part, *rest = name.split(".")
        if part == "head":
            return ".".join(["decoder.seg_layers", str(coarsest), *rest])
        stage, block, *rest = rest
        if part == "encoder":
            return ".".join(["encoder.stages", stage, "0.convs", block, *rest])
        stage = str(coarsest - int(stage))
        if block == "up":
            return ".".join(["decoder.transpconvs", stage, *rest])
        return ".".join(["decoder.stages", stage, "convs", block, *rest])

    save_file({
        renamed(name): (value.permute(0, 1, 4, 3, 2) if value.ndim == 5 else value).contiguous()
        for name, value in model.state_dict().items()}, path)


def optimizer(plan, model):
    chosen = plan["optimizer"]
    if chosen["name"] == "sgd":
        return torch.optim.SGD(
            model.parameters(), chosen["learning_rate"], momentum=chosen["momentum"], nesterov=True,
            weight_decay=chosen["weight_decay"])
    return torch.optim.AdamW(
        model.parameters(), chosen["learning_rate"], weight_decay=chosen["weight_decay"], fused=True)


def take_step(plan, model, rule, image, labels, done):
    """One step of the optimiser; `done` is the share of all steps that are behind it."""
    for group in rule.param_groups:
        group["lr"] = plan["optimizer"]["learning_rate"] * (1 - done) ** 0.9
    rule.zero_grad(set_to_none=True)
    loss = dice_cross_entropy(model(image), labels)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
    rule.step()
