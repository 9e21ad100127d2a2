"""Random vectors and matrices: means of products, covariances of entries, forms of Gaussian vectors."""

from __future__ import annotations

from engine.rules.probability.expectations import (
    Over,
    family,
    independent,
    is_random,
    law_at,
    law_of,
    linear_map,
    random_parts,
    sources,
)
from engine.rules.probability.laws import mean, moment, variance
from engine.rules.probability.moments import whole_exponent
from engine.rules.registry import Rewritten, rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import rewritten, tidy
from engine.terms import (
    HALF,
    ONE,
    TWO,
    ZERO,
    Add,
    Covariance,
    Entry,
    Expectation,
    Identity,
    Multiply,
    Ones,
    Power,
    SquaredNorm,
    Summation,
    Symbol,
    Term,
    Trace,
    Transpose,
    Variance,
    add,
    factors,
    fresh_indices,
    multiply,
    norm2,
    ones,
    power,
    runs,
    substitute,
    term,
    trace,
    transpose,
    zero,
)
from engine.terms.laws import AnyVector, Law, NormalVector


@rewriting(r"\operatorname{Cov}\Big(\sum_i X_i, Y\Big) = \sum_i \operatorname{Cov}(X_i, Y)", "each entry with each")
def covariance_sum_by_sum(subject: Term, scope: Scope) -> Term:
    """The covariance of sums over the entries of a vector whose covariance matrix is declared."""

    def paired(node: Term) -> Term | None:
        if isinstance(node, Variance):
            node = Covariance(node.body, node.body, node.over)
        if not isinstance(node, Covariance) or not _has_vector(node, scope):
            return None
        if isinstance(node.left, Summation):
            one = node.left
            if one.index in node.right.free or isinstance(node.right, Summation) and node.right.index == one.index:
                (fresh,) = fresh_indices(1, node)
                one = Summation(substitute(one.body, {one.index: fresh}), fresh, one.length)
            return Summation(Covariance(one.body, node.right, node.over), one.index, one.length)
        if isinstance(node.right, Summation):
            one = node.right
            return Summation(Covariance(node.left, one.body, node.over), one.index, one.length)
        return None

    return rewritten(subject, paired, scope)


def _has_vector(node: Term, scope: Scope) -> bool:
    laws = [law_of(family(part), scope) for child in node.children for part in random_parts(child, scope)]
    return any(isinstance(law, (NormalVector, AnyVector)) for law in laws)


@rewriting(r"\operatorname{Cov}(x_i, x_j) = \Sigma_{ij}", "the entry of the covariance matrix")
def covariance_of_entries(subject: Term, scope: Scope) -> Term:
    """The covariance of two entries of a vector whose covariance matrix is declared."""

    def known(node: Term) -> Term | None:
        if not (isinstance(node, Covariance) and isinstance(node.left, Entry) and isinstance(node.right, Entry)):
            return None
        law = law_of(node.left.base, scope)
        if node.left.base != node.right.base or not isinstance(law, (NormalVector, AnyVector)):
            return None
        return Entry(law.covariance, (node.left.indices[0], node.right.indices[0]))

    return rewritten(subject, known, scope)


@rewriting(
    r"\mathbb{E}[x^\top A y] = \operatorname{tr}(A \operatorname{Cov}(y, x)) + \mathbb{E}[x]^\top A\, \mathbb{E}[y]",
    "the covariance, and the means",
)
def mean_of_product_of_vectors(subject: Term, scope: Scope) -> Term:
    """E of xᵀAy, of xyᵀ and of ‖x‖² by covariances and means; independent x and y have no covariance."""

    def split(node: Term) -> Term | None:
        if not isinstance(node, Expectation):
            return None
        over = node.over
        if isinstance(node.body, SquaredNorm) and node.body.inner.cols == 1:
            inner = node.body.inner
            return add(trace(Variance(inner, over)), norm2(Expectation(inner, over)))
        if not isinstance(node.body, Multiply) or len(node.body.runs) != 1 or len(node.body.factors) < 2:
            return None
        factors = node.body.factors
        noisy = [place for place, factor in enumerate(factors) if is_random(factor, scope, over)]
        if len(noisy) != 2:
            return None
        left, middle, right = factors[: noisy[0] + 1], factors[noisy[0] + 1 : noisy[1]], factors[noisy[1] :]
        first, last = multiply(*left), multiply(*right)
        means = multiply(Expectation(first, over), *middle, Expectation(last, over))
        if independent(first, last, scope, over):
            return means
        if first.rows == 1 and last.cols == 1:
            return add(trace(multiply(*middle, _covariance(last, tidy(transpose(first), scope), over))), means)
        if first.cols == 1 and last.rows == 1 and not middle:
            return add(_covariance(first, tidy(transpose(last), scope), over), means)
        return None

    return rewritten(subject, split, scope)


