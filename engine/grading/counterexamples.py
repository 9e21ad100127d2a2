"""The simplest values at which two terms differ: small sizes, small whole numbers."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import product

from flint import fmpq

from engine.grading.verdicts import Counterexample
from engine.notation.plain import plain
from engine.terms import Number, Symbol, Term
from engine.terms.declarations import Declaration, Domain, Structure
from engine.terms.formulas import Formula
from engine.worlds.design import Stage
from engine.worlds.drawing import Impossible, obeying
from engine.worlds.solving import solutions
from engine.worlds.values import Matrix, OutOfRange, Polynomial, Undecided, Undefined, Unsupported, precision, same
from engine.worlds.world import Value, World, rational, show

BITS = 3_000  # what differs by e⁻¹⁰⁰⁰ is seen to differ
DRAWS = 14  # of the numbers, for each choice of sizes
LARGEST = 3
SIGNED = (1, 2, 3, -1, -2)  # whole numbers of either sign
WHOLE = tuple(fmpq(k) for k in (1, 2, 3, -1, -2, 4))
PARTS = tuple(fmpq(a, b) for a, b in ((1, 2), (3, 2), (-1, 2), (5, 2), (1, 4), (-7, 4)))


def counterexample(
    answer: Term, result: Term, stage: Stage, shown: frozenset[Symbol], given: tuple[Formula, Symbol] | None = None
) -> Counterexample | None:
    """Small values at which an answer is not the result; None where none was found.

    `given` is an equation, and its unknown, that holds there.
    """
    partly: Counterexample | None = None
    try:
        with precision(BITS):
            for here in _places(stage, (answer, result), given):
                try:
                    pair = (_worth(here, answer), _worth(here, result))
                except (Undecided, OutOfRange):
                    continue
                if isinstance(pair[0], str) and isinstance(pair[1], str):
                    continue
                if isinstance(pair[0], str) or isinstance(pair[1], str):
                    partly = partly or _shown(here, shown, *map(show_small, pair))
                elif not same(*map(here.reduced, pair))[0]:
                    return _shown(here, shown, *map(show_small, pair))
    except (Unsupported, Undecided):
        pass  # that is all the work that it may be
    return partly


def _places(stage: Stage, terms: tuple[Term, ...], given: tuple[Formula, Symbol] | None) -> Iterator[World]:
    """Small worlds that obey the hypotheses; where an equation is given, those in which it holds."""
    for world in _small_worlds(stage, _constants(terms)):
        try:
            here = obeying(world, stage.hypotheses)
            yield from [here] if given is None else solutions(*given, here)
        except (Impossible, Undecided, Undefined):
            continue


def _worth(world: World, term: Term) -> Value | str:
    """The value of a term, or that it has none."""
    try:
        return world.value(term)
    except OutOfRange:
        raise
    except Undefined as error:
        return f"undefined ({error})"


def large_counterexample(answer: Term, result: Term, world: World) -> Counterexample:
    """The world in which two terms were found to differ, where no small one shows it."""
    with precision(BITS):
        values = [show_small(_worth(world.apart(), term)) for term in (answer, result)]
        return _shown(world, answer.free | result.free, *values)


def _shown(world: World, symbols: frozenset[Symbol], answer: str, result: str) -> Counterexample:
    known = [s for s in world.values if s in symbols and world.declarations[s].law is None]
    known.sort(key=lambda symbol: (not world.declarations[symbol].domain.whole, symbol.name))
    if answer == result:
        answer += " and a little more or less"
    return Counterexample(tuple((plain(s), show_small(world.values[s])) for s in known), answer, result, world)


def show_small(value: Value) -> str:
    """A value for a person, a polynomial in random numbers written out where it is short; a text as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, Polynomial) and len(value.coefficients) <= 6:
        return " + ".join(_monomial(m, show(c)) for m, c in value.coefficients.items()) or "0"
    if isinstance(value, Matrix) and any(isinstance(entry, Polynomial) for entry in value.entries()):
        return "[" + ", ".join("[" + ", ".join(show_small(entry) for entry in row) + "]" for row in value.rows) + "]"
    return show(value)


