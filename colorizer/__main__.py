"""``python -m colorizer`` and the command ``colorizer``: see :mod:`colorizer.cli`."""

import signal
import sys
from typing import NoReturn

from .cli import main


def run() -> NoReturn:
    """Run the command line of this process and end it."""
    # A polite end (kill, a closing container or terminal) is handled like Ctrl-C: nothing is left
    # half-written.  Under nohup the terminal's end is none.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)
    sys.exit(main())


if __name__ == "__main__":
    run()
