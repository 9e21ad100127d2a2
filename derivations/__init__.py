"""The catalogue: derivations by name. Listing it imports neither the engine nor any derivation.

Derivations of one's own come in by `outside`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from derivations import outside
from derivations.catalogue import INDEX, entries, names

if TYPE_CHECKING:
    from engine.proofs.derivation import Derivation

__all__ = ["INDEX", "defined_in", "entries", "load", "names"]


def load(name: str) -> Derivation:
    """The derivation of a name: of the catalogue, of an installed package, or in a file (`my_result.py:name`).

    Raises KeyError for an unknown one, and `outside.Unusable` for a file or a package that gives none.
    """
    module = next((entry["module"] for entry in entries() if entry["name"] == name), None)
    if module is not None:
        return defined_in(module)[name]
    return outside.load(name)


def defined_in(module: str) -> dict[str, Derivation]:
    """The derivations that a module of this catalogue defines, by name, in their order there."""
    from engine.proofs.derivation import Derivation

    found = vars(import_module(f"{__name__}.{module}")).values()
    return {d.name: d for d in found if isinstance(d, Derivation) and d.function.__module__ == f"{__name__}.{module}"}
