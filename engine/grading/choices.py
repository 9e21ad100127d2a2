"""Questions with options, as a grader asks them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from engine.certificates.serial import readable
from engine.notation.plain import plain
from engine.proofs.working import Choice, Option, Working, against
from engine.terms import Term, is_zero
from engine.terms.formulas import Formula, Relation


class Direction(Enum):
    """What an option says of a quantity: that it grows, falls, or stays the same."""

    UP = "up"
    DOWN = "down"
    SAME = "same"


@dataclass(frozen=True)
class Alternative:
    """An option with what it claims, as text, and whether it is the right one."""

    label: str
    words: str
    claims: tuple[str, ...]
    is_right: bool
    direction: Direction | None
    against: str = ""  # what it would mean, and what holds instead

    @property
    def said(self) -> str:
        return ": ".join(filter(None, (self.label, self.words)))


@dataclass(frozen=True)
class ChoiceQuestion:
    """A question that is answered in words; `because` are the lines that decide it, as text."""

    part: str
    question: str
    alternatives: tuple[Alternative, ...]
    because: tuple[str, ...]
    about: tuple[str, ...] = ()
    cause: str = ""  # what is said to grow, where the question is how something else changes with it

    def grounds(self, alternatives: Sequence[Alternative]) -> tuple[str, ...]:
        """What decides over options that are left open: the lines, if the right one is among them; else what is against
        each.
        """
        wrong = tuple(each.against for each in alternatives if each.against)
        return self.because if not wrong or any(each.is_right for each in alternatives) else wrong

    @property
    def right(self) -> Alternative:
        return next(alternative for alternative in self.alternatives if alternative.is_right)


readable(Direction, Alternative, ChoiceQuestion)


def choice_questions(working: Working) -> tuple[ChoiceQuestion, ...]:
    """The questions of a working that its lines decide."""
    return tuple(_asked(choice, working) for choice in working.choices if choice.chosen is not None)


def open_questions(working: Working) -> tuple[str, ...]:
    """The names of the questions that its lines leave open."""
    return tuple(choice.name for choice in working.choices if choice.chosen is None)


def _asked(choice: Choice, working: Working) -> ChoiceQuestion:
    directions = _directions_of(choice)
    alternatives = tuple(
        Alternative(
            option.label,
            option.words,
            tuple(map(plain, option.claims)),
            option.is_shown,
            direction,
            _against(working, choice, option),
        )
        for option, direction in zip(choice.options, directions, strict=True)
    )
    because = tuple(plain(step.claim.formula) for step in choice.because)
    cause = _CAUSE.match(choice.question)
    return ChoiceQuestion(choice.name, choice.question, alternatives, because, choice.about, cause[1] if cause else "")


def _against(working: Working, choice: Choice, option: Option) -> str:
    contrary = against(working, choice, option)
    if contrary is None:
        return ""
    claim, fact = contrary
    return f"it would mean {plain(claim)}{f', but {plain(fact)}' if fact is not None else ', which fails'}"


_CAUSE = re.compile(r"(?:As the|Does) ([\w ]+?) (?:increases|grows|make|\()")


def _directions_of(choice: Choice) -> list[Direction | None]:
    """What each option says of one slope or difference; nothing where they are not about one."""
    signs = [next(filter(None, map(_sign, option.claims)), None) for option in choice.options]
    subjects = {sign[0] for sign in signs if sign is not None}
    together = len(subjects) == 1 and None not in signs
    return [sign[1] if sign is not None and together else None for sign in signs]


def _sign(claim: Formula) -> tuple[Term, Direction] | None:
    """The term that a claim gives a sign, or says to be 0."""
    left, right = claim.left, claim.right
    if not isinstance(left, Term) or not isinstance(right, Term):
        return None
    if claim.relation is Relation.EQUAL and is_zero(right):
        return left, Direction.SAME
    if claim.relation is Relation.LESS and (is_zero(left) or is_zero(right)):
        return (right, Direction.UP) if is_zero(left) else (left, Direction.DOWN)
    return None
