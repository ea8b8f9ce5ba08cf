"""A source of photographs, as the planner sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from ..storage import Place, is_url

BLOCK = 8192  # photographs in memory at a time
ABSENT = "absent"  # mark of a photograph that was not there when it was looked for


@dataclass(frozen=True)
class Block:
    """Some photographs of a source.

    paths: below the source, or whole paths or URLs.  marks: of their contents.  stem: the output's
    path without suffix of the photograph at a place.  knobs: JSON of each one's own knobs or "",
    or None where none has any.
    """

    paths: list[str]
    marks: list[str]
    stem: Callable[[int], str]
    knobs: list[str] | None = None


class Source(Protocol):
    """Photographs in blocks; ``problems`` fills with a line for what cannot be listed."""

    base: Place
    problems: list[str]
    earlier: int

    def blocks(self) -> Iterator[Block]:
        """The photographs in a fixed order, from the first on at every call."""


def place_of(base: Place, path: str) -> tuple[Place, str]:
    """Location of a photograph of a source: a place and the name there."""
    if is_url(path) or path.startswith("/"):
        folder, name = path.rsplit("/", 1)
        return Place(folder or "/"), name
    return base, path
