"""Measuring approaches: metrics, the networks behind some of them, and reports."""
