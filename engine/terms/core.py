"""Terms: the mathematics that derivations speak about.

A term is an immutable tree. Every node knows its shape, checked when the node is built, and nothing
is evaluated or reordered behind the author's back: `2*x + x` stays as written until a rule says
otherwise. A size is a whole number or a scalar symbol (the n of an n×d matrix, which may also stand
in a formula as the n of 1/n). 1×1 matrices and scalars are one thing.

What a term *means* is defined in `engine.worlds.drawing`, what may be done to it in `engine.rules`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar, Union

from engine.common.errors import WorkingsError
from engine.common.kinds import Kinds
from engine.common.writing import written

Size = Union["Symbol", "Multiply", int]  # a product is the height of vec(X), or a side of A ⊗ B
Shape = tuple[Size, Size]
Operand = Union["Term", int, Fraction]

SCALAR: Shape = (1, 1)
Computed = TypeVar("Computed")


class ShapeError(WorkingsError, ValueError):
    """Shapes do not fit; the message names the parts and their shapes."""

    kind = "ill-typed"


def show_shape(shape: Shape) -> str:
    """`n×d`, as in the messages."""
    return "×".join(size.name if isinstance(size, Symbol) else str(size) for size in shape)


class lazy(Generic[Computed]):
    """A property computed once. That of functools takes a lock in Python 3.11: half the cost of making a term."""

    def __init__(self, compute: Callable[[Any], Computed]) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Computed:
        value = self.compute(instance)
        instance.__dict__[self.name] = value
        return value


@dataclass(frozen=True, eq=False, repr=False)
class Term:
    """A node. Subclasses are frozen dataclasses; equality is equality of the trees."""

    shape: ClassVar[Shape]
    bound: ClassVar[tuple[str, ...]] = ()  # fields whose symbol has no meaning outside the node
    fixed: ClassVar[tuple[str, ...]] = ()  # fields that name a free symbol which stays a symbol
    like: ClassVar[str] = ""  # the field whose shape is the node's; a node without one is a number, unless it says more

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", self._shape())

    def _shape(self) -> Shape:
        return getattr(self, self.like).shape if self.like else SCALAR

    @lazy
    def _key(self) -> tuple[object, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))

    @lazy
    def _hash(self) -> int:
        return hash((type(self).__name__, self._key))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other) or self._hash != other._hash:
            return False
        return self._key == other._key

    def __reduce__(self) -> tuple[type[Term], tuple[object, ...]]:
        """Pickled by its fields: a hash means nothing in another process."""
        return type(self), tuple(getattr(self, field.name) for field in fields(self))

    @lazy
    def _spelled(self) -> str:
        parts = (_spell(part) for part in self._key)
        return f"{type(self).__name__}({', '.join(parts)})"

    def __repr__(self) -> str:
        return self._spelled

    @classmethod
    @cache
    def _places_of_children(cls) -> tuple[str, ...]:
        """The fields in which sub-terms may stand."""
        return tuple(field.name for field in fields(cls) if field.name not in cls.bound + cls.fixed)

    @lazy
    def children(self) -> tuple[Term, ...]:
        """The sub-terms, left to right, without bound and fixed symbols."""
        found: list[Term] = []
        for name in self._places_of_children():
            value = getattr(self, name)
            if isinstance(value, Term):
                found.append(value)
            elif isinstance(value, tuple):
                found.extend(item for item in value if isinstance(item, Term))
        return tuple(found)

    def rebuild(self, children: tuple[Term, ...]) -> Term:
        """The same node over other children (as many as before), tidied as its constructor does."""
        remaining: Iterator[Term] = iter(children)
        skipped = self.bound + self.fixed
        values: list[Any] = []
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in skipped:
                pass
            elif isinstance(value, Term):
                value = next(remaining)
            elif isinstance(value, tuple) and value and isinstance(value[0], Term):
                value = tuple(next(remaining) for _ in value)
            values.append(value)
        return MAKERS.get(type(self), type(self))(*values)

    def map(self, function: Callable[[Term], Term]) -> Term:
        """The node with `function` applied to each child; itself if nothing changed."""
        changed = tuple(function(child) for child in self.children)
        if all(new is old for new, old in zip(changed, self.children, strict=True)):
            return self
        return self.rebuild(changed)

    def walk(self) -> Iterator[Term]:
        """The node and all its sub-terms, parents first, left to right."""
        waiting: list[Term] = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    @lazy
    def free(self) -> frozenset[Symbol]:
        """The symbols whose value matters to the value of the term, sizes of matrices included."""
        found: set[Symbol] = set()
        for child in self.children:
            found |= child.free
        for name in self.fixed:
            found |= _symbols(getattr(self, name))
        for name in self.bound:
            found -= _symbols(getattr(self, name))
        return frozenset(found)

    def has(self, symbol: Symbol) -> bool:
        return symbol in self.free

    @property
    def is_scalar(self) -> bool:
        return self.shape == SCALAR

    @property
    def rows(self) -> Size:
        return self.shape[0]

    @property
    def cols(self) -> Size:
        return self.shape[1]

    def __add__(self, other: Operand) -> Term:
        return add(self, term(other))

    def __radd__(self, other: Operand) -> Term:
        return add(term(other), self)

    def __sub__(self, other: Operand) -> Term:
        return add(self, negate(term(other)))

    def __rsub__(self, other: Operand) -> Term:
        return add(term(other), negate(self))

    def __neg__(self) -> Term:
        return negate(self)

    def __mul__(self, other: Operand) -> Term:
        return multiply(self, term(other))

    def __rmul__(self, other: Operand) -> Term:
        return multiply(term(other), self)

    __matmul__ = __mul__

    def __truediv__(self, other: Operand) -> Term:
        return divide(self, term(other))

    def __rtruediv__(self, other: Operand) -> Term:
        return divide(term(other), self)

    def __pow__(self, exponent: Operand) -> Term:
        return power(self, term(exponent))

    def __getitem__(self, indices: Operand | tuple[Operand, ...]) -> Term:
        given = indices if isinstance(indices, tuple) else (indices,)
        return Entry(self, tuple(term(index) for index in given))

    @property
    def T(self) -> Term:
        return transpose(self)

    @property
    def I(self) -> Term:
        return power(self, Number(Fraction(-1)))

    def __str__(self) -> str:
        return written(self, "plain")

    def _repr_latex_(self) -> str:
        """How a notebook shows a term."""
        return rf"$\displaystyle {written(self, 'latex')}$"


def _spell(part: object) -> str:
    if isinstance(part, tuple):
        return "[" + ", ".join(_spell(item) for item in part) + "]"
    return part.name if isinstance(part, Symbol) else str(part) if isinstance(part, Fraction) else repr(part)


def _symbols(value: object) -> frozenset[Symbol]:
    if isinstance(value, Symbol):
        return frozenset((value,))
    return frozenset(value) if isinstance(value, tuple) else frozenset()


def _symbols_of_sizes(*sizes: Size) -> frozenset[Symbol]:
    return frozenset().union(*(size.free for size in sizes if isinstance(size, Term)))


def _sized(node: Term, *names: str) -> Shape:
    """The shape that the sizes in some fields give; a number among them is kept as a whole number."""
    for name in names:
        value = getattr(node, name)
        if isinstance(value, Number):
            object.__setattr__(node, name, as_size(value))
    first, last = names[0], names[-1]
    return (getattr(node, first), getattr(node, last))


def term(value: Operand) -> Term:
    """A number as a term; a term as it is. Floats are refused: 0.1 is not 1/10."""
    if isinstance(value, Term):
        return value
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        return Number(Fraction(value))
    raise TypeError(f"{value!r} is neither a term, a whole number nor a Fraction")


MAKERS: Kinds[Callable[..., Term]] = Kinds(Term, "constructor that tidies")  # of those that have one


class Leaf(Term):
    """A node without sub-terms; sizes in it are no sub-terms."""

    @lazy
    def children(self) -> tuple[Term, ...]:
        return ()

    @lazy
    def free(self) -> frozenset[Symbol]:
        return _symbols_of_sizes(*self.shape)

    def rebuild(self, children: tuple[Term, ...]) -> Term:
        return self


@dataclass(frozen=True, eq=False, repr=False)
class Number(Leaf):
    """An exact rational."""

    value: Fraction

    @lazy
    def _key(self) -> tuple[object, ...]:
        return (self.value.numerator, self.value.denominator)

    def _shape(self) -> Shape:
        value: object = self.value
        if not isinstance(value, Fraction):
            if not isinstance(value, int):
                raise TypeError(f"a number is exact, {value!r} is not: write Fraction(…)")
            object.__setattr__(self, "value", Fraction(value))
        return SCALAR


@dataclass(frozen=True, eq=False, repr=False)
class Infinity(Leaf):
    """+∞, as the target of a limit only."""


@dataclass(frozen=True, eq=False, repr=False)
class Pi(Leaf):
    """π, the circle's."""


