"""Lines through a world: one symbol changes, and the places on the way where a term is zero are solved for.

Of what is a polynomial or a quotient on its pieces, all zeros are found: rebuilt from its values, its roots isolated. Of what is
not, they are found by following a function back, or enclosed: an interval on which a ball excludes zero is left out, others are halved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from flint import acb_poly, arb, arb_poly, fmpq

from engine.terms import ZERO, Apply, Number, Symbol, Term, negate, rewrite
from engine.terms.declarations import Domain
from engine.terms.formulas import Formula, Relation
from engine.terms.records import FUNCTIONS
from engine.worlds.degrees import degree
from engine.worlds.enclosing import NotSolved, Zeros, enclosed, log_size, lower_end, upper_end
from engine.worlds.meanings import HIGHEST_REBUILT, rational_function
from engine.worlds.solving import real_roots, solution_values
from engine.worlds.values import Polynomial, Scalar, Undecided, Undefined, Unsupported, entries_of, sign_of
from engine.worlds.world import Value, World, moved, rational

MOST_PLACES = 24
COUNTED = 64  # whole numbers that are tried one by one


@dataclass(frozen=True)
class Line:
    """The worlds in which a symbol has another value, any number of its domain; or some symbols what they are here and a multiple of
    a direction each.
    """

    world: World
    symbols: tuple[Symbol, ...]
    domain: Domain
    directions: tuple[Value, ...] | None = None

    def values(self, place: Scalar) -> dict[Symbol, Value]:
        if self.directions is None:
            return {self.symbols[0]: place}
        pairs = zip(self.symbols, self.directions, strict=True)
        return {symbol: moved(self.world[symbol], direction, place) for symbol, direction in pairs}

    def at(self, place: Scalar) -> World:
        return self.world.changed(self.values(place))

    def of(self, term: Term, place: Scalar) -> list[Scalar]:
        return entries_of(self.world.value(term, self.values(place)))

    @cached_property
    def weights(self) -> dict[Symbol, tuple[float, float]]:
        return dict.fromkeys(self.symbols, (1, 0))

    @property
    def start(self) -> Scalar:
        return self.world[self.symbols[0]] if self.directions is None else fmpq(0)

    def is_on(self, place: Scalar) -> bool:
        """Whether a place lies within the domain's ends; on one, where it is included."""
        with suppress(Undecided):
            below, above = self.domain.lower, self.domain.upper
            low = 1 if below is None else sign_of(place - rational(below))
            high = 1 if above is None else sign_of(rational(above) - place)
            return (low > 0 or (low == 0 and self.domain.includes_lower)) and (
                high > 0 or (high == 0 and self.domain.includes_upper)
            )
        return False


def zeros(term: Term, line: Line, cuts: list[Scalar]) -> Zeros:
    """The places on a line where a term (an entry of it) is zero; `cuts` are those where parts of it become other functions.

    Raises NotSolved.
    """
    if line.domain.whole:
        return Zeros(_whole_zeros(term, line))
    if not any(_is_in_pieces(node, line) for node in term.walk()):
        return _zeros(term, line)
    found: list[Scalar] = []
    complete = True
    for sample, low, high in gaps(line, cuts):
        here = _zeros(_resolved(term, line, sample), line)
        complete = complete and here.complete
        found += [root for root in here.places if _is_between(root, low, high)]
    if len(found) > MOST_PLACES:
        raise NotSolved("too many places where it may change")
    return Zeros(found, complete)


def _is_in_pieces(node: Term, line: Line) -> bool:
    return isinstance(node, Apply) and FUNCTIONS[node.function].pieces and not node.free.isdisjoint(line.symbols)


def gaps(line: Line, cuts: list[Scalar]) -> Iterator[tuple[fmpq, Scalar | None, Scalar | None]]:
    """The stretches between cuts, each with a place in it and its ends."""
    inside = line.domain
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
        if not isinstance(node, Apply) or not node.is_scalar or node.free.isdisjoint(line.symbols):
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


