"""The options of the training scripts, and what of them a checkpoint remembers."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any

import torch

from colorizer.approaches import get
from colorizer.checkpoints import CONFIG, WEIGHTS, load_weights
from colorizer.errors import ColorizerError
from colorizer.models.encoders import LAYERS

from . import encoders

# Settings that do not change what is learned, or that a segment notes under another name.
UNSAID = {"estimate", "betas", "decay", "script", "workers"}


# Report 004: Adam β 0.9/0.99, weight decay 1e-3, rate 3.16e-5, batch 40, crops of 176 px.
REPORT_004 = {"batch_size": 40, "lr": 3.16e-5, "size": 176, "betas": (0.9, 0.99), "decay": 1e-3}


def usual_precision() -> str:
    """bf16 where the device computes in it, else float32 ("no").

    A processor without instructions for bfloat16 takes seven times as long in it as in float32
    (`efficient`, 128 px, AVX2), and says nothing of it.
    """
    quick = torch.accelerator.is_available() or torch.cpu._is_avx512_bf16_supported()
    return "bf16" if quick else "no"


def duration(text: str) -> float:
    """``90m``, ``2h``, ``45s`` or plain seconds → seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration; write 90m, 2h or 45s.")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def weight(text: str) -> tuple[str, float]:
    """``faces=2`` → ("faces", 2.0)."""
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: write SOURCE=FACTOR.") from None


def arguments(description: str) -> argparse.ArgumentParser:
    """The options that every training script has."""
    p = argparse.ArgumentParser(description=description)
    a = p.add_argument
    a("--photos", nargs="+", required=True, metavar="PATH", help="folders, zip archives, or shards")
    a("--extra", nargs="+", default=[], metavar="PATH", help="photographs mixed in")
    a("--extra-share", type=float, default=0.15, help="their share of each batch")
    a("--weight", type=weight, nargs="*", default=[], metavar="SOURCE=FACTOR")
    a("--validation", nargs="+", default=[], metavar="PATH", help="photographs to measure on")
    a("--validation-limit", type=int, default=300, help="how many of them")
    a("--output", required=True, help="folder for state, curves, grids and the weights")
    a("--cache", default="runs/cache", help="folder for decoded photographs")
    a("--steps", type=int, help="stop after this many steps in all")
    a("--time-budget", type=duration, metavar="90m", help="stop cleanly after this long")
    a("--cooldown", type=int, metavar="STEPS", help="begin the cool-down now and end with it")
    a("--warmup", type=int, default=200, help="steps of linear warm-up")
    a("--resume", action="store_true", help="go on from the state in --output")
    a("--init-from", metavar="FOLDER", help="start from a checkpoint's weights alone")
    a("--recipe", choices=("default", "report"), default="default")
    a("--batch-size", type=int)
    a("--lr", type=float)
    a("--size", type=int, help="side of the training crops in pixels")
    a("--limit", type=int, help="use only so many photographs, spread over all")
    a("--evaluate-every", type=int, default=500, metavar="STEPS")
    a("--ema", type=float, default=0.999, help="decay of the averaged weights")
    a("--seed", type=int, default=0)
    a("--precision", choices=("bf16", "no"), default=usual_precision(), help="no: float32")
    a("--estimate", action="store_true", help="time some steps, print the hours, write nothing")
    return p


def parse(
    parser: argparse.ArgumentParser, argv: list[str] | None, recipes: dict[str, dict[str, Any]]
) -> argparse.Namespace:
    """The options with the chosen recipe's values wherever none was given.

    recipes: name → option (or a setting without one, such as ``betas``) → value.
    """
    recipe = parser.parse_known_args(argv)[0].recipe
    parser.set_defaults(**recipes[recipe])
    args = parser.parse_args(argv)
    if args.init_from:
        try:
            load_weights(args.init_from)
        except ColorizerError as error:
            sys.exit(f"--init-from: {error}")
    return args


def photograph_options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The options of :class:`train.engine.training_data.TrainingData`."""
    a = parser.add_argument
    a("--aged-share", type=float, default=0.25, help="share of inputs aged like old photographs")
    a("--stored", type=int, help="side of the decoded squares in pixels")
    a("--crop", type=float, nargs=2, default=(0.78, 1.0), metavar="SHARE", help="least, most")
    a(
        "--rare",
        type=float,
        default=0.0,
        metavar="POWER",
        help="see photographs of rare colours more often",
    )
    return parser


def encoder_options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The options of scripts whose network can start from an ImageNet encoder."""
    a = parser.add_argument
    a(
        "--encoder",
        metavar="FILE",
        help="safetensors: torchvision MobileNetV2 or timm tf_efficientnet_lite0",
    )
    a("--encoder-rate", type=float, default=0.15, help="its share of the rate")
    a("--encoder-layers", choices=("late", "all"), default="all", help="late: beyond stride 4")
    return parser


def hint_options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The options of scripts whose network predicts a distribution and takes colour hints."""
    a = encoder_options(photograph_options(parser)).add_argument
    a("--rebalance", type=float, default=0.0, metavar="GAMMA", help="weigh the loss by w to this")
    a("--workers", type=int, default=1, help="threads that make batches ahead")
    parser.set_defaults(aged_share=0.4)
    return parser


def design_of(key: str, args: argparse.Namespace) -> dict[str, Any]:
    """The shipped design of an approach, or that of the weights that the training goes on with
    (``--init-from``, ``--resume``), with ``--architecture`` and ``--width`` where given, and the
    encoder that ``--encoder`` is of."""
    before = args.init_from
    if not before and args.resume and (Path(args.output) / CONFIG).exists():
        before = args.output
    design = dict(load_weights(before)[0]["architecture"] if before else get(key).design)
    given = {"encoder": getattr(args, "architecture", None), "width": getattr(args, "width", None)}
    if not given["encoder"] and args.encoder and design.get("encoder") in LAYERS:
        # The file decides between encoders of which the same network can be made.
        kind = encoders.kind_of(args.encoder)
        given["encoder"] = kind if kind in LAYERS else None
    return design | {k: v for k, v in given.items() if v is not None}


def own_options(args: argparse.Namespace) -> dict[str, Any]:
    """A script's options beyond the common ones, for config.json; of paths only the name, and of a
    checkpoint's weights its folder's as well."""
    common = vars(arguments("").parse_args(["--photos", "x", "--output", "x"]))
    own = {k: v for k, v in vars(args).items() if k not in common and k not in UNSAID}
    return {
        k: _name(Path(v)) if isinstance(v, str) and re.search(r"[/\\]", v) else v
        for k, v in own.items()
        if v is not None
    }


def _name(path: Path) -> str:
    """The name of a file, with its folder's where every checkpoint has one of that name."""
    return f"{path.parent.name}/{path.name}" if path.name == WEIGHTS else path.name
