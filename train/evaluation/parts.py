"""Parts of an evaluation, one an approach, stored so that none is measured twice."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import colorizer
from colorizer import checkpoints

from . import report, results
from .collect import Evaluation
from .pictures import Source
from .results import RowKey


@dataclass
class Result:
    """Results of an evaluation: how it measured, rows of values, details for the HTML page."""

    about: dict
    rows: results.Table
    details: dict[RowKey, dict]


def fingerprint(
    args: argparse.Namespace,
    source: Source,
    approach: colorizer.Approach | None = None,
    weights: Path | None = None,
) -> str:
    """Hash of all that a stored part depends on: photographs, options, version, default knobs and weights."""
    options = {
        k: v
        for k, v in vars(args).items()
        if k not in ("output", "record", "keep", "approach", "beside", "cache", "fetch")
    }
    text = json.dumps(
        [options, source.mark, source.names, colorizer.__version__, repr(approach)], default=str
    )
    digest = hashlib.sha256(text.encode())
    if weights:
        digest.update((weights / checkpoints.WEIGHTS).read_bytes())
        digest.update((weights / checkpoints.CONFIG).read_bytes())
    return digest.hexdigest()


def stored_or_measured(
    args: argparse.Namespace, name: str, mark: str, measure: Callable[[], Evaluation]
) -> Result:
    """One approach's results: as stored by an earlier run with the same ``mark``, or measured now."""
    path = args.output / "parts" / f"{name}.json" if args.output else None
    if path and path.exists():
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["mark"] == mark:
            print(f"{name}: as measured before", file=sys.stderr)
            rows = results.from_records(stored["rows"])
            return Result({}, rows, results.from_records(stored["details"], "details"))
    evaluation = measure()
    found = Result({}, evaluation.table(), evaluation.details())
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        rows, details = results.to_records(found.rows), results.to_records(found.details, "details")
        stored = {"mark": mark, "rows": rows, "details": details}
        report.replace_text(path, json.dumps(stored, ensure_ascii=False))
    return found
