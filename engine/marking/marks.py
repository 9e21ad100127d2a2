"""Marks, and what goes with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from engine.grading.verdicts import Counterexample, Diagnosis
from engine.reading import Unreadable


class Mark(Enum):
    """What a link of a working is worth."""

    FOLLOWS = "follows"
    ONE_WAY = "follows one way"
    STEP = "a line of the derivation"
    TRUE = "true, but no consequence of the line before"
    EXPRESSION = "expression"
    NOT_MARKED = "not marked"
    ANSWER = "right answer"
    DEFINITION = "definition"
    UNDECIDED = "not decided"
    UNREAD = "unread"
    UNDEFINED = "undefined there"
    SHAPES = "shapes do not fit"
    WRONG = "does not follow"
    WRONG_ANSWER = "wrong answer"

    @property
    def key(self) -> str:
        """The name in data."""
        return self.name.lower().replace("_", "-")

    @property
    def is_good(self) -> bool:
        return self in (Mark.FOLLOWS, Mark.STEP, Mark.DEFINITION, Mark.ANSWER)

    @property
    def is_open(self) -> bool:
        """Whether it says neither that a line is right nor that it is wrong."""
        return self in (Mark.NOT_MARKED, Mark.UNDECIDED, Mark.UNREAD)

    @property
    def is_bad(self) -> bool:
        return self in (Mark.UNDEFINED, Mark.SHAPES, Mark.WRONG, Mark.WRONG_ANSWER)


_ORDER = list(Mark)


@dataclass(frozen=True)
class Link:
    """Two sides of a line with the sign between them, and its mark.

    `carried` is said of what follows from a line that was wrong; `step` is the line of the derivation, from 1, that it
    comes to; `needs` what is nowhere given and must hold for it.
    """

    left: str
    sign: str
    right: str
    mark: Mark
    reason: str = ""
    counterexample: Counterexample | None = None
    step: int | None = None
    carried: bool = False
    needs: tuple[str, ...] = ()
    diagnosis: tuple[Diagnosis, ...] = ()
    goes_on: bool = False  # whether its left side is the right side of the link before


@dataclass(frozen=True)
class MarkedLine:
    """A line of a working; one without links is text."""

    line: int
    text: str
    links: tuple[Link, ...] = ()
    trouble: Unreadable | None = None
    is_text: bool = False
    notes: tuple[str, ...] = ()

    @property
    def mark(self) -> Mark | None:
        """The worst of its links; None for text."""
        if self.is_text:
            return None
        if self.trouble is not None:
            return Mark.SHAPES if any(link.mark is Mark.SHAPES for link in self.links) else Mark.UNREAD
        return max((link.mark for link in self.links), key=_ORDER.index, default=Mark.DEFINITION)


class Outcome(Enum):
    """`answered`: all questions are, in words; `unread`: right as far as it was read, but something in it was not read,
    decided or marked; `flawed`: the result is reached by wrong lines or leaps, or a question is answered wrongly.
    """

    COMPLETE = "complete"
    ANSWERED = "answered"
    UNREAD = "unread"
    FLAWED = "flawed"
    UNFINISHED = "unfinished"


@dataclass(frozen=True)
class Marked:
    """A whole working, marked: `reached` are the results that its lines come to, `missing` the others."""

    lines: tuple[MarkedLine, ...]
    outcome: Outcome
    reached: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    stands_at: int = 0
    steps: int = 0
    assumptions: tuple[str, ...] = field(default=())

    @property
    def first_bad(self) -> int | None:
        return next((line.line for line in self.lines if line.mark is not None and line.mark.is_bad), None)

    @property
    def diagnosis(self) -> tuple[Diagnosis, ...]:
        return tuple(each for line in self.lines for link in line.links for each in link.diagnosis)
