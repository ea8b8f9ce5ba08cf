"""The tab *Real or fake?*: can people tell coloured photographs from real ones?

The browser measures how long a picture is seen: only it knows when the picture is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from colorizer import study
from colorizer.approaches import Approach, get

from ...events import warn
from ...languages import _
from ...languages.sentences import translated
from ...widgets import tiles
from ...widgets.visible import when
from ..base import Tab
from ..shared import Changes, Session, Values
from . import visit as visits
from .visit import Pool, Visit

MOST = 50  # pictures in one round; report 004 showed as many
MODES = {"One picture": study.SINGLE, "Two side by side": study.PAIR}

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
INTRODUCTION = (
    "Some of these photographs are real, some were turned grey and coloured by a method of this "
    "page. Look, and say which. {about} Your answers stay in this visit; you can save them as a "
    "file."
)
TRIAL = (
    "<strong>This is only a trial:</strong> {count} photographs are far too few to mean anything."
)
FULL = "The study has {count} photographs; you see each of them once at most."


class Study(Tab):
    title, key = "Real or fake?", "study"

    def build(self, approaches: tuple[Approach, ...], current: Approach) -> None:
        self.photographs: Pool = self.shared.photographs
        count = len(self.photographs.paths)
        about = _(TRIAL if self.photographs.trial else FULL, count=count)
        gr.HTML(f"<p>{_(INTRODUCTION, about=about)}</p>", elem_classes=["note"])
        with gr.Column(elem_id="study-setup") as self.setup:
            self._choices(count)
            with gr.Row(elem_classes=["knobs"], visible=len(approaches) > 1):
                self.methods = gr.CheckboxGroup(
                    [(a.title, a.key) for a in approaches],
                    value=[a.key for a in approaches],
                    label=_("Methods that take part"),
                    elem_id="study-methods",
                    elem_classes=["knob"],
                )
            self.go = gr.Button(_("Start"), variant="primary", elem_id="study-go")
        self.screen = gr.HTML(
            None,
            html_template=SCREEN,
            js_on_load=RUN,
            elem_id="study-screen",
            apply_default_css=False,
        )
        self.stop = gr.Button(
            _("Stop and see the results"), visible=when(False), elem_id="study-stop"
        )
        self.results = gr.HTML("", elem_id="study-results", apply_default_css=False)
        self.seen = tiles.grid("study-seen")
        self.save = gr.DownloadButton(
            _("Save the answers (CSV)"), visible=when(False), elem_id="study-save"
        )
        self.visit = gr.State(None)

    def _choices(self, count: int) -> None:
        knob = {"elem_classes": ["knob"]}
        with gr.Row(elem_classes=["knobs"]):
            self.mode = gr.Radio(
                [(_(name), name) for name in MODES],
                value=next(iter(MODES)),
                label=_("What you see"),
                info=_("Say whether it is real, or which of the two is."),
                **knob,
            )
            self.seconds = gr.Slider(
                0.2,
                10,
                1,
                step=0.1,
                label=_("Seconds"),
                info=_("How long a picture is shown."),
                **knob,
            )
            self.most = gr.Slider(
                1,
                max(2, min(MOST, count)),
                min(MOST, count),
                step=1,
                label=_("How many"),
                info=_("Trials in this round."),
                **knob,
            )
            self.untimed = gr.Checkbox(
                False, label=_("No time limit"), info=_("Show it until I answer."), **knob
            )

    # --- handlers -----------------------------------------------------------------------------

    def start(self, session: Session, values: Values) -> Changes | None:
        """Begin a round."""
        shown = 0.0 if values[self.untimed] else round(float(values[self.seconds] or 1), 2)
        mode, most = MODES[values[self.mode]], int(values[self.most])
        count = len(self.photographs.paths)
        try:
            visit = visits.next_round(
                values[self.visit], count, values[self.methods], mode, most, shown
            )
        except study.StudyError as error:
            warn(translated(error.message))
            return None
        return self._next(visit, session.visitor)

    def answer(self, session: Session, values: Values) -> Changes | None:
        visit = values[self.visit]
        now = visit and visits.add_answer(visit, self.photographs.paths, session.data)
        return self._next(now, session.visitor) if now else None

    def end(self, session: Session, values: Values) -> Changes | None:
        visit = values[self.visit]
        return visit and self._next(replace(visit, at=len(visit.trials)), session.visitor)

    def _next(self, visit: Visit, who: str) -> Changes:
        """The next trial that has pictures, or the results."""
        while visit.trial is not None:
            files = visits.pictures(self.studio, self.photographs.paths, visit.trial, who)
            if files:
                return {
                    self.visit: replace(visit, files=tuple(files)),
                    self.seen: None,
                    self.setup: gr.update(visible=False),
                    self.stop: gr.update(visible=when(True)),
                    self.screen: screen_value(visit, files),
                    self.results: "",
                    self.save: gr.update(visible=when(False)),
                }
            visit = visit.next()
        path = None
        if visit.answers:
            path = self.studio.files.place("study", who, f"real-or-fake-{visit.name}.csv")
            path.write_text(study.written(visit.answers), encoding="utf-8")
        return {
            self.visit: visit,
            self.setup: gr.update(visible=True),
            self.stop: gr.update(visible=when(False)),
            self.screen: None,
            self.results: visits.results(visit.answers),
            self.seen: seen_value(visit),
            self.save: gr.update(value=path and str(path), visible=when(path is not None)),
        }

    def tie(self) -> None:
        work = {**self.quiet, "show_progress_on": self.screen}
        controls = [self.mode, self.seconds, self.untimed, self.most, self.methods]
        shown = [self.visit, self.setup, self.stop, self.screen, self.results, self.save, self.seen]
        self.on(self.go.click, self.start, [self.visit, *controls], shown, **work)
        self.on(self.screen.answer, self.answer, [self.visit], shown, **work)
        self.on(self.stop.click, self.end, [self.visit], shown, **work)


def screen_value(visit: Visit, files: Sequence[str]) -> dict[str, Any]:
    """Values of the next screen."""
    pair = visit.trial.mode == study.PAIR
    return {
        "trial": len(visit.answers),
        "seconds": visit.seconds,
        "kind": visit.trial.mode,
        "count": _("{number} of {total}", number=visit.at + 1, total=len(visit.trials)),
        "question": _("Which one is the real photograph?") if pair else _("Real, or coloured?"),
        "choices": [_("The left one"), _("The right one")] if pair else [_("Real"), _("Coloured")],
        "pictures": [
            {"picture": tiles.served(path), "alt": _("Picture {number} of the study", number=i + 1)}
            for i, path in enumerate(files)
        ],
    }


def seen_value(visit: Visit) -> dict[str, Any] | None:
    """What was shown in the last round, and which of it was coloured."""
    if not visit.looked:
        return None
    made = []
    for one in visit.looked:
        coloured = one.trial.approach != study.REAL
        title = (
            _("Coloured by {title}", title=get(one.trial.approach).title) if coloured else _("Real")
        )
        words = (
            _("You were right.")
            if one.right
            else _("You were fooled.")
            if coloured
            else _("You were wrong.")
        )
        made.append(tiles.Tile(title, title, one.path, detail=words, still=True))
    return tiles.grid_value(made, min(len(made), 4), "1")
