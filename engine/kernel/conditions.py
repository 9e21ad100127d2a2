"""What must hold for a term to have a value at all: read off its tree, never off its spelling.

Every reciprocal needs a base that is not zero (for a matrix: invertible), every root and log a
positive argument, every tangent a cosine that is not zero, every derivative of |x|, sign x or max a point away from the kink.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from engine.terms import (
    ONE,
    Add,
    Apply,
    At,
    Call,
    Derivative,
    Differential,
    Each,
    Entry,
    HadamardPower,
    Multiply,
    Number,
    Power,
    Summation,
    Symbol,
    Term,
    add_entrywise,
    negate,
    substitute,
)
from engine.terms.declarations import Declaration, Domain
from engine.terms.formulas import Formula, at_most, invertible, nonnegative, nonzero_entries, positive


@dataclass(frozen=True)
class Condition:
    """A formula that must hold, for all values of the indices that it stands under."""

    formula: Formula
    indices: tuple[Declaration, ...] = ()


Wholes = frozenset[Symbol]  # the symbols that are known to be whole numbers


@lru_cache(maxsize=20_000)
def conditions_of(
    term: Term, indices: tuple[Declaration, ...] = (), wholes: Wholes = frozenset()
) -> tuple[Condition, ...]:
    """The conditions under which every part of the term has a value."""
    return tuple(dict.fromkeys(_conditions_of(term, indices, wholes)))


def _conditions_of(term: Term, indices: tuple[Declaration, ...], wholes: Wholes) -> Iterator[Condition]:
    match term:
        case Call():
            for argument in term.arguments:
                yield from conditions_of(argument, indices, wholes)
            yield from conditions_of(term.unfolded, indices, wholes)
            return
        case At():
            yield from conditions_of(term.value, indices, wholes)
            for condition in conditions_of(term.body, indices, wholes):
                yield Condition(_at(condition.formula, term.symbol, term.value), condition.indices)
            return
        case Summation() | Each():
            running = Declaration(term.index, Domain(index_up_to=term.length, whole=True))
            yield from conditions_of(term.body, (*indices, running), wholes | {term.index})
            return
        case Power() | HadamardPower():
            yield from _of_power(term, indices, wholes)
        case Apply(function="log"):
            yield Condition(positive(term.argument), indices)
        case Apply(function="tan"):
            yield Condition(nonzero_entries(Apply("cos", term.arguments)), indices)
        case Entry(base=base, indices=places):
            for place, size in zip(places, base.shape, strict=False):
                if isinstance(place, Number) and place != ONE and isinstance(size, Symbol):
                    yield Condition(at_most(place, size), indices)
        case Derivative() | Differential():
            yield from _of_derivative(term.body, term.variable, indices)
    for child in term.children:
        yield from conditions_of(child, indices, wholes)


def _at(formula: Formula, symbol: Symbol, value: Term) -> Formula:
    left, right = formula.left, formula.right
    assert isinstance(left, Term) and not isinstance(right, Formula)
    moved = None if right is None else substitute(right, {symbol: value})
    return Formula(substitute(left, {symbol: value}), formula.relation, moved)


def _of_power(term: Power | HadamardPower, indices: tuple[Declaration, ...], wholes: Wholes) -> Iterator[Condition]:
    if not isinstance(term.exponent, Number):
        matrix = isinstance(term, Power) and not term.is_scalar
        if not matrix and not is_whole(term.exponent, wholes):
            yield Condition(positive(term.base), indices)
        elif _is_minus(term.exponent) or _starts_below_zero(term.exponent, indices):
            yield Condition(invertible(term.base) if matrix else nonzero_entries(term.base), indices)
        else:
            yield Condition(nonnegative(term.exponent), indices)
        return
    exponent = term.exponent.value
    if exponent.denominator != 1:
        yield Condition(nonnegative(term.base) if exponent > 0 else positive(term.base), indices)
    elif exponent < 0:
        inverted = isinstance(term, Power) and not term.base.is_scalar
        yield Condition(invertible(term.base) if inverted else nonzero_entries(term.base), indices)


def _is_minus(exponent: Term) -> bool:
    if isinstance(exponent, Add):
        return all(map(_is_minus, exponent.terms))
    first = exponent.factors[0] if isinstance(exponent, Multiply) else exponent
    return isinstance(first, Number) and first.value < 0


def _starts_below_zero(exponent: Term, indices: tuple[Declaration, ...]) -> bool:
    """Whether an exponent like k − 2 is negative where its indices are 1."""
    first = substitute(exponent, {index.symbol: ONE for index in indices})
    parts = first.terms if isinstance(first, Add) else (first,)
    numbers = [part.value for part in parts if isinstance(part, Number)]
    return len(numbers) == len(parts) and sum(numbers) < 0


def is_whole(exponent: Term, wholes: Wholes) -> bool:
    """Whether sums and products of whole numbers make up an exponent."""
    match exponent:
        case Number():
            return exponent.value.denominator == 1
        case Add() | Multiply():
            return all(is_whole(part, wholes) for part in exponent.children)
    return exponent in wholes


def _of_derivative(body: Term, variable: Symbol, indices: tuple[Declaration, ...]) -> Iterator[Condition]:
    """Where the function has a derivative at all."""
    match body:
        case Call():
            yield from _of_derivative(body.unfolded, variable, indices)
        case Summation() | Each():
            running = Declaration(body.index, Domain(index_up_to=body.length, whole=True))
            yield from _of_derivative(body.body, variable, (*indices, running))
            return
        case Apply(function="abs" | "sign") if body.has(variable):
            yield Condition(nonzero_entries(body.argument), indices)
        case Apply(function="max" | "min", arguments=(one, other)) if body.has(variable):
            yield Condition(nonzero_entries(add_entrywise(other, negate(one))), indices)
        case Power() | HadamardPower() if body.has(variable) and _is_root(body.exponent):
            yield Condition(positive(body.base), indices)
    for child in body.children:
        yield from _of_derivative(child, variable, indices)


def _is_root(exponent: Term) -> bool:
    return isinstance(exponent, Number) and exponent.value.denominator != 1 and exponent.value < 1
