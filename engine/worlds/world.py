"""Worlds as models: what symbols are worth in them, moments of laws, and differences.

What a node is worth, given its parts, is in `engine.worlds.meanings`; how worlds are drawn, in `engine.worlds.drawing`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

from flint import ctx, fmpq

from engine.common.kinds import Kinds
from engine.terms import Covariance, Expectation, Number, Size, Symbol, Term, Variance
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula
from engine.worlds.degrees import degree
from engine.worlds.moments import finite_values, joint_moment, moment
from engine.worlds.values import (
    Matrix,
    Monomial,
    Polynomial,
    Scalar,
    Unsupported,
    Variable,
    allowance,
    ball,
    blurred,
    certainly_zero,
    entries_of,
    log2_above,
    same,
    settled,
    sign_of,
    spend,
    whole_power,
    widened,
)

Value = Any  # Scalar | Matrix
Environment = Mapping[Symbol, Value]

SAMPLE = 2**32  # how many values an atom is drawn from
DYADIC = 2**31  # what atoms are fractions of at least
FAR = fmpq(2**2000)  # stands for infinity when a limit is tested

NOWHERE: Environment = {}


Meaning = Callable[["World", Any, Environment], Value]
MEANINGS: Kinds[Meaning] = Kinds(Term, "meaning")  # the value of a kind of node, from the values of its parts


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
        self._certain: Mapping[Term, Value] = {}
        self._caches: dict[int, tuple[dict[object, Value], dict[Monomial, Scalar]]] = {}
        self.remember(ctx.prec)

    def __getitem__(self, symbol: Symbol) -> Value:
        return self.values[symbol]

    def changed(self, values: Mapping[Symbol, Value]) -> World:
        """The same world with other values for some symbols; laws that are given by them change with them."""
        return World(self.number, {**self.values, **values}, self.declarations, self.hypotheses)

    @cached_property
    def _in_laws(self) -> frozenset[Symbol]:
        """What the laws of random symbols are given by."""
        laws = ((d.law, d.indices) for d in self.declarations.values() if d.law is not None)
        return frozenset(s for law, indices in laws for p in law.parameters for s in p.free - frozenset(indices))

    def knowing(self, values: Mapping[Term, Value]) -> World:
        """The same world, where the values of some terms are known better than they can be computed."""
        world = World(self.number, self.values, self.declarations, self.hypotheses)
        world._certain = dict(values)
        world._known = world._certain
        return world

    def apart(self) -> World:
        """The same world, with what was computed in it; what is computed from here is forgotten with it."""
        world = World.__new__(World)
        world.__dict__.update(self.__dict__)
        known = {**self._cache, **self._certain} if self._certain else self._cache
        world._known, world._cache, world._caches = known, {}, {}
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
        key: object = term
        if env:
            if not self._in_laws.isdisjoint(env):
                return self._with_laws_moved(term, env)
            key = _key_under(term, env)
            if key is None:
                return MEANINGS[type(term)](self, term, env)
        elif type(term) is Symbol and term in self.values:
            return self.values[term]
        elif type(term) is Number:
            return _number(term)
        result = self._known.get(key) if self._known is not None else None
        if result is None:
            result = self._cache.get(key)
        if result is None:
            result = self._cache[key] = MEANINGS[type(term)](self, term, env)
        return result

    def _with_laws_moved(self, term: Term, env: Environment) -> Value:
        """The value where bound symbols have values that laws are given by."""
        moved = {symbol: value for symbol, value in env.items() if symbol in self._in_laws}
        rest = {symbol: value for symbol, value in env.items() if symbol not in moved}
        return self.changed(moved).value(term, rest)

    def remember(self, bits: int) -> World:
        """Keep what is computed from here apart from what was computed with balls of other precisions."""
        self._cache, self._moments = self._caches.setdefault(bits, ({}, {}))
        return self

    def size(self, size: Size, env: Environment = NOWHERE) -> int:
        return size if isinstance(size, int) else int(self.value(size, env))

    # -- moments and differences --

    def integrate(self, value: Value, over: tuple[Symbol, ...]) -> Value:
        """E over random symbols (all, where none is named), first over those whose law is given by others.

        Raises Unsupported where it would take the law of a quantity given one that depends on it.
        """
        if isinstance(value, Matrix):
            return value.map(lambda entry: self.integrate(entry, over))
        while isinstance(value, Polynomial):
            present = {variable[0] for variable in value.variables}
            wanted = present & {symbol.name for symbol in over} if over else present
            if not wanted:
                break
            ready = wanted.difference(*(self._behind(name) for name in present))
            if not ready:
                raise Unsupported(f"the law of {min(wanted)} given what depends on it")
            value = value.integrate(partial(self._moment_among, ready))
        return settled(value)

    def _moment_among(self, names: set[str], run: Monomial) -> Scalar | None:
        return self._moment(run) if run[0][0][0] in names else None

    def _declared(self, name: str) -> Declaration:
        return next(d for s, d in self.declarations.items() if s.name == name and d.law)

    def _behind(self, name: str) -> set[str]:
        """The random symbols that the law of one is given by, theirs included."""
        law = self._declared(name).law
        assert law is not None
        found = {symbol.name for parameter in law.parameters for symbol in parameter.free if self._is_random(symbol)}
        return found.union(*(self._behind(parent) for parent in found))

    def _is_random(self, symbol: Symbol) -> bool:
        return symbol in self.declarations and self.declarations[symbol].law is not None

    def _moment(self, run: Monomial) -> Scalar:
        """E of a product of powers of the entries of one random symbol."""
        if run not in self._moments:
            declaration = self._declared(run[0][0][0])
            law = declaration.law
            assert law is not None
            if law.joint:
                orders = [(row, k) for (_, row, _), k in run]
                self._moments[run] = joint_moment(law, orders, self.value, self._open(run))
            elif len(run) > 1:
                self._moments[run] = math.prod((self._moment((power,)) for power in run), start=fmpq(1))
            else:
                ((_, row, column), order) = run[0]
                env = dict(zip(declaration.indices, (fmpq(row), fmpq(column)), strict=False))
                self._moments[run] = moment(law, order, lambda term: self.value(term, env), self._open((run[0][0],)))
        return self._moments[run]

    def _open(self, key: object) -> Callable[[str], Scalar]:
        """Numbers of this world for what a law leaves open of some random entries."""
        return lambda what: fmpq(2 * random.Random(f"{self.number} {key} {what}").randrange(SAMPLE) + 1, 2**30)

    def function_of_random(
        self, function: Callable[[Mapping[Variable, Scalar]], Scalar], inside: set[Variable]
    ) -> Scalar:
        """A function of finitely many random variables of finite law, as the polynomial that equals it."""
        if len(inside) > 8:
            raise Unsupported("a function of more than eight random variables")
        outcomes: list[tuple[dict[Variable, Scalar], Scalar]] = [({}, fmpq(1))]
        for variable in sorted(inside):
            values = self._outcomes(variable)
            spend(len(outcomes) * len(values))
            outcomes = [
                ({**chosen, variable: value}, indicator * here)
                for chosen, indicator in outcomes
                for value, here in values
            ]
        return sum((indicator * function(chosen) for chosen, indicator in outcomes), fmpq(0))

    def _outcomes(self, variable: Variable) -> list[tuple[Scalar, Scalar]]:
        """The values that a random variable may have, each with the polynomial that is 1 there and 0 at the others."""
        declaration = self._declared(variable[0])
        values = finite_values(declaration.law, self.value)
        if values is None:
            raise Unsupported(f"a function of {variable[0]} that is no polynomial, under a law that is not finite")
        here = Polynomial.variable(variable)
        found: list[tuple[Scalar, Scalar]] = []
        for value in values:
            others = [other for other in values if other is not value]
            found.append((value, math.prod(((here - o) * whole_power(value - o, -1) for o in others), start=fmpq(1))))
        return found

    def ways(self, symbol: Symbol, like: Value) -> list[Way]:
        """How a symbol can change: an entry at a time, those of a symmetric matrix with their mirror images."""
        if not isinstance(like, Matrix):
            return [((0, 0),)]
        places = [(i, j) for i in range(like.height) for j in range(like.width)]
        if symbol not in self.declarations or not self.declarations[symbol].domain.structure.is_symmetric:
            return [(place,) for place in places]
        return [((i, j), (j, i)) if i < j else ((i, j),) for i, j in places if i <= j]

    def difference(self, body: Term, variable: Symbol, direction: Value, env: Environment) -> Value:
        """The derivative of the body along a direction, by a central difference.

        Exact for a polynomial of degree two at most in the variable, where the difference has no error;
        else known to as many bits as the step's square leaves.
        """
        at = env[variable] if variable in env else self.values[variable]
        scale = fmpq(1) if isinstance(at, Matrix) or certainly_zero(at) else abs(at)
        step = scale / 2 ** (ctx.prec * 3 // 10)  # 2⁻³⁰⁰ in 1,000-bit arithmetic

        def values(step: fmpq) -> tuple[Value, Value]:
            ways = (moved(at, direction, signed) for signed in (step, -step))
            ahead, behind = (self.value(body, {**env, variable: there}) for there in ways)
            return ahead, _combine(ahead, behind, lambda a, b: (a - b) / (2 * step))

        value, slope = values(step)
        numerator, denominator = degree(body, {variable: (1, 0)}, 0, self.size)
        if denominator == 0 and numerator <= 2:
            return slope
        usual = ctx.prec * 45 // 100
        found = _combine(slope, value, lambda s, v: blurred(s, usual, _magnitude(v) / scale))
        if any(map(_grows_fast, entries_of(slope), entries_of(value))):
            _, wider = values(step * _WIDER)  # whose error is that of `slope` times the square
            found = _combine(found, _combine(slope, wider, lambda s, w: s - w), lambda s, gap: widened(s, gap / _WIDER))
        return found


def _key_under(term: Term, env: Environment) -> object:
    """By what a value is remembered where symbols are bound: a moment by their numbers, what has none of them by itself, and
    nothing else at all.
    """
    if not isinstance(term, Symbol) and term.free.isdisjoint(env):
        return term
    if not isinstance(term, (Expectation, Variance, Covariance)):
        return None
    bound = tuple((symbol, env[symbol]) for symbol in term.free if symbol in env)
    return (term, bound) if all(isinstance(value, fmpq) for _, value in bound) else None


_WIDER = 2**8


def _grows_fast(slope: Scalar, value: Scalar) -> bool:
    """Whether f′ or f′/f is so large that the error of a central difference, h²f‴/6, may not be far below f′."""
    if isinstance(slope, Polynomial) or isinstance(value, Polynomial) or certainly_zero(slope):
        return False
    steepness = log2_above(abs(ball(slope)))
    return steepness > FAST_GROWTH or certainly_zero(value) or steepness - log2_above(abs(ball(value))) > FAST_GROWTH


FAST_GROWTH = 48


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


def moved(at: Value, direction: Value, step: fmpq) -> Value:
    return _combine(at, direction, lambda a, b: a + step * b)


def rational(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


Place = tuple[int, int]
Way = tuple[Place, ...]  # entries of a matrix that change together, by equal parts of a whole


def moved_along(like: Value, ways: list[Way], amounts: list[Scalar]) -> Value:
    """The change, of the shape of `like`, by an amount along each of the ways, which together have all its places."""
    if not isinstance(like, Matrix):
        return amounts[0]
    entries = {place: amount / len(way) for way, amount in zip(ways, amounts, strict=True) for place in way}
    return Matrix.from_function(like.height, like.width, lambda i, j: entries[i, j])


def is_definite(value: Value, strictly: bool) -> bool:
    """Whether a symmetric matrix is positive (semi)definite: by elimination, every pivot > 0 (≥ 0)."""
    matrix = value if isinstance(value, Matrix) else Matrix([[value]])
    if not same(matrix, matrix.T)[0]:
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


def atom(draw: random.Random, sign: int = 1, denominator: int = DYADIC) -> fmpq:
    """A fraction between 0 and 4 that is never whole, from `SAMPLE` equally likely ones; of a power of two, or a prime above."""
    numerator = 2 * draw.randrange(SAMPLE) + 1
    return fmpq(sign * (numerator if numerator % denominator else numerator + 1), denominator)


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
