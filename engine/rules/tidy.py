"""The light tidying that every rule does to what it computed: what a person does without saying so.

Numbers are multiplied out, powers of one base united, like terms added up, scalars written before
matrices in the order of the premises, transposes pushed inwards, an inverse cancelled against its matrix.
Nothing is multiplied out and nothing is put over a common denominator: those are rules of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from engine.common.kinds import Kinds
from engine.rules.scope import Scope
from engine.terms import (
    ONE,
    Add,
    Call,
    Entry,
    Expectation,
    Multiply,
    Number,
    Power,
    Summation,
    Symbol,
    Term,
    Variance,
    add,
    multiply,
    rewrite,
    runs,
    transpose,
)

TIDIERS: Kinds[Callable[[Any, Scope], Term]] = Kinds(Term, "tidying")  # of those that have one


def tidy(term: Term, scope: Scope) -> Term:
    """The term, tidied at every place."""
    term = term.map(lambda child: tidy(child, scope))
    step = TIDIERS.get(type(term))
    return step(term, scope) if step else term


def rewritten(term: Term, function: Callable[[Term], Term | None], scope: Scope) -> Term:
    """The term with a function applied at every place, then tidied; untouched where the function gives nothing."""
    new = rewrite(term, function)
    return term if new == term else tidy(new, scope)


def coefficient_of(term: Term) -> tuple[Fraction, Term]:
    """A term as a number times the rest."""
    if isinstance(term, Number):
        return term.value, ONE
    if isinstance(term, Multiply) and isinstance(term.factors[0], Number):
        return term.factors[0].value, multiply(*term.factors[1:])
    return Fraction(1), term


def without_number(term: Term) -> Term:
    """A term, or a sum of some, over the number in front of the first."""
    if not isinstance(term, Add):
        return coefficient_of(term)[1]
    first = coefficient_of(min(term.terms, key=lambda part: repr(coefficient_of(part)[1])))[0]
    return term if first == 1 else Add(tuple(multiply(Number(1 / first), part) for part in term.terms))


@TIDIERS.of(Add)
def _add(term: Add, scope: Scope) -> Term:
    parts: dict[Term, tuple[Fraction, Term]] = {}
    for part in term.terms:
        number, rest = coefficient_of(part)
        key = oriented(rest, scope)
        before = parts[key][0] if key in parts else Fraction(0)
        parts[key] = (before + number, parts[key][1] if key in parts else rest)
    total = [multiply(Number(number), rest) for number, rest in parts.values()]
    result = add(*total)
    return positive_first(result) if isinstance(result, Add) else result


def positive_first(term: Add) -> Add:
    """The sum with a positive term in front, if it has one: 1 − x, not −x + 1."""
    if coefficient_of(term.terms[0])[0] > 0:
        return term
    for place, part in enumerate(term.terms):
        if coefficient_of(part)[0] > 0:
            return Add((part, *term.terms[:place], *term.terms[place + 1 :]))
    return term


def oriented(term: Term, scope: Scope) -> Term:
    """A scalar with each chain of matrices in it turned one way, since wᵀx = xᵀw."""
    if not (isinstance(term, Multiply) and term.is_scalar):
        return term
    turned = [turned_one_way(run, scope) for run in runs(term.factors)]
    return Multiply(tuple(factor for run in sorted(turned, key=repr) for factor in run))


def turned_one_way(run: tuple[Term, ...], scope: Scope) -> tuple[Term, ...]:
    """A chain of matrices that is a scalar, or its transpose, whichever comes first."""
    if len(run) == 1:
        return run
    other = tuple(tidy(transpose(factor), scope) for factor in reversed(run))
    return min(run, other, key=repr)


Key = tuple[object, ...]


def order_key(factor: Term, scope: Scope) -> Key:
    """Where a scalar factor stands in a product: names in the order of the premises, then the rest."""
    base = factor.base if isinstance(factor, Power) else factor
    if isinstance(base, Entry):
        return (0, scope.position(base.base), 1)
    if isinstance(base, Symbol):
        return (0, scope.position(base), 0)
    if isinstance(base, Call):
        return (1, scope.position(base), 0)
    for rank, kind in ((3, Add), (4, (Expectation, Variance)), (5, Summation)):
        if isinstance(base, kind):
            return (rank, first_position(base, scope), 0)
    return (2, first_position(base, scope), 0)


def first_position(term: Term, scope: Scope) -> int:
    return min((scope.position(symbol) for symbol in term.free), default=0)


def sum_key(term: Term, scope: Scope) -> Key:
    """Where a term stands in a sum that a computation put together: numbers first, then by the premises."""
    number, rest = coefficient_of(term)
    if rest == ONE:
        return (0,)
    places = sorted(scope.position(symbol) for symbol in rest.free)
    return (1, len(places) == 0, places, number < 0)
