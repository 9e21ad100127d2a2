"""A symbolic derivation engine. Terms are what mathematics speaks of; rules compute terms from terms; the kernel, which
knows no rule, certifies every line that a rule made, in random models of its premises; a derivation is the frozen record
of such lines, and everything else (printing, exporting, judging answers, marking workings) only reads it.
"""


class WorkingsError(Exception):
    """What can be told to whoever asked: it cannot be read, asked, shown or decided so. The message says what and why.

    Every error that this project raises for what somebody gave it is one. `tip` says what to try, where that is known; `kind`
    is one of `misasked`, `unreadable`, `ill-typed`, `does-not-hold`, `undecided`.
    """

    tip = ""
    kind = "misasked"


class Misasked(WorkingsError, ValueError):
    """A name that nobody knows, a part that a result does not have, options that contradict each other."""

    def __init__(self, message: str, tip: str = "") -> None:
        super().__init__(message)
        self.tip = tip
