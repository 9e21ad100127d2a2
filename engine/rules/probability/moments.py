"""Moments of laws at every order, and variances and covariances by moments."""

from __future__ import annotations

from engine.kernel import NotApplicable
from engine.rules.probability.expectations import given_others
from engine.rules.probability.laws import chances, mean, moment, variance
from engine.rules.probability.randomness import (
    family,
    independent,
    is_random,
    law_at,
    law_of,
    linear_map,
    random_parts,
    sources,
)
from engine.rules.registry import Rewritten, node_rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import tidy
from engine.terms.arithmetic import Multiply, Power, add, multiply, runs
from engine.terms.core import Entry, Number, Symbol, Term
from engine.terms.functions import Summation
from engine.terms.laws import AnyVector, Draws, Law, Multinomial, Normal, NormalVector
from engine.terms.operators import Covariance, Expectation, Variance
from engine.terms.substitution import replace


def whole_exponent(exponent: Term) -> int | None:
    """An exponent that is a whole number above 1."""
    if not isinstance(exponent, Number) or exponent.value.denominator != 1 or exponent.value < 2:
        return None
    return int(exponent.value)


@node_rewriting(r"\mathbb{E}[X^k] = \mu_k", "{moments}", Expectation, lead="the law: ")
def moment_of_law(node: Expectation, scope: Scope) -> Rewritten | None:
    """E of a whole power of a random symbol or entry, by its law."""
    if not isinstance(node.body, Power):
        return None
    base, order = node.body.base, whole_exponent(node.body.exponent)
    law = _law_of_number(base, scope, node.over)
    if law is None or order is None or not is_random(base, scope, node.over):
        return None
    try:
        found = given_others(tidy(moment(law, order), scope), node, scope)
    except NotApplicable as error:
        raise NotApplicable(f"no rule gives {node}: {error}") from error
    return Rewritten(found, slots={"moments": f"{node} = {found}"})


def _law_of_number(base: Term, scope: Scope, over: tuple[Symbol, ...]) -> Law | None:
    """The law of a random number: one that is declared, or that of a linear form aᵀx of a Gaussian vector x."""
    law = law_at(base, scope)
    if law is not None:
        return None if law.joint else law
    left, inner, _ = linear_map(base, scope, over)
    law = law_at(inner, scope) if left and base.is_scalar else None
    if not isinstance(law, NormalVector):
        return None
    spread = multiply(*left, law.covariance, *(factor.T for factor in reversed(left)))
    return Normal(multiply(*left, law.mean), spread)


@node_rewriting(
    r"\mathbb{E}[X^k g(Z)] = \mathbb{E}\big[\mathbb{E}[X^k \mid Z]\, g(Z)\big]",
    "first over {inner}, given the rest",
    Expectation,
)
def conditional_mean_first(node: Expectation, scope: Scope) -> Rewritten | None:
    """In E of a product, a power of a random symbol whose law is given by others replaced by its mean given them."""
    if not isinstance(node.body, Multiply):
        return None
    factors = [multiply(*run) for run in runs(node.body.factors)]
    for place, factor in enumerate(factors):
        base, order = (factor.base, whole_exponent(factor.exponent)) if isinstance(factor, Power) else (factor, 1)
        law, rest = law_at(base, scope), multiply(*factors[:place], *factors[place + 1 :])
        if law is None or law.joint or order is None or not is_random(base, scope, node.over):
            continue
        given = [p for p in law.parameters if is_random(p, scope, node.over)]
        if given and family(base) not in sources(rest, scope):
            return Rewritten(Expectation(moment(law, order) * rest, node.over), slots={"inner": str(base)})
    return None


@node_rewriting(
    r"\operatorname{Var} X = \mathbb{E}[\operatorname{Var}(X \mid Z)] + \operatorname{Var}(\mathbb{E}[X \mid Z])",
    "total variance: {laws} given the rest",
    Variance,
    Covariance,
)
def variance_given_others(node: Variance | Covariance, scope: Scope) -> Rewritten | None:
    """The variance of a number whose law is given by others, and its covariance with what does not depend on it."""
    if isinstance(node, Variance):
        law = _given_law(node.body, scope, node.over)
        if law is None:
            return None
        found = Expectation(variance(law), node.over) + Variance(mean(law), node.over)
        return Rewritten(found, slots={"laws": str(node.body)})
    for one, other in ((node.left, node.right), (node.right, node.left)):
        law = _given_law(one, scope, node.over)
        if law is not None and family(one) not in sources(other, scope):
            return Rewritten(Covariance(mean(law), other, node.over), slots={"laws": str(one)})
    return None


