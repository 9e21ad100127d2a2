"""After what change of a number terms are the same again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import chain

from flint import arb, fmpq

from engine.terms import Pi, Symbol, Term, replace
from engine.worlds.degrees import degree
from engine.worlds.lines import Line, is_periodic
from engine.worlds.meanings import HIGHEST_REBUILT, rational_function
from engine.worlds.values import Scalar


def period(terms: Iterable[Term], line: Line) -> Scalar | None:
    """After what change of a number all the terms are the same again, where it stands in sines, cosines and tangents alone."""
    if line.directions is not None or line.domain.whole:
        return None
    arguments = list(chain.from_iterable(_under_periodic(term, line.symbols[0]) for term in terms))
    if not arguments or None in arguments:
        return None
    turns = [_slope(argument, line) for argument in arguments if argument is not None]
    for unit in (0, 1):  # all in radians, or all in half turns
        if all(turn is not None and turn[1 - unit] == 0 for turn in turns):
            common = reduce(_common_divisor, (turn[unit] for turn in turns if turn is not None), fmpq(0))
            return None if common == 0 else 2 / common if unit else 2 * arb.pi() / common
    return None


def _under_periodic(term: Term, symbol: Symbol) -> Iterator[Term | None]:
    """The arguments of the sines and their like that a symbol stands in; None where it stands elsewhere."""
    if symbol not in term.free:
        return
    if is_periodic(term):
        yield from term.children
    elif term == symbol:
        yield None
    for child in () if is_periodic(term) else term.children:
        yield from _under_periodic(child, symbol)


def _slope(argument: Term, line: Line) -> tuple[fmpq, fmpq] | None:
    """The a and b of an argument that is (a + bπ)x and something without x; None of any other."""
    turn = Symbol("?turn")
    opened = replace(argument, Pi(), turn)
    if degree(opened, {turn: (1, 0)}, 0, line.world.size) not in ((0, 0), (1, 0)):
        return None

    def slope(unit: int) -> Scalar:
        up, down = degree(opened, line.weights, 0, line.world.size)
        if up + down > HIGHEST_REBUILT:
            return None
        values = {turn: fmpq(unit)}
        rebuilt = rational_function(
            lambda x: line.world.value(opened, {**values, **line.values(x)}), int(up), int(down)
        )
        if rebuilt is None or rebuilt[0].degree() > 1 or rebuilt[1].degree() > 0:
            return None
        return rebuilt[0][1] / rebuilt[1][0]

    constant, with_one = slope(0), slope(1)
    return None if constant is None or with_one is None else (constant, with_one - constant)


def _common_divisor(one: fmpq, other: fmpq) -> fmpq:
    """The largest number that both are whole multiples of."""
    return fmpq(math.gcd(int(one.p * other.q), int(other.p * one.q)), int(one.q * other.q))
