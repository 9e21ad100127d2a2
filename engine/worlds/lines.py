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
from functools import cached_property, reduce
from itertools import chain, pairwise

from flint import acb_poly, arb, arb_poly, fmpq

from engine.terms import ZERO, Apply, Number, Pi, Symbol, Term, negate, replace, rewrite
from engine.terms.declarations import Domain
from engine.terms.formulas import Formula, Relation
from engine.terms.records import FUNCTIONS
from engine.worlds.degrees import degree
from engine.worlds.meanings import HIGHEST_REBUILT, rational_function
from engine.worlds.solving import real_roots, solution_values
from engine.worlds.values import Polynomial, Scalar, Undecided, Undefined, Unsupported, ball, entries_of, sign_of, spend
from engine.worlds.world import Value, World, moved, rational

FAR_ENOUGH = fmpq(32)  # how far out what is no quotient is enclosed
TOLERANCE = fmpq(1, 2**40)
NARROW, COARSE = fmpq(1, 2**30), fmpq(1, 4)
PARTS, TOUCHING = 32, 160  # a stretch is looked at in parts; what touches zero is as small as 2 to the minus so much
MOST_INTERVALS = 96
MOST_HALVINGS = 80
MOST_PLACES = 24
MOST_DIGITS = 4000
EXPONENTS = 10**12
COUNTED = 64  # whole numbers that are tried one by one


class NotSolved(Unsupported):
    """Where a term is zero on a line is not known."""


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


@dataclass(frozen=True)
class Zeros:
    """Where a term is zero on a line; all such places, or those that were looked for."""

    places: list[Scalar]
    complete: bool = True


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


def lower_end(value: Scalar) -> fmpq:
    return value if isinstance(value, fmpq) else _as_rational(value.lower())


def upper_end(value: Scalar) -> fmpq:
    return value if isinstance(value, fmpq) else _as_rational(value.upper())


def _as_rational(value: arb) -> fmpq:
    mantissa, exponent = value.mid().man_exp()
    if abs(int(exponent)) > MOST_DIGITS:
        if exponent < 0:
            return fmpq(0)
        raise NotSolved("a place too far out")
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
    return Zeros(found.places, found.complete and (is_bounded or not any(map(_is_periodic, term.walk()))))


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
        return Zeros([] if slope == 0 else [-constant / slope] if slope != 0 else _unsolved())
    rebuilt = rational_function(value, up, down)
    if rebuilt is not None:
        return Zeros([] if rebuilt[0].is_zero() else real_roots(rebuilt[0]))
    with suppress(ValueError):  # roots that balls do not tell apart, or a degree that is lower: they are enclosed below
        if not down:
            places = [fmpq(k) for k in range(up + 1)]
            polynomial = acb_poly(arb_poly.interpolate(list(map(arb, places)), [arb(value(x)) for x in places]))
            return Zeros([root.real for root in polynomial.roots() if root.imag.contains(0)])
    return enclosed(value, line.domain)


def _unsolved() -> list[Scalar]:
    raise NotSolved("a slope that may be zero")


def smallest(term: Term, line: Line, cuts: list[Scalar]) -> Scalar | None:
    """A place on a line where a term is smallest in size: among some cuts, and the places where its slope is level."""
    places = [*map(lower_end, cuts), *_level(term, line)]
    values = []
    for place in filter(line.is_on, places):
        with suppress(Undefined, Unsupported):
            values.append((_log_size(line.of(term, place)[0]), place))
    return min(values)[1] if values else None


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
        sizes = []
        for place in filter(line.is_on, found):
            with suppress(Undefined, Undecided, Unsupported):
                sizes.append((_log_size(line.of(term, place)[0]), place))
        if not sizes:
            return []
        best = min(sizes)[1]
        found = [best - fmpq(1, 3 * 2**halvings), best, best + fmpq(1, 3 * 2**halvings)]
    return found


# -- periods ------------------------------------------------------------------------------------------------------------------


def _is_periodic(node: Term) -> bool:
    return isinstance(node, Apply) and node.function in ("sin", "cos", "tan")


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


# -- enclosing ----------------------------------------------------------------------------------------------------------------


