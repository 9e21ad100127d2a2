"""How much work a term would be, estimated before any is done."""

from __future__ import annotations

from engine.reading.errors import Unreadable
from engine.terms import Add, Apply, Multiply, Number, Power, Summation, Symbol, Term

MOST_NODES = 600
MOST_BITS = 60_000
LARGEST_SIZE = 12
BITS_OF_A_SYMBOL = 64
BITS_OF_A_BALL = 300


def bounded(value: Term, start: int, end: int) -> None:
    """Raises Unreadable for a term that is too large, or whose value could have too many digits."""
    nodes = sum(1 for _ in value.walk())
    if nodes > MOST_NODES:
        raise Unreadable(f"an expression with more than {MOST_NODES} parts", start, end)
    if _bits(value) > MOST_BITS:
        raise Unreadable("a value with too many digits to be worked out", start, end, "use smaller exponents")


def _bits(value: Term) -> int:
    """An upper estimate of the digits of the value in a world, in bits."""
    match value:
        case Number():
            return max(value.value.numerator.bit_length(), value.value.denominator.bit_length())
        case Power():
            return _bits_of_power(value)
        case Add():
            parts = [_bits(part) for part in value.terms]
            return sum(parts) if _divides(value) else max(parts) + len(parts)
        case Multiply():
            return sum(_bits(factor) for factor in value.factors)
        case Summation():
            return _bits(value.body) * (LARGEST_SIZE if _divides_by(value.body, value.index) else 1) + LARGEST_SIZE
        case Apply():
            return BITS_OF_A_BALL + sum(_bits(argument) for argument in value.arguments)
    return sum(_bits(child) for child in value.children) + BITS_OF_A_SYMBOL


def _bits_of_power(value: Power) -> int:
    base = _bits(value.base)
    if isinstance(value.exponent, Number) and value.exponent.value.denominator == 1:
        times = abs(int(value.exponent.value))
        inverted = value.exponent.value < 0 and not value.base.is_scalar
        return base * times * (LARGEST_SIZE if inverted else 1)
    if isinstance(value.exponent, Number):
        return BITS_OF_A_BALL + base
    return (base + BITS_OF_A_BALL) * LARGEST_SIZE + _bits(value.exponent)


def _divides(value: Term) -> bool:
    return any(_is_reciprocal(node) for node in value.walk())


def _divides_by(value: Term, index: Symbol) -> bool:
    return any(_is_reciprocal(node) and node.has(index) for node in value.walk())


def _is_reciprocal(node: Term) -> bool:
    return isinstance(node, Power) and not (isinstance(node.exponent, Number) and node.exponent.value > 0)
