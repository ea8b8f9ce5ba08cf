"""Coloured pictures → files, in the format that a name asks for."""
