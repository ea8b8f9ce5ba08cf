"""The tab *Album*."""
