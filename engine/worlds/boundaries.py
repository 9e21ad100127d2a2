"""Worlds at the places where a function with pieces may change: at the constants in it, beyond them, and far out.

max(x, −10⁵) is x wherever x is drawn as people draw numbers, and floor(x) + 1 is ceil(x) at all but whole ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, combinations, islice, product

from flint import fmpq

from engine.terms import INDEXED, Number, Symbol, Term
from engine.terms.declarations import Declaration, Domain, Structure
from engine.worlds.design import Stage
from engine.worlds.drawing import Impossible, filled_world, obeying
from engine.worlds.features import has_pieces, nodes
from engine.worlds.truth import admits
from engine.worlds.values import Matrix, Undecided, Undefined, Unsupported
from engine.worlds.world import Value, World, map_entries, rational

MOST_CONSTANTS = 6
MOST_PROBES = 400
LARGEST_SIZE = 24  # of a matrix or a sum; a mere number may be larger
LARGEST_COUNT = 900
FAR_OUT = (20, 60)  # powers of two
MOST_TIED = 6
BASES = (0, 1)  # worlds that a symbol at a time is changed in
MOST_EDGES = 20


class TooFar(Unsupported):
    """What would have to be looked at is more than can be."""


def constants_in(terms: Iterable[Term]) -> tuple[fmpq, ...]:
    """The numbers in some terms, and what they divide: the smallest and the largest few."""
    found = {abs(rational(n.value)) for term in terms for n in nodes(term) if isinstance(n, Number) and n.value != 0}
    found |= {1 / value for value in found} | {fmpq(1)}
    ordered = tuple(sorted(found))
    half = MOST_CONSTANTS // 2
    return ordered if len(ordered) <= MOST_CONSTANTS else ordered[:half] + ordered[-half:]


def in_pieces(terms: Iterable[Term]) -> frozenset[Symbol]:
    """The symbols that stand in what has pieces, and the lengths of sums whose index does."""
    every = [node for term in terms for node in nodes(term)]
    found = {s for node in every if has_pieces(node) for s in nodes(node) if isinstance(s, Symbol)}
    lengths = (node.length.free for node in every if isinstance(node, INDEXED) and node.index in found)
    return frozenset(found).union(*lengths)


def probes(
    stage: Stage, terms: Iterable[Term], constants: tuple[fmpq, ...], changing: frozenset[Symbol]
) -> Iterator[World]:
    """The worlds, each unlike a drawn one in a single symbol, or in its sizes. Raises Unsupported where one would have to
    be too large.
    """
    every = [node for term in terms for node in nodes(term)]
    looked_at = chain(
        _of_sizes(stage, every, constants, changing), _of_ties(stage, changing), _of_values(stage, constants, changing)
    )
    yield from obeying_worlds(stage, islice(looked_at, MOST_PROBES))


def obeying_worlds(stage: Stage, worlds: Iterable[World]) -> Iterator[World]:
    """The worlds, made such that they obey the hypotheses, as far as that can be."""
    for world in worlds:
        with suppress(Impossible, Undefined, Undecided):
            yield obeying(world, stage.hypotheses)


def at_edges(stage: Stage, symbols: frozenset[Symbol]) -> Iterator[World]:
    """Worlds in which some symbols are on ends of their domains, 0 or ±1, alone and together."""
    declared = sorted((d for d in stage.declarations if d.symbol in symbols and can_change(d, stage)), key=repr)
    world = stage.world(BASES[0], 1)
    if world is None:
        return
    edges = {declaration.symbol: _edges(declaration, world) for declaration in declared}
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


# -- sizes ------------------------------------------------------------------------------------------------------------------


def _of_sizes(
    stage: Stage, every: list[Term], constants: tuple[fmpq, ...], changing: frozenset[Symbol]
) -> Iterator[World]:
    laid_out = _laid_out(stage, every)
    wholes = sorted({int(c.floor()) for c in constants if c >= 1})
    for size in sorted(stage.sizes & changing, key=lambda symbol: symbol.name):
        limit = LARGEST_SIZE if size in laid_out else LARGEST_COUNT
        for value in sorted({v for c in wholes for v in (c - 1, c, c + 1, c + 2, 2 * c + 1) if v >= 1}):
            if value > limit:
                raise TooFar(f"{size.name} = {value} would have to be looked at")
            for others in (1, 2):
                sizes = {other: value if other == size else others for other in stage.sizes}
                with suppress(Impossible):  # a sum over n − 1 terms has no index where n is 1
                    yield filled_world(stage.declarations, sizes, value % 12, f"probe {value}")


def _laid_out(stage: Stage, every: list[Term]) -> set[Symbol]:
    """The sizes that matrices or sums have."""
    found = {size for d in stage.declarations for size in d.symbol.shape if isinstance(size, Symbol)}
    return found.union(*(node.length.free for node in every if isinstance(node, INDEXED)))


# -- ties -------------------------------------------------------------------------------------------------------------------


def _of_ties(stage: Stage, changing: frozenset[Symbol]) -> Iterator[World]:
    """Two numbers the same, opposite, or with a whole sum: there x − y, x + y and their like change sign or are whole."""
    declared = {declaration.symbol: declaration for declaration in stage.declarations}
    scalars = (s for s in changing & declared.keys() if s.is_scalar and can_change(declared[s], stage))
    world = stage.world(BASES[0], 0)
    for one, other in combinations(sorted(scalars, key=lambda symbol: symbol.name)[:MOST_TIED], 2):
        for share in (fmpq(1), fmpq(-1), fmpq(1, 2)):
            values = {one: share, other: share} if share.q != 1 else None
            if world is not None:
                tied = world.changed(values or {other: world[one] * share})
                if all(admits(tied, symbol, tied[symbol]) for symbol in (one, other)):
                    yield tied


# -- values -----------------------------------------------------------------------------------------------------------------


def _of_values(stage: Stage, constants: tuple[fmpq, ...], changing: frozenset[Symbol]) -> Iterator[World]:
    declared = {declaration.symbol: declaration for declaration in stage.declarations}
    free = (symbol for symbol in changing & declared.keys() if can_change(declared[symbol], stage))
    bases = [world for number in BASES if (world := stage.world(number, 0)) is not None]
    for symbol in sorted(free, key=lambda symbol: symbol.name):
        for world in bases:
            for value in _values(world[symbol], declared[symbol].domain, constants):
                if admits(world, symbol, value):
                    yield world.changed({symbol: value})


def can_change(declaration: Declaration, stage: Stage) -> bool:
    index = declaration.domain.index_up_to is not None
    return declaration.law is None and declaration.symbol not in stage.sizes and not index


def _values(value: Value, domain: Domain, constants: tuple[fmpq, ...]) -> Iterator[Value]:
    if isinstance(value, Matrix):
        for power in FAR_OUT:
            yield value.scaled(fmpq(2) ** power)
            yield value.scaled(1 / fmpq(2) ** power)
        if domain.lower is None and domain.structure is Structure.GENERAL:
            yield value.scaled(fmpq(0))
        if domain.structure in (Structure.GENERAL, Structure.SYMMETRIC, Structure.INVERTIBLE):
            yield value.scaled(fmpq(-1))
            yield value.scaled(-1 / fmpq(2) ** FAR_OUT[-1])
        return
    yield from _at_constants(constants, domain.whole)
    if domain.whole:
        return
    for power in FAR_OUT:
        small = 1 / fmpq(2) ** power
        for edge in (domain.lower, domain.upper):
            if edge is not None:
                yield rational(edge) + small
                yield rational(edge) - small
        yield from (value * small, value / small, -value * small, -value / small)


def _at_constants(constants: tuple[fmpq, ...], whole: bool) -> Iterator[fmpq]:
    """At the constants, beside them and beyond them, with either sign; and at and just below whole numbers."""
    for constant in constants:
        for value in (constant, constant + 1, constant - 1, 2 * constant, constant / 2):
            if not whole or value.q == 1:
                yield from (value, -value)
        if constant < 1 and not whole:
            yield from (1 - constant / 2, -constant / 2, 1 + constant / 2)
    yield from (fmpq(k) for k in (0, 1, 2, 3, 4, -1, -2))
