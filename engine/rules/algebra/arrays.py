"""Vectors and matrices entry by entry: from indices to ⊙ and diag, and the laws of these."""

from __future__ import annotations

from collections.abc import Iterator

from engine.rules.registry import rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import rewritten, tidy
from engine.terms import (
    ONE,
    Add,
    Apply,
    Diagonal,
    DiagonalOf,
    Each,
    Entry,
    Hadamard,
    HadamardPower,
    Multiply,
    Ones,
    Power,
    Size,
    Summation,
    Symbol,
    Term,
    Unit,
    add,
    diagonal,
    diagonal_of,
    exp,
    factors,
    filled,
    hadamard,
    hadamard_power,
    multiply,
    ones,
    replace,
    runs,
    scaled,
    transpose,
)
from engine.terms import term as as_term
from engine.terms.standard import softmax_of


@rewriting(r"[a_i b_i]_i = a \odot b,\quad [\textstyle\sum_j A_{ij} b_j]_i = A b", "written without indices")
def without_indices(term: Term, scope: Scope) -> Term:
    """A column that is given entry by entry, written with its vectors and matrices."""

    def closed(node: Term) -> Term | None:
        return column(node.body, node.index, node.rows) if isinstance(node, Each) else None

    return rewritten(term, closed, scope)


def column(body: Term, index: Symbol, size: Size) -> Term | None:
    """The column whose entries are the body at the index; None where that takes the index."""
    if not body.has(index):
        return filled(body, (size, 1))
    match body:
        case Entry(base=base, indices=(place,)) if place == index and not base.has(index) and base.rows == size:
            return base
        case Entry(base=base, indices=(row, other)) if not base.has(index) and index in (row, other):
            return _line(base, index, row, other, size)
        case Add():
            parts = [column(part, index, size) for part in body.terms]
            return None if None in parts else add(*(part for part in parts if part is not None))
        case Multiply():
            products = [multiply(*run) for run in runs(body.factors)]
            if len(products) < 2:
                return _product_with_a_unit(body.factors, index, size)
            parts = [column(product, index, size) if product.has(index) else product for product in products]
            return None if None in parts else hadamard(*(p for p in parts if p is not None))
        case Power() if not body.exponent.has(index):
            below = column(body.base, index, size)
            return None if below is None else hadamard_power(below, body.exponent)
        case Apply():
            arguments = [
                argument if not argument.has(index) else column(argument, index, size) for argument in body.arguments
            ]
            return None if None in arguments else Apply(body.function, tuple(a for a in arguments if a is not None))
        case Summation():
            return _product_with_a_matrix(body, index, size)
    return None


def _product_with_a_unit(chain: tuple[Term, ...], index: Symbol, size: Size) -> Term | None:
    """[aᵀM e_i]_i as Mᵀa, [e_iᵀM a]_i as M a."""
    unit = Unit(index, size)
    inside = (
        multiply(*chain[:-1]) if chain[-1] == unit else multiply(*chain[1:]) if chain[0] == transpose(unit) else None
    )
    if inside is None or inside.has(index):
        return None
    return transpose(inside) if chain[-1] == unit else inside


def _line(base: Term, index: Symbol, row: Term, other: Term, size: Size) -> Term | None:
    """A column or row of a matrix, or its diagonal, as a column."""
    if row == other == index:
        return diagonal_of(base) if base.rows == base.cols == size else None
    if row == index and not other.has(index) and base.rows == size:
        return multiply(base, Unit(other, base.cols))
    if other == index and not row.has(index) and base.cols == size:
        return multiply(transpose(base), Unit(row, base.rows))
    return None


