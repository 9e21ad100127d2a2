"""Forms of random vectors: masks as linear maps, bilinear forms of independent vectors, quadratic forms of independent
entries.
"""

from __future__ import annotations

from engine.rules.probability.laws import mean, moment, variance
from engine.rules.probability.randomness import Over, independent, is_random, law_at
from engine.rules.registry import node_rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import tidy
from engine.terms.arithmetic import Multiply, multiply
from engine.terms.arrays import Diagonal, Hadamard, diagonal, diagonal_of, hadamard, ones, scaled
from engine.terms.core import HALF, ONE, Identity, Symbol, Term, term
from engine.terms.functions import SquaredNorm, norm2, trace
from engine.terms.laws import Law
from engine.terms.operators import Covariance, Expectation, Variance
from engine.terms.substitution import rewrite


@node_rewriting(
    r"m \odot u = \operatorname{diag}(u)\,m",
    "linear in what is random: u ⊙ v = diag(u)v",
    Expectation,
    Variance,
    Covariance,
)
def mask_as_linear_map(node: Expectation | Variance | Covariance, scope: Scope) -> Term | None:
    """Under E, Var and Cov, ⊙ or diag of the one random vector among its factors, as a matrix times it."""
    return node.rebuild(
        tuple(rewrite(child, lambda inner: _linear(inner, scope, node.over)) for child in node.children)
    )


def _linear(node: Term, scope: Scope, over: Over) -> Term | None:
    scalar, array = (ONE, node) if isinstance(node, Multiply) and len(node.runs) == 1 else scaled(node)
    if isinstance(array, Hadamard) and array.cols == 1:
        noisy = [factor for factor in array.factors if is_random(factor, scope, over)]
        fixed = [factor for factor in array.factors if factor not in noisy]
        return multiply(scalar, diagonal(hadamard(*fixed)), *noisy) if len(noisy) == 1 and fixed else None
    if isinstance(array, Multiply):
        for place, factor in enumerate(array.factors):
            column = multiply(ONE, *array.factors[place + 1 :])
            masked = isinstance(factor, Diagonal) and is_random(factor, scope, over) and column.cols == 1 != column.rows
            if masked and isinstance(factor, Diagonal) and not is_random(column, scope, over):
                return multiply(scalar, *array.factors[:place], diagonal(column), factor.inner)
    return None


@node_rewriting(
    r"\operatorname{Var}(x^\top A y) = \operatorname{tr}(A^\top \Sigma_x A \Sigma_y) + "
    r"\mu_y^\top A^\top \Sigma_x A \mu_y + \mu_x^\top A \Sigma_y A^\top \mu_x",
    "two independent vectors: by their means and covariances",
    Variance,
    conditions=("x and y are independent",),
)
def variance_of_bilinear_form(node: Variance, scope: Scope) -> Term | None:
    """The variance of xᵀAy for two independent random vectors."""
    if not node.is_scalar or not isinstance(node.body, Multiply):
        return None
    if len(node.body.runs) != 1 or len(node.body.factors) < 2:
        return None
    first, *middle, last = node.body.factors
    x, matrix = tidy(first.T, scope), multiply(*middle) if middle else Identity(last.rows)
    laws = [law_at(vector, scope) for vector in (x, last)]
    if None in laws or is_random(matrix, scope, node.over) or not independent(x, last, scope, node.over):
        return None
    (m, S), (k, T) = ((mean(law), variance(law)) for law in laws if law is not None)
    turned = matrix.T
    return trace(turned * S * matrix * T) + k.T * turned * S * matrix * k + m.T * matrix * T * turned * m


@node_rewriting(
    r"\operatorname{Var}(z^\top A z) = (\kappa - 3\sigma^4) \lVert \operatorname{diag} A \rVert^2 + "
    r"2\sigma^4 \operatorname{tr}(A^2) \quad (\mathbb{E} z_i = 0)",
    "independent entries of one law: by their central moments up to the fourth",
    conditions=("the entries are independent, of one law", "A is symmetric, or is replaced by (A + Aᵀ)/2"),
)
def variance_of_quadratic_form(node: Term, scope: Scope) -> Term | None:
    """The variance of xᵀAx for a vector of independent entries of one law, its mean included."""
    form = _form_of_entries(node.body, scope, node.over) if isinstance(node, Variance) and node.is_scalar else None
    if form is None:
        return None
    x, matrix, law = form
    centre, spread, third, fourth = _central(law)
    entries, sums = diagonal_of(matrix), matrix * ones(x.rows)
    excess = fourth + -3 * spread**2
    return (
        excess * norm2(entries)
        + 2 * spread**2 * trace(matrix * matrix)
        + 4 * centre**2 * spread * norm2(sums)
        + 4 * centre * third * entries.T * sums
    )


def _form_of_entries(body: Term, scope: Scope, over: Over) -> tuple[Symbol, Term, Law] | None:
    """xᵀAx as x, the symmetric part of A, and the law of an entry of x."""
    if isinstance(body, SquaredNorm):
        body = body.inner.T * body.inner
    if not isinstance(body, Multiply) or len(body.runs) != 1:
        return None
    first, *middle, last = body.factors
    if not isinstance(last, Symbol) or first != last.T or last.cols != 1:
        return None
    declared = scope.declarations.get(last)
    law = declared.law if declared is not None else None
    if declared is None or law is None or law.joint or any(p.has(i) for p in law.parameters for i in declared.indices):
        return None
    matrix = multiply(*middle) if middle else Identity(last.rows)
    if is_random(matrix, scope, over) or any(is_random(p, scope, over) for p in law.parameters):
        return None
    turned = tidy(matrix.T, scope)
    return last, matrix if turned == matrix else HALF * (matrix + turned), law


def _central(law: Law) -> tuple[Term, Term, Term, Term]:
    """The mean, and the central moments of order two to four. Raises NotApplicable where the law leaves them open."""
    first, second, third, fourth = (moment(law, k) for k in (1, 2, 3, 4))
    square = first**2
    about3 = third + -3 * first * second + 2 * first * square
    about4 = fourth + -4 * first * third + 6 * square * second + term(3) * -1 * square * square
    return first, second - square, about3, about4
