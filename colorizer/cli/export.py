"""``python -m colorizer export``: a network for browsers, telephones and other runtimes.

Standard output gets the path of every file written.  Exit status: 0 if all were written, 1 if
not, 2 if the command makes no sense.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..approaches import UnknownApproach
from ..errors import ColorizerError
from ..export import FORMATS, ExportError, default, export
from .terminal import DONE, FAILED, MISUSED, complain, parser_with_examples, print_path

EXAMPLES = """\
examples:
  {command} export -o model/                      the default approach
  {command} export --approach mobile --int8 -o model/
  {command} export --format checkpoint --int8 -o runs/int8    to measure it
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns the exit status, or raises SystemExit as argparse does."""
    options = _parser().parse_args(arguments)
    try:
        name = options.approach or default().key
        for path in export(name, options.output, format=options.format, int8=options.int8):
            print_path(path)
    except (ExportError, UnknownApproach) as error:
        return complain(error, MISUSED)
    except (ColorizerError, OSError) as error:
        return complain(error, FAILED)
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = parser_with_examples(
        "export", "Writes an approach as ONNX: network, decoding and rendering.", EXAMPLES
    )
    add = parser.add_argument
    add(
        "--approach",
        metavar="NAME",
        help="a key, a folder with weights or a Hub repository (default: the first that exports)",
    )
    add("--format", choices=FORMATS, default="onnx", help="checkpoint: the same weights for Python")
    add("--int8", action="store_true", help="weights of half the size, at some cost in quality")
    add("-o", "--output", type=Path, required=True, metavar="FOLDER")
    return parser
