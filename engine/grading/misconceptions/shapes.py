"""What several mistakes have in common: a term or a factor left out or scaled, a power or a function not undone."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeGuard

from engine.grading.misconceptions.registry import Alternatives, AtNode
from engine.rules.scope import Scope
from engine.terms import Add, Apply, Multiply, Number, Power, Term, add, multiply, power, summands


def without(items: tuple[Term, ...], place: int) -> tuple[Term, ...]:
    return items[:place] + items[place + 1 :]


def is_power(term: Term, *exponents: Fraction | int) -> TypeGuard[Power]:
    return isinstance(term, Power) and isinstance(term.exponent, Number) and term.exponent.value in exponents


def scaled_summands(term: Term, scale: Term) -> Alternatives:
    """The sum with one of its terms scaled; a single term is a sum of one."""
    terms = summands(term)
    for place, each in enumerate(terms):
        yield add(*terms[:place], multiply(scale, each), *terms[place + 1 :])


def one_term_scaled(scale: Term) -> AtNode:
    return lambda term, _: scaled_summands(term, scale)


def one_term_left_out(wanted: Callable[[Term], bool] = lambda _: True) -> AtNode:
    def left_out(term: Term, _: Scope) -> Alternatives:
        terms = term.terms if isinstance(term, Add) else ()
        return (add(*without(terms, place)) for place, each in enumerate(terms) if wanted(each))

    return left_out


def one_factor_left_out(wanted: Callable[[Term], bool]) -> AtNode:
    def left_out(term: Term, _: Scope) -> Alternatives:
        found = term.factors if isinstance(term, Multiply) else ()
        return (multiply(*without(found, place)) for place, each in enumerate(found) if wanted(each))

    return left_out


def base_alone(exponent: Fraction | int) -> AtNode:
    """A power of this exponent without it."""

    def lowered(term: Term, _: Scope) -> Alternatives:
        if is_power(term, exponent):
            yield term.base

    return lowered


def power_term_by_term(exponent: Fraction | int) -> AtNode:
    """(a + b)ᵏ = aᵏ + bᵏ."""

    def spread(term: Term, _: Scope) -> Alternatives:
        if is_power(term, exponent) and isinstance(term.base, Add):
            yield add(*(power(each, term.exponent) for each in term.base.terms))

    return spread


def argument_alone(function: str) -> AtNode:
    """What a function is applied to, without it."""

    def bare(term: Term, _: Scope) -> Alternatives:
        if isinstance(term, Apply) and term.function == function:
            yield term.argument

    return bare
