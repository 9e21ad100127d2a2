"""Terms, formulas, declarations and other frozen data as plain JSON data, and back.

Equal parts are written once and referred to by number, so that a name used often is no burden. Nothing but the
classes named here is ever made of data, and making a term checks its shape again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from types import MappingProxyType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from engine.terms import Definition, HadamardPower, Number, Power, Symbol, Term
from engine.terms.declarations import Declaration, Domain, Structure
from engine.terms.formulas import Formula, Relation
from engine.terms.laws import Law


class Corrupt(ValueError):
    """Data that no term was written as."""


class Oversized(Corrupt):
    """Data of more than anybody will look at."""


_CLASSES: dict[str, type] = {}


def readable(*classes: type) -> None:
    """Let these classes be made of data."""
    for each in classes:
        _CLASSES[each.__name__] = each


def _all_terms(base: type[Term]) -> Iterable[type]:
    for each in base.__subclasses__():
        yield each
        yield from _all_terms(each)


readable(*(each for each in _all_terms(Term) if is_dataclass(each)), Definition)
readable(Domain, Declaration, Formula, Relation, Structure)
readable(*Law.__subclasses__())


def to_data(
    value: Any, spelled: Mapping[type, Callable[[Any], Sequence[Any]]] = MappingProxyType({})
) -> dict[str, Any]:
    """Plain data for `json.dumps`. Objects of a class that is `spelled` are written as the parts given for them."""
    table: list[Any] = []
    places: dict[tuple[type, Any], int] = {}

    def written(item: Any) -> Any:
        if item is None or isinstance(item, (bool, int, str)):
            return item
        if isinstance(item, tuple):
            return [written(part) for part in item]
        if isinstance(item, Fraction):
            return {"q": str(item)}
        own = spelled.get(type(item))
        key = (type(item), item if own is None else id(item))
        if key not in places:
            name = type(item).__name__
            assert own is not None or name in _CLASSES, name
            parts = [item.name] if isinstance(item, Enum) else [getattr(item, f.name) for f in fields(item)]
            table.append([name, *(written(part) for part in (parts if own is None else own(item)))])
            places[key] = len(table) - 1
        return {"@": places[key]}

    root = written(value)
    return {"table": table, "root": root}


def from_data(data: Any, wanted: Any = Any) -> Any:
    """What `to_data` wrote, of a type that is wanted. Raises Corrupt for anything else."""
    value = Rows(data).value()
    if not _fits(value, wanted):
        raise Corrupt(f"{wanted} was expected")
    return value


LARGEST, DEEPEST = 20_000, 100  # parts of one thing, counted as often as they occur, and how deep they may be nested
WIDEST = 64
LONGEST, BITS_OF_A_SYMBOL = 2**22, 64
_RATIONAL = re.compile(r"-?\d{1,600}(/\d{1,600})?")


class Rows:
    """A table being read, row by row: `made` is what has been made so far. Other classes are made by `makers`."""

    def __init__(self, data: Any, makers: Mapping[str, Callable[..., Any]] = MappingProxyType({})) -> None:
        if not isinstance(data, dict) or not isinstance(data.get("table"), list) or "root" not in data:
            raise Corrupt("a table and a root were expected")
        self.data, self.makers = data, makers
        self.made: list[Any] = []
        self._sizes: list[tuple[int, int]] = []  # of each row: how many parts, and how deep
        self._bits: list[int] = []  # of each row: how long its value may be, where symbols are as long as in worlds

    def value(self) -> Any:
        """What the root stands for. Raises Corrupt, and what a maker raises."""
        for row in self.data["table"]:
            self._add(row)
        return self._part(self.data["root"])

    def _add(self, row: Any) -> None:
        if not isinstance(row, list) or not row or not isinstance(row[0], str):
            raise Corrupt("a row is a name and its parts")
        name, *parts = row
        if name in self.makers:
            made = self.makers[name](*(self._part(part) for part in parts))
            self._sizes.append((1, 1))
            self._bits.append(0)
        elif name in _CLASSES:
            self._sizes.append(self._size(parts))
            made = fitted(_CLASSES[name], [self._part(part) for part in parts])
            self._bits.append(_bits_of(made, [self._bits[place] for place in references(parts)]))
        else:
            raise Corrupt(f"{name[:40]} is nothing that can be made of data")
        self.made.append(made)

    def _size(self, parts: list[Any]) -> tuple[int, int]:
        inner = [self._sizes[place] for place in references(parts) if 0 <= place < len(self._sizes)]
        count, depth = 1 + sum(size for size, _ in inner), 1 + max((deep for _, deep in inner), default=0)
        if count > LARGEST or depth > DEEPEST:
            raise Oversized(f"more than {LARGEST:,} parts, or {DEEPEST} within one another")
        return count, depth

    def _part(self, item: Any) -> Any:
        if isinstance(item, list):
            return tuple(self._part(part) for part in item)
        if not isinstance(item, dict):
            return item
        text, place = item.get("q"), item.get("@")
        if isinstance(text, str) and _RATIONAL.fullmatch(text) and not text.endswith("/0"):
            return Fraction(text)
        if isinstance(place, int) and 0 <= place < len(self.made):
            return self.made[place]
        raise Corrupt(f"neither a number nor a reference to what comes before: {str(item)[:40]}")


def _bits_of(made: Any, inner: Sequence[int]) -> int:
    """How long the value of a term may be, from those of its parts. Raises Oversized where it is too long."""
    match made:
        case Number(value=value):
            return max(value.numerator.bit_length(), value.denominator.bit_length())
        case Symbol():
            return BITS_OF_A_SYMBOL
        case Power(exponent=Number(value=times)) | HadamardPower(exponent=Number(value=times)):
            bits = inner[0] * max(1, abs(times.numerator))
        case Term():
            bits = sum(inner)
        case _:
            return 0
    if bits > LONGEST:
        raise Oversized(f"a value of more than {LONGEST:,} bits")
    return bits


def references(parts: list[Any]) -> Iterator[int]:
    """The rows that a row or part of one refers to."""
    for part in parts:
        if isinstance(part, list):
            yield from references(part)
        elif isinstance(part, dict) and isinstance(part.get("@"), int):
            yield part["@"]


def fitted(wanted: type[Any], parts: Sequence[Any]) -> Any:
    """An object of a class from its fields. Raises Corrupt where they are not what the class says they are."""
    try:
        if issubclass(wanted, Enum):
            return wanted[parts[0]]
        for (name, hint), part in zip(_hints(wanted).items(), parts, strict=False):  # an older file lacks newer fields
            if not _fits(part, hint):
                raise Corrupt(f"{name} of {wanted.__name__} cannot be {str(part)[:40]!r}")
        return wanted(*parts)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ZeroDivisionError, AssertionError) as error:
        if isinstance(error, Corrupt):
            raise
        raise Corrupt(f"{wanted.__name__}: {error}") from error


_HINTS: dict[type, dict[str, Any]] = {}


def _hints(wanted: type[Any]) -> dict[str, Any]:
    """The annotated type of each field."""
    if wanted not in _HINTS:
        hints = get_type_hints(wanted)
        _HINTS[wanted] = {field.name: hints[field.name] for field in fields(wanted)}
    return _HINTS[wanted]


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value is of an annotated type; of containers and unions, as far as fields of terms have them."""
    if hint is Any:
        return True
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, each) for each in inner)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if inner[-1] is Ellipsis:
            return all(_fits(item, inner[0]) for item in value)
        return len(value) == len(inner) and all(map(_fits, value, inner))
    if hint is int:  # a number of rows or columns
        return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= WIDEST
    return isinstance(value, origin or hint)
