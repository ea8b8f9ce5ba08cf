"""A training script run in this process, small and quick."""

from __future__ import annotations

import importlib


def options(photos, output, *more) -> list[str]:
    return [
        *("--photos", str(photos), "--size", "64", "--batch-size", "4", "--warmup", "2"),
        *("--cache", str(photos.parent / "cache"), "--output", str(output)),
        *("--precision", "no", "--aged-share", "0", *more),
    ]


def train(script: str, argv: list[str]) -> None:
    importlib.import_module(f"train.{script}").main(argv)
