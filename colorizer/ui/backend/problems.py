"""Problems in words for a person.  Nothing here imports Gradio."""

from __future__ import annotations

import html

from colorizer.checkpoints import BrokenWeights, MissingWeights
from colorizer.errors import ColorizerError
from colorizer.images.photo import PhotoError

from ..languages import _
from ..languages.sentences import RARE, translated


class BadInput(ColorizerError, ValueError):
    """A field on the page that cannot be used as it is; the message is one sentence."""


# What a person can cause.  Its message is one sentence, and there is no traceback.
EXPECTED = (ColorizerError,)

NO_PHOTO = "Open a photograph first: drop one on the left, or take an example."


def sentence(error: Exception) -> str:
    """Message of an error for a person, in the language that is spoken.

    It is safe as HTML, and without a path of the server.
    """
    if isinstance(error, MissingWeights):
        return _("The weights of this method are not here, so it cannot be used.")
    if isinstance(error, BrokenWeights):
        return _("The weights of this method cannot be read, so it cannot be used.")
    message = error.message if isinstance(error, ColorizerError) else str(error)
    otherwise = RARE if isinstance(error, PhotoError) else ""
    return html.escape(translated(message, otherwise), quote=False)
