"""Fixtures of the training tests."""

from __future__ import annotations

import zipfile

import pytest
from PIL import Image
from skimage import data


@pytest.fixture(scope="module")
def halves_zip(tmp_path_factory):
    """Eight photographs: four of scikit-image's, halved."""
    path = tmp_path_factory.mktemp("photos") / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("astronaut", "coffee", "chelsea", "rocket"):
            whole = Image.fromarray(getattr(data, name)())
            width, height = whole.size
            for side in (0, 1):
                box = (side * width // 2, 0, (side + 1) * width // 2, height)
                file = path.parent / f"{name}{side}.png"
                whole.crop(box).resize((80, 80)).save(file)
                archive.write(file, f"things/{file.name}")
    return path
