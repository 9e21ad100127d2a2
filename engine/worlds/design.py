"""What the worlds of a claim are drawn from: its symbols, which of them are sizes, how far apart its numbers may have to be."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from flint import ctx

from engine.terms import (
    INDEXED,
    Add,
    Apply,
    Call,
    Derivative,
    Differential,
    HadamardPower,
    Iterate,
    Number,
    Power,
    Symbol,
    Term,
    replace,
    rewrite,
)
from engine.terms.claims import Claim
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula, Relation
from engine.worlds.degrees import degree
from engine.worlds.drawing import Impossible, Signs, drawn, filled_world, fresh, obeying, signed_symbols
from engine.worlds.signs import seen_together, wanted_together
from engine.worlds.values import Undefined
from engine.worlds.world import World

BALL_BITS = 256
DIFFERENCE_BITS = 1000

Background = frozenset[Declaration]


@dataclass(frozen=True)
class Stage:
    """What the worlds of a claim are drawn from: its symbols, which of them are sizes, what must hold."""

    declarations: frozenset[Declaration]
    sizes: frozenset[Symbol]
    largest: int
    hypotheses: tuple[Formula, ...]
    wide: bool  # whether to look at numbers on scales wide apart first

    def world(self, number: int, attempt: int, signs: Signs = ()) -> World | None:
        """The world of this number, at this attempt, or like it with these signs; None where it does not obey the hypotheses."""
        try:
            wide = self.wide and attempt == 0
            world = drawn(self.declarations, self.sizes, number, self.largest, attempt, wide, signs)
            world.remember(ctx.prec)
            return obeying(world, self.hypotheses) if self.hypotheses else world
        except (Impossible, Undefined):
            return None

    def sized(self, sizes: Mapping[Symbol, int], attempt: int) -> World | None:
        """A world with sizes of one's choice; None where it does not obey the hypotheses."""
        try:
            world = filled_world(self.declarations, sizes, attempt, f"sized {attempt}")
            return obeying(world, self.hypotheses)
        except (Impossible, Undefined):
            return None

    @cached_property
    def signed(self) -> tuple[Symbol, ...]:
        """The numbers that may have either sign."""
        return signed_symbols(self.declarations)

    def unseen_signs(self, symbols: frozenset[Symbol], numbers: Sequence[int]) -> tuple[Signs, ...]:
        """The signs that some symbols are to be seen with together, and do not have in the worlds of some numbers."""
        places = [place for place, symbol in enumerate(self.signed) if symbol in symbols]
        if not places:
            return ()
        seen = seen_together(places, numbers)
        ours = [self.signed[place] for place in places]
        return tuple(
            tuple(zip(ours, pattern, strict=True)) for pattern in wanted_together(len(ours)) if pattern not in seen
        )

    def fresh(self, seed: int) -> World | None:
        """A world that is not one of the numbered ones; None where it does not obey the hypotheses."""
        try:
            return obeying(fresh(self.declarations, self.sizes, seed), self.hypotheses)
        except (Impossible, Undefined):
            return None


def staged(claim: Claim, background: Background = frozenset()) -> Stage:
    """What the worlds of a claim are drawn from."""
    sizes, largest = _structure(claim)
    declared = {a for a in claim.assumptions if isinstance(a, Declaration)}
    names = {declaration.symbol.name for declaration in declared}
    beside = (d for d in background if d.symbol.name not in names and _sizes_of(d) <= sizes)
    declared |= {declaration for declaration in beside if _is_in_every_world(declaration, declared)}
    hypotheses = tuple(sorted((a for a in claim.assumptions if isinstance(a, Formula)), key=repr))
    return Stage(frozenset(declared), sizes, largest, hypotheses, _is_piecewise(claim))


def _is_in_every_world(declaration: Declaration, declared: set[Declaration]) -> bool:
    """Whether a symbol has a value in every world of others: an index to n − 1 has none where n is 1."""
    last = declaration.domain.index_up_to
    positive = {d.symbol for d in declared if d.domain.whole and d.domain.lower is not None and d.domain.lower >= 1}
    return last is None or last in positive or (isinstance(last, Number) and last.value >= 1)


SEEN_AT_EDGES = {  # what may fail on an edge alone: at an end of a domain, at zero, where a matrix is singular
    Relation.LESS,
    Relation.AT_MOST,
    Relation.NOT_EQUAL,
    Relation.INVERTIBLE,
    Relation.POSITIVE_DEFINITE,
    Relation.POSITIVE_SEMIDEFINITE,
    Relation.MINIMISER,
    Relation.UNIQUE_MINIMISER,
}


