"""``python -m colorizer``: see :mod:`colorizer.cli`."""

import signal
import sys

from .cli import main

if __name__ == "__main__":
    # A polite end (kill, a closing container) is handled like Ctrl-C: nothing is left half-written.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
