"""An album that a person dropped: files, and zip archives that are read without unpacking them.

Nothing of an archive is ever written to disk under its own name; its names only become names in
the zip of results.  Every number that an archive states about itself is checked before anything is
decompressed, and again while it is.
"""

from __future__ import annotations

import io
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO

from colorizer.errors import PhotoError, Sentence
from colorizer.images.endings import READABLE

from .output_paths import AlbumError

ZIP = b"PK\x03\x04"
_ZIPS = (ZIP, b"PK\x05\x06", b"PK\x07\x08")  # also an empty archive, and one of several parts
_READ = 2**16  # bytes at a time
# The most that is read at once.  The list of an archive's files is read in one go, so this bounds
# it to some twenty thousand entries, however large the archive says it is.
_LONGEST_READ = 2**20
_LONGEST_NAME = 200  # characters; longer ones do not fit into every file system
# Deflate needs 32 KiB of memory; LZMA may ask for gigabytes.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_CLUTTER = {"__macosx", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Limits:
    """Of one album, stated on the page before anything is sent."""

    photographs: int
    file_bytes: int  # of one photograph, unpacked
    bytes: int  # of all of them together, unpacked


@dataclass(frozen=True)
class Member:
    """One photograph of an album, or what cannot be one.

    name: with its folders, parted by /, no way out of them; it is what the result is called after.
    path: the file, or the archive that holds it as ``entry``.
    trouble: why it is not read, in one sentence; empty for a photograph.
    """

    name: str
    path: Path
    entry: zipfile.ZipInfo | None = None
    size: int = 0
    trouble: str = ""

    @property
    def folder(self) -> str:
        """The folder part of the name."""
        return str(PurePosixPath(self.name).parent)

    @property
    def file(self) -> str:
        """The last part of the name."""
        return PurePosixPath(self.name).name

    def stream(self, limit: int) -> io.BytesIO:
        """The photograph's content, at most ``limit`` bytes.  Raises PhotoError."""
        subject = f"“{self.file}”"
        try:
            if self.entry is None:
                data = _at_most(self.path.open("rb"), limit)
            else:
                with _opened(self.path) as archive:
                    data = _at_most(archive.open(self.entry), limit)
        except _TooLarge:
            raise PhotoError(_larger(self.file, limit), subject=subject) from None
        except _BROKEN:
            raise PhotoError(
                _about(self.file, "{subject} cannot be unpacked, its archive is damaged."),
                subject=subject,
            ) from None
        if data.startswith(_ZIPS):
            raise PhotoError(_archive_inside(self.file), subject=subject)
        stream = io.BytesIO(data)
        stream.name = self.file  # how sentences call it
        return stream


class _TooLarge(ValueError):
    """More bytes than the limit; never leaves this module."""


# What zipfile and zlib raise for archives that are damaged, cut short or made to confuse.
_BROKEN = (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, zlib.error)


def gather(files: Sequence[tuple[str, Path]], limits: Limits) -> list[Member]:
    """Every member of an album, in order.

    files: (name as the person knows it, where it lies).  What an archive holds goes into a folder
        of the archive's name if there is more than one file.
    Raises :class:`AlbumError` with one sentence if all together are over a limit; whatever else is
    wrong with a member is its ``trouble``.
    """
    members: list[Member] = []
    for name, path in files:
        members += _members(name, Path(path), limits, apart=len(files) > 1)
    good = [m for m in members if not m.trouble]
    if len(good) > limits.photographs:
        raise AlbumError(
            Sentence(
                "These are {count} photographs, and one album takes {most}; send them in parts.",
                count=len(good),
                most=limits.photographs,
            ),
            count=len(good),
            limit=limits.photographs,
        )
    total = sum(m.size for m in good)
    if total > limits.bytes:
        raise AlbumError(
            Sentence(
                "These photographs have {size} MB unpacked, and one album takes {most} MB; "
                "send them in parts.",
                size=f"{total / 2**20:.0f}",
                most=limits.bytes // 2**20,
            ),
            count=total,
            limit=limits.bytes,
        )
    return list(_told_apart(members))


def _members(name: str, path: Path, limits: Limits, *, apart: bool) -> Iterator[Member]:
    clean = _clean(PurePosixPath(name.replace("\\", "/")).name) or "photo"
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4)
    except OSError:
        yield Member(
            clean, path, trouble=_about(clean, "{subject} is no longer here; send it again.")
        )
        return
    # What a file is its first bytes say: a picture with an archive behind it is a picture, and an
    # archive that begins like something else is none.
    if head in _ZIPS:
        yield from _entries(clean, path, limits, PurePosixPath(clean).stem if apart else "")
    elif clean.lower().endswith(".zip"):
        yield Member(
            clean, path, trouble=_about(clean, "{subject} does not begin as a zip archive does.")
        )
    else:
        yield Member(clean, path, size=size, trouble=_too_large(clean, size, limits))


