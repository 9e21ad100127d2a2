"""Kronecker products and vec."""

from __future__ import annotations

from engine.rules.registry import node_rewriting
from engine.rules.scope import Scope
from engine.terms import term as as_term
from engine.terms.arithmetic import Multiply, Power, multiply
from engine.terms.arrays import Kronecker, Vec, kronecker, vec
from engine.terms.core import MINUS_ONE, Term
from engine.terms.functions import Determinant, SquaredNorm, Trace, determinant, norm2, trace


@node_rewriting(
    r"(A \otimes B)(C \otimes D) = AC \otimes BD,\quad (B^\top \otimes A)\operatorname{vec}(X) = "
    r"\operatorname{vec}(AXB)",
    "the laws of Kronecker products",
)
def kronecker_laws(node: Term, scope: Scope) -> Term | None:
    """Products, inverses, traces and norms of Kronecker products from those of their parts; (Bᵀ ⊗
    A)vec(X) as vec(AXB).
    """
    match node:
        case Multiply():
            return _with_kronecker_products(node)
        case Power(base=Kronecker() as base) if node.exponent == MINUS_ONE and _is_square(base.left):
            return kronecker(base.left**-1, base.right**-1)
        case Trace(inner=Kronecker() as inner) if _is_square(inner.left):
            return trace(inner.left) * trace(inner.right)
        case Determinant(inner=Kronecker() as inner) if _is_square(inner.left):
            rows = as_term(inner.left.rows), as_term(inner.right.rows)
            left, right = determinant(inner.left), determinant(inner.right)
            return left ** rows[1] * right ** rows[0]
        case SquaredNorm(inner=Kronecker() as inner):
            return norm2(inner.left) * norm2(inner.right)
        case SquaredNorm(inner=Vec() as stacked):
            return norm2(stacked.inner)
    return None


def _is_square(matrix: Term) -> bool:
    return matrix.rows == matrix.cols


def _with_kronecker_products(node: Multiply) -> Term | None:
    for place, (left, right) in enumerate(zip(node.factors, node.factors[1:], strict=False)):
        made = _pair(left, right)
        if made is not None:
            return multiply(*node.factors[:place], made, *node.factors[place + 2 :])
    return None


def _pair(left: Term, right: Term) -> Term | None:
    match left, right:
        case Kronecker(left=a, right=b), Kronecker(left=c, right=d) if a.cols == c.rows and b.cols == d.rows:
            return kronecker(a * c, b * d)
        case Kronecker(left=b, right=a), Vec(inner=x) if a.cols == x.rows and b.cols == x.cols:
            return vec(a * x * b.T)
    if left.rows == 1 and right.cols == 1 and isinstance(right, Vec):
        turned = left.T
        if isinstance(turned, Vec) and turned.inner.shape == right.inner.shape:  # vec(A)ᵀvec(B) = tr(AᵀB)
            return trace(turned.inner.T * right.inner)
    return None
