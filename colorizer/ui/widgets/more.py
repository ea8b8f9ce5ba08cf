"""Words for those who want to know more, folded away for the others."""

from __future__ import annotations

from ..languages import _


def more(text: str, title: str = "") -> str:
    """Folded HTML.  title: what stands there while it is folded, by default *More*."""
    return f"<details class='more'><summary>{title or _('More')}</summary><p>{text}</p></details>"
