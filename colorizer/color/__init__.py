"""Colour spaces: CIE Lab, YCbCr, the limits of sRGB, and bins of the ab plane."""
