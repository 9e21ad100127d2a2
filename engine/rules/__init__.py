"""The rules: each a named law with a sentence, its conditions and the function that computes the next line."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from engine.kernel import Rule


def all_rules() -> dict[str, Rule]:
    """Every rule that a derivation may use, by name, in the order of the alphabet."""
    import_module("engine.derivation")  # has rules of its own
    from engine.rules.registry import RULES

    for module in iter_modules(__path__):
        if module.name != "examples":
            import_module(f"{__name__}.{module.name}")
    return dict(sorted(RULES.items()))
