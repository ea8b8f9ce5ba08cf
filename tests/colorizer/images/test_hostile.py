"""Files that are valid and unusual, or damaged: each is read as what it is, or refused by name."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data

from colorizer.color.lightness import lightness
from colorizer.images.photo import PhotoError, read
from tests.support import hostile

# Sides that are no multiple of 8, so that blocks, tiles and packed rows end in the middle.
CASES = hostile.cases(np.ascontiguousarray(skimage.data.coffee()[::6, ::6][:51, :77]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_reads_as_what_it_is_or_is_refused_by_name(case):
    if case.picture is None:
        with pytest.raises(PhotoError) as caught:
            read(case.data)
        sentence = str(caught.value)
        assert case.refused in sentence
        assert sentence.endswith(".")
        assert "\n" not in sentence
        return
    photo = read(case.data)
    expected = lightness(case.picture)
    assert photo.lightness.shape == expected.shape
    assert np.abs(photo.lightness - expected).mean() <= case.within
    assert (photo.alpha is None) == case.opaque
    assert (photo.color is None) == (case.picture.ndim == 2)
    if case.note:
        assert any(case.note in note for note in photo.notes)
    else:
        assert photo.notes == ()
