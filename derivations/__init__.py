"""The catalogue: derivations by name. Listing it imports neither the engine nor any derivation.

Derivations of one's own come in by `outside`.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.derivation import Derivation

INDEX = "catalogue.json"


@cache
def entries() -> tuple[dict[str, Any], ...]:
    """Name, module, title, source, strength, figures and results of every derivation, in the catalogue's order.

    They stand in a file that `python -m derivations.index` writes from the derivations themselves.
    """
    text = Path(__file__).with_name(INDEX).read_text(encoding="utf-8")
    return tuple(json.loads(text)["derivations"])


def names() -> tuple[str, ...]:
    return tuple(entry["name"] for entry in entries())


def load(name: str) -> Derivation:
    """The derivation of a name: of the catalogue, of an installed package, or in a file (`my_result.py:name`).

    Raises KeyError for an unknown one, and `outside.Unusable` for a file or a package that gives none.
    """
    module = next((entry["module"] for entry in entries() if entry["name"] == name), None)
    if module is not None:
        return defined_in(module)[name]
    from derivations import outside

    return outside.load(name)


def defined_in(module: str) -> dict[str, Derivation]:
    """The derivations that a module of this catalogue defines, by name, in their order there."""
    from engine.derivation import Derivation

    found = vars(import_module(f"{__name__}.{module}")).values()
    return {d.name: d for d in found if isinstance(d, Derivation) and d.function.__module__ == f"{__name__}.{module}"}