def _entries(name: str, path: Path, limits: Limits, folder: str) -> Iterator[Member]:
    if PurePosixPath(name).suffix.lower() in READABLE:
        yield Member(
            name, path, trouble=_about(name, "{subject} is a zip archive under a picture's name.")
        )
        return
    try:
        with _opened(path) as archive:
            entries = archive.infolist()
    except _TooLarge:
        yield Member(name, path, trouble=_about(name, "{subject} lists far too many files."))
        return
    except _BROKEN:
        yield Member(name, path, trouble=_about(name, "{subject} is a damaged zip archive."))
        return
    found = False
    for entry in entries:
        if entry.is_dir() or _is_clutter(entry.filename):
            continue
        found = True
        inner = _inner_name(entry.filename)
        shown = inner or PurePosixPath(entry.filename.replace("\\", "/")).name or "photo"
        trouble = _trouble(entry, inner, limits)
        full = "/".join(filter(None, (folder, _clean(shown) if inner is None else inner)))
        yield Member(full or "photo", path, entry, entry.file_size, trouble)
    if not found:
        yield Member(name, path, trouble=_about(name, "{subject} holds no files."))


def _trouble(entry: zipfile.ZipInfo, inner: str | None, limits: Limits) -> str:
    """Reason why an entry of an archive is not read; empty if it is."""
    shown = _clean(PurePosixPath(entry.filename.replace("\\", "/")).name) or "photo"
    if inner is None:
        return _about(
            shown, "{subject} has a name that leads out of its archive; it was left alone."
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        return _about(shown, "{subject} is a link and no photograph.")
    if entry.flag_bits & _ENCRYPTED:
        return _about(shown, "{subject} is locked with a password.")
    suffix = PurePosixPath(inner).suffix.lower()
    if suffix == ".zip":
        return _archive_inside(shown)
    if suffix not in READABLE:
        return _about(shown, "{subject} is no photograph by its name.")
    if entry.compress_type not in _METHODS:
        return _about(shown, "{subject} is compressed in a way that is not read here.")
    return _too_large(shown, entry.file_size, limits)


def _too_large(shown: str, size: int, limits: Limits) -> str:
    if size <= limits.file_bytes:
        return ""
    return _larger(shown, limits.file_bytes)


def _larger(shown: str, limit: int) -> Sentence:
    return Sentence(
        "{subject} is larger than {limit} MB.", subject=f"“{shown}”", limit=limit // 2**20
    )


def _archive_inside(shown: str) -> Sentence:
    return _about(shown, "{subject} is a zip archive itself; archives in archives stay shut.")


def _about(shown: str, template: str) -> Sentence:
    """A sentence about a file, which ``{subject}`` in the template stands for."""
    return Sentence(template, subject=f"“{shown}”")


def _inner_name(name: str) -> str | None:
    """An archive's name as a path below a folder, or None if it leads anywhere else."""
    name = name.replace("\\", "/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or "\0" in name:
        return None
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts or ".." in parts:
        return None
    return "/".join(map(_clean, parts))


def _clean(name: str) -> str:
    """One part of a path without what no file system, or not every one, takes."""
    name = "".join("_" if c in '<>:"|?*\\/' or ord(c) < 32 or ord(c) == 127 else c for c in name)
    name = name.strip()
    if len(name) > _LONGEST_NAME:
        stem, suffix = os.path.splitext(name)
        name = stem[: _LONGEST_NAME - len(suffix[:20])] + suffix[:20]
    return "_" if name in ("", ".", "..") else name


def _is_clutter(name: str) -> bool:
    """True for what operating systems leave in archives: not worth a line."""
    parts = name.replace("\\", "/").lower().split("/")
    return any(part in _CLUTTER or part.startswith("._") for part in parts) or parts[-1].startswith(
        "."
    )


def _told_apart(members: Iterable[Member]) -> Iterator[Member]:
    """Give members with the same name a number: an archive may hold a name twice."""
    seen: set[str] = set()
    for member in members:
        name, count = member.name, 1
        while name in seen:
            count += 1
            stem, suffix = os.path.splitext(member.name)
            name = f"{stem} ({count}){suffix}"
        seen.add(name)
        yield replace(member, name=name)


class _Bounded(io.BufferedReader):
    """A file that refuses to be read in one great piece."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > _LONGEST_READ:
            raise _TooLarge
        return super().read(size)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    with _Bounded(io.FileIO(path)) as file, zipfile.ZipFile(file) as archive:
        yield archive


def _at_most(stream: IO[bytes], limit: int) -> bytes:
    """All of a stream, read piece by piece; :class:`_TooLarge` once it is more than ``limit``."""
    pieces, total = [], 0
    with stream:
        while piece := stream.read(_READ):
            total += len(piece)
            if total > limit:
                raise _TooLarge
            pieces.append(piece)
    return b"".join(pieces)
