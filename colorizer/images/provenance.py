"""The note that a written picture carries: its colours are simulated, and by which approach."""

from __future__ import annotations

from xml.etree import ElementTree

# What every written picture should say of itself.
SIMULATED = (
    "Colours are simulated: guessed by a computer from lightness, no record of what was there."
)
# By this part of the note a file is known to be ours.
MADE_BY = "Made by colorizer"
_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
_SPACES = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
}
# What is no longer true of the coloured file: it stands upright, in sRGB, and looks different.
_STALE = ("tiff:Orientation", "photoshop:ICCProfile", "photoshop:ColorMode", "xmp:Thumbnails")
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def merged_xmp(old: bytes | None, note: str) -> bytes:
    """A packet with all that ``old`` says, and the note added to its description.

    It has IPTC's word for a picture to which an algorithm has added.
    """
    for prefix, space in _SPACES.items():
        ElementTree.register_namespace(prefix, space)
    root = _packet(old)
    rdf = root.find("rdf:RDF", _SPACES) if root.tag != _name("rdf:RDF") else root
    for parent in list(rdf.iter()):
        for stale in map(_name, _STALE):
            parent.attrib.pop(stale, None)
            for child in parent.findall(stale):
                parent.remove(child)
        parent.attrib.pop(_name("Iptc4xmpExt:DigitalSourceType"), None)
        for child in parent.findall(_name("Iptc4xmpExt:DigitalSourceType")):
            parent.remove(child)
    entry = rdf.find(".//dc:description/rdf:Alt/rdf:li", _SPACES)
    about = ElementTree.SubElement(rdf, _name("rdf:Description"), {_name("rdf:about"): ""})
    if entry is None:
        alt = ElementTree.SubElement(
            ElementTree.SubElement(about, _name("dc:description")), _name("rdf:Alt")
        )
        entry = ElementTree.SubElement(alt, _name("rdf:li"), {_XML_LANG: "x-default"})
    entry.text = with_note(entry.text, note)
    ElementTree.SubElement(about, _name("Iptc4xmpExt:DigitalSourceType")).text = _SOURCE_TYPE
    body = ElementTree.tostring(root, encoding="unicode")
    begin = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    return f'{begin}\n{body}\n<?xpacket end="r"?>'.encode()


def _packet(old: bytes | None) -> ElementTree.Element:
    """The XMP to add to; an empty one where there is none or it cannot be parsed."""
    try:
        root = ElementTree.fromstring(old) if old else None
        if root is not None and (
            root.tag == _name("rdf:RDF") or root.find("rdf:RDF", _SPACES) is not None
        ):
            return root
    except (ElementTree.ParseError, ValueError):
        pass
    root = ElementTree.Element(_name("x:xmpmeta"))
    ElementTree.SubElement(root, _name("rdf:RDF"))
    return root


def _name(short: str) -> str:
    """prefix:name as ElementTree has it."""
    prefix, name = short.split(":")
    return f"{{{_SPACES[prefix]}}}{name}"


def with_note(words: str | None, note: str) -> str:
    """Words that were there and the note, which is not said twice."""
    if not words or not words.strip():
        return note
    return words if note in words else f"{words.rstrip()}\n{note}"


def provenance(title: str, key: str) -> str:
    """The note of a picture: that its colours are simulated, and by which approach."""
    return f"{SIMULATED} {MADE_BY}, method {title} ({key})."


def is_ours(data: bytes) -> bool:
    """True for the bytes of a file whose note says that we made it."""
    return MADE_BY.encode() in data
