"""Valid files that readers take for something else, damaged ones, and what each must read as.

``cases(color)`` makes all of them from one photograph.  A case states either the picture it holds
or a word of the sentence it is refused with; "read wrong without a word" fails either way.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyvips
from PIL import Image
from skimage.color import rgb2lab

from tests.support import tiffs
from tests.support.pictures import encoded, grey_profile, png16, wide_profile
from tests.support.tiffs import build, page, tiff

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, MASK, CMYK, YCBCR = 0, 1, 2, 3, 4, 5, 6
CIELAB, ICCLAB, CFA, LOG_LUV, LINEAR_RAW = 8, 9, 32803, 32845, 34892


@dataclass(frozen=True)
class Case:
    """name: with the file's ending.  picture: (H, W) or (H, W, 3) uint8 that it holds, upright, or
    None where it is refused.  refused: a word of the sentence.  within: L*, of mean difference.
    note: a word of the note a person must get.  opaque: False where it has transparency."""

    name: str
    data: bytes
    picture: np.ndarray | None = None
    refused: str = ""
    within: float = 0.35
    note: str = ""
    opaque: bool = True


def cases(color: np.ndarray) -> list[Case]:
    """Every case, made from (H, W, 3) uint8 sRGB; sides that are no multiple of 8 find more."""
    grey = np.asarray(Image.fromarray(color).convert("L"))
    found = [
        *_grey_depths(grey),
        *_declared_ranges(grey),
        *_floats(color, grey),
        *_packed(color, grey),
        *_color_depths(color),
        *_color_spaces(color, grey),
        *_palettes(color),
        *_extra_samples(color, grey),
        *_orientations(color, grey),
        *_pages(color, grey),
        *_codecs(color, grey),
        *_no_photographs(color, grey),
        *_pngs(color, grey),
        *_jpegs(color, grey),
        *_other_formats(color, grey),
        *_profiles(color, grey),
        *_damaged(color),
    ]
    names = [case.name for case in found]
    assert len(set(names)) == len(names)
    return found


def _linear(values: np.ndarray) -> np.ndarray:
    """sRGB in 0…1 → linear light."""
    return np.where(values > 0.04045, ((values + 0.055) / 1.055) ** 2.4, values / 12.92)


def _grey_depths(grey: np.ndarray) -> Iterator[Case]:
    """8 to 64 bits, unsigned and signed, black or white as zero, both byte orders."""
    share = grey / 255
    tops = {"u1": 255, "u2": 65535, "u4": 2**32 - 1, "u8": 2**64 - 1}
    tops |= {"i1": 127, "i2": 32767, "i4": 2**31 - 1}
    for kind, top in tops.items():
        whole = [(v * top + 127) // 255 for v in range(256)]  # exact, unlike float64
        values = np.array(whole, kind)[grey]
        within = 1.0 if kind == "i1" else 0.35
        for order in "<>":
            name = f"grey-{kind}-{'little' if order == '<' else 'big'}"
            yield Case(f"{name}.tif", tiff(values, BLACK_IS_ZERO, order=order), grey, within=within)
            negative = np.array(whole[::-1], kind)[grey]
            data = tiff(negative, WHITE_IS_ZERO, order=order)
            yield Case(f"{name}-white-is-zero.tif", data, grey, within=within)
    for kind in ("f2", "f4", "f8"):
        values = share.astype(kind)
        yield Case(f"grey-{kind}.tif", tiff(values, BLACK_IS_ZERO), grey)
        yield Case(f"grey-{kind}-big.tif", tiff(values, BLACK_IS_ZERO, order=">"), grey)
        negative = (1 - share).astype(kind)
        yield Case(f"grey-{kind}-white-is-zero.tif", tiff(negative, WHITE_IS_ZERO), grey)
    for kind in ("u2", "u4", "f4"):
        top = tops.get(kind, 1)
        values = (share * top).astype(kind)
        data = tiff(values, BLACK_IS_ZERO, {tiffs.COMPRESSION: 8})
        yield Case(f"grey-{kind}-deflate.tif", data, grey)
    for bits in (1, 2, 4):
        top = 2**bits - 1
        codes = np.round(share * top).astype(np.uint8)
        wanted = (codes * (255 // top)).astype(np.uint8)
        for name, photometric, stored in (
            ("", BLACK_IS_ZERO, codes),
            ("-white-is-zero", WHITE_IS_ZERO, top - codes),
        ):
            layout, _ = page(stored, photometric, {tiffs.BITS: bits})
            data = build([(layout, [tiffs.packed(stored, bits)])])
            yield Case(f"grey-{bits}-bit{name}.tif", data, wanted)


def _declared_ranges(grey: np.ndarray) -> Iterator[Case]:
    """10, 12 and 14 bits in 16, with a tag that says so and without one; signed and offset."""
    share = grey / 255
    for bits in (10, 12, 14):
        top = 2**bits - 1
        values = np.round(share * top).astype(np.uint16)
        yield Case(f"grey-{bits}-in-16.tif", tiff(values, BLACK_IS_ZERO), grey, note=f"{bits} bits")
        # A file that declares 16 bits and does not end where fewer would is as dark as it says.
        faint = values * 2 // 3
        yield Case(f"dark-{bits}-of-16.tif", tiff(faint, BLACK_IS_ZERO), faint, note=f"{bits} bits")
        yield Case(f"dark-{bits}-of-16.png", encoded(Image.fromarray(faint)), faint, note="65535")
        full = tiff(values, BLACK_IS_ZERO, {tiffs.LEAST: 0, tiffs.MOST: 65535})
        yield Case(f"dark-{bits}-of-16-tagged.tif", full, values)
        tagged = tiff(values, BLACK_IS_ZERO, {tiffs.LEAST: 0, tiffs.MOST: top})
        yield Case(f"grey-{bits}-in-16-tagged.tif", tagged, grey)
        negative = tiff((top - values).astype(np.uint16), WHITE_IS_ZERO)
        yield Case(f"grey-{bits}-in-16-white-is-zero.tif", negative, grey, note=f"{bits} bits")
        negative = tiff(
            (top - values).astype(np.uint16), WHITE_IS_ZERO, {tiffs.LEAST: 0, tiffs.MOST: top}
        )
        yield Case(f"grey-{bits}-in-16-tagged-white-is-zero.tif", negative, grey)
        data = encoded(Image.fromarray(values))
        yield Case(f"grey-{bits}-in-16.png", data, grey, note=f"{bits} bits")
        tagged = tiff(values, BLACK_IS_ZERO, {tiffs.LARGEST: float(top)})
        yield Case(f"grey-{bits}-in-16-tagged-as-signed.tif", tagged, grey)
        marked = with_chunk(data, b"sBIT", bytes([bits]))
        yield Case(f"grey-{bits}-in-16-told.png", marked, grey, note=f"{bits} bits")
        full = encoded(Image.fromarray(np.round(share * 65535).astype(np.uint16)))
        yield Case(f"grey-{bits}-of-16-told.png", with_chunk(full, b"sBIT", bytes([bits])), grey)
        wide = np.dstack([values] * 3)
        yield Case(f"rgb-{bits}-in-16.tif", tiff(wide, RGB), grey, note=f"{bits} bits")
        yield Case(f"rgb-{bits}-in-16.png", png16(wide), grey, note=f"{bits} bits")
        marked = with_chunk(png16(wide), b"sBIT", bytes([bits] * 3))
        yield Case(f"rgb-{bits}-in-16-told.png", marked, grey, note=f"{bits} bits")
    offset = (share * 65535 - 32768).astype(np.int16)
    yield Case("grey-i2-negative.tif", tiff(offset, BLACK_IS_ZERO), refused="below zero")
    tags = {tiffs.SMALLEST: -32768.0, tiffs.LARGEST: 32767.0}
    yield Case("grey-i2-negative-tagged.tif", tiff(offset, BLACK_IS_ZERO, tags), grey)
    faint = np.round(share * 255).astype(np.uint32)
    yield Case("grey-8-in-32.tif", tiff(faint, BLACK_IS_ZERO), grey)


def _floats(color: np.ndarray, grey: np.ndarray) -> Iterator[Case]:
    """Floats inside and outside 0…1."""
    share = (grey / 255).astype(np.float32)
    for top in (255, 65535):
        data = tiff(share * np.float32(top), BLACK_IS_ZERO)
        yield Case(f"float-to-{top}.tif", data, grey, note="white")
    rgb = (color / 255).astype(np.float32)
    yield Case("float-rgb-to-255.tif", tiff(rgb * 255, RGB), color, note="white")
    signed = share * 2 - 1
    yield Case("float-negative.tif", tiff(signed, BLACK_IS_ZERO), refused="below zero")
    yield Case("float-rgb-negative.tif", tiff(rgb * 2 - 1, RGB), refused="below zero")
    tags = {tiffs.SMALLEST: -1.0, tiffs.LARGEST: 1.0}
    yield Case("float-negative-tagged.tif", tiff(signed, BLACK_IS_ZERO, tags), grey)
    tags = {tiffs.SMALLEST: 0.0, tiffs.LARGEST: 10.0}
    yield Case("float-to-10-tagged.tif", tiff(share * 10, BLACK_IS_ZERO, tags), grey)
    over = tiff(share * np.float32(1.01) - np.float32(0.005), BLACK_IS_ZERO)
    yield Case("float-overshoot.tif", over, grey, within=1.0)
    bright = share * np.float32(1.6 / share.max())
    wanted = np.round(share / share.max() * 255).astype(np.uint8)
    yield Case("float-to-1.6.tif", tiff(bright, BLACK_IS_ZERO), wanted, note="white")
    holes = share.copy()
    holes[0, :3] = np.nan, np.inf, -np.inf
    wanted = grey.copy()
    wanted[0, :3] = 0, 255, 0
    yield Case("float-not-a-number.tif", tiff(holes, BLACK_IS_ZERO), wanted, note="not numbers")
    empty = np.full_like(share, np.nan)
    yield Case("float-nothing-else.tif", tiff(empty, BLACK_IS_ZERO), refused="no numbers")
    data = tiff(share.astype(np.complex64).view(np.float32), BLACK_IS_ZERO)
    complexes = data.replace(struct.pack("<HHII", 339, 3, 1, 3), struct.pack("<HHII", 339, 3, 1, 6))
    complexes = complexes.replace(
        struct.pack("<HHII", 258, 3, 1, 32), struct.pack("<HHII", 258, 3, 1, 64)
    ).replace(
        struct.pack("<HHII", 256, 3, 1, grey.shape[1] * 2),
        struct.pack("<HHII", 256, 3, 1, grey.shape[1]),
    )
    yield Case("complex.tif", complexes, refused="complex")


def _packed(color: np.ndarray, grey: np.ndarray) -> Iterator[Case]:
    """Samples of 10, 12 and 14 bits without gaps, as scanners and cameras store them."""
    for bits in (10, 12, 14):
        top = 2**bits - 1
        for name, picture, photometric in (("grey", grey, BLACK_IS_ZERO), ("rgb", color, RGB)):
            values = np.round(picture / 255 * top).astype(np.uint16)
            samples = 1 if values.ndim == 2 else 3
            layout, _ = page(values, photometric, {tiffs.BITS: (bits,) * samples})
            data = build([(layout, [tiffs.packed(values, bits)])])
            yield Case(f"{name}-{bits}-packed.tif", data, picture)
    values = np.round(grey / 255 * 4095).astype(np.uint16)
    layout, _ = page(4095 - values, WHITE_IS_ZERO, {tiffs.BITS: 12})
    data = build([(layout, [tiffs.packed(4095 - values, 12)])])
    yield Case("grey-12-packed-white-is-zero.tif", data, grey)


def _color_depths(color: np.ndarray) -> Iterator[Case]:
    """RGB of every depth, its planes together and apart, plain and deflated."""
    share = color / 255
    tops = {"u1": 255, "u2": 65535, "u4": 2**32 - 1, "i2": 32767, "f2": 1, "f4": 1, "f8": 1}
    for kind, top in tops.items():
        values = (share * top).round().astype(kind) if kind[0] != "f" else share.astype(kind)
        for name, tags in (
            ("", {}),
            ("-planar", {tiffs.PLANAR: 2}),
            ("-deflate", {tiffs.COMPRESSION: 8}),
            ("-planar-deflate", {tiffs.PLANAR: 2, tiffs.COMPRESSION: 8}),
        ):
            yield Case(f"rgb-{kind}{name}.tif", tiff(values, RGB, tags), color)
        yield Case(f"rgb-{kind}-big.tif", tiff(values, RGB, order=">"), color)


def _color_spaces(color: np.ndarray, grey: np.ndarray) -> Iterator[Case]:
    """CIELAB, YCbCr and CMYK, which all have three or four samples as RGB has."""
    lab = rgb2lab(color)
    l8, l16 = lab[..., :1] * 2.55, lab[..., :1] * 655.35
    signed8 = np.concatenate([l8, lab[..., 1:]], -1).round()
    signed16 = np.concatenate([l16, lab[..., 1:] * 256], -1).round()
    yield Case("lab8.tif", tiff(signed8.astype(np.int64).astype(np.uint8), CIELAB), color, within=1)
    lab16 = signed16.astype(np.int64).astype(np.uint16)
    yield Case("lab16.tif", tiff(lab16, CIELAB), color, within=1)
    yield Case("lab16-planar.tif", tiff(lab16, CIELAB, {tiffs.PLANAR: 2}), color, within=1)
    offset = np.concatenate([l8, lab[..., 1:] + 128], -1).round().astype(np.uint8)
    yield Case("icclab8.tif", tiff(offset, ICCLAB), color, within=1)
    offset = np.concatenate([lab[..., :1] * 652.8, (lab[..., 1:] + 128) * 256], -1)
    yield Case("icclab16.tif", tiff(offset.round().astype(np.uint16), ICCLAB), color, within=1)
    yield Case("labf.tif", tiff(lab.astype(np.float32), CIELAB), refused="Lab")

    ycc = np.asarray(Image.fromarray(color).convert("YCbCr"))
    tags = {tiffs.SUBSAMPLING: (1, 1), tiffs.REFERENCE: (0, 255, 128, 255, 128, 255)}
    yield Case("ycbcr.tif", tiff(ycc, YCBCR, tags), color, within=1)
    yield Case(
        "ycbcr-deflate.tif", tiff(ycc, YCBCR, tags | {tiffs.COMPRESSION: 8}), color, within=1
    )
    yield Case("ycbcr-no-tags.tif", tiff(ycc, YCBCR, {tiffs.SUBSAMPLING: (1, 1)}), color, within=1)
    deep = ycc.astype(np.uint16) * 257
    yield Case("ycbcr16.tif", tiff(deep, YCBCR, tags), refused="YCbCr")
    even = ycc[: len(ycc) // 2 * 2, : ycc.shape[1] // 2 * 2]
    y, cb, cr = np.moveaxis(even, -1, 0)
    blocks = y.reshape(len(y) // 2, 2, -1, 2).swapaxes(1, 2).reshape(len(y) // 2, -1, 4)
    units = np.concatenate([blocks, cb[::2, ::2, None], cr[::2, ::2, None]], -1)
    layout, _ = page(even, YCBCR, tags | {tiffs.SUBSAMPLING: (2, 2)})
    yield Case("ycbcr-2x2.tif", build([(layout, [units])]), refused="YCbCr")

    ink = 255 - color.astype(int)
    black = ink.min(-1, keepdims=True)
    ink = np.concatenate([(ink - black) * 255 / np.maximum(255 - black, 1), black], -1)
    for name, values in (
        ("8", ink.round().astype(np.uint8)),
        ("16", (ink * 257).round().astype(np.uint16)),
        ("f", (ink / 255).astype(np.float32)),
    ):
        yield Case(f"cmyk{name}.tif", tiff(values, CMYK), color, within=1)
        yield Case(f"cmyk{name}-planar.tif", tiff(values, CMYK, {tiffs.PLANAR: 2}), color, within=1)
    eight = ink.round().astype(np.uint8)
    yield Case("not-cmyk.tif", tiff(eight, CMYK, {tiffs.INK_SET: 2}), refused="inks")
    spot = np.dstack([eight, grey])
    yield Case("cmyk-spot.tif", tiff(spot, CMYK, {tiffs.EXTRA: 0}), color, within=1, note="extra")
    yield Case("two-inks.tif", tiff(eight[..., 2:], CMYK), refused="inks")


def _palettes(color: np.ndarray) -> Iterator[Case]:
    """Maps of 16 bits as TIFF has them, and of 8 as some programs wrote."""
    few = Image.fromarray(color).quantize(16)
    codes = np.asarray(few)
    wanted = np.asarray(few.convert("RGB"))
    map8 = np.zeros((256, 3), int)
    map8[:16] = np.array(few.getpalette(), int).reshape(-1, 3)[:16]
    for name, scale in (("8", 1), ("16", 257), ("256", 256)):
        for bits in (8, 4):
            table = map8[: 2**bits]
            tags = {tiffs.BITS: bits, tiffs.COLORMAP: tuple((table.T * scale).ravel().tolist())}
            layout, _ = page(codes, PALETTE, tags)
            data = build([(layout, [tiffs.packed(codes, bits)])])
            yield Case(f"palette-{bits}-bit-map-of-{name}.tif", data, wanted)
    layout, _ = page(codes, PALETTE)
    yield Case("palette-without-a-map.tif", build([(layout, [codes])]), refused="damaged")
    image = few.copy()
    data = encoded(image, transparency=bytes([0] + [255] * 15))
    yield Case("palette-transparent.png", data, wanted, opaque=False)


def _extra_samples(color: np.ndarray, grey: np.ndarray) -> Iterator[Case]:
    """Only what is declared as transparency is one; an infrared channel is not."""
    other = 255 - grey
    for name, scale, kind in (("8", 1, "u1"), ("16", 257, "u2")):
        la = (np.dstack([grey, other]).astype(int) * scale).astype(kind)
        rgba = (np.dstack([color, other]).astype(int) * scale).astype(kind)
        more = (np.dstack([color, other, grey]).astype(int) * scale).astype(kind)
        solid = rgba.copy()
        solid[..., 3] = 255 * scale
        for extra, opaque in ((0, True), (2, False)):
            tags = {tiffs.EXTRA: extra}
            note = "extra" if opaque else ""
            for photograph, values, kind_of in ((grey, la, "grey"), (color, rgba, "rgb")):
                data = tiff(values, RGB if kind_of == "rgb" else BLACK_IS_ZERO, tags)
                title = f"{kind_of}{name}-extra-{extra}.tif"
                yield Case(title, data, photograph, opaque=opaque, note=note)
        yield Case(f"rgb{name}-undeclared.tif", tiff(rgba, RGB), color, note="extra")
        yield Case(
            f"rgb{name}-two-extra.tif", tiff(more, RGB, {tiffs.EXTRA: (0, 0)}), color, note="extra"
        )
        yield Case(
            f"rgb{name}-infrared-alpha.tif",
            tiff(more, RGB, {tiffs.EXTRA: (0, 2)}),
            color,
            opaque=False,
            note="extra",
        )
        yield Case(f"rgb{name}-opaque.tif", tiff(solid, RGB, {tiffs.EXTRA: 1}), color)
        half = (solid.astype(int) // 2).astype(kind)  # colours multiplied by an alpha of a half
        data = tiff(half, RGB, {tiffs.EXTRA: 1})
        yield Case(f"rgb{name}-associated.tif", data, color, opaque=False, within=1)
        apart = tiff(rgba, RGB, {tiffs.EXTRA: 0, tiffs.PLANAR: 2})
        yield Case(f"rgb{name}-extra-planar.tif", apart, color, note="extra")
        negative = (np.dstack([other, grey]).astype(int) * scale).astype(kind)
        data = tiff(negative, WHITE_IS_ZERO, {tiffs.EXTRA: 2})
        yield Case(f"grey{name}-white-is-zero-alpha.tif", data, grey, opaque=False)
    share = (np.dstack([grey, other]) / 255).astype(np.float32)
    data = tiff(share, BLACK_IS_ZERO, {tiffs.EXTRA: 0})
    yield Case("greyf-extra-0.tif", data, grey, note="extra")


_TURNED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a[::-1].swapaxes(0, 1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: a.swapaxes(0, 1)[::-1],
}


def _orientations(color: np.ndarray, grey: np.ndarray) -> Iterator[Case]:
    """All eight, of every way that samples are read."""
    kinds = {
        "grey8": (grey, grey, BLACK_IS_ZERO),
        "rgb16": (color, color.astype(np.uint16) * 257, RGB),
        "rgbf4": (color, (color / 255).astype(np.float32), RGB),
        "rgbf8": (color, color / 255, RGB),
        "greyu4": (grey, grey.astype(np.uint32) * 16843009, BLACK_IS_ZERO),
    }
    for name, (picture, values, photometric) in kinds.items():
        for orientation, turned in _TURNED.items():
            data = tiff(values, photometric, {tiffs.ORIENTATION: orientation})
            wanted = np.ascontiguousarray(turned(picture))
            yield Case(f"{name}-orientation-{orientation}.tif", data, wanted)


def _pages(color: np.ndarray, grey: np.ndarray) -> Iterator[Case]:
    """The photograph is the first page that is no preview, mask or fax of it."""
    small = grey[::4, ::4]
    thumb = page(small, BLACK_IS_ZERO, {tiffs.SUBFILE: 1})
    main = page(grey, BLACK_IS_ZERO, {tiffs.SUBFILE: 0})
    yield Case("preview-first.tif", build([thumb, main]), grey)
    yield Case("preview-last.tif", build([main, thumb]), grey)
    deep = page(color.astype(np.uint16) * 257, RGB, {tiffs.SUBFILE: 0})
    yield Case("preview-first-16.tif", build([thumb, deep]), color)
    mask = page((grey > 99).astype(np.uint8), MASK, {tiffs.SUBFILE: 4})
    yield Case("mask-first.tif", build([mask, main]), grey)
    yield Case("mask-last.tif", build([main, mask]), grey)
    old = page(small, BLACK_IS_ZERO, {255: 2})
    yield Case("preview-first-old-tag.tif", build([old, page(grey, BLACK_IS_ZERO)]), grey)
    for name, photograph in (("8", page(color, RGB)), ("16", deep)):
        outer = page(small, BLACK_IS_ZERO, {tiffs.SUBFILE: 1, tiffs.SUBIFDS: [photograph]})
        yield Case(f"photograph-in-subifd-{name}.tif", build([outer]), color)
    outer = page(color, RGB, {tiffs.SUBIFDS: [thumb]})
    yield Case("preview-in-subifd.tif", build([outer]), color)
    yield Case("only-a-preview.tif", build([thumb]), small)
    first = page(grey, BLACK_IS_ZERO, {tiffs.SUBFILE: 2})
    second = page(255 - grey, BLACK_IS_ZERO, {tiffs.SUBFILE: 2})
    yield Case("two-pages.tif", build([first, second]), grey, note="first page")
    two = build([page(grey.astype(np.uint16) * 257, BLACK_IS_ZERO), second])
    yield Case("two-pages-16.tif", two, grey, note="first page")


def _vips(image: np.ndarray, **options) -> bytes:
    return pyvips.Image.new_from_array(image).tiffsave_buffer(**options)


def _codecs(color: np.ndarray, grey: np.ndarray) -> Iterator[Case]:
    """Valid files that other readers call damaged."""
    floats = (color / 255).astype(np.float32)
    for compression in ("lzw", "deflate", "packbits"):
        for predictor in ("none", "horizontal", "float"):
            if compression == "packbits" and predictor != "none":
                continue
            if predictor != "float":
                data = _vips(color, compression=compression, predictor=predictor)
                yield Case(f"rgb-{compression}-{predictor}.tif", data, color)
                data = _vips(
                    color.astype(np.uint16) * 257, compression=compression, predictor=predictor
                )
                yield Case(f"rgb16-{compression}-{predictor}.tif", data, color)
            if predictor != "horizontal":
                data = _vips(floats, compression=compression, predictor=predictor)
                yield Case(f"rgbf-{compression}-{predictor}.tif", data, color)
    for bigtiff in (False, True):
        for kind, values in (("8", color), ("16", color.astype(np.uint16) * 257), ("f", floats)):
            options = {"tile": True, "tile_width": 32, "tile_height": 16, "bigtiff": bigtiff}
            name = f"rgb{kind}-tiles{'-bigtiff' if bigtiff else ''}.tif"
            yield Case(name, _vips(values, compression="deflate", **options), color)
    for codec in ("zstd", "lzma", "tiff_adobe_deflate"):
        data = encoded(Image.fromarray(color), "TIFF", compression=codec)
        yield Case(f"rgb-{codec}.tif", data, color)
    data = _vips(color, compression="jpeg", Q=95)
    yield Case("rgb-jpeg.tif", data, color, within=2)
    pyramid = _vips(np.tile(color, (4, 4, 1)), pyramid=True, tile=True, compression="deflate")
    yield Case("pyramid.tif", pyramid, np.tile(color, (4, 4, 1)))
    fax = Image.fromarray(grey).convert("1")
    wanted = np.asarray(fax).astype(np.uint8) * 255
    for codec in ("group3", "group4", "tiff_ccitt", "packbits"):
        yield Case(f"fax-{codec}.tif", encoded(fax, "TIFF", compression=codec), wanted)
    words = b"Grandmother's wedding. " * 4000 + b"\0"
    yield Case("long-comment.tif", tiff(color, RGB, {tiffs.DESCRIPTION: words}), color)
    deep = color.astype(np.uint16) * 257
    yield Case("long-comment-16.tif", tiff(deep, RGB, {tiffs.DESCRIPTION: words}), color)
    for number in (34712, 34887, 50001, 50002):  # JPEG 2000, LERC, WebP, JPEG XL
        layout, strips = page(color, RGB)
        data = build([(layout | {tiffs.COMPRESSION: number}, [strips[0].tobytes()])])
        yield Case(f"codec-{number}.tif", data, refused="compress")


def _no_photographs(color: np.ndarray, grey: np.ndarray) -> Iterator[Case]:
    """Raw sensor data and other things that look like photographs to a decoder."""
    deep = grey.astype(np.uint16) * 257
    yield Case("mosaic.tif", tiff(deep, CFA, {33421: (2, 2), 33422: b"\0\1\1\2"}), refused="raw")
    yield Case("mosaic-8.tif", tiff(grey, CFA, {33421: (2, 2)}), refused="raw")
    wide = color.astype(np.uint16) * 257
    yield Case("linear-raw.tif", tiff(wide, LINEAR_RAW), refused="raw")
    dng = tiff(deep, BLACK_IS_ZERO, {50706: b"\1\4\0\0"})
    yield Case("dng.tif", dng, refused="raw")
    yield Case("mask-only.tif", tiff((grey > 99).astype(np.uint8), MASK), refused="mask")
    yield Case("log-luv.tif", tiff(wide, LOG_LUV), refused="Log")
    yield Case("photometric-77.tif", tiff(grey, 77), refused="kind 77")
    yield Case("many-bands.tif", tiff(np.dstack([color] * 4), BLACK_IS_ZERO), refused="channels")


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def with_chunk(png: bytes, kind: bytes, data: bytes) -> bytes:
    """A PNG with one more chunk, right after its header."""
    return png[:33] + _chunk(kind, data) + png[33:]


def _pngs(color: np.ndarray, grey: np.ndarray) -> Iterator[Case]:
    """Depths, gamma, transparent values, comments."""
    share, deep = grey / 255, grey.astype(np.uint16) * 257
    for gamma in (1.0, 0.5556, 0.45455):
        chunk = struct.pack(">I", round(gamma * 100000))
        stored = share if gamma == 0.45455 else _linear(share) ** gamma
        values = np.round(stored * 65535).astype(np.uint16)
        data = with_chunk(encoded(Image.fromarray(values)), b"gAMA", chunk)
        yield Case(f"gamma-{gamma:g}-16.png", data, grey)
        both = with_chunk(data, b"sRGB", b"\0")  # sRGB wins over gAMA
        wanted = np.round(stored * 255).astype(np.uint8)
        yield Case(f"gamma-{gamma:g}-and-srgb.png", both, wanted)
    for gamma in (1.0, 0.5556):
        wide = _linear(color / 255) ** gamma
        chunk = struct.pack(">I", round(gamma * 100000))
        data = with_chunk(png16(np.round(wide * 65535).astype(np.uint16)), b"gAMA", chunk)
        yield Case(f"gamma-{gamma:g}-rgb16.png", data, color)
    linear8 = np.round(_linear(share) * 255).astype(np.uint8)
    data = with_chunk(encoded(Image.fromarray(linear8)), b"gAMA", struct.pack(">I", 100000))
    yield Case("gamma-1-8.png", data, grey, within=2)
    zero = with_chunk(encoded(Image.fromarray(grey)), b"gAMA", bytes(4))
    yield Case("gamma-0.png", zero, grey)
    hdr = with_chunk(encoded(Image.fromarray(color)), b"cICP", bytes([9, 16, 0, 1]))
    yield Case("hdr.png", hdr, refused="HDR")
    plain = with_chunk(encoded(Image.fromarray(color)), b"cICP", bytes([1, 13, 0, 1]))
    yield Case("cicp-srgb.png", plain, color)
    for name, picture in (("grey16", deep), ("rgb16", color.astype(np.uint16) * 257)):
        plane = encoded(Image.fromarray(deep)) if picture.ndim == 2 else png16(picture)
        yield Case(f"{name}.png", plane, grey if picture.ndim == 2 else color)
    for name, values in (("grey8", grey), ("rgb8", color)):
        data = pyvips.Image.new_from_array(values).pngsave_buffer(interlace=True)
        yield Case(f"{name}-interlaced.png", data, values)
    text = b"Comment\0" + b"x" * 3_000_000
    yield Case("long-text.png", with_chunk(encoded(Image.fromarray(grey)), b"tEXt", text), grey)
    packed = b"Comment\0\0" + zlib.compress(b"x" * 3_000_000)
    yield Case("long-ztxt.png", with_chunk(encoded(Image.fromarray(grey)), b"zTXt", packed), grey)
    key = with_chunk(encoded(Image.fromarray(deep)), b"tRNS", struct.pack(">H", int(deep[0, 0])))
    yield Case("grey16-transparent-value.png", key, grey, opaque=False)
    for bits in (1, 2, 4):
        top = 2**bits - 1
        codes = np.round(share * top).astype(np.uint8)
        rows = np.frombuffer(tiffs.packed(codes, bits), np.uint8).reshape(len(codes), -1)
        body = b"".join(b"\0" + row.tobytes() for row in rows)
        head = struct.pack(">IIBBBBB", grey.shape[1], len(grey), bits, 0, 0, 0, 0)
        data = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head)
        data += _chunk(b"IDAT", zlib.compress(body)) + _chunk(b"IEND", b"")
        yield Case(f"grey-{bits}-bit.png", data, (codes * (255 // top)).astype(np.uint8))


def _jpegs(color: np.ndarray, grey: np.ndarray) -> Iterator[Case]:
    image = Image.fromarray(color)
    for name, options in {
        "baseline": {},
        "progressive": {"progressive": True},
        "no-subsampling": {"subsampling": 0},
        "rgb": {"keep_rgb": True},
        "restarts": {"restart_marker_rows": 1},
    }.items():
        yield Case(f"{name}.jpg", encoded(image, "JPEG", quality=95, **options), color, within=2)
    yield Case("grey.jpg", encoded(Image.fromarray(grey), "JPEG", quality=95), grey, within=2)
    yield Case("cmyk.jpg", encoded(image.convert("CMYK"), "JPEG", quality=95), color, within=2)
    data = encoded(image, "JPEG", quality=95, comment=b"x" * 60_000)
    yield Case("long-comment.jpg", data, color, within=2)
    yield Case("trailing.jpg", data + b"\0" * 5000, color, within=2)
    yield Case("two-in-one.jpg", data + encoded(Image.fromarray(grey), "JPEG"), color, within=2)
    yield Case("no-end-marker.jpg", data[:-2], refused="damaged")
    exif = Image.Exif()
    for orientation, turned in _TURNED.items():
        exif[274] = orientation
        data = encoded(image, "JPEG", quality=95, exif=exif)
        wanted = np.ascontiguousarray(turned(color))
        yield Case(f"orientation-{orientation}.jpg", data, wanted, within=2)


def _other_formats(color: np.ndarray, grey: np.ndarray) -> Iterator[Case]:
    image, plane = Image.fromarray(color), Image.fromarray(grey)
    for format, ending in (("BMP", "bmp"), ("ICO", "ico"), ("PPM", "ppm"), ("GIF", "gif")):
        small = plane.crop((0, 0, 48, 48)) if format == "ICO" else plane
        options = {"sizes": [(48, 48)]} if format == "ICO" else {}
        data = encoded(small, format, **options)
        yield Case(f"grey.{ending}", data, np.asarray(small))
    data = encoded(image, "JPEG2000", irreversible=False)
    yield Case("rgb.jp2", data, color)
    deep = Image.fromarray(grey.astype(np.uint16) * 257)
    yield Case("grey16.jp2", encoded(deep, "JPEG2000", irreversible=False), grey)
    yield Case("rgb.webp", encoded(image, "WEBP", lossless=True), color)
    yield Case("rgb.avif", encoded(image, "AVIF", quality=95), color, within=2)
    head = f"P5 {grey.shape[1]} {len(grey)} 1023\n".encode()
    values = np.round(grey / 255 * 1023).astype(">u2").tobytes()
    yield Case("grey-10-bit.pgm", head + values, grey)
    head = f"P6 {grey.shape[1]} {len(grey)} 65535\n".encode()
    values = (color.astype(">u2") * 257).astype(">u2").tobytes()
    yield Case("rgb16.ppm", head + values, color)


def _profiles(color: np.ndarray, grey: np.ndarray) -> Iterator[Case]:
    """A colour profile counts at every depth."""
    swapped = color[..., [1, 0, 2]]
    wide = np.frombuffer(wide_profile(), np.uint8).tobytes()
    tags = {tiffs.PROFILE: wide}
    yield Case("profile-8.tif", tiff(swapped, RGB, tags), color, within=1)
    deep = swapped.astype(np.uint16) * 257
    yield Case("profile-16.tif", tiff(deep, RGB, tags), color, within=1)
    floats = (swapped / 255).astype(np.float32)
    yield Case("profile-f.tif", tiff(floats, RGB, tags), color, within=1)
    linear = _linear(grey / 255)
    tags = {tiffs.PROFILE: grey_profile(1.0)}
    for name, values in (
        ("16", np.round(linear * 65535).astype(np.uint16)),
        ("f", linear.astype(np.float32)),
    ):
        yield Case(f"linear-profile-{name}.tif", tiff(values, BLACK_IS_ZERO, tags), grey, within=1)
    broken = {tiffs.PROFILE: b"nonsense"}
    yield Case("broken-profile.tif", tiff(color, RGB, broken), color, note="profile")
    yield Case(
        "broken-profile-16.tif",
        tiff(color.astype(np.uint16) * 257, RGB, broken),
        color,
        note="profile",
    )


def _damaged(color: np.ndarray) -> Iterator[Case]:
    """Cut short, or with nonsense in its directory: refused, and never for long."""
    image = Image.fromarray(color)
    deep = color.astype(np.uint16) * 257
    whole = {
        "jpg": encoded(image, "JPEG", quality=95),
        "png": encoded(image),
        "webp": encoded(image, "WEBP"),
        "gif": encoded(image, "GIF"),
        "bmp": encoded(image, "BMP"),
        "jp2": encoded(image, "JPEG2000"),
        "tif": encoded(image, "TIFF", compression="tiff_lzw"),
    }
    for ending, data in whole.items():
        for share in (10, 60, 90):
            yield Case(f"cut-{share}.{ending}", data[: len(data) * share // 100], refused="damaged")
    layout, strips = page(deep, RGB)
    short = build([(layout, [strips[0].tobytes()[: deep.nbytes // 2]])])
    yield Case("short-strip.tif", short, refused="damaged")
    for name, tag, value in (
        ("no-width", tiffs.WIDTH, 0),
        ("seven-bits-thrice", tiffs.BITS, (8, 16, 8)),
        ("bits-99", tiffs.BITS, (99, 99, 99)),
        ("samples-60000", tiffs.SAMPLES, 60000),
        ("rows-0", tiffs.ROWS, 0),
    ):
        yield Case(f"{name}.tif", build([(layout | {tag: value}, strips)]), refused=".")
    loop = bytearray(tiff(color, RGB))
    (start,) = struct.unpack_from("<I", loop, 4)
    (count,) = struct.unpack_from("<H", loop, start)
    struct.pack_into("<I", loop, start + 2 + 12 * count, start)
    yield Case("pages-in-a-circle.tif", bytes(loop), color)
    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"\0"))
    yield Case("bomb.png", bomb, refused="megapixels")
