"""Files of a photograph in colour, to be downloaded.  Nothing here imports Gradio."""

from __future__ import annotations

from typing import Any

from colorizer.images import photo

from . import montage
from .setting import SIMULATED, Chosen, Setting, came_as_jpeg, note, render
from .studio import Studio, in_grey

PNG, JPEG, SHARED = "PNG", "JPEG", "Before + after"


def kind_for(chosen: Chosen) -> str:
    """The kind of file that is offered first: JPEG for what came as one."""
    return JPEG if came_as_jpeg(chosen.path) else PNG


def download(
    studio: Studio, chosen: Chosen, key: str, setting: Setting, visitor: str, kind: str = PNG
) -> str:
    """The photograph in colour at its own size, or beside its grey self; the file's path."""
    analysis = studio.analysis(chosen, key, visitor)
    return write(studio, chosen, analysis, setting, visitor, kind)


def write(
    studio: Studio, chosen: Chosen, analysis: Any, setting: Setting, visitor: str, kind: str = PNG
) -> str:
    """The file of one kind, with a note that its colours are simulated."""
    approach = analysis.approach
    name = f"{chosen.name}-color"
    if kind == SHARED:
        side = montage.SHARED_SIDE
        image = montage.before_after(
            in_grey(studio.preview(chosen, visitor, side)),
            render(analysis, setting, side),
            f"After: colours simulated ({approach.title})",
            SIMULATED,
        )
        name = f"{chosen.name}-before-after"
    else:
        image = render(analysis, setting)
    path = studio.files.place("download", visitor, f"{name}{'.jpg' if kind == JPEG else '.png'}")
    photo.save(image, path, metadata=analysis.photo.metadata, note=note(approach, setting))
    return str(path)
