"""Endings of files that hold photographs, known without importing what reads and writes them."""

# fmt: off
# What a folder or an archive is searched for.  A file that is named itself may have any ending.
READABLE = frozenset({
    ".avif", ".bmp", ".gif", ".heic", ".heif", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg",
    ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp",
})
# Those of colorizer.images.output.formats.
WRITABLE = (
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".webp", ".avif", ".heic", ".heif",
    ".bmp",
)
# fmt: on
