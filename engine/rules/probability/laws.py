"""Means, variances and moments of laws as formulas. Nothing rests on them: the kernel tests what is made of them."""

from __future__ import annotations

import math
from fractions import Fraction

from engine.kernel import NotApplicable
from engine.terms import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    ZERO,
    Add,
    Entry,
    Identity,
    Multiply,
    Number,
    Symbol,
    Term,
    Zero,
    add,
    diagonal,
    divide,
    each,
    multiply,
    negate,
    power,
    term,
    transpose,
    zero,
)
from engine.terms.laws import (
    AnyLaw,
    AnyVector,
    Bernoulli,
    Binomial,
    Categorical,
    Draws,
    Exponential,
    Law,
    Multinomial,
    Normal,
    NormalVector,
    Poisson,
    Rademacher,
    Uniform,
)
from engine.worlds.moments import stirling

HIGHEST = 12


def mean(law: Law) -> Term:
    """E of a number of a law, or of the whole vector."""
    match law:
        case Normal() | AnyLaw() | NormalVector() | AnyVector():
            return law.mean
        case Multinomial():
            return multiply(law.trials, law.probabilities)
        case Draws():
            return multiply(law.count, power(law.population, MINUS_ONE), _ones(law.population))
    return moment(law, 1)


def variance(law: Law) -> Term:
    """The variance of a number of a law; of a vector, its covariance matrix."""
    match law:
        case Bernoulli():
            return multiply(law.p, _complement(law.p))
        case Binomial():
            return multiply(law.trials, law.p, _complement(law.p))
        case Normal() | AnyLaw():
            return law.variance
        case NormalVector() | AnyVector():
            return law.covariance
        case Uniform():
            return divide(power(add(law.upper, negate(law.lower)), TWO), term(12))
        case Exponential():
            return power(law.rate, term(-2))
        case Poisson():
            return law.rate
        case Draws():
            ones, share = _ones(law.population), power(law.population, MINUS_ONE)
            return multiply(count_spread(law), add(Identity(ones.rows), negate(multiply(share, ones, transpose(ones)))))
        case Multinomial():
            chances = law.probabilities
            return multiply(law.trials, add(diagonal(chances), negate(multiply(chances, transpose(chances)))))
    return add(moment(law, 2), negate(power(moment(law, 1), TWO)))


def count_spread(law: Draws) -> Term:
    """The variance of how often one is drawn, less the covariance with another: (B/n)·(n − B)/(n − 1), or B/n."""
    share = divide(law.count, law.population)
    if law.replaced:
        return share
    left, others = (add(law.population, negate(part)) for part in (law.count, ONE))
    return multiply(share, left, power(others, MINUS_ONE))


def _ones(length: Term) -> Term:
    return each(ONE, Symbol("i"), length)


def of_column(law: Law, symbol: Symbol, indices: tuple[Symbol, ...]) -> Law | None:
    """The law of a whole column of independent entries; None where their variances differ."""
    if symbol.cols != 1 or any(variance(law).has(index) for index in indices):
        return None
    index = indices[0] if indices else Symbol("i")
    entry = mean(law)
    column = zero(symbol.shape) if entry == ZERO else each(entry, index, term(symbol.rows))
    covariance = multiply(variance(law), Identity(symbol.rows))
    return NormalVector(column, covariance) if isinstance(law, Normal) else AnyVector(column, covariance)


def of_entry(law: Law, index: Term) -> Law:
    """The law of one entry of a random vector."""
    match law:
        case Draws(replaced=False):
            return Bernoulli(divide(law.count, law.population))
        case Draws():
            return Binomial(law.count, power(law.population, MINUS_ONE))
        case Multinomial():
            return Binomial(law.trials, Entry(law.probabilities, (index,)))
        case NormalVector() | AnyVector():
            kind = Normal if isinstance(law, NormalVector) else AnyLaw
            return kind(_entry(law.mean, index), _entry(law.covariance, index, index))
    raise NotApplicable("this is no law of a vector")


def _entry(base: Term, *indices: Term) -> Term:
    """An entry, on the diagonal where there are two indices."""
    match base:
        case Zero() | Number():
            return ZERO
        case Identity():
            return ONE
        case Add(terms=terms):
            return add(*(_entry(part, *indices) for part in terms))
        case Multiply(factors=factors) if sum(not factor.is_scalar for factor in factors) == 1:
            return multiply(*(factor if factor.is_scalar else _entry(factor, *indices) for factor in factors))
    return Entry(base, indices)


