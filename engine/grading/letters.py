"""A person's letters for those of a question: y for t, β for w, σ_1 and σ_2 for σ and τ.

They are matched by shape (what makes the text fit), by what such letters usually stand for, by decoration, and in the
order of declaration. What the text is worth never chooses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, permutations
from typing import Any

from engine.notation import spelling
from engine.notation.alphabet import GREEK
from engine.notation.plain import plain
from engine.reading import Names, Unreadable, read
from engine.reading.names import spelled_name
from engine.reading.reader import prepared, read_chain
from engine.reading.tokens import Token
from engine.reading.words import is_function
from engine.terms import Shape, Symbol
from engine.terms.declarations import Declaration

MOST_LETTERS, MOST_TRIED = 5, 400
# letters that usually stand for the same
_USUAL = (
    "X A Phi Z H D",
    "y t b",
    "w beta theta b a",
    "lambda alpha gamma mu tau delta c k",
    "n N m M",
    "d p k D K m n",
    "mu m nu",
    "sigma s tau v",
    "Sigma S K V C Psi",
    "epsilon xi eta delta",
    "eta alpha gamma epsilon",
    "B b m n N",
    "p q pi",
    "x z u v",
)
_ROLES = tuple(frozenset(row.split()) for row in _USUAL)
_KEPT = frozenset(("e", "pi", "I", "E", "T", "i", "j", "k", "d", "Var", "Cov", "sum", "lim", "argmin", "argmax", "𝟏"))


@dataclass(frozen=True)
class Matching:
    """Which of the question's symbols each letter of a person stands for."""

    letters: tuple[tuple[str, Symbol], ...]

    @property
    def note(self) -> str:
        said = (f"{plain(Symbol(letter))} for {plain(symbol)}" for letter, symbol in self.letters)
        return f"read with {', '.join(said)}"

    @property
    def meanings(self) -> Mapping[str, Symbol]:
        return dict(self.letters)

    @property
    def in_their_letters(self) -> dict[Symbol, Symbol]:
        """The question's symbols as the person writes them."""
        sizes: dict[Any, Symbol] = {symbol: Symbol(letter) for letter, symbol in self.letters if symbol.is_scalar}
        return sizes | {
            symbol: Symbol(letter, *(sizes.get(size, size) for size in symbol.shape))
            for letter, symbol in self.letters
            if not symbol.is_scalar
        }


def unknown_letters(text: str, names: Names) -> list[str]:
    """The letters of a text that mean nothing in a symbol table, in the order of the text."""
    try:
        found = prepared(text, names)
    except Unreadable:
        return []
    letters: dict[str, None] = {}
    bound = {token.text for token in _bound(found)}
    for place, token in enumerate(found[:-1]):
        if token.kind != "name" or (place and found[place - 1].kind in ("_", ".")):
            continue
        for letter in _letters(token, found[place + 1 :], names):
            if letter not in bound and spelled_name(letter) not in _KEPT:
                letters[spelled_name(letter)] = None
    return list(letters)


def _letters(token: Token, behind: Sequence[Token], names: Names) -> Iterator[str]:
    """The unknown letters in a word: itself with its subscript, or each of those that it is made of."""
    word, stem = token.text, names.get(token.text)
    below = _subscript(behind)
    if (
        below
        and names.get(f"{word}_{below}") is None
        and (stem is None or (isinstance(stem, Symbol) and stem.is_scalar))
    ):
        yield f"{word}_{below}"
    elif stem is not None or is_function(word) or word in spelling.OPERATORS:
        return
    elif len(word) == 1 or word in GREEK or spelled_name(word) in GREEK:
        yield word
    elif len(word) <= 4 and word.isalpha() and names.get(spelled_name(word)) is None:
        yield from (letter for letter in word if names.get(letter) is None)


def _is_word(word: str, names: Names) -> bool:
    """Whether a word is no run of letters: one, a Greek letter by its name, a function, or declared."""
    return len(word) == 1 or word in GREEK or is_function(word) or len(word) > 4 or names.get(word) is not None


def _subscript(behind: Sequence[Token]) -> str:
    """The number or word below a letter; "" where there is none, or an index."""
    tokens = [token for token in behind[:4] if token.kind not in ("{", "}", "font")]
    if not behind or behind[0].kind != "_" or len(tokens) < 2 or tokens[1].kind not in ("name", "number"):
        return ""
    text = tokens[1].text
    return text if text.isdecimal() or len(text) > 2 else ""


