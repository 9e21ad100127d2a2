"""What is random in a term: on which symbols it depends, by which laws, and what stands before it that is not."""

from __future__ import annotations

from engine.rules.probability.laws import of_column, of_entry
from engine.rules.scope import Scope
from engine.rules.tidy import tidy
from engine.terms.arithmetic import Multiply, multiply, runs
from engine.terms.core import Entry, Number, Symbol, Term
from engine.terms.laws import Law
from engine.terms.operators import Call, Covariance, Expectation, Variance

Over = tuple[Symbol, ...]  # the symbols that a mean or a variance is taken over


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


def linear_map(body: Term, scope: Scope, over: tuple[Symbol, ...]) -> tuple[tuple[Term, ...], Term, tuple[Term, ...]]:
    """A column, or a scalar like aᵀx, as a matrix that is not random times a random column."""
    if not isinstance(body, Multiply) or len(body.runs) != 1 or len(body.factors) == 1:
        return (), body, ()
    left, inner, right = constant_ends(body, scope, over)
    if inner.cols != 1 and inner.rows == 1 and not left:  # xᵀa is aᵀx
        turned = tidy(multiply(*right).T, scope)
        return (turned,), tidy(inner.T, scope), ()
    column = multiply(inner, *right)
    return (left, column, ()) if column.cols == 1 else ((), body, ())


def constant_factors(body: Multiply, scope: Scope, over: tuple[Symbol, ...]) -> tuple[list[Term], list[Term]]:
    """The scalar factors of a product that are not random, and the rest."""
    groups = [multiply(*run) for run in runs(body.factors)]
    constant = [part for part in groups if part.is_scalar and not is_random(part, scope, over)]
    return constant, [part for part in groups if part not in constant]


def law_at(term: Term, scope: Scope) -> Law | None:
    """The law of a random symbol, of a whole column, or of an entry of a family at its indices; None for any other
    term.
    """
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
