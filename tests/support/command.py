"""The command line in a process of its own, for the tests that need to see it so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from colorizer import checkpoints

ROOT = checkpoints.CHECKPOINTS.parent
COMMAND = (sys.executable, "-m", "colorizer")
SIDE = 96  # pixels; small photographs keep these tests quick
LIMIT = 300  # seconds, for a busy machine

needs_posix = pytest.mark.skipif(os.name != "posix", reason="signals and terminals of POSIX")


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def hear_signals() -> None:
    """Ignore no signal that stops a run; a child of nohup or of a shell's ``&`` would.

    For the ``preexec_fn`` of a process that is to be stopped.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)


def run(*arguments: str | os.PathLike, cwd: Path) -> subprocess.CompletedProcess:
    """``python -m colorizer …`` in ``cwd``; no run may ever show a traceback."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder``, hidden ones too, but no table of results."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and "_results" not in p.parts]
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}
