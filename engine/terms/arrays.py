"""Vectors and matrices entry by entry: the Hadamard product and power, functions at each entry, diagonals, ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.terms.core import (
    MAKERS,
    ONE,
    SCALAR,
    ZERO,
    Add,
    Entry,
    Identity,
    Multiply,
    Number,
    Ones,
    Shape,
    ShapeError,
    Size,
    Symbol,
    Term,
    Transpose,
    Zero,
    add,
    common_shape,
    is_zero,
    multiply,
    power,
    product_of_sizes,
    show_shape,
    transpose,
    zero,
)
from engine.terms.functions import Apply, Summation
from engine.terms.substitution import substitute


@dataclass(frozen=True, eq=False, repr=False)
class Hadamard(Term):
    """A ⊙ B: the product entry by entry, of two or more of one shape."""

    factors: tuple[Term, ...]

    def _shape(self) -> Shape:
        return common_shape(self.factors, "multiply", " entry by entry")


@dataclass(frozen=True, eq=False, repr=False)
class HadamardPower(Term):
    """Every entry to one and the same power; −1 is the reciprocal of each."""

    base: Term
    exponent: Term

    def _shape(self) -> Shape:
        if not self.exponent.is_scalar:
            raise ShapeError(f"an exponent is a scalar, not {show_shape(self.exponent.shape)}")
        return self.base.shape


@dataclass(frozen=True, eq=False, repr=False)
class Diagonal(Term):
    """diag(v): the square matrix with a column's entries on its diagonal and 0 elsewhere."""

    inner: Term

    def _shape(self) -> Shape:
        if self.inner.cols != 1:
            raise ShapeError(f"a diagonal is given by a column, not by {show_shape(self.inner.shape)}")
        return (self.inner.rows, self.inner.rows)


@dataclass(frozen=True, eq=False, repr=False)
class DiagonalOf(Term):
    """diag(A) of a square matrix: the column of the entries on its diagonal."""

    inner: Term

    def _shape(self) -> Shape:
        if self.inner.rows != self.inner.cols:
            raise ShapeError(f"{self.inner} is {show_shape(self.inner.shape)} and has no diagonal")
        return (self.inner.rows, 1)


@dataclass(frozen=True, eq=False, repr=False)
class Kronecker(Term):
    """A ⊗ B: the block matrix of all A_ij B."""

    left: Term
    right: Term

    def _shape(self) -> Shape:
        left, right = self.left, self.right
        return (product_of_sizes(left.rows, right.rows), product_of_sizes(left.cols, right.cols))


@dataclass(frozen=True, eq=False, repr=False)
class Vec(Term):
    """vec(A): the columns of a matrix below one another."""

    inner: Term

    def _shape(self) -> Shape:
        return (product_of_sizes(self.inner.rows, self.inner.cols), 1)


@dataclass(frozen=True, eq=False, repr=False)
class Each(Term):
    """The column whose entries are the body at an index from 1 to a size."""

    body: Term
    index: Symbol
    length: Term

    bound = ("index",)

    def _shape(self) -> Shape:
        if not self.body.is_scalar:
            raise ShapeError(f"an entry is a scalar; {self.body} is {show_shape(self.body.shape)}")
        if isinstance(self.length, Symbol):
            return (self.length, 1)
        if isinstance(self.length, Number) and self.length.value.denominator == 1 and self.length.value > 1:
            return (int(self.length.value), 1)
        raise ShapeError(f"a column cannot be {self.length} long")


@MAKERS.of(Kronecker)
def kronecker(left: Term, right: Term) -> Term:
    """A ⊗ B; of a scalar and a matrix, their product."""
    if left.is_scalar or right.is_scalar:
        return multiply(left, right)
    if is_zero(left) or is_zero(right):
        return zero(Kronecker(left, right).shape)
    if isinstance(left, Identity) and isinstance(right, Identity):
        return Identity(product_of_sizes(left.size, right.size))
    return Kronecker(left, right)


@MAKERS.of(Vec)
def vec(inner: Term) -> Term:
    """vec(A); a column is its own, and what a row is the transpose of is the row's."""
    if inner.rows == 1:
        return inner.inner if isinstance(inner, Transpose) else transpose(inner)
    return inner if inner.cols == 1 else zero((product_of_sizes(*inner.shape), 1)) if is_zero(inner) else Vec(inner)


def ones(height: Size, width: Size = 1) -> Term:
    return ONE if (height, width) == SCALAR else Ones(height, width)


MAKERS.of(Hadamard)(lambda factors: hadamard(*factors))


