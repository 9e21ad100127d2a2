"""Under which further assumption a wrong answer would be right: a scalar case, n ≥ d, a sign."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

from flint import fmpq

from engine.notation.plain import plain
from engine.terms import Symbol, Term
from engine.terms.declarations import POSITIVE, REAL, Domain
from engine.worlds.breakpoints import ends
from engine.worlds.comparison import MOST_BITS
from engine.worlds.design import Stage
from engine.worlds.drawing import Impossible, filled_world, obeying
from engine.worlds.extents import bits_for, extent
from engine.worlds.signs import WORLDS
from engine.worlds.values import Undecided, Undefined, Unsupported, precision, same
from engine.worlds.world import World

BITS = 3_000  # what differs by e⁻¹⁰⁰⁰ is seen to differ
TIED = 2  # worlds in which other numbers are looked at where they tie
FAR_OUT = (-60, 30, 60, 200)  # powers of two: max(x, 10⁶) is 10⁶ wherever x is drawn as people draw numbers
WHOLE = (1, 2, 3)
SEEN = 5  # worlds in which an answer must be right for an assumption to be named


@dataclass(frozen=True)
class Further:
    """An assumption as it is told, whether a world obeys it, worlds that do; whether it is that a size is 1."""

    text: str
    obeyed: Callable[[World], bool]
    worlds: Callable[[], Iterator[World]]
    in_one_dimension: bool = False
    leaves_room: bool = False  # for many values of some number that is no size


def further_assumption(answer: Term, result: Term, stage: Stage, wrong: World | None = None) -> Further | None:
    """The first assumption, weakest first, under which an answer is the result; None where none is found.

    None that a world obeys in which the answer was seen to be wrong; where a side jumps, none that leaves room for it.
    """
    jumps = any(end.jumps and end.index is None for side in (answer, result) for end in ends(side))
    try:
        with precision(_bits(answer, result, stage)):
            for further in _candidates(answer, result, stage):
                ruled_out = (jumps and further.leaves_room) or (wrong is not None and further.obeyed(wrong))
                if not ruled_out and _holds(answer, result, stage, further):
                    return further
    except Unsupported:
        pass  # that is all the work that it may be
    return None


def _bits(answer: Term, result: Term, stage: Stage) -> int:
    """As many as let nothing on either side be swallowed. Raises Unsupported where that is too many."""
    with precision(BITS):
        world = stage.world(0, 0)
        bits = max(
            BITS, 0 if world is None else max(bits_for(extent(side, world.apart())) for side in (answer, result))
        )
    if bits > MOST_BITS:
        raise Unsupported(f"more than {MOST_BITS:,} bits would be needed")
    return bits


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
        yield _of_size(a, "≥", b, stage)
        yield _of_size(a, "≤", b, stage)
    for size in sizes:
        yield replace(_of_size(size, "=", 1, stage), in_one_dimension=True)
    for a, b in combinations(sizes, 2):
        yield _of_size(a, "=", b, stage)
    for size in sizes:
        yield _of_size(size, "=", 2, stage)
    numbers = [s for s in symbols if s.is_scalar and s not in stage.sizes and declared[s].law is None]
    for number in numbers:
        for further in _about_scalar(number, declared[number].domain, stage):
            yield replace(further, leaves_room=further.leaves_room or len(numbers) > 1)


_COMPARED: dict[str, Callable[[int, int], bool]] = {"≥": operator.ge, "≤": operator.le, "=": operator.eq}


def _of_size(size: Symbol, sign: str, other: Symbol | int, stage: Stage) -> Further:
    holds = _COMPARED[sign]
    text = f"{plain(size)} {sign} {plain(other) if isinstance(other, Symbol) else other}"
    worlds = partial(_sized, stage, size, holds, other)
    return Further(text, lambda world: holds(world.size(size), world.size(other)), worlds)


def _about_scalar(symbol: Symbol, domain: Domain, stage: Stage) -> Iterator[Further]:
    name = plain(symbol)
    if domain.index_up_to is not None:
        return

    def further(text: str, obeyed: Callable[[fmpq], bool], moved: Callable[[fmpq], fmpq], room: bool = True) -> Further:
        worlds = partial(_changed, stage, symbol, moved)
        return Further(f"{name} {text}", lambda world: bool(obeyed(world[symbol])), worlds, leaves_room=room)

    if domain == REAL:
        yield further("> 0", lambda value: value > 0, abs)
        yield further("< 0", lambda value: value < 0, lambda value: -abs(value))
    if domain == POSITIVE:
        yield further("< 1", lambda value: value < 1, lambda value: value / (1 + value))
        yield further("> 1", lambda value: value > 1, lambda value: 1 + value)
    for number in (0, 1):
        if _may_be(number, domain):
            yield further(f"= {number}", partial(operator.eq, number), partial(_constant, number), room=False)


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
            if number < TIED:
                yield from (world.changed({symbol: function(fmpq(whole))}) for whole in WHOLE)
            if stage.wide and number < TIED:
                yield from (world.changed({symbol: function(world[symbol] * fmpq(2) ** power)}) for power in FAR_OUT)
                for other in _others(symbol, stage):
                    yield from (world.changed({symbol: value, other: tied}) for tied in (value, 1 - value))
