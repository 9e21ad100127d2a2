"""Figures in numbers: the value of each term where its symbol runs, in a world that is a model of the premises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from flint import arb, fmpq

from engine.kernel.evidence import DerivationError
from engine.proofs.figures import Axis, Curve, Exact, Figure
from engine.proofs.working import Suppose, Working
from engine.terms import Call, Multiply, ShapeError, Symbol, Term
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula
from engine.worlds.truth import admits
from engine.worlds.values import Matrix, Undecided, Undefined, Unsupported, allowance
from engine.worlds.world import Environment, Value, World

STEPS = 60  # of a curve
DIGITS = 6
WORK = 2e6  # what the curves of a figure may cost, in the units of `allowance`
WIDEST = 64  # rows or columns of a matrix in a term
FURTHEST = Fraction(10) ** 100  # how far anything may go that is drawn

Sample = tuple[float, float]


class Undrawable(DerivationError):
    """A figure whose values do not suffice for its curves, or are none that the premises allow."""


@dataclass(frozen=True)
class Sampled:
    """A curve in numbers: its runs, apart where it has no value in between, and the places that are marked."""

    curve: Curve
    runs: tuple[tuple[Sample, ...], ...]
    marked: tuple[Sample, ...]

    @property
    def places(self) -> Iterator[Sample]:
        for run in self.runs:
            yield from run


def sampled(working: Working, figure: Figure) -> tuple[Sampled, ...]:
    """The curves of a figure in numbers. Raises Undrawable."""
    try:
        with allowance(WORK):
            return tuple(_Pen(working, figure, curve).sampled() for curve in figure.curves)
    except (Unsupported, Undefined, Undecided, ShapeError, OverflowError) as error:
        raise Undrawable(f"it cannot be drawn: {error}") from error


class _Pen:
    """Draws one curve of a figure."""

    def __init__(self, working: Working, figure: Figure, curve: Curve) -> None:
        self.curve, self.range, self.axes = curve, figure.range_of(curve), (figure.x, figure.y)
        self.declared = {d.symbol.name: d for d in working.premises.declarations}
        supposed = (part.hypothesis for part in working.parts if isinstance(part, Suppose))
        self.hypotheses = (*working.premises.hypotheses, *supposed)
        self.world = self._world(dict(figure.values_of(curve)))

    @property
    def symbol(self) -> Symbol:
        return self.range.symbol

    def sampled(self) -> Sampled:
        x, y = self.curve.against or self.symbol, self.curve.term
        self._suffices(x, y)
        places = [self._place(x, y, fmpq(at.numerator, at.denominator)) for at in self._grid()]
        runs = (tuple(run) for there, run in groupby(places, lambda place: place is not None) if there)
        whole = tuple(tuple(place for place in run if place is not None) for run in runs)
        if max(map(len, whole), default=0) < 2:
            raise Undrawable(f"{y} has no values to draw")
        return Sampled(self.curve, whole, tuple(self._marked(x, y)))

    # -- the world ---------------------------------------------------------------------------------------------------------

    def _world(self, values: dict[str, Exact]) -> World:
        """The world of the values, in which all that the premises say of them holds."""
        declarations = {self._declaration(name).symbol: self._declaration(name) for name in values}
        running = self._declaration(self.symbol.name)
        declarations[running.symbol] = running
        scalars = {s: _exact(v) for s in declarations if isinstance(v := values.get(s.name), Fraction)}
        if self.symbol not in declarations or self.symbol.name in values:
            raise Undrawable(f"{self.symbol.name} does not run, or has a value")
        if not all(symbol.is_scalar for symbol in (*scalars, self.symbol)):
            raise Undrawable("a number is the value of a scalar")
        world = World(0, scalars, declarations)
        arrays = {s: _array(s, v, world) for s in declarations if isinstance(v := values.get(s.name), tuple)}
        known = frozenset((*scalars, *arrays))
        world = World(0, scalars | arrays, declarations, self._about(known))
        for symbol in known:
            if not admits(world, symbol, world[symbol]):
                raise Undrawable(f"{symbol.name} may not have the value given to it")
        return world.under(self._about(known | {self.symbol}))

    def _declaration(self, name: str) -> Declaration:
        declaration = self.declared.get(name)
        if declaration is None or declaration.law is not None:
            raise Undrawable(f"{name} is {'random' if declaration else 'not declared'}: it has no value to be drawn at")
        return declaration

    def _about(self, symbols: frozenset[Symbol]) -> tuple[Formula, ...]:
        """The hypotheses that speak of these symbols alone."""
        return tuple(hypothesis for hypothesis in self.hypotheses if hypothesis.free <= symbols)

    def _suffices(self, *terms: Term) -> None:
        """Raises Undrawable where a symbol has no value, a size is too large, or what is drawn is no scalar."""
        for term in terms:
            unknown = term.free - set(self.world.values) - {self.symbol}
            if unknown or not term.is_scalar:
                why = f"{min(s.name for s in unknown)} has no value" if unknown else f"{term} is no scalar"
                raise Undrawable(why)
            for size in _sizes(term):
                if size.has(self.symbol) or self.world.size(size) > WIDEST:
                    raise Undrawable(f"a matrix of {size} rows or columns is not drawn")

    # -- places ------------------------------------------------------------------------------------------------------------

    def _grid(self) -> list[Fraction]:
        low, high = self.range.low, self.range.high
        least = 1 / FURTHEST if self.range.by_factors else -FURTHEST
        if not least <= low < high <= FURTHEST:
            raise Undrawable(f"{self.symbol} does not run from {low} to {high}")
        between = [self._between(Fraction(step, STEPS)) for step in range(1, STEPS)]
        grid = [low, *between, high]
        if not self.declared[self.symbol.name].domain.whole:
            return grid
        return list(dict.fromkeys(Fraction(round(at)) for at in grid))

    def _between(self, part: Fraction) -> Fraction:
        low, high = self.range.low, self.range.high
        if not self.range.by_factors:
            return low + part * (high - low)
        factor = arb(_exact(high / low)) ** arb(_exact(part))
        return Fraction(str(_number(arb(_exact(low)) * factor)))

    def _place(self, x: Term, y: Term, at: Value) -> Sample | None:
        """Where the curve is at a value of its symbol; None where it has no value there."""
        try:
            if not admits(self.world, self.symbol, at):
                return None
            here: Environment = {self.symbol: at}
            place = _number(self.world.value(x, here)), _number(self.world.value(y, here))
        except (Undefined, Undecided, OverflowError):
            return None
        return place if all(map(_stands_on, place, self.axes)) else None

    def _marked(self, x: Term, y: Term) -> Iterator[Sample]:
        for point in self.curve.points:
            self._suffices(point.at)
            at = self.world.value(point.at)
            place = self._place(x, y, at) if _exact(self.range.low) <= at <= _exact(self.range.high) else None
            if place is None:
                raise Undrawable(f"there is no curve at {point.label}")
            yield place


def _stands_on(value: float, axis: Axis) -> bool:
    """Whether a number can stand on an axis: a logarithmic one has no place for zero."""
    return (value > 1 / FURTHEST or not axis.logarithmic) and abs(value) < FURTHEST


def _exact(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


def _array(symbol: Symbol, entries: tuple[Fraction, ...], world: World) -> Matrix:
    unknown = symbol.free - {symbol} - set(world.values)
    if unknown:
        raise Undrawable(f"{min(size.name for size in unknown)} has no value")
    height, width = (world.size(size) for size in symbol.shape)
    if height * width != len(entries):
        raise Undrawable(f"{symbol} has {height * width} entries, not {len(entries)}")
    return Matrix([[_exact(entries[row * width + column]) for column in range(width)] for row in range(height)])


def _sizes(term: Term) -> set[Symbol | Multiply]:
    """The sizes of symbolic length in a term, and in what its names stand for."""
    found: set[Symbol | Multiply] = set()
    for node in term.walk():
        found.update(size for size in node.shape if not isinstance(size, int))
        if isinstance(node, Call):
            found |= _sizes(node.definition.body)
    return found


def _number(value: Value) -> float:
    """A value to six digits, for a picture and for nothing else: the same on every machine."""
    if not isinstance(value, (fmpq, arb)):
        raise Unsupported("a value that is no number")
    return float(f"{float(arb(value)):.{DIGITS}g}")
