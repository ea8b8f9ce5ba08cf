"""Places on a disk or in a bucket, by fsspec: listing, reading, and writing whole files.

A bucket's credentials are found by its own library in the usual places (environment,
configuration files, the machine's role); nothing here reads or prints them.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem

from colorizer.errors import ColorizerError

# Errors of a target that meet every further photograph as well: the run stops.
_FATAL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTCONN}
# What file systems call the mark of an object's content, most exact first.
_MARKS = ("ETag", "etag", "md5Hash", "sha256", "blob_id", "content_md5", "crc32c")
_TIMES = ("LastModified", "last_modified", "mtime", "updated", "created")


class StorageError(ColorizerError, OSError):
    """A place that cannot be used; the message is one sentence for a person.

    url: the place, as in :class:`Place`.
    """

    def __init__(self, message: str, *, url: str = "") -> None:
        super().__init__(message)
        self.url = url


class TargetError(StorageError):
    """The target takes no more files; the run stops, and can be started again later."""


def is_url(text: str) -> bool:
    """True for ``s3://…`` and the like, False for a path."""
    return "://" in text


@dataclass(frozen=True)
class Place:
    """A folder, or a prefix in a bucket.

    url: a path of this computer, or ``scheme://bucket/prefix``.
    """

    url: str

    @cached_property
    def _found(self) -> tuple[fsspec.AbstractFileSystem, str]:
        if not is_url(self.url):
            return LocalFileSystem(), os.path.abspath(self.url)
        try:
            fs, path = fsspec.core.url_to_fs(self.url)
        except (ImportError, ValueError) as error:
            raise StorageError(
                f"{self.url} cannot be opened: {_first_line(error)}", url=self.url
            ) from None
        return fs, path.rstrip("/")

    def __getstate__(self) -> dict:
        return {"url": self.url}  # file systems are opened anew in every process

    def __setstate__(self, state: dict) -> None:
        object.__setattr__(self, "url", state["url"])

    @property
    def fs(self) -> fsspec.AbstractFileSystem:
        """The file system that has the place."""
        return self._found[0]

    @property
    def root(self) -> str:
        """The place's path in its file system, without a slash at the end."""
        return self._found[1]

    @property
    def local(self) -> bool:
        """True for a folder of this computer."""
        return isinstance(self.fs, LocalFileSystem)

    def path(self, name: str = "") -> str:
        """``name`` below this place, as its file system wants it."""
        return f"{self.root.rstrip('/')}/{name}" if name else self.root

    def below(self, name: str) -> Place:
        """The place ``name`` below this one."""
        return Place(f"{self.url.rstrip('/')}/{name}")

    def exists(self, name: str = "") -> bool:
        """True if there is something of this name."""
        if self.local:
            return os.path.lexists(self.path(name))
        return self.fs.exists(self.path(name))

    def read(self, name: str) -> bytes:
        """The whole file ``name``.  Raises OSError."""
        return self.fs.cat_file(self.path(name))

    def names(self, folder: str = "") -> list[str]:
        """Names of the files directly in ``folder``; none if there is no such folder."""
        try:
            found = self.fs.ls(self.path(folder), detail=True, refresh=True)
        except FileNotFoundError:
            return []
        return sorted(e["name"].rsplit("/", 1)[-1] for e in found if e["type"] == "file")

    def folders(self) -> Iterator[tuple[str, dict[str, dict]]]:
        """(folder below this place, its files by name with their facts), folder by folder.

        Hidden folders are left out.  Only one folder is in memory at a time.
        """
        for folder, below, files in self.fs.walk(self.root, detail=True):
            for name in [n for n in below if n.startswith(".")]:
                del below[name]
            yield folder[len(self.root) :].strip("/"), files

    def write(self, name: str, data: bytes, *, replace: bool = True) -> None:
        """Write a file that appears whole or not at all.

        replace: whether a file of that name may be replaced.  Raises FileExistsError where it may
        not, :class:`TargetError` if the place is full or closed, OSError for all else.
        """
        try:
            if self.local:
                _write_local(Path(self.path(name)), data, replace)
            elif replace:
                self.fs.pipe_file(self.path(name), data)
            elif self.exists(name):  # not every file system knows the mode
                raise FileExistsError(name)
            else:
                self.fs.pipe_file(self.path(name), data, mode="create")
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno in _FATAL:
                raise TargetError(
                    f"{self.url} takes no more files: {error.strerror or _first_line(error)}.",
                    url=self.url,
                ) from None
            raise

    def sweep(self, name: str) -> None:
        """Remove what a process that was ended left of writing ``name``."""
        if self.local:
            path = Path(self.path(name))
            for partial in path.parent.glob(partial_name(path, "*")):
                partial.unlink(missing_ok=True)

    def remove(self, *names: str) -> None:
        """Remove files; what is gone already is no error."""
        for name in names:
            with suppress(FileNotFoundError):
                self.fs.rm_file(self.path(name))


def input_mark(facts: dict) -> str:
    """The mark of a file's content from what its file system says: an ETag, or size and time."""
    for key in _MARKS:
        if facts.get(key):
            return str(facts[key]).strip('"')
    return f"{facts.get('size')}-{next((facts[k] for k in _TIMES if facts.get(k)), '')}"


def local_mark(path: str) -> str:
    """Size in bytes and time of change in nanoseconds.  Raises OSError."""
    status = os.stat(path)
    return f"{status.st_size}-{status.st_mtime_ns}"


def _write_local(path: Path, data: bytes, replace: bool) -> None:
    """Write beside, flush to disk, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(partial_name(path, secrets.token_hex(4)))
    try:
        with partial.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            os.replace(partial, path)
        else:
            os.link(partial, path)
    finally:
        with suppress(OSError):
            partial.unlink()


def partial_name(path: Path, mark: str) -> str:
    """Name of a partial file of ``path``; with the mark ``*`` a pattern that finds all of them."""
    token = hashlib.blake2b(os.fsencode(path.name), digest_size=6).hexdigest()
    return f".{token}-{mark}.part"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
