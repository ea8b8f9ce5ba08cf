"""So that the page also starts on a ZeroGPU Space.

Such a Space refuses to start unless some function is marked with ``spaces.GPU``.  The page's own
work stays on the processor: a network here needs less time for a photograph than a shared card
needs to be handed over, and what an analysis keeps would have to travel between processes.
Without the ``spaces`` package, which only a Space has, the mark does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

try:
    from spaces import GPU
except ImportError:

    def GPU(function: Callable[..., Any]) -> Callable[..., Any]:  # noqa: N802 - spaces' name
        """The function as it is."""
        return function


@GPU
def card() -> str | None:
    """The name of the card that the Space lends, or None where there is none."""
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else None
