"""Every format that can be asked for: its data, its depth, and the words that it keeps."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import ExifTags, Image

from colorizer.color.lightness import lightness
from colorizer.images.metadata import Metadata
from colorizer.images.output.formats import FORMATS
from colorizer.images.photo import PhotoError, encode, read, save
from colorizer.images.provenance import merged_xmp, with_note
from colorizer.pipeline.rendering import Rendering
from tests.support.pictures import distance

NOTE = "Colours are simulated & so."
XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator><rdf:Seq><rdf:li>Leo</rdf:li></rdf:Seq>
</dc:creator><dc:description><rdf:Alt><rdf:li xml:lang="x-default">Wedding</rdf:li></rdf:Alt>
</dc:description></rdf:Description></rdf:RDF></x:xmpmeta>"""
IPTC = b"\x1c\x02\x69\x00\x05Title"
LOSSLESS = [ending for ending, form in FORMATS.items() if form.lossless]
DEEP = [ending for ending, form in FORMATS.items() if form.deep]
NAMES = {"JPEG": "JPEG", "PNG": "PNG", "TIFF": "TIFF", "WebP": "WEBP", "AVIF": "AVIF"}
NAMES |= {"HEIC": "HEIF", "BMP": "BMP"}


@pytest.fixture(scope="module")
def original(grey) -> bytes:
    """A JPEG with everything that a file may say beside its pixels."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.ImageDescription] = "Zeiss", "Aunt Ida"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "1931:05:01 12:00:00"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    block = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + len(IPTC).to_bytes(4, "big") + IPTC
    block += b"\0" * (len(IPTC) % 2)
    stream = io.BytesIO()
    Image.fromarray(grey).save(
        stream,
        "JPEG",
        quality=95,
        exif=exif,
        xmp=XMP,
        comment=b"on the back: 1931",
        dpi=(300, 300),
        extra=b"\xff\xed" + (len(block) + 2).to_bytes(2, "big") + block,
    )
    return stream.getvalue()


@pytest.mark.parametrize("ending", FORMATS)
def test_the_ending_says_the_format_and_words_survive(tmp_path, coffee, original, ending):
    source = read(original)
    path = tmp_path / f"out{ending}"
    save(Image.fromarray(coffee), path, metadata=source.metadata, note=NOTE)
    form = FORMATS[ending]
    with Image.open(path) as image:
        assert image.format == NAMES[form.name]
    photo = read(path)
    if form.lossless:
        assert distance(photo.color, coffee) == 0
    else:
        assert np.abs(photo.color.astype(int) - coffee).mean() < 3
    assert photo.metadata.dpi == pytest.approx((300, 300), abs=0.1)
    if form.name == "BMP":
        return
    xmp = photo.metadata.xmp
    for word in (b"Leo", b"Wedding", b"simulated", b"compositeWithTrainedAlgorithmicMedia"):
        assert word in xmp
    assert b"Orientation" not in xmp
    exif = Image.Exif()
    exif.load(photo.exif)
    assert exif[ExifTags.Base.Make] == "Zeiss"
    assert exif[ExifTags.Base.ImageDescription].startswith("Aunt Ida")
    details = exif.get_ifd(ExifTags.IFD.Exif)
    assert details[ExifTags.Base.DateTimeOriginal] == "1931:05:01 12:00:00"
    assert exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] == "N"
    if form.name in {"JPEG", "PNG", "TIFF"}:
        assert photo.metadata.iptc == IPTC
    if form.name in {"JPEG", "PNG"}:
        assert "on the back: 1931" in photo.metadata.texts["Comment"]


@pytest.mark.parametrize("ending", [".gif", ".xyz", ""])
def test_other_endings_are_refused(tmp_path, coffee, ending):
    with pytest.raises(PhotoError, match=r"ending must be one of \.png"):
        save(Image.fromarray(coffee), tmp_path / f"out{ending}")
    assert list(tmp_path.iterdir()) == []


def _rendering(photo, bits: int) -> Rendering:
    working = np.zeros((32, 48), np.float32) + 50
    return Rendering(photo, working, np.full((2, 8, 12), 12, np.float32), bits=bits)


@pytest.mark.parametrize("ending", DEEP)
@pytest.mark.parametrize("alpha", [False, True])
def test_16_bits_keep_the_lightness_at_full_depth(tmp_path, grey, ending, alpha):
    deep = np.linspace(0, 65535, grey.size).reshape(grey.shape).astype(np.uint16)
    photo = read(np.dstack([deep, grey.astype(np.uint16) * 257]) if alpha else deep)
    assert photo.deep
    for bits in (8, 16):
        save(_rendering(photo, bits), tmp_path / f"{bits}{ending}", note=NOTE)
    fine, coarse = read(tmp_path / f"16{ending}"), read(tmp_path / f"8{ending}")
    assert fine.values.dtype == np.uint16
    assert distance(fine.lightness, lightness(deep)) < 0.1
    assert distance(coarse.lightness, lightness(deep)) < 0.5
    assert len(np.unique(fine.lightness)) > 50 * len(np.unique(coarse.lightness[:1]))
    if alpha:
        assert distance(fine.alpha, grey) == distance(coarse.alpha, grey) == 0


def test_16_bits_are_refused_where_the_format_has_8(tmp_path, grey):
    with pytest.raises(PhotoError, match="cannot have 16 bits"):
        save(_rendering(read(grey), 16), tmp_path / "out.jpg")


def test_a_picture_made_in_strips_is_the_whole_one(coffee):
    photo = read(coffee)
    rendering = _rendering(photo, 8)
    whole = np.asarray(rendering.image())
    for rows in (1, 7, 4000):
        strips = np.concatenate(list(rendering.strips(rows)))
        assert distance(strips, whole) <= 1  # sums in another order


def test_encode_gives_what_save_writes(tmp_path, coffee, original):
    facts = read(original).metadata
    image = Image.fromarray(coffee)
    for ending in (".png", ".jpg", ".tif"):
        save(image, tmp_path / f"a{ending}", metadata=facts, note=NOTE)
        data = encode(image, f"b{ending}", metadata=facts, note=NOTE)
        assert (tmp_path / f"a{ending}").read_bytes() == data


def test_a_note_is_not_said_twice():
    assert with_note(None, NOTE) == NOTE
    assert with_note(with_note("1931", NOTE), NOTE) == f"1931\n{NOTE}"
    once = merged_xmp(XMP, NOTE)
    assert merged_xmp(once, NOTE).count(b"simulated") == 1
    assert merged_xmp(once, NOTE).count(b"compositeWithTrainedAlgorithmicMedia") == 1
    assert b"simulated" in merged_xmp(b"<no xml", NOTE)


def test_words_too_long_for_a_jpeg_do_not_stop_it(tmp_path, coffee):
    long = XMP.replace(b"Wedding", b"Wedding " * 20_000)
    facts = Metadata(xmp=long, texts={"Comment": "x" * 100_000})
    save(Image.fromarray(coffee), tmp_path / "out.jpg", metadata=facts, note=NOTE)
    assert b"simulated" in read(tmp_path / "out.jpg").metadata.xmp
