"""Functions with their arguments: one table from name to what it makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from engine.reading.brackets import argument, bracketed, root_behind
from engine.reading.building import (
    applied,
    fitted,
    hadamard_of,
    matrix_product,
    norm,
    open_ones,
    product_of,
    sum_of,
    total_of,
)
from engine.reading.errors import Unreadable
from engine.reading.parser import LONGEST_SUM, Parser
from engine.reading.scripts import exponent_of, to_the_power
from engine.reading.words import is_function
from engine.terms import (
    MINUS_ONE,
    ONE,
    TWO,
    ZERO,
    Identity,
    Number,
    Shape,
    ShapeError,
    Size,
    Symbol,
    Term,
    determinant,
    hadamard_power,
    kronecker,
    log,
    multiply,
    negate,
    ones,
    power,
    trace,
    transpose,
)


class Takes(NamedTuple):
    """How many arguments a function takes, and the term that it makes of them."""

    counts: tuple[int, ...]
    of: Callable[..., Term]


def _inverse(matrix: Term, right: Term = ONE) -> Term:
    return product_of([power(matrix, MINUS_ONE), right])


def _crossed(left: Term, right: Term | None = None) -> Term:
    return multiply(transpose(left), left if right is None else right)


def _entries(value: Term) -> Term:
    """The ones or zeros of matrixcalculus' vector(1) and vector(0)."""
    if value == ONE:
        return open_ones()
    if value != ZERO:
        raise ShapeError("vector(1) and vector(0) are known here")
    return ZERO


def _made_of(rows: Term) -> Term:
    return rows


_TABLE: dict[str, Takes] = {
    **dict.fromkeys(("tr", "Tr", "trace"), Takes((1,), trace)),
    "det": Takes((1,), determinant),
    "logdet": Takes((1,), lambda matrix: log(determinant(matrix))),
    **dict.fromkeys(("inv", "inverse", "solve"), Takes((1, 2), _inverse)),
    "transpose": Takes((1,), transpose),
    "norm": Takes((1,), norm),
    "kron": Takes((2,), kronecker),
    "dot": Takes((2,), matrix_product),
    "matmul": Takes((2,), matrix_product),
    "outer": Takes((2,), lambda left, right: multiply(left, transpose(right))),
    "crossprod": Takes((1, 2), _crossed),
    "tcrossprod": Takes((1, 2), lambda left, right=None: multiply(left, transpose(left if right is None else right))),
    "square": Takes((1,), lambda array: hadamard_power(array, TWO)),
    "power": Takes((2,), hadamard_power),
    "multiply": Takes((2,), hadamard_of),
    "divide": Takes((2,), lambda left, right: hadamard_of(left, hadamard_power(right, MINUS_ONE))),
    "add": Takes((2,), lambda left, right: sum_of([left, right])),
    "subtract": Takes((2,), lambda left, right: sum_of([left, negate(right)])),
    "total": Takes((1,), total_of),
    "sum": Takes((1,), total_of),
    "vector": Takes((1,), _entries),
    "matrix": Takes((1,), _made_of),
    "binomial": Takes((2,), lambda above, below: applied("binomial", above, below)),
    **{name: Takes((1, 2, 3, 4), lambda *parts, name=name: applied(name, *parts)) for name in ("max", "min")},
}
_OF_SIZES = frozenset(("ones", "eye", "zeros"))
_OF_A_MATRIX = frozenset(("exp", "log", "sin", "cos", "sinh", "cosh", "tanh"))
METHODS = frozenset((*_TABLE, "diag", "mean", "exp", "log", "sqrt", "abs", "sigmoid", "relu", "softmax", "tanh"))


