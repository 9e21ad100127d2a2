"""Questions with options, as their author writes them: what each option claims, and which one the lines show."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from engine.kernel import ConditionMissing, DerivationError, Line, NotDecided, Step, genuine, refute
from engine.proofs.draft import Draft, line_of
from engine.proofs.working import Option, Reason
from engine.rules.scope import Scope
from engine.terms.formulas import Formula


@dataclass(frozen=True)
class Offered:
    """An option of a question: its label, its words, what it claims, and the lines that show that."""

    label: str
    words: str
    claims: tuple[Formula, ...]
    shown: tuple[Line, ...]

    @property
    def option(self) -> Option:
        """Raises TypeError where the kernel has not made the lines."""
        return Option(self.label, self.words, self.claims, tuple(map(genuine, self.shown)))


@dataclass(frozen=True)
class Because:
    """A sentence that answers why, and the lines that it puts in words."""

    text: str
    lines: tuple[Line, ...]

    @property
    def reason(self) -> Reason:
        """Raises TypeError where the kernel has not made the lines."""
        return Reason(self.text, tuple(map(genuine, self.lines)))


def because(text: str, *lines: Draft | Line) -> Because:
    """A sentence that answers why, tied to the lines that it puts in words."""
    return Because(text, tuple(line_of(line) for line in lines))


def labelled(option: str) -> tuple[str, str]:
    """The label of an option (a letter, yes or no) and its words."""
    label, colon, words = option.partition(": ")
    if colon and (len(label) == 1 or label in ("yes", "no")):
        return label, words
    return (option, "") if len(option) == 1 or option in ("yes", "no") else ("", option)


def settled(
    question: str, offered: Iterable[Offered], scope: Scope, supposed: tuple[Step, ...], *, may_stay_open: bool
) -> tuple[Option, ...]:
    """The options, one of them shown and every other one refuted.

    Where they are not, none is shown in a question that may stay open. Raises DerivationError for any other.
    """
    options = [each.option for each in offered]
    found = tuple(option if option.is_shown else _refuted(option, scope, supposed) for option in options)
    shown = sum(option.is_shown for option in found)
    open_ = next((option for option in found if not option.is_shown and option.refuted is None), None)
    if shown == 1 and open_ is None:
        return found
    if may_stay_open:
        return tuple(replace(option, shown=()) for option in found)
    if open_ is None or shown != 1:
        raise DerivationError(f"'{question}' is answered by {shown} of its options, not by one")
    raise DerivationError(f"'{question}': nothing refutes the option '{open_.said}'")


def _refuted(option: Option, scope: Scope, supposed: tuple[Step, ...]) -> Option:
    """An option with the first of its claims that fails in a world; as it is, where none is seen to."""
    for formula in option.claims:
        with suppress(NotDecided, ConditionMissing):
            return replace(option, shown=(), refuted=refute(formula, scope, *supposed))
    return replace(option, shown=())
