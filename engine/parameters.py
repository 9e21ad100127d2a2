"""What the parameters of a law must be: a variance is not negative, a probability lies between 0 and 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flint import fmpq

from engine.evaluator import World
from engine.laws import (
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
)
from engine.premises import Declaration, Formula, at_most, nonnegative, positive, positive_semidefinite
from engine.terms import ONE, TWO, Number, Term, add, multiply, power, term
from engine.truth import truth
from engine.values import Undecided, Undefined, Unsupported
from engine.worlds import filled_world

TRIED = 8


def requirements(law: Law) -> Iterator[tuple[str, Formula]]:
    """What must hold of a law's parameters, each with what it is about."""
    match law:
        case Bernoulli(p=p):
            yield from _probabilities([p])
        case Binomial(trials=trials, p=p):
            yield "the number of trials", nonnegative(trials)
            yield from _probabilities([p])
        case Categorical(probabilities=probabilities):
            yield from _probabilities(probabilities)
        case Multinomial(trials=trials, probabilities=probabilities):
            yield "the number of trials", nonnegative(trials)
            yield "the probabilities", nonnegative(probabilities)
        case Normal(variance=variance) | AnyLaw(variance=variance):
            yield "the variance", nonnegative(variance)
            if isinstance(law, AnyLaw) and law.third is not None and law.fourth is not None:  # kurtosis ≥ 1 + skewness²
                least = add(power(variance, term(3)), power(law.third, TWO))
                yield "the fourth moment times the variance", at_most(least, multiply(law.fourth, variance))
        case NormalVector(covariance=covariance) | AnyVector(covariance=covariance):
            yield "the covariance matrix", positive_semidefinite(covariance)
        case Exponential(rate=rate):
            yield "the rate", positive(rate)
        case Poisson(rate=rate):
            yield "the mean", nonnegative(rate)
        case Draws(count=count, population=population, replaced=False) if not count.free and not population.free:
            yield "the number of draws", at_most(count, population)


def _probabilities(chances: Iterable[Term]) -> Iterator[tuple[str, Formula]]:
    for chance in chances:
        yield "the probability", nonnegative(chance)
        yield "the probability", at_most(chance, ONE)


class Lawless(ValueError):
    """Parameters that no law has."""


def required(declaration: Declaration, declarations: Iterable[Declaration]) -> tuple[Formula, ...]:
    """What must hold of the parameters of a declared law, and does not follow from what is declared of them.

    Raises Lawless where it never holds.
    """
    law = declaration.law
    assert law is not None
    if isinstance(law, Binomial) and isinstance(law.trials, Number) and law.trials.value.denominator != 1:
        raise Lawless(f"there is no such law of {declaration.symbol}: {law.trials} trials")
    law = law.at({index: ONE for index in declaration.indices})
    worlds = list(_worlds(declarations))
    found: list[Formula] = []
    for what, wanted in requirements(law):
        seen = [holds for world in worlds if (holds := _holds(wanted, world)) is not None]
        bounded = wanted.relation.unary or any(not side.free for side in wanted.sides)  # not one parameter by another
        if seen and not any(seen) and bounded:
            raise Lawless(f"there is no such law of {declaration.symbol}: for {what}, {wanted} would have to hold")
        if not all(seen):
            found.append(wanted)
    return tuple(found)


def _holds(wanted: Formula, world: World) -> bool | None:
    """Whether a requirement holds in a world; None where that is not seen: the parameter may be random itself."""
    try:
        return truth(wanted, world).true
    except (Undefined, Unsupported, Undecided):
        return None


def _worlds(declarations: Iterable[Declaration]) -> Iterator[World]:
    declared = frozenset(declarations)
    whole = [declaration.symbol for declaration in declared if declaration.domain.whole]
    for number in range(TRIED):
        world = filled_world(declared, {symbol: 2 + number % 3 for symbol in whole}, number, "law")
        world.values.update({symbol: fmpq(1) for symbol in whole if _is_index(symbol, declared)})
        yield world


def _is_index(symbol: Term, declared: frozenset[Declaration]) -> bool:
    return any(d.symbol == symbol and d.domain.index_up_to is not None for d in declared)
