"""Starting from an ImageNet encoder, and letting it learn slowly.

It has a rate of its own, ``--encoder-rate``, so that what it knows is refined and not washed away.
A file of weights tells by its keys which encoder it is of.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

# A key that only this encoder has: torchvision's MobileNetV2, timm's tf_efficientnet_lite0,
# torchvision's ResNet-101.  A checkpoint of ours has the first two behind "encoder.".
KEYS = {
    "mobilenet": "features.0.0.weight",
    "efficientnet": "conv_stem.weight",
    "resnet101": "layer1.0.conv1.weight",
}
OURS = "encoder."


def kind_of(path: str) -> str:
    """Name of the encoder whose weights a safetensors file has.

    Ends the process with one sentence where the file is none, or of another network.
    """
    if not Path(path).is_file():
        sys.exit(f"There is no file {path} with an encoder's weights.")
    try:
        with safe_open(path, "pt") as file:
            keys = {_torchvision_name(key) for key in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError):
        sys.exit(f"{path} is no safetensors file; --encoder takes nothing else.")
    found = [name for name, key in KEYS.items() if key in keys]
    if len(found) != 1:
        sys.exit(
            f"{path} has the weights of none of the encoders {', '.join(KEYS)}: --encoder takes "
            "torchvision's or timm's (tf_efficientnet_lite0) names."
        )
    return found[0]


def _torchvision_name(key: str) -> str:
    """A key of ours ("encoder.0.0.weight", "encoder.conv_stem.weight") as torchvision or timm has it."""
    if not key.startswith(OURS):
        return key
    name = key[len(OURS) :]
    return f"features.{name}" if name[0].isdigit() else name


def load(model: torch.nn.Module, args: argparse.Namespace) -> None:
    """Load ``--encoder``, if it is given, into the part of ``model`` that is an encoder.

    Also with ``--resume``, which may find nothing to resume; what it finds replaces this.  Ends
    the process with one sentence where the file would be ignored or is of another encoder.
    """
    if not args.encoder:
        return
    if args.init_from:
        sys.exit("--encoder would be ignored: --init-from has the encoder's weights already.")
    part, kind = with_encoder(model), kind_of(args.encoder)
    if part is None:
        sys.exit(
            "--encoder would be ignored: this network does not start from an ImageNet encoder."
        )
    if part.encoder_name != kind:
        sys.exit(
            f"{args.encoder} has the weights of {kind}, and this network's encoder is "
            f"{part.encoder_name}."
        )
    state = load_file(args.encoder)
    if any(key.startswith(OURS) for key in state):  # a whole network of ours
        state = {k: v for k, v in state.items() if k.startswith(OURS)}
    try:
        part.load_encoder({_torchvision_name(k): v.float() for k, v in state.items()})
    except RuntimeError as error:
        first = str(error).splitlines()[-1].strip()
        sys.exit(f"{args.encoder} does not fit the encoder {kind}: {first}")


def groups(model: torch.nn.Module, args: argparse.Namespace) -> list[dict]:
    """The groups of an optimiser for ``model``.

    The encoder's own rate is a share of ``--lr``.  A model without an encoder is one group.
    """
    found = with_encoder(model)
    if found is None:
        return [{"params": list(model.parameters()), "lr": args.lr}]
    if args.encoder_layers == "late":
        found.early().requires_grad_(False)
    slow = [p for p in found.encoder.parameters() if p.requires_grad]
    known = {id(p) for p in found.encoder.parameters()}
    others = [p for p in model.parameters() if id(p) not in known]
    return [
        {"params": slow, "lr": args.lr * args.encoder_rate},
        {"params": [p for p in others if p.requires_grad], "lr": args.lr},
    ]


def set_train_mode(model: torch.nn.Module, args: argparse.Namespace) -> None:
    """``model`` in training mode, but for the early layers where only the late ones learn."""
    model.train()
    if args.encoder_layers == "late":
        found = with_encoder(model)
        if found is not None:
            found.early().eval()


def with_encoder(model: torch.nn.Module) -> torch.nn.Module | None:
    """The part of ``model`` that has an ImageNet encoder in it: ``encoder``, ``encoder_name``,
    ``load_encoder`` and ``early``."""
    return next((m for m in model.modules() if hasattr(m, "load_encoder")), None)
