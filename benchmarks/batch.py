"""Batches: overhead of the engine, two workers beside one, memory, ten million rows, hours and cost.

    python -m benchmarks.batch                    # all of it, about half an hour
    python -m benchmarks.batch speed rows         # only these parts
    python -m benchmarks.batch rows --rows 100000

Every ratio is of one run on one machine.  Prints Markdown for docs/scale.md.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import skimage.data
from PIL import Image

from colorizer.batch.cluster.engine import Cluster, connected, run_on_ray
from colorizer.batch.cluster.run import Report, run_batch
from colorizer.batch.cluster.units import Task
from colorizer.batch.records.identity import Work, weights_hash
from colorizer.batch.records.table import FOLDER, Results, Row, Status
from colorizer.batch.sources import open_source
from colorizer.batch.storage import Place

from .common import resident

PARTS = ("speed", "memory", "rows", "cost")
NAMES = ("astronaut", "camera", "chelsea", "coffee", "rocket")
MACHINES, CORES = 20, 16  # of the estimate
SCANS, MEGAPIXELS = 10_000_000, 12


class StandIn:
    """Takes the place of the worker where only planning, tables and resume are measured."""

    together = 256

    def __init__(self, job) -> None:
        pass

    def colorize(self, tasks: Sequence[Task]) -> list[Row]:
        return [task.row(Status.DONE, seconds=0.0, width=4000, height=3000) for task in tasks]

    def sweep(self, tasks: Sequence[Task]) -> None:
        pass


def photographs(folder: Path, count: int, side: int) -> Path:
    """``count`` different grey JPEGs made of scikit-image's photographs, ``side`` pixels long."""
    folder.mkdir(parents=True)
    bases = [Image.fromarray(getattr(skimage.data, name)()).convert("L") for name in NAMES]
    for number in range(count):
        image = bases[number % len(NAMES)].rotate(number * 0.7 % 11)
        scale = side / max(image.size)
        image = image.resize([round(s * scale) for s in image.size])
        image.save(folder / f"{number:05}.jpg", quality=88)
    return folder


def run(
    source: Path, target: Path, workers: int, worker: str | None = None
) -> tuple[Report, float]:
    """(what came of a batch on Ray, its seconds with planning but without starting Ray)."""
    from colorizer import checkpoints

    cluster = Cluster(workers=workers, progress=False)
    work = Work("mobile", weights_hash(checkpoints.find("mobile")))
    settings = {"worker": worker} if worker else {}
    place = Place(str(target))
    with connected(cluster):
        start = time.perf_counter()
        report = run_batch(
            open_source(str(source), place),
            place,
            work,
            lambda job, plan: run_on_ray(job, plan, cluster),
            settings=settings,
        )
        return report, time.perf_counter() - start


def rate(target: Path) -> float:
    """Photographs a second between the first written and the last, by the table of results."""
    times = np.sort(Results(Place(str(target))).rows(["finished"])["finished"].cast(pa.int64()))
    return (len(times) - 1) / (times[-1] - times[0]) * 1e6


def plain(source: Path, target: Path, first: int = 0, step: int = 1) -> float:
    """Photographs a second of a plain loop over the same worker, one thread.

    Only every ``step``-th photograph, from the ``first`` on.
    """
    from colorizer import checkpoints
    from colorizer.batch.cluster.plan import Choice, Planner
    from colorizer.batch.cluster.worker import Job, Worker
    from colorizer.batch.records.table import Index

    place = Place(str(target))
    work = Work("mobile", weights_hash(checkpoints.find("mobile")))
    found = open_source(str(source), place)
    worker = Worker(Job(work, found.base, place, "plain"))
    tasks = list(Planner(found, place, work, Index.of([]), Choice()).tasks())[first::step]
    times = []
    for task in tasks:
        worker.colorize([task])
        times.append(time.perf_counter())
    return (len(times) - 1) / (times[-1] - times[0])


