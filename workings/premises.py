"""Premises of one's own as people give them: a text, several, or a mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from engine.common.errors import Misasked

if TYPE_CHECKING:
    from engine.proofs.derivation import Proof

Texts = str | Iterable[str] | Mapping[str, str]


def texts(given: Texts, joint: str) -> tuple[str, ...]:
    """The texts: one, several, or a mapping's names and values with what joins them (`X: n×d`, `g = …`)."""
    if isinstance(given, Mapping):
        return tuple(f"{name}{joint}{value}" for name, value in given.items())
    return (given,) if isinstance(given, str) else tuple(given)


def declarations(let: Texts) -> tuple[str, ...]:
    return texts(let, ": ")


def replacements(given: Texts, let: Texts) -> dict[str, Callable[[Proof], Any]]:
    """What replaces which premise. Raises Unreadable, and Misasked for declarations that nothing is given with."""
    premises, declared = texts(given, " = "), declarations(let)
    if not premises:
        if declared:
            raise Misasked("--let declares symbols for --given; without it there is nothing to declare them for")
        return {}
    from engine.reading.givens import givens

    return givens(premises, declared)
