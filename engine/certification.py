"""Certification: a claim is tested in the worlds of its assumptions, and its evidence is what was seen there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from flint import ctx

from engine.claims import Claim, ConditionMissing, DerivationError, Evidence, Kind, NotDecided, Refuted
from engine.degrees import degree, degree_of_law
from engine.evaluator import SAMPLE, World
from engine.premises import POSITIVE, Declaration, Formula, Relation
from engine.terms import (
    INDEXED,
    Add,
    Apply,
    Call,
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
from engine.terms import replace as replace_term
from engine.truth import truth
from engine.values import Undecided, Undefined, Unsupported, precision, weakest
from engine.worlds import ATTEMPTS, SMALL_WHOLE, WORLDS, Impossible, drawn, filled_world, fresh, obeying, solutions

BALL_BITS = 256
DIFFERENCE_BITS = 1000
HIGHEST_BITS = 8000


@dataclass(frozen=True)
class Grounds:
    """By which rule a claim is made, whether the rule is structural, and the evidence of what it leans on."""

    rule: str
    structural: bool
    leaning: tuple[Evidence, ...] = ()


Background = frozenset[Declaration]


def certify(claim: Claim, grounds: Grounds, background: Background = frozenset()) -> Evidence:
    """Test a claim in the worlds of its assumptions. Raises Refuted, ConditionMissing or NotDecided.

    The `background` is what else is declared around the claim: drawn along with it, so that neighbouring
    claims are tested in the same worlds and share what is computed there.
    """
    bits = _starting_bits(claim)
    while bits <= HIGHEST_BITS:
        try:
            with precision(bits):
                return _certified(claim, grounds, staged(claim, background))
        except Undecided:
            bits *= 2
    raise NotDecided(f"{claim.formula} could not be settled with {HIGHEST_BITS} bits")


@dataclass(frozen=True)
class Stage:
    """What the worlds of a claim are drawn from: its symbols, which of them are sizes, what must hold."""

    declarations: frozenset[Declaration]
    sizes: frozenset[Symbol]
    largest: int
    hypotheses: tuple[Formula, ...]
    wide: bool  # whether to look at numbers on scales wide apart first

    def world(self, number: int, attempt: int) -> World | None:
        """The world of this number, at this attempt; None where it does not obey the hypotheses."""
        try:
            wide = self.wide and attempt == 0
            world = drawn(self.declarations, self.sizes, number, self.largest, attempt, wide)
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
    declared |= {d for d in background if d.symbol.name not in names and _sizes_of(d) <= sizes}
    hypotheses = tuple(sorted((a for a in claim.assumptions if isinstance(a, Formula)), key=repr))
    return Stage(frozenset(declared), sizes, largest, hypotheses, _is_piecewise(claim))


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


def _starting_bits(claim: Claim) -> int:
    return max(starting_bits(side) for side in claim.formula.sides)


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


def _certified(claim: Claim, grounds: Grounds, stage: Stage) -> Evidence:
    agreements: list[int | None] = []
    seen: list[World] = []
    for number in range(WORLDS):
        found = _in_world(claim, stage, number)
        if found is not None:
            seen.append(found[0])
            agreements.append(found[1])
    if len(agreements) < WORLDS // 3:
        raise NotDecided(f"only {len(agreements)} worlds obey the premises of {claim.formula}")
    widest = max(seen[-3:], key=lambda world: sum(world.size(size) for size in stage.sizes))
    bound = _count_for_bound(seen, claim, stage) * _log_chance(claim, widest)
    return _evidence(claim, grounds, agreements, bound)


def _count_for_bound(seen: list[World], claim: Claim, stage: Stage) -> int:
    """How many worlds bound the chance of a false pass: not those in which a whole number is a small one of our choice."""
    numbers = claim.formula.free - stage.sizes
    chosen = any(d.domain.whole and d.symbol in numbers for d in stage.declarations)
    return sum(1 for world in seen if not (chosen and world.number in SMALL_WHOLE))


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


@lru_cache(maxsize=2_000)
def degree_in_matrices(term: Term) -> float:
    scalars = {symbol: (0.0, 0.0) for symbol in term.free if symbol.is_scalar}
    return degree(term, scalars, 1, lambda _: 2)[0]


def _in_world(claim: Claim, stage: Stage, number: int) -> tuple[World, int | None] | None:
    """A world of this number in which the claim was seen to hold, and to how many bits.

    None where no draw obeys the premises. Raises Refuted, and ConditionMissing where every draw that
    obeys the premises leaves a side undefined.
    """
    undefined = ""
    for attempt in range(ATTEMPTS):
        world = stage.world(number, attempt)
        if world is None:
            continue
        try:
            bits = _holds(claim, world)
        except Undefined as error:
            undefined = f"{error} in {world.described(claim.symbols)}"
            continue
        except Undecided:
            if stage.wide and attempt == 0:
                continue
            raise
        except Unsupported as error:
            raise NotDecided(f"{claim.formula} cannot be evaluated: {error}") from None
        if bits != NOT_SEEN:
            return world, bits
    if undefined:
        raise ConditionMissing(undefined, str(claim.formula))
    return None


NOT_SEEN = 0  # no world in which the claim's equation holds could be made here


def _holds(claim: Claim, world: World) -> int | None:
    """To how many bits a claim was seen to hold (None: exactly, 0: not seen at all). Raises Refuted."""
    if not claim.relation.joins_formulas:
        found = truth(claim.formula, world)
        if not found.true:
            raise Refuted(claim, world, found)
        return None if claim.relation is Relation.NOT_EQUAL else found.bits
    assert isinstance(claim.left, Formula) and isinstance(claim.right, Formula)
    sides = _side_by_side(claim.left, claim.right, world)
    if sides != NOT_SEEN:
        return sides
    seen = [_follows(claim, claim.left, claim.right, world)]
    if claim.relation is Relation.EQUIVALENT:
        seen.append(_follows(claim, claim.right, claim.left, world))
    return weakest(seen)


def _side_by_side(first: Formula, second: Formula, world: World) -> int | None:
    """Whether two equations are the same because each side of the one equals that of the other."""
    bits: list[int | None] = []
    for a, b in zip(first.sides, second.sides, strict=True):
        if a.shape != b.shape:
            return NOT_SEEN
        found = truth(Formula(a, Relation.EQUAL, b), world)
        if not found.true:
            return NOT_SEEN
        bits.append(found.bits)
    return weakest(bits)


def _follows(claim: Claim, given: Formula, wanted: Formula, world: World) -> int | None:
    """Whether one equation holds wherever the other does: tried in worlds made so that it does."""
    if claim.unknown is None:
        raise DerivationError(f"{claim.formula} does not say what it is about")
    seen: list[int | None] = []
    for solved in solutions(given, claim.unknown, world):
        found = truth(wanted, solved)
        if not found.true:
            raise Refuted(claim, solved, found)
        seen.append(found.bits)
    return weakest(seen) if seen else NOT_SEEN


def _log_chance(claim: Claim, world: World) -> float:
    """log₁₀ of the chance that a false claim passes in one world: its degree over the sample's size."""
    weights = _weights_of_unknown(claim, world) | _weights_of_laws(world)
    total = sum(
        math.inf if pair[0] == math.inf else sum(pair)
        for pair in (degree(side, weights, 1, world.size) for side in claim.formula.sides)
    )
    return min(0.0, math.log10(max(total, 1) / SAMPLE)) if math.isfinite(total) else math.inf


