"""Substitution and rewriting."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from typing import Any

from engine.terms.core import (
    ONE,
    SCALAR,
    Identity,
    Multiply,
    Ones,
    ShapeError,
    Size,
    Symbol,
    Term,
    Unit,
    Zero,
    as_size,
    product_of_sizes,
    zero,
)
from engine.terms.functions import Each, Summation
from engine.terms.operators import At, Call, Definition, Derivative, Differential


def substitute(target: Term, replacements: Mapping[Symbol, Term]) -> Term:
    """The term with symbols replaced, in formulas and in the sizes of matrices alike.

    Bound symbols are left alone, and renamed where a replacement would be captured. A derivative
    with respect to a replaced symbol is evaluated there (`At`), never rewritten.
    """
    active = {symbol: new for symbol, new in replacements.items() if new != symbol}
    if not active or target.free.isdisjoint(active):
        return target
    sizes = {symbol: _as_size(new) for symbol, new in active.items() if symbol.is_scalar}
    return _substitute(target, active, sizes)


def _as_size(value: Term) -> Size | None:
    try:
        return as_size(value)
    except ShapeError:
        return None


def _resize(size: Size, sizes: Mapping[Symbol, Size | None]) -> Size:
    if isinstance(size, Multiply):
        return product_of_sizes(*(_resize(as_size(factor), sizes) for factor in size.factors))
    if not isinstance(size, Symbol) or size not in sizes:
        return size
    new = sizes[size]
    if new is None:
        raise ShapeError(f"the size {size.name} can only become a positive whole number or another size")
    return new


def _resized(symbol: Symbol, sizes: Mapping[Symbol, Size | None]) -> Symbol:
    return Symbol(symbol.name, _resize(symbol.height, sizes), _resize(symbol.width, sizes))


def _substitute(target: Term, active: Mapping[Symbol, Term], sizes: Mapping[Symbol, Size | None]) -> Term:
    if target.free.isdisjoint(active):
        return target
    match target:
        case Symbol():
            return active[target] if target in active else _resized(target, sizes)
        case Identity():
            return ONE if (size := _resize(target.size, sizes)) == 1 else Identity(size)
        case Zero():
            return zero((_resize(target.height, sizes), _resize(target.width, sizes)))
        case Ones():
            shape = (_resize(target.height, sizes), _resize(target.width, sizes))
            return ONE if shape == SCALAR else Ones(*shape)
        case Unit():
            size = _resize(target.size, sizes)
            return ONE if size == 1 else Unit(_substitute(target.place, active, sizes), size)
        case Call():
            return _substitute_call(target, active, sizes)
        case Derivative() | Differential() if target.variable in active:
            rest = {symbol: new for symbol, new in active.items() if symbol != target.variable}
            return At(substitute(target, rest), target.variable, active[target.variable])
    target = _freshened(target, active)
    hidden = [getattr(target, name) for name in target.bound]
    inner = {symbol: new for symbol, new in active.items() if symbol not in hidden}
    if isinstance(target, At):
        value = _substitute(target.value, active, sizes)
        return At(substitute(target.body, inner), _resized(target.symbol, sizes), value)
    rebuilt = target.rebuild(tuple(substitute(child, inner) for child in target.children))
    return _with_symbols_resized(rebuilt, sizes)


def _substitute_call(target: Call, active: Mapping[Symbol, Term], sizes: Mapping[Symbol, Size | None]) -> Term:
    definition = target.definition
    inner = {symbol: new for symbol, new in active.items() if symbol not in definition.parameters}
    parameters = tuple(_resized(parameter, sizes) for parameter in definition.parameters)
    body = substitute(definition.body, inner)
    moved = Definition(definition.name, parameters, body, definition.indexed, definition.citation)
    return Call(moved, tuple(_substitute(argument, active, sizes) for argument in target.arguments))


def _freshened(target: Term, active: Mapping[Symbol, Term]) -> Term:
    """The term with its bound symbol renamed where a replacement carries a symbol of that name."""
    for name in target.bound:
        symbol: Symbol = getattr(target, name)
        if any(symbol in new.free for old, new in active.items() if old != symbol and old in target.free):
            fresh = Symbol(symbol.name + "'", symbol.height, symbol.width)
            values = {field.name: getattr(target, field.name) for field in fields(target)}
            values[name] = fresh
            values["body"] = substitute(values["body"], {symbol: fresh})
            return type(target)(**values)
    return target


def fresh_indices(count: int, *terms: Term) -> tuple[Symbol, ...]:
    """Letters that are in none of some terms, neither free nor bound."""
    nodes = [node for term in terms for node in term.walk()]
    taken = {symbol.name for node in nodes for symbol in node.free}
    taken |= {getattr(node, name).name for node in nodes for name in node.bound}
    names = (letter + prime for prime in ("", "'", "''") for letter in "ijklr" if letter + prime not in taken)
    return tuple(Symbol(next(names)) for _ in range(count))


def with_indices_apart(target: Term, taken: Collection[Symbol]) -> Term:
    """The term with another letter for each index of its sums and columns that is `taken` outside."""

    def apart(node: Term) -> Term | None:
        if not isinstance(node, (Summation, Each)) or node.index not in taken:
            return None
        (fresh,) = fresh_indices(1, target, node, *taken)
        return type(node)(substitute(node.body, {node.index: fresh}), fresh, node.length)

    return rewrite(target, apart)


def _with_symbols_resized(target: Term, sizes: Mapping[Symbol, Size | None]) -> Term:
    """Bound and fixed symbols follow when a size is replaced."""
    changed = {}
    for name in (*target.bound, *target.fixed):
        value = getattr(target, name)
        new: Any = (
            tuple(_resized(symbol, sizes) for symbol in value) if isinstance(value, tuple) else _resized(value, sizes)
        )
        if new != value:
            changed[name] = new
    if not changed:
        return target
    return type(target)(**({field.name: getattr(target, field.name) for field in fields(target)} | changed))


def rewrite(target: Term, function: Callable[[Term], Term | None]) -> Term:
    """The term with `function` applied at every place, children first, where it gives something."""
    inner = target.map(lambda child: rewrite(child, function))
    changed = function(inner)
    return inner if changed is None else changed


def replace(target: Term, old: Term, new: Term) -> Term:
    """The term with every occurrence of the sub-term `old` replaced; definitions are not entered."""
    if target == old:
        return new
    return target.map(lambda child: replace(child, old, new))
