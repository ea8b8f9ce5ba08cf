"""torchvision, importable beside any build of PyTorch.

A CPU build of PyTorch next to the torchvision wheel of the package index (whose compiled ops
want CUDA) cannot load those ops, and then ``import torchvision`` itself fails with "operator
torchvision::nms does not exist": torchvision registers shape rules for ops that were never
declared.  Nothing here detects objects, so declaring their schemas is all that is needed; a
torchvision whose ops did load is left as it is.  Import torchvision through this module only.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
from pathlib import Path

import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_kept: list[torch.library.Library] = []  # a Library takes its schemas back when collected


def _ops_load() -> bool:
    """True if torchvision's compiled ops can be loaded beside this PyTorch."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return False
    folder = str(Path(spec.origin).parent)
    loader = (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES)
    found = importlib.machinery.FileFinder(folder, loader).find_spec("_C")
    if found is None or found.origin is None:
        return False
    try:
        torch.ops.load_library(found.origin)
    except (OSError, ImportError):
        return False
    return True


def _declare_missing() -> None:
    if hasattr(torch.ops.torchvision, "nms") or _ops_load():
        return
    library = torch.library.Library("torchvision", "DEF")
    for schema in _SCHEMAS:
        library.define(schema)
    _kept.append(library)


_declare_missing()

import torchvision  # noqa: E402  (must come after the schemas)
from torchvision.models import mobilenet_v2  # noqa: E402

__all__ = ["mobilenet_v2", "torchvision"]
