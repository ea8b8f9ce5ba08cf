"""``python -m colorizer study FILE…``: add up the results files of the page's tab Real or fake?."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..study import SMALL, StudyError, rates, read, table
from .terminal import DONE, FAILED, MISUSED, command


def main(files: Sequence[str]) -> int:
    """Print the table of the rates; returns the exit status."""
    if not files or files[0] in ("-h", "--help"):
        print(f"usage: {command('study')} RESULTS.csv …", file=sys.stderr)
        print("Adds up the results files of the page's tab “Real or fake?”.", file=sys.stderr)
        return DONE if files else MISUSED
    try:
        answers = [answer for file in files for answer in read(file)]
        if not answers:
            raise StudyError("There are no answers in these files.")
    except StudyError as error:
        print(f"{command('study')}: {error}", file=sys.stderr)
        return FAILED
    # The same file twice, or a visit saved twice, counts once.
    unique = list({(a.visit, a.trial): a for a in answers}.values())
    found = rates(unique)
    print(table(found))
    people = len({a.visit for a in unique})
    print(f"\n{len(unique)} answers of {people} visits.", file=sys.stderr)
    if any(r.count < SMALL for r in found):
        print(f"Fewer than {SMALL} answers in a row say next to nothing.", file=sys.stderr)
    return DONE
