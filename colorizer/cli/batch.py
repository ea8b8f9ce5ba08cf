"""``python -m colorizer batch``: millions of photographs, on this machine or a cluster.

Standard output gets the summary; progress and problems go to standard error.  Exit status: 0 if
every photograph has its result, 1 if one has not, 2 if the command makes no sense, 130 after
Ctrl-C.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..approaches import ADJUSTMENTS, Approach, UnknownApproach, check_adjustments, default, get
from ..approaches.looks import get_look, looks
from ..batch.output_paths import AlbumError
from ..errors import sentence
from .terminal import (
    DONE,
    FAILED,
    INTERRUPTED,
    MISUSED,
    Misuse,
    Parser,
    command,
    parser_with_examples,
)

if TYPE_CHECKING:
    from pyarrow import Table

    from ..batch.cluster.plan import Plan
    from ..batch.cluster.run import Report
    from ..batch.cluster.worker import Job
    from ..batch.records.identity import Work
    from ..batch.records.table import Status

_NEEDED = ("ray", "pyarrow", "fsspec")

EXAMPLES = """\
examples:
  {command} batch scans/ colour/
  {command} batch s3://archive/scans s3://archive/colour --address auto --workers 64
  {command} batch inventory.parquet /mnt/colour --format jpeg --max-side 2048
  {command} batch scans/ colour/ --retry-failed
  {command} batch status colour/
"""


def main(arguments: Sequence[str]) -> int:
    """Run ``batch`` or ``batch status``; returns the exit status."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        return _complain(
            f"batches need {' and '.join(missing)}: pip install 'photo-colorizer[cluster]'.",
            MISUSED,
        )
    try:
        if arguments[:1] == ["status"]:
            return _status(arguments[1:])
        return _batch(arguments)
    except KeyboardInterrupt:
        return _complain("stopped; the same command goes on from here.", INTERRUPTED)


