"""How high a degree a term has: what the bound on a false pass, and the exactness of a difference, rest on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine import terms
from engine.common.kinds import Kinds
from engine.terms import Number, Size, Symbol, Term, laws
from engine.terms.laws import Law
from engine.worlds.values import Unsupported

Sizes = Callable[[Size], int]
Degree = tuple[float, float]  # of the numerator and of the denominator; infinite for what is not rational
LONGEST_SUM = 64  # longer ones have no value in a world
TRANSCENDENTAL: Degree = (float("inf"), float("inf"))


@dataclass(frozen=True)
class Degrees:
    """The degrees of some symbols (of their entries), that of all others, and what sizes are: none, where they are counted with."""

    weights: Mapping[Symbol, Degree]
    default: int
    sizes: Sizes | None

    def of(self, term: Term) -> Degree:
        if self.default == 0 and term.free.isdisjoint(self.weights):
            return (0, 0)
        return DEGREES[type(term)](term, self)

    def where(self, changed: Mapping[Symbol, Degree]) -> Degrees:
        """The same, where some symbols have other degrees."""
        return Degrees({**self.weights, **changed}, self.default, self.sizes)

    def summed(self, inner: Degree, *lengths: Size) -> Degree:
        """Of what is summed up over sizes: Σ iᵏ for i up to n is of degree k + 1 in n."""
        return inner if self.sizes else _degree_of_product([inner, *(self.of(terms.term(size)) for size in lengths)])


def degree_in_size(term: Term, size: Symbol) -> float:
    """How high a polynomial in a size a term is, as far as it stands as a number, in the lengths of sums, or is summed over."""
    return sum(Degrees({size: (1, 0)}, 0, None).of(term))


DegreeOf = Callable[[Any, Degrees], Degree]
DEGREES: Kinds[DegreeOf] = Kinds(Term, "degree")


def degree(term: Term, weights: Mapping[Symbol, Degree], default: int, sizes: Sizes) -> Degree:
    """An upper bound on the degrees of the rational function that a term is in its atoms.

    `weights` gives the degrees of some symbols (of their entries), `default` that of all others.
    """
    return Degrees(weights, default, sizes).of(term)


DEGREES.of(Number, terms.Identity, terms.Zero, terms.Ones, terms.Unit)(lambda term, degrees: (0, 0))
DEGREES.of(terms.Pi, terms.Infinity, terms.Apply, terms.Iterate)(lambda term, degrees: TRANSCENDENTAL)
DEGREES.of(terms.Each)(lambda term, degrees: degrees.of(term.body))
DEGREES.of(Symbol)(lambda term, degrees: degrees.weights.get(term, (degrees.default, 0)))


@DEGREES.of(
    terms.Add,
    terms.Explicit,
    terms.Diagonal,
    terms.DiagonalOf,
    terms.Vec,
    terms.Transpose,
    terms.Entry,
    terms.Expectation,
)
def _of_linear(term: Term, degrees: Degrees) -> Degree:
    return _degree_of_sum([degrees.of(part) for part in term.children])


@DEGREES.of(terms.Trace)
def _of_trace(term: terms.Trace, degrees: Degrees) -> Degree:
    return degrees.summed(degrees.of(term.inner), term.inner.rows)


@DEGREES.of(terms.SquaredNorm)
def _of_norm(term: terms.SquaredNorm, degrees: Degrees) -> Degree:
    return degrees.summed(_degree_of_power(degrees.of(term.inner), 2, 1), *term.inner.shape)


@DEGREES.of(terms.Variance, terms.Covariance)
def _of_quadratic(term: Term, degrees: Degrees) -> Degree:
    return _degree_of_power(_of_linear(term, degrees), 2, 1)


@DEGREES.of(terms.Hadamard, terms.Kronecker)
def _of_product(term: Term, degrees: Degrees) -> Degree:
    return _degree_of_product([degrees.of(factor) for factor in term.children])


@DEGREES.of(terms.Multiply)
def _of_chain(term: terms.Multiply, degrees: Degrees) -> Degree:
    inner = _degree_of_product([degrees.of(factor) for factor in term.children])
    return degrees.summed(inner, *(factor.cols for run in terms.runs(term.factors) for factor in run[:-1]))


@DEGREES.of(terms.Summation)
def _of_summation(term: terms.Summation, degrees: Degrees) -> Degree:
    if degrees.sizes is None:
        length = degrees.of(term.length)
        return _degree_of_product([length, degrees.where({term.index: length}).of(term.body)])
    return _degree_of_sum([degrees.of(term.body)] * _length(term.length, degrees.sizes))


@DEGREES.of(terms.Power, terms.HadamardPower)
def _of_power(term: terms.Power | terms.HadamardPower, degrees: Degrees) -> Degree:
    exponent = term.exponent
    if not isinstance(exponent, Number) or exponent.value.denominator != 1:
        return TRANSCENDENTAL
    inverted = isinstance(term, terms.Power) and not term.is_scalar
    size = degrees.sizes(term.base.rows) if inverted and degrees.sizes else 1
    return _degree_of_power(degrees.of(term.base), int(exponent.value), size)


@DEGREES.of(terms.Determinant)
def _of_determinant(term: terms.Determinant, degrees: Degrees) -> Degree:
    if degrees.sizes is None:
        return TRANSCENDENTAL
    return _degree_of_power(degrees.of(term.inner), degrees.sizes(term.inner.rows), 1)


@DEGREES.of(terms.Call)
def _of_call(term: terms.Call, degrees: Degrees) -> Degree:
    arguments = map(degrees.of, term.arguments)
    inside = degrees.where(dict(zip(term.definition.parameters, arguments, strict=True)))
    return inside.of(term.definition.body)


DEGREES.of(terms.At)(lambda term, degrees: degrees.where({term.symbol: degrees.of(term.value)}).of(term.body))


@DEGREES.of(terms.Derivative, terms.Differential)
def _of_derivative(term: terms.Derivative | terms.Differential, degrees: Degrees) -> Degree:
    numerator, denominator = degrees.of(term.body)
    if denominator:
        return (numerator + denominator, 2 * denominator)
    lowered = set(degrees.weights) == {term.variable}
    return (max(numerator - 1, 0) if lowered else numerator, 0)


@DEGREES.of(terms.ArgMin)
def _of_minimiser(term: terms.ArgMin, degrees: Degrees) -> Degree:
    """Of a quadratic: Cramer's rule in the entries of its gradient."""
    numerator, denominator = degrees.of(term.body)
    if degrees.sizes is None:
        return TRANSCENDENTAL
    entries = degrees.sizes(term.variable.rows) * degrees.sizes(term.variable.cols)
    highest = entries * (numerator + 3 * denominator)
    return (highest, highest)


