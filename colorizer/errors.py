"""The exception above all others of this package, and the one for wrong arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any


class ColorizerError(Exception):
    """A request that cannot be met; the message is one sentence for a person.

    Every exception that this package defines is one, and a ValueError or FileNotFoundError
    beside.  What a program has to know is in attributes, never in the text of the message.
    """


class InvalidArgument(ColorizerError, ValueError):
    """A wrong argument: of another type, out of range, or not of this approach.

    argument: the keyword, such as ``top_k``.  value: what was given for it.
    """

    def __init__(self, message: str, argument: str = "", value: Any = None) -> None:
        super().__init__(message)
        self.argument, self.value = argument, value

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.argument, self.value)


class MissingDevice(InvalidArgument):
    """A device that this computer, or this build of PyTorch, does not have; ``device`` names it."""

    def __init__(self, message: str, device: str = "") -> None:
        super().__init__(message, "device", device)
        self.device = device

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.device)


class PhotoError(ColorizerError, ValueError):
    """A picture that cannot be used, in one sentence for the person who brought it.

    subject: how the sentence calls the picture that was read, such as “cat.jpg”; empty where a
    result could not be written.  size, limit: (width, height) if known, and the most pixels that
    were allowed, where it has too many.
    """

    subject: str = ""
    size: tuple[int, int] | None = None
    limit: int | None = None


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
    told = isinstance(error, PhotoError) and error.subject
    return sentence(error) if told else f"{source}: {sentence(error)}"
