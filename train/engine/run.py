"""The training loop's common parts: schedule, EMA, atomic checkpoints, resume, curves.

A training script reads top to bottom and uses a :class:`Run`::

    run = Run(args, {"model": model}, config=…)
    for step in run.steps():
        loss = …
        run.update("model", loss)
        run.log(loss=loss)
        if run.evaluation_due():
            run.report(evaluate(run.ema["model"]))

``steps()`` ends when the planned steps are done, the time budget is spent, the cool-down has
come to its end, or the process is asked to stop (SIGINT, SIGTERM); a checkpoint is written each
time.  Built on Accelerate: several processes see different photographs and average gradients.

Of two networks with an optimiser each (a generator and its critic) both are in ``models``, and
``update`` is called for whichever has its turn; both resume exactly.  :mod:`train.engine.options` has
the options.
"""

from __future__ import annotations

import argparse
import math
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import nn

from colorizer.checkpoints import load_weights, save_weights

from .curves import add_row
from .ema import Ema
from .estimate import Estimate
from .options import own_options


def begin(args: argparse.Namespace) -> Accelerator:
    """This process's part in the training, with its random numbers seeded.

    Without a GPU it says so to Accelerate, whose launcher otherwise starts processes that know
    nothing of one another.
    """
    torch.manual_seed(args.seed)
    return Accelerator(mixed_precision=args.precision, cpu=not torch.accelerator.is_available())


