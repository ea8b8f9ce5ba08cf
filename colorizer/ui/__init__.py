"""The page: one file per tab over the library, and the only part that imports Gradio.

========== =========================================================================
settings   limits of a hosted copy, from the environment, in one place
studio     what the server keeps: loaded models, photographs, analyses, picture files
knobs      controls for an approach's knobs, made from its registry entry
tiles      grids of pictures that can be chosen: samples, the contact sheet, examples
theme      colours, type and ``style.css``
side       the photograph and the method, shared by all tabs
colorize   the tab *Colorize*
compare    the tab *Compare*
sample     the tab *Sample*
sweep      the tab *Sweep*
inspect    the tab *Inspect*
steer      the tab *Steer*; ``steering`` has what hints are done to
values     the small values that travel between handlers
figures    PSNR, colourfulness, diversity, the map of uncertainty
sheets     pictures made of pictures: before and after, the comparison
pointer    a photograph on which points can be chosen
album      the tab *Album* and ``/album``; ``albumwork`` does the work
study      the tab *Real or fake?*; ``studywork`` keeps a visit
about      the tab *About*, with ``figure`` and the model cards of ``cards``
guard      what a hosted page refuses, and how it forgets what it was sent
handlers   what a click does, across tabs; ``exploring`` for Compare, Inspect and Steer
api        the endpoints ``/colorize``, ``/sample``, ``/sweep``
explore    the endpoints ``/compare``, ``/inspect``, ``/steer``
ties       which event calls which handler
page       puts them together
========== =========================================================================

Every tab file has two halves: handlers, which are plain functions over :class:`studio.Studio` and
are tested without a browser, and ``build``, which lays out components and ties them to handlers.
A new tab is a new file with these two halves and one line in ``page``.
"""
