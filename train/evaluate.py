"""Measure approaches against the baselines on colour photographs.

    python -m train.evaluate --photos val.zip --size 128 --prior prior_probs.npy
    python -m train.evaluate --photos val-objects.zip --size 224 --classifier mobilenet_v2.safetensors

Every photograph becomes a centre square of ``--size`` pixels, its lightness goes the product's
own way (the library's ``analyze`` and ``colorize``), and the picture that a person would get is
compared with the original.  Printed as Markdown, stored as JSON with ``--output``, and added to a
checkpoint's metrics.json with ``--record NAME``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tqdm import tqdm

import colorizer
from colorizer import hub, metrics, photo
from colorizer.bins import get_bins, rebalancing_weights
from colorizer.compose import compose
from colorizer.lab import rgb_to_lab

from .data import DataError, load_photos

BINS = get_bins("zhang313")


@dataclass
class Row:
    """What is known of one way of colouring, summed over photographs."""

    psnr: list[float] = field(default_factory=list)
    colorfulness: list[float] = field(default_factory=list)
    sharpness: list[float] = field(default_factory=list)
    raw: torch.Tensor = field(default_factory=lambda: torch.zeros(152, dtype=torch.float64))
    rebalanced: torch.Tensor = field(default_factory=lambda: torch.zeros(152, dtype=torch.float64))
    agree: list[bool] = field(default_factory=list)
    distance: list[float] = field(default_factory=list)
    best_error: list[float] = field(default_factory=list)

    def figures(self, truth: Row) -> dict[str, float | None]:
        """``truth``: the row of the originals, which colour and sharpness are shares of."""
        finite = [p for p in self.psnr if np.isfinite(p)]
        figures = {
            "psnr": float(np.mean(finite)) if finite else None,
            "colorfulness_share": share(self.colorfulness, truth.colorfulness),
            "sharpness_share": share(self.sharpness, truth.sharpness),
            "auc_raw": metrics.auc(self.raw),
            "auc_rebalanced": metrics.auc(self.rebalanced),
        }
        if self.agree:
            figures["classifier_agreement"] = float(np.mean(self.agree))
        if self.distance:
            figures["pairwise_distance"] = float(np.mean(self.distance))
            figures["best_of_n_error"] = float(np.mean(self.best_error))
        return {k: None if v is None else round(v, 4) for k, v in figures.items()}


def share(values: list[float], of: list[float]) -> float:
    return float(np.mean(values)) / max(float(np.mean(of)), 1e-9)


def settings_of(approach: colorizer.Approach) -> dict[str, dict]:
    """The ways of decoding that are worth a row, from what the approach can do."""
    rows: dict[str, dict] = {"default": {}}
    if approach.knob("temperature"):
        rows["T = 1"] = {"temperature": 1.0}
        rows["T = 0.38"] = {"temperature": 0.38}
    if approach.knob("vividness"):
        rows = {
            "truest: vividness 0, T = 1": {"temperature": 1.0, "vividness": 0.0},
            "default": {},
            "vividness 0.5, T = 1": {"temperature": 1.0, "vividness": 0.5},
            "full vividness, T = 1": {"temperature": 1.0, "vividness": 1.0},
            "full vividness, T = 0.38": {"temperature": 0.38, "vividness": 1.0},
        }
    if approach.knob("top_k"):
        rows["likeliest colour (top-k 1)"] = {"top_k": 1}
        rows["top-k 5, T = 1"] = {"top_k": 5, "temperature": 1.0}
    return rows


class Classifier:
    """Top-1 answers of a torchvision MobileNetV2 (ImageNet) from a safetensors file."""

    def __init__(self, path: str) -> None:
        from safetensors.torch import load_file

        from colorizer.models.mobile import IMAGENET_MEAN, IMAGENET_STD

        from .vision import mobilenet_v2

        self.model = mobilenet_v2(weights=None).eval()
        self.model.load_state_dict({k: v.float() for k, v in load_file(path).items()})
        self.mean = torch.tensor(IMAGENET_MEAN).view(3, 1, 1)
        self.std = torch.tensor(IMAGENET_STD).view(3, 1, 1)

    @torch.inference_mode()
    def __call__(self, images: list[np.ndarray]) -> list[int]:
        batch = torch.stack([torch.tensor(i).permute(2, 0, 1) for i in images]).float() / 255
        batch = F.interpolate(batch, size=(224, 224), mode="bilinear", antialias=True).clamp(0, 1)
        return self.model((batch - self.mean) / self.std).argmax(1).tolist()


class Evaluation:
    """Collects figures of named rows over photographs (uint8 RGB arrays of one size)."""

    def __init__(self, prior: np.ndarray, classifier: Classifier | None = None) -> None:
        self.rows: dict[str, Row] = {}
        self.weight = torch.from_numpy(rebalancing_weights(prior, lam=0.0))
        self.classifier = classifier

    def add(self, original: np.ndarray, results: dict[str, np.ndarray]) -> None:
        """One photograph: its original and what each row made of it, all (H, W, 3) uint8."""
        everything = {"ground truth": original, **results}
        stack = torch.stack([torch.tensor(i).permute(2, 0, 1) for i in everything.values()])
        lab, rgb = rgb_to_lab(stack), stack.float() / 255
        true_ab = lab[:1, 1:]
        weight = self.weight[BINS.encode(true_ab)]
        psnr = metrics.psnr(rgb, rgb[:1].expand_as(rgb))
        color = metrics.colorfulness(rgb)
        sharp = metrics.sharpness(lab[:, :1])
        answers = self.classifier(list(everything.values())) if self.classifier else None
        for k, name in enumerate(everything):
            row = self.rows.setdefault(name, Row())
            row.psnr.append(psnr[k].item())
            row.colorfulness.append(color[k].item())
            row.sharpness.append(sharp[k].item())
            ab = lab[k : k + 1, 1:]
            row.raw += metrics.error_histogram(ab, true_ab)
            row.rebalanced += metrics.error_histogram(ab, true_ab, weight)
            if answers:
                row.agree.append(answers[k] == answers[0])

    def add_samples(self, name: str, original: np.ndarray, samples: list[np.ndarray]) -> None:
        """Diversity of n samples of one photograph, beside n global shifts as far apart.

        The control: the first sample under n random shifts of ab over the whole picture, scaled
        to the same mean pairwise distance.  Real samples must come nearer to the truth.
        """
        stack = torch.stack([torch.tensor(i).permute(2, 0, 1) for i in (original, *samples)])
        ab = rgb_to_lab(stack)[:, 1:]
        truth, drawn = ab[:1], ab[1:]
        distance = metrics.pairwise_distance(drawn)
        dice = torch.Generator().manual_seed(len(self.rows.get(name, Row()).distance))
        shifts = torch.randn((len(samples), 2, 1, 1), generator=dice)
        flat = shifts.expand(-1, -1, 1, 1)
        shifts = shifts * (distance / max(metrics.pairwise_distance(flat), 1e-9))
        for row_name, candidates in ((name, drawn), (f"{name}: control", drawn[:1] + shifts)):
            row = self.rows.setdefault(row_name, Row())
            error = ((candidates - truth) ** 2).sum(1).sqrt().mean((1, 2))
            row.distance.append(metrics.pairwise_distance(candidates))
            row.best_error.append(error.min().item())

    def table(self) -> dict[str, dict[str, float | None]]:
        truth = self.rows["ground truth"]
        return {
            name: row.figures(truth) if row.psnr else row_of_samples(row)
            for name, row in self.rows.items()
        }


def row_of_samples(row: Row) -> dict[str, float]:
    return {
        "pairwise_distance": round(float(np.mean(row.distance)), 4),
        "best_of_n_error": round(float(np.mean(row.best_error)), 4),
    }


def baselines(lightness: np.ndarray, mean_ab: np.ndarray) -> dict[str, np.ndarray]:
    """Grey, and the training photographs' mean colour everywhere."""
    shape = (2, *lightness.shape)
    flat = np.broadcast_to(np.asarray(mean_ab, np.float32).reshape(2, 1, 1), shape)
    return {
        "grey": compose(lightness, np.zeros(shape, np.float32)),
        "mean colour": compose(lightness, np.ascontiguousarray(flat)),
    }