class Run:
    """One training: models with their optimisers and averages, and where it stands.

    models: name → model with its first weights (:mod:`train.engine.networks`).  optimizers: name →
    optimizer over that model's parameters, whose groups' ``lr`` is the full rate; the schedule
    multiplies it.  config: what the exported checkpoint's config.json says (one entry of ``models``
    is exported: ``export``).
    """

    def __init__(
        self,
        args: argparse.Namespace,
        accelerator: Accelerator,
        models: dict[str, nn.Module],
        optimizers: dict[str, torch.optim.Optimizer],
        config: dict,
        export: str,
        clip: float = 1.0,
    ) -> None:
        self.args, self.accelerator, self.config = args, accelerator, config
        self.export, self.clip = export, clip
        self.folder = Path(args.output)
        self.estimating = getattr(args, "estimate", False)
        if not self.estimating:
            self.folder.mkdir(parents=True, exist_ok=True)
        self.step = 0
        self.photographs = 0
        self.seconds = 0.0
        self.cooldown: tuple[int, int] | None = None  # (first step, number of steps)
        self.history: list[dict] = []  # one entry per start: which steps, with which settings
        if args.init_from:
            before, _ = load_weights(args.init_from)
            config["photographs_before"] = before.get("photographs", 0)
            self.history = list(before.get("training", []))
        self.ema = {
            name: Ema(model.to(accelerator.device), args.ema) for name, model in models.items()
        }
        # Accelerate's wrapper cannot follow two networks that meet in one graph, nor a gradient
        # of a gradient; theirs are averaged in `update`, and the script casts (`autocast`).
        self.by_hand = len(models) > 1
        self.models = {
            name: m.to(accelerator.device) if self.by_hand else accelerator.prepare(m)
            for name, m in models.items()
        }
        self.optimizers = {name: accelerator.prepare(o) for name, o in optimizers.items()}
        self._rates = {n: [g["lr"] for g in o.param_groups] for n, o in optimizers.items()}
        self._logged: dict[str, list[float]] = {}
        self._stop = False
        if args.resume:
            self._load()
        if args.cooldown:
            self.cooldown = (self.step, args.cooldown)
        self._begin_segment()

    def _begin_segment(self) -> None:
        """Note with which settings this start of the training goes on, for the model card."""
        segment = {k: getattr(self.args, k) for k in ("size", "batch_size", "lr", "extra_share")}
        segment["cooldown"] = self.args.cooldown or 0
        if self.args.weight:
            segment["weight"] = [f"{name}={factor:g}" for name, factor in self.args.weight]
        if self.args.recipe != "default":
            segment["recipe"] = self.args.recipe
        segment |= own_options(self.args)
        if hasattr(self.args, "script"):
            segment["script"] = self.args.script
        device = self.accelerator.device
        segment["hardware"] = (
            torch.cuda.get_device_name(device)
            if device.type == "cuda"
            else f"{os.cpu_count()} CPU cores"
        )
        if self.accelerator.num_processes > 1:
            segment["hardware"] += f" × {self.accelerator.num_processes}"
        self.history.append({"first_step": self.step, **segment, "steps": 0, "hours": 0.0})
        self._segment_seconds = self.seconds

    # --- where the training stands ------------------------------------------------------------

    def rate_factor(self) -> float:
        """Warm-up, constant, then 1 - √progress (Hägele et al. 2024) during the cool-down."""
        factor = min(1.0, (self.step + 1) / max(self.args.warmup, 1))
        if self.cooldown:
            first, length = self.cooldown
            factor *= max(0.0, 1 - math.sqrt(min((self.step - first) / length, 1.0)))
        return factor

    def _finished(self) -> bool:
        if self.args.steps is not None and self.step >= self.args.steps:
            return True
        return self.cooldown is not None and self.step >= sum(self.cooldown)

    def steps(self) -> Iterator[int]:
        """Yield step after step until there is a reason to stop; the state is saved then."""
        previous = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)}

        def ask_to_stop(*_: object) -> None:
            self._stop = True

        for number in previous:
            signal.signal(number, ask_to_stop)
        start = mark = time.monotonic()
        estimate = Estimate(self) if self.estimating else None
        try:
            while not self._finished():
                if estimate and estimate.is_made():
                    break
                budget = self.args.time_budget
                spent = bool(budget) and time.monotonic() - start > budget
                asked, spent = self._of_anyone(self._stop, spent)
                if asked:
                    break
                if spent:
                    if self.accelerator.is_main_process:
                        print("time budget spent", file=sys.stderr)
                    break
                torch.manual_seed(self.args.seed * 1_000_003 + self.step)
                factor = self.rate_factor()
                for name, optimizer in self.optimizers.items():
                    for group, rate in zip(optimizer.param_groups, self._rates[name], strict=True):
                        group["lr"] = rate * factor
                yield self.step
                self.photographs += self.args.batch_size * self.accelerator.num_processes
                self.step += 1
                now = time.monotonic()
                self.seconds, mark = self.seconds + now - mark, now
                if self.step % 100 == 0:
                    self._print_progress()
            if not estimate:
                self.save()
            # Who ends while others still write, without leaving the group, is aborted at its exit.
            self.accelerator.wait_for_everyone()
            self.accelerator.end_training()
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _of_anyone(self, *reasons: bool) -> Sequence[bool]:
        """Whether any process has each reason to stop: who stops alone leaves the others waiting."""
        if self.accelerator.num_processes == 1:
            return reasons
        found = torch.tensor(reasons, dtype=torch.float32, device=self.accelerator.device)
        return (self.accelerator.reduce(found, "sum") > 0).tolist()

    def update(self, name: str, loss: torch.Tensor) -> None:
        """Backward, clip, step, average."""
        optimizer, model = self.optimizers[name], self.models[name]
        optimizer.zero_grad(set_to_none=True)
        self.accelerator.backward(loss)
        if self.by_hand and self.accelerator.num_processes > 1:
            slopes = [p.grad for p in model.parameters() if p.grad is not None]
            whole = self.accelerator.reduce(torch.cat([g.flatten() for g in slopes]), "mean")
            for slope, part in zip(slopes, whole.split([g.numel() for g in slopes]), strict=True):
                slope.copy_(part.view_as(slope))
        self.accelerator.clip_grad_norm_(model.parameters(), self.clip)
        optimizer.step()
        self.ema[name].update(self.accelerator.unwrap_model(model), self.step)

    # --- what a person sees -------------------------------------------------------------------

    def log(self, **values: torch.Tensor | float) -> None:
        for key, value in values.items():
            # Kept as it is: turning a tensor into a number would wait for the device.
            self._logged.setdefault(key, []).append(
                value.detach() if isinstance(value, torch.Tensor) else value
            )

    def _means(self) -> dict[str, float]:
        recent = {k: [float(x) for x in v[-100:]] for k, v in self._logged.items() if v}
        return {k: sum(v) / len(v) for k, v in recent.items()}

    def _print_progress(self) -> None:
        if self.accelerator.is_main_process:
            text = "  ".join(f"{k} {v:.4f}" for k, v in self._means().items())
            speed = self.photographs / max(self.seconds, 1e-9)
            print(
                f"step {self.step}  {text}  {self.photographs} photographs, {speed:.1f}/s, "
                f"rate ×{self.rate_factor():.3f}",
                flush=True,
            )

    def evaluation_due(self) -> bool:
        if self.estimating:
            return False
        last = (self._finished_after_this() or self._stop) and self.step > 0
        due = (self.step + 1) % self.args.evaluate_every == 0
        return self.accelerator.is_main_process and (due or last)

    def _finished_after_this(self) -> bool:
        self.step += 1
        done = self._finished()
        self.step -= 1
        return done

    def report(self, measured: dict[str, float]) -> None:
        """Print metrics, add them with the mean losses to curves.csv, save the state."""
        row = {
            "step": self.step + 1,
            "photographs": self.photographs,
            "seconds": round(self.seconds, 1),
            "rate": round(self.rate_factor(), 5),
            **{k: round(v, 5) for k, v in self._means().items()},
            **{k: round(v, 5) for k, v in measured.items()},
        }
        add_row(self.folder / "curves.csv", row)
        print("   " + "  ".join(f"{k} {v:.3f}" for k, v in measured.items()), flush=True)
        self._logged.clear()
        self.save(next_step=True)

    # --- checkpoints --------------------------------------------------------------------------

    @property
    def state_file(self) -> Path:
        return self.folder / "state.pt"

    def save(self, next_step: bool = False) -> None:
        """Write the whole state, and the averaged weights as a loadable checkpoint; atomic."""
        if not self.accelerator.is_main_process:
            return
        extra = int(next_step)
        segment = self.history[-1]
        segment["steps"] = self.step + extra - segment["first_step"]
        segment["hours"] = round((self.seconds - self._segment_seconds) / 3600, 3)
        state = {
            "step": self.step + extra,
            "photographs": self.photographs
            + extra * self.args.batch_size * self.accelerator.num_processes,
            "seconds": self.seconds,
            "cooldown": self.cooldown,
            "history": self.history,
            "photographs_before": self.config.get("photographs_before", 0),
            "models": {
                n: self.accelerator.unwrap_model(m).state_dict() for n, m in self.models.items()
            },
            "ema": {n: e.model.state_dict() for n, e in self.ema.items()},
            "optimizers": {n: o.state_dict() for n, o in self.optimizers.items()},
        }
        partial = self.state_file.with_suffix(".partial")
        torch.save(state, partial)
        os.replace(partial, self.state_file)
        config = {
            **self.config,
            "photographs": state["photographs"] + self.config.get("photographs_before", 0),
            "steps": state["step"],
            "hours": round(self.seconds / 3600, 2),
            "training": [c for c in self.history if c["steps"]],
        }
        save_weights(self.folder, config, self.ema[self.export].model.state_dict())

    def _load(self) -> None:
        if not self.state_file.exists():
            print(f"nothing to resume in {self.folder}; starting anew", file=sys.stderr)
            return
        state = torch.load(self.state_file, map_location="cpu", weights_only=True)
        self.step, self.photographs = state["step"], state["photographs"]
        self.seconds, self.cooldown = state["seconds"], state["cooldown"]
        self.history = [c for c in state.get("history", []) if c["steps"]]
        if state.get("photographs_before"):
            self.config["photographs_before"] = state["photographs_before"]
        for name, model in self.models.items():
            try:
                self.accelerator.unwrap_model(model).load_state_dict(state["models"][name])
            except (KeyError, RuntimeError):
                sys.exit(
                    f"The training in {self.folder} is of another network; --resume needs the "
                    "same --stage, --architecture and --encoder as before."
                )
            self.ema[name].model.load_state_dict(state["ema"][name])
            self.optimizers[name].load_state_dict(state["optimizers"][name])
