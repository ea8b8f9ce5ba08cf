"""The README's figures: every approach in one table for each set of photographs.

Made from the metrics.json of all checkpoints, which ``python -m train.evaluate --record`` wrote.
Seconds are left out: they depend on what else the machine did, and ``benchmarks`` has ratios.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from colorizer.approaches import approaches

from ..evaluation.report import between, markdown

BEGIN = "<!-- figures: made by `python -m train.publish.card --readme README.md`, do not edit -->"
END = "<!-- end of figures -->"
# What two results must share to stand in one table.
PROTOCOL = ("photographs", "size", "aged", "rebalancing_prior")
# Networks that judged: where one was not asked there is a dash, but two would not compare.
JUDGES = ("classifier", "inception", "segmentation")
# Of each approach: what it is called here in the table.  The other decodings are in its card.
SHOWN = {
    "default": "{}",
    "truest: vividness 0, T = 1": "{}, truest",
    "less reconstruction-lab": "{} less reconstruction-lab",
}


def shape(about: dict) -> str:
    """Which part of the photographs was judged, and how they were seen."""
    size = about["size"]
    seen = ", seen faded, grainy or soft" if about.get("aged") else ""
    return ("whole" if size == "own" else f"squares of {size} px") + seen


def rebalanced_by(about: dict) -> str:
    """What weighed the rebalanced AuC; nothing where no AuC was measured."""
    prior = about.get("rebalancing_prior")
    return f"; rebalanced AuC weighed by {prior}, λ = 0" if prior else ""


def said_of_judges(about: dict) -> list[str]:
    """What a reader must know of the networks that judged."""
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


def table(rows: dict[str, dict]) -> str:
    """Rows as Markdown, without seconds."""
    return markdown(rows, without=("seconds",))


def rows_of(key: str, rows: dict[str, dict]) -> dict[str, dict]:
    """An approach's rows for the table of all, named for it: defaults, truest, its samples."""
    found = {}
    for name, row in rows.items():
        approach, _, decoding = name.partition(", ")
        if approach != key:
            continue
        if decoding in SHOWN:
            found[SHOWN[decoding].format(key)] = row
        elif "samples" in decoding or decoding.startswith("best of"):
            found[name] = row
    return found


def tables(folders: Sequence[Path]) -> list[tuple[str, dict, dict[str, dict]]]:
    """(name of the photographs, how they were measured, rows) of everything that was measured."""
    found: list[tuple[str, dict, dict[str, dict]]] = []
    order = [entry.key for entry in approaches()]
    keys = {f: json.loads((f / "config.json").read_text())["approach"] for f in folders}
    for folder, key in sorted(keys.items(), key=lambda item: order.index(item[1])):
        path = folder / "metrics.json"
        if not path.exists():
            continue
        for name, result in json.loads(path.read_text()).items():
            about, rows = result["about"], result["rows"]
            entry = next((e for e in found if e[0] == name and comparable(e[1], about)), None)
            if entry is None:
                entry = (name, dict(about), {})
                found.append(entry)
            entry[1].update({judge: about[judge] for judge in JUDGES if about.get(judge)})
            for row, figures in rows.items():
                if ", " not in row:  # a baseline: the same for all, but for who judged it
                    entry[2][row] = entry[2].get(row, {}) | figures
            entry[2].update(rows_of(key, rows))
    return found


def comparable(one: dict, two: dict) -> bool:
    """Whether what was measured in these ways can stand in one table."""
    alike = all(one.get(p) == two.get(p) for p in PROTOCOL)
    return alike and all(
        one.get(j) == two.get(j) or not (one.get(j) and two.get(j)) for j in JUDGES
    )


def figures(folders: Sequence[Path]) -> str:
    """The tables as Markdown, each under a line that says what was measured and how."""
    parts, judges = [], []
    for name, about, rows in tables(folders):
        head = f"**{name}**: {about['photographs']:,} photographs, {shape(about)}"
        parts.append(f"{head}{rebalanced_by(about)}.\n\n{table(rows)}\n")
        judges += said_of_judges(about)
    parts += [f"{sentence}\n" for sentence in dict.fromkeys(judges)]
    return "\n".join(parts)


def with_figures(text: str, folders: Sequence[Path]) -> str:
    """``text`` with the figures of all checkpoints between its markers.  Raises ValueError."""
    return between(text, BEGIN, END, figures(folders).rstrip("\n"))
