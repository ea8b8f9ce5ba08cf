"""Opening what a person dropped: a path, bytes or a binary file.

:mod:`colorizer.images.photo` makes a photograph of what :func:`opened` gives.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from colorizer.errors import PhotoError, Sentence

from .decoders import Opened, decoder_of
from .refusals import damage_told, refuse_by_name

_HEAD = 4096


@contextmanager
def opened(
    source: str | os.PathLike | bytes | BinaryIO,
    *,
    max_pixels: int,
    subject: str,
    notes: list[str],
) -> Iterator[Opened | Image.Image]:
    """Open a file, checked against ``max_pixels`` but not yet decoded.

    subject: how the file is called in a sentence.  Yields a Pillow image where Pillow decodes it.
    Raises PhotoError.
    """
    if hasattr(source, "read"):
        source = _all_bytes(source, subject)
    with ExitStack() as stack:
        stream = stack.enter_context(_stream(source, subject))
        head = stream.read(_HEAD)
        if not head:
            raise PhotoError(Sentence("{subject} is empty.", subject=subject))
        refuse_by_name(head, source, subject)
        find = decoder_of(head)
        with damage_told(subject):
            found = find(stream, max_pixels=max_pixels, subject=subject, notes=notes)
        yield found


def describe(source: object) -> tuple[str, str]:
    """(name, subject): a file's name without folder and ending, and how a sentence calls it."""
    path = source if isinstance(source, str | os.PathLike) else getattr(source, "name", None)
    if isinstance(path, str | os.PathLike) and Path(path).stem:
        return Path(path).stem, f"“{Path(path).name}”"
    return "photo", Sentence("The picture")


def _all_bytes(file: BinaryIO, subject: str) -> bytes:
    try:
        data = file.read()
        if not data and file.seekable() and file.tell() > 0:
            file.seek(0)  # somebody has read it already, to check it or to show it
            data = file.read()
    except (OSError, ValueError) as error:
        raise PhotoError(f"{subject} cannot be read: {error}.") from None
    if not isinstance(data, bytes):
        raise PhotoError(f"{subject} was opened as text; open it in binary mode.")
    return data


@contextmanager
def _stream(source: str | os.PathLike | bytes, subject: str) -> Iterator[BinaryIO]:
    if isinstance(source, bytes | bytearray | memoryview):
        yield io.BytesIO(source)
        return
    if not isinstance(source, str | os.PathLike):
        raise PhotoError(f"A picture cannot be read from {type(source).__name__}.")
    path = Path(source)
    if os.path.isdir(path):
        raise PhotoError(f"{subject} is a folder, not a picture.")
    if os.path.exists(path) and not os.path.isfile(path):
        raise PhotoError(f"{subject} is not a file.")
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        raise PhotoError(f"There is no file {subject}.") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or error
        raise PhotoError(f"{subject} cannot be opened: {reason}.") from None
    with stream:
        yield stream
