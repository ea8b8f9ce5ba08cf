"""Files in and out: any real-world image → :class:`photo.Photo`, and a coloured picture → a file."""
