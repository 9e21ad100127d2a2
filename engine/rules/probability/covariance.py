"""Variances and covariances of sums, of linear maps, and of quadratic forms of random vectors."""

from __future__ import annotations

from engine.kernel import NotApplicable
from engine.rules.probability.expectations import (
    Over,
    constant_factors,
    family,
    independent,
    is_random,
    law_of,
    linear_map,
    own_entries,
    random_parts,
    sources,
)
from engine.rules.probability.laws import count_spread
from engine.rules.registry import Rewritten, rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import rewritten
from engine.terms import (
    MINUS_ONE,
    ONE,
    TWO,
    Add,
    Covariance,
    Entry,
    Expectation,
    Multiply,
    Summation,
    Symbol,
    Term,
    Variance,
    add,
    factors,
    multiply,
    negate,
    power,
    rewrite,
    substitute,
    summands,
    term,
    transpose,
    zero,
)
from engine.terms.laws import Draws, Multinomial

# -- sums and multiples ----------------------------------------------------------------------------------------------------


@rewriting(
    r"\operatorname{Var}(X + Y) = \operatorname{Var} X + \operatorname{Var} Y + 2 \operatorname{Cov}(X, Y)",
    "the variances, and twice the covariances",
)
def variance_of_sum(subject: Term, scope: Scope) -> Term:
    """The variance of a sum of dependent terms; what is independent has no covariance."""

    def split(node: Term) -> Term | None:
        if not (isinstance(node, Variance) and isinstance(node.body, Add)):
            return None
        parts, over = node.body.terms, node.over
        found = [Variance(part, over) for part in parts]
        pairs = [(a, b) for k, a in enumerate(parts) for b in parts[k + 1 :] if not independent(a, b, scope, over)]
        if node.is_scalar:
            return add(*found, *(multiply(TWO, Covariance(a, b, over)) for a, b in pairs))
        return add(*found, *(Covariance(*both, over) for a, b in pairs for both in ((a, b), (b, a))))

    return rewritten(subject, split, scope)


@rewriting(
    r"\operatorname{Cov}(aX + Y, Z) = a \operatorname{Cov}(X, Z) + \operatorname{Cov}(Y, Z)",
    "the covariance is linear in both",
)
def covariance_term_by_term(subject: Term, scope: Scope) -> Term:
    """Cov taken into sums, past constant factors and matrices, and off what is not random; Cov(X, X) = Var X."""

    def opened(node: Term) -> Term | None:
        if not isinstance(node, Covariance):
            return None
        left, right, over = node.left, node.right, node.over
        if not (is_random(left, scope, over) and is_random(right, scope, over)):
            return zero(node.shape)
        if left == right:
            return Variance(left, over)
        first, last, one = _linear(left, scope, over)
        before, after, other = _linear(right, scope, over)
        if one == [left] and other == [right]:
            return None
        return add(
            *(
                multiply(
                    *first,
                    *before,
                    *last,
                    opened(Covariance(a, b, over)) or Covariance(a, b, over),
                    *map(transpose, reversed(after)),
                )
                for a in one
                for b in other
            )
        )

    return rewritten(subject, opened, scope)


def _linear(body: Term, scope: Scope, over: Over) -> tuple[list[Term], list[Term], list[Term]]:
    """A term as scalars and matrices that are not random times a sum of random terms."""
    scalars: list[Term] = []
    if isinstance(body, Multiply):
        constant, rest = constant_factors(body, scope, over)
        scalars, body = constant, multiply(*rest)
    left, inner, _ = linear_map(body, scope, over)
    terms = summands(inner)
    return scalars, list(left), [part for part in terms if is_random(part, scope, over)]


@rewriting(r"\operatorname{Var}(AX) = A \operatorname{Var}(X) A^\top", "a matrix leaves on both sides")
def variance_of_linear_map(subject: Term, scope: Scope) -> Term:
    """The covariance matrix of AX, or the variance of aᵀX, by that of X."""

    def mapped(node: Term) -> Term | None:
        if not isinstance(node, Variance):
            return None
        left, inner, _ = linear_map(node.body, scope, node.over)
        if not left:
            return None
        return multiply(*left, Variance(inner, node.over), *(transpose(factor) for factor in reversed(left)))

    return rewritten(subject, mapped, scope)