def _monomial(monomial: tuple[tuple[tuple[str, int, int], int], ...], coefficient: str) -> str:
    factors = "·".join(f"{name}_{i}{j if j > 1 else ''}" + (f"^{k}" if k > 1 else "") for (name, i, j), k in monomial)
    return coefficient if not factors else factors if coefficient == "1" else f"{coefficient}·{factors}"


def _constants(terms: Iterable[Term]) -> tuple[fmpq, ...]:
    """The numbers in some terms, with either sign, and twice them: beyond them a function may have another piece."""
    found = {rational(node.value) for term in terms for node in term.walk() if isinstance(node, Number)}
    return tuple(sorted({value * factor for value in found if value for factor in (1, -1, 2, -2)}, key=abs))[-8:]


def _small_worlds(stage: Stage, constants: tuple[fmpq, ...]) -> Iterator[World]:
    declared = {declaration.symbol: declaration for declaration in stage.declarations}
    whole = sorted(
        (s for s, d in declared.items() if d.domain.whole and d.domain.index_up_to is None), key=lambda s: s.name
    )
    signed = set(stage.signed) - stage.sizes
    ranges = [SIGNED if symbol in signed else range(1, LARGEST + 1) for symbol in whole[:4]]
    choices = sorted(product(*ranges), key=lambda sizes: (sum(map(abs, sizes)), sizes))
    for sizes in choices[:40]:
        for number in range(DRAWS):
            yield _small_world(declared, dict(zip(whole, (*sizes, *[2] * len(whole)), strict=False)), number, constants)


def _small_world(
    declared: dict[Symbol, Declaration], sizes: dict[Symbol, int], number: int, constants: tuple[fmpq, ...]
) -> World:
    values: dict[Symbol, Value] = {symbol: fmpq(size) for symbol, size in sizes.items()}
    world = World(number, values, declared)
    draw = random.Random(f"small {number}")
    pool = _pool(number, constants)
    for place, symbol in enumerate(sorted((s for s in declared if s not in sizes), key=lambda s: s.name)):
        values[symbol] = _small(world, declared[symbol], place, draw, pool)
    return world


def _small(world: World, declaration: Declaration, place: int, draw: random.Random, pool: tuple[fmpq, ...]) -> Value:
    symbol, domain = declaration.symbol, declaration.domain
    if domain.index_up_to is not None:
        return fmpq(1)
    if symbol.is_scalar:
        if declaration.law:
            return Polynomial.variable((symbol.name, 1, 1))
        return _number(domain, place, draw, pool)
    height, width = world.size(symbol.height), world.size(symbol.width)
    if declaration.law:
        return Matrix.from_function(height, width, lambda i, j: Polynomial.variable((symbol.name, i + 1, j + 1)))
    entries = Matrix.from_function(height, width, lambda i, j: _number(domain, place + i + 2 * j, draw, pool))
    return _structured(entries, domain)


def _structured(entries: Matrix, domain: Domain) -> Matrix:
    match domain.structure:
        case Structure.SYMMETRIC:
            return entries + entries.T
        case Structure.POSITIVE_DEFINITE:
            return entries @ entries.T + Matrix.identity(entries.height)
        case Structure.POSITIVE_SEMIDEFINITE:
            return entries @ entries.T
    return entries


def _pool(number: int, constants: tuple[fmpq, ...]) -> tuple[fmpq, ...]:
    """What the numbers of a small world are chosen from: 1, 2, 3 in turn, small whole ones, halves, constants."""
    if number == 0:
        return ()
    return WHOLE if number <= 5 else PARTS if number <= 9 else constants or WHOLE


def _number(domain: Domain, place: int, draw: random.Random, pool: tuple[fmpq, ...]) -> fmpq:
    """A small number of a domain."""
    step = draw.choice(pool) if pool else fmpq(place % 3 + 1)
    if domain.lower is not None and domain.upper is not None:
        return rational(domain.lower) + rational(domain.upper - domain.lower) / (abs(step) + 1)
    if domain.lower is not None:
        return rational(domain.lower) + abs(step)
    return rational(domain.upper) - abs(step) if domain.upper is not None else step
