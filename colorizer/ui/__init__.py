"""The page: one file per tab over the library, and the only part that imports Gradio.

=================== ==============================================================================
page                puts everything together
events              which event calls which handler
handlers            what a click does, across tabs; ``handlers_explore`` for Compare, Inspect, Steer
api                 the endpoints ``/colorize``, ``/sample``, ``/sweep``
api_explore         the endpoints ``/compare``, ``/inspect``, ``/steer``
studio              what the server keeps: loaded models, photographs, analyses, picture files
state               the small values that travel between handlers
sidebar             the photograph and the method, shared by all tabs
examples            photographs to begin with
common              who is asking, what goes wrong in words, how events are queued
theme               colours, type, ``style.css`` and ``page.js``
tabs                one file a tab: Colorize, Compare, Sample, Sweep, Inspect, Steer, Album,
                    Real or fake? (``study``) and About
logic               what is behind tabs: ``album_job``, ``visit`` (of the study), ``hint_editing``,
                    ``quality`` (PSNR, colourfulness, diversity, the map of uncertainty)
widgets             ``tiles`` (grids of pictures), ``pointer`` (a photograph with pins), ``knobs``,
                    ``figure`` (what the knobs do), ``model_cards``, ``montage`` (pictures made of
                    pictures)
server              ``settings`` of a hosted copy, ``guard`` (refusing, forgetting), ``zerogpu``
=================== ==============================================================================

Every tab file has two halves: handlers, which are plain functions over :class:`studio.Studio` and
are tested without a browser, and ``build``, which lays out components and ties them to handlers.
A new tab is a new file with these two halves and one line in ``page``.
"""
