"""Run benchmarks and put what they print into docs/speed.md, between the markers of each.

    python -m benchmarks                       # all of them, about a quarter of an hour
    python -m benchmarks inference page        # only these

Each runs in a process of its own, one after the other: the machine should do nothing else.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from train.evaluation.report import between, replace_text

PAGE = Path(__file__).parents[1] / "docs" / "speed.md"
NAMES = ("inference", "sampling", "training", "page")
OPTIONS = {"inference": ["--record"], "training": ["--reference"]}


def markers(name: str) -> tuple[str, str]:
    """Marks around a benchmark's tables on the page."""
    return (
        f"<!-- {name}: made by `python -m benchmarks {name}`, do not edit -->",
        f"<!-- end of {name} -->",
    )


def put(text: str, name: str, printed: str) -> str:
    """``text`` with the tables of one benchmark replaced.  Raises ValueError without markers."""
    return between(text, *markers(name), printed.strip())


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--page", type=Path, default=PAGE, metavar="FILE")
    args = parser.parse_args(argv)
    unknown = [name for name in args.names if name not in NAMES]
    if unknown:
        parser.error(f"there is no benchmark called {unknown[0]!r}; there are: {', '.join(NAMES)}")
    for name in args.names or NAMES:
        print(f"{name} …", file=sys.stderr)
        command = [sys.executable, "-m", f"benchmarks.{name}", *OPTIONS.get(name, [])]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"The benchmark {name} failed; {args.page} is as it was.")
        text = args.page.read_text(encoding="utf-8")
        try:
            replace_text(args.page, put(text, name, done.stdout))
        except ValueError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
