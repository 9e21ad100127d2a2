"""A hint in words: the rule to use next, and only if asked for, the line that it makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.documents.judgements import diagnosis_data
from engine.documents.tables import summary
from engine.kernel import Claim
from engine.marking.hints import Hint
from engine.notation.plain import plain
from engine.terms.formulas import Formula, Relation

SCHEMA = "workings.hint/1"
SHORT = 5  # what is as short gives nothing away


def hint_lines(hint: Hint | None, steps: int, more: bool) -> Iterator[str]:
    """The hint as a person reads it."""
    if hint is None:
        yield "Nothing is left to do: it reaches the result."
        return
    if hint.first_bad is not None:
        yield f"Line {hint.first_bad} does not hold: mend that first."
    if hint.mistake is not None:
        yield f"Perhaps: {hint.mistake.sentence}"
    where = f" ({hint.heading.lower()})" if hint.heading else ""
    yield f"Step {hint.number} of {steps}{where}: {sentence(hint)}"
    if more:
        yield f"  {plain(hint.step.claim.formula)}"
    else:
        yield f"`workings explain '{hint.step.rule.name}'` shows the rule, --more the line."


def sentence(hint: Hint) -> str:
    """The rule's sentence for this step; what the rule does in general where that would say what comes of it."""
    said = hint.step.reason
    if any(len(result) > SHORT and result in said for result in _results(hint.step.claim)):
        return summary(hint.step.rule)
    return f"{said[:1].upper()}{said[1:]}."


def _results(claim: Claim) -> list[str]:
    """What comes of a step, as text."""
    result = claim.left if claim.relation in (Relation.MINIMISER, Relation.UNIQUE_MINIMISER) else claim.right
    sides = result.sides if isinstance(result, Formula) else [result]
    return [plain(side) for side in sides if side is not None]


def hint_data(name: str, hint: Hint | None, more: bool) -> dict[str, Any]:
    """The hint as dictionaries, strings and numbers."""
    if hint is None:
        return {"schema": SCHEMA, "name": name, "step": None}
    data = {
        "schema": SCHEMA,
        "name": name,
        "step": hint.number,
        "rule": hint.step.rule.name,
        "sentence": sentence(hint),
        "first_bad": hint.first_bad,
        "diagnosis": [diagnosis_data(hint.mistake)] if hint.mistake is not None else [],
    }
    return {**data, "line": plain(hint.step.claim.formula)} if more else data
