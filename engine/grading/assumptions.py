"""Under which further assumption a wrong answer would be right: a scalar case, n ≥ d, a sign."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations

from flint import fmpq

from engine.notation.plain import plain
from engine.terms import Symbol, Term
from engine.terms.declarations import POSITIVE, REAL, Domain
from engine.worlds.design import Stage
from engine.worlds.drawing import Impossible, filled_world, obeying
from engine.worlds.signs import WORLDS
from engine.worlds.values import Undecided, Undefined, Unsupported, precision, same
from engine.worlds.world import World

BITS = 3_000  # what differs by e⁻¹⁰⁰⁰ is seen to differ
TIED = 2  # worlds in which other numbers are looked at where they tie
FAR_OUT = (-60, 30, 60, 200)  # powers of two: max(x, 10⁶) is 10⁶ wherever x is drawn as people draw numbers
SEEN = 5  # worlds in which an answer must be right for an assumption to be named


@dataclass(frozen=True)
class Further:
    """An assumption as it is told, and worlds in which it holds; whether it is that a size is 1."""

    text: str
    worlds: Callable[[], Iterator[World]]
    in_one_dimension: bool = False


def further_assumption(answer: Term, result: Term, stage: Stage) -> Further | None:
    """The first assumption, weakest first, under which an answer is the result; None where none is found."""
    with precision(BITS):
        try:
            for further in _candidates(answer, result, stage):
                if _holds(answer, result, stage, further):
                    return further
        except Unsupported:
            pass  # that is all the work that it may be
    return None


def _holds(answer: Term, result: Term, stage: Stage, further: Further) -> bool:
    seen = 0
    for world in further.worlds():
        try:
            here = obeying(world, stage.hypotheses)
            wanted = here.value(result)
        except (Impossible, Undefined, Undecided):
            continue
        try:
            if not same(here.value(answer), wanted)[0]:
                return False
        except (Undefined, Undecided):
            return False
        seen += 1
    return seen >= SEEN


def _candidates(answer: Term, result: Term, stage: Stage) -> Iterator[Further]:
    declared = {declaration.symbol: declaration for declaration in stage.declarations}
    symbols = sorted(answer.free | result.free, key=lambda symbol: symbol.name, reverse=True)
    sizes = [s for s in symbols if s in stage.sizes]
    for a, b in combinations(sizes, 2):
        yield Further(f"{plain(a)} ≥ {plain(b)}", partial(_sized, stage, a, operator.ge, b))
        yield Further(f"{plain(a)} ≤ {plain(b)}", partial(_sized, stage, a, operator.le, b))
    for size in sizes:
        yield Further(f"{plain(size)} = 1", partial(_sized, stage, size, operator.eq, 1), in_one_dimension=True)
    for a, b in combinations(sizes, 2):
        yield Further(f"{plain(a)} = {plain(b)}", partial(_sized, stage, a, operator.eq, b))
    for size in sizes:
        yield Further(f"{plain(size)} = 2", partial(_sized, stage, size, operator.eq, 2))
    for symbol in symbols:
        if symbol.is_scalar and symbol not in stage.sizes and declared[symbol].law is None:
            yield from _about_scalar(symbol, declared[symbol].domain, stage)


def _about_scalar(symbol: Symbol, domain: Domain, stage: Stage) -> Iterator[Further]:
    name = plain(symbol)
    if domain.index_up_to is not None:
        return
    if domain == REAL:
        yield Further(f"{name} > 0", partial(_changed, stage, symbol, abs))
        yield Further(f"{name} < 0", partial(_changed, stage, symbol, lambda value: -abs(value)))
    if domain == POSITIVE:
        yield Further(f"{name} < 1", partial(_changed, stage, symbol, lambda value: value / (1 + value)))
        yield Further(f"{name} > 1", partial(_changed, stage, symbol, lambda value: 1 + value))
    for value in (0, 1):
        if _may_be(value, domain):
            yield Further(f"{name} = {value}", partial(_changed, stage, symbol, partial(_constant, value)))


def _constant(value: int, _: fmpq) -> fmpq:
    return fmpq(value)


def _may_be(value: int, domain: Domain) -> bool:
    above = domain.lower is None or value > domain.lower or (value == domain.lower and domain.includes_lower)
    below = domain.upper is None or value < domain.upper or (value == domain.upper and domain.includes_upper)
    return above and below


_TRIPLES = ("111", "123", "211", "222", "321", "232", "333", "132", "312", "243", "423")


def _others(symbol: Symbol, stage: Stage) -> Iterator[Symbol]:
    """The numbers that may be as large as a symbol is: pieces may change where two are equal or sum to it."""
    for other in stage.declarations:
        if other.symbol.is_scalar and other.domain == REAL and other.law is None and other.symbol != symbol:
            yield other.symbol


def _sized(stage: Stage, first: Symbol, holds: Callable[[int, int], bool], second: Symbol | int) -> Iterator[World]:
    """Worlds in which a size stands so to another, or to a number."""
    ordered = sorted(stage.sizes, key=lambda symbol: symbol.name)
    for number, triple in enumerate(_TRIPLES):
        for turn in range(3):
            chosen = {symbol: int(triple[(place + turn) % 3]) for place, symbol in enumerate(ordered)}
            if isinstance(second, int):
                chosen[first] = second
            if holds(chosen[first], chosen[second] if isinstance(second, Symbol) else second):
                yield filled_world(stage.declarations, chosen, number, f"further {turn}")


def _changed(stage: Stage, symbol: Symbol, function: Callable[[fmpq], fmpq]) -> Iterator[World]:
    """The worlds of the stage, with another value for a symbol."""
    for number in range(WORLDS):
        world = stage.world(number, 0)
        if world is not None:
            value = function(world[symbol])
            yield world.changed({symbol: value})
            if stage.wide and number < TIED:
                yield from (world.changed({symbol: function(world[symbol] * fmpq(2) ** power)}) for power in FAR_OUT)
                for other in _others(symbol, stage):
                    yield from (world.changed({symbol: value, other: tied}) for tied in (value, 1 - value))
