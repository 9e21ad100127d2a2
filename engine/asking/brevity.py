"""The shortest form that a few rules make of a line: what a person would stop at."""

from __future__ import annotations

from collections.abc import Iterable

from engine.kernel import DerivationError, Line, Move, NothingToDo
from engine.notation.plain import plain
from engine.proofs.derivation import Proof
from engine.proofs.draft import Draft
from engine.terms import Term

ROUNDS = 4


DraftSteps = tuple[Move, ...]  # rules of which the last makes short what the first may make longer


def brief(draft: Draft, moves: Iterable[Move | DraftSteps], saving: int = 1) -> None:
    """Add the lines that make the last one shorter by so many letters, the shortest first, for as long as one does."""
    passages = [move if isinstance(move, tuple) else (move,) for move in moves]
    for _ in range(ROUNDS):
        best, length = None, _length(draft.value) - saving + 1
        for passage in passages:
            made = _made(draft, passage)
            if made is not None and _length(made) < length:
                best, length = passage, _length(made)
        if best is None:
            return
        draft.by(*best)


def shorter(proof: Proof, value: Term, moves: Iterable[Move]) -> tuple[Line, ...]:
    """That a value equals a shorter form of it, to be inserted somewhere; nothing where the rules make none."""
    draft = Draft(proof, value, "")
    brief(draft, moves, saving=2)
    return (draft.step,) if draft.steps else ()


def _made(draft: Draft, passage: DraftSteps) -> Term | None:
    """What rules would make of the last line; a rule with nothing to do is passed over."""
    made = draft.value
    for move in passage:
        try:
            right = move.rule.function(made, draft.proof.scope, *move.arguments).formula.right
        except NothingToDo:
            continue
        except DerivationError:
            return None
        assert isinstance(right, Term)
        made = right
    return made


def _length(term: Term) -> int:
    return len(plain(term))
