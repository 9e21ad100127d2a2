"""What a formula leaves unsaid of its vectors: in Σ_j m_j w_j they are as long as the sum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.notation.alphabet import GREEK
from engine.reading.errors import Unreadable
from engine.reading.names import Names, spelled_name
from engine.reading.statements import RELATIONS, Phrase, WrittenName, is_sign, names_of, sizes_and_words, statements
from engine.reading.superscripts import lowered
from engine.reading.tokens import Token, tokens

Indexed = tuple[str, str]  # a name, and the one index that stands below it


def completed(formula: str, let: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The declarations with the sizes of families and of indexed letters filled in, and notes of what was filled in."""
    parts = [each for text in let for part in statements(text) for each in _single(part)]
    found = _tokens(formula)
    sums = dict(_sums(found))
    sizes = {size for part in parts if (size := _length(part)) is not None}
    usual = sizes.pop() if len(sizes) == 1 else "n"
    lengths = {index: length for index, length in sums.items() if length}
    for part in parts:  # as many rows as there are, which need not be as many as each is long
        if (row := _row(part)) is not None:
            lengths.setdefault(row[0].indices[0], "n" if row[1] != "n" else "m")
    shaped = {name.whole for part in parts if ":" in part.kinds and "~" not in part.kinds for name in _names(part)}
    made = [_sized(part, lengths, usual, found, set(sums), shaped) for part in parts]
    known = {each for part in parts for name in _names(part) for each in (name.whole, name.stem)}
    more: dict[str, str] = {}
    for name, index in _indexed(found):
        if name not in known and name not in more and index in sums:
            more[name] = lengths.get(index, usual)
    notes = (f"{name} is taken to be a vector of length {size}" for name, size in more.items())
    return (*made, *(f"{name}: {size}" for name, size in more.items())), tuple(notes)


def _tokens(formula: str) -> Sequence[Token]:
    try:
        return lowered(tokens(formula), Names(()))
    except Unreadable:
        return ()  # which is told when the formula itself is read


def _sums(found: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """The index of each sum, and how far it runs from 1, where that is said."""
    for place, token in enumerate(found):
        is_sum = token.kind == "sum" or (token.kind == "name" and token.text in ("sum", "Sigma"))
        if not is_sum or [t.kind for t in found[place + 1 : place + 2]] != ["_"]:
            continue
        rest = [t for t in found[place + 2 : place + 12] if t.kind not in ("{", "}")]
        words = [t.text for t in rest]
        if rest and rest[0].kind == "name" and words[1:4] == ["=", "1", "^"] and rest[4].kind in ("name", "number"):
            yield words[0], words[4]
        elif rest and rest[0].kind == "name":
            yield words[0], ""


def _indexed(found: Sequence[Token]) -> Iterator[Indexed]:
    """Letters, Greek ones by name too, with the index that stands below them."""
    for place, token in enumerate(found):
        rest = found[place + 1 : place + 5]
        if token.kind != "name" or [t.kind for t in rest[:1]] != ["_"] or len(rest) < 2:
            continue
        braced = rest[1].kind == "{"
        index = rest[1 + braced]
        closed = not braced or rest[3:4] and rest[3].kind == "}"
        name = spelled_name(token.text)
        if closed and index.kind == "name" and len(index.text) == 1 and (len(name) == 1 or name in GREEK):
            yield name, index.text


def _single(part: Phrase) -> Iterator[Phrase]:
    """`u_i, v_j: d` as two statements."""
    names = _names(part)
    if len(names) < 2 or not any(name.indices for name in names):
        yield part
        return
    sign = next(part.places(is_sign), len(part))
    for name in part[:sign].split(","):
        yield from statements(f"{name.source} {part[sign:].source}" if sign < len(part) else name.source)


def _names(part: Phrase) -> list[WrittenName]:
    """The names that a statement is about; none where it is an equation."""
    sign = next(part.places(is_sign), len(part))
    try:
        return names_of(part[:sign])
    except Unreadable:
        return []


def _length(part: Phrase) -> str | None:
    """n, where a statement says that something is a vector of length n."""
    sign = next(part.places(is_sign), len(part))
    if part.kinds[sign : sign + 1] not in ([":"], ["in"], ["name"]) or len(part) <= sign + 1:
        return None
    rest = part[sign + 1 :]
    is_domain = rest.kinds[0] in ("(", "[") or any(rest.places(is_sign))
    sizes, words = ([], "") if is_domain else sizes_and_words(rest)
    return sizes[0].source if len(sizes) == 1 and not words and len(sizes[0]) == 1 and sizes[0].source != "ℕ" else None


def _row(part: Phrase) -> tuple[WrittenName, str] | None:
    """x_i and d, where a statement says that each x_i is a vector of length d."""
    size, names = _length(part), _names(part)
    return (names[0], size) if size and len(names) == 1 and len(names[0].indices) == 1 else None


def _sized(
    part: Phrase, lengths: dict[str, str], usual: str, found: Sequence[Token], sums: set[str], shaped: set[str]
) -> str:
    """`m_j ~ law` as `m_j: n ~ law`, or `m_j: 2 ~ law` where only m_1 and m_2 are in the formula; `x_i: d` as a matrix
    of rows, `a_i > 0` as a vector of positive entries.
    """
    names = _names(part)
    if len(names) != 1 or not names[0].indices:
        return part.source
    name, index = names[0], names[0].indices[0]
    if (row := _row(part)) is not None:
        return f"{name.stem}: {lengths.get(index, usual)}×{row[1]}"
    sign = next(part.places(is_sign), None)
    behind = part[sign:].source if sign is not None else ""
    if sign is not None and part.kinds[sign] == "~" and len(name.indices) == 1:
        numbers = _numbers_below(name.stem, found)
        size = str(max(2, *numbers)) if numbers else lengths.get(index, usual)
        return f"{part[:sign].source}: {size} {behind}"
    is_domain = sign is None or part.kinds[sign] in RELATIONS or part.kinds[sign + 1 : sign + 2] in (["("], ["["])
    if is_domain and sign is not None and name.stem in shaped:
        return f"{name.stem} {behind}"
    if is_domain and index in sums:
        return f"{name.stem}: {lengths.get(index, usual)}" + (f"; {name.stem} {behind}" if behind else "")
    return part.source


def _numbers_below(stem: str, found: Sequence[Token]) -> list[int]:
    """The numbers below all uses of a name; none where it stands once without."""
    numbers: list[int] = []
    for place, token in enumerate(found):
        if token.kind != "name" or spelled_name(token.text) != stem:
            if token.kind == "name" and spelled_name(token.text).startswith(f"{stem}_"):  # x1
                numbers.append(int(spelled_name(token.text).partition("_")[2]))
            continue
        below = [t.text for t in found[place + 1 : place + 4] if t.kind != "{"]
        if below[:1] != ["_"] or not below[1:2] or not below[1].isdecimal():
            return []
        numbers.append(int(below[1]))
    return numbers
