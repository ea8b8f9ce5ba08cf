"""The one exception above all others of this package."""

from __future__ import annotations


class ColorizerError(Exception):
    """A request that cannot be met; the message is one sentence for a person.

    Every exception that this package defines is one, and a ValueError or FileNotFoundError
    beside, as it always was.
    """


class PhotoError(ColorizerError, ValueError):
    """What is wrong with a picture, in one sentence for the person who brought it."""
