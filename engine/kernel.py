"""The kernel: what a claim is, what a step is, and the one function that makes steps.

A rule computes the next line; the kernel believes it only if the claim that this makes holds in the
worlds of `engine.worlds`, and if every condition it needs (each inverse, root, log and quotient in it, and
those of the rule) follows from the premises. The kernel imports no rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import InitVar, dataclass, replace
from enum import Enum
from typing import Any, Protocol

from engine.conditions import Condition, conditions_of
from engine.degrees import degree
from engine.evaluator import SAMPLE, Truth, World, truth
from engine.premises import POSITIVE, Assumption, Declaration, Formula, Relation
from engine.terms import Call, Derivative, Differential, Identity, Limit, Number, Summation, Symbol, Term
from engine.terms import replace as replace_term
from engine.values import Undecided, Undefined, Unsupported, precision, weakest
from engine.worlds import ATTEMPTS, WORLDS, Impossible, draw_world, solutions, worlds

BALL_BITS = 256
DIFFERENCE_BITS = 1000
HIGHEST_BITS = 8000


# -- errors ------------------------------------------------------------------------------------------------------


class DerivationError(Exception):
    """A step cannot be made."""


class Refuted(DerivationError):
    """A claim fails in a world, which the exception carries."""

    def __init__(self, claim: Claim, world: World, found: Truth) -> None:
        self.claim, self.world, self.left, self.right = claim, world, found.left, found.right
        super().__init__(f"{claim.formula} is false, for example in {world}")


class ConditionMissing(DerivationError):
    """A step needs a condition that neither the premises nor earlier claims give."""

    def __init__(self, condition: str, needed_by: str) -> None:
        self.condition, self.needed_by = condition, needed_by
        super().__init__(f"{needed_by} needs a condition that is not given: {condition}")


class NotApplicable(DerivationError):
    """A rule has nothing to do here, or does not treat this; the message says what and why."""


class NothingToDo(NotApplicable):
    """A rule would leave its subject as it is."""


class NotDecided(DerivationError):
    """No world could settle a claim."""


# -- claims --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Claim:
    """That a relation holds between two sides in every world of the assumptions."""

    left: Term | Formula
    relation: Relation
    right: Term | Formula | None
    assumptions: frozenset[Assumption]
    unknown: Symbol | None = None  # for ⇔ and ⇒: the symbol that the equations are about

    @property
    def formula(self) -> Formula:
        return Formula(self.left, self.relation, self.right)


class Kind(Enum):
    """What evidence is worth, strongest first."""

    EXACT = "exact"
    ENCLOSED = "enclosed"
    STRUCTURAL = "structural"
    CITED = "cited"


@dataclass(frozen=True)
class Evidence:
    """Why a claim is believed.

    `bound` is the log₁₀ of an upper bound (Schwartz–Zippel) on the chance that the claim holds in all
    these worlds although it is false at each of their sizes; None where no polynomial bounds it.
    """

    kind: Kind
    worlds: int
    bits: int | None = None  # of agreement, where balls were compared
    bound: float | None = None
    citation: str = ""


_SEAL = object()


@dataclass(frozen=True)
class Step:
    """A certified claim: by which rule, on what it leans, under which conditions, with what evidence.

    Only `infer`, `assume` and `chain` make steps; the constructor raises TypeError for anyone else.
    """

    claim: Claim
    rule: Rule
    reason: str
    using: tuple[Step, ...]
    conditions: tuple[Step, ...]
    evidence: Evidence
    detail: tuple[Step, ...] = ()
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("a Step is made by the kernel alone: use infer, assume or chain")

    @property
    def before(self) -> Term | Formula:
        return self.claim.left

    @property
    def after(self) -> Term | Formula | None:
        return self.claim.right


# -- rules, as the kernel sees them ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What a rule computed from its subject: the formula that it claims, and why."""

    formula: Formula
    slots: dict[str, Any] | None = None  # for the rule's sentence
    using: tuple[Step, ...] = ()
    conditions: tuple[Formula, ...] = ()
    detail: tuple[Step, ...] = ()
    unknown: Symbol | None = None


class Context(Protocol):
    """What a rule and the kernel may ask of the premises."""

    def declaration(self, symbol: Symbol) -> Declaration: ...

    def discharge(self, condition: Condition) -> Step | None: ...


