"""Uploads that hand over files as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr


def photo_input(**arguments: Any) -> gr.Image:
    """An image upload that hands over the file itself, whatever it is.

    Gradio would open it with Pillow first: no EXIF rotation, and a traceback for a bad file.
    :func:`colorizer.images.photo.read` does both well.  Gradio has checked by then that the path is an
    upload.
    """
    component = gr.Image(type="filepath", image_mode=None, format="png", **arguments)
    component.preprocess = lambda payload: payload and payload.path
    # Gradio's own example is an address, which this page refuses to fetch.
    component.example_payload = lambda: {
        "path": "photo.jpg",
        "meta": {"_type": "gradio.FileData"},
    }
    component.example_value = lambda: "photo.jpg"
    return component


def files_input(**arguments: Any) -> gr.File:
    """Files as (the name they came with, where they lie)."""
    component = gr.File(file_count="multiple", type="filepath", **arguments)
    component.preprocess = lambda payload: [
        (file.orig_name or Path(file.path).name, file.path) for file in _listed(payload)
    ]
    return component


def _listed(payload: Any) -> list[Any]:
    """The files of an upload, be it a list of them or one."""
    if payload is None:
        return []
    return list(payload.root) if hasattr(payload, "root") else [payload]
