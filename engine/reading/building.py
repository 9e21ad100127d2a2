"""Terms from what was read: products, sums and powers, in which the size of an identity is found from its place.

Each raises ShapeError where the parts do not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count

from engine.terms import (
    MINUS_ONE,
    ONE,
    SCALAR,
    ZERO,
    Add,
    Apply,
    Each,
    Entry,
    Identity,
    Multiply,
    Shape,
    ShapeError,
    Size,
    Summation,
    Symbol,
    Term,
    absolute,
    add,
    each,
    exp,
    log,
    multiply,
    norm2,
    power,
    show_shape,
    sqrt,
    substitute,
    term,
    transpose,
    zero,
)

EULER = exp(ONE)
_OPEN = "?"
_numbers = count()


def open_identity() -> Term:
    """An identity whose size its place will tell."""
    return Identity(Symbol(f"{_OPEN}{next(_numbers)}"))


def is_open(size: Size) -> bool:
    return isinstance(size, Symbol) and size.name.startswith(_OPEN)


def open_sizes(value: Term) -> list[Symbol]:
    """The sizes in a term that are not known."""
    if not any(isinstance(node, Identity) for node in value.walk()):
        return []
    return sorted((symbol for symbol in value.free if is_open(symbol)), key=lambda symbol: symbol.name)


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
    known = next((part.shape for part in parts if not is_open(part.rows) and not is_open(part.cols)), parts[0].shape)
    if any(is_open(part.rows) or is_open(part.cols) for part in parts):
        parts = [fitted(part, known) if is_open(part.rows) or is_open(part.cols) else part for part in parts]
    return add(*parts)


def product_of(factors: list[Term]) -> Term:
    if len(factors) == 1:
        return factors[0]
    if any(is_open(factor.rows) or is_open(factor.cols) for factor in factors):
        factors = _fitted_chain(factors)
    return multiply(*factors)


def _fitted_chain(factors: list[Term]) -> list[Term]:
    fitting, chain = list(factors), list[int]()
    for place, factor in enumerate(fitting):
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
    index = _index_for((vector,))
    return (
        absolute(vector) if vector.is_scalar else Summation(absolute(Entry(vector, (index,))), index, term(vector.rows))
    )


def inner_product(left: Term, right: Term) -> Term:
    return multiply(transpose(left), right)


def shifted_sum(body: Term, index: Symbol, first: Term, last: Term) -> Term:
    """Σ from `first` to `last`, as a sum from 1."""
    if first == ONE:
        return Summation(body, index, last)
    moved = substitute(body, {index: add(index, first, MINUS_ONE)})
    return Summation(moved, index, add(last, ONE, multiply(MINUS_ONE, first)))


def entrywise(function: Callable[..., Term], *columns: Term) -> Term:
    """A function at each entry of columns of one length: φ(x), a ⊙ b. Raises ShapeError."""
    first = columns[0]
    if any(column.shape != first.shape for column in columns) or first.cols != 1:
        shapes = " and ".join(show_shape(column.shape) for column in columns)
        raise ShapeError(f"entry by entry, columns of one length are taken, not {shapes}")
    index = _index_for(columns)
    entries = (entry_of(column, index) for column in columns)
    return function(*columns) if first.is_scalar else each(function(*entries), index, term(first.rows))


def entry_of(column: Term, index: Symbol) -> Term:
    """The entry of a column, of each term of a sum and past the numbers before it."""
    if isinstance(column, Each):
        return substitute(column.body, {column.index: index})
    if isinstance(column, Add):
        return add(*(entry_of(part, index) for part in column.terms))
    if isinstance(column, Multiply):
        scalars = [run for run in column.runs if multiply(*run).is_scalar]
        others = [factor for run in column.runs if run not in scalars for factor in run]
        if scalars:
            return multiply(*(factor for run in scalars for factor in run), entry_of(multiply(*others), index))
    return Entry(column, (index,))


def _index_for(terms: Iterable[Term]) -> Symbol:
    """A letter for an index that none of some terms has."""
    taken = {symbol.name for term in terms for node in term.walk() for symbol in node.free}
    taken |= {getattr(node, name).name for term in terms for node in term.walk() for name in node.bound}
    return next(Symbol(name) for name in ("i", "j", "k", "l", "i'", "j'", "k'", "l'") if name not in taken)


def total_of(column: Term) -> Term:
    """The sum of the entries of a column."""
    index = _index_for((column,))
    return Summation(entry_of(column, index), index, term(column.rows))


def _sum_of_exponentials(column: Term) -> Term:
    index = _index_for((column,))
    return Summation(exp(Entry(column, (index,))), index, term(column.rows))


def _log_sum_exp(column: Term) -> Term:
    return log(_sum_of_exponentials(column))


def _softmax(column: Term) -> Term:
    return multiply(reciprocal(_sum_of_exponentials(column)), entrywise(exp, column))


_OF_COLUMNS: dict[str, Callable[[Term], Term]] = {"softmax": _softmax, "logsumexp": _log_sum_exp, "lse": _log_sum_exp}


def applied(name: str, *arguments: Term) -> Term:
    """A standard function of scalars; those that the engine does not have by what they stand for."""
    first = arguments[0]
    if name in _OF_COLUMNS:
        return _OF_COLUMNS[name](first)
    if len(arguments) == 1 and not first.is_scalar and first.cols == 1:
        return entrywise(lambda entry: applied(name, entry), first)
    match name:
        case "sqrt":
            return sqrt(first)
        case "cot":
            return reciprocal(Apply("tan", arguments))
        case "sec" | "csc" | "sech" | "csch" | "coth":
            inner = {"sec": "cos", "csc": "sin", "sech": "cosh", "csch": "sinh", "coth": "tanh"}[name]
            return reciprocal(Apply(inner, arguments))
        case "log2" | "log10":
            return multiply(Apply("log", arguments), reciprocal(log(int(name[3:]))))
        case "sigmoid":
            return reciprocal(add(ONE, exp(multiply(MINUS_ONE, first))))
        case "relu":
            return Apply("max", (ZERO, first))
        case "softplus":
            return log(add(ONE, exp(first)))
        case "silu" | "swish":
            return multiply(first, applied("sigmoid", first))
        case "erfc":
            return add(ONE, multiply(MINUS_ONE, Apply("erf", arguments)))
    return Apply(name, arguments)
