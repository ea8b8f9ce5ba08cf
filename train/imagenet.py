"""Starting from an ImageNet encoder, and letting it learn slowly.

It has a rate of its own, ``--encoder-rate``, so that what it knows is refined and not washed away.
"""

from __future__ import annotations

import torch
from safetensors.torch import load_file

from colorizer.models.colorful import Features
from colorizer.models.mobile import Mobile
from colorizer.models.unet import MobileUNet


def groups(model: torch.nn.Module, args) -> list[dict]:
    """Load ``--encoder`` (a state that is resumed replaces it); the groups of an optimiser for ``model``.

    A model without such an encoder in it is one group.
    """
    found = next(
        (m for m in model.modules() if isinstance(m, (MobileUNet, Features, Mobile))), None
    )
    if found is None:
        return [{"params": list(model.parameters()), "lr": args.lr}]
    # Also with --resume, which may find nothing to resume; what it finds replaces this.
    if args.encoder and not args.init_from:
        found.load_encoder({k: v.float() for k, v in load_file(args.encoder).items()})
    slow = list(found.encoder.parameters())
    known = {id(p) for p in slow}
    return [
        {"params": slow, "lr": args.lr * args.encoder_rate},
        {"params": [p for p in model.parameters() if id(p) not in known], "lr": args.lr},
    ]