def _covariance(left: Term, right: Term, over: Over) -> Term:
    return Variance(left, over) if left == right else Covariance(left, right, over)


@rewriting(
    r"\operatorname{Cov}(x^\top A x, x^\top B x) = 2 \operatorname{tr}(A \Sigma B \Sigma) + 4 \mu^\top A \Sigma B \mu",
    "{law}",
    conditions=("x is Gaussian", "A and B are symmetric, or are replaced by (A + Aᵀ)/2 and (B + Bᵀ)/2"),
)
def covariance_of_quadratic_forms(subject: Term, scope: Scope) -> Rewritten:
    """The variance of xᵀAx, and its covariance with xᵀBx or with bᵀx, for Gaussian x."""
    told: dict[str, None] = {}

    def known(node: Term) -> Term | None:
        if not isinstance(node, (Variance, Covariance)):
            return None
        sides = (node.body, node.body) if isinstance(node, Variance) else (node.left, node.right)
        one, other = (_quadratic(side, scope, node.over) for side in sides)
        if one is None or other is None:
            return _with_linear(node, one or other, sides[0 if one is None else 1])
        x, first = one
        law = law_at(x, scope)
        if law is None or other[0] != x:
            return None
        told["the fourth moments of a Gaussian vector"] = None
        centre, spread, second = mean(law), variance(law), other[1]
        traces = multiply(TWO, trace(multiply(first, spread, second, spread)))
        return add(traces, multiply(term(4), transpose(centre), first, spread, second, centre))

    def _with_linear(node: Variance | Covariance, form: tuple[Symbol, Term] | None, side: Term) -> Term | None:
        """Cov(xᵀAx, bᵀx) = 2 bᵀΣAμ, and the column Cov(x, xᵀAx) = 2 ΣAμ or the row that it is turned."""
        law = law_at(form[0], scope) if form else None
        if form is None or law is None or isinstance(node, Variance):
            return None
        left, inner, _ = linear_map(side, scope, node.over)
        if inner != form[0]:
            return None
        told["the third moments of a Gaussian vector"] = None
        found = multiply(TWO, *left, variance(law), form[1], mean(law))
        return found if node.shape == found.shape else transpose(found)

    return Rewritten(rewritten(subject, known, scope), slots={"law": ", ".join(told)})


def _quadratic(body: Term, scope: Scope, over: Over) -> tuple[Symbol, Term] | None:
    """xᵀAx of a Gaussian x as x and the symmetric part of A."""
    if isinstance(body, SquaredNorm):
        body = multiply(transpose(body.inner), body.inner)
    if not isinstance(body, Multiply) or len(body.runs) != 1 or not body.is_scalar:
        return None
    first, middle, last = body.factors[0], body.factors[1:-1], body.factors[-1]
    if not isinstance(last, Symbol) or first != transpose(last) or not is_random(last, scope, over):
        return None
    law: Law | None = law_at(last, scope)
    if not isinstance(law, NormalVector) or is_random(multiply(ONE, *middle), scope, over):
        return None
    matrix = multiply(*middle) if middle else Identity(last.rows)
    turned = tidy(transpose(matrix), scope)
    return last, matrix if turned == matrix else multiply(HALF, add(matrix, turned))


@rewriting(
    r"\operatorname{tr}(cA + B) = c \operatorname{tr} A + \operatorname{tr} B,\quad \operatorname{tr} I_n = n,\quad \operatorname{tr}(uv^\top) = v^\top u",
    "the trace is linear",
)
def trace_laws(subject: Term, scope: Scope) -> Term:
    """Traces taken into sums and past scalars; of an identity its size, of a column times a row their inner product."""

    def opened(node: Term) -> Term | None:
        if not isinstance(node, Trace):
            return None
        match node.inner:
            case Identity(size=size) | Ones(height=size):
                return term(size)
            case Add(terms=terms):
                return add(*(opened(Trace(part)) or Trace(part) for part in terms))
            case Multiply():
                scalars = [multiply(*run) for run in node.inner.runs if multiply(*run).is_scalar]
                chain = [factor for run in node.inner.runs if not multiply(*run).is_scalar for factor in run]
                cut = next((k for k in range(1, len(chain)) if chain[k - 1].cols == 1), None)
                if cut is not None:
                    return multiply(*scalars, *chain[cut:], *chain[:cut])
                if scalars:
                    inner = multiply(*chain)
                    return multiply(*scalars, opened(Trace(inner)) or Trace(inner))
        return None

    return rewritten(subject, opened, scope)


