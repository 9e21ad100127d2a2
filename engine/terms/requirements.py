"""What must hold of the parameters of a law (a variance is not negative), and of a value in a domain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from engine.common.kinds import Kinds
from engine.terms import ONE, TWO, Term, add, filled, multiply, ones, power, term, zero
from engine.terms.declarations import Domain, Structure
from engine.terms.formulas import (
    Formula,
    at_most,
    equation,
    invertible,
    less,
    nonnegative,
    positive,
    positive_definite,
    positive_semidefinite,
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

Required = Iterator[tuple[str, Formula]]  # what it is about, and what must hold
REQUIREMENTS: Kinds[Callable[[Any], Required]] = Kinds(Law, "requirement")


def requirements(law: Law) -> Required:
    """What must hold of a law's parameters, each with what it is about."""
    return REQUIREMENTS[type(law)](law)


@REQUIREMENTS.of(Bernoulli)
def _of_bernoulli(law: Bernoulli) -> Required:
    return _probabilities([law.p])


@REQUIREMENTS.of(Binomial)
def _of_binomial(law: Binomial) -> Required:
    yield "the number of trials", nonnegative(law.trials)
    yield from _probabilities([law.p])


@REQUIREMENTS.of(Categorical)
def _of_categorical(law: Categorical) -> Required:
    return _probabilities(law.probabilities)


@REQUIREMENTS.of(Multinomial)
def _of_multinomial(law: Multinomial) -> Required:
    yield "the number of trials", nonnegative(law.trials)
    yield "the probabilities", nonnegative(law.probabilities)
    yield "the probabilities", add_up_to_one(law.probabilities)


def add_up_to_one(chances: Term) -> Formula:
    return equation(multiply(ones(1, chances.rows), chances), ONE)


@REQUIREMENTS.of(Normal)
def _of_normal(law: Normal) -> Required:
    yield "the variance", nonnegative(law.variance)


@REQUIREMENTS.of(AnyLaw)
def _of_any_law(law: AnyLaw) -> Required:
    yield "the variance", nonnegative(law.variance)
    if law.fourth is not None:
        yield "the fourth moment", at_most(power(law.variance, TWO), law.fourth)
    if law.third is not None and law.fourth is not None:  # kurtosis ≥ 1 + skewness²
        least = add(power(law.variance, term(3)), power(law.third, TWO))
        yield "the fourth moment times the variance", at_most(least, multiply(law.fourth, law.variance))


@REQUIREMENTS.of(NormalVector, AnyVector)
def _of_vector(law: NormalVector | AnyVector) -> Required:
    yield "the covariance matrix", positive_semidefinite(law.covariance)


@REQUIREMENTS.of(Uniform)
def _of_uniform(law: Uniform) -> Required:
    yield "the interval", at_most(law.lower, law.upper)


@REQUIREMENTS.of(Exponential)
def _of_exponential(law: Exponential) -> Required:
    yield "the rate", positive(law.rate)


@REQUIREMENTS.of(Poisson)
def _of_poisson(law: Poisson) -> Required:
    yield "the mean", nonnegative(law.rate)


@REQUIREMENTS.of(Draws)
def _of_draws(law: Draws) -> Required:
    if not law.replaced and not law.count.free and not law.population.free:
        yield "the number of draws", at_most(law.count, law.population)


@REQUIREMENTS.of(Rademacher)
def _of_rademacher(law: Rademacher) -> Required:
    yield from ()


REQUIREMENTS.check_whole()


def _probabilities(chances: Iterable[Term]) -> Required:
    for chance in chances:
        yield "the probability", nonnegative(chance)
        yield "the probability", at_most(chance, ONE)


def in_domain(value: Term, domain: Domain) -> tuple[Formula, ...]:
    """What says that a value lies where a symbol of a domain may: in its interval, and of its structure."""
    found: list[Formula] = []
    if domain.lower is not None:
        lower = filled(term(domain.lower), value.shape) if domain.lower else zero(value.shape)
        found.append(at_most(lower, value) if domain.includes_lower else less(lower, value))
    if domain.upper is not None:
        upper = filled(term(domain.upper), value.shape)
        found.append(at_most(value, upper) if domain.includes_upper else less(value, upper))
    match domain.structure:
        case Structure.POSITIVE_DEFINITE:
            found.append(positive_definite(value))
        case Structure.POSITIVE_SEMIDEFINITE:
            found.append(positive_semidefinite(value))
        case Structure.INVERTIBLE:
            found.append(invertible(value))
    return tuple(found)
