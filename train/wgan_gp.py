"""Train `wgan-gp`: first the generator alone, then against a critic with gradient penalty.

    python -m train.wgan_gp --stage supervised --photos train.zip --validation val.zip \\
        --encoder mobilenet_v2.safetensors --output runs/wgan-gp-supervised --resume
    python -m train.wgan_gp --stage adversarial --photos train.zip --validation val.zip \\
        --init-from runs/wgan-gp-supervised --output runs/wgan-gp --resume

A generator that begins at nothing collapses: it paints every photograph the same way, and the
critic has no reason to look closer.  So it may begin as a regression, without noise.  Then every
step is one of the critic's, and every ``--n-critic``-th one of the generator's as well.

A conditional critic never sees two pictures of one photograph, so nothing tells the generator to
use its noise (Isola et al. 2017, section 2.2, met the same).  Hence ``--diversity``, the mode
seeking term of Mao et al. 2019 between two noises, and ``--l1``, a light anchor of the *mean* of
the two to the truth, which leaves them free to differ.  Both at 0 are report 000's plain WGAN-GP.

curves.csv: ``wasserstein`` is the critic's estimate, mean score of real minus made, which falls as
the generator learns; ``diversity`` the ab distance between two noises, 0 for a collapsed one.
A batch of 32 or more: the estimate is a mean over it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from colorizer.models.encoders import LAYERS
from colorizer.models.unet import AB_SCALE
from colorizer.models.wgan_gp import Critic, build

from .engine import encoders, losses
from .engine.adversarial import stage_arguments, start_stage, update_critic
from .engine.options import parse
from .engine.run import Run
from .engine.training_data import cast

RECIPES = {
    "default": {"batch_size": 32, "size": 96, "decay": 0.0},
    # Report 000: WGAN-GP on STL-10 at 96 × 96.  It gives no more numbers: those of Gulrajani et
    # al. 2017, algorithm 1 (Adam 1e-4, β 0/0.9, five critic steps, λ = 10) and a batch of 64.
    "report": {
        "batch_size": 64,
        "lr": 1e-4,
        "size": 96,
        "stored": 96,
        "aged_share": 0.0,
        "architecture": "plain",
        "diversity": 0.0,
        "l1": 0.0,
        "decay": 0.0,
    },
}
BETAS = {"supervised": (0.9, 0.99), "adversarial": (0.0, 0.9)}


def main(argv: list[str] | None = None) -> None:
    parser = stage_arguments(__doc__.splitlines()[0], ("plain", *LAYERS))
    a = parser.add_argument
    a("--n-critic", type=int, default=5, help="critic steps for one of the generator")
    a("--penalty", type=float, default=10.0, help="weight λ of the gradient penalty")
    a("--diversity", type=float, default=0.05, help="weight of the mode seeking term")
    a("--l1", type=float, default=10.0, help="weight of the anchor of the mean to the truth")
    parser.set_defaults(script="wgan_gp")
    args = parse(parser, argv, RECIPES)
    run, data, generator = start_stage(args, "wgan-gp", build, ("critic", Critic), BETAS)
    accelerator, adversarial = run.accelerator, args.stage == "adversarial"
    averaged = cast(run.ema["generator"].model, accelerator.device)
    network = run.models["generator"]

    def drawn(seed: int, lightness: torch.Tensor) -> torch.Tensor:
        return averaged(lightness, generator.draw(len(lightness), rng_of(seed)))

    def predict(lightness: torch.Tensor) -> dict[str, torch.Tensor]:
        if not adversarial:
            return {"val": averaged(lightness)}
        return {"val": averaged(lightness), "sample": drawn(1, lightness)}

    columns = [averaged]
    if adversarial:
        columns += [lambda light, seed=seed: drawn(seed, light) for seed in (1, 2, 3)]
    for step in run.steps():
        encoders.set_train_mode(network, args)
        lightness, lab = data.batch(step)
        if adversarial:
            rng = rng_of(data.rng(step).initial_seed() + 1_000_000_007)
            truth = critic_step(args, run, lightness, lab, rng)
            if step >= args.adversary_first and (step + 1) % args.n_critic == 0:
                run.update("generator", generator_loss(args, run, lightness, truth, rng))
        else:
            with accelerator.autocast():
                made = network(lightness).float()
            truth = F.adaptive_avg_pool2d(lab[:, 1:], made.shape[-2:])
            l1 = F.l1_loss(made / AB_SCALE, truth / AB_SCALE)
            run.update("generator", l1)
            run.log(l1=l1)
        if run.evaluation_due():
            run.report(data.validate(run, predict, columns))


def critic_step(
    args, run: Run, lightness: torch.Tensor, lab: torch.Tensor, rng: torch.Generator
) -> torch.Tensor:
    """One step of the critic on photographs; returns their Lab at the generator's size.

    lightness (B, 1, H, W); lab (B, 3, H, W) → (B, 3, h, w).
    """
    network = run.models["generator"]
    noise = network.draw(len(lightness), rng)
    with torch.no_grad(), run.accelerator.autocast():
        made = network(lightness, noise).float()
    truth = F.adaptive_avg_pool2d(lab, made.shape[-2:])
    painted = torch.cat((truth[:, :1], made), 1)
    update_critic(run, truth, painted, args.penalty, rng)
    return truth


def rng_of(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def generator_loss(
    args, run: Run, lightness: torch.Tensor, truth: torch.Tensor, rng: torch.Generator
) -> torch.Tensor:
    """The critic's score of two pictures of each photograph, their variety, their mean.

    lightness (B, 1, H, W); truth Lab (B, 3, h, w).  Half the batch, so that two pictures of each
    cost as much as one of all.
    """
    network, critic = run.models["generator"], run.models["critic"]
    half = max(1, len(lightness) // 2)
    lightness, truth = lightness[:half], truth[:half]
    noises = network.draw(2 * half, rng)
    with run.accelerator.autocast():
        made = network(lightness.repeat(2, 1, 1, 1), noises).float()
    one, two = made.chunk(2)
    painted = torch.cat((truth[:, :1].repeat(2, 1, 1, 1), made), 1)
    score = critic(painted).mean()
    seek = losses.mode_seeking(one / AB_SCALE, two / AB_SCALE, *noises.to(made).chunk(2))
    l1 = F.l1_loss((one + two) / (2 * AB_SCALE), truth[:, 1:] / AB_SCALE)
    run.log(l1=l1, diversity=(one - two).norm(dim=1).mean())
    return -score + args.diversity * seek + args.l1 * l1


if __name__ == "__main__":
    main()
