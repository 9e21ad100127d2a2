"""Indices of sums and columns: their letters are kept apart."""

from __future__ import annotations

from collections.abc import Collection

from engine.terms import INDEXED, Symbol, Term, fresh_indices, rewrite, substitute


def with_indices_apart(target: Term, taken: Collection[Symbol]) -> Term:
    """The term with another letter for each index of its sums and columns that is `taken` outside."""

    def apart(node: Term) -> Term | None:
        if not isinstance(node, INDEXED) or node.index not in taken:
            return None
        (fresh,) = fresh_indices(1, target, node, *taken)
        return type(node)(substitute(node.body, {node.index: fresh}), fresh, node.length)

    return rewrite(target, apart)
