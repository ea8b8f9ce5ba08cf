"""Networks behind metrics: their weights, and pictures as they want them.

Weights are given as ``NAME=FILE`` (a torchvision network and its state dict, safetensors or a
``.pth`` read as tensors only), as a file alone (MobileNetV2; a ``.tflite`` for segmentation), or
as a name alone with ``--fetch``, which lets torchvision download its own weights.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from colorizer.models.encoders.mobilenet import IMAGENET_MEAN, IMAGENET_STD

from . import litert
from .torchvision_import import torchvision


class MetricError(ValueError):
    """A network could not be had; one sentence for a person."""


def read_state(path: str) -> dict[str, torch.Tensor]:
    """A state dict from a safetensors or a torch file, tensors only; raises :class:`MetricError`."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        if Path(path).suffix == ".safetensors":
            state = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise MetricError(f"There is no file {path}.") from error
    except (
        OSError,
        SafetensorError,
        RuntimeError,
        ValueError,
        EOFError,
        pickle.UnpicklingError,
    ) as error:
        raise MetricError(f"{path} holds no weights that can be read.") from error
    return {k: v.float() if v.is_floating_point() else v for k, v in state.items()}


def network(spec: str, fetch: bool = False, family: str = "models") -> nn.Module:
    """A torchvision network with weights: ``NAME=FILE``, a file, or a name with ``fetch``.

    family: ``models`` or ``models.segmentation``.  Raises :class:`MetricError`.
    """
    name, _, path = spec.partition("=")
    if not path and Path(spec).suffix in (".safetensors", ".pth", ".pt"):
        name, path = "mobilenet_v2", spec
    home = torchvision.models if family == "models" else torchvision.models.segmentation
    known = torchvision.models.list_models(home)
    if name not in known:
        raise MetricError(f"torchvision has no network called '{name}'.")
    if not path and not fetch:
        raise MetricError(
            f"Weights of {name} are needed: write {name}=FILE, or allow a download with --fetch."
        )
    extra = {} if family == "models" else {"weights_backbone": None}
    try:
        if path:
            model = torchvision.models.get_model(name, weights=None, **extra)
            model.load_state_dict(read_state(path))
        else:
            model = torchvision.models.get_model(name, weights="DEFAULT")
    except MetricError:
        raise
    except RuntimeError as error:
        raise MetricError(f"{path} holds no weights of {name}.") from error
    except OSError as error:
        raise MetricError(f"The weights of {name} could not be downloaded ({error}).") from error
    # Channels last: a fifth less time on a processor.
    return model.eval().requires_grad_(False).to(memory_format=torch.channels_last)


def prepared(images: torch.Tensor, side: int | None = 224) -> torch.Tensor:
    """(N, 3, H, W) of 0…1 → as torchvision's ImageNet networks want it, ``side`` pixels wide."""
    if side:
        images = F.interpolate(images, size=(side, side), mode="bilinear", antialias=True)
    mean = images.new_tensor(IMAGENET_MEAN).view(3, 1, 1)
    scaled = (images.clamp(0, 1) - mean) / images.new_tensor(IMAGENET_STD).view(3, 1, 1)
    return scaled.contiguous(memory_format=torch.channels_last)


def segmenter(spec: str, fetch: bool = False) -> Callable[[torch.Tensor], torch.Tensor]:
    """(N, 3, H, W) of 0…1 → (N, h, w) labels, by a ``.tflite`` file or a torchvision network.

    Raises :class:`MetricError`.
    """
    if Path(spec).suffix == ".tflite":
        try:
            return litert.Segmenter(litert.open_network(spec))
        except ValueError as error:
            raise MetricError(str(error)) from error
    model = network(spec, fetch, "models.segmentation")
    return lambda images: model(prepared(images, None))["out"].argmax(1)
