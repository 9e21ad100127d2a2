"""What people write, judged against a derivation: answers, whole workings, and what to do next."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

import derivations
from engine.common.errors import Misasked
from workings.library import derive, is_catalogued, known_name
from workings.premises import Texts, declarations, replacements

if TYPE_CHECKING:
    from engine.grading import Judgement, Question, Verdict
    from engine.grading.choices import ChoiceQuestion
    from engine.grading.judging import Judge
    from engine.grading.mistakes import Table
    from engine.marking.hints import Hint
    from engine.marking.marks import Marked
    from engine.proofs.working import Working

    Asked = tuple[tuple[Question, ...], tuple[ChoiceQuestion, ...]]

LARGEST_WORKING = 100_000  # characters
_WORST_FIRST = ("unreadable", "ill-typed", "incorrect", "undecided", "correct")


@dataclass(frozen=True)
class Checked:
    """The judgement on an answer, a part at a time, and what of the result it does not answer."""

    judgements: tuple[Judgement, ...]
    unanswered: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst verdict."""
        return min((each.verdict for each in self.judgements), key=lambda verdict: _WORST_FIRST.index(verdict.value))

    @property
    def correct(self) -> bool:
        return all(each.correct for each in self.judgements)

    def as_data(self) -> dict[str, Any]:
        """As dictionaries, lists, strings and numbers (`judgement.schema.json`)."""
        from engine.documents.judgements import judgement_data

        data = [judgement_data(judgement) for judgement in self.judgements]
        more = {"parts": data} if len(data) > 1 else {}
        return {**data[0], "verdict": self.verdict.value, **more}


