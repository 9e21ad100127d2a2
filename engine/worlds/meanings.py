"""The meaning of every kind of node: its value in a world, from the values of its parts. No rule is consulted here."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

from flint import arb, fmpq, fmpq_mat, fmpq_poly

from engine import terms
from engine.terms import Number, Symbol, Term, zero
from engine.worlds.degrees import LONGEST_SUM, degree
from engine.worlds.functions import VALUES
from engine.worlds.values import (
    Matrix,
    OutOfRange,
    Polynomial,
    Scalar,
    Undefined,
    Unsupported,
    blurred,
    entries_of,
    scalar_power,
    settled,
    sign_of,
    whole_power,
)
from engine.worlds.world import (
    FAR,
    MEANINGS,
    NOWHERE,
    Environment,
    Value,
    Way,
    World,
    atom,
    is_definite,
    map_entries,
    moved_along,
    rational,
)

MEANINGS.of(Number)(lambda world, term, env: rational(term.value))
MEANINGS.of(terms.Pi)(lambda world, term, env: arb.pi())


@MEANINGS.of(terms.Infinity)
def _infinity(world: World, term: terms.Infinity, env: Environment) -> Value:
    return FAR


@MEANINGS.of(Symbol)
def _symbol(world: World, term: Symbol, env: Environment) -> Value:
    if term in env:
        return env[term]
    try:
        return world.values[term]
    except KeyError:
        raise Unsupported(f"{term.name} is not declared") from None


MEANINGS.of(terms.Identity)(lambda world, term, env: Matrix.identity(world.size(term.size, env)))


@MEANINGS.of(terms.Zero)
def _zero(world: World, term: terms.Zero, env: Environment) -> Value:
    return Matrix.from_function(world.size(term.height, env), world.size(term.width, env), lambda i, j: fmpq(0))


@MEANINGS.of(terms.Ones)
def _ones(world: World, term: terms.Ones, env: Environment) -> Value:
    return Matrix.from_function(world.size(term.height, env), world.size(term.width, env), lambda i, j: fmpq(1))


@MEANINGS.of(terms.Unit)
def _unit_column(world: World, term: terms.Unit, env: Environment) -> Value:
    place, height = world.value(term.place, env), world.size(term.size, env)
    if not isinstance(place, fmpq) or place.q != 1:
        raise Undefined("an index that is not a whole number")
    if not 1 <= place <= height:
        raise OutOfRange(f"an index out of range: {term}")
    return Matrix.from_function(height, 1, lambda i, _: fmpq(int(i == int(place) - 1)))


@MEANINGS.of(terms.Explicit)
def _explicit(world: World, term: terms.Explicit, env: Environment) -> Value:
    values = [world.value(entry, env) for entry in term.entries]
    return Matrix.from_function(term.height, term.width, lambda i, j: values[i * term.width + j])


@MEANINGS.of(terms.Add)
def _add(world: World, term: terms.Add, env: Environment) -> Value:
    result = world.value(term.terms[0], env)
    for part in term.terms[1:]:
        result = result + world.value(part, env)
    return result


@MEANINGS.of(terms.Multiply)
def _multiply(world: World, term: terms.Multiply, env: Environment) -> Value:
    scale: Scalar = None
    matrix: Matrix | None = None
    for run, is_scalar in term.chains:
        product = world.value(run[0], env)
        for factor in run[1:]:
            product = product @ world.value(factor, env)
        if not is_scalar:
            matrix = product
            continue
        if isinstance(product, Matrix):
            product = product.rows[0][0]
        scale = product if scale is None else scale * product
    if matrix is None or scale is None:
        return scale if matrix is None else matrix
    return matrix.scaled(scale)


@MEANINGS.of(terms.Power)
def _power(world: World, term: terms.Power, env: Environment) -> Value:
    base = world.value(term.base, env)
    if isinstance(base, fmpq) and isinstance(term.exponent, Number) and term.exponent.value.denominator == 1:
        return whole_power(base, term.exponent.value.numerator)
    exponent = world.value(term.exponent, env)
    if not isinstance(base, Matrix):
        return _scalar_power(world, base, exponent)
    if not (isinstance(exponent, fmpq) and exponent.q == 1) or abs(exponent) > 64:
        raise Unsupported("a matrix to a power that is not a small whole number")
    times = abs(int(exponent.p))
    result = base if times else Matrix.identity(base.height)
    for _ in range(times - 1):
        result = result @ base
    return result.inverse() if exponent < 0 else result


def _scalar_power(world: World, base: Scalar, exponent: Scalar) -> Scalar:
    try:
        return settled(scalar_power(base, exponent))
    except Unsupported:
        if not isinstance(base, Polynomial):
            raise
        return world.function_of_random(lambda at: scalar_power(base.at(at), exponent), base.variables)


@MEANINGS.of(terms.HadamardPower)
def _hadamard_power(world: World, term: terms.HadamardPower, env: Environment) -> Value:
    exponent = world.value(term.exponent, env)
    return map_entries(world.value(term.base, env), lambda entry: _scalar_power(world, entry, exponent))


@MEANINGS.of(terms.Hadamard)
def _hadamard(world: World, term: terms.Hadamard, env: Environment) -> Value:
    return _at_each_place(
        lambda *entries: math.prod(entries, start=fmpq(1)), [world.value(f, env) for f in term.factors]
    )


@MEANINGS.of(terms.Diagonal)
def _diagonal(world: World, term: terms.Diagonal, env: Environment) -> Value:
    entries = entries_of(world.value(term.inner, env))
    return Matrix.from_function(len(entries), len(entries), lambda i, j: entries[i] if i == j else fmpq(0))


@MEANINGS.of(terms.DiagonalOf)
def _diagonal_of(world: World, term: terms.DiagonalOf, env: Environment) -> Value:
    inner = world.value(term.inner, env)
    return Matrix.from_function(inner.height, 1, lambda i, j: inner.rows[i][i])


@MEANINGS.of(terms.Kronecker)
def _kronecker(world: World, term: terms.Kronecker, env: Environment) -> Value:
    left, right = world.value(term.left, env), world.value(term.right, env)
    high, wide = right.height, right.width
    return Matrix.from_function(
        left.height * high,
        left.width * wide,
        lambda i, j: left.rows[i // high][j // wide] * right.rows[i % high][j % wide],
    )


@MEANINGS.of(terms.Vec)
def _vec(world: World, term: terms.Vec, env: Environment) -> Value:
    return _stacked(world.value(term.inner, env))


def _stacked(value: Value) -> Matrix:
    """The columns below one another."""
    entries = entries_of(value.T if isinstance(value, Matrix) else value)
    return Matrix([[entry] for entry in entries])


MEANINGS.of(terms.Transpose)(lambda world, term, env: world.value(term.inner, env).T)


@MEANINGS.of(terms.Trace)
def _trace(world: World, term: terms.Trace, env: Environment) -> Value:
    inner = world.value(term.inner, env)
    return sum((inner.rows[i][i] for i in range(inner.height)), fmpq(0))


MEANINGS.of(terms.Determinant)(lambda world, term, env: world.value(term.inner, env).determinant())


@MEANINGS.of(terms.SquaredNorm)
def _squared_norm(world: World, term: terms.SquaredNorm, env: Environment) -> Value:
    return sum((entry * entry for entry in entries_of(world.value(term.inner, env))), fmpq(0))


@MEANINGS.of(terms.Apply)
def _apply(world: World, term: terms.Apply, env: Environment) -> Value:
    arguments = [world.value(argument, env) for argument in term.arguments]
    return _at_each_place(lambda *entries: _applied(world, term.function, entries), arguments)


def _applied(world: World, name: str, arguments: tuple[Scalar, ...]) -> Scalar:
    random_ones = [argument for argument in arguments if isinstance(argument, Polynomial)]
    function = VALUES[name]
    if not random_ones:
        return function(*arguments)
    return world.function_of_random(
        lambda at: function(*(a.at(at) if isinstance(a, Polynomial) else a for a in arguments)),
        set().union(*(argument.variables for argument in random_ones)),
    )


def _at_each_place(function: Callable[..., Scalar], values: list[Value]) -> Value:
    """A function of the entries at each place of matrices of one shape; a scalar stands for all its entries."""
    like = next((value for value in values if isinstance(value, Matrix)), None)
    if like is None:
        return function(*values)
    rows = [value.rows if isinstance(value, Matrix) else None for value in values]

    def at(i: int, j: int) -> Scalar:
        return function(*(value if r is None else r[i][j] for value, r in zip(values, rows, strict=True)))

    return Matrix.from_function(like.height, like.width, at)


@MEANINGS.of(terms.Entry)
def _entry(world: World, term: terms.Entry, env: Environment) -> Value:
    base = world.value(term.base, env)
    places = [world.value(index, env) for index in term.indices]
    if any(not isinstance(place, fmpq) or place.q != 1 for place in places):
        raise Undefined("an index that is not a whole number")
    row, column = int(places[0]), int(places[1]) if len(places) > 1 else 1
    if not (1 <= row <= base.height and 1 <= column <= base.width):
        raise OutOfRange(f"an index out of range: {term}")
    return base.rows[row - 1][column - 1]


@MEANINGS.of(terms.Summation)
def _summation(world: World, term: terms.Summation, env: Environment) -> Value:
    length = world.value(term.length, env)
    if not isinstance(length, fmpq) or length.q != 1 or length > LONGEST_SUM:
        raise Unsupported("a sum whose length is not a small whole number")
    if length <= 0:
        return world.value(zero(term.shape), env)
    result = world.value(term.body, {**env, term.index: fmpq(1)})
    for i in range(2, int(length) + 1):
        result = result + world.value(term.body, {**env, term.index: fmpq(i)})
    return result


@MEANINGS.of(terms.Each)
def _each(world: World, term: terms.Each, env: Environment) -> Value:
    height = world.size(term.shape[0], env)
    entries = [world.value(term.body, {**env, term.index: fmpq(k)}) for k in range(1, height + 1)]
    return Matrix.from_function(height, 1, lambda i, j: entries[i])


@MEANINGS.of(terms.Iterate)
def _iterate(world: World, term: terms.Iterate, env: Environment) -> Value:
    steps = world.value(term.steps, env)
    if not isinstance(steps, fmpq) or steps.q != 1 or not 0 <= steps <= LONGEST_SUM:
        raise Unsupported("a number of steps that is not a small whole number")
    state = world.value(term.start, env)
    for _ in range(int(steps)):
        state = world.value(term.body, {**env, term.state: state})
    return state


@MEANINGS.of(terms.Call)
def _call(world: World, term: terms.Call, env: Environment) -> Value:
    definition = term.definition
    arguments = [world.value(argument, env) for argument in term.arguments]
    return world.value(definition.body, {**env, **dict(zip(definition.parameters, arguments, strict=True))})


@MEANINGS.of(terms.At)
def _at(world: World, term: terms.At, env: Environment) -> Value:
    return world.value(term.body, {**env, term.symbol: world.value(term.value, env)})


@MEANINGS.of(terms.Derivative)
def _derivative(world: World, term: terms.Derivative, env: Environment) -> Value:
    at = world.value(term.variable, env)
    if not isinstance(at, Matrix):
        return world.difference(term.body, term.variable, fmpq(1), env)
    slopes = {
        place: slope
        for way, direction in directions(world, term.variable, at)
        for slope in (world.difference(term.body, term.variable, direction, env),)
        for place in way
    }
    if term.body.is_scalar:
        return Matrix.from_function(at.height, at.width, lambda i, j: slopes[i, j])
    stacked = [_stacked(slopes[i, j]) for j in range(at.width) for i in range(at.height)]
    return Matrix.from_function(stacked[0].height, len(stacked), lambda i, j: stacked[j].rows[i][0])


def directions(world: World, variable: Symbol, at: Value) -> Iterator[tuple[Way, Value]]:
    """The ways in which a symbol can change, each with the change along it alone."""
    ways = world.ways(variable, at)
    for way in ways:
        yield way, moved_along(at, ways, [fmpq(int(other == way)) for other in ways])


@MEANINGS.of(terms.Differential)
def _differential(world: World, term: terms.Differential, env: Environment) -> Value:
    """Along a direction of the world's own, the same for every differential of that variable."""
    at = world.value(term.variable, env)
    draw = random.Random(f"{world.number} d{term.variable.name}")
    ways = world.ways(term.variable, at)
    direction = moved_along(at, ways, [atom(draw, draw.choice((1, -1))) for _ in ways])
    return world.difference(term.body, term.variable, direction, env)


