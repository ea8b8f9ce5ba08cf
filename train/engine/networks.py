"""The network of a training, with the weights it begins with.

Made before any photograph is decoded, which takes long where there are many: whatever the options
get wrong about the network is said at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from colorizer.checkpoints import load_weights

from . import encoders


def begin_network(
    build: Callable[[dict], nn.Module], design: dict[str, Any], args: argparse.Namespace
) -> nn.Module:
    """A new network in channels-last order, with the weights of ``--init-from`` or ``--encoder``.

    build: config → network.  design: its architecture.  Ends the process with one sentence where
    ``--size`` or the weights do not fit it.
    """
    network = build({"architecture": design}).to(memory_format=torch.channels_last)
    check_size(network, args)
    encoders.load(network, args)
    load_initial(network, args)
    return network


def check_size(network: nn.Module, args: argparse.Namespace) -> None:
    """Ends the process with one sentence where ``network`` cannot take crops of ``--size``."""
    stride = getattr(network, "stride", 1)
    if args.size % stride:
        sys.exit(f"--size must be a multiple of {stride} for this network, not {args.size}.")


def load_initial(network: nn.Module, args: argparse.Namespace) -> None:
    """Load ``--init-from``, if it is given; ends the process where those are of another network."""
    if not args.init_from:
        return
    try:
        network.load_state_dict(load_weights(args.init_from)[1], strict=True)
    except RuntimeError:
        sys.exit(
            f"The weights in {args.init_from} are of another network; --init-from needs one "
            "of the same approach, --architecture and --width."
        )
