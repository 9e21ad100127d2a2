"""Transposes, functions and what is made entry by entry, tidied."""

from __future__ import annotations

from engine.rules.products import exponent_sum, tidy_product, times
from engine.rules.scope import Scope
from engine.rules.tidy import TIDIERS, first_position, tidy
from engine.terms import (
    ONE,
    ZERO,
    Add,
    Apply,
    Diagonal,
    DiagonalOf,
    Entry,
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
    Vec,
    add,
    entry,
    hadamard,
    hadamard_power,
    is_zero,
    kronecker,
    multiply,
    ones,
    power,
    runs,
    scaled,
    transpose,
)
from engine.terms import term as as_term


@TIDIERS.of(Transpose)
def _transpose(term: Transpose, scope: Scope) -> Term:
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


@TIDIERS.of(Apply)
def _apply(term: Apply, scope: Scope) -> Term:
    if all(isinstance(argument, Transpose) for argument in term.arguments):
        return transpose(Apply(term.function, tuple(transpose(argument) for argument in term.arguments)))
    if term.function == "abs" and isinstance(term.argument, Number):
        return Number(abs(term.argument.value))
    if term.function == "log" and term.argument == ONE:
        return ZERO
    if term.function == "exp" and term.argument == ZERO:
        return ONE
    return term


@TIDIERS.of(Entry)
def _entry(term: Entry, scope: Scope) -> Term:
    """An entry with the index taken inside, as far as it goes."""
    inner = entry(term.base, *term.indices)
    return term if inner == term else tidy(inner, scope)


@TIDIERS.of(Hadamard)
def _hadamard(term: Hadamard, scope: Scope) -> Term:
    """Scalars in front; equal factors united to powers; the rest in one order, which does not matter."""
    if all(isinstance(factor, (Transpose, Ones)) for factor in term.factors):
        return tidy(transpose(hadamard(*(transpose(factor) for factor in term.factors))), scope)
    parts = [scaled(factor) for factor in term.factors]
    powers: dict[Term, Term] = {}
    for _, array in parts:
        for inner in array.factors if isinstance(array, Hadamard) else (array,):
            base, exponent = (inner.base, inner.exponent) if isinstance(inner, HadamardPower) else (inner, ONE)
            powers[base] = exponent_sum(powers[base], exponent, scope) if base in powers else exponent
    arrays = [hadamard_power(base, exponent) for base, exponent in powers.items() if exponent != ZERO]
    arrays.sort(key=lambda array: (first_position(array, scope), repr(array)))
    product = hadamard(*arrays) if arrays else ones(*term.shape)
    return (
        tidy(multiply(*(scalar for scalar, _ in parts), product), scope) if any(s != ONE for s, _ in parts) else product
    )


@TIDIERS.of(HadamardPower)
def _hadamard_power(term: HadamardPower, scope: Scope) -> Term:
    """(a ⊙ b)^⊙k factor by factor, for whole k; a power of a power at once."""
    base, exponent = term.base, term.exponent
    if exponent == ZERO:
        return ones(*term.shape)
    if not (isinstance(exponent, Number) and exponent.value.denominator == 1):
        return term
    match base:
        case Transpose():
            return transpose(hadamard_power(base.inner, exponent))
        case HadamardPower():
            return hadamard_power(base.base, times(base.exponent, exponent))
        case Hadamard():
            return _hadamard(Hadamard(tuple(hadamard_power(factor, exponent) for factor in base.factors)), scope)
        case Multiply():
            scalar, array = scaled(base)
            if scalar != ONE:
                return tidy(multiply(power(scalar, exponent), hadamard_power(array, exponent)), scope)
    return term


@TIDIERS.of(Diagonal, DiagonalOf, Vec)
def _diagonal(term: Diagonal | DiagonalOf | Vec, scope: Scope) -> Term:
    """A diagonal, or a vec, with its scalar factor in front."""
    scalar, array = scaled(term.inner)
    return term if scalar == ONE else tidy_product(multiply(scalar, term.rebuild((array,))), scope)


@TIDIERS.of(Kronecker)
def _kronecker(term: Kronecker, scope: Scope) -> Term:
    """A Kronecker product with the scalar factors in front."""
    (a, left), (b, right) = scaled(term.left), scaled(term.right)
    return term if a == b == ONE else tidy_product(multiply(a, b, kronecker(left, right)), scope)


@TIDIERS.of(Trace)
def _trace(term: Trace, scope: Scope) -> Term:
    """The trace of an identity is its size; scalar factors stand in front."""
    if is_zero(term.inner):
        return ZERO
    scalar, array = scaled(term.inner)
    found = as_term(array.size) if isinstance(array, Identity) else term.rebuild((array,))
    return found if scalar == ONE else tidy_product(multiply(scalar, found), scope)


@TIDIERS.of(SquaredNorm)
def _squared_norm(term: SquaredNorm, scope: Scope) -> Term:
    return ZERO if is_zero(term.children[0]) else term


@TIDIERS.of(Identity, Ones)
def _one(term: Identity | Ones, scope: Scope) -> Term:
    """The identity, and the matrix of ones, of one row and one column are the number."""
    return ONE if term.is_scalar else term
