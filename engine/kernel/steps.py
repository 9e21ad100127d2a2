"""The kernel: what a claim is, what a step is, and the one function that makes steps.

A rule computes the next line; the kernel believes it only if the claim that this makes holds in the
worlds of `engine.worlds.drawing`, and if every condition it needs (each inverse, root, log and quotient in it, and
those of the rule) follows from the premises. The kernel imports no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import InitVar, dataclass, field, replace
from functools import cache, lru_cache
from typing import Any, NoReturn, Protocol, Self, TypeVar

from engine.common.writing import written
from engine.kernel.certification import Grounds, certify, resting_on, speaks_of_limits, united_evidence
from engine.kernel.conditions import Condition, conditions_of
from engine.kernel.evidence import ConditionMissing, DerivationError, Evidence, Kind, NotApplicable, NotDecided, Refuted
from engine.kernel.known_kinds import of_known_kinds
from engine.kernel.ledger import is_own_context, is_own_rule
from engine.terms import INDEXED, Call, Derivative, Differential, Number, ShapeError, Symbol, Term
from engine.terms.claims import Claim
from engine.terms.declarations import Assumption, Declaration
from engine.terms.formulas import Formula, Relation
from engine.worlds.truth import truth
from engine.worlds.values import Undecided, Undefined, Unsupported
from engine.worlds.world import World

_SEAL = object()


class Line(Protocol):
    """What a rule makes of a subject, as far as the author's verbs go: a step, or one that nobody vouches for."""

    @property
    def claim(self) -> Claim: ...

    @property
    def rule(self) -> Rule: ...

    @property
    def reason(self) -> str: ...

    @property
    def before(self) -> Term | Formula: ...

    @property
    def after(self) -> Term | Formula | None: ...


class _Sealed:
    """What only the kernel makes, and nobody makes anew: it carries the kernel's seal, and is no data."""

    __slots__ = ("_seal",)

    def __post_init__(self, seal: object) -> None:
        object.__setattr__(self, "_seal", seal)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self


_Made = TypeVar("_Made", bound=_Sealed)


def _sealed(made_by: str) -> Callable[[type[_Made]], type[_Made]]:
    """A class of which nothing is written, first or anew, without the kernel's seal."""

    def closed(kind: type[_Made]) -> type[_Made]:
        write: Callable[..., None] = vars(kind)["__init__"]

        def init(made: _Made, *parts: Any, seal: object = None, **named: Any) -> None:
            if seal is not _SEAL:
                raise TypeError(f"a {kind.__name__} is made by the kernel alone: use {made_by}")
            write(made, *parts, seal=seal, **named)

        def read(made: _Made, _: object) -> None:
            init(made)

        def written(_: _Made) -> NoReturn:
            raise TypeError(f"a {kind.__name__} is no data: a working is written and read as its certificate")

        for name, method in {"__init__": init, "__setstate__": read, "__getstate__": written}.items():
            setattr(kind, name, method)
        return kind

    return closed


@_sealed("infer, assume or chain")
@dataclass(frozen=True, repr=False, slots=True)
class Step(_Sealed):
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
    run_on: tuple[Any, ...] | None = field(
        default=None, compare=False, repr=False
    )  # subject and arguments, if structural
    inside: Callable[[], tuple[Step, ...]] | None = field(default=None, compare=False, repr=False)
    seal: InitVar[object] = None

    def __repr__(self) -> str:
        return f"<Step: {self.claim.formula}, {self.reason}>"

    @property
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


@_sealed("refute")
@dataclass(frozen=True, slots=True)
class Refutation(_Sealed):
    """That a claim does not follow from what it assumes: a world that obeys this, in which it fails.

    Only `refute` makes one; the constructor raises TypeError for anyone else.
    """

    claim: Claim
    given: tuple[Step, ...]  # what was assumed beyond the declarations
    background: frozenset[Declaration]
    where: str  # the world
    seal: InitVar[object] = None

    @property
    def formula(self) -> Formula:
        return self.claim.formula


