"""The light tidying that every rule does to what it computed: what a person does without saying so.

Numbers are multiplied out, powers of one base united, like terms added up, scalars written before
matrices in the order of the premises, transposes pushed inwards, an inverse cancelled against its matrix.
Nothing is multiplied out and nothing is put over a common denominator: those are rules of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from engine.premises import Structure
from engine.scope import Scope
from engine.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Apply,
    Call,
    Each,
    Entry,
    Expectation,
    Identity,
    Multiply,
    Number,
    Power,
    Summation,
    Symbol,
    Term,
    Transpose,
    Variance,
    add,
    multiply,
    negate,
    power,
    rewrite,
    runs,
    substitute,
    transpose,
)

SYMMETRIC = {Structure.SYMMETRIC, Structure.POSITIVE_DEFINITE, Structure.POSITIVE_SEMIDEFINITE}


def tidy(term: Term, scope: Scope) -> Term:
    """The term, tidied at every place."""
    term = term.map(lambda child: tidy(child, scope))
    step = _TIDIERS.get(type(term))
    return step(term, scope) if step else term


def rewritten(term: Term, function: Callable[[Term], Term | None], scope: Scope) -> Term:
    """The term with a function applied at every place, then tidied; untouched where the function gives nothing."""
    new = rewrite(term, function)
    return term if new == term else tidy(new, scope)


# -- sums -------------------------------------------------------------------------------------------------------


def coefficient_of(term: Term) -> tuple[Fraction, Term]:
    """A term as a number times the rest."""
    if isinstance(term, Number):
        return term.value, ONE
    if isinstance(term, Multiply) and isinstance(term.factors[0], Number):
        return term.factors[0].value, multiply(*term.factors[1:])
    return Fraction(1), term


def _add(term: Term, scope: Scope) -> Term:
    assert isinstance(term, Add)
    parts: dict[Term, tuple[Fraction, Term]] = {}
    for part in term.terms:
        number, rest = coefficient_of(part)
        key = _oriented(rest)
        before = parts[key][0] if key in parts else Fraction(0)
        parts[key] = (before + number, parts[key][1] if key in parts else rest)
    total = [multiply(Number(number), rest) for number, rest in parts.values()]
    result = add(*total)
    return _positive_first(result) if isinstance(result, Add) else result


def _positive_first(term: Add) -> Add:
    """The sum with a positive term in front, if it has one: 1 − x, not −x + 1."""
    if coefficient_of(term.terms[0])[0] > 0:
        return term
    for place, part in enumerate(term.terms):
        if coefficient_of(part)[0] > 0:
            return Add((part, *term.terms[:place], *term.terms[place + 1 :]))
    return term


def _oriented(term: Term) -> Term:
    """A scalar with each chain of matrices in it turned one way, since wᵀx = xᵀw."""
    if not (isinstance(term, Multiply) and term.is_scalar):
        return term
    turned = [_turned(run) for run in runs(term.factors)]
    return Multiply(tuple(factor for run in sorted(turned, key=repr) for factor in run))


def _turned(run: tuple[Term, ...]) -> tuple[Term, ...]:
    if len(run) == 1:
        return run
    other = tuple(transpose(factor) for factor in reversed(run))
    return min(run, other, key=repr)


# -- products ----------------------------------------------------------------------------------------------------


def _multiply(term: Term, scope: Scope) -> Term:
    assert isinstance(term, Multiply)
    number = Fraction(1)
    scalars: dict[Term, Term] = {}
    chains: list[tuple[Term, ...]] = []
    matrix: tuple[Term, ...] = ()
    for run in runs(term.factors):
        run = _cancelled(run)
        product = multiply(*run)
        if not product.is_scalar:
            matrix = run
        elif len(run) > 1:
            chains.append(run)
        else:
            for base, exponent in _powers(product):
                if isinstance(base, Number) and isinstance(exponent, Number) and exponent.value.denominator == 1:
                    number *= base.value ** int(exponent.value)
                else:
                    scalars[base] = _exponent_sum(scalars[base], exponent, scope) if base in scalars else exponent
    number, scalars = _minus_absorbed(number, scalars)
    factors = [power(base, exponent) for base, exponent in scalars.items() if exponent != ZERO]
    factors.sort(key=lambda factor: order_key(factor, scope))
    return multiply(Number(number), *factors, *(f for chain in chains for f in chain), *matrix)


def _minus_absorbed(number: Fraction, scalars: dict[Term, Term]) -> tuple[Fraction, dict[Term, Term]]:
    """−(x − 1) is written 1 − x: a minus in front goes into a factor whose number is negative."""
    if number >= 0:
        return number, scalars
    for base, exponent in scalars.items():
        odd = isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value % 2 == 1
        if odd and isinstance(base, Add) and any(isinstance(p, Number) and p.value < 0 for p in base.terms):
            flipped = _positive_first(Add(tuple(sorted((negate(p) for p in base.terms), key=_is_no_number))))
            return -number, {(flipped if b == base else b): e for b, e in scalars.items()}
    return number, scalars


def _is_no_number(term: Term) -> bool:
    return not isinstance(term, Number)


def _exponent_sum(left: Term, right: Term, scope: Scope) -> Term:
    if isinstance(left, Number) and isinstance(right, Number):
        return Number(left.value + right.value)
    return tidy(add(left, right), scope)


def _powers(factor: Term) -> list[tuple[Term, Term]]:
    """A scalar factor as powers of bases: (2n)⁻¹ is 2⁻¹·n⁻¹."""
    if not isinstance(factor, Power):
        return [(factor, ONE)]
    base, exponent = factor.base, factor.exponent
    if not (isinstance(exponent, Number) and exponent.value.denominator == 1):
        return [(base, exponent)]
    if isinstance(base, Power):
        return [(b, _scaled(e, exponent)) for b, e in _powers(base)]
    if isinstance(base, Multiply):
        inner = [multiply(*run) for run in runs(base.factors)]
        return [(b, _scaled(e, exponent)) for part in inner for b, e in _powers(part)]
    return [(base, exponent)]


def _scaled(exponent: Term, by: Number) -> Term:
    return Number(exponent.value * by.value) if isinstance(exponent, Number) else multiply(by, exponent)


def _cancelled(run: tuple[Term, ...]) -> tuple[Term, ...]:
    """A chain of matrices with A⁻¹A and AA⁻¹ taken out, and identities dropped."""
    kept: list[Term] = []
    for factor in run:
        if kept and (kept[-1] == _inverse(factor) or factor == _inverse(kept[-1])):
            size = factor.rows
            kept.pop()
            if not kept:
                kept.append(Identity(size))
        elif isinstance(factor, Identity) and kept:
            continue
        else:
            if kept and isinstance(kept[-1], Identity):
                kept.pop()
            kept.append(factor)
    return tuple(kept)


def _inverse(factor: Term) -> Term | None:
    return Power(factor, MINUS_ONE) if factor.rows == factor.cols and not factor.is_scalar else None


Key = tuple[object, ...]


def order_key(factor: Term, scope: Scope) -> Key:
    """Where a scalar factor stands in a product: names in the order of the premises, then the rest."""
    base = factor.base if isinstance(factor, Power) else factor
    if isinstance(base, Entry):
        return (0, scope.position(base.base), 1)
    if isinstance(base, Symbol):
        return (0, scope.position(base), 0)
    if isinstance(base, Call):
        return (1, scope.position(base), 0)
    for rank, kind in ((3, Add), (4, (Expectation, Variance)), (5, Summation)):
        if isinstance(base, kind):
            return (rank, _first_position(base, scope), 0)
    return (2, _first_position(base, scope), 0)


def _first_position(term: Term, scope: Scope) -> int:
    return min((scope.position(symbol) for symbol in term.free), default=0)


def sum_key(term: Term, scope: Scope) -> Key:
    """Where a term stands in a sum that a computation put together: numbers first, then by the premises."""
    number, rest = coefficient_of(term)
    if rest == ONE:
        return (0,)
    places = sorted(scope.position(symbol) for symbol in rest.free)
    return (1, len(places) == 0, places, number < 0)


# -- powers, transposes, functions -------------------------------------------------------------------------------------


def _power(term: Term, scope: Scope) -> Term:
    assert isinstance(term, Power)
    if term.exponent == ZERO:
        return ONE if term.is_scalar else Identity(term.rows)
    if not term.is_scalar:
        if isinstance(term.base, Power) and term.exponent == term.base.exponent == MINUS_ONE:
            return term.base.base
        return term
    parts = _powers(term)
    if parts == [(term.base, term.exponent)]:
        return term
    return _multiply(Multiply((ONE, *(power(base, exponent) for base, exponent in parts))), scope)


def _transpose(term: Term, scope: Scope) -> Term:
    assert isinstance(term, Transpose)
    inner = term.inner
    if isinstance(inner, Add):
        return add(*(tidy(transpose(part), scope) for part in inner.terms))
    if isinstance(inner, Multiply):
        found: list[Term] = []
        for run in runs(inner.factors):
            turned = reversed(run) if len(run) > 1 or not run[0].is_scalar else run
            found.extend(tidy(transpose(factor), scope) for factor in turned)
        return multiply(*found)
    if isinstance(inner, Power):
        return power(tidy(transpose(inner.base), scope), inner.exponent)
    if isinstance(inner, Symbol) and scope.domain(inner).structure in SYMMETRIC:
        return inner
    return term


def _apply(term: Term, scope: Scope) -> Term:
    assert isinstance(term, Apply)
    if term.function == "abs" and isinstance(term.argument, Number):
        return Number(abs(term.argument.value))
    if term.function == "log" and term.argument == ONE:
        return ZERO
    return term


def _entry(term: Term, scope: Scope) -> Term:
    """An entry of a column given entry by entry, or of a multiple of one."""
    assert isinstance(term, Entry)
    base = term.base
    if isinstance(base, Each):
        return tidy(substitute(base.body, {base.index: term.indices[0]}), scope)
    if isinstance(base, Multiply):
        scalars = [multiply(*run) for run in runs(base.factors) if multiply(*run).is_scalar]
        others = [factor for run in runs(base.factors) if not multiply(*run).is_scalar for factor in run]
        if scalars:
            return tidy(multiply(*scalars, Entry(multiply(*others), term.indices)), scope)
    return term


_TIDIERS: dict[type[Term], Callable[[Term, Scope], Term]] = {
    Add: _add,
    Multiply: _multiply,
    Power: _power,
    Transpose: _transpose,
    Apply: _apply,
    Entry: _entry,
}
