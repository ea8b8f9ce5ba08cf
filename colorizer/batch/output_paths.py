"""Photographs to colorize, and the place of each result.  Nothing here opens a photograph."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from colorizer.errors import ColorizerError
from colorizer.images.endings import READABLE, WRITABLE

from .result_names import RESULT_SUFFIX, earlier_results, is_photograph, result_names

# How pictures begin; for files without an ending.
_SIGNATURES = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF8",
    b"II*\0",
    b"MM\0*",
    b"BM",
    b"\0\0\0\x0cjP  ",
)  # fmt: skip


class AlbumError(ColorizerError, ValueError):
    """Photographs that make no album; the message is one sentence for a person.

    path: the folder or file that is wrong.  count, limit: photographs or bytes, and the most that
    are allowed, where there are too many.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | Path | None = None,
        count: int | None = None,
        limit: int | None = None,
    ) -> None:
        super().__init__(message)
        self.path, self.count, self.limit = path, count, limit


@dataclass(frozen=True)
class Task:
    """One photograph and the file of each of its results, in the order of the endings.

    name: what the table of results calls it: its path below the folder that was named, or its
    whole path.  replace: whether what is there is an earlier result of ours.
    """

    source: Path
    outputs: tuple[Path, ...]
    name: str = ""
    replace: bool = False


@dataclass
class Plan:
    """All tasks; a line for every path that cannot be one; how many earlier results were met.

    notes: lines for what is left out without being wrong.
    unread: what the folders hold that no photograph's ending has, counted by ending.
    target: the folder of all results, if a folder was searched.
    """

    tasks: list[Task] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    earlier: int = 0
    notes: list[str] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    target: Path | None = None


def make_plan(inputs: Sequence[str], output: str | None, seeds: Sequence[int] | None) -> Plan:
    """Tasks for the paths of a command line.

    inputs: photographs, or folders that are searched with all that is below them.
    output: a file, a folder, or None for results beside their photographs.  It is a folder if it
        exists as one, ends in a separator, has no suffix, or has to hold more than one result.
    seeds: one result for each, ``name-seed7.png``; None for one result per photograph.

    A single photograph becomes ``name-color.png``; those of a folder keep their names and
    subfolders.  Raises :class:`AlbumError` if the paths do not go together.
    """
    plan = Plan()
    if output is not None and not output.strip():
        raise AlbumError("-o is empty; say where the results go.")
    folders = [Path(text) for text in inputs if os.path.isdir(text)]
    several = bool(folders) or len(inputs) > 1 or seeds is not None
    target = _target(output, several)
    if folders and target is None:
        raise AlbumError(
            f"{folders[0]} is a folder: say with -o where its results go.", path=folders[0]
        )
    plan.target = target if folders else None
    endings = tuple(f"-seed{seed}{RESULT_SUFFIX}" for seed in seeds or ())
    single = output is not None and not several and not _means_folder(output)
    names: dict[Path, dict[str, str]] = {}  # of every folder met, so that each is listed once
    for text in inputs:
        source = Path(text)
        try:
            kind = _kind(source)
        except OSError as error:
            plan.problems.append(f"{source}: it cannot be looked at ({error.strerror}).")
            continue
        if kind == "folder":
            _add_folder(plan, source, target, endings or (RESULT_SUFFIX,))
        elif kind != "file":
            what = "there is no such file or folder" if kind is None else "this is no ordinary file"
            plan.problems.append(f"{source}: {what}.")
        elif output is not None and single:
            plan.tasks.append(Task(source, (Path(output),), _whole(source)))
        else:
            outputs = _outputs(source, target, endings or ("-color" + RESULT_SUFFIX,), names)
            plan.tasks.append(Task(source, outputs, _whole(source)))
    _check(plan)
    return plan


