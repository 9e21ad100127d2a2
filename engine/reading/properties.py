"""What words, intervals and bounds say of a symbol: its domain, or what is supposed of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction

from engine.reading.building import total_of
from engine.reading.statements import HINT, Phrase
from engine.terms import MINUS_ONE, ONE, Identity, Symbol, Term, diagonal, diagonal_of, hadamard, multiply, transpose
from engine.terms.declarations import (
    INVERTIBLE,
    NONNEGATIVE,
    POSITIVE,
    POSITIVE_DEFINITE,
    POSITIVE_INTEGER,
    POSITIVE_SEMIDEFINITE,
    REAL,
    SYMMETRIC,
    Domain,
)
from engine.terms.formulas import Formula, equation, invertible

INTEGER = Domain(whole=True)
SCALARS = {
    **dict.fromkeys(("real", "real number", "number", "scalar", "ℝ", "R"), REAL),
    "positive": POSITIVE,
    "nonnegative": NONNEGATIVE,
    **dict.fromkeys(("positive integer", "whole", "natural", "natural number", "size", "ℕ", "N"), POSITIVE_INTEGER),
    **dict.fromkeys(("integer", "ℤ", "Z"), INTEGER),
    "nonnegative integer": replace(INTEGER, lower=Fraction(0), includes_lower=True),
}
_STRUCTURES = {
    "symmetric": SYMMETRIC,
    **dict.fromkeys(("positive definite", "symmetric positive definite", "spd"), POSITIVE_DEFINITE),
    **dict.fromkeys(("positive semidefinite", "symmetric positive semidefinite", "psd"), POSITIVE_SEMIDEFINITE),
    **dict.fromkeys(("invertible", "nonsingular"), INVERTIBLE),
    "positive": POSITIVE,
    "nonnegative": NONNEGATIVE,
    "real": REAL,
}
SQUARE = (SYMMETRIC, POSITIVE_DEFINITE, POSITIVE_SEMIDEFINITE, INVERTIBLE)


def _gram(matrix: Symbol) -> Term:
    return multiply(transpose(matrix), matrix)


# properties that are no domain: what is supposed of the matrix
_SUPPOSED: dict[str, Callable[[Symbol], Iterable[Formula]]] = {
    "full column rank": lambda matrix: (invertible(_gram(matrix)),),
    "full row rank": lambda matrix: (invertible(multiply(matrix, transpose(matrix))),),
    "orthogonal": lambda matrix: (equation(_gram(matrix), Identity(matrix.cols)),),
    "idempotent": lambda matrix: (equation(multiply(matrix, matrix), matrix),),
    "projection": lambda matrix: (equation(multiply(matrix, matrix), matrix), equation(transpose(matrix), matrix)),
    "one hot": lambda column: (equation(total_of(column), ONE), equation(hadamard(column, column), column)),
    "diagonal": lambda matrix: (equation(matrix, diagonal(diagonal_of(matrix))),),
    "skew symmetric": lambda matrix: (equation(transpose(matrix), multiply(MINUS_ONE, matrix)),),
}
BRACKETS = {"(": False, "[": True, ")": False, "]": True}


def properties_of(words: str, part: Phrase) -> tuple[Domain, list[Callable[[Symbol], Iterable[Formula]]]]:
    """What words say of a matrix: the longest phrases known, one after the other."""
    domain, supposed = REAL, list[Callable[[Symbol], Iterable[Formula]]]()
    left = words.split()
    while left:
        for end in range(len(left), 0, -1):
            phrase = " ".join(left[:end])
            if phrase in _STRUCTURES or phrase in _SUPPOSED:
                break
        else:
            raise part.trouble(f"{' '.join(left)!r} is neither a size nor a property known here", HINT)
        if phrase in _SUPPOSED:
            supposed.append(_SUPPOSED[phrase])
        elif domain in (REAL, SYMMETRIC):
            domain = _STRUCTURES[phrase]
        left = left[end:]
    return domain, supposed


def between(lower: Fraction | None, closed: bool, upper: Fraction | None, ends: bool, part: Phrase) -> Domain:
    if lower is not None and upper is not None and lower >= upper:
        raise part.trouble("an interval from a number to a greater one was expected")
    return Domain(lower, upper, includes_lower=closed, includes_upper=ends)


def has_ends(part: Phrase) -> bool:
    """Whether numbers stand between commas, as in an interval and in no shape (n, d)."""
    return any(bound.number() is not None or _is_infinite(bound) for bound in part[1:-1].split(","))


def _is_infinite(bound: Phrase) -> bool:
    return bool(bound.tokens) and (bound.kinds[-1] == "infinity" or bound.words[-1] in ("inf", "oo"))


def interval(part: Phrase) -> Domain:
    """(0, 1], [0, ∞)."""
    bounds = part[1:-1].split(",")
    if len(bounds) != 2 or part.kinds[-1] not in (")", "]"):
        raise part.trouble("an interval was expected here", "as in (0, 1)")
    ends: list[Fraction | None] = []
    for bound in bounds:
        number = None if _is_infinite(bound) else bound.number()
        if number is None and not _is_infinite(bound):
            raise bound.trouble(f"{bound.source} is no number")
        ends.append(number)
    return between(ends[0], BRACKETS[part.kinds[0]], ends[1], BRACKETS[part.kinds[-1]], part)
