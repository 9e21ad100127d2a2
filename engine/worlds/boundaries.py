"""Worlds on every piece of some terms: between the places where one of them may become another function, and on the spot.

Through a few drawn worlds go lines, one for each symbol, and the ends of the pieces on them are solved for (`engine.worlds.lines`). What
could not be solved for is told: two terms that are equal in all these worlds are then only equal wherever anybody looked.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import chain, combinations, islice, product

from flint import ctx, fmpq

from engine.terms import (
    INDEXED,
    ONE,
    Add,
    Apply,
    Derivative,
    Differential,
    Multiply,
    Number,
    Power,
    Symbol,
    Term,
    add,
    rewrite,
    substitute,
)
from engine.terms.declarations import Declaration, Domain
from engine.terms.records import FUNCTIONS
from engine.worlds.breakpoints import End, is_whole
from engine.worlds.degrees import degree
from engine.worlds.design import Stage
from engine.worlds.drawing import Impossible, filled_world, obeying
from engine.worlds.features import nodes
from engine.worlds.lines import Line, NotSolved, gaps, lower_end, ordered, period, upper_end, zeros
from engine.worlds.truth import admits
from engine.worlds.values import Matrix, Scalar, Undecided, Undefined, Unsupported, log2_above, sign_of
from engine.worlds.world import Value, World, atom, map_entries, moved_along, rational

LARGEST_SIZE = 24  # of a matrix or a sum; a mere number may be larger
LARGEST_COUNT = 2**12
BASES = (0, 4)  # worlds that lines go through: numbers of any size, and small whole ones
MOST_WORLDS = 300
MOST_STEPS = 48  # whole numbers that a step is looked at
MOST_EDGES = 20
ARRAY = Domain()  # of the multiples of a direction


Found = tuple[bool, World]  # whether it is on an end, and the world


class TooFar(Unsupported):
    """What would have to be looked at is more than can be."""


@dataclass(frozen=True)
class Pieces:
    """Worlds on all pieces that were found, worlds on (and close to) the ends of pieces, and the terms of which it is not known where
    they are zero, or whole.
    """

    between: tuple[World, ...] = ()
    spots: tuple[World, ...] = ()
    unsettled: tuple[Term, ...] = ()


def pieces(stage: Stage, terms: Sequence[Term], ends: Iterable[End]) -> Pieces:
    """The pieces of some terms between their ends."""
    domains = {declaration.symbol: declaration.domain for declaration in stage.declarations}
    every = chain.from_iterable(_without_chance(end, stage) for end in ends)
    open_ones = dict.fromkeys(end for end in every if not _is_none(end, domains))
    survey = _Survey(stage, terms, tuple(open_ones))
    found = list(islice(survey.worlds(), MOST_WORLDS))
    spots = () if any(map(_has_slope, terms)) else (world for on_spot, world in found if on_spot)  # there is none there
    return Pieces(
        tuple(obeying_worlds(stage, (world for on_spot, world in found if not on_spot))),
        tuple(obeying_worlds(stage, spots)),
        tuple(dict.fromkeys(end.inside for end in survey.ends if not survey.is_settled(end))),
    )


def _is_none(end: End, domains: Mapping[Symbol, Domain]) -> bool:
    """Whether nothing ends here, by what is declared: a term is positive, a base is raised to whole numbers only."""
    if end.exponent is not None and is_whole(
        end.exponent, {symbol for symbol, domain in domains.items() if domain.whole}
    ):
        return True
    return not end.whole and _is_positive(end.inside, domains)


def _has_slope(term: Term) -> bool:
    return any(isinstance(node, (Derivative, Differential)) for node in nodes(term))


def obeying_worlds(stage: Stage, worlds: Iterable[World]) -> Iterator[World]:
    """The worlds, made such that they obey the hypotheses, as far as that can be."""
    for world in worlds:
        with suppress(Impossible, Undefined, Undecided):
            yield obeying(world, stage.hypotheses)


def _without_chance(end: End, stage: Stage) -> Iterator[End]:
    """An end where each random number has one of its values: those of a finite law are 0 and ±1 in most."""
    laws = [d.symbol for d in stage.declarations if d.law is not None and d.symbol.is_scalar]
    laws = [symbol for symbol in laws if symbol in end.inside.free]
    for values in product((0, 1, -1), repeat=len(laws)):
        numbers = {symbol: Number(Fraction(value)) for symbol, value in zip(laws, values, strict=True)}
        yield replace(end, inside=substitute(end.inside, numbers))


def _is_positive(term: Term, domains: Mapping[Symbol, Domain], strictly: bool = True) -> bool:
    """Whether a term is seen to be positive (or, not `strictly`, not negative) by its signs alone."""
    match term:
        case Number(value=value):
            return value > 0 or (value == 0 and not strictly)
        case Symbol() if term in domains and (lower := domains[term].lower) is not None:
            return lower > 0 or (lower == 0 and not (strictly and domains[term].includes_lower))
        case Add(terms=parts):
            return all(_is_positive(part, domains, False) for part in parts) and (
                not strictly or any(_is_positive(part, domains) for part in parts)
            )
        case Multiply(factors=factors) if all(factor.is_scalar for factor in factors):
            return all(_is_positive(factor, domains, strictly) for factor in factors)
        case Power(base=base, exponent=exponent) if base.is_scalar:
            even = isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value % 2 == 0
            return (even and not strictly) or _is_positive(base, domains, strictly)
        case Apply(function=name):
            return FUNCTIONS[name].never_zero
    return False


# -- along lines ------------------------------------------------------------------------------------------------------------


@dataclass
class _Survey:
    """What is found on the lines through some worlds."""

    stage: Stage
    terms: Sequence[Term]
    ends: tuple[End, ...]
    met: set[End] = field(default_factory=set)
    missed: set[End] = field(default_factory=set)
    lines_of: dict[End, int] = field(default_factory=dict)

    def is_settled(self, end: End) -> bool:
        """Whether an end was met; or is met nowhere, on its one line."""
        alone = len(_changing(end.inside, self.stage)) <= 1 and end not in self.missed
        return end in self.met or (alone and end in self.lines_of) or not _changing(end.inside, self.stage)

    def worlds(self) -> Iterator[Found]:
        declared = {declaration.symbol: declaration for declaration in self.stage.declarations}
        symbols = frozenset().union(*(_changing(end.inside, self.stage) for end in self.ends))
        ordered_symbols = sorted(symbols, key=lambda symbol: (symbol.is_scalar, symbol.name))
        for base in self._bases():
            for symbol in ordered_symbols:
                for line in _lines(base, declared[symbol]):
                    yield from self._along(line)
        yield from self._along_indices()

    def _bases(self) -> Iterator[World]:
        for number in BASES:
            world = self.stage.world(number, 1)
            if world is not None:
                yield world
                yield from (found for end in self.ends if (found := _at_critical_point(end.inside, world)) is not None)

    def _along(self, line: Line) -> Iterator[Found]:
        cuts: list[Scalar] = []
        spots: list[tuple[Scalar, Term, Scalar]] = []
        turn = period(self.terms, line) if line.direction is None else None
        if turn is not None and line.domain == Domain():
            line = replace(line, domain=Domain(lower=Fraction(0), upper=_above(turn), includes_lower=True))
        for end in self.ends:
            if line.symbol not in _changing(end.inside, self.stage):
                continue
            try:
                found = list(self._places(end, line, cuts))
            except (Unsupported, Undecided, Undefined):
                self.missed.add(end)
                continue
            self.lines_of[end] = 1
            cuts += [place for place, _ in found]
            if found:
                self.met.add(end)
            spots += [(place, end.inside, value) for place, value in found if end.jumps and end.inside.is_scalar]
        if cuts:
            yield from self._on(line, ordered(cuts), spots)

    def _places(self, end: End, line: Line, cuts: list[Scalar]) -> Iterator[tuple[Scalar, Scalar]]:
        """The places of an end on a line, each with what its term is worth there."""
        inside = end.inside if end.index is None else substitute(end.inside, {end.index: ONE})
        values = self._steps(inside, line) if end.whole else [fmpq(0)]
        for value in values:
            shifted = inside if value == 0 else add(inside, Number(Fraction(-int(value))))
            for place in zeros(shifted, line, cuts):
                if line.is_on(place):
                    yield place, value

    def _steps(self, inside: Term, line: Line) -> list[fmpq]:
        """The whole numbers at which a step is looked at: all that it has, or enough for what repeats itself after so many."""
        low, high = (
            None if end is None else line.of(inside, rational(end))[0] for end in (line.domain.lower, line.domain.upper)
        )
        count = MOST_STEPS if low is not None and high is not None else self._repeating(line)
        if low is not None and high is not None:
            first = int(min(lower_end(low), lower_end(high)).floor())
            last = int(max(upper_end(low), upper_end(high)).ceil())
            if last - first > count:
                raise NotSolved("too many steps")
            return [fmpq(k) for k in range(first, last + 1)]
        if degree(inside, {line.symbol: (1, 0)}, 0, line.world.size) != (1, 0):
            raise NotSolved("steps of what is not linear")
        start = int(upper_end(line.of(inside, line.start)[0]).floor())
        near = range(start - 1, start + count + 1)
        return [fmpq(k) for k in sorted({*near, -1, 0, 1, 2})]

    def _repeating(self, line: Line) -> int:
        """After how many steps of each kind the terms, polynomials in a number and its floors, are known wherever they are."""
        slopes: list[Scalar] = []
        highest = 0.0
        for term in self.terms:
            opened = rewrite(term, lambda node: node.argument if _is_step(node) else None)
            highest += sum(degree(opened, {line.symbol: (1, 0)}, 0, line.world.size))
            for node in term.walk():
                if _is_step(node) and line.symbol in node.free:
                    a, b = (line.of(node.children[0], fmpq(x))[0] for x in (0, 1))
                    slopes.append(b - a)
        if highest > MOST_STEPS:
            raise NotSolved("steps that do not repeat themselves")
        first, *others = slopes
        exact = all(isinstance(slope, fmpq) for slope in slopes)
        if not exact and any(slope - first != 0 for slope in others):
            raise NotSolved("steps of different lengths")
        length = 1
        if exact:
            numbers = [abs(slope) for slope in slopes if slope != 0]
            span = numbers[0]
            whole = next((k for k in range(1, MOST_STEPS) if all((number * k / span).q == 1 for number in numbers)), 0)
            length = whole * int((max(numbers) / span).ceil()) if whole else MOST_STEPS + 1
        count = length * (int(highest) + 1)
        if count > MOST_STEPS:
            raise NotSolved("too many steps")
        return count

    def _on(self, line: Line, cuts: list[Scalar], spots: list[tuple[Scalar, Term, Scalar]]) -> Iterator[Found]:
        """The worlds between the cuts, and those on them."""
        if line.domain.whole:
            for place in sorted({int(cut) + k for cut in cuts for k in (-1, 0, 1, 2)}):
                yield from ((False, world) for world in self._counted(line, fmpq(place)))
            return
        for place in (sample for sample, _, _ in gaps(line, cuts)):
            yield from ((False, world) for world in _admitted(line, place))
        for place in map(_rational_at, cuts):
            yield from ((True, world) for world in _admitted(line, place))
        for place in ordered([place for place, _, _ in spots]):
            here = {inside: value for other, inside, value in spots if not (other < place or other > place)}
            yield from ((True, world.knowing(here)) for world in _admitted(line, place))

    def _counted(self, line: Line, place: fmpq) -> Iterator[World]:
        if line.symbol not in self.stage.sizes:
            yield from _admitted(line, place)
        elif place >= 1 and line.is_on(place):
            yield from self._sized(line.symbol, int(place), _is_laid_out(line.symbol, self.stage, self.terms))

    def _sized(self, size: Symbol, value: int, laid_out: bool) -> Iterator[World]:
        if value > (LARGEST_SIZE if laid_out else LARGEST_COUNT):
            raise TooFar(f"{size.name} = {value} would have to be looked at")
        for others in (1, 2):
            sizes = {other: value if other == size else others for other in self.stage.sizes}
            with suppress(Impossible):  # a sum over n − 1 terms has no index where n is 1
                yield filled_world(self.stage.declarations, sizes, value % 12, f"piece {value}")

    def _along_indices(self) -> Iterator[Found]:
        """Where an index has to come to a place, the sum must be long enough."""
        for end in (end for end in self.ends if end.index is not None):
            assert end.index is not None
            for base in self._bases():
                at = World(base.number, {**base.values, end.index: fmpq(1)}, {**base.declarations}, ())
                line = Line(at, end.index, Domain(whole=True, lower=Fraction(1), includes_lower=True))
                with suppress(Unsupported, Undecided, Undefined):
                    for place in zeros(end.inside, line, []):
                        for size in sorted(end.length.free & self.stage.sizes, key=lambda symbol: symbol.name):
                            for further in range(3):
                                if place + further >= 1:
                                    sized = self._sized(size, int(place) + further, laid_out=True)
                                    yield from ((False, world) for world in sized)


def _is_step(node: Term) -> bool:
    return isinstance(node, Apply) and FUNCTIONS[node.function].stepwise


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
        if admits(line.world, line.symbol, line.value(place)):
            yield line.at(place)


def _is_laid_out(size: Symbol, stage: Stage, terms: Iterable[Term]) -> bool:
    """Whether an array or a sum has a size."""
    if any(size in declaration.symbol.shape for declaration in stage.declarations):
        return True
    return any(size in node.length.free for term in terms for node in term.walk() if isinstance(node, INDEXED))


def _changing(inside: Term, stage: Stage) -> frozenset[Symbol]:
    """The symbols that have a line on which a term changes: a size has none where there are arrays."""
    found = frozenset(d.symbol for d in stage.declarations if d.symbol in inside.free and can_change(d))
    return found if all(symbol.is_scalar for symbol in inside.free) else found - stage.sizes


def can_change(declaration: Declaration) -> bool:
    return declaration.law is None and declaration.domain.index_up_to is None


def _lines(base: World, declaration: Declaration) -> Iterator[Line]:
    """The line of a number; of an array, one through zero and one that goes anywhere."""
    symbol = declaration.symbol
    here = base[symbol]
    if not isinstance(here, Matrix):
        yield Line(base, symbol, declaration.domain)
        return
    yield Line(base, symbol, ARRAY, here)
    draw = random.Random(f"{base.number} line {symbol.name}")
    ways = base.ways(symbol, here)
    yield Line(base, symbol, ARRAY, moved_along(here, ways, [atom(draw, draw.choice((1, -1))) for _ in ways]))


def _at_critical_point(inside: Term, world: World) -> World | None:
    """The world where a quadratic in several numbers has its centre."""
    declared = world.declarations
    numbers = sorted(
        (
            s
            for s in inside.free
            if s in declared and s.is_scalar and can_change(declared[s]) and not declared[s].domain.whole
        ),
        key=lambda symbol: symbol.name,
    )
    if len(numbers) < 2 or degree(inside, {symbol: (1, 0) for symbol in numbers}, 0, world.size) != (2, 0):
        return None

    def at(*moves: Symbol) -> Scalar:
        return world.value(inside, {symbol: fmpq(moves.count(symbol)) for symbol in numbers})

    with suppress(Undefined, Undecided, Unsupported):
        constant = at()
        curvature = Matrix([[at(s, t) - at(s) - at(t) + constant for t in numbers] for s in numbers])
        slopes = Matrix([[(at(s, s) + 3 * constant - 4 * at(s)) / 2] for s in numbers])
        centre = curvature.solve(slopes)
        if centre is not None:
            found = world.changed(dict(zip(numbers, centre.entries(), strict=True)))
            if all(admits(found, number, found[number]) for number in numbers) and sign_of(found.value(inside)) != 0:
                return found
    return None


# -- edges of domains --------------------------------------------------------------------------------------------------------


def at_edges(stage: Stage, symbols: frozenset[Symbol]) -> Iterator[World]:
    """Worlds in which some symbols are on ends of their domains, 0 or ±1, alone and together."""
    declared = [d for d in stage.declarations if d.symbol in symbols and can_change(d) and d.symbol not in stage.sizes]
    world = stage.world(BASES[0], 1)
    if world is None:
        return
    edges = {declaration.symbol: _edges(declaration, world) for declaration in sorted(declared, key=repr)}
    groups = chain.from_iterable(combinations(edges, count) for count in range(1, len(edges) + 1))
    together = (
        dict(zip(group, values, strict=True))
        for group in groups
        for values in product(*(edges[symbol] for symbol in group))
    )
    yield from obeying_worlds(stage, map(world.changed, islice(together, MOST_EDGES)))


def _edges(declaration: Declaration, world: World) -> list[Value]:
    symbol, domain = declaration.symbol, declaration.domain
    ends = [rational(end) for end in (domain.lower, domain.upper) if end is not None]
    numbers = dict.fromkeys((*ends, fmpq(0), fmpq(1), fmpq(-1)))
    found: list[Value] = []
    for value in (_all_of(number, world[symbol]) for number in numbers):
        with suppress(Undefined, Undecided, Unsupported):
            found += [value] if admits(world, symbol, value) else []
    return found


def _all_of(number: fmpq, like: Value) -> Value:
    return map_entries(like, lambda _: number)