def _batch(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except (AlbumError, UnknownApproach, Misuse) as error:
        return _complain(str(error), MISUSED)
    except Exception as error:
        if options.debug:
            raise
        return _complain(sentence(error), FAILED)


def _parser() -> argparse.ArgumentParser:
    parser = parser_with_examples(
        "batch", "Colorizes very many photographs; run again, it does what is missing.", EXAMPLES
    )
    add = parser.add_argument
    add(
        "source",
        help="a folder, a list of paths (.txt), a manifest (.parquet, .csv) or a bucket's prefix",
    )
    add("target", help="a folder or a bucket's prefix")
    add("--approach", default=default().key, metavar="NAME", help="as of the plain command")
    add("--settings", metavar="JSON", help="knobs as JSON, or a file of them")
    names = ", ".join(look.key for look in looks())
    add("--look", metavar="NAME", help=f"settings with a name, which --settings refine: {names}")
    add("--format", choices=("png", "jpeg"), default="png", help="of the results (default: png)")
    add("--max-side", type=int, metavar="PIXELS", help="longest side of the results")
    add("--root", metavar="PREFIX", help="what paths of a manifest lose at their beginning")
    add("--retry-failed", action="store_true", help="try again what failed before")
    add("--overwrite", action="store_true", help="do everything again")
    add("--check", action="store_true", help="look whether every output is still there")
    add("--address", metavar="ADDRESS", help="of a running Ray cluster; auto finds it")
    add("--workers", type=int, metavar="N", help="processes (default: one a core)")
    add("--cores-per-worker", type=int, default=1, metavar="N", help="(default: 1)")
    add("--gpus-per-worker", type=float, default=0, metavar="X", help="(default: 0)")
    add("--memory-per-worker", type=float, metavar="GB", help="what Ray sets aside for each")
    add("--together", type=int, metavar="N", help="photographs in one pass (GPU: 8, else 1)")
    add("--debug", action="store_true", help="show what Ray says, and where errors come from")
    return parser


def _run(options: argparse.Namespace) -> int:
    from ..batch.cluster.engine import Cluster, connected, run_on_ray
    from ..batch.cluster.plan import Choice
    from ..batch.cluster.run import run_batch
    from ..batch.sources import open_source
    from ..batch.storage import Place

    for name in ("workers", "cores_per_worker", "max_side", "together"):
        value = getattr(options, name)
        if value is not None and value < 1:
            raise Misuse(f"--{name.replace('_', '-')} must be at least 1.")
    target = Place(options.target)
    source = open_source(options.source, target, options.root)
    work = _work(options)
    gpu = options.gpus_per_worker > 0
    cluster = Cluster(
        address=options.address,
        workers=options.workers,
        cores=options.cores_per_worker,
        gpus=options.gpus_per_worker,
        memory=None if options.memory_per_worker is None else int(options.memory_per_worker * 1e9),
        debug=options.debug,
        progress=sys.stderr.isatty() or options.debug,
    )
    settings = {
        "threads": options.cores_per_worker,
        "device": "cuda" if gpu else "cpu",
        "together": options.together or (8 if gpu else 1),
    }

    def engine(job: Job, plan: Plan) -> Counter[Status]:
        with connected(cluster):
            return run_on_ray(job, plan, cluster)

    report = run_batch(
        source,
        target,
        work,
        engine,
        choice=Choice(options.retry_failed, options.overwrite, options.check),
        settings=settings,
        say=_say,
    )
    return _summary(report)


def _work(options: argparse.Namespace) -> Work:
    """The work for every photograph, checked against the approach."""
    from .. import checkpoints
    from ..batch.records.identity import Work, weights_hash

    folder = checkpoints.find(options.approach)
    approach = _approach_of(folder, options.approach)
    try:
        knobs = _knobs(approach, _settings(options.settings), options.look)
    except (KeyError, TypeError, ValueError) as error:
        raise Misuse(str(error)) from None
    # The folder's own path would not be there on other machines; a key or a Hub id is.
    return Work(options.approach, weights_hash(folder), knobs, options.format, options.max_side)


def _knobs(approach: Approach, settings: dict[str, Any], look: str | None) -> dict[str, Any]:
    """Arguments of ``colorize``: those of a look, refined by the settings, all checked."""
    look = settings.pop("look", None) if look is None else look
    knobs = {} if look is None else get_look(look, approach).settings(approach)
    if (seed := settings.pop("seed", None)) is not None:
        knobs["seed"] = int(seed)
    of_all = {k.name: settings.pop(k.name) for k in ADJUSTMENTS if k.name in settings}
    knobs |= {name: approach.check(name, value) for name, value in settings.items()}
    return knobs | check_adjustments(**of_all)


def _approach_of(folder: Path, name: str) -> Approach:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return get(config.get("approach", name))


def _settings(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        settings = json.loads(text if text.lstrip().startswith("{") else Path(text).read_text())
    except (OSError, ValueError) as error:
        raise Misuse(f"--settings is neither JSON nor a file of it ({error}).") from None
    if not isinstance(settings, dict):
        raise Misuse("--settings must be a JSON object of knobs.")
    return settings


def _summary(report: Report) -> int:
    from ..batch.records.table import Status

    for problem in report.problems:
        _say(problem)
    outcomes, tally = report.outcomes, report.tally
    parts = [f"{outcomes[Status.DONE]} written"]
    for number, words in (
        (tally.done, "done before"),
        (outcomes[Status.KEPT], "left alone, as files of their names were there"),
        (outcomes[Status.FAILED], "failed (batch status TARGET lists them)"),
        (tally.failed, "failed before (--retry-failed tries them again)"),
    ):
        if number:
            parts.append(f"{number} {words}")
    print(", ".join(parts) + ".")
    bad = report.problems or outcomes[Status.FAILED] or tally.failed
    return FAILED if bad else DONE


def _status(arguments: Sequence[str]) -> int:
    """Add up a target's table."""
    from ..batch.records.table import FOLDER, Results
    from ..batch.storage import Place

    parser = Parser(prog=command("batch status"), description=_status.__doc__)
    parser.add_argument("target", help="the target of a run, which may be at work")
    parser.add_argument("--failed", type=int, default=10, metavar="N", help="failures to list")
    options = parser.parse_args(arguments)
    target = Place(options.target)
    results = Results(target)
    if not results.files():
        return _complain(f"{options.target} has no table of results.", MISUSED)
    rows = results.rows(["path", "status", "error", "seconds", "width", "height", "attempts"])
    counts = Counter({c["values"]: c["counts"] for c in rows["status"].value_counts().to_pylist()})
    print(f"{len(rows)} photographs: " + ", ".join(f"{n} {s}" for s, n in counts.most_common()))
    seconds, pixels = _sums(rows)
    if counts["done"]:
        print(
            f"{seconds / counts['done']:.2f} s and {pixels / counts['done'] / 1e6:.1f} megapixels "
            "a photograph"
        )
    at_work = target.exists(f"{FOLDER}/lock.json")
    print("A run is at work, or was ended." if at_work else "No run is at work.")
    _list_failures(rows, options.failed)
    return DONE


def _sums(rows: Table) -> tuple[float, float]:
    """Seconds and pixels of all outputs."""
    import numpy as np
    import pyarrow.compute as pc

    done = pc.equal(rows["status"], "done").to_numpy()
    width, height = (rows[n].to_numpy().astype(np.int64) for n in ("width", "height"))
    return float(rows["seconds"].to_numpy()[done].sum()), float((width * height)[done].sum())


def _list_failures(rows: Table, most: int) -> None:
    import pyarrow.compute as pc

    failed = rows.filter(pc.equal(rows["status"], "failed"))
    for row in failed.slice(0, most).to_pylist():
        print(f"{row['path']}: {row['error']}")
    if len(failed) > most:
        print(f"… and {len(failed) - most} more (--failed N lists more).")


def _complain(text: str, status: int) -> int:
    _say(f"{command('batch')}: {text}")
    return status


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
