"""Train `deep-colorization`: a small network from the features of single pixels to their chroma.

    python -m train.deep_colorization --variant A --photos train.zip --validation val.zip \\
        --output runs/deep-colorization-plain --time-budget 15m --resume
    python -m train.deep_colorization --variant B --photos train.zip --validation val.zip \\
        --encoder mobilenet_v2.safetensors --output runs/deep-colorization --time-budget 15m --resume
    python -m train.deep_colorization --variant C --photos ADE20K --output runs/deep-labels

At every step some hundred pixels of every photograph of the batch; their features cost most of the
time.  Variant B freezes the encoder of ``--encoder`` and first fits its projection on training
photographs; ``--semantics`` names a torchvision segmentation network instead, whose weights
``--encoder`` then is.  The photographs of variant C lie in folders laid out like ADE20K or Pascal
VOC, with their label maps.
"""

from __future__ import annotations

import argparse
import sys

import torch
import torch.nn.functional as F
from accelerate import Accelerator
from safetensors import SafetensorError
from safetensors.torch import load_file

from colorizer.color.lab import lab_to_rgb, rgb_to_lab
from colorizer.color.ycbcr import UV_SCALE, rgb_to_chroma
from colorizer.models.deep_colorization import (
    UV_UNIT,
    DeepColorization,
    EncoderSemantics,
    SegmentationSemantics,
    build,
)
from colorizer.models.encoders import LAYERS

from .data.find import DataError
from .data.labels import Labelled
from .engine import encoders, validation
from .engine.best import keep_best
from .engine.networks import check_size, load_initial
from .engine.options import arguments, design_of, parse, photograph_options
from .engine.run import Run, begin
from .engine.training_data import BINS, TrainingData

RECIPES = {
    "default": {"batch_size": 16, "lr": 1e-3, "size": 128, "optimizer": "adamw", "aged_share": 0.2},
    # Report 002: 256 px, three hidden ReLU layers, stochastic gradient descent.  It gives no
    # widths; half of the inputs each, and a common rate, are ours.
    "report": {
        "batch_size": 16,
        "lr": 1e-2,
        "size": 256,
        "stored": 256,
        "optimizer": "sgd",
        "hidden": [65, 65, 65],
        "aged_share": 0.0,
    },
}
KEYS = {"A": "deep-colorization-plain", "B": "deep-colorization", "C": "deep-colorization"}
FITTED = 64  # batches whose features set the normalisation and the projection


def main(argv: list[str] | None = None) -> None:
    parser = photograph_options(arguments(__doc__.splitlines()[0]))
    a = parser.add_argument
    a("--variant", choices=tuple(KEYS), required=True)
    a("--encoder", metavar="FILE", help="weights of the frozen network of variant B, safetensors")
    a("--semantics", help="the name of a torchvision segmentation network instead of an encoder")
    a("--hidden", type=int, nargs="+", help="widths of the three hidden layers")
    a("--pixels", type=int, default=512, help="of each photograph at every step")
    a("--optimizer", choices=("adamw", "sgd"))
    parser.set_defaults(script="deep_colorization")
    args = parse(parser, argv, RECIPES)

    accelerator = begin(args)
    architecture = design(args)
    model = build({"architecture": architecture})
    check_size(model, args)
    load_initial(model, args)
    load_frozen(model, args)
    source = Pairs(args, accelerator) if args.variant == "C" else Plain(args, accelerator)
    config = {
        "approach": KEYS[args.variant],
        "architecture": architecture,
        "working_size": args.size,
        "notes": notes(args),
        **source.config(),
    }
    model = model.to(accelerator.device)
    if not args.init_from:
        fit(model, args, source, accelerator)
    optimizer = {
        "adamw": lambda p: torch.optim.AdamW(p, lr=args.lr, betas=(0.9, 0.99), weight_decay=1e-3),
        "sgd": lambda p: torch.optim.SGD(p, lr=args.lr, momentum=0.9),
    }[args.optimizer]([p for p in model.parameters() if p.requires_grad])
    run = Run(args, accelerator, {"model": model}, {"model": optimizer}, config, export="model")
    network = run.models["model"]
    maker, averaged = accelerator.unwrap_model(network).eval(), run.ema["model"].model
    for step in run.steps():
        lightness, uv, labels = source.batch(step)
        chosen = places(lightness, args.pixels, rng_of(args, step, accelerator))
        features = maker.features(lightness, labels, chosen)
        made = network(features.flatten(0, 1))
        photo = torch.arange(len(uv), device=uv.device)[:, None]
        truth = uv.flatten(2).transpose(1, 2)[photo, chosen].flatten(0, 1) / UV_UNIT
        loss = 0.5 * F.mse_loss(made.float(), truth, reduction="none").sum(1).mean()
        run.update("model", loss)
        run.log(loss=loss)
        if run.evaluation_due():
            measured = source.validate(run, averaged)
            if measured:  # the lower the better, for the choice of the best weights
                config["val_error"] = round(100 - measured["val_auc"], 4)
            run.report(measured)
            if measured:
                keep_best(run.folder, "val_error")


