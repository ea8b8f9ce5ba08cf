"""Names of results: no two alike in any file system, and known again by later runs.

A result's name depends on the files that lie in the photograph's folder and on nothing else: not
on their order, not on which of them were asked for.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from colorizer.images.endings import READABLE

RESULT_SUFFIX = ".png"
_RESULT = re.compile(r"(?P<name>.+)-(color|seed\d+)")


def result_names(files: Iterable[str]) -> dict[str, str]:
    """A name without suffix for every file of one folder, no two alike in any file system.

    ``cat.jpg`` becomes ``cat``; beside a ``cat.png`` it becomes ``cat-jpg``, and where that is
    taken too ``cat.jpg``.  Depends on the set of files only.
    """
    level = dict.fromkeys(files, 0)
    while True:
        names = {file: _name(file, level[file]) for file in level}
        count = Counter(map(_folded, names.values()))
        clashing = [file for file, name in names.items() if count[_folded(name)] > 1]
        if not clashing:
            return names
        for file in clashing:  # all of them: which comes first must not matter
            level[file] += 1


def _name(file: str, level: int) -> str:
    stem, suffix = os.path.splitext(file)
    if level == 0:
        return stem
    if level == 1 and suffix:
        return f"{stem}-{suffix[1:].lower()}"
    if level <= 2:
        return file
    # Names that differ in case or Unicode form alone: a mark made from the very bytes.
    return f"{file}-{hashlib.sha256(os.fsencode(file)).hexdigest()[: 5 + level]}"


def _folded(name: str) -> str:
    """A key that is equal for names that some file systems take for the same."""
    return unicodedata.normalize("NFC", name).casefold()


def is_photograph(name: str) -> bool:
    """True if a file's name looks like that of a photograph; hidden ones do not."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in READABLE


def earlier_results(files: list[str]) -> set[str]:
    """Those that an earlier run wrote beside their photograph: cat-color.png beside cat.jpg."""
    names = set(result_names(files).values())
    found = set()
    for file in files:
        stem, suffix = os.path.splitext(file)
        match = _RESULT.fullmatch(stem)
        if match and suffix == RESULT_SUFFIX and match["name"] in names:
            found.add(file)
    return found
