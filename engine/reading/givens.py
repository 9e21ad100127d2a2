"""A premise of one's own: `g = …` in place of the derivation's g, read in the symbol table that the derivation has there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from engine.reading.declarations import declared, without_indices
from engine.reading.errors import Unreadable
from engine.reading.laws import law_of
from engine.reading.names import Names, spelled_name
from engine.reading.reader import read

if TYPE_CHECKING:
    from engine.derivation import Proof


def givens(texts: Iterable[str], declarations: Iterable[str] = ()) -> dict[str, Callable[[Proof], Any]]:
    """For each premise that some texts replace, its replacement. Raises Unreadable where a text is no `name = …`.

    What the replacements themselves raise where they are read, as the derivation comes to them, is Unreadable too, with
    the text in it. `declarations` are made where the first premise is replaced.
    """
    more = tuple(declarations)
    found: dict[str, Callable[[Proof], Any]] = {}
    for text in texts:
        name, replacement = _given(text, more)
        if name in found:
            raise Unreadable(f"{name} is given twice", 0, len(text))
        found[name] = replacement
    return found


def _given(text: str, more: tuple[str, ...]) -> tuple[str, Callable[[Proof], Any]]:
    at = min((place for sign in "=~∼" if (place := text.find(sign)) > 0), default=0)
    if not at:
        raise Unreadable(f"a premise is given as 'name = …' or 'name ~ law', not {text!r}", 0, len(text))
    is_law = text[at] != "="
    name = spelled_name(without_indices(text[:at].split("(")[0]))

    def replacement(proof: Proof) -> Any:
        try:
            for declaration in declared(more):
                if declaration.symbol not in proof.declarations:
                    proof.declare(declaration.symbol, declaration.domain, declaration.law, declaration.indices)
            return _law(text[at + 1 :], proof) if is_law else _term(text[at + 1 :], proof)
        except Unreadable as trouble:
            if not trouble.text:
                trouble.text = text
                trouble.start, trouble.end = trouble.start + at + 1, trouble.end + at + 1
            raise

    return name, replacement


def _term(text: str, proof: Proof) -> Any:
    reading = read(text, Names(proof.declarations.values(), proof.definitions.values())).settled()
    if len(reading.sides) > 1 or reading.label:
        raise Unreadable("one expression was expected", 0, len(text))
    return reading.value


def _law(text: str, proof: Proof) -> Any:
    return law_of(text, Names(proof.declarations.values(), proof.definitions.values()))
