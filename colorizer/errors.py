"""The one exception above all others of this package."""

from __future__ import annotations

from pathlib import Path


class ColorizerError(Exception):
    """A request that cannot be met; the message is one sentence for a person.

    Every exception that this package defines is one, and a ValueError or FileNotFoundError
    beside, as it always was.
    """


class PhotoError(ColorizerError, ValueError):
    """What is wrong with a picture, in one sentence for the person who brought it."""


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
    """The sentence of an error with the path of the photograph in it."""
    text, name = sentence(error), f"“{source.name}”"
    return text.replace(name, f"“{source}”", 1) if name in text else f"{source}: {text}"