def genuine(line: object) -> Step:
    """The line, if the kernel has made it. Raises TypeError for whatever else, however much it looks like a step."""
    return _of_the_kernel(Step, line)


def genuine_refutation(found: object) -> Refutation:
    """What was found, if the kernel has refuted it. Raises TypeError for whatever else, however much it looks like that."""
    return _of_the_kernel(Refutation, found)


def _of_the_kernel(kind: type[_Made], made: object) -> _Made:
    if type(made) is kind and getattr(made, "_seal", None) is _SEAL:
        return made
    raise TypeError(f"a {kind.__name__.lower()} was expected that the kernel has made, not {type(made).__name__}")


# -- rules, as the kernel sees them ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Conclusion:
    """What a rule computed from its subject: the formula that it claims, and why."""

    formula: Formula
    slots: dict[str, Any] | None = None  # for the rule's sentence
    using: tuple[Line, ...] = ()  # the kernel takes none but steps
    conditions: tuple[Formula, ...] = ()
    inside: Callable[[], tuple[Step, ...]] | None = None
    unknown: Symbol | None = None
    run_on: tuple[Any, ...] | None = None  # what a structural rule was run on, where that is not what it is run on here


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
    A `structural` rule claims to show what no finite number of worlds can: its claims are tested, not proved, there, and
    where it is not one of the engine's (`engine.kernel.ledger`), each line of it says so.
    """

    name: str
    law: str
    sentence: str
    function: Callable[..., Conclusion]
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
    NotApplicable where the rule has nothing to say, NotDecided where no world could settle it, TypeError where
    something is no step, no rule or no term of the engine's.
    """
    premises = Asked(context)
    given = _steps_among(arguments)
    try:
        outcome = rule.function(subject, context, *arguments)
    except ShapeError as error:
        raise NotApplicable(f"'{rule.name}' makes what does not fit: {error}") from error
    if type(rule) is not Rule or type(outcome) is not Conclusion:
        raise TypeError("a rule is a Rule, and what it makes a Conclusion")
    computed, using = outcome.formula, tuple(map(genuine, outcome.using))
    formula = computed if shows is None else replace(computed, right=shows)
    of_known_kinds(formula, Formula)
    if outcome.unknown is not None:
        of_known_kinds(outcome.unknown, Symbol)
    conditions = _discharged(rule, replace(outcome, formula=formula), premises)
    assumptions = united(premises, formula, (*conditions, *using))
    claim = Claim(formula.left, formula.relation, formula.right, assumptions, outcome.unknown)
    own = is_own_rule(rule, rule.name) and is_own_context(context)
    grounds = Grounds(
        rule.name,
        rule.structural,
        tuple(step.evidence for step in using),
        own,
        of_limits=any(speaks_of_limits(step.claim) for step in using),
        defined=all(step.evidence.kind is Kind.PROVED for step in conditions),
    )
    resting = (*conditions, *using, *given, *_steps_among(outcome.run_on or ()))
    evidence = resting_on(certify(claim, grounds, premises.background), (step.evidence for step in resting))
    if shows is not None:
        _is_another_way_of_writing(computed, formula, assumptions, premises)
    return Step(
        claim,
        rule,
        rule.sentence.format(**(outcome.slots or {})),
        using,
        conditions,
        evidence,
        premises.background,
        outcome.run_on or ((subject, *arguments) if rule.structural else None),
        _smaller(outcome.inside),
        seal=_SEAL,
    )


def _steps_among(arguments: Iterable[object]) -> tuple[Step, ...]:
    """The steps that a rule is run on. Raises TypeError where one of them is none of the kernel's."""
    return tuple(genuine(each) for each in arguments if isinstance(each, Step) or hasattr(each, "claim"))


