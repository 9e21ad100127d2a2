"""What a reference is worth in the worlds of one stage, each drawn once: those of the design, those that nobody can know, and those on
every piece.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flint import ctx

from engine.terms import Symbol, Term
from engine.worlds.boundaries import pieces
from engine.worlds.breakpoints import End, ends
from engine.worlds.design import Stage
from engine.worlds.drawing import ATTEMPTS, Signs
from engine.worlds.unforeseen import fresh_on, raised
from engine.worlds.values import OutOfRange, Undecided, Undefined
from engine.worlds.world import Value, World

MOST_DESIGNS = 64
FRESH_FOR = 16  # answers that a world from the system's entropy is used for
Seen = tuple[World, Value | None]  # a world, and what the reference is worth in it, if anything


@dataclass(frozen=True)
class SeenPieces:
    """Worlds between the ends of pieces and on them, and of what it is not known where it ends one."""

    between: list[Seen]
    spots: list[tuple[Seen, tuple[Term, ...]]]  # each with the terms that are zero there, or whole
    unsettled: tuple[Term, ...]


class ReferenceValues:
    """The worlds of one stage, with what a reference is worth in each."""

    def __init__(self, stage: Stage, value: Term) -> None:
        self.stage, self.value = stage, value
        self._remembered: dict[tuple[Symbol | None, object, int, int, Signs], Seen | None] = {}
        self._fresh: dict[int, tuple[list[Seen], int]] = {}
        self._pieces: dict[tuple[frozenset[End], int], SeenPieces] = {}
        self._raised: dict[tuple[frozenset[Symbol], frozenset[Symbol], int], list[Seen]] = {}
        self.extent: int | None = None  # of the reference

    def numbered(self, number: int, signs: Signs = ()) -> Iterator[Seen]:
        """The draws of the world of a number, or of one like it with other signs."""
        for attempt in range(ATTEMPTS):
            key = (None, number, attempt, ctx.prec, signs)
            if key not in self._remembered:
                self._remembered[key] = self.seen(self.stage.world(number, attempt, signs))
            found = self._remembered[key]
            if found is not None:
                yield found

    def fresh(self) -> list[Seen]:
        """A few worlds from the system's entropy, drawn anew after some answers: nobody can know them."""
        drawn, uses = self._fresh.get(ctx.prec, ([], FRESH_FOR))
        if uses >= FRESH_FOR:
            worlds = (fresh_on(self.stage, secrets.randbits(64)) for _ in range(ATTEMPTS // 2))
            drawn, uses = [seen for world in worlds if (seen := self.seen(world)) is not None], 0
        self._fresh[ctx.prec] = (drawn, uses + 1)
        return drawn

    def of_size(self, size: Symbol, number: int, others: int) -> Iterator[Seen]:
        """Worlds in which one size is a number of one's choice, the others about another."""
        rest = sorted(self.stage.sizes - {size}, key=repr)
        sizes = {other: others + (number + place) % 2 for place, other in enumerate(rest)}
        for attempt in range(ATTEMPTS):
            key = (size, (number, others), attempt, ctx.prec, ())
            if key not in self._remembered:
                self._remembered[key] = self.seen(self.stage.sized({**sizes, size: number}, attempt))
            found = self._remembered[key]
            if found is not None:
                yield found

    def on_pieces(self, term: Term) -> SeenPieces:
        """Worlds on every piece of the term and the reference."""
        places = (*ends(term), *ends(self.value))
        key = (frozenset(places), ctx.prec)
        if key not in self._pieces:
            if len(self._pieces) >= MOST_DESIGNS:
                self._pieces.pop(next(iter(self._pieces)))
            found = pieces(self.stage, (term, self.value), places)
            between = [seen for world in found.between if (seen := self.seen(world)) is not None]
            spots: list[tuple[Seen, tuple[Term, ...]]] = []
            unsettled = dict.fromkeys(found.unsettled)
            for spot in found.spots:
                try:
                    seen = self.seen(spot.world)
                except Undecided:
                    unsettled |= dict.fromkeys(spot.on or ())
                else:
                    spots += [] if seen is None else [(seen, spot.on or ())]
            self._pieces[key] = SeenPieces(between, spots, tuple(unsettled))
        return self._pieces[key]

    def raised(self, exponents: frozenset[Symbol], branching: frozenset[Symbol], like: Iterable[Seen]) -> list[Seen]:
        """Worlds in which exponents are such that powers of negative numbers have a value."""
        key = (exponents, branching, ctx.prec)
        if key not in self._raised:
            worlds = raised(self.stage, exponents, branching, (world for world, _ in like))
            self._raised[key] = [seen for world in worlds if (seen := self.seen(world)) is not None]
        return self._raised[key]

    def seen(self, world: World | None) -> Seen | None:
        """A world with the reference's value, if it has any; None where there is no world, or one that is too small.

        What is computed for a reference goes when it does: the drawn worlds are everybody's, and stay.
        """
        if world is None:
            return None
        own = world.apart()
        try:
            return own, own.value(self.value)
        except OutOfRange:
            return None
        except Undefined:
            return own, None
