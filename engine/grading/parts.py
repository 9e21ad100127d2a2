"""Answers to results with several parts: `variance: …; bias: …`, each judged for itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.grading.judging import Judge
from engine.grading.mistakes import RECOGNISED
from engine.grading.questions import Question
from engine.grading.verdicts import Diagnosis, Judgement, Verdict

_NAMED = re.compile(r"\s*(?P<name>[^\W\d_][\w -]*?)\s*:(?!=)\s*(?P<answer>.*)", re.DOTALL)


def judged_parts(
    text: str, asked: Sequence[Question], part: str | None, judge_of: Callable[[Question], Judge]
) -> list[Judgement] | str:
    """The judgement on each part of an answer, or what is wrong with how the parts are named.

    Without a name, an answer is for the result that it is right for, or else for the first.
    """
    if part is not None:
        question = _named(part, asked)
        return [_judged_part(question, text, asked, judge_of)] if question is not None else _unknown(part, asked)
    named = _by_name(text, asked)
    if named:
        return [_judged_part(question, answer, asked, judge_of) for question, answer in named]
    judgements: list[Judgement] = []
    for question in (question for question in asked if not question.within):
        judged = judge_of(question).verdict(text)
        if judged.correct:
            return [judged]
        judgements.append(judged)
    closest = _closest(judgements)
    return [_right_elsewhere(closest, text, asked, judge_of) if closest.is_wrong else closest]


def _judged_part(
    question: Question, text: str, asked: Sequence[Question], judge_of: Callable[[Question], Judge]
) -> Judgement:
    """The judgement on one part; what is right for another part instead is told so."""
    judged = judge_of(question).verdict(text)
    if judged.trouble is not None:
        judged.trouble.text = text
    return _right_elsewhere(judged, text, asked, judge_of) if judged.is_wrong else judged


def _right_elsewhere(
    judged: Judgement, text: str, asked: Sequence[Question], judge_of: Callable[[Question], Judge]
) -> Judgement:
    """A judgement on a wrong answer; where it is right for another part, it is told so."""
    for other in asked:
        if other.part != judged.part and judge_of(other).accepts(text):
            part = repr(other.part or "the whole")
            found = Diagnosis("another-part", RECOGNISED["another-part"].format(part))
            return replace(judged, reason=f"{judged.reason}; it is right for {part}", diagnosis=(found,))
    return judged


def _closest(judgements: list[Judgement]) -> Judgement:
    """The judgement to show where an answer is right for no part: of the first part that it could be for."""
    fitting = [j for j in judgements if j.verdict in (Verdict.INCORRECT, Verdict.UNDECIDED)]
    return fitting[0] if fitting else judgements[0]


def _by_name(text: str, asked: Sequence[Question]) -> list[tuple[Question, str]]:
    """The questions that the lines of an answer name, each with its answer; nothing where any line names none."""
    found: list[tuple[Question, str]] = []
    for line in re.split(r"[;\n]", text):
        if not line.strip():
            continue
        match = _NAMED.fullmatch(line)
        question = _named(match["name"], asked) if match else None
        if match is None or question is None:
            return []
        found.append((question, match["answer"]))
    return found


def _named(name: str, asked: Sequence[Question]) -> Question | None:
    wanted = " ".join(name.lower().split())
    exact = [question for question in asked if question.part == name]
    alike = [question for question in asked if question.part.lower() == wanted]
    return next(iter((*exact, *alike)), None)


def _unknown(part: str, asked: Sequence[Question]) -> str:
    names = [question.part for question in asked if question.part]
    return f"there is no part {part!r}; there {'are ' + ', '.join(names) if names else 'is only one'}"
