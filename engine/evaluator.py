"""Worlds as models: what symbols are worth in them, moments of laws, and differences.

What a node is worth, given its parts, is in `engine.meanings`; how worlds are drawn, in `engine.worlds`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from flint import ctx, fmpq

from engine.degrees import degree
from engine.premises import AnyLaw, Bernoulli, Declaration, Formula, Law, Normal
from engine.terms import Covariance, Expectation, Number, Size, Symbol, Term, Variance
from engine.values import (
    Matrix,
    Polynomial,
    Scalar,
    Unsupported,
    Variable,
    allowance,
    ball,
    blurred,
    certainly_zero,
    sign_of,
)

Value = Any  # Scalar | Matrix
Environment = Mapping[Symbol, Value]

SAMPLE = 2**32  # how many values an atom is drawn from
FAR = fmpq(2**2000)  # stands for infinity when a limit is tested

NOWHERE: Environment = {}


Meaning = Callable[["World", Any, Environment], Value]
MEANINGS: dict[type[Term], Meaning] = {}


def meaning(node: type[Term]) -> Callable[[Meaning], Meaning]:
    """The value of a kind of node, from the values of its parts."""

    def registered(function: Meaning) -> Meaning:
        MEANINGS[node] = function
        return function

    return registered


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
        self._known: dict[object, Value] | None = None  # what another world, alike, has computed already
        self._caches: dict[int, tuple[dict[object, Value], dict[tuple[Variable, int], Scalar]]] = {}
        self.remember(ctx.prec)

    def __getitem__(self, symbol: Symbol) -> Value:
        return self.values[symbol]

    def changed(self, values: Mapping[Symbol, Value]) -> World:
        """The same world with other values for some symbols."""
        return World(self.number, {**self.values, **values}, self.declarations, self.hypotheses)

    def apart(self) -> World:
        """The same world, with what was computed in it; what is computed from here is forgotten with it."""
        world = World.__new__(World)
        world.__dict__.update(self.__dict__)
        world._known, world._cache, world._caches = self._cache, {}, {}
        return world

    def under(self, hypotheses: tuple[Formula, ...]) -> World:
        """The same world, with what was computed in it, where the hypotheses are said to hold."""
        if hypotheses == self.hypotheses:
            return self
        world = World(self.number, self.values, self.declarations, hypotheses)
        world._caches = self._caches
        return world.remember(ctx.prec)

    def __str__(self) -> str:
        return self.described(self.values)

    def described(self, symbols: Iterable[Symbol]) -> str:
        """The world as far as some symbols go, sizes first; what is random has no value to show."""
        known = [symbol for symbol in self.values if symbol in set(symbols) and self.declarations[symbol].law is None]
        known.sort(key=lambda symbol: (not self.declarations[symbol].domain.whole, symbol.name))
        return "the world with " + ", ".join(f"{symbol.name} = {show(self.values[symbol])}" for symbol in known)

    def value(self, term: Term, env: Environment = NOWHERE) -> Value:
        """The value of a term, a scalar or a `Matrix`; `env` gives bound symbols their values.

        Raises Undefined where the term has no value here, Unsupported where there is no exact way to it,
        and Undecided where a ball is too wide (compute again at a higher precision).
        """
        allowance.left -= 1
        if allowance.left < 0:
            raise Unsupported("more work than is allowed")
        if not env:
            if type(term) is Symbol and term in self.values:
                return self.values[term]
            if type(term) is Number:
                return _number(term)
        key: object = term
        if env and (isinstance(term, Symbol) or not term.free.isdisjoint(env)):
            if not isinstance(term, (Expectation, Variance, Covariance)):
                return MEANINGS[type(term)](self, term, env)
            bound = tuple((symbol, env[symbol]) for symbol in term.free if symbol in env)
            if not all(isinstance(value, fmpq) for _, value in bound):
                return MEANINGS[type(term)](self, term, env)
            key = (term, bound)
        result = self._known.get(key) if self._known is not None else None
        if result is None:
            result = self._cache.get(key)
        if result is None:
            result = self._cache[key] = MEANINGS[type(term)](self, term, env)
        return result

    def remember(self, bits: int) -> World:
        """Keep what is computed from here apart from what was computed with balls of other precisions."""
        self._cache, self._moments = self._caches.setdefault(bits, ({}, {}))
        return self

    def size(self, size: Size, env: Environment = NOWHERE) -> int:
        return size if isinstance(size, int) else int(self.value(size, env))

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
        step = scale / 2 ** (ctx.prec * 3 // 10)  # 2⁻³⁰⁰ in 1,000-bit arithmetic
        ahead = self.value(body, {**env, variable: _moved(at, direction, step)})
        behind = self.value(body, {**env, variable: _moved(at, direction, -step)})
        numerator, denominator = degree(body, {variable: (1, 0)}, 0, self.size)
        exact = denominator == 0 and numerator <= 2

        def slope(a: Scalar, b: Scalar) -> Scalar:
            found = (a - b) / (2 * step)
            return found if exact else blurred(found, ctx.prec * 45 // 100, _magnitude(a) / scale)

        return _combine(ahead, behind, slope)


def _number(term: Number) -> fmpq:
    """A number's value, made once and kept with it."""
    found = term.__dict__.get("exact")
    if found is None:
        found = term.__dict__["exact"] = rational(term.value)
    return found


def _magnitude(value: Scalar) -> Scalar:
    return abs(value) if not isinstance(value, Polynomial) else fmpq(1)


def map_entries(value: Value, function: Callable[[Scalar], Scalar]) -> Value:
    return value.map(function) if isinstance(value, Matrix) else function(value)


def _combine(left: Value, right: Value, function: Callable[[Scalar, Scalar], Scalar]) -> Value:
    if not isinstance(left, Matrix):
        return function(left, right)
    pairs = zip(left.rows, right.rows, strict=True)
    return Matrix([[function(a, b) for a, b in zip(r, s, strict=True)] for r, s in pairs])


def _moved(at: Value, direction: Value, step: fmpq) -> Value:
    return _combine(at, direction, lambda a, b: a + step * b)


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


def atom(draw: random.Random, sign: int = 1) -> fmpq:
    """A dyadic rational that is never whole, from `SAMPLE` equally likely ones."""
    return fmpq(sign * (2 * draw.randrange(SAMPLE) + 1), 2**31)


def show(value: Value) -> str:
    """A value for a person: fractions as long as they are short, else a few digits; a column as [1, 2], rows in brackets."""
    if isinstance(value, Matrix):
        if value.width == 1:
            return "[" + ", ".join(show(entry) for entry in value.entries()) + "]"
        return "[" + ", ".join("[" + ", ".join(show(entry) for entry in row) + "]" for row in value.rows) + "]"
    if isinstance(value, Polynomial):
        return "random"
    if isinstance(value, fmpq) and value.height_bits() <= 24:
        return str(value)
    digits = ball(value).str(4, radius=False)
    return str(digits).replace("e+", "e").removesuffix(".00").removesuffix(".000")
