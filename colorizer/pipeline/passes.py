"""Photographs that go through the network in one pass, and the size at which it sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from colorizer.hints.channels import MOST_TOGETHER

DEFAULT_WORKING_SIZE = 192  # short side that networks see, where a config does not say
LONGEST_WORKING_SIDE = 1024  # panoramas: the long side is squeezed to this


def working_size(height: int, width: int, short_side: int, stride: int) -> tuple[int, int]:
    """(h, w) that the network sees: multiples of ``stride``, near the photograph's own shape."""
    scale = short_side / min(height, width)
    sides = (min(round(s * scale), LONGEST_WORKING_SIDE) for s in (height, width))
    h, w = (max(stride, round(s / stride) * stride) for s in sides)
    return h, w


def groups(sizes: Sequence[tuple[int, int]], hinted: Sequence[bool]) -> Iterator[list[int]]:
    """Places in a list of what can go through the network in one pass.

    sizes: (h, w) of each photograph as the network sees it.  hinted: True for one with hints.
    """
    alike: dict[tuple[tuple[int, int], bool], list[int]] = {}
    for i, kind in enumerate(zip(sizes, hinted, strict=True)):
        alike.setdefault(kind, []).append(i)
    for group in alike.values():
        for start in range(0, len(group), MOST_TOGETHER):
            yield group[start : start + MOST_TOGETHER]
