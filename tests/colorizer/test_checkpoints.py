"""Finding, reading and writing checkpoints; the Hub is a small server on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest
import torch
from safetensors.torch import load_file

from colorizer import checkpoints

COMMIT = "0123456789abcdef0123456789abcdef01234567"
STATE = {
    "head.weight": torch.linspace(-3, 3, 24).view(2, 3, 4).transpose(0, 2),
    "steps": torch.tensor(7),
}


@pytest.fixture
def checkpoint(tmp_path):
    """A folder with a whole small checkpoint."""
    checkpoints.save_weights(tmp_path / "tiny", {"approach": "mobile", "size": 128}, STATE)
    return tmp_path / "tiny"


def one_sentence(error: BaseException) -> str:
    text = str(error)
    assert "\n" not in text
    assert text[0].isupper() or text[0] in "'/"
    assert text.endswith(".")
    return text


# --- reading and writing -------------------------------------------------------------------


def test_round_trip(checkpoint):
    config, state = checkpoints.load_weights(checkpoint)
    assert config == {"approach": "mobile", "size": 128}
    assert state.keys() == STATE.keys()
    assert state["head.weight"].dtype == torch.float32
    torch.testing.assert_close(
        state["head.weight"], STATE["head.weight"].half().float(), rtol=0, atol=0
    )
    assert state["steps"].dtype == torch.int64
    assert state["steps"] == 7


def test_batch_norms_are_stored_without_their_counts(tmp_path):
    norm = torch.nn.BatchNorm2d(3)
    norm(torch.rand(2, 3, 4, 4))
    checkpoints.save_weights(tmp_path, {}, norm.state_dict(), dtype=torch.float32)
    again = torch.nn.BatchNorm2d(3)
    again.load_state_dict(checkpoints.load_weights(tmp_path)[1], strict=True)
    torch.testing.assert_close(again.running_var, norm.running_var)
    assert load_file(tmp_path / "model.safetensors").keys() == {
        "weight", "bias", "running_mean", "running_var"
    }  # fmt: skip


def test_stored_as_float16_and_nothing_else_left(checkpoint):
    assert load_file(checkpoint / "model.safetensors")["head.weight"].dtype == torch.float16
    assert sorted(p.name for p in checkpoint.iterdir()) == ["config.json", "model.safetensors"]


def test_tied_tensors_can_be_stored(tmp_path):
    weight = torch.ones(3)
    checkpoints.save_weights(tmp_path, {}, {"a": weight, "b": weight[:2]}, dtype=torch.float32)
    assert checkpoints.load_weights(tmp_path)[1]["b"].tolist() == [1, 1]


def test_value_too_large_for_float16_is_kept_whole(checkpoint):
    checkpoints.save_weights(checkpoint, {}, {"norm.running_var": torch.tensor([1e6])})
    assert checkpoints.load_weights(checkpoint)[1]["norm.running_var"].item() == 1e6


def test_config_that_is_no_json_leaves_the_old_checkpoint(checkpoint):
    before = {p.name: p.read_bytes() for p in checkpoint.iterdir()}
    with pytest.raises(TypeError):
        checkpoints.save_weights(checkpoint, {"not": {"json"}}, STATE)
    assert {p.name: p.read_bytes() for p in checkpoint.iterdir()} == before


def test_failed_write_leaves_the_old_checkpoint(checkpoint, monkeypatch):
    before = {p.name: p.read_bytes() for p in checkpoint.iterdir()}

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        checkpoints.save_weights(checkpoint, {}, STATE)
    assert {p.name: p.read_bytes() for p in checkpoint.iterdir()} == before


@pytest.mark.parametrize("keep", [0, 5, 100, -1], ids=["empty", "length", "header", "last-byte"])
def test_truncated_weights(checkpoint, keep):
    file = checkpoint / "model.safetensors"
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(checkpoints.BrokenWeights, match=r"no whole safetensors file") as raised:
        checkpoints.load_weights(checkpoint)
    one_sentence(raised.value)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "\xff"], ids=["empty", "cut", "list", "bytes"])
def test_config_that_is_no_json_object(checkpoint, text):
    (checkpoint / "config.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(checkpoints.BrokenWeights, match=r"config\.json") as raised:
        checkpoints.load_weights(checkpoint)
    one_sentence(raised.value)


@pytest.mark.parametrize("name", ["model.pth", "pytorch_model.bin", "last.CKPT"])
def test_pickles_are_refused(checkpoint, name):
    (checkpoint / "model.safetensors").rename(checkpoint / name)
    for use in (checkpoints.load_weights, checkpoints.find):
        with pytest.raises(checkpoints.MissingWeights, match="can run any code") as raised:
            use(checkpoint)
        assert name in one_sentence(raised.value)


# --- finding -------------------------------------------------------------------------------


def test_find_a_folder_anywhere(checkpoint, monkeypatch):
    assert checkpoints.find(checkpoint) == checkpoint
    assert checkpoints.find(str(checkpoint) + "/") == checkpoint
    monkeypatch.chdir(checkpoint.parent)
    assert checkpoints.find("./tiny").samefile(checkpoint)
    assert checkpoints.find("tiny").samefile(checkpoint)
    monkeypatch.chdir(checkpoint)
    assert checkpoints.find(".").samefile(checkpoint)


def test_a_key_means_the_shipped_checkpoint_in_every_working_directory(checkpoint, monkeypatch):
    shipped = checkpoint.parent / "checkpoints"
    checkpoints.save_weights(shipped / "tiny", {"shipped": True}, STATE)
    monkeypatch.setattr(checkpoints, "CHECKPOINTS", shipped)
    monkeypatch.chdir(checkpoint.parent)
    assert checkpoints.load_weights(checkpoints.find("tiny"))[0] == {"shipped": True}
    assert checkpoints.load_weights(checkpoints.find("./tiny"))[0] == {
        "approach": "mobile",
        "size": 128,
    }


def test_the_shipped_checkpoint_of_the_default_approach():
    folder = checkpoints.find("mobile")
    assert folder == checkpoints.CHECKPOINTS / "mobile"
    config, state = checkpoints.load_weights(folder)
    assert config
    assert all(t.isfinite().all() for t in state.values())
    assert (folder / "model.safetensors").stat().st_size <= 10_000_000


@pytest.mark.parametrize(
    "name", ["nothing-of-that-name", "./nothing", "/no/such", "a/b/c", "", ".."]
)
def test_nothing_there(name, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(checkpoints.MissingWeights) as raised:
        checkpoints.find(name)
    assert name in one_sentence(raised.value)


def test_what_a_folder_lacks_is_said(tmp_path, checkpoint):
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        checkpoints.MissingWeights, match=r"no config\.json and no model\.safetensors"
    ):
        checkpoints.find(tmp_path / "empty")
    (checkpoint / "config.json").unlink()
    with pytest.raises(checkpoints.MissingWeights, match=r"tiny has no config\.json\.$"):
        checkpoints.find(checkpoint)
    with pytest.raises(checkpoints.MissingWeights, match=r"is a file; give the folder"):
        checkpoints.find(checkpoint / "model.safetensors")


def test_folders_have_no_revision(checkpoint):
    with pytest.raises(checkpoints.MissingWeights, match="no revision 'main'"):
        checkpoints.find(checkpoint, revision="main")


# --- the Hub -------------------------------------------------------------------------------


class FakeHub(BaseHTTPRequestHandler):
    """Enough of the Hub's API for ``snapshot_download``; repositories decide what goes wrong."""

    files: dict[str, bytes]  # what a whole repository holds

    def do_GET(self):
        parts = unquote(urlsplit(self.path).path).strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            return self.api("/".join(parts[2:4]), parts[4:])
        return self.send_file("/".join(parts[:2]), "/".join(parts[4:]))

    do_HEAD = do_GET  # noqa: N815

    def api(self, repo_id: str, rest: list[str]) -> None:
        problem = {
            "someone/unknown": (401, "RepoNotFound"),
            "someone/gated": (403, "GatedRepo"),
            "someone/down": (500, None),
        }.get(repo_id)
        if problem:
            return self.respond(problem[0], b'{"error": "no"}', {"X-Error-Code": problem[1] or ""})
        if "no-such-branch" in rest:
            headers = {"X-Error-Code": "RevisionNotFound"}
            return self.respond(404, b'{"error": "no"}', headers)
        if rest[:1] == ["tree"]:
            names = self.names(repo_id)
            tree = [
                {"type": "file", "path": n, "size": len(self.files[n]), "oid": f"{i:040x}"}
                for i, n in enumerate(names, 1)
            ]
            return self.respond(200, json.dumps(tree).encode())
        return self.respond(200, json.dumps({"id": repo_id, "sha": COMMIT}).encode())

    def send_file(self, repo_id: str, name: str) -> None:
        data = self.files[name]
        if repo_id == "someone/cut" and self.command == "GET" and name == "model.safetensors":
            self.respond(200, data, cut=True)
        else:
            self.respond(200, data, {"ETag": f'"{name}"', "X-Repo-Commit": COMMIT})

    def names(self, repo_id: str) -> list[str]:
        return [n for n in self.files if repo_id != "someone/pickled" or n != "model.safetensors"]

    def respond(self, status: int, data: bytes, headers: dict | None = None, cut=False) -> None:
        self.send_response(status)
        for key, value in (headers or {}).items():
            if value:
                self.send_header(key, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if cut else data)

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def fake_hub(checkpoint):
    files = {p.name: p.read_bytes() for p in checkpoint.iterdir()} | {"photo.png": b"\x89PNG"}
    handler = type("Handler", (FakeHub,), {"files": files})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