def _given_law(body: Term, scope: Scope, over: tuple[Symbol, ...]) -> Law | None:
    """The law of a random number, if it is given by other random symbols."""
    law = law_at(body, scope)
    if law is None or law.joint or not is_random(body, scope, over):
        return None
    return law if any(is_random(parameter, scope, over) for parameter in law.parameters) else None


# -- by moments --------------------------------------------------------------------------------------------------------


@node_rewriting(r"\operatorname{Var} X = \mathbb{E}[X^2] - (\mathbb{E}X)^2", "Var X = E[X²] − (E X)²", Variance)
def variance_by_moments(node: Variance, scope: Scope) -> Term | None:
    """The variance of a product, a power or a sum as its mean square less the square of its mean."""
    if not (node.is_scalar and _is_polynomial(node.body)):
        return None
    square, middle = Expectation(node.body**2, node.over), Expectation(node.body, node.over)
    return square - middle**2


@node_rewriting(
    r"\operatorname{Cov}(X, Y) = \mathbb{E}[XY] - \mathbb{E}X\,\mathbb{E}Y", "Cov(X, Y) = E[XY] − E X E Y", Covariance
)
def covariance_by_moments(node: Covariance, scope: Scope) -> Term | None:
    """The covariance of two scalars as the mean of their product less the product of their means."""
    if not node.is_scalar:
        return None
    if not (_is_polynomial(node.left) or _is_polynomial(node.right) or _are_counts(node.left, node.right, scope)):
        return None
    means = (Expectation(node.left, node.over), Expectation(node.right, node.over))
    return Expectation(node.left * node.right, node.over) - multiply(*means)


def _are_counts(left: Term, right: Term, scope: Scope) -> bool:
    """Whether two terms are different entries of one vector of counts."""
    if not (isinstance(left, Entry) and isinstance(right, Entry) and left.base == right.base):
        return False
    return isinstance(law_of(left.base, scope), (Draws, Multinomial))


def _is_polynomial(body: Term) -> bool:
    """Whether a term is a product of scalars, a sum over an index, or a whole power."""
    match body:
        case Multiply():
            return len(body.runs) > 1 and all(multiply(*run).is_scalar for run in body.runs)
        case Power():
            return whole_exponent(body.exponent) is not None
    return isinstance(body, Summation)


@node_rewriting(
    r"\mathbb{E}[XY] = \mathbb{E}X\,\mathbb{E}Y + \operatorname{Cov}(X, Y)", "E[XY] = E X E Y + Cov(X, Y)", Expectation
)
def product_by_covariance(node: Expectation, scope: Scope) -> Term | None:
    """The mean of a product of two scalars that are products of vectors."""
    if not (isinstance(node.body, Multiply) and node.is_scalar):
        return None
    factors = [multiply(*run) for run in runs(node.body.factors)]
    if len(factors) != 2 or not all(_is_of_vectors(factor, scope) for factor in factors):
        return None
    if independent(factors[0], factors[1], scope, node.over):
        return None
    means = (Expectation(factor, node.over) for factor in factors)
    return multiply(*means) + Covariance(factors[0], factors[1], node.over)


def _is_of_vectors(factor: Term, scope: Scope) -> bool:
    """Whether a factor is a product of vectors, or an entry of one whose covariance matrix is declared."""
    if isinstance(factor, Entry):
        return isinstance(law_of(factor.base, scope), (AnyVector, NormalVector))
    return isinstance(factor, Multiply) and len(factor.factors) > 1


@node_rewriting(r"\mathbb{E}\,f(X) = \sum_v \Pr(X = v)\, f(v)", "over the values of {symbols}", Expectation)
def mean_over_values(node: Expectation, scope: Scope) -> Rewritten | None:
    """E of any function of one random number with finitely many values: each value times its probability."""
    parts = {part for part in random_parts(node.body, scope) if not node.over or family(part) in node.over}
    law = law_at(next(iter(parts)), scope) if len(parts) == 1 else None
    values = chances(law) if law is not None else None
    if values is None or any(inner.bound for inner in node.body.walk()):
        return None
    (part,) = parts
    found = add(*(chance * replace(node.body, part, value) for value, chance in values))
    return Rewritten(found, slots={"symbols": str(part)})