@dataclass(frozen=True)
class Rule:
    """A named function from a term or formula to what follows from it.

    `law` is LaTeX; `sentence` is English with slots; `conditions` says in words what the law needs.
    A `structural` rule shows what no finite number of worlds can: its claims are tested, not proved, there.
    """

    name: str
    law: str
    sentence: str
    function: Callable[..., Outcome]
    conditions: tuple[str, ...] = ()
    structural: bool = False
    computes: bool = True  # False for the restatement of a line that no rule computed

    def __call__(self, *arguments: Any) -> Move:
        """The rule with its arguments, ready to be applied: `collect(w)`."""
        return Move(self, arguments)


@dataclass(frozen=True)
class Move:
    """A rule with its arguments."""

    rule: Rule
    arguments: tuple[Any, ...] = ()


# -- the constructors of steps -----------------------------------------------------------------------------------------


def infer(
    rule: Rule, subject: Term | Formula, context: Context, *arguments: Any, shows: Term | Formula | None = None
) -> Step:
    """The step that a rule makes of a subject, certified; `shows` is how its author wants the line written.

    Raises Refuted where the claim is false in a world, ConditionMissing where a condition is not given,
    NotApplicable where the rule has nothing to say, NotDecided where no world could settle it.
    """
    outcome = rule.function(subject, context, *arguments)
    if shows is not None:
        outcome = replace(outcome, formula=replace(outcome.formula, right=shows))
    formula = outcome.formula
    conditions = _discharged(rule, outcome, context)
    assumptions = united(context, formula, (*conditions, *outcome.using))
    claim = Claim(formula.left, formula.relation, formula.right, assumptions, outcome.unknown)
    evidence = certify(claim, rule, outcome.using)
    reason = rule.sentence.format(**(outcome.slots or {}))
    return Step(claim, rule, reason, outcome.using, conditions, evidence, outcome.detail, seal=_SEAL)


def assume(hypothesis: Formula, context: Context) -> Step:
    """The step that only repeats a hypothesis: it is its own assumption."""
    assumptions = united(context, hypothesis, ()) | {hypothesis}
    claim = Claim(hypothesis.left, hypothesis.relation, hypothesis.right, assumptions)
    return Step(claim, HYPOTHESIS, HYPOTHESIS.sentence, (), (), certify(claim, HYPOTHESIS), seal=_SEAL)


def chain(first: Step, second: Step) -> Step:
    """From a R b and b S c: a T c, under the assumptions of both.

    Raises DerivationError where the claims in the middle are not the same, or the relations do not chain.
    """
    if first.claim.right != second.claim.left or first.claim.right is None:
        raise DerivationError(f"these steps do not meet: {first.claim.formula} and {second.claim.formula}")
    relation = _CHAINED.get((first.claim.relation, second.claim.relation))
    if relation is None:
        raise DerivationError(f"'{first.claim.relation.value}' and '{second.claim.relation.value}' do not chain")
    assumptions = consistent(first.claim.assumptions | second.claim.assumptions)
    unknown = first.claim.unknown or second.claim.unknown
    claim = Claim(first.claim.left, relation, second.claim.right, assumptions, unknown)
    evidence = united_evidence((first.evidence, second.evidence))
    return Step(claim, CHAIN, CHAIN.sentence, (first, second), (), evidence, seal=_SEAL)


def _no_function(*_: Any) -> Outcome:
    raise TypeError("this rule is the kernel's own")


HYPOTHESIS = Rule("hypothesis", r"A \vdash A", "given", _no_function)
CHAIN = Rule("chain", r"a = b,\; b = c \;\Rightarrow\; a = c", "from these steps together", _no_function)

_EQ, _LT, _LE = Relation.EQUAL, Relation.LESS, Relation.AT_MOST
_IFF, _IMP = Relation.EQUIVALENT, Relation.IMPLIES
_CHAINED = {
    (_EQ, _EQ): _EQ,
    (_EQ, _LT): _LT,
    (_LT, _EQ): _LT,
    (_LT, _LT): _LT,
    (_LT, _LE): _LT,
    (_LE, _LT): _LT,
    (_EQ, _LE): _LE,
    (_LE, _EQ): _LE,
    (_LE, _LE): _LE,
    (_IFF, _IFF): _IFF,
    (_IFF, _IMP): _IMP,
    (_IMP, _IFF): _IMP,
    (_IMP, _IMP): _IMP,
    (_EQ, Relation.POSITIVE_DEFINITE): Relation.POSITIVE_DEFINITE,
    (_EQ, Relation.POSITIVE_SEMIDEFINITE): Relation.POSITIVE_SEMIDEFINITE,
}


