"""A folder or a prefix of a bucket as a source."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..result_names import earlier_results, is_photograph, result_names
from ..storage import Place, input_mark, local_mark
from .source import ABSENT, BLOCK, Block


@dataclass
class Folder:
    """All photographs below a folder or a prefix; hidden ones and earlier results are left out."""

    base: Place
    target: Place
    problems: list[str] = field(default_factory=list)
    earlier: int = 0

    def blocks(self) -> Iterator[Block]:
        self.problems, self.earlier = [], 0
        paths: list[str] = []
        marks: list[str] = []
        stems: list[str] = []
        listed = self._local_folders() if self.base.local else self.base.folders()
        for folder, files in listed:
            for name, stem in self._named(files):
                path = f"{folder}/{name}" if folder else name
                paths.append(path)
                marks.append(self._mark(path, files[name]))
                stems.append(f"{folder}/{stem}" if folder else stem)
                if len(paths) == BLOCK:
                    yield Block(paths, marks, stems.__getitem__)
                    paths, marks, stems = [], [], []
        if paths:
            yield Block(paths, marks, stems.__getitem__)

    def _named(self, files: Iterable[str]) -> Iterable[tuple[str, str]]:
        """The photographs of one folder and their outputs' names."""
        names = sorted(n for n in files if is_photograph(n))
        earlier = earlier_results(names)
        self.earlier += len(earlier)
        return result_names(n for n in names if n not in earlier).items()

    def _mark(self, path: str, facts: dict | None) -> str:
        if facts is not None:
            return input_mark(facts)
        try:
            return local_mark(self.base.path(path))
        except OSError:
            return ABSENT

    def _local_folders(self) -> Iterator[tuple[str, dict[str, None]]]:
        """As :meth:`Place.folders`, with links followed to files and the target left out."""
        own = os.path.realpath(self.target.root) if self.target.local else None
        top = self.base.root

        def unreadable(error: OSError) -> None:
            self.problems.append(
                f"{error.filename}: the folder cannot be opened ({error.strerror})."
            )

        for folder, below, files in os.walk(top, onerror=unreadable):
            below[:] = sorted(
                b
                for b in below
                if not b.startswith(".") and os.path.realpath(os.path.join(folder, b)) != own
            )
            relative = os.path.relpath(folder, top)
            yield "" if relative == "." else relative.replace(os.sep, "/"), dict.fromkeys(files)
