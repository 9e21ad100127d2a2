"""Lines through a world: one symbol changes, and the places on the way where a term is zero are solved for.

Of what is a polynomial or a quotient on its pieces, all zeros are found: rebuilt from its values, its roots isolated. Of what is
not, they are found by following a function back, or enclosed: an interval on which a ball excludes zero is left out, others are halved.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import chain, pairwise

from flint import arb, fmpq

from engine.terms import ZERO, Apply, Number, Pi, Symbol, Term, negate, replace, rewrite
from engine.terms.declarations import Domain
from engine.terms.formulas import Formula, Relation
from engine.worlds.degrees import degree
from engine.worlds.meanings import HIGHEST_REBUILT, rational_function
from engine.worlds.solving import real_roots, solution_values
from engine.worlds.values import (
    Matrix,
    Polynomial,
    Scalar,
    Undecided,
    Undefined,
    Unsupported,
    entries_of,
    sign_of,
    spend,
)
from engine.worlds.world import Value, World, moved, rational

FARTHEST, NEAREST = fmpq(2) ** 20, fmpq(1, 2**40)  # beyond and below, what is no quotient keeps its sign
TOLERANCE = fmpq(1, 2**40)
MOST_INTERVALS = 400
MOST_PLACES = 24
COUNTED = 64  # whole numbers that are tried one by one


class NotSolved(Unsupported):
    """Where a term is zero on a line is not known."""


@dataclass(frozen=True)
class Line:
    """The worlds in which a symbol has another value: any number of its domain, or what it is here and a multiple of a direction."""

    world: World
    symbol: Symbol
    domain: Domain
    direction: Matrix | None = None

    def value(self, place: Scalar) -> Value:
        return place if self.direction is None else moved(self.world[self.symbol], self.direction, place)

    def at(self, place: Scalar) -> World:
        return self.world.changed({self.symbol: self.value(place)})

    def of(self, term: Term, place: Scalar) -> list[Scalar]:
        return entries_of(self.world.value(term, {self.symbol: self.value(place)}))

    @property
    def start(self) -> Scalar:
        return self.world[self.symbol] if self.direction is None else fmpq(0)

    def is_on(self, place: Scalar) -> bool:
        """Whether a place lies within the domain's ends; on one, where it is included."""
        if self.direction is not None:
            return True
        with suppress(Undecided):
            below, above = self.domain.lower, self.domain.upper
            low = 1 if below is None else sign_of(place - rational(below))
            high = 1 if above is None else sign_of(rational(above) - place)
            return (low > 0 or (low == 0 and self.domain.includes_lower)) and (
                high > 0 or (high == 0 and self.domain.includes_upper)
            )
        return False


def zeros(term: Term, line: Line, cuts: list[Scalar]) -> list[Scalar]:
    """The places on a line where a term (an entry of it) is zero; `cuts` are those where parts of it become other functions.

    Raises NotSolved.
    """
    if line.domain.whole:
        return _whole_zeros(term, line)
    found: list[Scalar] = []
    for sample, low, high in gaps(line, cuts):
        opened = _resolved(term, line, sample)
        found += [root for root in _zeros(opened, line) if _is_between(root, low, high)]
    if len(found) > MOST_PLACES:
        raise NotSolved("too many places where it may change")
    return found


def gaps(line: Line, cuts: list[Scalar]) -> Iterator[tuple[fmpq, Scalar | None, Scalar | None]]:
    """The stretches between cuts, each with a place in it and its ends."""
    inside = line.domain if line.direction is None else Domain()
    ends: list[Scalar | None] = [
        None if inside.lower is None else rational(inside.lower),
        *ordered([cut for cut in cuts if line.is_on(cut)]),
        None if inside.upper is None else rational(inside.upper),
    ]
    for low, high in pairwise(ends):
        sample = _between(low, high, line.start)
        if sample is not None and line.is_on(sample):
            yield sample, low, high


def _between(low: Scalar | None, high: Scalar | None, usual: Scalar) -> fmpq | None:
    if low is None and high is None:
        return usual if isinstance(usual, fmpq) else fmpq(1, 3)
    if low is None:
        return lower_end(high) - 1
    if high is None:
        return upper_end(low) + 1
    below, above = upper_end(low), lower_end(high)
    return (below + above) / 2 if below < above else None


def _is_between(place: Scalar, low: Scalar | None, high: Scalar | None) -> bool:
    return (low is None or not place < low) and (high is None or not place > high)


