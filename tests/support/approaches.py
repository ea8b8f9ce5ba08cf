"""Approaches as parameters of tests."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from colorizer import Approach

SLOW = {"pixcolor"}  # draws every value of a photograph by itself


def params(approaches: Iterable[Approach]) -> list:
    """The approaches as parameters; tests with those that take seconds are marked `slow`."""
    return [pytest.param(a, marks=pytest.mark.slow) if a.key in SLOW else a for a in approaches]
