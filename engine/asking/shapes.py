"""What shape an undeclared letter must have for a formula to make sense: in X w − t, w is as long as X is wide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, islice, product

from engine.notation.alphabet import GREEK
from engine.reading import Unreadable
from engine.reading.names import spelled_name
from engine.reading.tokens import Token, tokens
from engine.reading.words import is_function
from engine.terms import Size
from engine.terms.declarations import Declaration

MOST_LETTERS, MOST_TRIED, MOST_SIDE_BY_SIDE = 3, 150, 4
KEPT = frozenset(("e", "I", "T", "E", "d", "i", "j", "pi"))  # letters that mean something, or are indices


def shapes(texts: Iterable[str], known: Iterable[Declaration]) -> Iterator[list[tuple[str, ...]]]:
    """Declarations to try, the likeliest together: letters as vectors, as few as can be, then one as a matrix."""
    declared = tuple(known)
    letters = _undeclared(texts, declared)
    sizes = [str(size) for size in dict.fromkeys(size for d in declared for size in d.symbol.shape if size != 1)]
    for count in range(1, MOST_LETTERS + 1):
        yield list(islice(_all(letters, count, sizes), MOST_TRIED))
    yield list(islice(_all(letters, 1, [f"{a}×{b}" for a, b in product(sizes, sizes)]), MOST_TRIED))


def _all(letters: list[str], count: int, shapes: list[str]) -> Iterator[tuple[str, ...]]:
    for chosen in combinations(letters, count):
        for found in product(shapes, repeat=count):
            yield tuple(f"{letter}: {shape}" for letter, shape in zip(chosen, found, strict=True))


def _undeclared(texts: Iterable[str], declared: tuple[Declaration, ...]) -> list[str]:
    known = {declaration.symbol.name for declaration in declared} | {str(size) for d in declared for size in _sizes(d)}
    found: dict[str, None] = {}
    for text in texts:
        try:
            words = [word for token in tokens(text) if token.kind == "name" for word in _words(token)]
        except Unreadable:
            continue
        found |= dict.fromkeys(w for w in words if (len(w) == 1 or w in GREEK or "_" in w) and w not in known | KEPT)
    return list(found)


def _words(token: Token) -> Iterator[str]:
    """A name, and the letters that a short word may be made of: w of Xw, x of Tx."""
    yield spelled_name(token.text)
    is_run = token.end - token.start == len(token.text) and 1 < len(token.text) <= MOST_SIDE_BY_SIDE
    if is_run and token.text.isalpha() and token.text not in GREEK and not is_function(token.text):
        yield from token.text


def _sizes(declaration: Declaration) -> tuple[Size, ...]:
    return declaration.symbol.shape
