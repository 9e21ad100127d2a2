"""Means and variances: linearity, independence, the moments of laws, and the square around the mean."""

from __future__ import annotations

from collections.abc import Callable

from engine.kernel import NotApplicable
from engine.premises import Declaration
from engine.rules.registry import Rewritten, rewriting
from engine.rules.tidy import rewritten, tidy
from engine.scope import Scope
from engine.terms import (
    TWO,
    Add,
    Call,
    Entry,
    Expectation,
    Multiply,
    Power,
    Summation,
    Symbol,
    Term,
    Variance,
    add,
    multiply,
    negate,
    power,
    rewrite,
    runs,
    substitute,
    zero,
)

# -- what is random in a term -------------------------------------------------------------------------------------------


def random_parts(term: Term, scope: Scope) -> frozenset[Term]:
    """The random symbols and entries that a term depends on, each as it stands in it."""
    match term:
        case Symbol():
            declared = scope.declarations.get(term)
            return frozenset((term,)) if declared is not None and declared.law is not None else frozenset()
        case Entry(base=Symbol() as base):
            declared = scope.declarations.get(base)
            return frozenset((term,)) if declared is not None and declared.law is not None else frozenset()
        case Expectation() | Variance():
            return frozenset(p for p in random_parts(term.body, scope) if term.over and _family(p) not in term.over)
        case Call():
            return random_parts(term.unfolded, scope)
    return frozenset().union(*(random_parts(child, scope) for child in term.children))


def _family(part: Term) -> Term:
    return part.base if isinstance(part, Entry) else part


def is_random(term: Term, scope: Scope, over: tuple[Symbol, ...] = ()) -> bool:
    """Whether a term depends on random symbols: on those `over`, where any are named."""
    return any(not over or _family(part) in over for part in random_parts(term, scope))


# -- expectation --------------------------------------------------------------------------------------------------------------


@rewriting(
    "linearity of expectation", r"\mathbb{E}[aX + bY] = a\,\mathbb{E}X + b\,\mathbb{E}Y", "the expectation is linear"
)
def linearity(term: Term, scope: Scope) -> Term:
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
            constant, rest = _constant_factors(body, scope, over)
            return multiply(*constant, Expectation(multiply(*rest), over)) if constant else None
    return None


def _is_centred(body: Term, over: tuple[Symbol, ...]) -> bool:
    """Whether a term is X − E X for some X."""
    parts = body.terms if isinstance(body, Add) else ()
    return any(body == add(part, negate(Expectation(part, over))) for part in parts)


@rewriting("centred", r"\mathbb{E}[X - \mathbb{E}X] = 0", "E[X − E X] = 0")
def centred(term: Term, scope: Scope) -> Term:
    """The mean of what is left of a random quantity when its mean is taken off."""

    def vanishing(node: Term) -> Term | None:
        found = isinstance(node, Expectation) and _is_centred(node.body, node.over)
        return zero(node.shape) if found else None

    return rewritten(term, vanishing, scope)


@rewriting(
    "bias and variance",
    r"\mathbb{E}[(X - c)^2] = \operatorname{Var} X + (\mathbb{E}X - c)^2",
    "E[(X − c)²] = Var X + (E X − c)²",
)
def bias_and_variance(term: Term, scope: Scope) -> Term:
    """A mean squared error as variance plus squared bias."""

    def split(node: Term) -> Term | None:
        if not (isinstance(node, Expectation) and isinstance(node.body, Power) and node.body.exponent == TWO):
            return None
        base = node.body.base
        parts = base.terms if isinstance(base, Add) else (base,)
        noisy = add(*(part for part in parts if is_random(part, scope, node.over)))
        fixed = [part for part in parts if not is_random(part, scope, node.over)]
        return add(Variance(noisy, node.over), power(add(Expectation(noisy, node.over), *fixed), TWO))

    return rewrite(term, split)


def _constant_factors(body: Multiply, scope: Scope, over: tuple[Symbol, ...]) -> tuple[list[Term], list[Term]]:
    groups = [multiply(*run) for run in runs(body.factors)]
    constant = [part for part in groups if part.is_scalar and not is_random(part, scope, over)]
    return constant, [part for part in groups if part not in constant]


@rewriting("mean of a law", r"\mathbb{E}[m] = p \ (m \sim \mathrm{Ber}(p)),\quad \mathbb{E}[\xi] = \mu", "{means}")
def mean_of_law(term: Term, scope: Scope) -> Rewritten:
    """E of a random symbol or entry, by its law."""
    seen: dict[str, None] = {}

    def known(node: Term) -> Term | None:
        if not isinstance(node, Expectation):
            return None
        declared = _declared_random(node.body, scope)
        if declared is None:
            return None
        assert declared.law is not None
        mean = _at_entry(declared.law.mean, node.body, declared)
        seen[f"{node} = {mean}"] = None
        return mean

    return Rewritten(rewritten(term, known, scope), slots={"means": "the law: " + ", ".join(seen)})


