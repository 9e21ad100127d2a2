"""The value of every term in a world: the only meaning that terms have. No rule is consulted here."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpq, fmpq_mat, fmpq_poly

from engine.degrees import degree
from engine.premises import AnyLaw, Bernoulli, Declaration, Domain, Formula, Law, Normal, Relation
from engine.terms import (
    SCALAR,
    Add,
    Apply,
    ArgMin,
    At,
    Call,
    Covariance,
    Derivative,
    Determinant,
    Differential,
    Entry,
    Expectation,
    Identity,
    Infinity,
    Limit,
    Multiply,
    Number,
    Power,
    Size,
    SquaredNorm,
    Summation,
    Symbol,
    Term,
    Trace,
    Transpose,
    Variance,
    Zero,
)
from engine.values import (
    Matrix,
    Polynomial,
    Scalar,
    Undefined,
    Unsupported,
    Variable,
    ball,
    blurred,
    certainly_zero,
    entries_of,
    same,
    scalar_power,
    settled,
    sign_of,
)

Value = Any  # Scalar | Matrix
Environment = Mapping[Symbol, Value]

SAMPLE = 2**32  # how many values an atom is drawn from
STEP = fmpq(1, 2**300)  # the step of a difference
FAR = fmpq(2**2000)  # stands for infinity when a limit is tested

NOWHERE: Environment = {}


# -- a world ---------------------------------------------------------------------------------------------------


class World:
    """One model of the premises."""

    def __init__(
        self,
        number: int,
        values: dict[Symbol, Value],
        declarations: Mapping[Symbol, Declaration],
        hypotheses: tuple[Formula, ...] = (),
    ) -> None:
        self.number = number
        self.values = values
        self.declarations = declarations
        self.hypotheses = hypotheses
        self._cache: dict[Term, Value] = {}
        self._moments: dict[tuple[Variable, int], Scalar] = {}

    def __getitem__(self, symbol: Symbol) -> Value:
        return self.values[symbol]

    def changed(self, values: Mapping[Symbol, Value]) -> World:
        """The same world with other values for some symbols."""
        return World(self.number, {**self.values, **values}, self.declarations, self.hypotheses)

    def __str__(self) -> str:
        shown = sorted(self.values, key=lambda symbol: (not self.declarations[symbol].domain.whole, symbol.name))
        return "the world with " + ", ".join(f"{s.name} = {show(self.values[s])}" for s in shown)

    def value(self, term: Term, env: Environment = NOWHERE) -> Value:
        """The value of a term, a scalar or a `Matrix`; `env` gives bound symbols their values.

        Raises Undefined where the term has no value here, Unsupported where there is no exact way to it,
        and Undecided where a ball is too wide (compute again at a higher precision).
        """
        local = bool(env) and not term.free.isdisjoint(env)
        if not local and term in self._cache:
            return self._cache[term]
        result = _EVALUATORS[type(term)](self, term, env)
        if not local:
            self._cache[term] = result
        return result

    def forget(self) -> None:
        """Forget what was computed, as at a lower precision."""
        self._cache.clear()
        self._moments.clear()

    def size(self, size: Size, env: Environment = NOWHERE) -> int:
        return size if isinstance(size, int) else int(self.value(size, env))

    def admits(self, symbol: Symbol, value: Value) -> bool:
        """Whether a symbol may have a value: in its domain, and with every hypothesis about it true."""
        domain = self.declarations[symbol].domain
        if not all(_in_interval(entry, domain) for entry in entries_of(value)):
            return False
        about = [hypothesis for hypothesis in self.hypotheses if symbol in hypothesis.free]
        return not about or all(truth(hypothesis, self.changed({symbol: value})).true for hypothesis in about)

    # -- moments and differences --

    def integrate(self, value: Value, over: tuple[Symbol, ...]) -> Value:
        """E over random symbols (all, where none is named)."""
        names = {symbol.name for symbol in over}

        def moment(variable: Variable, order: int) -> Scalar | None:
            return self._moment(variable, order) if not names or variable[0] in names else None

        if isinstance(value, Matrix):
            return value.map(lambda entry: self.integrate(entry, over))
        return value.integrate(moment) if isinstance(value, Polynomial) else value

    def _law(self, variable: Variable) -> tuple[Law, Environment]:
        name, row, column = variable
        declaration = next(d for s, d in self.declarations.items() if s.name == name and d.law)
        assert declaration.law is not None
        places = (fmpq(row), fmpq(column))
        return declaration.law, dict(zip(declaration.indices, places, strict=False))

    def _moment(self, variable: Variable, order: int) -> Scalar:
        key = (variable, order)
        if key not in self._moments:
            law, env = self._law(variable)
            parameters = [self.value(parameter, env) for parameter in law.parameters]
            self._moments[key] = _moment_of(law, parameters, order, f"{self.number} {key}")
        return self._moments[key]

    def function_of_random(
        self, function: Callable[[Mapping[Variable, Scalar]], Scalar], inside: set[Variable]
    ) -> Scalar:
        """A function of finitely many random variables of finite law, as the polynomial that equals it."""
        if len(inside) > 8:
            raise Unsupported("a function of more than eight random variables")
        result: Scalar = fmpq(0)
        for outcome in range(2 ** len(inside)):
            chosen: dict[Variable, Scalar] = {}
            indicator: Scalar = fmpq(1)
            for bit, variable in enumerate(sorted(inside)):
                if not isinstance(self._law(variable)[0], Bernoulli):
                    raise Unsupported(
                        f"a function of {variable[0]} that is no polynomial, under a law that is not finite"
                    )
                chosen[variable] = fmpq(outcome >> bit & 1)
                m = Polynomial.variable(variable)
                indicator = indicator * (m if outcome >> bit & 1 else 1 - m)
            result = result + indicator * function(chosen)
        return result

    def difference(self, body: Term, variable: Symbol, direction: Value, env: Environment) -> Value:
        """The derivative of the body along a direction, by a central difference.

        Exact for a polynomial of degree two at most in the variable, where the difference has no error;
        else known to as many bits as the step's square leaves.
        """
        at = env[variable] if variable in env else self.values[variable]
        scale = fmpq(1) if isinstance(at, Matrix) or certainly_zero(at) else abs(at)
        step = STEP * scale
        ahead = self.value(body, {**env, variable: _moved(at, direction, step)})
        behind = self.value(body, {**env, variable: _moved(at, direction, -step)})
        numerator, denominator = degree(body, {variable: (1, 0)}, 0, self.size)
        exact = denominator == 0 and numerator <= 2

        def slope(a: Scalar, b: Scalar) -> Scalar:
            found = (a - b) / (2 * step)
            return found if exact else blurred(found, 450, _magnitude(a) / scale)

        return _combine(ahead, behind, slope)


def _magnitude(value: Scalar) -> Scalar:
    return abs(value) if not isinstance(value, Polynomial) else fmpq(1)


def _map(value: Value, function: Callable[[Scalar], Scalar]) -> Value:
    return value.map(function) if isinstance(value, Matrix) else function(value)


def _combine(left: Value, right: Value, function: Callable[[Scalar, Scalar], Scalar]) -> Value:
    if not isinstance(left, Matrix):
        return function(left, right)
    pairs = zip(left.rows, right.rows, strict=True)
    return Matrix([[function(a, b) for a, b in zip(r, s, strict=True)] for r, s in pairs])


def _moved(at: Value, direction: Value, step: fmpq) -> Value:
    return _combine(at, direction, lambda a, b: a + step * b)


def _in_interval(value: Scalar, domain: Domain) -> bool:
    if isinstance(value, Polynomial):
        return True
    if domain.lower is not None:
        above = sign_of(value - rational(domain.lower))
        if above < 0 or (above == 0 and not domain.includes_lower):
            return False
    if domain.upper is not None and sign_of(rational(domain.upper) - value) <= 0:
        return False
    return not domain.whole or (isinstance(value, fmpq) and value.q == 1)


def rational(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


# -- moments of laws ---------------------------------------------------------------------------------------------


def _moment_of(law: Law, parameters: list[Scalar], order: int, seed: str) -> Scalar:
    """E ξ^order. What is not known of a law is drawn at random, so that no claim can lean on it."""
    if order == 0:
        return fmpq(1)
    if isinstance(law, Bernoulli):
        return parameters[0]
    mean, variance = parameters
    if isinstance(law, Normal):  # E ξᵏ = μ E ξᵏ⁻¹ + (k−1) σ² E ξᵏ⁻²
        before, here = fmpq(1), mean
        for k in range(2, order + 1):
            before, here = here, mean * here + (k - 1) * variance * before
        return here
    assert isinstance(law, AnyLaw)
    if order == 1:
        return mean
    if order == 2:
        return variance + mean * mean
    return fmpq(2 * random.Random(seed).randrange(SAMPLE) + 1, 2**30)


# -- the evaluator -----------------------------------------------------------------------------------------------


def _number(world: World, term: Number, env: Environment) -> Value:
    return rational(term.value)


def _infinity(world: World, term: Infinity, env: Environment) -> Value:
    return FAR


def _symbol(world: World, term: Symbol, env: Environment) -> Value:
    if term in env:
        return env[term]
    try:
        return world.values[term]
    except KeyError:
        raise Unsupported(f"{term.name} is not declared") from None


def _identity(world: World, term: Identity, env: Environment) -> Value:
    return Matrix.identity(world.size(term.size, env))


def _zero(world: World, term: Zero, env: Environment) -> Value:
    return Matrix.from_function(world.size(term.height, env), world.size(term.width, env), lambda i, j: fmpq(0))


def _add(world: World, term: Add, env: Environment) -> Value:
    result = world.value(term.terms[0], env)
    for part in term.terms[1:]:
        result = result + world.value(part, env)
    return result


def _multiply(world: World, term: Multiply, env: Environment) -> Value:
    scale: Scalar = fmpq(1)
    matrix: Matrix | None = None
    for run in term.runs:
        product = world.value(run[0], env)
        for factor in run[1:]:
            product = product @ world.value(factor, env)
        if not isinstance(product, Matrix):
            scale = scale * product
        elif (run[0].rows, run[-1].cols) == SCALAR:
            scale = scale * product.rows[0][0]
        else:
            matrix = product
    return scale if matrix is None else matrix.scaled(scale)


def _power(world: World, term: Power, env: Environment) -> Value:
    base, exponent = world.value(term.base, env), world.value(term.exponent, env)
    if not isinstance(base, Matrix):
        try:
            return settled(scalar_power(base, exponent))
        except Unsupported:
            if not isinstance(base, Polynomial):
                raise
            return world.function_of_random(lambda at: scalar_power(base.at(at), exponent), base.variables)
    if not (isinstance(exponent, fmpq) and exponent.q == 1) or abs(exponent) > 64:
        raise Unsupported("a matrix to a power that is not a small whole number")
    result = Matrix.identity(base.height)
    for _ in range(abs(int(exponent.p))):
        result = result @ base
    return result.inverse() if exponent < 0 else result


def _transpose(world: World, term: Transpose, env: Environment) -> Value:
    return world.value(term.inner, env).T


def _trace(world: World, term: Trace, env: Environment) -> Value:
    inner = world.value(term.inner, env)
    return sum((inner.rows[i][i] for i in range(inner.height)), fmpq(0))


def _determinant(world: World, term: Determinant, env: Environment) -> Value:
    return world.value(term.inner, env).determinant()


def _squared_norm(world: World, term: SquaredNorm, env: Environment) -> Value:
    return sum((entry * entry for entry in entries_of(world.value(term.inner, env))), fmpq(0))


def _apply(world: World, term: Apply, env: Environment) -> Value:
    arguments = [world.value(argument, env) for argument in term.arguments]
    random_ones = [argument for argument in arguments if isinstance(argument, Polynomial)]
    function = FUNCTIONS[term.function]
    if not random_ones:
        return function(*arguments)
    return world.function_of_random(
        lambda at: function(*(a.at(at) if isinstance(a, Polynomial) else a for a in arguments)),
        set().union(*(argument.variables for argument in random_ones)),
    )


def _log(value: Scalar) -> Scalar:
    if sign_of(value) <= 0:
        raise Undefined("the log of a number that is not positive")
    return fmpq(0) if value == 1 else ball(value).log()


def _absolute(value: Scalar) -> Scalar:
    return -value if sign_of(value) < 0 else value


def _maximum(*values: Scalar) -> Scalar:
    best = values[0]
    for value in values[1:]:
        best = value if sign_of(value - best) > 0 else best
    return best


FUNCTIONS: dict[str, Callable[..., Scalar]] = {
    "exp": lambda value: fmpq(1) if certainly_zero(value) else ball(value).exp(),
    "log": _log,
    "abs": _absolute,
    "sign": lambda value: fmpq(sign_of(value)),
    "max": _maximum,
}


def _entry(world: World, term: Entry, env: Environment) -> Value:
    base = world.value(term.base, env)
    places = [world.value(index, env) for index in term.indices]
    if any(not isinstance(place, fmpq) or place.q != 1 for place in places):
        raise Undefined("an index that is not a whole number")
    row, column = int(places[0]), int(places[1]) if len(places) > 1 else 1
    if not (1 <= row <= base.height and 1 <= column <= base.width):
        raise Undefined(f"an index out of range: {term}")
    return base.rows[row - 1][column - 1]


def _summation(world: World, term: Summation, env: Environment) -> Value:
    length = world.value(term.length, env)
    if not isinstance(length, fmpq) or length.q != 1 or not 1 <= length <= 64:
        raise Unsupported("a sum whose length is not a small whole number")
    result = world.value(term.body, {**env, term.index: fmpq(1)})
    for i in range(2, int(length) + 1):
        result = result + world.value(term.body, {**env, term.index: fmpq(i)})
    return result


def _call(world: World, term: Call, env: Environment) -> Value:
    definition = term.definition
    arguments = [world.value(argument, env) for argument in term.arguments]
    return world.value(definition.body, {**env, **dict(zip(definition.parameters, arguments, strict=True))})


def _at(world: World, term: At, env: Environment) -> Value:
    return world.value(term.body, {**env, term.symbol: world.value(term.value, env)})


def _derivative(world: World, term: Derivative, env: Environment) -> Value:
    at = world.value(term.variable, env)
    if not isinstance(at, Matrix):
        return world.difference(term.body, term.variable, fmpq(1), env)
    basis = [
        (i, j, Matrix.from_function(at.height, at.width, lambda a, b, i=i, j=j: fmpq(int((a, b) == (i, j)))))
        for i in range(at.height)
        for j in range(at.width)
    ]
    slopes = {(i, j): world.difference(term.body, term.variable, unit, env) for i, j, unit in basis}
    if term.body.is_scalar:
        return Matrix.from_function(at.height, at.width, lambda i, j: slopes[i, j])
    return Matrix.from_function(slopes[0, 0].height, at.height, lambda i, j: slopes[j, 0].rows[i][0])


def _differential(world: World, term: Differential, env: Environment) -> Value:
    """Along a direction of the world's own, the same for every differential of that variable."""
    at = world.value(term.variable, env)
    draw = random.Random(f"{world.number} d{term.variable.name}")
    return world.difference(term.body, term.variable, _map(at, lambda _: atom(draw, draw.choice((1, -1)))), env)


