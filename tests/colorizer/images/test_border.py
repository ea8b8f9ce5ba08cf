"""Borders of prints are found, and nothing else is taken for one."""

import numpy as np
import pytest

from colorizer.color.lightness import lightness
from colorizer.images.border import paper_border


@pytest.mark.parametrize("paper", [60.0, 82.0, 97.0])
@pytest.mark.parametrize("name", ["camera", "chelsea", "coffee"])
def test_a_border_around_a_photograph_is_found(photographs, name, paper):
    picture = lightness(photographs[name])[::3, ::3]
    rng = np.random.default_rng(0)
    framed = np.pad(picture, ((9, 14), (7, 8)), constant_values=paper)
    noise = rng.normal(0, 0.8, framed.shape)
    expected = np.pad(np.zeros(picture.shape, bool), ((9, 14), (7, 8)), constant_values=True)
    border = paper_border(framed + noise)
    assert border is not None
    assert (border != expected).mean() < 0.01


@pytest.mark.parametrize("name", ["astronaut", "camera", "chelsea", "coffee", "rocket"])
def test_photographs_without_one_have_none(photographs, name):
    assert paper_border(lightness(photographs[name])[::3, ::3]) is None


def test_a_plain_sky_around_something_is_no_border():
    sky = np.full((120, 160), 70.0)
    sky[50:60, 60:110] = 30.0
    assert paper_border(sky) is None
    assert paper_border(np.full((40, 40), 70.0)) is None
