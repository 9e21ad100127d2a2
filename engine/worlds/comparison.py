"""Whether a term is worth the same as a reference in every world: what an answer is judged by.

No rule is consulted, and nothing is compared with a tolerance. The reference's values are computed once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import chain

from flint import arb

from engine.terms import Symbol, Term, add_entrywise, is_zero, negate
from engine.terms.claims import Claim
from engine.terms.declarations import Assumption, Declaration
from engine.terms.formulas import Formula, Relation
from engine.terms.laws import Multinomial
from engine.worlds.boundaries import pieces
from engine.worlds.breakpoints import End
from engine.worlds.constants import bits_that_show
from engine.worlds.design import Stage, staged
from engine.worlds.drawing import ATTEMPTS
from engine.worlds.extents import bits_for, extent, magnitude
from engine.worlds.features import BALL_BITS, LARGE, LARGEST, MOST_SIZES, SIZES_SEEN, Features, features
from engine.worlds.reference_values import MOST_DESIGNS, ReferenceValues, Seen
from engine.worlds.signs import WORLDS
from engine.worlds.truth import truth
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
MOST_BITS = 20_000
FINGERPRINTED = (
    1,
    3,
    6,
    0,
    4,
    8,
    2,
    5,
    7,
    9,
)  # small worlds of different sizes first: all signs of up to three symbols
FEWEST_FIXED = 3


class Agreement(Enum):
    EQUAL = "equal"
    DIFFERENT = "different"
    UNDEFINED = "undefined"  # where the reference has a value
    BEYOND = "beyond"  # it has a value where the reference has none
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Comparison:
    """How a term compares with the reference; with the world that shows it, where they differ."""

    outcome: Agreement
    worlds: int = 0
    bits: int | None = None  # to how many bits balls agreed; None: exactly equal
    world: World | None = None
    reason: str = ""
    unseen: int = 0  # worlds of the design in which the reference has no value
    partly: bool = False  # equal where both have a value, and in some world only one of them has


def _in_one_of(candidates: Iterable[Seen], term: Term) -> Comparison | int | None:
    """To how many bits a term was seen to be worth the same in the first of some worlds in which either has a value;
    `NOT_SEEN` where there is none, and what was seen instead where it is not.
    """
    for world, wanted in candidates:
        try:
            value = world.apart().value(term)
            if wanted is None:
                return Comparison(Agreement.BEYOND, world=world)
            equal, bits = same(world.reduced(value), world.reduced(wanted))
        except OutOfRange:
            return NOT_SEEN
        except Undefined as error:
            if wanted is None:
                continue
            return Comparison(Agreement.UNDEFINED, world=world, reason=str(error))
        except Unsupported as error:
            return Comparison(Agreement.UNDECIDED, world=world, reason=str(error))
        return bits if equal else Comparison(Agreement.DIFFERENT, 1, bits, world)
    return NOT_SEEN


def _is_by_balls(found: Comparison) -> bool:
    return found.outcome is Agreement.EQUAL and found.bits is not None


ONE_SIDED = (Agreement.BEYOND, Agreement.UNDEFINED)


def closure(terms: Iterable[Term], declarations: dict[Symbol, Declaration]) -> frozenset[Declaration]:
    """The declarations of the symbols of some terms, of what these lean on, and of the counts whose probabilities they are."""
    counts = {law.probabilities: s for s, d in declarations.items() if isinstance(law := d.law, Multinomial)}
    found: dict[Symbol, Declaration] = {}
    waiting = {symbol for term in terms for symbol in features(term).symbols}
    while waiting:
        symbol = waiting.pop()
        if symbol in declarations and symbol not in found:
            found[symbol] = declarations[symbol]
            waiting |= declarations[symbol].free | ({counts[symbol]} if symbol in counts else set())
    return frozenset(found.values())


class Reference:
    """A term with the assumptions that it stands under; others are compared with it.

    `is_apart` says of a term whether something shows that it is nowhere zero, `is_equal` of two that something shows them to be
    equal; with `where_both`, only worlds count in which both have a value.
    """

    def __init__(
        self,
        value: Term,
        declarations: Iterable[Declaration],
        hypotheses: Iterable[Formula] = (),
        is_apart: Callable[[Term], bool] = lambda term: False,
        where_both: bool = False,
        is_equal: Callable[[Term, Term], bool] = lambda left, right: left == right,
    ) -> None:
        self.value = value
        self.is_equal = is_equal
        self.is_apart = is_apart
        self.where_both = where_both
        self.declarations = {declaration.symbol: declaration for declaration in declarations}
        self.hypotheses = tuple(hypotheses)
        self._values_on: dict[object, ReferenceValues] = {}
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
                        needed = self._bits_needed(term, made_of, found, bits) if _is_by_balls(found) else 0
                    if needed <= bits:
                        return found
                    bits = needed if bits == MOST_BITS else min(needed, MOST_BITS)
                except Undecided:
                    bits *= 2
        except Unsupported as error:
            return Comparison(Agreement.UNDECIDED, reason=str(error))
        if self._is_constant(made_of):
            return Comparison(Agreement.UNDECIDED, reason=f"it agrees to {MOST_BITS // 2:,} bits, which shows nothing")
        return Comparison(Agreement.UNDECIDED, reason=f"it could not be settled with {MOST_BITS:,} bits")

    def _is_constant(self, made_of: Features) -> bool:
        return not made_of.symbols and not self._features.symbols

    @cached_property
    def _features(self) -> Features:
        return features(self.value)

    # -- worlds ----------------------------------------------------------------------------------------------------------

    def stage(self, term: Term) -> Stage:
        """What the worlds of the comparison with a term are drawn from."""
        return self.values(term).stage

    def values(self, term: Term) -> ReferenceValues:
        """The worlds of the comparison with a term."""
        return self._values(term, features(term))

    def _values(self, term: Term, made_of: Features) -> ReferenceValues:
        key = made_of.key
        if key not in self._values_on:
            formulas = [side for hypothesis in self.hypotheses for side in hypothesis.sides]
            assumed: frozenset[Assumption] = closure([term, self.value, *formulas], self.declarations)
            claim = Claim(term, Relation.EQUAL, self.value, assumed | frozenset(self.hypotheses))
            if len(self._values_on) >= MOST_DESIGNS:
                self._values_on.pop(next(iter(self._values_on)))
            self._values_on[key] = ReferenceValues(staged(claim), self.value)
        return self._values_on[key]

    # -- comparing -------------------------------------------------------------------------------------------------------

    def _compared(self, term: Term, made_of: Features) -> Comparison:
        known = self._values(term, made_of)
        agreements: list[int | None] = []
        undecided: Comparison | None = None
        unseen = 0
        partly = False
        for candidates in self._series(known, term, made_of):
            found = self._in_some(candidates, term)
            if found is None or isinstance(found, int):
                unseen += found == NOT_SEEN
                agreements += [] if found == NOT_SEEN else [found]
            elif found.outcome in ONE_SIDED and self.where_both:
                partly = True
            elif found.outcome is not Agreement.UNDECIDED:
                return found
            else:
                undecided = found
        if undecided is not None:
            return undecided
        on_pieces = known.on_pieces(term)
        unsettled = dict.fromkeys(on_pieces.unsettled)
        for seen, inside in chain(
            ((seen, ()) for seen in known.raised(*self._powers(made_of), on_pieces.between)), on_pieces.spots
        ):
            try:
                found = _in_one_of([seen], term)
            except Undecided:
                unsettled |= dict.fromkeys(inside)
                continue
            if isinstance(found, Comparison) and found.outcome is Agreement.DIFFERENT:
                return found
            partly = partly or isinstance(found, Comparison)
        if len(agreements) < WORLDS // 3:
            reason = "there are too few values at which it is defined"
            return Comparison(Agreement.UNDECIDED, len(agreements), reason=reason)
        for end in (end for end in unsettled if not self.is_apart(end)):
            reason = f"it agrees at all places looked at; where {end} changes its sign is not known"
            return Comparison(Agreement.UNDECIDED, len(agreements), reason=reason)
        return Comparison(Agreement.EQUAL, len(agreements), weakest(agreements), unseen=unseen, partly=partly)

    def _in_some(self, candidates: Iterable[Seen], term: Term) -> Comparison | int | None:
        """What is seen in the first world in which either has a value, or, where that is asked, both."""
        if not self.where_both:
            return _in_one_of(candidates, term)
        one_sided: Comparison | None = None
        for seen in candidates:
            found = _in_one_of([seen], term)
            if isinstance(found, Comparison) and found.outcome in ONE_SIDED:
                one_sided = one_sided or found
            elif found != NOT_SEEN:
                return found
        return NOT_SEEN if one_sided is None else one_sided

    def _enough(self, known: ReferenceValues, made_of: Features) -> Sequence[int]:
        """The numbered worlds that show all that there is to be seen: without pieces and branches, that is the sizes."""
        sizes = len(known.stage.sizes)
        if made_of.piecewise or self._features.piecewise:
            return EVERY
        if made_of.branchless and self._features.branchless:
            return SHOWING_SIZES[sizes] if sizes < len(SHOWING_SIZES) else EVERY
        few = not sizes and len(made_of.symbols | self._features.symbols) <= 3
        return SHOWING_SIGNS if few else EVERY

    def _powers(self, made_of: Features) -> tuple[frozenset[Symbol], frozenset[Symbol]]:
        """The symbols in exponents, and those under branches, on either side."""
        own = self._features
        return own.raised | made_of.raised, own.branching | made_of.branching

    def _series(self, known: ReferenceValues, term: Term, made_of: Features) -> Iterator[Iterable[Seen]]:
        """For each world of the design its draws, and for each pattern of signs that it lacks; then the fresh ones, and those
        that a high degree in a size asks for.
        """
        numbers = self._enough(known, made_of)
        for number in numbers:
            yield known.numbered(number)
        for place, signs in enumerate(known.stage.unseen_signs(self._powers(made_of)[1], numbers)):
            yield known.numbered(place % WORLDS, signs)
        yield known.fresh()
        largest = max(made_of.largest, self._features.largest)
        sizes = sorted(known.stage.sizes, key=repr)
        degrees = [made_of.degree_in(size, term) + self._features.degree_in(size, self.value) for size in sizes]
        for size, degree in zip(sizes, degrees, strict=True):
            for number in range(SIZES_SEEN, _sizes_to_see(size, degree, largest)):
                yield known.of_size(size, number, 1)
                if (
                    sum(other >= SIZES_SEEN for other in degrees) > 1
                ):  # there a product of two may be the first that is not zero
                    yield known.of_size(size, number, max(degrees) + 1)
        for seen in known.on_pieces(term).between:
            yield (seen,)

    # -- definedness -------------------------------------------------------------------------------------------------------

    def is_defined_beyond(self, condition: Formula) -> bool:
        """Whether the reference has a value somewhere where a condition does not hold; also where that is not known."""
        inside = _zero_at_its_end(condition)
        if (
            inside is None or len(self._numbers_in((inside, self.value))) > 1
        ):  # on no line are all places where both may be
            return True
        try:
            with precision(BALL_BITS):
                stage = self.stage(inside)
                found = pieces(stage, (inside, self.value), [End(part, jumps=True) for part in (inside,)])
                drawn = (world for number in EVERY if (world := stage.world(number, 0)) is not None)
                looked_at = (*drawn, *found.between, *(spot.world for spot in found.spots))
                return bool(found.unsettled) or any(self._is_defined_against(condition, world) for world in looked_at)
        except (Undecided, Unsupported):
            return True

    def _numbers_in(self, terms: Iterable[Term]) -> frozenset[Symbol]:
        return frozenset(symbol for term in terms for symbol in features(term).symbols if symbol in self.declarations)

    def _is_defined_against(self, condition: Formula, world: World) -> bool:
        with suppress(Undefined):
            if not truth(condition, world).true:
                world.apart().value(self.value)
                return True
        return False

    # -- precision ---------------------------------------------------------------------------------------------------------

    def _bits_needed(self, term: Term, made_of: Features, found: Comparison, bits: int) -> int:
        """How many bits let nothing on either side be swallowed: 1 + e⁻¹⁰⁰⁰ is 1 to a thousand bits, and sin(tan x) and tan(sin x)
        differ in the seventh power of x. Of numbers alone none are enough, but what shows them to be equal.
        """
        if self._is_constant(made_of):
            enough = bits_that_show(term, self.value)
            seen = (found.bits or 0) - max(0, self._size_of_constant())
            shown = enough is not None and enough < seen
            return 0 if shown or self.is_equal(term, self.value) else 2 * bits
        known = self._values(term, made_of)
        first = next(known.numbered(0), None)
        if first is None:
            return 0
        world = first[0].apart()
        if known.extent is None:
            known.extent = extent(self.value, world)
        return bits_for(max(extent(term, world), known.extent))

    def _size_of_constant(self) -> int:
        """log₂ of a reference without symbols, rounded up."""
        world = World(0, {}, {})
        return max((magnitude(entry) + 1 for entry in entries_of(world.value(self.value))), default=0)

    # -- fingerprints --------------------------------------------------------------------------------------------------------

    @cached_property
    def _whole(self) -> Stage:
        claim = Claim(
            self.value, Relation.EQUAL, self.value, frozenset((*self.declarations.values(), *self.hypotheses))
        )
        return staged(claim)

    def fingerprint(self, term: Term) -> str:
        """A digest of the values of a term in all fixed worlds in which the reference has one: alike for equal terms.

        Raises Undefined where the term has no value in one of them, or there are too few, and Undecided and Unsupported.
        """
        with precision(BALL_BITS):
            worlds = [world for number in FINGERPRINTED if (world := self._world_of_reference(number)) is not None]
            if len(worlds) < FEWEST_FIXED:
                raise Undefined("there are too few worlds of the premises")
            return _digest([_spelled(world.apart().value(term)) for world in worlds])

    def _world_of_reference(self, number: int) -> World | None:
        """A world of a number that obeys the premises, in which the reference has a value: it is computed once."""
        if number not in self._known_worlds:
            drawn = (self._whole.world(number, attempt) for attempt in range(ATTEMPTS))
            own = next((world.apart() for world in drawn if world is not None), None)
            try:
                if own is not None:
                    own.value(self.value)
            except Undefined:
                own = None
            self._known_worlds[number] = own
        return self._known_worlds[number]

    def fingerprint_where_defined(self, value: Callable[[World], Value]) -> str:
        """A digest of some values, in the first fixed worlds that have one: of more where there are pieces.

        Raises Undefined where there are not enough, and Undecided and Unsupported.
        """
        found: list[str] = []
        enough = 7 if self._features.piecewise else FEWEST_FIXED
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


def _zero_at_its_end(condition: Formula) -> Term | None:
    """What is zero where a condition on numbers begins to fail."""
    left, right = condition.left, condition.right
    if condition.relation.unary or not isinstance(left, Term) or not isinstance(right, Term):
        return None
    return left if is_zero(right) else right if is_zero(left) else add_entrywise(right, negate(left))


def _digest(found: list[str]) -> str:
    return hashlib.blake2b("; ".join(found).encode(), digest_size=10).hexdigest()


def _spelled(value: Value) -> str:
    if isinstance(value, Matrix):
        return f"{value.height}x{value.width}: " + " ".join(_spelled(entry) for entry in value.entries())
    if isinstance(value, Polynomial):
        return " + ".join(sorted(f"{_spelled(c)}{monomial}" for monomial, c in value.coefficients.items()))
    return (value if isinstance(value, arb) else arb(value)).str(30, radius=False)
