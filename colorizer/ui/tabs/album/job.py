"""The work behind the tab *Album*: one photograph after the other, a zip, and a table of lines.

Nothing here imports Gradio.
"""

from __future__ import annotations

import csv
import io
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

from colorizer.batch.archives import Limits, Member
from colorizer.batch.result_names import result_names
from colorizer.images import photo
from colorizer.pipeline import Analysis

from ...backend.setting import Setting, came_as_jpeg, note, render
from ...backend.studio import Studio
from ...languages import _
from ...server.settings import Settings

SAME, PNG, JPEG = "As they came", "PNG, lossless", "JPEG, smaller"
SUFFIXES = {PNG: ".png", JPEG: ".jpg"}
OVER = "“{name}” would take this album over its {whole} megapixels; send it in another one."
LIMITS = (
    "Up to {count} photographs in one go, as files or in zip archives: {mb} MB and {mp} megapixels "
    "each, {all_mb} MB and {all_mp} megapixels together."
)
TABLE = "what-happened.csv"
TILE_SIDE = 360  # px, of a picture in the list
COLOURED, LEFT_OUT, FAILED, WAITING = "coloured", "left out", "failed", "waiting"


@dataclass(frozen=True)
class Line:
    """The outcome of one photograph: a line of the table and a tile of the list."""

    file: str
    status: str = WAITING
    result: str = ""
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    note: str = ""


@dataclass
class Progress:
    """An album under way; ``zip`` is there once it is done."""

    lines: list[Line]
    pictures: dict[int, str] = field(default_factory=dict)
    working: str = ""
    zip: str | None = None

    def count(self, status: str) -> int:
        return sum(line.status == status for line in self.lines)


def limits(settings: Settings) -> Limits:
    return Limits(settings.album_photos, settings.max_file_mb * 2**20, settings.album_mb * 2**20)


def limits_in_words(settings: Settings) -> str:
    """The limits in one sentence, before anything is sent."""
    return _(
        LIMITS,
        count=settings.album_photos,
        mb=settings.max_file_mb,
        mp=settings.max_megapixels,
        all_mb=settings.album_mb,
        all_mp=settings.album_megapixels,
    )


def suffix(kind: str, name: str) -> str:
    """Ending of a photograph's result: its own kind's, or JPEG for what came as JPEG."""
    return SUFFIXES.get(kind) or SUFFIXES[JPEG if came_as_jpeg(name) else PNG]


def plan(members: Sequence[Member], kind: str) -> list[Line]:
    """A line for every member, with the name that its result will have."""
    stems: dict[str, dict[str, str]] = {}
    for folder in {m.folder for m in members}:
        stems[folder] = result_names(m.file for m in members if m.folder == folder)
    return [
        Line(m.name, LEFT_OUT, note=m.trouble)
        if m.trouble
        else Line(m.name, result=_joined(m.folder, stems[m.folder][m.file] + suffix(kind, m.file)))
        for m in members
    ]


def _joined(folder: str, file: str) -> str:
    return file if folder == "." else f"{folder}/{file}"


def run(
    studio: Studio,
    members: Sequence[Member],
    key: str,
    setting: Setting,
    kind: str,
    visitor: str,
) -> Iterator[Progress]:
    """Colorize an album one photograph after the other; a bad one never stops the rest.

    Raises what :meth:`Studio.model` raises.  The zip has the results under their photographs'
    names and folders, and the table of what happened.
    """
    model = studio.model(key)
    progress = Progress(plan(members, kind))
    target = studio.files.place("album-zip", visitor, "colorizer-album.zip")
    pixels_left = studio.settings.album_megapixels * 1_000_000
    done = False
    try:
        # The pictures are compressed already; a zip of them need not be compressed again.
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            for i, (member, line) in enumerate(zip(members, progress.lines, strict=True)):
                if line.status != WAITING:
                    continue
                progress.working = member.name
                yield progress
                start = time.perf_counter()
                try:
                    source = _read(studio, member, pixels_left)
                    pixels_left -= source.width * source.height
                    analysis = model.analyze(source)
                    _add(archive, analysis, setting, line.result, target.parent)
                    small = render(analysis, setting, TILE_SIDE)
                    progress.pictures[i] = studio.files.write(small, "album", visitor, "tile")
                    line = _coloured(line, source)
                except Exception as error:
                    line = replace(line, status=FAILED, result="", note=_reason(error))
                progress.lines[i] = replace(line, seconds=round(time.perf_counter() - start, 2))
            archive.writestr(TABLE, table(progress.lines))
        done = True
    finally:
        if not done:  # stopped, or its visitor has left
            with suppress(OSError):
                target.unlink()
    progress.working, progress.zip = "", str(target)
    yield progress


def _read(studio: Studio, member: Member, pixels_left: int) -> photo.Photo:
    each = studio.settings.max_megapixels * 1_000_000
    stream = member.stream(studio.settings.max_file_mb * 2**20)
    try:
        return photo.read(stream, max_pixels=min(each, pixels_left))
    except photo.PhotoError as error:
        if pixels_left < each and error.limit is not None:
            whole = studio.settings.album_megapixels
            raise photo.PhotoError(_(OVER, name=member.file, whole=whole)) from None
        raise


def _coloured(line: Line, source: photo.Photo) -> Line:
    """The line of a photograph that has its colours."""
    return replace(
        line,
        status=COLOURED,
        width=source.width,
        height=source.height,
        note=source.notes[0] if len(source.notes) == 1 else " ".join(source.notes),
    )


def _add(
    archive: zipfile.ZipFile, analysis: Analysis, setting: Setting, name: str, folder: Path
) -> None:
    """Write one result into the zip, through a file beside it."""
    path = folder / f"result{Path(name).suffix}"
    words = note(analysis.approach, setting)
    metadata = analysis.photo.metadata
    try:
        image = render(analysis, setting)
        photo.save(image, path, metadata=metadata, overwrite=True, note=words)
        archive.write(path, name)
    finally:
        path.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    """One sentence for a person, without a path of the server."""
    if isinstance(error, photo.PhotoError):
        return error.message
    if isinstance(error, MemoryError):
        return _("There is not enough memory for it.")
    return _("Something unexpected went wrong with it.")


def unpack(studio: Studio, member: Member, visitor: str) -> Path:
    """File of one photograph of an album, taken out of its archive.  Raises PhotoError."""
    stream = member.stream(studio.settings.max_file_mb * 2**20)
    path = studio.files.place("from-album", visitor, Path(member.file).name)
    path.write_bytes(stream.getvalue())
    return path


def table(lines: Sequence[Line]) -> str:
    """The lines as CSV, for spreadsheets too: no cell begins like a formula."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [f.name for f in fields(Line)], lineterminator="\r\n")
    writer.writeheader()
    for line in lines:
        row = {name: "" if v is None else v for name, v in asdict(line).items()}
        writer.writerow(
            {k: f"'{v}" if str(v)[:1] in tuple("=+-@\t\r") else v for k, v in row.items()}
        )
    return "\ufeff" + text.getvalue()  # the mark tells spreadsheets that it is UTF-8
