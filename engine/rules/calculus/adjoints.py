"""Gradients and Jacobians read off linear forms in d(variable): what the form multiplies it by.

For a scalar, ⟨weight, L d⟩ = ⟨Lᵀ weight, d⟩ is followed from the outside in, as automatic differentiation does
backwards.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.kernel import NotApplicable
from engine.rules.algebra.sums import summed
from engine.terms import term as as_term
from engine.terms.arithmetic import Add, Multiply, Transpose, add, multiply, product_of_sizes
from engine.terms.arrays import (
    Diagonal,
    DiagonalOf,
    Each,
    Hadamard,
    Kronecker,
    Vec,
    diagonal,
    diagonal_of,
    entry,
    hadamard,
    kronecker,
    scaled,
    vec,
)
from engine.terms.core import ONE, Entry, Identity, Shape, Symbol, Term, Unit, is_zero, zero
from engine.terms.functions import Summation, Trace, trace
from engine.terms.indices import with_indices_apart
from engine.terms.operators import Derivative, Differential, Expectation
from engine.terms.substitution import fresh_indices, replace


def cofactor(term: Term, moved: Differential, node: Derivative) -> Term:
    """What the linear form `term` multiplies d(variable) by, in the shape of the derivative `node`."""
    if moved.is_scalar:
        return replace(term, moved, ONE)
    if is_zero(term):
        return zero(node.shape)
    return adjoint(term, ONE, moved) if term.is_scalar else jacobian(term, moved)


def _has(term: Term, moved: Differential) -> bool:
    return any(node == moved for node in term.walk())


def adjoint(term: Term, weight: Term, moved: Differential) -> Term:
    """G with ⟨weight, term⟩ = ⟨G, d⟩, where ⟨A, B⟩ = tr(AᵀB) and `term`, of the weight's shape, is linear in d."""
    match term:
        case Differential():
            return weight
        case Add():
            return add(*(adjoint(part, weight, moved) for part in term.terms))
        case Multiply():
            return _adjoint_of_product(term, weight, moved)
        case Transpose():
            return adjoint(term.inner, weight.T, moved)
        case Trace():
            return adjoint(term.inner, weight * Identity(term.inner.rows), moved)
        case Hadamard():
            place = _moving(term.factors, moved)
            others = (*term.factors[:place], *term.factors[place + 1 :])
            return adjoint(term.factors[place], hadamard(*others, weight), moved)
        case Diagonal():
            return adjoint(term.inner, diagonal_of(weight), moved)
        case DiagonalOf():
            return adjoint(term.inner, diagonal(weight), moved)
        case Entry():
            return adjoint(term.base, multiply(weight, *_unit_at(term)), moved)
        case Summation() | Each() if term.index in weight.free:
            return adjoint(with_indices_apart(term, weight.free), weight, moved)
        case Summation():
            return summed(adjoint(term.body, weight, moved), term.index, term.length)
        case Each():
            body = adjoint(term.body, entry(weight, term.index), moved)
            return summed(body, term.index, term.length)
        case Expectation():
            return Expectation(adjoint(term.body, weight, moved), term.over)
        case Vec():
            return adjoint(term.inner, unstacked(weight, term.inner.shape), moved)
        case Kronecker(left=left, right=right) if left.cols == 1 == right.cols:
            return adjoint(*_times_identity(left, right, weight, moved), moved)
        case Kronecker():
            return _adjoint_of_kronecker(term, weight, moved)
    raise NotApplicable(f"{term} is not seen to be linear in {moved}")


def _moving(factors: Sequence[Term], moved: Differential) -> int:
    """Which factor has what moves; of a linear form, only one does."""
    return next(k for k, factor in enumerate(factors) if _has(factor, moved))


def _adjoint_of_product(term: Multiply, weight: Term, moved: Differential) -> Term:
    groups = term.runs
    where = _moving([multiply(*run) for run in groups], moved)
    chain = groups[where]
    rest = (
        multiply(*(factor for k, run in enumerate(groups) if k != where for factor in run)) if len(groups) > 1 else ONE
    )
    inside = multiply(*chain)
    if inside.is_scalar and not rest.is_scalar:  # a scalar that moves times a matrix that does not
        return adjoint(inside, trace(weight.T * rest), moved)
    weight = rest * weight
    place = _moving(chain, moved)
    before, behind = chain[:place], chain[place + 1 :]
    around = (*(f.T for f in reversed(before)), weight, *(f.T for f in reversed(behind)))
    return adjoint(chain[place], multiply(*around), moved)


def _unit_at(term: Entry) -> tuple[Term, ...]:
    """e_i of an entry of a column, e_i e_jᵀ of one of a matrix."""
    sizes = (term.base.rows, term.base.cols)
    columns = [Unit(index, size) if size != 1 else ONE for index, size in zip(term.indices, sizes, strict=False)]
    return (columns[0], *(column.T for column in columns[1:]))


def _times_identity(left: Term, right: Term, weight: Term, moved: Differential) -> tuple[Term, Term]:
    """Of du ⊗ b = (I ⊗ b) du: what moves, and its weight."""
    if _has(left, moved):
        return left, kronecker(Identity(left.rows), right.T) * weight
    return right, kronecker(left.T, Identity(right.rows)) * weight