def _is_piecewise(claim: Claim) -> bool:
    """Whether a claim may hold on one scale and not on another: an inequality, or with |x|, sign x or max in it."""
    if claim.relation in (Relation.LESS, Relation.AT_MOST):
        return True
    return any(is_piecewise(side) for side in claim.formula.sides)


def is_piecewise(term: Term) -> bool:
    """Whether |x|, sign x, max and the like stand in a term, or a root that may hide them: √(x² − 2x + 1) is |x − 1|."""
    return any(has_pieces(node) for node in nodes(term))


def has_pieces(node: Term) -> bool:
    if isinstance(node, Apply):
        return node.function in PIECEWISE or (node.function == "log" and _may_hide_a_square(node.argument))
    if not isinstance(node, (Power, HadamardPower)):
        return False
    if isinstance(node.exponent, Number) and node.exponent.value.denominator == 1:
        return False
    return (node.base.is_scalar or isinstance(node, HadamardPower)) and _may_hide_a_square(node.base)


def _may_hide_a_square(base: Term) -> bool:
    """Whether an even power of a sum stands in a term, or a sum in which a symbol occurs twice, like x² − 2x + 1."""
    for node in base.walk():
        if isinstance(node, Power) and isinstance(node.base, Add) and node.base.free and not _is_odd(node.exponent):
            return True
        if isinstance(node, Add):
            symbols = [inner for inner in nodes(node) if isinstance(inner, Symbol)]
            if len(symbols) > len(set(symbols)):
                return True
    return False


def _is_odd(exponent: Term) -> bool:
    return isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value.numerator % 2 == 1


PIECEWISE = {"abs", "sign", "max", "min", "floor", "ceil", "binomial"}


def _sizes_of(declaration: Declaration) -> frozenset[Symbol]:
    """The sizes that a symbol's shape, or the range of an index, is made of."""
    shape = frozenset(size for size in declaration.symbol.shape if isinstance(size, Symbol))
    bound = declaration.domain.index_up_to
    return shape | (bound.free if bound is not None else frozenset())


def starting_bits(term: Term) -> int:
    """With how many bits a term is evaluated at first."""
    differences = any(isinstance(node, (Derivative, Differential)) for node in nodes(term))
    return DIFFERENCE_BITS if differences else BALL_BITS


def nodes(term: Term) -> Iterator[Term]:
    """The nodes of a term, and of what the names in it stand for."""
    waiting: list[Term] = [term]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.children)
        if isinstance(node, Call):
            waiting.append(node.definition.body)


def _structure(claim: Claim) -> tuple[frozenset[Symbol], int]:
    """The symbols that are sizes of something in the claim, and how large a matrix its degree asks for.

    Matrices must be larger than half the degree of the claim in them (Amitsur–Levitzki); 8 is the largest.
    """
    highest = max(degree_in_matrices(side) for side in claim.formula.sides)
    found: set[Symbol] = set()
    terms = list(claim.formula.sides)
    for assumption in claim.assumptions:
        if isinstance(assumption, Formula):
            terms.extend(assumption.sides)
        else:
            found |= _sizes_of(assumption)
    declared = (a for a in claim.assumptions if isinstance(a, Declaration))
    whole = {d.symbol for d in declared if d.domain.whole and d.domain.index_up_to is None}
    for side in terms:
        found |= (sizes_in(side) | counted_in(side)) & whole
    return frozenset(found), 4 if highest < 8 else 6 if highest < 12 else 8


@lru_cache(maxsize=2_000)
def sizes_in(term: Term) -> frozenset[Symbol]:
    """The symbols that are a number of rows, of columns or of terms in a sum somewhere in a term."""
    found: set[Symbol] = set()
    for node in nodes(term):
        if isinstance(node, INDEXED):
            found |= node.length.free
        found.update(size for size in node.shape if isinstance(size, Symbol))
    return frozenset(found)


@lru_cache(maxsize=2_000)
def counted_in(term: Term) -> frozenset[Symbol]:
    """The symbols in exponents, factorials and binomials: a large whole number there would make numbers too large."""
    found: set[Symbol] = set()
    for node in nodes(term):
        if isinstance(node, (Power, HadamardPower)):
            found |= node.exponent.free
        elif isinstance(node, Iterate):
            found |= node.steps.free
        elif isinstance(node, Apply) and node.function in ("factorial", "binomial"):
            found |= node.free
    return frozenset(found)


def _opened(term: Term) -> Term:
    """A term with what its names stand for."""
    return rewrite(term, lambda node: _opened(node.unfolded) if isinstance(node, Call) else None)


def _functions_in(term: Term) -> Iterator[Term]:
    """The outermost functions and powers that are no polynomials."""
    whole = isinstance(term, (Power, HadamardPower)) and isinstance(term.exponent, Number)
    if isinstance(term, Apply) or (isinstance(term, (Power, HadamardPower)) and not whole):
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
