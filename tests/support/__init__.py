"""Helpers of the tests: a served page, a browser, picture files, a Hub of our own."""