@rewriting(r"\operatorname{Cov}(X, Y) = 0", "independent: no covariance", conditions=("X and Y are independent",))
def covariance_of_independent_terms(subject: Term, scope: Scope) -> Term:
    """The covariance of what shares no random symbol is zero."""

    def vanishing(node: Term) -> Term | None:
        if not isinstance(node, Covariance) or not independent(node.left, node.right, scope, node.over):
            return None
        return zero(node.shape)

    return rewritten(subject, vanishing, scope)


@rewriting(
    r"\operatorname{Cov}\Big(\sum_i X_i, \sum_j Y_j\Big) = \sum_i \operatorname{Cov}(X_i, Y_i)",
    "terms with different indices are independent",
    conditions=("the terms with different indices are independent",),
)
def covariance_of_sums(subject: Term, scope: Scope) -> Term:
    """The covariance of two sums over one family, or of a sum with one entry: that of the terms with equal indices."""

    def paired(node: Term) -> Term | None:
        if not isinstance(node, Covariance):
            return None
        left, right, over = node.left, node.right, node.over
        if isinstance(left, Summation) and isinstance(right, Summation):
            if left.length != right.length or not _own(left, scope, over) or not _own(right, scope, over):
                return None
            other = substitute(right.body, {right.index: left.index})
            return Summation(Covariance(left.body, other, over), left.index, left.length)
        if isinstance(left, Summation):
            at = _single_index(right, left, scope, over)
            return None if at is None else Covariance(substitute(left.body, {left.index: at}), right, over)
        if isinstance(right, Summation):
            at = _single_index(left, right, scope, over)
            return None if at is None else Covariance(left, substitute(right.body, {right.index: at}), over)
        return None

    return rewritten(subject, paired, scope)


def _own(node: Summation, scope: Scope, over: Over) -> bool:
    return own_entries(node.body, node.index, scope, over)


def _single_index(entry: Term, node: Summation, scope: Scope, over: Over) -> Term | None:
    """The one index of what stands beside a sum over its whole family; None where it has no such index."""
    parts = random_parts(entry, scope)
    indices = {part.indices[0] for part in parts if isinstance(part, Entry) and len(part.indices) == 1}
    whole = all(
        isinstance(part, Entry) and term(part.base.rows) == node.length
        for part in (*parts, *random_parts(node.body, scope))
    )
    if len(indices) != 1 or not whole or not _own(node, scope, over):
        return None
    at = indices.pop()
    fresh = Symbol("one index")
    moved = substitute(entry, {at: fresh}) if isinstance(at, Symbol) else None
    return at if moved is None or own_entries(moved, fresh, scope, over) else None


@rewriting(r"\mathbb{E}X = \mathbb{E}\big[\mathbb{E}[X \mid Z]\big]", "the mean of the mean given {given}")
def total_mean(subject: Term, scope: Scope, *given: Symbol) -> Rewritten:
    """The mean split by what is known: first given it, then over it."""

    def split(node: Term) -> Term | None:
        if not isinstance(node, Expectation) or node.over:
            return None
        return Expectation(Expectation(node.body, _others(node.body, given, scope)), given)

    return Rewritten(rewrite(subject, split), slots={"given": ", ".join(map(str, given))})


@rewriting(
    r"\operatorname{Cov}(X, Y) = \mathbb{E}[\operatorname{Cov}(X, Y \mid Z)] + \operatorname{Cov}(\mathbb{E}[X \mid Z], \mathbb{E}[Y \mid Z])",
    "the law of total covariance, given {given}",
)
def total_covariance(subject: Term, scope: Scope, *given: Symbol) -> Rewritten:
    """The covariance split by what is known: that within, and that between."""

    def split(node: Term) -> Term | None:
        if not isinstance(node, Covariance) or node.over:
            return None
        others = _others(add(node.left, node.right) if node.left.shape == node.right.shape else node.left, given, scope)
        within = Expectation(Covariance(node.left, node.right, others), given)
        return add(within, Covariance(Expectation(node.left, others), Expectation(node.right, others), given))

    return Rewritten(rewrite(subject, split), slots={"given": ", ".join(map(str, given))})


