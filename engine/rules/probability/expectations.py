"""Means and variances: linearity, independence, the moments of laws, and the square around the mean."""

from __future__ import annotations

from collections.abc import Callable

from engine.kernel import NotApplicable
from engine.rules.probability.laws import mean, of_column, of_entry, variance
from engine.rules.registry import Rewritten, rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import rewritten, tidy
from engine.terms import (
    TWO,
    Add,
    Call,
    Covariance,
    Each,
    Entry,
    Expectation,
    Multiply,
    Number,
    Power,
    Summation,
    Symbol,
    Term,
    Trace,
    Transpose,
    Variance,
    add,
    multiply,
    negate,
    power,
    rewrite,
    runs,
    summands,
    trace,
    transpose,
    zero,
)
from engine.terms.indices import with_indices_apart
from engine.terms.laws import Law

Over = tuple[Symbol, ...]  # the symbols that a mean or a variance is taken over

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
        case Expectation() | Variance() | Covariance():
            inner = frozenset().union(*(random_parts(child, scope) for child in term.children))
            return _left_random(inner, scope, term.over) if term.over else frozenset()
        case Call():
            return random_parts(term.unfolded, scope)
    return frozenset().union(*(random_parts(child, scope) for child in term.children))


def _left_random(parts: frozenset[Term], scope: Scope, over: tuple[Symbol, ...]) -> frozenset[Term]:
    """What is still random of some parts when those `over` are integrated out: what these have their laws from is."""
    found: set[Term] = set()
    waiting = list(parts)
    while waiting:
        part = waiting.pop()
        if family(part) not in over:
            found.add(part)
            continue
        law = law_at(part, scope)
        for parameter in law.parameters if law else ():
            waiting.extend(random_parts(parameter, scope))
    return frozenset(found)


def family(part: Term) -> Symbol:
    """The symbol that a random entry is one of; a random symbol itself."""
    symbol = part.base if isinstance(part, Entry) else part
    assert isinstance(symbol, Symbol)
    return symbol


def law_of(symbol: Term, scope: Scope) -> Law | None:
    declared = scope.declarations.get(symbol) if isinstance(symbol, Symbol) else None
    return declared.law if declared is not None else None


Grain = tuple[Symbol, tuple[Term, ...] | None]  # a random symbol, at numbers as indices or at indices not known


def _grains(term: Term, scope: Scope, over: tuple[Symbol, ...]) -> frozenset[Grain]:
    """What a term's randomness comes from, what laws are given by included: of the symbols `over` only."""
    found: set[Grain] = set()
    waiting = list(random_parts(term, scope))
    while waiting:
        part = waiting.pop()
        symbol, law = family(part), law_of(family(part), scope)
        numbers = isinstance(part, Entry) and all(isinstance(index, Number) for index in part.indices)
        grain = (symbol, part.indices if isinstance(part, Entry) and numbers and law and not law.joint else None)
        if grain in found or (over and symbol not in over):
            continue
        found.add(grain)
        own = law_at(part, scope) or law
        for parameter in own.parameters if own else ():
            waiting.extend(random_parts(parameter, scope))
    return frozenset(found)


def sources(term: Term, scope: Scope, over: tuple[Symbol, ...] = ()) -> frozenset[Symbol]:
    """The random symbols that a term depends on, those that their laws are given by included: of those `over` only."""
    return frozenset(symbol for symbol, _ in _grains(term, scope, over))


def independent(left: Term, right: Term, scope: Scope, over: tuple[Symbol, ...] = ()) -> bool:
    """Whether two random terms share no random symbol or entry, nor one that their laws are given by."""
    a, b = _grains(left, scope, over), _grains(right, scope, over)
    return bool(a and b) and not any(
        one == other and (at is None or there is None or at == there) for one, at in a for other, there in b
    )


def is_random(term: Term, scope: Scope, over: tuple[Symbol, ...] = ()) -> bool:
    """Whether a term depends on random symbols: on those `over`, where any are named."""
    return any(not over or family(part) in over for part in random_parts(term, scope))


# -- expectation --------------------------------------------------------------------------------------------------------------


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
            return transpose(Expectation(body.inner, over))
        case Trace():
            return trace(Expectation(body.inner, over))
        case Each():
            return Each(Expectation(body.body, over), body.index, body.length)
    return None


def constant_ends(
    body: Multiply, scope: Scope, over: tuple[Symbol, ...]
) -> tuple[tuple[Term, ...], Term, tuple[Term, ...]]:
    """A chain of matrices as what is not random on its left, the part from the first random factor to the last, and
    what is not random on its right.
    """
    if len(body.runs) != 1:
        return (), body, ()
    noisy = [place for place, factor in enumerate(body.factors) if is_random(factor, scope, over)]
    first, last = noisy[0], noisy[-1] + 1
    return body.factors[:first], multiply(*body.factors[first:last]), body.factors[last:]


