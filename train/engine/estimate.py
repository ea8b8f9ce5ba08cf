"""The time that a training would take, from a few of its steps (``--estimate``)."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .run import Run

# Steps that are left out of the sum (they allocate and tune), and those that are timed.
WARM, TIMED = 2, 8


class Estimate:
    """Times the steps of a run from the moment it is made."""

    def __init__(self, run: Run) -> None:
        self.run, self.first_step = run, run.step

    def is_made(self) -> bool:
        """True if enough steps are timed; prints then how long the planned ones would take.

        To be asked before every step.
        """
        args, accelerator = self.run.args, self.run.accelerator
        done = self.run.step - self.first_step
        if done == WARM:
            self._timed_from = time.monotonic()
        if done < WARM + TIMED:
            return False
        each = (time.monotonic() - self._timed_from) / TIMED
        batch = args.batch_size * accelerator.num_processes
        planned = args.cooldown or (args.steps or math.ceil(200_000 / batch))
        if accelerator.is_main_process:
            print(
                f"{each:.3f} s a step, {batch / each:.0f} photographs a second: "
                f"{planned:,} steps, {planned * batch:,} photographs, would take "
                f"{planned * each / 3600:.2f} hours, evaluations not counted"
            )
        return True