def _adjoint_of_kronecker(term: Kronecker, weight: Term, moved: Differential) -> Term:
    """Entry by entry: ⟨weight, A ⊗ B⟩ is linear in the A_ij and in the B_ij."""
    inner = term.left if _has(term.left, moved) else term.right
    i, j = fresh_indices(2, weight, term)
    single = _single(i, j, inner.shape)
    block = kronecker(single, term.right) if inner is term.left else kronecker(term.left, single)
    entries = trace(weight.T * block) * single
    rows = entries if inner.cols == 1 else summed(entries, j, as_term(inner.cols))
    return adjoint(inner, rows if inner.rows == 1 else summed(rows, i, as_term(inner.rows)), moved)


def _single(i: Symbol, j: Symbol, shape: Shape) -> Term:
    """The matrix of a shape that is 1 at i, j and 0 elsewhere."""
    columns = [ONE if size == 1 else Unit(index, size) for index, size in zip((i, j), shape, strict=True)]
    return columns[0] * columns[1].T


def unstacked(stacked: Term, shape: Shape) -> Term:
    """The matrix M of a shape with vec(M) = `stacked`."""
    scalar, array = scaled(stacked)
    match array:
        case Add():
            return scalar * add(*(unstacked(part, shape) for part in array.terms))
        case Transpose(inner=Add() as turned_sum):
            return scalar * add(*(unstacked(part.T, shape) for part in turned_sum.terms))
        case Transpose(inner=Multiply() as product):
            turned, column_ = scaled(product)
            if isinstance(column_, Transpose):
                return unstacked(scalar * turned * column_.inner, shape)
        case Vec(inner=inner) if inner.shape == shape:
            return scalar * inner
        case Multiply(factors=(Kronecker(left=left, right=right), Vec(inner=inner))) if (left.cols, right.cols) == (
            inner.cols,
            inner.rows,
        ):
            return scalar * right * inner * left.T
    if shape[1] == 1:
        return stacked
    (j,) = fresh_indices(1, stacked)
    row = Unit(j, shape[1]).T
    block = kronecker(row, ONE if shape[0] == 1 else Identity(shape[0]))
    return Summation(block * stacked * row, j, as_term(shape[1]))


def jacobian(term: Term, moved: Differential) -> Term:
    """J with vec(term) = J vec(d), for a `term` that is linear in d. A column is its own vec."""
    match term:
        case Differential():
            return Identity(product_of_sizes(*term.shape))
        case Add():
            return add(*(jacobian(part, moved) for part in term.terms))
        case Summation():
            return Summation(jacobian(term.body, moved), term.index, term.length)
        case Expectation():
            return Expectation(jacobian(term.body, moved), term.over)
        case Hadamard():
            place = _moving(term.factors, moved)
            others = hadamard(*term.factors[:place], *term.factors[place + 1 :])
            return diagonal(vec(others)) * jacobian(term.factors[place], moved)
        case Vec():
            return jacobian(term.inner, moved)
        case Kronecker(left=left, right=right) if left.cols == 1 == right.cols:  # du ⊗ b is (I ⊗ b) du
            if _has(left, moved):
                return kronecker(Identity(left.rows), right) * jacobian(left, moved)
            return kronecker(left, Identity(right.rows)) * jacobian(right, moved)
        case Multiply():
            return _jacobian_of_product(term, moved)
    return _by_rows(term, moved)


def _jacobian_of_product(term: Multiply, moved: Differential) -> Term:
    groups = term.runs
    where = _moving([multiply(*run) for run in groups], moved)
    chain, inside = groups[where], multiply(*groups[where])
    rest = [multiply(*run) for k, run in enumerate(groups) if k != where]
    if inside.is_scalar:  # a scalar that moves times a matrix that does not
        return vec(multiply(*rest)) * vec(adjoint(inside, ONE, moved)).T
    place = _moving(chain, moved)
    before, behind = chain[:place], chain[place + 1 :]
    match chain[place]:
        case Add(terms=terms):
            parts = (multiply(*before, part, *behind) for part in terms)
            return multiply(*rest, add(*(jacobian(part, moved) for part in parts)))
        case Transpose() as turned if behind and turned.inner.cols == 1 == behind[-1].cols:  # a (du)ᵀb is a bᵀ du
            product = multiply(*rest, *before, multiply(*behind).T)
            return product * jacobian(turned.inner, moved)
        case Diagonal() as turned if behind and behind[-1].cols == 1:  # diag(du) b is diag(b) du
            product = multiply(*rest, *before, diagonal(multiply(*behind)))
            return product * jacobian(turned.inner, moved)
    return multiply(*rest, _around(before, behind, chain[place].shape), jacobian(chain[place], moved))


def _around(before: tuple[Term, ...], behind: tuple[Term, ...], shape: Shape) -> Term:
    """Bᵀ ⊗ A, for what stands around dX in A dX B."""
    left = multiply(*before) if before else ONE if shape[0] == 1 else Identity(shape[0])
    right = multiply(*behind) if behind else ONE if shape[1] == 1 else Identity(shape[1])
    return kronecker(right.T, left)


def _by_rows(term: Term, moved: Differential) -> Term:
    """Row by row: each is the gradient of an entry of the term."""
    i, j = fresh_indices(2, term)
    row = vec(adjoint(term, _single(i, j, term.shape), moved)).T
    place = vec(_single(i, j, term.shape)) if term.cols != 1 else Unit(i, term.rows)
    rows = place * row
    rows = rows if term.cols == 1 else Summation(rows, j, as_term(term.cols))
    return rows if term.rows == 1 else Summation(rows, i, as_term(term.rows))
