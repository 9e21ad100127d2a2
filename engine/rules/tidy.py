"""The light tidying that every rule does to what it computed: what a person does without saying so.

Numbers are multiplied out, powers of one base united, like terms added up, scalars written before
matrices in the order of the premises, transposes pushed inwards, an inverse cancelled against its matrix.
Nothing is multiplied out and nothing is put over a common denominator: those are rules of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from engine.rules.scope import Scope
from engine.terms import (
    MINUS_ONE,
    ONE,
    SCALAR,
    ZERO,
    Add,
    Apply,
    Call,
    Diagonal,
    DiagonalOf,
    Entry,
    Expectation,
    Hadamard,
    HadamardPower,
    Identity,
    Kronecker,
    Multiply,
    Number,
    Ones,
    Power,
    SquaredNorm,
    Summation,
    Symbol,
    Term,
    Trace,
    Transpose,
    Variance,
    Vec,
    add,
    entry,
    hadamard,
    hadamard_power,
    is_zero,
    kronecker,
    multiply,
    negate,
    ones,
    power,
    rewrite,
    runs,
    scaled,
    transpose,
)
from engine.terms import term as as_term


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


def without_number(term: Term) -> Term:
    """A term, or a sum of some, over the number in front of the first."""
    if not isinstance(term, Add):
        return coefficient_of(term)[1]
    first = coefficient_of(min(term.terms, key=lambda part: repr(coefficient_of(part)[1])))[0]
    return term if first == 1 else Add(tuple(multiply(Number(1 / first), part) for part in term.terms))


def _add(term: Term, scope: Scope) -> Term:
    assert isinstance(term, Add)
    parts: dict[Term, tuple[Fraction, Term]] = {}
    for part in term.terms:
        number, rest = coefficient_of(part)
        key = oriented(rest, scope)
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


def oriented(term: Term, scope: Scope) -> Term:
    """A scalar with each chain of matrices in it turned one way, since wᵀx = xᵀw."""
    if not (isinstance(term, Multiply) and term.is_scalar):
        return term
    turned = [turned_one_way(run, scope) for run in runs(term.factors)]
    return Multiply(tuple(factor for run in sorted(turned, key=repr) for factor in run))


def turned_one_way(run: tuple[Term, ...], scope: Scope) -> tuple[Term, ...]:
    """A chain of matrices that is a scalar, or its transpose, whichever comes first."""
    if len(run) == 1:
        return run
    other = tuple(tidy(transpose(factor), scope) for factor in reversed(run))
    return min(run, other, key=repr)


# -- products ----------------------------------------------------------------------------------------------------


def _multiply(term: Term, scope: Scope) -> Term:
    assert isinstance(term, Multiply)
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
            scalars[base] = _exponent_sum(scalars[base], exponent, scope) if base in scalars else exponent
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
            flipped = _positive_first(Add(tuple(sorted((negate(p) for p in base.terms), key=_is_no_number))))
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
    return _multiply(Multiply((ONE, *(power(base, exponent) for base, exponent in parts))), scope)


def _transpose(term: Term, scope: Scope) -> Term:
    assert isinstance(term, Transpose)
    inner = term.inner
    if isinstance(inner, Add):
        return add(*(tidy(transpose(part), scope) for part in inner.terms))
    if isinstance(inner, Summation):
        return Summation(tidy(transpose(inner.body), scope), inner.index, inner.length)
    if isinstance(inner, Multiply):
        found: list[Term] = []
        for run in runs(inner.factors):
            turned = reversed(run) if len(run) > 1 or not run[0].is_scalar else run
            found.extend(tidy(transpose(factor), scope) for factor in turned)
        return multiply(*found)
    if isinstance(inner, Power):
        return power(tidy(transpose(inner.base), scope), inner.exponent)
    if isinstance(inner, Symbol) and scope.domain(inner).structure.is_symmetric:
        return inner
    if isinstance(inner, Kronecker):
        return kronecker(tidy(transpose(inner.left), scope), tidy(transpose(inner.right), scope))
    return inner if isinstance(inner, Diagonal) else term


def _apply(term: Term, scope: Scope) -> Term:
    assert isinstance(term, Apply)
    if all(isinstance(argument, Transpose) for argument in term.arguments):
        return transpose(Apply(term.function, tuple(transpose(argument) for argument in term.arguments)))
    if term.function == "abs" and isinstance(term.argument, Number):
        return Number(abs(term.argument.value))
    if term.function == "log" and term.argument == ONE:
        return ZERO
    if term.function == "exp" and term.argument == ZERO:
        return ONE
    return term


def _entry(term: Term, scope: Scope) -> Term:
    """An entry with the index taken inside, as far as it goes."""
    assert isinstance(term, Entry)
    inner = entry(term.base, *term.indices)
    return term if inner == term else tidy(inner, scope)


def _hadamard(term: Term, scope: Scope) -> Term:
    """Scalars in front; equal factors united to powers; the rest in one order, which does not matter."""
    assert isinstance(term, Hadamard)
    if all(isinstance(factor, (Transpose, Ones)) for factor in term.factors):
        return tidy(transpose(hadamard(*(transpose(factor) for factor in term.factors))), scope)
    parts = [scaled(factor) for factor in term.factors]
    powers: dict[Term, Term] = {}
    for _, array in parts:
        for inner in array.factors if isinstance(array, Hadamard) else (array,):
            base, exponent = (inner.base, inner.exponent) if isinstance(inner, HadamardPower) else (inner, ONE)
            powers[base] = _exponent_sum(powers[base], exponent, scope) if base in powers else exponent
    arrays = [hadamard_power(base, exponent) for base, exponent in powers.items() if exponent != ZERO]
    arrays.sort(key=lambda array: (_first_position(array, scope), repr(array)))
    product = hadamard(*arrays) if arrays else ones(*term.shape)
    return (
        tidy(multiply(*(scalar for scalar, _ in parts), product), scope) if any(s != ONE for s, _ in parts) else product
    )


def _hadamard_power(term: Term, scope: Scope) -> Term:
    """(a ⊙ b)^⊙k factor by factor, for whole k; a power of a power at once."""
    assert isinstance(term, HadamardPower)
    base, exponent = term.base, term.exponent
    if exponent == ZERO:
        return ones(*term.shape)
    if not (isinstance(exponent, Number) and exponent.value.denominator == 1):
        return term
    match base:
        case Transpose():
            return transpose(hadamard_power(base.inner, exponent))
        case HadamardPower():
            return hadamard_power(base.base, _scaled(base.exponent, exponent))
        case Hadamard():
            return _hadamard(Hadamard(tuple(hadamard_power(factor, exponent) for factor in base.factors)), scope)
        case Multiply():
            scalar, array = scaled(base)
            if scalar != ONE:
                return tidy(multiply(power(scalar, exponent), hadamard_power(array, exponent)), scope)
    return term


def _diagonal(term: Term, scope: Scope) -> Term:
    """A diagonal, or a vec, with its scalar factor in front."""
    assert isinstance(term, (Diagonal, DiagonalOf, Vec))
    scalar, array = scaled(term.inner)
    return term if scalar == ONE else _multiply(multiply(scalar, term.rebuild((array,))), scope)


def _kronecker(term: Term, scope: Scope) -> Term:
    """A Kronecker product with the scalar factors in front."""
    assert isinstance(term, Kronecker)
    (a, left), (b, right) = scaled(term.left), scaled(term.right)
    return term if a == b == ONE else _multiply(multiply(a, b, kronecker(left, right)), scope)


def _trace(term: Term, scope: Scope) -> Term:
    """The trace of an identity is its size; scalar factors stand in front."""
    assert isinstance(term, Trace)
    if is_zero(term.inner):
        return ZERO
    scalar, array = scaled(term.inner)
    found = as_term(array.size) if isinstance(array, Identity) else term.rebuild((array,))
    return found if scalar == ONE else _multiply(multiply(scalar, found), scope)


def _squared_norm(term: Term, scope: Scope) -> Term:
    return ZERO if is_zero(term.children[0]) else term


def _one(term: Term, scope: Scope) -> Term:
    """The identity, and the matrix of ones, of one row and one column are the number."""
    return ONE if term.is_scalar else term


_TIDIERS: dict[type[Term], Callable[[Term, Scope], Term]] = {
    Add: _add,
    Multiply: _multiply,
    Power: _power,
    Transpose: _transpose,
    Apply: _apply,
    Entry: _entry,
    Diagonal: _diagonal,
    Kronecker: _kronecker,
    Trace: _trace,
    Vec: _diagonal,
    DiagonalOf: _diagonal,
    Hadamard: _hadamard,
    HadamardPower: _hadamard_power,
    SquaredNorm: _squared_norm,
    Identity: _one,
    Ones: _one,
}
