"""The verdict on an answer: read, checked for its shape, compared in all worlds, and if wrong, shown to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.grading.assumptions import further_assumption
from engine.grading.counterexamples import counterexample, large_counterexample
from engine.grading.definedness import Definedness
from engine.grading.letters import Matching, matchings
from engine.grading.mistakes import Table, diagnosed
from engine.grading.questions import Question
from engine.grading.verdicts import Judgement, Verdict
from engine.notation.plain import plain
from engine.reading import IllTyped, Names, Reading, Unreadable, read
from engine.reading.ranges import range_of
from engine.terms import Entry, Symbol, Term, show_shape, substitute
from engine.terms import replace as replace_term
from engine.terms.declarations import Declaration, Domain
from engine.worlds.comparison import Agreement, Comparison
from engine.worlds.values import Undecided, Undefined, Unsupported, allowance

WORK = 60_000  # what judging one answer may cost, in steps of about a microsecond
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
        where_both: bool = False,
    ) -> None:
        """`explains` looks for what shows that a wrong answer is wrong, `fingerprints` lets equal answers be grouped,
        `mistakes` names what leads to it; it is asked when the first answer is wrong. With `where_both` an answer is
        compared where it and the result have a value.
        """
        self.question = question
        self.explains = explains
        self.mistakes = mistakes
        self.fingerprints = fingerprints
        self.definedness = Definedness(question)
        self.reference = self.definedness.reference(question.value, where_both)

    def verdict(self, text: str) -> Judgement:
        """Judge a text, in a person's own letters where these can be matched. Raises nothing, whatever the text is."""
        judged = self._verdict(text, self.question.names)
        if judged.trouble is None or self.question.free:
            return judged
        found = matchings(text, self.question.names, self.question.declarations, self.question.value.shape)
        verdicts = [self._verdict(text, self.question.names.called(each.meanings)) for each in found]
        if not verdicts:
            return judged
        if len({each.verdict for each in verdicts}) > 1:
            readings = " or ".join(each.note for each in found)
            return replace(judged, verdict=Verdict.UNDECIDED, trouble=None, reason=f"it may be {readings}")
        return in_their_letters(verdicts[0], found[0])

    def _verdict(self, text: str, names: Names) -> Judgement:
        try:
            reading = read(text, names)
            judged = self.judged(reading)
            if reading.has_open_quotient and not judged.correct and self.explains:
                judged = self._if_meant_tightly(text, names, judged)
            shape = self.question.value.shape
            is_whole = reading.value.shape in (shape, shape[::-1])
            if self.mistakes is not None and judged.is_wrong and is_whole:
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
        if len(reading.sides) > 1 and self._names_what_is_asked(reading.sides[0]):
            reading = reading.behind_the_first
        elif len(reading.sides) > 1 and not reading.label:
            return self._equation(reading)
        component = self._of_component(reading)
        if component is not None:
            return component
        reading = reading.fitted(self.question.value.shape).settled()
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

    def _names_what_is_asked(self, side: Term) -> bool:
        """Whether a left side is what is asked, or its entry: ∂L/∂z_k."""
        return self.question.is_asked(side) or (isinstance(side, Entry) and self.question.is_asked(side.base))

    def _of_component(self, reading: Reading) -> Judgement | None:
        """The judgement on an answer for each i, as p_i − y_i, where the result is a column or has free indices."""
        declared = {declaration.symbol for declaration in self.question.declarations}
        free = sorted(reading.value.free - declared, key=lambda symbol: symbol.name)
        value, column = self.question.value, self.question.value.cols == 1 and self.question.value.rows != 1
        lengths = [range_of(reading.value, index) for index in free]
        if not free or any(length is None for length in lengths) or self.question.free:
            return None
        if reading.value.is_scalar and column and len(free) == 1:
            value = Entry(value, (free[0],))
        indices = (
            Declaration(index, Domain(whole=True, index_up_to=length))
            for index, length in zip(free, lengths, strict=True)
        )
        question = replace(self.question, value=value, declarations=(*self.question.declarations, *indices))
        judged = Judge(question, self.explains, self.fingerprints).judged(reading)
        told = f"compared for each {' and '.join(symbol.name for symbol in free)}"
        return replace(judged, notes=(*judged.notes, told))

    def _if_meant_tightly(self, text: str, names: Names, judged: Judgement) -> Judgement:
        if not self.judged(read(text, names, tight=True)).correct:
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
            base = replace(base, fingerprint=self._fingerprint(answer))
        if found.outcome is Agreement.EQUAL:
            if found.unseen:
                base = replace(base, notes=(*base.notes, PARTLY_DEFINED))
            unfinished = self.question.unfinished(answer)
            if unfinished is None:
                needed = self.definedness.needed(answer, self.reference)
                return replace(base, where=tuple(map(plain, needed)), is_partly_defined=found.partly)
            reason = f"true, but not worked out: {plain(unfinished)} still stands in it"
            return replace(base, verdict=Verdict.INCORRECT, reason=reason, is_true=True)
        if found.outcome is Agreement.UNDECIDED:
            return replace(base, verdict=Verdict.UNDECIDED, reason=found.reason)
        return self._explained(replace(base, verdict=Verdict.INCORRECT), answer, found)

    def _fingerprint(self, answer: Term) -> str:
        """What is alike for equal answers; empty where one of the fixed worlds gives it no value."""
        try:
            with allowance(WORK):
                return self.reference.fingerprint(answer)
        except (Undefined, Undecided, Unsupported):
            return ""

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
            further = further_assumption(answer, result, stage, shown.world)
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
            return self.reference.compared(side).outcome is Agreement.EQUAL

    def _solves(self, answer: Term) -> bool:
        """Whether an answer with the unknown in it holds where the unknown is the result."""
        unknown, value = self.question.unknown, self.question.value
        assert unknown is not None
        with allowance(WORK):
            found = self.reference.compared(substitute(answer, {unknown: value}))
        return found.outcome is Agreement.EQUAL

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
        unknown = sorted((left.free | right.free) - {d.symbol for d in question.declarations}, key=lambda s: s.name)
        if unknown:
            raise Unreadable(f"{unknown[0].name} is not declared", 0, len(reading.text))
        inserted = [self._inserted(side) for side in (left, right)]
        reference = self.definedness.reference(inserted[1])
        with allowance(WORK):
            found = reference.compared(inserted[0])
        what = plain(asked) if asked is not None else "the result"
        if found.outcome is Agreement.UNDECIDED:
            return replace(base, verdict=Verdict.UNDECIDED, reason=found.reason)
        if found.outcome is Agreement.EQUAL and inserted != [left, right]:
            return replace(base, reason=f"true, but not solved for {what}", is_true=True)
        if found.outcome is Agreement.EQUAL:
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
            found = self.definedness.reference(right).compared(left)
        return next(new[1] for new in starred if new is not None) if found.outcome is Agreement.EQUAL else None

    def _inserted(self, side: Term) -> Term:
        """A side with the result in place of what is asked."""
        question = self.question
        if question.unknown is not None:
            return substitute(side, {question.unknown: question.value})
        return replace_term(side, question.asked, question.value) if question.asked is not None else side


def in_their_letters(judged: Judgement, matching: Matching) -> Judgement:
    """A judgement with a person's letters for those of the question."""
    letters = matching.in_their_letters
    shown, reading = judged.counterexample, judged.reading
    if reading is not None:
        reading = replace(reading, sides=tuple(substitute(side, letters) for side in reading.sides))
    if shown is not None:
        names = {plain(symbol): plain(letter) for symbol, letter in letters.items()}
        shown = replace(shown, values=tuple((names.get(name, name), value) for name, value in shown.values))
    return replace(judged, reading=reading, counterexample=shown, notes=(matching.note, *judged.notes))


_REASONS = {
    Agreement.DIFFERENT: "it has another value",
    Agreement.UNDEFINED: "it is not always defined: {}",
    Agreement.BEYOND: "it has a value where the other side is not defined",
}


def _of_one_shape(reading: Reading) -> Reading:
    shape = next((side.shape for side in reading.sides if not side.is_scalar), reading.sides[0].shape)
    fitted = reading.fitted(shape).settled()
    for side in fitted.sides:
        if side.shape != shape:
            raise IllTyped(f"the sides are {show_shape(shape)} and {show_shape(side.shape)}", 0, len(reading.text))
    return fitted