def function(p: Parser, name: str, start: int) -> Term:
    """The function whose name has been taken, with a power between it and its arguments, or none."""
    if name == "sqrt":
        return root_behind(p, start)
    exponent: Term | None = None
    base: Term | None = None
    while p.kind in ("^", "_"):
        sign = p.take()
        if sign.kind == "^":
            exponent = exponent_of(p, sign)
        elif name == "log":
            base = argument(p)
        else:
            raise Unreadable(f"{name} takes no subscript", sign.start, p.now.end)
    if exponent == MINUS_ONE:
        hint = f"write arc{name} or 1/{name}" if name in ("sin", "cos", "tan") else f"write 1/{name}"
        raise Unreadable(f"{name}^-1 may be an inverse or 1/{name}", p.tokens[start].start, p.now.start, hint)
    value = apply(p, name, _arguments(p, name), start)
    if base is not None:
        value = product_of([value, p.reciprocal(apply(p, "log", [base], start), start)])
    return value if exponent is None else to_the_power(p, value, exponent, start)


def _arguments(p: Parser, name: str) -> list[Term]:
    if p.kind == "." and p.ahead().kind == "(":  # Julia's exp.(x)
        p.take()
    if p.taken("("):
        return p.listed(")")
    if p.kind == "[" and p.ahead().kind != "[":  # Mathematica's Exp[x]
        p.take()
        return p.listed("]")
    if p.kind in ("{", "["):
        return [bracketed(p)]
    if p.kind not in p.grammar.prefixes or p.kind in ("+", "-"):
        raise Unreadable(f"what {name} is taken of is missing", p.now.start, p.now.end)
    start = p.place
    factors = [p.factor()]
    while p.begins_factor() and not _is_function_next(p):
        factors.append(p.factor())
    return [p.multiplied(factors, start)]


def _is_function_next(p: Parser) -> bool:
    text = p.now.text
    return p.kind in ("sum", "sqrt") or (p.kind == "name" and is_function(text) and p.meant(text) is None)


def apply(p: Parser, name: str, arguments: list[Term], start: int) -> Term:
    """A function of arguments that have been read."""
    if name in _OF_SIZES:
        return _of_sizes(p, name, [as_size(p, size, name, start) for size in arguments], start)
    taken = _TABLE.get(name, Takes((1,), lambda argument: applied(name, argument)))
    if len(arguments) not in taken.counts:
        wanted = " or ".join(map(str, taken.counts))
        told = f"{name} takes {wanted} argument{'s' * (wanted != '1')}"
        raise Unreadable(told, p.tokens[start].start, p.tokens[p.place - 1].end)
    first = arguments[0]
    if first.rows == first.cols != 1 and name in _OF_A_MATRIX:
        p.note(f"{name}({first}) is taken at each entry, not as a function of the matrix")
    if name == "diag" and first.rows == first.cols != 1:
        p.diagonals = True
        if p.manner.second:
            p.note(f"diag({first}) is read as the matrix that has the diagonal of {first}, and 0 elsewhere")
            first = arguments[0] = applied("diag", first)
    with p.fitting(start):
        try:
            return taken.of(*arguments)
        except ZeroDivisionError:
            raise Unreadable("a division by zero", p.tokens[start].start, p.now.start) from None


def _of_sizes(p: Parser, name: str, sizes: list[Size], start: int) -> Term:
    """eye(n), ones(n), zeros(n, d)."""
    if len(sizes) > 2 or (name == "eye" and len(set(sizes)) > 1):
        raise p.ill_typed(f"{name} of these sizes is not known here", start)
    if name == "eye":
        return Identity(sizes[0]) if sizes[0] != 1 else ONE
    shape: Shape = (sizes[0], sizes[1] if len(sizes) > 1 else 1)
    return ones(*shape) if name == "ones" else fitted(ZERO, shape)


def as_size(p: Parser, size: Term | None, what: str, start: int) -> Size:
    """A term as a size. Raises IllTyped where it is none."""
    if isinstance(size, Symbol) and size in p.names.declarations and p.names.declarations[size].domain.whole:
        return size
    if isinstance(size, Number) and size.value.denominator == 1 and 1 <= size.value <= LONGEST_SUM:
        return int(size.value)
    raise p.ill_typed(f"the size of {what} is a whole number", start)
