"""Sums, products, powers and transposes, and how long what is made of them may be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from engine.terms.core import (
    HALF,
    MAKERS,
    MINUS_ONE,
    ONE,
    SCALAR,
    Identity,
    Number,
    Ones,
    Operand,
    Shape,
    ShapeError,
    Size,
    Symbol,
    Term,
    Zero,
    lazy,
    operation,
    show_shape,
    term,
    whole_number,
    zero,
)


def product_of_sizes(*sizes: Size) -> Size:
    """How long vec(X) is, and A ⊗ B: numbers in front, symbols in the order of the alphabet."""
    parts = [factor for size in sizes for factor in factors(term(size))]
    return as_size(multiply(*sorted(parts, key=lambda factor: factor.name if isinstance(factor, Symbol) else "")))


def as_size(value: Term) -> Size:
    """Raises ShapeError for what is neither a positive whole number nor a product of one and of symbols."""
    if (count := whole_number(value) or 0) > 0:
        return count
    if isinstance(value, Symbol) and value.is_scalar:
        return value
    if isinstance(value, Multiply) and all(
        (whole_number(factor) or 0) > 0 or (isinstance(factor, Symbol) and factor.is_scalar) for factor in value.factors
    ):
        return value
    raise ShapeError(f"{value} is no size")


def _with_shape(value: Term) -> str:
    return f"{value} ({show_shape(value.shape)})"


def common_shape(values: tuple[Term, ...], verb: str, how: str = "") -> Shape:
    """The one shape of all. Raises ShapeError where they have several: what was to be done, and how, is
    not possible.
    """
    first = values[0]
    for other in values[1:]:
        if other.shape != first.shape:
            raise ShapeError(f"cannot {verb} {_with_shape(first)} and {_with_shape(other)}{how}")
    return first.shape


@dataclass(frozen=True, eq=False, repr=False)
class Add(Term):
    """A sum of terms of one shape."""

    terms: tuple[Term, ...]

    def _shape(self) -> Shape:
        return common_shape(self.terms, "add")


@dataclass(frozen=True, eq=False, repr=False)
class Multiply(Term):
    """A product in order; scalars may stand anywhere in it, and so may products that are scalars."""

    factors: tuple[Term, ...]

    @lazy
    def runs(self) -> tuple[tuple[Term, ...], ...]:
        """The factors, grouped by `runs`."""
        return tuple(runs(self.factors))

    @lazy
    def chains(self) -> tuple[tuple[tuple[Term, ...], bool], ...]:
        """The runs, each with whether it comes to a scalar."""
        return tuple((run, _chain(run) == SCALAR) for run in self.runs)

    def _shape(self) -> Shape:
        shape = SCALAR
        for run in self.runs:
            if (here := _chain(run)) != SCALAR:
                if shape != SCALAR:
                    raise ShapeError(f"cannot multiply {show_shape(shape)} by {show_shape(here)}: {self}")
                shape = here
        return shape


def _chain(run: tuple[Term, ...]) -> Shape:
    return (run[0].rows, run[-1].cols)


def runs(factors: tuple[Term, ...]) -> list[tuple[Term, ...]]:
    """A product's scalar factors, one by one, and its chains of matrices, each as long as it goes.

    A chain ends where it has become a scalar, as in wᵀx·v. Raises ShapeError where a chain breaks.
    """
    found: list[tuple[Term, ...]] = []
    chain: list[Term] = []
    at = -1  # where the open chain stands among the found
    for factor in factors:
        if factor.is_scalar:
            found.append((factor,))
            continue
        if not chain:
            at = len(found)
            found.append(())
        elif chain[-1].cols != factor.rows:
            raise ShapeError(f"cannot multiply {_with_shape(chain[-1])} by {_with_shape(factor)}")
        chain.append(factor)
        found[at] = tuple(chain)
        if _chain(found[at]) == SCALAR:
            chain = []
    return found


@dataclass(frozen=True, eq=False, repr=False)
class Power(Term):
    """A scalar to a scalar power, or a square matrix to a whole power (−1 is the inverse)."""

    base: Term
    exponent: Term

    def _shape(self) -> Shape:
        if not self.exponent.is_scalar:
            raise ShapeError(f"an exponent is a scalar, not {show_shape(self.exponent.shape)}")
        if self.base.rows != self.base.cols:
            verb = "invert" if self.exponent == MINUS_ONE else "raise to a power"
            raise ShapeError(f"cannot {verb} {self.base}: {show_shape(self.base.shape)} is not square")
        return self.base.shape


@dataclass(frozen=True, eq=False, repr=False)
class Transpose(Term):
    inner: Term

    def _shape(self) -> Shape:
        return (self.inner.cols, self.inner.rows)


MAKERS.of(Add)(lambda terms: add(*terms))
MAKERS.of(Multiply)(lambda factors: multiply(*factors))


def summands(value: Term) -> tuple[Term, ...]:
    """The terms of a sum; a term that is none, alone."""
    return value.terms if isinstance(value, Add) else (value,)


def factors(value: Term) -> tuple[Term, ...]:
    """The factors of a product; a term that is none, alone."""
    return value.factors if isinstance(value, Multiply) else (value,)


@operation
def add(*terms: Term) -> Term:
    """The sum: nested sums are flattened, numbers added up, zeros dropped; the order is kept."""
    flat: list[Term] = []
    number: Fraction | None = None
    place = 0
    for item in terms:
        for part in item.terms if isinstance(item, Add) else (item,):
            if isinstance(part, Number):
                place = len(flat) if number is None else place
                number = part.value + (number or 0)
            else:
                flat.append(part)
    kept = [part for part in flat if not isinstance(part, Zero)]
    if number and len(kept) == len(flat):
        kept.insert(place, Number(number))
    elif number:
        kept.append(Number(number))
    if not kept:
        return zero(Add(terms).shape)
    shown = kept[0] if len(kept) == 1 else Add(tuple(kept))
    if len(kept) < len(flat) or (number is not None and flat):
        Add((*terms, shown))  # a zero of another shape is not dropped in silence
    return shown


@operation
def multiply(*factors: Term) -> Term:
    """The product: nested products are flattened, numbers multiplied to the front; the order is kept.

    Ones and identities that change nothing are dropped; zero makes the whole a zero of the shape.
    """
    flat = _flattened(factors)
    numbers = [part.value for part in flat if isinstance(part, Number)]
    number = math.prod(numbers[1:], start=numbers[0]) if numbers else Fraction(1)
    if numbers:
        flat = [part for part in flat if not isinstance(part, Number)]
    if not flat:
        return Number(number)
    if number != 0 and not any(isinstance(part, (Zero, Identity)) for part in flat):
        return _product(flat if number == 1 else [Number(number), *flat])
    whole = flat[0] if len(flat) == 1 else Multiply(tuple(flat))
    if number == 0 or any(isinstance(part, Zero) for part in flat):
        return zero(whole.shape)
    kept = _without_identities(flat)
    if number != 1:
        kept.insert(0, Number(number))
    return _product(kept) if kept else ONE


def _product(factors: list[Term]) -> Term:
    return factors[0] if len(factors) == 1 else Multiply(tuple(factors))


def _flattened(factors: tuple[Term, ...]) -> list[Term]:
    """The factors of all factors. A product that is a scalar goes in front of a chain of matrices that it stands in,
    as in uᵀ·(vᵀw)·x, where it would break the chain.
    """
    flat: list[Term] = []
    open_at: int | None = None  # where a chain of matrices has begun that is no scalar yet
    for item in factors:
        for run in item.runs if isinstance(item, Multiply) else ((item,),):
            if _chain(run) == SCALAR:
                if open_at is not None and len(run) > 1:
                    flat[open_at:open_at] = run
                    open_at += len(run)
                else:
                    flat.extend(run)
                continue
            open_at = len(flat) if open_at is None else open_at
            flat.extend(run)
            if (flat[open_at].rows, run[-1].cols) == SCALAR:
                open_at = None
    return flat


def _without_identities(factors: list[Term]) -> list[Term]:
    """The factors less the identities that stand beside another matrix in their chain: (uᵀv)·I keeps its I."""
    if not any(isinstance(factor, Identity) for factor in factors):
        return factors
    kept: list[Term] = []
    for run in runs(tuple(f for f in factors if not (isinstance(f, Identity) and f.size == 1))):
        others = [factor for factor in run if not isinstance(factor, Identity)]
        kept += others or run[:1]
    return kept


@operation
@MAKERS.of(Power)
def power(base: Term, exponent: Term) -> Term:
    """The power; a first power is its base, and numbers to small whole powers are worked out.

    Raises ZeroDivisionError for a reciprocal of the number 0.
    """
    if exponent == ONE:
        return base
    if isinstance(base, Identity) or base == ONE:
        return base
    if isinstance(base, Number) and (times := whole_number(exponent)) is not None and abs(times) <= 64:
        return Number(base.value**times)
    return Power(base, exponent)


@operation
@MAKERS.of(Transpose)
def transpose(inner: Term) -> Term:
    """The transpose; a scalar and an identity are their own, and two transposes cancel."""
    if inner.is_scalar or isinstance(inner, Identity):
        return inner
    if isinstance(inner, Transpose):
        return inner.inner
    if isinstance(inner, (Zero, Ones)):
        return type(inner)(inner.width, inner.height)
    return Transpose(inner)


@operation
def negate(value: Term) -> Term:
    """−value; a sum is negated term by term."""
    if isinstance(value, Add):
        return add(*(negate(part) for part in value.terms))
    return multiply(MINUS_ONE, value)


@operation
def divide(numerator: Term, denominator: Term) -> Term:
    """A quotient by a scalar. Raises ShapeError for a matrix below: write A.I on its side."""
    if not denominator.is_scalar:
        raise ShapeError(f"cannot divide by {_with_shape(denominator)}: use its inverse")
    return multiply(numerator, power(denominator, MINUS_ONE))


def sqrt(value: Operand) -> Term:
    return power(term(value), HALF)
