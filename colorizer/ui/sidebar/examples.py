"""Photographs to begin with, in grey, from the ones that scikit-image carries in its package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

THUMBNAIL = 192  # px, longer side: twice what the page shows, for fine screens


@dataclass(frozen=True)
class Example:
    """A photograph to begin with.  thumbnail: path of its small copy, a JPEG."""

    title: str
    alt: str
    path: str
    thumbnail: str


# (function of skimage.data, file name, title, alt text).  None of these needs a download.
PHOTOGRAPHS = (
    ("camera", "cameraman", "Cameraman", "A man with a film camera on a tripod, in grey"),
    ("astronaut", "astronaut", "Astronaut", "Portrait of an astronaut before a flag, in grey"),
    ("chelsea", "cat", "Cat", "Close-up of a cat's face, in grey"),
    ("rocket", "launch-pad", "Launch pad", "A rocket on its launch pad at dusk, in grey"),
    ("coffee", "coffee", "Coffee", "A cup of coffee with a spoon on a table, in grey"),
)


def write(folder: str | Path) -> list[Example]:
    """Write the photographs into ``folder`` as grey PNG; the first is the one to begin with."""
    import skimage.data  # half a second that `import colorizer.ui` can do without

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    examples = []
    for photograph, name, title, alt in PHOTOGRAPHS:
        path = folder / f"{name}.png"
        # Written anew at every start: what lies in a temporary folder may be cut short.
        image = Image.fromarray(getattr(skimage.data, photograph)()).convert("L")
        image.save(path)
        image.thumbnail((THUMBNAIL, THUMBNAIL))
        thumbnail = path.with_name(f"{name}-small.jpg")
        image.save(thumbnail, quality=85)
        examples.append(Example(title, alt, str(path), str(thumbnail)))
    return examples