def hadamard(*factors: Term) -> Term:
    """The product entry by entry. Scalars stand in front; of scalars alone, their product. Raises ShapeError."""
    scalars = [factor for factor in factors if factor.is_scalar]
    arrays: list[Term] = []
    for factor in factors:
        if not factor.is_scalar:
            arrays.extend(factor.factors if isinstance(factor, Hadamard) else (factor,))
    if not arrays:
        return multiply(*scalars)
    shape = Hadamard(tuple(arrays)).shape if len(arrays) > 1 else arrays[0].shape
    if any(is_zero(factor) for factor in arrays):
        return zero(shape)
    kept = [factor for factor in arrays if not isinstance(factor, Ones)] or arrays[:1]
    return multiply(*scalars, kept[0] if len(kept) == 1 else Hadamard(tuple(kept)))


@MAKERS.of(HadamardPower)
def hadamard_power(base: Term, exponent: Term) -> Term:
    """Every entry to a power; of a scalar, its power."""
    if base.is_scalar:
        return power(base, exponent)
    return base if exponent == ONE or isinstance(base, Ones) else HadamardPower(base, exponent)


@MAKERS.of(Diagonal)
def diagonal(inner: Term) -> Term:
    if inner.is_scalar:
        return inner
    if isinstance(inner, Ones):
        return Identity(inner.rows)
    return Zero(inner.rows, inner.rows) if is_zero(inner) else Diagonal(inner)


@MAKERS.of(DiagonalOf)
def diagonal_of(inner: Term) -> Term:
    if inner.is_scalar:
        return inner
    if isinstance(inner, Identity):
        return Ones(inner.size)
    if isinstance(inner, Diagonal):
        return inner.inner
    return Zero(inner.rows, 1) if is_zero(inner) else DiagonalOf(inner)


def filled(value: Term, shape: Shape) -> Term:
    """A scalar in every place of a shape; what has the shape already, as it is."""
    return value if shape == SCALAR or not value.is_scalar else multiply(value, ones(*shape))


def add_entrywise(*terms: Term) -> Term:
    """The sum, where a scalar is added to every entry."""
    shape = next((term.shape for term in terms if not term.is_scalar), SCALAR)
    return add(*(filled(term, shape) for term in terms))


INDEXED = (Summation, Each)  # a body at all values of an index


@MAKERS.of(Each)
def each(body: Term, index: Symbol, length: Term) -> Term:
    """The column of the body's values; of a column's own entries, that column; of one value, that many times 𝟏."""
    if length == ONE:
        return substitute(body, {index: ONE})
    made = Each(body, index, length)
    if not body.has(index):
        return filled(body, made.shape)
    own = isinstance(body, Entry) and body.indices == (index,) and not body.base.has(index)
    return body.base if own and isinstance(body, Entry) and body.base.shape == made.shape else made


def entry(base: Term, *indices: Term) -> Term:
    """One entry of a column (one index) or matrix (two), with the index taken as far inside as it goes."""
    if base.is_scalar:
        return base
    entry_of = _ENTRIES.get(type(base))
    inside = entry_of(base, *indices) if entry_of is not None else None
    return Entry(base, indices) if inside is None else inside


def _entry_of_transpose(base: Transpose, *indices: Term) -> Term | None:
    if len(indices) == 1:
        return None
    row, column = indices
    return entry(base.inner, column) if base.inner.cols == 1 else entry(base.inner, column, row)


def _entry_of_product(base: Multiply, *indices: Term) -> Term | None:
    scalar, array = scaled(base)
    return multiply(scalar, entry(array, *indices)) if scalar != ONE else None


_ENTRIES: dict[type[Term], Callable[..., Term | None]] = {
    Ones: lambda base, *at: ONE,
    Zero: lambda base, *at: ZERO,
    Add: lambda base, *at: add(*(entry(part, *at) for part in base.terms)),
    Hadamard: lambda base, *at: multiply(*(entry(part, *at) for part in base.factors)),
    HadamardPower: lambda base, *at: power(entry(base.base, *at), base.exponent),
    Apply: lambda base, *at: Apply(base.function, tuple(entry(argument, *at) for argument in base.arguments)),
    Each: lambda base, *at: substitute(base.body, {base.index: at[0]}),
    Transpose: _entry_of_transpose,
    DiagonalOf: lambda base, *at: entry(base.inner, at[0], at[0]),
    Multiply: _entry_of_product,
}


def scaled(product: Term) -> tuple[Term, Term]:
    """A vector or matrix as a scalar times an array."""
    if not isinstance(product, Multiply):
        return ONE, product
    scalars = [factor for run, is_scalar in product.chains if is_scalar for factor in run]
    array = [factor for run, is_scalar in product.chains if not is_scalar for factor in run]
    return (multiply(*scalars) if scalars else ONE), multiply(*array)