def design(args: argparse.Namespace) -> dict:
    """The architecture: that of the weights that the training goes on with, and the options given."""
    given = {"variant": args.variant}
    if args.variant == "B" and args.semantics:
        given["semantics"] = args.semantics
    elif args.variant == "B" and args.encoder:
        given["semantics"] = encoders.kind_of(args.encoder)
    if args.hidden:
        given["hidden"] = args.hidden
    return design_of(KEYS[args.variant], args) | given


def notes(args: argparse.Namespace) -> list[str]:
    """Sentences for the model card."""
    sentences = [
        "Report 002's table gives this system a PSNR of 68.88 (variant A), 69.44 (B) and 69.42 (C), "
        "the first beside a pixel accuracy of 68.88 %. Those cannot be PSNRs in dB of such "
        "pictures: at 69 dB the mean error would be a fifth of one 8-bit step. Its pixel accuracy "
        "is that of a segmentation network on the coloured photographs; where no weights of one "
        "can be had, the agreement of an ImageNet classifier stands below in its place."
    ]
    if args.variant == "B" and args.semantics in (None, *LAYERS):
        sentences.append(
            "The 50 semantic figures are principal components of a frozen ImageNet encoder's "
            "features, not the scores of a segmentation network as in the report."
        )
    elif args.variant == "B":
        sentences.append(f"The semantic figures are the scores of a frozen {args.semantics}.")
    return sentences


def load_frozen(model: DeepColorization, args: argparse.Namespace) -> None:
    """Load ``--encoder`` into the frozen network; ends the process where it does not fit."""
    segments = isinstance(model.semantic, SegmentationSemantics)
    if args.encoder and segments and not args.init_from:
        try:
            model.semantic.network.load_state_dict(load_file(args.encoder), strict=True)
        except (OSError, SafetensorError, RuntimeError):
            sys.exit(f"{args.encoder} does not have the weights of the segmentation network.")
    else:
        encoders.load(model, args)