def evaluate(
    colorizers: dict[str, colorizer.Colorizer],
    pixels: np.ndarray,
    prior: np.ndarray,
    classifier: Classifier | None = None,
    samples: int = 0,
    progress: Callable[[Iterator], Iterator] = lambda x: x,
) -> dict[str, dict[str, float | None]]:
    """Figures by row name over photographs (N, H, W, 3) uint8; see :class:`Evaluation`."""
    evaluation = Evaluation(prior, classifier)
    mean_ab = np.asarray(prior) @ BINS.centers.numpy() / np.sum(prior)
    seconds = dict.fromkeys(colorizers, 0.0)
    for original in progress(pixels):
        original = np.ascontiguousarray(original)
        picture = photo.read(original)
        results = baselines(picture.lightness, mean_ab)
        drawn = {}
        for name, machine in colorizers.items():
            start = time.perf_counter()
            analysis = machine.analyze(picture)
            for label, knobs in settings_of(machine.approach).items():
                results[f"{name}, {label}"] = as_rgb(analysis.colorize(**knobs))
                if label == "default":
                    seconds[name] += time.perf_counter() - start
            if samples > 1 and machine.approach.samples:
                drawn[f"{name}, {samples} samples"] = [as_rgb(s) for s in analysis.sample(samples)]
        evaluation.add(original, results)
        for name, images in drawn.items():
            evaluation.add_samples(name, original, images)
    return evaluation.table()


