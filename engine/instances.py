"""At which values of its symbols a derivation is run, with the premises of others that these values speak of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.premises import Declaration
from engine.stage import nodes
from engine.terms import Call, Definition, Symbol, Term


@dataclass(frozen=True)
class Values:
    """Values for some symbols, by name; the declarations and the defined names that the values speak of."""

    terms: Mapping[str, Term] = field(default_factory=dict)
    declarations: tuple[Declaration, ...] = ()
    definitions: tuple[Definition, ...] = ()


NO_VALUES = Values()


def values_around(
    terms: Mapping[str, Term], declarations: Mapping[Symbol, Declaration], definitions: Mapping[str, Definition]
) -> Values:
    """Values with what they speak of, out of the premises around them, in their order."""
    inside = [node for term in terms.values() for node in nodes(term)]
    names = {node.definition.name for node in inside if isinstance(node, Call)}
    symbols = _with_what_they_lean_on({symbol for node in inside for symbol in _symbols(node)}, declarations)
    return Values(
        terms,
        tuple(declaration for symbol, declaration in declarations.items() if symbol in symbols),
        tuple(definition for name, definition in definitions.items() if name in names),
    )


def _symbols(node: Term) -> Iterator[Symbol]:
    """The symbols that a node speaks of, those that it binds included."""
    yield from node.free
    for name in node.bound:
        yield getattr(node, name)


def _with_what_they_lean_on(symbols: Iterable[Symbol], declarations: Mapping[Symbol, Declaration]) -> set[Symbol]:
    found: set[Symbol] = set()
    waiting = list(symbols)
    while waiting:
        symbol = waiting.pop()
        if symbol in declarations and symbol not in found:
            found.add(symbol)
            waiting.extend(declarations[symbol].free)
    return found
