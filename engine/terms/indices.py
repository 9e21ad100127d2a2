"""Sums and columns over an index, whichever: their letters are kept apart."""

from __future__ import annotations

from collections.abc import Collection

from engine.terms.arrays import Each
from engine.terms.core import Symbol, Term
from engine.terms.functions import Summation
from engine.terms.substitution import fresh_indices, rewrite, substitute

INDEXED = (Summation, Each)  # a body at all values of an index


def with_indices_apart(target: Term, taken: Collection[Symbol]) -> Term:
    """The term with another letter for each index of its sums and columns that is `taken` outside."""

    def apart(node: Term) -> Term | None:
        if not isinstance(node, INDEXED) or node.index not in taken:
            return None
        (fresh,) = fresh_indices(1, target, node, *taken)
        return type(node)(substitute(node.body, {node.index: fresh}), fresh, node.length)

    return rewrite(target, apart)
