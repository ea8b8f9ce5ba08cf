"""Picture files on the server: each visitor has a bounded number for each purpose.

Nothing here imports Gradio.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict, deque
from contextlib import suppress
from pathlib import Path

from PIL import Image

# Purposes of picture files, and how many a visitor may have of each before the oldest goes.  A
# tab shows one set at a time; the second set is what the browser may still be loading.
KEPT_FILES = {
    "original": 6, "grey": 6, "truth": 6, "preview": 8, "sample": 32, "sweep": 128, "compare": 64,
    "map": 8, "plane": 8, "steer": 8, "reference": 4, "download": 4, "api": 32,
    "album-zip": 2, "look": 40, "study": 220, "part": 48, "from-album": 6, "made": 120,
}  # fmt: skip
# Lists of files; callers of the API come and never say that they leave.
MOST_LISTS = 2000


class PictureFiles:
    """Files of pictures that the page shows or hands over.

    folder: where they go (Gradio's cache, from which alone it serves files).  album: how many
    pictures of albums a visitor may have.
    """

    def __init__(self, folder: str | Path, *, album: int) -> None:
        self.folder = Path(folder)
        self._most = KEPT_FILES | {"album": album}
        self._files: OrderedDict[tuple[str, str], deque[Path]] = OrderedDict()
        self._lock = threading.Lock()

    def place(self, purpose: str, visitor: str, name: str) -> Path:
        """A path for a new picture file, in a folder of its own whose name cannot be guessed."""
        path = self.folder / secrets.token_hex(20) / name
        path.parent.mkdir(parents=True)
        with self._lock:
            files = self._files.setdefault((visitor, purpose), deque())
            files.append(path)
            self._files.move_to_end((visitor, purpose))
            while len(files) > self._most[purpose]:
                oldest = files.popleft()
                with suppress(OSError):  # Gradio's own clock may have been faster
                    oldest.unlink()
                    oldest.parent.rmdir()
            while len(self._files) > MOST_LISTS:
                self._files.popitem(last=False)
        return path

    def write(self, image: Image.Image, purpose: str, visitor: str, name: str = "picture") -> str:
        """Write a picture for the screen as PNG; return its path.

        Compression is the fastest there is: a 1280 px picture takes 0.1 s instead of 0.5 s.
        """
        path = self.place(purpose, visitor, f"{name}.png")
        image.save(path, format="PNG", compress_level=1)
        return str(path)

    def forget(self, visitor: str) -> None:
        """Stop counting the files of a visitor who has left.

        They stay for Gradio's own clock: a phone that went to sleep looks as if its visitor had
        left, and still shows them when it wakes.
        """
        with self._lock:
            for key in [key for key in self._files if key[0] == visitor]:
                del self._files[key]
