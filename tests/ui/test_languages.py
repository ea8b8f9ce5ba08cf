"""The page in ten languages: every text has a translation, with the same places in it."""

from __future__ import annotations

import json
import re
import string

import pytest

from colorizer.errors import Sentence
from colorizer.ui.languages import (
    ENGLISH,
    LANGUAGES,
    _,
    asked_for,
    catalogue,
    marking,
    speaking,
    spoken,
)
from colorizer.ui.languages.sentences import RARE, translated
from tests.support import texts

OTHERS = [language for language in LANGUAGES if language != ENGLISH]


@pytest.fixture(scope="module")
def every() -> dict[str, str]:
    return texts.every()


def places(text: str) -> list[str]:
    return sorted(name for __, name, *__ in string.Formatter().parse(text) if name is not None)


def tags(text: str) -> list[str]:
    return sorted(re.findall(r"</?\w+", text))


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_has_a_translation(language, every):
    missing = {text: where for text, where in every.items() if text not in catalogue(language)}
    assert not missing, (
        f"Add to colorizer/ui/languages/{language}.json:\n"
        + json.dumps(dict.fromkeys(missing, ""), ensure_ascii=False, indent=2)
        + "\n".join(f"\n{where}: {text}" for text, where in missing.items())
    )


@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_same_places_and_tags(language):
    for text, translation in catalogue(language).items():
        assert translation.strip() == translation, text
        assert translation, text
        assert places(translation) == places(text), text
        assert tags(translation) == tags(text), text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("nl,en;q=0.9", "en"),
        ("nl-BE,fr;q=0.9,en;q=0.8", "fr"),
        ("en;q=0.5, ja;q=0.7", "ja"),
        ("zh-TW", "zh"),
        ("pt-BR", "pt"),
        ("ro;q=0,vi", "vi"),
        ("de;q=x, *;q=0.1", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_language_is_the_first_wanted_that_there_is(accepted, language):
    assert asked_for(accepted) == language


def test_marked_texts_are_put_in_later_with_their_values(monkeypatch):
    words = {"{n} of {all}": "{all}: {n}", "all": "alle"}
    monkeypatch.setattr("colorizer.ui.languages.catalogue", lambda language: words)
    with marking():
        page = {"label": f"<p>{_('{n} of {all}', n=3, all=_('all'))}</p>", "list": [_("all"), 1]}
    assert spoken(page, "de") == {"label": "<p>alle: 3</p>", "list": ["alle", 1]}
    with speaking("de"):
        assert _("{n} of {all}", n=3, all=_("all")) == "alle: 3"


def test_sentences_of_the_library_are_said_with_their_values():
    empty = Sentence("{subject} is empty.", subject=Sentence("The picture"))
    assert translated(empty) == "The picture is empty."
    with speaking("de"):
        words = catalogue("de")
        subject = words["The picture"]
        assert translated(empty) == words["{subject} is empty."].format(subject=subject) != empty
        assert translated("{subject} has no template.", RARE) == words[RARE]
        assert translated("Nobody translated this.") == "Nobody translated this."
