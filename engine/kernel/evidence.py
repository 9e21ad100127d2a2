"""The evidence for a claim, and what can go wrong with one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from engine.common.errors import WorkingsError
from engine.terms import Infinity
from engine.terms.claims import Claim
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula
from engine.worlds.truth import Truth
from engine.worlds.values import copied
from engine.worlds.world import World, map_entries, show

# -- errors ------------------------------------------------------------------------------------------------------


class DerivationError(WorkingsError):
    """A step cannot be made."""

    kind = "does-not-hold"

    def inside(self, name: str) -> DerivationError:
        """The same, told to be in a lemma."""
        self.args = (f"in `{name}`: {self}",)
        return self


class Refuted(DerivationError):
    """A claim fails in a world, which the exception carries."""

    def __init__(self, claim: Claim, world: World, found: Truth) -> None:
        self.claim, self.world = claim, world.detached()
        self.left, self.right = (map_entries(value, copied) for value in (found.left, found.right))
        super().__init__(f"{claim.formula} is false, for example in {world.described(claim.symbols)}{self._sides()}")

    def _sides(self) -> str:
        if self.right is None or self.claim.relation.joins_formulas:
            return ""
        return f": there the left side is {show(self.left)} and the right side {show(self.right)}"


class ConditionMissing(DerivationError):
    """A step needs a condition that neither the premises nor earlier claims give."""

    def __init__(
        self, condition: str, needed_by: str, formula: Formula | None = None, indices: tuple[Declaration, ...] = ()
    ) -> None:
        self.condition, self.needed_by = condition, needed_by
        self.formula, self.indices = formula, indices  # as data, where it is a condition of a rule
        super().__init__(f"{needed_by} needs a condition that is not given: {condition}")

    def where(self, known: Iterable[Formula]) -> ConditionMissing:
        """The same, with what is known of the names in the condition."""
        inside = {node for side in self.formula.sides for node in side.walk()} if self.formula is not None else set()
        told = [each for each in known if each.left in inside]
        endless = [f"{each.left} is finite" for each in told if isinstance(each.right, Infinity)]
        condition = " and ".join(endless) or ", where ".join(
            (self.condition, *filter(None, (" and ".join(map(str, told)),)))
        )
        return ConditionMissing(condition, self.needed_by, self.formula, self.indices)


class NotApplicable(DerivationError):
    """A rule has nothing to do here, or does not treat this; the message says what and why. That is no "no"."""

    kind = "undecided"


class NothingToDo(NotApplicable):
    """A rule would leave its subject as it is."""


class NotDecided(DerivationError):
    """No world could settle a claim."""

    kind = "undecided"


class Fault(Exception):
    """A proof of what fails in a world: a fault of the kernel's own, which nobody's input may cause."""


# -- evidence ------------------------------------------------------------------------------------------------------


class Kind(Enum):
    """What evidence is worth, strongest first."""

    PROVED = "proved"
    EXACT = "exact"
    ENCLOSED = "enclosed"
    STRUCTURAL = "structural"
    CITED = "cited"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a claim is believed.

    `bound` is the log₁₀ of an upper bound (Schwartz–Zippel) on the chance that the claim holds in all
    these worlds although it is false at each of their sizes; None where no polynomial bounds it. `shown_by` are the
    structural rules on whose word it rests that are not the engine's.
    """

    kind: Kind
    worlds: int
    bits: int | None = None  # of agreement, where balls were compared
    bound: float | None = None
    citation: str = ""
    shown_by: tuple[str, ...] = ()
