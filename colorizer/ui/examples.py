"""Photographs to begin with, in grey, from the ones that scikit-image carries in its package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image


@dataclass(frozen=True)
class Example:
    title: str
    alt: str
    path: str


# (function of skimage.data, title, alt text).  None of these needs a download.
PHOTOGRAPHS = (
    ("rocket", "Launch pad", "A rocket on its launch pad at dusk, in grey"),
    ("astronaut", "Astronaut", "Portrait of an astronaut in front of a flag, in grey"),
    ("chelsea", "Cat", "Close-up of a cat's face, in grey"),
    ("coffee", "Coffee", "A cup of coffee with a spoon on a table, in grey"),
    ("camera", "Cameraman", "A man with a film camera on a tripod, in grey"),
)


def write(folder: str | Path) -> list[Example]:
    """Writes the photographs into ``folder`` as grey PNG, where they are not there yet."""
    import skimage.data

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    examples = []
    for name, title, alt in PHOTOGRAPHS:
        path = folder / f"{name}.png"
        # Written anew at every start: what lies in a temporary folder may be cut short.
        Image.fromarray(getattr(skimage.data, name)()).convert("L").save(path)
        examples.append(Example(title, alt, str(path)))
    return examples
