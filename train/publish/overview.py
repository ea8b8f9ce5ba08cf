"""Every approach beside the others: docs/results.md, and the small table of the README.

    python -m train.publish.overview

The values come from the metrics.json of all checkpoints, which ``python -m train.evaluate
--record`` wrote, and from what ``python -m benchmarks inference`` measured.  Seconds of the
evaluation are left out: they depend on what else the computer did, and ``benchmarks`` has ratios.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import measured
from colorizer import checkpoints
from colorizer.approaches import approaches, get

from ..evaluation.report import COLUMNS, as_seen, between, cell, grid, markdown, replace_text
from ..evaluation.results import DEFAULT, GREY, TRUEST, RowKey, Table, load

ROOT = checkpoints.CHECKPOINTS.parent
PAGE, README = ROOT / "docs" / "results.md", ROOT / "README.md"
BEGIN = "<!-- tables: made by `python -m train.publish.overview`, do not edit -->"
END = "<!-- end of tables -->"
PHOTOS = "val.zip"  # the set whose values stand in the README
QUALITY = ("psnr", "frechet_distance")
# What two results must share to stand in one table.
PROTOCOL = ("photographs", "size", "aged", "framed", "rebalancing_prior")
# Networks behind metrics: where one was not asked there is a dash, but two would not compare.
NETWORKS = ("classifier", "inception", "segmentation")
# Of each approach: what it is called here in the table.  The other settings are in its card.
SHOWN = {DEFAULT: "{}", TRUEST: "{}, truest"}


def shape(about: dict) -> str:
    """The part of the photographs that was measured, and how they were seen."""
    size = about["size"]
    return ("whole" if size == "own" else f"squares of {size} px") + as_seen(about)


def rebalanced_by(about: dict) -> str:
    """The weights of the rebalanced AuC; nothing where no AuC was measured."""
    prior = about.get("rebalancing_prior")
    return f"; rebalanced AuC weighed by {prior}, λ = 0" if prior else ""


def notes_on_networks(about: dict) -> list[str]:
    """Sentences that a reader must know about the networks that measured."""
    found = []
    if about.get("classifier"):
        found.append(
            f"The classifier ({about['classifier']}) is trained on ImageNet and is also what "
            "encoders here start from; it entered neither a loss nor the choice of a checkpoint."
        )
    if about.get("inception"):
        found.append(
            f"Inception Score and Fréchet distance are of {about['inception']}, not of Inception "
            "v3, so they compare with each other only."
        )
    if about.get("segmentation"):
        found.append(
            f"Pixel accuracy is the share of pixels to which {about['segmentation']} gives the "
            "label that it gives them on the original."
        )
    return found


def table(rows: Mapping[str, dict]) -> str:
    """Rows by title as Markdown, without seconds."""
    return markdown(rows, without=("seconds",))


def rows_of(approach: str, rows: Table) -> dict[str, dict]:
    """An approach's rows for the table of all, by title: default, truest, samples, a difference."""
    found = {}
    for key, row in rows.items():
        if key.subject != approach:
            continue
        if key.setting in SHOWN:
            found[SHOWN[key.setting].format(approach)] = row
        elif key.samples or key.minus:
            found[key.title] = row
    return found


def tables(folders: Sequence[Path]) -> list[tuple[str, dict, dict[str, dict]]]:
    """(name of the photographs, how they were measured, rows by title) of all that was measured."""
    found: list[tuple[str, dict, dict[str, dict]]] = []
    order = [entry.key for entry in approaches()]
    keys = {f: json.loads((f / "config.json").read_text())["approach"] for f in folders}
    for folder, key in sorted(keys.items(), key=lambda item: order.index(item[1])):
        for name, result in load(folder).items():
            about, rows = result["about"], result["rows"]
            entry = next((e for e in found if e[0] == name and comparable(e[1], about)), None)
            if entry is None:
                entry = (name, dict(about), {})
                found.append(entry)
            entry[1].update({n: about[n] for n in NETWORKS if about.get(n)})
            for row, values in rows.items():
                if row.is_baseline:  # the same for all, but for the networks behind its metrics
                    entry[2][row.title] = entry[2].get(row.title, {}) | values
            entry[2].update(rows_of(key, rows))
    return found


def comparable(one: dict, two: dict) -> bool:
    """True if what was measured in these ways can stand in one table."""
    alike = all(one.get(p) == two.get(p) for p in PROTOCOL)
    return alike and all(
        one.get(j) == two.get(j) or not (one.get(j) and two.get(j)) for j in NETWORKS
    )


def as_markdown(folders: Sequence[Path]) -> str:
    """The tables as Markdown, each under a line that says what was measured and how."""
    parts, notes = [], []
    for name, about, rows in tables(folders):
        head = f"**{name}**: {about['photographs']:,} photographs, {shape(about)}"
        parts.append(f"{head}{rebalanced_by(about)}.\n\n{table(rows)}\n")
        notes += notes_on_networks(about)
    parts += [f"{sentence}\n" for sentence in dict.fromkeys(notes)]
    return "\n".join(parts)


def small_table(folders: Sequence[Path], times: Mapping[str, Mapping[str, float]]) -> str:
    """The README's table: what each approach is, its parameters, quality and time.

    times: key → "parameters" and "used", as ``benchmarks.inference`` measured them.
    """
    lines, grey = [], {}
    for folder in folders:
        key = json.loads((folder / "config.json").read_text())["approach"]
        rows = load(folder).get(PHOTOS, {}).get("rows", {})
        grey = grey or rows.get(GREY, {})
        time = times.get(key)
        lines.append(
            (
                f"[`{key}`](checkpoints/{folder.name}/README.md): {get(key).paper}",
                f"{time['parameters'] / 1e6:.1f} M" if time else "–",
                quality(rows.get(RowKey(key, DEFAULT), {})),
                f"{time['used'] * 1e3:.0f} ms" if time else "–",
            )
        )
    heads = (COLUMNS[name][0] for name in QUALITY)
    note = f"Quality: {' / '.join(heads)} on `{PHOTOS}`, default setting; grey has {quality(grey)}."
    return f"{grid(('', 'parameters', 'quality', 'time'), lines)}\n\n{note}"


def quality(row: Mapping[str, float]) -> str:
    """The values that stand for an approach's quality."""
    return " / ".join(cell(row, name) for name in QUALITY)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, default=PAGE, metavar="FILE")
    parser.add_argument("--readme", type=Path, default=README, metavar="FILE")
    args = parser.parse_args(argv)
    for path, text in pages(args.page, args.readme):
        replace_text(path, text)


def pages(page: Path = PAGE, readme: Path = README) -> list[tuple[Path, str]]:
    """Both files with the tables of the shipped checkpoints.  Raises ValueError without markers."""
    folders = shipped_folders()
    new = {page: as_markdown(folders).rstrip("\n"), readme: small_table(folders, measured.load())}
    return [(p, between(p.read_text(encoding="utf-8"), BEGIN, END, n)) for p, n in new.items()]


def shipped_folders() -> list[Path]:
    """The folders in ``checkpoints/``, in the registry's order."""
    return [checkpoints.CHECKPOINTS / entry.key for entry in checkpoints.shipped()]


if __name__ == "__main__":
    main()
