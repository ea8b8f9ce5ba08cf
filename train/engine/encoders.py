"""Starting from an ImageNet encoder, and letting it learn slowly.

It has a rate of its own, ``--encoder-rate``, so that what it knows is refined and not washed away.
"""

from __future__ import annotations

import torch
from safetensors.torch import load_file


def groups(model: torch.nn.Module, args) -> list[dict]:
    """Load ``--encoder`` (a state that is resumed replaces it); the groups of an optimiser for ``model``.

    A model without such an encoder in it is one group.
    """
    found = _with_encoder(model)
    if found is None:
        return [{"params": list(model.parameters()), "lr": args.lr}]
    # Also with --resume, which may find nothing to resume; what it finds replaces this.
    if args.encoder and not args.init_from:
        found.load_encoder({k: v.float() for k, v in load_file(args.encoder).items()})
    if args.encoder_layers == "late":
        found.early().requires_grad_(False)
    slow = [p for p in found.encoder.parameters() if p.requires_grad]
    known = {id(p) for p in found.encoder.parameters()}
    others = [p for p in model.parameters() if id(p) not in known]
    return [
        {"params": slow, "lr": args.lr * args.encoder_rate},
        {"params": [p for p in others if p.requires_grad], "lr": args.lr},
    ]


def learning(model: torch.nn.Module, args) -> None:
    """``model`` in training mode, but for the early layers where only the late ones learn."""
    model.train()
    if args.encoder_layers == "late":
        found = _with_encoder(model)
        if found is not None:
            found.early().eval()


def _with_encoder(model: torch.nn.Module) -> torch.nn.Module | None:
    """The part of ``model`` that has an ImageNet encoder in it."""
    return next((m for m in model.modules() if hasattr(m, "load_encoder")), None)
