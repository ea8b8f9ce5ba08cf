"""``python -m colorizer photo.jpg``: colorize photographs and folders of them.

Standard output gets the path of every file written, one a line, so that it can be piped; all else
(progress, problems, the summary) goes to standard error.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..approaches import ADJUSTMENTS, Knob, UnknownApproach, approaches, check_adjustments, default
from ..approaches.looks import get_look, looks
from ..batch import stopping
from ..batch.output_paths import AlbumError, Plan, make_plan
from ..errors import ColorizerError
from ..hints import HintError, read_hints
from .terminal import (
    DONE,
    FAILED,
    INTERRUPTED,
    MISUSED,
    complain,
    parser_with_examples,
    print_path,
    say,
)

if TYPE_CHECKING:
    from ..batch.album import AlbumTable, NoTable
    from ..batch.local import Outcome, Request
    from ..pipeline import Colorizer

MAX_SEED = 2**64 - 1
_MOST_KINDS = 12  # endings that are named at most

EXAMPLES = """\
examples:
  {command} photo.jpg                       photo-color.png beside it
  {command} photo.jpg -o out.jpg --top-k 10
  {command} photo.jpg --samples 4 -o out/   out/photo-seed0.png, photo-seed1.png …
  {command} album/ -o out/                  every photograph, folders and names kept
  {command} photo.jpg --reference other.jpg  with the colours of another photograph
  {command} --list                          the approaches and their knobs
  {command} batch scans/ colour/            very many; batch --help explains
  {command} export -o model/                for browsers and telephones, as ONNX
  {command} study results/*.csv             adds up answers of Real or fake?
"""


@dataclass
class Tally:
    """Outcomes of the pictures so far."""

    written: int = 0
    existed: int = 0
    elsewhere: int = 0
    earlier: int = 0
    failures: list[str] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns the exit status, or raises SystemExit as argparse does."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    tally = Tally()
    try:
        with warnings.catch_warnings():
            if not options.debug:
                warnings.simplefilter("ignore")
            if options.list:
                from . import listing

                return listing.main()
            if not options.photos:
                parser.error("name a photograph or a folder")
            return _run(options, tally)
    except KeyboardInterrupt:
        _summary(tally, "Stopped: ")
        return INTERRUPTED
    except (AlbumError, HintError, UnknownApproach, _Misuse) as error:
        return complain(error, MISUSED)
    except Exception as error:
        if options.debug:
            raise
        return complain(error, FAILED)


class _Misuse(ValueError):
    """The settings do not suit the approach; the message is one sentence for a person."""


def make_parser() -> argparse.ArgumentParser:
    """The options; each knob that any approach has is one."""
    parser = parser_with_examples("", "Gives black-and-white photographs colours.", EXAMPLES)
    add = parser.add_argument
    add("photos", nargs="*", metavar="PHOTO", help="photographs, or folders of them")
    add(
        "-o",
        "--output",
        metavar="OUT",
        help="a folder, or for one photograph a file of the format that its ending says: .png, "
        ".jpg, .tif, .webp (lossless), .avif, .heic, .bmp",
    )
    add(
        "--approach",
        default=default().key,
        metavar="NAME",
        help="a name from --list, a folder with weights, or a Hub repository (default: %(default)s)",
    )
    for knob in _knobs():
        add(
            "--" + knob.name.replace("_", "-"),
            dest=knob.name,
            type=float,
            metavar="N" if _whole(knob) else "X",
            help=knob.help.replace("%", "%%"),
        )
    for knob in ADJUSTMENTS:
        option = "--" + knob.name.replace("_", "-")
        add(option, dest=knob.name, type=float, metavar="X", help=knob.help)
    names = ", ".join(look.key for look in looks())
    add("--look", metavar="NAME", help=f"settings with a name, which others refine: {names}")
    add("--hints", metavar="FILE", help="colour hints, as the tab Steer saves them (JSON)")
    add(
        "--reference",
        metavar="PHOTO",
        help="a colour photograph: places that look alike hand over their colours",
    )
    add("--samples", type=int, metavar="N", help="N different guesses instead of the best one")
    add("--seed", type=int, metavar="N", help="the guess of this number; the first of --samples")
    add(
        "--bits",
        type=int,
        choices=(8, 16),
        default=8,
        help="bits a channel, 16 for TIFF and PNG: a deep scan's lightness is kept at full depth "
        "(default: 8, which is what screens show)",
    )
    add(
        "--max-megapixels",
        type=float,
        metavar="X",
        help="larger photographs are refused (default: 60); a TIFF is written strip by strip",
    )
    add("--overwrite", action="store_true", help="write anew what exists instead of skipping it")
    add("--workers", type=int, metavar="N", help="processes for an album (default: one a core)")
    add("--list", action="store_true", help="list the approaches and their knobs")
    add("--debug", action="store_true", help="show where an unexpected error comes from")
    return parser


def _knobs() -> list[Knob]:
    """Each knob that any approach has, once."""
    return list({knob.name: knob for a in reversed(approaches()) for knob in a.knobs}.values())


def _whole(knob: Knob) -> bool:
    return float(knob.step).is_integer() and float(knob.minimum).is_integer()


def _run(options: argparse.Namespace, tally: Tally) -> int:
    seeds = _seeds(options)
    if options.hints is not None:
        read_hints(options.hints)  # what is wrong with them is told before any work
    plan = make_plan(options.photos, options.output, seeds)
    tally.earlier, tally.failures = plan.earlier, list(plan.problems)
    for note in plan.notes:
        say(note)
    _check_bits(options, plan)
    if plan.tasks:
        from ..batch.local import Request
        from ..pipeline import load  # brings PyTorch; --help and misspelt paths do without

        colorizer = load(options.approach)
        knobs = _settings(colorizer, options)
        of_look = knobs.pop("seed", None)
        if options.reference is not None:
            _check_reference(options.reference)
        if options.seed is None:
            options.seed = of_look
        wanted = (options.seed,) if seeds is None else tuple(seeds)  # None: the best guess
        most = options.max_megapixels
        request = Request(
            options.approach,
            knobs,
            wanted,
            options.hints,
            options.overwrite,
            options.debug,
            options.bits,
            None if most is None else round(most * 1e6),
            options.reference,
        )
        _sweep(plan)
        _work(colorizer, plan, request, options, tally)
    _close(plan, tally)
    unread_alone = plan.unread and not (plan.tasks or plan.earlier)
    return FAILED if tally.failures or unread_alone else DONE


def _check_bits(options: argparse.Namespace, plan: Plan) -> None:
    """Raise :class:`_Misuse` for bits that a format has not, or no pixels."""
    endings = {output.suffix.lower() for task in plan.tasks for output in task.outputs}
    if options.bits == 16 and not endings <= {".png", ".tif", ".tiff"}:
        raise _Misuse("--bits 16 needs a TIFF or a PNG; other formats have 8.")
    if options.max_megapixels is not None and not 0 < options.max_megapixels <= 100_000:
        raise _Misuse("The number of --max-megapixels must lie between 0 and 100000.")


def _check_reference(path: str) -> None:
    """Raise :class:`_Misuse` for a photograph that has no colours to give, before any work."""
    from ..hints.reference import read_reference

    try:
        read_reference(path)
    except ColorizerError as error:
        raise _Misuse(error) from error


def _sweep(plan: Plan) -> None:
    """Remove what runs that were killed have left half-written where this one will write."""
    from ..images.output.parts import sweep

    for folder in {output.parent for task in plan.tasks for output in task.outputs}:
        sweep(folder)


def _seeds(options: argparse.Namespace) -> range | None:
    """The seeds of --samples, or None without them; :class:`_Misuse` if they make no sense."""
    if options.samples is not None and options.samples < 1:
        raise _Misuse("The number of --samples must be at least 1.")
    if options.workers is not None and options.workers < 1:
        raise _Misuse("The number of --workers must be at least 1.")
    first, count = options.seed or 0, options.samples or 1
    if not 0 <= first <= MAX_SEED - count:
        raise _Misuse(f"The --seed must lie between 0 and {MAX_SEED - count}.")
    return None if options.samples is None else range(first, first + count)


def _close(plan: Plan, tally: Tally) -> None:
    """Say what was done; one photograph needs no counting."""
    tally.unread = plan.unread
    if not (plan.tasks or plan.problems or plan.earlier):
        say(f"No photographs found{_unread(plan.unread)}.")
    elif len(plan.tasks) + len(plan.problems) == 1 and not (
        tally.existed or tally.earlier or tally.elsewhere or tally.unread
    ):
        _list_failures(tally)
    else:
        _summary(tally)


def _settings(colorizer: Colorizer, options: argparse.Namespace) -> dict[str, Any]:
    """The knobs that were given, checked; :class:`_Misuse` if the approach cannot take them."""
    approach = colorizer.approach
    if options.samples is not None and not approach.samples:
        raise _Misuse(f"{approach.title} has one answer only and cannot make --samples.")
    if options.hints is not None and not approach.hints:
        raise _Misuse(f"{approach.title} takes no colour --hints.")
    if options.reference is not None and not approach.hints:
        raise _Misuse(f"{approach.title} takes no colour hints and so no --reference.")
    given = {k.name: getattr(options, k.name) for k in _knobs()}
    try:
        knobs: dict[str, Any] = {
            name: approach.check(name, v) for name, v in given.items() if v is not None
        }
        finish = {knob.name: getattr(options, knob.name) for knob in ADJUSTMENTS}
        knobs |= check_adjustments(**{k: v for k, v in finish.items() if v is not None})
        if options.look is not None:
            knobs = {**get_look(options.look, approach).settings(approach), **knobs}
        return knobs
    except ValueError as error:
        raise _Misuse(error) from error


def _work(
    colorizer: Colorizer, plan: Plan, request: Request, options: argparse.Namespace, tally: Tally
) -> None:
    """Colorize every task of a plan; a photograph that fails does not stop the others."""
    from tqdm import tqdm

    from ..batch.local import colorize_album

    with ExitStack() as stack:
        table = _entered(stack, _table(plan, request, options))
        tasks = table.choose(plan.tasks)
        tally.existed += len(plan.tasks) - len(tasks)
        silent = len(tasks) < 2 or not sys.stderr.isatty()
        found = colorize_album(colorizer, tasks, request, options.workers)
        bar = tqdm(
            found,
            total=len(tasks),
            unit="photo",
            leave=False,
            file=sys.stderr,
            disable=silent,
        )
        with closing(found), bar:
            for done, (task, outcome) in enumerate(bar, 1):
                table.add(task, outcome)  # before its path is printed: what was told is known
                _count(outcome, tally)
                stopping.check()
                if tally.failures:
                    bar.set_postfix_str(f"{len(tally.failures)} failed")
                if outcome.full and done < len(tasks):
                    say(f"The disk is full; {len(tasks) - done} photographs were not begun.")
                    break


def _entered(stack: ExitStack, table: AlbumTable | NoTable) -> AlbumTable | NoTable:
    """The table, or none of it while another run writes it: the two share the photographs."""
    from ..batch.album import NoTable
    from ..batch.records.lock import InUseError

    try:
        stack.enter_context(table)
        return table
    except InUseError:
        say("Another run is at work on this folder; the photographs are shared with it.")
        return NoTable()


def _table(plan: Plan, request: Request, options: argparse.Namespace) -> AlbumTable | NoTable:
    """The table of results of an album with one result a photograph."""
    from .. import checkpoints
    from ..batch.album import NoTable, open_table
    from ..batch.records.identity import Work, weights_hash

    foreign = options.hints is not None or options.reference is not None
    if plan.target is None or options.samples is not None or foreign:
        return NoTable()
    knobs = dict(request.knobs)
    if options.seed is not None:
        knobs["seed"] = options.seed
    if request.bits != 8:
        knobs["bits"] = request.bits
    weights = weights_hash(checkpoints.find(options.approach))
    return open_table(plan.target, Work(options.approach, weights, knobs), options.overwrite)


def _count(outcome: Outcome, tally: Tally) -> None:
    tally.existed += outcome.existed
    tally.elsewhere += outcome.elsewhere
    tally.written += len(outcome.written)
    for note in outcome.notes:
        say(note)
    for path in outcome.written:
        print_path(path)
    if outcome.error:
        tally.failures.append(outcome.error)


def _list_failures(tally: Tally) -> None:
    for failure in tally.failures:
        say(failure)


def _summary(tally: Tally, opening: str = "") -> None:
    """One line for every photograph that failed, and one for what was done."""
    _list_failures(tally)
    parts = [f"{tally.written} written"]
    if tally.existed:
        parts.append(f"{tally.existed} existed before (--overwrite writes them anew)")
    if tally.earlier:
        parts.append(f"{tally.earlier} left out as results of an earlier run")
    if tally.elsewhere:
        parts.append(f"{tally.elsewhere} left to another run that makes them just now")
    if tally.failures:
        parts.append(f"{len(tally.failures)} failed")
    say(opening + ", ".join(parts) + _unread(tally.unread) + ".")


def _unread(unread: Counter[str]) -> str:
    """Files in the folders that are no photographs, by ending; "" if none."""
    if not unread:
        return ""
    kinds = [f"{count} {ending}" for ending, count in sorted(unread.items())[:_MOST_KINDS]]
    more = f" and {len(unread) - _MOST_KINDS} other kinds" if len(unread) > _MOST_KINDS else ""
    return f"; not read: {', '.join(kinds)}{more}"
