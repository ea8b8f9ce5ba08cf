"""The tab *Steer*."""
