"""Weights: found, read and written.

A checkpoint is a folder with ``config.json`` (what to build) and ``model.safetensors`` (its
parameters, stored as float16).  Only safetensors are read: a pickled file (``.pth``, ``.bin``)
can run any code, and is refused.  Reading is strict: every failure is one sentence for a person.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from .approaches import Approach, approaches
from .errors import ColorizerError

CONFIG, WEIGHTS = "config.json", "model.safetensors"
# The end of keys that are not stored, and not read where they are: batch norms load without them.
UNSTORED = "num_batches_tracked"
VARIABLE = "COLORIZER_CHECKPOINTS"
CHECKPOINTS = Path(__file__).resolve().parent.parent / "checkpoints"  # of a checkout, a Space
PACKAGED = Path(__file__).resolve().parent / "weights"  # of the default approach, in a wheel

# What is fetched from a Hub repository: the checkpoint and its metrics, not its pictures.
HUB_FILES = (CONFIG, WEIGHTS, "metrics.json")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_REPO_ID = re.compile(rf"{_KEY.pattern}/{_KEY.pattern}")
_PICKLES = {".bin", ".ckpt", ".pkl", ".pt", ".pth"}


class MissingWeights(ColorizerError, FileNotFoundError):
    """No weights where they were looked for; the message is one sentence for a person.

    name: an approach's key, a folder or a Hub repository.  revision: of a repository.
    """

    def __init__(self, message: str, *, name: str = "", revision: str | None = None) -> None:
        super().__init__(message)
        self.name, self.revision = name, revision


class BrokenWeights(ColorizerError, ValueError):
    """The weights are there and cannot be used; the message is one sentence for a person.

    folder: where they are.
    """

    def __init__(self, message: str, *, folder: Path | None = None) -> None:
        super().__init__(message)
        self.folder = folder


def folders() -> list[Path]:
    """Folders in which checkpoints are looked for by their keys, in this order.

    The folders that ``COLORIZER_CHECKPOINTS`` names, separated as in ``PATH``; ``checkpoints/`` of
    a checkout; what came with the package.
    """
    named = os.environ.get(VARIABLE, "").split(os.pathsep)
    return [*(Path(part).expanduser() for part in named if part), CHECKPOINTS, PACKAGED]


def folder_of(key: str) -> Path | None:
    """The folder with the checkpoint of an approach; None if it is in none of :func:`folders`."""
    return next((f / key for f in folders() if _complete(f / key)), None)


def shipped() -> tuple[Approach, ...]:
    """The approaches whose weights are in one of :func:`folders`, in the registry's order."""
    return tuple(a for a in approaches() if folder_of(a.key))


def find(name: str | os.PathLike, revision: str | None = None) -> Path:
    """The folder that holds the checkpoint ``name``.

    name: the key of an approach (``mobile``: the folder of that name in one of :func:`folders`,
        whatever the working directory), a folder anywhere (``runs/mobile``, ``./mobile``), or the id of a
        Hugging Face Hub repository (``someone/colorizer-mobile``), which is downloaded once and
        kept in the Hub's own cache.  A folder that exists wins over a repository of that name.
    revision: branch, tag or commit of a Hub repository.

    Raises :class:`MissingWeights` if nothing is there, the Hub included.
    """
    text = os.fspath(name)
    known = folder_of(text) if _KEY.fullmatch(text) else None
    if known is not None:
        return _local(known, revision)
    folder = Path(text).expanduser()
    if text and _complete(folder):
        return _local(folder, revision)
    if text and folder.exists():
        raise MissingWeights(_what_lacks(folder), name=text)
    if _REPO_ID.fullmatch(text):
        return _download(text, revision)
    if _KEY.fullmatch(text):
        message = (
            f"There are no weights for '{text}' here: name the folder of a checkout's checkpoints "
            f"in {VARIABLE}, or load a Hub repository such as 'namespace/colorizer-{text}'."
        )
    else:
        message = (
            f"There are no weights at '{text}': it is neither a folder with {CONFIG} and {WEIGHTS} "
            "nor a Hub repository id such as 'namespace/name'."
        )
    raise MissingWeights(message, name=text)