ASK = """
import json, sys
from colorizer import checkpoints
for name, revision in json.loads(sys.argv[1]):
    try:
        folder = checkpoints.find(name, revision)
        found = {"files": sorted(p.name for p in folder.iterdir()), "config": checkpoints.load_weights(folder)[0]}
    except checkpoints.MissingWeights as error:
        found = {"missing": str(error)}
    print(json.dumps(found))
"""


def ask(endpoint, home, *questions, offline="0"):
    """checkpoints.find in a process of its own, because the Hub's settings are read on import."""
    environment = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()} | {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(home),
        "HF_HUB_OFFLINE": offline,
        "HF_HUB_DISABLE_XET": "1",
        "PYTHONPATH": str(checkpoints.CHECKPOINTS.parent),
    }
    command = [sys.executable, "-c", ASK, json.dumps(questions)]
    done = subprocess.run(
        command, env=environment, cwd=home, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.process
def test_a_hub_repository_is_downloaded_once_and_then_found_offline(fake_hub, tmp_path):
    whole = {
        "files": ["config.json", "model.safetensors"],
        "config": {"approach": "mobile", "size": 128},
    }
    assert ask(fake_hub, tmp_path, ["someone/tiny", None], ["someone/tiny", COMMIT]) == [
        whole,
        whole,
    ]
    assert ask(fake_hub, tmp_path, ["someone/tiny", None], offline="1") == [whole]


@pytest.mark.process
def test_every_failure_of_the_hub_is_one_sentence(fake_hub, tmp_path):
    expected = {
        ("someone/unknown", None): "nor a public repository",
        ("someone/gated", None): "is gated",
        ("someone/tiny", "no-such-branch"): "has no revision 'no-such-branch'",
        ("someone/pickled", None): "has no model.safetensors",
        ("someone/down", None): "cannot be reached",
        ("someone/b--d", None): "valid Hub repository id",
    }
    outcomes = ask(fake_hub, tmp_path, *map(list, expected))
    for ((name, _), words), outcome in zip(expected.items(), outcomes, strict=True):
        assert words in outcome["missing"]
        assert f"'{name}'" in outcome["missing"]
        assert "\n" not in outcome["missing"]


@pytest.mark.process
def test_no_network(tmp_path):
    closed = "http://127.0.0.1:9"  # nothing listens on the discard port
    for offline in ("0", "1"):
        (outcome,) = ask(closed, tmp_path, ["someone/tiny", None], offline=offline)
        assert "cannot be reached" in outcome["missing"]


@pytest.mark.process
def test_a_download_that_breaks_leaves_nothing_that_is_taken_for_whole(fake_hub, tmp_path):
    (outcome,) = ask(fake_hub, tmp_path, ["someone/cut", None])
    assert "download of 'someone/cut' failed" in outcome["missing"]
    (outcome,) = ask(fake_hub, tmp_path, ["someone/cut", None], offline="1")
    assert "missing" in outcome


@pytest.mark.process
def test_finding_a_folder_does_not_import_the_hub(checkpoint):
    code = f"import sys; from colorizer import checkpoints; checkpoints.load_weights(checkpoints.find({str(checkpoint)!r}))"
    code += "; assert 'huggingface_hub' not in sys.modules and 'gradio' not in sys.modules"
    subprocess.run(
        [sys.executable, "-c", code], cwd=checkpoints.CHECKPOINTS.parent, check=True, timeout=60
    )
