"""A training script run in this process, small and quick."""

from __future__ import annotations

import importlib
import subprocess
import sys


def options(photos, output, *more) -> list[str]:
    return [
        *("--photos", str(photos), "--size", "64", "--batch-size", "4", "--warmup", "2"),
        *("--cache", str(photos.parent / "cache"), "--output", str(output)),
        *("--precision", "no", "--aged-share", "0", *more),
    ]


def train(script: str, argv: list[str]) -> None:
    importlib.import_module(f"train.{script}").main(argv)


def in_two_processes(script: str, argv: list[str]) -> subprocess.CompletedProcess:
    """A training script, finished, that Accelerate started in two processes."""
    # --multi_gpu is its word for several processes on one machine, CPUs too.
    command = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu"]
    command += ["--num_processes", "2", "--num_machines", "1", "--mixed_precision", "no"]
    command += ["--dynamo_backend", "no", "-m", f"train.{script}", *argv]
    return subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
