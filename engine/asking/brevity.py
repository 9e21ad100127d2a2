"""The shortest form that a few rules make of a line: what a person would stop at."""

from __future__ import annotations

from collections.abc import Iterable

from engine.derivation import Draft, Proof
from engine.kernel import DerivationError, Move, NothingToDo, Step
from engine.rendering.plain import plain
from engine.terms import Term

ROUNDS = 4


def brief(draft: Draft, moves: Iterable[Move], saving: int = 1) -> None:
    """Add the lines that make the last one shorter by so many letters, the shortest first, for as long as one does."""
    moves = tuple(moves)
    for _ in range(ROUNDS):
        best, length = None, _length(draft.value) - saving + 1
        for move in moves:
            made = _made(draft, move)
            if made is not None and _length(made) < length:
                best, length = move, _length(made)
        if best is None:
            return
        draft.by(best)


def shorter(proof: Proof, value: Term, moves: Iterable[Move]) -> tuple[Step, ...]:
    """That a value equals a shorter form of it, to be inserted somewhere; nothing where the rules make none."""
    draft = Draft(proof, value, "")
    brief(draft, moves, saving=2)
    return (draft.step,) if draft.steps else ()


def _made(draft: Draft, move: Move) -> Term | None:
    """What a rule would make of the last line."""
    try:
        outcome = move.rule.function(draft.current, draft.proof.scope, *move.arguments)
    except (NothingToDo, DerivationError):
        return None
    made = outcome.formula.right
    return made if isinstance(made, Term) else None


def _length(term: Term) -> int:
    return len(plain(term))
