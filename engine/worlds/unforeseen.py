"""Worlds beyond the design that an answer is compared in: with whole exponents, and some that nobody can know."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import islice, product

from flint import fmpq, fmpz

from engine.terms import Symbol
from engine.terms.declarations import Declaration
from engine.worlds.boundaries import can_change, obeying_worlds
from engine.worlds.design import Stage
from engine.worlds.drawing import Impossible, Lot, filled_with, obeying, signed_symbols
from engine.worlds.signs import WORLDS, Pattern, wanted_together
from engine.worlds.truth import admits
from engine.worlds.values import Undefined
from engine.worlds.world import DYADIC, SAMPLE, World

EXPONENTS = (fmpq(2), fmpq(1, 2), fmpq(3), fmpq(-1))  # powers that a negative number has, and a root of them
MOST_RAISED, MOST_CHOICES = 48, 1024


def fresh_on(stage: Stage, seed: int) -> World | None:
    """A world that is not one of the numbered ones; None where it does not obey the hypotheses."""
    try:
        return obeying(fresh(stage.declarations, stage.sizes, seed), stage.hypotheses)
    except (Impossible, Undefined):
        return None


def fresh(declarations: frozenset[Declaration], sizes: frozenset[Symbol], seed: int) -> World:
    """A world of its own, sizes from 1 to 6 included, that nobody can know who does not know the seed: it is none of the design."""
    draw = random.Random(seed)
    chosen = {size: draw.randint(1, 6) for size in sorted(sizes, key=lambda symbol: symbol.name)}
    signs = {symbol: draw.choice((1, -1)) for symbol in signed_symbols(declarations)}
    lot = Lot(draw.randrange(WORLDS, SAMPLE), _random_prime(draw))
    return filled_with(declarations, chosen, lot, str(seed), signs)


def _random_prime(draw: random.Random) -> int:
    candidate = draw.randrange(DYADIC + 1, 2 * DYADIC, 2)
    while not fmpz(candidate).is_prime():
        candidate += 2
    return candidate


def raised(stage: Stage, exponents: frozenset[Symbol], branching: frozenset[Symbol]) -> Iterator[World]:
    """Worlds in which numbers in exponents are whole, or halves, and other numbers under branches negative: there (a²)^½ is
    not a.
    """
    declared = {declaration.symbol: declaration for declaration in stage.declarations}
    free = sorted((s for s in exponents & declared.keys() if _is_real(declared[s])), key=lambda s: s.name)
    if not free:
        return
    others = [symbol for symbol in stage.signed if symbol in branching and symbol not in free]
    negative = [pattern for pattern in wanted_together(len(others)) if -1 in pattern]
    every = list(islice(product(product(EXPONENTS, repeat=len(free)), negative), MOST_CHOICES))
    chosen = random.Random("exponents").sample(every, min(len(every), MOST_RAISED))
    yield from obeying_worlds(stage, _with_exponents(stage, free, others, chosen))


def _with_exponents(
    stage: Stage, free: list[Symbol], others: list[Symbol], chosen: Iterable[tuple[tuple[fmpq, ...], Pattern]]
) -> Iterator[World]:
    for place, (values, pattern) in enumerate(chosen):
        world = stage.world(place % WORLDS, 0, tuple(zip(others, pattern, strict=True)))
        if world is not None:
            world = world.changed(dict(zip(free, values, strict=True)))
            if all(admits(world, symbol, world[symbol]) for symbol in free):
                yield world


def _is_real(declaration: Declaration) -> bool:
    """Whether a symbol is a number that need not be whole."""
    return declaration.symbol.is_scalar and not declaration.domain.whole and can_change(declaration)