def load_weights(
    folder: str | os.PathLike,
) -> tuple[dict, dict[str, torch.Tensor]]:
    """The config and the state of the checkpoint in ``folder``.

    Returns the config as a dict and the state as a dict of CPU tensors; floating-point tensors are
    float32 whatever they are stored as, integers stay what they are.  Counts of batches, which
    older checkpoints have, are left out.

    Raises :class:`MissingWeights` if a file is missing, :class:`BrokenWeights` if one cannot be
    read.
    """
    folder = Path(folder)
    if not _complete(folder):
        raise MissingWeights(_what_lacks(folder), name=str(folder))
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenWeights(
            f"{folder / CONFIG} cannot be read as JSON ({error}).", folder=folder
        ) from error
    if not isinstance(config, dict):
        raise BrokenWeights(f"{folder / CONFIG} holds no JSON object.", folder=folder)
    try:
        stored = load_file(folder / WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise BrokenWeights(
            f"{folder / WEIGHTS} is no whole safetensors file (cut short, or only the pointer of "
            "a Git LFS file).",
            folder=folder,
        ) from error
    return config, {
        key: t.float() if t.is_floating_point() else t
        for key, t in stored.items()
        if not key.endswith(UNSTORED)
    }


def save_weights(
    folder: str | os.PathLike,
    config: dict,
    state: dict[str, torch.Tensor],
    dtype: torch.dtype = torch.float16,
) -> None:
    """Write a checkpoint that :func:`load_weights` reads; each file appears whole or not at all.

    state: floating-point tensors are stored as ``dtype`` (as float32 where a finite value would
        become infinite), integers as they are.  Counts of batches are left out, since PyTorch
        loads batch norms without them, and they matter to an average with no momentum alone.

    Raises TypeError if the config is not JSON; nothing is written then.
    """
    stored = {}
    for key, tensor in state.items():
        if key.endswith(UNSTORED):
            continue
        tensor = tensor.detach().cpu()
        # Always a copy: safetensors refuses tensors that share memory or are not contiguous.
        small = tensor.to(dtype if tensor.is_floating_point() else tensor.dtype, copy=True)
        if tensor.is_floating_point() and bool((small.isinf() & ~tensor.isinf()).any()):
            small = tensor.float().clone()  # a variance, most likely: a few values, kept whole
        stored[key] = small.contiguous()
    weights = save(stored, metadata={"format": "pt"})
    text = json.dumps(config, indent=2, ensure_ascii=False) + "\n"
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    replace(folder / WEIGHTS, weights)
    replace(folder / CONFIG, text.encode())


def _complete(folder: Path) -> bool:
    return (folder / CONFIG).is_file() and (folder / WEIGHTS).is_file()


def _what_lacks(folder: Path) -> str:
    """One sentence on why ``folder`` is no checkpoint."""
    if not folder.exists():
        return f"There is no folder {folder}."
    if not folder.is_dir():
        return f"{folder} is a file; give the folder that holds {CONFIG} and {WEIGHTS}."
    if not (folder / WEIGHTS).is_file():
        pickled = sorted(f.name for f in folder.iterdir() if f.suffix.lower() in _PICKLES)
        if pickled:
            return (
                f"{folder} has no {WEIGHTS}, and {pickled[0]} is not read because a pickled file "
                "can run any code: convert it to safetensors."
            )
    lacking = [name for name in (CONFIG, WEIGHTS) if not (folder / name).is_file()]
    return f"The folder {folder} has no {' and no '.join(lacking)}."


def _local(folder: Path, revision: str | None) -> Path:
    if revision is not None:
        raise MissingWeights(
            f"{folder} is a folder on this machine and has no revision '{revision}'; "
            "only Hub repositories have revisions.",
            name=str(folder),
            revision=revision,
        )
    return folder


def _download(repo_id: str, revision: str | None) -> Path:
    """The folder of a Hub repository's files in the Hub's cache, downloaded where needed."""
    # Imported only here: it would add a fifth of a second to every start.
    from huggingface_hub import snapshot_download

    try:
        found = snapshot_download(repo_id, revision=revision, allow_patterns=list(HUB_FILES))
    except Exception as error:
        raise MissingWeights(
            _hub_failure(error, repo_id, revision), name=repo_id, revision=revision
        ) from error
    folder = Path(found)
    if not _complete(folder):
        lacking = [name for name in (CONFIG, WEIGHTS) if not (folder / name).is_file()]
        raise MissingWeights(
            f"The Hub repository {_called(repo_id, revision)} has no {' and no '.join(lacking)}.",
            name=repo_id,
            revision=revision,
        )
    return folder


def _called(repo_id: str, revision: str | None) -> str:
    return f"'{repo_id}'" + (f" at revision '{revision}'" if revision else "")


def _hub_failure(error: Exception, repo_id: str, revision: str | None) -> str:
    """One sentence on why a Hub repository could not be downloaded."""
    from huggingface_hub import errors

    what = _called(repo_id, revision)
    unknown = f"'{repo_id}' is neither a folder here nor "
    if isinstance(error, errors.RevisionNotFoundError):
        return f"The Hub repository '{repo_id}' has no revision '{revision}'."
    if isinstance(error, errors.GatedRepoError):
        return (
            f"The Hub repository {what} is gated: ask for access on its page, and log in with a "
            "token that may read it."
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return unknown + "a public repository on the Hub (a private one needs a token)."
    if isinstance(error, errors.LocalEntryNotFoundError):
        return unknown + "in the Hub's cache, and the Hub cannot be reached to download it."
    if isinstance(error, errors.HFValidationError):
        return unknown + "a valid Hub repository id."
    # Whatever else breaks on the way (proxy, server, a cut connection, a full disk).
    first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"The download of {what} failed: {first_line}"


def replace(path: Path, data: bytes) -> None:
    """Write ``path`` through a file beside it: it appears whole or stays what it was."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
