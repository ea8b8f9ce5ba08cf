"""Write the table of all checkpoints, how each was trained and what it reached, into a file.

    python -m train.publish.training_table                    # into train/README.md, between its markers

Every entry comes from a checkpoint's config.json (written by its training) and metrics.json
(written by ``python -m train.evaluate --record``).
"""

from __future__ import annotations

import argparse
import json
import textwrap
from pathlib import Path

from colorizer import checkpoints

from ..evaluation.report import between, grid, replace_text
from ..evaluation.results import DEFAULT, RowKey, load
from .overview import shipped_folders

README = Path(__file__).parents[1] / "README.md"
BEGIN = "<!-- table: made by `python -m train.publish.training_table`, do not edit -->"
END = "<!-- end of table -->"
# Of a segment of config.json what is no option of the command.
NOT_OPTIONS = {"first_step", "steps", "hours", "hardware", "script", "cooldown"}
# A command over several lines, as a shell reads it.
WRAPPED = {"subsequent_indent": "    ", "break_long_words": False, "break_on_hyphens": False}
COLUMNS = (
    ("PSNR", "psnr", "{:.2f}"),
    ("colourfulness", "colorfulness_share", "{:.2f}"),
    ("AuC raw", "auc_raw", "{:.2f}"),
    ("AuC rebalanced", "auc_rebalanced", "{:.2f}"),
)


def commands(config: dict) -> list[str]:
    """The commands that repeat a checkpoint's training; starts alike are one."""
    made: list[tuple[str, dict]] = []
    for segment in config.get("training", []):
        script = segment.get("script", config["approach"].replace("-", "_"))
        options = {k: v for k, v in segment.items() if k not in NOT_OPTIONS}
        text = " ".join([f"python -m train.{script}", *map(_option, options.items())])
        last = segment["first_step"] + segment["steps"]
        end = {"cooldown": segment["cooldown"]} if segment["cooldown"] else {"steps": last}
        if segment["cooldown"] > segment["steps"]:  # stopped within it; the next start goes on
            end["steps"] = last
        if made and made[-1][0] == text and made[-1][1].keys() == end.keys() == {"steps"}:
            made[-1] = (text, end)
        else:
            made.append((text, end))
    return [" ".join([text, *map(_option, end.items())]) for text, end in made]


def _option(item: tuple[str, object]) -> str:
    name, value = item
    option = "--" + name.replace("_", "-")
    if isinstance(value, list):
        return " ".join([option, *map(str, value)])
    return f"{option} {value:g}" if isinstance(value, float) else f"{option} {value}"


def row(folder: Path) -> list[str]:
    """The cells of a checkpoint's line of the table."""
    config = json.loads((folder / checkpoints.CONFIG).read_text(encoding="utf-8"))
    results = load(folder)
    segments = config.get("training", [])
    return [
        f"[`{config['approach']}`](../checkpoints/{folder.name}/README.md)",
        f"{config['photographs']:,}",
        ", ".join(dict.fromkeys(c["hardware"] for c in segments)),
        f"{sum(c['hours'] for c in segments):.2f}",
        *quality(config["approach"], results),
    ]


def quality(key: str, results: dict) -> list[str]:
    """The default setting's metrics on the largest set of photographs (not aged); dashes if none."""

    def rank(result: dict) -> tuple[bool, int]:
        return not result["about"].get("aged"), result["about"]["photographs"]

    result = max(results.values(), key=rank, default={"rows": {}})
    found = result["rows"].get(RowKey(key, DEFAULT), {})
    return [
        form.format(found[name]) if found.get(name) is not None else "–"
        for _, name, form in COLUMNS
    ]


def table(folders: list[Path]) -> str:
    """The table of these checkpoints as Markdown, and the commands of each under its name."""
    head = ["", "photographs seen", "hardware", "hours", *(label for label, *_ in COLUMNS)]
    return "\n\n".join([grid(head, map(row, folders)), *map(recipe, folders)])


def recipe(folder: Path) -> str:
    """A checkpoint's commands as Markdown, one option group a line."""
    config = json.loads((folder / checkpoints.CONFIG).read_text(encoding="utf-8"))
    lines = (" \\\n".join(textwrap.wrap(c, 96, **WRAPPED)) for c in commands(config))
    return f"### `{config['approach']}`\n\n```\n" + "\n".join(lines) + "\n```"


def with_table(text: str, folders: list[Path]) -> str:
    """``text`` with the table between its markers.  Raises ValueError if it has none."""
    return between(text, BEGIN, END, table(folders))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readme", type=Path, default=README, metavar="FILE")
    args = parser.parse_args(argv)
    text = args.readme.read_text(encoding="utf-8")
    replace_text(args.readme, with_table(text, shipped_folders()))


if __name__ == "__main__":
    main()