def _kind(path: Path) -> str | None:
    """ "folder", "file", "other", or None if there is nothing."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    return "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "other"


def _outputs(
    source: Path, target: Path | None, endings: tuple[str, ...], names: dict[Path, dict[str, str]]
) -> tuple[Path, ...]:
    """Results of a photograph that was named itself; ``names`` is filled, by folder."""
    if source.parent not in names:
        names[source.parent] = result_names(_photographs(source.parent))
    known = names[source.parent]
    if source.name not in known:
        known = result_names([*known, source.name])
    folder = source.parent if target is None else target
    return tuple(folder / (known[source.name] + ending) for ending in endings)


def _means_folder(output: str) -> bool:
    separators = tuple(filter(None, (os.sep, os.altsep)))
    path = Path(output)
    return output.endswith(separators) or os.path.isdir(path) or not path.suffix


def _target(output: str | None, several: bool) -> Path | None:
    """The folder that results go to, if they do; whatever is wrong with ``output`` shows here."""
    if output is None:
        return None
    path = Path(output)
    if not several and not _means_folder(output) and path.suffix.lower() not in WRITABLE:
        raise AlbumError(
            f"{path} cannot be written: a picture's ending is one of {', '.join(WRITABLE)}, and a "
            f"folder is written {path}{os.sep}.",
            path=path,
        )
    nearest = next((p for p in path.parents if os.path.exists(p)), path.parent)
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise AlbumError(
            f"Nothing can be written to {path}: {nearest} is no folder open to you.", path=path
        )
    if not several and not _means_folder(output):
        return None
    if path.exists() and not path.is_dir():
        raise AlbumError(f"{path} is a file, and -o must be a folder here.", path=path)
    if not path.exists() and not _means_folder(output) and path.suffix.lower() in WRITABLE:
        raise AlbumError(f"For more than one result -o must be a folder, not {path}.", path=path)
    return path


def _photographs(folder: Path) -> list[str]:
    """Names of the files in ``folder`` that look like photographs; hidden ones do not."""
    try:
        entries = os.listdir(folder)
    except OSError:
        return []
    return [n for n in entries if is_photograph(n) and (folder / n).is_file()]


def _add_folder(plan: Plan, top: Path, target: Path, endings: tuple[str, ...]) -> None:
    """Add every photograph below ``top``, but none of the target folder and no earlier result."""
    own = os.path.realpath(target)
    if own == os.path.realpath(top):
        raise AlbumError(
            f"The results of {top} need a folder of their own; -o is {top} itself.", path=top
        )

    for path, files in _walk(plan, top, own):
        photographs = [name for name in files if _taken(plan, path, name)]
        earlier = earlier_results(photographs)
        plan.earlier += len(earlier)
        names = result_names(f for f in photographs if f not in earlier)
        for file, name in names.items():
            place = target / path.relative_to(top)
            outputs = tuple(place / (name + end) for end in endings)
            below = (path / file).relative_to(top).as_posix()
            plan.tasks.append(Task(path / file, outputs, below))


def _walk(plan: Plan, top: Path, own: str) -> Iterator[tuple[Path, list[str]]]:
    """(folder, names of its files) of all below ``top`` but ``own`` and what is hidden.

    Linked folders are followed, each once, however many ways lead to it.
    """
    seen: set[str] = set()

    def unreadable(error: OSError) -> None:
        plan.problems.append(f"{error.filename}: the folder cannot be opened ({error.strerror}).")

    for folder, below, files in os.walk(top, onerror=unreadable, followlinks=True):
        path, real = Path(folder), os.path.realpath(folder)
        if real in seen:
            below.clear()
            plan.notes.append(f"{path}: this folder was met before by another way; left out.")
            continue
        seen.add(real)
        visible = [b for b in below if not b.startswith(".")]
        visible = [b for b in visible if os.path.realpath(path / b) != own]
        # Links last, so that a folder is met where it lies if it lies here at all.
        below[:] = sorted(visible, key=lambda b: (os.path.islink(path / b), b))
        yield path, sorted(files)


def _taken(plan: Plan, folder: Path, name: str) -> bool:
    """True for a photograph; what is none is counted by its ending."""
    if name.startswith("."):
        return False
    ending = os.path.splitext(name)[1].lower()
    if ending in READABLE:
        return True
    if not ending and _begins_like_a_picture(folder / name):
        return True
    plan.unread[ending or "no ending"] += 1
    return False


def _begins_like_a_picture(path: Path) -> bool:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for
            return False
        with path.open("rb") as file:
            head = file.read(16)
    except OSError:
        return False
    return head.startswith(_SIGNATURES) or head[8:12] == b"WEBP" or head[4:8] == b"ftyp"


def _whole(source: Path) -> str:
    return Path(os.path.abspath(source)).as_posix()


def _check(plan: Plan) -> None:
    """Take each photograph once; no result may replace a photograph or another result."""
    plan.tasks = list({os.path.abspath(task.source): task for task in plan.tasks}.values())
    sources = {_identity(task.source) for task in plan.tasks} - {None}
    writer: dict[str, Path] = {}
    kept = []
    for task in plan.tasks:
        try:
            _check_outputs(task, sources, writer)
        except OSError as error:
            output = getattr(error, "filename", None) or task.outputs[0]
            plan.problems.append(
                f"{task.source}: its result cannot be written to {output} ({error.strerror})."
            )
        else:
            kept.append(task)
    plan.tasks = kept


def _check_outputs(task: Task, sources: set, writer: dict[str, Path]) -> None:
    for output in task.outputs:
        with suppress(FileNotFoundError, NotADirectoryError):  # told when it is written
            status = output.stat()
            if (status.st_dev, status.st_ino) in sources:
                raise AlbumError(
                    f"{output} is itself a photograph to colorize; choose another -o.", path=output
                )
        place = os.path.realpath(output)
        if place in writer:
            raise AlbumError(
                f"{writer[place]} and {task.source} would both be written to {output}; "
                "run the command once for each.",
                path=output,
            )
        writer[place] = task.source


def _identity(path: Path) -> tuple[int, int] | None:
    """The same for all names of one file, hard links included; None for a link to nowhere."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
