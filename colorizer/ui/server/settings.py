"""The limits of the page, each with a default that suits two cores and a few gigabytes.

A hosted copy changes them with environment variables: ``COLORIZER_`` and the field's name in
capitals, such as ``COLORIZER_MAX_MEGAPIXELS=25``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from colorizer.errors import ColorizerError


class BadSetting(ColorizerError, ValueError):
    """A limit in the environment that cannot be used; the message is one sentence."""


@dataclass(frozen=True)
class Settings:
    """Whole numbers, all at least 1."""

    max_file_mb: int = 40  # a larger upload is refused before it is read
    max_megapixels: int = 60  # a larger photograph is refused before it is decoded
    queue_length: int = 40  # events waiting; one more is told that the queue is full
    workers: int = 1  # photographs worked on at once; torch already uses every core
    max_samples: int = 16  # tiles of the tab Sample, and of one call of /sample
    preview_side: int = 1280  # px, longer side of the picture shown in Colorize
    sample_side: int = 720  # px, of a tile in Sample
    sweep_side: int = 320  # px, of a cell in Sweep
    compare_side: int = 720  # px, of a tile in Compare
    album_photos: int = 100  # photographs in one album
    album_mb: int = 200  # of one album, unpacked; also the largest zip that can be sent
    album_megapixels: int = 600  # of one album; bounds its zip of results
    photos_per_visitor: int = 3  # photographs, with their analyses, kept for one visitor
    kept_photos: int = 24  # of all visitors together
    kept_megapixels: int = 150  # of all visitors together; about 8 bytes of memory a pixel
    kept_analyses: int = 40  # of all visitors together; about 10 to 40 MB each
    cache_mb: int = 8000  # of all files together; the oldest go first
    keep_minutes: int = 60  # how long files of uploads and results may live

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The defaults, changed by the variables that are set.

        Raises :class:`BadSetting` where a value is no whole number above 0.
        """
        changed = {}
        for field in fields(cls):
            variable = f"COLORIZER_{field.name.upper()}"
            text = environment.get(variable, "").strip()
            if not text:
                continue
            if not text.isdecimal() or int(text) < 1:
                raise BadSetting(f"{variable} must be a whole number above 0, not '{text}'.")
            changed[field.name] = int(text)
        return cls(**changed)
