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
from engine.terms import Number, Symbol, Term, replace, rewrite
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
        """How high a polynomial in a size the term may be; of what is none, as often as the size occurs in it."""
        found = degree_in_size(term, size) if size in self.symbols else 0.0
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
    traces: bool = False
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
@FEATURES.of(terms.Hadamard, terms.Diagonal, terms.DiagonalOf, terms.Kronecker, terms.Vec)
@FEATURES.of(terms.Call, terms.At, terms.Expectation, terms.Variance, terms.Covariance)
def _plain(node: Term, found: _Found) -> None:
    """Of what is a polynomial, or a quotient, in its parts."""


@FEATURES.of(Symbol)
def _symbol(node: Symbol, found: _Found) -> None:
    found.occurrences[node] += 1
    found.matrices = found.matrices or (isinstance(node.rows, Symbol) and isinstance(node.cols, Symbol))


@FEATURES.of(terms.Trace, terms.SquaredNorm)
def _trace(node: terms.Trace | terms.SquaredNorm, found: _Found) -> None:
    found.traces = True


@FEATURES.of(terms.Determinant)
def _determinant(node: terms.Determinant, found: _Found) -> None:
    found.traces = True
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

    In words alone, above half of its degree (Amitsur–Levitzki). With traces, those of k×k matrices have identities of their own from
    degree k for matrices and k + 1 for numbers on (Procesi, Razmyslov); a determinant counts as a letter.
    """
    matrices = sum(count for symbol, count in found.occurrences.items() if not symbol.is_scalar)
    if not found.matrices or matrices * found.exponents < LARGE:
        return LARGE
    high = int(degree_in_matrices(term))
    return max(LARGE, high + 1 + found.determinants if found.traces else high // 2 + 1)


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


def _opened(term: Term) -> Term:
    """A term with what its names stand for."""
    return rewrite(term, lambda node: _opened(node.unfolded) if isinstance(node, terms.Call) else None)


def _functions_in(term: Term) -> Iterator[Term]:
    """The outermost functions and powers that are no polynomials."""
    whole = isinstance(term, (terms.Power, terms.HadamardPower)) and isinstance(term.exponent, Number)
    if isinstance(term, terms.Apply) or (isinstance(term, (terms.Power, terms.HadamardPower)) and not whole):
        yield term
        return
    for child in term.children:
        yield from _functions_in(child)


@lru_cache(maxsize=2_000)
def degree_in_matrices(term: Term) -> float:
    """How high a polynomial in the matrices a term is; a function at each entry counts for what it is applied to."""
    scalars: dict[Symbol, tuple[float, float]] = {symbol: (0.0, 0.0) for symbol in term.free if symbol.is_scalar}
    highest = degree(term, scalars, 1, lambda _: 2)[0]
    if highest < math.inf:
        return highest
    term, weights = _opened(term), dict(scalars)
    for place, node in enumerate(_functions_in(term)):
        atom = Symbol(f"?{place}", *node.shape)
        weights[atom] = (max(degree_in_matrices(argument) for argument in node.children), 0.0)
        term = replace(term, node, atom)
    highest = degree(term, weights, 1, lambda _: 2)[0]
    return highest if highest < math.inf else 8.0
