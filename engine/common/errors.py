"""The errors that can be told to whoever asked."""

from __future__ import annotations


class WorkingsError(Exception):
    """What can be told to whoever asked: it cannot be read, asked, shown or decided so. The message says what and why.

    Every error that this project raises for what somebody gave it is one. `tip` says what to try, where that is known;
    `kind` is one of `misasked`, `unreadable`, `ill-typed`, `does-not-hold`, `undecided`.
    """

    tip = ""
    kind = "misasked"


class Misasked(WorkingsError, ValueError):
    """A name that nobody knows, a part that a result does not have, options that contradict each other."""

    def __init__(self, message: str, tip: str = "") -> None:
        super().__init__(message)
        self.tip = tip
