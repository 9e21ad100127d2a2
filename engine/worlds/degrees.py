"""How high a degree a term has: what the bound on a false pass, and the exactness of a difference, rest on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from engine.terms import (
    Add,
    ArgMin,
    At,
    Call,
    Covariance,
    Derivative,
    Determinant,
    Diagonal,
    DiagonalOf,
    Differential,
    Each,
    Entry,
    Expectation,
    Explicit,
    Hadamard,
    HadamardPower,
    Identity,
    Kronecker,
    Limit,
    Multiply,
    Number,
    Ones,
    Power,
    Size,
    SquaredNorm,
    Summation,
    Symbol,
    Term,
    Trace,
    Transpose,
    Unit,
    Variance,
    Vec,
    Zero,
)
from engine.terms.laws import (
    AnyLaw,
    AnyVector,
    Binomial,
    Categorical,
    Draws,
    Exponential,
    Law,
    Multinomial,
    Normal,
    NormalVector,
)
from engine.worlds.values import Unsupported

Sizes = Callable[[Size], int]
Degree = tuple[float, float]  # of the numerator and of the denominator; infinite for what is not rational
LONGEST_SUM = 64  # longer ones have no value in a world
TRANSCENDENTAL: Degree = (float("inf"), float("inf"))


def degree(term: Term, weights: Mapping[Symbol, Degree], default: int, sizes: Sizes) -> Degree:
    """An upper bound on the degrees of the rational function that a term is in its atoms.

    `weights` gives the degrees of some symbols (of their entries), `default` that of all others.
    """

    def of(inner: Term) -> Degree:
        return degree(inner, weights, default, sizes)

    match term:
        case _ if default == 0 and term.free.isdisjoint(weights):
            return (0, 0)
        case Symbol():
            return weights.get(term, (default, 0))
        case Add():
            return _degree_of_sum([of(part) for part in term.terms])
        case Explicit():
            return _degree_of_sum([of(entry) for entry in term.entries])
        case Kronecker():
            return _degree_of_product([of(term.left), of(term.right)])
        case Multiply() | Hadamard():
            return _degree_of_product([of(factor) for factor in term.factors])
        case Each():
            return of(term.body)
        case Summation():
            length = _length(term.length, sizes)
            return _degree_of_sum([of(term.body)] * length)
        case Power(base=base, exponent=Number(value=exponent)) if exponent.denominator == 1:
            return _degree_of_power(of(base), int(exponent), 1 if base.is_scalar else sizes(base.rows))
        case HadamardPower(base=base, exponent=Number(value=exponent)) if exponent.denominator == 1:
            return _degree_of_power(of(base), int(exponent), 1)
        case Diagonal() | DiagonalOf() | Vec():
            return of(term.inner)
        case Transpose() | Trace() | Entry() | Variance() | Expectation() | Covariance() | SquaredNorm():
            inner = _degree_of_sum([of(child) for child in term.children])
            twice = isinstance(term, (SquaredNorm, Variance, Covariance))
            return _degree_of_power(inner, 2 if twice else 1, 1)
        case Determinant():
            return _degree_of_power(of(term.inner), sizes(term.inner.rows), 1)
        case Call():
            inner_weights = dict(zip(term.definition.parameters, (of(a) for a in term.arguments), strict=True))
            return degree(term.definition.body, {**weights, **inner_weights}, default, sizes)
        case At():
            return degree(term.body, {**weights, term.symbol: of(term.value)}, default, sizes)
        case Derivative() | Differential():
            numerator, denominator = of(term.body)
            if denominator:
                return (numerator + denominator, 2 * denominator)
            lowered = set(weights) == {term.variable}
            return (max(numerator - 1, 0) if lowered else numerator, 0)
        case ArgMin():  # of a quadratic: Cramer's rule in the entries of its gradient
            numerator, denominator = of(term.body)
            highest = sizes(term.variable.rows) * sizes(term.variable.cols) * (numerator + 3 * denominator)
            return (highest, highest)
        case Limit():  # a ratio of coefficients of the body
            return degree(term.body, {**weights, term.variable: (0, 0)}, default, sizes)
        case Number() | Identity() | Zero() | Ones() | Unit():
            return (0, 0)
    return TRANSCENDENTAL


def degree_of_law(law: Law, of: Callable[[Term], Degree]) -> Degree:
    """A degree such that the moment of order k has k times as much at most, by those of the parameters."""
    match law:
        case Exponential():
            return _degree_of_power(of(law.rate), -1, 1)
        case Draws():
            return _degree_of_product([of(law.count), _degree_of_power(of(law.population), -1, 1)])
        case Binomial() | Multinomial() | Categorical():
            return _degree_of_product([of(parameter) for parameter in law.parameters])
        case Normal() | AnyLaw() | NormalVector() | AnyVector() if len(law.parameters) == 2:
            mean, (up, down) = of(law.parameters[0]), of(law.parameters[1])
            return _degree_of_sum([(1, 0), mean, (math.ceil(up / 2) if up < math.inf else up, down)])
    return _degree_of_sum([(1, 0), *(of(parameter) for parameter in law.parameters)])


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
