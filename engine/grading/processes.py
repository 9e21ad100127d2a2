"""Processes that share work."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager


@contextmanager
def pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """So many processes, gone when the context is left: at once, where that is by an exception.

    Ctrl-C is for the process that asked: each of theirs would print a traceback. They start before there is a thread
    here of the caller's, since a fork copies its locks.
    """
    with _without_interrupts():
        workers = ProcessPoolExecutor(processes, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN))
        workers.submit(int).result()
    try:
        yield workers
    except BaseException:
        if hasattr(signal, "SIGPIPE") and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # what waits to be handed to them has nobody to go to
        for child in multiprocessing.active_children():
            child.kill()
        workers.shutdown(wait=False, cancel_futures=True)
        raise
    workers.shutdown()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C waits; processes and threads that start here never get it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
