"""Equations: the same done to both sides, and solving for a symbol."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from engine.kernel import NotApplicable, NothingToDo, Outcome, Step
from engine.rules.algebra.rewriting import sides_of
from engine.rules.algebra.scalars import through_sympy
from engine.rules.expansion import expanded, gather
from engine.rules.order.bounds import interval_of
from engine.rules.registry import rule
from engine.rules.scope import Scope
from engine.rules.tidy import tidy
from engine.terms import (
    MINUS_ONE,
    ONE,
    TWO,
    ZERO,
    Add,
    Apply,
    Identity,
    Multiply,
    Number,
    Power,
    Symbol,
    Term,
    add,
    divide,
    exp,
    factors,
    is_zero,
    log,
    multiply,
    negate,
    power,
    replace,
    scaled,
    sqrt,
    summands,
    zero,
)
from engine.terms.formulas import Formula, Relation, equation, invertible, nonnegative, nonzero, positive


def _equation(subject: Term | Formula) -> tuple[Term, Term]:
    if not (isinstance(subject, Formula) and subject.relation is Relation.EQUAL):
        raise NotApplicable(f"{subject} is no equation")
    assert isinstance(subject.left, Term) and isinstance(subject.right, Term)
    return subject.left, subject.right


def _equivalent(before: Term | Formula, left: Term, right: Term, unknown: Symbol | None, **rest: Any) -> Outcome:
    after = equation(left, right)
    if after == before:
        raise NothingToDo(f"nothing changes in {before}")
    return Outcome(Formula(before, Relation.EQUIVALENT, after), unknown=unknown, **rest)


@rule(r"Aw - b = 0 \iff Aw = b", "the terms without {symbol} on the right")
def separate(subject: Formula, scope: Scope, symbol: Symbol) -> Outcome:
    """An equation with the terms that contain a symbol on the left and the others on the right."""
    left, right = _equation(subject)
    whole = expanded(add(left, negate(right)), scope)
    try:
        gathered = gather(whole, symbol, scope)
    except NotApplicable:
        if not symbol.is_scalar:
            raise
        return _parted(subject, whole, symbol, scope)
    new_left = tidy(add(*gathered.terms), scope) if gathered.terms else zero(left.shape)
    new_right = tidy(negate(add(*gathered.rest)), scope) if gathered.rest else zero(left.shape)
    if _leading_minus(new_left):
        turned = {k: tidy(negate(coefficient), scope) for k, coefficient in gathered.coefficients.items()}
        new_left = tidy(add(*dataclasses.replace(gathered, coefficients=turned).terms), scope)
        new_right = tidy(negate(new_right), scope)
    return _equivalent(subject, new_left, new_right, scope.unknown or symbol, slots={"symbol": str(symbol)})


def _parted(subject: Formula, whole: Term, symbol: Symbol, scope: Scope) -> Outcome:
    """The terms with the symbol in any way on the left, as they are."""
    parts = summands(whole)
    left = add(*(part for part in parts if part.has(symbol)))
    right = tidy(negate(add(*(part for part in parts if not part.has(symbol)), ZERO)), scope)
    if _leading_minus(left):
        left, right = tidy(negate(left), scope), tidy(negate(right), scope)
    return _equivalent(subject, left, right, scope.unknown or symbol, slots={"symbol": str(symbol)})


def _leading_minus(term: Term) -> bool:
    """Whether every term has a minus, or is a product with a sum of which that is so."""
    parts = summands(term)
    return all(_is_minus(part) for part in parts)


def _is_minus(part: Term) -> bool:
    parts = factors(part)
    if isinstance(parts[0], Number):
        return parts[0].value < 0
    return any(isinstance(factor, Add) and _leading_minus(factor) for factor in parts)


@rule(r"\frac ac = b \iff a = cb", "multiply both sides by {multiplier}", conditions=("the multiplier is not zero",))
def clear_denominators(subject: Formula, scope: Scope) -> Outcome:
    """Both sides multiplied by the least common denominator of their terms."""
    left, right = _equation(subject)
    multiplier = _common_denominator([left, right], scope)
    if multiplier == ONE:
        raise NothingToDo(f"{subject} has no denominators")
    return _equivalent(
        subject,
        _scaled(left, multiplier, scope),
        _scaled(right, multiplier, scope),
        scope.unknown,
        slots={"multiplier": str(multiplier)},
        conditions=(nonzero(multiplier),),
    )


@rule(r"ca = cb \iff a = b \quad (c \in \mathbb{N})", "divide both sides by {divisor}")
def common_factor(subject: Formula, scope: Scope) -> Outcome:
    """Both sides divided by the greatest whole number that divides all their terms."""
    left, right = _equation(subject)
    numbers = [
        _whole_factor(part) for side in (left, right) for part in _addends(tidy(side, scope)) if not is_zero(side)
    ]
    divisor = gcd(*numbers)
    if divisor < 2:
        raise NothingToDo(f"{subject} has no common factor")
    share = Number(Fraction(1, divisor))
    new_left, new_right = _scaled(left, share, scope), _scaled(right, share, scope)
    return _equivalent(subject, new_left, new_right, scope.unknown, slots={"divisor": str(divisor)})


def _whole_factor(factors: tuple[Term, ...]) -> int:
    values = [factor.value for factor in factors if isinstance(factor, Number)]
    return abs(values[0].numerator) if values and values[0].denominator == 1 else 1


def _common_denominator(terms: list[Term], scope: Scope) -> Term:
    number = 1
    powers: dict[Term, int] = {}
    for part in (p for term in terms for p in _addends(tidy(term, scope))):
        here: dict[Term, int] = {}
        for factor in part:
            if isinstance(factor, Number):
                number = lcm(number, factor.value.denominator)
            elif isinstance(factor, Power) and factor.is_scalar and isinstance(factor.exponent, Number):
                here[factor.base] = here.get(factor.base, 0) + min(0, int(factor.exponent.value))
        for base, exponent in here.items():
            powers[base] = max(powers.get(base, 0), -exponent)
    return multiply(Number(Fraction(number)), *(power(b, Number(Fraction(k))) for b, k in powers.items() if k))


def _addends(term: Term) -> list[tuple[Term, ...]]:
    """The scalar factors of every addend, those inside a factor that is a sum with denominators included."""
    found: list[tuple[Term, ...]] = []
    for part in summands(term):
        parts = factors(part)
        place = _sum_to_scale(parts)
        outer = tuple(factor for number, factor in enumerate(parts) if factor.is_scalar and number != place)
        if place is not None:
            found.extend((*outer, *deeper) for deeper in _addends(parts[place]))
        else:
            found.append(outer)
    return found


def _scaled(term: Term, multiplier: Term, scope: Scope) -> Term:
    """multiplier·term, multiplied into sums of matrices, or with denominators, so that these cancel there."""
    if isinstance(term, Add):
        return tidy(add(*(_scaled(part, multiplier, scope) for part in term.terms)), scope)
    place = _sum_to_scale(term.factors) if isinstance(term, Multiply) else None
    if isinstance(term, Multiply) and place is not None:
        inner = _scaled(term.factors[place], multiplier, scope)
        return tidy(multiply(*term.factors[:place], inner, *term.factors[place + 1 :]), scope)
    return tidy(multiply(multiplier, term), scope)


def _sum_to_scale(factors: tuple[Term, ...]) -> int | None:
    """The place of the factor that a multiplier goes into: a sum of matrices, or else a sum with denominators."""
    sums = [place for place, factor in enumerate(factors) if isinstance(factor, Add)]
    matrices = [place for place in sums if not factors[place].is_scalar]
    divided = [place for place in sums if _has_denominators(factors[place])]
    return next(iter((*matrices, *divided)), None)


def _has_denominators(term: Term) -> bool:
    return any(
        isinstance(factor, Power) and isinstance(factor.exponent, Number) and factor.exponent.value < 0
        for part in summands(term)
        for factor in factors(part)
    )


@rule(
    r"Aw = b \iff w = A^{-1}b,\quad wB = c \iff w = cB^{-1}",
    "solve for {symbol}: {why}",
    conditions=("the factor in front of the symbol is invertible, or not zero",),
)
def isolate(subject: Formula, scope: Scope, symbol: Symbol) -> Outcome:
    """An equation that is linear in a symbol, solved for it."""
    left, right = _equation(subject)
    gathered = gather(expanded(add(left, negate(right)), scope), symbol, scope)
    if not gathered.coefficients:
        raise NotApplicable(f"{symbol} does not stand in {subject}: there is nothing to solve for")
    if set(gathered.coefficients) != {1}:
        raise NotApplicable(f"{subject} is not linear in {symbol}")
    coefficient, behind = gathered.coefficients[1], gathered.behind
    scale, array = scaled(coefficient)
    if isinstance(array, Identity):
        coefficient = scale
    if left == tidy(gathered.terms[0], scope):
        target = right
    else:
        target = tidy(negate(add(*gathered.rest)), scope) if gathered.rest else zero(left.shape)
    slots = {"symbol": str(symbol), "why": "nothing else is on its side"}
    needed: list[Formula] = []
    if coefficient.is_scalar and coefficient != ONE:
        target, needed = divide(target, coefficient), [nonzero(coefficient)]
    elif not coefficient.is_scalar:
        target, needed = multiply(power(coefficient, MINUS_ONE), target), [invertible(coefficient)]
    if behind is not None and not isinstance(behind, Identity):
        target = multiply(target, power(behind, MINUS_ONE))
        needed.append(nonzero(behind) if behind.is_scalar else invertible(behind))
    if needed:
        slots["why"] = " and ".join(str(condition) for condition in needed)
    return _equivalent(subject, symbol, target, symbol, slots=slots, conditions=tuple(needed))


@rule(
    r"c x^2 = a \iff x = \sqrt{a/c} \quad (x > 0,\ c \ne 0)",
    "the positive root, since {symbol} > 0",
    conditions=("the symbol is positive", "the factor in front of its square is not zero"),
)
def positive_root(subject: Formula, scope: Scope, symbol: Symbol) -> Outcome:
    """cx² = a solved for a positive x."""
    left, right = _equation(subject)
    gathered = gather(left, symbol, scope)
    if set(gathered.coefficients) != {2} or gathered.rest or right.has(symbol):
        raise NotApplicable(f"the left side of {subject} is no multiple of {power(symbol, TWO)}")
    scale = gathered.coefficients[2]
    needed = (positive(symbol), *(() if scale == ONE else (nonzero(scale),)))
    square = right if scale == ONE else tidy(divide(right, scale), scope)
    return _equivalent(subject, symbol, sqrt(square), symbol, slots={"symbol": str(symbol)}, conditions=needed)


@rule(r"ca = cb \iff a = b", "divide both sides by {divisor} ≠ 0", conditions=("the divisor is not zero",))
def divide_both_sides(subject: Formula, scope: Scope, divisor: Term) -> Outcome:
    """Both sides of an equation divided by a scalar."""
    left, right = (tidy(divide(side, divisor), scope) for side in _equation(subject))
    return _equivalent(
        subject, left, right, scope.unknown, slots={"divisor": str(divisor)}, conditions=(nonzero(divisor),)
    )


@rule(
    r"a = b \iff Ma = Mb",
    "multiply both sides by {multiplier}",
    conditions=("the multiplier is invertible, or not zero",),
)
def multiply_both_sides(subject: Formula, scope: Scope, multiplier: Term) -> Outcome:
    """Both sides of an equation multiplied from the left."""
    left, right = (tidy(multiply(multiplier, side), scope) for side in _equation(subject))
    needed = nonzero(multiplier) if multiplier.is_scalar else invertible(multiplier)
    return _equivalent(subject, left, right, scope.unknown, slots={"multiplier": str(multiplier)}, conditions=(needed,))


@rule(r"a = b \iff a + c = b + c", "add {addend} to both sides")
def add_to_both_sides(subject: Formula, scope: Scope, addend: Term) -> Outcome:
    """A term added to both sides of an equation."""
    left, right = (tidy(add(side, addend), scope) for side in _equation(subject))
    return _equivalent(subject, left, right, scope.unknown, slots={"addend": str(addend)})


@rule(
    r"c x^a = y \iff x = (y/c)^{1/a} \quad (x, y, c > 0,\ a \ne 0)",
    "solve for {symbol}: raise both sides to the power {exponent}",
    conditions=("both sides are positive", "the exponent is not zero"),
)
def invert_power(subject: Formula, scope: Scope, symbol: Symbol) -> Outcome:
    """An equation c·xᵃ = y of positive numbers solved for x."""
    left, right = _equation(subject)
    factors = list(left.factors) if isinstance(left, Multiply) else [left]
    powers = [f for f in factors if isinstance(f, Power) and f.base == symbol]
    rest = [f for f in factors if f not in powers]
    if len(powers) != 1 or any(f.has(symbol) for f in (*rest, right)):
        raise NotApplicable(f"the left side of {subject} is no multiple of a power of {symbol}")
    if is_zero(right):
        raise NotApplicable(f"{right} has no such root")
    exponent = tidy(power(powers[0].exponent, MINUS_ONE), scope)
    scale = multiply(*rest) if rest else ONE
    solved = power(tidy(divide(right, scale), scope), exponent)
    conditions = (positive(symbol), positive(right), positive(scale), nonzero(powers[0].exponent))
    return _equivalent(
        subject, symbol, solved, symbol, slots={"symbol": str(symbol), "exponent": str(exponent)}, conditions=conditions
    )


@rule(
    r"c x^n = a \iff x = \sqrt[n]{a/c} \quad (n \text{ odd},\ a/c \ge 0)",
    "the only real root",
    conditions=("a/c is not negative",),
)
def odd_root(subject: Formula, scope: Scope, symbol: Symbol) -> Outcome:
    """c·xⁿ = a with an odd n, solved for x."""
    left, right = _equation(subject)
    gathered = gather(left, symbol, scope)
    (exponent,) = gathered.coefficients if len(gathered.coefficients) == 1 else (0,)
    if exponent < 3 or exponent % 2 != 1 or gathered.rest or right.has(symbol):
        raise NotApplicable(f"the left side of {subject} is no multiple of an odd power of {symbol}")
    below = tidy(divide(right, gathered.coefficients[exponent]), scope)
    root = power(below, Number(1 / Fraction(exponent)))
    conditions = (nonnegative(below), nonzero(gathered.coefficients[exponent]))
    return _equivalent(subject, symbol, root, symbol, conditions=conditions)


@rule(
    r"c\,e^u = a \iff u = \ln(a/c),\quad c \ln u = a \iff u = e^{a/c} \quad (u > 0)",
    "{inverse} of both sides",
    conditions=("c is not zero", "for the log: a/c is positive"),
)
def undo_function(subject: Formula, scope: Scope, symbol: Symbol) -> Outcome:
    """A multiple of exp(u) or ln(u) that equals something, solved for u."""
    left, right = _equation(subject)
    factors = list(left.factors) if isinstance(left, Multiply) else [left]
    inside = [f for f in factors if isinstance(f, Apply) and f.has(symbol) and f.function in ("exp", "log")]
    rest = [f for f in factors if f not in inside]
    if len(inside) != 1 or any(f.has(symbol) for f in (*rest, right)):
        raise NotApplicable(f"the left side of {subject} is no multiple of an exp or ln of {symbol}")
    scale = multiply(*rest) if rest else ONE
    target = tidy(divide(right, scale), scope)
    exponential = inside[0].function == "exp"
    undone = tidy(log(target) if exponential else exp(target), scope)
    conditions = (nonzero(scale), *((positive(target),) if exponential else ()))
    slots = {"inverse": "the log" if exponential else "the exponential"}
    return _equivalent(subject, inside[0].argument, undone, symbol, slots=slots, conditions=conditions)


@rule(r"ab = 0 \iff b = 0 \quad (a \ne 0)", "{factors} ≠ 0", conditions=("the factor is not zero",))
def drop_factor(subject: Formula, scope: Scope, symbol: Symbol) -> Outcome:
    """A product that is zero, without the factors that are known not to be."""
    left, right = _equation(subject)
    if not is_zero(right) or not left.is_scalar:
        raise NotApplicable(f"the right side of {subject} is not 0")
    product = through_sympy(left, scope, lambda sympy, e: sympy.factor(e))
    factors = [multiply(*run) for run in product.runs] if isinstance(product, Multiply) else [product]
    dropped = [f for f in factors if not isinstance(f, Number) and interval_of(f, scope).nonzero]
    kept = [factor for factor in factors if factor not in dropped]
    if not dropped or not kept:
        raise NothingToDo(f"no factor of {left} is known not to be zero")
    slots = {"factors": " and ".join(str(factor) for factor in dropped)}
    conditions = tuple(nonzero(factor) for factor in dropped)
    return _equivalent(subject, multiply(*kept), right, scope.unknown or symbol, slots=slots, conditions=conditions)


@rule(r"f(x) = 0 \iff g(x) = 0 \text{ where } f = g", "{what}")
def rewrite_equation(subject: Formula, scope: Scope, *earlier: Step) -> Outcome:
    """An equation with earlier results written into its sides."""
    left, right = _equation(subject)
    for step in earlier:
        old, new = sides_of(step)
        left, right = replace(left, old, new), replace(right, old, new)
    told = (step.reason if sides_of(step)[0] == subject.right else f"insert {sides_of(step)[0]}" for step in earlier)
    what = ", ".join(told)
    return _equivalent(subject, left, right, scope.unknown, using=tuple(earlier), slots={"what": what})
