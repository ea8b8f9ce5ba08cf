"""Colour hints: points and regions of a photograph whose colour a person gives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from colorizer.approaches.arguments import number
from colorizer.errors import ColorizerError, InvalidArgument

Size = tuple[int, int]  # (width, height), as Pillow has it
Point = tuple[float, float]  # full-size pixels, from the left and the top


class HintError(ColorizerError, ValueError):
    """Hints that cannot be used; the message is one sentence for a person.

    path: the file of hints, if they came from one.  number: which hint it is, the first is 1.
    color: of a hint, where that is wrong.  made_for, size: (width, height) of the photograph that
    the hints were made for and of this one, where they do not go together.
    """

    def __init__(
        self,
        message: str,
        *,
        path: Path | None = None,
        number: int | None = None,
        color: object = None,
        made_for: Size | None = None,
        size: Size | None = None,
    ) -> None:
        super().__init__(message)
        self.path, self.number, self.color = path, number, color
        self.made_for, self.size = made_for, size


@dataclass(frozen=True)
class Hint:
    """A colour that the photograph should have at one point.

    x, y: full-size pixels, from the left and the top.  color: "#rrggbb" or (r, g, b) of 0…255;
    its lightness is ignored, the photograph keeps its own.
    """

    x: float
    y: float
    color: str | tuple[int, int, int]

    def rgb(self) -> tuple[int, int, int]:
        """The colour as (r, g, b) of 0…255.  Raises :class:`HintError` if it is none."""
        color = self.color
        if isinstance(color, str):
            if not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
                raise HintError(f"{color!r} is no colour; write it as #rrggbb.", color=color)
            return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
        try:
            red, green, blue = (float(value) for value in color)
        except (TypeError, ValueError):
            red = green = blue = -1.0
        if not all(0 <= value <= 255 for value in (red, green, blue)):
            raise HintError(
                f"{color!r} is no colour; write it as (r, g, b) of 0 to 255.", color=color
            )
        return color[0], color[1], color[2]

    def ab(self) -> tuple[float, float]:
        """The colour's a and b.  Raises :class:`HintError` if it is no colour."""
        import torch  # hints can be read and checked without it

        from colorizer.color.lab import rgb_to_lab

        rgb = torch.tensor(self.rgb(), dtype=torch.float32).view(3, 1, 1) / 255
        _, a, b = rgb_to_lab(rgb).flatten().tolist()
        return a, b


@dataclass(frozen=True)
class RegionHint(Hint):
    """A colour for a whole region of the photograph; outside its outline nothing changes.

    x, y: where the region was chosen.
    outline: closed polygons in full-size pixels; what an odd number of them encloses belongs to it.
    inside: the points that get the colour.  around: hints that hold what lies beside the region.

    :meth:`colorizer.Region.hint` makes them.
    """

    outline: tuple[tuple[Point, ...], ...] = ()
    inside: tuple[Point, ...] = ()
    around: tuple[Hint, ...] = ()

    def points(self) -> list[Hint]:
        """The single hints that the region stands for."""
        return [*(Hint(x, y, self.color) for x, y in self.inside), *self.around]


def cell(x: float, y: float, size: Size, grid: tuple[int, int]) -> tuple[int, int]:
    """(row, column) of a grid (h, w) over a photograph of ``size`` in which full-size pixel (x, y) lies.

    Raises :class:`colorizer.InvalidArgument` for a point outside.
    """
    x, y = number(x, "x"), number(y, "y")
    width, height = size
    if not (0 <= x < width and 0 <= y < height):
        raise InvalidArgument(
            f"The point ({x:g}, {y:g}) lies outside the photograph of {width} × {height} pixels.",
            "x" if not 0 <= x < width else "y",
            (x, y),
        )
    row = min(int((y + 0.5) / height * grid[0]), grid[0] - 1)
    return row, min(int((x + 0.5) / width * grid[1]), grid[1] - 1)
