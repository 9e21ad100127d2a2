"""Whether a term is worth the same as a reference in every world: what an answer is judged by.

No rule is consulted, and nothing is compared with a tolerance. The reference's values are computed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from flint import arb, ctx, fmpq

from engine.certification import (
    BALL_BITS,
    HIGHEST_BITS,
    Stage,
    counted_in,
    degree_in_matrices,
    is_piecewise,
    nodes,
    sizes_in,
    staged,
    starting_bits,
)
from engine.claims import Claim
from engine.evaluator import Value, World
from engine.premises import Assumption, Declaration, Formula, Relation
from engine.terms import ONE, Apply, ArgMin, Number, Summation, Symbol, Term, substitute
from engine.values import Matrix, Polynomial, Undecided, Undefined, Unsupported, entries_of, precision, same, weakest
from engine.worlds import ATTEMPTS, WORLDS


class Outcome(Enum):
    EQUAL = "equal"
    DIFFERENT = "different"
    UNDEFINED = "undefined"  # where the reference has a value
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Comparison:
    """How a term compares with the reference; with the world that shows it, where they differ."""

    outcome: Outcome
    worlds: int = 0
    bits: int | None = None  # to how many bits balls agreed; None: exactly equal
    world: World | None = None
    reason: str = ""


def symbols_of(term: Term) -> frozenset[Symbol]:
    """The symbols that a term's value leans on, with the variables that it is minimised over."""
    return term.free.union(node.variable for node in nodes(term) if isinstance(node, ArgMin))


def closure(terms: Iterable[Term], declarations: dict[Symbol, Declaration]) -> frozenset[Declaration]:
    """The declarations of the symbols of some terms, and of what these lean on."""
    found: dict[Symbol, Declaration] = {}
    waiting = {symbol for term in terms for symbol in symbols_of(term)}
    while waiting:
        symbol = waiting.pop()
        if symbol in declarations and symbol not in found:
            found[symbol] = declarations[symbol]
            waiting |= declarations[symbol].free
    return frozenset(found.values())