def lower_end(value: Scalar) -> fmpq:
    return value if isinstance(value, fmpq) else _as_rational(value.lower())


def upper_end(value: Scalar) -> fmpq:
    return value if isinstance(value, fmpq) else _as_rational(value.upper())


def _as_rational(value: arb) -> fmpq:
    mantissa, exponent = value.mid().man_exp()
    return fmpq(mantissa) * fmpq(2) ** int(exponent)


def ordered(places: list[Scalar]) -> list[Scalar]:
    """In their order, each once: of two that cannot be told apart, the first."""
    kept: list[Scalar] = []
    for place in sorted(places, key=lower_end):
        if not kept or upper_end(kept[-1]) < lower_end(place):
            kept.append(place)
    return kept


def _resolved(term: Term, line: Line, sample: fmpq) -> Term:
    """A term as it reads around a place: u or −u for |u|, one of the two for max(u, v), a number for a sign or a floor."""
    here = line.at(sample)

    def piece(node: Term) -> Term | None:
        if not isinstance(node, Apply) or not node.is_scalar or line.symbol not in node.free:
            return None
        with suppress(Undefined, Undecided, Unsupported):
            value = here.value(node)
            match node.function:
                case "abs":
                    return node.argument if sign_of(here.value(node.argument)) > 0 else negate(node.argument)
                case "max" | "min":
                    return next(u for u in node.arguments if sign_of(here.value(u) - value) == 0)
                case "sign" | "floor" | "ceil":
                    return Number(Fraction(int(value.p), int(value.q))) if isinstance(value, fmpq) else None
        return None

    return rewrite(term, piece)


def _zeros(term: Term, line: Line) -> list[Scalar]:
    up, down = degree(term, {line.symbol: (1, 0)}, 0, line.world.size)
    if up + down <= HIGHEST_REBUILT:
        return [root for place in range(_count(term, line)) for root in _roots(term, line, place, int(up), int(down))]
    if not term.is_scalar or line.direction is not None:
        raise NotSolved("a function of the entries of an array")
    with suppress(Unsupported, Undefined, Undecided):
        return solution_values(Formula(term, Relation.EQUAL, ZERO), line.symbol, line.world)
    if (line.domain.lower is None or line.domain.upper is None) and any(map(_is_periodic, term.walk())):
        raise NotSolved("a function with infinitely many zeros")
    return list(_enclosed(lambda x: line.of(term, x)[0], line.domain))


def _count(term: Term, line: Line) -> int:
    return len(line.of(term, line.start))


def _roots(term: Term, line: Line, place: int, up: int, down: int) -> list[Scalar]:
    """Of one entry, which is a quotient of polynomials of these degrees."""

    def value(x: fmpq) -> Scalar:
        found = line.of(term, x)[place]
        if isinstance(found, Polynomial):
            raise NotSolved("what is random")
        return found

    if up + down <= 1 and not down:
        constant, slope = value(fmpq(0)), value(fmpq(1))
        slope = slope - constant
        return [] if slope == 0 else [-constant / slope] if slope != 0 else _unsolved()
    rebuilt = rational_function(value, up, down)
    if rebuilt is None:
        if line.direction is not None:
            raise NotSolved("a polynomial that is not known exactly")
        return list(_enclosed(value, line.domain))
    return [] if rebuilt[0].is_zero() else real_roots(rebuilt[0])


def _unsolved() -> list[Scalar]:
    raise NotSolved("a slope that may be zero")


# -- periods ------------------------------------------------------------------------------------------------------------------


def _is_periodic(node: Term) -> bool:
    return isinstance(node, Apply) and node.function in ("sin", "cos", "tan")


def period(terms: Iterable[Term], line: Line) -> Scalar | None:
    """After what change of a number all the terms are the same again, where it stands in sines, cosines and tangents alone."""
    arguments = list(chain.from_iterable(_under_periodic(term, line.symbol) for term in terms))
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
    if _is_periodic(term):
        yield from term.children
    elif term == symbol:
        yield None
    for child in () if _is_periodic(term) else term.children:
        yield from _under_periodic(child, symbol)