@DEGREES.of(terms.Limit)
def _of_limit(term: terms.Limit, degrees: Degrees) -> Degree:
    """A ratio of coefficients of the body."""
    return degrees.where({term.variable: (0, 0)}).of(term.body)


DEGREES.check_whole()


# -- of laws --------------------------------------------------------------------------------------------------------


DegreeOfLaw = Callable[[Any, Callable[[Term], Degree]], Degree]
DEGREES_OF_LAWS: Kinds[DegreeOfLaw] = Kinds(Law, "degree")


def degree_of_law(law: Law, of: Callable[[Term], Degree]) -> Degree:
    """A degree such that the moment of order k has k times as much at most, by those of the parameters."""
    return DEGREES_OF_LAWS[type(law)](law, of)


@DEGREES_OF_LAWS.of(laws.Bernoulli, laws.Uniform, laws.Poisson, laws.Rademacher)
def _of_value_and_parameters(law: Law, of: Callable[[Term], Degree]) -> Degree:
    return _degree_of_sum([(1, 0), *map(of, law.parameters)])


DEGREES_OF_LAWS.of(laws.Exponential)(lambda law, of: _degree_of_power(of(law.rate), -1, 1))


@DEGREES_OF_LAWS.of(laws.Draws)
def _of_draws(law: laws.Draws, of: Callable[[Term], Degree]) -> Degree:
    return _degree_of_product([of(law.count), _degree_of_power(of(law.population), -1, 1)])


@DEGREES_OF_LAWS.of(laws.Binomial, laws.Multinomial, laws.Categorical)
def _of_parameters_together(law: Law, of: Callable[[Term], Degree]) -> Degree:
    return _degree_of_product([of(parameter) for parameter in law.parameters])


@DEGREES_OF_LAWS.of(laws.Normal, laws.AnyLaw, laws.NormalVector, laws.AnyVector)
def _of_mean_and_spread(law: Law, of: Callable[[Term], Degree]) -> Degree:
    if len(law.parameters) > 2:  # further moments are given
        return _of_value_and_parameters(law, of)
    mean, (up, down) = map(of, law.parameters)
    return _degree_of_sum([(1, 0), mean, (math.ceil(up / 2) if up < math.inf else up, down)])


DEGREES_OF_LAWS.check_whole()


def _length(length: Term, sizes: Sizes) -> int:
    """How many terms a sum has; as many as a sum may have where that is no number, and no symbol that is worth one."""
    if isinstance(length, Symbol):
        try:
            return min(sizes(length), LONGEST_SUM)
        except Unsupported:  # the index of another sum
            return LONGEST_SUM
    return int(length.value) if isinstance(length, Number) else LONGEST_SUM


def _degree_of_sum(parts: list[Degree]) -> Degree:
    if not parts:
        return (0, 0)
    if all(part[1] == 0 for part in parts):
        return (max(part[0] for part in parts), 0)
    if any(part == TRANSCENDENTAL for part in parts):
        return TRANSCENDENTAL
    denominator = sum(part[1] for part in parts)
    return (max(part[0] + denominator - part[1] for part in parts), denominator)


def _degree_of_product(parts: list[Degree]) -> Degree:
    return (sum(part[0] for part in parts), sum(part[1] for part in parts))


def _degree_of_power(base: Degree, exponent: int, size: int) -> Degree:
    """Of a power; the inverse of a size×size matrix has degrees size times as high at most."""
    if exponent == 0:
        return (0, 0)
    up, down = base[0] * abs(exponent), base[1] * abs(exponent)
    if exponent > 0:
        return (up, down)
    return (down, up) if size == 1 else (down + (size - 1) * (up + down), size * (up + down))
