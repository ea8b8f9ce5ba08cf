"""Names of outputs for millions of paths in any order."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from ..result_names import result_names
from ..storage import is_url

SPECIAL = re.compile(r"^[./]|//|/\.")  # what a plain path below a folder does not have


class Names:
    """Names of outputs for paths that come in any order: those of ``result_names``, by folder.

    Holds 8 bytes a path, twice that for a moment, and the paths whose plain names clash.
    """

    def __init__(self) -> None:
        self._paths: list[np.ndarray] = []
        self._stems: list[np.ndarray] = []
        self._sorted = np.empty(0, "<u8")
        self._clashing = self.repeated = np.empty(0, "<u8")
        self._folders: dict[str, set[str]] = defaultdict(set)
        self._settled: dict[str, str] = {}
        self._unclear = False

    def add(self, paths: list[str]) -> None:
        """Take some of the paths; all paths must come before :meth:`unclear`."""
        self._paths.append(_hashes(paths))
        self._stems.append(_hashes(map(_plain_stem, paths)))

    def unclear(self) -> bool:
        """True if there are names that clash and :meth:`settle` has not told apart yet."""
        if self._paths:
            self.repeated = _repeated(np.concatenate(self._paths))
            self._paths = []
            stems = np.concatenate(self._stems)
            self._stems = []
            stems.sort()
            self._sorted, self._clashing = stems, _repeated(stems)
            self._unclear = len(self._clashing) > 0
        return self._unclear

    def first(self, paths: list[str], seen: set[str]) -> list[bool]:
        """False for a path that came before; ``seen`` remembers those that come again."""
        first = [True] * len(paths)
        for i in np.flatnonzero(np.isin(_hashes(paths), self.repeated)):
            first[i] = paths[i] not in seen
            seen.add(paths[i])
        return first

    def collect(self, paths: list[str]) -> None:
        """Note the paths whose names clash; all paths must come."""
        stems = _hashes(map(_plain_stem, paths))
        for i in np.flatnonzero(np.isin(stems, self._clashing)):
            folder, _, name = _output_path(paths[i]).rpartition("/")
            self._folders[folder].add(name)

    def settle(self) -> None:
        """Tell the names noted apart."""
        self._settled = {}
        for folder, files in self._folders.items():
            for name, stem in result_names(files).items():
                join = f"{folder}/" if folder else ""
                self._settled[join + name] = join + stem
        # A name that was made longer may be the plain one of a photograph that clashed with none.
        made = np.unique(_hashes(self._settled.values()))
        more = made[np.isin(made, self._sorted) & ~np.isin(made, self._clashing)]
        self._clashing = np.concatenate([self._clashing, more])
        self._folders.clear()
        self._unclear = len(more) > 0

    def stem(self, path: str) -> str:
        """The output's path without suffix."""
        return self._settled.get(_output_path(path)) or os.path.splitext(_output_path(path))[0]


def _output_path(path: str) -> str:
    """Path of an output below the target, suffix and all still the input's."""
    if not SPECIAL.search(path):
        return path
    if is_url(path):
        path = path.split("://", 1)[1]
    return path.lstrip("/").replace("../", "")


def _plain_stem(path: str) -> str:
    """A key that is equal for paths whose outputs have one name in some file system."""
    stem = os.path.splitext(_output_path(path))[0]
    return (stem if stem.isascii() else unicodedata.normalize("NFC", stem)).casefold()


def _hashes(texts: Iterable[str]) -> np.ndarray:
    """64 bits a text, for this process alone: (N,) int64."""
    return np.fromiter(map(hash, texts), np.int64)


def _repeated(keys: np.ndarray) -> np.ndarray:
    ordered = np.sort(keys)
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
