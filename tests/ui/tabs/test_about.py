"""The tab About: cards out of checkpoints/, and the figure."""

from __future__ import annotations

import re

import pytest
from PIL import Image

from colorizer import checkpoints
from colorizer.approaches import approaches, get
from colorizer.ui.tabs.about import model_cards
from colorizer.ui.tabs.about import tab as about
from colorizer.ui.tabs.about.knob_figure import figure, to_html


@pytest.mark.parametrize("approach", approaches(), ids=lambda a: a.key)
def test_every_card_is_rendered(approach, tmp_path):
    (card,) = model_cards.read([approach])
    assert card.here == (checkpoints.CHECKPOINTS / approach.key / checkpoints.WEIGHTS).is_file()
    value = about.card_value(card, tmp_path)
    assert (value["paper"], value["url"]) == (approach.paper, approach.paper_url)
    assert all(knob.label.lower() in value["can"] for knob in approach.knobs)
    if card.here:
        assert {"Terms", "Training", "Results", "Limits"} <= {h for h, _ in card.sections}
        assert "<td>grey</td>" in value["body"]
        assert "|---|" not in value["body"]
        assert "license:" not in value["body"]


def test_a_card_cannot_run_anything(tmp_path):
    folder = tmp_path / "mobile"
    folder.mkdir()
    text = "---\nx: 1\n---\n# T\n\n## Figures\n\n<script>alert(1)</script> [x](javascript:alert(1))"
    text += "\n\n![sheet](sheet.png)\n"
    (folder / "README.md").write_text(text)
    Image.new("RGB", (3000, 100)).save(folder / "sheet.png")
    (card,) = model_cards.read([get("mobile")], tmp_path, tmp_path)
    assert not card.here
    body = model_cards.rendered(card)
    assert "<script" not in body
    assert 'href="javascript' not in body
    assert "<img" not in body
    assert "<p></p>" not in body
    with Image.open(model_cards.small_picture(card, tmp_path / "small")) as picture:
        assert picture.size[0] == model_cards.PICTURE_SIDE
    (none,) = model_cards.read([get("mobile")], tmp_path / "nowhere", tmp_path / "nowhere")
    assert model_cards.small_picture(none, tmp_path) is None
    assert "no card" in model_cards.rendered(none)


def test_the_figure_follows_the_knobs():
    model = figure({"temperature": 1.0})
    assert sum(bar.probability for bar in model.plane) == pytest.approx(1, abs=1e-4)
    cold = figure({"temperature": 0.05})
    assert cold.bars[0].probability > 0.5 > model.bars[0].probability
    assert cold.possible < model.possible
    few = figure({"temperature": 1.0, "top_k": 3})
    assert few.possible == 3
    assert sum(bar.probability for bar in few.bars[:3]) == pytest.approx(1, abs=1e-4)

    def chroma(color: str) -> int:
        channels = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        return max(channels) - min(channels)

    vivid = figure({"temperature": 1.0, "vividness": 1.5})
    assert chroma(vivid.result) > chroma(model.result) + 10
    text = to_html(vivid)
    assert vivid.result in text
    assert re.search(r'role="img" aria-label="#\w{6} \d+ %', text)
