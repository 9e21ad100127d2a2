"""Names in a text: declared ones with their marks and subscripts, runs of them without a space, and what else a word
may be.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.notation import spelling
from engine.reading.errors import Unreadable
from engine.reading.names import Meant
from engine.reading.parser import Parser, merged, part_of
from engine.reading.tokens import Token
from engine.terms import Definition

LONGEST_WORD = 40
STARS = ("★", "*")
ONES = "𝟏"  # a column of them
BOLD = frozenset(("mathbf", "boldsymbol", "bm", "pmb", "bf", "boldmath", "textbf"))
CONSTANTS = frozenset((ONES, "I", "e", "pi", "infinity"))
WITHOUT_BRACKETS = ("ln", "log", "exp", "sqrt", "sin", "cos", "tan", "tr", "det")


@dataclass(frozen=True)
class Found:
    """A declared name as far as it goes: what it stands for, where it ends, and what is left of its subscript."""

    meant: Meant
    place: int
    left: tuple[tuple[Token, ...], ...] = ()


def word(p: Parser) -> str | None:
    """Take a name, plain or set in a font or with an accent; None (and nothing taken) where there is none."""
    start = p.place
    with p.one_deeper():
        found = _word(p)
    if found is None:
        p.place = start
    return found


def _word(p: Parser) -> str | None:
    token = p.take()
    if token.kind == "name":
        return token.text
    text = _marked(p, token) if token.kind in ("font", "accent") else None
    if not text:
        return None
    if token.text in ("mathbb", "mathds"):
        if text == "1":
            transposed = p.kind in ("^", "'", "ᵀ", "_")
            p.note(f"\\mathbb{{1}} is read as {'a column of ones' if transposed else 'the identity'}")
            return ONES if transposed else "I"
        return {"E": "E!", "V": "Var", "I": "I"}.get(text)
    if text == "1":
        return ONES if token.text in BOLD else None
    return text + token.text if token.kind == "accent" else text


def _marked(p: Parser, token: Token) -> str | None:
    """What stands under a font or an accent."""
    if p.kind == "{":
        end = p.closing(p.place)
        inside = p.tokens[p.place + 1 : end]
        if token.kind == "accent" and len(inside) > 1:
            p.take()
            text = word(p)
            if text is None or p.place != end:
                return None
        else:
            text = merged(inside)
        p.place = end + 1
        return text
    if p.kind in ("font", "accent"):
        return word(p)
    if p.kind != "name":
        return None
    whole = p.take()
    if len(whole.text) > 1 and token.kind == "accent" and p.meant(whole.text + token.text) is None:
        p.place -= 1  # \hat xy is \hat{x} y
        p.put(part_of(whole, 0, 1), part_of(whole, 1, len(whole.text)))
        whole = p.take()
    return whole.text


def declared(p: Parser, text: str) -> Found | None:
    """The longest declared name that begins with a word just taken; the cursor stays behind the word."""
    best: Found | None = None
    start = p.place
    for name, place, subscript in _with_marks(p, text, start):
        for found in _with_subscript(p, name, place, subscript):
            if best is None or found.place > best.place or (found.place == best.place and not found.left):
                best = found
    p.place = start
    return best


def _with_marks(p: Parser, text: str, start: int) -> list[tuple[str, int, int | None]]:
    """The names that a word makes with the primes, stars and subscripts behind it, and where each one ends."""
    found: list[tuple[str, int, int | None]] = [(text, start, None)]
    for name, place, subscript in found:
        if len(found) > 12:
            break
        for mark, end in _marks(p, place, name):
            found.append((name + mark, end, subscript))
        if subscript is None and p.tokens[place].kind == "_":
            behind = end_of_script(p, place + 1)
            if behind is not None:
                found.append((name, behind, place + 1))
    return found


def _marks(p: Parser, place: int, name: str) -> list[tuple[str, int]]:
    kind = p.tokens[place].kind
    if kind == "'":
        return [("'", place + 1)]
    if kind in STARS:
        return [("*", place + 1)] if _is_mark(p, place, name) else []
    if kind != "^":
        return []
    end = end_of_script(p, place + 1)
    inside = [t for t in p.tokens[place + 1 : end] if t.kind not in "{}"] if end else []
    if inside and all(token.kind in (*STARS, "'") for token in inside):
        assert end is not None
        return [("".join("'" if token.kind == "'" else "*" for token in inside), end)]
    return []


def _is_mark(p: Parser, place: int, name: str) -> bool:
    """Whether a star is a mark of the name before it: attached to it, and no factor attached behind."""
    star, behind = p.tokens[place], p.tokens[min(place + 1, len(p.tokens) - 1)]
    starred = p.meant(name + "*")
    if behind.kind == "(" and isinstance(starred, Definition) and starred.parameters and not star.spaced:
        return True
    return not star.spaced and (behind.spaced or behind.kind not in ("name", "number", "(", "font", "accent", "["))


def end_of_script(p: Parser, place: int) -> int | None:
    kind = p.tokens[place].kind
    if kind == "{":
        return p.closing(place) + 1
    if kind in ("name", "number", *STARS, "'"):
        return place + 1
    if kind == "font" and p.tokens[place + 1].kind == "{":
        return p.closing(place + 1) + 1
    return None


def _with_subscript(p: Parser, name: str, place: int, subscript: int | None) -> list[Found]:
    if subscript is None:
        meant = p.meant(name)
        return [Found(meant, place)] if meant is not None else []
    parts = subscripts(p, subscript)
    texts = [_subscript_text(part) for part in parts]
    found: list[Found] = []
    for count in range(len(parts), 0, -1):
        meant = p.meant("_".join((name, *texts[:count]))) if all(texts[:count]) else None
        if meant is not None:
            found.append(Found(meant, place, parts[count:]))
    first = parts[0][0] if len(parts) == 1 and len(parts[0]) == 1 else None
    if first is not None and first.kind == "name" and not found:
        for cut in range(len(first.text) - 1, 0, -1):
            meant = p.meant(f"{name}_{first.text[:cut]}")
            if meant is not None and all(letter in p.bound or p.meant(letter) for letter in first.text[cut:]):
                rest = tuple((part_of(first, k, k + 1),) for k in range(cut, len(first.text)))
                found.append(Found(meant, place, rest))
    return found


def subscripts(p: Parser, place: int) -> tuple[tuple[Token, ...], ...]:
    """The tokens of a subscript, in parts between commas."""
    if p.tokens[place].kind == "font":
        place += 1
    if p.tokens[place].kind != "{":
        return ((p.tokens[place],),)
    end = p.closing(place)
    if end == place + 1:
        token = p.tokens[place]
        raise Unreadable("an empty subscript", token.start, p.tokens[end].end)
    return tuple(p.tokens[a:b] for a, b in p.pieces(place + 1, end, ","))


def split(p: Parser, token: Token) -> list[Token] | None:
    """The names that a word without spaces is made of, or None. `XTX` is XᵀX only where nothing else fits."""
    if len(token.text) > LONGEST_WORD:
        return None
    for level in range(3):
        cuts = _cuts(p, token.text, level)
        if cuts is not None:
            return _cut(p, token, cuts)
    return None


def is_of_declared_names(p: Parser, text: str) -> bool:
    """Whether a word is nothing but declared names side by side."""
    return len(text) <= LONGEST_WORD and _cuts(p, text, 0) is not None


def _cut(p: Parser, token: Token, cuts: list[int]) -> list[Token]:
    found: list[Token] = []
    for start, end in zip([0, *cuts[:-1]], cuts, strict=True):
        text = token.text[start:end]
        transposed = text == "T" and p.meant("T") is None
        if transposed:
            p.note(f"{token.text} is read as {token.text.replace('T', 'ᵀ')}")
        if text in WITHOUT_BRACKETS and p.meant(text) is None:
            p.note(f"{token.text} is read as {text} of {token.text[end:]}")
        found.append(part_of(token, start, end, "ᵀ" if transposed else "name"))
    return found


def _cuts(p: Parser, text: str, level: int) -> list[int] | None:
    """Where the names in a word end: declared ones, then constants and functions too, then T as a transpose."""
    reached: dict[int, list[int] | None] = {len(text): []}
    for place in range(len(text) - 1, -1, -1):
        reached[place] = None
        for end in range(len(text), place, -1):
            rest = reached[end]
            if rest is not None and _is_part(p, text, place, end, level):
                reached[place] = [end, *rest]
                break
    return reached[0]


def _is_part(p: Parser, text: str, start: int, end: int, level: int) -> bool:
    part, last = text[start:end], end == len(text)
    meant = p.meant(part) if part not in spelling.ALIASES else None
    if meant is not None or (last and p.names.begins(part)):
        return True
    if level >= 1 and last and part in ("E", "Var", "Cov") and p.kind in ("[", "("):
        return True
    if level >= 1 and (part in CONSTANTS or (part in WITHOUT_BRACKETS and not last)):
        return True
    if level >= 1 and p.names.free and len(part) == 1 and part.isalpha() and len(text) <= 3:
        return not is_applied(p)  # foo(x) is no product of letters
    return level == 2 and part == "T" and start > 0


def is_applied(p: Parser) -> bool:
    """Whether a bracket opens right behind the word just taken, as that of a function's arguments does."""
    return p.kind == "(" and not p.now.spaced


