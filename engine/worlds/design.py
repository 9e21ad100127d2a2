"""What the worlds of a claim are drawn from: its symbols, which of them are sizes, how far apart its numbers may have to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flint import ctx

from engine.terms import Number, Symbol
from engine.terms.claims import Claim
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula, Relation
from engine.worlds.drawing import Impossible, Signs, drawn, filled_world, obeying, signed_symbols
from engine.worlds.features import LARGEST, features
from engine.worlds.signs import seen_together, wanted_together
from engine.worlds.values import Undefined
from engine.worlds.world import World

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


STRUCTURAL = {  # what no number of worlds shows: it may fail on an edge alone, at an end of a domain, at zero, where singular
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
    return any(features(side).piecewise for side in claim.formula.sides)


def _sizes_of(declaration: Declaration) -> frozenset[Symbol]:
    """The sizes that a symbol's shape, or the range of an index, is made of."""
    shape = frozenset(size for size in declaration.symbol.shape if isinstance(size, Symbol))
    bound = declaration.domain.index_up_to
    return shape | (bound.free if bound is not None else frozenset())


def _structure(claim: Claim) -> tuple[frozenset[Symbol], int]:
    """The symbols that are sizes of something in the claim, and how large a matrix its degree asks for.

    Where that is more than `LARGEST`, as large as that.
    """
    largest = max(features(side).largest for side in claim.formula.sides)
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
        found |= features(side).counted & whole
    return frozenset(found), min(largest, LARGEST)
