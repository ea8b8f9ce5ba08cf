"""Options of the plain command, ``python -m colorizer photo.jpg``."""

from __future__ import annotations

import argparse

from ..approaches import ADJUSTMENTS, Knob, approaches, default
from ..approaches.looks import looks
from .terminal import parser_with_examples

EXAMPLES = """\
examples:
  {command} photo.jpg                       photo-color.png beside it
  {command} photo.jpg -o out.jpg --top-k 10
  {command} photo.jpg --samples 4 -o out/   out/photo-seed0.png, photo-seed1.png …
  {command} album/ -o out/                  every photograph, folders and names kept
  {command} photo.jpg --reference other.jpg  with the colours of another photograph
  {command} --list                          the approaches and their knobs
  {command} batch scans/ colour/            very many; batch --help explains
  {command} export -o model/                for browsers and telephones, as ONNX
  {command} study results/*.csv             adds up answers of Real or fake?
"""


def make_parser() -> argparse.ArgumentParser:
    """The options; each knob that any approach has is one."""
    parser = parser_with_examples("", "Gives black-and-white photographs colours.", EXAMPLES)
    add = parser.add_argument
    add("photos", nargs="*", metavar="PHOTO", help="photographs, or folders of them")
    add(
        "-o",
        "--output",
        metavar="OUT",
        help="a folder, or for one photograph a file of the format that its ending says: .png, "
        ".jpg, .tif, .webp (lossless), .avif, .heic, .bmp",
    )
    add(
        "--approach",
        default=default().key,
        metavar="NAME",
        help="a name from --list, a folder with weights, or a Hub repository (default: %(default)s)",
    )
    for knob in knobs():
        add(
            "--" + knob.name.replace("_", "-"),
            dest=knob.name,
            type=float,
            metavar="N" if knob.whole else "X",
            help=knob.help.replace("%", "%%"),
        )
    for knob in ADJUSTMENTS:
        option = "--" + knob.name.replace("_", "-")
        add(option, dest=knob.name, type=float, metavar="X", help=knob.help)
    names = ", ".join(look.key for look in looks())
    add("--look", metavar="NAME", help=f"settings with a name, which others refine: {names}")
    add("--hints", metavar="FILE", help="colour hints, as the tab Steer saves them (JSON)")
    add(
        "--reference",
        metavar="PHOTO",
        help="a colour photograph: places that look alike hand over their colours",
    )
    add("--samples", type=int, metavar="N", help="N different guesses instead of the best one")
    add("--seed", type=int, metavar="N", help="the guess of this number; the first of --samples")
    add(
        "--bits",
        type=int,
        choices=(8, 16),
        default=8,
        help="bits a channel, 16 for TIFF and PNG: a deep scan's lightness is kept at full depth "
        "(default: 8, which is what screens show)",
    )
    add(
        "--max-megapixels",
        type=float,
        metavar="X",
        help="larger photographs are refused (default: 60); a TIFF is written strip by strip",
    )
    add("--overwrite", action="store_true", help="write anew what exists instead of skipping it")
    add("--workers", type=int, metavar="N", help="processes for an album (default: one a core)")
    add("--list", action="store_true", help="list the approaches and their knobs")
    add("--debug", action="store_true", help="show where an unexpected error comes from")
    return parser


def knobs() -> list[Knob]:
    """Each knob that any approach has, once."""
    return list({knob.name: knob for a in reversed(approaches()) for knob in a.knobs}.values())