@dataclass(frozen=True, eq=False, repr=False)
class Symbol(Leaf):
    """A named quantity of a shape. What it may be is said by its declaration, never by the symbol."""

    name: str
    height: Size = 1
    width: Size = 1

    def _shape(self) -> Shape:
        return _sized(self, "height", "width")

    @lazy
    def free(self) -> frozenset[Symbol]:
        return _symbols_of_sizes(*self.shape) | {self}


@dataclass(frozen=True, eq=False, repr=False)
class Identity(Leaf):
    """The identity matrix of a size."""

    size: Size

    def _shape(self) -> Shape:
        return _sized(self, "size")


@dataclass(frozen=True, eq=False, repr=False)
class Zero(Leaf):
    """The zero matrix of a shape; the scalar zero is a `Number`."""

    height: Size
    width: Size

    def _shape(self) -> Shape:
        return _sized(self, "height", "width")


@dataclass(frozen=True, eq=False, repr=False)
class Ones(Leaf):
    """The column or matrix with 1 in every place; the scalar one is a `Number`."""

    height: Size
    width: Size = 1

    def _shape(self) -> Shape:
        return _sized(self, "height", "width")


@dataclass(frozen=True, eq=False, repr=False)
class Unit(Term):
    """The column that is 1 at one place, counted from 1, and 0 at all others: e_k."""

    place: Term
    size: Size

    fixed = ("size",)

    def _shape(self) -> Shape:
        if not self.place.is_scalar:
            raise ShapeError(f"a place is a number, not {show_shape(self.place.shape)}")
        return (self.size, 1)

    @lazy
    def free(self) -> frozenset[Symbol]:
        return self.place.free | _symbols_of_sizes(self.size)


