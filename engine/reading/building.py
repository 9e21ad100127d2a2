"""Terms from what was read: products, sums and powers, in which the size of an identity is found from its place.

Each raises ShapeError where the parts do not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count

from engine.terms import (
    HALF,
    MINUS_ONE,
    ONE,
    SCALAR,
    ZERO,
    Apply,
    Call,
    Definition,
    Entry,
    Hadamard,
    HadamardPower,
    Identity,
    Ones,
    Shape,
    ShapeError,
    Size,
    Summation,
    Symbol,
    Term,
    Unit,
    absolute,
    add,
    add_entrywise,
    diagonal,
    diagonal_of,
    exp,
    fresh_indices,
    hadamard,
    hadamard_power,
    log,
    multiply,
    norm2,
    ones,
    power,
    scaled,
    show_shape,
    sqrt,
    substitute,
    term,
    transpose,
    vec,
    zero,
)
from engine.terms.indices import with_indices_apart
from engine.terms.standard import softmax_of

EULER = exp(ONE)
_OPEN = "?"
_numbers = count()


def open_identity() -> Term:
    """An identity whose size its place will tell."""
    return Identity(Symbol(f"{_OPEN}{next(_numbers)}"))


def open_ones() -> Term:
    """A column of ones whose length its place will tell."""
    return Ones(Symbol(f"{_OPEN}{next(_numbers)}"))


def open_unit(place: Term) -> Term:
    """A column that is 1 at a place and 0 elsewhere, whose length its own place will tell."""
    return Unit(place, Symbol(f"{_OPEN}{next(_numbers)}"))


def is_open(size: Size) -> bool:
    return isinstance(size, Symbol) and size.name.startswith(_OPEN)


def open_letters(value: Term) -> list[str]:
    """Which of I, 𝟏 and e_k stand in a term with a size that is not known."""
    letters = {Identity: "I", Ones: "𝟏", Unit: "e"}
    return list(
        dict.fromkeys(
            letters[type(node)] for node in value.walk() if any(map(is_open, node.shape)) and type(node) in letters
        )
    )


def _settled(value: Term, open_size: Size, size: Size) -> Term:
    return substitute(value, {open_size: term(size)}) if isinstance(open_size, Symbol) else value


def fitted(value: Term, shape: Shape) -> Term:
    """The term, where its open sizes are those of a shape; a number 0 is the zero of any shape."""
    if value == ZERO and shape != SCALAR:
        return zero(shape)
    for mine, wanted in ((value.shape[0], shape[0]), (value.shape[1], shape[1])):
        if is_open(mine):
            value = _settled(value, mine, wanted)
    return value


def sum_of(parts: list[Term]) -> Term:
    """The sum. A number beside a function at each entry, as in 1 + exp(v), stands for all entries."""
    if any(part.is_scalar for part in parts) and any(_is_entrywise(part) for part in parts):
        return add_entrywise(*parts)
    known = next((part.shape for part in parts if not is_open(part.rows) and not is_open(part.cols)), parts[0].shape)
    if any(is_open(part.rows) or is_open(part.cols) for part in parts):
        parts = [fitted(part, known) if is_open(part.rows) or is_open(part.cols) else part for part in parts]
    return add(*parts)


def hadamard_of(left: Term, right: Term) -> Term:
    """left ⊙ right, with a number times each entry. Raises ShapeError."""
    if left.is_scalar or right.is_scalar:
        return multiply(left, right)
    return hadamard(fitted(left, right.shape), fitted(right, left.shape))


def _is_entrywise(part: Term) -> bool:
    return isinstance(scaled(part)[1], (Apply, Hadamard, HadamardPower)) and not part.is_scalar


def product_of(factors: list[Term]) -> Term:
    if len(factors) == 1:
        return factors[0]
    if any(is_open(factor.rows) or is_open(factor.cols) for factor in factors):
        factors = _fitted_chain(factors)
    return multiply(*factors)


def _fitted_chain(factors: list[Term]) -> list[Term]:
    fitting, chain = list(factors), list[int]()
    for place in range(len(fitting)):
        factor = fitting[place]
        if factor.is_scalar:
            continue
        if chain:
            before = fitting[chain[-1]]
            if is_open(factor.rows):
                fitting[place] = factor = _settled(factor, factor.rows, before.cols)
            elif is_open(before.cols):
                fitting[chain[-1]] = _settled(before, before.cols, factor.rows)
        chain.append(place)
        if (fitting[chain[0]].rows, factor.cols) == SCALAR:
            chain = []
    return fitting


def without_names(value: Term, definitions: Iterable[Definition]) -> Term:
    """A term with what some names stand for in their place."""
    known = frozenset(definitions)
    if not known:
        return value

    def opened(node: Term) -> Term:
        node = node.map(opened)
        return opened(node.unfolded) if isinstance(node, Call) and node.definition in known else node

    return opened(value)


def raised(base: Term, exponent: Term) -> Term:
    return exp(exponent) if base == EULER else power(base, exponent)


def reciprocal(value: Term) -> Term:
    return power(value, MINUS_ONE)


def norm_squared(inner: Term) -> Term:
    return norm2(inner)


def norm(inner: Term) -> Term:
    return absolute(inner) if inner.is_scalar else sqrt(norm2(inner))


def sum_of_absolutes(vector: Term) -> Term:
    """‖v‖₁ of a vector."""
    (index,) = fresh_indices(1, vector)
    return (
        absolute(vector) if vector.is_scalar else Summation(absolute(Entry(vector, (index,))), index, term(vector.rows))
    )


def inner_product(left: Term, right: Term) -> Term:
    return multiply(transpose(left), right)


def matrix_product(left: Term, right: Term) -> Term:
    """The product of arrays, where a column is neither standing nor lying: x @ y is xᵀy, x @ A is Aᵀx."""
    if left.cols == 1 and not left.is_scalar and not right.is_scalar and left.rows == right.rows:
        return inner_product(left, right) if right.cols == 1 else inner_product(right, left)
    return product_of([left, right])


def shifted_sum(body: Term, index: Symbol, first: Term, last: Term) -> Term:
    """Σ from `first` to `last`, as a sum from 1; a sum within it that was given the same index has another."""
    body = with_indices_apart(body, (index,))
    if first == ONE:
        return Summation(body, index, last)
    moved = substitute(body, {index: add(index, first, MINUS_ONE)})
    return Summation(moved, index, add(last, ONE, multiply(MINUS_ONE, first)))


def kronecker_delta(left: Term, right: Term) -> Term:
    """1 where two indices are the same, else 0."""
    if not left.is_scalar or not right.is_scalar:
        raise ShapeError("two indices are compared with one another")
    return add(ONE, multiply(MINUS_ONE, absolute(Apply("sign", (add(left, multiply(MINUS_ONE, right)),)))))


def total_of(array: Term) -> Term:
    """The sum of all entries: 1ᵀv, 1ᵀA1."""
    row, column = ones(1, array.rows), ones(array.cols)
    return multiply(row, array) if array.cols == 1 else multiply(row, array, column)


def _log_sum_exp(column: Term) -> Term:
    if column.cols != 1:
        raise ShapeError(f"logsumexp takes a column, not {show_shape(column.shape)}")
    return log(total_of(exp(column)))


def _diagonal(inner: Term) -> Term:
    """The matrix of a column, the column of a matrix."""
    if inner.is_scalar:
        raise ShapeError(f"diag takes a column or a matrix, and {inner} is a number")
    return diagonal(inner) if inner.cols == 1 else diagonal_of(inner)


def _mean(array: Term) -> Term:
    """The mean of all entries."""
    if array.is_scalar:
        raise ShapeError(f"mean takes a column or matrix, and {array} is a number")
    return multiply(total_of(array), reciprocal(multiply(term(array.rows), term(array.cols))))


def mean(rows: Term) -> Term:
    """The mean of the rows of a matrix, as a column; of the entries of a column."""
    if rows.cols == 1:
        return _mean(rows)
    return multiply(reciprocal(term(rows.rows)), transpose(rows), ones(rows.rows))


_OF_ARRAYS: dict[str, Callable[[Term], Term]] = {
    "softmax": softmax_of,
    "logsumexp": _log_sum_exp,
    "lse": _log_sum_exp,
    "diag": _diagonal,
    "mean": _mean,
    "vec": vec,
}


def applied(name: str, *arguments: Term) -> Term:
    """A standard function, at each entry of a vector or matrix; those that the engine has not, as what they are."""
    first = arguments[0]
    if name in _OF_ARRAYS:
        return _OF_ARRAYS[name](first)
    match name:
        case "sqrt":
            return hadamard_power(first, HALF)
        case "cot":
            return hadamard_power(Apply("tan", arguments), MINUS_ONE)
        case "sec" | "csc" | "sech" | "csch" | "coth":
            inner = {"sec": "cos", "csc": "sin", "sech": "cosh", "csch": "sinh", "coth": "tanh"}[name]
            return hadamard_power(Apply(inner, arguments), MINUS_ONE)
        case "log2" | "log10":
            return multiply(Apply("log", arguments), reciprocal(log(int(name[3:]))))
        case "relu":
            return Apply("max", (ZERO, first))
        case "silu" | "swish":
            return hadamard(first, Apply("sigmoid", arguments))
        case "erfc":
            return add_entrywise(ONE, multiply(MINUS_ONE, Apply("erf", arguments)))
    return Apply(name, arguments)
