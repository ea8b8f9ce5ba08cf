"""Average two trainings' weights, of which one began from the other ("model soup").

    python -m train.average runs/wgan-gp runs/wgan-gp-two --share 0.75 --output runs/wgan-gp-mean

Between the weights of a training and those of its continuation there are networks that are as good
as both and often better (Wortsman et al. 2022).  The record of the second one is kept, with a note.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from colorizer import checkpoints


def average(
    one: dict[str, torch.Tensor], two: dict[str, torch.Tensor], share: float
) -> dict[str, torch.Tensor]:
    """``share`` of the second and the rest of the first; counters are the second's.

    Raises ValueError where the weights are not of one network.
    """
    if {k: v.shape for k, v in one.items()} != {k: v.shape for k, v in two.items()}:
        raise ValueError("These are weights of different networks.")
    return {
        key: torch.lerp(one[key].float(), value.float(), share)
        if value.is_floating_point()
        else value
        for key, value in two.items()
    }


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("one", help="folder of the earlier training")
    parser.add_argument("two", help="folder of its continuation")
    parser.add_argument("--share", type=float, default=0.5, help="of the second one, 0 to 1")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER")
    args = parser.parse_args(argv)
    if not 0 <= args.share <= 1:
        parser.error("--share must lie between 0 and 1.")
    try:
        (_, one), (config, two) = (
            checkpoints.load_weights(checkpoints.find(n)) for n in (args.one, args.two)
        )
        state = average(one, two, args.share)
    except (checkpoints.MissingWeights, checkpoints.BrokenWeights, ValueError) as error:
        sys.exit(str(error))
    note = (
        f"The weights are {args.share:g} of the last stage's and {1 - args.share:g} of those it "
        "began with (`python -m train.average`)."
    )
    checkpoints.save_weights(
        args.output, config | {"notes": [*config.get("notes", []), note]}, state
    )


if __name__ == "__main__":
    main()
