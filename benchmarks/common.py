"""Shared by the benchmarks: a clock and a process of one's own."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch


def median_seconds(work: Callable[[], object], runs: int) -> float:
    """The median wall-clock time of ``runs`` calls after one that warms up."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def in_a_process(code: str, *arguments: object) -> tuple[float, Any]:
    """(seconds of the whole process, what it printed last as JSON or None).

    For what must not inherit this process's memory, threads or warm caches.
    """
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    lines = done.stdout.strip().splitlines()
    return seconds, json.loads(lines[-1]) if lines else None


def resident(pid: int | str = "self", field: str = "VmRSS") -> float:
    """Megabytes that a process holds in memory now, or at most so far (``VmHWM``); Linux.

    0 for one that has just ended.  ``getrusage`` would count the memory of the parent, too.
    """
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def machine() -> str:
    """One line on what ran: threads, PyTorch, device."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return f"{torch.get_num_threads()} threads, PyTorch {torch.__version__}, {device}"
