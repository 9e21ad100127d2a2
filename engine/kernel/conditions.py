"""What must hold for a term to have a value at all: read off its tree, never off its spelling.

Every reciprocal needs a base that is not zero (for a matrix: invertible), every root a base that is not negative, every
standard function what its record says, under a derivative too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine import terms
from engine.common.kinds import Kinds
from engine.terms import ONE, Number, Symbol, Term, substitute
from engine.terms.declarations import Declaration, Domain
from engine.terms.formulas import Formula, at_most, equation, invertible, nonnegative, nonzero_entries, positive
from engine.terms.records import FUNCTIONS
from engine.worlds.breakpoints import is_whole


@dataclass(frozen=True)
class Condition:
    """A formula that must hold, for all values of the indices that it stands under."""

    formula: Formula
    indices: tuple[Declaration, ...] = ()


Wholes = frozenset[Symbol]  # the symbols that are known to be whole numbers


Indices = tuple[Declaration, ...]
ConditionsOf = Callable[[Any, Indices, Wholes], Iterator[Condition]]
CONDITIONS: Kinds[ConditionsOf] = Kinds(Term, "condition")


@lru_cache(maxsize=20_000)
def conditions_of(term: Term, indices: Indices = (), wholes: Wholes = frozenset()) -> tuple[Condition, ...]:
    """The conditions under which every part of the term has a value."""
    return tuple(dict.fromkeys(CONDITIONS[type(term)](term, indices, wholes)))


@CONDITIONS.of(
    Number, terms.Pi, terms.Infinity, Symbol, terms.Identity, terms.Zero, terms.Ones, terms.Unit, terms.Explicit
)
@CONDITIONS.of(terms.Add, terms.Multiply, terms.Transpose, terms.Trace, terms.Determinant, terms.SquaredNorm)
@CONDITIONS.of(terms.Hadamard, terms.Diagonal, terms.DiagonalOf, terms.Kronecker, terms.Vec)
@CONDITIONS.of(terms.Expectation, terms.Variance, terms.Covariance, terms.Limit, terms.ArgMin, terms.Iterate)
def _of_parts(term: Term, indices: Indices, wholes: Wholes) -> Iterator[Condition]:
    """Of what has a value wherever its parts have one, as far as conditions can say."""
    for child in term.children:
        yield from conditions_of(child, indices, wholes)


@CONDITIONS.of(terms.Call)
def _of_call(term: terms.Call, indices: Indices, wholes: Wholes) -> Iterator[Condition]:
    yield from _of_parts(term, indices, wholes)
    yield from conditions_of(term.unfolded, indices, wholes)


@CONDITIONS.of(terms.At)
def _of_place(term: terms.At, indices: Indices, wholes: Wholes) -> Iterator[Condition]:
    yield from conditions_of(term.value, indices, wholes)
    for condition in conditions_of(term.body, indices, wholes):
        yield Condition(_at(condition.formula, term.symbol, term.value), condition.indices)


@CONDITIONS.of(terms.Summation, terms.Each)
def _under_index(term: terms.Summation | terms.Each, indices: Indices, wholes: Wholes) -> Iterator[Condition]:
    yield from conditions_of(term.body, (*indices, _running(term)), wholes | {term.index})


def _running(term: terms.Summation | terms.Each) -> Declaration:
    return Declaration(term.index, Domain(index_up_to=term.length, whole=True))


@CONDITIONS.of(terms.Apply)
def _of_function(term: terms.Apply, indices: Indices, wholes: Wholes) -> Iterator[Condition]:
    function = FUNCTIONS[term.function]
    whole = (argument for place in function.whole if not is_whole(argument := term.arguments[place], wholes))
    needed = (*function.defined(*term.arguments), *(equation(u, terms.Apply("floor", (u,))) for u in whole))
    yield from (Condition(formula, indices) for formula in needed)
    yield from _of_parts(term, indices, wholes)


@CONDITIONS.of(terms.Entry)
def _of_entry(term: terms.Entry, indices: Indices, wholes: Wholes) -> Iterator[Condition]:
    for place, size in zip(term.indices, term.base.shape, strict=False):
        if isinstance(place, Number) and place != ONE and isinstance(size, Symbol):
            yield Condition(at_most(place, size), indices)
    yield from _of_parts(term, indices, wholes)


@CONDITIONS.of(terms.Derivative, terms.Differential)
def _of_slope(term: terms.Derivative | terms.Differential, indices: Indices, wholes: Wholes) -> Iterator[Condition]:
    yield from _of_derivative(term.body, term.variable, indices)
    yield from _of_parts(term, indices, wholes)


def _at(formula: Formula, symbol: Symbol, value: Term) -> Formula:
    left, right = formula.left, formula.right
    assert isinstance(left, Term) and not isinstance(right, Formula)
    moved = None if right is None else substitute(right, {symbol: value})
    return Formula(substitute(left, {symbol: value}), formula.relation, moved)


@CONDITIONS.of(terms.Power, terms.HadamardPower)
def _of_power(term: terms.Power | terms.HadamardPower, indices: Indices, wholes: Wholes) -> Iterator[Condition]:
    yield from _of_exponent(term, indices, wholes)
    yield from _of_parts(term, indices, wholes)


CONDITIONS.check_whole()


def _of_exponent(term: terms.Power | terms.HadamardPower, indices: Indices, wholes: Wholes) -> Iterator[Condition]:
    if not isinstance(term.exponent, Number):
        matrix = isinstance(term, terms.Power) and not term.is_scalar
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
        inverted = isinstance(term, terms.Power) and not term.base.is_scalar
        yield Condition(invertible(term.base) if inverted else nonzero_entries(term.base), indices)


def _is_minus(exponent: Term) -> bool:
    if isinstance(exponent, terms.Add):
        return all(map(_is_minus, exponent.terms))
    first = exponent.factors[0] if isinstance(exponent, terms.Multiply) else exponent
    return isinstance(first, Number) and first.value < 0


def _starts_below_zero(exponent: Term, indices: Indices) -> bool:
    """Whether an exponent like k − 2 is negative where its indices are 1."""
    first = substitute(exponent, {index.symbol: ONE for index in indices})
    parts = first.terms if isinstance(first, terms.Add) else (first,)
    numbers = [part.value for part in parts if isinstance(part, Number)]
    return len(numbers) == len(parts) and sum(numbers) < 0


def _of_derivative(body: Term, variable: Symbol, indices: Indices) -> Iterator[Condition]:
    """Where the function has a derivative at all."""
    match body:
        case terms.Call():
            yield from _of_derivative(body.unfolded, variable, indices)
        case terms.Summation() | terms.Each():
            yield from _of_derivative(body.body, variable, (*indices, _running(body)))
            return
        case terms.Apply() if body.has(variable):
            smooth = FUNCTIONS[body.function].smooth(*body.arguments)
            yield from (Condition(formula, indices) for formula in smooth)
        case terms.Power() | terms.HadamardPower() if body.has(variable) and _is_root(body.exponent):
            yield Condition(positive(body.base), indices)
    for child in body.children:
        yield from _of_derivative(child, variable, indices)


def _is_root(exponent: Term) -> bool:
    return isinstance(exponent, Number) and exponent.value.denominator != 1 and exponent.value < 1
