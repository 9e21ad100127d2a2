"""TeX as TeX reads it: a script is one letter, command or number unless it is in braces, in either order; a font
changes nothing. Declared names come first: S_Bw is S_B·w where S_B is declared, and B_noise is one name where that is.
"""

from __future__ import annotations

from engine.notation import spelling
from engine.reading.errors import Unreadable
from engine.reading.names import Names
from engine.reading.parser import part_of
from engine.reading.tokens import CLOSING, OPENING, Token
from engine.reading.words import STARS, is_function
from engine.terms import Symbol

WHOLE = "a number or sign behind ^ or _ is read whole, as in x^{10} and e^{-x}: TeX would set its first sign alone"
_WORDS = frozenset(("text", "textrm", "textit", "textsf", "mathrm", "operatorname", "rm", "vec"))
_INDICES = "ijkl"


def is_tex(text: str) -> bool:
    return "\\" in text or "{" in text


def cut_scripts(tokens: list[Token], names: Names) -> list[Token]:
    """The tokens with each script cut where TeX ends it."""
    cut: list[Token] = []
    for token in tokens:
        cut += _cut(token, cut, names) if cut and cut[-1].kind in ("_", "^") else [token]
    return cut


def has_whole_script(tokens: list[Token]) -> bool:
    """Whether a script without braces is read as more than TeX would take."""
    pairs = zip(tokens, tokens[1:], strict=False)
    return any(
        sign.kind in ("_", "^") and (token.kind == "-" or (token.kind == "number" and len(token.text) > 1))
        for sign, token in pairs
    )


def _cut(token: Token, before: list[Token], names: Names) -> list[Token]:
    """The part of a word that is the script, and the rest."""
    if token.kind != "name" or len(token.text) == 1 or token.end - token.start != len(token.text):
        return [token]
    end = _end(token.text, before, names)
    return [part_of(token, 0, end), part_of(token, end, len(token.text))] if end < len(token.text) else [token]


def _end(word: str, before: list[Token], names: Names) -> int:
    """How much of a word is the script: what makes a declared name, two indices of a matrix, or one letter."""
    stem = before[-2].text if len(before) > 1 and before[-2].kind == "name" else ""
    below = before[-1].kind == "_"
    for end in range(len(word), 0, -1):
        if names.get(f"{stem}_{word[:end]}" if below and stem else word[:end]) is not None:
            return end
    meant = names.get(stem)
    is_pair = below and len(word) == 2 and all(letter in _INDICES for letter in word)
    if is_pair and (stem in ("delta", "") or (isinstance(meant, Symbol) and meant.cols != 1)):
        return 2
    return 1


def ordered(tokens: list[Token], names: Names) -> list[Token]:
    """The tokens with each subscript before its superscript, v^T_1 as v_1^T; but not x^α_N where α_N is declared."""
    place = 0
    while place < len(tokens) - 1:
        if tokens[place].kind == "^":
            above = script_end(tokens, place + 1)
            below = script_end(tokens, above + 1) if above is not None and tokens[above].kind == "_" else None
            if (
                above is not None
                and below is not None
                and _is_apart(tokens[place + 1 : above], tokens[above:below], names)
            ):
                tokens = [*tokens[:place], *tokens[above:below], *tokens[place:above], *tokens[below:]]
        place += 1
    return tokens


def _is_apart(above: list[Token], below: list[Token], names: Names) -> bool:
    """Whether two scripts are of one stem: the first is no mark of a name, and no name that has the second."""
    if all(token.kind in ("{", "}", "'", *STARS) for token in above):
        return False
    name = above[-1].text if above[-1].kind == "name" else ""
    script = "".join(token.text for token in below if token.kind in ("name", "number"))
    return not (name and (names.get(f"{name}_{script}") or (names.get(name) and len(above) == 1)))


def script_end(tokens: list[Token], place: int) -> int | None:
    """Where the script that begins at a place ends; None where none does."""
    if tokens[place].kind == "font":
        place += 1
    if tokens[place].kind in ("name", "number", "'", "ᵀ", *STARS):
        return place + 1
    if tokens[place].kind != "{":
        return None
    depth = 0
    for end in range(place, len(tokens)):
        depth += (tokens[end].kind in OPENING) - (tokens[end].kind in CLOSING)
        if depth == 0:
            return end + 1
    return None


_FRACTIONS = {"over": "frac", "choose": "binom"}


def with_fractions(tokens: list[Token]) -> list[Token]:
    """The tokens with {a \\over b} as \\frac{a}{b}, and {n \\choose k} as \\binom{n}{k}."""
    while (place := next((k for k, token in enumerate(tokens) if token.kind in _FRACTIONS), None)) is not None:
        sign = tokens[place]
        opened = _enclosing(tokens, place)
        closed = script_end(tokens, opened) if opened is not None else None
        if opened is None or closed is None:
            raise Unreadable(f"\\{sign.kind} stands in no braces", sign.start, sign.end, "write \\frac{a}{b}")
        command = Token(_FRACTIONS[sign.kind], sign.text, sign.start, sign.end)
        above, below = tokens[opened + 1 : place], tokens[place + 1 : closed - 1]
        first, last = tokens[opened], tokens[closed - 1]
        whole = [first, command, first, *above, last, first, *below, last, last]
        tokens = [*tokens[:opened], *whole, *tokens[closed:]]
    return tokens


def _enclosing(tokens: list[Token], place: int) -> int | None:
    """Where the brace opens that a place stands in."""
    depth = 0
    for opened in range(place, -1, -1):
        depth += (tokens[opened].kind in CLOSING) - (tokens[opened].kind in OPENING)
        if depth < 0:
            return opened if tokens[opened].kind == "{" else None
    return None


def without_fonts(tokens: list[Token], names: Names) -> list[Token]:
    """The tokens without the fonts that are set around more than a name: \\mathbf{C B C}^T is C B C^T."""
    found: list[Token] = []
    skipped: set[int] = set()
    for place, token in enumerate(tokens):
        if place in skipped:
            continue
        if token.kind == "font" and tokens[place + 1].kind == "{":
            end = script_end(tokens, place + 1)
            if end is not None and _is_plain(token, tokens[place + 2 : end - 1], names):
                is_argument = found and found[-1].kind in ("^", "_", "frac", "sqrt")
                skipped |= set() if is_argument else {place + 1, end - 1}
                continue
        found.append(token)
    return found


def _is_plain(font: Token, inside: list[Token], names: Names) -> bool:
    if len(inside) != 1:
        words = all(token.kind in ("name", "number") for token in inside)
        return bool(inside) and not (words and font.text in _WORDS)
    (token,) = inside
    if token.kind == "number":
        return font.text in _WORDS
    is_word = is_function(token.text) or token.text in spelling.OPERATORS or names.get(token.text) is not None
    several = token.kind == "name" and token.end - token.start == len(token.text) > 1
    return several and not is_word and font.text not in _WORDS
