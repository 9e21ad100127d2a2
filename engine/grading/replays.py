"""Derivations replayed with a mistake in them: what comes out is certified by nobody, and is no Step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeGuard

from engine.grading.misconceptions.registry import MISCONCEPTIONS, Misconception, Target, everywhere
from engine.grading.questions import questions_of
from engine.kernel import Claim, DerivationError, Line, Move, NotApplicable, NothingToDo, Outcome, Rule, Step
from engine.proofs.depth import Depth
from engine.proofs.derivation import Chosen, Derivation, Lemmas, Proof, Replacement, Variant
from engine.proofs.draft import Draft
from engine.proofs.instances import GENERAL, Instance
from engine.proofs.options import Because, Offered
from engine.proofs.working import Option, Reason
from engine.rules.scope import Scope
from engine.terms import Operand, ShapeError, Symbol, Term
from engine.terms.formulas import Formula, Relation
from engine.worlds.comparison import Outcome as Compared
from engine.worlds.comparison import Reference
from engine.worlds.values import Undecided, Unsupported, allowance

LARGEST = 300  # nodes of a line: what grows beyond that after a mistake is nobody's answer
CHECK = 20_000  # what seeing that a line is as the author would write it may cost
BROKEN = (
    DerivationError, ShapeError, NothingToDo, ValueError, AssertionError, TypeError, KeyError, AttributeError,
    ArithmeticError, RecursionError, Undecided, Unsupported,
)  # fmt: skip


class Derailed(Exception):
    """A replay that came to no result."""


@dataclass(frozen=True)
class Guess:
    """A line that a rule made of a subject, with nothing to vouch for it."""

    claim: Claim
    rule: Rule
    reason: str = ""

    @property
    def before(self) -> Term | Formula:
        return self.claim.left

    @property
    def after(self) -> Term | Formula | None:
        return self.claim.right


@dataclass(frozen=True)
class Site:
    """A place in a derivation at which a mistake can be made: the rule, what it is applied to, and what comes of it."""

    number: int
    move: Move
    subject: Term | Formula
    formula: Formula
    scope: Scope


Alter = Callable[[Site], Formula | None]


@dataclass
class Memory:
    """What rules made of what, for the replays of one derivation: most of each is as it was in the last, lemmas too."""

    made: dict[object, Outcome | None] = field(default_factory=dict)
    lemmas: Lemmas = field(default_factory=dict)

    def outcome(self, move: Move, subject: Term | Formula, scope: Scope) -> Outcome:
        """Raises what the rule raises, and DerivationError for a line that is too long."""
        if sum(1 for side in _sides(subject) for _ in side.walk()) > LARGEST:
            raise DerivationError("too long")
        names = tuple(scope.definitions.values())
        key = (move.rule.name, subject, move.arguments, names, scope.unknown, scope.facts)
        try:
            known = key in self.made
        except TypeError:  # an argument that is no data
            return move.rule.function(subject, scope, *move.arguments)
        if not known:
            try:
                self.made[key] = move.rule.function(subject, scope, *move.arguments)
            except NothingToDo:
                self.made[key] = None
        found = self.made[key]
        if found is None:
            raise NothingToDo(f"{move.rule.name} has nothing to do")
        return found


def _is_assertion(subject: Term | Formula) -> TypeGuard[Formula]:
    return isinstance(subject, Formula) and subject.relation is not Relation.EQUAL


def _sides(subject: Term | Formula) -> Iterator[Term]:
    if isinstance(subject, Term):
        yield subject
        return
    for side in (subject.left, subject.right):
        if side is not None:
            yield from _sides(side)


def _known(subject: Term, scope: Scope) -> Outcome:
    raise NothingToDo("a lemma is made elsewhere")


LEMMA = Rule("lemma", r"A \;\Rightarrow\; A", "an earlier result", _known)


class Replay(Proof):
    """A proof in which nothing is certified; each step may be altered, and all later ones follow from it."""

    def __init__(
        self, replaced: Mapping[str, Replacement], alter: Alter, memory: Memory, at: Instance = GENERAL
    ) -> None:
        super().__init__(replaced, at, memory.lemmas)
        self.alter, self.memory, self.sites = alter, memory, list[Site]()
        self._concluded = 0
        self.altered = bool(replaced)
        self._site_of: dict[int, Site] = {}

    def infer(self, move: Move, subject: Term | Formula, scope: Scope, shows: Term | Formula | None = None) -> Guess:
        try:
            outcome = self.memory.outcome(move, subject, scope)
        except NotApplicable:
            if not self.altered or not _is_assertion(subject):
                raise
            outcome = Outcome(subject)  # who is mistaken does not see that a sign cannot be shown
        formula = outcome.formula
        if shows is not None and (not self.altered or self._alike(formula.right, shows)):
            formula = replace(formula, right=shows)
        site = Site(len(self.sites) + 1, move, subject, formula, scope)
        self.sites.append(site)
        other = self.alter(site)
        if other is not None:
            formula, self.altered = other, True
        claim = Claim(formula.left, formula.relation, formula.right, scope.background, outcome.unknown)
        guess = Guess(claim, move.rule, move.rule.name)
        self._site_of[id(guess)] = site
        return guess

    def use(self, derivation: Derivation, part: str = "", *, anew: bool = False, **instead: Operand) -> Line:
        lemma, rest = self.variant(derivation, instead, anew)
        found = self._taken(lemma, part)
        site = Site(len(self.sites) + 1, LEMMA(lemma, part), found.claim.left, found.claim.formula, self.scope)
        self.sites.append(site)
        formula = self.alter(site) or site.formula
        self.altered = self.altered or formula != site.formula
        claim = replace(found.claim, left=formula.left, right=formula.right)
        guess = Guess(claim, LEMMA)
        return self.instance(guess, **rest) if rest else guess

    def _alike(self, made: Term | Formula | None, shows: Term | Formula) -> bool:
        """Whether what a rule made is what the author would have written, as if nothing had gone wrong before."""
        if isinstance(made, Formula) and isinstance(shows, Formula):
            return all(self._same(a, b) for a, b in zip(made.sides, shows.sides, strict=True))
        return isinstance(made, Term) and isinstance(shows, Term) and self._same(made, shows)

    def _same(self, one: Term, other: Term) -> bool:
        if one.shape != other.shape:
            return False
        with allowance(CHECK):
            found = Reference(other, self.declarations.values(), self.hypotheses).compared(one)
        return found.outcome is Compared.EQUAL

    def joined(self, steps: Sequence[Line]) -> Guess:
        first, last = steps[0], steps[-1]
        relation = first.claim.relation
        if any(step.claim.relation is Relation.IMPLIES for step in steps):
            relation = Relation.IMPLIES
        claim = replace(last.claim, left=first.claim.left, relation=relation)
        return Guess(claim, last.rule)

    def conclude(self, result: Line | Draft, name: str = "", parts: Mapping[str, Term] | None = None) -> Line:
        self._concluded = len(self.sites)
        return super().conclude(result, name, parts)

    @property
    def on_the_way(self) -> list[Site]:
        """The places before the last conclusion: a mistake at a later one leads to no other answer."""
        return self.sites[: self._concluded]

    def require_free(self, value: Term, *symbols: Symbol, what: str) -> None:
        pass

    def _settled(self, question: str, offered: Iterable[Offered]) -> tuple[Option, ...]:
        """As they are offered: who is mistaken shows and refutes nothing."""
        return tuple(Option(each.label, each.words, each.claims) for each in offered)

    def _reasons(self, why: Iterable[Because]) -> tuple[Reason, ...]:
        return ()

    def _lines(self, chosen: Iterable[Chosen | str], depth: Depth) -> tuple[Step | str, ...]:
        """None: what a mistake leads to is shown to nobody."""
        return ()

    def require_end(self, passage: Draft, end: Term) -> None:
        pass

    @property
    def lines(self) -> dict[int, int]:
        """The line of the working, from 1, that each site's step is."""
        steps = [step for part in self.parts if isinstance(part, Draft) for step in part.steps]
        sites = [self._site_of.get(id(step)) for step in steps]
        return {site.number: number for number, site in enumerate(sites, 1) if site is not None}

    def claim(self, part: str) -> Formula | None:
        """What a result, or a line that was kept for later, says."""
        every = [*self.results, *self.intermediate]
        return next((kept.line.claim.formula for kept in every if kept.name == part), None)

    @property
    def values(self) -> dict[str, Term]:
        """What each part of the result comes to."""
        premises, definitions = self.premises, tuple(self.definitions.values())
        return {
            question.part: question.value
            for kept in self.results
            for question in questions_of(kept.name, kept.line.claim, kept.parts, premises.declarations, definitions)
        }


