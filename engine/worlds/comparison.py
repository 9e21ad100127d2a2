"""Whether a term is worth the same as a reference in every world: what an answer is judged by.

No rule is consulted, and nothing is compared with a tolerance. The reference's values are computed once.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import chain

from flint import arb, ctx, fmpq

from engine.terms import INDEXED, ONE, Apply, Number, Symbol, Term, substitute
from engine.terms.claims import Claim
from engine.terms.declarations import Assumption, Declaration
from engine.terms.formulas import Formula, Relation
from engine.worlds.boundaries import pieces
from engine.worlds.breakpoints import End, ends
from engine.worlds.design import Stage, staged
from engine.worlds.drawing import ATTEMPTS, Signs
from engine.worlds.features import BALL_BITS, LARGE, LARGEST, MOST_SIZES, SIZES_SEEN, Features, features, nodes
from engine.worlds.signs import WORLDS
from engine.worlds.unforeseen import fresh_on, raised
from engine.worlds.values import (
    Matrix,
    OutOfRange,
    Polynomial,
    Undecided,
    Undefined,
    Unsupported,
    entries_of,
    precision,
    same,
    weakest,
)
from engine.worlds.world import Value, World

EVERY = range(WORLDS)
# Functions without branches are equal everywhere if they are at a few random points of every kind of sizes: none, one
# (2, 3, 1, 4 and a large one), or two (less, equal and greater, ones, equal and large, each large in turn).
SHOWING_SIZES = ((0, 1, 2, 3), (0, 3, 6, 9, 10), (0, 1, 2, 3, 6, 8, 9, 10, 11))
SHOWING_SIGNS = (0, 1, 2, 3, 4, 5, 7, 9)  # all signs of up to three symbols
NOT_SEEN = 0
MOST_BENCHES = 64
MOST_BITS = 20_000
FINGERPRINTED = (1, 3, 6, 0, 4, 8, 2, 5, 7)  # small worlds, of different sizes
FRESH_FOR = 16  # answers that a world from the system's entropy is used for


Seen = tuple[World, Value | None]  # a world, and what the reference is worth in it, if anything


class Outcome(Enum):
    EQUAL = "equal"
    DIFFERENT = "different"
    UNDEFINED = "undefined"  # where the reference has a value
    BEYOND = "beyond"  # it has a value where the reference has none
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Comparison:
    """How a term compares with the reference; with the world that shows it, where they differ."""

    outcome: Outcome
    worlds: int = 0
    bits: int | None = None  # to how many bits balls agreed; None: exactly equal
    world: World | None = None
    reason: str = ""
    unseen: int = 0  # worlds of the design in which the reference has no value
    unsettled: tuple[
        Term, ...
    ] = ()  # it is equal where anybody looked, but may be another function beyond a zero of these


def _in_one_of(candidates: Iterable[Seen], term: Term) -> Comparison | int | None:
    """To how many bits a term was seen to be worth the same in the first of some worlds in which either has a value;
    `NOT_SEEN` where there is none, and what was seen instead where it is not.
    """
    for world, wanted in candidates:
        try:
            value = world.apart().value(term)
            if wanted is None:
                return Comparison(Outcome.BEYOND, world=world)
            equal, bits = same(value, wanted)
        except OutOfRange:
            return NOT_SEEN
        except Undefined as error:
            if wanted is None:
                continue
            return Comparison(Outcome.UNDEFINED, world=world, reason=str(error))
        except Unsupported as error:
            return Comparison(Outcome.UNDECIDED, world=world, reason=str(error))
        return bits if equal else Comparison(Outcome.DIFFERENT, 1, bits, world)
    return NOT_SEEN


def _where_both_are_defined(candidates: Iterable[Seen], term: Term) -> Iterator[Seen]:
    """The worlds in which a term and the reference both have a value."""
    for world, wanted in candidates:
        if wanted is not None:
            with suppress(Undefined):
                world.apart().value(term)
                yield world, wanted


def closure(terms: Iterable[Term], declarations: dict[Symbol, Declaration]) -> frozenset[Declaration]:
    """The declarations of the symbols of some terms, and of what these lean on."""
    found: dict[Symbol, Declaration] = {}
    waiting = {symbol for term in terms for symbol in features(term).symbols}
    while waiting:
        symbol = waiting.pop()
        if symbol in declarations and symbol not in found:
            found[symbol] = declarations[symbol]
            waiting |= declarations[symbol].free
    return frozenset(found.values())


@dataclass(frozen=True)
class SeenPieces:
    """Worlds between the ends of pieces and on them, and of what it is not known where it ends one."""

    between: list[Seen]
    spots: list[Seen]
    unsettled: tuple[Term, ...]


class Bench:
    """The worlds of one stage, with what a reference is worth in each."""

    def __init__(self, stage: Stage, value: Term) -> None:
        self.stage, self.value = stage, value
        self._remembered: dict[tuple[Symbol | None, int, int, int, Signs], Seen | None] = {}
        self._fresh: dict[int, tuple[list[Seen], int]] = {}
        self._pieces: dict[tuple[frozenset[End], int], SeenPieces] = {}
        self._raised: dict[tuple[frozenset[Symbol], frozenset[Symbol], int], list[Seen]] = {}
        self.extent: int | None = None  # of the reference: see `_extent`

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

    def of_size(self, size: Symbol, number: int) -> Iterator[Seen]:
        """Worlds in which one size is a number of one's choice, the others 1 or 2."""
        others = {other: 1 + (number + place) % 2 for place, other in enumerate(sorted(self.stage.sizes, key=repr))}
        for attempt in range(ATTEMPTS):
            key = (size, number, attempt, ctx.prec, ())
            if key not in self._remembered:
                self._remembered[key] = self.seen(self.stage.sized({**others, size: number}, attempt))
            found = self._remembered[key]
            if found is not None:
                yield found

    def on_pieces(self, term: Term) -> SeenPieces:
        """Worlds on every piece of the term and the reference."""
        places = (*ends(term), *ends(self.value))
        key = (frozenset(places), ctx.prec)
        if key not in self._pieces:
            if len(self._pieces) >= MOST_BENCHES:
                self._pieces.pop(next(iter(self._pieces)))
            found = pieces(self.stage, (term, self.value), places)
            between, spots = (
                [seen for world in worlds if (seen := self.seen(world)) is not None]
                for worlds in (found.between, found.spots)
            )
            self._pieces[key] = SeenPieces(between, spots, found.unsettled)
        return self._pieces[key]

    def raised(self, exponents: frozenset[Symbol], branching: frozenset[Symbol]) -> list[Seen]:
        """Worlds in which exponents are such that powers of negative numbers have a value."""
        key = (exponents, branching, ctx.prec)
        if key not in self._raised:
            worlds = raised(self.stage, exponents, branching)
            self._raised[key] = [seen for world in worlds if (seen := self.seen(world)) is not None]
        return self._raised[key]

    def seen(self, world: World | None) -> Seen | None:
        """A world with the reference's value, if it has any; None where there is no world, or one that is too small.

        What is computed for a reference goes when its bench does: the drawn worlds are everybody's, and stay.
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


class Reference:
    """A term with the assumptions that it stands under; others are compared with it."""

    def __init__(self, value: Term, declarations: Iterable[Declaration], hypotheses: Iterable[Formula] = ()) -> None:
        self.value = value
        self.declarations = {declaration.symbol: declaration for declaration in declarations}
        self.hypotheses = tuple(hypotheses)
        self._benches: dict[object, Bench] = {}
        self._known_worlds: dict[int, World | None] = {}

    def compared(self, term: Term) -> Comparison:
        """Compare a term of the same shape in the numbered worlds, and in one that nobody can know."""
        made_of = features(term)
        bits = max(made_of.bits, self._features.bits)
        try:
            while bits <= MOST_BITS:
                try:
                    with precision(bits):
                        found = self._compared(term, made_of)
                        needed = (
                            self._bits_needed(term, made_of) if found.outcome is Outcome.EQUAL and found.bits else 0
                        )
                    if needed <= bits:
                        return found
                    bits = needed
                except Undecided:
                    bits *= 2
        except Unsupported as error:
            return Comparison(Outcome.UNDECIDED, reason=str(error))
        return Comparison(Outcome.UNDECIDED, reason=f"it could not be settled with {MOST_BITS:,} bits")

    @cached_property
    def _features(self) -> Features:
        return features(self.value)

    # -- worlds ----------------------------------------------------------------------------------------------------------

    def stage(self, term: Term) -> Stage:
        """What the worlds of the comparison with a term are drawn from."""
        return self.bench(term).stage

    def bench(self, term: Term) -> Bench:
        """The worlds of the comparison with a term."""
        return self._bench(term, features(term))

    def _bench(self, term: Term, made_of: Features) -> Bench:
        key = made_of.key
        if key not in self._benches:
            formulas = [side for hypothesis in self.hypotheses for side in hypothesis.sides]
            assumed: frozenset[Assumption] = closure([term, self.value, *formulas], self.declarations)
            claim = Claim(term, Relation.EQUAL, self.value, assumed | frozenset(self.hypotheses))
            if len(self._benches) >= MOST_BENCHES:
                self._benches.pop(next(iter(self._benches)))
            self._benches[key] = Bench(staged(claim), self.value)
        return self._benches[key]

    # -- comparing -------------------------------------------------------------------------------------------------------

    def _compared(self, term: Term, made_of: Features) -> Comparison:
        bench = self._bench(term, made_of)
        agreements: list[int | None] = []
        undecided: Comparison | None = None
        unseen = 0
        for candidates in self._series(bench, term, made_of):
            found = _in_one_of(candidates, term)
            if isinstance(found, Comparison):
                if found.outcome is not Outcome.UNDECIDED:
                    return found
                undecided = found
            elif found == NOT_SEEN:
                unseen += 1
            else:
                agreements.append(found)
        if undecided is not None:
            return undecided
        on_pieces = bench.on_pieces(term)
        thin = chain(bench.raised(*self._powers(made_of)), on_pieces.spots)
        for seen in _where_both_are_defined(thin, term):
            found = _in_one_of([seen], term)
            if isinstance(found, Comparison):
                return found
        if len(agreements) < WORLDS // 3:
            return Comparison(
                Outcome.UNDECIDED, len(agreements), reason="there are too few values at which it is defined"
            )
        bits = weakest(agreements)
        return Comparison(Outcome.EQUAL, len(agreements), bits, unseen=unseen, unsettled=on_pieces.unsettled)

    def _enough(self, bench: Bench, made_of: Features) -> Sequence[int]:
        """The numbered worlds that show all that there is to be seen: without pieces and branches, that is the sizes."""
        sizes = len(bench.stage.sizes)
        if bench.stage.wide:
            return EVERY
        if made_of.branchless and self._features.branchless:
            return SHOWING_SIZES[sizes] if sizes < len(SHOWING_SIZES) else EVERY
        few = not sizes and len(made_of.symbols | self._features.symbols) <= 3
        return SHOWING_SIGNS if few else EVERY

    def _powers(self, made_of: Features) -> tuple[frozenset[Symbol], frozenset[Symbol]]:
        """The symbols in exponents, and those under branches, on either side."""
        own = self._features
        return own.raised | made_of.raised, own.branching | made_of.branching

    def _series(self, bench: Bench, term: Term, made_of: Features) -> Iterator[Iterable[Seen]]:
        """For each world of the design its draws, and for each pattern of signs that it lacks; then the fresh ones, and those
        that a high degree in a size asks for.
        """
        numbers = self._enough(bench, made_of)
        for number in numbers:
            yield bench.numbered(number)
        for place, signs in enumerate(bench.stage.unseen_signs(self._powers(made_of)[1], numbers)):
            yield bench.numbered(place % WORLDS, signs)
        yield bench.fresh()
        largest = max(made_of.largest, self._features.largest)
        for size in bench.stage.sizes:
            degree = made_of.degree_in(size, term) + self._features.degree_in(size, self.value)
            for number in range(SIZES_SEEN, _sizes_to_see(size, degree, largest)):
                yield bench.of_size(size, number)
        for seen in bench.on_pieces(term).between:
            yield (seen,)

    # -- precision ---------------------------------------------------------------------------------------------------------

    def _bits_needed(self, term: Term, made_of: Features) -> int:
        """How many bits let nothing on either side be swallowed: 1 + e⁻¹⁰⁰⁰ is 1 to a thousand bits."""
        bench = self._bench(term, made_of)
        found = next(bench.numbered(0), None)
        if found is None:
            return 0
        world = found[0].apart()
        if bench.extent is None:
            bench.extent = max((_extent(node, world) for node in _nodes_at_one(self.value)), default=0)
        extent = max((_extent(node, world) for node in _nodes_at_one(term)), default=0)
        return BALL_BITS // 2 + 2 * max(extent, bench.extent)

    # -- fingerprints --------------------------------------------------------------------------------------------------------

    @cached_property
    def _whole(self) -> Stage:
        claim = Claim(
            self.value, Relation.EQUAL, self.value, frozenset((*self.declarations.values(), *self.hypotheses))
        )
        return staged(claim)

    def fingerprint(self, term: Term) -> str:
        """A digest of the values of a term in two fixed worlds: alike for equal terms."""
        found: list[str] = []
        with precision(BALL_BITS):
            for number in FINGERPRINTED[:2]:
                try:
                    world = self._whole.world(number, 0)
                    found.append("-" if world is None else _spelled(world.apart().value(term)))
                except (Undefined, Undecided, Unsupported) as error:
                    found.append(type(error).__name__)
        return _digest(found)

    def _world_of_reference(self, number: int) -> World | None:
        """A world of a number, in which the parts of the reference are computed once."""
        if number not in self._known_worlds:
            world = self._whole.world(number, 0)
            own = world.apart() if world is not None else None
            if own is not None:
                with suppress(Undefined):
                    own.value(self.value)
            self._known_worlds[number] = own
        return self._known_worlds[number]

    def fingerprint_where_defined(self, value: Callable[[World], Value]) -> str:
        """A digest of some values, in the first fixed worlds that have one: of more where there are pieces.

        Raises Undefined where there are not enough, and Undecided and Unsupported.
        """
        found: list[str] = []
        enough = len(FINGERPRINTED) - 2 if self._whole.wide else 3
        with precision(BALL_BITS):
            for number in FINGERPRINTED:
                world = self._world_of_reference(number)
                try:
                    if world is not None:
                        found.append(f"{number}: {_spelled(value(world.apart()))}")
                except Undefined:
                    continue
                if len(found) == enough:
                    return _digest(found)
        raise Undefined("there are too few worlds in which it has a value")


def _sizes_to_see(size: Symbol, degree: int, largest: int) -> int:
    """Below what number all sizes are looked at: a polynomial in one of them may be zero at as many as its degree is high."""
    if degree > MOST_SIZES:
        raise Unsupported(f"too high a degree in {size.name}")
    if largest > LARGEST:
        raise Unsupported(f"matrices of {largest} rows would have to be looked at")
    return degree + 2 if largest == LARGE else max(degree + 2, largest + 1 + degree * bool(degree))


def _digest(found: list[str]) -> str:
    return hashlib.blake2b("; ".join(found).encode(), digest_size=10).hexdigest()


def _nodes_at_one(term: Term) -> Iterator[Term]:
    """The nodes of a term, those under sums with 1 for the index."""
    for node in nodes(term):
        yield node
        if isinstance(node, INDEXED):
            yield from _nodes_at_one(substitute(node.body, {node.index: ONE}))


def _extent(node: Term, world: World) -> int:
    """How far from 1 in size, in bits, the value of a node is, or how close to a bound a function of it comes."""
    if isinstance(node, Number):
        return max(node.value.numerator.bit_length(), node.value.denominator.bit_length())
    try:
        value = world.value(node)
    except (Undefined, Unsupported, KeyError):
        return 0
    sizes = [_magnitude(entry) for entry in entries_of(value)]
    largest = max((abs(size) for size in sizes), default=0)
    if isinstance(node, Apply) and node.function in _SATURATING:
        argument = max(_magnitude(entry) for entry in entries_of(world.value(node.argument)))
        return max(largest, 4 * int(_SATURATING[node.function] ** min(max(argument, 0), 20)))
    return largest


_SATURATING = {"tanh": 2, "sigmoid": 2, "erf": 4}  # 1 − tanh x ≈ 2e⁻²ˣ, 1 − erf x ≈ e^(−x²)


def _magnitude(value: Value) -> int:
    """log₂ |value|, rounded; 0 for 0 and for what is random."""
    if isinstance(value, Polynomial) or value == 0:
        return 0
    if isinstance(value, fmpq):
        return int(value.p.bit_length()) - int(value.q.bit_length())
    size = abs(value).mid()
    return int(float((size.log() / arb.const_log2()).mid())) if size > 0 else 0


def _spelled(value: Value) -> str:
    if isinstance(value, Matrix):
        return f"{value.height}x{value.width}: " + " ".join(_spelled(entry) for entry in value.entries())
    if isinstance(value, Polynomial):
        return " + ".join(sorted(f"{_spelled(c)}{monomial}" for monomial, c in value.coefficients.items()))
    return (value if isinstance(value, arb) else arb(value)).str(30, radius=False)