def _declared_random(term: Term, scope: Scope) -> Declaration | None:
    symbol = _family(term)
    declared = scope.declarations.get(symbol) if isinstance(symbol, Symbol) else None
    return declared if declared is not None and declared.law is not None else None


def _at_entry(parameter: Term, term: Term, declared: Declaration) -> Term:
    """A parameter of a law for one entry of a family."""
    places = term.indices if isinstance(term, Entry) else ()
    return substitute(parameter, dict(zip(declared.indices, places, strict=False)))


@rewriting(
    "expectation of independent factors",
    r"\mathbb{E}[XY] = \mathbb{E}X\,\mathbb{E}Y",
    "independent factors",
    conditions=("X and Y are independent",),
)
def independent_product(term: Term, scope: Scope) -> Term:
    """E of a product whose factors share no random symbol."""

    def apart(node: Term) -> Term | None:
        if not (isinstance(node, Expectation) and isinstance(node.body, Multiply)):
            return None
        factors = [multiply(*run) for run in runs(node.body.factors)]
        for k, factor in enumerate(factors):
            rest = factors[:k] + factors[k + 1 :]
            if rest and factor.is_scalar and _independent(factor, multiply(*rest), scope):
                return multiply(Expectation(factor, node.over), Expectation(multiply(*rest), node.over))
        return None

    return tidy(_everywhere(term, apart), scope)


def _independent(left: Term, right: Term, scope: Scope) -> bool:
    a, b = ({_family(part) for part in random_parts(side, scope)} for side in (left, right))
    return bool(a and b) and a.isdisjoint(b)


@rewriting("second moment", r"\mathbb{E}[X^2] = (\mathbb{E}X)^2 + \operatorname{Var} X", "E[X²] = (E X)² + Var X")
def second_moment(term: Term, scope: Scope) -> Term:
    """The mean of a square as the square of the mean, plus the variance."""

    def split(node: Term) -> Term | None:
        if not (isinstance(node, Expectation) and isinstance(node.body, Power) and node.body.exponent == TWO):
            return None
        inner = node.body.base
        return add(power(Expectation(inner, node.over), TWO), Variance(inner, node.over))

    return rewrite(term, split)


@rewriting("add and subtract the mean", r"X - c = (X - \mathbb{E}X) + (\mathbb{E}X - c)", "add and subtract {mean}")
def add_and_subtract_mean(term: Term, scope: Scope, variable: Term) -> Rewritten:
    """X written as X − E X + E X wherever it stands in a square under E."""
    mean = Expectation(variable)

    def centred(node: Term) -> Term | None:
        if not (isinstance(node, Power) and node.exponent == TWO and isinstance(node.base, Add)):
            return None
        terms = node.base.terms
        if variable not in terms:
            return None
        place = terms.index(variable)
        return power(Add((*terms[: place + 1], negate(mean), mean, *terms[place + 1 :])), TWO)

    return Rewritten(rewrite(term, centred), slots={"mean": str(mean)})


@rewriting("square of two parts", r"(a + b)^2 = a^2 + 2ab + b^2", "(a + b)² = a² + 2ab + b², with a = {first}")
def square_of_two_parts(term: Term, scope: Scope, first: Term) -> Rewritten:
    """The square of a sum, taken as `first` plus all the rest."""
    wanted = first.terms if isinstance(first, Add) else (first,)

    def opened(node: Term) -> Term | None:
        if not (isinstance(node, Power) and node.exponent == TWO and isinstance(node.base, Add)):
            return None
        rest = list(node.base.terms)
        for part in wanted:
            if part not in rest:
                return None
            rest.remove(part)
        second = add(*rest)
        return add(power(first, TWO), multiply(TWO, first, second), power(second, TWO))

    return Rewritten(rewrite(term, opened), slots={"first": str(first)})


# -- variance --------------------------------------------------------------------------------------------------------------------


@rewriting("variance", r"\operatorname{Var} X = \mathbb{E}[(X - \mathbb{E}X)^2]", "the variance, by its definition")
def as_variance(term: Term, scope: Scope) -> Term:
    """E[(X − E X)²] written as Var X."""

    def recognised(node: Term) -> Term | None:
        if not (isinstance(node, Expectation) and isinstance(node.body, Power) and node.body.exponent == TWO):
            return None
        base = node.body.base
        for inner in base.terms if isinstance(base, Add) else ():
            if base == add(inner, negate(Expectation(inner, node.over))):
                return Variance(inner, node.over)
        return None

    return rewrite(term, recognised)