# -- assumptions and conditions ------------------------------------------------------------------------------------------


def united(context: Context, formula: Formula, steps: Iterable[Step]) -> frozenset[Assumption]:
    """The declarations of all symbols in a formula, with all that the steps behind it assume."""
    found: set[Assumption] = set()
    for step in steps:
        found |= step.claim.assumptions
    waiting = {symbol for side in formula.sides for symbol in _all_symbols(side)}
    waiting |= {symbol for a in found if isinstance(a, Formula) for symbol in a.free}
    seen: set[Symbol] = set()
    while waiting:
        symbol = waiting.pop()
        seen.add(symbol)
        declaration = context.declaration(symbol)
        found.add(declaration)
        waiting |= declaration.free - seen
    return consistent(frozenset(found))


def _all_symbols(term: Term) -> set[Symbol]:
    """The free symbols, and those that a minimisation or limit binds, since their domain counts."""
    found = set(term.free)
    for node in term.walk():
        if isinstance(node, Call):
            found |= _all_symbols(node.definition.body) - set(node.definition.parameters)
        elif not isinstance(node, (Summation,)):
            found |= {getattr(node, name) for name in node.bound}
    return found - {node.index for node in term.walk() if isinstance(node, Summation)}


def consistent(assumptions: frozenset[Assumption]) -> frozenset[Assumption]:
    """The assumptions, if no symbol is declared twice in different ways. Raises DerivationError if one is."""
    declared: dict[str, Declaration] = {}
    for assumption in assumptions:
        if isinstance(assumption, Declaration):
            other = declared.setdefault(assumption.symbol.name, assumption)
            if other != assumption:
                raise DerivationError(f"{assumption.symbol.name} is declared in two different ways")
    return assumptions


def _discharged(rule: Rule, outcome: Outcome, context: Context) -> tuple[Step, ...]:
    needed = [Condition(formula) for formula in outcome.conditions]
    for side in outcome.formula.sides:
        needed.extend(conditions_of(side))
    found: dict[Formula, Step] = {}
    for condition in needed:
        if condition.formula in found or _is_fact_of_arithmetic(condition.formula):
            continue
        step = context.discharge(condition)
        if step is None or step.claim.formula != condition.formula:
            raise ConditionMissing(str(condition.formula), f"'{rule.name}'")
        found[condition.formula] = step
    return tuple(found.values())


def _is_fact_of_arithmetic(formula: Formula) -> bool:
    """Whether a condition speaks of numbers alone, and is true of them."""
    return all(isinstance(side, Number) for side in formula.sides) and truth(formula, World(0, {}, {})).true


# -- certification ---------------------------------------------------------------------------------------------------------


def certify(claim: Claim, rule: Rule, using: tuple[Step, ...] = ()) -> Evidence:
    """Test a claim in the worlds of its assumptions. Raises Refuted, ConditionMissing or NotDecided."""
    bits = _starting_bits(claim)
    while bits <= HIGHEST_BITS:
        try:
            with precision(bits):
                return _certified(claim, rule, using)
        except Undecided:
            bits *= 2
            worlds.cache_clear()
    raise NotDecided(f"{claim.formula} could not be settled with {HIGHEST_BITS} bits")


def _starting_bits(claim: Claim) -> int:
    differences = any(
        isinstance(node, (Derivative, Differential)) for side in claim.formula.sides for node in _nodes(side)
    )
    return DIFFERENCE_BITS if differences else BALL_BITS


def _nodes(term: Term) -> Iterable[Term]:
    for node in term.walk():
        yield node
        if isinstance(node, Call):
            yield from _nodes(node.definition.body)


def _certified(claim: Claim, rule: Rule, using: tuple[Step, ...]) -> Evidence:
    sizes, largest = _structure(claim)
    agreements: list[int | None] = []
    seen: list[World] = []
    for number in range(WORLDS):
        found = _in_world(claim, sizes, number, largest)
        if found is not None:
            seen.append(found[0])
            agreements.append(found[1])
    if len(agreements) < WORLDS // 3:
        raise NotDecided(f"only {len(agreements)} worlds obey the premises of {claim.formula}")
    bound = len(seen) * _log_chance(claim, max(seen, key=lambda world: sum(world.size(size) for size in sizes)))
    return _evidence(claim, rule, using, agreements, bound)


