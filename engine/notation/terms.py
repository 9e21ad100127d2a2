"""How terms are written, in any notation: what is a fraction, where parentheses stand, how names are split.

Terms are written in the order of their trees; nothing is reordered and nothing is worked out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from engine.notation.primitives import ATOM, FACTOR, PREFIX, PRODUCT, SUM, Notation, Written
from engine.terms import (
    SCALAR,
    TWO,
    Add,
    Apply,
    ArgMin,
    At,
    Call,
    Covariance,
    Derivative,
    Determinant,
    Diagonal,
    DiagonalOf,
    Differential,
    Each,
    Entry,
    Expectation,
    Explicit,
    Hadamard,
    HadamardPower,
    Identity,
    Infinity,
    Iterate,
    Kronecker,
    Limit,
    Multiply,
    Number,
    Ones,
    Pi,
    Power,
    Size,
    SquaredNorm,
    Summation,
    Symbol,
    Term,
    Trace,
    Transpose,
    Unit,
    Variance,
    Vec,
    Zero,
    hadamard,
    hadamard_power,
    runs,
)


@dataclass(frozen=True)
class Quotient:
    """A product as people write it: a sign, what is above the line, what is below, and a trailing sum."""

    negative: bool
    above: tuple[Term, ...]
    below: tuple[Term, ...]
    trailing: Term | None = None  # Σ, lim …: written behind the fraction


def quotient(factors: tuple[Term, ...]) -> Quotient:
    """Factors with negative exponents below the line, numbers split into numerator and denominator."""
    above: list[Term] = []
    below: list[Term] = []
    negative = False
    for place, factor in enumerate(factors):
        if isinstance(factor, Number) and place == 0:
            negative = factor.value < 0
            value = abs(factor.value)
            if value.numerator != 1:
                above.append(Number(Fraction(value.numerator)))
            if value.denominator != 1:
                below.append(Number(Fraction(value.denominator)))
        elif (turned := reciprocal(factor)) is not None:
            below.append(turned)
        else:
            above.append(factor)
    trailing = above.pop() if above and isinstance(above[-1], PREFIXED) and (len(above) > 1 or below) else None
    return Quotient(negative, tuple(above), tuple(below), trailing)


PREFIXED = (Summation, Limit, ArgMin)


def reciprocal(factor: Term) -> Term | None:
    """x for a scalar x⁻¹, xᵃ for x⁻ᵃ with a number a."""
    if not (isinstance(factor, Power) and factor.is_scalar and isinstance(factor.exponent, Number)):
        return None
    exponent = factor.exponent.value
    if exponent >= 0:
        return None
    return factor.base if exponent == -1 else Power(factor.base, Number(-exponent))


class TermWriter(Notation):
    """Writes terms on the primitives of a notation."""

    def write(self, term: Term) -> Written:
        return _WRITERS[type(term)](self, term)

    def at(self, term: Term, level: int) -> str:
        """The term, in parentheses where it holds together less tightly than `level`."""
        written = self.write(term)
        return written.text if written.level >= level else self.parenthesised(written.text)

    def symbol(self, symbol: Symbol) -> str:
        """A symbol by its name; a notation may set vectors apart."""
        return self.name(symbol.name)

    def over(self, symbols: tuple[Symbol, ...]) -> str:
        return ", ".join(self.name(symbol.name) for symbol in symbols)

    def size(self, size: Size) -> str:
        return str(size) if isinstance(size, int) else self.write(size).text

    def _sum(self, term: Add) -> Written:
        text = self.at(term.terms[0], PREFIX) if not _is_negative(term.terms[0]) else self.write(term.terms[0]).text
        for part in term.terms[1:]:
            if _is_negative(part):
                text += f" {self.minus} " + self.at(_negated(part), PREFIX)
            else:
                text += " + " + self.at(part, PREFIX)
        return Written(text, SUM)

    def _product(self, term: Multiply) -> Written:
        parts = quotient(term.factors)
        text = self._above_and_below(parts)
        if parts.trailing is not None:
            behind = self.write(parts.trailing).text
            text = behind if text == "1" else self.with_trailing(text, behind, bool(parts.below))
        level = PREFIX if parts.trailing is not None else PRODUCT
        return Written(self.minus + text, SUM) if parts.negative else Written(text, level)

    def with_trailing(self, front: str, behind: str, is_fraction: bool) -> str:
        return f"{front} {behind}"

    def _above_and_below(self, parts: Quotient) -> str:
        if not parts.below:
            return self._beside(parts.above) if parts.above else "1"
        above = self._side(parts.above) if parts.above else "1"
        return self.fraction(above, self.below_line(parts.below)).text

    def _side(self, factors: tuple[Term, ...]) -> str:
        return self.alone_above(factors[0]) if len(factors) == 1 else self._beside(factors)

    def _beside(self, factors: tuple[Term, ...]) -> str:
        """Factors side by side; a chain that is a scalar, as uᵀv, in parentheses before another chain or matrix."""
        groups = runs(factors)
        written: list[str] = []
        for place, run in enumerate(groups):
            texts = [self.at(factor, FACTOR) for factor in run]
            before_matrices = any(len(other) > 1 or not other[0].is_scalar for other in groups[place + 1 :])
            apart = len(run) > 1 and before_matrices and (run[0].rows, run[-1].cols) == SCALAR
            written.extend([self.parenthesised(self.joined(texts))] if apart else texts)
        return self.joined(written)

    def alone_above(self, factor: Term) -> str:
        return self.at(factor, FACTOR)

    def below_line(self, factors: tuple[Term, ...]) -> str:
        return self._side(factors)

    def _power(self, term: Power) -> Written:
        turned = reciprocal(term)
        if turned is not None:
            return Written(self.fraction("1", self.below_line((turned,))).text, PRODUCT)
        if isinstance(term.exponent, Number) and isinstance(term.base, SquaredNorm):
            doubled = term.exponent.value * 2
            if doubled > 0 and doubled.denominator == 1:
                bars = self.norm(self.write(term.base.inner).text)
                return Written(bars, ATOM) if doubled == 1 else Written(self.raised(bars, Number(doubled)), FACTOR)
        if isinstance(term.exponent, Number) and term.exponent.value == Fraction(1, 2):
            return self.root(term.base)
        base = self.write(term.base)
        tight = base.level >= ATOM and not isinstance(term.base, (SquaredNorm, Number, Derivative, Differential))
        whole = isinstance(term.base, Number) and term.base.value.denominator == 1 and term.base.value >= 0
        shown = base.text if tight or whole else self.parenthesised(base.text)
        return Written(self.raised(shown, term.exponent), FACTOR)

    def _transpose(self, term: Transpose) -> Written:
        tight = isinstance(term.inner, (Symbol, Call, Unit, Vec, Apply, Diagonal, DiagonalOf))
        inner = self.write(term.inner).text
        return Written(self.transposed(inner if tight else self.parenthesised(inner)), FACTOR)

    def _apply(self, term: Apply) -> Written:
        inner = ", ".join(self.write(argument).text for argument in term.arguments)
        if term.function == "abs":
            return Written(self.absolute(inner), ATOM)
        return Written(self.applied(term.function, inner), ATOM)

    def _explicit(self, term: Explicit) -> Written:
        written = [self.write(entry).text for entry in term.entries]
        width = term.width
        return Written(self.rows([written[k : k + width] for k in range(0, len(written), width)]), ATOM)

    def _entry(self, term: Entry) -> Written:
        below = [self.write(index).text for index in term.indices]
        separator = "" if all(len(part) == 1 for part in below) else ","
        return Written(self.subscript(self.at(term.base, ATOM), separator.join(below)), ATOM)

    def _summation(self, term: Summation) -> Written:
        sign = self.sum_sign(self.write(term.index).text, self.write(term.length).text)
        return Written(f"{sign} {self.at(term.body, PREFIX)}", PREFIX)

    def _each(self, term: Each) -> Written:
        """The entry in brackets, with its index."""
        return Written(self.subscript(f"[{self.write(term.body).text}]", self.write(term.index).text), ATOM)

    def _hadamard(self, term: Hadamard) -> Written:
        """a ⊙ b, and a ⊘ b for reciprocals behind."""
        above = [factor for factor in term.factors if not _is_hadamard_reciprocal(factor)]
        below = [factor for factor in term.factors if _is_hadamard_reciprocal(factor)]
        text = f" {self.hadamard_sign} ".join(self.at(factor, PRODUCT) for factor in above) or self.ones
        if below:
            turned = [_hadamard_reciprocal(factor) for factor in below]
            under = hadamard(*turned)
            text += f" {self.hadamard_quotient_sign} {self.at(under, PRODUCT)}"
        return Written(text, PREFIX)

    def _hadamard_power(self, term: HadamardPower) -> Written:
        if _is_hadamard_reciprocal(term):
            text = f"{self.ones} {self.hadamard_quotient_sign} {self.at(_hadamard_reciprocal(term), PRODUCT)}"
            return Written(text, PREFIX)
        return Written(self.raised_entrywise(self.at(term.base, ATOM), term.exponent), FACTOR)

    def _ones(self, term: Ones) -> Written:
        if term.cols == 1:
            return Written(self.ones, ATOM)
        turned = self.transposed(self.ones)
        return Written(turned, FACTOR) if term.rows == 1 else Written(self.ones + turned, FACTOR)

    def _kronecker(self, term: Kronecker) -> Written:
        parts = [self.at(part, PRODUCT) for part in (term.left, term.right)]
        return Written(f" {self.kronecker_sign} ".join(parts), PREFIX)

    def _unit(self, term: Unit) -> Written:
        return Written(self.subscript("e", self.write(term.place).text), ATOM)

    def _iterate(self, term: Iterate) -> Written:
        """(v ↦ ρv + c)ᵗ(v₀)."""
        step = self.parenthesised(f"{self.symbol(term.state)} {self.maps_to} {self.write(term.body).text}")
        return Written(self.raised(step, term.steps) + self.parenthesised(self.write(term.start).text), ATOM)

    def _call(self, term: Call) -> Written:
        name = self.name(term.definition.name)
        if not term.arguments:
            return Written(name, ATOM)
        arguments = [self.write(argument).text for argument in term.arguments]
        if term.definition.indexed:
            separator = "" if all(len(part) == 1 for part in arguments) else ","
            return Written(self.subscript(name, separator.join(arguments)), ATOM)
        return Written(name + self.parenthesised(", ".join(arguments)), ATOM)

    def _at(self, term: At) -> Written:
        values = [f"{self.name(term.symbol.name)} = {self.write(term.value).text}"]
        body = term.body
        while isinstance(body, At) and isinstance(body.value, Number):
            values.insert(0, f"{self.name(body.symbol.name)} = {self.write(body.value).text}")
            body = body.body
        return Written(self.at_values(self.write(body).text, ", ".join(values)), ATOM)

    def _derivative(self, term: Derivative) -> Written:
        order, body, variable = 1, term.body, term.variable
        while isinstance(body, Derivative) and body.variable == variable:
            order, body = order + 1, body.body
        if variable.is_scalar:
            return self.rate(order, self.at(body, ATOM), self.name(variable.name))
        if isinstance(body, Call) and not body.is_scalar:  # a Jacobian: of ∇f, many expect the transpose
            return self.rate(order, self.at(body, ATOM), self.name(variable.name), partial=True)
        plain_call = isinstance(body, Call) and body.arguments == (variable,)
        subscript = "" if plain_call else self.name(variable.name)
        shown = self.write(body).text if plain_call else self.parenthesised(self.write(body).text)
        return Written(self.nabla(order, subscript, shown), FACTOR)

    def _differential(self, term: Differential) -> Written:
        inner = self.write(term.body).text
        return Written("d" + (inner if isinstance(term.body, Symbol) else self.parenthesised(inner)), FACTOR)

    def _prefixed(self, sign: str, body: Term) -> Written:
        return Written(f"{sign} {self.at(body, PREFIX)}", PREFIX)


def _is_negative(term: Term) -> bool:
    first = term.factors[0] if isinstance(term, Multiply) else term
    return isinstance(first, Number) and first.value < 0


def _negated(term: Term) -> Term:
    if isinstance(term, Number):
        return Number(-term.value)
    assert isinstance(term, Multiply) and isinstance(term.factors[0], Number)
    number = -term.factors[0].value
    rest = term.factors[1:]
    if number == 1:
        return rest[0] if len(rest) == 1 else Multiply(rest)
    return Multiply((Number(number), *rest))


def _is_hadamard_reciprocal(term: Term) -> bool:
    return isinstance(term, HadamardPower) and isinstance(term.exponent, Number) and term.exponent.value < 0


def _hadamard_reciprocal(term: Term) -> Term:
    assert isinstance(term, HadamardPower) and isinstance(term.exponent, Number)
    return hadamard_power(term.base, Number(-term.exponent.value))


_WRITERS: dict[type[Term], Callable[[TermWriter, Any], Written]] = {
    Number: lambda w, t: w.number(t.value),
    Infinity: lambda w, t: Written(w.infinity, ATOM),
    Pi: lambda w, t: Written(w.pi, ATOM),
    Explicit: TermWriter._explicit,
    Symbol: lambda w, t: Written(w.symbol(t), ATOM),
    Identity: lambda w, t: Written(w.identity, ATOM),
    Zero: lambda w, t: Written("0", ATOM),
    Ones: TermWriter._ones,
    Unit: TermWriter._unit,
    Hadamard: TermWriter._hadamard,
    Kronecker: TermWriter._kronecker,
    Vec: lambda w, t: Written(w.applied("vec", w.write(t.inner).text), ATOM),
    HadamardPower: TermWriter._hadamard_power,
    Diagonal: lambda w, t: Written(w.applied("diag", w.write(t.inner).text), ATOM),
    DiagonalOf: lambda w, t: Written(w.applied("diag", w.write(t.inner).text), ATOM),
    Add: TermWriter._sum,
    Multiply: TermWriter._product,
    Power: TermWriter._power,
    Transpose: TermWriter._transpose,
    Trace: lambda w, t: Written(w.applied("tr", w.write(t.inner).text), ATOM),
    Determinant: lambda w, t: Written(w.applied("det", w.write(t.inner).text), ATOM),
    SquaredNorm: lambda w, t: Written(w.raised(w.norm(w.write(t.inner).text), TWO), ATOM),
    Apply: TermWriter._apply,
    Entry: TermWriter._entry,
    Summation: TermWriter._summation,
    Each: TermWriter._each,
    Iterate: TermWriter._iterate,
    Call: TermWriter._call,
    At: TermWriter._at,
    Derivative: TermWriter._derivative,
    Differential: TermWriter._differential,
    Expectation: lambda w, t: Written(w.expected(w.write(t.body).text, w.over(t.over)), ATOM),
    Variance: lambda w, t: Written(w.spread("Var", w.write(t.body).text, w.over(t.over)), ATOM),
    Covariance: lambda w, t: Written(
        w.spread("Cov", f"{w.write(t.left).text}, {w.write(t.right).text}", w.over(t.over)), ATOM
    ),
    Limit: lambda w, t: w._prefixed(w.limit_sign(w.name(t.variable.name), w.write(t.target).text), t.body),
    ArgMin: lambda w, t: w._prefixed(w.argmin_sign(w.name(t.variable.name)), t.body),
}