def _is_centred(body: Term, over: tuple[Symbol, ...]) -> bool:
    """Whether a term is X − E X for some X."""
    parts = body.terms if isinstance(body, Add) else ()
    return any(body == add(part, negate(Expectation(part, over))) for part in parts)


def linear_map(body: Term, scope: Scope, over: tuple[Symbol, ...]) -> tuple[tuple[Term, ...], Term, tuple[Term, ...]]:
    """A column, or a scalar like aᵀx, as a matrix that is not random times a random column."""
    if not isinstance(body, Multiply) or len(body.runs) != 1 or len(body.factors) == 1:
        return (), body, ()
    left, inner, right = constant_ends(body, scope, over)
    if inner.cols != 1 and inner.rows == 1 and not left:  # xᵀa is aᵀx
        turned = tidy(transpose(multiply(*right)), scope)
        return (turned,), tidy(transpose(inner), scope), ()
    column = multiply(inner, *right)
    return (left, column, ()) if column.cols == 1 else ((), body, ())


@rewriting(r"\mathbb{E}[X - \mathbb{E}X] = 0", "E[X − E X] = 0")
def centred(term: Term, scope: Scope) -> Term:
    """The mean of what is left of a random quantity when its mean is taken off."""

    def vanishing(node: Term) -> Term | None:
        found = isinstance(node, Expectation) and _is_centred(node.body, node.over)
        return zero(node.shape) if found else None

    return rewritten(term, vanishing, scope)


@rewriting(r"\mathbb{E}[(X - c)^2] = \operatorname{Var} X + (\mathbb{E}X - c)^2", "E[(X − c)²] = Var X + (E X − c)²")
def bias_and_variance(term: Term, scope: Scope) -> Term:
    """A mean squared error as variance plus squared bias."""

    def split(node: Term) -> Term | None:
        if not (isinstance(node, Expectation) and isinstance(node.body, Power) and node.body.exponent == TWO):
            return None
        base = node.body.base
        parts = summands(base)
        noisy = add(*(part for part in parts if is_random(part, scope, node.over)))
        fixed = [part for part in parts if not is_random(part, scope, node.over)]
        return add(Variance(noisy, node.over), power(add(Expectation(noisy, node.over), *fixed), TWO))

    return rewrite(term, split)


def constant_factors(body: Multiply, scope: Scope, over: tuple[Symbol, ...]) -> tuple[list[Term], list[Term]]:
    """The scalar factors of a product that are not random, and the rest."""
    groups = [multiply(*run) for run in runs(body.factors)]
    constant = [part for part in groups if part.is_scalar and not is_random(part, scope, over)]
    return constant, [part for part in groups if part not in constant]


@rewriting(r"\mathbb{E}[m] = p \ (m \sim \mathrm{Ber}(p)),\quad \mathbb{E}[\xi] = \mu", "{means}")
def mean_of_law(term: Term, scope: Scope) -> Rewritten:
    """E of a random symbol or entry, by its law."""
    seen: dict[str, None] = {}

    def known(node: Term) -> Term | None:
        if not isinstance(node, Expectation):
            return None
        law = law_at(node.body, scope)
        if law is None or (node.over and not is_random(node.body, scope, node.over)):
            return None
        found = given_others(mean(law), node, scope)
        seen[f"{node} = {found}"] = None
        return found

    return Rewritten(rewritten(term, known, scope), slots={"means": "the law: " + ", ".join(seen)})


def law_at(term: Term, scope: Scope) -> Law | None:
    """The law of a random symbol, of a whole column, or of an entry of a family at its indices; None for any other term."""
    symbol = term.base if isinstance(term, Entry) else term
    declared = scope.declarations.get(symbol) if isinstance(symbol, Symbol) else None
    if declared is None or declared.law is None or not isinstance(symbol, Symbol):
        return None
    law = declared.law
    if symbol is term:
        return law if law.joint or symbol.is_scalar else of_column(law, symbol, declared.indices)
    assert isinstance(term, Entry)
    if law.joint:
        return of_entry(law, term.indices[0])
    return law.at(dict(zip(declared.indices, term.indices, strict=False)))


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
                return multiply(Expectation(factor, node.over), Expectation(multiply(*rest), node.over))
        return None

    new = _everywhere(term, apart)
    return term if new == term else tidy(new, scope)


@rewriting(r"\mathbb{E}[X^2] = (\mathbb{E}X)^2 + \operatorname{Var} X", "E[X²] = (E X)² + Var X")
def second_moment(term: Term, scope: Scope) -> Term:
    """The mean of a square as the square of the mean, plus the variance."""

    def split(node: Term) -> Term | None:
        if not (isinstance(node, Expectation) and isinstance(node.body, Power) and node.body.exponent == TWO):
            return None
        inner = node.body.base
        return add(power(Expectation(inner, node.over), TWO), Variance(inner, node.over))

    return rewrite(term, split)


