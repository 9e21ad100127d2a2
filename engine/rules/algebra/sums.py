"""Sums over an index: taken apart, and closed where the index is that of unit vectors, Σ_i g_i e_i being the column of the g_i."""

from __future__ import annotations

from engine.rules.algebra.arrays import column
from engine.rules.registry import Rewritten, rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import rewritten
from engine.terms import (
    INDEXED,
    ONE,
    TWO,
    Add,
    Apply,
    Diagonal,
    DiagonalOf,
    Entry,
    Hadamard,
    HadamardPower,
    Kronecker,
    Multiply,
    Summation,
    Symbol,
    Term,
    Trace,
    Transpose,
    Unit,
    Vec,
    add,
    diagonal,
    each,
    factors,
    hadamard,
    hadamard_power,
    multiply,
    norm2,
    ones,
    replace,
    rewrite,
    scaled,
    summands,
    transpose,
)
from engine.terms import term as as_term
from engine.terms.indices import with_indices_apart


@rewriting(r"\sum_i c\,a_i = c \sum_i a_i", "a factor free of {index} in front of the sum")
def constant_factor_of_sum(term: Term, scope: Scope) -> Rewritten:
    """Factors without the index moved in front of Σ."""
    indices: dict[str, None] = {}

    def pulled(node: Term) -> Term | None:
        if not (isinstance(node, Summation) and isinstance(node.body, Multiply)):
            return None
        outer = [f for f in node.body.factors if not f.has(node.index) and f.is_scalar]
        inner = [f for f in node.body.factors if f.has(node.index) or not f.is_scalar]
        if not outer or not inner:
            return None
        indices[str(node.index)] = None
        return multiply(*outer, Summation(multiply(*inner), node.index, node.length))

    return Rewritten(rewritten(term, pulled, scope), slots={"index": ", ".join(indices)})


@rewriting(r"\sum_i (a_i + b_i) = \sum_i a_i + \sum_i b_i", "sum term by term")
def split_sum(term: Term, scope: Scope) -> Term:
    """Σ distributed over +."""

    def split(node: Term) -> Term | None:
        if isinstance(node, Summation) and isinstance(node.body, Add):
            return add(*(Summation(part, node.index, node.length) for part in node.body.terms))
        return None

    return rewrite(term, split)


@rewriting(r"\sum_{i=1}^{n} c = n\,c", "{length} equal terms")
def sum_of_constant(term: Term, scope: Scope) -> Rewritten:
    """Σ of what does not depend on the index."""
    lengths: dict[str, None] = {}

    def counted(node: Term) -> Term | None:
        if isinstance(node, Summation) and not node.body.has(node.index):
            lengths[str(node.length)] = None
            return multiply(node.length, node.body)
        return None

    return Rewritten(rewritten(term, counted, scope), slots={"length": ", ".join(lengths)})


@rewriting(r"\sum_i g_i A e_i = A g,\quad \sum_i A e_i e_i^\top B = A B", "the rows of a matrix, summed over")
def sum_over_rows(term: Term, scope: Scope) -> Term:
    """A sum in which the index is that of unit vectors, as a product of matrices."""

    def closed(node: Term) -> Term | None:
        if not isinstance(node, Summation) or not any(isinstance(inner, Unit) for inner in node.body.walk()):
            return None
        made = summed(node.body, node.index, node.length)
        return None if any(isinstance(inner, Unit) and inner.has(node.index) for inner in made.walk()) else made

    return rewritten(term, closed, scope)


@rewriting(
    r"\sum_i u_i = \mathbf{1}^\top u,\quad \sum_i u_i v_i = u^\top v,\quad \sum_i u_i^2 = \lVert u \rVert^2",
    "sums in whole vectors",
)
def in_vectors(term: Term, scope: Scope) -> Term:
    """Sums of numbers that are the entries of columns, as products of these."""

    def whole(node: Term) -> Term | None:
        if not (isinstance(node, Summation) and node.is_scalar):
            return None
        sizes = {e.base.rows for e in node.body.walk() if isinstance(e, Entry) and e.indices == (node.index,)}
        size = sizes.pop() if len(sizes) == 1 else None
        entries = column(node.body, node.index, size) if size is not None and as_term(size) == node.length else None
        return None if entries is None else _total(entries)

    return rewritten(term, whole, scope)


def _total(entries: Term) -> Term:
    """The sum of all entries of a column."""
    scalar, array = scaled(entries)
    match array:
        case Hadamard(factors=(first, *rest)):
            return multiply(scalar, transpose(first), hadamard(*rest))
        case HadamardPower(base=base, exponent=exponent) if exponent == TWO:
            return multiply(scalar, norm2(base))
    return multiply(scalar, ones(1, array.rows), array)


