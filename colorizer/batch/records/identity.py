"""Identity of a colorization: input, weights, settings, version.

The identity of a result is ``INPUT WORK``: INPUT marks the content of the photograph's file (size
and time, or a bucket's ETag), WORK everything that was done with it.  A photograph whose result has
the identity it would get now is never done again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

import colorizer

FORMATS = {"png": ".png", "jpeg": ".jpg"}


@dataclass(frozen=True)
class Work:
    """The work for every photograph; it travels to every process.

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
        """Ending of the outputs' names."""
        return FORMATS[self.format]

    def with_knobs(self, knobs: dict[str, Any]) -> Work:
        """The same with some knobs changed."""
        return replace(self, knobs=self.knobs | knobs) if knobs else self

    def digest(self) -> str:
        """16 hexadecimal digits that change with anything that changes the result."""
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


def keys_of(paths: Sequence[str]) -> np.ndarray:
    """64 bits for each path, which stand for it in the table: (N,) uint64."""
    return np.frombuffer(b"".join([_hash(_bytes(p), 8) for p in paths]), "<u8")


def marks_of(paths: Sequence[str], identities: Sequence[str]) -> np.ndarray:
    """128 bits for each path together with an identity: (N, 2) uint64."""
    pairs = zip(paths, identities, strict=True)
    return as_marks(b"".join([_hash(_bytes(f"{p}\0{i}"), 16) for p, i in pairs]))


def as_marks(data: bytes) -> np.ndarray:
    """Marks of 16 bytes each as (N, 2) uint64."""
    return np.frombuffer(data, "<u8").reshape(-1, 2)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")  # as file names that are no UTF-8 are read


def _hash(data: bytes, size: int) -> bytes:
    return hashlib.blake2b(data, digest_size=size).digest()
