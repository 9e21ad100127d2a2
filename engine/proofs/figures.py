"""Pictures of what was derived, as data: which terms are drawn, against what, at which values.

A figure holds terms of a working and numbers that its author chose, and nothing that was worked out: what is drawn is
sampled from the terms (`engine.proofs.sampling`). That a line of the working derives them is seen to by `engine.proofs.coherence`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.terms import Operand, Symbol, Term, term

Numeric = int | Fraction
Exact = Fraction | tuple[Fraction, ...]  # of a vector or matrix, its entries, row by row
Values = tuple[tuple[str, Exact], ...]  # of symbols, by their names


@dataclass(frozen=True)
class Range:
    """The numbers that a symbol runs through: in equal steps, or by equal factors."""

    symbol: Symbol
    low: Fraction
    high: Fraction
    by_factors: bool = False


@dataclass(frozen=True)
class Axis:
    """What is read off an axis, in words, and whether equal steps along it are equal factors."""

    label: str
    logarithmic: bool = False


@dataclass(frozen=True)
class Point:
    """A place on a curve that is marked, by what the curve's running symbol is there."""

    label: str
    at: Term


@dataclass(frozen=True)
class Curve:
    """A term, at values that are this curve's own, against another or else against the symbol that runs."""

    term: Term
    label: str = ""
    values: Values = ()
    dashed: bool = False
    against: Term | None = None
    over: Range | None = None  # the figure's, where it has none of its own
    points: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Figure:
    """Curves on one pair of axes: a symbol runs, the others have the values given."""

    name: str
    caption: str
    over: Range
    x: Axis
    y: Axis
    curves: tuple[Curve, ...]
    values: Values = ()

    def range_of(self, curve: Curve) -> Range:
        return curve.over or self.over

    def values_of(self, curve: Curve) -> Values:
        """The figure's values, and the curve's own in their place."""
        return tuple((dict(self.values) | dict(curve.values)).items())


# -- as an author writes them --------------------------------------------------------------------------------------------


def between(low: Numeric, symbol: Symbol, high: Numeric, *, by_factors: bool = False) -> Range:
    """`between(1, B, 100)`: the numbers that a symbol runs through."""
    return Range(symbol, Fraction(low), Fraction(high), by_factors)


def point(label: str, at: Operand) -> Point:
    return Point(label, term(at))


def curve(
    drawn: Term,
    label: str = "",
    /,
    *points: Point,
    dashed: bool = False,
    against: Term | None = None,
    over: Range | None = None,
    **values: Numeric | Sequence[Numeric],
) -> Curve:
    """A curve, with the places on it that are marked, at values of its own (`sigma=4`)."""
    return Curve(drawn, label, exact(values), dashed, against, over, points)


def family(drawn: Term, name: str, values: Iterable[Numeric], against: Term | None = None) -> tuple[Curve, ...]:
    """The same curve for several values of a symbol."""
    return tuple(Curve(drawn, values=exact({name: value}), against=against) for value in values)


def exact(values: Mapping[str, Numeric | Sequence[Numeric]]) -> Values:
    return tuple(
        (name, tuple(map(Fraction, value)) if isinstance(value, Sequence) else Fraction(value))
        for name, value in values.items()
    )
