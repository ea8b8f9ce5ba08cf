"""Every text that the page can say: found in its source, and in the data of the library."""

from __future__ import annotations

import ast
import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import colorizer.ui
from colorizer.approaches import ADJUSTMENTS, approaches
from colorizer.approaches.looks import looks
from colorizer.ui import page, theme
from colorizer.ui.languages import gradio
from colorizer.ui.languages.sentences import RARE
from colorizer.ui.sidebar import examples
from colorizer.ui.tabs.album import job
from colorizer.ui.tabs.album import tab as album
from colorizer.ui.tabs.colorize import preview
from colorizer.ui.tabs.sample import seeds
from colorizer.ui.tabs.steer import view as steer
from colorizer.ui.tabs.study import tab as study
from colorizer.ui.tabs.sweep import tab as sweep
from colorizer.ui.widgets import pointer

UI = Path(colorizer.ui.__file__).parent

LITE = UI / "lite"


def every() -> dict[str, str]:
    """English text → where it is said."""
    found: dict[str, str] = {}
    for path in sorted(UI.rglob("*.py")):
        place = path.relative_to(UI.parent.parent)
        module = importlib.import_module(".".join(place.with_suffix("").parts))
        for text, line in _said(path, module):
            found.setdefault(text, f"{place}:{line}")
    for where, texts in _data():
        found |= {text: where for text in texts if text not in found}
    return found


def web() -> list[str]:
    """Texts of the page that needs no server."""
    path = UI.parent.parent / "web" / "src" / "words.json"
    said = list(json.loads(path.read_text(encoding="utf-8")).values())
    about = json.loads((LITE / "model" / "colorizer.json").read_text(encoding="utf-8"))
    return [*said, about["licence"]["weights"], about["explanation"]]


def _said(path: Path, module: ModuleType) -> Iterator[tuple[str, int]]:
    """(text, line) of each ``_("…")`` and ``_(CONSTANT)``, also of choices between two."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        if node.func.id != "_" or not node.args:
            continue
        for text in _texts(node.args[0], module):
            yield text, node.lineno


def _texts(node: ast.expr, module: ModuleType) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body, module)
        yield from _texts(node.orelse, module)
        return
    if isinstance(node, ast.Subscript):  # a value of a table
        node = node.value
    try:
        value = eval(compile(ast.Expression(node), "<text>", "eval"), dict(vars(module)))
    except (NameError, AttributeError):
        return  # only known at run time; see _data
    values = value.values() if isinstance(value, dict) else [value]
    yield from (text for text in values if isinstance(text, str) and text)


def _sentences() -> Iterator[str]:
    """Templates of every ``Sentence("…")`` of the library."""
    for path in sorted(UI.parent.rglob("*.py")):
        if path.is_relative_to(UI):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Sentence", "_about"):
                yield from (a.value for a in node.args if isinstance(a, ast.Constant))


def _data() -> Iterator[tuple[str, list[str]]]:
    knobs = [*ADJUSTMENTS, *(knob for approach in approaches() for knob in approach.knobs)]
    yield "knobs", [text for knob in knobs for text in (knob.label, knob.help)]
    yield "approaches", [text for a in approaches() for text in (a.explanation, a.good_for)]
    yield "knobs, within a sentence", [knob.label.lower() for knob in knobs]
    named = [text for look in looks() for text in (look.title, look.explanation)]
    yield "looks", [*named, *(look.title.lower() for look in looks())]
    yield "examples", [text for *_, title, alt in examples.PHOTOGRAPHS for text in (title, alt)]
    yield "tabs", [tab.title for tab in page.TABS]
    yield (
        "choices",
        [
            *seeds.VARIETY,
            *(preview.GREY, preview.ORIGINAL, preview.BEST, preview.SAMPLE),
            *(job.SAME, job.PNG, job.JPEG),
            *sweep.AXES,
            *steer.TOOLS.values(),
            *study.MODES,
        ],
    )
    statuses = (job.COLOURED, job.LEFT_OUT, job.FAILED, job.WAITING)
    yield "album", [*statuses, *album.COUNTS.values(), *album.READY]
    yield "points", list(pointer.AXES.values())
    yield "page.js", theme.scripted()
    yield "sentences of the library", [*_sentences(), RARE]
    yield "web/", web()
    yield "Gradio", list(gradio.TEXTS.values())
