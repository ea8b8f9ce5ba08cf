"""One run over a source: lock the target, plan, colorize, merge the table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..records.identity import Work
from ..records.lock import Lock
from ..records.table import FOLDER, Results, Status
from ..sources import Source
from ..storage import Place
from .plan import Choice, Plan, Planner, Tally, write_plan
from .worker import Job


@dataclass
class Report:
    """Report of a run."""

    tally: Tally
    outcomes: Counter[Status]
    problems: list[str]


def run_batch(
    source: Source,
    target: Place,
    work: Work,
    engine: Callable[[Job, Plan], Counter[Status]],
    *,
    choice: Choice | None = None,
    settings: dict | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Report:
    """Colorize what is missing or changed in ``target``.

    engine: does the units of a plan, such as :func:`colorizer.batch.cluster.engine.run_on_ray`.
    settings: further fields of :class:`Job`.  Raises :class:`colorizer.batch.records.lock.InUseError` if
    another run is at work there.
    """
    with Lock(target.below(FOLDER)) as lock:
        results = Results(target)
        results.merge(f"{lock.run}-before")
        planner = Planner(source, target, work, results.index(), choice or Choice())
        plan = write_plan(planner.tasks(), target.below(f"{FOLDER}/plans/{lock.run}"))
        tally = planner.tally
        planner.index = None  # ten million photographs are a quarter of a gigabyte
        say(f"{tally.todo} photographs to colorize, {tally.done} done before.")
        outcomes: Counter[Status] = Counter()
        job = Job(work, source.base, target, lock.run, sweep=lock.taken_over)
        if plan.units:
            try:
                outcomes = engine(replace(job, **(settings or {})), plan)
            finally:
                plan.remove()
            results.merge(f"{lock.run}-after")
    return Report(tally, outcomes, source.problems)
