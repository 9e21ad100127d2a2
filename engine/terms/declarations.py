"""What is assumed of symbols: their domains, and the laws of random ones (`engine.terms.laws`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from engine.terms import Symbol, Term
from engine.terms.formulas import Formula
from engine.terms.laws import Law

# -- domains ---------------------------------------------------------------------------------------------


class Structure(Enum):
    """What is known of a matrix beyond its shape."""

    GENERAL = ""
    SYMMETRIC = "symmetric"
    POSITIVE_DEFINITE = "symmetric positive definite"
    POSITIVE_SEMIDEFINITE = "symmetric positive semidefinite"
    INVERTIBLE = "invertible"

    @property
    def is_symmetric(self) -> bool:
        return self in (Structure.SYMMETRIC, Structure.POSITIVE_DEFINITE, Structure.POSITIVE_SEMIDEFINITE)


@dataclass(frozen=True, slots=True)
class Domain:
    """Where a symbol, or each entry of a matrix, may lie: an interval, open unless said otherwise."""

    lower: Fraction | None = None
    upper: Fraction | None = None
    includes_lower: bool = False
    whole: bool = False
    structure: Structure = Structure.GENERAL
    index_up_to: Term | None = None  # an index that runs from 1 to this size
    includes_upper: bool = False


REAL = Domain()
POSITIVE = Domain(lower=Fraction(0))
NONNEGATIVE = Domain(lower=Fraction(0), includes_lower=True)
UNIT_INTERVAL = Domain(lower=Fraction(0), upper=Fraction(1))
POSITIVE_INTEGER = Domain(lower=Fraction(1), includes_lower=True, whole=True)
SYMMETRIC = Domain(structure=Structure.SYMMETRIC)
POSITIVE_DEFINITE = Domain(structure=Structure.POSITIVE_DEFINITE)
POSITIVE_SEMIDEFINITE = Domain(structure=Structure.POSITIVE_SEMIDEFINITE)
INVERTIBLE = Domain(structure=Structure.INVERTIBLE)


# -- declarations --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Declaration:
    """A symbol with its domain, or with its law: then its entries are independent with that law, unless it is the law
    of a whole vector.

    Where the law differs from entry to entry, its parameters contain the `indices`.
    """

    symbol: Symbol
    domain: Domain = REAL
    law: Law | None = None
    indices: tuple[Symbol, ...] = ()

    @property
    def free(self) -> frozenset[Symbol]:
        """The symbols that the declaration leans on, itself included."""
        parameters = self.law.parameters if self.law else ()
        bound = self.domain.index_up_to
        leaned = frozenset().union(*(p.free for p in parameters)) - frozenset(self.indices)
        return leaned | self.symbol.free | (bound.free if bound else frozenset())


Assumption = Declaration | Formula
