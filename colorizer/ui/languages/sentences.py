"""Sentences of the library to a visitor, in the language that is spoken.

The library speaks English; a :class:`colorizer.errors.Sentence` still has its words and its values,
so that the page can say it in another language.  A sentence without these is about a file of so
rare a kind that :data:`RARE` says it for all.
"""

from __future__ import annotations

from colorizer.errors import Sentence

from . import ENGLISH, _, catalogue, current

RARE = "This is a picture of a rare kind that cannot be read; save it as a PNG or JPEG first."


def translated(sentence: str, otherwise: str = "") -> str:
    """A sentence of the library in the language that is spoken.

    otherwise: said instead of one that has no translation; by default it stays English.
    """
    if not sentence or current() == ENGLISH:
        return sentence
    words = catalogue(current())
    if isinstance(sentence, Sentence) and sentence.template in words:
        return _(sentence.template, **{k: _(str(v)) for k, v in sentence.values.items()})
    if sentence in words or sentence in words.values():
        return _(sentence)
    return _(otherwise) if otherwise else sentence