def fit(model: DeepColorization, args, source: Plain | Pairs, accelerator: Accelerator) -> None:
    """Fit the projection of the frozen network's features, and measure what normalises the inputs.

    Also with ``--resume``, which may find nothing to resume; what it finds replaces this.  Every
    process does the same sums over the same photographs.
    """
    model.eval()
    batches = [source.batch(step) for step in range(max(1, min(FITTED, 512 // args.batch_size)))]
    if isinstance(model.semantic, EncoderSemantics):
        kept = model.semantic.fit([lightness for lightness, _, _ in batches])
        if accelerator.is_main_process:
            print(f"the projection keeps {kept:.0%} of the features' variance", file=sys.stderr)
    rng = torch.Generator().manual_seed(args.seed)
    rows = []
    for lightness, _, labels in batches[:16]:
        chosen = places(lightness, 256, rng)
        rows.append(model.features(lightness, labels, chosen).flatten(0, 1))
    rows = torch.cat(rows)
    model.input_mean.copy_(rows.mean(0))
    # What hardly varies (a class that is not there) must not be blown up.
    model.input_std.copy_(rows.std(0).clamp_min(1e-3))


def rng_of(args: argparse.Namespace, step: int, accelerator: Accelerator) -> torch.Generator:
    """The random numbers of one step of one process."""
    number = (args.seed * 1_000_003 + step) * accelerator.num_processes
    return torch.Generator().manual_seed(number + accelerator.process_index)


def places(lightness: torch.Tensor, count: int, rng: torch.Generator) -> torch.Tensor:
    """Random pixels of every photograph of L (B, 1, H, W): (B, count), as places of H·W."""
    chosen = torch.randint(0, lightness[0, 0].numel(), (len(lightness), count), generator=rng)
    return chosen.to(lightness.device)


def uv_of(rgb: torch.Tensor) -> torch.Tensor:
    """sRGB (B, 3, H, W) → U and V (B, 2, H, W)."""
    return rgb_to_chroma(rgb) * torch.tensor(UV_SCALE, device=rgb.device).view(1, 2, 1, 1)


def all_of(model: DeepColorization, lightness: torch.Tensor, labels=None) -> torch.Tensor:
    """ab (B, 2, H, W), one photograph after the other: the features of many would fill the memory."""
    given = [None] * len(lightness) if labels is None else labels.split(1)
    made = [model.colours(*one) for one in zip(lightness.split(1), given, strict=True)]
    return torch.cat(made)


class Plain:
    """Photographs without labels, for variants A and B."""

    def __init__(self, args, accelerator: Accelerator) -> None:
        self.data = TrainingData(args, accelerator)

    def config(self) -> dict:
        prior = [float(f"{p:.4g}") for p in self.data.prior]
        return {"quantisation": BINS.name, "prior": prior, **self.data.config()}

    def batch(self, step: int) -> tuple[torch.Tensor, torch.Tensor, None]:
        """L as the network sees it (B, 1, S, S), U and V (B, 2, S, S), no labels."""
        lightness, lab = self.data.batch(step)
        # From Lab, because a paper border that was put there must be neutral in the truth.
        return lightness.contiguous(), uv_of(lab_to_rgb(lab)), None

    def validate(self, run: Run, model: DeepColorization) -> dict[str, float]:
        def predict(lightness: torch.Tensor) -> torch.Tensor:
            return all_of(model, lightness)

        return self.data.validate(run, lambda light: {"val": predict(light)}, [predict])


class Pairs:
    """Photographs with label maps, for variant C; ``--validation`` has their layout too."""

    def __init__(self, args, accelerator: Accelerator) -> None:
        self.args, self.device = args, accelerator.device
        self.rank, self.world = accelerator.process_index, accelerator.num_processes
        try:
            self.train = Labelled(args.photos, args.size, args.limit)
            self.held_out = None
            if args.validation:
                self.held_out = Labelled(args.validation, args.size, args.validation_limit)
        except DataError as error:
            sys.exit(str(error))

        self.prior = validation.color_prior(self.train.pixels.movedim(1, 3).numpy(), BINS)

    def config(self) -> dict:
        return {"data": {"with labels": len(self.train)}}

    def batch(self, step: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        rgb, labels = self.train.batch(
            step, self.args.batch_size, self.args.seed, self.rank, self.world
        )
        rgb, labels = rgb.to(self.device), labels.to(self.device)
        return rgb_to_lab(rgb)[:, :1], uv_of(rgb), labels

    def validate(self, run: Run, model: DeepColorization) -> dict[str, float]:
        """PSNR and AuC on the photographs kept apart, with their own labels."""
        if self.held_out is None:
            return {}
        photos, labels = self.held_out.pixels, self.held_out.labels.to(self.device)
        return validation.compare(
            lambda lightness, ab: {"val": all_of(model, lightness, labels)},
            photos,
            self.prior,
            BINS,
            self.device,
            batch=len(photos),
        )


if __name__ == "__main__":
    main()
