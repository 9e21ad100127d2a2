"""Where a term may become another function: at a zero of some term, or wherever that is a whole number.

A term is analytic wherever all its parts have values and none of its ends lies. Two terms that are equal near one place are equal, then,
as far as the next end in every direction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from engine import terms
from engine.terms import ONE, Number, Symbol, Term, substitute
from engine.terms.records import FUNCTIONS


@dataclass(frozen=True)
class End:
    """The zeros of a term (of each of its entries), or the places where it is `whole`. Where a function `jumps`, its value on the
    spot is one of its own. Under a sum, the term may have its `index`, up to a length.
    """

    inside: Term
    whole: bool = False
    jumps: bool = False
    index: Symbol | None = None
    length: Term = ONE
    exponent: Term | None = None  # of a power of the term: it ends nothing where this is a whole number


@lru_cache(maxsize=2_000)
def ends(term: Term) -> tuple[End, ...]:
    """The ends of a term and of all its parts, those of inner parts first."""
    return tuple(dict.fromkeys(_ends(term)))


def _ends(term: Term) -> Iterator[End]:
    match term:
        case terms.Call():
            yield from _of_parts(term.arguments)
            yield from ends(term.unfolded)
        case terms.At():
            yield from (*ends(term.value), *_where(ends(term.body), term.symbol, term.value))
        case terms.Iterate():
            yield from (*ends(term.start), *_where(ends(term.body), term.state, term.start))
        case terms.Summation() | terms.Each():
            yield from map(lambda end: _under_index(end, term.index, term.length), ends(term.body))
        case terms.ArgMin() | terms.Limit():
            yield from (end for end in _of_parts(term.children) if term.variable not in end.inside.free)
        case terms.Apply():
            yield from _of_parts(term.children)
            yield from _of_function(term)
        case terms.Power(base=base) | terms.HadamardPower(base=base):
            yield from _of_parts(term.children)
            if not (isinstance(term.exponent, Number) and term.exponent.value.denominator == 1):
                yield from (*_poles((base,)), *_zeros(End(base, exponent=term.exponent)))
        case _:
            yield from _of_parts(term.children)


def _of_parts(parts: Iterable[Term]) -> Iterator[End]:
    for part in parts:
        yield from ends(part)


def _where(found: Iterable[End], symbol: Symbol, value: Term) -> Iterator[End]:
    yield from (replace(end, inside=substitute(end.inside, {symbol: value})) for end in found)


def _of_function(term: terms.Apply) -> Iterator[End]:
    function = FUNCTIONS[term.function]
    if function.branchless:
        return
    yield from _poles(term.arguments)
    for inside in function.breaks(*term.arguments):
        end = End(inside, function.stepwise, function.jumps)
        yield from (end,) if function.stepwise else _zeros(end)


def _under_index(end: End, index: Symbol, length: Term) -> End:
    return end if end.index or index not in end.inside.free else replace(end, index=index, length=length)


def _zeros(end: End) -> Iterator[End]:
    """The zeros of a product are those of its factors."""
    match end.inside:
        case Number():
            return
        case terms.Multiply(factors=factors) if end.inside.is_scalar:
            for run in terms.runs(factors):
                part = terms.multiply(*run)
                yield from (replace(end, inside=part),) if part == end.inside else _zeros(replace(end, inside=part))
        case terms.Power(base=base, exponent=Number(value=times)) if base.is_scalar:
            yield from _zeros(replace(end, inside=base)) if times > 0 else ()
        case terms.Apply(function=name) if FUNCTIONS[name].never_zero:
            return
        case _:
            yield end


def _poles(parts: Iterable[Term]) -> Iterator[End]:
    """Where a part of a term has no value, between places where it has one."""
    for part in parts:
        match part:
            case terms.Power(base=base, exponent=Number(value=times)) if times < 0:
                yield from _zeros(End(base if base.is_scalar else terms.Determinant(base), jumps=True))
            case terms.HadamardPower(base=base, exponent=Number(value=times)) if times < 0:
                yield End(base, jumps=True)
            case terms.Apply(function="tan"):
                yield End(terms.Apply("cos", part.arguments), jumps=True)
        yield from _poles((part.unfolded,) if isinstance(part, terms.Call) else part.children)


def is_whole(exponent: Term, wholes: Collection[Symbol]) -> bool:
    """Whether sums, products and powers of whole numbers make up an exponent."""
    match exponent:
        case Number():
            return exponent.value.denominator == 1
        case terms.Add() | terms.Multiply():
            return all(is_whole(part, wholes) for part in exponent.children)
        case terms.Power(exponent=Number(value=times)) if times.denominator == 1 and times >= 0:
            return is_whole(exponent.base, wholes)
    return exponent in wholes
