"""The tab *Colorize*."""