def as_rgb(image) -> np.ndarray:
    return np.asarray(image.convert("RGB"))


def markdown(table: dict[str, dict[str, float | None]]) -> str:
    """The table for people; a figure that was not measured is a dash."""
    columns = {
        "psnr": ("PSNR", "{:.2f}"),
        "colorfulness_share": ("colourfulness share", "{:.2f}"),
        "sharpness_share": ("sharpness share", "{:.2f}"),
        "auc_raw": ("AuC raw", "{:.2f}"),
        "auc_rebalanced": ("AuC rebalanced", "{:.2f}"),
        "classifier_agreement": ("classifier agrees", "{:.3f}"),
        "pairwise_distance": ("pairwise ab distance", "{:.2f}"),
        "best_of_n_error": ("best-of-n ab error", "{:.2f}"),
    }
    used = [c for c in columns if any(row.get(c) is not None for row in table.values())]
    lines = [
        "| | " + " | ".join(columns[c][0] for c in used) + " |",
        "|---" * (len(used) + 1) + "|",
    ]
    for name, row in table.items():
        cells = (columns[c][1].format(row[c]) if row.get(c) is not None else "–" for c in used)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def record(folder: Path, name: str, result: dict) -> None:
    """Put ``result`` under ``name`` into the folder's metrics.json; atomic."""
    path = folder / "metrics.json"
    stored = json.loads(path.read_text()) if path.exists() else {}
    stored[name] = result
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n")
    os.replace(partial, path)


def named(machines: dict[str, colorizer.Colorizer]) -> dict[str, colorizer.Colorizer]:
    """The machines by key, or by their folder's name where several are of one approach."""
    keys = [machine.approach.key for machine in machines.values()]
    return {
        key if keys.count(key) == 1 else Path(name).name: machine
        for key, (name, machine) in zip(keys, machines.items(), strict=True)
    }


def stored_prior(machines: Iterable[colorizer.Colorizer]) -> np.ndarray | None:
    """(313,) of the first checkpoint that has a prior of these bins, or None."""
    for machine in machines:
        if machine.config.get("quantisation") == BINS.name and "prior" in machine.config:
            return np.array(machine.config["prior"])
    return None


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a = parser.add_argument
    a("--photos", nargs="+", required=True, metavar="PATH", help="folders or zip archives")
    a("--size", type=int, default=128, help="side of the centre squares in pixels")
    a("--limit", type=int, help="only this many photographs")
    a("--approach", nargs="*", help="keys, checkpoint folders or Hub ids; by default all")
    a("--working-size", type=int, help="short side the network sees, instead of the config's")
    a("--prior", metavar="FILE", help=".npy (313,): weighs the rebalanced AuC")
    a("--classifier", metavar="FILE", help="ImageNet MobileNetV2 as safetensors")
    a("--samples", type=int, default=0, metavar="N", help="measure the diversity of N samples")
    a("--cache", default="runs/cache", help="folder for decoded photographs")
    a("--output", metavar="FILE", help="store the figures as JSON")
    a("--record", metavar="NAME", help="store them in each checkpoint's metrics.json")
    args = parser.parse_args(argv)
    names = args.approach or [entry.key for entry in hub.shipped()]
    try:
        machines = {name: colorizer.load(name) for name in names}
        photos = load_photos(args.photos, args.size, args.cache, args.limit)
    except (colorizer.MissingWeights, colorizer.BrokenWeights, DataError, ValueError) as error:
        sys.exit(str(error))
    machines = named(machines)
    for machine in machines.values():
        if args.working_size:
            machine.config["working_size"] = args.working_size
    if args.prior:
        prior, prior_name = np.load(args.prior), Path(args.prior).name
    else:
        prior_name = "the prior stored with the checkpoint"
        prior = stored_prior(machines.values())
        if prior is None:
            sys.exit("None of these checkpoints has a prior of the 313 bins; give one: --prior.")
    classifier = Classifier(args.classifier) if args.classifier else None
    table = evaluate(machines, photos.pixels, prior, classifier, args.samples, tqdm)
    about = {
        "photographs": len(photos),
        "from": [Path(p).name for p in args.photos],
        "size": args.size,
        "rebalancing_prior": prior_name,
        "classifier": Path(args.classifier).name if args.classifier else None,
        "working_size": {
            key: machine.config.get("working_size") for key, machine in machines.items()
        },
    }
    print(f"{len(photos)} photographs of {', '.join(about['from'])}, {args.size} px squares; ")
    print(f"rebalanced AuC by {prior_name}, λ = 0\n")
    print(markdown(table))
    result = {"about": about, "rows": table}
    if args.output:
        Path(args.output).write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    if args.record:
        for name in names:
            record(hub.find(name), args.record, result)


if __name__ == "__main__":
    main()
