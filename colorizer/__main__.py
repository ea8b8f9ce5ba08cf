"""``python -m colorizer`` and the command ``colorizer``: see :mod:`colorizer.cli`."""

import sys
from typing import NoReturn

from .batch import stopping
from .cli import main
from .cli.terminal import INTERRUPTED


def run() -> NoReturn:
    """Run the command line of this process and end it."""
    status = INTERRUPTED
    try:
        stopping.listen()
        status = main()
    except KeyboardInterrupt:  # before a command could handle it
        pass
    finally:
        stopping.clean_up()
    sys.exit(status)


if __name__ == "__main__":
    run()
