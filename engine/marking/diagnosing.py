"""Names the mistake behind a wrong link, from the table of what mistakes lead to."""

from __future__ import annotations

from collections.abc import Callable

from engine.grading.mistakes import Table, explained, fingerprint, of_answer, reference_of
from engine.grading.questions import Question
from engine.grading.verdicts import Diagnosis
from engine.terms import Symbol, Term
from engine.terms.formulas import Formula
from engine.worlds.solving import solutions
from engine.worlds.values import Undecided, Undefined, Unsupported, allowance
from engine.worlds.world import Value, World

WORK = 30_000


class Diagnosing:
    """Looks wrong links up; the table is asked for at the first."""

    def __init__(self, asked: tuple[Question, ...], table: Callable[[], Table] | None) -> None:
        self.asked, self._table = asked, table
        self.references = {question.part: reference_of(question) for question in asked}

    def of_identity(self, left: Term, right: Term, head: Term) -> tuple[Diagnosis, ...]:
        """What would lead from a value to a wrong one, on one line; or, of what a chain is about, to a wrong end."""
        if self._table is None or not self.references:
            return ()
        reference = next(iter(self.references.values()))
        found = self._table().lines.get(f"{fingerprint(reference, left)} {fingerprint(reference, right)}", [])
        if found:
            return explained(found, of_all=False)
        for question in self.asked:
            if question.is_asked(head) and right.shape == question.value.shape:
                return of_answer(right, question.part, self.references[question.part], self._table())
        return ()

    def of_equation(self, equation: Formula, unknown: Symbol) -> tuple[Diagnosis, ...]:
        """What would lead to a wrong equation: to the value that it gives the unknown."""
        if self._table is None:
            return ()
        for question in self.asked:
            if question.unknown == unknown and not question.within:
                digest = self._solution(question.part, equation, unknown)
                return explained(self._table().answers.get(question.part, {}).get(digest, []))
        return ()

    def _solution(self, part: str, equation: Formula, unknown: Symbol) -> str:
        """The fingerprint of the only solution of an equation; "" where there is not just one."""

        def solved(world: World) -> Value:
            found = solutions(equation, unknown, world)
            if len(found) != 1:
                raise Undefined("not one solution")
            return found[0][unknown]

        try:
            with allowance(WORK):
                return self.references[part].fingerprint_where_defined(solved)
        except (Undefined, Undecided, Unsupported):
            return ""
