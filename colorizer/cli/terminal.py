"""Parts of every verb of the command line: exit statuses, the parser, sentences for people.

Standard output gets results, so that it can be piped; all else goes to standard error.
"""

from __future__ import annotations

import argparse
import codecs
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from ..errors import ColorizerError, sentence

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130


class Misuse(ColorizerError, ValueError):
    """Options that do not go together or do not suit the approach."""


class Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one sentence instead of a page."""

    def error(self, message: str) -> NoReturn:
        self.exit(MISUSED, f"{self.prog}: {message} (--help explains)\n")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End; a message that cannot be printed changes nothing."""
        if message:
            say(message.rstrip("\n"))
        close_output()
        raise SystemExit(status)


def command(verb: str = "") -> str:
    """The words that the person began with: the installed command or Python with the module."""
    name = "colorizer" if Path(sys.argv[0]).stem == "colorizer" else "python -m colorizer"
    return f"{name} {verb}".rstrip()


def parser_with_examples(verb: str, description: str, lines: str) -> Parser:
    """Parser of a command whose ``--help`` ends with examples; verb: "" for the plain command."""
    return Parser(
        prog=command(verb),
        description=description,
        epilog=examples(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def examples(lines: str) -> str:
    """Examples for ``--help``; ``{command}`` in them becomes what the person began with."""
    return lines.replace("{command}", command())


def complain(error: Exception, status: int) -> int:
    """Say why the command ends; returns ``status``."""
    say(f"{command()}: {error if status == MISUSED else sentence(error)}")
    return status


def say(line: str) -> None:
    """Write a line on standard error, above the progress bar if there is one."""
    from tqdm import tqdm

    with suppress(OSError, ValueError):  # nobody listens: no reason to stop
        tqdm.write(line, file=sys.stderr)


def print_path(path: Path) -> None:
    """Write a path on standard output; a picture that is written is no failure if that fails."""
    from tqdm import tqdm

    try:
        with tqdm.external_write_mode(file=sys.stdout):
            print(path, flush=True)
    except BrokenPipeError:
        _silence()  # nobody reads on; the photographs still have to be written
    except (OSError, ValueError) as error:
        _silence()
        say(f"The paths cannot be printed: {getattr(error, 'strerror', None) or error}.")


def prepare_output() -> None:
    """Make standard output take every character: a terminal may know ASCII alone.

    File names are bytes on POSIX, and are written as they are; elsewhere what cannot be printed
    is escaped.
    """
    escape = "backslashreplace"
    if os.name == "posix":
        escape = "file-name-bytes"
        codecs.register_error(escape, _as_bytes)
    with suppress(AttributeError, ValueError, OSError):  # a stream of somebody else's, or none
        sys.stdout.reconfigure(errors=escape)  # type: ignore[union-attr]


def close_output() -> None:
    """Write out what is left, so that Python does not fail with it when it ends."""
    try:
        sys.stdout.flush()
    except (AttributeError, OSError, ValueError):
        _silence()


def _as_bytes(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return os.fsencode(error.object[error.start : error.end]), error.end


def _silence() -> None:
    """Let what is still printed go nowhere."""
    with suppress(AttributeError, OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