def _slope(argument: Term, line: Line) -> tuple[fmpq, fmpq] | None:
    """The a and b of an argument that is (a + bπ)x and something without x; None of any other."""
    turn = Symbol("?turn")
    opened = replace(argument, Pi(), turn)
    if degree(opened, {line.symbol: (1, 0)}, 0, line.world.size) != (1, 0):
        return None
    if degree(opened, {turn: (1, 0)}, 0, line.world.size) not in ((0, 0), (1, 0)):
        return None

    def slope(unit: int) -> Scalar:
        ends = (line.world.value(opened, {line.symbol: fmpq(x), turn: fmpq(unit)}) for x in (1, 0))
        return next(ends) - next(ends)

    constant, with_one = slope(0), slope(1)
    if not isinstance(constant, fmpq) or not isinstance(with_one, fmpq):
        return None
    return constant, with_one - constant


def _common_divisor(one: fmpq, other: fmpq) -> fmpq:
    """The largest number that both are whole multiples of."""
    return fmpq(math.gcd(int(one.p * other.q), int(other.p * one.q)), int(one.q * other.q))


# -- whole numbers ----------------------------------------------------------------------------------------------------------


def _whole_zeros(term: Term, line: Line) -> list[Scalar]:
    """The whole numbers beside which a term changes its sign: those next to its roots, or counted off, then doubled."""
    opened = _resolved(term, line, line.start)
    up, down = degree(opened, {line.symbol: (1, 0)}, 0, line.world.size)
    roots = _roots(opened, line, 0, int(up), int(down)) if up + down <= HIGHEST_REBUILT else _sign_changes(term, line)
    return [fmpq(lower_end(root).floor()) for root in roots]


def _sign_changes(term: Term, line: Line) -> Iterator[fmpq]:
    places = [fmpq(k) for k in (*range(1, COUNTED), *(COUNTED * 2**k for k in range(5)))]
    before: tuple[fmpq, int] | None = None
    for place in places:
        try:
            here = (place, sign_of(line.of(term, place)[0]))
        except (Undefined, Unsupported, Undecided):
            continue
        if before is not None and here[1] != before[1]:
            yield _bisected(term, line, before, here)
        before = here
    if before is None:
        raise NotSolved("no whole number where it has a value")


def _bisected(term: Term, line: Line, before: tuple[fmpq, int], after: tuple[fmpq, int]) -> fmpq:
    while after[0] - before[0] > 1:
        middle = fmpq(((before[0] + after[0]) / 2).floor())
        here = (middle, sign_of(line.of(term, middle)[0]))
        before, after = (here, after) if here[1] == before[1] else (before, here)
    return after[0] if after[1] == 0 else before[0]


# -- enclosing ----------------------------------------------------------------------------------------------------------------


def _enclosed(value: Callable[[Scalar], Scalar], domain: Domain) -> Iterator[Scalar]:
    """Balls in which all zeros lie, as far as anybody looks, and zero. Raises NotSolved where there are too many."""
    waiting = list(_stretches(domain))
    for _ in range(MOST_INTERVALS):
        if not waiting:
            return
        low, high = waiting.pop()
        spend(20)
        with suppress(Undefined):
            if _may_vanish(value, low, high):
                if high - low <= TOLERANCE * max(abs(low), abs(high)):
                    yield _spanning(low, high)
                else:
                    middle = _middle(low, high)
                    waiting += [(low, middle), (middle, high)]
    raise NotSolved("too many places where it may be zero")


def _may_vanish(value: Callable[[Scalar], Scalar], low: fmpq, high: fmpq) -> bool:
    try:
        return bool(value(_spanning(low, high)).contains(0))
    except (Undecided, AttributeError):
        return True


def _spanning(low: fmpq, high: fmpq) -> arb:
    return arb((low + high) / 2, (high - low) / 2)


def _middle(low: fmpq, high: fmpq) -> fmpq:
    """Halfway in size, where one end is much larger than the other."""
    small, large = sorted((abs(low), abs(high)))
    if small == 0 or low < 0 < high or large < 4 * small:
        return (low + high) / 2
    middle = small * fmpq(2) ** ((large / small).floor().bit_length() // 2)
    return middle if low > 0 else -middle


def _stretches(domain: Domain) -> Iterator[tuple[fmpq, fmpq]]:
    lower = -FARTHEST if domain.lower is None else rational(domain.lower)
    upper = FARTHEST if domain.upper is None else rational(domain.upper)
    edges = sorted({lower, upper, *(e for e in (-NEAREST, NEAREST) if lower < e < upper)})
    yield from ((low, high) for low, high in pairwise(edges) if not (low == -NEAREST and high == NEAREST))
