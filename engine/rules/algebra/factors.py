"""Factors that all terms of a sum of matrices have in common."""

from __future__ import annotations

from itertools import takewhile

from engine.kernel import NothingToDo
from engine.rules.registry import rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import coefficient_of, tidy
from engine.terms import ONE, Add, Identity, Number, Term, add, factors, multiply, scaled


@rewriting(r"AB + AC = A(B + C),\quad BA + CA = (B + C)A", "what all terms begin or end with taken out")
def common_matrix_factor(term: Term, scope: Scope) -> Term:
    """A sum of products of matrices that begin, or end, with the same factors, as one product."""
    if not isinstance(term, Add) or term.is_scalar:
        raise NothingToDo("no sum of matrices")
    split = [scaled(part) for part in term.terms]
    chains = [factors(array) for _, array in split]
    before = _shared(chains)
    rest = [chain[len(before) :] for chain in chains]
    behind = _shared([chain[::-1] for chain in rest])[::-1]
    if not before and not behind or any(len(chain) == 0 for chain in chains):
        raise NothingToDo("the terms have no factor in common")
    inner = [chain[: len(chain) - len(behind)] for chain in rest]
    rows = before[-1].cols if before else behind[0].rows
    numbers, scales = zip(*(coefficient_of(scale) for scale, _ in split), strict=True)
    outside = scales[0] if len(set(scales)) == 1 else ONE
    inside = [
        multiply(Number(number), ONE if outside != ONE else scale)
        for number, scale in zip(numbers, scales, strict=True)
    ]
    parts = [multiply(scale, *(chain or (Identity(rows),))) for scale, chain in zip(inside, inner, strict=True)]
    return tidy(multiply(outside, *before, add(*parts), *behind), scope)


def _shared(chains: list[tuple[Term, ...]]) -> tuple[Term, ...]:
    """What all chains begin with."""
    alike = takewhile(lambda places: len(set(places)) == 1, zip(*chains, strict=False))
    return tuple(places[0] for places in alike)
