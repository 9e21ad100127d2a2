"""What is claimed: that something holds under assumptions."""

from __future__ import annotations

from dataclasses import dataclass

from engine.terms import Symbol, Term
from engine.terms.declarations import Assumption, Declaration
from engine.terms.formulas import Formula, Relation


@dataclass(frozen=True, slots=True)
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

    @property
    def symbols(self) -> frozenset[Symbol]:
        """All symbols that the claim or its assumptions speak of."""
        return frozenset(a.symbol for a in self.assumptions if isinstance(a, Declaration))