def unknown(p: Parser, text: str, start: int) -> Unreadable:
    """The error for a name that is not declared."""
    first, last = p.tokens[start], p.tokens[max(start, p.place - 1)]
    shown = text.rstrip("!")
    if p.names.free and is_applied(p) and len(shown) <= LONGEST_WORD and p.meant(shown) is None:
        near = p.names.nearest(shown, applied=True)
        hint = f"did you mean {near}?" if near else f"for a product, write {shown}*(…)"
        return Unreadable(f"there is no function {shown} here", first.start, last.end, hint)
    if len(shown) > LONGEST_WORD:
        return Unreadable("a word too long to be a name", first.start, last.end)
    near = p.names.nearest(shown, applied=p.kind in ("(", "{", "["))
    digits = shown.rstrip("0123456789")
    if digits != shown and p.meant(digits) is not None:
        number = shown[len(digits) :]
        hint = f"did you mean {digits}*{number}, {digits}^{number} or {digits}_{number}?"
    elif shown in ("i", "j") and p.meant(shown) is None:
        hint = "an index stands below a letter, as in x_i, or in a sum around it; or declare it"
    elif near is not None:
        hint = f"did you mean {near}?"
    elif len(shown) > 1 and any(p.meant(letter) for letter in shown):
        hint = "did you forget a * between?"
    else:
        hint = f"known here: {p.names.shown()}" if p.names.spelled else "declare it"
    if len(shown) > 1 and near is not None and any(p.meant(letter) for letter in shown):
        hint += " Or did you forget a * between?"
    return Unreadable(f"{shown} is not declared here", first.start, last.end, hint)


def script_end(p: Parser) -> int:
    """Where the script that begins here ends. Raises Unreadable where none does."""
    end = end_of_script(p, p.place)
    if end is None:
        raise p.no_factor()
    return end


def _subscript_text(tokens: tuple[Token, ...]) -> str:
    return merged(tuple(token for token in tokens if token.kind not in ("{", "}", "font")))


def is_function(text: str) -> bool:
    return text in spelling.FUNCTIONS or text in spelling.OTHER_FUNCTIONS
