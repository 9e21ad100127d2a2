"""Terms as tensorgrad has them, tensor networks with named edges, and its tensors as numbers.

A matrix has the edges `row` and `column`, a column or a row only the one that is longer than 1, and an entry one for
each of its indices. What has no tensor here (powers with symbols, Kronecker products, which tensorgrad does not
flatten) is not expressed.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from engine.terms import (
    Add,
    Apply,
    Call,
    Determinant,
    Diagonal,
    DiagonalOf,
    Each,
    Entry,
    Hadamard,
    HadamardPower,
    Identity,
    Multiply,
    Number,
    Ones,
    Power,
    Shape,
    Size,
    SquaredNorm,
    Summation,
    Symbol,
    Term,
    Trace,
    Transpose,
)
from engine.terms.declarations import Declaration

ROW, COLUMN = "row", "column"
MOVED = ("moved_column", "moved_row")
_fresh = itertools.count()


class NotExpressed(Exception):
    """A node that has no tensor."""


@dataclass(frozen=True)
class Network:
    """Terms as tensors; `sizes` are the symbols that stand for lengths, which tensorgrad has as sizes of edges."""

    sizes: frozenset[Symbol]

    def of(self, term: Term) -> Any:
        """A term as a tensor. Raises NotExpressed."""
        import tensorgrad
        from tensorgrad import functions

        match term:
            case Number():
                return tensorgrad.Product([]) * term.value
            case Symbol() if term in self.sizes:
                return tensorgrad.Delta(_length(term))
            case Symbol():
                return tensorgrad.Variable(term.name, **_edges(term.shape))
            case Identity():
                return tensorgrad.Delta(_length(term.size), ROW, COLUMN)
            case Ones():
                return tensorgrad.Ones(**_edges(term.shape))
            case Add():
                return reduce(operator.add, map(self.of, term.terms))
            case Multiply():
                return reduce(operator.mul, (reduce(_contracted, map(self.of, run)) for run, _ in term.chains))
            case Power(exponent=Number() as exponent) if term.is_scalar:
                return functions.pow(self.of(term.base), exponent.value)
            case Power(exponent=Number() as exponent):
                base = self.of(term.base)
                factor = base if exponent.value > 0 else _turned(functions.inverse(base, {ROW, COLUMN}))
                return reduce(_contracted, [factor] * int(abs(exponent.value)))
            case Transpose():
                return _turned(self.of(term.inner))
            case Trace():
                return functions.trace(self.of(term.inner))
            case Determinant():
                return functions.det(self.of(term.inner))
            case SquaredNorm():
                return functions.frobenius2(self.of(term.inner))
            case Hadamard():
                return reduce(operator.mul, map(self.of, term.factors))
            case HadamardPower(exponent=Number() as exponent):
                return functions.pow(self.of(term.base), exponent.value)
            case Diagonal():
                return functions.diag(self.of(term.inner), [ROW, COLUMN])
            case DiagonalOf():
                return functions.diag(self.of(term.inner), [ROW])
            case Apply(function="max", arguments=(Number(value=0), inner) | (inner, Number(value=0))):
                return functions.relu(self.of(inner))
            case Apply():
                return _applied(term.function, [self.of(argument) for argument in term.arguments])
            case Entry() if all(isinstance(index, Symbol) for index in term.indices):
                places = zip(_edges(term.base.shape), term.indices, strict=False)
                return self.of(term.base).rename(**{edge: _at(index) for edge, index in places})
            case Summation():
                body, edge = self.of(term.body), _at(term.index)
                return functions.sum(body, {edge}) if edge in body.edges else body * self.of(term.length)
            case Each():
                return self.of(term.body).rename(**{_at(term.index): ROW})
            case Call():
                return self.of(term.unfolded)
        raise NotExpressed(type(term).__name__)


def _at(index: Term) -> str:
    return f"at_{index}"


def _length(size: Size) -> Any:
    import sympy

    return sympy.Symbol(f"size_{size}")


def _edges(shape: Shape) -> dict[str, Any]:
    return {edge: _length(size) for edge, size in zip((ROW, COLUMN), shape, strict=True) if size != 1}


def _turned(tensor: Any) -> Any:
    swapped = {ROW: COLUMN, COLUMN: ROW}
    return tensor.rename(**{edge: swapped[edge] for edge in tensor.edges if edge in swapped})


def _contracted(left: Any, right: Any) -> Any:
    """AB: along the columns of A and the rows of B, but not along indices, which both may have."""
    from tensorgrad import functions

    if COLUMN not in left.edges or ROW not in right.edges:
        return left * right  # an outer product, or a number times something
    between = f"between_{next(_fresh)}"
    left, right = left.rename(**{COLUMN: between}), right.rename(**{ROW: between})
    if (left.edges & right.edges) == {between}:
        return left @ right
    return functions.sum(left * right, {between})


def _applied(name: str, arguments: list[Any]) -> Any:
    from tensorgrad import functions

    if name == "softplus":
        return functions.log(functions.exp(arguments[0]) + 1)
    if name in ("exp", "log", "tanh", "sigmoid", "sign", "abs"):
        return getattr(functions, name)(*arguments)
    raise NotExpressed(name)


@dataclass(frozen=True)
class Slope:
    """The derivative of a tensor by a variable."""

    network: Network
    tensor: Any

    def at(self, declarations: Iterable[Declaration], values: Mapping[Symbol, Any]) -> Any:
        """In floating point; what is differentiated, and the variable, stacked column by column."""
        sizes = {_length(size): values[size] for size in self.network.sizes}
        arrays = {}
        for symbol in (d.symbol for d in declarations if d.symbol not in self.network.sizes):
            sizes |= {_length(size): size for size in symbol.shape if isinstance(size, int)}
            shape = [sizes[length] for length in self.network.of(symbol).shape.values()]
            arrays[symbol.name] = np.asarray(values[symbol], float).reshape(shape)
        edges = [edge for edge in (COLUMN, ROW, *MOVED) if edge in self.tensor.edges]
        height = math.prod(sizes[self.tensor.shape[edge]] for edge in edges if edge not in MOVED)
        return Numbers(arrays, sizes).of(self.tensor, edges).reshape(height, -1)


@dataclass(frozen=True)
class Numbers:
    """Tensors in floating point, by NumPy: tensorgrad's own evaluator needs a torch that names dimensions."""

    arrays: Mapping[str, Any]  # of each variable, by its name
    sizes: Mapping[Any, int]

    def of(self, tensor: Any, edges: Sequence[str]) -> Any:
        """A tensor as an array whose dimensions are these edges. Raises KeyError for what has no value here."""
        from tensorgrad import Function, Product, Sum, Variable, Zero
        from tensorgrad.tensor import Delta, Rename

        match tensor:
            case Variable():
                return self._ordered(self.arrays[tensor.name], tensor, edges)
            case Rename():
                inner = {new: old for old, new in tensor.mapping.items()}
                return self.of(tensor.tensor, [inner.get(edge, edge) for edge in edges])
            case Zero():
                return np.zeros([self.sizes[tensor.shape[edge]] for edge in edges])
            case Delta():
                return self._delta(self.sizes[tensor.size], len(edges))
            case Product():
                return self._product(tensor.factors, edges)
            case Sum():
                parts = zip(tensor.terms, tensor.weights, strict=True)
                return sum((float(weight) * self.of(term, edges) for term, weight in parts), start=0.0)
            case Function():
                return self._ordered(self._applied(tensor), tensor, edges)
        raise KeyError(type(tensor).__name__)

    @staticmethod
    def _ordered(array: Any, tensor: Any, edges: Sequence[str]) -> Any:
        places = list(tensor.edges)
        return np.transpose(array, [places.index(edge) for edge in edges])

    @staticmethod
    def _delta(size: int, order: int) -> Any:
        if order == 0:
            return np.array(float(size))
        array = np.zeros([size] * order)
        array[tuple([np.arange(size)] * order)] = 1
        return array

    def _product(self, factors: Sequence[Any], edges: Sequence[str]) -> Any:
        """Edges of the same name run together; those that are not asked for are summed over."""
        letters: dict[str, int] = {}
        operands: list[Any] = []
        for factor in factors:
            own = list(factor.edges)
            operands += [self.of(factor, own), [letters.setdefault(edge, len(letters)) for edge in own]]
        return np.einsum(*operands, [letters[edge] for edge in edges]) if operands else np.array(1.0)

    def _applied(self, tensor: Any) -> Any:
        """A function of a tensor, its dimensions the edges of the outcome."""
        signature, (inner,) = tensor.signature, tensor.inputs
        edges = list(tensor.edges)
        match signature.name:
            case "inv":  # edges of the same name cancel
                first, last = signature.edges
                inverse = np.linalg.inv(self.of(inner, [first, last]))
                return np.transpose(inverse, [(last, first).index(edge) for edge in edges])
            case "det":
                return np.linalg.det(self.of(inner, list(inner.edges)))
        array = self.of(inner, edges)
        if hasattr(signature, "k"):
            return array ** float(signature.k)
        return _NUMERIC[signature.name](array)


_NUMERIC: dict[str, Callable[[Any], Any]] = {
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "sign": np.sign,
    "abs": np.abs,
    "relu": lambda x: np.maximum(x, 0),
    "gt0": lambda x: np.heaviside(x, 0),
}


def slope(body: Term, variable: Symbol, declarations: Iterable[Declaration]) -> Callable[[], Slope]:
    """How tensorgrad works out a derivative. Raises NotExpressed."""
    network = Network(frozenset(d.symbol for d in declarations if d.domain.whole))
    tensor, by = network.of(body), network.of(variable)
    names = {edge: moved for edge, moved in zip((COLUMN, ROW), MOVED, strict=True) if edge in by.edges}
    return lambda: Slope(network, tensor.grad(by, names).full_simplify())