def _weights_of_unknown(claim: Claim, world: World) -> dict[Symbol, tuple[float, float]]:
    """The degree of an unknown that was solved for: Cramer's rule in the entries of its equation."""
    if claim.unknown is None or not isinstance(claim.left, Formula):
        return {}
    count = math.prod(world.size(size) for size in claim.unknown.shape)
    highest = max(sum(degree(side, {}, 1, world.size)) for side in claim.formula.sides)
    return {claim.unknown: (count * highest, count * highest)}


def _weights_of_laws(world: World) -> dict[Symbol, tuple[float, float]]:
    """The degrees that the moments of random symbols have in what their laws are given by."""
    laws = {symbol: declaration.law for symbol, declaration in world.declarations.items() if declaration.law}

    def of(term: Term) -> tuple[float, float]:
        inner = {symbol: degree_of_law(laws[symbol], of) for symbol in term.free if symbol in laws}
        return degree(term, inner, 1, world.size)

    return {symbol: degree_of_law(law, of) for symbol, law in laws.items()}


def _evidence(claim: Claim, grounds: Grounds, agreements: list[int | None], bound: float) -> Evidence:
    bits = weakest(agreements)
    citation = "" if grounds.leaning else _newly_cited(claim)
    if citation:
        return Evidence(Kind.CITED, len(agreements), bits, citation=citation)
    if claim.relation in _STRUCTURAL or _takes_a_limit(claim):
        if not (grounds.structural or any(evidence.kind is Kind.STRUCTURAL for evidence in grounds.leaning)):
            raise DerivationError(f"'{grounds.rule}' cannot show {claim.formula}: it takes a structural rule")
        return Evidence(Kind.STRUCTURAL, len(agreements), bits)
    if bits is not None:
        return Evidence(Kind.ENCLOSED, len(agreements), bits)
    return Evidence(Kind.EXACT, len(agreements), None, None if bound == math.inf else bound)


