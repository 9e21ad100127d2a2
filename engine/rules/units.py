"""Sums over unit vectors, whose index goes into a product of matrices: Σ_i g_i e_i is the column of the g_i."""

from __future__ import annotations

from engine.rules.arrays import column
from engine.rules.registry import rewriting
from engine.rules.tidy import rewritten
from engine.scope import Scope
from engine.terms import (
    Add,
    Multiply,
    Summation,
    Symbol,
    Term,
    Transpose,
    Unit,
    add,
    diagonal,
    each,
    multiply,
    scaled,
    transpose,
)
from engine.terms import term as as_term


@rewriting(
    "sum over rows", r"\sum_i g_i A e_i = A g,\quad \sum_i A e_i e_i^\top B = A B", "the rows of a matrix, summed over"
)
def sum_over_rows(term: Term, scope: Scope) -> Term:
    """A sum in which the index is that of unit vectors, as a product of matrices."""

    def closed(node: Term) -> Term | None:
        if not isinstance(node, Summation) or not any(isinstance(inner, Unit) for inner in node.body.walk()):
            return None
        made = summed(node.body, node.index, node.length)
        return None if any(isinstance(inner, Unit) and inner.has(node.index) for inner in made.walk()) else made

    return rewritten(term, closed, scope)


def summed(term: Term, index: Symbol, length: Term) -> Term:
    """Σ_i of a matrix, in which Σ_i g_i e_i is the column of the g_i."""
    return add(*(_summed_part(part, index, length) for part in _terms(term)))


def _terms(term: Term) -> tuple[Term, ...]:
    return term.terms if isinstance(term, Add) else (term,)


def _summed_part(part: Term, index: Symbol, length: Term) -> Term:
    scalar, array = scaled(part)
    if not array.has(index) and not array.is_scalar:
        return multiply(Summation(scalar, index, length) if scalar.has(index) else multiply(scalar, length), array)
    chain = array.factors if isinstance(array, Multiply) else (array,)
    units = [k for k, factor in enumerate(chain) if _is_unit(factor, index)]
    if any(factor.has(index) for k, factor in enumerate(chain) if k not in units) or not 1 <= len(units) <= 2:
        return Summation(part, index, length)
    sizes = {factor.cols if isinstance(factor, Transpose) else factor.rows for factor in (chain[k] for k in units)}
    size = sizes.pop()
    if sizes or as_term(size) != length:
        return Summation(part, index, length)
    entries = column(scalar, index, size) or each(scalar, index, length)
    first, last = units[0], units[-1]
    if first == last:
        shown = transpose(entries) if isinstance(chain[first], Transpose) else entries
    elif last == first + 1 and isinstance(chain[last], Transpose):
        shown = diagonal(entries)  # Σ_i g_i e_i e_iᵀ
    else:
        return Summation(part, index, length)
    return multiply(*chain[:first], shown, *chain[last + 1 :])


def _is_unit(factor: Term, index: Symbol) -> bool:
    unit = factor.inner if isinstance(factor, Transpose) else factor
    return isinstance(unit, Unit) and unit.place == index
