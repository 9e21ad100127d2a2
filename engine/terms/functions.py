"""Functions of terms: traces, determinants, norms, standard functions, sums over an index, iterates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.terms.core import (
    MAKERS,
    SCALAR,
    TWO,
    Operand,
    Shape,
    ShapeError,
    Size,
    Symbol,
    Term,
    power,
    show_shape,
    term,
)


@dataclass(frozen=True, eq=False, repr=False)
class Trace(Term):
    inner: Term

    def _shape(self) -> Shape:
        return _square(self.inner, "trace")


@dataclass(frozen=True, eq=False, repr=False)
class Determinant(Term):
    inner: Term

    def _shape(self) -> Shape:
        return _square(self.inner, "determinant")


def _square(inner: Term, what: str) -> Shape:
    if inner.rows != inner.cols:
        raise ShapeError(f"{inner} is {show_shape(inner.shape)} and has no {what}")
    return SCALAR


@dataclass(frozen=True, eq=False, repr=False)
class SquaredNorm(Term):
    """‖A‖², the sum of the squares of the entries (Frobenius, for a matrix)."""

    inner: Term


@MAKERS.of(Trace)
def trace(inner: Term) -> Term:
    return inner if inner.is_scalar else Trace(inner)


@MAKERS.of(Determinant)
def determinant(inner: Term) -> Term:
    return inner if inner.is_scalar else Determinant(inner)


@MAKERS.of(SquaredNorm)
def norm2(inner: Operand) -> Term:
    """‖inner‖²; of a scalar, its square."""
    inner = term(inner)
    return power(inner, TWO) if inner.is_scalar else SquaredNorm(inner)


@dataclass(frozen=True, eq=False, repr=False)
class Apply(Term):
    """A standard function of scalars (`engine.terms.records` has them all), or at each entry of vectors or matrices."""

    function: str
    arguments: tuple[Term, ...]

    def _shape(self) -> Shape:
        """That of the arguments; one that is a scalar stands for all entries."""
        shape = SCALAR
        for argument in self.arguments:
            if argument.shape not in (SCALAR, shape) and shape != SCALAR:
                shapes = " and ".join(show_shape(argument.shape) for argument in self.arguments)
                raise ShapeError(f"{self.function} takes arguments of one shape, not {shapes}")
            shape = shape if argument.is_scalar else argument.shape
        return shape

    @property
    def argument(self) -> Term:
        return self.arguments[0]


def function(name: str) -> Callable[[Operand], Term]:
    """A standard function of one argument, by its name."""
    return lambda value: Apply(name, (term(value),))


exp, log, absolute, sign = map(function, ("exp", "log", "abs", "sign"))


def maximum(*values: Operand) -> Term:
    return Apply("max", tuple(term(value) for value in values))


@dataclass(frozen=True, eq=False, repr=False)
class Explicit(Term):
    """A matrix given entry by entry, row after row."""

    height: int
    width: int
    entries: tuple[Term, ...]

    def _shape(self) -> Shape:
        if len(self.entries) != self.height * self.width:
            raise ShapeError("the rows of a matrix must be of one length")
        for entry in self.entries:
            if not entry.is_scalar:
                raise ShapeError(f"an entry of a matrix is a scalar; {entry} is {show_shape(entry.shape)}")
        return (self.height, self.width)


@MAKERS.of(Explicit)
def _explicit(height: int, width: int, entries: tuple[Term, ...]) -> Term:
    return entries[0] if height == width == 1 else Explicit(height, width, entries)


def explicit(rows: Sequence[Sequence[Operand]]) -> Term:
    """The matrix with these rows. Raises ShapeError where they are not of one length."""
    return _explicit(len(rows), len(rows[0]), tuple(term(entry) for row in rows for entry in row))


@dataclass(frozen=True, eq=False, repr=False)
class Summation(Term):
    """Σ over an index from 1 to a size."""

    body: Term
    index: Symbol
    length: Term

    bound = ("index",)
    like = "body"


@dataclass(frozen=True, eq=False, repr=False)
class Iterate(Term):
    """What becomes of a start when the state is replaced by the body so many times: fᵗ(start) for f: state ↦ body."""

    body: Term
    state: Symbol
    start: Term
    steps: Term

    bound = ("state",)

    def _shape(self) -> Shape:
        if not self.body.shape == self.state.shape == self.start.shape or not self.steps.is_scalar:
            shapes = ", ".join(show_shape(part.shape) for part in (self.state, self.body, self.start))
            raise ShapeError(f"a state, what it becomes and its start have one shape, not {shapes}")
        return self.body.shape


def total(body: Term, index: Symbol, length: Size) -> Term:
    """Σ_{index=1}^{length} body."""
    return Summation(body, index, term(length))