def _expectation(world: World, term: Expectation, env: Environment) -> Value:
    return world.integrate(world.value(term.body, env), term.over)


def _variance(world: World, term: Variance, env: Environment) -> Value:
    return _covariance(world, Covariance(term.body, term.body, term.over), env)


def _covariance(world: World, term: Covariance, env: Environment) -> Value:
    left, right = world.value(term.left, env), world.value(term.right, env)
    apart = world.integrate(left, term.over) * world.integrate(right, term.over)
    return settled(world.integrate(left * right, term.over) - apart)


def _limit(world: World, term: Limit, env: Environment) -> Value:
    """Of a rational function, from its leading terms; of any other, its value close to the target."""
    at_infinity = isinstance(term.target, Infinity)
    up, down = degree(term.body, {term.variable: (1, 0)}, 0, world.size)
    if term.body.is_scalar and up + down <= HIGHEST_REBUILT:
        rebuilt = rational_function(term.body, term.variable, int(up), int(down), world, env)
        if rebuilt is not None:
            return _leading_ratio(*rebuilt) if at_infinity else _ratio_at(*rebuilt, world.value(term.target, env))
    place = FAR if at_infinity else world.value(term.target, env) + 1 / FAR
    value = world.value(term.body, {**env, term.variable: place})
    if isinstance(value, (Matrix, Polynomial)):
        raise Unsupported("the limit of a matrix or of a random quantity")
    if sign_of(abs(value) - fmpq(2**1000)) > 0:
        return FAR if sign_of(value) > 0 else -FAR
    return blurred(value, 1500)


