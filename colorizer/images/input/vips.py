"""libvips, set up for files from strangers: a few loaders, limits, strips of rows.

Rows are fetched in the calling thread, never through libvips' pool of threads: decoding one file
gains little from a second thread, a busy machine loses much by it, and a pool's threads do not
survive a fork, so that a child process would wait for them for ever.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pyvips

# Loaders without checks for hostile files, and those that start other programs.
pyvips.block_untrusted_set(True)
# The cache of operations goes by file name, and a file may have changed since.
pyvips.cache_set_max(0)
logging.getLogger("pyvips").setLevel(logging.ERROR)

Error = pyvips.Error

_LOADERS = {
    "JPEG": "jpegload_source",
    "PNG": "pngload_source",
    "TIFF": "tiffload_source",
    "WEBP": "webpload_source",
    "GIF": "gifload_source",
}
_KINDS = {
    "uchar": np.uint8,
    "char": np.int8,
    "ushort": np.uint16,
    "short": np.int16,
    "uint": np.uint32,
    "int": np.int32,
    "float": np.float32,
    "double": np.float64,
}
_STRIP_BYTES = 8_000_000


def opened(source: pyvips.Source, format: str, **options: int) -> pyvips.Image:
    """The picture of a source, its header read and nothing decoded.  Raises ``Error``.

    format: a key of ``_LOADERS``.  options: such as the ``page`` of a TIFF.
    """
    load = getattr(pyvips.Image, _LOADERS[format])
    return load(source, access="sequential", fail_on="error", revalidate=True, **options)


def kind(image: pyvips.Image) -> np.dtype:
    """The type of the samples; KeyError for complex ones."""
    return np.dtype(_KINDS[image.format])


def strips(image: pyvips.Image) -> Iterator[tuple[slice, np.ndarray]]:
    """(rows, their samples (n, W, bands)) from top to bottom, a few megabytes at a time."""
    bands, samples = image.bands, kind(image)
    rows = max(1, _STRIP_BYTES // (image.width * bands * samples.itemsize))
    region = pyvips.Region.new(image)
    for top in range(0, image.height, rows):
        count = min(rows, image.height - top)
        data = region.fetch(0, top, image.width, count)
        yield (
            slice(top, top + count),
            np.frombuffer(data, samples).reshape(count, image.width, bands),
        )


def field(image: pyvips.Image, name: str) -> bytes | None:
    """A block of metadata, or None."""
    if not image.get_typeof(name):
        return None
    value = image.get(name)
    return value if isinstance(value, bytes) else None


def pages(image: pyvips.Image) -> int:
    """Number of pages or frames."""
    return image.get("n-pages") if image.get_typeof("n-pages") else 1


def source_of(stream: BinaryIO) -> pyvips.Source:
    """The stream's content from its beginning; a file is read where it lies."""
    stream.seek(0)
    if isinstance(stream, io.BytesIO):
        return pyvips.Source.new_from_memory(stream.getvalue())
    # libvips duplicates the descriptor, and so shares its position in the file.
    return pyvips.Source.new_from_descriptor(stream.fileno())
