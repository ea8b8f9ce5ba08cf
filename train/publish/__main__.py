"""Write every text that is made from the checkpoints: ``python -m train.publish``.

The model cards, docs/results.md with the README's table, docs/reports.md and the table of
train/README.md.  Pictures and docs/speed.md have programs of their own: ``train.publish.contact_sheet``
and ``benchmarks``.
"""

from __future__ import annotations

from . import card, comparison, overview, training_table

if __name__ == "__main__":
    card.main([str(folder) for folder in overview.shipped_folders()])
    for program in (overview, comparison, training_table):
        program.main([])