def _leading_ratio(numerator: fmpq_poly, denominator: fmpq_poly) -> fmpq:
    order = numerator.degree() - denominator.degree()
    ratio = numerator.leading_coefficient() / denominator.leading_coefficient() if numerator != 0 else fmpq(0)
    return ratio if order == 0 else fmpq(0) if order < 0 or ratio == 0 else FAR * int(sign_of(ratio))


def _ratio_at(numerator: fmpq_poly, denominator: fmpq_poly, place: fmpq) -> fmpq:
    top, bottom = numerator(place), denominator(place)
    if bottom != 0:
        return top / bottom
    above = place + 1 / FAR
    return FAR * sign_of(numerator(above) / denominator(above))


HIGHEST_REBUILT = 24


def rational_function(
    body: Term, variable: Symbol, up: int, down: int, world: World, env: Environment = NOWHERE
) -> tuple[fmpq_poly, fmpq_poly] | None:
    """A scalar that is rational in a variable, rebuilt from its values at enough points, in lowest terms.

    `up` and `down` bound the degrees. None where a value is not an exact rational.
    """
    points: list[fmpq] = []
    values: list[fmpq] = []
    place = fmpq(3, 7)
    while len(points) < up + down + 2:
        place += fmpq(11, 13)
        try:
            value = world.value(body, {**env, variable: place})
        except Undefined:
            continue
        if not isinstance(value, fmpq):
            return None
        points.append(place)
        values.append(value)
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
    free = next(j for j in range(len(rows[0])) if j not in pivots)
    vector = [fmpq(0)] * len(rows[0])
    vector[free] = fmpq(1)
    for row, pivot in zip(table, pivots, strict=True):
        vector[pivot] = -row[free]
    return vector