def enclosed(value: Callable[[Scalar], Scalar], domain: Domain) -> Zeros:
    """Balls in which all zeros lie up to `FAR_ENOUGH`; farther out, those where its sign is seen to change.

    Raises NotSolved where they are too wide.
    """
    low = -FAR_ENOUGH if domain.lower is None else rational(domain.lower)
    high = FAR_ENOUGH if domain.upper is None else rational(domain.upper)
    waiting = [(low, fmpq(0)), (fmpq(0), high)] if low < 0 < high else [(low, high)]
    narrow: list[tuple[fmpq, fmpq]] = []
    for _ in range(MOST_HALVINGS):
        left: list[tuple[fmpq, fmpq]] = []
        for interval in waiting:
            if _may_vanish(value, *interval):
                (narrow if _is_narrow(interval, TOLERANCE) else left).append(interval)
        if not left or len(left) + len(narrow) > MOST_INTERVALS:
            narrow += left
            break
        spend(len(left) * 20)
        waiting = list(chain.from_iterable(_halves(*interval) for interval in left))
    found = [_looked_into(value, low, high) for low, high in _joined(sorted(narrow))]
    places = [place for each in found for place in each.places]
    return Zeros([*places, *_beyond(value, domain)], all(each.complete for each in found))


def _looked_into(value: Callable[[Scalar], Scalar], low: fmpq, high: fmpq) -> Zeros:
    """The zeros in a stretch on which a ball does not exclude them: it, where it is narrow; else where the sign changes in it, or the
    place where the value touches zero.
    """
    if _is_narrow((low, high), NARROW):
        return Zeros([_spanning(low, high)])
    if not _is_narrow((low, high), COARSE):
        raise NotSolved("a stretch on which it may be zero")
    places = [low + (high - low) * fmpq(k, PARTS) for k in range(PARTS + 1)]
    sizes = [value(place) for place in places]
    signs = list(map(_sign_seen, sizes))
    changes = [k for k in range(PARTS) if signs[k] * signs[k + 1] < 0]
    if changes:
        return Zeros([_between_signs(value, places[k], places[k + 1], signs[k]) for k in changes], False)
    step = (high - low) / PARTS
    place = min(zip(map(_log_size, sizes), places, strict=True))[1]
    for _ in range(TOUCHING // 2):
        step /= 2
        near = (place - step, place, place + step)
        place = min((_log_size(value(x)), x) for x in near)[1]
    touches = _log_size(value(place)) < 8 - TOUCHING
    return Zeros([place] if touches else [], touches)


def _sign_seen(value: Scalar) -> int:
    """The sign of a value; 0 where none is seen."""
    return 1 if value > 0 else -1 if value < 0 else 0


def _log_size(value: Scalar) -> float:
    """log₂ of the size of a value, roughly."""
    mantissa, exponent = ball(value).mid().man_exp()
    digits = abs(int(mantissa))
    if not digits:
        return -math.inf
    return max(-EXPONENTS, min(int(exponent), EXPONENTS)) + math.log2(digits)


def _joined(intervals: list[tuple[fmpq, fmpq]]) -> list[tuple[fmpq, fmpq]]:
    """Those that touch as one."""
    found: list[tuple[fmpq, fmpq]] = []
    for low, high in intervals:
        found.append((found.pop()[0], high) if found and low <= found[-1][1] else (low, high))
    return found


def _is_narrow(interval: tuple[fmpq, fmpq], tolerance: fmpq) -> bool:
    low, high = interval
    return bool(high - low <= tolerance * max(abs(low), abs(high), fmpq(1)))


def _beyond(value: Callable[[Scalar], Scalar], domain: Domain) -> Iterator[fmpq]:
    """Places farther out where the sign changes from one power of two to the next."""
    for side in (1, -1):
        if (domain.upper if side > 0 else domain.lower) is None:
            before = 0
            for power in range(5, 21):
                place = side * fmpq(2) ** power
                with suppress(Undefined, Undecided, Unsupported):
                    here = sign_of(value(place))
                    if before and here and here != before:
                        yield _between_signs(value, place / 2, place, before)
                    before = here


def _between_signs(value: Callable[[Scalar], Scalar], low: fmpq, high: fmpq, sign_at_low: int) -> fmpq:
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _sign_seen(value(middle)) == sign_at_low else (low, middle)
    return high


def _may_vanish(value: Callable[[Scalar], Scalar], low: fmpq, high: fmpq) -> bool:
    try:
        return bool(value(_spanning(low, high)).contains(0))
    except Undefined:
        return False
    except (Undecided, AttributeError):
        return True


def _spanning(low: fmpq, high: fmpq) -> arb:
    return arb((low + high) / 2, (high - low) / 2)


def _halves(low: fmpq, high: fmpq) -> tuple[tuple[fmpq, fmpq], tuple[fmpq, fmpq]]:
    middle = (low + high) / 2
    return (low, middle), (middle, high)
