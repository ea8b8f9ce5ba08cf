"""curves.csv: one row per evaluation, whatever the columns were before."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from colorizer import checkpoints


def add_row(path: Path, row: dict) -> None:
    """Append to a CSV file; where the columns have changed it is written anew with all of them."""
    rows: list[dict] = []
    names = list(row)
    if path.exists():
        with path.open(newline="") as file:
            reader = csv.DictReader(file)
            rows, known = list(reader), list(reader.fieldnames or [])
        names = known + [n for n in names if n not in known]
        if names == known:
            with path.open("a", newline="") as file:
                csv.DictWriter(file, names).writerow(row)
            return
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows([*rows, row])
    checkpoints.replace(path, text.getvalue().encode())
