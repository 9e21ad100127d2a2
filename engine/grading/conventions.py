"""Wrong answers that are no mistake of one step: a changed sign, one symbol for another, the result of other
conventions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import product
from typing import Any

from engine.grading.questions import Question
from engine.notation.plain import plain
from engine.proofs.derivation import Replacement
from engine.terms import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    Definition,
    Number,
    Power,
    SquaredNorm,
    Summation,
    Symbol,
    Term,
    Variance,
    add,
    factors,
    multiply,
    negate,
    power,
    substitute,
    summands,
)
from engine.terms.declarations import POSITIVE_INTEGER, Declaration
from engine.terms.laws import Bernoulli, Normal


def changed_results(question: Question) -> Iterator[tuple[str, str, Term]]:
    """A result with its sign changed, upside down, off by a symbol, or with one symbol for another."""
    value = question.value
    yield "sign", "", negate(value)
    if isinstance(question.asked, Variance):
        yield "standard-deviation", "", power(value, HALF)
    if value.is_scalar:
        yield "inverted", "", power(value, MINUS_ONE)
    scalars = [
        d.symbol for d in question.declarations if d.symbol.is_scalar and not d.indices and d.domain.index_up_to is None
    ]
    for symbol in scalars:
        for exponent, by in product((MINUS_ONE, ONE, negate(TWO), TWO, HALF, negate(HALF)), (ONE, TWO, HALF)):
            factor = multiply(by, power(symbol, exponent))
            yield "off-by-a-factor", plain(factor), multiply(factor, value)
    symbols = [d.symbol for d in question.declarations if not d.indices]
    for old in symbols:
        for new in symbols:
            if old != new and old.shape == new.shape and value.has(old):
                yield "symbol-swapped", f"{plain(new)} for {plain(old)}", substitute(value, {old: new})
                if value.has(new) and old.name < new.name:
                    both = substitute(value, {old: new, new: old})
                    yield "symbol-swapped", f"{plain(old)} and {plain(new)}", both


def conventions(
    definitions: Iterable[Definition], declarations: Iterable[Declaration]
) -> Iterator[tuple[str, Replacement, str]]:
    """Premises as others write them: ½λ‖w‖² for λ‖w‖², a sum for a mean, σ for a variance, p for dropping."""
    declarations = tuple(declarations)
    sizes = frozenset(d.symbol for d in declarations if d.domain == POSITIVE_INTEGER)
    for definition in definitions:
        for body in _rescaled(definition.body, sizes):
            other = Definition(definition.name, definition.parameters, body, definition.indexed)
            if plain(other) != plain(definition):
                yield definition.name, partial(_always, body), f"{plain(other)}, where here {plain(definition)}"
    for declaration in declarations:
        name, law = plain(declaration.symbol), declaration.law
        if isinstance(law, Normal) and isinstance(law.variance, Power) and law.variance.exponent == TWO:
            spread = law.variance.base
            told = f"Var({name}) = {plain(spread)}, where here it is {plain(law.variance)}"
            yield declaration.symbol.name, partial(_always, Normal(law.mean, spread)), told
        elif isinstance(law, Bernoulli):
            dropped = Bernoulli(add(ONE, negate(law.p)))
            told = f"{plain(law.p)} is the probability of {name} = 0, where here it is that of {name} = 1"
            yield declaration.symbol.name, partial(_always, dropped), told


def _always(value: Any, _: object) -> Any:
    return value


def _rescaled(body: Term, sizes: frozenset[Symbol]) -> Iterator[Term]:
    """A square, a sum, or two of them added, with other constants before them."""
    terms = summands(body)
    if not body.is_scalar or len(terms) > 2:
        return
    for chosen in product(*(_with_other_constants(each, sizes) for each in terms)):
        if chosen != terms:
            yield add(*chosen)


def _with_other_constants(term: Term, sizes: frozenset[Symbol]) -> list[Term]:
    """A term, then without what stands before its square or sum, with ½, and with 1/n for a size in it."""
    parts = factors(term)
    constants = [factor for factor in parts if factor.is_scalar and factor.free <= sizes]
    others = [factor for factor in parts if factor not in constants]
    if not any(_is_square_or_sum(factor) for factor in others) or any(_is_below(factor) for factor in others):
        return [term]
    counts = [symbol for symbol in sizes if any(factor.has(symbol) for factor in constants)]
    instead = (ONE, HALF, *(power(count, MINUS_ONE) for count in counts))
    return list(dict.fromkeys((term, *(multiply(*_unless_one(constant), *others) for constant in instead))))


def _unless_one(factor: Term) -> tuple[Term, ...]:
    return () if factor == ONE else (factor,)


def _is_square_or_sum(factor: Term) -> bool:
    return isinstance(factor, (SquaredNorm, Summation)) or (isinstance(factor, Power) and factor.exponent == TWO)


def _is_below(factor: Term) -> bool:
    return isinstance(factor, Power) and isinstance(factor.exponent, Number) and factor.exponent.value < 0
