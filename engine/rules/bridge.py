"""The bridge to SymPy's scalar algebra: what is no scalar arithmetic travels as an opaque symbol."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from engine.kernel import NotApplicable
from engine.rules.scope import Scope
from engine.rules.tidy import sum_key, tidy, turned_one_way
from engine.terms import Add, Multiply, Number, Power, Term, add, multiply, runs

SympyExpression = Any  # SymPy ships no types


class Bridge:
    """One conversation with SymPy: the same sub-term is the same symbol, however it is spelled there."""

    def __init__(self, scope: Scope, is_positive: Callable[[Term, Scope], bool]) -> None:
        """SymPy hears of an opaque symbol whether it is known to be positive."""
        import sympy

        self.sympy = sympy
        self.scope, self.is_positive = scope, is_positive
        self.symbols: dict[Term, Any] = {}
        self.terms: dict[Any, Term] = {}

    def symbol(self, term: Term) -> Any:
        if term not in self.symbols:
            known = {"positive": True} if self.is_positive(term, self.scope) else {"real": True}
            symbol = self.sympy.Symbol(f"s{len(self.symbols):03d}", **known)
            self.symbols[term] = symbol
            self.terms[symbol] = term
        return self.symbols[term]

    def to_sympy(self, term: Term) -> SympyExpression:
        match term:
            case Number():
                return self.sympy.Rational(term.value.numerator, term.value.denominator)
            case Add():
                return self.sympy.Add(*(self.to_sympy(part) for part in term.terms))
            case Multiply():
                parts = [multiply(*turned_one_way(run, self.scope)) for run in runs(term.factors)]
                return self.sympy.Mul(*(self.symbol(p) if isinstance(p, Multiply) else self.to_sympy(p) for p in parts))
            case Power():
                return self.sympy.Pow(self.to_sympy(term.base), self.to_sympy(term.exponent))
        return self.symbol(term)

    def from_sympy(self, expression: SympyExpression) -> Term:
        """The term, in the order of the premises. Raises NotApplicable for what is no plain arithmetic."""
        if expression in self.terms:
            return self.terms[expression]
        if expression.is_Rational:
            return Number(Fraction(int(expression.p), int(expression.q)))
        parts = [self.from_sympy(argument) for argument in expression.args]
        if expression.is_Add:
            return add(*sorted(parts, key=lambda part: sum_key(part, self.scope)))
        if expression.is_Mul:
            return multiply(*parts)
        if expression.is_Pow:
            return parts[0] ** parts[1]
        raise NotApplicable(f"the result {expression} is not plain arithmetic")

    def through(self, term: Term, function: Callable[[Any, Any], Any]) -> Term:
        """What a SymPy function (given the module and the expression) makes of a scalar term."""
        return tidy(self.from_sympy(function(self.sympy, self.to_sympy(term))), self.scope)
