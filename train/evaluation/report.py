"""The evaluation's results for people as Markdown and CSV, and the files of ``--output``."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from colorizer import checkpoints

from . import results

# metric → (heading, format); one that was not measured is a dash
COLUMNS = {
    "psnr": ("PSNR", "{:.2f}"),
    "ssim": ("SSIM", "{:.3f}"),
    "lpips": ("LPIPS", "{:.3f}"),
    "colorfulness_share": ("colourfulness share", "{:.2f}"),
    "sharpness_share": ("sharpness share", "{:.2f}"),
    "brown_share": ("brown", "{:.2f}"),
    "auc_raw": ("AuC raw", "{:.2f}"),
    "auc_rebalanced": ("AuC rebalanced", "{:.2f}"),
    "classifier_agreement": ("classifier agrees", "{:.3f}"),
    "top1": ("top-1", "{:.3f}"),
    "top5": ("top-5", "{:.3f}"),
    "pixel_accuracy": ("pixel accuracy", "{:.3f}"),
    "inception_score": ("Inception Score", "{:.2f}"),
    "frechet_distance": ("Fréchet distance", "{:.1f}"),
    "pairwise_distance": ("pairwise ab distance", "{:.2f}"),
    "best_of_n_error": ("best-of-n ab error", "{:.2f}"),
    "seconds": ("seconds", "{:.2f}"),
}


def as_seen(about: dict) -> str:
    """The state in which approaches saw the photographs: nothing, or old prints."""
    if not about.get("aged"):
        return ""
    framed = about.get("framed")
    return ", seen faded, grainy or soft" + (f", {framed:.0%} with a border" if framed else "")


def heading(about: dict) -> str:
    """One line on what was measured."""
    size = about["size"]
    shape = "whole" if size == "own" else f"{size} px squares"
    return (
        f"{about['photographs']:,} photographs of {', '.join(about['from'])}, {shape}{as_seen(about)}; "
        f"rebalanced AuC by {about['rebalancing_prior']}, λ = 0"
    )


def used_columns(table: Mapping[object, dict]) -> list[str]:
    """Columns that some row has a value for, in their order."""
    return [c for c in COLUMNS if any(row.get(c) is not None for row in table.values())]


def grid(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def between(text: str, begin: str, end: str, new: str) -> str:
    """``text`` with ``new`` between two markers.  Raises ValueError where they are missing."""
    if begin not in text or end not in text:
        raise ValueError(f"There are no markers for it: {begin} … {end}.")
    before, rest = text.split(begin, 1)
    return f"{before}{begin}\n\n{new}\n\n{end}{rest.split(end, 1)[1]}"


def titled(table: results.Table) -> dict[str, dict]:
    """A table by its rows' names for people."""
    return {key.title: values for key, values in table.items()}


def markdown(table: Mapping[str, dict], without: Sequence[str] = ()) -> str:
    """Rows by title as a Markdown table, a dash for what was not measured."""
    used = [c for c in used_columns(table) if c not in without]
    rows = ((name, *(cell(row, c) for c in used)) for name, row in table.items())
    return grid(("", *(COLUMNS[c][0] for c in used)), rows)


def cell(row: dict, column: str) -> str:
    return COLUMNS[column][1].format(row[column]) if row.get(column) is not None else "–"


def replace_text(path: Path, text: str) -> None:
    """Write a text file; it appears whole or stays what it was."""
    checkpoints.replace(path, text.encode())


def write(folder: Path, about: dict, rows: results.Table, details: dict) -> None:
    """Write figures.json, figures.csv and figures.md into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    everything = {
        "about": about,
        "rows": results.to_records(rows),
        "details": results.to_records(details, "details"),
    }
    replace_text(folder / "figures.json", json.dumps(everything, indent=1, ensure_ascii=False))
    used = used_columns(rows)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["row", *used])
    for key, row in rows.items():
        writer.writerow([key.title, *(row.get(c) for c in used)])
    replace_text(folder / "figures.csv", text.getvalue())
    table = f"{heading(about)}\n\n{markdown(titled(rows))}\n"
    replace_text(folder / "figures.md", table)
