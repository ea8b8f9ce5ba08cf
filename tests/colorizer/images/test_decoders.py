"""libvips and Pillow read the same picture from the same file, to within one 8-bit code."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from colorizer.images.photo import read
from tests.support.pictures import encoded, grey_profile, wide_profile

FORMATS = {
    "PNG": [{}, {"icc_profile": wide_profile()}, {"icc_profile": grey_profile(1.8)}],
    "JPEG": [{"quality": 40}, {"quality": 85, "progressive": True}, {"subsampling": 0}],
    "TIFF": [{}, {"compression": "tiff_lzw"}, {"compression": "packbits"}],
    "WEBP": [{"quality": 80}, {"lossless": True}],
    "GIF": [{}],
}
MODES = ("L", "RGB", "RGBA", "LA", "P", "1", "CMYK", "I;16")


@pytest.mark.parametrize("name", ["astronaut", "camera", "coffee"])
@pytest.mark.parametrize("mode", MODES)
def test_both_decoders_agree(photographs, name, mode):
    image = Image.fromarray(photographs[name])
    image.thumbnail((150, 151))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    else:
        image = image.convert(mode)
    compared = 0
    for format, several in FORMATS.items():
        for options in several:
            try:
                data = encoded(image, format, **options)
            except (OSError, KeyError, ValueError):  # a mode that the format has not
                continue
            photo, pillow = read(data), read(Image.open(io.BytesIO(data)))
            assert np.abs(photo.lightness - pillow.lightness).max() < 0.6, (format, options)
            assert (photo.color is None) == (pillow.color is None), (format, options)
            if photo.color is not None:
                difference = photo.color.astype(int) - pillow.color
                assert np.abs(difference).max() <= 1, (format, options)
            assert (photo.alpha is None) == (pillow.alpha is None), (format, options)
            if photo.alpha is not None:
                assert (photo.alpha == pillow.alpha).all(), (format, options)
            compared += 1
    assert compared >= 3
