"""The page: tabs over the library, and the only part that imports Gradio.

=================== ==============================================================================
page                puts everything together; the table ``TABS`` has a line for every tab
events              who is asking (``Session``), what tabs share, handlers tied to events
api                 what the named endpoints share
tabs                one tab a module or, where that is long, a folder with its parts
sidebar             the column beside the tabs: photograph, examples, method
widgets             parts of tabs: grids of pictures, a photograph with pins, knobs, the viewer
backend             without Gradio: models and photographs, settings, picture files, problems
languages           every text of the page in ten languages; ``_("…")``
theme               colours, type, style sheets and scripts
server              ``settings`` of a hosted copy, ``guard`` (refusing, forgetting), ``zerogpu``
lite                the page that needs no server, built from ``web/``
=================== ==============================================================================

A new tab is one file, a subclass of :class:`colorizer.ui.tabs.base.Tab` in ``tabs``, and one line
in ``page.TABS``.  What is behind a tab lies beside it, and a tab's own style, too.
"""
