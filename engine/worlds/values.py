"""Exact values: rationals, balls, polynomials in random variables, and small matrices of these.

A scalar value is a `flint.fmpq` as long as it can be, a `flint.arb` (a real number enclosed in a ball) once
a root or a transcendental function is met, and a `Polynomial` while random variables are in it.
Nothing here is a float and nothing is compared with a tolerance.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from flint import arb, ctx, fmpq, fmpq_mat

from engine.common.errors import WorkingsError

Scalar = Any  # fmpq | arb | Polynomial: flint ships no types
Variable = tuple[str, int, int]  # name, row and column of a random entry
Monomial = tuple[tuple[Variable, int], ...]

MOST_BITS = 2**18  # of an exact number: what is longer is refused before it fills the memory
AGREED_BITS = 100  # two balls are the same number only if they agree to at least this many bits


class Undefined(ArithmeticError):
    """The value does not exist here: a division by zero, the log of a negative number …"""


class OutOfRange(Undefined):
    """An entry that a vector or matrix of this size does not have."""


class Unsupported(WorkingsError, ArithmeticError):
    """The value may exist, but there is no exact way to it here."""

    kind = "undecided"


class Undecided(ArithmeticError):
    """The balls are too wide to tell; more precision is needed."""


ONE_AT_A_TIME = threading.RLock()  # flint's precision is global, and so is what is left of an allowance


class allowance:
    """A context in which so much may be computed (about a microsecond a unit) before `Unsupported` is raised.

    What is computed in one within another counts for both.
    """

    left = float("inf")

    def __init__(self, work: float) -> None:
        self.work = work

    def __enter__(self) -> None:
        ONE_AT_A_TIME.acquire()
        self.before, self.granted = allowance.left, min(self.work, allowance.left)
        allowance.left = self.granted

    def __exit__(self, *_: object) -> None:
        allowance.left = self.before - (self.granted - allowance.left)
        ONE_AT_A_TIME.release()


def spend(work: int) -> None:
    """Count work against the allowance, where one is set."""
    allowance.left -= work
    if allowance.left < 0:
        raise Unsupported("more work than is allowed")


# -- scalars -------------------------------------------------------------------------------------------------


def is_exact(value: Scalar) -> bool:
    return isinstance(value, fmpq) or (
        isinstance(value, Polynomial) and all(isinstance(c, fmpq) for c in value.coefficients.values())
    )


def certainly_zero(value: Scalar) -> bool:
    if isinstance(value, Polynomial):
        return all(certainly_zero(coefficient) for coefficient in value.coefficients.values())
    return bool(value == 0)


def sign_of(value: Scalar) -> int:
    """−1, 0 or 1. Raises Undecided where a ball straddles zero, Unsupported for a random value."""
    if isinstance(value, Polynomial):
        raise Unsupported("the sign of a random quantity")
    if value > 0:
        return 1
    if value < 0:
        return -1
    if value == 0:
        return 0
    raise Undecided(f"{value} may be zero")


def agreed_bits(left: Scalar, right: Scalar) -> int | None:
    """To how many bits two values are seen to agree: 0 if they differ, None if they are exactly equal.

    Raises Undecided where the balls overlap but agree to fewer than `AGREED_BITS`.
    """
    if isinstance(left, Polynomial) or isinstance(right, Polynomial):
        a, b = Polynomial._of(left).coefficients, Polynomial._of(right).coefficients
        return weakest(agreed_bits(a.get(m, fmpq(0)), b.get(m, fmpq(0))) for m in {*a, *b})
    difference = left - right
    if isinstance(difference, fmpq):
        return None if difference == 0 else 0
    if not difference.contains(0):
        return 0
    scale = max(abs(ball(left)).abs_upper(), abs(ball(right)).abs_upper(), arb(2) ** -200)
    relative = difference.abs_upper() / scale
    if not relative.is_finite():
        raise Undecided("a value is not finite")
    bits = 10_000 if relative == 0 else -log2_above(relative)
    if bits < AGREED_BITS:
        raise Undecided(f"agreement to {bits} bits only")
    return bits


def log2_above(value: arb) -> int:
    """A whole number that log₂ of a positive value does not exceed."""
    mantissa, exponent = value.upper().man_exp()
    return int(mantissa.bit_length()) + int(exponent)


def weakest(agreements: Iterable[int | None]) -> int | None:
    """The fewest bits of several agreements; None where all are exact."""
    seen = [bits for bits in agreements if bits is not None]
    return min(seen) if seen else None


def ball(value: Scalar) -> arb:
    return value if isinstance(value, arb) else arb(value)


def blurred(value: Scalar, bits: int, scale: Scalar = 1) -> Scalar:
    """The value known only to `bits` bits of itself and of `scale`: for what was found by an inexact difference."""
    if isinstance(value, Polynomial):
        return Polynomial({m: blurred(c, bits, scale) for m, c in value.coefficients.items()})
    centre = ball(value)
    return arb(centre.mid(), centre.rad() + (abs(centre).abs_upper() + ball(scale).abs_upper()) * arb(2) ** -bits)


def widened(value: Scalar, gap: Scalar) -> Scalar:
    """The value known only up to a gap."""
    if isinstance(value, Polynomial):
        return value
    centre = ball(value)
    return arb(centre.mid(), centre.rad() + abs(ball(gap)).abs_upper())


def scalar_power(base: Scalar, exponent: Scalar) -> Scalar:
    """base^exponent, exactly where both are rational and the result is."""
    if isinstance(exponent, Polynomial):
        raise Unsupported("a random exponent")
    if isinstance(exponent, fmpq) and exponent.q == 1:
        return whole_power(base, int(exponent.p))
    if isinstance(base, Polynomial):
        raise Unsupported("a root of a random quantity")
    sign = sign_of(base)
    if sign < 0:
        raise Undefined("a root of a negative number")
    if sign == 0:
        if sign_of(exponent) < 0:
            raise Undefined("a division by zero")
        return fmpq(0)
    if isinstance(base, fmpq) and isinstance(exponent, fmpq):
        exact = _exact_root(base, int(exponent.q))
        if exact is not None:
            return whole_power(exact, int(exponent.p))
        return ball(base).root(int(exponent.q)) ** int(exponent.p) if exponent.q <= 64 else ball(base) ** ball(exponent)
    return ball(base) ** ball(exponent)


def whole_power(base: Scalar, exponent: int) -> Scalar:
    if exponent < 0:
        if isinstance(base, Polynomial):
            raise Unsupported("a reciprocal of a random quantity")
        if sign_of(base) == 0:
            raise Undefined("a division by zero")
    bits = bits_of(base)
    if bits * abs(exponent) > MOST_BITS:
        raise Unsupported(f"a power of more than {MOST_BITS:,} bits")
    if not bits and isinstance(base, fmpq):  # 0 and ±1
        return base ** (exponent % 2 or 2 * (exponent != 0))
    return base**exponent


def bits_of(value: Scalar) -> int:
    """How long the exact numbers in a value are; 0 for balls, which are as long as the precision, and for 0 and ±1."""
    match value:
        case fmpq():
            return int(value.height_bits()) if value.height_bits() > 1 else 0
        case Polynomial():
            return max((64, *map(bits_of, value.coefficients.values())))
    return 0


def bounded(value: Scalar | Matrix) -> Scalar | Matrix:
    """The value, unless it is a rational too long to go on with (a product of matrices looks for itself). Raises Unsupported."""
    if isinstance(value, fmpq) and value.height_bits() > MOST_BITS:
        raise Unsupported(f"numbers of more than {MOST_BITS:,} bits")
    return value


def _exact_root(value: fmpq, degree: int) -> fmpq | None:
    if degree > 64:
        return None
    numerator, denominator = value.p.root(degree), value.q.root(degree)
    if numerator**degree == value.p and denominator**degree == value.q:
        return fmpq(numerator, denominator)
    return None


# -- polynomials in random variables ------------------------------------------------------------------------


class Polynomial:
    """A polynomial in independent random variables, with rationals or balls as coefficients."""

    __slots__ = ("coefficients",)

    def __init__(self, coefficients: Mapping[Monomial, Scalar]) -> None:
        self.coefficients = {m: c for m, c in coefficients.items() if not (isinstance(c, fmpq) and c == 0)}

    @classmethod
    def variable(cls, variable: Variable) -> Polynomial:
        return cls({((variable, 1),): fmpq(1)})

    @staticmethod
    def _of(value: Scalar) -> Polynomial:
        return value if isinstance(value, Polynomial) else Polynomial({(): value})

    def __add__(self, other: Scalar) -> Polynomial:
        result = dict(self.coefficients)
        for monomial, coefficient in self._of(other).coefficients.items():
            result[monomial] = result[monomial] + coefficient if monomial in result else coefficient
        return Polynomial(result)

    __radd__ = __add__

    def __neg__(self) -> Polynomial:
        return Polynomial({monomial: -coefficient for monomial, coefficient in self.coefficients.items()})

    def __sub__(self, other: Scalar) -> Polynomial:
        return self + (-self._of(other))

    def __rsub__(self, other: Scalar) -> Polynomial:
        return self._of(other) - self

    def __mul__(self, other: Scalar) -> Polynomial:
        spend(len(self.coefficients) * len(self._of(other).coefficients))
        result: dict[Monomial, Scalar] = {}
        for m1, c1 in self.coefficients.items():
            for m2, c2 in self._of(other).coefficients.items():
                monomial = _merge(m1, m2)
                product = c1 * c2
                result[monomial] = result[monomial] + product if monomial in result else product
        return Polynomial(result)

    __rmul__ = __mul__

    def __truediv__(self, other: Scalar) -> Polynomial:
        if isinstance(other, Polynomial):
            raise Unsupported("a division by a random quantity")
        return Polynomial({monomial: coefficient / other for monomial, coefficient in self.coefficients.items()})

    def __pow__(self, exponent: int) -> Scalar:
        if len(self.coefficients) ** min(exponent, 30) > 10**6:
            raise Unsupported("a polynomial with too many terms")
        result: Scalar = fmpq(1)
        for _ in range(exponent):
            result = self * result
        return result

    @property
    def variables(self) -> set[Variable]:
        return {variable for monomial in self.coefficients for variable, _ in monomial}

    def integrate(self, moment: Callable[[Monomial], Scalar | None]) -> Scalar:
        """The powers of the variables of each name replaced by their joint moment; None leaves them as they are."""
        result: dict[Monomial, Scalar] = {}
        for monomial, coefficient in self.coefficients.items():
            left: Monomial = ()
            for _, powers in groupby(monomial, key=lambda power: power[0][0]):
                run = tuple(powers)
                worth = moment(run)
                if worth is None:
                    left += run
                else:
                    coefficient = coefficient * worth
            for more, part in self._of(coefficient).coefficients.items():  # a moment may be random in its turn
                key = _merge(left, more)
                result[key] = result[key] + part if key in result else part
        return settled(Polynomial(result))

    def replaced(self, variable: Variable, power: Callable[[int], Scalar]) -> Scalar:
        """With something else for each power of a variable."""
        result: Scalar = fmpq(0)
        for monomial, coefficient in self.coefficients.items():
            exponents = dict(monomial)
            order = exponents.pop(variable, 0)
            rest = Polynomial({tuple(exponents.items()): coefficient})
            result = result + (rest * power(order) if order else rest)
        return result

    def at(self, values: Mapping[Variable, Scalar]) -> Scalar:
        """The polynomial where its variables have values."""
        return sum((c * math.prod(values[v] ** k for v, k in m) for m, c in self.coefficients.items()), fmpq(0))


def copied(value: Scalar) -> Scalar:
    """The value itself, which nothing changes; of a polynomial another one."""
    return Polynomial(value.coefficients) if isinstance(value, Polynomial) else value


def settled(value: Scalar) -> Scalar:
    """A polynomial without variables as the plain number it is."""
    if isinstance(value, Polynomial) and not value.variables:
        return value.coefficients.get((), fmpq(0))
    return value


def _merge(left: Monomial, right: Monomial) -> Monomial:
    if not left:
        return right
    if not right:
        return left
    exponents = dict(left)
    for variable, exponent in right:
        exponents[variable] = exponents.get(variable, 0) + exponent
    return tuple(sorted(exponents.items()))


# -- matrices ------------------------------------------------------------------------------------------------


class Matrix:
    """A small dense matrix of scalar values; one of rationals alone is computed with as a `flint.fmpq_mat`."""

    __slots__ = ("_rows", "_exact", "_bits")

    def __init__(self, rows: Sequence[Sequence[Scalar]]) -> None:
        spend(len(rows) * len(rows[0]) if rows else 0)
        self._bits: int | None = None
        self._rows: Sequence[Sequence[Scalar]] | None = rows
        self._exact: Any = fmpq_mat(rows) if all(isinstance(e, fmpq) for row in rows for e in row) else None

    @classmethod
    def _of(cls, exact: fmpq_mat, bits: int | None = None) -> Matrix:
        made = cls.__new__(cls)
        made._rows, made._exact, made._bits = None, exact, bits
        return made

    @property
    def bits(self) -> int:
        """How long its exact entries are at most."""
        if self._bits is None:
            self._bits = max(map(bits_of, self.entries()), default=0)
        return self._bits

    def _bits_with(self, other: Matrix) -> int:
        """How long the entries of the product with another matrix are at most. Raises Unsupported where that is too long."""
        if self.bits + other.bits > MOST_BITS:
            self._bits = other._bits = None  # what was known was a bound
            if self.bits + other.bits > MOST_BITS:
                raise Unsupported(f"numbers of more than {MOST_BITS:,} bits")
        return max(1, other.height) * (self.bits + other.bits + 1)

    @classmethod
    def from_function(cls, height: int, width: int, entry: Callable[[int, int], Scalar]) -> Matrix:
        return cls([[entry(i, j) for j in range(width)] for i in range(height)])

    @staticmethod
    @cache
    def identity(size: int) -> Matrix:
        return Matrix._of(fmpq_mat(size, size, [int(i == j) for i in range(size) for j in range(size)]))

    @property
    def is_rational(self) -> bool:
        return self._exact is not None

    @property
    def rows(self) -> Sequence[Sequence[Scalar]]:
        if self._rows is None:
            self._rows = self._exact.tolist()
        return self._rows

    @property
    def height(self) -> int:
        return len(self._rows) if self._rows is not None else int(self._exact.nrows())

    @property
    def width(self) -> int:
        return len(self._rows[0]) if self._rows is not None else int(self._exact.ncols())

    def entries(self) -> Iterator[Scalar]:
        if self._rows is None:
            yield from self._exact.entries()
            return
        for row in self._rows:
            yield from row

    def map(self, function: Callable[[Scalar], Scalar]) -> Matrix:
        return Matrix([[function(entry) for entry in row] for row in self.rows])

    def __add__(self, other: Matrix) -> Matrix:
        if self._exact is not None and other._exact is not None:
            return Matrix._of(self._exact + other._exact)
        return Matrix([[a + b for a, b in zip(r, s, strict=True)] for r, s in zip(self.rows, other.rows, strict=True)])

    def __sub__(self, other: Matrix) -> Matrix:
        if self._exact is not None and other._exact is not None:
            return Matrix._of(self._exact - other._exact)
        return Matrix([[a - b for a, b in zip(r, s, strict=True)] for r, s in zip(self.rows, other.rows, strict=True)])

    def scaled(self, factor: Scalar) -> Matrix:
        if self._exact is not None and isinstance(factor, fmpq):
            return Matrix._of(self._exact * factor)
        return self.map(lambda entry: entry * factor)

    def __matmul__(self, other: Matrix) -> Matrix:
        bits = self._bits_with(other)
        if self._exact is not None and other._exact is not None:
            return Matrix._of(self._exact * other._exact, bits)
        columns = list(zip(*other.rows, strict=True))
        return Matrix([[_dot(row, column) for column in columns] for row in self.rows])

    @property
    def T(self) -> Matrix:
        if self._exact is not None:
            return Matrix._of(self._exact.transpose())
        return Matrix(list(zip(*self.rows, strict=True)))

    def determinant(self) -> Scalar:
        if self._exact is not None:
            return self._exact.det()
        return _eliminate(self, Matrix.identity(self.height))[0]

    def inverse(self) -> Matrix:
        """Raises Undefined for a singular matrix."""
        solved = self.solve(Matrix.identity(self.height))
        if solved is None:
            raise Undefined("the inverse of a singular matrix")
        return solved

    def solve(self, right: Matrix) -> Matrix | None:
        """The solution of self·x = right, or None where self is singular."""
        if self._exact is not None and right._exact is not None:
            try:
                return Matrix._of(self._exact.solve(right._exact))
            except ZeroDivisionError:
                return None
        return _eliminate(self, right)[1]


def _dot(row: Sequence[Scalar], column: Sequence[Scalar]) -> Scalar:
    result = row[0] * column[0]
    for a, b in zip(row[1:], column[1:], strict=True):
        result = result + a * b
    return result


def _eliminate(matrix: Matrix, right: Matrix) -> tuple[Scalar, Matrix | None]:
    """Gauss–Jordan: the determinant, and matrix⁻¹·right unless the determinant is zero."""
    rows = [[*row, *extra] for row, extra in zip(matrix.rows, right.rows, strict=True)]
    size, determinant = len(rows), fmpq(1)
    for column in range(size):
        pivot = next((i for i in range(column, size) if sign_of(rows[i][column]) != 0), None)
        if pivot is None:
            return fmpq(0), None
        if pivot != column:
            rows[column], rows[pivot] = rows[pivot], rows[column]
            determinant = -determinant
        lead = rows[column][column]
        determinant = determinant * lead
        rows[column] = [entry / lead for entry in rows[column]]
        for i in range(size):
            factor = rows[i][column]
            if i != column and not certainly_zero(factor):
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[column], strict=True)]
    return determinant, Matrix([row[size:] for row in rows])


def entries_of(value: Scalar | Matrix) -> list[Scalar]:
    return list(value.entries()) if isinstance(value, Matrix) else [value]


def same(left: Scalar | Matrix, right: Scalar | Matrix) -> tuple[bool, int | None]:
    """Whether two values of one shape are equal, and to how many bits that was seen (None: exactly)."""
    if isinstance(left, fmpq) and isinstance(right, fmpq):
        return (True, None) if left == right else (False, 0)
    if isinstance(left, Matrix) and isinstance(right, Matrix) and left.is_rational and right.is_rational:
        return (True, None) if left._exact == right._exact else (False, 0)
    bits = weakest(agreed_bits(a, b) for a, b in zip(entries_of(left), entries_of(right), strict=True))
    return bits != 0, bits


class precision:
    """A context in which balls are computed to so many bits."""

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        ONE_AT_A_TIME.acquire()
        self.before = ctx.prec
        ctx.prec = self.bits

    def __exit__(self, *_: object) -> None:
        ctx.prec = self.before
        ONE_AT_A_TIME.release()
