"""The page in the language of whoever opens it; the English text is the key.

How to write a text of the page::

    from ..languages import _

    gr.Button(_("Choose a photograph"))
    warn(_("“{name}” is larger than {limit} MB.", name=name, limit=limit))

- Whole sentences with places, never pieces put together: word order differs.  Values go in as
  keywords, not with an f-string, and are escaped where they go into HTML; texts have no ' " < > &
  of their own beside whole tags.
- A constant of a module is plain English and goes through ``_`` where it is used: ``_(EMPTY)``.
- What a component *holds* is a key and stays as it is: choices are ``(_("Best guess"), BEST)``.
- ``page.js`` and the scripts of widgets have their own ``_("…")`` with the same keys.
- Texts of the library (labels of knobs, explanations, sentences of its errors) stay English there;
  the page says ``_(knob.label)``, and :func:`colorizer.ui.backend.problems.sentence` an error.
- Then add the text to the files beside this one: ``python -m pytest tests/ui/test_languages.py``
  says what is missing where.

How it works.  A handler runs in the language that its request asks for (``Accept-Language``), so
``_`` gives it the translation at once.  The page itself is laid out once for everybody: meanwhile
``_`` marks texts, and :mod:`.serving` puts the words in for each who asks.  Everywhere else, in
endpoints, files and tests, ``_`` is English.  Gradio's own ``gr.I18n`` cannot do all of this: it
knows no Vietnamese, and no words in HTML, in what a handler returns, or with places.  It carries
what only the browser can say: the texts of scripts and of Gradio itself; see :mod:`.gradio`.

The page in ``web/`` reads the same files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ENGLISH = "en"
# Each in its own name, and in the order in which a person may be shown them.
LANGUAGES = {
    ENGLISH: "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt": "Português",
    "ro": "Română",
    "vi": "Tiếng Việt",
    "hi": "हिन्दी",
    "zh": "简体中文",
    "ja": "日本語",
}
MARKING = "marking"
# Of Unicode's private use area: they go through str.format, HTML and JSON unchanged.
START, VALUE, EQUALS, END = "\ue000", "\ue001", "\ue002", "\ue003"
_MARKED = re.compile(f"{START}([^{START}{END}]*){END}")  # the innermost first

_speaking: ContextVar[str] = ContextVar("language", default=ENGLISH)


def _(text: str, /, **values: Any) -> str:
    """The text in the language that is spoken now, with ``values`` in its places."""
    if not text:
        return text
    language = _speaking.get()
    if language == MARKING:
        return START + text + "".join(f"{VALUE}{k}{EQUALS}{v}" for k, v in values.items()) + END
    return _said(language, text, values)


def _said(language: str, text: str, values: Mapping[str, Any]) -> str:
    told = catalogue(language).get(text, text)
    return told.format(**values) if values else told


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """English text → text of a language; empty for English."""
    if language == ENGLISH:
        return {}
    return json.loads((HERE / f"{language}.json").read_text(encoding="utf-8"))


def current() -> str:
    """The language that is spoken now; English while texts are only marked."""
    language = _speaking.get()
    return ENGLISH if language == MARKING else language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Let ``_`` speak a language of :data:`LANGUAGES`, or mark (:data:`MARKING`)."""
    token = _speaking.set(language)
    try:
        yield
    finally:
        _speaking.reset(token)


def marking() -> Any:
    """Let ``_`` mark texts that :func:`spoken` puts in later."""
    return speaking(MARKING)


def spoken(value: Any, language: str) -> Any:
    """A copy of nested lists and dicts in which marked texts are those of a language."""
    if isinstance(value, str):
        while START in value:
            told = _MARKED.sub(lambda found: _unmarked(found[1], language), value)
            if told == value:
                break
            value = told
        return value
    if isinstance(value, Mapping):
        return {key: spoken(item, language) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(spoken(item, language) for item in value)
    return value


def _unmarked(inside: str, language: str) -> str:
    text, *values = inside.split(VALUE)
    return _said(language, text, dict(value.split(EQUALS, 1) for value in values))


def filled(template: str, **texts: str) -> str:
    """A template of HTML with texts in the places that it calls ``@name``."""
    return re.sub(r"@(\w+)", lambda found: texts.get(found[1], found[0]), template)


def asked_for(accepted: str | None) -> str:
    """The first language of an ``Accept-Language`` that there is, else English.

    ``de-AT,en;q=0.8`` → ``de``.  Every kind of Chinese gets the simplified one.
    """
    wanted = []
    for i, part in enumerate((accepted or "").split(",")):
        tag, *parameters = (p.strip() for p in part.split(";"))
        weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            wanted.append((-float(weight), i, tag.split("-")[0].lower()))
        except ValueError:
            continue
    found = (tag for weight, _i, tag in sorted(wanted) if weight < 0 and tag in LANGUAGES)
    return next(found, ENGLISH)


def in_language(language: str, step: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
    """The value of ``step`` when it is called with a language spoken."""
    with speaking(language):
        return step(*arguments, **more)
