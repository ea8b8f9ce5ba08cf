"""Publish checkpoints as model repositories on the Hugging Face Hub, and the page as a Space.

    hf auth login                                        # once; or set HF_TOKEN
    python -m train.push --namespace NAME --dry-run      # what would be sent
    python -m train.push --namespace NAME                # NAME/colorizer-mobile, …
    python -m train.push --space NAME/colorizer          # the page, as a Gradio Space
    python -m train.push --static-space NAME/colorizer-lite      # the one that needs no server

Safe to repeat: files that the Hub has already are not sent again, a commit is whole or not
there, and a tag that exists stays where it is.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from huggingface_hub import HfApi, errors, get_token

import colorizer
from colorizer import checkpoints

from .publish.repositories import (
    PushError,
    Target,
    empty_folder,
    model_targets,
    space_target,
    static_space_target,
)


def digest(path: Path, lfs: bool) -> str:
    """The Hub's name for a file's content: SHA-256 for large ones, else git's blob id."""
    data = path.read_bytes()
    if lfs:
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def differences(api: HfApi, target: Target) -> dict[str, str] | None:
    """Path → "new", "changed" or "unchanged"; None if there is no such repository yet."""
    try:
        tree = api.list_repo_tree(target.repo_id, recursive=True, repo_type=target.kind)
        remote = {f.path: f for f in tree if hasattr(f, "blob_id")}
    except errors.RepositoryNotFoundError:
        return None
    states = {}
    for name, path in target.files().items():
        there = remote.get(name)
        if there is None:
            states[name] = "new"
        else:
            known = there.lfs.sha256 if there.lfs else there.blob_id
            same = digest(path, bool(there.lfs)) == known
            states[name] = "unchanged" if same else "changed"
    return states


def show(api: HfApi, target: Target) -> None:
    """Print what a push would send; without a network, that nothing could be compared."""
    compared, states = True, None
    with explained(target):
        try:
            states = differences(api, target)
        except errors.HfHubHTTPError:
            raise
        except (errors.OfflineModeIsEnabled, httpx2.HTTPError, OSError):
            compared = False
    remark = "" if states is not None else ", to be created"
    if not compared:
        remark = "; the Hub cannot be asked, so nothing could be compared"
    print(f"{target.repo_id} ({target.kind}{remark})")
    for name, path in target.files().items():
        state = ("new" if states is None else states[name]) if compared else "?"
        print(f"  {state:9}  {path.stat().st_size / 1e6:8.3f} MB  {name}")


def push(api: HfApi, target: Target, private: bool, version: str) -> str:
    """Create the repository, send what is new, tag it ``v{version}``; returns its address."""
    with explained(target):
        sdk = {"space_sdk": target.sdk} if target.kind == "space" else {}
        api.create_repo(
            target.repo_id, repo_type=target.kind, private=private, exist_ok=True, **sdk
        )
        commit = api.upload_folder(
            repo_id=target.repo_id,
            repo_type=target.kind,
            folder_path=target.folder,
            commit_message=f"colorizer {version}",
            # What an older version had and this one has not.
            delete_patterns="*",
        )
        tag = f"v{version}"
        refs = api.list_repo_refs(target.repo_id, repo_type=target.kind)
        tagged = {ref.name: ref.target_commit for ref in refs.tags}
        if tag not in tagged:
            api.create_tag(target.repo_id, tag=tag, revision=commit.oid, repo_type=target.kind)
        elif tagged[tag] != commit.oid:
            print(
                f"{target.repo_id} has a tag {tag} already, of other files; it stays there. "
                "Raise colorizer.__version__ to tag these.",
                file=sys.stderr,
            )
    prefix = "spaces/" if target.kind == "space" else ""
    return f"{api.endpoint}/{prefix}{target.repo_id}"


@contextmanager
def explained(target: Target) -> Iterator[None]:
    """Turn what can go wrong on the way to the Hub into one sentence."""
    again = "nothing there is half-written; repeat the command to go on."
    try:
        yield
    except errors.HFValidationError as error:
        raise PushError(f"'{target.repo_id}' is no valid name of a repository.") from error
    except errors.OfflineModeIsEnabled as error:
        raise PushError("The Hub cannot be asked: HF_HUB_OFFLINE is set.") from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else None
        reasons = {
            401: "the Hub does not accept the token; log in again with `hf auth login`",
            403: f"the token may not write to {target.repo_id}; it needs the right to write there",
            413: "the Hub says that a file is too large",
            429: "the Hub asks to slow down; try again later",
        }
        reason = reasons.get(status, f"the Hub answered with an error ({status})")
        raise PushError(f"{target.repo_id} was not published: {reason}.") from error
    except (httpx2.HTTPError, OSError, RuntimeError) as error:
        first_line = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise PushError(
            f"The connection to the Hub broke while {target.repo_id} was sent ({first_line}); "
            + again
        ) from error


def options(argv: list[str] | None) -> argparse.Namespace:
    """Parse the command line; exits as argparse does where it makes no sense."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a = parser.add_argument
    a("--namespace", metavar="NAME", help="your user or organisation: send the checkpoints there")
    a("--approach", nargs="+", metavar="KEY", help="only these; by default all that have weights")
    a("--space", metavar="NAME/REPO", help="send the page as a Space")
    a("--static-space", metavar="NAME/REPO", help="send the page that needs no server as a Space")
    a("--space-folder", metavar="DIR", type=Path, help="only put the files of the Space here")
    a("--private", action="store_true", help="make new repositories private")
    a("--dry-run", action="store_true", help="only say what would be sent")
    args = parser.parse_args(argv)
    spaces = {"--space": args.space, "--static-space": args.static_space}
    if not (args.namespace or args.space_folder or any(spaces.values())):
        parser.error("say what to publish: --namespace NAME, --space or --static-space NAME/REPO")
    if args.approach and not args.namespace:
        parser.error("--approach says which checkpoints go to --namespace")
    for option, name in spaces.items():
        if name and not re.fullmatch(r"[^/\s]+/[^/\s]+", name):
            parser.error(f"{option} needs NAME/REPO, such as someone/colorizer")
    return args


def targets(args: argparse.Namespace, scratch: Path) -> list[Target]:
    """Repositories that the options name, as copies in ``scratch``.  Raises :class:`PushError`."""
    found: list[Target] = []
    if args.namespace:
        keys = args.approach or [entry.key for entry in checkpoints.shipped()]
        found += model_targets(args.namespace, keys, scratch)
    if args.space:
        found.append(space_target(args.space, empty_folder(scratch / "space")))
    if args.static_space:
        found.append(static_space_target(args.static_space, scratch / "static"))
    return found


def publish(args: argparse.Namespace) -> None:
    """Send what the options name, or only show it (``--dry-run``).  Raises :class:`PushError`."""
    if get_token() is None and not args.dry_run:
        raise PushError("You are not logged in to the Hub: run `hf auth login`, or set HF_TOKEN.")
    api = HfApi()
    with tempfile.TemporaryDirectory() as scratch:
        for target in targets(args, Path(scratch)):
            if args.dry_run:
                show(api, target)
            else:
                print(push(api, target, args.private, colorizer.__version__))


def main(argv: list[str] | None = None) -> None:
    args = options(argv)
    try:
        if args.space_folder:
            space_target(args.space or "someone/colorizer", empty_folder(args.space_folder))
        else:
            publish(args)
    except (PushError, colorizer.MissingWeights) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
