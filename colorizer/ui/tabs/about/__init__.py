"""The tab *About*."""
