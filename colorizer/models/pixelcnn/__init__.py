"""The PixelCNN of PixColor, and drawing from it."""
