"""The lines through some worlds on which the pieces of terms are looked for, and what they show.

From each world a line goes in the direction of each symbol, and one in that of all numbers together; from beside each end that is met,
others go on, so that a corner between several ends is seen from within.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations, islice, product

from flint import ctx, fmpq

from engine.terms import INDEXED, ONE, Apply, Number, Symbol, Term, add, rewrite
from engine.terms.declarations import Declaration, Domain
from engine.terms.records import FUNCTIONS
from engine.worlds.breakpoints import End, ends
from engine.worlds.degrees import degree
from engine.worlds.design import Stage
from engine.worlds.drawing import Impossible, filled_world
from engine.worlds.enclosing import NotSolved, lower_end, upper_end
from engine.worlds.lines import Line, gaps, ordered, smallest, zeros
from engine.worlds.periods import period
from engine.worlds.truth import admits
from engine.worlds.values import Matrix, Scalar, Undecided, Undefined, Unsupported, log2_above
from engine.worlds.world import Value, World, atom, moved_along, rational

LARGEST_SIZE = 24  # of a matrix or a sum; a mere number may be larger
LARGEST_COUNT = 2**12
BASES = (0, 4)  # worlds that lines go through: numbers of any size, and small whole ones
MOST_STEPS = 48  # whole numbers that a step is looked at
MOST_LINES = 80
MOST_CORNERS = 16
MOST_MEETING = 4
BESIDE = fmpq(1, 2**30)  # how far from an end another line starts
Spot = tuple[Scalar, Term, Scalar]  # a place on a line, a term, and what that is worth there


class TooFar(Unsupported):
    """What would have to be looked at is more than can be."""


@dataclass(frozen=True)
class Found:
    """A world on a piece; or `on` the ends of pieces where some terms are zero, or, if these are none, close to one."""

    world: World
    on: tuple[Term, ...] | None = None


@dataclass
class Survey:
    """What is found on the lines through some worlds: which ends were looked for and met, which could not be solved for on some line,
    and of which there are more than were looked for.
    """

    stage: Stage
    terms: Sequence[Term]
    ends: tuple[End, ...]
    indexed: tuple[End, ...] = ()  # those of which an index decides
    met: set[End] = field(default_factory=set)
    seen: set[End] = field(default_factory=set)
    missed: set[End] = field(default_factory=set)
    incomplete: set[End] = field(default_factory=set)
    lines: int = 0

    def is_settled(self, end: End) -> bool:
        """Whether an end was met, or solved for on all lines and met on none."""
        if not changing(end.inside, self.stage):
            return True
        return end not in self.incomplete and (end in self.met or (end in self.seen and end not in self.missed))

    def worlds(self) -> Iterator[Found]:
        yield from self._corners()
        for base in self._bases():
            yield from self._around(base, frozenset(), self._depth)
        yield from self._along_indices()

    @cached_property
    def _symbols(self) -> list[Symbol]:
        found = frozenset().union(*(changing(end.inside, self.stage) for end in self.ends))
        return sorted(found, key=lambda symbol: (symbol.is_scalar, symbol.name))

    @cached_property
    def _depth(self) -> int:
        """How often lines go on: several ends may meet in a corner where several symbols change them."""
        joint = [end for end in self.ends if len(changing(end.inside, self.stage)) > 1]
        return 1 if len(self.ends) > 1 and joint else 0

    def _bases(self) -> Iterator[World]:
        for number in BASES:
            world = self.stage.world(number, 1)
            if world is not None:
                yield world
                for end in self.ends:
                    yield from self._lowest(end, world)

    def _numbers(self, inside: Term) -> list[Declaration]:
        """The numbers that change a term."""
        declared = {d.symbol: d for d in self.stage.declarations}
        return [declared[s] for s in sorted(changing(inside, self.stage), key=lambda s: s.name) if s.is_scalar]

    def _lowest(self, end: End, world: World) -> Iterator[World]:
        """The world where what ends something is as small in size as it gets along one number after the other: inside of what a
        line from elsewhere might miss.
        """
        numbers = [declaration for declaration in self._numbers(end.inside) if not declaration.domain.whole]
        if end.whole or len(numbers) < 2 or not end.inside.is_scalar:
            return
        here = world
        with suppress(Unsupported, Undecided, Undefined):
            for declaration in numbers:
                (line,) = lines_of(here, declaration)
                cuts = [place for inner in ends(end.inside) for place in _met(inner.inside, line)]
                place = smallest(end.inside, line, cuts)
                if place is not None and admits(here, declaration.symbol, place):
                    here = here.changed({declaration.symbol: place})
            if here is not world:
                yield here

    def _corners(self) -> Iterator[Found]:
        """Where as many ends meet that are linear as there are numbers in them: the world there, and those on all sides of it."""
        world = self.stage.world(BASES[0], 1)
        declared = dict.fromkeys(d for end in self.ends for d in self._numbers(end.inside))
        numbers = [declaration.symbol for declaration in declared]
        beside = fmpq(1) if any(declaration.domain.whole for declaration in declared) else BESIDE
        if world is None or not 2 <= len(numbers) <= MOST_MEETING:
            return
        weights = dict.fromkeys(numbers, (1, 0))
        flat = [e for e in self.ends if e.inside.is_scalar and degree(e.inside, weights, 0, world.size) == (1, 0)]
        for group in islice(combinations(flat, len(numbers)), MOST_CORNERS):
            with suppress(Unsupported, Undecided, Undefined):
                yield from _around_corner(world, numbers, group, beside)

    def _around(self, base: World, gone: frozenset[Symbol], depth: int) -> Iterator[Found]:
        declared = {declaration.symbol: declaration for declaration in self.stage.declarations}
        symbols = [symbol for symbol in self._symbols if symbol not in gone]
        ways = [line for symbol in symbols for line in lines_of(base, declared[symbol])]
        for line in (*ways, *_together(base, [declared[symbol] for symbol in symbols])):
            self.lines += 1
            cuts, spots = self._cuts(line)
            if cuts:
                yield from self._on(line, cuts, spots)
            for place in cuts if depth and not line.domain.whole else ():
                if self.lines < MOST_LINES:
                    for beside in (_rational_at(place) + BESIDE, _rational_at(place) - BESIDE):
                        for world in _admitted(line, beside):
                            yield from self._around(world, gone | set(line.symbols), depth - 1)

    # -- one line --

    def _cuts(self, line: Line) -> tuple[list[Scalar], list[Spot]]:
        cuts: list[Scalar] = []
        spots: list[Spot] = []
        turn = period(self.terms, line)
        if turn is not None and line.domain == Domain():
            line = replace(line, domain=Domain(lower=Fraction(0), upper=_above(turn), includes_lower=True))
        anchors = self._anchors(line)
        for end in self.ends:
            if changing(end.inside, self.stage).isdisjoint(line.symbols):
                continue
            try:
                found = list(self._places(end, line, cuts, anchors))
            except (Unsupported, Undecided, Undefined):
                self.missed.add(end)
                continue
            cuts += [place for place, _ in found]
            self._note(end, line, [place for place, _ in found])
            spots += [(place, end.inside, value) for place, value in found if end.jumps and end.inside.is_scalar]
        return ordered(cuts), spots

    def _note(self, end: End, line: Line, places: list[Scalar]) -> None:
        """That an end was met, or not; between whole numbers, a jump counts for nothing."""
        if places and line.domain.whole and end.jumps and not end.whole:
            exact = any(isinstance(place, fmpq) and place.q == 1 and _is_zero(end, line, place) for place in places)
            (self.met if exact else self.missed).add(end)
        elif places:
            self.met.add(end)
        self.seen.add(end)

    def _anchors(self, line: Line) -> list[Scalar]:
        """Where steps are looked at: at the start, and where something ends if floors are taken for what they are the floor of."""
        found = [line.start]
        for end in self.ends:
            if not end.whole and any(map(_is_step, end.inside.walk())):
                found += _met(rewrite(end.inside, _without_step), line)
        return [place for place in found if line.is_on(place)]

    def _places(
        self, end: End, line: Line, cuts: list[Scalar], anchors: list[Scalar]
    ) -> Iterator[tuple[Scalar, Scalar]]:
        """The places of an end on a line, each with what its term is worth there."""
        for value in self._steps(end, line, anchors) if end.whole else [0]:
            shifted = add(end.inside, Number(Fraction(-value))) if value else end.inside
            found = zeros(shifted, line, cuts)
            if not found.complete:
                self.incomplete.add(end)
            yield from ((place, fmpq(value)) for place in found.places if line.is_on(place))

    def _steps(self, end: End, line: Line, anchors: list[Scalar]) -> list[int]:
        """The whole numbers at which a step is looked at: all that it has, or enough for what repeats itself after so many."""
        inside = end.inside
        below, above = line.domain.lower, line.domain.upper
        if below is not None and above is not None and line.directions is None:
            with suppress(Undefined, Undecided):
                ends = [line.of(inside, rational(place))[0] for place in (below, above)]
                first, last = int(min(map(lower_end, ends)).floor()), int(max(map(upper_end, ends)).ceil())
                if last - first <= MOST_STEPS and self._is_linear(inside, line):
                    return list(range(first, last + 1))
        near: set[int] = {-1, 0, 1, 2}
        for place in anchors:
            with suppress(Undefined, Undecided):
                here = int(lower_end(line.of(inside, place)[0]).floor())
                near |= set(range(here - 2, here + 4))
        try:
            count = self._repeating(inside, line)
            start = int(lower_end(line.of(inside, line.start)[0]).floor())
            near |= set(range(start - 1, start + count + 1))
        except (Unsupported, Undefined, Undecided):
            self.incomplete.add(end)
        return sorted(near)

    def _is_linear(self, inside: Term, line: Line) -> bool:
        return degree(rewrite(inside, _without_step), line.weights, 0, line.world.size) == (1, 0)

    def _repeating(self, inside: Term, line: Line) -> int:
        """After how many steps of each kind the terms, polynomials in a number and its floors beyond all other ends, are known
        wherever they are.
        """
        if not self._is_linear(inside, line):
            raise NotSolved("steps of what is not linear")
        steps = {node.children[0] for term in self.terms for node in term.walk() if _is_step(node)}
        slopes: list[Scalar] = []
        for step in steps:
            if not line.weights.keys().isdisjoint(step.free) and self._is_linear(step, line):
                before, after = (line.of(rewrite(step, _without_step), fmpq(x))[0] for x in (0, 1))
                slopes.append(after - before)
        highest = sum(sum(degree(rewrite(term, _opened), line.weights, 0, line.world.size)) for term in self.terms)
        if highest > MOST_STEPS:
            raise NotSolved("steps that do not repeat themselves")
        count = _common_length(slopes) * (int(highest) + 1)
        if count > MOST_STEPS:
            raise NotSolved("too many steps")
        return count

    def _on(self, line: Line, cuts: list[Scalar], spots: list[Spot]) -> Iterator[Found]:
        """The worlds between the cuts, and those on them."""
        if line.domain.whole:
            for number in sorted({int(cut) + k for cut in cuts for k in (-1, 0, 1, 2)}):
                yield from map(Found, self._counted(line, fmpq(number)))
            return
        for place in (sample for sample, _, _ in gaps(line, cuts)):
            yield from map(Found, _admitted(line, place))
        for place in map(_rational_at, cuts):
            yield from (Found(world, ()) for world in _admitted(line, place))
        for place in ordered([place for place, _, _ in spots]):
            met = [(inside, value) for other, inside, value in spots if not (other < place or other > place)]
            here = {inside: value for inside, value in met if _may_be(line, place, inside, value)}
            yield from (Found(world.knowing(here), tuple(here)) for world in _admitted(line, place))

    # -- sizes --

    def _counted(self, line: Line, place: fmpq) -> Iterator[World]:
        (symbol,) = line.symbols
        if symbol not in self.stage.sizes:
            yield from _admitted(line, place)
        elif place >= 1 and line.is_on(place):
            yield from self._sized(symbol, int(place), _is_laid_out(symbol, self.stage, self.terms))

    def _sized(self, size: Symbol, value: int, laid_out: bool) -> Iterator[World]:
        if value > (LARGEST_SIZE if laid_out else LARGEST_COUNT):
            raise TooFar(f"{size.name} = {value} would have to be looked at")
        for others in (1, 2):
            sizes = {other: value if other == size else others for other in self.stage.sizes}
            with suppress(Impossible):  # a sum over n − 1 terms has no index where n is 1
                yield filled_world(self.stage.declarations, sizes, value % 12, f"piece {value}")

    def _along_indices(self) -> Iterator[Found]:
        """Where an index has to come to a place, the sum must be long enough; where it comes to its end, another size may."""
        for end in self.indexed:
            assert end.index is not None
            for base in self._bases():
                at = World(base.number, {**base.values, end.index: fmpq(1)}, {**base.declarations}, ())
                line = Line(at, (end.index,), Domain(whole=True, lower=Fraction(1), includes_lower=True))
                places = {int(place) + k for place in _met(end.inside, line) for k in range(3)}
                for size in sorted(end.length.free & self.stage.sizes, key=lambda symbol: symbol.name):
                    for place in sorted(place for place in places if place >= 1):
                        yield from map(Found, self._sized(size, place, laid_out=True))


def changing(inside: Term, stage: Stage) -> frozenset[Symbol]:
    """The symbols that have a line on which a term changes: a size has none where there are arrays."""
    found = frozenset(d.symbol for d in stage.declarations if d.symbol in inside.free and can_change(d))
    return found if all(symbol.is_scalar for symbol in inside.free) else found - stage.sizes


def can_change(declaration: Declaration) -> bool:
    return declaration.law is None and declaration.domain.index_up_to is None


def lines_of(base: World, declaration: Declaration) -> Iterator[Line]:
    """The line of a number; of an array, one through zero and one that goes anywhere."""
    symbol = declaration.symbol
    here = base[symbol]
    if not isinstance(here, Matrix):
        yield Line(base, (symbol,), declaration.domain)
        return
    yield Line(base, (symbol,), Domain(), (here,))
    draw = random.Random(f"{base.number} line {symbol.name}")
    ways = base.ways(symbol, here)
    yield Line(base, (symbol,), Domain(), (moved_along(here, ways, [atom(draw, draw.choice((1, -1))) for _ in ways]),))


def _together(base: World, declared: Iterable[Declaration]) -> Iterator[Line]:
    """A line on which all numbers change that need not be whole."""
    symbols = tuple(d.symbol for d in declared if d.symbol.is_scalar and not d.domain.whole)
    if len(symbols) > 1:
        draw = random.Random(f"{base.number} line")
        yield Line(base, symbols, Domain(), tuple(atom(draw, draw.choice((1, -1))) for _ in symbols))


def _around_corner(world: World, numbers: list[Symbol], group: Sequence[End], beside: fmpq) -> Iterator[Found]:
    """The world where some linear ends meet, and one for each way to be beside each of them."""

    def row(inside: Term) -> list[Scalar]:
        values = [world.value(inside, {s: fmpq(int(s == moved)) for s in numbers}) for moved in (None, *numbers)]
        return [*(value - values[0] for value in values[1:]), values[0]]

    rows = [row(end.inside) for end in group]
    coefficients = Matrix([line[:-1] for line in rows])
    for sides in product((0, 1, -1), repeat=len(group)):
        if any(sides) == all(sides):
            right = Matrix([[side * beside - line[-1]] for side, line in zip(sides, rows, strict=True)])
            found = coefficients.solve(right)
            if found is None:
                return
            values = dict(zip(numbers, found.entries(), strict=True))
            if all(admits(world, symbol, value) for symbol, value in values.items()):
                here = world.changed(values)
                known: dict[Term, Value] = {end.inside: fmpq(0) for end in group}
                yield Found(here) if any(sides) else Found(here.knowing(known), tuple(known))


def _may_be(line: Line, place: Scalar, inside: Term, value: Scalar) -> bool:
    """Whether a term may be worth that at a place: a zero of one of its pieces is none where another piece begins."""
    with suppress(Undecided, Undefined, Unsupported):
        return not any(found - value != 0 for found in line.of(inside, place))
    return False


def _met(inside: Term, line: Line) -> list[Scalar]:
    """Where a term is zero on a line, as far as that is found."""
    with suppress(Unsupported, Undecided, Undefined):
        return zeros(inside, line, []).places
    return []


def _is_zero(end: End, line: Line, place: Scalar) -> bool:
    return all(value == 0 for value in line.of(end.inside, place))


def _is_step(node: Term) -> bool:
    return isinstance(node, Apply) and FUNCTIONS[node.function].stepwise


def _without_step(node: Term) -> Term | None:
    return node.children[0] if _is_step(node) else None


def _opened(node: Term) -> Term | None:
    """What a function with pieces is far out, as far as its degree goes."""
    if not isinstance(node, Apply) or not FUNCTIONS[node.function].pieces:
        return None
    return ONE if node.function == "sign" else add(*(u * Number(Fraction(k + 2)) for k, u in enumerate(node.arguments)))


def _common_length(slopes: list[Scalar]) -> int:
    """How many of the shortest steps all of them take to come together again. Raises NotSolved."""
    lengths = [abs(slope) for slope in slopes if slope != 0]
    if not lengths:
        return 1
    if not all(isinstance(length, fmpq) for length in lengths):
        if any(length - lengths[0] != 0 for length in lengths):
            raise NotSolved("steps of different lengths")
        return 1
    span = lengths[0]
    whole = next((k for k in range(1, MOST_STEPS) if all((length * k / span).q == 1 for length in lengths)), MOST_STEPS)
    return whole * int((max(lengths) / span).ceil())


def _above(value: Scalar) -> Fraction:
    bound = upper_end(value)
    return Fraction(int(bound.p), int(bound.q))


def _rational_at(place: Scalar) -> fmpq:
    """A place, or a number close to it that is told from it: rounded to half the bits."""
    if isinstance(place, fmpq):
        return place
    grain = fmpq(2) ** (log2_above(abs(place)) - ctx.prec // 2)
    return fmpq((upper_end(place) / grain).ceil()) * grain


def _admitted(line: Line, place: Scalar) -> Iterator[World]:
    with suppress(Undefined, Undecided, Unsupported):
        if all(admits(line.world, symbol, value) for symbol, value in line.values(place).items()):
            yield line.at(place)


def _is_laid_out(size: Symbol, stage: Stage, terms: Iterable[Term]) -> bool:
    """Whether an array or a sum has a size."""
    if any(size in declaration.symbol.shape for declaration in stage.declarations):
        return True
    return any(size in node.length.free for term in terms for node in term.walk() if isinstance(node, INDEXED))
