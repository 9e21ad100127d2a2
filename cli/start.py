"""Where the command starts: so little is imported here that Ctrl-C is answered from the first moment."""

import signal
import sys


def main() -> None:
    """Run the command line. Ctrl-C while it is still loading ends it with 130, without a traceback."""
    try:
        from cli.main import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is left to do is to go
