"""Publishing to a small Hub on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import gradio
import pytest
import yaml
from huggingface_hub import close_session

from colorizer import checkpoints
from tests.support.fake_hub import TOKEN, running
from train import push
from train.publish.repositories import CHECKPOINT_FILES

pytestmark = pytest.mark.slow  # a Hub is served

ROOT = checkpoints.CHECKPOINTS.parent


@pytest.fixture
def server():
    with running() as hub_server:
        yield hub_server


@pytest.fixture
def run(server, monkeypatch, capsys):
    """``run(*arguments, token=…, endpoint=…)`` → the outcome of train.push, in this process."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    for name in [n for n in os.environ if "proxy" in n.lower()]:
        monkeypatch.delenv(name)

    def call(*arguments, token=TOKEN, endpoint=None, offline=False):
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", endpoint or server.url)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", offline)
        monkeypatch.setenv("HF_TOKEN", token or "")
        close_session()
        status, last = 0, ""
        try:
            push.main(arguments)
        except SystemExit as end:
            status, last = (1, f"{end.code}\n") if isinstance(end.code, str) else (end.code, "")
        output, errors = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, status, output, errors + last)

    yield call
    close_session()


@pytest.fixture
def process(server, tmp_path):
    """``process(*arguments)`` → a finished process of Python that knows the Hub of ``server``."""
    environment = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()} | {
        "HF_ENDPOINT": server.url,
        "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_XET": "1",
        "HF_TOKEN": TOKEN,
    }

    def call(*arguments):
        return subprocess.run(
            [sys.executable, *arguments],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return call


@pytest.mark.process
def test_a_checkpoint_is_published_tagged_and_loaded_back(process, server):
    push = ("-m", "train.push", "--namespace", "someone", "--approach", "mobile", "--private")
    done = process(*push)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("someone/colorizer-mobile")
    repository = server.repositories["model", "someone/colorizer-mobile"]
    assert repository.private
    shipped = checkpoints.CHECKPOINTS / "mobile"
    for name in CHECKPOINT_FILES:
        assert repository.files[name] == (shipped / name).read_bytes()
    assert repository.large == {"model.safetensors"}
    assert list(repository.tags) == ["v0.1.0"]
    assert TOKEN not in done.stdout + done.stderr

    code = (
        "import json, colorizer, skimage.data\n"
        "c = colorizer.load('someone/colorizer-mobile', revision='v0.1.0')\n"
        "print(json.dumps([c.approach.key, c.colorize(skimage.data.camera()).size]))"
    )
    loaded = process("-c", code)
    assert loaded.returncode == 0, loaded.stderr
    assert json.loads(loaded.stdout) == ["mobile", [512, 512]]


def test_a_second_push_sends_nothing(run, server):
    run("--namespace", "someone", "--approach", "mobile")
    repository = server.repositories["model", "someone/colorizer-mobile"]
    commits, tags = list(repository.commits), dict(repository.tags)
    server.requests.clear()
    done = run("--namespace", "someone", "--approach", "mobile")
    assert done.returncode == 0, done.stderr
    assert repository.commits == commits
    assert repository.tags == tags
    assert not [r for r in server.requests if r[0] == "PUT" or "/commit/" in r[1]]


def test_changed_files_are_sent_and_an_old_tag_stays(run, server):
    run("--namespace", "someone", "--approach", "mobile")
    repository = server.repositories["model", "someone/colorizer-mobile"]
    before = dict(repository.tags)
    repository.files["config.json"] = b"{}"
    repository.files["left-over.txt"] = b"of an older version"
    done = run("--namespace", "someone", "--approach", "mobile")
    assert done.returncode == 0, done.stderr
    shipped = (checkpoints.CHECKPOINTS / "mobile" / "config.json").read_bytes()
    assert repository.files["config.json"] == shipped
    assert "left-over.txt" not in repository.files
    assert repository.tags == before
    assert "it stays there" in done.stderr


def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(run, server):
    first = run("--namespace", "someone", "--dry-run", token=None)
    assert first.returncode == 0, first.stderr
    assert "to be created" in first.stdout
    assert not server.repositories
    run("--namespace", "someone", "--approach", "mobile")
    server.repositories["model", "someone/colorizer-mobile"].files["config.json"] = b"{}"
    second = run("--namespace", "someone", "--approach", "mobile", "--dry-run")
    states = {line.split()[-1]: line.split()[0] for line in second.stdout.splitlines()[1:]}
    assert states["config.json"] == "changed"
    assert states["model.safetensors"] == "unchanged"


@pytest.mark.parametrize("offline", [True, False])
def test_a_dry_run_without_a_network_lists_what_it_would_send(run, server, offline):
    options = {} if offline else {"endpoint": "http://127.0.0.1:9"}
    done = run(
        "--namespace", "someone", "--approach", "mobile", "--dry-run", offline=offline, **options
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "nothing could be compared" in lines[0]
    assert {line.split()[-1] for line in lines[1:]} >= set(CHECKPOINT_FILES)
    assert all(line.split()[0] == "?" for line in lines[1:])
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        (["--namespace", "someone"], {"token": None}, "not logged in"),
        (["--namespace", "someone"], {"token": "hf_wrong"}, "does not accept the token"),
        (["--namespace", "refused"], {}, "may not write to refused/colorizer-mobile"),
        (["--namespace", "some one"], {}, "no valid name"),
        (["--namespace", "someone", "--approach", "nothing"], {}, "no weights for 'nothing'"),
        (["--namespace", "someone"], {"endpoint": "http://127.0.0.1:9"}, "connection to the Hub"),
    ],
    ids=["no-token", "bad-token", "refused", "bad-name", "no-weights", "no-network"],
)
def test_every_failure_is_one_sentence(run, server, arguments, options, words):
    if "--approach" not in arguments:
        arguments = [*arguments, "--approach", "mobile"]
    done = run(*arguments, **options)
    assert done.returncode == 1
    sentence = done.stderr.strip().splitlines()[-1]
    assert words in sentence
    assert "Traceback" not in done.stderr
    assert "hf_" not in done.stderr
    assert not server.repositories


