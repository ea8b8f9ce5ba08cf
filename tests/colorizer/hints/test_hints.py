"""Hints as a file: what is written comes back, and what cannot be used gets one sentence."""

from __future__ import annotations

import json

import pytest

from colorizer.hints import Hint, HintError, read_hints, scaled, write_hints

HINTS = [Hint(10, 20, "#b03a2e"), Hint(99.5, 0, (1, 2, 3))]


def text(**changes) -> str:
    return json.dumps({**json.loads(write_hints(HINTS, (100, 50))), **changes})


def test_round_trip_as_text_and_as_file(tmp_path):
    again = [HINTS[0], Hint(99.5, 0, "#010203")]
    assert read_hints(write_hints(HINTS, (100, 50))) == again
    path = tmp_path / "hints.json"
    path.write_text(write_hints(HINTS, (100, 50)), encoding="utf-8")
    assert read_hints(path) == read_hints(str(path)) == read_hints(path.read_bytes()) == again
    assert read_hints(path, (100, 50)) == again


def test_a_copy_at_another_size_takes_them_scaled():
    assert [(h.x, h.y) for h in read_hints(text(), (200, 100))] == [(20.5, 40.5), (199, 0.5)]
    there_and_back = scaled(scaled(HINTS, (100, 50), (1000, 500)), (1000, 500), (100, 50))
    for got, want in zip(there_and_back, HINTS, strict=True):
        assert (got.x, got.y) == pytest.approx((min(want.x, 99), want.y), abs=0.6)
    assert read_hints(text(), (33, 17))  # a thumbnail, its sides rounded


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": "other"}, "no file of colour hints"),
        ({"version": 2}, "version 2"),
        ({"hints": {}}, "no file of colour hints"),
        ({"hints": [{"x": 1, "y": 1}]}, "Hint 1 needs a “color”"),
        ({"hints": [{"x": 1, "y": 1, "color": "red"}]}, "#rrggbb"),
        ({"hints": [{"x": "1", "y": 1, "color": "#000000"}]}, "Hint 1 needs the numbers"),
        ({"hints": [{"x": True, "y": 1, "color": "#000000"}]}, "Hint 1 needs the numbers"),
        ({"hints": [{"x": float("nan"), "y": 1, "color": "#000000"}]}, "Hint 1 needs"),
        ({"hints": [{"x": 100, "y": 1, "color": "#000000"}]}, "outside the photograph"),
        ({"hints": [{"x": 1, "y": 1, "color": "#000000"}] * 1001}, "too many"),
        ({"size": [0, 3]}, "width and height"),
        ({"size": "large"}, "width and height"),
    ],
)
def test_what_is_wrong_gets_a_sentence(changes, words):
    with pytest.raises(HintError, match=words) as caught:
        read_hints(text(**changes))
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("content", ["", "[1]", "{", "{" * 100_000, "\x00\xff", "{}" + " " * 2**20])
def test_a_file_that_holds_no_hints_gets_a_sentence(tmp_path, content):
    path = tmp_path / "hints.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(HintError, match=r"\.$"):
        read_hints(path)


def test_another_shape_and_no_file_are_refused(tmp_path):
    with pytest.raises(HintError, match="another shape"):
        read_hints(text(), (100, 60))
    with pytest.raises(HintError, match="cannot be read"):
        read_hints(tmp_path / "none.json")
    with pytest.raises(HintError, match="outside"):
        read_hints(text(size=[200, 50], hints=[{"x": 150, "y": 1, "color": "#ffffff"}]).replace(
            '"size": [200, 50], ', ""), (100, 50))  # fmt: skip
