"""Batch norms folded into the convolutions before them, for a network that is not trained further.

In evaluation a batch norm is a factor and an addend a channel (Ioffe & Szegedy 2015, algorithm 2);
as part of a convolution's weights and bias they cost nothing.
"""

from __future__ import annotations

from itertools import pairwise

from torch import nn
from torch.nn.utils import fuse_conv_bn_eval


def fold(model: nn.Module) -> nn.Module:
    """Fold every batch norm that directly follows a convolution; returns the model, changed.

    model: in evaluation.  ``added`` of it, if it has that, names convolutions whose outputs something
    is added to before the norm, and which therefore stay as they are.
    """
    apart = {model.get_submodule(name) for name in getattr(model, "added", ())}
    for parent in model.modules():
        for (name, conv), (next_name, norm) in pairwise(list(parent.named_children())):
            if type(norm) is nn.BatchNorm2d and isinstance(conv, nn.Conv2d) and conv not in apart:
                setattr(parent, name, fuse_conv_bn_eval(conv, norm))
                setattr(parent, next_name, nn.Identity())
    return model
