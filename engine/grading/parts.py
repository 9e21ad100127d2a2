"""Answers to results with several parts: `variance: …; bias: …`, each judged for itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.grading.choices import ChoiceQuestion
from engine.grading.judging import Judge
from engine.grading.mistakes import RECOGNISED
from engine.grading.naming import ALONE, Named, named_by, not_understood
from engine.grading.questions import Question
from engine.grading.tagging import speaks_of
from engine.grading.verdicts import Diagnosis, Judgement, Verdict
from engine.reading import Unreadable, read

_NAMED = re.compile(r"\s*(?P<name>[^\W\d_][\w -]*?)\s*:(?!=)\s*(?P<answer>.*)", re.DOTALL)


def judged_parts(
    text: str,
    asked: Sequence[Question],
    part: str | None,
    judge_of: Callable[[Question], Judge],
    choices: Sequence[ChoiceQuestion] = (),
    left_open: Sequence[str] = (),
) -> list[Judgement] | str:
    """The judgement on each part of an answer, or what is wrong with how the parts are named.

    Without a name, an answer is for the question that it names an option of; else for the result that it is right for,
    or else for the first. What may be an option or a formula, or an option of several questions, is asked back. The
    questions `left_open` are asked, but decided by nothing.
    """

    def judged_as(question: AnyQuestion, answer: str) -> Judgement:
        if isinstance(question, ChoiceQuestion):
            return judged_choice(question, answer)
        return _judged_part(question, answer, asked, judge_of)

    every: tuple[AnyQuestion, ...] = (*asked, *choices)
    if part is not None:
        question = _named(part, every)
        if question is None and _spelling(part) in map(_spelling, left_open):
            return [Judgement(Verdict.UNDECIDED, part=part, reason="these premises decide for none of its options")]
        return [judged_as(question, text)] if question is not None else _unknown(part, every)
    named = _by_name(text, every)
    if named:
        return [judged_as(question, answer) for question, answer in named]
    is_letter = ALONE.fullmatch(text.strip(" \n.")) is not None
    chosen = [(question, found) for question in choices if (found := named_by(text, question, loosely=is_letter))]
    if not chosen and not any(_reads(text, question) for question in asked):
        chosen = [(question, found) for question in choices if (found := named_by(text, question))]
    if chosen:
        return [_chosen(text, chosen, asked)]
    judgements: list[Judgement] = []
    for question in (question for question in asked if not question.within):
        judged = judge_of(question).verdict(text)
        if judged.correct:
            return [judged]
        judgements.append(judged)
    closest = _closest(judgements)
    return [_right_elsewhere(closest, text, asked, judge_of) if closest.is_wrong else closest]


def judged_choice(question: ChoiceQuestion, text: str) -> Judgement:
    """The judgement on what may name an option, with the lines that decide."""
    found = named_by(text, question)
    if found is None and (more := not_understood(text, question)):
        reason = f"{more!r} is not judged here: give the option alone"
        return Judgement(Verdict.UNREADABLE, part=question.part, reason=reason)
    if found is None:
        options = "; ".join(each.said for each in question.alternatives)
        reason = f"this names none of the options: {options}"
        return Judgement(Verdict.UNREADABLE, part=question.part, reason=reason)
    if found.is_open:
        return Judgement(Verdict.UNREADABLE, part=question.part, reason=f"this leaves open which it is: {found.said}")
    verdict = Verdict.CORRECT if found.is_right else Verdict.INCORRECT
    return Judgement(verdict, part=question.part, option=found.said, because=question.grounds(found.alternatives))


def _chosen(text: str, chosen: Sequence[tuple[ChoiceQuestion, Named]], asked: Sequence[Question]) -> Judgement:
    """The judgement on a text that names an option of one question, and can be nothing else."""
    spoken = [(question, found) for question, found in chosen if speaks_of(text, question)]
    candidates = spoken if len(spoken) == 1 else list(chosen)
    said = [f"the option '{found.said}' of {question.part!r}" for question, found in candidates]
    if any(_reads(text, question) for question in asked):
        said.append("a formula")
    if len(said) == 1:
        return judged_choice(candidates[0][0], text)
    parts = " or ".join(f"--part {question.part!r}" for question, _ in candidates)
    reason = f"this may be {' or '.join(said)}: say which it answers, with {parts}"
    return Judgement(Verdict.UNREADABLE, reason=reason)


def _reads(text: str, question: Question) -> bool:
    """Whether a text can be read as a formula."""
    try:
        read(text, question.names)
    except Unreadable:
        return False
    return True


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


AnyQuestion = Question | ChoiceQuestion


def _by_name(text: str, asked: Sequence[AnyQuestion]) -> list[tuple[AnyQuestion, str]]:
    """The questions that the lines of an answer name, each with its answer; nothing where any line names none."""
    found: list[tuple[AnyQuestion, str]] = []
    for line in re.split(r"[;\n]", text):
        if not line.strip():
            continue
        match = _NAMED.fullmatch(line)
        question = _named(match["name"], asked) if match else None
        if match is None or question is None:
            return []
        found.append((question, match["answer"]))
    return found


def _named(name: str, asked: Sequence[AnyQuestion]) -> AnyQuestion | None:
    exact = [question for question in asked if question.part == name]
    alike = [question for question in asked if _spelling(question.part) == _spelling(name)]
    return next(iter((*exact, *alike)), None)


def _spelling(name: str) -> str:
    """A part's name as people may spell it: `Bias^2`, `bias²` and `bias` are one."""
    return " ".join(name.lower().replace("^2", "").replace("²", "").split())


def _unknown(part: str, asked: Sequence[AnyQuestion]) -> str:
    names = [question.part for question in asked if question.part]
    return f"there is no part {part!r}; there {'are ' + ', '.join(names) if names else 'is only one'}"
