"""What a notation gives: how it writes a fraction, a power, a subscript, a sign."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction

from engine.terms import Size, Term
from engine.terms.formulas import Relation

# How tightly a written term holds together; what holds less tightly than its place asks gets parentheses.
SUM, PREFIX, PRODUCT, FACTOR, ATOM = range(5)


@dataclass(frozen=True)
class Written:
    text: str
    level: int


def decimal(value: Fraction) -> str | None:
    """The decimal form of a number that has a short one and is no simple fraction."""
    if value.denominator <= 20:
        return None
    for places in range(2, 10):
        if (value * 10**places).denominator == 1:
            digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
            return ("-" if value < 0 else "") + digits[:-places] + "." + digits[-places:]
    return None


class Notation(ABC):
    """The primitives of a notation."""

    minus: str
    infinity: str
    element_of: str
    times_dot: str
    identity: str
    ones: str
    hadamard_sign: str
    maps_to: str
    kronecker_sign: str
    hadamard_quotient_sign: str
    dots: str
    tilde: str
    pi: str
    naturals: str
    integers: str
    at_most: str
    less: str
    reals: str
    greater: str
    at_least: str

    @abstractmethod
    def parenthesised(self, text: str) -> str: ...

    @abstractmethod
    def fraction(self, above: str, below: str) -> Written: ...

    @abstractmethod
    def raised(self, base: str, exponent: Term) -> str: ...

    @abstractmethod
    def raised_entrywise(self, base: str, exponent: Term) -> str: ...

    @abstractmethod
    def transposed(self, base: str) -> str: ...

    @abstractmethod
    def root(self, base: Term) -> Written: ...

    @abstractmethod
    def subscript(self, base: str, below: str) -> str: ...

    @abstractmethod
    def joined(self, factors: list[str]) -> str: ...

    @abstractmethod
    def norm(self, inner: str) -> str: ...

    @abstractmethod
    def absolute(self, inner: str) -> str: ...

    @abstractmethod
    def applied(self, function: str, inner: str) -> str: ...

    @abstractmethod
    def sum_sign(self, index: str, length: str) -> str: ...

    @abstractmethod
    def limit_sign(self, variable: str, target: str) -> str: ...

    @abstractmethod
    def argmin_sign(self, variable: str) -> str: ...

    @abstractmethod
    def expected(self, inner: str, over: str) -> str: ...

    @abstractmethod
    def spread(self, name: str, inner: str, over: str) -> str: ...

    @abstractmethod
    def nabla(self, order: int, variable: str, body: str) -> str: ...

    @abstractmethod
    def rate(self, order: int, body: str, variable: str, partial: bool = False) -> Written: ...

    @abstractmethod
    def at_values(self, body: str, values: str) -> str: ...

    @abstractmethod
    def rows(self, rows: list[list[str]]) -> str: ...

    @abstractmethod
    def number(self, value: Fraction) -> Written: ...

    @abstractmethod
    def relation(self, relation: Relation) -> str: ...

    @abstractmethod
    def words(self, text: str) -> str: ...

    @abstractmethod
    def space(self, size: Size, width: Size) -> str: ...

    @abstractmethod
    def name(self, name: str) -> str: ...

    @abstractmethod
    def write(self, term: Term) -> Written: ...
