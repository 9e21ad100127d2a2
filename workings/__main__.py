"""Where the command starts: so little is imported here that Ctrl-C is answered from the first moment."""

import signal
import sys
from importlib import import_module


def main() -> None:
    """Run the command line. Ctrl-C while it is still loading ends it with 130, without a traceback."""
    try:
        import_module("cli.main").main()  # by its name: the command line stands above this, and is written on it
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is left to do is to go


if __name__ == "__main__":
    main()