def _arg_min(world: World, term: ArgMin, env: Environment) -> Value:
    """Of a quadratic that is strictly convex here: where its gradient, found by differences, is zero."""
    variable = term.variable
    here = world.declarations[variable]
    at = world.value(variable, env)
    numerator, denominator = degree(term.body, {variable: (1, 0)}, 0, world.size)
    if denominator or numerator > 2 or here.domain.lower is not None or here.domain.upper is not None:
        raise Unsupported("the minimiser of what is no quadratic over all of space")
    slope = Derivative(term.body, variable)
    origin = _map(at, lambda _: fmpq(0))
    constant = entries_of(world.value(slope, {**env, variable: origin}))
    count = len(constant)
    columns = []
    for k in range(count):
        unit = filled(at, [fmpq(int(i == k)) for i in range(count)])
        columns.append(
            [a - b for a, b in zip(entries_of(world.value(slope, {**env, variable: unit})), constant, strict=True)]
        )
    curvature = Matrix(columns).T
    if not is_definite(curvature, strictly=True):
        raise Undefined("the minimiser of what is not strictly convex")
    solution = curvature.solve(Matrix([[-entry] for entry in constant]))
    assert solution is not None
    return filled(at, entries_of(solution))


def filled(like: Value, entries: list[Scalar]) -> Value:
    """The entries laid out as a value of the same shape as another."""
    if not isinstance(like, Matrix):
        return entries[0]
    return Matrix.from_function(like.height, like.width, lambda i, j: entries[i * like.width + j])


