"""Terms: the mathematics that derivations speak about.

A term is an immutable tree. Every node knows its shape, checked when the node is built, and nothing
is evaluated or reordered behind the author's back: `2*x + x` stays as written until a rule says
otherwise. A size is a whole number or a scalar symbol (the n of an n×d matrix, which may also stand
in a formula as the n of 1/n). 1×1 matrices and scalars are one thing.

What a term *means* is defined in `engine.worlds.drawing`, what may be done to it in `engine.rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar, Union

from engine.common.errors import WorkingsError
from engine.common.kinds import Kinds
from engine.common.writing import written

Size = Union["Term", int]  # a number, a symbol, or a product of them: the height of vec(X), or a side of A ⊗ B
Shape = tuple[Size, Size]
Operand = Union["Term", int, Fraction]

SCALAR: Shape = (1, 1)
Computed = TypeVar("Computed")
Operation = TypeVar("Operation", bound=Callable[..., Any])


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
        return OPERATIONS["add"](self, term(other))

    def __radd__(self, other: Operand) -> Term:
        return OPERATIONS["add"](term(other), self)

    def __sub__(self, other: Operand) -> Term:
        return self + -term(other)

    def __rsub__(self, other: Operand) -> Term:
        return term(other) + -self

    def __neg__(self) -> Term:
        return OPERATIONS["negate"](self)

    def __mul__(self, other: Operand) -> Term:
        return OPERATIONS["multiply"](self, term(other))

    def __rmul__(self, other: Operand) -> Term:
        return OPERATIONS["multiply"](term(other), self)

    __matmul__ = __mul__

    def __truediv__(self, other: Operand) -> Term:
        return OPERATIONS["divide"](self, term(other))

    def __rtruediv__(self, other: Operand) -> Term:
        return OPERATIONS["divide"](term(other), self)

    def __pow__(self, exponent: Operand) -> Term:
        return OPERATIONS["power"](self, term(exponent))

    def __getitem__(self, indices: Operand | tuple[Operand, ...]) -> Term:
        given = indices if isinstance(indices, tuple) else (indices,)
        return Entry(self, tuple(term(index) for index in given))

    @property
    def T(self) -> Term:
        return OPERATIONS["transpose"](self)

    @property
    def I(self) -> Term:
        return self**-1

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
            if (count := whole_number(value) or 0) < 1:
                raise ShapeError(f"{value} is no size")
            object.__setattr__(node, name, count)
    first, last = names[0], names[-1]
    return (getattr(node, first), getattr(node, last))


def term(value: Operand) -> Term:
    """A number as a term; a term as it is. Floats are refused: 0.1 is not 1/10."""
    if isinstance(value, Term):
        return value
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        return Number(Fraction(value))
    raise TypeError(f"{value!r} is neither a term, a whole number nor a Fraction")


OPERATIONS: dict[str, Callable[..., Term]] = {}  # by the names of those that `engine.terms.arithmetic` defines


def operation(function: Operation) -> Operation:
    """Makes a function of terms what their operators stand for."""
    OPERATIONS[function.__name__] = function
    return function


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


def zero(shape: Shape) -> Term:
    return ZERO if shape == SCALAR else Zero(*shape)


def is_zero(value: Term) -> bool:
    return value == ZERO or isinstance(value, Zero)


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


MAKERS.of(Entry)(lambda base, indices: base if base.is_scalar else Entry(base, indices))


def whole_number(value: Term) -> int | None:
    """The number, where a term is a whole one."""
    return int(value.value) if isinstance(value, Number) and value.value.denominator == 1 else None