@rewriting(r"X - c = (X - \mathbb{E}X) + (\mathbb{E}X - c)", "add and subtract {mean}")
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


@rewriting(r"(a + b)^2 = a^2 + 2ab + b^2", "(a + b)² = a² + 2ab + b², with a = {first}")
def square_of_two_parts(term: Term, scope: Scope, first: Term) -> Rewritten:
    """The square of a sum, taken as `first` plus all the rest."""
    wanted = summands(first)

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


@rewriting(r"\operatorname{Var} X = \mathbb{E}[(X - \mathbb{E}X)^2]", "the variance, by its definition")
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


@rewriting(r"\operatorname{Var} X = \mathbb{E}[(X - \mathbb{E}X)^2]", "the definition of variance")
def definition_of_variance(term: Term, scope: Scope) -> Term:
    """Var X written as E[(X − E X)²]."""

    def opened(node: Term) -> Term | None:
        if not isinstance(node, Variance):
            return None
        return Expectation(power(add(node.body, negate(Expectation(node.body, node.over))), TWO), node.over)

    return rewrite(term, opened)


@rewriting(r"\operatorname{Var}(cX) = c^2 \operatorname{Var} X", "a constant factor leaves squared")
def variance_of_multiple(term: Term, scope: Scope) -> Term:
    """Constant factors in front of a variance, squared."""

    def scaled(node: Term) -> Term | None:
        if not (isinstance(node, Variance) and isinstance(node.body, Multiply)):
            return None
        constant, rest = constant_factors(node.body, scope, node.over)
        if not constant or not rest:
            return None
        return multiply(*(power(factor, TWO) for factor in constant), Variance(multiply(*rest), node.over))

    return rewritten(term, scaled, scope)


@rewriting(r"\operatorname{Var}(X + c) = \operatorname{Var} X", "a constant does not vary")
def variance_of_shift(term: Term, scope: Scope) -> Term:
    """Terms that are not random dropped from under a variance; it is 0 where nothing is left."""

    def dropped(node: Term) -> Term | None:
        if isinstance(node, Variance) and not is_random(node.body, scope, node.over):
            return zero((node.body.rows, node.body.rows))
        if not (isinstance(node, Variance) and isinstance(node.body, Add)):
            return None
        kept = [part for part in node.body.terms if is_random(part, scope, node.over)]
        return Variance(add(*kept), node.over) if kept and len(kept) < len(node.body.terms) else None

    return rewrite(term, dropped)


@rewriting(
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
        if isinstance(body, Summation) and own_entries(body.body, body.index, scope, node.over):
            return Summation(Variance(body.body, node.over), body.index, body.length)
        if isinstance(body, Add) and _all_independent(body.terms, scope, node.over):
            return add(*(Variance(part, node.over) for part in body.terms))
        return None

    return rewrite(term, apart)


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


@rewriting(
    r"\operatorname{Var} m = p(1 - p) \ (m \sim \mathrm{Ber}(p)),\quad \operatorname{Var} \xi = \sigma^2", "{variances}"
)
def variance_of_law(term: Term, scope: Scope) -> Rewritten:
    """Var of a random symbol or entry, by its law."""
    seen: dict[str, None] = {}

    def known(node: Term) -> Term | None:
        if not isinstance(node, Variance):
            return None
        law = law_at(node.body, scope)
        if law is None or (node.over and not is_random(node.body, scope, node.over)):
            return None
        if any(is_random(parameter, scope, node.over) for parameter in law.parameters):
            return None
        found = variance(law)
        seen[f"{node} = {found}"] = None
        return found

    return Rewritten(rewritten(term, known, scope), slots={"variances": "the law: " + ", ".join(seen)})


@rewriting(
    r"\operatorname{Var} X = \mathbb{E}[\operatorname{Var}(X \mid Z)] + \operatorname{Var}(\mathbb{E}[X \mid Z])",
    "the law of total variance, given {given}",
)
def total_variance(term: Term, scope: Scope, *given: Symbol) -> Rewritten:
    """The variance split by what is known: that within, and that between."""

    def split(node: Term) -> Term | None:
        if not isinstance(node, Variance) or node.over:
            return None
        families = {family(part) for part in random_parts(node.body, scope)}
        others = tuple(sorted(families.difference(given), key=lambda s: s.name))
        if not others or not sources(node.body, scope).intersection(given):
            raise NotApplicable(f"{node.body} does not depend on both {_names(given)} and something else")
        return add(Expectation(Variance(node.body, others), given), Variance(Expectation(node.body, others), given))

    return Rewritten(rewrite(term, split), slots={"given": _names(given)})


def _names(symbols: tuple[Symbol, ...]) -> str:
    return ", ".join(str(symbol) for symbol in symbols)


VARIANCE_LAWS = (variance_of_shift, variance_of_multiple, variance_of_independent_sum, variance_of_law)
