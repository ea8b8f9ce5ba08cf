"""Run benchmarks and put what they print into docs/speed.md, between the markers of each.

    python -m benchmarks                       # all of them, about a quarter of an hour
    python -m benchmarks inference page        # only these
    python -m benchmarks batch                 # into docs/scale.md; an hour and more, 3 GB of memory
    python -m benchmarks files memory          # into docs/files.md and docs/speed.md; half an hour

Each runs in a process of its own, one after the other: the machine should do nothing else.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from train.evaluation.report import between, replace_text

PAGE = Path(__file__).parents[1] / "docs" / "speed.md"
NAMES = ("inference", "sampling", "training", "page", "browser")
# Not among all, for they take long; and the page of each.
PAGES = {"batch": PAGE.with_name("scale.md"), "files": PAGE.with_name("files.md"), "memory": PAGE}
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
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join((*NAMES, *PAGES)))
    parser.add_argument("--page", type=Path, metavar="FILE", help="write there instead")
    args = parser.parse_args(argv)
    known = (*NAMES, *PAGES)
    unknown = [name for name in args.names if name not in known]
    if unknown:
        parser.error(f"there is no benchmark called {unknown[0]!r}; there are: {', '.join(known)}")
    for name in args.names or NAMES:
        print(f"{name} …", file=sys.stderr)
        page = args.page or PAGES.get(name, PAGE)
        command = [sys.executable, "-m", f"benchmarks.{name}", *OPTIONS.get(name, [])]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"The benchmark {name} failed; {page} is as it was.")
        text = page.read_text(encoding="utf-8")
        try:
            replace_text(page, put(text, name, done.stdout))
        except ValueError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
