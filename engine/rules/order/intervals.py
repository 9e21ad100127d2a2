"""Intervals: where a scalar lies, and what that says of its sign."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

Bound = Fraction | None  # None: unbounded


@dataclass(frozen=True)
class Interval:
    """Where a scalar lies; an end is open unless included. `nonzero` where it is known not to be 0.

    It has no truth value: `None` is for what is not known, and a sign is asked for by name.
    """

    lower: Bound = None
    upper: Bound = None
    includes_lower: bool = False
    includes_upper: bool = False
    excludes_zero: bool = False  # known not to be zero

    def __bool__(self) -> bool:
        raise TypeError("an interval is neither true nor false: ask for its sign, or compare with None")

    @property
    def positive(self) -> bool:
        return self.lower is not None and (
            self.lower > 0 or (self.lower == 0 and (not self.includes_lower or self.excludes_zero))
        )

    @property
    def negative(self) -> bool:
        return (-self).positive

    @property
    def nonnegative(self) -> bool:
        return self.lower is not None and self.lower >= 0

    @property
    def nonzero(self) -> bool:
        return self.excludes_zero or self.positive or self.negative

    @property
    def _reaches_zero(self) -> bool:
        """Of an interval that starts at zero: whether zero is in it."""
        return self.lower == 0 and not self.positive

    @property
    def without_zero(self) -> Interval:
        """The same for what is known not to be zero."""
        return replace(self, includes_lower=self.includes_lower and self.lower != 0, excludes_zero=True)

    def __neg__(self) -> Interval:
        lower = None if self.upper is None else -self.upper
        upper = None if self.lower is None else -self.lower
        return Interval(lower, upper, self.includes_upper, self.includes_lower, self.excludes_zero)

    def __add__(self, other: Interval) -> Interval:
        lower = None if self.lower is None or other.lower is None else self.lower + other.lower
        upper = None if self.upper is None or other.upper is None else self.upper + other.upper
        return Interval(
            lower, upper, self.includes_lower and other.includes_lower, self.includes_upper and other.includes_upper
        )

    def __mul__(self, other: Interval) -> Interval:
        if self.negative or (-self).nonnegative and not self.nonnegative:
            return -((-self) * other)
        if other.negative or (-other).nonnegative and not other.nonnegative:
            return -(self * (-other))
        excludes_zero = self.nonzero and other.nonzero
        if not (self.nonnegative and other.nonnegative):
            return Interval(excludes_zero=excludes_zero)
        assert self.lower is not None and other.lower is not None
        upper = None if self.upper is None or other.upper is None else self.upper * other.upper
        least = self._reaches_zero or other._reaches_zero or (self.includes_lower and other.includes_lower)
        most = upper == 0 or (self.includes_upper and other.includes_upper)
        return Interval(self.lower * other.lower, upper, least, most, excludes_zero)


ANYWHERE = Interval()
AT_LEAST_ZERO = Interval(Fraction(0), None, includes_lower=True)
ABOVE_ZERO = Interval(Fraction(0), None, excludes_zero=True)
ONE_POINT = Interval(Fraction(1), Fraction(1), True, True, True)  # the number 1