def _structure(claim: Claim) -> tuple[frozenset[Symbol], int]:
    """The symbols that are sizes of something in the claim, and how large a matrix its degree asks for."""
    found: set[Symbol] = set()
    terms = list(claim.formula.sides)
    for assumption in claim.assumptions:
        if isinstance(assumption, Formula):
            terms.extend(assumption.sides)
        else:
            terms.append(assumption.symbol)
            if assumption.domain.index_up_to is not None:
                found |= assumption.domain.index_up_to.free
    for side in terms:
        for node in _nodes(side):
            if isinstance(node, Summation):
                found |= node.length.free
            for size in (*node.shape, *((node.size,) if isinstance(node, Identity) else ())):
                if isinstance(size, Symbol):
                    found.add(size)
    highest = max((degree(side, {}, 1, lambda _: 2)[0] for side in claim.formula.sides), default=0.0)
    return frozenset(found), 4 if not highest < 16 else max(4, int(highest) // 2 + 1)


def _in_world(claim: Claim, sizes: frozenset[Symbol], number: int, largest: int) -> tuple[World, int | None] | None:
    """A world of this number in which the claim was seen to hold, and to how many bits.

    None where no draw obeys the premises. Raises Refuted, and ConditionMissing where every draw that
    obeys the premises leaves a side undefined.
    """
    undefined: Undefined | None = None
    for attempt in range(ATTEMPTS):
        world = _world(claim, sizes, number, largest, attempt)
        if world is None:
            continue
        try:
            bits = _holds(claim, world)
        except Undefined as error:
            undefined = error
            continue
        except Unsupported as error:
            raise NotDecided(f"{claim.formula} cannot be evaluated: {error}") from None
        if bits != 0:
            return world, bits
    if undefined is not None:
        raise ConditionMissing(f"{undefined} in {world}", str(claim.formula))
    return None


def _world(claim: Claim, sizes: frozenset[Symbol], number: int, largest: int, attempt: int) -> World | None:
    if attempt == 0:
        drawn = worlds(claim.assumptions, sizes, largest)
        return next((world for world in drawn if world.number == number), None)
    try:
        return draw_world(claim.assumptions, sizes, number, largest, attempt)
    except (Impossible, Undefined):
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
    weights = _weights_of_unknown(claim, world)
    total = sum(
        math.inf if pair[0] == math.inf else sum(pair)
        for pair in (degree(side, weights, 1, world.size) for side in claim.formula.sides)
    )
    return math.inf if total == math.inf else min(0.0, math.log10(max(total, 1) / SAMPLE))


def _weights_of_unknown(claim: Claim, world: World) -> dict[Symbol, tuple[float, float]]:
    """The degree of an unknown that was solved for: Cramer's rule in the entries of its equation."""
    if claim.unknown is None or not isinstance(claim.left, Formula):
        return {}
    count = math.prod(world.size(size) for size in claim.unknown.shape)
    highest = max(sum(degree(side, {}, 1, world.size)) for side in claim.formula.sides)
    return {claim.unknown: (count * highest, count * highest)}


def _evidence(
    claim: Claim, rule: Rule, using: tuple[Step, ...], agreements: list[int | None], bound: float
) -> Evidence:
    bits = weakest(agreements)
    citation = "" if using else _newly_cited(claim)
    if citation:
        return Evidence(Kind.CITED, len(agreements), bits, citation=citation)
    leans = any(step.evidence.kind is Kind.STRUCTURAL for step in using)
    needs = claim.relation in _STRUCTURAL or _takes_a_limit(claim)
    if needs and not (rule.structural or leans or rule is HYPOTHESIS):
        raise DerivationError(f"'{rule.name}' cannot show {claim.formula}: it takes a structural rule")
    if needs:
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
    return {node for node in (_nodes(term) if deep else term.walk()) if isinstance(node, Limit)}


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
        return _in_world(free, *_structure_at(free, 0)) is not None
    except DerivationError:
        return False


def _structure_at(claim: Claim, number: int) -> tuple[frozenset[Symbol], int, int]:
    sizes, largest = _structure(claim)
    return sizes, number, largest


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
