"""Are two equations, or two inequalities, the same? Each is made a number, 1 where it holds and 0 where it does not.

These numbers are compared as any two expressions are: the places where one changes are solved for. Where the sides
are no rational functions they cannot be trusted to be all found: there only a multiple of the other counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from engine.grading.definedness import Definedness
from engine.grading.judging import Judge
from engine.grading.questions import Question
from engine.grading.verdicts import Counterexample, Judgement, Verdict
from engine.notation.plain import plain
from engine.reading.reader import Reading
from engine.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Apply,
    Multiply,
    Number,
    Power,
    Symbol,
    Term,
    absolute,
    add,
    multiply,
    negate,
    norm2,
    power,
    substitute,
    term,
    trace,
    transpose,
)
from engine.terms.formulas import Formula
from engine.worlds.comparison import Agreement, Reference

UNDEFINED = "one of them is not defined where the other one is, and where they are it was not decided"
UNSOLVED = "it agrees at all places looked at, but where the two sides are equal could not be solved for"
_WHOLE = tuple(term(n) for n in (1, -1, 2, -2, 3, -3, 4, -4))
_MULTIPLES = (*_WHOLE, *(power(n, MINUS_ONE) for n in _WHOLE[2:]))


@dataclass(frozen=True)
class StatedRelation:
    """A relation as it was read: left minus right, its sign, and the reading to be shown."""

    difference: Term
    sign: str
    reading: Reading

    @property
    def holds(self) -> Term:
        """1 where it holds, else 0; of columns and matrices, their squared norm is 0."""
        inner = self.difference
        if not inner.is_scalar:
            inner = norm2(inner) if inner.cols == 1 else trace(multiply(transpose(inner), inner))
        sign = Apply("sign", (inner,))
        match self.sign:
            case "=":
                return add(ONE, negate(absolute(sign)))
            case "!=":
                return absolute(sign)
            case "<":
                return Apply("max", (ZERO, negate(sign)))
        return add(ONE, negate(Apply("max", (ZERO, sign))))


def said(reading: Reading) -> StatedRelation:
    """A relation of two sides, a > b as b < a."""
    left, right = reading.sides
    if reading.sign in (">", ">="):
        return StatedRelation(add(right, negate(left)), reading.sign.replace(">", "<"), reading)
    return StatedRelation(add(left, negate(right)), reading.sign, reading)


def judged(left: StatedRelation, right: StatedRelation, question: Question) -> Judgement:
    """Whether two relations hold in the same places; which implies the other, if only one does."""
    found = Judge(replace(question, value=left.holds)).judged(replace(right.reading, sides=(right.holds,)))
    shown = replace(found, reading=right.reading, counterexample=_told(found.counterexample), fingerprint="")
    compare = _comparing(question)
    if _is_multiple(left, right, compare):
        there = (_needed(replace(question, value=one), other) for one, other in _pairs(left, right))
        where = dict.fromkeys(plain(each) for conditions in there for each in conditions)
        return replace(shown, verdict=Verdict.CORRECT, reason="", where=tuple(where), counterexample=None, holds_if="")
    rational = _is_rational(left.difference) and _is_rational(right.difference)
    if found.correct and not rational:
        return replace(shown, verdict=Verdict.UNDECIDED, reason=UNSOLVED)
    if found.verdict is Verdict.INCORRECT and not _is_told_apart(found.counterexample):
        return replace(shown, verdict=Verdict.UNDECIDED, reason=UNDEFINED, counterexample=None, holds_if="")
    if found.verdict is not Verdict.INCORRECT:
        return shown
    both = multiply(left.holds, right.holds)
    implied = [name for name, one in (("right", left), ("left", right)) if rational and compare(one.holds, both)]
    if len(implied) == 1:
        other = "left" if implied == ["right"] else "right"
        reason = f"the {implied[0]} one follows from the {other} one, and not the other way round"
        return replace(shown, reason=reason, implies=implied[0])
    return replace(shown, reason="they do not hold in the same places")


def _needed(question: Question, other: Term) -> tuple[Formula, ...]:
    """What another term needs to have a value, beyond what that of the question does."""
    definedness = Definedness(question)
    return definedness.needed(other, definedness.reference(question.value))


def _comparing(question: Question) -> Callable[[Term, Term], bool]:
    def compare(left: Term, right: Term) -> bool:
        reference = Reference(right, question.declarations, question.hypotheses)
        return reference.compared(left).outcome is Agreement.EQUAL

    return compare


def _pairs(left: StatedRelation, right: StatedRelation) -> tuple[tuple[Term, Term], tuple[Term, Term]]:
    return (left.difference, right.difference), (right.difference, left.difference)


def _is_multiple(left: StatedRelation, right: StatedRelation, compare: Callable[[Term, Term], bool]) -> bool:
    """Whether one difference is a number times the other, of the sign that the relation takes; of equations, also a
    product with what is divided by in one of them, which is not 0 where that is defined.
    """
    if left.sign != right.sign:
        return False
    equations = left.sign in ("=", "!=")
    numbers = [each for each in _MULTIPLES if equations or _is_positive(each)]
    divisors = _divisors(left.difference, right.difference) if equations else []
    for one, other in _pairs(left, right):
        scaled = [multiply(divisor, one) for divisor in divisors if divisor.is_scalar or divisor.cols == one.rows]
        for first in (one, *scaled):
            if first.shape == other.shape and any(compare(first, multiply(each, other)) for each in numbers):
                return True
    return False


def _divisors(*terms: Term) -> list[Term]:
    """What is divided by, or inverted, in some terms."""
    powers = (node for term in terms for node in term.walk() if isinstance(node, Power))
    return list(dict.fromkeys(node.base for node in powers if _is_negative(node.exponent)))


def _is_negative(value: Term) -> bool:
    return isinstance(value, Number) and value.value < 0


def _is_positive(value: Term) -> bool:
    return isinstance(value, Number) and value.value > 0


def _is_told_apart(shown: Counterexample | None) -> bool:
    """Whether both relations have a truth value at the place shown."""
    return shown is not None and {shown.answer, shown.result} == {"0", "1"}


def _is_rational(value: Term) -> bool:
    """Whether a term is a rational function of scalars, with absolute values and the like in it."""
    return value.is_scalar and all(_keeps_rational(node) for node in value.walk())


def _keeps_rational(node: Term) -> bool:
    if isinstance(node, Power):
        return isinstance(node.exponent, Number) and node.exponent.value.denominator == 1
    return isinstance(node, (Number, Symbol, Add, Multiply)) and node.is_scalar


def _told(shown: Counterexample | None) -> Counterexample | None:
    """Values where one holds and the other does not."""
    if shown is None:
        return None
    words = {"1": "holds", "0": "does not hold"}
    return replace(shown, answer=words.get(shown.answer, shown.answer), result=words.get(shown.result, shown.result))


# -- up to -------------------------------------------------------------------------------------------------------------

UP_TO = ("sign", "factor", "constant")


def up_to(what: str, left: Term, right: Term, within: Symbol | None, question: Question) -> tuple[Term, Term]:
    """Two terms that are equal just where left and right are, up to a sign, or up to a factor or summand that is free
    of a symbol.
    """
    if what == "sign" or within is None:
        return (left, right) if _comparing(question)(left, right) else (left, negate(right))
    elsewhere = next(_others(within, (left, right)))
    there = [substitute(side, {within: elsewhere}) for side in (left, right)]
    if what == "constant":
        return add(left, negate(right)), add(there[0], negate(there[1]))
    return multiply(left, transpose(there[1])), multiply(right, transpose(there[0]))


def _others(symbol: Symbol, terms: tuple[Term, ...]) -> Iterator[Symbol]:
    """Symbols of the shape of one that are in no term."""
    taken = {each.name for term in terms for each in term.free}
    for count in range(1, 1000):
        if f"{symbol.name}_{count}" not in taken:
            yield Symbol(f"{symbol.name}_{count}", *symbol.shape)
