"""How far from 1 the numbers in a term are, and how many bits are needed for nothing in it to be swallowed."""

from __future__ import annotations

from collections.abc import Iterator

from flint import arb, fmpq

from engine.terms import INDEXED, ONE, Apply, Number, Term, substitute
from engine.worlds.features import BALL_BITS, nodes
from engine.worlds.values import Polynomial, Undefined, Unsupported, entries_of
from engine.worlds.world import Value, World

BITS_FOR_EACH = 8  # bits in size that a number is from 1: as many as the powers that cancel in what is left out


def _nodes_at_one(term: Term) -> Iterator[Term]:
    """The nodes of a term, those under sums with 1 for the index."""
    for node in nodes(term):
        yield node
        if isinstance(node, INDEXED):
            yield from _nodes_at_one(substitute(node.body, {node.index: ONE}))


def bits_for(extent: int) -> int:
    """How many bits let nothing be swallowed: 1 + e⁻¹⁰⁰⁰ is 1 to a thousand bits, and sin(tan x) and tan(sin x) differ in the seventh
    power of x.
    """
    return BALL_BITS // 2 + BITS_FOR_EACH * extent


def extent(term: Term, world: World) -> int:
    """How far from 1 in size, in bits, the values of the nodes of a term are."""
    return max((_extent(node, world) for node in _nodes_at_one(term)), default=0)


def _extent(node: Term, world: World) -> int:
    """How far from 1 in size, in bits, the value of a node is, or how close to a bound a function of it comes."""
    if isinstance(node, Number):
        return max(node.value.numerator.bit_length(), node.value.denominator.bit_length())
    try:
        value = world.value(node)
    except (Undefined, Unsupported, KeyError):
        return 0
    sizes = [magnitude(entry) for entry in entries_of(value)]
    largest = max((abs(size) for size in sizes), default=0)
    if isinstance(node, Apply) and node.function in _SATURATING:
        argument = max(magnitude(entry) for entry in entries_of(world.value(node.argument)))
        return max(largest, 4 * int(_SATURATING[node.function] ** min(max(argument, 0), 20)))
    return largest


_SATURATING = {"tanh": 2, "sigmoid": 2, "erf": 4}  # 1 − tanh x ≈ 2e⁻²ˣ, 1 − erf x ≈ e^(−x²)


def magnitude(value: Value) -> int:
    """log₂ |value|, rounded; 0 for 0 and for what is random."""
    if isinstance(value, Polynomial) or value == 0:
        return 0
    if isinstance(value, fmpq):
        return int(value.p.bit_length()) - int(value.q.bit_length())
    size = abs(value).mid()
    return int(float((size.log() / arb.const_log2()).mid())) if size > 0 else 0
