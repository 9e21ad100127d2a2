"""The kernel: what a claim is, what a step is, and the one function that makes steps.

A rule computes the next line; the kernel believes it only if the claim that this makes holds in the
worlds of `engine.worlds`, and if every condition it needs (each inverse, root, log and quotient in it, and
those of the rule) follows from the premises. The kernel imports no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import InitVar, dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, Protocol

from engine.certification import Grounds, certify, united_evidence
from engine.claims import (
    ConditionMissing,
    DerivationError,
    Evidence,
    Kind,
    NotApplicable,
    NotDecided,
    NothingToDo,
    Refuted,
)
from engine.common.writing import written
from engine.conditions import Condition, conditions_of
from engine.evaluator import World
from engine.premises import Assumption, Declaration, Formula, Relation
from engine.statements import Claim
from engine.terms import INDEXED, Call, Derivative, Differential, Number, Symbol, Term
from engine.truth import truth
from engine.values import Undecided, Undefined, Unsupported

__all__ = [
    "CHAIN",
    "HYPOTHESIS",
    "Claim",
    "ConditionMissing",
    "Context",
    "DerivationError",
    "Evidence",
    "Kind",
    "Move",
    "NotApplicable",
    "NotDecided",
    "NothingToDo",
    "Outcome",
    "Refutation",
    "Refuted",
    "Rule",
    "Step",
    "assume",
    "chain",
    "infer",
    "refute",
    "united_evidence",
]

_SEAL = object()


@dataclass(frozen=True, repr=False)
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
    background: frozenset[Declaration] = frozenset()  # what was declared around it
    inside: Callable[[], tuple[Step, ...]] | None = field(default=None, compare=False, repr=False)
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("a Step is made by the kernel alone: use infer, assume or chain")

    def __repr__(self) -> str:
        return f"<Step: {self.claim.formula}, {self.reason}>"

    @cached_property
    def detail(self) -> tuple[Step, ...]:
        """The smaller steps inside this one, certified when they are first asked for."""
        return self.inside() if self.inside else ()

    def _repr_latex_(self) -> str:
        """How a notebook shows a step where it cannot show HTML: its claim."""
        return self.claim.formula._repr_latex_()

    def _repr_html_(self) -> str:
        """How a notebook shows a step: its claim, its reason, its evidence."""
        return written(self, "line of a notebook")

    @property
    def before(self) -> Term | Formula:
        return self.claim.left

    @property
    def after(self) -> Term | Formula | None:
        return self.claim.right


@dataclass(frozen=True)
class Refutation:
    """That a formula does not follow from the premises: a world that obeys them, in which it fails.

    Only `refute` makes one; the constructor raises TypeError for anyone else.
    """

    formula: Formula
    given: tuple[Step, ...]  # what was assumed beyond the declarations
    background: frozenset[Declaration]
    where: str  # the world
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("a Refutation is made by the kernel alone: use refute")


# -- rules, as the kernel sees them ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What a rule computed from its subject: the formula that it claims, and why."""

    formula: Formula
    slots: dict[str, Any] | None = None  # for the rule's sentence
    using: tuple[Step, ...] = ()
    conditions: tuple[Formula, ...] = ()
    inside: Callable[[], tuple[Step, ...]] | None = None
    unknown: Symbol | None = None


class Context(Protocol):
    """What a rule and the kernel may ask of the premises."""

    @property
    def background(self) -> frozenset[Declaration]: ...

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
    computed = outcome.formula
    if shows is not None:
        outcome = replace(outcome, formula=replace(computed, right=shows))
    formula = outcome.formula
    conditions = _discharged(rule, outcome, context)
    assumptions = united(context, formula, (*conditions, *outcome.using))
    claim = Claim(formula.left, formula.relation, formula.right, assumptions, outcome.unknown)
    grounds = Grounds(rule.name, rule.structural, tuple(step.evidence for step in outcome.using))
    evidence = certify(claim, grounds, context.background)
    if shows is not None:
        _is_another_way_of_writing(computed, formula, assumptions, context)
    reason = rule.sentence.format(**(outcome.slots or {}))
    return Step(
        claim, rule, reason, outcome.using, conditions, evidence, context.background, outcome.inside, seal=_SEAL
    )