ZERO = Number(Fraction(0))
ONE = Number(Fraction(1))
MINUS_ONE = Number(Fraction(-1))
TWO = Number(Fraction(2))
HALF = Number(Fraction(1, 2))
INFINITY = Infinity()


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


def zero(shape: Shape) -> Term:
    return ZERO if shape == SCALAR else Zero(*shape)


def is_zero(value: Term) -> bool:
    return value == ZERO or isinstance(value, Zero)


def _with_shape(value: Term) -> str:
    return f"{value} ({show_shape(value.shape)})"


def common_shape(values: tuple[Term, ...], verb: str, how: str = "") -> Shape:
    """The one shape of all. Raises ShapeError where they have several: what was to be done, and how, is not possible."""
    first = values[0]
    for other in values[1:]:
        if other.shape != first.shape:
            raise ShapeError(f"cannot {verb} {_with_shape(first)} and {_with_shape(other)}{how}")
    return first.shape


# -- arithmetic ---------------------------------------------------------------------------------------


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
class Entry(Term):
    """An entry of a vector (one index) or of a matrix (row, column); indices count from 1."""

    base: Term
    indices: tuple[Term, ...]

    def _shape(self) -> Shape:
        base, given = self.base, len(self.indices)
        wanted = 0 if base.is_scalar else 1 if base.cols == 1 else 2
        if given != wanted or base.is_scalar:
            raise ShapeError(f"{base} is {show_shape(base.shape)} and takes {wanted} indices, not {given}")
        return SCALAR


@dataclass(frozen=True, eq=False, repr=False)
class Transpose(Term):
    inner: Term

    def _shape(self) -> Shape:
        return (self.inner.cols, self.inner.rows)


MAKERS.of(Add)(lambda terms: add(*terms))
MAKERS.of(Multiply)(lambda factors: multiply(*factors))
MAKERS.of(Entry)(lambda base, indices: base if base.is_scalar else Entry(base, indices))


def whole_number(value: Term) -> int | None:
    """The number, where a term is a whole one."""
    return int(value.value) if isinstance(value, Number) and value.value.denominator == 1 else None


def summands(value: Term) -> tuple[Term, ...]:
    """The terms of a sum; a term that is none, alone."""
    return value.terms if isinstance(value, Add) else (value,)


def factors(value: Term) -> tuple[Term, ...]:
    """The factors of a product; a term that is none, alone."""
    return value.factors if isinstance(value, Multiply) else (value,)


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


def negate(value: Term) -> Term:
    """−value; a sum is negated term by term."""
    if isinstance(value, Add):
        return add(*(negate(part) for part in value.terms))
    return multiply(MINUS_ONE, value)


def divide(numerator: Term, denominator: Term) -> Term:
    """A quotient by a scalar. Raises ShapeError for a matrix below: write A.I on its side."""
    if not denominator.is_scalar:
        raise ShapeError(f"cannot divide by {_with_shape(denominator)}: use its inverse")
    return multiply(numerator, power(denominator, MINUS_ONE))


def sqrt(value: Operand) -> Term:
    return power(term(value), HALF)
