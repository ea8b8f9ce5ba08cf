"""Outcomes of an album's photographs, added up, and the lines that tell them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .terminal import print_path, say

if TYPE_CHECKING:
    from ..batch.local import Outcome

_MOST_KINDS = 12  # endings that are named at most


@dataclass
class Tally:
    """Outcomes of the pictures so far.

    existed: outputs that were there before.  elsewhere: left to another run.  earlier: files that
    are results of an earlier run.  unread: files that are no photographs, by ending.
    """

    written: int = 0
    existed: int = 0
    elsewhere: int = 0
    earlier: int = 0
    failures: list[str] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)

    def count(self, outcome: Outcome) -> None:
        """Add the outcome of one photograph, and print its notes and paths."""
        self.existed += outcome.existed
        self.elsewhere += outcome.elsewhere
        self.written += len(outcome.written)
        for note in outcome.notes:
            say(note)
        for path in outcome.written:
            print_path(path)
        if outcome.error:
            self.failures.append(outcome.error)

    def say_failures(self) -> None:
        """Say a line for every photograph that failed."""
        for failure in self.failures:
            say(failure)

    def say_all(self, opening: str = "") -> None:
        """Say a line for every photograph that failed, and one for what was done."""
        self.say_failures()
        parts = [f"{self.written} written"]
        if self.existed:
            parts.append(f"{self.existed} existed before (--overwrite writes them anew)")
        if self.earlier:
            parts.append(f"{self.earlier} left out as results of an earlier run")
        if self.elsewhere:
            parts.append(f"{self.elsewhere} left to another run that makes them just now")
        if self.failures:
            parts.append(f"{len(self.failures)} failed")
        say(opening + ", ".join(parts) + self.words_for_unread() + ".")

    def words_for_unread(self) -> str:
        """Files in the folders that are no photographs, by ending; "" if none."""
        if not self.unread:
            return ""
        kinds = sorted(self.unread.items())
        shown = [f"{count} {ending}" for ending, count in kinds[:_MOST_KINDS]]
        more = f" and {len(kinds) - _MOST_KINDS} other kinds" if len(kinds) > _MOST_KINDS else ""
        return f"; not read: {', '.join(shown)}{more}"
