"""Substitution and rewriting."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from engine.common.kinds import Kinds
from engine.terms.core import (
    ONE,
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

NewSizes = Mapping[Symbol, Size | None]  # what becomes of symbols where they stand in a size; None where they must not


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


def _resize(size: Size, sizes: NewSizes) -> Size:
    if isinstance(size, Multiply):
        return product_of_sizes(*(_resize(as_size(factor), sizes) for factor in size.factors))
    if not isinstance(size, Symbol) or size not in sizes:
        return size
    new = sizes[size]
    if new is None:
        raise ShapeError(f"the size {size.name} can only become a positive whole number or another size")
    return new


def resized(symbol: Symbol, sizes: NewSizes) -> Symbol:
    """The symbol where sizes of it are replaced."""
    return Symbol(symbol.name, _resize(symbol.height, sizes), _resize(symbol.width, sizes))


def _substitute(target: Term, active: Mapping[Symbol, Term], sizes: NewSizes) -> Term:
    if target.free.isdisjoint(active):
        return target
    return SUBSTITUTIONS.get(type(target), inside)(target, active, sizes)


Substitution = Callable[[Any, Mapping[Symbol, Term], NewSizes], Term]
SUBSTITUTIONS: Kinds[Substitution] = Kinds(Term, "substitution")  # where it is not what becomes of every node


def inside(target: Term, active: Mapping[Symbol, Term], sizes: NewSizes) -> Term:
    """Of a node whose children are all in the scope of its bound symbols."""
    target = freshened(target, active)
    inner = not_bound(target, active)
    rebuilt = target.rebuild(tuple(substitute(child, inner) for child in target.children))
    return _with_symbols_resized(rebuilt, sizes)


@SUBSTITUTIONS.of(Symbol)
def _symbol(target: Symbol, active: Mapping[Symbol, Term], sizes: NewSizes) -> Term:
    return active[target] if target in active else resized(target, sizes)


@SUBSTITUTIONS.of(Identity, Ones)
def _one(target: Identity | Ones, active: Mapping[Symbol, Term], sizes: NewSizes) -> Term:
    resized = type(target)(*(_resize(getattr(target, field.name), sizes) for field in dataclasses.fields(target)))
    return ONE if resized.is_scalar else resized


@SUBSTITUTIONS.of(Zero)
def _zero(target: Zero, active: Mapping[Symbol, Term], sizes: NewSizes) -> Term:
    return zero((_resize(target.height, sizes), _resize(target.width, sizes)))


@SUBSTITUTIONS.of(Unit)
def _unit(target: Unit, active: Mapping[Symbol, Term], sizes: NewSizes) -> Term:
    size = _resize(target.size, sizes)
    return ONE if size == 1 else Unit(_substitute(target.place, active, sizes), size)


def not_bound(target: Term, active: Mapping[Symbol, Term]) -> dict[Symbol, Term]:
    """The replacements that reach inside of a node: not those of the symbols that it binds."""
    hidden = [getattr(target, name) for name in target.bound]
    return {symbol: new for symbol, new in active.items() if symbol not in hidden}


def freshened(target: Term, active: Mapping[Symbol, Term]) -> Term:
    """The term with its bound symbol renamed where a replacement carries a symbol of that name."""
    for name in target.bound:
        symbol: Symbol = getattr(target, name)
        if any(symbol in new.free for old, new in active.items() if old != symbol and old in target.free):
            fresh = Symbol(symbol.name + "'", symbol.height, symbol.width)
            renamed: dict[str, Any] = {name: fresh, "body": substitute(vars(target)["body"], {symbol: fresh})}
            return dataclasses.replace(target, **renamed)
    return target


def fresh_indices(count: int, *terms: Term) -> tuple[Symbol, ...]:
    """Letters that are in none of some terms, neither free nor bound."""
    nodes = [node for term in terms for node in term.walk()]
    taken = {symbol.name for node in nodes for symbol in node.free}
    taken |= {getattr(node, name).name for node in nodes for name in node.bound}
    names = (letter + prime for prime in ("", "'", "''") for letter in "ijklr" if letter + prime not in taken)
    return tuple(Symbol(next(names)) for _ in range(count))


def _with_symbols_resized(target: Term, sizes: NewSizes) -> Term:
    """Bound and fixed symbols follow when a size is replaced."""
    changed = {}
    for name in (*target.bound, *target.fixed):
        value = getattr(target, name)
        new: Any = (
            tuple(resized(symbol, sizes) for symbol in value) if isinstance(value, tuple) else resized(value, sizes)
        )
        if new != value:
            changed[name] = new
    return dataclasses.replace(target, **changed) if changed else target


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