def _product_with_a_matrix(body: Summation, index: Symbol, size: Size) -> Term | None:
    """[a_i Σ_j A_ij b_j]_i as a ⊙ A b."""
    parts = factors(body.body)
    both = [factor for factor in parts if factor.has(index) and factor.has(body.index)]
    if len(both) != 1 or not isinstance(both[0], Entry) or both[0].base.has(index) or both[0].base.has(body.index):
        return None
    matrix = both[0].base
    if both[0].indices == (body.index, index):
        matrix = transpose(matrix)
    elif both[0].indices != (index, body.index):
        return None
    if as_term(matrix.cols) != body.length or matrix.rows != size:
        return None
    outer = column(multiply(*(f for f in parts if f.has(index) and f not in both), ONE), index, size)
    inner = column(multiply(*(f for f in parts if not f.has(index)), ONE), body.index, matrix.cols)
    return None if outer is None or inner is None else hadamard(outer, multiply(matrix, inner))


@rewriting(r"u \odot v = \operatorname{diag}(v)\,u", "⊙ as a product with a diagonal")
def as_diagonal(term: Term, scope: Scope, symbol: Symbol) -> Term:
    """Products of columns entry by entry, in which one has a symbol, as matrices times that one."""

    def linear(node: Term) -> Term | None:
        scalar, array = scaled(node)
        if not isinstance(array, Hadamard) or array.cols != 1:
            return None
        moving = [factor for factor in array.factors if factor.has(symbol)]
        others = [factor for factor in array.factors if factor not in moving]
        return multiply(scalar, diagonal(hadamard(*others)), *moving) if len(moving) == 1 and others else None

    return rewritten(term, linear, scope)


@rewriting(
    r"\operatorname{diag}(u)\,v = u \odot v,\quad \operatorname{diag}(u v^\top) = u \odot v,\quad \mathbf{1}^\top(u \odot v) = u^\top v",
    "𝟏, diag and ⊙ as products",
)
def diagonal_laws(term: Term, scope: Scope) -> Term:
    """diag(u)v as u ⊙ v; the diagonal of uvᵀ as u ⊙ v; 1ᵀ(u ⊙ v) as uᵀv; a ⊙ 1bᵀ as a product with a diagonal."""

    def simpler(node: Term) -> Term | None:
        match node:
            case DiagonalOf():
                return _diagonal_of_product(node.inner)
            case Multiply():
                return _with_diagonals(node, scope)
            case Hadamard():
                return _with_outer_products(node)
            case HadamardPower():
                return _power_of_outer(node)
        return None

    return rewritten(term, simpler, scope)


def _diagonal_of_product(inner: Term) -> Term | None:
    scalar, array = scaled(inner)
    factors = array.factors if isinstance(array, Multiply) else ()
    for k in range(1, len(factors)):
        left, right = multiply(*factors[:k]), multiply(*factors[k:])
        if left.cols == 1 == right.rows and left.rows == right.cols:
            return multiply(scalar, hadamard(left, transpose(right)))
    return None


def _with_diagonals(node: Multiply, scope: Scope) -> Term | None:
    """A product with diag(u) before a column, or with 1ᵀ before u ⊙ v, made simpler at one place."""
    for place, (left, right) in enumerate(zip(node.factors, node.factors[1:], strict=False)):
        made = _pair(left, right, scope)
        if made is not None:
            return multiply(*node.factors[:place], made, *node.factors[place + 2 :])
    return None


def _pair(left: Term, right: Term, scope: Scope) -> Term | None:
    if left.is_scalar or right.is_scalar or left.cols != right.rows:
        return None
    if isinstance(left, Diagonal) and right.cols == 1:
        return hadamard(left.inner, right)
    if isinstance(right, Diagonal) and left.rows == 1:
        return transpose(hadamard(right.inner, transpose(left)))
    if isinstance(left, Diagonal) and isinstance(right, Diagonal):
        return Diagonal(hadamard(left.inner, right.inner))
    if isinstance(left, Ones) and left.rows == 1 and isinstance(right, Hadamard) and right.cols == 1:
        return multiply(transpose(right.factors[0]), hadamard(*right.factors[1:]))
    if isinstance(right, Ones) and right.cols == 1 and isinstance(left, Hadamard) and left.rows == 1:
        return multiply(left.factors[0], transpose(hadamard(*left.factors[1:])))
    if left.rows == right.cols == 1 and (cancelled := _cancelled(transpose(left), right, scope)) is not None:
        return cancelled
    if isinstance(left, Ones) and isinstance(right, Ones):
        return multiply(as_term(left.cols), Ones(left.rows, right.cols) if (left.rows, right.cols) != (1, 1) else ONE)
    return None


