"""Measure approaches against the baselines on colour photographs.

    python -m train.evaluate --photos val.zip --size 128 --prior prior_probs.npy
    python -m train.evaluate --photos val-objects.zip --size 224 --samples 4 \\
        --classifier mobilenet_v2.safetensors --inception mobilenet_v2.safetensors
    python -m train.evaluate --photos album/ --full-size --output figures/

Every photograph becomes a centre square of ``--size`` pixels (or keeps its size), its lightness
goes through the full pipeline, and the picture that a person would get is compared with the original.
Printed as Markdown.  ``--output FOLDER`` also stores JSON, CSV and an HTML page, one part per
approach: what was measured before on the same photographs with the same weights is not measured
again.  ``--record NAME`` adds the metrics to each checkpoint's metrics.json, with those of the
trainings ``--beside`` it: an earlier stage, an ablation; ``--keep`` names those whose metrics from
an earlier time stay there.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

import colorizer
from colorizer import checkpoints

from .data.photographs import DataError
from .evaluation import html_page, metrics, networks, report, results
from .evaluation.collect import BINS, measure, measure_baselines
from .evaluation.parts import Result, fingerprint, stored_or_measured
from .evaluation.pictures import FRAMED, Source
from .evaluation.results import RowKey

BASELINES = "baselines"


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a = parser.add_argument
    a("--photos", nargs="+", required=True, metavar="PATH", help="folders or zip archives")
    a("--size", type=int, default=128, help="side of the centre squares in pixels")
    a("--full-size", action="store_true", help="measure whole photographs at their own size")
    a("--limit", type=int, help="only so many photographs, spread over all")
    a("--approach", nargs="*", help="keys, checkpoint folders or Hub ids; by default all")
    a("--beside", nargs="*", default=[], metavar="FOLDER", help="trainings to compare them with")
    a("--working-size", type=int, help="short side the network sees, instead of the config's")
    a(
        "--aged",
        action="store_true",
        help="let approaches see old prints: faded, grainy, soft, with borders",
    )
    a("--samples", type=int, default=0, metavar="N", help="measure the diversity of N samples")
    a("--draws", type=int, default=1, metavar="N", help="draw them so often, and average")
    a("--prior", metavar="FILE", help=".npy (313,): weighs the rebalanced AuC")
    network = "NAME=FILE, a file (MobileNetV2), or a torchvision name with --fetch"
    a("--classifier", metavar="NETWORK", help=f"classification recovered: {network}")
    a("--labels", action="store_true", help="folders name ImageNet classes")
    a("--wordnet", metavar="FILE", help="WordNet ids in the order of the classes")
    a("--inception", metavar="NETWORK", help=f"Inception Score, Fréchet distance: {network}")
    a("--segmentation", metavar="NETWORK", help="pixel accuracy: a .tflite, NAME=FILE, or a name")
    a("--lpips", metavar="NETWORK", help="LPIPS: alexnet=FILE, or alexnet with --fetch")
    a("--fetch", action="store_true", help="allow networks' weights to be downloaded")
    a("--cache", default="runs/cache", help="folder for decoded photographs")
    a("--output", type=Path, metavar="FOLDER", help="figures.json, .csv, .md, .html; resumable")
    a("--record", metavar="NAME", help="store them in each checkpoint's metrics.json")
    a("--keep", nargs="*", default=[], metavar="NAME", help="trainings recorded beside it before")
    return parser


@dataclass
class RequestedMetrics:
    """Metrics asked for, and a sentence for each that was not."""

    networks: dict[str, object]
    absent: dict[str, str]

    @classmethod
    def of(cls, args: argparse.Namespace) -> RequestedMetrics:
        found, absent = {}, {}
        makers = {
            "classifier": (networks.network, metrics.Recognition),
            "inception": (networks.network, metrics.Inception),
            "segmentation": (networks.segmenter, metrics.Segmentation),
        }
        for option, (load, make) in makers.items():
            spec = getattr(args, option)
            if spec:
                found[option] = (make, load(spec, args.fetch))
            else:
                absent[option] = f"not measured: no --{option}"
        if args.lpips:
            alexnet = networks.network(args.lpips, args.fetch).state_dict()
            found["lpips"] = (metrics.Perception, alexnet)
        else:
            absent["lpips"] = "not measured: no --lpips"
        return cls(found, absent)

    def fresh(self) -> list[metrics.Metric]:
        """New metrics over the same networks: each part of the evaluation has its own sums."""
        return [metrics.Similarity(), *(make(net) for make, net in self.networks.values())]


def run(
    args: argparse.Namespace, source: Source, models: dict[str, colorizer.Colorizer], folders
) -> Result:
    """Measure the baselines and every model, or take what was measured before."""
    requested = RequestedMetrics.of(args)
    if args.prior:
        prior, prior_name = np.load(args.prior), Path(args.prior).name
    else:
        prior_name = "the prior stored with the checkpoint"
        prior = stored_prior(models.values())

    def bar(name):
        return lambda pictures: tqdm(pictures, desc=name, total=len(source))

    def of_baselines():
        return measure_baselines(source, prior, requested.fresh(), args.aged, bar(BASELINES))

    found = stored_or_measured(args, BASELINES, fingerprint(args, source), of_baselines)
    rows, details = dict(found.rows), dict(found.details)
    for name, model in models.items():

        def of_model(name=name, model=model):
            return measure(
                name,
                model,
                source,
                prior,
                requested.fresh(),
                samples=args.samples,
                draws=args.draws,
                age=args.aged,
                progress=bar(name),
            )

        mark = fingerprint(args, source, model.approach, folders[name])
        found = stored_or_measured(args, name, mark, of_model)
        rows |= without_truth(found.rows)
        details |= without_truth(found.details)
    about = {
        **conditions(args, source, models),
        "rebalancing_prior": prior_name,
        "not_measured": requested.absent,
    }
    return Result(about, rows | difference(rows), details)


def conditions(
    args: argparse.Namespace, source: Source, models: dict[str, colorizer.Colorizer]
) -> dict:
    """The conditions of the evaluation, for those who read its results."""
    return {
        "photographs": len(source),
        "from": [Path(p).name for p in args.photos],
        "size": "own" if args.full_size else args.size,
        "aged": args.aged,
        "framed": FRAMED if args.aged else None,
        "classifier": without_folders(args.classifier),
        "inception": without_folders(args.inception),
        "segmentation": without_folders(args.segmentation),
        "working_size": {k: m.config.get("working_size") for k, m in models.items()},
        "seen": {k: m.config.get("photographs") for k, m in models.items()},
    }


def without_truth(table: dict[RowKey, dict]) -> dict[RowKey, dict]:
    """A table without the originals, which every part measures alike."""
    return {key: values for key, values in table.items() if key != results.GROUND_TRUTH}


def difference(rows: results.Table) -> results.Table:
    """Cost of painting all of RGB beside painting ab alone (report 000), where both are there."""
    whole, colour = "reconstruction-rgb", "reconstruction-lab"
    keys = [RowKey(name, results.DEFAULT) for name in (whole, colour)]
    if not all(key in rows for key in keys):
        return {}
    one, two = (rows[key] for key in keys)
    less = {name: one[name] - two[name] for name in ("psnr", "ssim", "sharpness_share")}
    return {RowKey(whole, minus=colour): less}


def without_folders(spec: str | None) -> str | None:
    """A network's name without the folders of its file."""
    if not spec:
        return None
    name, _, path = spec.rpartition("=")
    return f"{name}={Path(path).name}" if name else Path(path).name


