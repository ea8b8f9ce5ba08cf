"""Sentences of the library to a visitor, with places where it puts names and numbers.

The library speaks English, with its values in the sentence already; here its sentences are found
again, so that the page can say them in another language.  A sentence that is not among them is a
file of so rare a kind that :data:`RARE` says it for all.
"""

from __future__ import annotations

import re
from functools import cache

from . import ENGLISH, _, catalogue, current

SENTENCES = (
    # colorizer.images
    "{subject} is empty.",
    "{subject} has no pixels.",
    "{subject} has {megapixels} megapixels ({size}); at most {most} can be read.",
    "{subject} has more pixels than can be read (at most {most} megapixels).",
    "{subject} is too large for the memory of this machine.",
    "{subject} is damaged or cut short and cannot be read.",
    "{subject} is damaged and cannot be read.",
    "{subject} is not a picture that can be read.",
    "{subject} is a PDF; save its page as a PNG or JPEG first.",
    "{subject} is an SVG drawing, not a photo; save it as a PNG first.",
    "{subject} is a camera's raw file; save it as a JPEG or TIFF first.",
    "{subject} is a JPEG XL picture; save it as a JPEG or PNG first.",
    "{subject} is an HDR picture, which cannot be read; save it as SDR.",
    "The picture",
    "Only the first frame is used.",
    "Only the first page is used.",
    "Only the first picture is used.",
    "Some values are not numbers; they are taken as black, or white if infinite.",
    # colorizer.batch
    "{subject} is larger than {limit} MB.",
    "{subject} cannot be unpacked, its archive is damaged.",
    "{subject} is a zip archive itself; archives in archives stay shut.",
    "{subject} is no longer here; send it again.",
    "{subject} does not begin as a zip archive does.",
    "{subject} is a zip archive under a picture's name.",
    "{subject} lists far too many files.",
    "{subject} is a damaged zip archive.",
    "{subject} holds no files.",
    "{subject} has a name that leads out of its archive; it was left alone.",
    "{subject} is a link and no photograph.",
    "{subject} is locked with a password.",
    "{subject} is no photograph by its name.",
    "{subject} is compressed in a way that is not read here.",
    "These are {count} photographs, and one album takes {most}; send them in parts.",
    "These photographs have {size} MB unpacked, and one album takes {most} MB; send them in parts.",
    # colorizer.hints
    "This is no file of colour hints; it must say “format”: “{format}”.",
    "These hints are of version {version}; only version {readable} can be read.",
    "There are more than {most} hints, too many to use.",
    "These hints are for a photograph of {other} pixels, and this one, {own}, has another shape.",
    "{file} cannot be a file of colour hints; it is far too large.",
    "{file} cannot be read as hints; that is no JSON.",
    "{file} cannot be read as hints; the JSON is no object.",
    "The “size” of hints must be the width and height of the photograph.",
    "Hint {number} needs the numbers “x” and “y”.",
    "Hint {number} needs a “color”, written as #rrggbb.",
    "Hint {number}: {color} is no colour; write it as #rrggbb.",
    "The hint at ({place}) lies outside the photograph of {size} pixels.",
    # colorizer.approaches.arguments, of knobs
    "{knob} must lie between {least} and {most}, and {value} does not.",
    "{knob} must be a whole number, not {value}.",
    "{knob} must be a number, not {value}.",
    # colorizer.study
    "Choose at least one method.",
)
RARE = "This is a picture of a rare kind that cannot be read; save it as a PNG or JPEG first."


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    # Sentences with more words of their own first: “… is damaged” also fits longer ones.
    ordered = sorted(SENTENCES, key=lambda text: -len(re.sub(r"\{\w+\}", "", text)))
    return [
        (re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(text)), re.S), text)
        for text in ordered
    ]


def told(sentence: str, otherwise: str = "") -> str:
    """A sentence of the library in the language that is spoken.

    otherwise: said instead of one that is not known; by default it stays English.
    """
    if not sentence or current() == ENGLISH:
        return sentence
    for pattern, text in _patterns():
        if found := pattern.fullmatch(sentence):
            return _(text, **{k: _(v) for k, v in found.groupdict().items()})
    words = catalogue(current())
    if sentence in words or sentence in words.values():
        return _(sentence)
    return _(otherwise) if otherwise else sentence
