"""Forms of random vectors: masks as linear maps, bilinear forms of independent vectors, quadratic forms of independent entries."""

from __future__ import annotations

from engine.rules.probability.expectations import Over, independent, is_random, law_at
from engine.rules.probability.laws import mean, moment, variance
from engine.rules.registry import rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import rewritten, tidy
from engine.terms import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    Covariance,
    Diagonal,
    Expectation,
    Hadamard,
    Identity,
    Multiply,
    SquaredNorm,
    Symbol,
    Term,
    Variance,
    add,
    diagonal,
    diagonal_of,
    hadamard,
    multiply,
    negate,
    norm2,
    ones,
    power,
    rewrite,
    scaled,
    term,
    trace,
    transpose,
)
from engine.terms.laws import Law


@rewriting(r"m \odot u = \operatorname{diag}(u)\,m", "linear in what is random: u ⊙ v = diag(u)v")
def mask_as_linear_map(subject: Term, scope: Scope) -> Term:
    """Under E, Var and Cov, ⊙ or diag of the one random vector among its factors, as a matrix times it."""

    def within(node: Term) -> Term | None:
        if not isinstance(node, (Expectation, Variance, Covariance)):
            return None
        return node.rebuild(
            tuple(rewrite(child, lambda inner: _linear(inner, scope, node.over)) for child in node.children)
        )

    return rewritten(subject, within, scope)


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


@rewriting(
    r"\operatorname{Var}(x^\top A y) = \operatorname{tr}(A^\top \Sigma_x A \Sigma_y) + \mu_y^\top A^\top \Sigma_x A \mu_y + \mu_x^\top A \Sigma_y A^\top \mu_x",
    "two independent vectors: by their means and covariances",
    conditions=("x and y are independent",),
)
def variance_of_bilinear_form(subject: Term, scope: Scope) -> Term:
    """The variance of xᵀAy for two independent random vectors."""

    def known(node: Term) -> Term | None:
        if not isinstance(node, Variance) or not node.is_scalar or not isinstance(node.body, Multiply):
            return None
        if len(node.body.runs) != 1 or len(node.body.factors) < 2:
            return None
        first, *middle, last = node.body.factors
        x, matrix = tidy(transpose(first), scope), multiply(*middle) if middle else Identity(last.rows)
        laws = [law_at(vector, scope) for vector in (x, last)]
        if None in laws or is_random(matrix, scope, node.over) or not independent(x, last, scope, node.over):
            return None
        (m, S), (k, T) = ((mean(law), variance(law)) for law in laws if law is not None)
        turned = transpose(matrix)
        return add(
            trace(multiply(turned, S, matrix, T)),
            multiply(transpose(k), turned, S, matrix, k),
            multiply(transpose(m), matrix, T, turned, m),
        )

    return rewritten(subject, known, scope)


@rewriting(
    r"\operatorname{Var}(z^\top A z) = (\kappa - 3\sigma^4) \lVert \operatorname{diag} A \rVert^2 + 2\sigma^4 \operatorname{tr}(A^2) \quad (\mathbb{E} z_i = 0)",
    "independent entries of one law: by their central moments up to the fourth",
    conditions=("the entries are independent, of one law", "A is symmetric, or is replaced by (A + Aᵀ)/2"),
)
def variance_of_quadratic_form(subject: Term, scope: Scope) -> Term:
    """The variance of xᵀAx for a vector of independent entries of one law, its mean included."""

    def known(node: Term) -> Term | None:
        form = _form_of_entries(node.body, scope, node.over) if isinstance(node, Variance) and node.is_scalar else None
        if form is None:
            return None
        x, matrix, law = form
        centre, spread, third, fourth = _central(law)
        entries, sums = diagonal_of(matrix), multiply(matrix, ones(x.rows))
        excess = add(fourth, multiply(term(-3), power(spread, TWO)))
        return add(
            multiply(excess, norm2(entries)),
            multiply(TWO, power(spread, TWO), trace(multiply(matrix, matrix))),
            multiply(term(4), power(centre, TWO), spread, norm2(sums)),
            multiply(term(4), centre, third, transpose(entries), sums),
        )

    return rewritten(subject, known, scope)


def _form_of_entries(body: Term, scope: Scope, over: Over) -> tuple[Symbol, Term, Law] | None:
    """xᵀAx as x, the symmetric part of A, and the law of an entry of x."""
    if isinstance(body, SquaredNorm):
        body = multiply(transpose(body.inner), body.inner)
    if not isinstance(body, Multiply) or len(body.runs) != 1:
        return None
    first, *middle, last = body.factors
    if not isinstance(last, Symbol) or first != transpose(last) or last.cols != 1:
        return None
    declared = scope.declarations.get(last)
    law = declared.law if declared is not None else None
    if declared is None or law is None or law.joint or any(p.has(i) for p in law.parameters for i in declared.indices):
        return None
    matrix = multiply(*middle) if middle else Identity(last.rows)
    if is_random(matrix, scope, over) or any(is_random(p, scope, over) for p in law.parameters):
        return None
    turned = tidy(transpose(matrix), scope)
    return last, matrix if turned == matrix else multiply(HALF, add(matrix, turned)), law


def _central(law: Law) -> tuple[Term, Term, Term, Term]:
    """The mean, and the central moments of order two to four. Raises NotApplicable where the law leaves them open."""
    first, second, third, fourth = (moment(law, k) for k in (1, 2, 3, 4))
    square = power(first, TWO)
    about3 = add(third, multiply(term(-3), first, second), multiply(TWO, first, square))
    about4 = add(
        fourth,
        multiply(term(-4), first, third),
        multiply(term(6), square, second),
        multiply(term(3), MINUS_ONE, square, square),
    )
    return first, add(second, negate(square)), about3, about4