MEANINGS.of(terms.Expectation)(lambda world, term, env: world.integrate(world.value(term.body, env), term.over))


@MEANINGS.of(terms.Variance)
def _variance(world: World, term: terms.Variance, env: Environment) -> Value:
    return _covariance(world, terms.Covariance(term.body, term.body, term.over), env)


@MEANINGS.of(terms.Covariance)
def _covariance(world: World, term: terms.Covariance, env: Environment) -> Value:
    left, right = world.value(term.left, env), world.value(term.right, env)
    apart = _outer(world.integrate(left, term.over), world.integrate(right, term.over))
    return map_entries(world.integrate(_outer(left, right), term.over) - apart, settled)


def _outer(left: Value, right: Value) -> Value:
    """uvᵀ of columns; of scalars, their product."""
    if not isinstance(left, Matrix) and not isinstance(right, Matrix):
        return left * right
    columns = [value if isinstance(value, Matrix) else Matrix([[value]]) for value in (left, right)]
    return columns[0] @ columns[1].T


@MEANINGS.of(terms.Limit)
def _limit(world: World, term: terms.Limit, env: Environment) -> Value:
    """Of a rational function, from its leading terms; of any other, its value close to the target."""
    at_infinity = isinstance(term.target, terms.Infinity)
    up, down = degree(term.body, {term.variable: (1, 0)}, 0, world.size)
    if term.body.is_scalar and up + down <= HIGHEST_REBUILT:
        rebuilt = rational_function(
            lambda place: world.value(term.body, {**env, term.variable: place}), int(up), int(down)
        )
        if rebuilt is not None:
            return _leading_ratio(*rebuilt) if at_infinity else _ratio_at(*rebuilt, world.value(term.target, env))
    far = arb(2) ** FARTHER if _has_real_powers(term) else FAR
    place = far if at_infinity else world.value(term.target, env) + 1 / far
    value = world.value(term.body, {**env, term.variable: place})
    if isinstance(value, (Matrix, Polynomial)):
        raise Unsupported("the limit of a matrix or of a random quantity")
    if sign_of(abs(value) - fmpq(2**1000)) > 0:
        return FAR if sign_of(value) > 0 else -FAR
    return blurred(value, 1500)


