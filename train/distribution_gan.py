"""Train `efficient` or `mobile` further against an adversary that looks at their colours.

    python -m train.distribution_gan --photos train.zip --validation val.zip \\
        --init-from checkpoints/efficient --output runs/efficient-gan --steps 900

What the adversary looks at is the colour that a person gets by default: the distribution adjusted
by vividness, its annealed mean.  The distribution's own loss stays beside it, with and without
hints, so that all knobs keep their meaning.  ``--adversary critic`` is `wgan-gp`'s (report 000),
``discriminator`` that of `pix2pix`, which report 001 wants to "combine with a MobileNetV2".  It
begins at trained weights only, and it is short: what helps comes within some ten thousand
photographs, and rainbows come after it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from colorizer import checkpoints
from colorizer.approaches import get
from colorizer.models import efficient, mobile
from colorizer.models.pix2pix import PatchDiscriminator
from colorizer.models.wgan_gp import Critic

from .data import hint_simulation
from .engine import encoders, losses
from .engine.adversarial import adversary_options, update_critic, update_discriminator
from .engine.networks import begin_network
from .engine.options import arguments, encoder_options, parse, photograph_options
from .engine.rebalancing import ClassRebalancing
from .engine.run import Run, begin
from .engine.training_data import BINS, TrainingData, cast

RECIPES = {
    name: {"batch_size": 32, "lr": 2e-4, "size": 128, "decay": 1e-3}
    for name in ("default", "report")  # report 001 only proposes it
}
BUILD = {"efficient": efficient.build, "mobile": mobile.build}
ADVERSARIES = {"critic": Critic, "discriminator": PatchDiscriminator}
BETAS = {"critic": (0.0, 0.9), "discriminator": (0.5, 0.99)}


def main(argv: list[str] | None = None) -> None:
    parser = encoder_options(photograph_options(arguments(__doc__.splitlines()[0])))
    a = adversary_options(parser).add_argument
    a("--adversary", choices=tuple(ADVERSARIES), default="critic")
    a("--every", type=int, default=3, help="steps of the adversary for one of the network")
    a("--gan", type=float, default=0.15, help="weight of the adversary")
    a("--penalty", type=float, default=10.0, help="weight λ of the critic's gradient penalty")
    parser.set_defaults(script="distribution_gan", encoder_layers="late")
    args = parse(parser, argv, RECIPES)

    config = trained_config(args)
    accelerator = begin(args)
    network = begin_network(BUILD[config["approach"]], config["architecture"], args)
    data = TrainingData(args, accelerator)
    gamma = config.get("trained_gamma", 0.0)
    rebalancing = ClassRebalancing(BINS, np.array(config["prior"]), gamma, accelerator.device)
    entry = get(config["approach"])
    temperature, vividness = (entry.knob(n).default for n in ("temperature", "vividness"))
    run = start(args, accelerator, network, {**config, **data.config(), "stage": "adversarial"})
    network, averaged = run.models["model"], cast(run.ema["model"].model, accelerator.device)

    def shown(logits: torch.Tensor) -> torch.Tensor:
        return rebalancing.decode(logits, vividness, temperature)

    def colors(lightness: torch.Tensor) -> torch.Tensor:
        return shown(averaged(lightness))

    def distance(logits: torch.Tensor, ab: torch.Tensor) -> torch.Tensor:
        return losses.soft_cross_entropy(logits, ab, BINS, rebalancing.loss_weights)

    for step in run.steps():
        encoders.set_train_mode(network, args)
        lightness, lab = data.batch(step)
        learns = step >= args.adversary_first and (step + 1) % args.every == 0
        with torch.set_grad_enabled(learns), accelerator.autocast():
            logits = network(lightness, None)
        truth = F.avg_pool2d(lab, network.output_stride)
        painted = torch.cat((truth[:, :1], shown(logits.float())), 1)
        critic = args.adversary == "critic"
        if critic:
            rng = data.rng(step, "critic")
            update_critic(run, truth, painted.detach(), args.penalty, rng)
        else:
            update_discriminator(run, truth, painted.detach())
        if learns:
            with accelerator.autocast():
                scores = run.models[args.adversary](painted)
                ab, hints = hint_simulation.simulate(lab, data.rng(step, "hints"))
                hinted = network(lightness, hints)
            realism = -scores.float().mean() if critic else losses.patch_gan(scores, True)
            known = distance(hinted, F.avg_pool2d(ab, network.output_stride))
            loss = (distance(logits, truth[:, 1:]) + known) / 2
            run.update("model", loss + args.gan * realism)
            run.log(loss=loss, realism=realism)
        if run.evaluation_due():
            run.report(data.validate(run, lambda light: {"val": colors(light)}, [colors]))


def start(args: argparse.Namespace, accelerator, network: nn.Module, config: dict) -> Run:
    """The training of ``network`` with its adversary, each with an optimiser of its own."""
    slow = encoders.groups(network, args)
    for group in slow:
        group["lr"] *= args.generator_rate
    adversary, betas = ADVERSARIES[args.adversary](), BETAS[args.adversary]
    optimizers = {
        "model": torch.optim.AdamW(slow, betas=(0.5, 0.99), weight_decay=args.decay),
        args.adversary: torch.optim.AdamW(
            adversary.parameters(), args.lr, betas=betas, weight_decay=0.0
        ),
    }
    models = {"model": network, args.adversary: adversary}
    return Run(args, accelerator, models, optimizers, config, export="model", clip=10.0)


def trained_config(args: argparse.Namespace) -> dict:
    """The config of the weights to go on from; ends the process where there are none of these."""
    resumed = args.resume and (Path(args.output) / checkpoints.CONFIG).exists()
    if not (args.init_from or resumed):
        sys.exit("The adversarial stage needs trained weights: --init-from checkpoints/efficient.")
    try:
        config = checkpoints.load_weights(args.output if resumed else args.init_from)[0]
    except (checkpoints.MissingWeights, checkpoints.BrokenWeights) as error:
        sys.exit(str(error))
    if config.get("approach") not in BUILD:
        sys.exit(
            f"The weights in {args.init_from or args.output} are of {config.get('approach')}; this "
            f"stage is for {' and '.join(BUILD)}."
        )
    return config


if __name__ == "__main__":
    main()
