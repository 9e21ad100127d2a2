"""Sums multiplied out, and gathered by the powers of a symbol."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from engine.kernel import NotApplicable
from engine.rules.scope import Scope
from engine.rules.tidy import tidy
from engine.terms import (
    ONE,
    Add,
    Hadamard,
    Identity,
    Multiply,
    Number,
    Power,
    Summation,
    Symbol,
    Term,
    add,
    diagonal,
    factors,
    hadamard,
    multiply,
    power,
    rewrite,
    runs,
    summands,
    transpose,
)


def expanded(term: Term, scope: Scope) -> Term:
    """Every product multiplied out."""
    return tidy(rewrite(tidy(term, scope), lambda node: _distributed(node, scope)), scope)


def _distributed(node: Term, scope: Scope) -> Term | None:
    """A product (or whole power) in which a sum is a factor, as the sum of all choices of one term a factor."""
    if isinstance(node, Hadamard):
        return _distributed_entrywise(node, scope)
    parts: list[Term] = []
    for factor in factors(node):
        parts.extend(_repeated(factor))
    if not isinstance(node, (Multiply, Power)) or not any(isinstance(factor, Add) for factor in parts):
        return None
    products: list[tuple[Term, ...]] = [()]
    for factor in parts:
        choices = summands(factor)
        products = [(*chosen, choice) for chosen in products for choice in choices]
        if len(products) > 2000:
            raise NotApplicable("multiplied out, this would have more than 2000 terms")
    return tidy(add(*(multiply(*chosen) for chosen in products)), scope)


def _distributed_entrywise(node: Hadamard, scope: Scope) -> Term | None:
    """a ⊙ (b + c) as a ⊙ b + a ⊙ c."""
    if not any(isinstance(factor, Add) for factor in node.factors):
        return None
    choices = (summands(factor) for factor in node.factors)
    return tidy(add(*(hadamard(*chosen) for chosen in product(*choices))), scope)


def _repeated(factor: Term) -> tuple[Term, ...]:
    """A small whole power of a sum as its factors; anything else by itself."""
    if isinstance(factor, Power) and isinstance(factor.base, Add):
        exponent, most = factor.exponent, 8 if factor.is_scalar else 3
        if isinstance(exponent, Number) and exponent.value.denominator == 1 and 2 <= exponent.value <= most:
            return (factor.base,) * int(exponent.value)
    return (factor,)


Exponent = Fraction | int


@dataclass(frozen=True)
class Gathered:
    """A sum by what stands before (the coefficients) and behind a symbol: Σ_k A_k xᵏ, or A w B; and what is free of it."""

    symbol: Symbol
    coefficients: dict[Exponent, Term]  # of the powers of a scalar; of a vector or matrix, of its first power
    behind: Term | None
    rest: tuple[Term, ...]

    @property
    def terms(self) -> tuple[Term, ...]:
        """The gathered terms, the highest power first."""
        return tuple(
            self.with_power(k, coefficient) for k, coefficient in sorted(self.coefficients.items(), reverse=True)
        )

    def with_power(self, exponent: Exponent, coefficient: Term) -> Term:
        product = multiply(coefficient, power(self.symbol, Number(Fraction(exponent))))
        return product if self.behind is None else multiply(product, self.behind)


def gather(term: Term, symbol: Symbol, scope: Scope) -> Gathered:
    """Raises NotApplicable where the symbol is not a factor, or has coefficients on both sides that differ."""
    term = _opened(term, symbol, scope)
    rest: list[Term] = []
    linear: list[Term] = []
    for part in summands(term):
        (linear if part.has(symbol) else rest).append(part)
    if symbol.is_scalar:
        powers: dict[Exponent, list[Term]] = {}
        for part in linear:
            exponent, coefficient = _power_of_scalar(part, symbol)
            powers.setdefault(exponent, []).append(coefficient)
        summed = {k: tidy(add(*parts), scope) for k, parts in powers.items()}
        return Gathered(symbol, summed, None, tuple(rest))
    return _gathered_matrices(linear, symbol, tuple(rest), scope)


def _opened(term: Term, symbol: Symbol, scope: Scope) -> Term:
    """A sum in which u ⊙ Aw is written diag(u)Aw, for a column Aw with the symbol, and a scalar stands before Σ."""

    def linear(node: Term) -> Term | None:
        if isinstance(node, Summation) and symbol.is_scalar and node.body.has(symbol):
            return add(*(_before_sum(part, node) for part in summands(expanded(node.body, scope))))
        if not isinstance(node, Hadamard) or node.cols != 1 or symbol.cols != 1:
            return None
        moving = [factor for factor in node.factors if factor.has(symbol)]
        fixed = [factor for factor in node.factors if factor not in moving]
        return multiply(diagonal(hadamard(*fixed)), moving[0]) if len(moving) == 1 and fixed else None

    made = rewrite(term, linear)
    return term if made == term else expanded(made, scope)


def _before_sum(part: Term, whole: Summation) -> Term:
    """Σ of a term, with the factors that are free of the index in front."""
    parts = factors(part)
    outer = [factor for factor in parts if factor.is_scalar and not factor.has(whole.index)]
    inner = [factor for factor in parts if factor not in outer]
    return multiply(*outer, Summation(multiply(ONE, *inner), whole.index, whole.length))


def _gathered_matrices(linear: list[Term], symbol: Symbol, rest: tuple[Term, ...], scope: Scope) -> Gathered:
    around = [_around(part, symbol) for part in linear]
    if len({behind for _, _, behind in around}) == 1:
        behind = around[0][2]
        before = [multiply(scale, left or Identity(symbol.rows)) for scale, left, _ in around]
        return Gathered(symbol, {1: tidy(add(*before), scope)}, behind, rest)
    if len({left for _, left, _ in around}) == 1:
        left = around[0][1]
        behind = tidy(add(*(multiply(scale, right or Identity(symbol.cols)) for scale, _, right in around)), scope)
        return Gathered(symbol, {1: left or ONE}, behind, rest)
    if not linear:
        return Gathered(symbol, {}, None, rest)
    raise NotApplicable(f"{symbol} has different factors on both sides (a Sylvester equation): {add(*linear)}")


def _power_of_scalar(part: Term, symbol: Symbol) -> tuple[Fraction, Term]:
    """A product as coefficient·symbolᵏ. Raises NotApplicable where the symbol is not a factor of that kind."""
    exponent = Fraction(0)
    rest: list[Term] = []
    for factor in factors(part):
        if factor == symbol:
            exponent += 1
        elif isinstance(factor, Power) and factor.base == symbol and isinstance(factor.exponent, Number):
            exponent += factor.exponent.value
        else:
            rest.append(factor)
    if any(factor.has(symbol) for factor in rest):
        raise NotApplicable(f"{part} is not linear in {symbol}")
    return exponent, multiply(*rest) if rest else ONE


def _around(part: Term, symbol: Symbol) -> tuple[Term, Term | None, Term | None]:
    """A product as c·A·symbol·B: the scalar, and what stands before and behind it. Raises NotApplicable for any other."""
    groups = runs(factors(part))
    moving = [run for run in groups if any(factor.has(symbol) for factor in run)]
    others = [run for run in groups if run not in moving]
    if len(moving) != 1 or sum(factor.has(symbol) for factor in moving[0]) != 1:
        raise NotApplicable(f"{part} is not linear in {symbol}")
    (run,) = moving
    scale = multiply(*(f for other in others if multiply(*other).is_scalar for f in other), ONE)
    beside = [multiply(*other) for other in others if not multiply(*other).is_scalar]
    if multiply(*run).is_scalar and transpose(run[0]) == symbol and symbol.cols == 1:  # wᵀa is aᵀw
        run = tuple(transpose(factor) for factor in reversed(run))
    if symbol not in run:
        raise NotApplicable(f"{part} is not linear in {symbol}")
    place = run.index(symbol)
    before, behind = (*beside, *run[:place]), run[place + 1 :]  # (aᵀw)b is b aᵀw
    if beside and (behind or symbol.cols != 1 or beside[0].cols != 1):
        raise NotApplicable(f"{part} is not linear in {symbol}")
    return scale, multiply(*before) if before else None, multiply(*behind) if behind else None