def _cancelled(left: Term, right: Term, scope: Scope) -> Term | None:
    """uᵀv as 1ᵀ(u ⊙ v), where reciprocals in one cancel against the other."""
    product = tidy(hadamard(left, right), scope)
    if _count(product) > _count(left) + _count(right) - 2:
        return None
    return multiply(ones(1, left.rows), product)


def _count(array: Term) -> int:
    """How many factors there are, entry by entry."""
    array = scaled(array)[1]
    return len(array.factors) if isinstance(array, Hadamard) else 0 if isinstance(array, Ones) else 1


@rewriting(r"\frac{\exp(u)}{\mathbf{1}^\top \exp(u)} = \operatorname{softmax}(u)", "exp(u)/𝟏ᵀexp(u) is the softmax")
def as_softmax(term: Term, scope: Scope) -> Term:
    """exp(u) as 1ᵀexp(u) times the softmax of u, for a column u, where something is divided by 1ᵀexp(u)."""
    for u in dict.fromkeys(_normalised(term)):
        below, total = multiply(ones(1, u.rows), exp(u)), Symbol("1ᵀexp")
        with_total = tidy(replace(term, below, total), scope)
        named = tidy(replace(with_total, exp(u), multiply(total, softmax_of(u))), scope)
        term = tidy(replace(named, total, below), scope)
    return term


def _normalised(term: Term) -> Iterator[Term]:
    """The columns u with a power of 1ᵀexp(u) in a term."""
    for node in term.walk():
        match node:
            case Power(base=Multiply(factors=(Ones(), Apply(function="exp", arguments=(u,))))) if u.cols == 1:
                yield u


def _with_outer_products(node: Hadamard) -> Term | None:
    """A ⊙ uvᵀ as diag(u) A diag(v), for columns u and v."""
    for k, factor in enumerate(node.factors):
        scalar, array = scaled(factor)
        outer = _outer(array) if node.cols != 1 != node.rows else None
        if outer is not None:
            others = hadamard(*node.factors[:k], *node.factors[k + 1 :])
            left, right = (ONE if isinstance(part, Ones) else Diagonal(part) for part in outer)
            return multiply(scalar, left, others, right)
    return None


def _outer(array: Term) -> tuple[Term, Term] | None:
    """uvᵀ as u and v; A𝟏𝟏ᵀ is one, too."""
    parts = array.factors if isinstance(array, Multiply) else ()
    if len(parts) < 2:
        return None
    if len(parts) == 2 and parts[0].cols == 1 == parts[1].rows:
        return parts[0], transpose(parts[1])
    if isinstance(parts[-1], Ones):
        last = parts[-1]
        return multiply(*parts[:-1], *(() if last.rows == 1 else (ones(last.rows),))), ones(last.cols)
    if isinstance(parts[0], Ones):
        first = parts[0]
        return ones(first.rows), transpose(multiply(*(() if first.cols == 1 else (ones(1, first.cols),)), *parts[1:]))
    return None


def _power_of_outer(node: HadamardPower) -> Term | None:
    """(u𝟏ᵀ)^⊙a as u^⊙a 𝟏ᵀ."""
    outer = _outer(node.base)
    if outer is None or not any(isinstance(part, Ones) for part in outer):
        return None
    left, right = (part if isinstance(part, Ones) else hadamard_power(part, node.exponent) for part in outer)
    return multiply(left, transpose(right))
