"""What a click does, across tabs: plain functions that return what the components show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import gradio as gr

from colorizer.approaches import get

from . import colorize, examples, sample, side, sweep
from .common import EXPECTED, NO_PHOTO, sentence, spoken, visitor, warn
from .studio import Chosen, Setting, Sheet, Studio
from .tiles import chosen_index


class Handlers:
    """One method for each event; :mod:`.page` ties them to components.

    ``request`` is Gradio's; only its session is read, as the key of what a visitor opened.
    """

    def __init__(
        self,
        studio: Studio,
        shown: Sequence[examples.Example],
        picture: colorize.View,
        many: sample.View,
        grid: sweep.View,
    ) -> None:
        self.studio, self.examples = studio, shown
        self.picture, self.many, self.grid = picture, many, grid

    # --- a photograph comes or goes, or the method changes ----------------------------------

    def opened(self, request: gr.Request, path: str | None, key: str) -> Any:
        """A new photograph, at once in colour; the other tabs are emptied."""
        if path is None:
            return gr.skip()
        who = visitor(request)
        chosen = self.studio.open(path, who)
        return [
            chosen,
            side.thumbnail(self.studio, chosen, who),
            gr.Tabs(selected="colorize"),
            *self.picture.show(self.studio, chosen, key, Setting(), who),
            *self._emptied(chosen, key, keep_knobs=True),
        ]

    def uploaded(
        self, request: gr.Request, path: str | None, key: str, before: Chosen | None
    ) -> Any:
        """An upload.  A file that cannot be used leaves everything as it was before it."""
        try:
            return self.opened(request, path, key)
        except EXPECTED as error:
            warn(sentence(error))
            back = None
            if before:
                with suppress(*EXPECTED):  # even the one before may be gone by now
                    back = side.thumbnail(self.studio, before, visitor(request))
            return [gr.skip(), back, *[gr.skip()] * (1 + len(self.fresh))]

    @spoken
    def example(self, request: gr.Request, event: gr.EventData, key: str) -> Any:
        index = chosen_index(event, len(self.examples))
        return gr.skip() if index is None else self.opened(request, self.examples[index].path, key)

    @spoken
    def begin(self, request: gr.Request, key: str) -> Any:
        """The first example, so that the page shows at once what it is for."""
        return self.opened(request, self.examples[0].path, key)

    def closed(self, key: str) -> list[Any]:
        empty = self.picture.show(self.studio, None, key, Setting(), "")
        return [None, *empty, *self._emptied(None, key, keep_knobs=True)]

    @spoken
    def method(self, request: gr.Request, chosen: Chosen | None, key: str) -> list[Any]:
        """Another method: its explanation, its knobs at their defaults, its picture."""
        return [
            side.about(get(key)),
            *self.picture.show(self.studio, chosen, key, Setting(), visitor(request)),
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
        guess: str,
        seed: float | None,
        *values: Any,
    ) -> list[Any]:
        """A seed was typed: show its sample."""
        drawn = self.picture.redraw(
            self.studio, chosen, key, visitor(request), colorize.SAMPLE, seed, *values
        )
        return [colorize.SAMPLE, *drawn]

    @spoken
    def another(
        self,
        request: gr.Request,
        chosen: Chosen | None,
        key: str,
        guess: str,
        seed: float | None,
        *values: Any,
    ) -> list[Any]:
        """The next seed; the first one after the best guess."""
        number = int(seed or 0)
        number = min(number + 1, colorize.LARGEST_SEED) if guess == colorize.SAMPLE else number
        drawn = self.picture.redraw(
            self.studio, chosen, key, visitor(request), colorize.SAMPLE, number, *values
        )
        return [number, colorize.SAMPLE, *drawn]

    def download(
        self,
        request: gr.Request,
        chosen: Chosen | None,
        key: str,
        guess: str,
        seed: float | None,
        *values: Any,
    ) -> str | None:
        """The file at the photograph's own size, made now; None where there is nothing to make."""
        if chosen is None:
            warn(NO_PHOTO)
            return None
        now = colorize.setting(key, guess, seed, list(self.picture.knobs), values)
        try:
            return colorize.download(self.studio, chosen, key, now, visitor(request))
        except EXPECTED as error:
            warn(sentence(error))
            return None

    @staticmethod
    def making() -> Any:
        return gr.update(value=colorize.MAKING, interactive=False)

    @staticmethod
    def made() -> Any:
        return gr.update(value=colorize.DOWNLOAD, interactive=True)

    # --- Sample and Sweep ----------------------------------------------------------------------

    @spoken
    def sample(
        self, request: gr.Request, chosen: Chosen | None, key: str, *controls: Any
    ) -> Iterator[list[Any]]:
        if chosen is None:
            warn(NO_PHOTO)
        names = list(self.many.knobs)
        yield from sample.stream(self.studio, chosen, key, visitor(request), names, *controls)

    @spoken
    def sweep(
        self, request: gr.Request, chosen: Chosen | None, key: str, *values: Any
    ) -> Iterator[list[Any]]:
        names = list(self.grid.knobs)
        yield from sweep.stream(self.studio, chosen, key, visitor(request), names, *values)

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
    ) -> Any:
        """A tile of Sample or Sweep goes to Colorize, with its seed and its knobs."""
        index = chosen_index(event, len(sheet.settings)) if sheet else None
        if chosen is None or index is None:
            return gr.skip()
        setting = sheet.settings[index]
        shown = self.picture.show(self.studio, chosen, key, setting, visitor(request))
        return [gr.Tabs(selected="colorize"), *shown]

    # ---------------------------------------------------------------------------------------------

    def left(self, request: gr.Request) -> None:
        """The browser tab was closed."""
        self.studio.forget(visitor(request))

    @property
    def fresh(self) -> list[Any]:
        """Every component that a new photograph fills or empties, but those beside the tabs."""
        return [*self.picture.everything, *self.many.everything, *self.grid.everything]

    def _emptied(self, chosen: Chosen | None, key: str, *, keep_knobs: bool) -> list[Any]:
        return [
            *self.many.reset(chosen, key, keep_knobs=keep_knobs),
            *self.grid.reset(chosen, key, keep_knobs=keep_knobs),
        ]


def _stale(sheet: Sheet | None, chosen: Chosen, key: str) -> bool:
    return sheet is None or (sheet.digest, sheet.key) != (chosen.digest, key)
