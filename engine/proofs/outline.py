"""The lines that the author of a derivation has shown where not all are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from engine.kernel import DerivationError, Step
from engine.proofs.depth import ROOM, Depth
from engine.proofs.working import Passage


def lines_chosen(passages: Sequence[Passage], items: Iterable[Step | str]) -> tuple[Step | str, ...]:
    """The lines that are meant, and what is said between them. Raises DerivationError for what is no line of the
    passages.
    """
    lines = {id(step) for passage in passages for step in passage.steps}
    return tuple(item if isinstance(item, str) or id(item) in lines else _last_line(passages, item) for item in items)


def _last_line(passages: Sequence[Passage], result: Step) -> Step:
    """Of the passage that comes to a result."""
    for passage in passages:
        first, last = passage.steps[0], passage.steps[-1]
        if (first.before, last.after) == (result.before, result.after):
            return last
    raise DerivationError(f"{result.claim.formula} is no line of this working: it cannot be chosen to be shown")


def fit(passages: Sequence[Passage], chosen: Sequence[Step | str], depth: Depth) -> None:
    """Raises DerivationError unless lines stand in the order of the working, headings above passages, and all have
    room.
    """
    lines = [item for item in chosen if not isinstance(item, str)]
    wanted = set(map(id, lines))
    kept = [steps for each in passages if (steps := tuple(step for step in each.steps if id(step) in wanted))]
    if [id(step) for steps in kept for step in steps] != [id(line) for line in lines]:
        raise DerivationError("lines are chosen in the order in which they stand in the working, each once")
    firsts = {id(steps[0]) for steps in kept}
    for item, line in pairwise(chosen):
        if isinstance(item, str) and id(line) not in firsts:
            raise DerivationError(
                f"{item!r} stands above the first line that is chosen of a passage, and above no other"
            )
    taken = sum(Passage(steps).length for steps in kept)
    if taken > ROOM[depth]:
        raise DerivationError(f"these take {taken} lines, and there is room for {ROOM[depth]}")
