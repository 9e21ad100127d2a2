"""Formulas: relations between terms, and between formulas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from engine.common.writing import written
from engine.terms import ArgMin, Shape, ShapeError, Symbol, Term, absolute, show_shape, zero


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


@dataclass(frozen=True, slots=True)
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
