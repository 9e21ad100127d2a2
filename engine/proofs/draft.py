"""A passage as it is written: each line is what a rule makes of the last one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from engine.kernel import DerivationError, Line, Move, NotApplicable, NothingToDo, Refuted, Rule
from engine.proofs.instances import leaning
from engine.rules.algebra.equations import rewrite_equation
from engine.rules.scope import Scope
from engine.terms import ZERO, Operand, Symbol, Term, term, zero
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula, equation

Applicable = Move | Rule


class Deriving(Protocol):
    """What a passage is part of: the premises so far, and what makes a line."""

    replaced: dict[str, Any]
    declarations: dict[Symbol, Declaration]
    in_case: bool

    @property
    def scope(self) -> Scope: ...

    def infer(self, move: Move, subject: Term | Formula, scope: Scope, shows: Term | Formula | None = None) -> Line: ...

    def joined(self, steps: Sequence[Line]) -> Line: ...

    def solve(self, subject: Formula, about: Symbol, heading: str = "") -> Draft: ...


class Draft:
    """A passage being written: each `by` adds the line that a rule makes of the last one."""

    def __init__(self, proof: Deriving, subject: Term | Formula, heading: str, unknown: Symbol | None = None) -> None:
        self.proof, self.start, self.heading, self.unknown = proof, subject, heading, unknown
        self.of_case = proof.in_case
        self._steps: list[Line] = []

    @property
    def steps(self) -> tuple[Line, ...]:
        return tuple(self._steps)

    @property
    def current(self) -> Term | Formula:
        if not self.steps:
            return self.start
        after = self.steps[-1].after
        assert after is not None
        return after

    @property
    def subject(self) -> Term:
        """The term that the passage starts from. Raises DerivationError for an equation."""
        if not isinstance(self.start, Term):
            raise DerivationError(f"{self.start} is an equation, and no term")
        return self.start

    @property
    def value(self) -> Term:
        """The term that the passage has come to (for an equation: its right side)."""
        current = self.current
        if isinstance(current, Formula):
            assert isinstance(current.right, Term)
            return current.right
        return current

    @property
    def step(self) -> Line:
        """From the first side to the last in one certified claim."""
        if not self.steps:
            raise DerivationError(f"nothing was derived from {self.start}")
        return self.proof.joined(self.steps)

    def by(self, *moves: Applicable, shows: Term | Formula | None = None) -> Draft:
        """The next lines, one a rule; a rule that would change nothing adds none."""
        for move in moves:
            step = self._next(move, shows)
            if step is not None:
                self._steps.append(step)
        return self

    def line(self, rule: Rule, which: int = -1) -> Line | None:
        """A line that a rule made, the last of them where not said otherwise; none, where it made none."""
        made = [step for step in self._steps if step.rule.name == rule.name]
        return next(iter(made[which:]), None)

    def by_all(self, moves: Iterable[Applicable]) -> Draft:
        """Rules tried in turn for as long as any of them changes the line."""
        moves = tuple(moves)
        for _ in range(40):
            if not any(self._advanced(move) for move in moves):
                return self
        raise DerivationError(f"these rules do not come to an end on {self.start}")

    def _advanced(self, move: Applicable) -> bool:
        count = len(self.steps)
        self.by(move)
        return len(self.steps) > count

    def _next(self, move: Applicable, shows: Term | Formula | None) -> Line | None:
        move = move if isinstance(move, Move) else move()
        self._has_its_unknown()
        scope = self.proof.scope.about(self.unknown)
        try:
            return self.proof.infer(move, self.current, scope, shows)
        except NothingToDo:
            return None
        except Refuted:
            if shows is None or not self.proof.replaced:
                raise
            return self._next(move, None)  # the author's way of writing was for the original premises

    def _has_its_unknown(self) -> None:
        """Raises NotApplicable for an equation in which what is to be found does not stand, in no law either."""
        current, declarations = self.current, self.proof.declarations
        if (
            self.unknown in declarations
            and isinstance(current, Formula)
            and self.unknown not in leaning(current.free, declarations)
        ):
            raise NotApplicable(f"{self.unknown} does not stand in {current}: there is nothing to solve for")

    def set_to(self, value: Operand, *, about: Term) -> Draft:
        """A new passage: the equation that sets what was derived to a value, for a symbol to be found."""
        assert isinstance(about, Symbol)
        target = term(value)
        right = zero(self.subject.shape) if target == ZERO else target
        solving = self.proof.solve(equation(self.subject, right), about)
        return solving.by(rewrite_equation(self.step)) if self.steps else solving


def line_of(found: Draft | Line) -> Line:
    """What a passage comes to, or a line as it is."""
    return found.step if isinstance(found, Draft) else found
