"""A scope: what is declared, defined and assumed at a place in a derivation, and what follows at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

from engine.kernel import DerivationError, Line, Step
from engine.kernel.conditions import Condition
from engine.terms import Call, Definition, Symbol, Term
from engine.terms.declarations import Declaration, Domain
from engine.terms.formulas import Formula

Prover = Callable[[Condition, "Scope"], Step | None]


@dataclass(frozen=True)
class Scope:
    """Declarations in the order in which they print, hypotheses, and a prover for conditions."""

    declarations: Mapping[Symbol, Declaration]
    definitions: Mapping[str, Definition]
    hypotheses: tuple[Formula, ...]
    prover: Prover
    unknown: Symbol | None = None  # what the equations at hand are about
    facts: tuple[Line, ...] = ()  # equalities that the prover may lean on
    proved: dict[Condition, Step | None] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        """What is declared stays so: whoever asks, and when, hears the same. Raises DerivationError for one under
        another symbol.
        """
        for symbol, declaration in self.declarations.items():
            if declaration.symbol != symbol:
                raise DerivationError(f"{declaration.symbol.name} is declared as {symbol.name}")
        object.__setattr__(self, "declarations", MappingProxyType(dict(self.declarations)))

    def declaration(self, symbol: Symbol) -> Declaration:
        """Raises DerivationError for a symbol that was never declared."""
        if symbol in self.declarations:
            return self.declarations[symbol]
        same_name = [d for s, d in self.declarations.items() if s.name == symbol.name]
        if same_name and symbol.is_scalar and not same_name[0].symbol.is_scalar:
            raise DerivationError(f"{symbol.name} is declared with another shape")
        raise DerivationError(f"{symbol.name} is used but not declared")

    @cached_property
    def background(self) -> frozenset[Declaration]:
        """All that is declared, as the kernel wants it."""
        return frozenset(self.declarations.values())

    def domain(self, symbol: Symbol) -> Domain:
        return self.declaration(symbol).domain

    def about(self, unknown: Symbol | None) -> Scope:
        """The scope for equations about a symbol."""
        return replace(self, unknown=unknown)

    def with_indices(self, indices: tuple[Declaration, ...]) -> Scope:
        """The scope under sums, where their indices are declared too."""
        if not indices:
            return self
        return replace(self, declarations={**self.declarations, **{d.symbol: d for d in indices}}, proved={})

    def discharge(self, condition: Condition) -> Step | None:
        """The step that shows a condition, or None where it does not follow."""
        if condition not in self.proved:
            self.proved[condition] = self.prover(condition, self)
        return self.proved[condition]

    def position(self, term: Term) -> int:
        """Where a symbol or defined name stands in the order of the premises; sizes come last."""
        if isinstance(term, Call):
            names = list(self.definitions)
            return names.index(term.definition.name) if term.definition.name in names else len(names)
        if not isinstance(term, Symbol):
            return 10_000
        symbols = self._order
        return symbols.get(term.name, 5_000)

    @property
    def _order(self) -> dict[str, int]:
        order: dict[str, int] = {}
        for place, declaration in enumerate(self.declarations.values()):
            size = declaration.domain.whole
            order[declaration.symbol.name] = place + (1_000 if size else 0)
        return order