def plain_at_once(source: Path, target: Path, processes: int) -> float:
    """Photographs a second of so many plain loops at the same time: what the machine can do."""
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        orders = [(source, target, first, processes) for first in range(processes)]
        return sum(pool.starmap(plain, orders, chunksize=1))


def speed(folder: Path, count: int, side: int, repeats: int) -> None:
    """Overhead of the engine, and two workers beside one: medians of interleaved runs."""
    source = photographs(folder / "in", count, side)
    ways: dict[str, Callable[[Path], float]] = {
        "plain loop": lambda target: plain(source, target),
        "two plain loops at once": lambda target: plain_at_once(source, target, 2),
        "one worker": lambda target: (run(source, target, 1), rate(target))[1],
        "two workers": lambda target: (run(source, target, 2), rate(target))[1],
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for repeat in range(repeats):
        for name, way in ways.items():
            found[name].append(way(folder / f"{name} {repeat}"))
    ratios = {
        name: float(np.median(np.array(found[name]) / np.array(found["plain loop"])))
        for name in ways
    }
    print(f"\n{count} photographs of {side} px, one thread a worker, {repeats} rounds:\n")
    print("| | photographs a second | beside the plain loop |\n|---|---|---|")
    for name, rates in found.items():
        print(f"| {name} | {np.median(rates):.2f} | {ratios[name]:.2f} |")
    print(
        f"\nThe engine's overhead is {1 - ratios['one worker']:.1%}; two workers do "
        f"{np.median(np.array(found['two workers']) / np.array(found['one worker'])):.2f} times "
        f"what one does, where two plain loops at once do {ratios['two plain loops at once']:.2f} "
        "times what one does."
    )


def memory(folder: Path, count: int) -> None:
    """Memory of the driver and of the largest actor as photographs go by."""
    source, target = photographs(folder / "in", count, 128), folder / "out"
    marks = [count // 10 * k for k in (1, 2, 4, 6, 8, 10)]
    found: dict[int, tuple[float, float]] = {}
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.5):
            done = len(list(target.glob("*.png")))
            for mark in marks:
                if mark not in found and done >= mark:
                    found[mark] = (resident(os.getpid()), largest_actor())

    thread = threading.Thread(target=watch)
    thread.start()
    run(source, target, 1)
    stop.set()
    thread.join()
    print(f"\n{count} photographs of 128 px, one worker:\n")
    print("| photographs | driver | actor |\n|---|---|---|")
    for mark, (driver, actor) in sorted(found.items()):
        print(f"| {mark} | {driver:.0f} MB | {actor:.0f} MB |")


def largest_actor() -> float:
    """Megabytes of the largest of Ray's workers that colorize."""
    sizes = [0.0]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().startswith(b"ray::MapWorker"):
                sizes.append(resident(int(path.parent.name)))
        except OSError:
            continue
    return max(sizes)


def rows(folder: Path, count: int) -> None:
    """A manifest of ``count`` rows with a stand-in: first run, and one that finds 1,000 missing."""
    manifest, target = folder / "manifest.parquet", folder / "out"
    folder.mkdir(parents=True)
    write_manifest(manifest, count)
    peak, stop = [0.0], threading.Event()

    def watch() -> None:
        while not stop.wait(2.0):
            peak[0] = max(peak[0], family_memory())

    thread = threading.Thread(target=watch)
    thread.start()
    worker = "benchmarks.batch:StandIn"
    report, first = run(manifest, target, 2, worker)
    assert report.outcomes[Status.DONE] == count
    forget(target, min(1000, count // 2))
    report, second = run(manifest, target, 2, worker)
    assert report.tally.todo == min(1000, count // 2)
    stop.set()
    thread.join()
    parts = list((target / FOLDER).glob("*.parquet"))
    print(f"\nA manifest of {count:,} rows, nothing colorized:\n")
    print("| | |\n|---|---|")
    print(f"| first run: planning, {count:,} rows written, merging | {first:.0f} s |")
    print(f"| second run, which finds {report.tally.todo:,} missing | {second:.0f} s |")
    driver = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"| largest memory of the driver | {driver:.2f} GB |")
    print(f"| largest memory of the driver and all of Ray's processes | {peak[0] / 1024:.2f} GB |")
    size = sum(p.stat().st_size for p in parts) / 1e9
    print(f"| table of results | {size:.2f} GB in {len(parts)} files |")


def write_manifest(path: Path, count: int) -> None:
    schema = pa.schema([("path", pa.string()), ("size", pa.int64()), ("modified", pa.int64())])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, count, 100_000):
            numbers = range(start, min(start + 100_000, count))
            names = [f"box-{n // 1000:05}/scan-{n:08}.tif" for n in numbers]
            sizes = [n * 7 % 10**7 + 1000 for n in numbers]
            columns = {
                "path": names,
                "size": sizes,
                "modified": [1_600_000_000 + n for n in numbers],
            }
            writer.write_table(pa.table(columns, schema=schema))


def forget(target: Path, count: int) -> None:
    """Take ``count`` rows, spread over all, out of a table."""
    files = sorted((target / FOLDER).glob("*.parquet"))
    left = count
    for number, path in enumerate(files):
        table = pq.read_table(path)
        few = min(left // (len(files) - number), len(table))
        keep = np.ones(len(table), bool)
        keep[np.linspace(0, len(table) - 1, few, dtype=int)] = False
        left -= int((~keep).sum())
        pq.write_table(table.filter(pa.array(keep)), path)


def family_memory() -> float:
    """Megabytes of this process and all that descend from it, shared pages once (Linux)."""
    parents, total = {}, 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(") ", 1)[1].split()
            parents[int(path.parent.name)] = int(fields[1])
        except (OSError, IndexError):
            continue
    for pid in parents:
        above = pid
        while above > 1 and above != os.getpid():
            above = parents.get(above, 0)
        if above == os.getpid():
            try:
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue
            total += (
                next(int(x.split()[1]) for x in text.splitlines() if x.startswith("Pss:")) / 1024
            )
    return total


def cost(folder: Path, price: float) -> None:
    """Hours and cost of ten million scans, from the time of one scan on one core."""
    side = round((MEGAPIXELS * 1e6 * 4 / 3) ** 0.5)
    each = 1 / plain(photographs(folder / "in", 6, side), folder / "out")
    hours = SCANS * each / 3600 / (MACHINES * CORES)
    print(
        f"\n{SCANS:,} scans of {MEGAPIXELS} megapixels on {MACHINES} machines of {CORES} cores:\n"
    )
    print("| | |\n|---|---|")
    print(f"| one scan on one core, measured here | {each:.2f} s |")
    print(f"| hours, if every core does as much | {hours:.1f} |")
    print(
        f"| cost at {price:g} dollars a machine and hour | {hours * MACHINES * price:,.0f} dollars |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a = parser.add_argument
    a("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    a("--photographs", type=int, default=80, help="of the part speed")
    a("--side", type=int, default=1000, help="of their longer side, in pixels")
    a("--rounds", type=int, default=3)
    a("--flat", type=int, default=5000, help="photographs of the part memory")
    a("--rows", type=int, default=10_000_000)
    a("--price", type=float, default=0.8, help="dollars for an hour of a machine of 16 cores")
    args = parser.parse_args()
    unknown = set(args.parts) - set(PARTS)
    if unknown:
        sys.exit(f"There is no part called {unknown.pop()!r}; there are: {', '.join(PARTS)}.")
    # Ray's own processes must find the stand-in.
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH")))
    )
    os.environ.setdefault("RAY_worker_niceness", "0")  # 15 by default; the plain loop has 0
    work = {
        "speed": lambda folder: speed(folder, args.photographs, args.side, args.rounds),
        "memory": lambda folder: memory(folder, args.flat),
        "rows": lambda folder: rows(folder, args.rows),
        "cost": lambda folder: cost(folder, args.price),
    }
    for part in args.parts or PARTS:
        place = Path(tempfile.mkdtemp(prefix="batch-"))
        try:
            work[part](place / part)
        finally:
            shutil.rmtree(place)


if __name__ == "__main__":
    main()
