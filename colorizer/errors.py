"""Exceptions: the one above all others, for wrong arguments, for pictures; and their sentences."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Sentence(str):
    """A sentence for a person that still knows its words and its values, for other languages.

    template: the words, with ``{name}`` where a value stands.  values: by name.
    """

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Sentence:
        """The template with the values in it."""
        made = super().__new__(cls, template.format(**values) if values else template)
        made.template, made.values = template, values
        return made


class ColorizerError(Exception):
    """A request that cannot be met; the message is one sentence for a person.

    Every exception that this package defines is one, and a ValueError or FileNotFoundError
    beside.  What a program has to know is in attributes, never in the text of the message.
    """

    @property
    def message(self) -> str:
        """The sentence; a :class:`Sentence` where it can be said in other languages."""
        return self.args[0] if self.args else ""


class InvalidArgument(ColorizerError, ValueError):
    """A wrong argument: of another type, out of range, or not of this approach.

    argument: the keyword, such as ``top_k``.  value: what was given for it.  limits: the least and
    the most that are allowed, where there are such (None: no limit on this side).
    """

    def __init__(
        self,
        message: str,
        argument: str = "",
        value: Any = None,
        *,
        limits: tuple[float | None, float | None] | None = None,
    ) -> None:
        super().__init__(message)
        self.argument, self.value, self.limits = argument, value, limits


class MissingDevice(InvalidArgument):
    """A device that this computer, or this build of PyTorch, does not have; ``device`` names it."""

    def __init__(self, message: str, device: str = "") -> None:
        super().__init__(message, "device", device)
        self.device = device


class PhotoError(ColorizerError, ValueError):
    """A picture that cannot be used, in one sentence for the person who brought it.

    subject: how the sentence calls the picture that was read, such as “cat.jpg”; empty where a
    result could not be written.  path: of the result that could not be written.  size, limit:
    (width, height) if known, and the most pixels that were allowed, where it has too many.
    """

    def __init__(
        self,
        message: str,
        *,
        subject: str = "",
        path: Path | None = None,
        size: tuple[int, int] | None = None,
        limit: int | None = None,
    ) -> None:
        super().__init__(message)
        self.subject, self.path, self.size, self.limit = subject, path, size, limit


class Exists(PhotoError):
    """There is a file of that name already, and it was to be kept."""


class NoSpace(PhotoError):
    """The disk is full; what else there is to write will fail too."""


def sentence(error: BaseException) -> str:
    """One line for a person, whatever went wrong."""
    if isinstance(error, ColorizerError):
        text = str(error)
    elif isinstance(error, OSError) and error.strerror:
        text = error.strerror + "."
    elif isinstance(error, MemoryError):
        text = "there is not enough memory for it."
    else:
        text = f"unexpected error, --debug shows where ({type(error).__name__}: {error})."
    return " ".join(text.split())


def sentence_about(source: Path, error: BaseException) -> str:
    """The sentence of an error, with the photograph in it that it is about."""
    named = isinstance(error, PhotoError) and error.subject
    return sentence(error) if named else f"{source}: {sentence(error)}"
