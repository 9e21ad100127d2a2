"""How far a sum reaches: an index does not leave its sum.

In Σ_i y_i log p_i + (1 − y_i) log(1 − p_i) the sum reads on to the last term, at the same level of brackets and on this
side of any sign of a relation, in which its index stands free. A sum that binds it anew ends it. Where a term without
it lies between, nobody can say.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.reading.building import sum_of
from engine.reading.errors import Unreadable
from engine.reading.parser import BARS, Parser
from engine.reading.tokens import CLOSING, OPENING, Token
from engine.terms import Term, negate

_ENDS = frozenset(
    ("end", ",", ";", "&", "\\\\", "=", "!=", "<", "<=", ">", ">=", "=>", "<=>", "propto", "succ", "succeq")
)


def body_of(p: Parser, letters: tuple[str, ...], what: str) -> Term:
    """What is summed (or minimised) here, on to the last term in which one of the letters stands free."""
    start = p.place
    parts = [p.product()]
    reach = _reach(p, letters, f"{what} {', '.join(letters)}")
    for _ in range(reach):
        negative = p.sign()
        parts.append(negate(p.product()) if negative else p.product())
    if not reach:
        return parts[0]
    p.note(f"{what} {', '.join(letters)} reads on to the last term with {' or '.join(letters)} in it")
    with p.fitting(start):
        return sum_of(parts)


def _reach(p: Parser, letters: tuple[str, ...], what: str) -> int:
    """How many of the terms behind the first belong to the sum."""
    terms = _terms(p)
    reach = 0
    for count, term in enumerate(terms, 1):
        stands = [_stands(p, letter, term) for letter in letters]
        free = any(each for each, _ in stands)
        if free and reach < count - 1:
            between = terms[count - 2]
            raise Unreadable(
                f"does {what} reach as far as this?",
                term[0].start,
                term[-1].end,
                f"a term without {' or '.join(letters)} lies between ({_text(between)}): use brackets, or another sum",
            )
        reach = count if free else reach
        if any(anew for _, anew in stands):
            break
    return reach


def _text(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens if token.kind not in ("{", "}"))


def _terms(p: Parser) -> list[tuple[Token, ...]]:
    """The terms that stand behind here in the same sum, each with its sign."""
    found: list[list[Token]] = []
    depth, before = 0, ""
    for token in p.tokens[p.place :]:
        kind = token.kind
        depth += (kind in OPENING) - (kind in CLOSING)
        if depth < 0 or (depth == 0 and (kind in _ENDS or (kind in BARS and kind in p.bars))):
            break
        if depth == 0 and kind in ("+", "-") and before not in ("^", "_", "*", "·", "/", "@", "⊙", "+", "-"):
            found.append([])
        if not found:
            return []
        found[-1].append(token)
        before = kind
    return [tuple(term) for term in found]


def _stands(p: Parser, letter: str, term: tuple[Token, ...]) -> tuple[bool, bool]:
    """Whether a letter stands free in a term, and whether a sum in it binds the letter anew."""
    free = False
    for place, token in enumerate(term):
        if token.kind == "sum" or (token.kind == "name" and token.text in ("sum", "Sigma", "argmin")):
            if _is_bound(letter, term[place + 1 : place + 8]):
                return free, True
        elif token.kind == "name" and (token.text == letter or (letter in token.text and _is_index(p, term, place))):
            free = True
    return free, False


def _is_bound(letter: str, behind: tuple[Token, ...]) -> bool:
    """Whether the script behind the sign of a sum names a letter before any =."""
    kinds = [token.kind for token in behind]
    if kinds[:1] != ["_"]:
        return False
    end = next((k for k, kind in enumerate(kinds) if kind in ("=", "}", "^")), len(kinds) if kinds[1:2] == ["{"] else 2)
    return any(token.text == letter or letter in token.text for token in behind[1:end] if token.kind == "name")


def _is_index(p: Parser, term: tuple[Token, ...], place: int) -> bool:
    """Whether a word is two indices, as the ij of x_ij, and no part of a declared name."""
    word = term[place]
    opened = place - 1 if term[place - 1].kind == "_" else place - 2
    if len(word.text) != 2 or opened < 1 or term[opened].kind != "_":
        return False
    return p.meant(f"{term[opened - 1].text}_{word.text}") is None
