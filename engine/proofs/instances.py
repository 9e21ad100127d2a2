"""At which values of its symbols a derivation is run, with the premises of others that these values speak of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.kernel import Step
from engine.rules.scope import Scope
from engine.terms import Call, Definition, Symbol, Term
from engine.terms.declarations import Assumption, Declaration
from engine.terms.formulas import Formula
from engine.worlds.features import nodes


@dataclass(frozen=True)
class Instance:
    """Values for some symbols, by name; the declarations and defined names that they speak of, and what is known of
    these.
    """

    terms: Mapping[str, Term] = field(default_factory=dict)
    declarations: tuple[Declaration, ...] = ()
    definitions: tuple[Definition, ...] = ()
    hypotheses: tuple[Formula, ...] = ()
    facts: tuple[Step, ...] = ()


GENERAL = Instance()


def instance_at(terms: Mapping[str, Term], scope: Scope) -> Instance:
    """Values with what they speak of, and what is known of that, out of the scope around them."""
    inside = [node for term in terms.values() for node in nodes(term)]
    names = {node.definition.name for node in inside if isinstance(node, Call)}
    symbols = leaning((symbol for node in inside for symbol in _symbols(node)), scope.declarations)

    def speaks_of_these(formula: Formula, declared: Iterable[Assumption] = ()) -> bool:
        calls = (node for side in formula.sides for node in nodes(side) if isinstance(node, Call))
        spoken = formula.free.union(*(assumption.free for assumption in declared))
        return spoken <= symbols and all(call.definition.name in names for call in calls)

    return Instance(
        terms,
        tuple(declaration for symbol, declaration in scope.declarations.items() if symbol in symbols),
        tuple(definition for name, definition in scope.definitions.items() if name in names),
        tuple(hypothesis for hypothesis in scope.hypotheses if speaks_of_these(hypothesis)),
        tuple(
            fact
            for fact in scope.facts
            if isinstance(fact, Step) and speaks_of_these(fact.claim.formula, fact.claim.assumptions)
        ),
    )


def _symbols(node: Term) -> Iterator[Symbol]:
    """The symbols that a node speaks of, those that it binds included."""
    yield from node.free
    for name in node.bound:
        yield getattr(node, name)


def leaning(symbols: Iterable[Symbol], declarations: Mapping[Symbol, Declaration]) -> set[Symbol]:
    """Declared symbols, with those that their sizes and laws are given by."""
    found: set[Symbol] = set()
    waiting = list(symbols)
    while waiting:
        symbol = waiting.pop()
        if symbol in declarations and symbol not in found:
            found.add(symbol)
            waiting.extend(declarations[symbol].free)
    return found
