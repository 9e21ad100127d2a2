"""Equations solved in a world, so that a claim about what solves one is tested where there is something to see."""

from __future__ import annotations

import math
import random
from typing import Any

from flint import fmpq, fmpq_mat, fmpq_poly

from engine.terms import ONE, ZERO, Apply, Multiply, Number, Power, Symbol, Term, multiply, power, replace, substitute
from engine.terms import term as as_term
from engine.terms.declarations import POSITIVE, Declaration
from engine.terms.formulas import Formula, Relation
from engine.terms.records import FUNCTIONS
from engine.worlds.degrees import degree
from engine.worlds.functions import VALUES
from engine.worlds.meanings import rational_function
from engine.worlds.truth import admits
from engine.worlds.values import (
    Matrix,
    Polynomial,
    Scalar,
    Unsupported,
    entries_of,
    is_exact,
    scalar_power,
    sign_of,
    whole_power,
)
from engine.worlds.world import Value, World, atom, moved_along


def solutions(equation: Formula, unknown: Symbol, world: World) -> list[World]:
    """The worlds, alike but for the unknown, in which an equation holds and the unknown obeys its domain.

    An equation that gives the unknown is followed; one that is linear in it is solved (where it has many
    solutions, one is drawn); one that is rational in a scalar unknown has all its real roots taken. Where none
    of these fits, it is solved for another symbol that it is linear in: that runs through all its solutions too.
    Raises Unsupported for any other.
    """
    assert isinstance(equation.left, Term) and isinstance(equation.right, Term)
    try:
        found = {unknown: solution_values(equation, unknown, world)}
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
            return {symbol: linear_solutions(residual, symbol, world)}
    raise Unsupported(f"{equation} cannot be solved in a world")


def solution_values(equation: Formula, unknown: Symbol, world: World) -> list[Value]:
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
            return [v for f in factors for v in solution_values(Formula(f, Relation.EQUAL, ZERO), unknown, world)]
    numerator, denominator = degree(left - right, {unknown: (1, 0)}, 0, world.size)
    if denominator == 0 and numerator <= 1:
        return linear_solutions(left - right, unknown, world)
    if unknown.is_scalar and (inside := _only_function(left - right, unknown)) is not None:
        return _values_inside(left - right, inside, unknown, world)
    if unknown.is_scalar and (order := _order_of_roots(left - right, unknown)) > 1:
        return _powers_of_root(left - right, order, unknown, world)
    if unknown.is_scalar and numerator + denominator <= 24:
        return _real_roots(left - right, unknown, int(numerator), int(denominator), world)
    raise Unsupported(f"{equation} cannot be solved for {unknown.name} in a world")


def _only_function(residual: Term, unknown: Symbol) -> Apply | Power | None:
    """The one exp, log or power xᵃ that a symbol x stands in, if it stands nowhere else."""
    found = {node for node in residual.walk() if node.has(unknown) and _has_inverse(node, unknown)}
    outermost = [node for node in found if not any(node in other.children for other in found)]
    alone = len(outermost) == 1 and not replace(residual, outermost[0], ONE).has(unknown)
    return outermost[0] if alone and isinstance(outermost[0], (Apply, Power)) else None


def _has_inverse(node: Term, unknown: Symbol) -> bool:
    if isinstance(node, Power):
        return node.base == unknown and not isinstance(node.exponent, Number) and not node.exponent.has(unknown)
    return isinstance(node, Apply) and bool(FUNCTIONS[node.function].inverse)


def _with_another(world: World, *declarations: Declaration) -> World:
    """The world with further symbols, whose values are 1."""
    values = {declaration.symbol: fmpq(1) for declaration in declarations}
    known = {declaration.symbol: declaration for declaration in declarations}
    return World(world.number, {**world.values, **values}, {**world.declarations, **known}, world.hypotheses)


def _values_inside(residual: Term, inside: Apply | Power, unknown: Symbol, world: World) -> list[Value]:
    """Solved for the value of the function first, then, by its inverse, for its argument, then for the symbol in that."""
    value, argument = Symbol("?value"), Symbol("?argument")
    around = _with_another(world, Declaration(value), Declaration(argument))
    found: list[Value] = []
    for height in solution_values(Formula(replace(residual, inside, value), Relation.EQUAL, ZERO), value, around):
        if (isinstance(inside, Power) or inside.function == "exp") and sign_of(height) <= 0:
            continue
        if isinstance(inside, Power):
            found.append(scalar_power(height, whole_power(world.value(inside.exponent), -1)))
            continue
        known = around.changed({argument: VALUES[FUNCTIONS[inside.function].inverse](height)})
        found.extend(solution_values(Formula(inside.argument, Relation.EQUAL, argument), unknown, known))
    return found


def _order_of_roots(residual: Term, unknown: Symbol) -> int:
    """The least q with which all powers of a symbol in a term are whole powers of its q-th root."""
    powers = (node for node in residual.walk() if isinstance(node, Power) and node.base == unknown)
    return math.lcm(*(p.exponent.value.denominator for p in powers if isinstance(p.exponent, Number)))


def _powers_of_root(residual: Term, order: int, unknown: Symbol, world: World) -> list[Value]:
    """Solved for the root of a positive symbol, in which the term is rational."""
    root = Symbol("?root")
    for node in {node for node in residual.walk() if isinstance(node, Power) and node.base == unknown}:
        if isinstance(node.exponent, Number):
            residual = replace(residual, node, power(root, Number(node.exponent.value * order)))
    residual = substitute(residual, {unknown: power(root, as_term(order))})
    around = _with_another(world, Declaration(root, POSITIVE))
    roots = solution_values(Formula(residual, Relation.EQUAL, ZERO), root, around)
    return [whole_power(value, order) for value in roots if sign_of(value) >= 0]


def linear_solutions(residual: Term, unknown: Symbol, world: World) -> list[Value]:
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
    rebuilt = rational_function(lambda place: world.value(residual, {unknown: place}), up, down)
    if rebuilt is None:
        raise Unsupported(f"roots in {unknown.name} of what is not rational")
    numerator, _ = rebuilt
    if numerator.is_zero():
        raise Unsupported(f"{unknown.name} is free in an equation that always holds")
    return real_roots(numerator)


def real_roots(polynomial: fmpq_poly) -> list[Scalar]:
    """The real roots, each once: those that are rational exactly."""
    roots: list[Scalar] = []
    for factor, _ in polynomial.factor()[1]:
        if factor.degree() == 1:
            roots.append(-factor[0] / factor[1])
        else:
            found: Any = factor.numer().complex_roots()  # pairs of a root and how often it occurs
            roots.extend(root.real for root, _ in found if root.imag == 0)
    return roots
