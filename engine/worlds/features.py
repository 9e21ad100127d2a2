"""What a term is made of, as far as the choice of worlds to compare it in goes: found in one walk."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from engine.terms import (
    INDEXED,
    Apply,
    ArgMin,
    Derivative,
    Differential,
    HadamardPower,
    Iterate,
    Limit,
    Number,
    Power,
    Symbol,
    Term,
)
from engine.worlds.degrees import degree
from engine.worlds.design import BALL_BITS, DIFFERENCE_BITS, degree_in_matrices, has_pieces, nodes

ENTIRE = frozenset(
    ("exp", "sin", "cos", "sinh", "cosh", "erf", "tan", "tanh", "sigmoid")
)  # or at least without branches
COUNTING = ("factorial", "binomial")
LOW = 8  # below this degree in matrices, small ones show everything
SIZES_SEEN = 5  # different values of a size in the design: 1, 2, 3, 4 and one above
MOST_SIZES = 30  # values of a size that a comparison looks at


@dataclass(frozen=True, slots=True)
class Features:
    """`symbols` and `counted` (sizes, and symbols in exponents) decide with `largest` and `piecewise` what worlds are drawn.

    A `branchless` term is made of quotients of entire functions of its symbols: it has no pieces and no branches, and two such
    functions of the same sizes that agree at a few random points are the same. Any other may be another function for each
    pattern of the signs of its `branching` symbols, those under branches; the `raised` ones, in exponents, may open branches.
    """

    symbols: frozenset[Symbol]
    counted: frozenset[Symbol]
    largest: int  # how high the degree in matrices is, in three steps
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
        """How high a polynomial in a size the term may be where the size stands as a number; 0 where that is 3 at most."""
        seen = self.occurrences[size] * self.exponents
        if seen <= 3:
            return 0
        total = sum(degree(term, {size: (1, 0)}, 0, lambda _: 2))
        return int(min(total, seen, MOST_SIZES + 1))


def features(term: Term) -> Features:
    counted, minimised, occurrences = set[Symbol](), set[Symbol](), Counter[Symbol]()
    branching, raised = set[Symbol](), set[Symbol]()
    piecewise, branchless, bits, exponents = False, True, BALL_BITS, 1
    for node in nodes(term):
        kind, branches = type(node), False
        if isinstance(node, Symbol):
            occurrences[node] += 1
        elif isinstance(node, (Power, HadamardPower)):
            exponent = node.exponent
            if isinstance(exponent, Number):
                exponents *= max(1, abs(exponent.value.numerator))
                branches = exponent.value.denominator != 1
            else:
                counted |= exponent.free
                raised |= exponent.free
                branches = True
            piecewise = piecewise or has_pieces(node)
        elif isinstance(node, Apply):
            piecewise = piecewise or has_pieces(node)
            branches = node.function not in ENTIRE
            if node.function in COUNTING:
                counted |= node.free
        elif isinstance(node, INDEXED):
            counted |= node.length.free
        elif isinstance(node, Iterate):
            counted |= node.steps.free
            branches = True
        elif isinstance(node, ArgMin):
            minimised.add(node.variable)
        elif kind in (Derivative, Differential):
            bits = DIFFERENCE_BITS
        elif kind is Limit:
            branches = True
        if branches:
            branchless = False
            branching |= node.free
        height, width = node.shape
        if type(height) is Symbol:
            counted.add(height)
        if type(width) is Symbol:
            counted.add(width)
    matrices = sum(count for symbol, count in occurrences.items() if not symbol.is_scalar)
    high = degree_in_matrices.__wrapped__(term) if matrices * exponents >= LOW else 0
    largest = 0 if high < LOW else 1 if high < 12 else 2
    symbols = term.free | minimised
    return Features(
        symbols,
        frozenset(counted),
        largest,
        piecewise,
        branchless,
        _of_these(symbols, branching),
        _of_these(symbols, raised),
        bits,
        occurrences,
        exponents,
    )


def _of_these(symbols: frozenset[Symbol], found: set[Symbol]) -> frozenset[Symbol]:
    """The symbols that were found; all, where one is bound: what it stands for may be anything."""
    return frozenset(found) if found <= symbols else symbols
