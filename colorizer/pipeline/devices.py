"""Names of devices → what PyTorch calls them, with a sentence where one is missing."""

from __future__ import annotations

import os

import torch

from colorizer.errors import InvalidArgument, MissingDevice

KINDS = ("auto", "cpu", "cuda", "mps")


def resolve(device: str | torch.device) -> torch.device:
    """The device of a name: ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"`` or ``"mps"``.

    ``"auto"`` is a CUDA card if there is one, else the CPU.  Apple's ``"mps"`` is taken only when
    asked for: it has no float64, which sampling wants, and a CPU colours a photograph in a second.

    Raises :class:`colorizer.MissingDevice` if this computer has none, and
    :class:`colorizer.InvalidArgument` for a name that is none.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        found = torch.device(device)
    except (RuntimeError, TypeError):
        found = None
    if found is None or found.type not in KINDS:
        raise InvalidArgument(
            f"device must be one of {', '.join(KINDS)}, not {device!r}.", "device", device
        )
    if found.type == "cuda":
        _check_cuda(found)
    elif found.type == "mps" and not torch.backends.mps.is_available():
        raise MissingDevice("This computer has no device mps (Apple's graphics).", "mps")
    return found


def _check_cuda(device: torch.device) -> None:
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if count == 0:
        raise MissingDevice(
            f"There is no device {device}: this computer has no CUDA card, or PyTorch is built "
            "without CUDA.",
            str(device),
        )
    if device.index is not None and device.index >= count:
        raise MissingDevice(
            f"There is no device {device}: the CUDA cards here are 0 to {count - 1}.", str(device)
        )


def _set_threads_anew() -> None:
    """Give a forked child one thread: it has none of the parent's, and would wait for them."""
    torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):  # POSIX
    os.register_at_fork(after_in_child=_set_threads_anew)
