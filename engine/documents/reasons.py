"""Why a line holds; where it joins several, as much of their reasons as a reader wants."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from engine.kernel import Step
from engine.proofs.working import joined
from engine.rules.algebra.equations import (
    clear_denominators,
    common_factor,
    multiply_both_sides,
    rewrite_equation,
    separate,
)
from engine.rules.algebra.powers import simplify_in_powers
from engine.rules.algebra.rewriting import (
    cancel,
    collect,
    common_denominator,
    distribute,
    expand,
    factor,
    insert,
    insert_back,
    simplify,
    split_fraction,
    unfold,
)
from engine.rules.algebra.sums import constant_factor_of_sum, split_sum, sum_of_constant

ROUTINE = frozenset(
    rule.name
    for rule in (
        cancel,
        clear_denominators,
        collect,
        common_denominator,
        common_factor,
        sum_of_constant,
        distribute,
        expand,
        factor,
        multiply_both_sides,
        constant_factor_of_sum,
        separate,
        simplify,
        simplify_in_powers,
        split_fraction,
        split_sum,
    )
)  # what is done without a word beside something else
KNOWN = frozenset(rule.name for rule in (insert, insert_back, rewrite_equation, unfold))  # puts in what is known
VERBS = ("insert ", "by the definition of ")
MOST = 3  # reasons of one line


def why(step: Step, is_shown: Callable[[Step], bool] = lambda _: True) -> str:
    """The reason of a line; of one that joins several, their reasons, without what goes without saying.

    `is_shown` says whether what a line leans on stands somewhere on the page: what does not is told in full.
    """
    lines = joined(step)
    if len(lines) == 1:
        return step.reason if all(map(is_shown, step.using)) else _not_above(step.reason)
    telling = [line for line in lines if line.rule.name not in ROUTINE] or list(lines)
    reasons = {_brief(line, all(map(is_shown, line.using))): _is_known(line) for line in telling}
    every = _united(reasons)
    laws = [reason for reason, known in reasons.items() if not known]
    kept = every if len(every) <= MOST else (laws or every)[-MOST:]
    return "; ".join(kept) + ("; …" if kept != every else "")


def _is_known(line: Step) -> bool:
    """Whether a line puts in what is known, and its reason says no more."""
    return line.rule.name in KNOWN and line.reason.startswith(VERBS)


def _brief(line: Step, is_shown: bool) -> str:
    """What is put in by its name alone, where the page shows what it is."""
    if not is_shown:
        return _not_above(line.reason)
    return re.split(" = | as found above", line.reason)[0] if _is_known(line) else line.reason


def _not_above(reason: str) -> str:
    return re.sub(",? as found above", "", reason)


def _united(reasons: Iterable[str]) -> list[str]:
    """Reasons that follow one another and begin alike, in one: insert S(B) and E_min."""
    found: list[str] = []
    for reason in reasons:
        verb = next((verb for verb in VERBS if reason.startswith(verb) and found and found[-1].startswith(verb)), None)
        if verb is None:
            found.append(reason)
        else:
            found[-1] += " and " + reason.removeprefix(verb)
    return found
