"""Train `pixcolor`: first the features with the PixelCNN, then the refinement on its own.

    python -m train.pixcolor --stage pixelcnn --photos train.zip --validation val.zip \\
        --encoder mobilenet_v2.safetensors --output runs/pixcolor --time-budget 90m --resume
    python -m train.pixcolor --stage refinement --photos train.zip --validation val.zip \\
        --init-from runs/pixcolor/best --output runs/pixcolor-refined --time-budget 20m --resume

The first stage lowers the bits per value of the grid's Cr and Cb; curves.csv has them for the
training photographs (``train_bits``) and for those kept apart (``val_bits``), since report 002's
network overfitted, and the weights with the least ``val_bits`` stay in ``best``.  The second stage
lowers the distance of refined to true chroma (``val_levels``), from the true chroma of the grid,
a little disturbed, because a drawn one is.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

from colorizer import checkpoints
from colorizer.color.lab import lab_to_rgb, rgb_to_lab
from colorizer.color.ycbcr import chroma_to_ab, rgb_to_chroma
from colorizer.models.encoders import ENCODERS
from colorizer.models.pixcolor import CELL, PixColor, build, grid_size, on_grid
from colorizer.models.pixelcnn.network import STEP, from_levels, to_levels
from colorizer.models.pixelcnn.sampler import Sampler, draw

from .engine import encoders
from .engine.best import keep_best
from .engine.networks import begin_network
from .engine.options import arguments, design_of, encoder_options, parse, photograph_options
from .engine.run import Run, begin
from .engine.training_data import BINS, TrainingData

RECIPES = {
    "default": {"batch_size": 32, "lr": 1e-3, "aged_share": 0.4},
    # Report 002: rate 0.002, batch 8, 30,000 steps, gradients clipped at a norm of 2 (always here).
    "report": {"batch_size": 8, "lr": 2e-3, "steps": 30_000, "aged_share": 0.0},
}
SIZES = {"pixelcnn": 112, "refinement": 128}
METRICS = {"pixelcnn": "val_bits", "refinement": "val_levels"}
WORKING_SIZE = 192
# Pixels of working size for a cell: 192 / 28 for a square, more for longer photographs.
PIXELS_PER_CELL = (6.5, 9.5)


def main(argv: list[str] | None = None) -> None:
    parser = encoder_options(photograph_options(arguments(__doc__.splitlines()[0])))
    a = parser.add_argument
    a("--stage", choices=tuple(SIZES), required=True)
    a("--architecture", choices=tuple(ENCODERS), help="the feature network")
    a("--features", type=int, help="of each stack of the PixelCNN")
    a("--layers", type=int, help="gated layers of the PixelCNN")
    a("--jitter", type=float, default=0.1, help="share of the grid's values moved by one level")
    parser.set_defaults(script="pixcolor", encoder_layers="late")
    args = checked(parse(parser, argv, RECIPES))

    accelerator = begin(args)
    architecture = design(args)
    model = begin_network(build, architecture, args)
    data = TrainingData(args, accelerator)
    config = configuration(args, architecture, data)
    if args.stage == "pixelcnn" and not args.init_from:
        # The last layer starts at the prior, so that no time goes into learning that most is grey.
        model.pixelcnn.head.bias.data = level_prior(data.photos.pixels).log().flatten()
    optimizer = torch.optim.AdamW(
        parameter_groups(model, args), betas=(0.9, 0.99), weight_decay=0.01
    )
    run = Run(
        args, accelerator, {"model": model}, {"model": optimizer}, config, export="model", clip=2.0
    )
    network = run.models["model"]
    for step in run.steps():
        set_modes(accelerator.unwrap_model(network), args)
        aged, lab = data.batch(step)
        chroma = rgb_to_chroma(lab_to_rgb(lab))
        if args.stage == "pixelcnn":
            levels = to_levels(F.avg_pool2d(chroma, CELL))
            loss = likelihood(network(aged, levels=levels), levels)
            run.log(train_bits=loss / math.log(2))
        else:
            rng = data.rng(step)
            coarse = disturbed(grid_of(chroma, rng), args.jitter, rng)
            loss = distance(network(aged, chroma=coarse), chroma)
            run.log(train_levels=loss)
        run.update("model", loss)
        if run.evaluation_due():
            validate(run, data.held_out)


def checked(args: argparse.Namespace) -> argparse.Namespace:
    """The options with the stage's own size; ends the process where they make no sense."""
    args.size = args.size or SIZES[args.stage]
    begun = args.resume and (Path(args.output) / "state.pt").exists()
    if args.stage == "refinement" and not (args.init_from or begun):
        sys.exit("The refinement follows the first stage: give its weights with --init-from.")
    return args


