"""Pictures of what was derived: curves whose every point is the value of a derived term in a world of one's choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from flint import arb, fmpq

from engine.evaluator import Value, World
from engine.premises import Formula
from engine.terms import Symbol, Term
from engine.values import Matrix
from engine.working import Working

POINTS = 121

Number = int | Fraction
Values = Mapping[str, Number | Sequence[Number]]


@dataclass(frozen=True)
class Curve:
    """A derived term against the figure's variable, at values that are this curve's own."""

    term: Term
    label: str = ""
    values: Values = field(default_factory=dict)
    dashed: bool = False
    derived: Formula | None = None  # what stands beside its label


@dataclass(frozen=True)
class Point:
    """A place that is marked: both of its coordinates are derived terms."""

    label: str
    x: Term
    y: Term


@dataclass(frozen=True)
class Axis:
    label: str
    logarithmic: bool = False


@dataclass(frozen=True)
class Figure:
    """Curves against a variable that runs from one number to another, the other symbols at the values given."""

    working: Working
    variable: Symbol
    ends: tuple[Fraction, Fraction]
    x: Axis
    y: Axis
    values: Values
    curves: tuple[Curve, ...]
    points: tuple[Point, ...] = ()
    derived: Formula | None = None  # what stands over the picture
    caption: str = ""  # and under it

    def world(self, more: Values | None = None) -> World:
        """The world of the values; raises KeyError for a name that the working does not declare."""
        declared = {d.symbol.name: d for d in self.working.premises.declarations}
        chosen = {**self.values, **(more or {})}
        values = {declared[name].symbol: _value(given) for name, given in chosen.items()}
        return World(0, values, {declared[name].symbol: declared[name] for name in chosen})

    def sampled(self, curve: Curve) -> list[tuple[float, float]]:
        """Points of a curve, evenly spread along the axis."""
        world = self.world(curve.values)
        return [
            (float(x), number(world.changed({self.variable: fmpq(x.numerator, x.denominator)}).value(curve.term)))
            for x in self._grid()
        ]

    def placed(self, point: Point) -> tuple[float, float]:
        """Where a marked point lies."""
        world = self.world()
        x = world.value(point.x)
        return number(x), number(world.changed({self.variable: x}).value(point.y))

    def _grid(self) -> list[Fraction]:
        low, high = self.ends
        parts = [Fraction(k, POINTS - 1) for k in range(POINTS)]
        if not self.x.logarithmic:
            return [low + part * (high - low) for part in parts]
        return [Fraction(float(low) * float(high / low) ** float(part)) for part in parts]


def _value(given: Number | Sequence[Number]) -> Value:
    if isinstance(given, Sequence):
        return Matrix([[_rational(entry)] for entry in given])
    return _rational(given)


def _rational(given: Number) -> fmpq:
    exact = Fraction(given)
    return fmpq(exact.numerator, exact.denominator)


def number(value: Value) -> float:
    """A value as a float, for a picture and for nothing else."""
    assert isinstance(value, (fmpq, arb)), value
    return float(arb(value))