@rewriting(
    "definition of variance", r"\operatorname{Var} X = \mathbb{E}[(X - \mathbb{E}X)^2]", "the definition of variance"
)
def unfold_variance(term: Term, scope: Scope) -> Term:
    """Var X written as E[(X − E X)²]."""

    def opened(node: Term) -> Term | None:
        if not isinstance(node, Variance):
            return None
        return Expectation(power(add(node.body, negate(Expectation(node.body, node.over))), TWO), node.over)

    return rewrite(term, opened)


@rewriting(
    "variance of a multiple", r"\operatorname{Var}(cX) = c^2 \operatorname{Var} X", "a constant factor leaves squared"
)
def variance_of_multiple(term: Term, scope: Scope) -> Term:
    """Constant factors in front of a variance, squared."""

    def scaled(node: Term) -> Term | None:
        if not (isinstance(node, Variance) and isinstance(node.body, Multiply)):
            return None
        constant, rest = _constant_factors(node.body, scope, node.over)
        if not constant or not rest:
            return None
        return multiply(*(power(factor, TWO) for factor in constant), Variance(multiply(*rest), node.over))

    return rewritten(term, scaled, scope)


@rewriting("variance of a shift", r"\operatorname{Var}(X + c) = \operatorname{Var} X", "a constant does not vary")
def variance_of_shift(term: Term, scope: Scope) -> Term:
    """Terms that are not random dropped from under a variance."""

    def dropped(node: Term) -> Term | None:
        if not (isinstance(node, Variance) and isinstance(node.body, Add)):
            return None
        kept = [part for part in node.body.terms if is_random(part, scope, node.over)]
        return Variance(add(*kept), node.over) if kept and len(kept) < len(node.body.terms) else None

    return rewrite(term, dropped)


@rewriting(
    "variance of an independent sum",
    r"\operatorname{Var} \sum_i X_i = \sum_i \operatorname{Var} X_i",
    "the terms are independent",
    conditions=("the terms of the sum are independent",),
)
def variance_of_independent_sum(term: Term, scope: Scope) -> Term:
    """The variance of a sum of terms that share no random entry, term by term."""

    def apart(node: Term) -> Term | None:
        if not isinstance(node, Variance):
            return None
        body = node.body
        if isinstance(body, Summation) and _own_entries(body, scope):
            return Summation(Variance(body.body, node.over), body.index, body.length)
        if isinstance(body, Add) and _all_independent(body.terms, scope):
            return add(*(Variance(part, node.over) for part in body.terms))
        return None

    return rewrite(term, apart)


def _own_entries(node: Summation, scope: Scope) -> bool:
    """Whether every term of a sum has random entries of its own: each carries the sum's index."""
    parts = random_parts(node.body, scope)
    return bool(parts) and all(isinstance(part, Entry) and node.index in part.indices for part in parts)


def _all_independent(terms: tuple[Term, ...], scope: Scope) -> bool:
    families = [{_family(part) for part in random_parts(term, scope)} for term in terms]
    return all(families) and sum(len(family) for family in families) == len(set().union(*families))


@rewriting(
    "variance of a law",
    r"\operatorname{Var} m = p(1 - p) \ (m \sim \mathrm{Ber}(p)),\quad \operatorname{Var} \xi = \sigma^2",
    "{variances}",
)
def variance_of_law(term: Term, scope: Scope) -> Rewritten:
    """Var of a random symbol or entry, by its law."""
    seen: dict[str, None] = {}

    def known(node: Term) -> Term | None:
        if not isinstance(node, Variance):
            return None
        declared = _declared_random(node.body, scope)
        if declared is None:
            return None
        assert declared.law is not None
        variance = _at_entry(declared.law.variance, node.body, declared)
        seen[f"{node} = {variance}"] = None
        return variance

    return Rewritten(rewritten(term, known, scope), slots={"variances": "the law: " + ", ".join(seen)})


@rewriting(
    "total variance",
    r"\operatorname{Var} X = \mathbb{E}[\operatorname{Var}(X \mid Z)] + \operatorname{Var}(\mathbb{E}[X \mid Z])",
    "the law of total variance, given {given}",
)
def total_variance(term: Term, scope: Scope, *given: Symbol) -> Rewritten:
    """The variance split by what is known: that within, and that between."""

    def split(node: Term) -> Term | None:
        if not isinstance(node, Variance) or node.over:
            return None
        families = {_family(part) for part in random_parts(node.body, scope)}
        others = tuple(sorted((s for s in families if isinstance(s, Symbol) and s not in given), key=lambda s: s.name))
        if not others or not families.intersection(given):
            raise NotApplicable(f"{node.body} does not depend on both {_names(given)} and something else")
        return add(Expectation(Variance(node.body, others), given), Variance(Expectation(node.body, others), given))

    return Rewritten(rewrite(term, split), slots={"given": _names(given)})


def _names(symbols: tuple[Symbol, ...]) -> str:
    return ", ".join(str(symbol) for symbol in symbols)


VARIANCE_LAWS = (variance_of_shift, variance_of_multiple, variance_of_independent_sum, variance_of_law)
