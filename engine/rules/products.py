"""Products and powers, tidied."""

from __future__ import annotations

from fractions import Fraction

from engine.rules.scope import Scope
from engine.rules.tidy import TIDIERS, coefficient_of, order_key, oriented, positive_first, tidy
from engine.terms import (
    MINUS_ONE,
    ONE,
    SCALAR,
    ZERO,
    Add,
    Identity,
    Multiply,
    Number,
    Ones,
    Power,
    Symbol,
    Term,
    add,
    multiply,
    negate,
    power,
    runs,
    scaled,
    transpose,
)
from engine.terms import term as as_term


@TIDIERS.of(Multiply)
def tidy_product(term: Multiply, scope: Scope) -> Term:
    number = Fraction(1)
    scalars: dict[Term, Term] = {}
    chains: dict[Term, Term] = {}  # scalar chains of matrices, turned one way, as they were first written
    matrix: tuple[Term, ...] = ()
    for run in runs(_counted(term.factors)):
        run = _cancelled(run, scope)
        product = multiply(*run)
        if not product.is_scalar:
            matrix = run
            continue
        for base, exponent in _powers(product):
            if isinstance(base, Number) and isinstance(exponent, Number) and exponent.value.denominator == 1:
                number *= base.value ** int(exponent.value)
                continue
            if isinstance(base, Multiply):
                if isinstance(base.factors[-1], Ones) and not isinstance(base.factors[0], Ones):
                    base = Multiply(tuple(tidy(transpose(f), scope) for f in reversed(base.factors)))  # 1ᵀu, not uᵀ1
                base = chains.setdefault(oriented(base, scope), base)
            scalars[base] = exponent_sum(scalars[base], exponent, scope) if base in scalars else exponent
    number, scalars = _minus_absorbed(number, scalars, scope)
    written = [base for base, exponent in scalars.items() if exponent == ONE and isinstance(base, Multiply)]
    factors = [power(base, exponent) for base, exponent in scalars.items() if exponent != ZERO and base not in written]
    factors.sort(key=lambda factor: order_key(factor, scope))
    return multiply(Number(number), *factors, *written, *matrix)


def _counted(factors: tuple[Term, ...]) -> tuple[Term, ...]:
    """The factors with n for 𝟏ᵀ𝟏, and n·𝟏𝟏ᵀ for 𝟏𝟏ᵀ𝟏𝟏ᵀ."""
    counts = [factor for factor in factors if factor.is_scalar]
    kept: list[Term] = []
    for factor in factors:
        if factor.is_scalar:
            continue
        before = kept[-1] if kept else None
        if isinstance(before, Ones) and isinstance(factor, Ones) and before.cols == factor.rows != 1:
            counts.append(as_term(before.cols))
            shape = before.rows, factor.cols
            kept[-1:] = [] if shape == SCALAR else [Ones(*shape)]
        else:
            kept.append(factor)
    return (*counts, *kept)


def _minus_absorbed(number: Fraction, scalars: dict[Term, Term], scope: Scope) -> tuple[Fraction, dict[Term, Term]]:
    """−(x − 1) is written 1 − x: a minus in front goes into a factor whose number is negative, or which has more
    negative terms than others; into one that is divided by where no other takes it, but n − 1 stays.
    """
    if number >= 0:
        return number, scalars
    for base, exponent in sorted(scalars.items(), key=_is_below):
        if not (isinstance(base, Add) and _is_odd(exponent)) or (
            _is_below((base, exponent)) and _is_whole(base, scope)
        ):
            continue
        if _starts_below_zero(base) or _is_mostly_negative(base):
            flipped = positive_first(Add(tuple(sorted((negate(p) for p in base.terms), key=_is_no_number))))
            return -number, {(flipped if b == base else b): e for b, e in scalars.items()}
    return number, scalars


def _is_whole(term: Term, scope: Scope) -> bool:
    """Whether a number is made of whole ones by sums and products."""
    if isinstance(term, Number):
        return term.value.denominator == 1
    if isinstance(term, (Add, Multiply)):
        return all(_is_whole(part, scope) for part in term.children)
    return isinstance(term, Symbol) and term in scope.declarations and scope.domain(term).whole


def _is_below(factor: tuple[Term, Term]) -> bool:
    return isinstance(factor[1], Number) and factor[1].value < 0


def _is_odd(exponent: Term) -> bool:
    return isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value % 2 == 1


def _starts_below_zero(base: Add) -> bool:
    return any(isinstance(part, Number) and part.value < 0 for part in base.terms)


def _is_mostly_negative(base: Add) -> bool:
    below = 2 * sum(coefficient_of(part)[0] < 0 for part in base.terms)
    return below > len(base.terms) or below == len(base.terms) > 2  # −(a − b) stays


def _is_no_number(term: Term) -> bool:
    return not isinstance(term, Number)


