"""A judgement as lines for a person, and as plain data for programs (`judgement.schema.json` describes them)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from engine.grading.verdicts import Counterexample, Diagnosis, Judgement, Verdict
from engine.notation.latex import latex
from engine.notation.plain import plain
from engine.reading import Reading, Unreadable

SCHEMA = "workings.verdict/1"
LABEL = 11
_SIGNS = ({"<=": "≤", ">=": "≥", "!=": "≠"}, {"<=": r"\le", ">=": r"\ge", "!=": r"\ne"})


def said(reading: Reading, write: Any = plain) -> str:
    """A reading, written out again."""
    sign = _SIGNS[write is latex].get(reading.sign, reading.sign)
    return f" {sign} ".join(write(side) for side in reading.sides)


def judgement_lines(judgement: Judgement, text: str, width: int) -> Iterator[str]:
    """The verdict on an answer, the reading of it, and what shows it."""
    part = f" ({judgement.part})" if judgement.part else ""
    reason = f": {judgement.reason}" if judgement.reason else ""
    yield from textwrap.wrap(f"{judgement.verdict.value}{part}{reason}", width, subsequent_indent="  ")
    if judgement.trouble is not None:
        yield from _place(judgement.trouble, judgement.trouble.text or text, width)
    yield from _labelled(_facts(judgement), width)


def _place(trouble: Unreadable, text: str, width: int) -> Iterator[str]:
    for line in trouble.pointed(text, max(20, width - 4)).split("\n"):
        yield "  " + line
    if trouble.tip:
        yield from textwrap.wrap(trouble.tip, width, initial_indent="  ", subsequent_indent="  ")


def _facts(judgement: Judgement) -> Iterator[tuple[str, str]]:
    if judgement.compared is not None:
        yield "left", said(judgement.compared)
    if judgement.reading is not None:
        yield "right" if judgement.compared is not None else "read as", said(judgement.reading)
    if judgement.option:
        yield "read as", judgement.option
    yield from (("because", line) for line in judgement.because)
    if judgement.where:
        yield "where", ", ".join(judgement.where)
    yield from (("note", note) for note in judgement.notes)
    if judgement.counterexample is not None:
        yield from _apart(judgement.counterexample, judgement.compared is not None)
    if judgement.holds_if:
        yield "right if", f"{judgement.holds_if}, as far as was seen"
    for diagnosis in judgement.diagnosis:
        yield "mistake", f"{diagnosis.sentence} ({diagnosis.name})"
    if judgement.verdict is Verdict.CORRECT and not judgement.option:
        yield "evidence", evidence_text(judgement)


def _apart(shown: Counterexample, of_two: bool) -> Iterator[tuple[str, str]]:
    """Values at which the result and the answer, or the two sides of what was compared, come apart."""
    yield "where", ", ".join(f"{name} = {value}" for name, value in shown.values) or "for all values"
    if of_two:
        yield from (("  left", shown.result), ("  right", shown.answer))
    else:
        yield from (("  answer", shown.answer), ("  result", shown.result))


def evidence_text(judgement: Judgement) -> str:
    how = "exactly" if judgement.bits is None else f"to {judgement.bits} bits"
    return f"the same value in {judgement.worlds} worlds, {how}; one of them drawn afresh"


def _labelled(facts: Iterator[tuple[str, str]], width: int) -> Iterator[str]:
    for label, value in facts:
        lines = textwrap.wrap(value, max(20, width - LABEL - 2), break_long_words=True) or [""]
        for number, line in enumerate(lines):
            yield f"  {(label if number == 0 else '').ljust(LABEL)}{line}"


def judgement_data(judgement: Judgement) -> dict[str, Any]:
    """The judgement as dictionaries, lists, strings and numbers."""
    shown = judgement.counterexample
    return {
        "verdict": judgement.verdict.value,
        "part": judgement.part,
        "reason": judgement.reason,
        "reading": reading_data(judgement.reading) if judgement.reading is not None else None,
        "notes": list(judgement.notes),
        "error": trouble_data(judgement.trouble) if judgement.trouble is not None else None,
        "counterexample": shown and {"values": dict(shown.values), "answer": shown.answer, "result": shown.result},
        "where": list(judgement.where),
        "holds_if": judgement.holds_if or None,
        "implies": judgement.implies or None,
        "evidence": _evidence_data(judgement) if judgement.correct and not judgement.option else None,
        "option": judgement.option or None,
        "because": list(judgement.because),
        "fingerprint": judgement.fingerprint or None,
        "diagnosis": [diagnosis_data(diagnosis) for diagnosis in judgement.diagnosis],
    }


def diagnosis_data(diagnosis: Diagnosis) -> dict[str, Any]:
    return {"name": diagnosis.name, "step": diagnosis.step, "sentence": diagnosis.sentence}


def reading_data(reading: Reading) -> dict[str, Any]:
    return {"plain": said(reading), "latex": said(reading, latex), "label": reading.label or None}


def trouble_data(trouble: Unreadable) -> dict[str, Any]:
    return {"message": trouble.message, "start": trouble.start, "end": trouble.end, "hint": trouble.tip or None}


def _evidence_data(judgement: Judgement) -> dict[str, Any]:
    return {
        "kind": "exact" if judgement.bits is None else "enclosed",
        "worlds": judgement.worlds,
        "bits": judgement.bits,
    }