def _zeros(term: Term, line: Line) -> Zeros:
    up, down = degree(term, line.weights, 0, line.world.size)
    if up + down <= HIGHEST_REBUILT:
        every = [_roots(term, line, k, int(up), int(down)) for k in range(len(line.of(term, line.start)))]
        return Zeros([root for found in every for root in found.places], all(found.complete for found in every))
    if not term.is_scalar:
        raise NotSolved("a function of the entries of an array")
    if line.directions is None:
        with suppress(Unsupported, Undefined, Undecided):
            return Zeros(solution_values(Formula(term, Relation.EQUAL, ZERO), line.symbols[0], line.world))
    is_bounded = line.domain.lower is not None and line.domain.upper is not None
    found = enclosed(lambda x: line.of(term, x)[0], line.domain)
    return Zeros(found.places, found.complete and (is_bounded or not any(map(is_periodic, term.walk()))))


def _roots(term: Term, line: Line, place: int, up: int, down: int) -> Zeros:
    """Of one entry, which is a quotient of polynomials of these degrees."""

    def value(x: Scalar) -> Scalar:
        found = line.of(term, x)[place]
        if isinstance(found, Polynomial):
            raise NotSolved("what is random")
        return found

    if up <= 1 and not down:
        constant = value(fmpq(0))
        slope = value(fmpq(1)) - constant
        if not (slope == 0 or slope != 0):  # a ball may be neither
            raise NotSolved("a slope that may be zero")
        return Zeros([] if slope == 0 else [-constant / slope])
    rebuilt = rational_function(value, up, down)
    if rebuilt is not None:
        return Zeros([] if rebuilt[0].is_zero() else real_roots(rebuilt[0]))
    with suppress(ValueError):  # roots that balls do not tell apart, or a degree that is lower: they are enclosed below
        if not down:
            places = [fmpq(k) for k in range(up + 1)]
            polynomial = acb_poly(arb_poly.interpolate(list(map(arb, places)), [arb(value(x)) for x in places]))
            return Zeros([root.real for root in polynomial.roots() if root.imag.contains(0)])
    return enclosed(value, line.domain)


def is_periodic(node: Term) -> bool:
    return isinstance(node, Apply) and node.function in ("sin", "cos", "tan")


def smallest(term: Term, line: Line, cuts: list[Scalar]) -> Scalar | None:
    """A place on a line where a term is smallest in size: among some cuts, and the places where its slope is level."""
    return _smallest_of([*map(lower_end, cuts), *_level(term, line)], term, line)


def _smallest_of(places: Iterable[fmpq], term: Term, line: Line) -> fmpq | None:
    sizes = []
    for place in filter(line.is_on, places):
        with suppress(Undefined, Undecided, Unsupported):
            sizes.append((log_size(line.of(term, place)[0]), place))
    return min(sizes)[1] if sizes else None


def _level(term: Term, line: Line) -> list[fmpq]:
    """Where a quotient of polynomials has a level slope; of any other, where it is smallest in size of some places close by."""
    up, down = degree(term, line.weights, 0, line.world.size)
    if up + down <= HIGHEST_REBUILT:
        rebuilt = rational_function(lambda x: line.of(term, x)[0], int(up), int(down))
        if rebuilt is None:
            return []
        top, bottom = rebuilt
        slope = top.derivative() * bottom - top * bottom.derivative()
        return [] if slope.is_zero() else [lower_end(root) for root in real_roots(slope)]
    found = [fmpq(k, 3) for k in range(-24, 25)]
    for halvings in range(1, 24):
        best = _smallest_of(found, term, line)
        if best is None:
            return []
        found = [best - fmpq(1, 3 * 2**halvings), best, best + fmpq(1, 3 * 2**halvings)]
    return found


# -- whole numbers ----------------------------------------------------------------------------------------------------------


def _whole_zeros(term: Term, line: Line) -> list[Scalar]:
    """The whole numbers beside which a term changes its sign: those next to its roots, or counted off, then doubled."""
    opened = _resolved(term, line, line.start)
    up, down = degree(opened, line.weights, 0, line.world.size)
    roots = (
        _roots(opened, line, 0, int(up), int(down)).places
        if up + down <= HIGHEST_REBUILT
        else _sign_changes(term, line)
    )
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
