"""How far an index runs where the sum does not say: as far as what it indexes is long."""

from __future__ import annotations

from engine.terms import Call, Entry, Symbol, Term, Unit, term


def range_of(body: Term, index: Symbol) -> Term | None:
    """The length that all uses of an index in the body agree on; None where they do not, or where there are none."""
    lengths = set(_lengths(body, index))
    return lengths.pop() if len(lengths) == 1 else None


def _lengths(body: Term, index: Symbol) -> list[Term]:
    found: list[Term] = []
    for node in body.walk():
        if isinstance(node, Entry):
            sizes = (node.base.rows, node.base.cols)
            found += [term(size) for place, size in zip(node.indices, sizes, strict=False) if place == index]
        elif isinstance(node, Unit) and node.place == index:
            found.append(term(node.size))
        elif isinstance(node, Call) and index in node.arguments:
            found += _lengths(node.unfolded, index)
    return found
