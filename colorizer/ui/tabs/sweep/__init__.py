"""The tab *Sweep*."""