FARTHER = 2**44  # the power of two at which even x^(2⁻³¹) is seen to grow


def _has_real_powers(term: terms.Limit) -> bool:
    """Whether a limit is of real powers of its variable, and of nothing that grows faster."""
    inside = list(_deep(term.body, frozenset((term.variable,))))
    powers = [(node.exponent, moving) for node, moving in inside if isinstance(node, terms.Power)]
    return any(not isinstance(exponent, Number) for exponent, _ in powers) and not (
        any(isinstance(node, terms.Apply) for node, _ in inside)
        or any(not moving.isdisjoint(exponent.free) for exponent, moving in powers)
    )


def _deep(body: Term, moving: frozenset[Symbol]) -> Iterator[tuple[Term, frozenset[Symbol]]]:
    """The nodes of a term and of what its names stand for, each with the symbols that may move there."""
    for node in body.walk():
        yield node, moving
        if isinstance(node, terms.Call):
            yield from _deep(node.definition.body, moving | set(node.definition.parameters))


def _leading_ratio(numerator: fmpq_poly, denominator: fmpq_poly) -> fmpq:
    order = numerator.degree() - denominator.degree()
    ratio = numerator.leading_coefficient() / denominator.leading_coefficient() if not numerator.is_zero() else fmpq(0)
    return ratio if order == 0 else fmpq(0) if order < 0 or ratio == 0 else FAR * int(sign_of(ratio))


