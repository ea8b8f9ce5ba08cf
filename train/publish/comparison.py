"""The reports' own tables beside what was measured here, as docs/reports.md.

    python -m train.publish.comparison

What stands under *theirs* is cited from a report, as printed there; what stands under *ours*
comes from the checkpoints' metrics.json.  Nothing else is a number in that file.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from colorizer import checkpoints
from colorizer.approaches import approaches

from ..evaluation.labelled import row_key
from ..evaluation.report import COLUMNS, cell, grid, replace_text
from ..evaluation.results import (
    DEFAULT,
    GREY,
    GROUND_TRUTH,
    OTHER_COLOURS,
    PAPER,
    TOP_1,
    TOP_5,
    RowKey,
    Table,
    load,
)

PAGE = checkpoints.CHECKPOINTS.parent / "docs" / "reports.md"
PHOTOS = "val.zip"  # the photographs whose metrics stand beside the reports'
OBJECTS = "val-objects.zip"
LABELLED = "clothing-co-parsing, every fifth"


@dataclass(frozen=True)
class Comparison:
    """One table of a report.

    metrics: theirs, by heading, to our metric's name.  rows: their name of a system, their
    values as printed, and our row, None where there is none.
    differences: one line on data and protocol.
    """

    title: str
    photographs: str
    metrics: dict[str, str]
    rows: tuple[tuple[str, tuple[str, ...], RowKey | None], ...]
    differences: str


TABLES = (
    Comparison(
        "Report 000: reconstruction, classification, WGAN-GP",
        PHOTOS,
        {"PSNR": "psnr", "IS": "inception_score"},
        (
            ("reconstruction", ("30.44", "12.1235"), RowKey("reconstruction-lab", DEFAULT)),
            (
                "classification, centroid",
                ("25.2813", "18.6873"),
                RowKey("classification", TOP_1),
            ),
            (
                "classification, softmax-assigned",
                ("25.4372", "18.7483"),
                RowKey("classification", TOP_5),
            ),
            ("GAN", ("23.2057", "17.1104"), RowKey("wgan-gp", DEFAULT)),
        ),
        "They train and measure on STL-10 at 96 px, ten kinds of animals and vehicles; ours are "
        "scenes, people and objects of all kinds, and the Inception Score is by another network, "
        "so only the order of the rows can be compared. Which of their "
        "reconstructions (RGB or ab) has 30.44 is not said.",
    ),
    Comparison(
        "Report 001: pix2pix",
        PHOTOS,
        {"PSNR": "psnr"},
        (
            ("their method, 90 epochs", ("16.21",), RowKey("pix2pix", DEFAULT)),
            ("Isola et al.", ("21.83",), None),
            ("Zhang et al.", ("25.06",), RowKey("colorful", PAPER)),
            ("Larsson et al.", ("23.86",), None),
            ("Iizuka et al.", ("23.69",), None),
        ),
        "They train on about 6,000 photographs of COCO from nothing and cite the other rows; ours "
        "starts from an ImageNet encoder and has seen many more. Their PSNR is of all of RGB, as "
        "is ours.",
    ),
    Comparison(
        "Report 002: Deep Colorization",
        PHOTOS,
        {"PSNR": "psnr", "pixel accuracy": "pixel_accuracy"},
        (
            ("A, no semantics", ("68.88", "68.88 %"), RowKey("deep-colorization-plain", DEFAULT)),
            (
                "B, semantics of a network",
                ("69.44", "69.97 %"),
                RowKey("deep-colorization", DEFAULT),
            ),
            ("C, semantics of the truth", ("69.42", "75.88 %"), None),
            ("CIC, pre-trained", ("–", "71.1 %"), RowKey("colorful", PAPER)),
            ("ground truth", ("–", "79 %"), GROUND_TRUTH),
        ),
        "A PSNR of 68.88 dB would mean that pictures differ from the originals by a tenth of one "
        "of 256 levels, and it equals the pixel accuracy beside it: that column cannot be a PSNR "
        "in dB of such pictures. Their pixel accuracy is against 50 classes of ADE20K; ours is the "
        "share of pixels to which MediaPipe Selfie Segmentation, which parts people from all "
        "else, gives the label that it gives them on the original, so only the order can be "
        "compared. C needs label maps beside the photographs: see the next table.",
    ),
    Comparison(
        "Report 002: Deep Colorization, on photographs with label maps",
        LABELLED,
        {"PSNR": "psnr", "pixel accuracy": "pixel_accuracy"},
        (
            ("A, no semantics", ("68.88", "68.88 %"), row_key("A")),
            ("B, semantics of a network", ("69.44", "69.97 %"), row_key("B")),
            ("C, semantics of the truth", ("69.42", "75.88 %"), row_key("C")),
            ("–", ("–", "–"), GREY),
        ),
        "All three were trained for as many steps on 804 of the 1,004 street fashion photographs of "
        "Clothing Co-Parsing (Yang et al. 2014) that have pixel-level labels of clothes, skin and "
        "hair, A and B on random crops and C on the centre squares, and are measured on the other "
        "200; C is given their true labels. These say where the person is, which is also what the "
        "segmentation network behind the pixel accuracy looks for. The weights are not shipped: 804 photographs "
        "of one kind are too few for a page, and C needs labels.",
    ),
    Comparison(
        "Report 004: colourization as preprocessing",
        OBJECTS,
        {"top-5 accuracy": "top5"},
        (
            ("ground truth", ("92.1",), GROUND_TRUTH),
            ("greyscale", ("46.4",), GREY),
            ("random colour", ("17.4",), OTHER_COLOURS),
            ("Zhang et al.", ("67.7",), RowKey("colorful", PAPER)),
            ("theirs", ("81.0",), RowKey(approaches()[0].key, DEFAULT)),
        ),
        "Theirs: VGG-16, per cent, on 1,000 photographs of the classes they trained on. Ours: "
        "MobileNetV2, as a share, on photographs of objects that training hardly saw. Grey hurts "
        "that network less than VGG-16, so there is less to win back.",
    ),
)


def measured() -> dict[str, Table]:
    """Set of photographs → table, over all shipped checkpoints."""
    found: dict[str, Table] = {}
    for entry in checkpoints.shipped():
        for name, result in load(checkpoints.CHECKPOINTS / entry.key).items():
            found.setdefault(name, {}).update(result["rows"])
    return found


def ours(rows: Table, row: RowKey | None, metric: str) -> str:
    """Our value for a table's cell: a dash where there is no such row or it was not measured."""
    return "–" if row is None else cell(rows.get(row, {}), metric)


def markdown(table: Comparison, results: dict[str, Table]) -> str:
    """One table with its differences."""
    rows = results.get(table.photographs, {})
    heads = ["theirs", *(f"{h}, theirs" for h in table.metrics), "ours"]
    heads += [f"{COLUMNS[name][0]}, ours" for name in table.metrics.values()]
    cells = []
    for name, theirs, row in table.rows:
        mine = "–" if row is None else row.title
        cells.append((name, *theirs, mine, *(ours(rows, row, f) for f in table.metrics.values())))
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