def _takes_a_limit(claim: Claim) -> bool:
    """Whether a limit stands on one side only: then the other side is what it was found to be."""
    if not isinstance(claim.left, Term) or not isinstance(claim.right, Term):
        return False
    pairs = ((claim.left, claim.right), (claim.right, claim.left))
    return any(
        _limits(here) and not _limits(there) and not _limits(here) <= _limits(there, deep=True) for here, there in pairs
    )


def _limits(term: Term, deep: bool = False) -> set[Term]:
    """The limits in a term; `deep` ones are in what its names stand for, too."""
    return {node for node in (nodes(term) if deep else term.walk()) if isinstance(node, Limit)}


_STRUCTURAL = {
    Relation.NOT_EQUAL,
    Relation.LESS,
    Relation.AT_MOST,
    Relation.POSITIVE_DEFINITE,
    Relation.POSITIVE_SEMIDEFINITE,
    Relation.INVERTIBLE,
    Relation.MINIMISER,
    Relation.UNIQUE_MINIMISER,
}


def _newly_cited(claim: Claim) -> str:
    """The reference of a law from the literature that the claim replaces by what it says.

    A cited name that merely drops out (a constant under a derivative, a common factor) is not leaned on:
    then the claim holds as well with any other value for it.
    """
    if claim.right is None:
        return ""
    before, after = (_cited_calls(side) for side in (claim.left, claim.right))
    gone = {call for call in before if call.definition not in {other.definition for other in after}}
    if not gone or _holds_without(claim, gone):
        return ""
    return "; ".join(sorted({call.definition.citation for call in gone}))


def _cited_calls(side: Term | Formula) -> set[Call]:
    terms = side.sides if isinstance(side, Formula) else (side,)
    return {n for term in terms for n in term.walk() if isinstance(n, Call) and n.definition.citation}


def _holds_without(claim: Claim, calls: set[Call]) -> bool:
    """Whether an equality holds, too, where the calls are numbers of their own."""
    if claim.relation is not Relation.EQUAL or not all(call.is_scalar for call in calls):
        return False
    stand_ins = {call: Symbol(f"any{k}") for k, call in enumerate(sorted(calls, key=repr))}
    left, right = claim.left, claim.right
    for call, symbol in stand_ins.items():
        assert isinstance(left, Term) and isinstance(right, Term)
        left, right = replace_term(left, call, symbol), replace_term(right, call, symbol)
    declared = frozenset(Declaration(symbol, POSITIVE) for symbol in stand_ins.values())
    free = Claim(left, claim.relation, right, claim.assumptions | declared)
    try:
        return _in_world(free, staged(free, frozenset()), 0) is not None
    except DerivationError:
        return False


def united_evidence(parts: Iterable[Evidence]) -> Evidence:
    """As strong as the weakest part."""
    every = list(parts)
    order = list(Kind)
    kind = max((part.kind for part in every), key=order.index)
    bounds = [part.bound for part in every if part.bound is not None]
    chance = math.log10(sum(10.0 ** max(bound, -300) for bound in bounds)) if bounds and kind is Kind.EXACT else None
    return Evidence(
        kind,
        min(part.worlds for part in every),
        weakest(part.bits for part in every),
        chance,
        "; ".join(sorted({part.citation for part in every if part.citation})),
    )
