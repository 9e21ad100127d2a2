"""Indices that are written above in brackets, as machine learning does for examples: X_j^{(i)} is X_{i,j}; and x_{ij}
for it.
"""

from __future__ import annotations

from engine.reading.names import Names
from engine.reading.tex import script_end
from engine.reading.tokens import Token
from engine.terms import Symbol


def lowered(tokens: list[Token], names: Names) -> list[Token]:
    """The tokens with each index above moved below: before the column of a matrix, behind any other subscript."""
    tokens = [_entry_of_matrix(tokens, place, names) for place in range(len(tokens))]
    found: list[Token] = []
    place = 0
    while place < len(tokens):
        end = _index_above(tokens, place, names)
        if end is None or not found:
            found.append(tokens[place])
            place += 1
            continue
        index = next(token for token in tokens[place:end] if token.kind == "name")
        following = tokens[end : end + 1]
        if following and following[0].kind == "_":  # X^{(i)}_j
            stop = script_end(tokens, end + 1) or end + 1
            script, end = [token for token in tokens[end + 1 : stop] if token.kind not in "{}"], stop
        else:
            found, script = _without_script(found)
        found += _subscript(index, script, first=_is_matrix(found, names))
        place = end
    return found


def _entry_of_matrix(tokens: list[Token], place: int, names: Names) -> Token:
    """x_{ij} is an entry of a declared X, where no x is declared."""
    token = tokens[place]
    if token.kind != "name" or len(token.text) != 1 or not token.text.islower() or names.get(token.text) is not None:
        return token
    meant = names.get(token.text.upper())
    is_entry = _has_indices(tokens, place + 1) or _index_above(tokens, place + 1, names) is not None
    if isinstance(meant, Symbol) and meant.cols != 1 and is_entry:
        return token._replace(text=token.text.upper())
    return token


def _has_indices(tokens: list[Token], place: int) -> bool:
    """Whether a subscript begins at a place, and is no word."""
    if place >= len(tokens) or tokens[place].kind != "_":
        return False
    end = script_end(tokens, place + 1) or place + 1
    inside = [token for token in tokens[place + 1 : end] if token.kind in ("name", "number")]
    return "".join(token.text for token in inside).isalpha() or len(inside) > 1 if _are_short(inside) else False


def _are_short(tokens: list[Token]) -> bool:
    return all(len(token.text) <= 2 for token in tokens)


def _index_above(tokens: list[Token], place: int, names: Names) -> int | None:
    """Where ^{(i)} or ^(i) ends, if it begins here and i is an index."""
    if place >= len(tokens) or tokens[place].kind != "^":
        return None
    for shape in (("{", "(", "name", ")", "}"), ("(", "name", ")")):
        part = tokens[place + 1 : place + 1 + len(shape)]
        if tuple(token.kind for token in part) == shape:
            letter = part[shape.index("name")].text
            meant = names.get(letter)
            is_index = isinstance(meant, Symbol) and names.declarations[meant].domain.whole
            if len(letter) == 1 and (is_index or (meant is None and letter in "ijklmn")):
                return place + 1 + len(shape)
    return None


def _without_script(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """Some tokens without the subscript that they end in, and what stood in it."""
    if tokens[-1].kind == "}":
        start = next(k for k in range(len(tokens) - 1, -1, -1) if tokens[k].kind == "{")
        if start and tokens[start - 1].kind == "_":
            return tokens[: start - 1], tokens[start + 1 : -1]
    elif len(tokens) > 1 and tokens[-2].kind == "_":
        return tokens[:-2], tokens[-1:]
    return tokens, []


def _is_matrix(before: list[Token], names: Names) -> bool:
    meant = names.get(before[-1].text)
    if before[-1].kind == "}" and len(before) > 1:  # \mathbf{X}
        meant = names.get(before[-2].text)
    return isinstance(meant, Symbol) and meant.cols != 1


def _subscript(index: Token, script: list[Token], first: bool) -> list[Token]:
    def sign(kind: str) -> Token:
        return Token(kind, kind, index.start, index.end)

    parts = [[index], script] if first else [script, [index]]
    inside = [*parts[0], *([sign(",")] if script else []), *parts[1]]
    return [sign("_"), sign("{"), *inside, sign("}")]
