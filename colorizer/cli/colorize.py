"""``python -m colorizer photo.jpg``: colorize photographs and folders of them.

Standard output gets the path of every file written, one a line, so that it can be piped; all else
(progress, problems, the summary) goes to standard error.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

from ..approaches import ADJUSTMENTS, UnknownApproach, check_adjustments
from ..approaches.looks import get_look
from ..batch import stopping
from ..batch.output_paths import AlbumError, Plan, make_plan
from ..errors import ColorizerError
from ..hints import HintError, read_hints
from .options import knobs as knobs_of_all
from .options import make_parser
from .tally import Tally
from .terminal import DONE, FAILED, INTERRUPTED, MISUSED, Misuse, complain, say

if TYPE_CHECKING:
    from ..batch.album import AlbumTable, NoTable
    from ..batch.local import Request
    from ..pipeline import Colorizer

MAX_SEED = 2**64 - 1


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
        tally.say_all("Stopped: ")
        return INTERRUPTED
    except (AlbumError, HintError, UnknownApproach, Misuse) as error:
        return complain(error, MISUSED)
    except Exception as error:
        if options.debug:
            raise
        return complain(error, FAILED)


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
        from ..pipeline import load  # brings PyTorch; --help and misspelt paths do without

        colorizer = load(options.approach)
        request = _request(colorizer, options, seeds)
        _sweep(plan)
        _work(colorizer, plan, request, options, tally)
    _close(plan, tally)
    unread_alone = plan.unread and not (plan.tasks or plan.earlier)
    return FAILED if tally.failures or unread_alone else DONE


def _request(colorizer: Colorizer, options: argparse.Namespace, seeds: range | None) -> Request:
    """The order for every photograph; :class:`Misuse` if the approach cannot take it."""
    from ..batch.local import Request

    knobs = _settings(colorizer, options)
    of_look = knobs.pop("seed", None)
    if options.reference is not None:
        _check_reference(options.reference)
    single = of_look if options.seed is None else options.seed  # None: the best guess
    most = options.max_megapixels
    return Request(
        options.approach,
        knobs,
        (single,) if seeds is None else tuple(seeds),
        hints=options.hints,
        overwrite=options.overwrite,
        debug=options.debug,
        bits=options.bits,
        max_pixels=None if most is None else round(most * 1e6),
        reference=options.reference,
    )


def _check_bits(options: argparse.Namespace, plan: Plan) -> None:
    """Raise :class:`Misuse` for bits that a format has not, or no pixels."""
    endings = {output.suffix.lower() for task in plan.tasks for output in task.outputs}
    if options.bits == 16 and not endings <= {".png", ".tif", ".tiff"}:
        raise Misuse("--bits 16 needs a TIFF or a PNG; other formats have 8.")
    if options.max_megapixels is not None and not 0 < options.max_megapixels <= 100_000:
        raise Misuse("The number of --max-megapixels must lie between 0 and 100000.")


def _check_reference(path: str) -> None:
    """Raise :class:`Misuse` for a photograph that has no colours to give, before any work."""
    from ..hints.reference import read_reference

    try:
        read_reference(path)
    except ColorizerError as error:
        raise Misuse(error) from error


def _sweep(plan: Plan) -> None:
    """Remove what runs that were killed have left half-written where this one will write."""
    from ..images.output.parts import sweep

    for folder in {output.parent for task in plan.tasks for output in task.outputs}:
        sweep(folder)


def _seeds(options: argparse.Namespace) -> range | None:
    """The seeds of --samples, or None without them; :class:`Misuse` if they make no sense."""
    if options.samples is not None and options.samples < 1:
        raise Misuse("The number of --samples must be at least 1.")
    if options.workers is not None and options.workers < 1:
        raise Misuse("The number of --workers must be at least 1.")
    first, count = options.seed or 0, options.samples or 1
    if not 0 <= first <= MAX_SEED - count:
        raise Misuse(f"The --seed must lie between 0 and {MAX_SEED - count}.")
    return None if options.samples is None else range(first, first + count)


def _close(plan: Plan, tally: Tally) -> None:
    """Say what was done; one photograph needs no counting."""
    tally.unread = plan.unread
    if not (plan.tasks or plan.problems or plan.earlier):
        say(f"No photographs found{tally.words_for_unread()}.")
    elif len(plan.tasks) + len(plan.problems) == 1 and not (
        tally.existed or tally.earlier or tally.elsewhere or tally.unread
    ):
        tally.say_failures()
    else:
        tally.say_all()


def _settings(colorizer: Colorizer, options: argparse.Namespace) -> dict[str, Any]:
    """The knobs that were given, checked; :class:`Misuse` if the approach cannot take them."""
    approach = colorizer.approach
    if options.samples is not None and not approach.samples:
        raise Misuse(f"{approach.title} gives one result only and cannot make --samples.")
    if options.hints is not None and not approach.hints:
        raise Misuse(f"{approach.title} takes no colour --hints.")
    if options.reference is not None and not approach.hints:
        raise Misuse(f"{approach.title} takes no colour hints and so no --reference.")
    values = {k.name: getattr(options, k.name) for k in knobs_of_all()}
    try:
        knobs: dict[str, Any] = {
            name: approach.check(name, v) for name, v in values.items() if v is not None
        }
        finish = {knob.name: getattr(options, knob.name) for knob in ADJUSTMENTS}
        knobs |= check_adjustments(**{k: v for k, v in finish.items() if v is not None})
        if options.look is not None:
            knobs = {**get_look(options.look, approach).settings(approach), **knobs}
        return knobs
    except ValueError as error:
        raise Misuse(error) from error


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
                tally.count(outcome)
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
    (seed,) = request.seeds
    if seed is not None:
        knobs["seed"] = seed
    if request.bits != 8:
        knobs["bits"] = request.bits
    weights = weights_hash(checkpoints.find(options.approach))
    return open_table(plan.target, Work(options.approach, weights, knobs), options.overwrite)
