"""How much work a term would be, estimated before any is done."""

from __future__ import annotations

from typing import NamedTuple

from engine.reading.errors import Unreadable
from engine.terms import Add, Apply, Each, Multiply, Number, Power, Summation, Symbol, Term

MOST_NODES = 600
SMALL_NODES = 60
SMALL_EXPONENTS = 64
MOST_BITS = 60_000
LARGEST_SIZE = 12
BITS_OF_A_SYMBOL = 64
BITS_OF_A_BALL = 300


class Estimate(NamedTuple):
    """Of the value of a term in a world: its digits, in bits, an upper estimate; how many parts the term has; and what
    it divides by.
    """

    bits: int
    nodes: int
    divides: bool = False


def bounded(value: Term, start: int, end: int) -> None:
    """Raises Unreadable for a term that is too large, or whose value could have too many digits."""
    if _is_small(value):
        return
    estimate = _estimate(value)
    if estimate.nodes > MOST_NODES:
        raise Unreadable(f"an expression with more than {MOST_NODES} parts", start, end)
    if estimate.bits > MOST_BITS:
        raise Unreadable("a value with too many digits to be worked out", start, end, "use smaller exponents")


def _is_small(value: Term) -> bool:
    """Whether a term is so short, and its exponents so low, that no estimate is needed."""
    nodes, exponents = 0, 1
    for node in value.walk():
        nodes += 1
        if isinstance(node, Power):
            exponents *= abs(node.exponent.value.numerator) + 1 if isinstance(node.exponent, Number) else 4
    return nodes <= SMALL_NODES and exponents <= SMALL_EXPONENTS


def _estimate(value: Term) -> Estimate:
    if isinstance(value, Number):
        return Estimate(max(value.value.numerator.bit_length(), value.value.denominator.bit_length()), 1)
    parts = [_estimate(child) for child in value.children]
    if not parts:
        return Estimate(BITS_OF_A_SYMBOL, 1)
    nodes = 1 + sum(part.nodes for part in parts)
    divides = any(part.divides for part in parts)
    total = sum(part.bits for part in parts)
    match value:
        case Power():
            whole = isinstance(value.exponent, Number) and value.exponent.value.denominator == 1
            negative = not (isinstance(value.exponent, Number) and value.exponent.value > 0)
            return Estimate(_bits_of_power(value, parts[0].bits, whole), nodes, divides or negative)
        case Add() if not divides:
            return Estimate(max(part.bits for part in parts) + len(parts), nodes)
        case Summation() | Each():
            times = LARGEST_SIZE if divides and _divides_by(value.body, value.index) else 1
            return Estimate(parts[0].bits * times + LARGEST_SIZE, nodes, divides)
        case Apply():
            return Estimate(BITS_OF_A_BALL + total, nodes, divides)
        case Add() | Multiply():
            return Estimate(total, nodes, divides)
    return Estimate(total + BITS_OF_A_SYMBOL, nodes, divides)


def _bits_of_power(value: Power, base: int, whole: bool) -> int:
    if whole:
        assert isinstance(value.exponent, Number)
        exponent = int(value.exponent.value)
        inverted = exponent < 0 and not value.base.is_scalar
        return base * abs(exponent) * (LARGEST_SIZE if inverted else 1)
    if isinstance(value.exponent, Number):
        return BITS_OF_A_BALL + base
    return base * LARGEST_SIZE + BITS_OF_A_BALL


def _divides_by(value: Term, index: Symbol) -> bool:
    return any(isinstance(node, Power) and node.has(index) and _is_reciprocal(node) for node in value.walk())


def _is_reciprocal(node: Power) -> bool:
    return not (isinstance(node.exponent, Number) and node.exponent.value > 0)
