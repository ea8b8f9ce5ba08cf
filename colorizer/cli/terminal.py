"""What every verb of the command line shares: exit statuses, the parser, sentences for people.

Standard output gets results, so that it can be piped; all else goes to standard error.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import NoReturn

from ..errors import sentence

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130


class Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one sentence instead of a page."""

    def error(self, message: str) -> NoReturn:
        self.exit(MISUSED, f"{self.prog}: {message} (--help explains)\n")


def complain(error: Exception, status: int) -> int:
    """Say why the command ends; returns ``status``."""
    say(f"python -m colorizer: {error if status == MISUSED else sentence(error)}")
    return status


def say(line: str) -> None:
    """Write a line on standard error, above the progress bar if there is one."""
    from tqdm import tqdm

    tqdm.write(line, file=sys.stderr)


def print_path(path: Path) -> None:
    """Write a path on standard output; nothing is lost if nobody reads on."""
    from tqdm import tqdm

    try:
        with tqdm.external_write_mode(file=sys.stdout):
            print(path, flush=True)
    except BrokenPipeError:
        # Nobody reads on; the photographs still have to be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
