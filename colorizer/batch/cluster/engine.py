"""Units of work on Ray: a pool of actors, each with the weights in memory once.

What Ray Data has is left to it: the pool and its growth, back-pressure, the restart of actors and
of their tasks when a process or a machine is lost, and the progress bar.  Only numbers of units
travel; each actor reads its photographs' paths from the plan.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

# Ray sends usage statistics unless told otherwise.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray
from ray.data import ActorPoolStrategy, DataContext

from ...errors import ColorizerError
from ..records.table import Results, Row, Status
from .plan import Plan
from .units import Journal, run_unit
from .worker import Job, load_worker

STORE_BYTES = 256 * 2**20  # of Ray's object store on this machine: only numbers travel
_CODES = {s.name.lower(): int(s) for s in Status}


@dataclass(frozen=True)
class Cluster:
    """Resources that the actors may use.

    address: of a running cluster, or None to start Ray here for this run.  workers: most actors, or
    None for as many as there are cores.  cores: of an actor.  gpus: of an actor.  memory: bytes an
    actor asks for, or None.
    """

    address: str | None = None
    workers: int | None = None
    cores: int = 1
    gpus: float = 0
    memory: int | None = None
    debug: bool = False
    progress: bool = True


class UnitActor:
    """Colorizes the units that Ray Data hands to it; one process."""

    def __init__(self, job: Job, plan: Plan, journal: ray.actor.ActorHandle) -> None:
        self.job, self.plan, self.journal = job, plan, RemoteJournal(journal)
        self.results = Results(job.target)
        self.worker = load_worker(job)

    def __call__(self, batch: dict[str, np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
        for unit in map(int, batch["unit"]):
            tasks, part = self.plan.read(unit), f"{self.job.run}-{unit:06d}"
            table = run_unit(
                unit, tasks, self.worker, self.journal, self.results, part, sweep=self.job.sweep
            )
            codes = np.array([_CODES[s] for s in table["status"].to_pylist()], np.int8)
            yield {"status": codes}


class RemoteJournal:
    """The journal as the actors see it: each call waits until the journal has taken it."""

    def __init__(self, actor: ray.actor.ActorHandle) -> None:
        self._actor = actor

    def begin(self, unit: int) -> tuple[dict[int, Row], dict[int, int]]:
        """As :meth:`Journal.begin`."""
        return ray.get(self._actor.begin.remote(unit))

    def start(self, unit: int, places: Iterable[int]) -> None:
        """As :meth:`Journal.start`."""
        ray.get(self._actor.start.remote(unit, list(places)))

    def finish(self, unit: int, rows: dict[int, Row]) -> None:
        """As :meth:`Journal.finish`."""
        ray.get(self._actor.finish.remote(unit, rows))

    def close(self, unit: int) -> None:
        """As :meth:`Journal.close`."""
        ray.get(self._actor.close.remote(unit))


@contextmanager
def connected(cluster: Cluster) -> Iterator[None]:
    """Ray, started here for this run or joined where it runs; left again at the end."""
    level = logging.INFO if cluster.debug else logging.ERROR
    if not cluster.debug:
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    options = {"logging_level": level, "log_to_driver": cluster.debug}
    if cluster.address is None:
        cores = (cluster.workers or os.cpu_count() or 1) * cluster.cores
        options |= {"num_cpus": cores, "object_store_memory": STORE_BYTES}
        options |= {"include_dashboard": False, "address": "local"}
    else:
        options["address"] = cluster.address
    ray.init(**options)
    try:
        yield
    finally:
        ray.shutdown()


def run_on_ray(job: Job, plan: Plan, cluster: Cluster) -> Counter[Status]:
    """Colorize every unit of a plan; returns the number of photographs by outcome.

    Rows of units that could not be ended, because the run was stopped, are written as well.  Raises
    :class:`TargetError` if the target takes no more files.
    """
    _configure(cluster)
    here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
        ray.get_runtime_context().get_node_id(), soft=False
    )
    journal = (
        ray.remote(Journal)
        .options(num_cpus=0, scheduling_strategy=here, max_restarts=-1, max_task_retries=-1)
        .remote()
    )
    cores = int(ray.cluster_resources().get("CPU", 1)) // cluster.cores
    first = max(min(cluster.workers or cores, plan.units), 1)
    dataset = ray.data.from_items(
        [{"unit": u} for u in range(plan.units)], override_num_blocks=plan.units
    ).map_batches(
        UnitActor,
        batch_size=1,
        fn_constructor_args=(job, plan, journal),
        compute=ActorPoolStrategy(
            min_size=1, max_size=cluster.workers or plan.units, initial_size=first
        ),
        num_cpus=cluster.cores,
        num_gpus=cluster.gpus or None,
        memory=cluster.memory,
    )
    tally: Counter[Status] = Counter()
    try:
        for batch in dataset.iter_batches(batch_size=None, prefetch_batches=0):
            values, counts = np.unique(batch["status"], return_counts=True)
            tally.update({Status(v): int(n) for v, n in zip(values, counts, strict=True)})
    except Exception as error:
        raise _cause(error) from None
    finally:
        left = ray.get(journal.unwritten.remote())
        Results(job.target).write_part(f"{job.run}-rest", left)
    return tally


def _configure(cluster: Cluster) -> None:
    context = DataContext.get_current()
    context.enable_progress_bars = cluster.progress
    context.print_on_execution_start = cluster.debug
    if not cluster.debug:
        logging.getLogger("ray.data").setLevel(logging.ERROR)


def _cause(error: BaseException) -> BaseException:
    """The error of the worker behind those that Ray wraps it in."""
    seen: BaseException | None = error
    while seen is not None:
        inner = getattr(seen, "cause", None)
        # Ray's own errors derive from those that they wrap, and have a cause as well.
        if isinstance(seen, ColorizerError) and inner is None:
            return seen
        seen = inner or seen.__cause__
    return error
