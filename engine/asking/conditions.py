"""What an answer needs is assumed, and stated: an inverse that exists, a denominator that is not 0."""

from __future__ import annotations

from collections.abc import Callable

from engine.kernel import ConditionMissing
from engine.premises import Formula
from engine.working import Working

MOST_ASSUMED = 6


def under_conditions(answer: Callable[[tuple[Formula, ...]], Working]) -> Working:
    """The working under as few assumptions as let it be made. Raises DerivationError where none do."""
    assumed: tuple[Formula, ...] = ()
    while True:
        try:
            return answer(assumed)
        except ConditionMissing as missing:
            if missing.formula is None or missing.formula in assumed or len(assumed) == MOST_ASSUMED:
                raise
            assumed = (*assumed, missing.formula)
