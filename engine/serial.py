"""Terms, formulas, declarations and other frozen data as plain JSON data, and back.

Equal parts are written once and referred to by number, so that a name used often is no burden. Nothing but the
classes named here is ever made of data, and making a term checks its shape again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

from engine import premises, terms
from engine.terms import Term


class Corrupt(ValueError):
    """Data that no term was written as."""


_CLASSES: dict[str, type] = {}


def readable(*classes: type) -> None:
    """Let these classes be made of data."""
    for each in classes:
        _CLASSES[each.__name__] = each


def _all_terms(base: type[Term]) -> Iterable[type]:
    for each in base.__subclasses__():
        yield each
        yield from _all_terms(each)


readable(*(each for each in _all_terms(Term) if is_dataclass(each)), terms.Definition)
readable(premises.Domain, premises.Declaration, premises.Formula, premises.Relation, premises.Structure)
readable(premises.Bernoulli, premises.Normal, premises.AnyLaw)


def to_data(value: Any) -> dict[str, Any]:
    """Plain data for `json.dumps`."""
    table: list[Any] = []
    places: dict[tuple[type, Any], int] = {}

    def written(item: Any) -> Any:
        if item is None or isinstance(item, (bool, int, str)):
            return item
        if isinstance(item, tuple):
            return [written(part) for part in item]
        if isinstance(item, Fraction):
            return {"q": str(item)}
        key = (type(item), item)
        if key not in places:
            name = type(item).__name__
            assert name in _CLASSES, name
            parts = [item.name] if isinstance(item, Enum) else [written(getattr(item, f.name)) for f in fields(item)]
            table.append([name, *parts])
            places[key] = len(table) - 1
        return {"@": places[key]}

    root = written(value)
    return {"table": table, "root": root}


def from_data(data: Any) -> Any:
    """What `to_data` wrote. Raises Corrupt for anything else."""
    made: list[Any] = []

    def read(item: Any) -> Any:
        if isinstance(item, list):
            return tuple(read(part) for part in item)
        if not isinstance(item, dict):
            return item
        if "q" in item:
            return Fraction(item["q"])
        place = item["@"]
        if not 0 <= place < len(made):
            raise Corrupt("a reference to what does not come before")
        return made[place]

    try:
        for name, *parts in data["table"]:
            wanted = _CLASSES[name]
            made.append(wanted[parts[0]] if issubclass(wanted, Enum) else wanted(*(read(part) for part in parts)))
        return read(data["root"])
    except Corrupt:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ZeroDivisionError) as error:
        raise Corrupt(f"{type(error).__name__}: {error}") from error