# -- Gaussian vectors ------------------------------------------------------------------------------------------------------


@rewriting(
    r"\mathbb{E}[z_1 z_2 z_3 z_4] = \Sigma_{12}\Sigma_{34} + \Sigma_{13}\Sigma_{24} + \Sigma_{14}\Sigma_{23}",
    "Gaussian: over all pairs",
    conditions=("each factor is linear in one Gaussian vector",),
)
def moments_by_pairs(subject: Term, scope: Scope) -> Term:
    """E of a product of linear forms aᵀx, bᵀx … of a Gaussian vector (Isserlis), its mean included."""

    def paired(node: Term) -> Term | None:
        if not isinstance(node, Expectation) or not isinstance(node.body, (Multiply, Power)) or not node.is_scalar:
            return None
        parts: list[Term] = []
        for run in runs(factors(node.body)):
            part = multiply(*run)
            times = whole_exponent(part.exponent) if isinstance(part, Power) else None
            parts += [part.base] * times if isinstance(part, Power) and times else [part]
        forms = [_linear_form(factor, scope, node.over) for factor in parts]
        found = [form for form in forms if form is not None]
        if not 2 < len(parts) <= MOST_FACTORS or len(found) < len(parts) or len({x for x, _ in found}) > 1:
            return None
        law = law_at(found[0][0], scope)
        return by_pairs([left for _, left in found], law) if isinstance(law, NormalVector) else None

    return rewritten(subject, paired, scope)


MOST_FACTORS = 6


def _linear_form(factor: Term, scope: Scope, over: Over) -> tuple[Term, Term] | None:
    """A scalar aᵀx as x and aᵀ."""
    left, inner, _ = linear_map(factor, scope, over)
    return (inner, multiply(*left)) if left and factor.is_scalar and isinstance(inner, Symbol) else None


def by_pairs(forms: list[Term], law: NormalVector) -> Term:
    """E of the product of the forms: of the first alone its mean, and with each other their covariance."""
    if not forms:
        return ONE
    first, rest = forms[0], forms[1:]
    parts = [multiply(first, law.mean, by_pairs(rest, law))]
    for k, other in enumerate(rest):
        parts.append(multiply(first, law.covariance, transpose(other), by_pairs(rest[:k] + rest[k + 1 :], law)))
    return add(*parts)


# -- random matrices -------------------------------------------------------------------------------------------------------


@rewriting(
    r"\operatorname{Var}(Wu) = \sigma^2 \lVert u \rVert^2 I,\quad \mathbb{E}[W^\top A W] = \sigma^2 \operatorname{tr}(A) I + \mathbb{E}[W]^\top A\, \mathbb{E}[W]",
    "the entries of {matrices} are independent",
    conditions=("the entries of W are independent, with one variance σ²",),
)
def matrix_of_independent_entries(subject: Term, scope: Scope) -> Rewritten:
    """E of W and of WᵀAW, and Var of Wu, for a matrix W of independent entries of one law."""
    told: dict[str, None] = {}

    def known(node: Term) -> Term | None:
        if not isinstance(node, (Expectation, Variance)):
            return None
        found = _of_matrix(node, scope)
        if found is not None:
            told.update({str(symbol): None for symbol in sources(node.body, scope, node.over)})
        return found

    return Rewritten(rewritten(subject, known, scope), slots={"matrices": ", ".join(told)})


