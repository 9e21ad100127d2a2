"""Means and variances: linearity, independence, the moments of laws, and the square around the mean."""

from __future__ import annotations

from collections.abc import Callable

from engine.kernel import NotApplicable
from engine.rules.probability.laws import mean, variance
from engine.rules.probability.randomness import (
    constant_ends,
    constant_factors,
    family,
    independent,
    is_random,
    law_at,
    law_of,
    random_parts,
    sources,
)
from engine.rules.registry import Rewritten, node_rewriting, rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import tidy
from engine.terms.arithmetic import Add, Multiply, Power, Transpose, add, multiply, runs, summands
from engine.terms.arrays import Each
from engine.terms.core import TWO, Entry, Symbol, Term, zero
from engine.terms.functions import Summation, Trace, trace
from engine.terms.indices import with_indices_apart
from engine.terms.operators import Expectation, Variance

# -- expectation -------------------------------------------------------------------------------------------------------


@rewriting(r"\mathbb{E}[aX + bY] = a\,\mathbb{E}X + b\,\mathbb{E}Y", "the expectation is linear")
def linearity_of_expectation(term: Term, scope: Scope) -> Term:
    """E taken into sums, past constant factors, and off what is not random."""
    new = _everywhere(term, lambda node: _linear(node, scope))
    return term if new == term else tidy(new, scope)


def _everywhere(term: Term, function: Callable[[Term], Term | None]) -> Term:
    """The term with a function applied from the top down for as long as it gives something."""
    while (changed := function(term)) is not None:
        term = changed
    return term.map(lambda child: _everywhere(child, function))


def _linear(node: Term, scope: Scope) -> Term | None:
    if not isinstance(node, Expectation):
        return None
    body, over = node.body, node.over
    if not is_random(body, scope, over):
        return body
    match body:
        case Add() if not _is_centred(body, over):
            return add(*(Expectation(part, over) for part in body.terms))
        case Summation():
            return Summation(Expectation(body.body, over), body.index, body.length)
        case Multiply():
            constant, rest = constant_factors(body, scope, over)
            if constant:
                return multiply(*constant, Expectation(multiply(*rest), over))
            left, inner, right = constant_ends(body, scope, over)
            return multiply(*left, Expectation(inner, over), *right) if left or right else None
        case Transpose():
            return Expectation(body.inner, over).T
        case Trace():
            return trace(Expectation(body.inner, over))
        case Each():
            return Each(Expectation(body.body, over), body.index, body.length)
    return None


def _is_centred(body: Term, over: tuple[Symbol, ...]) -> bool:
    """Whether a term is X − E X for some X."""
    parts = body.terms if isinstance(body, Add) else ()
    return any(body == part - Expectation(part, over) for part in parts)


@node_rewriting(r"\mathbb{E}[X - \mathbb{E}X] = 0", "E[X − E X] = 0")
def centred(node: Term, scope: Scope) -> Term | None:
    """The mean of what is left of a random quantity when its mean is taken off."""
    found = isinstance(node, Expectation) and _is_centred(node.body, node.over)
    return zero(node.shape) if found else None


@node_rewriting(
    r"\mathbb{E}[(X - c)^2] = \operatorname{Var} X + (\mathbb{E}X - c)^2",
    "E[(X − c)²] = Var X + (E X − c)²",
    Expectation,
    tidied=False,
)
def bias_and_variance(node: Expectation, scope: Scope) -> Term | None:
    """A mean squared error as variance plus squared bias."""
    if not (isinstance(node.body, Power) and node.body.exponent == TWO):
        return None
    base = node.body.base
    parts = summands(base)
    noisy = add(*(part for part in parts if is_random(part, scope, node.over)))
    fixed = [part for part in parts if not is_random(part, scope, node.over)]
    return Variance(noisy, node.over) + add(Expectation(noisy, node.over), *fixed) ** 2


@node_rewriting(
    r"\mathbb{E}[m] = p \ (m \sim \mathrm{Ber}(p)),\quad \mathbb{E}[\xi] = \mu",
    "{means}",
    Expectation,
    lead="the law: ",
)
def mean_of_law(node: Expectation, scope: Scope) -> Rewritten | None:
    """E of a random symbol or entry, by its law."""
    law = law_at(node.body, scope)
    if law is None or (node.over and not is_random(node.body, scope, node.over)):
        return None
    found = given_others(mean(law), node, scope)
    return Rewritten(found, slots={"means": f"{node} = {found}"})


