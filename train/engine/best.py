"""The best weights of a training, kept beside the latest."""

from __future__ import annotations

import json
import math
from pathlib import Path

from colorizer.checkpoints import load_weights, save_weights


def keep_best(folder: Path, figure: str) -> bool:
    """Copy the weights just written in ``folder`` to ``folder/best`` unless a better one is there.

    figure: of config.json, the lower the better.  Says whether it did.
    """
    config, state = load_weights(folder)
    best = folder / "best"
    if (best / "config.json").exists():
        before = json.loads((best / "config.json").read_text(encoding="utf-8"))
        if before.get(figure, math.inf) <= config[figure]:
            return False
    save_weights(best, config, state)
    return True
