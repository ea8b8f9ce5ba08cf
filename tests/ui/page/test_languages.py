"""The page in a browser whose language is a made-up one: every text that is not in it was written
past the catalogue."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import ClassVar

import pytest

from colorizer.approaches import approaches
from colorizer.ui import languages
from colorizer.ui.languages import gradio, sentences
from colorizer.ui.page import TABS
from tests.support import texts

pytest.importorskip("playwright.sync_api")

from tests.support.browsing import PATIENCE, expect

# Gradio does not know Vietnamese, so its own texts are found as well.
LANGUAGE = "vi"
SETTLES = 10  # seconds
# Model cards and commands are English for everybody, and so are names.
APART = ".card, pre, code, .paper a, svg, #caption strong"
NAMES = {
    "Color", "izer", "Colorizer", "PNG", "JPEG", "X", "Y", "API", "MB", "ab",
    *(a.title for a in approaches()),
    *(a.key for a in approaches()),
}  # fmt: skip
SAID = """(apart) => {
  const seen = (element) => element.checkVisibility({visibilityProperty: true});
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const {parentElement: parent, data} = walker.currentNode;
    if (parent.closest("script, style, " + apart) || !seen(parent)) continue;
    found.push(data);
  }
  for (const name of ["alt", "aria-label", "title", "placeholder"]) {
    for (const element of document.querySelectorAll(`[${name}]`)) {
      if (seen(element) && !element.closest(apart)) found.push(element.getAttribute(name));
    }
  }
  return found.join("\\u241f");
}"""


class MadeUp(dict):
    """Every English text in brackets; remembers which were asked for."""

    asked: ClassVar[set[str]] = set()

    def get(self, text: str, otherwise: str = "") -> str:
        self.asked.add(text)
        return f"⟪{text}⟫"


@pytest.fixture(scope="module", autouse=True)
def made_up() -> Iterator[type[MadeUp]]:
    real = languages.catalogue

    def catalogue(language: str):
        return MadeUp() if language == LANGUAGE else real(language)

    with pytest.MonkeyPatch.context() as patch:
        for module in (languages, gradio, sentences):
            patch.setattr(module, "catalogue", catalogue)
        yield MadeUp


def outside(said: str) -> list[str]:
    """Words that stand in no brackets."""
    while re.search(r"⟪[^⟪⟫]*⟫", said):
        said = re.sub(r"⟪[^⟪⟫]*⟫", "", said)
    left = {part.strip(" \n·:,;.…") for part in said.split("\u241f")}
    # Gradio counts its queue in English for everybody, for a moment, and names a state by its key;
    # milliseconds are written alike everywhere.
    left = {x for x in left if not re.match(r"queue: |processing|common\.|\d+ ms$", x)}
    return sorted(x for x in left if re.search(r"[^\W\d_]{2}", x) and x not in NAMES)


def test_every_text_is_in_the_catalogue(visit, made_up):
    tab = visit(390, 844, locale=LANGUAGE)
    expect(tab.locator("#caption")).to_contain_text("⟪", timeout=PATIENCE)
    expect(tab.locator("#look-strip img")).not_to_have_count(0, timeout=PATIENCE)
    tab.locator(".fine-button").click()
    wrong = {}
    for kind in TABS:
        tab.evaluate(f"document.querySelector('#tab-{kind.key}-button').click()")
        deadline = time.monotonic() + SETTLES
        while True:  # a tab's texts come with its pictures, and Gradio's for a moment in English
            tab.wait_for_timeout(500)
            wrong[kind.key] = outside(tab.evaluate(SAID, APART))
            if not wrong[kind.key] or time.monotonic() > deadline:
                break
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390, kind.key
    assert wrong == {kind.key: [] for kind in TABS}
    assert not made_up.asked - texts.every().keys()
