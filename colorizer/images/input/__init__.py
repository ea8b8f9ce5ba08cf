"""Files → samples in sRGB: who decodes what, and which files are refused."""
