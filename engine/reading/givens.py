"""A premise of one's own: `g = …` in place of the derivation's g, read in the symbol table that the derivation has
there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from engine.common.errors import Misasked
from engine.notation.spelling import ACCENT_COMMANDS, ACCENTS
from engine.reading.declarations import declared
from engine.reading.errors import Unreadable
from engine.reading.laws import law_of
from engine.reading.names import Names, spelled_name
from engine.reading.reader import read
from engine.reading.statements import INDICES, without_indices
from engine.terms.declarations import POSITIVE_INTEGER, Declaration
from engine.terms.domains import in_domain

if TYPE_CHECKING:
    from engine.proofs.derivation import Proof


def givens(texts: Iterable[str], declarations: Iterable[str] = ()) -> dict[str, Callable[[Proof], Any]]:
    """For each premise that some texts replace, its replacement. Raises Unreadable where a text is no `name = …`,
    and Misasked where what is given is declared, too.

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
    for declaration in declared(more):
        if declaration.symbol.name in found:
            raise Misasked(f"{declaration.symbol} is given as a premise: --let cannot declare it, too")
    return found


def _given(text: str, more: tuple[str, ...]) -> tuple[str, Callable[[Proof], Any]]:
    sign = _SIGN.search(text, 1)
    if sign is None:
        raise Unreadable(f"a premise is given as 'name = …' or 'name ~ law', not {text!r}", 0, len(text))
    end, is_law = sign.end(), sign.group() != "="
    name = _name(text[: sign.start()])

    def replacement(proof: Proof) -> Any:
        try:
            for declaration in declared(more):
                _declare(declaration, proof)
            return _law(text[end:], proof) if is_law else _term(text[end:], proof)
        except Unreadable as trouble:
            if not trouble.text:
                trouble.text = text
                trouble.start, trouble.end = trouble.start + end, trouble.end + end
            raise

    return name, replacement


def _declare(declaration: Declaration, proof: Proof) -> None:
    """Declare a symbol; of one that the derivation has, assume that it lies where it is said to."""
    known = next((d for s, d in proof.declarations.items() if s.name == declaration.symbol.name), None)
    if known is None:
        proof.declare(declaration.symbol, declaration.domain, declaration.law, declaration.indices)
        return
    same_kind = known.symbol == declaration.symbol and known.domain.whole == declaration.domain.whole
    if not same_kind or declaration.law not in (None, known.law):
        raise Misasked(f"{known.symbol} is declared by the derivation, and not so: --let may only narrow where it lies")
    if declaration.domain != known.domain:
        proof.assume(*(each for each in in_domain(known.symbol, declaration.domain) if each not in proof.hypotheses))


_SIGN = re.compile(r"[=∼]|\\sim\b|~(?!_|\s*[=(])")  # y~ is a name: its tilde says nothing of a law
_ACCENTED = re.compile(r"\\(?P<accent>" + "|".join(ACCENT_COMMANDS) + r")\s*\{?\s*(?P<letter>\\?\w)\s*\}?")


def _name(written: str) -> str:
    """The name of a premise as the derivation has it, without what it is taken of: y~_m of ỹ_{m,i} and of y~_m(i)."""
    name = _ACCENTED.sub(
        lambda match: match["letter"] + ACCENT_COMMANDS[match["accent"]], written.split("(", maxsplit=1)[0]
    )
    name = "".join(ACCENTS.get(letter, letter) for letter in unicodedata.normalize("NFD", name))
    stem, comma, last = name.strip().rstrip("}").rpartition(",")
    return spelled_name(without_indices(stem if comma and last.strip() in INDICES else name))


def _term(text: str, proof: Proof) -> Any:
    reading = read(text, _names(proof)).settled()
    if len(reading.sides) > 1 or reading.label:
        raise Unreadable("one expression was expected", 0, len(text))
    return reading.value


def _law(text: str, proof: Proof) -> Any:
    return law_of(text, _names(proof))


def _names(proof: Proof) -> Names:
    """The symbol table of a proof, with the indices that the premise at hand is taken at."""
    indices = (Declaration(index, POSITIVE_INTEGER) for index in proof.indices if index not in proof.declarations)
    return Names((*proof.declarations.values(), *indices), proof.definitions.values())