def configuration(args: argparse.Namespace, architecture: dict, data: TrainingData) -> dict:
    """What config.json says from the first step on."""
    return {
        "approach": "pixcolor",
        "architecture": architecture,
        "stage": args.stage,
        "quantisation": BINS.name,
        "prior": [float(f"{p:.4g}") for p in data.prior],
        "working_size": WORKING_SIZE,
        "notes": notes(args),
        **data.config(),
    }


def validate(run: Run, photos: torch.Tensor | None) -> None:
    """Measure the averaged weights, draw a picture grid, save, and keep the best weights.

    photos: (N, 3, 128, 128) uint8, kept apart from training; None saves alone.
    """
    if photos is None:
        run.report({})
        return
    args, averaged, device = run.args, run.ema["model"].model, run.accelerator.device
    metric = METRICS[args.stage]
    measured = photos[:: max(1, len(photos) // args.validation_limit)]
    value = measure(averaged, measured, args.stage, device)
    run.config[metric] = round(value, 4)
    shown = photos[:: max(1, len(photos) // 6)][:6]
    save_grid(run.folder / f"grid-{run.step + 1:06d}.png", averaged, shown, device)
    run.report({metric: value})
    keep_best(run.folder, metric)


def design(args: argparse.Namespace) -> dict:
    """The architecture: the shipped design, or that of ``--init-from``, with the options given."""
    given = {"features": args.features, "layers": args.layers}
    if args.encoder and not args.architecture:
        given["encoder"] = encoders.kind_of(args.encoder)
    return design_of("pixcolor", args) | {k: v for k, v in given.items() if v is not None}


def notes(args: argparse.Namespace) -> list[str]:
    """Sentences for the model card."""
    sentences = [
        "Colour is drawn on a grid of 784 cells in the photograph's own shape (28 × 28 of a "
        "square), the photograph being 112 px for it; without a seed one gets the sample of seed "
        "0, since there is no best guess."
    ]
    if args.init_from:
        bits = checkpoints.load_weights(args.init_from)[0].get("val_bits")
        if bits is not None:
            sentences.append(
                f"Likelihood of validation photographs: {bits:.3f} bits for each of Cr and Cb."
            )
    return sentences


def parameter_groups(model: PixColor, args: argparse.Namespace) -> list[dict]:
    """Parameters that the stage trains, the encoder at its own rate; all else is frozen."""
    model.requires_grad_(False)
    if args.stage == "refinement":
        model.refinement.requires_grad_(True)
        return [{"params": list(model.refinement.parameters()), "lr": args.lr}]
    encoder = list(model.conditioning.encoder.parameters())
    known = {id(p) for p in encoder}
    parts = (*model.conditioning.parameters(), *model.pixelcnn.parameters())
    groups = [{"params": [p for p in parts if id(p) not in known], "lr": args.lr}]
    if args.encoder_rate > 0:
        groups.append({"params": encoder, "lr": args.lr * args.encoder_rate})
    for group in groups:
        for parameter in group["params"]:
            parameter.requires_grad_(True)
    if args.encoder_layers == "late":
        # A sixth of a step's time would go into their gradients, and edges are edges here, too.
        model.conditioning.encoder.early().requires_grad_(False)
    return groups


def set_modes(model: PixColor, args: argparse.Namespace) -> None:
    """Batch statistics only in what is trained."""
    model.eval()
    if args.stage == "refinement":
        model.refinement.train()
        return
    model.conditioning.train()
    model.pixelcnn.train()
    if args.encoder_rate == 0:
        model.conditioning.encoder.eval()
    elif args.encoder_layers == "late":
        model.conditioning.encoder.early().eval()


# --- what is lowered ------------------------------------------------------------------------------


def likelihood(logits: torch.Tensor, levels: torch.Tensor) -> torch.Tensor:
    """Negative log-likelihood of levels (B, 2, h, w) in nats for a value, the mean of all."""
    return F.cross_entropy(logits.float().transpose(1, 2), levels)


def distance(refined: torch.Tensor, chroma: torch.Tensor) -> torch.Tensor:
    """Mean absolute difference of chroma, in levels of the grid."""
    return F.l1_loss(refined.float(), chroma) / STEP


def grid_of(chroma: torch.Tensor, rng: torch.Generator | None = None) -> torch.Tensor:
    """The levels (B, 2, n, n) of a grid over chroma (B, 2, S, S); with rng, as fine as may come."""
    side = chroma.shape[-1]
    low, high = PIXELS_PER_CELL
    share = 0.5 if rng is None else torch.rand((), generator=rng).item()
    cells = max(1, round(side / (low + (high - low) * share)))
    return to_levels(F.adaptive_avg_pool2d(chroma, cells))


def disturbed(levels: torch.Tensor, share: float, rng: torch.Generator) -> torch.Tensor:
    """Chroma of levels (B, 2, n, n) of which a share has moved by one, up or down."""
    moved = torch.rand(levels.shape, generator=rng) < share
    step = torch.randint(0, 2, levels.shape, generator=rng) * 2 - 1
    return from_levels(levels + (moved * step).to(levels.device))


def level_prior(pixels: np.ndarray, limit: int = 500) -> torch.Tensor:
    """Share of each level over photographs (N, H, W, 3) uint8: (2, 32), Cr and Cb."""
    chosen = np.array(pixels[:: max(1, len(pixels) // limit)])
    levels = to_levels(F.avg_pool2d(rgb_to_chroma(torch.from_numpy(chosen).movedim(3, 1)), CELL))
    counts = [torch.bincount(plane.flatten(), minlength=32) for plane in levels.unbind(1)]
    return (torch.stack(counts) + 0.1) / (counts[0].sum() + 3.2)


# --- what a person sees ---------------------------------------------------------------------------


@torch.no_grad()
def measure(model: nn.Module, photos: torch.Tensor, stage: str, device: torch.device) -> float:
    """Bits for a value of the grid, or levels between refined and true chroma.

    photos: (N, 3, 128, 128) uint8, as they are (not aged).
    """
    total = 0.0
    for batch in photos.split(50):
        rgb = batch.to(device)
        lightness, chroma = rgb_to_lab(rgb)[:, :1], rgb_to_chroma(rgb)
        with torch.autocast(device.type, torch.bfloat16):
            if stage == "pixelcnn":
                grid = grid_size(*rgb.shape[-2:])
                levels = to_levels(F.adaptive_avg_pool2d(chroma, grid))
                logits = model(on_grid(lightness, grid), levels=levels)
                value = likelihood(logits, levels) / math.log(2)
            else:
                coarse = from_levels(grid_of(chroma))
                value = distance(model(lightness, chroma=coarse), chroma)
        total += value.item() * len(batch)
    return total / len(photos)


@torch.no_grad()
def save_grid(
    path: Path, model: nn.Module, photos: torch.Tensor, device: torch.device, samples: int = 4
) -> None:
    """One row per photograph: grey; samples at T 0.8 and T 1; the true grid, refined; original."""
    rgb = photos.to(device)
    lightness, chroma = rgb_to_lab(rgb)[:, :1], rgb_to_chroma(rgb)
    grid = grid_size(*rgb.shape[-2:])
    context = model(on_grid(lightness, grid))
    sampler, half = Sampler(model.pixelcnn), samples // 2
    many = context.repeat_interleave(half, 0)
    seeds = [*range(half)] * len(photos)
    columns = [torch.cat((lightness, torch.zeros_like(chroma)), 1)]
    levels = [draw(sampler, many, seeds, t).unflatten(0, (-1, half)) for t in (0.8, 1.0)]
    levels = [*torch.cat(levels, 1).unbind(1), to_levels(F.adaptive_avg_pool2d(chroma, grid))]
    for found in levels:
        refined = model(lightness, chroma=from_levels(found).to(device))
        columns.append(torch.cat((lightness, chroma_to_ab(lightness, refined)), 1))
    sheet = torch.cat([*map(lab_to_rgb, columns), rgb.float() / 255], 3)
    rows = sheet.movedim(1, 3).flatten(0, 1)  # (N · H, columns · W, 3)
    Image.fromarray((rows * 255).round().byte().cpu().numpy()).save(path)


if __name__ == "__main__":
    main()
