"""The tab *Real or fake?*."""
