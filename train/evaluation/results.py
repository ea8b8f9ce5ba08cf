"""Results of an evaluation as data: which row measures what, and a checkpoint's metrics.json.

metrics.json: name of the photographs → {"about": how they were measured, "rows": [one object a
row: the fields of :class:`RowKey` that are not at their defaults, and its "metrics"]}.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from colorizer import checkpoints

METRICS = "metrics.json"

# Settings that tables ask for by name; `collect.settings_of` has their knobs.
DEFAULT = "default"
TRUEST = "truest: vividness 0, T = 1"
TOP_1 = "likeliest colour (top-k 1)"
TOP_5 = "top-k 5, T = 1"
FULL = "full vividness, T = 1"
PAPER = "full vividness, T = 0.38"


@dataclass(frozen=True)
class RowKey:
    """The thing that a row of results measures.

    subject: key of an approach, name of a training beside it, or a baseline.  setting: the knobs'
    name; empty for a baseline and for samples.  samples: number of samples of which the row has
    the best and the spread.  draws: how often they were drawn; the row is the mean.  control: one
    sample under random global shifts of ab, as far apart as real samples are.  minus: the approach
    whose values are subtracted.
    """

    subject: str
    setting: str = ""
    samples: int = 0
    draws: int = 1
    control: bool = False
    minus: str = ""

    @property
    def is_baseline(self) -> bool:
        """True for what is no approach: ground truth, grey, mean colour, another's colours."""
        return not (self.setting or self.samples or self.minus)

    @property
    def title(self) -> str:
        """The row's name for people."""
        if self.minus:
            return f"{self.subject} less {self.minus}"
        if self.samples:
            drawn = f" (mean of {self.draws} draws)" if self.draws > 1 else ""
            return f"{self.subject}, best of {self.samples}{': control' * self.control}{drawn}"
        return f"{self.subject}, {self.setting}" if self.setting else self.subject


GROUND_TRUTH, GREY = RowKey("ground truth"), RowKey("grey")
MEAN_COLOUR, OTHER_COLOURS = RowKey("mean colour"), RowKey("another photograph's colours")
BASELINES = (GROUND_TRUTH, GREY, MEAN_COLOUR, OTHER_COLOURS)

Table = dict[RowKey, dict[str, Any]]


def to_records(table: Mapping[RowKey, Any], under: str = "metrics") -> list[dict[str, Any]]:
    """Turn a table into objects for JSON, each with its values as ``under``."""
    defaults = {f.name: f.default for f in fields(RowKey)}
    return [
        {k: v for k, v in asdict(key).items() if v != defaults[k]} | {under: values}
        for key, values in table.items()
    ]


def from_records(records: Iterable[Mapping[str, Any]], under: str = "metrics") -> dict[RowKey, Any]:
    """Turn what :func:`to_records` made into a table again."""
    return {
        RowKey(**{k: v for k, v in record.items() if k != under}): record[under]
        for record in records
    }


def load(folder: Path) -> dict[str, dict[str, Any]]:
    """Read a checkpoint's metrics.json: name of the photographs → about, rows as a table.

    Empty where nothing was measured yet.
    """
    path = folder / METRICS
    stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {
        name: {"about": result["about"], "rows": from_records(result["rows"])}
        for name, result in stored.items()
    }


def save(folder: Path, results: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a checkpoint's metrics.json; it appears whole or stays what it was."""
    stored = {
        name: {"about": result["about"], "rows": to_records(result["rows"])}
        for name, result in results.items()
    }
    text = json.dumps(stored, indent=1, ensure_ascii=False) + "\n"
    checkpoints.replace(folder / METRICS, text.encode())


def record(
    folder: Path, name: str, about: Mapping[str, Any], rows: Table, keep: Sequence[str] = ()
) -> None:
    """Put results on the photographs called ``name`` into the folder's metrics.json.

    keep: trainings whose rows stay there although ``rows`` has none of them.
    """
    results = load(folder)
    about, rows = dict(about), dict(rows)
    if keep and name in results:
        before = results[name]
        seen = {k: v for k, v in before["about"].get("seen", {}).items() if k in keep}
        about["seen"] = seen | about.get("seen", {})
        for key, values in before["rows"].items():
            if key.subject in keep and not key.is_baseline:
                rows.setdefault(key, values)
    results[name] = {"about": about, "rows": rows}
    save(folder, results)