def _ratio_at(numerator: fmpq_poly, denominator: fmpq_poly, place: fmpq) -> fmpq:
    top, bottom = numerator(place), denominator(place)
    if bottom != 0:
        return top / bottom
    above = place + 1 / FAR
    return FAR * sign_of(numerator(above) / denominator(above))


HIGHEST_REBUILT = 24


def rational_function(value: Callable[[fmpq], Scalar], up: int, down: int) -> tuple[fmpq_poly, fmpq_poly] | None:
    """A quotient of polynomials, in lowest terms, rebuilt from its values at enough points.

    `up` and `down` bound the degrees. None where a value is not an exact rational.
    """
    points: list[fmpq] = []
    values: list[fmpq] = []
    place = fmpq(3, 7)
    while len(points) < up + down + 2:
        place += fmpq(11, 13)
        try:
            here = value(place)
        except Undefined:
            continue
        if not isinstance(here, fmpq):
            return None
        points.append(place)
        values.append(here)
    rows = [
        [*(x**k for k in range(up + 1)), *(-y * x**k for k in range(down + 1))]
        for x, y in zip(points, values, strict=True)
    ]
    kernel = _null_vector(rows)
    numerator, denominator = fmpq_poly(kernel[: up + 1]), fmpq_poly(kernel[up + 1 :])
    common = numerator.gcd(denominator)
    return numerator // common, denominator // common


