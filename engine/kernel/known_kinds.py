"""What the kernel takes in: terms and premises of the kinds that have a meaning, made of plain numbers, names and tuples.

An heir of one of them, of a name or of a number may say one thing when it is looked at, and another when it is printed.
"""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from typing import Any

from engine.terms import Definition
from engine.terms.declarations import Declaration, Domain, Structure
from engine.terms.formulas import Formula, Relation
from engine.terms.laws import Law
from engine.worlds.moments import MOMENTS
from engine.worlds.world import MEANINGS

_PLAIN = frozenset((str, int, bool, Fraction, type(None), Relation, Structure))
_MADE = frozenset((Formula, Definition, Declaration, Domain))
_NAMES = {Formula: "formula", Definition: "definition", Declaration: "declaration", Domain: "declaration", Law: "law"}
_MOST_KNOWN = 50_000

_known: dict[int, object] = {}  # by identity: what was looked at already, kept so that nothing else takes its place


def of_known_kinds(thing: object, kind: type) -> None:
    """Raises TypeError for what is not of a kind, or is made of anything but the kinds that are known here."""
    if type(thing) is not kind:
        raise TypeError(f"a {_NAMES.get(kind, kind.__name__)} was expected, not {type(thing).__name__}")
    waiting: list[Any] = [thing]
    found: dict[int, object] = {}
    while waiting:
        part = waiting.pop()
        if type(part) in _PLAIN or _known.get(id(part)) is part or id(part) in found:
            continue
        if type(part) is tuple:
            waiting.extend(part)
        elif type(part) in _MADE or type(part) in MEANINGS or type(part) in MOMENTS:
            waiting.extend(getattr(part, name) for name in _places(type(part)))
            found[id(part)] = part
        else:
            wanted = next((name for each, name in _NAMES.items() if isinstance(part, each)), "term")
            raise TypeError(f"a {wanted} was expected, not {type(part).__name__}")
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known.update(found)


_PLACES: dict[type, tuple[str, ...]] = {}


def _places(kind: Any) -> tuple[str, ...]:
    if kind not in _PLACES:
        _PLACES[kind] = tuple(field.name for field in fields(kind))
    return _PLACES[kind]