def is_definite(value: Value, strictly: bool) -> bool:
    """Whether a symmetric matrix is positive (semi)definite: by elimination, every pivot > 0 (≥ 0)."""
    matrix = value if isinstance(value, Matrix) else Matrix([[value]])
    if any(sign_of(a - b) for a, b in zip(matrix.entries(), matrix.T.entries(), strict=True)):
        return False
    rows = [list(row) for row in matrix.rows]
    for k in range(len(rows)):
        pivot = sign_of(rows[k][k])
        if pivot < 0 or (strictly and pivot == 0):
            return False
        if pivot == 0:
            if any(sign_of(entry) for entry in rows[k][k + 1 :]):
                return False
            continue
        for i in range(k + 1, len(rows)):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return True


_EVALUATORS: dict[type[Term], Callable[[World, Any, Environment], Value]] = {
    Number: _number,
    Infinity: _infinity,
    Symbol: _symbol,
    Identity: _identity,
    Zero: _zero,
    Add: _add,
    Multiply: _multiply,
    Power: _power,
    Transpose: _transpose,
    Trace: _trace,
    Determinant: _determinant,
    SquaredNorm: _squared_norm,
    Apply: _apply,
    Entry: _entry,
    Summation: _summation,
    Call: _call,
    At: _at,
    Derivative: _derivative,
    Differential: _differential,
    Expectation: _expectation,
    Variance: _variance,
    Covariance: _covariance,
    Limit: _limit,
    ArgMin: _arg_min,
}