def _bound(found: Sequence[Token]) -> Iterator[Token]:
    """The indices of sums."""
    for place, token in enumerate(found):
        if token.kind == "sum" or token.text in ("sum", "Sigma"):
            script = [each for each in found[place + 1 : place + 4] if each.kind == "name"]
            yield from script[:1]


def matchings(text: str, names: Names, declarations: Iterable[Declaration], shape: Shape) -> list[Matching]:
    """The likeliest ways to match the letters of a text that mean nothing; several where nothing decides."""
    letters = unknown_letters(text, names)
    best: list[Matching] = []
    lowest = (len(letters), 0)
    for cost, matching in _ranked(letters, (text,), names, declarations):
        if cost > lowest and best:
            break
        if _fits(text, names.called(matching.meanings), shape):
            best.append(matching)
            lowest = cost
    return best if lowest[0] == 0 or (lowest[0] == 1 and len(best) == 1) else []


def matching_of_lines(texts: Sequence[str], names: Names, declarations: Iterable[Declaration]) -> Matching | None:
    """The likeliest way to match the letters of a working that no line of it defines: with it most lines are read.

    None where nothing decides, or no more lines are read.
    """
    defined = {letter for text in texts for letter in unknown_letters(text.partition("=")[0], names) if "=" in text}
    every = dict.fromkeys(letter for text in texts for letter in unknown_letters(text, names))
    letters = [letter for letter in every if letter not in defined]
    spoken = [text for text in texts if set(unknown_letters(text, names)) & set(letters)]
    best: list[tuple[int, tuple[int, int], Matching]] = []
    for cost, matching in _ranked(letters, texts, names, declarations):
        if cost[0] > 1 or (best and cost > best[0][1]):
            break
        read = sum(_is_read(text, names.called(matching.meanings)) for text in spoken)
        best.append((read, cost, matching))
    most = max((read for read, _, _ in best), default=0)
    found = [matching for read, _, matching in best if read == most]
    return found[0] if most > 0 and len(found) == 1 else None


def _ranked(
    letters: list[str], texts: Sequence[str], names: Names, declarations: Iterable[Declaration]
) -> Iterator[tuple[tuple[int, int], Matching]]:
    """Ways to match letters with symbols that the texts do not have, the likeliest first."""
    letters = sorted(letters, key=lambda letter: (letter.partition("_")[0], letter) if "_" in letter else ("", ""))
    used = {word for text in texts for word in _used(text, names)}
    symbols = [d.symbol for d in declarations if d.symbol.name not in used and d.domain.index_up_to is None]
    if not letters or len(letters) > min(MOST_LETTERS, len(symbols)):
        return
    tried = islice(permutations(range(len(symbols)), len(letters)), MOST_TRIED * 20)
    costs = [(_cost(letters, [symbols[place] for place in places], places), places) for places in tried]
    for cost, places in sorted(costs)[:MOST_TRIED]:
        yield cost, Matching(tuple((letter, symbols[place]) for letter, place in zip(letters, places, strict=True)))


def _is_read(text: str, names: Names) -> bool:
    try:
        read_chain(text, names)
    except Unreadable:
        return False
    return True


def _used(text: str, names: Names) -> Iterator[str]:
    """The names of symbols in a text."""
    try:
        found = prepared(text, names)
    except Unreadable:
        return
    for place, token in enumerate(found):
        if token.kind == "name":
            below = _subscript(found[place + 1 :])
            whole = f"{token.text}_{below}" if below else token.text
            for word in (whole,) if _is_word(token.text, names) else (whole, *token.text):
                meant = names.get(word)
                if isinstance(meant, Symbol):
                    yield meant.name


def _cost(letters: Sequence[str], symbols: Sequence[Symbol], places: Sequence[int]) -> tuple[int, int]:
    """How unlikely a matching is: letters that usually stand for something else, and pairs out of order."""
    unlike = sum(not _are_alike(letter, symbol.name) for letter, symbol in zip(letters, symbols, strict=True))
    pairs = ((a, b) for b in range(len(places)) for a in range(b))
    return unlike, sum(places[a] > places[b] and _stem(letters[a]) == _stem(letters[b]) for a, b in pairs)


def _stem(name: str) -> str:
    return name.partition("_")[0].rstrip("*^~-'")


def _are_alike(letter: str, name: str) -> bool:
    """Whether two letters usually stand for the same."""
    one, other = _stem(letter), _stem(name)
    return one.lower() == other.lower() or any(one in role and other in role for role in _ROLES)


def _fits(text: str, names: Names, shape: Shape) -> bool:
    """Whether a text makes sense in a symbol table, and is of a shape."""
    try:
        reading = read(text, names).fitted(shape).settled()
    except Unreadable:
        return False
    return reading.value.shape == shape