class Grader:
    """Judges answers and workings against one derivation; what it takes is worked out when it is first needed.

    `fingerprints` are for batches: equal answers are judged once. `waiting` is entered while something takes seconds.
    """

    def __init__(
        self,
        name: str,
        given: Texts = (),
        let: Texts = (),
        *,
        fingerprints: bool = False,
        waiting: Callable[[str], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        """Raises Misasked for a name that nobody knows, and Unreadable for a premise that cannot be read."""
        self.name, self.given, self.let = known_name(name), given, let
        self.fingerprints, self.waiting = fingerprints, waiting
        self._replaced = replacements(given, let)
        self._judges: dict[str, Judge] = {}

    @cached_property
    def working(self) -> Working:
        return derive(self.name, self.given, self.let)

    @cached_property
    def asked(self) -> Asked:
        """What the derivation asks; kept from one process to the next for as long as the code is the same."""
        if self._replaced or not is_catalogued(self.name):
            return self._asked()
        from engine.certificates.serial import from_data
        from engine.certificates.store import kept
        from engine.grading.choices import ChoiceQuestion
        from engine.grading.questions import Question

        wanted = tuple[tuple[Question, ...], tuple[ChoiceQuestion, ...]]
        found: Asked = kept(f"questions-{self.name}", self._asked, read=partial(from_data, wanted=wanted))
        return found

    def _asked(self) -> Asked:
        from engine.grading.choices import choice_questions
        from engine.grading.questions import questions

        return questions(self.working), choice_questions(self.working)

    def mistakes(self) -> Table:
        """What common mistakes lead to: worked out once, and kept for as long as the code is the same."""
        return self._mistakes

    @cached_property
    def _mistakes(self) -> Table:
        from engine.grading.mistakes import Table
        from engine.grading.wrong_answers import table_from

        if self._replaced or not is_catalogued(self.name):
            return table_from(derivations.load(self.name), self._replaced)
        from engine.certificates.store import kept

        return kept(f"mistakes-{self.name}", self._table, Table.as_data, Table.from_data)

    def _table(self) -> Table:
        from multiprocessing import parent_process

        from engine.grading.wrong_answers import table

        processes = (os.cpu_count() or 1) if parent_process() is None else 1
        with self.waiting("working out once what common mistakes lead to"):
            return table(partial(derivations.load, self.name), processes)

    def judge(self, question: Question) -> Judge:
        from engine.grading.judging import Judge

        if question.part not in self._judges:
            self._judges[question.part] = Judge(question, fingerprints=self.fingerprints, mistakes=self.mistakes)
        return self._judges[question.part]

    def check(self, answer: str, part: str | None = None) -> Checked:
        """The judgement on a final expression, or on an option of a question. Raises Misasked for an unknown part."""
        from engine.grading.choices import open_questions
        from engine.grading.parts import judged_parts

        asked, choices = self.asked
        left_open = open_questions(self.working) if self._replaced else ()
        judgements = judged_parts(answer, asked, part, self.judge, choices, left_open)
        if isinstance(judgements, str):
            raise Misasked(judgements)
        answered = {judgement.part for judgement in judgements if not judgement.option}
        missing = tuple(question.part for question in asked if question.part and question.part not in answered)
        return Checked(tuple(judgements), missing if any(answered) else ())

    def mark(self, text: str, part: str | None = None) -> Marked:
        """A whole working, marked line by line. Raises Misasked for an unknown part, or a text that is too long."""
        from engine.marking.lines import LONGEST_LINE, MOST_LINES
        from engine.marking.marking import Marker

        lines = text.splitlines()
        if len(text) > LARGEST_WORKING or len(lines) > MOST_LINES:
            raise Misasked(f"a working of more than {MOST_LINES} lines or {LARGEST_WORKING:,} characters is not marked")
        if long := next((number for number, line in enumerate(lines, 1) if len(line) > LONGEST_LINE), 0):
            raise Misasked(f"line {long} is longer than {LONGEST_LINE:,} characters")
        return Marker(self.working, self.mistakes, part).marked(text)

    def hint(self, text: str | None = None, part: str | None = None) -> Hint | None:
        """The next step from where a working stands, or the first one; None where nothing is left to do."""
        from engine.marking.hints import hint

        return hint(self.working, None if text is None else self.mark(text, part))


@cache
def _grader(name: str) -> Grader:
    return Grader(name)


def _judging(name: str, given: Texts, let: Texts) -> Grader:
    """The grader of a derivation; that of the author's premises is kept."""
    return Grader(name, given, let) if given or let else _grader(name)


def check(name: str, answer: str, *, part: str | None = None, given: Texts = (), let: Texts = ()) -> Checked:
    """Judge a final expression: is it the derived result, in any equal form?

    Plain text, Unicode and LaTeX are read. A result with parts takes them by name (`variance: …; bias: …`), or one with
    `part`. Raises Misasked, Unreadable (of a premise; an answer that cannot be read is judged so) and DerivationError.

    >>> check("ridge", "X^T t").verdict
    <Verdict.INCORRECT: 'incorrect'>
    """
    return _judging(name, given, let).check(answer, part)


def mark(name: str, text: str, *, part: str | None = None, given: Texts = (), let: Texts = ()) -> Marked:
    """Mark a whole working: does each line follow, where is the first that does not, and which mistake was it?

    >>> mark("fgm-output", "f(x') = w^T x - epsilon ||w||^2").outcome
    <Outcome.COMPLETE: 'complete'>
    """
    return _judging(name, given, let).mark(text, part)


def hint(name: str, text: str | None = None, *, part: str | None = None) -> Hint | None:
    """What to do next, without doing it: from where a working stands, or from the beginning; None where nothing is
    left.

    >>> hint("ridge").number
    1
    """
    return _grader(name).hint(text, part)


def equal(left: str, right: str, *, let: Texts = (), up_to: str = "", within: str = "") -> Judgement:
    """Judge whether two expressions are equal for all values of what is declared; an undeclared letter is a real
    number. Two equations, or two inequalities, are equal where they hold in the same places. `up_to` a "sign", or a
    "factor" or "constant" that is free of the symbol `within`.

    Raises Unreadable for a declaration that cannot be read.

    >>> equal("(A B)^-1", "A^-1 B^-1", let={"A": "n×n invertible", "B": "n×n invertible"}).correct
    False
    """
    from engine.grading.equality import equal as judged

    return judged(left, right, declarations(let), up_to=up_to, within=within)
