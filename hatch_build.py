"""Put the weights of the default approach into what is built, wherever the registry says it is.

A wheel has them in ``colorizer/weights/<key>``, where :mod:`colorizer.checkpoints` looks last; a
source distribution in ``checkpoints/<key>``, as a checkout has them.
"""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = ("README.md", "config.json", "metrics.json", "model.safetensors")


class Weights(BuildHookInterface):
    """The hook that hatchling calls before it builds."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files of the default approach's checkpoint; an editable build needs none."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            from colorizer.approaches import default  # imports the standard library alone
        finally:
            sys.path.remove(self.root)
        key = default().key
        source = Path(self.root, "checkpoints", key)
        target = f"colorizer/weights/{key}" if self.target_name == "wheel" else f"checkpoints/{key}"
        for name in FILES:
            if not (source / name).is_file():
                raise FileNotFoundError(f"{source / name} is missing, and the wheel needs it.")
            build_data["force_include"][str(source / name)] = f"{target}/{name}"