def atom(draw: random.Random, sign: int = 1) -> fmpq:
    """A dyadic rational that is never whole, from `SAMPLE` equally likely ones."""
    return fmpq(sign * (2 * draw.randrange(SAMPLE) + 1), 2**31)


def show(value: Value) -> str:
    """A value for a person: fractions as long as they are short, else a few digits."""
    if isinstance(value, Matrix):
        return "[" + "; ".join(" ".join(show(entry) for entry in row) for row in value.rows) + "]"
    if isinstance(value, Polynomial):
        return "random"
    if isinstance(value, fmpq) and value.height_bits() <= 24:
        return str(value)
    return f"{float(ball(value)):.4g}"


# -- truth ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Truth:
    """Whether a formula holds in a world, what its sides are there, and to how many bits it was seen."""

    true: bool
    left: Value
    right: Value
    bits: int | None = None  # None: exactly


def truth(formula: Formula, world: World) -> Truth:
    """Whether a formula between terms holds in a world."""
    assert isinstance(formula.left, Term)
    relation = formula.relation
    if relation is Relation.FREE_OF:
        return _free_of(formula, world)
    if relation in (Relation.MINIMISER, Relation.UNIQUE_MINIMISER):
        return _minimises(formula, world)
    left = world.value(formula.left)
    if relation.unary:
        return Truth(_UNARY[relation](left), left, None)
    assert isinstance(formula.right, Term)
    right = world.value(formula.right)
    if relation in (Relation.EQUAL, Relation.NOT_EQUAL):
        equal, bits = same(left, right)
        return Truth(equal == (relation is Relation.EQUAL), left, right, bits)
    gap = sign_of(right - left)
    return Truth(gap > 0 or (gap == 0 and relation is Relation.AT_MOST), left, right)


def _invertible(value: Value) -> bool:
    return sign_of(value.determinant() if isinstance(value, Matrix) else value) != 0


_UNARY: dict[Relation, Callable[[Value], bool]] = {
    Relation.POSITIVE_DEFINITE: lambda value: is_definite(value, strictly=True),
    Relation.POSITIVE_SEMIDEFINITE: lambda value: is_definite(value, strictly=False),
    Relation.INVERTIBLE: _invertible,
}


def _free_of(formula: Formula, world: World) -> Truth:
    """Compared with the value where the symbol has another value of the same domain."""
    assert isinstance(formula.left, Term) and isinstance(formula.right, Symbol)
    here = world.value(formula.left)
    other = _map(world.value(formula.right), lambda entry: _another(entry, world.declarations[formula.right].domain))
    there = world.value(formula.left, {formula.right: other})
    equal, bits = same(here, there)
    return Truth(equal, here, there, bits)


def _another(entry: Scalar, domain: Domain) -> Scalar:
    """Another number of the same domain."""
    if domain.whole:
        return entry + 7
    if domain.upper is not None:
        return (entry + rational(domain.upper)) / 2
    return entry + fmpq(5, 3) if domain.lower is not None else entry * fmpq(-3, 7)


def _minimises(formula: Formula, world: World) -> Truth:
    """Nothing is less (for the unique one: or equal) at other points near and far, in the domain."""
    assert isinstance(formula.left, Term) and isinstance(formula.right, ArgMin)
    objective, variable = formula.right.body, formula.right.variable
    point = world.value(formula.left)
    least = world.value(objective, {variable: point})
    draw = random.Random(f"{world.number} beside {variable.name}")
    tried = 0
    for distance in (fmpq(1, 10**12), fmpq(1, 10**6), fmpq(1, 50), fmpq(1), fmpq(40)):
        for sign in (1, -1):
            beside = _map(point, lambda entry: entry + sign * distance * atom(draw, draw.choice((1, -1))))  # noqa: B023
            if not world.admits(variable, beside):
                continue
            tried += 1
            rise = sign_of(world.value(objective, {variable: beside}) - least)
            if rise < 0 or (rise == 0 and formula.relation is Relation.UNIQUE_MINIMISER):
                return Truth(False, point, beside)
    if not tried:
        raise Undefined(f"no point beside {formula.left} in the domain")
    return Truth(True, point, None)
