"""What makes two colorizations of a photograph the same: input, weights, settings, version.

The identity of a result is ``INPUT WORK``: INPUT marks the content of the photograph's file (size
and time, or a bucket's ETag), WORK everything that was done with it.  A photograph whose result has
the identity it would get now is never done again.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

import colorizer

FORMATS = {"png": ".png", "jpeg": ".jpg"}


@dataclass(frozen=True)
class Work:
    """What is done with every photograph; it travels to every process.

    approach: a key, a folder with weights, or a Hub repository, as ``colorizer.load`` takes it.
    weights: hash of the weights, from :func:`weights_hash`.
    knobs: arguments of :meth:`colorizer.Analysis.colorize`; what is left out is the default.
    format: "png" or "jpeg".  max_side: longest side of the result in pixels, or None.
    """

    approach: str
    weights: str
    knobs: dict[str, Any] = field(default_factory=dict)
    format: str = "png"
    max_side: int | None = None

    @property
    def suffix(self) -> str:
        return FORMATS[self.format]

    def with_knobs(self, knobs: dict[str, Any]) -> Work:
        """The same with some knobs changed."""
        return replace(self, knobs=self.knobs | knobs) if knobs else self

    def digest(self) -> str:
        """16 hexadecimal figures that change with anything that changes the result."""
        facts = {
            "weights": self.weights,
            "knobs": {k: v for k, v in self.knobs.items() if v is not None},
            "format": self.format,
            "max_side": self.max_side,
            "version": colorizer.__version__,
        }
        text = json.dumps(facts, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def weights_hash(folder: str | os.PathLike) -> str:
    """SHA-256 of a checkpoint folder's config and weights."""
    digest = hashlib.sha256()
    for name in ("config.json", "model.safetensors"):
        with (Path(folder) / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def key_of(path: str) -> int:
    """64 bits that stand for a photograph's path in the table."""
    return int.from_bytes(hashlib.blake2b(os.fsencode(path), digest_size=8).digest(), "little")


def mark_of(path: str, identity: str) -> bytes:
    """16 bytes that stand for a path together with an identity."""
    return hashlib.blake2b(os.fsencode(f"{path}\0{identity}"), digest_size=16).digest()


def marks_array(marks: list[bytes] | bytes) -> np.ndarray:
    """Marks of 16 bytes each as (N, 2) uint64."""
    joined = marks if isinstance(marks, bytes) else b"".join(marks)
    return np.frombuffer(joined, "<u8").reshape(-1, 2)
