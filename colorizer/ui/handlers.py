"""What a click does, across tabs: plain functions that return what the components show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import gradio as gr

from colorizer.approaches import get

from . import examples, sidebar
from .common import EXPECTED, NO_PHOTO, sentence, spoken, visitor, warn
from .studio import Chosen, Setting, Sheet, Studio
from .tabs import colorize, sample, sweep
from .tabs.colorize import Memory, Origin, remembered
from .widgets.tiles import chosen_index


class Handlers:
    """One method for each event; :mod:`colorizer.ui.events` ties them to components.

    ``request`` is Gradio's; only its session is read, as the key of what a visitor opened.
    others: views of further tabs, which have to be emptied when the photograph or the method
    changes: each with ``everything`` and ``reset``.
    """

    def __init__(
        self,
        studio: Studio,
        shown: Sequence[examples.Example],
        picture: colorize.View,
        many: sample.View,
        grid: sweep.View,
        others: Sequence[Any] = (),
    ) -> None:
        self.studio, self.examples = studio, shown
        self.picture, self.many, self.grid = picture, many, grid
        self.emptied = (many, grid, *others)

    # --- a photograph comes or goes, or the method changes ----------------------------------

    def opened(self, request: gr.Request, path: str | None, key: str, memory: Memory) -> Any:
        """A new photograph, at once in colour and under the knobs as they are."""
        if path is None:
            return gr.skip()
        who = visitor(request)
        chosen = self.studio.open(path, who)
        best = replace(remembered(memory, key), seed=None, around=(), correlation=None)
        return [
            chosen,
            sidebar.thumbnail(self.studio, chosen, who),
            gr.Tabs(selected="colorize"),
            *self.picture.show(self.studio, chosen, key, best, who, memory),
            *self._emptied(chosen, key, keep_knobs=True),
        ]

    def uploaded(
        self,
        request: gr.Request,
        path: str | None,
        key: str,
        memory: Memory,
        before: Chosen | None,
    ) -> Any:
        """An upload.  A file that cannot be used leaves everything as it was before it."""
        try:
            return self.opened(request, path, key, memory)
        except EXPECTED as error:
            warn(sentence(error))
            back = None
            if before:
                with suppress(*EXPECTED):  # even the one before may be gone by now
                    back = sidebar.thumbnail(self.studio, before, visitor(request))
            return [gr.skip(), back, *[gr.skip()] * (1 + len(self.fresh))]

    @spoken
    def example(self, request: gr.Request, event: gr.EventData, key: str, memory: Memory) -> Any:
        index = chosen_index(event, len(self.examples))
        if index is None:
            return gr.skip()
        return self.opened(request, self.examples[index].path, key, memory)

    @spoken
    def begin(self, request: gr.Request, key: str, memory: Memory) -> Any:
        """The first example, so that the page shows at once what it is for."""
        return self.opened(request, self.examples[0].path, key, memory)

    def closed(self, key: str, memory: Memory) -> list[Any]:
        setting = remembered(memory, key)
        empty = self.picture.show(self.studio, None, key, setting, "", memory)
        return [None, *empty, *self._emptied(None, key, keep_knobs=True)]

    @spoken
    def method(
        self, request: gr.Request, chosen: Chosen | None, key: str, memory: Memory
    ) -> list[Any]:
        """Another method: its explanation, its knobs as they were last, its picture."""
        return self.turned(request, chosen, key, memory, remembered(memory, key))

    def turned(
        self,
        request: gr.Request,
        chosen: Chosen | None,
        key: str,
        memory: Memory,
        setting: Setting,
    ) -> list[Any]:
        return [
            sidebar.about(get(key)),
            *self.picture.show(self.studio, chosen, key, setting, visitor(request), memory),
            *self._emptied(chosen, key, keep_knobs=False),
        ]

    # --- Colorize ----------------------------------------------------------------------------

    @spoken
    def redraw(
        self, request: gr.Request, chosen: Chosen | None, key: str, *controls: Any
    ) -> list[Any]:
        return self.picture.redraw(self.studio, chosen, key, visitor(request), *controls)

    @spoken
    def reseed(
        self,
        request: gr.Request,
        chosen: Chosen | None,
        key: str,
        memory: Memory,
        left: str,
        unsure: bool,
        guess: str,
        seed: float | None,
        origin: Origin,
        *rest: Any,
    ) -> list[Any]:
        """A seed was typed: show its sample, which is near no other."""
        origin = ((), origin[1])
        drawn = self.redraw(
            request, chosen, key, memory, left, unsure, colorize.SAMPLE, seed, origin, *rest
        )
        return [colorize.SAMPLE, origin, *drawn] if isinstance(drawn, list) else drawn

    @spoken
    def another(
        self,
        request: gr.Request,
        chosen: Chosen | None,
        key: str,
        memory: Memory,
        left: str,
        unsure: bool,
        guess: str,
        seed: float | None,
        *rest: Any,
    ) -> list[Any]:
        """The next seed; the first one after the best guess."""
        number = int(seed or 0)
        number = min(number + 1, colorize.LARGEST_SEED) if guess == colorize.SAMPLE else number
        drawn = self.redraw(
            request, chosen, key, memory, left, unsure, colorize.SAMPLE, number, *rest
        )
        return [number, colorize.SAMPLE, *drawn] if isinstance(drawn, list) else drawn

    def download(
        self,
        request: gr.Request,
        chosen: Chosen | None,
        key: str,
        kind: str,
        memory: Memory,
        left: str,
        unsure: bool,
        *controls: Any,
    ) -> str | None:
        """The file at the photograph's own size, made now; None where there is nothing to make."""
        guess, seed, origin, strength, *values = controls
        names = list(self.picture.knobs)
        now = colorize.setting(key, guess, seed, origin, strength, names, values)
        return self.file(chosen, lambda: colorize.download(
            self.studio, chosen, key, now, visitor(request), kind))  # fmt: skip

    @staticmethod
    def file(chosen: Chosen | None, make: Any) -> str | None:
        """What ``make`` writes; None, and a notice, where that cannot be."""
        if chosen is None:
            warn(NO_PHOTO)
            return None
        try:
            return make()
        except EXPECTED as error:
            warn(sentence(error))
            return None

    # --- Sample and Sweep ----------------------------------------------------------------------

    @spoken
    def sample(
        self,
        request: gr.Request,
        chosen: Chosen | None,
        key: str,
        around: Sequence[int],
        *controls: Any,
    ) -> Iterator[list[Any]]:
        """Fresh samples, near none that was kept before."""
        if chosen is None:
            warn(NO_PHOTO)
        yield from self._sampled(request, chosen, key, (), *controls)

    def _sampled(
        self, request: gr.Request, chosen: Chosen | None, key: str, around: Any, *controls: Any
    ) -> Iterator[list[Any]]:
        names, who = list(self.many.knobs), visitor(request)
        for step in sample.stream(self.studio, chosen, key, who, names, around, *controls):
            yield [*step, tuple(around)]

    @spoken
    def more(
        self,
        request: gr.Request,
        event: gr.EventData,
        sheet: Sheet | None,
        chosen: Chosen | None,
        key: str,
        around: Sequence[int],
        count: float,
        *controls: Any,
    ) -> Iterator[Any]:
        """*More like this*: the sample is kept, and others are drawn near it."""
        index = chosen_index(event, len(sheet.settings)) if sheet else None
        if chosen is None or index is None or not get(key).coherent:
            yield gr.skip()
            return
        kept = sheet.settings[index]
        lineage = (*kept.around, kept.seed)[-sample.MOST_STEPS :]
        count = count if count > 1 else sample.DEFAULT_COUNT
        yield from self._sampled(request, chosen, key, lineage, count, *controls)

    def variety(self, key: str, choice: str) -> Any:
        """(correlation length, temperature), or the first alone where no method has the second."""
        temperature, correlation = sample.variety(key, choice)
        if sample.DARING not in self.many.knobs:
            return correlation
        return [correlation, gr.skip() if temperature is None else temperature]

    def archive(
        self, request: gr.Request, sheet: Sheet | None, chosen: Chosen | None
    ) -> str | None:
        if chosen is not None and sheet is None:
            warn("There are no samples yet; choose Show samples first.")
            return None
        return self.file(
            chosen, lambda: sample.archive(self.studio, chosen, sheet, visitor(request))
        )

    @spoken
    def sweep(
        self, request: gr.Request, chosen: Chosen | None, key: str, *controls: Any
    ) -> Iterator[list[Any]]:
        names = list(self.grid.knobs)
        yield from sweep.stream(self.studio, chosen, key, visitor(request), names, *controls)

    def sample_if_stale(
        self, request: gr.Request, sheet: Sheet | None, chosen: Chosen | None, *rest: Any
    ) -> Iterator[Any]:
        """The tab was opened: fill it, unless it already shows this photograph."""
        if chosen is None or not _stale(sheet, chosen, rest[0]):
            yield gr.skip()
        else:
            yield from self.sample(request, chosen, *rest)

    def sweep_if_stale(
        self, request: gr.Request, sheet: Sheet | None, chosen: Chosen | None, *rest: Any
    ) -> Iterator[Any]:
        if chosen is None or not _stale(sheet, chosen, rest[0]):
            yield gr.skip()
        else:
            yield from self.sweep(request, chosen, *rest)

    @spoken
    def taken(
        self,
        request: gr.Request,
        event: gr.EventData,
        sheet: Sheet | None,
        chosen: Chosen | None,
        key: str,
        memory: Memory,
    ) -> Any:
        """A tile of Sample or Sweep goes to Colorize, with its seed and its knobs."""
        index = chosen_index(event, len(sheet.settings)) if sheet else None
        if chosen is None or index is None:
            return gr.skip()
        shown = self.picture.show(
            self.studio, chosen, key, sheet.settings[index], visitor(request), memory
        )
        return [gr.Tabs(selected="colorize"), *shown]

    # ---------------------------------------------------------------------------------------------

    def left(self, request: gr.Request) -> None:
        """The browser tab was closed."""
        self.studio.forget(visitor(request))

    @property
    def fresh(self) -> list[Any]:
        """Every component that a new photograph fills or empties, but those beside the tabs."""
        return [*self.picture.everything, *(c for view in self.emptied for c in view.everything)]

    def _emptied(self, chosen: Chosen | None, key: str, *, keep_knobs: bool) -> list[Any]:
        return [
            update
            for view in self.emptied
            for update in view.reset(chosen, key, keep_knobs=keep_knobs)
        ]


def _stale(sheet: Sheet | None, chosen: Chosen, key: str) -> bool:
    return sheet is None or (sheet.digest, sheet.key) != (chosen.digest, key)