def _smaller(inside: Callable[[], tuple[Step, ...]] | None) -> Callable[[], tuple[Step, ...]] | None:
    """The smaller steps inside one, made when they are first asked for."""
    return None if inside is None else cache(lambda: tuple(map(genuine, inside())))


def _is_another_way_of_writing(
    computed: Formula, shown: Formula, assumptions: frozenset[Assumption], premises: Asked
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
        known = united(premises, same, ()) | assumptions
        certify(
            Claim(one, Relation.EQUAL, other, known), Grounds("written anew", structural=False), premises.background
        )


def assume(hypothesis: Formula, context: Context) -> Step:
    """The step that only repeats a hypothesis: it is its own assumption."""
    of_known_kinds(hypothesis, Formula)
    premises = Asked(context)
    assumptions = united(premises, hypothesis, ()) | {hypothesis}
    claim = Claim(hypothesis.left, hypothesis.relation, hypothesis.right, assumptions)
    evidence = certify(claim, Grounds("hypothesis", structural=True), premises.background)
    return Step(claim, HYPOTHESIS, HYPOTHESIS.sentence, (), (), evidence, premises.background, seal=_SEAL)


def refute(formula: Formula, context: Context, *given: Step) -> Refutation:
    """A world of the premises, and of what the given steps assume, in which a formula fails.

    Raises NotDecided where none of the worlds looked at refutes it.
    """
    of_known_kinds(formula, Formula)
    premises, given = Asked(context), tuple(map(genuine, given))
    claim = Claim(formula.left, formula.relation, formula.right, united(premises, formula, given))
    try:
        certify(claim, Grounds("refutation", structural=True), premises.background)
    except Refuted as found:
        return Refutation(claim, given, premises.background, found.world.described(claim.symbols), seal=_SEAL)
    raise NotDecided(f"{formula} holds in every world looked at")


def chain(first: Step, second: Step) -> Step:
    """From a R b and b S c: a T c, under the assumptions of both.

    Raises DerivationError where the claims in the middle are not the same, or the relations do not chain, and TypeError
    where one of them is no step.
    """
    first, second = genuine(first), genuine(second)
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


def _no_function(*_: Any) -> Conclusion:
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


class Asked:
    """What a context says, held to: one declaration a symbol, of that symbol; steps that are steps."""

    def __init__(self, context: Context) -> None:
        """Raises DerivationError where two declarations of one name are in the background."""
        self._context = context
        background = frozenset(map(_a_declaration, context.background))
        consistent(background)
        self.background = background
        self._declared = {declaration.symbol: declaration for declaration in background}

    def declaration(self, symbol: Symbol) -> Declaration:
        """Raises DerivationError for one of another symbol, and what the context raises."""
        if symbol not in self._declared:
            found = _a_declaration(self._context.declaration(symbol))
            if found.symbol != symbol:
                raise DerivationError(f"{symbol.name} is asked for, and {found.symbol.name} is what is declared")
            self._declared[symbol] = found
        return self._declared[symbol]

    def discharge(self, condition: Condition) -> Step | None:
        step = self._context.discharge(condition)
        return None if step is None else genuine(step)


def _a_declaration(found: Declaration) -> Declaration:
    of_known_kinds(found, Declaration)
    return found


def united(premises: Asked, formula: Formula, steps: Iterable[Step]) -> frozenset[Assumption]:
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
        declaration = premises.declaration(symbol)
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


def _discharged(rule: Rule, outcome: Conclusion, premises: Asked) -> tuple[Step, ...]:
    needed = [Condition(formula) for formula in outcome.conditions]
    for side in outcome.formula.sides:
        wholes = frozenset(symbol for symbol in side.free if premises.declaration(symbol).domain.whole)
        needed.extend(conditions_of(side, (), wholes))
    found: dict[Formula, Step] = {}
    for condition in needed:
        if condition.formula in found or _is_fact_of_arithmetic(condition.formula):
            continue
        step = premises.discharge(condition)
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