def _of_matrix(node: Expectation | Variance, scope: Scope) -> Term | None:
    body, over = node.body, node.over
    factors = body.factors if isinstance(body, Multiply) and len(body.runs) == 1 else (body,)
    noisy = [place for place, factor in enumerate(factors) if is_random(factor, scope, over)]
    laws = [_entry_law(factors[place], scope) for place in noisy]
    if isinstance(node, Variance):
        if len(factors) < 2 or not noisy or noisy[0] != 0 or laws[0] is None:
            return None
        length = norm2(multiply(*factors[1:]))
        if noisy == [0]:
            return multiply(variance(laws[0]), length, Identity(body.rows))
        if mean(laws[0]) != ZERO or not independent(factors[0], length, scope, over):
            return None
        return multiply(variance(laws[0]), Expectation(length, over), Identity(body.rows))
    if isinstance(body, SquaredNorm) and (law := _entry_law(body.inner, scope)) is not None:
        return multiply(term(body.inner.rows), term(body.inner.cols), moment(law, 2))
    if isinstance(body, (Symbol, Transpose)) and laws and laws[0] is not None:
        centre = mean(laws[0])
        return zero(body.shape) if centre == ZERO else multiply(centre, ones(*body.shape))
    if noisy != [0, len(factors) - 1] or laws[0] is None or factors[0] != transpose(factors[-1]):
        return None
    middle = multiply(*factors[1:-1]) if len(factors) > 2 else Identity(factors[0].cols)
    apart = multiply(Expectation(factors[0], over), middle, Expectation(factors[-1], over))
    return add(multiply(variance(laws[0]), trace(middle), Identity(body.rows)), apart)


def _entry_law(factor: Term, scope: Scope) -> Law | None:
    """The law of every entry of a random matrix, or of its transpose."""
    symbol = factor.inner if isinstance(factor, Transpose) else factor
    declared = scope.declarations.get(symbol) if isinstance(symbol, Symbol) else None
    if declared is None or declared.law is None or symbol.is_scalar or 1 in symbol.shape:
        return None
    given = frozenset().union(*(parameter.free for parameter in declared.law.parameters))
    return None if given.intersection(declared.indices) else declared.law


# -- sums over entries, in whole matrices ------------------------------------------------------------------------------------


@rewriting(
    r"\sum_i \sum_j u_i A_{ij} v_j = u^\top A v,\quad \sum_i \sum_j A_{ij}^2 = \lVert A \rVert^2,\quad \sum_i A_{ii} = \operatorname{tr} A",
    "in whole matrices",
)
def in_matrices(subject: Term, scope: Scope) -> Term:
    """Sums over all entries of a matrix, alone, squared, with their mirror images or between two vectors."""

    def whole(node: Term) -> Term | None:
        indices, factors = _all_factors(node)
        if not indices or not all(isinstance(factor, Entry) for factor in factors):
            return None
        entries = [factor for factor in factors if isinstance(factor, Entry)]
        for one, other in (indices, indices[::-1]) if len(indices) == 2 else ((indices[0], indices[0]),):
            found = _product_of_entries(entries, one, other)
            if found is not None:
                return found
        return None

    return rewritten(subject, whole, scope)


def _all_factors(node: Term) -> tuple[list[Symbol], list[Term]]:
    """The indices of sums in one another, each over all of what it indexes, and the factors in them."""
    if not isinstance(node, Summation):
        return [], []
    parts = factors(node.body)
    indices: list[Symbol] = [node.index]
    all_factors: list[Term] = []
    for part in parts:
        base, times = (part.base, whole_exponent(part.exponent) or 1) if isinstance(part, Power) else (part, 1)
        if isinstance(base, Summation):
            more, inner = _all_factors(base)
            indices, all_factors = indices + more * times, all_factors + inner
        else:
            all_factors += [base if times > 1 else part] * times
    lengths = [size for f in all_factors if isinstance(f, Entry) for i, size in zip(f.indices, f.base.shape, strict=False) if i == node.index]  # fmt: skip
    return (
        (indices, all_factors) if all(term(size) == node.length for size in lengths) and len(indices) < 3 else ([], [])
    )


def _product_of_entries(entries: list[Entry], one: Symbol, other: Symbol) -> Term | None:
    places = sorted(entries, key=lambda entry: (len(entry.indices), entry.indices != (one,)))
    match [(entry.base, entry.indices) for entry in places]:
        case [(matrix, (i, j))] if one == other == i == j:
            return trace(matrix)
        case [(matrix, (i, j)), (same, (k, m))] if matrix == same and {i, j} == {one, other} and one != other:
            if (i, j) == (k, m):
                return norm2(matrix)
            return trace(power(matrix, TWO)) if (i, j) == (m, k) else None
        case [(u, (i,)), (v, (j,)), (matrix, (k, m))] if (i, j, k, m) == (one, other, one, other) and one != other:
            return multiply(transpose(u), matrix, v)
    return None
