"""What a term is made of, as far as the choice of worlds to look at it in goes: found in one walk."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from engine import terms
from engine.common.kinds import Kinds
from engine.terms import Number, Symbol, Term
from engine.terms.records import FUNCTIONS
from engine.worlds.degrees import degree, degree_in_size

BALL_BITS = 256
DIFFERENCE_BITS = 1000

LARGE = 4  # up to this size, matrices are in the design of all worlds
LARGEST = 12  # above, they are not looked at
SIZES_SEEN = 5  # different values of a size in the design: 1, 2, 3, 4 and one above
MOST_SIZES = 40  # values of a size that a comparison looks at


@dataclass(frozen=True, slots=True)
class Features:
    """`symbols` and `counted` (sizes, and symbols in exponents) decide with `largest` and `piecewise` what worlds are drawn.

    A `branchless` term is made of quotients of entire functions of its symbols: it has no pieces and no branches, and two such
    functions of the same sizes that agree at a few random points are the same. Any other may be another function for each
    pattern of the signs of its `branching` symbols, those under branches; the `raised` ones, in exponents, may open branches.
    """

    symbols: frozenset[Symbol]
    counted: frozenset[Symbol]
    largest: int  # matrices of how many rows show everything
    piecewise: bool
    branchless: bool
    branching: frozenset[Symbol]
    raised: frozenset[Symbol]
    bits: int  # to start with
    occurrences: Counter[Symbol]
    exponents: int  # their product

    @property
    def key(self) -> tuple[object, ...]:
        """What decides the worlds."""
        return self.symbols, self.counted, self.largest, self.piecewise

    def degree_in(self, size: Symbol, term: Term) -> int:
        """How high a polynomial in a size the term may be; of what is none, as often as the size occurs in it.

        Sums over the entries of arrays are none in their length: an identity in them is one if it holds for more entries than there are
        sums within one another.
        """
        if size not in self.symbols:
            return 0
        if any(not symbol.is_scalar for symbol in self.symbols):
            found = max(sum(degree(term, {size: (1, 0)}, 0, lambda _: 2)), _nested(term))
            return int(min(found, max(self.occurrences[size] * self.exponents, _nested(term))))
        found = degree_in_size(term, size)
        return int(found if found < math.inf else self.occurrences[size] * self.exponents)


@dataclass
class _Found:
    """What a walk has found so far."""

    counted: set[Symbol] = field(default_factory=set)
    minimised: set[Symbol] = field(default_factory=set)
    occurrences: Counter[Symbol] = field(default_factory=Counter)
    branching: set[Symbol] = field(default_factory=set)
    raised: set[Symbol] = field(default_factory=set)
    piecewise: bool = False
    branchless: bool = True
    bits: int = BALL_BITS
    exponents: int = 1
    matrices: bool = False  # whether a symbol is a matrix whose sizes may be any
    determinants: int = 0

    def branches(self, node: Term) -> None:
        self.branchless = False
        self.branching |= node.free


FEATURES: Kinds[Callable[[Any, _Found], None]] = Kinds(Term, "feature")


@FEATURES.of(
    Number,
    terms.Pi,
    terms.Infinity,
    terms.Identity,
    terms.Zero,
    terms.Ones,
    terms.Unit,
    terms.Explicit,
    terms.Add,
    terms.Multiply,
    terms.Transpose,
    terms.Entry,
)
@FEATURES.of(
    terms.Trace, terms.SquaredNorm, terms.Hadamard, terms.Diagonal, terms.DiagonalOf, terms.Kronecker, terms.Vec
)
@FEATURES.of(terms.Call, terms.At, terms.Expectation, terms.Variance, terms.Covariance)
def _plain(node: Term, found: _Found) -> None:
    """Of what is a polynomial, or a quotient, in its parts."""


@FEATURES.of(Symbol)
def _symbol(node: Symbol, found: _Found) -> None:
    found.occurrences[node] += 1
    found.matrices = found.matrices or (isinstance(node.rows, Symbol) and isinstance(node.cols, Symbol))


@FEATURES.of(terms.Determinant)
def _determinant(node: terms.Determinant, found: _Found) -> None:
    found.determinants += 1


@FEATURES.of(terms.Power, terms.HadamardPower)
def _power(node: terms.Power | terms.HadamardPower, found: _Found) -> None:
    exponent = node.exponent
    if isinstance(exponent, Number):
        found.exponents *= max(1, abs(exponent.value.numerator))
        if exponent.value.denominator != 1:
            found.branches(node)
    else:
        found.counted |= exponent.free
        found.raised |= exponent.free
        found.branches(node)
    found.piecewise = found.piecewise or has_pieces(node)


@FEATURES.of(terms.Apply)
def _function(node: terms.Apply, found: _Found) -> None:
    found.piecewise = found.piecewise or has_pieces(node)
    if not FUNCTIONS[node.function].branchless:
        found.branches(node)
    if FUNCTIONS[node.function].whole:
        found.counted |= node.free


@FEATURES.of(terms.Summation, terms.Each)
def _indexed(node: terms.Summation | terms.Each, found: _Found) -> None:
    found.counted |= node.length.free


@FEATURES.of(terms.Iterate)
def _iterate(node: terms.Iterate, found: _Found) -> None:
    found.counted |= node.steps.free
    found.branches(node)


@FEATURES.of(terms.Limit)
def _limit(node: terms.Limit, found: _Found) -> None:
    found.branches(node)


@FEATURES.of(terms.ArgMin)
def _minimiser(node: terms.ArgMin, found: _Found) -> None:
    found.minimised.add(node.variable)


@FEATURES.of(terms.Derivative, terms.Differential)
def _slope(node: terms.Derivative | terms.Differential, found: _Found) -> None:
    found.bits = DIFFERENCE_BITS


FEATURES.check_whole()


@lru_cache(maxsize=2_000)
def features(term: Term) -> Features:
    found = _Found()
    for node in nodes(term):
        FEATURES[type(node)](node, found)
        found.counted.update(size for size in node.shape if type(size) is Symbol)
    symbols = term.free | found.minimised
    return Features(
        symbols,
        frozenset(found.counted),
        _largest(term, found),
        found.piecewise,
        found.branchless,
        _of_these(symbols, found.branching),
        _of_these(symbols, found.raised),
        found.bits,
        found.occurrences,
        found.exponents,
    )


def _largest(term: Term, found: _Found) -> int:
    """How large square matrices must be for an identity in them to be one for all sizes.

    In words, above half of its degree (Amitsur–Levitzki); so, too, in the trace of one or between two vectors. Where traces are
    multiplied, k×k matrices have identities of their own from degree k for matrices and k + 1 for numbers on (Procesi, Razmyslov);
    an inverse and a determinant count as letters.
    """
    matrices = sum(count for symbol, count in found.occurrences.items() if not symbol.is_scalar)
    if not found.matrices or matrices * found.exponents < LARGE:
        return LARGE
    high = _letters(term)
    return max(LARGE, high + 1 + found.determinants if _scalars(term) > 1 else high // 2 + 1)


def _of_these(symbols: frozenset[Symbol], found: set[Symbol]) -> frozenset[Symbol]:
    """The symbols that were found; all, where one is bound: what it stands for may be anything."""
    return frozenset(found) if found <= symbols else symbols


def nodes(term: Term) -> Iterator[Term]:
    """The nodes of a term, and of what the names in it stand for."""
    waiting: list[Term] = [term]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.children)
        if isinstance(node, terms.Call):
            waiting.append(node.definition.body)


def has_pieces(node: Term) -> bool:
    if isinstance(node, terms.Apply):
        return FUNCTIONS[node.function].pieces or (node.function == "log" and _may_hide_a_square(node.argument))
    if not isinstance(node, (terms.Power, terms.HadamardPower)):
        return False
    if isinstance(node.exponent, Number) and node.exponent.value.denominator == 1:
        return False
    return (node.base.is_scalar or isinstance(node, terms.HadamardPower)) and _may_hide_a_square(node.base)


def _may_hide_a_square(base: Term) -> bool:
    """Whether an even power of a sum stands in a term, or a sum in which a symbol occurs twice, like x² − 2x + 1."""
    for node in base.walk():
        if (
            isinstance(node, terms.Power)
            and isinstance(node.base, terms.Add)
            and node.base.free
            and not _is_odd(node.exponent)
        ):
            return True
        if isinstance(node, terms.Add):
            symbols = [inner for inner in nodes(node) if isinstance(inner, Symbol)]
            if len(symbols) > len(set(symbols)):
                return True
    return False


def _is_odd(exponent: Term) -> bool:
    return isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value.numerator % 2 == 1


def _nested(term: Term) -> int:
    """How many sums stand within one another."""
    return isinstance(term, terms.Summation) + max(map(_nested, term.children), default=0)


@lru_cache(maxsize=20_000)
def _letters(term: Term) -> int:
    """Of how many matrices, counted as often as they are multiplied, the longest product in a term is: an inverse is a letter, as is a
    determinant.
    """
    match term:
        case Symbol():
            return int(not term.is_scalar)
        case terms.Add() | terms.Explicit():
            return max(map(_letters, term.children))
        case terms.Call():
            return _letters(term.unfolded)
        case terms.Power(exponent=Number(value=times)) if times.denominator == 1:
            return abs(times.numerator) * (1 if times < 0 and not term.is_scalar else _letters(term.base))
        case terms.SquaredNorm():
            return 2 * _letters(term.inner)
        case terms.Determinant():
            return 1
    return sum(map(_letters, term.children))


@lru_cache(maxsize=20_000)
def _scalars(term: Term) -> int:
    """How many numbers that are made of matrices are multiplied with one another, or with a matrix, in a term; 2 for more, and for what
    is no polynomial in them.
    """
    match term:
        case Symbol():
            return int(not term.is_scalar)
        case terms.Add() | terms.Explicit():
            return max(map(_scalars, term.children))
        case terms.Multiply():
            return sum(min(1, sum(map(_letters, run))) for run in terms.runs(term.factors))
        case terms.Call():
            return _scalars(term.unfolded)
        case terms.Power() if not term.is_scalar:
            return _scalars(term.base)
        case terms.Power(base=base) | terms.HadamardPower(base=base):
            return 2 * _scalars(base)
        case terms.Determinant():
            return 2
        case terms.Trace() | terms.SquaredNorm() | terms.Transpose():
            return min(1, _scalars(term.children[0])) if not _inner_scalars(term.children[0]) else 2
    return sum(map(_scalars, term.children))


def _inner_scalars(term: Term) -> bool:
    """Whether a matrix has numbers made of matrices in it."""
    return any(node.is_scalar and not isinstance(node, (Number, Symbol)) and _letters(node) for node in term.walk())
