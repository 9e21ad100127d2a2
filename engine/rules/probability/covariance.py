"""Variances and covariances of sums, of linear maps, and of quadratic forms of random vectors."""

from __future__ import annotations

from dataclasses import replace

from engine.kernel import NotApplicable
from engine.rules.probability.expectations import own_entries
from engine.rules.probability.laws import count_spread
from engine.rules.probability.randomness import (
    Over,
    constant_factors,
    family,
    independent,
    is_random,
    law_of,
    linear_map,
    random_parts,
    sources,
)
from engine.rules.registry import Rewritten, node_rewriting, rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import rewritten
from engine.terms.arithmetic import Add, Multiply, add, factors, multiply, summands, transpose
from engine.terms.core import ONE, Entry, Symbol, Term, term, zero
from engine.terms.functions import Summation
from engine.terms.laws import Draws, Multinomial
from engine.terms.operators import Covariance, Expectation, Variance
from engine.terms.substitution import substitute

# -- sums and multiples ------------------------------------------------------------------------------------------------


@node_rewriting(
    r"\operatorname{Var}(X + Y) = \operatorname{Var} X + \operatorname{Var} Y + 2 \operatorname{Cov}(X, Y)",
    "the variances, and twice the covariances",
    Variance,
)
def variance_of_sum(node: Variance, scope: Scope) -> Term | None:
    """The variance of a sum of dependent terms; what is independent has no covariance."""
    if not isinstance(node.body, Add):
        return None
    parts, over = node.body.terms, node.over
    found = [Variance(part, over) for part in parts]
    pairs = [(a, b) for k, a in enumerate(parts) for b in parts[k + 1 :] if not independent(a, b, scope, over)]
    if node.is_scalar:
        return add(*found, *(2 * Covariance(a, b, over) for a, b in pairs))
    return add(*found, *(Covariance(*both, over) for a, b in pairs for both in ((a, b), (b, a))))


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


@node_rewriting(r"\operatorname{Var}(AX) = A \operatorname{Var}(X) A^\top", "a matrix leaves on both sides", Variance)
def variance_of_linear_map(node: Variance, scope: Scope) -> Term | None:
    """The covariance matrix of AX, or the variance of aᵀX, by that of X."""
    left, inner, _ = linear_map(node.body, scope, node.over)
    if not left:
        return None
    return multiply(*left, Variance(inner, node.over), *(factor.T for factor in reversed(left)))


@node_rewriting(
    r"\operatorname{Cov}(X, Y) = 0", "independent: no covariance", Covariance, conditions=("X and Y are independent",)
)
def covariance_of_independent_terms(node: Covariance, scope: Scope) -> Term | None:
    """The covariance of what shares no random symbol is zero."""
    if not independent(node.left, node.right, scope, node.over):
        return None
    return zero(node.shape)


@node_rewriting(
    r"\operatorname{Cov}\Big(\sum_i X_i, \sum_j Y_j\Big) = \sum_i \operatorname{Cov}(X_i, Y_i)",
    "terms with different indices are independent",
    Covariance,
    conditions=("the terms with different indices are independent",),
)
def covariance_of_sums(node: Covariance, scope: Scope) -> Term | None:
    """The covariance of two sums over one family, or of a sum with one entry: that of the terms with equal indices."""
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


@node_rewriting(
    r"\mathbb{E}X = \mathbb{E}\big[\mathbb{E}[X \mid Z]\big]",
    "the mean of the mean given {given}",
    Expectation,
    tidied=False,
)
def total_mean(node: Expectation, scope: Scope, *given: Symbol) -> Rewritten | None:
    """The mean split by what is known: first given it, then over it."""
    if node.over:
        return None
    inner = Expectation(node.body, _others(node.body, given, scope))
    return Rewritten(Expectation(inner, given), slots={"given": ", ".join(map(str, given))})


@node_rewriting(
    r"\operatorname{Cov}(X, Y) = \mathbb{E}[\operatorname{Cov}(X, Y \mid Z)] + "
    r"\operatorname{Cov}(\mathbb{E}[X \mid Z], \mathbb{E}[Y \mid Z])",
    "the law of total covariance, given {given}",
    Covariance,
    tidied=False,
)
def total_covariance(node: Covariance, scope: Scope, *given: Symbol) -> Rewritten | None:
    """The covariance split by what is known: that within, and that between."""
    if node.over:
        return None
    others = _others(node.left + node.right if node.left.shape == node.right.shape else node.left, given, scope)
    within = Expectation(Covariance(node.left, node.right, others), given)
    between = Covariance(Expectation(node.left, others), Expectation(node.right, others), given)
    return Rewritten(within + between, slots={"given": ", ".join(map(str, given))})


@node_rewriting(
    r"\operatorname{Var} X = \mathbb{E}[\operatorname{Var}(X \mid Z)] + \operatorname{Var}(\mathbb{E}[X \mid Z])",
    "first over {inner}, given the rest",
    Expectation,
    Variance,
    Covariance,
)
def given_rest_first(node: Expectation | Variance | Covariance, scope: Scope) -> Rewritten | None:
    """A mean, variance or covariance taken first over what has its law from other random symbols, then over these."""
    families = frozenset().union(*(sources(child, scope, node.over) for child in node.children))
    inner = tuple(sorted((s for s in families if _is_given(s, scope, node.over)), key=lambda symbol: symbol.name))
    if not inner or len(inner) == len(families):
        return None
    found = node.rebuild(tuple(Expectation(child, inner) for child in node.children))
    if not isinstance(node, Expectation):
        found = Expectation(replace(node, over=inner), node.over) + found
    return Rewritten(found, slots={"inner": tuple(map(str, inner))})


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


# -- counts ------------------------------------------------------------------------------------------------------------


@node_rewriting(
    r"\operatorname{Var} \sum_i a_i s_i = \frac{B}{n} \cdot \frac{n - B}{n - 1} "
    r"\Big(\sum_i a_i^2 - \frac1n \Big(\sum_i a_i\Big)^2\Big)",
    "{law}",
    Variance,
    Covariance,
    conditions=("with replacement, the factor (n − B)/(n − 1) is 1",),
)
def variance_of_counts(node: Variance | Covariance, scope: Scope) -> Rewritten | None:
    """The (co)variance of sums of counts of one sample, with coefficients that are not random."""
    if not node.is_scalar:
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
        chance = Entry(law.probabilities, (index,))
        apart = summed(chance, first) * summed(chance, second)
        found = law.trials * (summed(chance, first, second) - apart)
        return Rewritten(found, slots={"law": f"the counts of {law.trials} independent trials"})
    assert isinstance(law, Draws)
    apart = length**-1 * summed(first) * summed(second)
    found = count_spread(law) * (summed(first, second) - apart)
    how = "with" if law.replaced else "without"
    return Rewritten(found, slots={"law": f"the counts of {law.count} draws {how} replacement"})


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
