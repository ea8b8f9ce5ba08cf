"""Measurements of ``benchmarks.inference`` for each approach, kept for the README's table."""

from __future__ import annotations

import json
from pathlib import Path

from colorizer import checkpoints

FILE = Path(__file__).with_name("measured.json")


def load() -> dict[str, dict[str, float]]:
    """Key of an approach → "parameters", "bytes" of its file, "seconds" a photograph and "ratio" of
    ECCV16's time, both with all of them at one size, and "used", "used_ratio" at its own working
    size; empty where nothing was measured yet."""
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def save(found: dict[str, dict[str, float]]) -> None:
    """Write them; the file appears whole or stays what it was."""
    checkpoints.replace(FILE, (json.dumps(found, indent=1) + "\n").encode())
