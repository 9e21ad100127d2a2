"""Worlds: random models of the premises.

A world gives every size a small whole number, every symbol an exact rational that obeys its domain,
every random symbol its law. Worlds are stratified: what kind of sizes, signs and nearness to an edge
is fixed by a design, so that no structure is missed by chance; only the numbers themselves are drawn.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flint import fmpq, fmpq_mat

from engine.claims import NotDecided
from engine.degrees import degree
from engine.evaluator import SAMPLE, Value, World, atom, moved_along, rational
from engine.functions import FUNCTIONS
from engine.meanings import rational_function
from engine.premises import Declaration, Domain, Formula, Relation, Structure
from engine.terms import ONE, ZERO, Apply, Multiply, Symbol, Term, multiply, replace
from engine.truth import admits, truth
from engine.values import Matrix, Polynomial, Scalar, Unsupported, certainly_zero, entries_of, is_exact, sign_of

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
        return fmpq(draw.randint(1, int(world.value(domain.index_up_to))))
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
        if not truth(hypothesis, world).true:
            world = _made_true(hypothesis, world)
    if not all(truth(hypothesis, world).true for hypothesis in hypotheses):
        raise Impossible("the hypotheses together")
    return world


def _made_true(hypothesis: Formula, world: World) -> World:
    """The world with another value for a symbol that an equation is linear in, so that it holds. Raises Impossible."""
    left, right = hypothesis.left, hypothesis.right
    if hypothesis.relation is not Relation.EQUAL or not isinstance(left, Term) or not isinstance(right, Term):
        raise Impossible(str(hypothesis))
    for symbol in sorted(hypothesis.free, key=lambda s: (s.is_scalar, s.name)):
        declared = world.declarations.get(symbol)
        if declared is None or declared.law is not None or declared.domain.whole or not _is_free(declared.domain):
            continue
        if degree(left - right, {symbol: (1, 0)}, 0, world.size) == (1, 0):
            for value in _linear_solutions(left - right, symbol, world):
                return world.changed({symbol: value})
    raise Impossible(str(hypothesis))


def _is_free(domain: Domain) -> bool:
    """Whether any value of its shape is one that a symbol may have."""
    return domain.structure is Structure.GENERAL and domain.lower is None and domain.upper is None


# -- worlds in which an equation holds ------------------------------------------------------------------------


def solutions(equation: Formula, unknown: Symbol, world: World) -> list[World]:
    """The worlds, alike but for the unknown, in which an equation holds and the unknown obeys its domain.

    An equation that gives the unknown is followed; one that is linear in it is solved (where it has many
    solutions, one is drawn); one that is rational in a scalar unknown has all its real roots taken. Where none
    of these fits, it is solved for another symbol that it is linear in: that runs through all its solutions too.
    Raises Unsupported for any other.
    """
    assert isinstance(equation.left, Term) and isinstance(equation.right, Term)
    try:
        found = {unknown: _solution_values(equation, unknown, world)}
    except Unsupported:
        found = _linear_symbol(equation, world)
    return [
        world.changed({symbol: value})
        for symbol, values in found.items()
        for value in values
        if admits(world, symbol, value)
    ]


def _linear_symbol(equation: Formula, world: World) -> dict[Symbol, list[Value]]:
    """Another symbol that the equation is linear in, with the value that it then has: all solutions are of that kind."""
    left, right = equation.left, equation.right
    assert isinstance(left, Term) and isinstance(right, Term)
    residual = left - right
    for symbol in sorted(equation.free, key=lambda s: s.name):
        deterministic = symbol in world.declarations and not world.declarations[symbol].domain.whole
        if deterministic and symbol.is_scalar and degree(residual, {symbol: (1, 0)}, 0, world.size) == (1, 0):
            return {symbol: _linear_solutions(residual, symbol, world)}
    raise Unsupported(f"{equation} cannot be solved in a world")


def _solution_values(equation: Formula, unknown: Symbol, world: World) -> list[Value]:
    left, right = equation.left, equation.right
    assert isinstance(left, Term) and isinstance(right, Term)
    for side, other in ((left, right), (right, left)):
        if side == unknown and not other.has(unknown):
            return [world.value(other)]
    if unknown not in equation.free:
        raise Unsupported(f"{unknown.name} does not occur in {equation}")
    if isinstance(left, Multiply) and right == ZERO and left.is_scalar:  # where one of the factors is zero
        products = [multiply(*run) for run in left.runs]
        factors = [factor for factor in products if factor.has(unknown)]
        if len(factors) > 1:
            return [v for f in factors for v in _solution_values(Formula(f, Relation.EQUAL, ZERO), unknown, world)]
    numerator, denominator = degree(left - right, {unknown: (1, 0)}, 0, world.size)
    if denominator == 0 and numerator <= 1:
        return _linear_solutions(left - right, unknown, world)
    if unknown.is_scalar and (inside := _only_function(left - right, unknown)) is not None:
        return _values_inside(left - right, inside, unknown, world)
    if unknown.is_scalar and numerator + denominator <= 24:
        return _real_roots(left - right, unknown, int(numerator), int(denominator), world)
    raise Unsupported(f"{equation} cannot be solved for {unknown.name} in a world")


def _only_function(residual: Term, unknown: Symbol) -> Apply | None:
    """The one exp or log that a symbol stands in, if it stands nowhere else."""
    found = {
        node for node in residual.walk() if isinstance(node, Apply) and node.has(unknown) and node.function in _INVERSES
    }
    outermost = [node for node in found if not any(node in other.children for other in found)]
    return outermost[0] if len(outermost) == 1 and not replace(residual, outermost[0], ONE).has(unknown) else None


_INVERSES = {"exp": "log", "log": "exp"}


def _values_inside(residual: Term, inside: Apply, unknown: Symbol, world: World) -> list[Value]:
    """Solved for the value of the function first, then, by its inverse, for its argument, then for the symbol in that."""
    value, argument = Symbol("?value"), Symbol("?argument")
    reals = {value: Declaration(value), argument: Declaration(argument)}
    around = World(world.number, {**world.values, value: fmpq(1)}, {**world.declarations, **reals}, world.hypotheses)
    found: list[Value] = []
    for height in _solution_values(Formula(replace(residual, inside, value), Relation.EQUAL, ZERO), value, around):
        if inside.function == "exp" and sign_of(height) <= 0:
            continue
        known = around.changed({argument: FUNCTIONS[_INVERSES[inside.function]](height)})
        found.extend(_solution_values(Formula(inside.argument, Relation.EQUAL, argument), unknown, known))
    return found


def _linear_solutions(residual: Term, unknown: Symbol, world: World) -> list[Value]:
    like = world.value(unknown)
    ways = world.ways(unknown, like)
    count = len(ways)

    def residual_at(amounts: list[Scalar]) -> list[Scalar]:
        return entries_of(world.value(residual, {unknown: moved_along(like, ways, amounts)}))

    constant = residual_at([fmpq(0)] * count)
    columns = []
    for k in range(count):
        values = residual_at([fmpq(int(i == k)) for i in range(count)])
        columns.append([a - b for a, b in zip(values, constant, strict=True)])
    rows = [[*row, -b] for row, b in zip(zip(*columns, strict=True), constant, strict=True)]
    if not all(is_exact(entry) and not isinstance(entry, Polynomial) for row in rows for entry in row):
        return [moved_along(like, ways, amounts) for amounts in _linear_in_balls(rows, count)]
    reduced, rank = fmpq_mat(rows).rref()
    table = reduced.tolist()[:rank]
    pivots = [next(j for j in range(count + 1) if row[j] != 0) for row in table]
    if count in pivots:
        return []  # the equation contradicts itself
    draw = random.Random(f"{world.number} free {unknown.name}")
    solution = [atom(draw, draw.choice((1, -1))) for _ in range(count)]
    for row, pivot in zip(table, pivots, strict=True):
        others = [row[j] * solution[j] for j in range(count) if j != pivot and j not in pivots]
        solution[pivot] = row[count] - sum(others, fmpq(0))
    return [moved_along(like, ways, solution)]


def _linear_in_balls(rows: list[list[Scalar]], count: int) -> list[list[Scalar]]:
    if len(rows) != count:
        raise Unsupported("a linear equation in balls that is not square")
    solved = Matrix([row[:count] for row in rows]).solve(Matrix([[row[count]] for row in rows]))
    return [] if solved is None else [entries_of(solved)]


def _real_roots(residual: Term, unknown: Symbol, up: int, down: int, world: World) -> list[Value]:
    """The real roots of a rational function, rebuilt from its values at enough points."""
    rebuilt = rational_function(residual, unknown, up, down, world)
    if rebuilt is None:
        raise Unsupported(f"roots in {unknown.name} of what is not rational")
    numerator, _ = rebuilt
    if numerator.is_zero():
        raise Unsupported(f"{unknown.name} is free in an equation that always holds")
    roots: list[Value] = []
    for factor, _ in numerator.factor()[1]:
        if factor.degree() == 1:
            roots.append(-factor[0] / factor[1])
        else:
            found: Any = factor.numer().complex_roots()  # pairs of a root and how often it occurs
            roots.extend(root.real for root, _ in found if root.imag == 0)
    return roots
