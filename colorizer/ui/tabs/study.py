"""The tab *Real or fake?*: can people tell coloured photographs from real ones?

What is behind it is in :mod:`colorizer.ui.logic.visit`.  The browser measures how long a picture is seen: only
it knows when the picture is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer import study
from colorizer.approaches import Approach

from ..common import queued, spoken, visitor, warn
from ..logic.visit import Pool, Visit, answered, begin, pictures, pool, results
from ..studio import Studio
from ..widgets import tiles

__all__ = ["Pool", "View", "build", "pool", "tie"]

MOST = 50  # pictures in one round; report 004 showed as many
MODES = {"One picture": study.SINGLE, "Two side by side": study.PAIR}

# --- the tab ---------------------------------------------------------------------------------

SCREEN = """
{{#if value}}{{#with value}}<div class="trial {{kind}}" data-trial="{{trial}}">
  <p class="question" role="status"><strong>{{question}}</strong> <span>{{count}}</span></p>
  <div class="pictures">{{#each pictures}}<span class="frame"><img src="{{picture.url}}"
    alt="{{alt}}"></span>{{/each}}<span class="cross" aria-hidden="true">+</span></div>
  <div class="choices">{{#each choices}}<button type="button" data-choice="{{@index}}"
    >{{this}}</button>{{/each}}</div>
</div>{{/with}}{{/if}}
"""
# A moment to look at the middle; then the picture, for its time; answers count from then on.
RUN = """
let since = null, trial = null, timer = null;
const begin = async () => {
    const box = element.querySelector('.trial');
    clearTimeout(timer);
    since = null;
    if (!box || !props.value) return;
    trial = props.value.trial;
    const mine = trial;
    box.dataset.phase = 'before';
    await Promise.all([...box.querySelectorAll('img')].map((image) => image.decode().catch(() => 0)));
    await new Promise((done) => setTimeout(done, 600));
    if (mine !== trial) return;
    box.dataset.phase = 'showing';
    requestAnimationFrame(() => {
        since = performance.now();
        const seconds = props.value.seconds;
        if (seconds > 0) timer = setTimeout(() => (box.dataset.phase = 'gone'), seconds * 1000);
    });
};
watch('value', begin);
element.addEventListener('click', (event) => {
    const button = event.target.closest('button[data-choice]');
    if (!button || since === null) return;
    const milliseconds = performance.now() - since;
    since = null;
    clearTimeout(timer);
    element.querySelector('.trial').dataset.phase = 'gone';
    trigger('answer', {trial, choice: Number(button.dataset.choice), milliseconds});
});
"""
INTRODUCTION = """<p>Some of these photographs are real, some were turned grey and coloured by a
method of this page. Look, and say which. {about} Your answers stay in this visit; you can save
them as a file.</p>"""
TRIAL = (
    "<strong>This is only a trial:</strong> the {count} photographs that come with a library are "
    "far too few to mean anything. <code>python app.py --study FOLDER</code> takes yours."
)
FULL = "The study has {count} photographs; you see each of them once at most."


@dataclass(frozen=True)
class View:
    visit: gr.State
    setup: gr.Column
    mode: gr.Radio
    seconds: gr.Slider
    untimed: gr.Checkbox
    most: gr.Slider
    methods: gr.CheckboxGroup
    go: gr.Button
    stop: gr.Button
    screen: gr.HTML
    results: gr.HTML
    save: gr.DownloadButton

    @property
    def shown(self) -> list[Any]:
        """What every handler fills."""
        return [self.visit, self.setup, self.stop, self.screen, self.results, self.save]


def build(approaches: Sequence[Approach], photographs: Pool) -> View:
    """Lays the tab out."""
    count = len(photographs.paths)
    about = (TRIAL if photographs.trial else FULL).format(count=count)
    gr.HTML(INTRODUCTION.format(about=about), elem_classes=["note"])
    knob = {"elem_classes": ["knob"]}
    with gr.Column(elem_id="study-setup") as setup:
        with gr.Row(elem_classes=["knobs"]):
            mode = gr.Radio(
                list(MODES),
                value=next(iter(MODES)),
                label="What you see",
                info="Say whether it is real, or which of the two is.",
                **knob,
            )
            seconds = gr.Slider(
                0.2, 10, 1, step=0.1, label="Seconds", info="How long a picture is shown.", **knob
            )
            most = gr.Slider(
                1,
                max(2, min(MOST, count)),
                min(MOST, count),
                step=1,
                label="How many",
                info="Trials in this round.",
                **knob,
            )
            untimed = gr.Checkbox(
                False, label="No time limit", info="Show it until I answer.", **knob
            )
        with gr.Row(elem_classes=["knobs"], visible=len(approaches) > 1):
            methods = gr.CheckboxGroup(
                [(a.title, a.key) for a in approaches],
                value=[a.key for a in approaches],
                label="Methods that take part",
                elem_id="study-methods",
                **knob,
            )
        go = gr.Button("Start", variant="primary", elem_id="study-go")
    screen = gr.HTML(
        None,
        html_template=SCREEN,
        js_on_load=RUN,
        elem_id="study-screen",
        apply_default_css=False,
    )
    stop = gr.Button("Stop and see the results", visible=False, elem_id="study-stop")
    found = gr.HTML("", elem_id="study-results", apply_default_css=False)
    save = gr.DownloadButton("Save the answers (CSV)", visible=False, elem_id="study-save")
    return View(
        gr.State(None), setup, mode, seconds, untimed, most, methods, go, stop, screen, found, save
    )


def screen_value(visit: Visit, files: Sequence[str]) -> dict[str, Any]:
    """What the screen shows next."""
    pair = visit.trial.mode == study.PAIR
    return {
        "trial": len(visit.answers),
        "seconds": visit.seconds,
        "kind": visit.trial.mode,
        "count": f"{visit.at + 1} of {len(visit.trials)}",
        "question": "Which one is the real photograph?" if pair else "Real, or coloured?",
        "choices": ["The left one", "The right one"] if pair else ["Real", "Coloured"],
        "pictures": [
            {"picture": tiles.served(path), "alt": f"Picture {i + 1} of the study"}
            for i, path in enumerate(files)
        ],
    }


class Handlers:
    """What a click does; ``request`` is Gradio's, only its session is read."""

    def __init__(self, studio: Studio, paths: Sequence[Path]) -> None:
        self.studio, self.paths = studio, paths

    @spoken
    def start(
        self,
        request: gr.Request,
        visit: Visit | None,
        mode: str,
        seconds: float,
        untimed: bool,
        most: float,
        methods: list[str],
    ) -> Any:
        shown = 0.0 if untimed else round(float(seconds or 1), 2)
        try:
            visit = begin(visit, len(self.paths), methods, MODES[mode], int(most), shown)
        except ValueError as error:
            warn(str(error))
            return gr.skip()
        return self._show(visit, visitor(request))

    @spoken
    def answer(self, request: gr.Request, event: gr.EventData, visit: Visit | None) -> Any:
        now = visit and answered(visit, self.paths, event._data)
        return self._show(now, visitor(request)) if now else gr.skip()

    @spoken
    def stop(self, request: gr.Request, visit: Visit | None) -> Any:
        if visit is None:
            return gr.skip()
        return self._show(replace(visit, at=len(visit.trials)), visitor(request))

    def _show(self, visit: Visit, who: str) -> list[Any]:
        """The next trial that has pictures, or the results."""
        while visit.trial is not None:
            files = pictures(self.studio, self.paths, visit.trial, who)
            if files:
                value = screen_value(visit, files)
                hidden = gr.update(visible=False)
                return [visit, hidden, gr.update(visible=True), value, "", hidden]
            visit = visit.next()
        path = None
        if visit.answers:
            path = self.studio.place("study", who, f"real-or-fake-{visit.name}.csv")
            path.write_text(study.written(visit.answers), encoding="utf-8")
        return [
            visit,
            gr.update(visible=True),
            gr.update(visible=False),
            None,
            results(visit.answers),
            gr.update(value=path and str(path), visible=path is not None),
        ]


def tie(view: View, studio: Studio, photographs: Pool) -> None:
    """Which event calls which handler."""
    on = Handlers(studio, photographs.paths)
    work = {
        **queued(studio.settings),
        "show_progress": "minimal",
        "show_progress_on": view.screen,
    }
    controls = [view.mode, view.seconds, view.untimed, view.most, view.methods]
    view.go.click(on.start, [view.visit, *controls], view.shown, **work)
    view.screen.answer(on.answer, view.visit, view.shown, **work)
    view.stop.click(on.stop, view.visit, view.shown, **work)
