"""``colorizer.json``: what a page or an app has to know beside the graphs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from colorizer import __version__
from colorizer.approaches import ADJUSTMENTS, Knob
from colorizer.approaches.looks import looks
from colorizer.decoding.prediction import Settings
from colorizer.decoding.sampling import Field
from colorizer.pipeline import DEFAULT_WORKING_SIZE, LONGEST_WORKING_SIDE, Colorizer

from .decode import Head

FORMAT = 2
# Of the programs, and of the weights (the model card has the terms).
LICENCE = {"code": "MIT", "weights": "research and non-commercial use"}


def manifest(
    colorizer: Colorizer,
    head: Head,
    softness: float,
    graphs: Mapping[str, Path],
    about: Mapping[str, str],
    weights: Path,
) -> dict[str, Any]:
    """The contents of ``colorizer.json``.

    softness: of a sample.  graphs: the files written, by what they are.  about: of the weights;
    weights: the file they come from.
    """
    approach, config = colorizer.approach, colorizer.config
    knobs = (*approach.knobs, *ADJUSTMENTS)
    best = {knob.name: knob.default for knob in knobs}
    best |= {"correlation": Settings().correlation}
    return {
        "format": FORMAT,
        "generator": f"colorizer {__version__}",
        "licence": LICENCE,
        "approach": approach.key,
        "title": approach.title,
        "explanation": approach.explanation,
        "paper": approach.paper,
        "paper_url": approach.paper_url,
        "weights": {**about, "sha256": sha256(weights)},
        "files": {key: _file(path) for key, path in graphs.items()},
        "size": {
            "short_side": config.get("working_size", DEFAULT_WORKING_SIZE),
            "longest_side": LONGEST_WORKING_SIDE,
            "multiple_of": colorizer.model.stride,
            "grid": head.stride,
        },
        "hints": approach.hints,
        "distribution": approach.distribution,
        "samples": approach.samples,
        "bins": [] if head.centers is None else head.centers.tolist(),
        "most_anchors": Field.MOST_ANCHORS,
        "best": {**best, "softness": 1.0},
        "sample": {**best, **dict(approach.sampling), "softness": softness},
        "knobs": [_knob(knob) for knob in knobs],
        "looks": [
            {"key": look.key, "title": look.title, "knobs": look.settings(approach)}
            for look in looks(approach)
        ],
    }


def sha256(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _file(path: Path) -> dict[str, Any]:
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": sha256(path)}


def _knob(knob: Knob) -> dict[str, Any]:
    return {name: getattr(knob, name) for name in Knob.__dataclass_fields__}
