"""What an answer needs is assumed, and stated: an inverse that exists, a denominator that is not 0."""

from __future__ import annotations

from collections.abc import Callable

from engine.conditions import Condition
from engine.kernel import ConditionMissing
from engine.working import Working

MOST_ASSUMED = 6

Assumed = tuple[Condition, ...]


def under_conditions(answer: Callable[[Assumed], Working]) -> Working:
    """The working under as few assumptions as let it be made. Raises DerivationError where none do."""
    assumed: Assumed = ()
    while True:
        try:
            return answer(assumed)
        except ConditionMissing as missing:
            if missing.formula is None:
                raise
            condition = Condition(missing.formula, missing.indices)
            if condition in assumed or len(assumed) == MOST_ASSUMED:
                raise
            assumed = (*assumed, condition)