def exponent_sum(left: Term, right: Term, scope: Scope) -> Term:
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
        return [(b, times(e, exponent)) for b, e in _powers(base)]
    if isinstance(base, Multiply):
        inner = [multiply(*run) for run in runs(base.factors)]
        return [(b, times(e, exponent)) for part in inner for b, e in _powers(part)]
    return [(base, exponent)]


def times(exponent: Term, by: Number) -> Term:
    return Number(exponent.value * by.value) if isinstance(exponent, Number) else multiply(by, exponent)


def _cancelled(run: tuple[Term, ...], scope: Scope) -> tuple[Term, ...]:
    """A chain of matrices with A⁻¹A and AA⁻¹ taken out, also where A is a product, and identities dropped."""
    kept: list[Term] = []
    for factor in run:
        if isinstance(factor, Identity) and kept:
            continue
        if kept and isinstance(kept[-1], Identity):
            kept.pop()
        kept.append(factor)
        gone = next((k for k in range(2, len(kept) + 1) if _is_identity(kept[-k:])), 0)
        if gone:
            size = kept[-gone].rows
            del kept[-gone:]
            if not kept:
                kept.append(Identity(size))
        elif len(kept) > 1 and (united := _united(kept[-2], kept[-1], scope)) is not None:
            kept[-2:] = [united]
        elif len(kept) > 1 and isinstance(kept[-2], Ones) and isinstance(kept[-1], Ones) and kept[-1].rows == 1:
            kept[-2:] = [Ones(kept[-2].rows, kept[-1].cols)]  # 𝟏𝟏ᵀ
    return tuple(kept)


def _united(left: Term, right: Term, scope: Scope) -> Term | None:
    """A^(a+b) for two powers of one matrix, with numbers of one sign or symbols as exponents."""
    (base, a), (other, b) = (_matrix_power(factor, scope) for factor in (left, right))
    if base != other or base.rows != base.cols:
        return None
    if isinstance(a, Number) and isinstance(b, Number):
        return power(base, Number(a.value + b.value)) if a.value + b.value else Identity(base.rows)
    exponent = tidy(add(*_summands(a), *_summands(b)), scope)
    if exponent == ZERO:
        return Identity(base.rows)
    if _has_one_sign(exponent) or not any(isinstance(f, Power) and isinstance(f.base, Power) for f in (left, right)):
        return power(base, exponent)
    return power(power(base, MINUS_ONE), tidy(add(*_summands(negate(exponent))), scope))


def _matrix_power(factor: Term, scope: Scope) -> tuple[Term, Term]:
    """A factor as a power of a matrix: (A⁻¹)ᵏ is A⁻ᵏ."""
    if not isinstance(factor, Power):
        return factor, ONE
    base, exponent = factor.base, factor.exponent
    if isinstance(base, Power) and base.exponent == MINUS_ONE:
        return base.base, tidy(add(*_summands(negate(exponent))), scope)
    return base, exponent


def _summands(term: Term) -> tuple[Term, ...]:
    """The terms of a sum, or of a number times a sum."""
    number, rest = coefficient_of(term)
    return tuple(multiply(Number(number), part) for part in rest.terms) if isinstance(rest, Add) else (term,)


def _has_one_sign(exponent: Term) -> bool:
    return len({coefficient_of(part)[0] > 0 for part in _summands(exponent)}) == 1


def _is_fraction(exponent: Term) -> bool:
    return isinstance(exponent, Number) and exponent.value.denominator != 1


def _is_identity(chain: list[Term]) -> bool:
    """Whether a chain is an inverse beside the factors of what it inverts."""
    for end, rest in ((chain[0], chain[1:]), (chain[-1], chain[:-1])):
        if isinstance(end, Power) and end.exponent == MINUS_ONE and end.base == multiply(*rest):
            return True
    return False


@TIDIERS.of(Power)
def _power(term: Power, scope: Scope) -> Term:
    if term.exponent == ZERO:
        return ONE if term.is_scalar else Identity(term.rows)
    if not term.is_scalar:
        if isinstance(term.base, Power) and not any(_is_fraction(p.exponent) for p in (term, term.base)):
            exponent = tidy(add(*_summands(multiply(term.base.exponent, term.exponent))), scope)
            if _has_one_sign(exponent):  # (Aᵃ)ᵇ = Aᵃᵇ; but (A⁻¹)^(k − 1) says what is inverted
                return power(term.base.base, exponent)
        scale, array = scaled(term.base)
        if scale != ONE and isinstance(term.exponent, Number):  # (cA)⁻¹ = c⁻¹A⁻¹
            return tidy(multiply(power(scale, term.exponent), power(array, term.exponent)), scope)
        return term
    parts = _powers(term)
    if parts == [(term.base, term.exponent)]:
        base, exponent = term.base, term.exponent
        if isinstance(base, Power) and _is_whole(base.exponent, scope) and _is_whole(exponent, scope):  # (xᵃ)ᵇ = xᵃᵇ
            return power(base.base, tidy(multiply(base.exponent, exponent), scope))
        return term
    return tidy_product(Multiply((ONE, *(power(base, exponent) for base, exponent in parts))), scope)