def _complement(p: Term) -> Term:
    return add(ONE, negate(p))


def moment(law: Law, order: int) -> Term:
    """E of a power of one number of a law. Raises NotApplicable where the law leaves it open, or it is too high."""
    if order > HIGHEST:
        raise NotApplicable(f"a moment of order {order}, which is above {HIGHEST}")
    match law:
        case _ if order == 0:
            return ONE
        case Bernoulli():
            return law.p
        case Binomial():
            return add(*(_counted(law.trials, law.p, order, j) for j in range(1, order + 1)))
        case Poisson():
            return add(*(multiply(term(stirling(order, j)), _power(law.rate, j)) for j in range(1, order + 1)))
        case Uniform():
            parts = (multiply(_power(law.lower, j), _power(law.upper, order - j)) for j in range(order + 1))
            return divide(add(*parts), term(order + 1))
        case Exponential():
            return divide(term(math.factorial(order)), _power(law.rate, order))
        case Rademacher():
            return term(1 - order % 2)
        case Categorical():
            pairs = zip(law.values, law.probabilities, strict=True)
            return add(*(multiply(p, _power(value, order)) for value, p in pairs))
        case Normal() | AnyLaw():
            terms = (_around_mean(law, order, k) for k in range(order + 1))
            return add(ZERO, *(part for part in terms if part != ZERO))
    raise NotApplicable(f"no moment of order {order} is known of this law")


def chances(law: Law) -> tuple[tuple[Term, Term], ...] | None:
    """The values of a law that has finitely many, each with its probability."""
    match law:
        case Bernoulli():
            return ((ZERO, _complement(law.p)), (ONE, law.p))
        case Rademacher():
            return ((MINUS_ONE, HALF), (ONE, HALF))
        case Categorical():
            return tuple(zip(law.values, law.probabilities, strict=True))
    return None


def _counted(trials: Term, p: Term, order: int, parts: int) -> Term:
    return multiply(term(stirling(order, parts)), falling(trials, parts), _power(p, parts))


def _around_mean(law: Normal | AnyLaw, order: int, k: int) -> Term:
    """The share of the central moment of order k in the moment."""
    rest = _power(law.mean, order - k)
    if rest == ZERO:
        return ZERO
    return multiply(term(math.comb(order, k)), rest, _central(law, k))


def _central(law: Normal | AnyLaw, k: int) -> Term:
    if k < 2 or k == 2:
        return (ONE, ZERO, law.variance)[k]
    if isinstance(law, Normal):
        odd = Fraction(math.prod(range(1, k, 2)))
        return ZERO if k % 2 else multiply(Number(odd), _power(law.variance, k // 2))
    given = {3: law.third, 4: law.fourth}.get(k)
    if given is None:
        raise NotApplicable(f"no moment of order {k} is given of this law")
    return given


def _power(base: Term, exponent: int) -> Term:
    return power(base, term(exponent)) if exponent else ONE


def falling(base: Term, length: int) -> Term:
    """base·(base − 1)·… with so many factors."""
    return multiply(ONE, *(add(base, term(-j)) for j in range(length)))


def count_moment(law: Multinomial | Draws, orders: list[tuple[Term, int]]) -> Term:
    """E of a product of powers of counts at different places."""
    if isinstance(law, Draws) and not law.replaced:
        return divide(falling(law.count, len(orders)), falling(law.population, len(orders)))
    trials = law.trials if isinstance(law, Multinomial) else law.count
    sums: dict[int, list[Term]] = {0: [ONE]}
    for place, order in orders:
        chance = law.probabilities[place] if isinstance(law, Multinomial) else power(law.population, MINUS_ONE)
        grown: dict[int, list[Term]] = {}
        for taken, parts in sums.items():
            for j in range(1, order + 1):
                share = multiply(term(stirling(order, j)), _power(chance, j))
                grown.setdefault(taken + j, []).extend(multiply(part, share) for part in parts)
        sums = grown
    return add(*(multiply(falling(trials, taken), part) for taken, parts in sums.items() for part in parts))
