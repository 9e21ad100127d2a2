"""The verdict on an answer: read, checked for its shape, compared in all worlds, and if wrong, shown to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.grading.assumptions import further_assumption
from engine.grading.counterexamples import counterexample, large_counterexample
from engine.grading.definedness import Definedness
from engine.grading.mistakes import Table, diagnosed
from engine.grading.questions import Question
from engine.grading.verdicts import Judgement, Verdict
from engine.notation.plain import plain
from engine.reading import IllTyped, Reading, Unreadable, read
from engine.terms import Symbol, Term, show_shape, substitute
from engine.terms import replace as replace_term
from engine.worlds.comparison import Comparison, Outcome, Reference
from engine.worlds.values import allowance

WORK = 20_000  # what judging one answer may cost, in steps of about a microsecond
PARTLY_DEFINED = "not everything here is defined for all sizes: compared where it is"
WORK_TO_EXPLAIN = 12_000


class Judge:
    """Judges answers to one question. What the result is worth is computed once."""

    def __init__(
        self,
        question: Question,
        explains: bool = True,
        fingerprints: bool = False,
        mistakes: Callable[[], Table] | None = None,
    ) -> None:
        """`explains` looks for what shows that a wrong answer is wrong, `fingerprints` lets equal answers be grouped,
        `mistakes` names what leads to it; it is asked when the first answer is wrong.
        """
        self.question = question
        self.explains = explains
        self.mistakes = mistakes
        self.fingerprints = fingerprints
        self.reference = Reference(question.value, question.declarations, question.hypotheses)
        self.definedness = Definedness(question)

    def verdict(self, text: str) -> Judgement:
        """Judge a text. Raises nothing, whatever the text is."""
        try:
            reading = read(text, self.question.names)
            judged = self.judged(reading)
            if reading.has_open_quotient and not judged.correct and self.explains:
                judged = self._if_meant_tightly(text, judged)
            if self.mistakes is not None and judged.is_wrong:
                found = diagnosed(judged, self.question, self.reference, self.mistakes())
                judged = replace(judged, diagnosis=found)
        except IllTyped as trouble:
            judged = Judgement(Verdict.ILL_TYPED, reason=trouble.message, trouble=trouble)
        except Unreadable as trouble:
            judged = Judgement(Verdict.UNREADABLE, reason=trouble.message, trouble=trouble)
        return replace(judged, part=self.question.part) if self.question.part else judged

    def accepts(self, text: str) -> bool:
        """Whether an answer is right, without a word about why not."""
        explains, self.explains = self.explains, False
        try:
            return self.judged(read(text, self.question.names)).correct
        except Unreadable:
            return False
        finally:
            self.explains = explains

    def judged(self, reading: Reading) -> Judgement:
        """Judge what was read."""
        sides = reading.sides
        if len(sides) > 1 and self.question.is_asked(sides[0]):
            sides = sides[1:]
        elif len(sides) > 1 and not reading.label:
            return self._equation(reading)
        shape = self.question.value.shape
        reading = Reading(reading.text, reading.label, sides, reading.notes).fitted(shape).settled()
        for side in reading.sides:
            if side.shape != self.question.value.shape:
                return self._misshapen(reading, side)
        judged: Judgement | None = None
        for side in reading.sides:
            judged = self._expression(reading, side)
            if not judged.correct:
                return judged
        assert judged is not None
        return judged

    def _if_meant_tightly(self, text: str, judged: Judgement) -> Judgement:
        if not self.judged(read(text, self.question.names, tight=True)).correct:
            return judged
        return replace(judged, reason="right if a/b c is meant as a/(b c), but it is read as (a/b)·c: use brackets")

    def _misshapen(self, reading: Reading, side: Term) -> Judgement:
        names = ("the answer", "the result") if self.question.to_work_out else ("the right side", "the left side")
        reason = f"{names[0]} is {show_shape(side.shape)}, {names[1]} is {show_shape(self.question.value.shape)}"
        return Judgement(Verdict.ILL_TYPED, reason=reason, reading=reading, notes=reading.notes)

    # -- expressions ---------------------------------------------------------------------------------------------------

    def _expression(self, reading: Reading, answer: Term) -> Judgement:
        with allowance(WORK):
            found = self.reference.compared(answer)
        base = Judgement(Verdict.CORRECT, reading=reading, worlds=found.worlds, bits=found.bits, notes=reading.notes)
        if self.fingerprints:
            with allowance(WORK):
                base = replace(base, fingerprint=self.reference.fingerprint(answer))
        unsettled = self.definedness.not_shown_apart(found.unsettled)
        if found.outcome is Outcome.EQUAL and unsettled:
            reason = f"it agrees at all places looked at; where {plain(unsettled[0])} changes its sign is not known"
            return replace(base, verdict=Verdict.UNDECIDED, reason=reason)
        if found.outcome is Outcome.EQUAL:
            if found.unseen:
                base = replace(base, notes=(*base.notes, PARTLY_DEFINED))
            unfinished = self.question.unfinished(answer)
            if unfinished is None:
                return replace(base, where=tuple(map(plain, self.definedness.needed(answer))))
            reason = f"true, but not worked out: {plain(unfinished)} still stands in it"
            return replace(base, verdict=Verdict.INCORRECT, reason=reason, is_true=True)
        if found.outcome is Outcome.UNDECIDED:
            return replace(base, verdict=Verdict.UNDECIDED, reason=found.reason)
        return self._explained(replace(base, verdict=Verdict.INCORRECT), answer, found)

    def _explained(self, judged: Judgement, answer: Term, found: Comparison) -> Judgement:
        reason = _REASONS[found.outcome].format(found.reason)
        unknown = self.question.unknown
        if unknown is not None and answer.has(unknown) and self._solves(answer):
            reason = f"true, but not solved: {plain(unknown)} still stands on the right"
            return replace(judged, reason=reason, is_true=True)
        judged = replace(judged, reason=reason)
        if not self.explains:
            return judged
        starred = self._starred(answer)
        if starred is not None and self._is_result(starred[0]):
            reason = f"true with {starred[1]}, but not worked out: that still stands in it"
            return replace(judged, reason=reason, is_true=True)
        result = self.question.value
        stage = self.reference.stage(answer)
        with allowance(WORK_TO_EXPLAIN):
            shown = counterexample(answer, result, stage, answer.free | result.free)
        if shown is None:
            assert found.world is not None
            return replace(judged, counterexample=large_counterexample(answer, result, found.world))
        with allowance(WORK_TO_EXPLAIN):
            further = further_assumption(answer, result, stage)
        if further is None:
            return replace(judged, counterexample=shown)
        return replace(judged, counterexample=shown, holds_if=further.text, in_one_dimension=further.in_one_dimension)

    def _starred(self, side: Term) -> tuple[Term, str] | None:
        """The term with w* for a w that the result does not speak of, where the derivation has such names."""
        instead: dict[Symbol, Term] = {}
        for symbol in side.free - self.question.value.free:
            definition = self.question.names.definitions.get(symbol.name + "*")
            if definition is not None and not definition.parameters and definition.body.shape == symbol.shape:
                instead[symbol] = definition()
        if not instead:
            return None
        return substitute(side, instead), ", ".join(f"{plain(new)} for {plain(old)}" for old, new in instead.items())

    def _is_result(self, side: Term) -> bool:
        with allowance(WORK):
            return self.reference.compared(side).outcome is Outcome.EQUAL

    def _solves(self, answer: Term) -> bool:
        """Whether an answer with the unknown in it holds where the unknown is the result."""
        unknown, value = self.question.unknown, self.question.value
        assert unknown is not None
        with allowance(WORK):
            found = self.reference.compared(substitute(answer, {unknown: value}))
        return found.outcome is Outcome.EQUAL

    # -- equations -----------------------------------------------------------------------------------------------------

    def _equation(self, reading: Reading) -> Judgement:
        """An equation that does not give what is asked: a true consequence of the result, or a false one."""
        question = self.question
        reading = _of_one_shape(reading)
        asked = question.unknown if question.unknown is not None else question.asked
        base = Judgement(Verdict.INCORRECT, reading=reading, notes=reading.notes)
        left, right = reading.sides[0], reading.sides[-1]
        if len(reading.sides) > 2:
            return replace(base, reason="give one equation, or the final expression alone")
        inserted = [self._inserted(side) for side in (left, right)]
        reference = Reference(inserted[1], question.declarations, question.hypotheses)
        with allowance(WORK):
            found = reference.compared(inserted[0])
        what = plain(asked) if asked is not None else "the result"
        if found.outcome is Outcome.UNDECIDED:
            return replace(base, verdict=Verdict.UNDECIDED, reason=found.reason)
        if found.outcome is Outcome.EQUAL and inserted != [left, right]:
            return replace(base, reason=f"true, but not solved for {what}", is_true=True)
        if found.outcome is Outcome.EQUAL:
            return replace(base, reason=f"true, but it says nothing of {what}", is_true=True)
        if (instead := self._true_with_stars(inserted)) is not None:
            return replace(base, reason=f"true with {instead}, but not solved for {what}", is_true=True)
        with allowance(WORK_TO_EXPLAIN):
            free = inserted[0].free | inserted[1].free
            shown = counterexample(inserted[0], inserted[1], reference.stage(inserted[0]), free)
        reason = f"this equation does not hold where {what} is the result"
        if shown is not None:
            shown = replace(shown, answer=f"{shown.answer} on the left", result=f"{shown.result} on the right")
        return replace(base, reason=reason, counterexample=shown)

    def _true_with_stars(self, sides: list[Term]) -> str | None:
        """Which names with a star make an equation true that is not true without."""
        starred = [self._starred(side) for side in sides]
        if not any(starred):
            return None
        left, right = (new[0] if new is not None else old for new, old in zip(starred, sides, strict=True))
        with allowance(WORK):
            found = Reference(right, self.question.declarations, self.question.hypotheses).compared(left)
        return next(new[1] for new in starred if new is not None) if found.outcome is Outcome.EQUAL else None

    def _inserted(self, side: Term) -> Term:
        """A side with the result in place of what is asked."""
        question = self.question
        if question.unknown is not None:
            return substitute(side, {question.unknown: question.value})
        return replace_term(side, question.asked, question.value) if question.asked is not None else side


_REASONS = {
    Outcome.DIFFERENT: "it has another value",
    Outcome.UNDEFINED: "it is not always defined: {}",
    Outcome.BEYOND: "it has a value where the other side is not defined",
}


def _of_one_shape(reading: Reading) -> Reading:
    shape = next((side.shape for side in reading.sides if not side.is_scalar), reading.sides[0].shape)
    fitted = reading.fitted(shape).settled()
    for side in fitted.sides:
        if side.shape != shape:
            raise IllTyped(f"the sides are {show_shape(shape)} and {show_shape(side.shape)}", 0, len(reading.text))
    return fitted
