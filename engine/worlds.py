"""Worlds: random models of the premises.

A world gives every size a small whole number, every symbol an exact rational that obeys its domain,
every random symbol its law. Worlds are stratified: what kind of sizes, signs and nearness to an edge
is fixed by a design, so that no structure is missed by chance; only the numbers themselves are drawn.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from itertools import chain, combinations, product

from flint import fmpq

from engine.claims import NotDecided
from engine.degrees import degree
from engine.evaluator import SAMPLE, Value, World, atom, map_entries, rational
from engine.premises import Declaration, Domain, Formula, Relation, Structure
from engine.solving import linear_solutions
from engine.terms import Symbol, Term
from engine.truth import admits, obeyed
from engine.values import Matrix, Polynomial, Undefined, certainly_zero

WORLDS = 12
ATTEMPTS = 6


class Impossible(Exception):
    """No world of this structure obeys the premises."""


# The sizes of worlds 0 to 8, a word a symbol: any two words have a place where the first digit is the smaller,
# one where they are equal and one where it is the larger. The first four are an orthogonal array of strength two.
_DESIGN = (
    "222333111",
    "231231231",
    "231312123",
    "213321132",
    "312211323",
    "233211321",
    "311132322",
    "213122331",
    "323312211",
    "211322313",
)


def _sizes(symbols: list[Symbol], number: int, largest: int) -> dict[Symbol, int]:
    """The sizes of a world by design, so that n < d, n = d and n > d are all seen, of any two sizes.

    World 9 has all sizes equal and as large as the claim's degree asks; 10 and 11 each draw a half of
    them up to 12. Raises NotDecided for more symbols than the design has room for.
    """
    if len(symbols) > len(_DESIGN):
        raise NotDecided(f"a claim with more than {len(_DESIGN)} sizes")
    draw = random.Random(f"sizes {number}")
    chosen: dict[Symbol, int] = {}
    for place, symbol in enumerate(symbols):
        if number < 9:
            chosen[symbol] = int(_DESIGN[place][number])
        elif number == 9:
            chosen[symbol] = largest
        else:
            chosen[symbol] = draw.randint(5, 12) if place % 2 == number % 2 else draw.randint(2, 3)
    return chosen


# On what scale a number is drawn in wide worlds, a power of two a world: what is piecewise is to be seen on all its
# pieces. What is analytic is the same everywhere if it is on one scale.
_SCALES = (0, 0, 12, 0, -12, 0, 0, 12, 0, 0, -12, 0)


def _scale(number: int, place: int, wide: bool) -> fmpq:
    return fmpq(2) ** (_SCALES[(number + 5 * place) % len(_SCALES)] if wide else 0)


def _draw_scalar(domain: Domain, number: int, place: int, scale: fmpq, draw: random.Random) -> fmpq:
    if domain.whole:
        return _draw_whole(domain, number, draw)
    if domain.lower is not None and domain.upper is not None:
        part = fmpq(2 * draw.randrange(SAMPLE) + 1, 2**33)
        part = (part / 64, 1 - part / 64, part)[(number + place) % 3]
        return rational(domain.lower) + part * rational(domain.upper - domain.lower)
    if domain.lower is not None:
        return rational(domain.lower) + scale * atom(draw)
    if domain.upper is not None:
        return rational(domain.upper) - scale * atom(draw)
    sign = -1 if (number & (place % 15 + 1)).bit_count() % 2 else 1
    return scale * atom(draw, sign)


SMALL_WHOLE = {1: 1, 4: 2, 7: 3, 10: 7}  # what a whole number that is no size is in some worlds


def _draw_whole(domain: Domain, number: int, draw: random.Random) -> fmpq:
    """Small in a few worlds, large in most; with either sign where it may have one."""
    size = SMALL_WHOLE.get(number) or draw.randrange(5, SAMPLE)
    return fmpq(-size if domain.lower is None and number % 2 else size)


def _draw_matrix(domain: Domain, height: int, width: int, number: int, scale: fmpq, draw: random.Random) -> Matrix:
    def entry(i: int, j: int) -> fmpq:
        if domain.lower is not None or domain.upper is not None:
            return _draw_scalar(domain, number, i + j, scale, draw)
        return scale * atom(draw, draw.choice((1, -1)))

    structure = domain.structure
    free = Matrix.from_function(height, width, entry)
    if structure is Structure.SYMMETRIC:
        return Matrix.from_function(height, width, lambda i, j: free.rows[min(i, j)][max(i, j)])
    if structure is Structure.POSITIVE_DEFINITE:
        return free @ free.T + Matrix.identity(height)
    if structure is Structure.POSITIVE_SEMIDEFINITE:
        thin = Matrix.from_function(height, max(1, height - 1), entry)
        return thin @ thin.T
    if structure is Structure.INVERTIBLE and certainly_zero(free.determinant()):
        return _draw_matrix(domain, height, width, number, scale, draw)
    return free


def _random_entries(symbol: Symbol, height: int, width: int) -> Matrix:
    return Matrix.from_function(height, width, lambda i, j: Polynomial.variable((symbol.name, i + 1, j + 1)))


@lru_cache(maxsize=8192)
def drawn(
    declarations: frozenset[Declaration],
    sizes: frozenset[Symbol],
    number: int,
    largest: int,
    attempt: int,
    wide: bool = False,
) -> World:
    """The world of this number; another `attempt` is another draw of the same structure.

    Drawn once, so that what is computed in it is computed once.
    """
    structural = sorted(sizes, key=lambda symbol: symbol.name)
    return filled_world(declarations, _sizes(structural, number, largest), number, str(attempt), wide)


def fresh(declarations: frozenset[Declaration], sizes: frozenset[Symbol], seed: int) -> World:
    """A world of its own, sizes from 1 to 6 included, that nobody can know who does not know the seed."""
    draw = random.Random(seed)
    return filled_world(declarations, {size: draw.randint(1, 6) for size in sizes}, draw.randrange(WORLDS), str(seed))


def filled_world(
    declarations: frozenset[Declaration], sizes: Mapping[Symbol, int], number: int, seed: str, wide: bool = False
) -> World:
    """The world with these sizes, all else drawn."""
    declared = {declaration.symbol: declaration for declaration in declarations}
    values: dict[Symbol, Value] = {}
    for symbol, size in sizes.items():
        if symbol in declared:  # the length of a sum may be any whole number, that of a matrix is positive
            any_sign = declared[symbol].domain.lower is None
            values[symbol] = fmpq(1 - size if any_sign and number % 2 else size)
    world = World(number, values, declared)
    others = sorted((symbol for symbol in declared if symbol not in sizes), key=lambda symbol: symbol.name)
    for place, symbol in enumerate(others):
        draw = random.Random(f"{symbol.name} {number} {seed}")
        values[symbol] = _draw(world, declared[symbol], place, _scale(number, place, wide), draw)
    return world


def _draw(world: World, declaration: Declaration, place: int, scale: fmpq, draw: random.Random) -> Value:
    symbol, domain = declaration.symbol, declaration.domain
    if domain.index_up_to is not None:
        last = int(world.value(domain.index_up_to))
        if last < 1:
            raise Impossible(f"{symbol.name} runs from 1 to {last}")
        return fmpq(draw.randint(1, last))
    if symbol.is_scalar:
        return (
            Polynomial.variable((symbol.name, 1, 1))
            if declaration.law
            else _draw_scalar(domain, world.number, place, scale, draw)
        )
    height, width = world.size(symbol.height), world.size(symbol.width)
    if declaration.law:
        return _random_entries(symbol, height, width)
    return _draw_matrix(domain, height, width, world.number, scale, draw)


def obeying(world: World, hypotheses: tuple[Formula, ...]) -> World:
    """The world in which the hypotheses hold: a symbol that one of them gives has the value it gives.

    Raises Impossible or Undefined where they do not hold.
    """
    world = world.under(hypotheses)
    for hypothesis in hypotheses:
        symbol, value = hypothesis.left, hypothesis.right
        gives = hypothesis.relation is Relation.EQUAL and isinstance(value, Term) and symbol not in value.free
        if gives and isinstance(symbol, Symbol) and isinstance(value, Term):
            world = world.changed({symbol: world.value(value)})
            if not admits(world, symbol, world[symbol]):
                raise Impossible(str(hypothesis))
    for hypothesis in hypotheses:
        if not _obeyed(hypothesis, world) and hypothesis.relation in (Relation.EQUAL, Relation.INVERTIBLE):
            world = _made_true(hypothesis, world)
    if all(_obeyed(hypothesis, world) for hypothesis in hypotheses):
        return world
    return _pushed(hypotheses, world)


def _made_true(hypothesis: Formula, world: World) -> World:
    """The world with another value for a symbol that an equation is linear in, so that it holds; with A + I for an A
    that is invertible. Raises Impossible.
    """
    left, right = hypothesis.left, hypothesis.right
    if hypothesis.relation is Relation.INVERTIBLE and isinstance(left, Symbol):
        return world.changed({left: world[left] + Matrix.identity(world.size(left.height))})
    if not isinstance(left, Term) or not isinstance(right, Term):
        raise Impossible(str(hypothesis))
    for symbol in _numbers_in(hypothesis, world):
        if _is_free(world.declarations[symbol].domain) and degree(left - right, {symbol: (1, 0)}, 0, world.size) == (
            1,
            0,
        ):
            for value in linear_solutions(left - right, symbol, world):
                return world.changed({symbol: value})
    raise Impossible(str(hypothesis))


def _pushed(hypotheses: tuple[Formula, ...], world: World) -> World:
    """The world with entries of one sign, larger or smaller, in a symbol of what does not hold, or in two of them."""
    missed = [hypothesis for hypothesis in hypotheses if not _obeyed(hypothesis, world)]
    free = list(dict.fromkeys(symbol for hypothesis in missed for symbol in _numbers_in(hypothesis, world)))
    for symbols in chain(combinations(free, 1), combinations(free, 2)):
        for factors in product(_PUSHES, repeat=len(symbols)):
            changed = world.changed({s: _signed(world[s], by) for s, by in zip(symbols, factors, strict=True)})
            if all(_obeyed(hypothesis, changed) for hypothesis in hypotheses) and _in_domain(symbols, changed):
                return changed
    raise Impossible("the hypotheses together")


def _obeyed(hypothesis: Formula, world: World) -> bool:
    """Whether a hypothesis has a truth value, and holds."""
    with suppress(Undefined):
        return obeyed(hypothesis, world)
    return False


def _in_domain(symbols: Iterable[Symbol], world: World) -> bool:
    return all(admits(world, symbol, world[symbol]) for symbol in symbols)


def _signed(value: Value, factor: fmpq) -> Value:
    return map_entries(value, lambda entry: abs(entry) * factor)


_PUSHES = tuple(fmpq(sign) * size for size in (fmpq(1), fmpq(2) ** 10, fmpq(1, 2**10)) for sign in (1, -1))


def _numbers_in(hypothesis: Formula, world: World) -> list[Symbol]:
    """The symbols of a formula that are neither random nor whole, arrays first."""
    declared = (world.declarations.get(s) for s in sorted(hypothesis.free, key=lambda s: (s.is_scalar, s.name)))
    return [d.symbol for d in declared if d is not None and d.law is None and not d.domain.whole]


def _is_free(domain: Domain) -> bool:
    """Whether any value of its shape is one that a symbol may have."""
    return domain.structure is Structure.GENERAL and domain.lower is None and domain.upper is None