def named(models: dict[str, colorizer.Colorizer]) -> dict[str, colorizer.Colorizer]:
    """The models by key, by their folder's name where several are of one approach, and by all
    that was written where that is not enough."""
    keys = [model.approach.key for model in models.values()]
    short = [
        key if keys.count(key) == 1 else Path(name).name
        for key, name in zip(keys, models, strict=True)
    ]
    names = [
        brief if short.count(brief) == 1 else re.sub(r"[/\\]+", "-", name).strip("-.")
        for brief, name in zip(short, models, strict=True)
    ]
    return dict(zip(names, models.values(), strict=True))


def stored_prior(models: Iterable[colorizer.Colorizer]) -> np.ndarray:
    """(313,) of the first checkpoint that has a prior of these bins; ValueError if none has."""
    for model in models:
        if model.config.get("quantisation") == BINS.name and "prior" in model.config:
            return np.array(model.config["prior"])
    raise ValueError("None of these checkpoints has a prior of the 313 bins; give one: --prior.")


def main(argv: list[str] | None = None) -> None:
    parser = arguments()
    args = parser.parse_args(argv)
    if args.draws < 1:
        parser.error("--draws must be at least 1.")
    names = [*(args.approach or (entry.key for entry in checkpoints.shipped())), *args.beside]
    try:
        models = named({name: colorizer.load(name) for name in names})
        folders = {key: checkpoints.find(name) for key, name in zip(models, names, strict=True)}
        for model in models.values():
            if args.working_size:
                model.config["working_size"] = args.working_size
        source = Source(args)
        result = run(args, source, models, folders)
    except (colorizer.MissingWeights, colorizer.BrokenWeights, DataError, ValueError) as error:
        sys.exit(str(error))
    print(report.heading(result.about) + "\n")
    print(report.markdown(report.titled(result.rows)))
    for what, why in result.about["not_measured"].items():
        print(f"{what}: {why}", file=sys.stderr)
    if args.output:
        write(args.output, result, models, source)
    if args.record:
        beside = list(folders)[len(names) - len(args.beside) :]
        record(args, result, folders, beside)


def write(
    folder: Path, result: Result, models: dict[str, colorizer.Colorizer], source: Source
) -> None:
    """Write figures.json, .csv, .md and .html into ``folder``."""
    report.write(folder, result.about, result.rows, result.details)
    parts = [html_page.page(result.about, result.rows, result.details)]
    for name, model in models.items():
        detail = result.details.get(RowKey(name, results.DEFAULT))
        if detail:
            pictures = source.find([*detail["best"], *detail["worst"]])
            parts.append(html_page.best_and_worst(name, detail, model, pictures))
    report.replace_text(folder / "figures.html", "".join(parts))


def record(
    args: argparse.Namespace, result: Result, folders: dict[str, Path], beside: Sequence[str]
) -> None:
    """Store the results with every checkpoint measured, those of ``beside`` with each of them."""
    seen = {k: v for k, v in result.about["seen"].items() if k in beside}
    about = result.about | {"seen": seen}  # of the trainings beside it alone
    for key, folder in folders.items():
        if key in beside:
            continue
        mine = {
            row: values
            for row, values in result.rows.items()
            if row.is_baseline or row.subject in (key, *beside)
        }
        results.record(folder, args.record, about, mine, args.keep)


if __name__ == "__main__":
    main()
