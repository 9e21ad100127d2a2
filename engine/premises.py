"""What is assumed: domains of symbols, laws of random symbols (`engine.laws`), and formulas between terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from engine.laws import Law
from engine.terms import ArgMin, Shape, ShapeError, Symbol, Term, absolute, filled, show_shape, term, zero
from engine.terms.writing import written

# -- domains ---------------------------------------------------------------------------------------------


class Structure(Enum):
    """What is known of a matrix beyond its shape."""

    GENERAL = ""
    SYMMETRIC = "symmetric"
    POSITIVE_DEFINITE = "symmetric positive definite"
    POSITIVE_SEMIDEFINITE = "symmetric positive semidefinite"
    INVERTIBLE = "invertible"

    @property
    def is_symmetric(self) -> bool:
        return self in (Structure.SYMMETRIC, Structure.POSITIVE_DEFINITE, Structure.POSITIVE_SEMIDEFINITE)


@dataclass(frozen=True)
class Domain:
    """Where a symbol, or each entry of a matrix, may lie: an interval, open unless said otherwise."""

    lower: Fraction | None = None
    upper: Fraction | None = None
    includes_lower: bool = False
    whole: bool = False
    structure: Structure = Structure.GENERAL
    index_up_to: Term | None = None  # an index that runs from 1 to this size
    includes_upper: bool = False


REAL = Domain()
POSITIVE = Domain(lower=Fraction(0))
NONNEGATIVE = Domain(lower=Fraction(0), includes_lower=True)
UNIT_INTERVAL = Domain(lower=Fraction(0), upper=Fraction(1))
POSITIVE_INTEGER = Domain(lower=Fraction(1), includes_lower=True, whole=True)
SYMMETRIC = Domain(structure=Structure.SYMMETRIC)
POSITIVE_DEFINITE = Domain(structure=Structure.POSITIVE_DEFINITE)
POSITIVE_SEMIDEFINITE = Domain(structure=Structure.POSITIVE_SEMIDEFINITE)
INVERTIBLE = Domain(structure=Structure.INVERTIBLE)


# -- formulas ----------------------------------------------------------------------------------------------


class Relation(Enum):
    EQUAL = "="
    NOT_EQUAL = "≠"
    LESS = "<"
    AT_MOST = "≤"
    POSITIVE_DEFINITE = "≻ 0"
    POSITIVE_SEMIDEFINITE = "⪰ 0"
    INVERTIBLE = "is invertible"
    MINIMISER = "is a minimiser of"
    UNIQUE_MINIMISER = "is the unique minimiser of"
    FREE_OF = "does not depend on"
    EQUIVALENT = "⇔"
    IMPLIES = "⇒"

    @property
    def unary(self) -> bool:
        return self in (Relation.POSITIVE_DEFINITE, Relation.POSITIVE_SEMIDEFINITE, Relation.INVERTIBLE)

    @property
    def joins_formulas(self) -> bool:
        return self in (Relation.EQUIVALENT, Relation.IMPLIES)


@dataclass(frozen=True)
class Formula:
    """A relation between two terms, or between two formulas; unary relations have no right side."""

    left: Term | Formula
    relation: Relation
    right: Term | Formula | None = None

    def __post_init__(self) -> None:
        if (self.right is None) != self.relation.unary:
            raise TypeError(f"'{self.relation.value}' takes {'one side' if self.relation.unary else 'two sides'}")
        if self.relation in _COMPARES and _shape(self.left) != _shape(self.right):
            shapes = f"{show_shape(_shape(self.left))} and {show_shape(_shape(self.right))}"
            raise ShapeError(f"the sides of '{self.relation.value}' are {shapes}")

    @property
    def sides(self) -> tuple[Term, ...]:
        """The terms in the formula, left to right."""
        return tuple(self._terms())

    def _terms(self) -> Iterator[Term]:
        for side in (self.left, self.right):
            if isinstance(side, Formula):
                yield from side.sides
            elif side is not None:
                yield side

    @property
    def free(self) -> frozenset[Symbol]:
        return frozenset().union(*(side.free for side in self.sides))

    def __str__(self) -> str:
        return written(self, "plain")

    def _repr_latex_(self) -> str:
        """How a notebook shows a formula."""
        return rf"$\displaystyle {written(self, 'latex')}$"


def _shape(side: Term | Formula | None) -> Shape:
    """Raises TypeError for what is no term."""
    if not isinstance(side, Term):
        raise TypeError(f"a term was expected, not {side}")
    return side.shape


_COMPARES = (Relation.EQUAL, Relation.NOT_EQUAL, Relation.LESS, Relation.AT_MOST)


def equation(left: Term, right: Term) -> Formula:
    return Formula(left, Relation.EQUAL, right)


def nonzero(value: Term) -> Formula:
    return Formula(value, Relation.NOT_EQUAL, zero(value.shape))


def positive(value: Term) -> Formula:
    """Of a vector or matrix, at every entry."""
    return Formula(zero(value.shape), Relation.LESS, value)


def less(left: Term, right: Term) -> Formula:
    return Formula(left, Relation.LESS, right)


def at_most(left: Term, right: Term) -> Formula:
    return Formula(left, Relation.AT_MOST, right)


def negative(value: Term) -> Formula:
    return Formula(value, Relation.LESS, zero(value.shape))


def nonnegative(value: Term) -> Formula:
    return Formula(zero(value.shape), Relation.AT_MOST, value)


def nonzero_entries(value: Term) -> Formula:
    """That no entry is zero: of a scalar, that it is not."""
    return nonzero(value) if value.is_scalar else positive(absolute(value))


def positive_definite(matrix: Term) -> Formula:
    return Formula(matrix, Relation.POSITIVE_DEFINITE)


def positive_semidefinite(matrix: Term) -> Formula:
    return Formula(matrix, Relation.POSITIVE_SEMIDEFINITE)


def invertible(matrix: Term) -> Formula:
    return Formula(matrix, Relation.INVERTIBLE)


def minimises(point: Term, objective: ArgMin, unique: bool) -> Formula:
    return Formula(point, Relation.UNIQUE_MINIMISER if unique else Relation.MINIMISER, objective)


@dataclass(frozen=True)
class Declaration:
    """A symbol with its domain, or with its law: then its entries are independent with that law, unless it is the law
    of a whole vector.

    Where the law differs from entry to entry, its parameters contain the `indices`.
    """

    symbol: Symbol
    domain: Domain = REAL
    law: Law | None = None
    indices: tuple[Symbol, ...] = ()

    @property
    def free(self) -> frozenset[Symbol]:
        """The symbols that the declaration leans on, itself included."""
        parameters = self.law.parameters if self.law else ()
        bound = self.domain.index_up_to
        leaned = frozenset().union(*(p.free for p in parameters)) - frozenset(self.indices)
        return leaned | self.symbol.free | (bound.free if bound else frozenset())


Assumption = Declaration | Formula


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
