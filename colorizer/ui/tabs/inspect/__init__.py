"""The tab *Inspect*."""