def summed(term: Term, index: Symbol, length: Term) -> Term:
    """Σ_i of a matrix, in which Σ_i g_i e_i is the column of the g_i."""
    if any(isinstance(node, INDEXED) and node.index == index and _has_unit(node.body, index) for node in term.walk()):
        term = with_indices_apart(term, (index,))  # only where it matters: a derivation's own letters are kept
    return add(*(_summed_part(part, index, length) for part in summands(term)))


def _has_unit(term: Term, index: Symbol) -> bool:
    return any(isinstance(node, Unit) and node.place == index for node in term.walk())


def _summed_part(part: Term, index: Symbol, length: Term) -> Term:
    if part.is_scalar:
        return _summed_scalar(part, index, length)
    scalar, array = scaled(_with_rows(part, index))
    if not array.has(index) and not array.is_scalar:
        return multiply(Summation(scalar, index, length) if scalar.has(index) else multiply(scalar, length), array)
    unit = _only_unit(array, index)
    if unit is not None and as_term(unit.size) == length:  # Σ_i g_i L(e_i) = L(g) for a linear L
        return replace(array, unit, column(scalar, index, unit.size) or each(scalar, index, length))
    chain = factors(array)
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


def _summed_scalar(part: Term, index: Symbol, length: Term) -> Term:
    """Σ_i g_i aᵀM e_i as aᵀM g."""
    runs = [multiply(*run) for run in part.runs] if isinstance(part, Multiply) else [part]
    units = [(run, unit) for run in runs if (unit := _only_unit(run, index)) is not None]
    rest = multiply(ONE, *(run for run in runs if run.has(index) and all(run != chain for chain, _ in units)))
    if len(units) != 1 or as_term(units[0][1].size) != length:
        return Summation(part, index, length)
    (chain, unit), constant = units[0], [run for run in runs if not run.has(index)]
    entries = column(rest, index, unit.size)
    return Summation(part, index, length) if entries is None else multiply(*constant, replace(chain, unit, entries))


_LINEAR = (Multiply, Transpose, Hadamard, Diagonal, DiagonalOf, Trace, Vec, Kronecker)


def _only_unit(array: Term, index: Symbol) -> Unit | None:
    """The e_i that is all that a term has of an index, where the term is linear in it."""
    if isinstance(array, Unit):
        return array if array.place == index else None
    carrying = [child for child in array.children if child.has(index)]
    return _only_unit(carrying[0], index) if isinstance(array, _LINEAR) and len(carrying) == 1 else None


def _with_rows(term: Term, index: Symbol) -> Term:
    """A term in which columns made of the Me_i of several matrices are those of one: Ae_i ⊙ Be_i is (A ⊙ B)e_i."""

    def united(node: Term) -> Term | None:
        if isinstance(node, Transpose) and isinstance(node.inner, Multiply) and node.has(index):
            return _turned(node.inner)
        if not isinstance(node, (Add, Hadamard, HadamardPower, Apply)) or node.is_scalar or 1 not in node.shape:
            return None
        standing = node if node.cols == 1 else _turned(node)
        unit = next((inner for inner in node.walk() if isinstance(inner, Unit) and inner.place == index), None)
        matrix = _matrix_of(standing, unit, index) if unit is not None else None
        if matrix is None or unit is None:
            return None
        return multiply(matrix, unit) if standing is node else multiply(transpose(unit), transpose(matrix))

    return rewrite(term, united)


def _turned(term: Term) -> Term:
    """The transpose, taken as far inside as it goes."""
    match term:
        case Multiply():
            scalar, array = scaled(term)
            parts = factors(array)
            return multiply(scalar, *(_turned(factor) for factor in reversed(parts)))
        case Add() | Hadamard():
            return term.map(_turned)
    return transpose(term)


def _matrix_of(part: Term, unit: Unit, index: Symbol) -> Term | None:
    """The M of a column Me_i; of one that has no i, the matrix with that column everywhere."""
    match part:
        case _ if not part.has(index):
            of_another_row = any(isinstance(inner, Unit) for inner in part.walk())
            return None if of_another_row else multiply(part, ones(1, unit.size))
        case Multiply(factors=(*inside, last)) if last == unit and inside and not any(f.has(index) for f in inside):
            return multiply(*inside)
        case Add(terms=parts) | Hadamard(factors=parts):
            matrices = [matrix for each_ in parts if (matrix := _matrix_of(each_, unit, index)) is not None]
            made = add if isinstance(part, Add) else hadamard
            return made(*matrices) if len(matrices) == len(parts) else None
        case HadamardPower(base=base, exponent=exponent) if not exponent.has(index):
            inner = _matrix_of(base, unit, index)
            return None if inner is None else hadamard_power(inner, exponent)
        case Apply(function=function, arguments=(argument,)):
            inner = _matrix_of(argument, unit, index)
            return None if inner is None else Apply(function, (inner,))
    return None


def _is_unit(factor: Term, index: Symbol) -> bool:
    unit = factor.inner if isinstance(factor, Transpose) else factor
    return isinstance(unit, Unit) and unit.place == index