def test_a_connection_that_breaks_half_way_leaves_nothing_and_can_be_repeated(run, server):
    done = run("--namespace", "broken", "--approach", "mobile")
    repository = server.repositories["model", "broken/colorizer-mobile"]
    if done.returncode:  # the library may have tried again by itself
        assert "Traceback" not in done.stderr
        assert not repository.files
        done = run("--namespace", "broken", "--approach", "mobile")
    assert server.broke
    assert done.returncode == 0, done.stderr
    assert set(repository.files) >= set(CHECKPOINT_FILES)


def test_the_space_has_what_it_needs_and_no_more(run, server):
    done = run("--space", "someone/colorizer")
    assert done.returncode == 0, done.stderr
    repository = server.repositories["space", "someone/colorizer"]
    assert repository.sdk == "gradio"
    names = set(repository.files)
    assert {"app.py", "requirements.txt", "README.md", "LICENSE"} <= names
    assert {"colorizer/__init__.py", "checkpoints/mobile/model.safetensors"} <= names
    assert not [
        n for n in names if n.startswith(("tests/", "train/", "runs/", ".")) or "cache" in n
    ]
    readme = repository.files["README.md"].decode()
    front = yaml.safe_load(readme.split("---\n")[1])
    assert front["sdk"] == "gradio"
    assert front["sdk_version"] == gradio.__version__
    assert front["app_file"] in names
    assert "someone/colorizer-mobile" in front["models"]
    assert "](docs/" not in readme


def test_the_static_space_has_the_page_that_needs_no_server(run, server):
    done = run("--static-space", "someone/colorizer-lite")
    assert done.returncode == 0, done.stderr
    repository = server.repositories["space", "someone/colorizer-lite"]
    assert repository.sdk == "static"
    names = set(repository.files)
    assert {"index.html", "sw.js", "model/network.onnx", "model/colorizer.json"} <= names
    assert not [n for n in names if n.startswith(("colorizer/", "checkpoints/"))]
    front = yaml.safe_load(repository.files["README.md"].decode().split("---\n")[1])
    assert front["sdk"] == "static"
    assert front["app_file"] in names
    assert front["custom_headers"] == {
        "cross-origin-embedder-policy": "require-corp",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "cross-origin",
    }
