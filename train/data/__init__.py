"""Photographs for training: found, decoded, aged, with label maps and simulated hints."""
