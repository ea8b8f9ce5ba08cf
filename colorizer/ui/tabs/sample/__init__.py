"""The tab *Sample*."""
