"""The documents: their links lead somewhere, and what they name exists."""

import importlib.util
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "train" / "README.md",
        *(ROOT / "docs").glob("*.md"),
    ]
)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
MODULE = re.compile(r"python -m ((?:train|benchmarks|colorizer)[\w.]*)")
OWN = {"train.huber"}  # the tutorial's reader writes it


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_and_commands_lead_somewhere(document):
    text = document.read_text(encoding="utf-8")
    missing = [link for link in LINK.findall(text) if not (document.parent / link).exists()]
    assert not missing
    modules = {name.rstrip(".") for name in MODULE.findall(text)} - OWN
    assert not [name for name in modules if importlib.util.find_spec(name) is None]


def test_the_readme_is_for_a_visitor():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 200
    front = yaml.safe_load(text.split("---\n")[1])
    assert (ROOT / front["app_file"]).is_file()
    assert front["sdk"] == "gradio"


def test_no_document_names_a_folder_of_one_computer():
    for document in DOCUMENTS:
        assert not re.search(r"(?<![\w.])/(home|root|work|tmp)/", document.read_text("utf-8"))
