"""One run at a time on one target: a file that says who is at work, refreshed while it is."""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ..storage import Place, StorageError

NAME = "lock.json"
REFRESH = 20.0  # seconds
STALE = 120.0  # seconds without a refresh after which a run is taken for dead


class InUseError(StorageError):
    """Another run is at work on the target; the message is one sentence for a person.

    holder: what is known of the run: ``run``, ``pid``, ``host``, ``since``; empty if nothing is.
    """

    def __init__(
        self, message: str, *, url: str = "", holder: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message, url=url)
        self.holder = dict(holder or {})


class Lock:
    """Held while a run works on a target; a context manager.

    place: the folder of the table.  taken_over: True once entered, if an earlier run had ended
    without letting go.
    """

    def __init__(self, place: Place) -> None:
        self.place, self.taken_over = place, False
        self.run = time.strftime("%Y%m%d-%H%M%S-", time.gmtime()) + secrets.token_hex(3)
        self._since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._refresh, daemon=True)

    def __enter__(self) -> Lock:
        try:
            self.place.write(NAME, self._content(), replace=False)
        except FileExistsError:
            self._take_over()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if self._holder().get("run") == self.run:
            with suppress(OSError):
                self.place.remove(NAME)

    def _take_over(self) -> None:
        holder = self._holder()
        if holder and not _is_dead(holder):
            raise InUseError(
                f"Another run has been at work on this target since {holder['since']} "
                f"(process {holder['pid']} on {holder['host']}); wait until it has ended.",
                url=self.place.url,
                holder=holder,
            )
        self.place.write(NAME, self._content())
        time.sleep(0.2)  # of two that take over at once the later writer wins
        if self._holder().get("run") != self.run:
            raise InUseError(
                "Another run has just begun on this target; wait until it has ended.",
                url=self.place.url,
            )
        self.taken_over = True

    def _holder(self) -> dict:
        try:
            return json.loads(self.place.read(NAME))
        except (OSError, ValueError):
            return {}

    def _content(self) -> bytes:
        facts = {
            "run": self.run,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "since": self._since,
            "seen": time.time(),
        }
        return json.dumps(facts).encode()

    def _refresh(self) -> None:
        while not self._stop.wait(REFRESH):
            with suppress(OSError):
                if self._holder().get("run") == self.run:  # else it was taken for dead
                    self.place.write(NAME, self._content())


def _is_dead(holder: dict) -> bool:
    if time.time() - holder["seen"] > STALE:
        return True
    if holder["host"] != socket.gethostname() or os.name != "posix":
        return False
    try:
        os.kill(holder["pid"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
