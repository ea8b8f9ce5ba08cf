"""The command line: ``python -m colorizer photo.jpg``, or a verb and what belongs to it.

A verb is a module with ``main(arguments) -> int`` and one line in :data:`VERBS`.  Without a verb
photographs are colorized, see :mod:`colorizer.cli.colorize`.

Exit status: 0 if all was done, 1 if something could not be, 2 if the command makes no sense,
130 after Ctrl-C.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from .terminal import close_output, prepare_output

# A photograph or folder with the name of a verb is written ./study.
VERBS = {
    "batch": "colorizer.cli.batch",
    "export": "colorizer.cli.export",
    "serve": "colorizer.cli.serve",
    "study": "colorizer.cli.study",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status, or raises SystemExit as argparse does."""
    prepare_output()
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if arguments and arguments[0] in VERBS:
            # Imported only when called: --help answers before PyTorch is there.
            return importlib.import_module(VERBS[arguments[0]]).main(arguments[1:])
        from . import colorize

        return colorize.main(arguments)
    finally:
        close_output()