class Reference:
    """A term with the assumptions that it stands under; others are compared with it."""

    def __init__(self, value: Term, declarations: Iterable[Declaration], hypotheses: Iterable[Formula] = ()) -> None:
        self.value = value
        self.declarations = {declaration.symbol: declaration for declaration in declarations}
        self.hypotheses = tuple(hypotheses)
        self._stages: dict[object, Stage] = {}
        self._values: dict[tuple[Stage, int, int, int], tuple[World, Value] | None] = {}

    def compared(self, term: Term, seed: int) -> Comparison:
        """Compare a term of the same shape in the numbered worlds, and in one more, drawn from the seed."""
        bits = max(starting_bits(term), starting_bits(self.value))
        while bits <= HIGHEST_BITS:
            try:
                with precision(bits):
                    found = self._compared(term, seed)
                    needed = self._bits_needed(term) if found.outcome is Outcome.EQUAL and found.bits else 0
                if needed <= bits:
                    return found
                bits = needed
            except Undecided:
                bits *= 2
        return Comparison(Outcome.UNDECIDED, reason=f"it could not be settled with {HIGHEST_BITS:,} bits")

    # -- worlds ----------------------------------------------------------------------------------------------------------

    def stage(self, term: Term) -> Stage:
        """What the worlds of the comparison with a term are drawn from."""
        counted = sizes_in.__wrapped__(term) | counted_in.__wrapped__(term)
        high = degree_in_matrices.__wrapped__(term)
        key = (symbols_of(term), counted, 0 if high < 8 else 1 if high < 12 else 2, is_piecewise(term))
        if key not in self._stages:
            formulas = [side for hypothesis in self.hypotheses for side in hypothesis.sides]
            assumed: frozenset[Assumption] = closure([term, self.value, *formulas], self.declarations)
            self._stages[key] = staged(Claim(term, Relation.EQUAL, self.value, assumed | frozenset(self.hypotheses)))
        return self._stages[key]

    def worth(self, stage: Stage, number: int, attempt: int) -> tuple[World, Value] | None:
        """A numbered world and the reference's value there; None where there is no such world, or no value."""
        key = (stage, number, attempt, ctx.prec)
        if key not in self._values:
            self._values[key] = self._worth(stage.world(number, attempt))
        return self._values[key]

    def _worth(self, world: World | None) -> tuple[World, Value] | None:
        try:
            return (world, world.value(self.value)) if world is not None else None
        except Undefined:
            return None

    # -- comparing -------------------------------------------------------------------------------------------------------

    def _compared(self, term: Term, seed: int) -> Comparison:
        stage = self.stage(term)
        agreements: list[int | None] = []
        reasons: list[str] = []
        for candidates in self._series(stage, seed):
            found = self._in_one_of(candidates, term)
            if found is None:
                continue
            if found.outcome is Outcome.UNDECIDED:
                reasons.append(found.reason)
            elif found.outcome is Outcome.EQUAL:
                agreements.append(found.bits)
            else:
                return found
        if len(agreements) < WORLDS // 3:
            reason = reasons[0] if reasons else "no world obeys the premises"
            return Comparison(Outcome.UNDECIDED, len(agreements), reason=reason)
        return Comparison(Outcome.EQUAL, len(agreements), weakest(agreements))

    def _series(self, stage: Stage, seed: int) -> Iterator[Iterator[tuple[World, Value]]]:
        """For each world of the design, and for the fresh one, its draws."""
        for number in range(WORLDS):
            yield (found for attempt in range(ATTEMPTS) if (found := self.worth(stage, number, attempt)))
        yield (found for attempt in range(ATTEMPTS) if (found := self._worth(stage.fresh(seed + attempt))))

    def _in_one_of(self, candidates: Iterator[tuple[World, Value]], term: Term) -> Comparison | None:
        """In the first of some worlds in which the term has a value; None where there are no worlds."""
        undefined: Comparison | None = None
        for world, wanted in candidates:
            try:
                value = world.apart().value(term)
                equal, bits = same(value, wanted)
            except Undefined as error:
                undefined = undefined or Comparison(Outcome.UNDEFINED, world=world, reason=str(error))
                continue
            except Unsupported as error:
                return Comparison(Outcome.UNDECIDED, world=world, reason=str(error))
            return Comparison(Outcome.EQUAL if equal else Outcome.DIFFERENT, 1, bits, world)
        return undefined

    # -- precision ---------------------------------------------------------------------------------------------------------

    def _bits_needed(self, term: Term) -> int:
        """How many bits let nothing on either side be swallowed: 1 + e⁻¹⁰⁰⁰ is 1 to a thousand bits."""
        found = self.worth(self.stage(term), 0, 0)
        if found is None:
            return 0
        world = found[0].apart()
        extents = (_extent(node, world) for side in (term, self.value) for node in _nodes_at_one(side))
        return BALL_BITS + 2 * max(extents, default=0)

    # -- fingerprints --------------------------------------------------------------------------------------------------------

    @cached_property
    def _whole(self) -> Stage:
        claim = Claim(
            self.value, Relation.EQUAL, self.value, frozenset((*self.declarations.values(), *self.hypotheses))
        )
        return staged(claim)

    def fingerprint(self, term: Term) -> str:
        """The values of a term in two fixed worlds, as text: alike for equal terms."""
        found: list[str] = []
        with precision(BALL_BITS):
            for number in (3, 4):
                try:
                    world = self._whole.world(number, 0)
                    found.append("-" if world is None else _spelled(world.apart().value(term)))
                except (Undefined, Undecided, Unsupported) as error:
                    found.append(type(error).__name__)
        return "; ".join(found)


def _nodes_at_one(term: Term) -> Iterator[Term]:
    """The nodes of a term, those under sums with 1 for the index."""
    for node in nodes(term):
        yield node
        if isinstance(node, Summation):
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
        argument = min(max(_magnitude(world.value(node.argument)), 0), 20)
        return max(largest, 4 * int(_SATURATING[node.function] ** argument))
    return largest


_SATURATING = {"tanh": 2, "erf": 4}  # 1 − tanh x ≈ 2e⁻²ˣ, 1 − erf x ≈ e^(−x²)


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
