"""The page: one file per tab over the library, and the only part that imports Gradio.

=================== ==============================================================================
page                puts everything together; the table ``TABS`` has a line for every tab
tab                 what a tab is, who is asking (``Session``), and how handlers are tied to events
opening             a photograph comes or goes, or the method changes
sidebar             the photograph and the method, shared by all tabs
api                 what the named endpoints share
studio              what the server keeps: loaded models, photographs, analyses, picture files
state               the small values that travel between handlers
problems            what can go wrong, in words
common              who is asking, notices, queues, the upload
examples            photographs to begin with
languages           every text of the page in ten languages; ``_("…")``
theme               colours, type, style sheets and scripts
tabs                one file a tab: its components, handlers, events and endpoint
logic               what is behind tabs, without Gradio
widgets             ``tiles`` (grids of pictures), ``pointer`` (a photograph with pins), ``knobs``
server              ``settings`` of a hosted copy, ``guard`` (refusing, forgetting), ``zerogpu``
=================== ==============================================================================

A new tab is one file, a subclass of :class:`colorizer.ui.tab.Tab` in ``tabs``, and one line in
``page.TABS``.
"""
