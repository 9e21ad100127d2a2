"""Which signs symbols have in which world: a design that shows them together, whatever their names are.

The first eleven symbols have the columns of a Plackett–Burman design in twelve worlds: any three of them are seen with all
eight patterns. The minus signs of every further one are six other worlds: any two are seen with all four.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations, product

WORLDS = 12
EXHAUSTED = (
    5  # of so many symbols all patterns are wanted, of more those of the design, their mirror images and some others
)
OTHERS = 6

Pattern = tuple[int, ...]  # the signs of some symbols, in their order

_NO_SQUARES = (0, 2, 6, 7, 8, 10)  # modulo 11


@cache
def _minuses() -> tuple[frozenset[int], ...]:
    """The worlds in which a symbol is negative, by its place; in world 0 none is."""
    design = [frozenset(1 + (place + k) % (WORLDS - 1) for k in _NO_SQUARES) for place in range(WORLDS - 1)]
    others = map(frozenset, combinations(range(1, WORLDS), WORLDS // 2))
    return tuple(dict.fromkeys((*design, *others)))


def sign_of_place(place: int, number: int) -> int:
    """The sign in a world of the design of the symbol at a place."""
    minuses = _minuses()
    return -1 if number % WORLDS in minuses[place % len(minuses)] else 1


def seen_together(places: Sequence[int], numbers: Sequence[int]) -> set[Pattern]:
    """The patterns that the symbols at some places have in some worlds of the design."""
    return {tuple(sign_of_place(place, number) for place in places) for number in numbers}


@cache
def wanted_together(count: int) -> tuple[Pattern, ...]:
    """The patterns that so many symbols are to be seen with."""
    if count <= EXHAUSTED:
        return tuple(product((1, -1), repeat=count))
    return tuple(dict.fromkeys(_many(count)))


def _many(count: int) -> Iterator[Pattern]:
    for pattern in sorted(seen_together(range(count), range(WORLDS)), reverse=True):
        yield pattern
        yield tuple(-sign for sign in pattern)
    draw = random.Random("signs")
    for _ in range(OTHERS):
        yield tuple(draw.choice((1, -1)) for _ in range(count))
