"""Derivations replayed with a mistake in them: what comes out is certified by nobody, and is no Step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from engine.comparison import Outcome as Compared
from engine.comparison import Reference
from engine.derivation import Derivation, Proof, Replacement
from engine.kernel import Claim, DerivationError, Move, NothingToDo, Outcome, Rule, Step
from engine.premises import Formula, Relation
from engine.scope import Scope
from engine.terms import ShapeError, Symbol, Term
from engine.values import allowance

CHECK = 20_000


class Derailed(Exception):
    """A replay that came to no result."""


@dataclass(frozen=True)
class Guess:
    """What a rule made of a subject, as a step would be, with nothing to vouch for it."""

    claim: Claim
    rule: Rule
    reason: str = ""
    using: tuple[Guess | Step, ...] = ()
    conditions: tuple[Step, ...] = ()
    detail: tuple[Step, ...] = ()

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
    shown: bool  # whether it is a line of the working


Alter = Callable[[Site], Formula | None]


class Replay(Proof):
    """A proof in which nothing is certified; each step may be altered, and all later ones follow from it."""

    def __init__(self, replaced: Mapping[str, Replacement], alter: Alter = lambda _: None) -> None:
        super().__init__(replaced)
        self.alter, self.sites = alter, list[Site]()
        self.altered = bool(replaced)

    def infer(self, move: Move, subject: Term | Formula, scope: Scope, shows: Term | Formula | None = None) -> Step:
        outcome: Outcome = move.rule.function(subject, scope, *move.arguments)
        formula = outcome.formula
        if shows is not None and (not self.altered or self._alike(formula.right, shows)):
            formula = replace(formula, right=shows)
        site = Site(len(self.sites) + 1, move, subject, formula, scope, shown=True)
        self.sites.append(site)
        other = self.alter(site)
        if other is not None:
            formula, self.altered = other, True
        claim = Claim(formula.left, formula.relation, formula.right, scope.background, outcome.unknown)
        return Guess(claim, move.rule, move.rule.name, outcome.using, (), ())  # type: ignore[return-value]

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

    def joined(self, steps: list[Step]) -> Step:
        first, last = steps[0], steps[-1]
        relation = first.claim.relation
        if any(step.claim.relation is Relation.IMPLIES for step in steps):
            relation = Relation.IMPLIES
        claim = replace(last.claim, left=first.claim.left, relation=relation)
        return Guess(claim, last.rule)  # type: ignore[return-value]

    def require_free(self, value: Term, *symbols: Symbol, what: str) -> None:
        pass

    def answer(self, question, options):  # type: ignore[no-untyped-def]
        return None


def replayed(derivation: Derivation, alter: Alter = lambda _: None, **replaced: Replacement) -> Replay:
    """The replay of a derivation. Raises Derailed where a rule can do nothing with what it is given."""
    proof = Replay(replaced, alter)
    try:
        derivation.function(proof)
    except (DerivationError, ShapeError, NothingToDo, ValueError, AssertionError, TypeError, ArithmeticError) as error:
        if not proof.results:
            raise Derailed(str(error)) from error
    return proof