def given_others(moment: Term, node: Expectation | Variance, scope: Scope) -> Term:
    """A moment of a law that is given by other random symbols: its mean over them."""
    return Expectation(moment, node.over) if is_random(moment, scope, node.over) else moment


@rewriting(r"\mathbb{E}[XY] = \mathbb{E}X\,\mathbb{E}Y", "independent factors", conditions=("X and Y are independent",))
def expectation_of_independent_factors(term: Term, scope: Scope) -> Term:
    """E of a product whose factors share no random symbol."""

    def apart(node: Term) -> Term | None:
        if not (isinstance(node, Expectation) and isinstance(node.body, Multiply)):
            return None
        factors = [multiply(*run) for run in runs(node.body.factors)]
        for k, factor in enumerate(factors):
            rest = factors[:k] + factors[k + 1 :]
            if rest and factor.is_scalar and independent(factor, multiply(*rest), scope, node.over):
                return Expectation(factor, node.over) * Expectation(multiply(*rest), node.over)
        return None

    new = _everywhere(term, apart)
    return term if new == term else tidy(new, scope)


@node_rewriting(
    r"\mathbb{E}[X^2] = (\mathbb{E}X)^2 + \operatorname{Var} X", "E[X²] = (E X)² + Var X", Expectation, tidied=False
)
def second_moment(node: Expectation, scope: Scope) -> Term | None:
    """The mean of a square as the square of the mean, plus the variance."""
    if not (isinstance(node.body, Power) and node.body.exponent == TWO):
        return None
    inner = node.body.base
    return Expectation(inner, node.over) ** 2 + Variance(inner, node.over)


@node_rewriting(r"X - c = (X - \mathbb{E}X) + (\mathbb{E}X - c)", "add and subtract {mean}", Power, tidied=False)
def add_and_subtract_mean(node: Power, scope: Scope, variable: Term) -> Rewritten | None:
    """X written as X − E X + E X wherever it stands in a square under E."""
    if node.exponent != TWO or not isinstance(node.base, Add) or variable not in node.base.terms:
        return None
    terms, mean = node.base.terms, Expectation(variable)
    place = terms.index(variable)
    moved = Add((*terms[: place + 1], -mean, mean, *terms[place + 1 :]))
    return Rewritten(moved**2, slots={"mean": str(mean)})


@node_rewriting(r"(a + b)^2 = a^2 + 2ab + b^2", "(a + b)² = a² + 2ab + b², with a = {first}", Power, tidied=False)
def square_of_two_parts(node: Power, scope: Scope, first: Term) -> Rewritten | None:
    """The square of a sum, taken as `first` plus all the rest."""
    if node.exponent != TWO or not isinstance(node.base, Add):
        return None
    rest = list(node.base.terms)
    for part in summands(first):
        if part not in rest:
            return None
        rest.remove(part)
    second = add(*rest)
    opened = first**2 + 2 * first * second + second**2
    return Rewritten(opened, slots={"first": str(first)})


# -- variance ----------------------------------------------------------------------------------------------------------


@node_rewriting(
    r"\operatorname{Var} X = \mathbb{E}[(X - \mathbb{E}X)^2]",
    "the variance, by its definition",
    Expectation,
    tidied=False,
)
def as_variance(node: Expectation, scope: Scope) -> Term | None:
    """E[(X − E X)²] written as Var X."""
    if not (isinstance(node.body, Power) and node.body.exponent == TWO):
        return None
    base = node.body.base
    for inner in base.terms if isinstance(base, Add) else ():
        if base == inner - Expectation(inner, node.over):
            return Variance(inner, node.over)
    return None


@node_rewriting(
    r"\operatorname{Var} X = \mathbb{E}[(X - \mathbb{E}X)^2]", "the definition of variance", Variance, tidied=False
)
def definition_of_variance(node: Variance, scope: Scope) -> Term | None:
    """Var X written as E[(X − E X)²]."""
    return Expectation((node.body - Expectation(node.body, node.over)) ** 2, node.over)


@node_rewriting(r"\operatorname{Var}(cX) = c^2 \operatorname{Var} X", "a constant factor leaves squared", Variance)
def variance_of_multiple(node: Variance, scope: Scope) -> Term | None:
    """Constant factors in front of a variance, squared."""
    if not isinstance(node.body, Multiply):
        return None
    constant, rest = constant_factors(node.body, scope, node.over)
    if not constant or not rest:
        return None
    return multiply(*(factor**2 for factor in constant), Variance(multiply(*rest), node.over))


