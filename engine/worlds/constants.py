"""When agreement of two algebraic numbers is equality: a number that is not zero is not closer to zero than its expression allows.

The bound is that of Burnikel, Funke, Mehlhorn, Schirra and Schmitt ("A separation bound for real algebraic expressions", Algorithmica 55,
2009): with u and l as below and D the product of the degrees of all roots in it, E ≠ 0 has |E| ≥ 1/(l(E) u(E)^(D − 1)).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction

from engine import terms
from engine.terms import Number, Pi, Term, factors, negate

MOST_BITS = 10**6
TURNS = ("sin", "cos")


@dataclass
class _Expression:
    """The degrees of the roots in an expression, each root once."""

    degrees: dict[Term, int] = field(default_factory=dict)

    def bounds(self, term: Term) -> tuple[float, float] | None:
        """log₂ u and log₂ l of a number; None of one that is not known to be algebraic."""
        match term:
            case Number(value=value):
                return math.log2(max(abs(value.numerator), 1)), math.log2(value.denominator)
            case terms.Add():
                return self._sum([self.bounds(part) for part in term.terms])
            case terms.Multiply():
                return self._product([self.bounds(part) for part in factors(term)])
            case terms.Power(exponent=Number(value=times)):
                return self._power(term, times)
            case terms.Apply(function="tan"):
                return self._product([(1.0, 1.0), (1.0, 1.0)]) if self._is_turn(term) else None
            case terms.Apply(function=name) if (
                name in TURNS
            ):  # 2 cos t is an algebraic integer, its conjugates at most 2
                return (1.0, 1.0) if self._is_turn(term) else None
        return None

    def _is_turn(self, term: terms.Apply) -> bool:
        """Whether an argument is a rational number of half turns; it is noted with the degree that it brings."""
        if not isinstance(term.argument, (Pi, terms.Multiply)):
            return False
        numbers = [factor for factor in factors(term.argument) if not isinstance(factor, Pi)]
        if len(numbers) + 1 != len(factors(term.argument)) or not all(isinstance(factor, Number) for factor in numbers):
            return False
        share = math.prod((number.value for number in numbers if isinstance(number, Number)), start=Fraction(1))
        self.degrees[terms.Apply("turn", (Number(Fraction(1, share.denominator)),))] = 4 * share.denominator
        return True

    def _sum(self, parts: list[tuple[float, float] | None]) -> tuple[float, float] | None:
        total: tuple[float, float] | None = parts[0]
        for part in parts[1:]:
            if total is None or part is None:
                return None
            up, down = total[0] + part[1], total[1] + part[0]
            total = max(up, down) + 1, total[1] + part[1]
        return total

    def _product(self, parts: list[tuple[float, float] | None]) -> tuple[float, float] | None:
        known = [part for part in parts if part is not None]
        return (sum(up for up, _ in known), sum(down for _, down in known)) if len(known) == len(parts) else None

    def _power(self, term: terms.Power, times: Fraction) -> tuple[float, float] | None:
        inner = self.bounds(term.base)
        if inner is None or not term.is_scalar:
            return None
        up, down = inner
        root = times.denominator
        if root > 1:
            self.degrees[terms.power(term.base, Number(Fraction(1, root)))] = root
            up, down = ((up + (root - 1) * down) / root, down) if up >= down else (up, ((root - 1) * up + down) / root)
        whole = abs(times.numerator)
        return (whole * up, whole * down) if times > 0 else (whole * down, whole * up)


def bits_that_show(left: Term, right: Term) -> int | None:
    """To how many bits below 1 two numbers must agree to be equal; None where no number of bits shows it."""
    difference = terms.add(left, negate(right))
    angles = _bits_of_angles(difference)
    if angles is not None:
        return angles
    expression = _Expression()
    bounds = expression.bounds(difference)
    if bounds is None:
        return None
    degree = math.prod(expression.degrees.values())
    bits = bounds[1] + (degree - 1) * bounds[0]
    return int(bits) + 1 if bits < MOST_BITS else None


def _bits_of_angles(difference: Term) -> int | None:
    """Of a sum of multiples of arcs of rational numbers, and of π: e to the i times it is algebraic. None of any other.

    The arc of a/b has e^iα = (√(b² − a²) + ia)/b, that of a slope a/b the root of (b + ia)/(b − ia); all conjugates of the numerators are at
    most 2b in size.
    """
    multiples: list[Fraction] = []
    sizes: list[float] = []
    for part in difference.terms if isinstance(difference, terms.Add) else (difference,):
        numbers = [factor.value for factor in factors(part) if isinstance(factor, Number)]
        others = [factor for factor in factors(part) if not isinstance(factor, Number)]
        if len(others) != 1 or not (isinstance(others[0], Pi) or _is_arc(others[0])):
            return None
        arc = others[0]
        multiples.append(math.prod(numbers, start=Fraction(1)))
        value = arc.argument.value if isinstance(arc, terms.Apply) and isinstance(arc.argument, Number) else Fraction(1)
        sizes.append(math.log2(abs(value.numerator) + value.denominator) + 1)
    whole = math.lcm(*(multiple.denominator for multiple in multiples))
    height = sum(float(abs(multiple * whole)) * size for multiple, size in zip(multiples, sizes, strict=True))
    bits = 2 ** (2 * len(multiples)) * height + math.log2(whole)
    return int(bits) + 8 if bits < MOST_BITS else None


def _is_arc(term: Term) -> bool:
    return (
        isinstance(term, terms.Apply)
        and term.function in ("asin", "acos", "atan")
        and isinstance(term.argument, Number)
    )
