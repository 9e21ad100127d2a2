"""The words of tools (NumPy, R, SymPy …) in a text, as functions here; nothing of it is executed."""

from __future__ import annotations

from engine.notation.dialects import MODULES, WORDS, Dialect
from engine.reading.names import Names
from engine.reading.tokens import Token


def translated(tokens: list[Token], names: Names, dialect: Dialect | None) -> list[Token]:
    """The tokens without the modules that functions are called from, each word of a tool as what it means here."""
    words = WORDS | dict(dialect.words) if dialect is not None else WORDS
    found: list[Token] = []
    place = 0
    while place < len(tokens):
        token, behind = tokens[place], tokens[min(place + 1, len(tokens) - 1)]
        known = token.kind == "name" and names.get(token.text) is None
        if known and token.text in MODULES and behind.kind == "." and tokens[place + 2].kind == "name":
            place += 2
            continue
        is_method = bool(found) and found[-1].kind == "."
        if known and token.text in words and (is_method or behind.kind in ("(", "[")):
            token = token._replace(text=words[token.text])
        found.append(token)
        place += 1
    return found
