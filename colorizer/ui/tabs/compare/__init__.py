"""The tab *Compare*."""