@rewriting(
    r"\operatorname{Var} X = \mathbb{E}[\operatorname{Var}(X \mid Z)] + \operatorname{Var}(\mathbb{E}[X \mid Z])",
    "first over {inner}, given the rest",
)
def given_rest_first(subject: Term, scope: Scope) -> Rewritten:
    """A mean, variance or covariance taken first over what has its law from other random symbols, then over these."""
    told: dict[str, None] = {}

    def split(node: Term) -> Term | None:
        if not isinstance(node, (Expectation, Variance, Covariance)):
            return None
        families = frozenset().union(*(sources(child, scope, node.over) for child in node.children))
        inner = tuple(sorted((s for s in families if _is_given(s, scope, node.over)), key=lambda symbol: symbol.name))
        if not inner or len(inner) == len(families):
            return None
        told.update(dict.fromkeys(map(str, inner)))
        if isinstance(node, Expectation):
            return Expectation(Expectation(node.body, inner), node.over)
        if isinstance(node, Variance):
            within = Expectation(Variance(node.body, inner), node.over)
            return add(within, Variance(Expectation(node.body, inner), node.over))
        within = Expectation(Covariance(node.left, node.right, inner), node.over)
        one, other = Expectation(node.left, inner), Expectation(node.right, inner)
        return add(within, Covariance(one, other, node.over))

    return Rewritten(rewritten(subject, split, scope), slots={"inner": ", ".join(told)})


def _is_given(symbol: Symbol, scope: Scope, over: Over) -> bool:
    law = law_of(symbol, scope)
    return law is not None and any(is_random(parameter, scope, over) for parameter in law.parameters)


def _others(body: Term, given: Over, scope: Scope) -> Over:
    """The random symbols of a term but for those that are given. Raises NotApplicable unless it has both."""
    families = {family(part) for part in random_parts(body, scope)}
    others = tuple(sorted(families.difference(given), key=lambda symbol: symbol.name))
    if not others or not sources(body, scope).intersection(given):
        raise NotApplicable(f"{body} does not depend on both {', '.join(map(str, given))} and something else random")
    return others


# -- counts ----------------------------------------------------------------------------------------------------------------


@rewriting(
    r"\operatorname{Var} \sum_i a_i s_i = \frac{B}{n} \cdot \frac{n - B}{n - 1} \Big(\sum_i a_i^2 - \frac1n \Big(\sum_i a_i\Big)^2\Big)",
    "{law}",
    conditions=("with replacement, the factor (n − B)/(n − 1) is 1",),
)
def variance_of_counts(subject: Term, scope: Scope) -> Rewritten:
    """The (co)variance of sums of counts of one sample, with coefficients that are not random."""
    told: dict[str, None] = {}

    def counted(node: Term) -> Term | None:
        if not isinstance(node, (Variance, Covariance)) or not node.is_scalar:
            return None
        sides = (node.body, node.body) if isinstance(node, Variance) else (node.left, node.right)
        one, other = (_counts(side, scope, node.over) for side in sides)
        if one is None or other is None or one[0] != other[0]:
            return None
        law, index, length = law_of(one[0], scope), one[1].index, one[1].length
        first, second = one[2], substitute(other[2], {other[1].index: index})

        def summed(*factors: Term) -> Term:
            return Summation(multiply(*factors), index, length)

        if isinstance(law, Multinomial):
            told[f"the counts of {law.trials} independent trials"] = None
            chance = Entry(law.probabilities, (index,))
            apart = multiply(summed(chance, first), summed(chance, second))
            return multiply(law.trials, add(summed(chance, first, second), negate(apart)))
        assert isinstance(law, Draws)
        told[f"the counts of {law.count} draws {'with' if law.replaced else 'without'} replacement"] = None
        apart = multiply(power(length, MINUS_ONE), summed(first), summed(second))
        return multiply(count_spread(law), add(summed(first, second), negate(apart)))

    return Rewritten(rewritten(subject, counted, scope), slots={"law": ", ".join(told)})


def _counts(body: Term, scope: Scope, over: Over) -> tuple[Symbol, Summation, Term] | None:
    """Σ_i a_i s_i as the counts s, the sum itself, and a_i."""
    if not isinstance(body, Summation):
        return None
    parts = factors(body.body)
    noisy = [factor for factor in parts if is_random(factor, scope, over)]
    if len(noisy) != 1 or not isinstance(noisy[0], Entry) or noisy[0].indices != (body.index,):
        return None
    symbol = noisy[0].base
    if not isinstance(symbol, Symbol) or not isinstance(law_of(symbol, scope), (Draws, Multinomial)):
        return None
    if body.length != term(symbol.rows):
        return None
    rest = [factor for factor in parts if factor is not noisy[0]]
    return symbol, body, multiply(ONE, *rest)