def _null_vector(rows: list[list[fmpq]]) -> list[fmpq]:
    """A vector that the rows, more than enough to fix it up to common factors, send to zero."""
    reduced, rank = fmpq_mat(rows).rref()
    table = reduced.tolist()[:rank]
    pivots = [next(j for j, entry in enumerate(row) if entry != 0) for row in table]
    free = next((j for j in range(len(rows[0])) if j not in pivots), None)
    if free is None:
        raise Unsupported("a function of a higher degree than its form shows")
    vector = [fmpq(0)] * len(rows[0])
    vector[free] = fmpq(1)
    for row, pivot in zip(table, pivots, strict=True):
        vector[pivot] = -row[free]
    return vector


@MEANINGS.of(terms.ArgMin)
def _arg_min(world: World, term: terms.ArgMin, env: Environment) -> Value:
    """Of a quadratic that is strictly convex here: where its gradient, found by differences, is zero."""
    domain = world.declarations[term.variable].domain
    parts = quadratic_parts(term.body, term.variable, world, env)
    if parts is None or domain.lower is not None or domain.upper is not None:
        raise Unsupported("the minimiser of what is no quadratic over all of space")
    curvature, constant = parts
    if not is_definite(curvature, strictly=True):
        raise Undefined("the minimiser of what is not strictly convex")
    solution = curvature.solve(Matrix([[-entry] for entry in constant]))
    assert solution is not None
    at = world.value(term.variable, env)
    return moved_along(at, world.ways(term.variable, at), entries_of(solution))


def quadratic_parts(
    body: Term, variable: Symbol, world: World, env: Environment = NOWHERE
) -> tuple[Matrix, list[Scalar]] | None:
    """The second derivative of a quadratic, and its gradient at the origin, along the ways in which the variable can change.

    None for what is no quadratic.
    """
    numerator, denominator = degree(body, {variable: (1, 0)}, 0, world.size)
    if denominator or numerator > 2:
        return None
    at, slope = world.value(variable, env), terms.Derivative(body, variable)
    ways = world.ways(variable, at)

    def slopes(point: Value) -> list[Scalar]:
        """A gradient has the same entry at all places of a way: that is the slope along it."""
        found = world.value(slope, {**env, variable: point})
        return [found.rows[i][j] for (i, j), *_ in ways] if isinstance(found, Matrix) else [found]

    constant = slopes(map_entries(at, lambda _: fmpq(0)))
    columns = [
        [a - b for a, b in zip(slopes(direction), constant, strict=True)]
        for _, direction in directions(world, variable, at)
    ]
    return Matrix(columns).T, constant


MEANINGS.check_whole()
