"""The start of both adversarial approaches: a generator and, in the second stage, its critic.

A good generator is quickly spoiled by an adversary that knows nothing yet.  So the adversary can
learn alone first (``--adversary-first``), as DeOldify's does (Antic 2019, "NoGAN"), and the
generator more slowly than it (``--generator-rate``; Heusel et al. 2017, two time scales).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import torch
from torch import nn

from . import encoders, losses
from .networks import begin_network
from .options import arguments, design_of, encoder_options, photograph_options
from .run import Run, begin
from .training_data import TrainingData

RATES = {"supervised": 1e-3, "adversarial": 2e-4}


def stage_arguments(description: str, architectures: Sequence[str]) -> argparse.ArgumentParser:
    """The options of a script in two stages."""
    parser = encoder_options(photograph_options(arguments(description)))
    parser.add_argument("--stage", choices=tuple(RATES), required=True)
    parser.add_argument("--architecture", choices=architectures, help="the encoder")
    return adversary_options(parser)


def adversary_options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The options of a training against an adversary."""
    a = parser.add_argument
    a(
        "--generator-rate",
        type=float,
        default=1.0,
        help="its share of the rate against the adversary",
    )
    a(
        "--adversary-first",
        type=int,
        default=0,
        metavar="STEPS",
        help="steps in which it learns alone",
    )
    return parser


def start_stage(
    args: argparse.Namespace,
    key: str,
    build: Callable[[dict], nn.Module],
    adversary: tuple[str, Callable[[], nn.Module]],
    betas: dict[str, tuple[float, float]],
) -> tuple[Run, TrainingData, nn.Module]:
    """The training of a stage, its photographs, and the generator as it was built.

    key: of the approach.  build: config → generator.  adversary: the name of the second network and
    what makes it; it is in ``run.models`` in the adversarial stage alone.  betas: AdamW's, by stage.
    """
    args.lr = args.lr or RATES[args.stage]
    accelerator = begin(args)
    design = design_of(key, args)
    generator = begin_network(build, design, args)
    data = TrainingData(args, accelerator)
    config = {
        "approach": key,
        "architecture": design,
        "stage": args.stage,
        "working_size": 128,
        **data.config(),
    }
    models, groups = {"generator": generator}, {"generator": encoders.groups(generator, args)}
    if args.stage == "adversarial":
        name, make = adversary
        models[name] = make()
        groups[name] = [{"params": models[name].parameters(), "lr": args.lr}]
        for group in groups["generator"]:
            group["lr"] *= args.generator_rate
    optimizers = {
        name: torch.optim.AdamW(found, betas=betas[args.stage], weight_decay=args.decay)
        for name, found in groups.items()
    }
    run = Run(args, accelerator, models, optimizers, config, export="generator", clip=10.0)
    return run, data, generator


def update_critic(
    run: Run, real: torch.Tensor, made: torch.Tensor, weight: float, rng: torch.Generator
) -> None:
    """One step of ``run``'s critic (Gulrajani et al. 2017, algorithm 1).

    real, made: Lab (B, 3, h, w) of photographs, and of what was made of them.  weight: λ of the
    gradient penalty.
    """
    critic = run.models["critic"]
    estimate = critic(real).mean() - critic(made).mean()
    penalty = losses.gradient_penalty(critic, real, made, rng)
    run.update("critic", weight * penalty - estimate)
    run.log(wasserstein=estimate, penalty=penalty)


def update_discriminator(run: Run, real: torch.Tensor, made: torch.Tensor) -> None:
    """One step of ``run``'s discriminator on Lab (B, 3, h, w) of photographs and of what was made."""
    discriminator = run.models["discriminator"]
    with run.accelerator.autocast():
        answers = discriminator(real), discriminator(made)
    loss = (losses.patch_gan(answers[0], True) + losses.patch_gan(answers[1], False)) / 2
    run.update("discriminator", loss)
    run.log(discriminator=loss)
