"""What a formula leaves unsaid of its vectors: in Σ_j m_j w_j they are as long as the sum."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from engine.notation.alphabet import GREEK
from engine.reading.declarations import separated, without_indices
from engine.reading.names import spelled_name

_SUM = r"(?:\\?sum|[Σ∑])_\{?\s*(?P<index>[a-z])"
_OVER = re.compile(_SUM + r"\s*=\s*1\s*\}?\s*\^\s*\{?\s*(?P<length>\w+)")
_INDEXED = re.compile(r"(?<![A-Za-z\\])(?P<name>\\?[A-Za-zα-ωΑ-Ω]+)_\{?(?P<index>[a-z])\}?(?![A-Za-z0-9])")
_FAMILY = re.compile(r"\s*(?P<name>[^~∼:]+?)_\{?(?P<index>[a-z])\}?\s*(?P<law>[~∼].*|\\sim.*)")
_OF_VECTORS = re.compile(r"\s*(?P<name>[^~∼:∈_]+?)_\{?(?P<index>[a-z])\}?\s*[:∈]\s*(?:ℝ\^?)?(?P<size>\w+)\s*")
_ENTRIES = re.compile(
    r"\s*(?P<name>\\?[^\W\d_]+)_\{?(?P<index>[a-z]{1,2})\}?\s*(?P<domain>|[<>≤≥].*|(?:∈|in\b|\\in\b)\s*[(\[].*)"
)
_SHAPED = re.compile(r"[^~∼<>=≤≥]*(?::|∈)\s*(?:ℝ\^?)?\{?\w+(?:\s*(?:×|x)\s*\w+)?\}?\s*$")
_VECTOR = re.compile(r"[^~∼]*[:∈]\s*(?:ℝ\^?)?(?P<size>[A-Za-z]\w*)\s*$")


def completed(text: str, let: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The declarations with the sizes of families and of indexed letters filled in, and notes of what was filled in."""
    given = tuple(part for each in let for part in separated(each))
    lengths = {match["index"]: match["length"] for match in _OVER.finditer(text)}
    sizes = {match["size"] for each in given if (match := _VECTOR.match(each))}
    usual = sizes.pop() if len(sizes) == 1 else "n"
    indices = {match.group("index") for match in re.finditer(_SUM, text)}
    rows = {match["index"]: match["size"] for each in given if (match := _OF_VECTORS.fullmatch(each))}
    for index, size in rows.items():  # as many rows as there are, which need not be as many as each is long
        lengths.setdefault(index, "n" if size != "n" else "m")
    vectors = {spelled_name(re.split(r"[:∈]|\\in|(?<= )in ", each)[0]) for each in given if _SHAPED.match(each)}
    made = tuple(_sized(each, lengths, usual, text, indices, vectors) for each in given)
    names = (re.split(r"[:~∼∈<>=]|\\in|\\sim|(?<= )in ", each)[0] for each in given)
    known = {spelled_name(without_indices(name, indices)) for name in names}
    more: list[str] = []
    notes: list[str] = []
    for name, index in _indexed(text):
        if name not in known and index in indices:
            size = lengths.get(index, usual)
            known.add(name)
            more.append(f"{name}: {size}")
            notes.append(f"{name} is taken to be a vector of length {size}")
    return (*made, *more), tuple(notes)


def _sized(let: str, lengths: dict[str, str], usual: str, text: str, indices: set[str], vectors: set[str]) -> str:
    """`m_j ~ law` as `m_j: n ~ law`, or `m_j: 2 ~ law` where only m_1 and m_2 are in the formula."""
    if (rows := _OF_VECTORS.fullmatch(let)) is not None:  # x_i: d is row i of a matrix
        return f"{rows['name']}: {lengths.get(rows['index'], usual)}×{rows['size']}"
    entries = _ENTRIES.fullmatch(let)
    if entries is not None and entries["domain"] and spelled_name(entries["name"]) in vectors:
        return f"{entries['name']} {entries['domain']}"
    if entries is not None and entries["index"] in indices:  # a_i > 0 is said of each i
        vector = f"{entries['name']}: {lengths.get(entries['index'], usual)}"
        return f"{vector}; {entries['name']} {entries['domain']}" if entries["domain"] else vector
    match = _FAMILY.fullmatch(let)
    if match is None:
        return let
    uses = re.findall(rf"(?<![A-Za-z\\]){re.escape(match['name'])}(?:_\{{?(\w+)|([₁-₉]+)|([ₐ-ₜⱼ]))?", text)
    numbers = [(plain or small).translate(_SMALL) for plain, small, _ in uses]
    if numbers and all(number.isdigit() for number in numbers):
        size = str(max(2, *map(int, numbers)))
    else:
        size = lengths.get(match["index"], usual)
    return f"{match['name']}_{match['index']}: {size} {match['law']}"


_SMALL = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def _indexed(text: str) -> Iterator[tuple[str, str]]:
    """Letters, Greek ones by name too, with the index that stands below them."""
    for match in _INDEXED.finditer(text):
        name = spelled_name(match["name"])
        if len(name) == 1 or name in GREEK:
            yield name, match["index"]
