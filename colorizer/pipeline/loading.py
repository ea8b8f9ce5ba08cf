"""A colorizer from the name of an approach, a folder of weights, or a repository on the Hub."""

from __future__ import annotations

import importlib
import logging
import os
import re

import torch

from colorizer import checkpoints
from colorizer.approaches import default, get
from colorizer.errors import InvalidArgument
from colorizer.models.folding import fold

from .colorizer import Colorizer
from .devices import resolve

log = logging.getLogger(__name__)


def load(
    name: str | os.PathLike[str] | None = None,
    *,
    device: str | torch.device = "auto",
    revision: str | None = None,
) -> Colorizer:
    """Load an approach's weights: a key, a checkpoint folder, or a Hub repo "namespace/name".

    name: None is the default approach, the first of :func:`colorizer.approaches`.
    device: ``"auto"`` (a CUDA card if there is one, else the CPU), ``"cpu"``, ``"cuda"``,
        ``"cuda:1"`` or ``"mps"``.
    revision: branch, tag or commit of a Hub repo.

    Raises :class:`colorizer.MissingWeights`, :class:`colorizer.BrokenWeights`,
    :class:`colorizer.UnknownApproach` or :class:`colorizer.MissingDevice` with one sentence.
    """
    colorizer = load_unfolded(name, device=device, revision=revision)
    fold(colorizer.model)
    return colorizer


def load_unfolded(
    name: str | os.PathLike[str] | None = None,
    *,
    device: str | torch.device = "auto",
    revision: str | None = None,
) -> Colorizer:
    """As :func:`load`, with the weights as the checkpoint has them, batch norms apart."""
    if name is None:
        name = default().key
    if not isinstance(name, str | os.PathLike):
        raise InvalidArgument(f"name must be a string or a path, not {name!r}.", "name", name)
    name = os.fspath(name)
    where = resolve(device)
    if not re.search(r"[/\\.]", name):
        get(name)  # a misspelt key is told as such before anything is looked for
    folder = checkpoints.find(name, revision)
    config, state = checkpoints.load_weights(folder)
    approach = get(config.get("approach", name))
    family = importlib.import_module(f"colorizer.models.{approach.family}")
    model: torch.nn.Module = family.build(config)
    try:
        model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        first = str(error).strip().splitlines()[-1].strip()
        raise checkpoints.BrokenWeights(
            f"The weights of {name} do not fit their config.json: {first}", folder=folder
        ) from None
    # The overloads of torch leave out what .to() documents: device and memory format together.
    model = model.to(where, memory_format=torch.channels_last)  # type: ignore[call-overload]
    log.info("loaded %s from %s on %s", approach.key, folder, where)
    return Colorizer(approach, config, model)
