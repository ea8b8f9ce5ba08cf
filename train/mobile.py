"""Train `mobile`: the MobileNetV2 U-Net with a distribution over 313 ab bins.

    python -m train.mobile --photos train.zip --encoder mobilenet_v2.safetensors \\
        --validation val.zip --output runs/mobile --time-budget 90m --resume

The loss is not rebalanced: rebalancing moves the posterior by the bins' weights and can be had
at decoding, as vividness, from one and the same model.  The input is aged (old-photo
augmentation) on a share of the photographs, and some carry simulated colour hints.  The encoder
learns at a fraction of the rate, so that what it knows from ImageNet is refined, not washed away.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from accelerate import Accelerator
from safetensors.torch import load_file

from colorizer.bins import get_bins, rebalancing_weights, smooth_prior
from colorizer.lab import rgb_to_lab
from colorizer.models.mobile import Mobile

from . import hints, losses, validate
from .augment import OldPhoto, paper_borders
from .data import Batches, load_photos
from .loop import Run, arguments

RECIPES = {
    "default": {"batch_size": 32, "lr": 1e-3, "size": 128, "betas": (0.9, 0.99), "decay": 0.01},
    # Report 004: Adam β 0.9/0.99, weight decay 1e-3, rate 3.16e-5, batch 40, crops of 176 px.
    "report": {
        "batch_size": 40,
        "lr": 3.16e-5,
        "size": 176,
        "betas": (0.9, 0.99),
        "decay": 1e-3,
    },
}


def main(argv: list[str] | None = None) -> None:
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--encoder", metavar="FILE", help="torchvision MobileNetV2, safetensors")
    parser.add_argument("--encoder-rate", type=float, default=0.15, help="its share of the rate")
    parser.add_argument(
        "--rebalance", type=float, default=0.0, metavar="GAMMA", help="weigh the loss by w to this"
    )
    parser.add_argument("--aged-share", type=float, default=0.4, help="share of aged inputs")
    parser.add_argument("--stored", type=int, help="side of the decoded squares in pixels")
    args = parser.parse_args(argv)
    recipe = RECIPES[args.recipe]
    for name in ("batch_size", "lr", "size"):
        if getattr(args, name) is None:
            setattr(args, name, recipe[name])

    accelerator = Accelerator(mixed_precision=args.precision)
    device = accelerator.device
    torch.manual_seed(args.seed)
    stored = args.stored or round(args.size * 1.125)
    with accelerator.main_process_first():
        photos = load_photos(args.photos, stored, args.cache, args.limit)
        extra = load_photos(args.extra, stored, args.cache, args.limit) if args.extra else None
        held_out = None
        if args.validation:
            found = load_photos(args.validation, 128, args.cache).pixels
            held_out = torch.from_numpy(np.array(found)).permute(0, 3, 1, 2)
    bins = get_bins("zhang313")
    prior = validate.color_prior(photos.pixels, bins)
    weights = rebalancing_weights(smooth_prior(prior, bins), lam=0.5)
    log_weights = torch.from_numpy(np.log(weights)).float().to(device)
    loss_weights = losses.bin_weights(prior, bins, args.rebalance)
    loss_weights = None if loss_weights is None else loss_weights.to(device)

    model = Mobile(len(bins)).to(memory_format=torch.channels_last)
    # Also with --resume, which may find nothing to resume; what it finds replaces this.
    if args.encoder and not args.init_from:
        model.load_encoder({k: v.float() for k, v in load_file(args.encoder).items()})
        # The head starts at the prior, so that no time goes into learning that most is grey.
        model.head.bias.data = torch.from_numpy(np.log(prior + 1e-6)).float()
    encoder = list(model.encoder.parameters())
    known = {id(p) for p in encoder}
    groups = [
        {"params": encoder, "lr": args.lr * args.encoder_rate},
        {"params": [p for p in model.parameters() if id(p) not in known], "lr": args.lr},
    ]
    optimizer = torch.optim.AdamW(groups, betas=recipe["betas"], weight_decay=recipe["decay"])
    config = {
        "approach": "mobile",
        "architecture": {"bins": len(bins)},
        "quantisation": bins.name,
        "prior": [float(f"{p:.4g}") for p in prior],
        "trained_gamma": args.rebalance,
        "data": photos.counts() | ({"objects mixed in": len(extra)} if extra else {}),
    }
    run = Run(args, accelerator, {"model": model}, {"model": optimizer}, config, export="model")
    batches = Batches(
        photos,
        args.size,
        args.batch_size,
        extra=extra,
        extra_share=args.extra_share,
        weights=dict(args.weight),
        seed=args.seed,
        rank=accelerator.process_index,
        world=accelerator.num_processes,
    )
    age = OldPhoto(args.aged_share)
    network = run.models["model"]
    for step in run.steps():
        network.train()
        dice = torch.Generator().manual_seed(
            (args.seed * 1_000_003 + step) * accelerator.num_processes + accelerator.process_index
        )
        rgb = batches.batch(step).to(device)
        lab = paper_borders(rgb_to_lab(rgb), dice)
        lightness = lab[:, :1]
        ab, given = hints.simulate(lab, dice)
        aged = age(lightness, rgb, dice).contiguous(memory_format=torch.channels_last)
        logits = network(aged, given)
        target = F.avg_pool2d(ab, Mobile.output_stride)
        loss = losses.soft_cross_entropy(logits, target, bins, loss_weights)
        run.update("model", loss)
        run.log(loss=loss)
        if run.evaluation_due():
            figures = {}
            if held_out is not None:
                averaged = run.ema["model"].model
                measured = held_out[:: max(1, len(held_out) // args.validation_limit)]
                figures = validate.measure(
                    averaged, measured, bins, prior, log_weights, device, args.rebalance
                )
                shown = held_out[:: max(1, len(held_out) // 12)][:12]
                old = age_all(shown, device)
                path = run.folder / f"grid-{step + 1:06d}.png"
                validate.save_grid(
                    path, averaged, shown, bins, log_weights, device, old, args.rebalance
                )
            run.report(figures)


def age_all(photos: torch.Tensor, device: torch.device) -> torch.Tensor:
    """The same aged versions of fixed photographs every time, for the picture grid."""
    rgb = photos.to(device)
    dice = torch.Generator().manual_seed(1)
    return OldPhoto(share=1.0)(rgb_to_lab(rgb)[:, :1], rgb, dice)


if __name__ == "__main__":
    main()