def _is_another_way_of_writing(
    computed: Formula, shown: Formula, assumptions: frozenset[Assumption], context: Context
) -> None:
    """Raises Refuted or NotDecided unless what is shown is, side by side, what the rule computed."""
    if computed.relation not in (Relation.EQUAL, Relation.EQUIVALENT):
        raise DerivationError(f"'{computed.relation.value}' is as its rule shows it: only equal terms are written anew")
    ours, theirs = computed.right, shown.right
    if isinstance(ours, Formula) and isinstance(theirs, Formula) and ours.relation is theirs.relation:
        pairs = tuple(zip(ours.sides, theirs.sides, strict=True))
    elif isinstance(ours, Term) and isinstance(theirs, Term):
        pairs = ((ours, theirs),)
    else:
        raise DerivationError(f"{theirs} is not another way of writing {ours}")
    for one, other in pairs:
        same = Formula(one, Relation.EQUAL, other)
        known = united(context, same, ()) | assumptions
        certify(Claim(one, Relation.EQUAL, other, known), Grounds("written anew", structural=False), context.background)


def assume(hypothesis: Formula, context: Context) -> Step:
    """The step that only repeats a hypothesis: it is its own assumption."""
    assumptions = united(context, hypothesis, ()) | {hypothesis}
    claim = Claim(hypothesis.left, hypothesis.relation, hypothesis.right, assumptions)
    return Step(
        claim,
        HYPOTHESIS,
        HYPOTHESIS.sentence,
        (),
        (),
        certify(claim, Grounds("hypothesis", structural=True), context.background),
        context.background,
        seal=_SEAL,
    )


def refute(formula: Formula, context: Context, *given: Step) -> Refutation:
    """A world of the premises, and of what the given steps assume, in which a formula fails.

    Raises NotDecided where none of the worlds looked at refutes it.
    """
    claim = Claim(formula.left, formula.relation, formula.right, united(context, formula, given))
    try:
        certify(claim, Grounds("refutation", structural=True), context.background)
    except Refuted as found:
        return Refutation(formula, given, context.background, found.world.described(claim.symbols), seal=_SEAL)
    raise NotDecided(f"{formula} holds in every world looked at")


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


@lru_cache(maxsize=20_000)
def _all_symbols(term: Term) -> frozenset[Symbol]:
    """The free symbols, and those that a minimisation or limit binds, since their domain counts."""
    found = set(term.free)
    for node in term.walk():
        if isinstance(node, Call):
            found |= _all_symbols(node.definition.body) - set(node.definition.parameters)
        elif not isinstance(node, INDEXED):
            found |= {getattr(node, name) for name in node.bound}
    return frozenset(found) - {node.index for node in term.walk() if isinstance(node, INDEXED)}


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
        wholes = frozenset(symbol for symbol in side.free if context.declaration(symbol).domain.whole)
        needed.extend(conditions_of(side, (), wholes))
    found: dict[Formula, Step] = {}
    for condition in needed:
        if condition.formula in found or _is_fact_of_arithmetic(condition.formula):
            continue
        step = context.discharge(condition)
        if step is None or not _shows(step, condition):
            raise ConditionMissing(str(condition.formula), f"'{rule.name}'", condition.formula, condition.indices)
        found[condition.formula] = step
    return tuple(found.values())


def _shows(step: Step, condition: Condition) -> bool:
    """Whether a step claims a condition, and for all values of the indices that it stands under."""
    others = {a.symbol: a for a in step.claim.assumptions if isinstance(a, Declaration)}
    return step.claim.formula == condition.formula and all(
        others.get(index.symbol, index) == index for index in condition.indices
    )


def _is_fact_of_arithmetic(formula: Formula) -> bool:
    """Whether a formula without symbols is true: of numbers exactly, else as far as balls that do not meet show it."""
    if all(isinstance(side, Number) for side in formula.sides):
        return truth(formula, World(0, {}, {})).true
    if formula.free or formula.relation not in _SEEN_BY_BALLS or any(map(_has_slopes_or_limits, formula.sides)):
        return False
    try:
        return truth(formula, World(0, {}, {})).true
    except (Undefined, Undecided, Unsupported):
        return False


def _has_slopes_or_limits(side: Term) -> bool:
    """Whether something in a term is known by values beside a point only."""
    return any(node.bound or isinstance(node, (Derivative, Differential)) for node in side.walk())


_SEEN_BY_BALLS = (Relation.NOT_EQUAL, Relation.LESS, Relation.INVERTIBLE, Relation.POSITIVE_DEFINITE)
