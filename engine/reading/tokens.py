"""Text → tokens. Whatever the notation, the tokens are the same; nothing is dropped but space and sizes of brackets."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from engine.notation import spelling
from engine.notation.alphabet import GREEK
from engine.reading.errors import Unreadable

LONGEST = 4_000  # characters
MOST = 1_200  # tokens
DIGITS = 60  # of a number
DEEPEST = 30  # brackets within brackets


class Token(NamedTuple):
    """`kind` is "number", "name", "end", or the symbol itself; `spaced` says whether space stands before it."""

    kind: str
    text: str
    start: int
    end: int
    spaced: bool = False


_WORD = re.compile(r"[A-Za-z]+[0-9]*")
_NUMBER = re.compile(r"(\d+(?:\.\d+)?|\.\d+)([eE][+-]?\d+)?")
_COMMAND = re.compile(r"\\([A-Za-z]+\*?|.)", re.DOTALL)
_ARG = re.compile(r"\\arg\s*(?:\\[,!;:]\s*)?\\?(min|max)(?![A-Za-z])")
_LONG_SYMBOLS = (
    "%*%",
    "<=>",
    ".*",
    "./",
    ".^",
    ".'",
    ".+",
    ".-",
    "**",
    "||",
    "<=",
    ">=",
    "!=",
    "==",
    ":=",
    "=>",
    "->",
    "..",
)
_LONG_BY_FIRST = {
    first: tuple(symbol for symbol in _LONG_SYMBOLS if symbol[0] == first)
    for first in {symbol[0] for symbol in _LONG_SYMBOLS}
}
_SYMBOLS = frozenset("+-*/^_()[]{},;|!'=<>.&:@~")
_SAME = {"%*%": "@", ".'": "'", ".+": "+", ".-": "-", "**": "^", "==": "=", ":=": "=", "@": "@", "..": "..."}
ONE_SIDED = {"lVert": True, "lvert": True, "rVert": False, "rvert": False}  # bars that open, or close
CLOSING = {")": "(", "]": "[", "}": "{"}
OPENING = frozenset(CLOSING.values())
_MATHEMATICAL_LETTERS = range(0x1D400, 0x1D800)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # （ and the like
_ENVIRONMENTS = re.compile(r"\\begin\{(equation|align|aligned|gather|displaymath)(\*?)\}(.*)\\end\{\1\2\}", re.DOTALL)
_ALIGNED = re.compile(r"^\s*\\begin\{align(?:ed)?\*?\}.*", re.DOTALL)
_GROUPS = re.compile(r"\s*\\(?:boxed|mbox|ensuremath)\s*\{")


def tokens(text: str, declared: frozenset[str] = frozenset(), statement: bool = False) -> list[Token]:
    """The tokens of a text, an "end" token last. Raises Unreadable. `declared` names are not numbers (the e of 2e).

    In a `statement` ~ is the sign of a law, and the interval (0, 1] need not be closed as it was opened.
    """
    text = text if text.isascii() else text.translate(_FULL_WIDTH)
    text = _ALIGNED.sub(lambda match: match.group().replace("&", " "), text) if "align" in text[:40] else text
    if len(text) > LONGEST:
        raise Unreadable(f"the text is longer than {LONGEST:,} characters", LONGEST, LONGEST + 1)
    start, end = _unwrapped(text)
    return _Lexer(text, start, end, declared, statement).run()


def _unwrapped(text: str) -> tuple[int, int]:
    """Where the mathematics stands: without `$…$`, `\\[…\\]`, `\\boxed{…}` around it and a full stop behind it."""
    start, end = 0, len(text)
    while True:
        while start < end and text[start].isspace():
            start += 1
        while start < end and text[end - 1].isspace():
            end -= 1
        inner = text[start:end]
        environment = _ENVIRONMENTS.fullmatch(inner)
        if environment is not None:
            start, end = start + environment.start(3), start + environment.end(3)
            continue
        for opening, closing in (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)")):
            body = inner[len(opening) : -len(closing)]
            wrapped = inner.startswith(opening) and inner.endswith(closing) and len(inner) >= len(opening + closing)
            if wrapped and opening not in body:
                start, end = start + len(opening), end - len(closing)
                break
        else:
            boxed = _GROUPS.match(inner)
            if boxed and inner.endswith("}") and _closes_last(inner, boxed.end() - 1):
                start, end = start + boxed.end(), end - 1
            elif inner.endswith((".", "。")) and not inner.endswith(".."):
                end -= 1
            else:
                return start, end


def _closes_last(text: str, opening: int) -> bool:
    """Whether the brace opened at a place is closed by the last character."""
    depth = 0
    for place in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return place == len(text) - 1
    return False


class _Lexer:
    def __init__(self, text: str, start: int, end: int, declared: frozenset[str], statement: bool = False) -> None:
        self.text, self.at, self.stop, self.declared, self.statement = text, start, end, declared, statement
        self.found: list[Token] = []
        self.spaced = False
        self.open: list[Token] = []

    def run(self) -> list[Token]:
        while self.at < self.stop:
            self._next()
            if len(self.found) > MOST:
                raise Unreadable(f"more than {MOST:,} symbols", self.at, self.at + 1)
        if self.open:
            opened = self.open[-1]
            raise Unreadable(f"this {opened.text} is never closed", opened.start, opened.end)
        self._emit("end", "", self.stop, self.stop)
        return self.found

    def _emit(self, kind: str, text: str, start: int, end: int) -> None:
        if kind == "name" and text in spelling.LOWERED and text not in self.declared:
            text = spelling.LOWERED[text]
        token = Token(kind, text, start, end, self.spaced)
        if kind in OPENING:
            self.open.append(token)
            if len(self.open) > DEEPEST:
                raise Unreadable(f"more than {DEEPEST} brackets within one another", start, end)
        elif kind in CLOSING and not self._closes(kind):
            raise Unreadable(f"this {text} closes nothing that is open", start, end)
        self.found.append(token)
        self.spaced = False

    def _closes(self, kind: str) -> bool:
        """Whether a bracket closes the one that was opened last."""
        opened = self.open.pop().kind if self.open else ""
        return opened == CLOSING[kind] or (self.statement and {opened, CLOSING[kind]} == {"(", "["})

    def _next(self) -> None:
        text, at = self.text, self.at
        character = text[at]
        if character.isspace():
            self.at, self.spaced = at + 1, True
        elif character.isascii():
            self._ascii(character)
        elif character in spelling.SUPERSCRIPTS and character != "ᵀ":
            self._raised("^", spelling.SUPERSCRIPTS)
        elif character in spelling.SUBSCRIPTS:
            self._raised("_", spelling.SUBSCRIPTS)
        elif character in spelling.SYMBOLS:
            self.at += 1
            self._symbol(spelling.SYMBOLS[character], at)
        elif character in spelling.FRACTIONS:
            self.at += 1
            above, below = spelling.FRACTIONS[character]
            self._emit("number", f"{above}/{below}", at, self.at)
        else:
            self._letter(character)

    def _ascii(self, character: str) -> None:
        text, at = self.text, self.at
        if character == "\\":
            self._command()
        elif character.isalpha():
            match = _WORD.match(text, at, self.stop)
            assert match is not None
            self.at = match.end()
            self._emit("name", match.group(), at, self.at)
            self._accents()
        elif character.isdigit() or (character == "." and text[at + 1 : at + 2] in tuple("0123456789")):
            self._number()
        else:
            symbol = character
            if character in _LONG_BY_FIRST:
                symbol = next((s for s in _LONG_BY_FIRST[character] if text.startswith(s, at)), character)
            if symbol not in _SAME and symbol not in _LONG_SYMBOLS and symbol not in _SYMBOLS:
                raise self._strange(character)
            self.at += len(symbol)
            if symbol == "~" and self.statement:
                self._symbol("~", at)
            elif symbol == ".^":
                self._symbol("^", at)
                self._symbol("⊙", at)
            elif symbol == "~":
                self._tilde()
            else:
                self._symbol(_SAME.get(symbol, symbol), at)

    def _tilde(self) -> None:
        """LaTeX's tie, a space; but y~ where such a name is declared."""
        before = self.found[-1] if self.found and not self.spaced else None
        if before is not None and before.kind == "name" and any(n.startswith(before.text + "~") for n in self.declared):
            self._accent("\u0303")
        else:
            self.spaced = True

    def _symbol(self, symbol: str, start: int, command: str = "") -> None:
        if symbol == "''":
            self._emit("'", "'", start, self.at)
            symbol = "'"
        if symbol == "E":
            self._emit("name", "E", start, self.at)
        else:
            self._emit(symbol, command if command in ONE_SIDED else symbol, start, self.at)

    def _number(self) -> None:
        match = _NUMBER.match(self.text, self.at, self.stop)
        assert match is not None
        start, end = match.span()
        if match.group(2) and match.group(2)[0] in self.declared:
            end = match.end(1)
        digits = self.text[start:end]
        if self.text[end - 1] == "." and end == self.stop:
            digits, end = digits[:-1], end - 1
        exponent = re.search(r"[eE]([+-]?\d+)$", digits)
        if len(digits) > DIGITS or (exponent and (len(exponent.group(1)) > 4 or abs(int(exponent.group(1))) > DIGITS)):
            raise Unreadable(f"a number with more than {DIGITS} digits", start, end)
        self.at = end
        self._emit("number", digits, start, end)

    def _command(self) -> None:
        start = self.at
        if (match := _ARG.match(self.text, start, self.stop)) is not None:
            self.at = match.end()
            self._emit("name", f"arg{match[1]}", start, self.at)
            return
        match = _COMMAND.match(self.text, start, self.stop)
        if match is None:
            raise Unreadable("a backslash with nothing behind it", start, start + 1)
        name, self.at = match.group(1).rstrip("*"), match.end()
        name = spelling.VARIANTS.get(name, name)
        if name in spelling.SPACING:
            if name == " " and "\\" not in self.text.replace("\\ ", ""):
                raise Unreadable("a backslash alone", start, start + 1, "for A \\ b write A^-1 b")
            if name in ("left", "right") and self.text[self.at : self.at + 1] == ".":
                self.at += 1
            self.spaced = name not in ("left", "right")
        elif name in spelling.ACCENT_COMMANDS:
            self._emit("accent", spelling.ACCENT_COMMANDS[name], start, self.at)
        elif name in spelling.FONTS or name in ("mathbb", "mathds"):
            self._emit("font", name, start, self.at)
        elif name in spelling.COMMANDS:
            self._symbol(spelling.COMMANDS[name], start, name)
        elif name.isalpha() and (
            name in GREEK
            or name in spelling.FUNCTIONS
            or name in spelling.OTHER_FUNCTIONS
            or name in spelling.OPERATORS
            or name == "Pr"
        ):
            self._emit("name", name, start, self.at)
        else:
            hint = spelling.INSTEAD.get(name) or _like_command(name)
            raise Unreadable(f"the command \\{name} is not known here", start, self.at, hint)

    def _raised(self, sign: str, table: dict[str, str]) -> None:
        """A run of small characters, as the group that it stands for."""
        start = self.at
        while self.at < self.stop and self.text[self.at] in table and self.text[self.at] != "ᵀ":
            self.at += 1
        ends_in_transpose = sign == "^" and self.text[self.at : self.at + 1] == "ᵀ"
        inner = "".join(table[character] for character in self.text[start : self.at])
        if ends_in_transpose and inner == "-":
            self.at += 1
            inner = "-T"
        self._emit(sign, sign, start, start)
        self._emit("{", "{", start, start)
        try:
            raised = _Lexer(inner, 0, len(inner), self.declared).run()[:-1]
        except Unreadable as trouble:
            raise Unreadable(trouble.message, start, self.at, trouble.tip) from None
        for token in raised:
            self._emit(token.kind, token.text, start + token.start, start + token.end)
        self._emit("}", "}", self.at, self.at)

    def _letter(self, character: str) -> None:
        start = self.at
        self.at += 1
        if character in "𝟏𝟙":
            self._emit("name", "𝟏", start, self.at)
            return
        if ord(character) in _MATHEMATICAL_LETTERS:
            character = unicodedata.normalize("NFKC", character)
        plain = unicodedata.normalize("NFD", character)
        base = plain[0]
        if base in "ℝℕℤ":
            name = base
        elif base in spelling.GREEK_LETTERS:
            name = spelling.GREEK_LETTERS[base]
        elif base.isascii() and base.isalpha():
            name = base
        else:
            self.at = start
            raise self._strange(character)
        self._emit("name", name, start, self.at)
        self._accent(plain[1:])
        self._accents()

    def _accents(self) -> None:
        """Combining marks behind a letter."""
        start = self.at
        while self.at < self.stop and unicodedata.combining(self.text[self.at]):
            self.at += 1
        self._accent(self.text[start : self.at])

    def _accent(self, marks: str) -> None:
        for mark in marks:
            if mark not in spelling.ACCENTS:
                raise Unreadable(f"an accent that is not known here, U+{ord(mark):04X}", self.at - 1, self.at)
            last = self.found[-1]
            self.found[-1] = Token("name", last.text + spelling.ACCENTS[mark], last.start, self.at, last.spaced)

    def _strange(self, character: str) -> Unreadable:
        name = unicodedata.name(character, "")
        where = (self.at, self.at + 1)
        code = f"U+{ord(character):04X}"
        if unicodedata.category(character)[0] == "C":
            return Unreadable(f"an invisible character, {code} {name}".rstrip(), *where, "delete it")
        if "CYRILLIC" in name:
            return Unreadable(f"{character} is Cyrillic ({code})", *where, "type the Latin or Greek letter")
        if character in "±∓":
            return Unreadable("one answer at a time: ± means two", *where)
        if character in "≈≃≅~":
            return Unreadable("approximations are not judged: give the exact value", *where)
        return Unreadable(f"the character {character} is not known here ({code} {name})", *where)


def _like_command(name: str) -> str:
    import difflib

    known = [*spelling.COMMANDS, *GREEK, *spelling.FUNCTIONS, *spelling.FONTS]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.75) if len(name) > 2 else []
    return f"did you mean \\{near[0]}?" if near else ""
