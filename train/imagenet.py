"""Starting from an ImageNet encoder, and letting it learn slowly.

At a third of 1e-3 its features were gone after an hour, and the result with them; hence a rate of
its own, ``--encoder-rate``.
"""

from __future__ import annotations

import torch
from safetensors.torch import load_file

from colorizer.models.unet import MobileUNet


def groups(model: torch.nn.Module, args) -> list[dict]:
    """Load ``--encoder`` if this training begins; the groups of an optimiser for ``model``.

    A model without a :class:`~colorizer.models.unet.MobileUNet` in it is one group.
    """
    found = next((m for m in model.modules() if isinstance(m, MobileUNet)), None)
    if found is None:
        return [{"params": list(model.parameters()), "lr": args.lr}]
    if args.encoder and not (args.resume or args.init_from):
        found.load_encoder({k: v.float() for k, v in load_file(args.encoder).items()})
    slow = list(found.encoder.parameters())
    known = {id(p) for p in slow}
    return [
        {"params": slow, "lr": args.lr * args.encoder_rate},
        {"params": [p for p in model.parameters() if id(p) not in known], "lr": args.lr},
    ]
