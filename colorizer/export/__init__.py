"""Networks as ONNX, for browsers, telephones and anything else that runs it.

    colorizer export --approach mobile -o FOLDER

writes two graphs and a file that describes them, so that who uses them has to know nothing of
bins, noise or colour spaces:

``network.onnx``   pixels of a small copy → logits (or ab), once a photograph
``render.onnx``    logits, knobs and pixels of a band of rows → sRGB of that band
``colorizer.json`` bins, defaults, knobs, looks, size rules, licence, hashes
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

from colorizer.approaches import Approach, approaches
from colorizer.errors import ColorizerError

if TYPE_CHECKING:
    from colorizer.pipeline import Colorizer

    from .decode import Head

FORMATS = ("onnx", "checkpoint")
MANIFEST = "colorizer.json"


class ExportError(ColorizerError, ValueError):
    """Something cannot be exported; the message is one sentence for a person.

    key: of the approach, if one was named.  package: the Python package that is missing.
    """

    def __init__(self, message: str, *, key: str = "", package: str = "") -> None:
        super().__init__(message)
        self.key, self.package = key, package


def exportable() -> tuple[Approach, ...]:
    """The approaches that can be exported, in the registry's order."""
    return tuple(a for a in approaches() if a.exportable)


def default() -> Approach:
    """The first approach that can be exported and has weights."""
    from colorizer import checkpoints

    shipped = {a.key for a in checkpoints.shipped()}
    for approach in exportable():
        if approach.key in shipped:
            return approach
    raise ExportError("There are no weights here that can be exported; name an --approach.")


def export(
    name: str, folder: Path, *, format: str = "onnx", int8: bool = False
) -> tuple[Path, ...]:
    """Write an approach to ``folder``; returns the files written.

    name: a key, a checkpoint folder or a Hub repository.  format: "onnx", or "checkpoint" for a
    folder with the weights that the ONNX file has, to be measured with train.evaluate.  int8:
    weights of half the size of float16, at some cost in quality (the model card says how much).
    Raises ExportError, MissingWeights, BrokenWeights or UnknownApproach with one sentence.
    """
    from colorizer import checkpoints
    from colorizer.pipeline.loading import load_unfolded

    for package in ("onnx", "onnxscript"):
        if importlib.util.find_spec(package) is None:
            raise ExportError(
                f"Exporting needs {package}: pip install 'photo-colorizer[export]'.",
                package=package,
            )
    import torch

    from .network import quantized

    colorizer = load_unfolded(name)  # as float16 holds it exactly
    approach = colorizer.approach
    if not approach.exportable:
        known = ", ".join(a.key for a in exportable())
        raise ExportError(
            f"{approach.title} cannot be exported; these can: {known}.", key=approach.key
        )
    if format == "checkpoint":
        model = quantized(colorizer.model) if int8 else colorizer.model
        # float32: int8 times its scale is rounded no further.
        kind = torch.float32 if int8 else torch.float16
        checkpoints.save_weights(folder, colorizer.config, model.state_dict(), kind)
        return folder / checkpoints.CONFIG, folder / checkpoints.WEIGHTS
    return _onnx(colorizer, checkpoints.find(name) / checkpoints.WEIGHTS, folder, int8)


def _onnx(colorizer: Colorizer, weights: Path, folder: Path, int8: bool) -> tuple[Path, ...]:
    import onnx

    from .manifest import manifest
    from .network import network_graph
    from .render import render_graph

    head, softness = _head(colorizer)
    graphs = {
        "network": network_graph(colorizer.model, colorizer.approach.hints, int8=int8),
        "render": render_graph(head),
    }
    folder.mkdir(parents=True, exist_ok=True)
    paths = {key: folder / f"{key}.onnx" for key in graphs}
    for key, graph in graphs.items():
        onnx.save(graph, paths[key])
    precision = "int8" if int8 else "float16"
    described = manifest(colorizer, head, softness, paths, {"precision": precision}, weights)
    text = json.dumps(described, indent=1, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    return *paths.values(), folder / MANIFEST


def _head(colorizer: Colorizer) -> tuple[Head, float]:
    """The network's output for the smallest picture it takes; and a sample's softness."""
    import torch

    from colorizer.decoding.prediction import Distribution

    from .decode import Head, head_of

    side = cast(int, colorizer.model.stride)
    family = importlib.import_module(f"colorizer.models.{colorizer.approach.family}")
    with torch.inference_mode():
        lightness = torch.full((1, 1, side, side), 50.0)
        prediction = family.predict(colorizer.model, colorizer.config, lightness, None)
    if isinstance(prediction, Distribution):
        stride = side // prediction.logits.shape[-2]
        return head_of(prediction, stride), prediction.softness
    return Head(side // prediction.value.shape[-2]), 1.0
