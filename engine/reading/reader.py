"""A text, read in the symbol table of a derivation or of declarations."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from engine.notation import spelling
from engine.notation.dialects import dialect_of
from engine.notation.plain import plain
from engine.reading.building import fitted, open_letters
from engine.reading.cost import bounded
from engine.reading.dialects import translated
from engine.reading.errors import IllTyped, Unreadable
from engine.reading.grammar import GRAMMAR, RELATIONS
from engine.reading.names import Names
from engine.reading.parser import QUOTIENT_NOTE, Manner, Parser
from engine.reading.superscripts import lowered
from engine.reading.tex import WHOLE, cut_scripts, has_whole_script, is_tex, ordered, with_fractions, without_fonts
from engine.reading.tokens import CLOSING, OPENING, Token, tokens
from engine.reading.words import is_function
from engine.terms import ZERO, Shape, Term

SQUARES = "the square of a column may be its squared norm or that of each entry"
ReadSide = tuple[Term, tuple[str, ...]]


@dataclass(frozen=True)
class Reading:
    """What a text says: the sides of a chain of equalities (one, where there is no =), and the name on its left, if
    that is no term but only a name for the rest (`w* = …`). The notes tell what could have been read otherwise.
    """

    text: str
    label: str
    sides: tuple[Term, ...]
    notes: tuple[str, ...] = ()
    sign: str = "="  # between two sides
    other: Reading | None = None  # what it says where the square of a column is that of each entry

    @property
    def value(self) -> Term:
        return self.sides[-1]

    def fitted(self, shape: Shape) -> Reading:
        """The reading where identities whose size is not said have the size that a shape asks for."""
        fitting = replace(self, sides=tuple(fitted(side, shape) for side in self.sides), other=None)
        if self.other is None:
            return fitting
        other = self.other.fitted(shape)
        fits = [all(side.shape == shape for side in each.sides) for each in (fitting, other)]
        return replace(fitting, other=other) if fits[0] == fits[1] else fitting if fits[0] else other

    @property
    def behind_the_first(self) -> Reading:
        """The reading without its first side."""
        other = self.other.behind_the_first if self.other is not None else None
        return replace(self, sides=self.sides[1:], other=other)

    @property
    def has_open_quotient(self) -> bool:
        """Whether a/b c stands in the text, which some mean as a/(bc)."""
        return QUOTIENT_NOTE in self.notes

    def settled(self) -> Reading:
        """Raises IllTyped where the size of an I, 𝟏 or e_k is not known, Unreadable for what may mean two things."""
        if self.other is not None:
            hint = f"write {plain(self.value)} or {plain(self.other.value)}"
            raise Unreadable(SQUARES, 0, len(self.text), hint)
        for side in self.sides:
            refuse_open_sizes(side, 0, len(self.text))
        return self


def refuse_open_sizes(value: Term, start: int, end: int) -> None:
    """Raises IllTyped where the size of an I, 𝟏 or e_k is not known from what stands around it."""
    if letters := open_letters(value):
        hint = {"I": "write I_n or I_d", "𝟏": "write 1_n or 1_d"}.get(letters[0], "")
        raise IllTyped(f"the size of {' and '.join(letters)} is not known from its place", start, end, hint)


def read(text: str, names: Names, tight: bool = False) -> Reading:
    """Read an expression, or a chain of equalities. Raises Unreadable, or IllTyped where shapes do not fit.

    Where `tight`, 1/2n is read as 1/(2n): only to see what somebody may have meant.
    """
    try:
        return _read(text, names, tight)
    except IllTyped as trouble:
        primed = [name for name in names.spelled if name.endswith("'")]
        if not primed or "'" not in text:
            raise
        try:
            reading = _read(text, names.without(*primed), tight)
        except Unreadable:
            raise trouble from None
        note = f"{primed[0]} is read as a transpose, because the {primed[0]} that is declared does not fit"
        return replace(reading, notes=(*reading.notes, note))


def read_relation(text: str, names: Names) -> Reading | None:
    """Two sides with a sign of a relation between them; None for anything else. Raises Unreadable."""
    found, before, manner = _prepared(text, names)
    signs, parts = _split(found)
    if len(signs) != 1 or signs[0] not in RELATIONS or any(start == end for start, end in parts):
        return None
    (left, *others), (right, *more) = (_side(found[slice(*part)], names, manner) for part in parts)
    if others or more:
        raise Unreadable(SQUARES, 0, len(text))
    shape = right[0].shape if left[0] == ZERO or open_letters(left[0]) else left[0].shape
    notes = tuple(dict.fromkeys((*before, *left[1], *right[1])))
    return Reading(text, "", (left[0], right[0]), notes, signs[0]).fitted(shape).settled()


def prepared(text: str, names: Names) -> tuple[Token, ...]:
    """The tokens of a text, whatever notation it is written in."""
    return _prepared(text, names)[0]


def _prepared(text: str, names: Names) -> tuple[tuple[Token, ...], tuple[str, ...], Manner]:
    """The tokens of a text, whatever notation it is written in, what is to be said of it, and how it is meant."""
    dialect = dialect_of(text)
    manner = Manner(arrays=dialect.entrywise, first_index=dialect.first_index) if dialect is not None else Manner()
    found = translated(tokens(text, names.spelled), names, dialect)
    notes: tuple[str, ...] = ()
    if is_tex(text):
        found = cut_scripts(with_fractions(without_fonts(found, names)), names)
        notes = (WHOLE,) if has_whole_script(found) else ()
    return tuple(ordered(lowered(found, names), names)), notes, manner


def _read(text: str, names: Names, tight: bool) -> Reading:
    found, before, manner = _prepared(text, names)
    manner = replace(manner, tight=tight)
    if len(found) == 1:
        raise Unreadable("there is nothing to read", 0, 1, "give an expression")
    parts = _sides(found)
    label = ""
    if len(parts) > 1 and _is_label(found[slice(*parts[0])]) and not _is_term(found[slice(*parts[0])], names):
        label = text[found[parts[0][0]].start : found[parts[0][1] - 1].end]
        parts = parts[1:]
    if empty := next((found[start] for start, end in parts if start == end), None):
        raise Unreadable("nothing stands on this side of the =", empty.start, empty.end)
    readings = [_side(found[slice(*part)], names, manner) for part in parts]
    reading, other = (
        Reading(text, label, tuple(side for side, _ in each), tuple(dict.fromkeys((*before, *_notes(each)))))
        for each in ([reading[0] for reading in readings], [reading[-1] for reading in readings])
    )
    return reading if reading.sides == other.sides else replace(reading, other=other)


def _notes(sides: list[ReadSide]) -> tuple[str, ...]:
    return tuple(note for _, notes in sides for note in notes)


def _sides(found: tuple[Token, ...]) -> list[tuple[int, int]]:
    """Where the sides of a chain of equalities stand."""
    signs, parts = _split(found)
    depth = 0
    for token in found:
        depth += (token.kind in OPENING) - (token.kind in CLOSING)
        if token.kind in RELATIONS and token.kind != "=":
            raise Unreadable("an inequality is no answer here", token.start, token.end, "give the expression itself")
        if token.kind in ("<=>", "=>", "propto", "succ", "succeq", ":") or (token.kind == ";" and depth == 0):
            raise Unreadable(f"{token.text} cannot stand here", token.start, token.end, "give the expression itself")
    return parts


def _side(part: tuple[Token, ...], names: Names, manner: Manner) -> list[ReadSide]:
    """The term that some tokens are, with what is noted; two where columns are squared and both readings fit."""
    found: list[ReadSide] = []
    trouble: Unreadable | None = None
    for second in (False, True):
        parser = Parser((*part, Token("end", "", part[-1].end, part[-1].end)), names, GRAMMAR)
        parser.manner = replace(manner, second=second or manner.arrays)
        try:
            value = parser.expression()
            parser.finish()
            bounded(value, part[0].start, part[-1].end)
            found.append((value, parser.notes))
        except Unreadable as error:
            trouble = trouble or error
        if not parser.squares and not (parser.diagonals and trouble is not None):
            break
    if trouble is not None and not found:
        if parser.sized and not manner.open_sizes:
            with suppress(Unreadable):
                return _side(part, names, replace(manner, open_sizes=True))
        raise trouble
    return found


def _is_label(part: tuple[Token, ...]) -> bool:
    """Whether some tokens look like a name: a word with marks, subscripts and arguments."""
    marks = ("name", "number", "font", "accent", "^", "_", "{", "}", "(", ")", "[", "]", "'", "*", "★", ",", "ᵀ")
    if not part or part[0].kind not in ("name", "font", "accent") or not all(token.kind in marks for token in part):
        return False
    return part[0].text not in spelling.OPERATORS and not is_function(part[0].text)  # Var(y) says what it is


def _is_term(part: tuple[Token, ...], names: Names) -> bool:
    try:
        _side(part, names.as_declared, Manner())
    except Unreadable:
        return False
    return True


@dataclass(frozen=True)
class Chain:
    """What a line of a working says: sides with signs between them.

    A side is a term, a name that is declared nowhere, or nothing (where the line begins with a sign). `spans` are where
    the sides stand in the text.
    """

    text: str
    signs: tuple[str, ...]
    sides: tuple[Term | str | None, ...]
    spans: tuple[tuple[int, int], ...]
    notes: tuple[str, ...] = ()


def read_chain(text: str, names: Names) -> Chain:
    """Read sides with =, inequalities, ⇒ and ⇔ between them. Raises Unreadable."""
    found, notes_before, manner = _prepared(text, names)
    signs, parts = _split(found)
    sides: list[Term | str | None] = []
    notes = dict.fromkeys(notes_before)
    for number, (start, end) in enumerate(parts):
        part = found[start:end]
        if not part and number == 0 and len(parts) > 1:
            sides.append(None)
            continue
        if not part:
            raise Unreadable("nothing stands on this side", found[start].start, found[start].end)
        if len(parts) > 1 and _is_label(part) and not _is_term(part, names):
            sides.append(_label_of(part))
            continue
        (side, more), *others = _side(part, names, manner)
        if others:
            hint = f"write {plain(side)} or {plain(others[0][0])}"
            raise Unreadable(SQUARES, part[0].start, part[-1].end, hint)
        sides.append(side)
        notes |= dict.fromkeys(more)
    spans = tuple((found[a].start, found[max(a, b - 1)].end) for a, b in parts)
    return Chain(text, tuple(signs), tuple(sides), spans, tuple(notes))


def _label_of(part: tuple[Token, ...]) -> str:
    """A label as one name, its accents behind the letter."""
    words = [token for token in part if token.kind not in ("{", "}", "font")]
    for place, token in enumerate(words[:-1]):
        if token.kind == "accent":
            words[place : place + 2] = words[place + 1], token
    return "".join(token.text for token in words)


CHAINING = frozenset((*RELATIONS, "<=>", "=>", "succ", "succeq"))


def _split(found: tuple[Token, ...]) -> tuple[list[str], list[tuple[int, int]]]:
    """The signs outside of brackets, and where the sides between them stand."""
    signs: list[str] = []
    parts: list[tuple[int, int]] = []
    depth, begun = 0, 0
    for place, token in enumerate(found[:-1]):
        depth += (token.kind in OPENING) - (token.kind in CLOSING)
        if depth == 0 and token.kind in CHAINING:
            if place == begun and signs and signs[-1] in ("=>", "<=>"):  # ⇒ = c
                raise Unreadable("two signs side by side", token.start, token.end)
            signs.append(token.kind)
            parts.append((begun, place))
            begun = place + 1
    return signs, [*parts, (begun, len(found) - 1)]
