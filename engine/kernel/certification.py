"""Certification: a claim is tested in the worlds of its assumptions, and its evidence is what was seen there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain

from engine.kernel.evidence import ConditionMissing, DerivationError, Evidence, Kind, NotDecided, Refuted
from engine.terms import Call, Limit, Symbol, Term
from engine.terms import replace as replace_term
from engine.terms.claims import Claim
from engine.terms.declarations import POSITIVE, Declaration
from engine.terms.formulas import Formula, Relation
from engine.worlds.boundaries import TooFar, at_edges, pieces
from engine.worlds.breakpoints import ends
from engine.worlds.degrees import degree, degree_of_law
from engine.worlds.design import STRUCTURAL, Background, Stage, staged
from engine.worlds.drawing import ATTEMPTS, SMALL_WHOLE
from engine.worlds.features import MOST_SIZES, SIZES_SEEN, features, nodes
from engine.worlds.signs import WORLDS
from engine.worlds.solving import solutions
from engine.worlds.truth import truth
from engine.worlds.values import Undecided, Undefined, Unsupported, allowance, precision, weakest
from engine.worlds.world import SAMPLE, World

HIGHEST_BITS = 8000
FURTHER_WORK = 40_000  # what a look beyond the design may cost, in the units of `allowance`


@dataclass(frozen=True)
class Grounds:
    """By which rule a claim is made, whether the rule is structural and the engine's own, and the evidence of what it leans on."""

    rule: str
    structural: bool
    leaning: tuple[Evidence, ...] = ()
    own: bool = True


def certify(claim: Claim, grounds: Grounds, background: Background = frozenset()) -> Evidence:
    """Test a claim in the worlds of its assumptions. Raises Refuted, ConditionMissing or NotDecided.

    The `background` is what else is declared around the claim: drawn along with it, so that neighbouring
    claims are tested in the same worlds and share what is computed there.
    """
    bits = max(features(side).bits for side in claim.formula.sides)
    while bits <= HIGHEST_BITS:
        try:
            with precision(bits):
                return _certified(claim, grounds, staged(claim, background))
        except Undecided:
            bits *= 2
    raise NotDecided(f"{claim.formula} could not be settled with {HIGHEST_BITS} bits")


def _certified(claim: Claim, grounds: Grounds, stage: Stage) -> Evidence:
    agreements: list[int | None] = []
    seen: list[World] = []
    for number in range(WORLDS):
        found = _in_world(claim, stage, number)
        if found is not None:
            seen.append(found[0])
            agreements.append(found[1])
    if len(agreements) < WORLDS // 3:
        count = f"only {len(agreements)} worlds obey" if agreements else "no values were found that obey"
        raise NotDecided(f"{count} the premises of {claim.formula}")
    agreements += _looked_further(claim, stage)
    widest = max(seen[-3:], key=lambda world: sum(world.size(size) for size in stage.sizes))
    bound = _count_for_bound(seen, claim, stage) * _log_chance(claim, widest)
    return _evidence(claim, grounds, agreements, bound)


def _looked_further(claim: Claim, stage: Stage) -> list[int | None]:
    """What was seen beyond the design, as far as the allowance goes; what was looked at only because a claim may fail there adds
    nothing to it. Raises Refuted, and NotDecided where it is known that more is needed.
    """
    agreements: list[int | None] = []
    try:
        with allowance(FURTHER_WORK):
            for world in _where_it_may_fail(claim, stage):
                with suppress(Undefined, Undecided, Unsupported):
                    _holds(claim, world.apart())
            for world in _further(claim, stage):
                with suppress(Undefined, Undecided, Unsupported):
                    agreements.append(_holds(claim, world.apart()))
    except TooFar as error:
        raise NotDecided(f"{claim.formula}: {error}") from None
    except Unsupported:
        pass
    return agreements


def _count_for_bound(seen: list[World], claim: Claim, stage: Stage) -> int:
    """How many worlds bound the chance of a false pass: not those in which a whole number is a small one of our choice."""
    numbers = claim.formula.free - stage.sizes
    chosen = any(d.domain.whole and d.symbol in numbers for d in stage.declarations)
    return sum(1 for world in seen if not (chosen and world.number in SMALL_WHOLE))


def _where_it_may_fail(claim: Claim, stage: Stage) -> Iterator[World]:
    """The signs that numbers under branches do not have in the design, the pieces of an equality, and the edges of what may fail on
    one alone.
    """
    on_an_edge = claim.relation in STRUCTURAL and claim.formula not in claim.assumptions
    made_of = map(features, claim.formula.sides)
    branching = frozenset().union(*(found.symbols if on_an_edge else found.branching for found in made_of))
    for place, signs in enumerate(stage.unseen_signs(branching, range(WORLDS))):
        world = stage.world(place % WORLDS, 0, signs)
        if world is not None:
            yield world
    if claim.relation is Relation.EQUAL:
        found = pieces(stage, claim.formula.sides, chain.from_iterable(map(ends, claim.formula.sides)))
        yield from (*found.between, *found.spots)
    if on_an_edge:
        yield from at_edges(stage, claim.formula.free)


def _further(claim: Claim, stage: Stage) -> Iterator[World]:
    """Beyond the design, for an equality: sizes as many as its degree in one asks for."""
    if claim.relation is not Relation.EQUAL:
        return
    sides = claim.formula.sides
    made_of = [features(side) for side in sides]
    for size in stage.sizes:
        highest = sum(f.degree_in(size, side) for f, side in zip(made_of, sides, strict=True))
        others = {other: 1 + place % 2 for place, other in enumerate(sorted(stage.sizes, key=repr))}
        for number in range(SIZES_SEEN, min(highest, MOST_SIZES) + 2):
            world = stage.sized({**others, size: number}, number)
            if world is not None:
                yield world


def _in_world(claim: Claim, stage: Stage, number: int) -> tuple[World, int | None] | None:
    """A world of this number in which the claim was seen to hold, and to how many bits.

    None where no draw obeys the premises. Raises Refuted, and ConditionMissing where every draw that
    obeys the premises leaves a side undefined.
    """
    undefined = ""
    for attempt in range(ATTEMPTS):
        try:
            world = stage.world(number, attempt)
            if world is None:
                continue
            bits = _holds(claim, world)
        except Undefined as error:
            undefined = f"{error} in {world.described(claim.symbols)}" if world is not None else str(error)
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
    limit = _takes_a_limit(claim)
    if limit or claim.relation in STRUCTURAL:
        inserted = limit and any(evidence.kind is Kind.STRUCTURAL for evidence in grounds.leaning)
        if not (grounds.structural or inserted):
            raise DerivationError(f"'{grounds.rule}' cannot show {claim.formula}: it takes a structural rule")
        return Evidence(Kind.STRUCTURAL, len(agreements), bits, shown_by=() if grounds.own else (grounds.rule,))
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


def resting_on(evidence: Evidence, others: Iterable[Evidence]) -> Evidence:
    """The evidence for a claim that leans on others: where those rest on the word of a rule that is not the engine's, so does
    the claim.
    """
    names = {name for part in (evidence, *others) for name in part.shown_by}
    if names == set(evidence.shown_by):
        return evidence
    kind = evidence.kind if evidence.kind is Kind.CITED else Kind.STRUCTURAL
    return replace(evidence, kind=kind, bound=None, shown_by=tuple(sorted(names)))


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
        tuple(sorted({name for part in every for name in part.shown_by})),
    )