def replayed(variant: Variant, alter: Alter = lambda _: None, memory: Memory | None = None) -> Replay:
    """The replay of a derivation. Raises Derailed where a rule can do nothing with what it is given."""
    proof = Replay(variant.replaced, alter, memory or Memory(), variant.at)
    try:
        variant.derivation.function(proof)
    except BROKEN as error:
        if not proof.results:
            raise Derailed(str(error)) from error
    return proof


# -- what may go wrong at a site ---------------------------------------------------------------------------------------


def mistaken(site: Site) -> Iterator[tuple[Misconception, Formula]]:
    """What each misconception about the site's rule would make of it."""
    for misconception in MISCONCEPTIONS.values():
        if site.move.rule in misconception.rules or not misconception.rules:
            with suppress(*BROKEN):
                for formula in _variants(misconception, site):
                    if formula != site.formula:
                        yield misconception, formula


def _variants(misconception: Misconception, site: Site) -> Iterator[Formula]:
    formula, right = site.formula, site.formula.right
    if misconception.place is Target.LINE:
        yield from (replace(formula, right=other) for other in misconception.function(site.subject, right))
    elif misconception.place is Target.AFTER:
        if right is not None:
            yield from (replace(formula, right=other) for other in altered(right, misconception, site.scope))
    else:
        for other in altered(site.subject, misconception, site.scope):
            yield replace(formula, right=_applied(site, other))


def _applied(site: Site, subject: Term | Formula) -> Term | Formula:
    """What the rule makes of another subject; where it finds nothing to do there, that subject."""
    try:
        outcome: Outcome = site.move.rule.function(subject, site.scope, *site.move.arguments)
    except BROKEN:
        return subject
    return outcome.formula.right if outcome.formula.right is not None else subject


def altered(thing: Term | Formula, misconception: Misconception, scope: Scope) -> Iterator[Term | Formula]:
    """A term, or one of an equation's sides, with the mistake made at one of its places."""
    if isinstance(thing, Term):
        yield from everywhere(thing, misconception.function, scope)
        return
    if isinstance(thing.left, Term):
        for other in everywhere(thing.left, misconception.function, scope):
            yield replace(thing, left=other)
    if isinstance(thing.right, Term):
        for other in everywhere(thing.right, misconception.function, scope):
            yield replace(thing, right=other)
