"""The best weights of a training, kept beside the latest."""

from __future__ import annotations

import json
import math
from pathlib import Path

from colorizer.checkpoints import load_weights, save_weights


def keep_best(folder: Path, metric: str) -> bool:
    """Copy the weights just written in ``folder`` to ``folder/best`` unless a better one is there.

    metric: of config.json, the lower the better.  Returns True if it did.
    """
    config, state = load_weights(folder)
    best = folder / "best"
    if (best / "config.json").exists():
        before = json.loads((best / "config.json").read_text(encoding="utf-8"))
        if before.get(metric, math.inf) <= config[metric]:
            return False
    save_weights(best, config, state)
    return True
