"""The reports' own tables beside what was measured here, as docs/reports.md.

    python -m train.publish.comparison

What stands under *theirs* is cited from a report, as printed there; what stands under *ours*
comes from the checkpoints' metrics.json.  Nothing else is a figure in that file.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from colorizer import checkpoints

from ..evaluation.report import COLUMNS, cell, grid, replace_text

PAGE = checkpoints.CHECKPOINTS.parent / "docs" / "reports.md"
PHOTOS = "val.zip"  # the photographs whose figures stand beside the reports'
OBJECTS = "val-objects.zip"
BASELINES = ("ground truth", "grey", "another photograph's colours")


@dataclass(frozen=True)
class Table:
    """One table of a report.

    figures: theirs, by heading, to our figure's name.  rows: their name of a system, their
    figures as printed, and our row as (approach or baseline, decoding), None where there is none.
    differences: one line on data and protocol.
    """

    title: str
    photographs: str
    figures: dict[str, str]
    rows: tuple[tuple[str, tuple[str, ...], tuple[str, str] | None], ...]
    differences: str


TABLES = (
    Table(
        "Report 000: reconstruction, classification, WGAN-GP",
        PHOTOS,
        {"PSNR": "psnr", "IS": "inception_score"},
        (
            ("reconstruction", ("30.44", "12.1235"), ("reconstruction-lab", "default")),
            (
                "classification, centroid",
                ("25.2813", "18.6873"),
                ("classification", "likeliest colour (top-k 1)"),
            ),
            (
                "classification, softmax-assigned",
                ("25.4372", "18.7483"),
                ("classification", "top-k 5, T = 1"),
            ),
            ("GAN", ("23.2057", "17.1104"), ("wgan-gp", "default")),
        ),
        "They train and measure on STL-10 at 96 px, ten kinds of animals and vehicles; ours are "
        "scenes, people and objects of all kinds, and the Inception Score is by another network, "
        "so only the order of the rows can be compared. Which of their "
        "reconstructions (RGB or ab) has 30.44 is not said.",
    ),
    Table(
        "Report 001: pix2pix",
        PHOTOS,
        {"PSNR": "psnr"},
        (
            ("their method, 90 epochs", ("16.21",), ("pix2pix", "default")),
            ("Isola et al.", ("21.83",), None),
            ("Zhang et al.", ("25.06",), ("colorful", "full vividness, T = 0.38")),
            ("Larsson et al.", ("23.86",), None),
            ("Iizuka et al.", ("23.69",), None),
        ),
        "They train on about 6,000 photographs of COCO from nothing and cite the other rows; ours "
        "starts from an ImageNet encoder and has seen many more. Their PSNR is of all of RGB, as "
        "is ours.",
    ),
    Table(
        "Report 002: Deep Colorization",
        PHOTOS,
        {"PSNR": "psnr", "pixel accuracy": "pixel_accuracy"},
        (
            ("A, no semantics", ("68.88", "68.88 %"), ("deep-colorization-plain", "default")),
            ("B, semantics of a network", ("69.44", "69.97 %"), ("deep-colorization", "default")),
            ("C, semantics of the truth", ("69.42", "75.88 %"), None),
            ("CIC, pre-trained", ("–", "71.1 %"), ("colorful", "full vividness, T = 0.38")),
            ("ground truth", ("–", "79 %"), ("ground truth", "")),
        ),
        "A PSNR of 68.88 dB would mean that pictures differ from the originals by a tenth of one "
        "of 256 levels, and it equals the pixel accuracy beside it: that column cannot be a PSNR "
        "in dB of such pictures. Their pixel accuracy is against 50 classes of ADE20K; ours is the "
        "share of pixels to which MediaPipe Selfie Segmentation, which parts people from all "
        "else, gives the label that it gives them on the original, so only the order can be "
        "compared. C needs label maps beside the photographs; it can be trained, and no weights "
        "of it are shipped.",
    ),
    Table(
        "Report 004: colourization as preprocessing",
        OBJECTS,
        {"top-5 accuracy": "top5"},
        (
            ("ground truth", ("92.1",), ("ground truth", "")),
            ("greyscale", ("46.4",), ("grey", "")),
            ("random colour", ("17.4",), ("another photograph's colours", "")),
            ("Zhang et al.", ("67.7",), ("colorful", "full vividness, T = 0.38")),
            ("theirs", ("81.0",), ("mobile", "default")),
        ),
        "Theirs: VGG-16, per cent, on 1,000 photographs of the classes they trained on. Ours: "
        "MobileNetV2, as a share, on photographs of objects that training hardly saw. Grey hurts "
        "that network less than VGG-16, so there is less to win back.",
    ),
)


def measured() -> dict[str, dict[str, dict]]:
    """Set of photographs → row's name → figures, over all shipped checkpoints."""
    found: dict[str, dict[str, dict]] = {}
    for entry in checkpoints.shipped():
        path = checkpoints.CHECKPOINTS / entry.key / "metrics.json"
        results = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        for name, result in results.items():
            found.setdefault(name, {}).update(result["rows"])
    return found


def ours(rows: dict[str, dict], row: tuple[str, str] | None, figure: str) -> str:
    """Our figure for a table's cell: a dash where there is no such row or it was not measured."""
    if row is None:
        return "–"
    name = row[0] if row[0] in BASELINES else ", ".join(row)
    return cell(rows.get(name, {}), figure)


def markdown(table: Table, results: dict[str, dict[str, dict]]) -> str:
    """One table with its differences."""
    rows = results.get(table.photographs, {})
    heads = ["theirs", *(f"{h}, theirs" for h in table.figures), "ours"]
    heads += [f"{COLUMNS[name][0]}, ours" for name in table.figures.values()]
    cells = []
    for name, theirs, row in table.rows:
        mine = "–" if row is None else ", ".join(part for part in row if part)
        cells.append((name, *theirs, mine, *(ours(rows, row, f) for f in table.figures.values())))
    about = f"{table.differences} Ours is measured on `{table.photographs}`."
    return f"## {table.title}\n\n{grid(heads, cells)}\n\n{about}\n"


def page() -> str:
    """The whole of docs/reports.md."""
    results = measured()
    head = (
        "# The reports' tables beside ours\n\n"
        "Made by `python -m train.publish.comparison`, do not edit. *Theirs* is cited from the report as it "
        "is printed there; *ours* is from `checkpoints/*/metrics.json`. A dash: no such system "
        "here, or not measured. Report 003 has no table of results.\n"
    )
    return "\n".join([head, *(markdown(table, results) for table in TABLES)])


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=PAGE, metavar="FILE")
    args = parser.parse_args(argv)
    replace_text(args.output, page())


if __name__ == "__main__":
    main()
