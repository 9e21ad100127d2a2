"""The laws of random symbols. What their moments are in a world is in `engine.worlds.moments`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from engine.terms import Symbol, Term, substitute


@dataclass(frozen=True)
class Law:
    """A law. What it is made of are its parameters; each may be random itself: then it is a law given them."""

    joint: ClassVar[bool] = False  # whether it is the law of a whole vector, whose entries depend on one another

    @property
    def parameters(self) -> tuple[Term, ...]:
        found: list[Term] = []
        for field in fields(self):
            value = getattr(self, field.name)
            found += [value] if isinstance(value, Term) else value if isinstance(value, tuple) else []
        return tuple(found)

    def at(self, values: Mapping[Symbol, Term]) -> Law:
        """The law where symbols in its parameters, indices for instance, have values."""

        def moved(part: Any) -> Any:
            if isinstance(part, tuple):
                return tuple(moved(item) for item in part)
            return substitute(part, values) if isinstance(part, Term) else part

        return type(self)(*(moved(getattr(self, field.name)) for field in fields(self)))


@dataclass(frozen=True)
class Bernoulli(Law):
    """1 with probability p, else 0."""

    p: Term


@dataclass(frozen=True)
class Binomial(Law):
    """How many of some independent trials succeed, each with probability p."""

    trials: Term
    p: Term


@dataclass(frozen=True)
class Uniform(Law):
    """The uniform law on the interval from `lower` to `upper`."""

    lower: Term
    upper: Term


@dataclass(frozen=True)
class Exponential(Law):
    """The law with density r·exp(−r x) on x > 0; its mean is 1/r."""

    rate: Term


@dataclass(frozen=True)
class Poisson(Law):
    """The law of a count with a mean."""

    rate: Term


@dataclass(frozen=True)
class Rademacher(Law):
    """1 or −1, each with probability ½."""


@dataclass(frozen=True)
class Categorical(Law):
    """One of some numbers, each with its probability; the probabilities add up to 1."""

    values: tuple[Term, ...]
    probabilities: tuple[Term, ...]


@dataclass(frozen=True)
class Normal(Law):
    """The Gaussian law with a mean and a variance."""

    mean: Term
    variance: Term


@dataclass(frozen=True)
class AnyLaw(Law):
    """Any law whatever with a mean and a variance, and with central moments of order 3 and 4 where they are given.

    Nothing else of it is known or used.
    """

    mean: Term
    variance: Term
    third: Term | None = None
    fourth: Term | None = None


@dataclass(frozen=True)
class NormalVector(Law):
    """The Gaussian law of a vector, with a mean vector and a covariance matrix."""

    joint = True
    mean: Term
    covariance: Term


@dataclass(frozen=True)
class AnyVector(Law):
    """Any law whatever of a vector with a mean vector and a covariance matrix."""

    joint = True
    mean: Term
    covariance: Term


@dataclass(frozen=True)
class Multinomial(Law):
    """How often each value comes up in some independent trials, by a vector of probabilities that add up to 1."""

    joint = True
    trials: Term
    probabilities: Term


@dataclass(frozen=True)
class Draws(Law):
    """How often each of a population is drawn: `count` draws, each drawn one replaced before the next or not.

    Without replacement an entry is 1 for who is drawn, else 0.
    """

    joint = True
    count: Term
    population: Term
    replaced: bool
