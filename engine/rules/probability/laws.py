"""What is known of each law in terms, one record each: its moments, what its parameters must obey, where its values
lie.

Nothing rests on the moments: the kernel tests what is made of them by those that `engine.worlds.moments` computes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from engine.common.kinds import Kinds
from engine.kernel import NotApplicable
from engine.terms.arithmetic import Add, Multiply, add, multiply
from engine.terms.arrays import diagonal, each
from engine.terms.core import HALF, MINUS_ONE, ONE, ZERO, Entry, Identity, Number, Symbol, Term, Zero, term, zero
from engine.terms.declarations import POSITIVE, REAL, UNIT_INTERVAL, Domain
from engine.terms.domains import add_up_to_one
from engine.terms.formulas import Formula, at_most, nonnegative, positive, positive_semidefinite
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
Required = tuple[tuple[str, Formula], ...]  # what it is about, and what must hold
Chances = tuple[tuple[Term, Term], ...]  # values, each with its probability


@dataclass(frozen=True)
class LawRecord:
    """What is known of a law: each a function of the law with its parameters; nothing, where nothing is said."""

    requires: Callable[[Any], Required] = lambda law: ()
    moment: Callable[[Any, int], Term] | None = None  # of one number, of an order from 1
    mean: Callable[[Any], Term] | None = None  # as it is written, where that is not the first moment
    variance: Callable[[Any], Term] | None = None  # likewise; of a vector, its covariance matrix
    chances: Callable[[Any], Chances] | None = None  # where there are finitely many values
    entry: Callable[[Any, Term], Law] | None = None  # of a vector's law, that of an entry
    domain: Callable[[Any], Domain | None] = lambda law: None  # where the values lie
    counted: Callable[[Any], Term] = lambda law: ONE  # a parameter that must be a whole number
    whole: bool = False  # whether all values are whole numbers


def mean(law: Law) -> Term:
    """E of a number of a law, or of the whole vector."""
    known = RECORDS[type(law)].mean
    return known(law) if known is not None else moment(law, 1)


def variance(law: Law) -> Term:
    """The variance of a number of a law; of a vector, its covariance matrix."""
    known = RECORDS[type(law)].variance
    return known(law) if known is not None else moment(law, 2) - moment(law, 1) ** 2


def moment(law: Law, order: int) -> Term:
    """E of a power of one number of a law. Raises NotApplicable where the law leaves it open, or it is too high."""
    if order > HIGHEST:
        raise NotApplicable(f"a moment of order {order}, which is above {HIGHEST}")
    known = RECORDS[type(law)].moment
    if order and known is None:
        raise NotApplicable(f"no moment of order {order} is known of this law")
    return known(law, order) if order and known is not None else ONE


def chances(law: Law) -> Chances | None:
    """The values of a law that has finitely many, each with its probability."""
    known = RECORDS[type(law)].chances
    return known(law) if known is not None else None


def of_entry(law: Law, index: Term) -> Law:
    """The law of one entry of a random vector."""
    known = RECORDS[type(law)].entry
    if known is None:
        raise NotApplicable("this is no law of a vector")
    return known(law, index)


def of_column(law: Law, symbol: Symbol, indices: tuple[Symbol, ...]) -> Law | None:
    """The law of a whole column of independent entries; None where their variances differ."""
    if symbol.cols != 1 or any(variance(law).has(index) for index in indices):
        return None
    index = indices[0] if indices else Symbol("i")
    entry = mean(law)
    column = zero(symbol.shape) if entry == ZERO else each(entry, index, term(symbol.rows))
    covariance = variance(law) * Identity(symbol.rows)
    return NormalVector(column, covariance) if isinstance(law, Normal) else AnyVector(column, covariance)


# -- what several records say ------------------------------------------------------------------------------------------


def _probabilities(values: Iterable[Term]) -> Required:
    return tuple(("the probability", bound(p)) for p in values for bound in (nonnegative, _at_most_one))


def _at_most_one(value: Term) -> Formula:
    return at_most(value, ONE)


def _complement(p: Term) -> Term:
    return 1 - p


def _power(base: Term, exponent: int) -> Term:
    return base ** term(exponent) if exponent else ONE


def falling(base: Term, length: int) -> Term:
    """base·(base − 1)·… with so many factors."""
    return multiply(ONE, *(base + term(-j) for j in range(length)))


def _counted(trials: Term, p: Term, order: int, parts: int) -> Term:
    return term(stirling(order, parts)) * falling(trials, parts) * _power(p, parts)


def _of_binomial(law: Binomial, order: int) -> Term:
    return add(*(_counted(law.trials, law.p, order, j) for j in range(1, order + 1)))


def _of_poisson(law: Poisson, order: int) -> Term:
    return add(*(term(stirling(order, j)) * _power(law.rate, j) for j in range(1, order + 1)))


def _of_uniform(law: Uniform, order: int) -> Term:
    parts = (_power(law.lower, j) * _power(law.upper, order - j) for j in range(order + 1))
    return add(*parts) / term(order + 1)


def _of_mean_and_central(law: Normal | AnyLaw, order: int) -> Term:
    terms = (_around_mean(law, order, k) for k in range(order + 1))
    return add(ZERO, *(part for part in terms if part != ZERO))


def _around_mean(law: Normal | AnyLaw, order: int, k: int) -> Term:
    """The share of the central moment of order k in the moment."""
    rest = _power(law.mean, order - k)
    if rest == ZERO:
        return ZERO
    return term(math.comb(order, k)) * rest * _central(law, k)


def _central(law: Normal | AnyLaw, k: int) -> Term:
    if k < 2 or k == 2:
        return (ONE, ZERO, law.variance)[k]
    if isinstance(law, Normal):
        odd = Fraction(math.prod(range(1, k, 2)))
        return ZERO if k % 2 else Number(odd) * _power(law.variance, k // 2)
    given = {3: law.third, 4: law.fourth}.get(k)
    if given is None:
        raise NotApplicable(f"no moment of order {k} is given of this law")
    return given


def _given_moments(law: AnyLaw) -> Required:
    """A fourth moment is at least the variance squared; with a third, the kurtosis is at least 1 + skewness²."""
    found = [("the variance", nonnegative(law.variance))]
    if law.fourth is not None:
        found.append(("the fourth moment", at_most(law.variance**2, law.fourth)))
    if law.third is not None and law.fourth is not None:
        least = law.variance**3 + law.third**2
        found.append(("the fourth moment times the variance", at_most(least, law.fourth * law.variance)))
    return tuple(found)


def _counts(law: Multinomial) -> Required:
    return (
        ("the number of trials", nonnegative(law.trials)),
        ("the probabilities", nonnegative(law.probabilities)),
        ("the probabilities", add_up_to_one(law.probabilities)),
    )


def _drawn(law: Draws) -> Required:
    if law.replaced or law.count.free or law.population.free:
        return ()
    return (("the number of draws", at_most(law.count, law.population)),)


def _number_of_draws(law: Draws, index: Term) -> Law:
    if law.replaced:
        return Binomial(law.count, law.population**-1)
    return Bernoulli(law.count / law.population)


def _spread_of_draws(law: Draws) -> Term:
    ones, share = _ones(law.population), law.population**-1
    return count_spread(law) * (Identity(ones.rows) - share * ones * ones.T)


def count_spread(law: Draws) -> Term:
    """The variance of how often one is drawn, less the covariance with another: (B/n)·(n − B)/(n − 1), or B/n."""
    share = law.count / law.population
    if law.replaced:
        return share
    left, others = (law.population - part for part in (law.count, ONE))
    return share * left * others**-1


def _ones(length: Term) -> Term:
    return each(ONE, Symbol("i"), length)


def count_moment(law: Multinomial | Draws, orders: list[tuple[Term, int]]) -> Term:
    """E of a product of powers of counts at different places."""
    if isinstance(law, Draws) and not law.replaced:
        return falling(law.count, len(orders)) / falling(law.population, len(orders))
    trials = law.trials if isinstance(law, Multinomial) else law.count
    sums: dict[int, list[Term]] = {0: [ONE]}
    for place, order in orders:
        chance = law.probabilities[place] if isinstance(law, Multinomial) else law.population**-1
        grown: dict[int, list[Term]] = {}
        for taken, parts in sums.items():
            for j in range(1, order + 1):
                share = term(stirling(order, j)) * _power(chance, j)
                grown.setdefault(taken + j, []).extend(part * share for part in parts)
        sums = grown
    return add(*(falling(trials, taken) * part for taken, parts in sums.items() for part in parts))


def _spread_of_counts(law: Multinomial) -> Term:
    p = law.probabilities
    return law.trials * (diagonal(p) - p * p.T)


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


def _between(*ends: Term) -> Domain | None:
    """Where some values lie, if these are numbers."""
    numbers = [value.value for value in ends if isinstance(value, Number)]
    return Domain(min(numbers), max(numbers)) if len(numbers) == len(ends) else None


# -- the records -------------------------------------------------------------------------------------------------------

RECORDS: Kinds[LawRecord] = Kinds(Law, "record")
RECORDS.update(
    {
        Bernoulli: LawRecord(
            lambda law: _probabilities([law.p]),
            moment=lambda law, order: law.p,
            variance=lambda law: law.p * _complement(law.p),
            chances=lambda law: ((ZERO, _complement(law.p)), (ONE, law.p)),
            domain=lambda law: UNIT_INTERVAL,
            whole=True,
        ),
        Binomial: LawRecord(
            lambda law: (("the number of trials", nonnegative(law.trials)), *_probabilities([law.p])),
            moment=_of_binomial,
            variance=lambda law: law.trials * law.p * _complement(law.p),
            domain=lambda law: POSITIVE,
            counted=lambda law: law.trials,
            whole=True,
        ),
        Uniform: LawRecord(
            lambda law: (("the interval", at_most(law.lower, law.upper)),),
            moment=_of_uniform,
            variance=lambda law: (law.upper - law.lower) ** 2 / 12,
            domain=lambda law: _between(law.lower, law.upper) or REAL,
        ),
        Exponential: LawRecord(
            lambda law: (("the rate", positive(law.rate)),),
            moment=lambda law, order: term(math.factorial(order)) / _power(law.rate, order),
            variance=lambda law: law.rate**-2,
            domain=lambda law: POSITIVE,
        ),
        Poisson: LawRecord(
            lambda law: (("the mean", nonnegative(law.rate)),),
            moment=_of_poisson,
            variance=lambda law: law.rate,
            domain=lambda law: POSITIVE,
            whole=True,
        ),
        Rademacher: LawRecord(
            moment=lambda law, order: term(1 - order % 2),
            chances=lambda law: ((MINUS_ONE, HALF), (ONE, HALF)),
            domain=lambda law: Domain(Fraction(-1), Fraction(1)),
            whole=True,
        ),
        Categorical: LawRecord(
            lambda law: _probabilities(law.probabilities),
            moment=lambda law, order: add(
                *(p * _power(value, order) for value, p in zip(law.values, law.probabilities, strict=True))
            ),
            chances=lambda law: tuple(zip(law.values, law.probabilities, strict=True)),
            domain=lambda law: _between(*law.values),
        ),
        Normal: LawRecord(
            lambda law: (("the variance", nonnegative(law.variance)),),
            _of_mean_and_central,
            lambda law: law.mean,
            lambda law: law.variance,
            domain=lambda law: REAL,
        ),
        AnyLaw: LawRecord(_given_moments, _of_mean_and_central, lambda law: law.mean, lambda law: law.variance),
        NormalVector: LawRecord(
            lambda law: (("the covariance matrix", positive_semidefinite(law.covariance)),),
            mean=lambda law: law.mean,
            variance=lambda law: law.covariance,
            entry=lambda law, i: Normal(_entry(law.mean, i), _entry(law.covariance, i, i)),
        ),
        AnyVector: LawRecord(
            lambda law: (("the covariance matrix", positive_semidefinite(law.covariance)),),
            mean=lambda law: law.mean,
            variance=lambda law: law.covariance,
            entry=lambda law, i: AnyLaw(_entry(law.mean, i), _entry(law.covariance, i, i)),
        ),
        Multinomial: LawRecord(
            _counts,
            mean=lambda law: law.trials * law.probabilities,
            variance=_spread_of_counts,
            entry=lambda law, i: Binomial(law.trials, Entry(law.probabilities, (i,))),
            counted=lambda law: law.trials,
            whole=True,
        ),
        Draws: LawRecord(
            _drawn,
            mean=lambda law: law.count * law.population**-1 * _ones(law.population),
            variance=_spread_of_draws,
            entry=_number_of_draws,
            counted=lambda law: law.count,
            whole=True,
        ),
    }
)
RECORDS.check_whole()
