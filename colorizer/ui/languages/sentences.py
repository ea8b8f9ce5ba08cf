"""What the library says to a visitor, with places where it puts names and numbers.

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
    "{picture} is empty.",
    "{picture} has no pixels.",
    "{picture} has {megapixels} megapixels ({size}); at most {most} can be read.",
    "{picture} has more pixels than can be read (at most {most} megapixels).",
    "{picture} is too large for the memory of this machine.",
    "{picture} is damaged or cut short and cannot be read.",
    "{picture} is damaged and cannot be read.",
    "{picture} is not a picture that can be read.",
    "{picture} is a PDF; save its page as a PNG or JPEG first.",
    "{picture} is an SVG drawing, not a photo; save it as a PNG first.",
    "{picture} is a camera's raw file; save it as a JPEG or TIFF first.",
    "{picture} is a JPEG XL picture; save it as a JPEG or PNG first.",
    "{picture} is an HDR picture, which cannot be read; save it as SDR.",
    "The picture",
    "Only the first frame is used.",
    "Only the first page is used.",
    "Only the first picture is used.",
    "Some values are not numbers; they are taken as black, or white if infinite.",
    # colorizer.batch
    "{picture} is larger than {limit} MB.",
    "{picture} cannot be unpacked, its archive is damaged.",
    "{picture} is a zip archive itself; archives in archives stay shut.",
    "{picture} is no longer here; send it again.",
    "{picture} does not begin as a zip archive does.",
    "{picture} is a zip archive under a picture's name.",
    "{picture} lists far too many files.",
    "{picture} is a damaged zip archive.",
    "{picture} holds no files.",
    "{picture} has a name that leads out of its archive; it was left alone.",
    "{picture} is a link and no photograph.",
    "{picture} is locked with a password.",
    "{picture} is no photograph by its name.",
    "{picture} is compressed in a way that is not read here.",
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
    # colorizer.arguments, of knobs
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
