"""Verdicts, and what goes with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from engine.reading import Reading, Unreadable
from engine.worlds.world import World


class Verdict(Enum):
    """What an answer is worth."""

    CORRECT = "correct"
    INCORRECT = "incorrect"
    ILL_TYPED = "ill-typed"
    UNREADABLE = "unreadable"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Counterexample:
    """Values for the symbols, as text, at which an answer and the result differ."""

    values: tuple[tuple[str, str], ...]
    answer: str
    result: str
    world: World | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        where = ", ".join(f"{name} = {value}" for name, value in self.values)
        return f"at {where or 'any values'} the answer is {self.answer} and the result is {self.result}"


@dataclass(frozen=True)
class Diagnosis:
    """A mistake that would have led there: its name, where it was made, and what a tutor would say."""

    name: str
    sentence: str
    step: int | None = None
    rule: str = ""


@dataclass(frozen=True)
class Judgement:
    """The verdict on one answer, for which part of a result it is, and why."""

    verdict: Verdict
    part: str = ""
    reason: str = ""
    reading: Reading | None = None
    trouble: Unreadable | None = None
    counterexample: Counterexample | None = None
    where: tuple[str, ...] = ()  # what must hold for both sides to have a value, where it is right
    is_partly_defined: bool = False  # whether, somewhere, only one side has a value
    holds_if: str = ""  # under which further assumption the answer would be right
    implies: str = ""  # of two relations that are not equivalent: the one that follows from the other, left or right
    in_one_dimension: bool = False  # whether that is that a size is 1
    is_true: bool = False  # though no final expression: not solved, or not worked out
    worlds: int = 0
    bits: int | None = None  # to how many bits enclosed values agreed; None: exactly equal
    notes: tuple[str, ...] = ()
    compared: Reading | None = None  # what it was compared with, where that was typed, too
    fingerprint: str = ""
    diagnosis: tuple[Diagnosis, ...] = ()
    option: str = ""  # of a question with options: the one that was chosen
    because: tuple[str, ...] = ()  # and the lines that decide

    @property
    def correct(self) -> bool:
        return self.verdict is Verdict.CORRECT

    @property
    def is_wrong(self) -> bool:
        """Whether it has another value, or another shape, than the result; not where it only is no final expression."""
        off = self.verdict is Verdict.INCORRECT and not self.is_true
        return off or (self.verdict is Verdict.ILL_TYPED and self.trouble is None)