@node_rewriting(r"\operatorname{Var}(X + c) = \operatorname{Var} X", "a constant does not vary", tidied=False)
def variance_of_shift(node: Term, scope: Scope) -> Term | None:
    """Terms that are not random dropped from under a variance; it is 0 where nothing is left."""
    if isinstance(node, Variance) and not is_random(node.body, scope, node.over):
        return zero((node.body.rows, node.body.rows))
    if not (isinstance(node, Variance) and isinstance(node.body, Add)):
        return None
    kept = [part for part in node.body.terms if is_random(part, scope, node.over)]
    return Variance(add(*kept), node.over) if kept and len(kept) < len(node.body.terms) else None


@node_rewriting(
    r"\operatorname{Var} \sum_i X_i = \sum_i \operatorname{Var} X_i",
    "the terms are independent",
    Variance,
    conditions=("the terms of the sum are independent",),
    tidied=False,
)
def variance_of_independent_sum(node: Variance, scope: Scope) -> Term | None:
    """The variance of a sum of terms that share no random entry, term by term."""
    body = node.body
    if isinstance(body, Summation) and own_entries(body.body, body.index, scope, node.over):
        return Summation(Variance(body.body, node.over), body.index, body.length)
    if isinstance(body, Add) and _all_independent(body.terms, scope, node.over):
        return add(*(Variance(part, node.over) for part in body.terms))
    return None


def own_entries(term: Term, index: Symbol, scope: Scope, over: tuple[Symbol, ...] = ()) -> bool:
    """Whether a term is independent of itself at other values of an index: all that is random in it carries the index,
    and so does what that has its law from.
    """
    apart = with_indices_apart(term, (index,))
    parts = [part for part in random_parts(apart, scope) if not over or family(part) in over]
    return bool(parts) and all(_is_own(part, index, scope, over) for part in parts)


def _is_own(part: Term, index: Symbol, scope: Scope, over: tuple[Symbol, ...]) -> bool:
    if not (isinstance(part, Entry) and index in part.indices):
        return False
    law = law_at(part, scope)
    whole = law_of(family(part), scope)
    if law is None or whole is None or whole.joint:
        return False
    behind = [
        p for parameter in law.parameters for p in random_parts(parameter, scope) if not over or family(p) in over
    ]
    return all(_is_own(other, index, scope, over) for other in behind)


def _all_independent(terms: tuple[Term, ...], scope: Scope, over: tuple[Symbol, ...]) -> bool:
    return all(independent(one, other, scope, over) for k, one in enumerate(terms) for other in terms[k + 1 :])


@node_rewriting(
    r"\operatorname{Var} m = p(1 - p) \ (m \sim \mathrm{Ber}(p)),\quad \operatorname{Var} \xi = \sigma^2",
    "{variances}",
    Variance,
    lead="the law: ",
)
def variance_of_law(node: Variance, scope: Scope) -> Rewritten | None:
    """Var of a random symbol or entry, by its law."""
    law = law_at(node.body, scope)
    if law is None or (node.over and not is_random(node.body, scope, node.over)):
        return None
    if any(is_random(parameter, scope, node.over) for parameter in law.parameters):
        return None
    found = variance(law)
    return Rewritten(found, slots={"variances": f"{node} = {found}"})


@node_rewriting(
    r"\operatorname{Var} X = \mathbb{E}[\operatorname{Var}(X \mid Z)] + \operatorname{Var}(\mathbb{E}[X \mid Z])",
    "the law of total variance, given {given}",
    Variance,
    tidied=False,
)
def total_variance(node: Variance, scope: Scope, *given: Symbol) -> Rewritten | None:
    """The variance split by what is known: that within, and that between."""
    if node.over:
        return None
    families = {family(part) for part in random_parts(node.body, scope)}
    others = tuple(sorted(families.difference(given), key=lambda s: s.name))
    if not others or not sources(node.body, scope).intersection(given):
        raise NotApplicable(f"{node.body} does not depend on both {_names(given)} and something else")
    within = Expectation(Variance(node.body, others), given)
    between = Variance(Expectation(node.body, others), given)
    return Rewritten(within + between, slots={"given": _names(given)})


def _names(symbols: tuple[Symbol, ...]) -> str:
    return ", ".join(str(symbol) for symbol in symbols)


VARIANCE_LAWS = (variance_of_shift, variance_of_multiple, variance_of_independent_sum, variance_of_law)
