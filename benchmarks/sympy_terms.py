"""Terms as SymPy has them, and SymPy's expressions as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.terms import (
    Add,
    Apply,
    Determinant,
    Diagonal,
    DiagonalOf,
    Entry,
    Explicit,
    Hadamard,
    HadamardPower,
    Identity,
    Multiply,
    Number,
    Ones,
    Pi,
    Power,
    SquaredNorm,
    Summation,
    Symbol,
    Term,
    Trace,
    Transpose,
)
from engine.terms.declarations import POSITIVE_INTEGER, Declaration


def as_sympy(term: Term, declarations: Iterable[Declaration]) -> Any:
    """A term as a SymPy expression, with what SymPy can be told of its symbols. Raises KeyError for what it has not."""
    import sympy

    def of(inner: Term) -> Any:
        return as_sympy(inner, declarations)

    match term:
        case Number():
            return sympy.Rational(term.value.numerator, term.value.denominator)
        case Pi():
            return sympy.pi
        case Symbol() if term.is_scalar:
            domain = next((d.domain for d in declarations if d.symbol == term), POSITIVE_INTEGER)  # an index
            return sympy.Symbol(
                term.name, real=True, positive=domain.lower is not None or None, integer=domain.whole or None
            )
        case Symbol():
            return sympy.MatrixSymbol(term.name, *(of(s) if isinstance(s, Symbol) else s for s in term.shape))
        case Identity():
            return sympy.Identity(of(term.size) if isinstance(term.size, Symbol) else term.size)
        case Add():
            return sum((of(part) for part in term.terms[1:]), of(term.terms[0]))
        case Multiply():
            product = of(term.factors[0])
            for factor in term.factors[1:]:
                product = product * of(factor)
            return product
        case Power():
            return of(term.base) ** of(term.exponent)
        case Transpose():
            return of(term.inner).T
        case Trace():
            return sympy.trace(of(term.inner))
        case Determinant():
            return sympy.Determinant(of(term.inner))
        case SquaredNorm():
            inner = of(term.inner)
            return sympy.trace(inner.T * inner)
        case Explicit():
            return sympy.Matrix(term.height, term.width, [of(entry) for entry in term.entries])
        case Ones():
            return sympy.OneMatrix(*(of(s) if isinstance(s, Symbol) else s for s in term.shape))
        case Hadamard():
            return sympy.HadamardProduct(*(of(factor) for factor in term.factors))
        case HadamardPower():
            return sympy.HadamardPower(of(term.base), of(term.exponent))
        case Diagonal():
            return sympy.DiagMatrix(of(term.inner))
        case DiagonalOf():
            return sympy.DiagonalOf(of(term.inner))
        case Entry():
            row, *column = (of(index) - 1 for index in term.indices)
            return of(term.base)[row, column[0] if column else 0]
        case Summation():
            return sympy.Sum(of(term.body), (of(term.index), 1, of(term.length)))
        case Apply() if not term.is_scalar and len(term.arguments) == 1:
            return of(term.argument).applyfunc(_function(term.function))
        case Apply():
            return _function(term.function)(*(of(argument) for argument in term.arguments))
    raise KeyError(type(term).__name__)


def _function(name: str) -> Any:
    import sympy

    composed = {
        "sigmoid": lambda u: 1 / (1 + sympy.exp(-u)),
        "softplus": lambda u: sympy.log(1 + sympy.exp(u)),
        "max": sympy.Max,
        "min": sympy.Min,
        "abs": sympy.Abs,
    }
    if name in ("sigmoid", "softplus"):
        u = sympy.Symbol("u", real=True)
        return sympy.Lambda(u, composed[name](u))
    return composed.get(name) or getattr(sympy, name)


def numbers(expression: Any, declarations: Iterable[Declaration], values: Mapping[Symbol, Any]) -> Any:
    """A SymPy expression in floating point, at values of its symbols (floats, and arrays of two dimensions)."""
    import sympy

    scalars = {as_sympy(symbol, declarations): value for symbol, value in values.items() if symbol.is_scalar}
    arrays = {as_sympy(symbol, declarations): value for symbol, value in values.items() if not symbol.is_scalar}
    try:
        function = sympy.lambdify([*scalars, *arrays], expression, "numpy")
        return function(*scalars.values(), *arrays.values())
    except Exception:  # what its printer cannot write is put in by hand
        sizes = {symbol: value for symbol, value in scalars.items() if isinstance(value, int)}
        explicit = {symbol.subs(sizes): sympy.ImmutableMatrix(value) for symbol, value in arrays.items()}
        found = expression.subs(sizes).subs(explicit).subs(scalars).doit()
        return found.as_explicit() if hasattr(found, "as_explicit") else found
