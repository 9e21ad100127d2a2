"""Moments of laws in a world, exact at every order. What a law leaves open is drawn at random, so that no claim can
lean on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from flint import fmpq

from engine.common.kinds import Kinds
from engine.terms import Term, laws
from engine.terms.laws import Law
from engine.worlds.values import Polynomial, Scalar, Undefined, Unsupported, entries_of, spend, whole_power

Worth = Callable[[Term], Scalar]  # the value of a parameter
Open = Callable[[str], Scalar]  # a number for what the law leaves open
Orders = Sequence[tuple[int, int]]  # of entries of a vector: a row, from 1, and an exponent each


MOST_TRIALS = 7  # of a binomial law, whose values are then told one by one

MomentOf = Callable[[Any, Any, Worth, Open], Scalar]
MOMENTS: Kinds[MomentOf] = Kinds(Law, "moment")


def moment(law: Law, order: int, worth: Worth, unknown: Open) -> Scalar:
    """E ξ^order of one random number."""
    return MOMENTS[type(law)](law, order, worth, unknown) if order else fmpq(1)


def joint_moment(law: Law, orders: Orders, worth: Worth, unknown: Open) -> Scalar:
    """E of a product of powers of different entries of one random vector."""
    return MOMENTS[type(law)](law, orders, worth, unknown)


MOMENTS.of(laws.Bernoulli)(lambda law, order, worth, unknown: worth(law.p))
MOMENTS.of(laws.Binomial)(lambda law, order, worth, unknown: _of_counts([order], worth(law.trials), [worth(law.p)]))


@MOMENTS.of(laws.Poisson)
def _of_poisson(law: laws.Poisson, order: int, worth: Worth, unknown: Open) -> Scalar:
    return sum((stirling(order, j) * worth(law.rate) ** j for j in range(order + 1)), fmpq(0))


@MOMENTS.of(laws.Uniform)
def _of_uniform(law: laws.Uniform, order: int, worth: Worth, unknown: Open) -> Scalar:
    a, b = worth(law.lower), worth(law.upper)
    return sum((a**j * b ** (order - j) for j in range(order + 1)), fmpq(0)) / (order + 1)


@MOMENTS.of(laws.Exponential)
def _of_exponential(law: laws.Exponential, order: int, worth: Worth, unknown: Open) -> Scalar:
    return math.factorial(order) * whole_power(worth(law.rate), -order)


MOMENTS.of(laws.Rademacher)(lambda law, order, worth, unknown: fmpq(1 - order % 2))


@MOMENTS.of(laws.Categorical)
def _of_categorical(law: laws.Categorical, order: int, worth: Worth, unknown: Open) -> Scalar:
    pairs = zip(law.values, law.probabilities, strict=True)
    return sum((worth(p) * worth(value) ** order for value, p in pairs), fmpq(0))


@MOMENTS.of(laws.Normal)
def _of_normal(law: laws.Normal, order: int, worth: Worth, unknown: Open) -> Scalar:
    """E ξᵏ = μ E ξᵏ⁻¹ + (k−1) σ² E ξᵏ⁻²."""
    mean, variance = worth(law.mean), worth(law.variance)
    before, here = fmpq(1), mean
    for k in range(2, order + 1):
        before, here = here, mean * here + (k - 1) * variance * before
    return here


@MOMENTS.of(laws.AnyLaw)
def _of_any_law(law: laws.AnyLaw, order: int, worth: Worth, unknown: Open) -> Scalar:
    mean = worth(law.mean)
    central = [_central(law, k, worth, unknown) for k in range(order + 1)]
    return sum((math.comb(order, k) * mean ** (order - k) * c for k, c in enumerate(central)), fmpq(0))


def _central(law: laws.AnyLaw, order: int, worth: Worth, unknown: Open) -> Scalar:
    given = {2: law.variance, 3: law.third, 4: law.fourth}.get(order)
    if order < 2:
        return fmpq(1 - order)
    if given is None and any(isinstance(worth(parameter), Polynomial) for parameter in law.parameters):
        raise Unsupported(f"a moment of order {order} of a law that is given by a random quantity")
    return unknown(str(order)) if given is None else worth(given)


def finite_values(law: Law | None, worth: Worth) -> list[Scalar] | None:
    """The numbers that a random number may be; None where they are no finite list."""
    match law:
        case laws.Bernoulli():
            return [fmpq(0), fmpq(1)]
        case laws.Rademacher():
            return [fmpq(-1), fmpq(1)]
        case laws.Draws(replaced=False):
            return [fmpq(0), fmpq(1)]
        case laws.Binomial() if isinstance(trials := worth(law.trials), fmpq) and 0 <= trials <= MOST_TRIALS:
            return [fmpq(k) for k in range(int(trials) + 1)]
        case laws.Categorical() if not any(value.free for value in law.values):
            return [worth(value) for value in law.values]
    return None


def sum_of_entries(law: Law | None, worth: Worth) -> Scalar | None:
    """What the entries of a random vector add up to, where that is always the same."""
    match law:
        case laws.Multinomial():
            return worth(law.trials)
        case laws.Draws():
            return worth(law.count)
    return None


@MOMENTS.of(laws.NormalVector)
def _of_normal_vector(law: laws.NormalVector, orders: Orders, worth: Worth, unknown: Open) -> Scalar:
    return _gaussian(_rows(orders), *_mean_and_covariance(law, worth))


@MOMENTS.of(laws.AnyVector)
def _of_any_vector(law: laws.AnyVector, orders: Orders, worth: Worth, unknown: Open) -> Scalar:
    rows, (mean, covariance) = _rows(orders), _mean_and_covariance(law, worth)
    return unknown(str(rows)) if len(rows) > 2 else _gaussian(rows, mean, covariance)


@MOMENTS.of(laws.Multinomial)
def _of_multinomial(law: laws.Multinomial, orders: Orders, worth: Worth, unknown: Open) -> Scalar:
    probabilities = entries_of(worth(law.probabilities))
    return _of_counts([k for _, k in orders], worth(law.trials), [probabilities[row - 1] for row, _ in orders])


@MOMENTS.of(laws.Draws)
def _of_draws(law: laws.Draws, orders: Orders, worth: Worth, unknown: Open) -> Scalar:
    if law.replaced:
        share = whole_power(worth(law.population), -1)
        return _of_counts([k for _, k in orders], worth(law.count), [share] * len(orders))
    return falling(worth(law.count), len(orders)) * whole_power(falling(worth(law.population), len(orders)), -1)


MOMENTS.check_whole()


def _rows(orders: Orders) -> tuple[int, ...]:
    """The places of the factors of a product of entries, counted from 0."""
    return tuple(row - 1 for row, k in orders for _ in range(k))


def _mean_and_covariance(
    law: laws.NormalVector | laws.AnyVector, worth: Worth
) -> tuple[list[Scalar], list[list[Scalar]]]:
    """Raises Undefined for a covariance matrix that is not symmetric."""
    mean, entries = entries_of(worth(law.mean)), entries_of(worth(law.covariance))
    rows = [entries[k : k + len(mean)] for k in range(0, len(entries), len(mean))]
    if any(isinstance(entry, Polynomial) for entry in (*mean, *entries)):
        raise Unsupported("a random vector whose mean or covariance is random")
    if any(rows[i][j] != rows[j][i] for i in range(len(mean)) for j in range(i)):
        raise Undefined("a covariance matrix that is not symmetric")
    return mean, rows


def _gaussian(rows: tuple[int, ...], mean: list[Scalar], covariance: list[list[Scalar]]) -> Scalar:
    """E[x_a x_b …] = μ_a E[x_b …] + Σ_b Σ_ab E[… without x_b] (Isserlis)."""

    @cache
    def expected(rows: tuple[int, ...]) -> Scalar:
        spend(len(rows) + 1)
        if not rows:
            return fmpq(1)
        first, rest = rows[0], rows[1:]
        pairs = (covariance[first][b] * expected(rest[:k] + rest[k + 1 :]) for k, b in enumerate(rest))
        return sum(pairs, mean[first] * expected(rest))

    return expected(rows)


def _of_counts(orders: Sequence[int], trials: Scalar, chances: Sequence[Scalar]) -> Scalar:
    """E of a product of powers of counts of different outcomes: E[k₁^(i) k₂^(j) …] = t^(i+j+…) p₁ⁱ p₂ʲ … for
    falling factorials, and powers are sums of these.
    """
    sums: dict[int, Scalar] = {0: fmpq(1)}  # coefficients by how many trials are taken up
    for order, chance in zip(orders, chances, strict=True):
        grown: dict[int, Scalar] = {}
        for taken, coefficient in sums.items():
            for j in range(order + 1):
                share = coefficient * (stirling(order, j) * chance**j)
                grown[taken + j] = grown[taken + j] + share if taken + j in grown else share
        sums = grown
    return sum((coefficient * falling(trials, taken) for taken, coefficient in sums.items()), fmpq(0))


def falling(base: Scalar, length: int) -> Scalar:
    """base·(base − 1)·… with so many factors."""
    result: Scalar = fmpq(1)
    for j in range(length):
        result = result * (base - j)
    return result


@cache
def stirling(order: int, parts: int) -> int:
    """In how many ways a set splits into so many parts: xᵏ is their sum over falling factorials of x."""
    if order == parts:
        return 1
    if parts == 0 or parts > order:
        return 0
    return parts * stirling(order - 1, parts) + stirling(order - 1, parts - 1)
