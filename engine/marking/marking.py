"""Marks a working line by line: each link between two sides is judged in worlds, relative to what stands before it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from engine.common.errors import Misasked
from engine.grading.choices import choice_questions
from engine.grading.judging import Judge
from engine.grading.mistakes import Table
from engine.grading.questions import Question, questions
from engine.marking.context import MarkingContext, unknowns_of
from engine.marking.diagnosing import Diagnosing
from engine.marking.equations import Equations
from engine.marking.lines import Piece, is_label, pieces
from engine.marking.links import SIGNS, Links
from engine.marking.marks import Link, Mark, Marked, MarkedLine, Outcome
from engine.marking.matching import Matcher
from engine.marking.prose import Discourse, Prose, Said, asserts, judged, unknown_words
from engine.proofs.working import Working
from engine.reading import Reading, Unreadable
from engine.reading.reader import read_chain
from engine.terms import Symbol, Term, zero
from engine.worlds.values import allowance

WORK_ON_ALL = 20_000_000

_PROPERTIES = {
    r"positive[\s-]+semi[\s-]*definite|psd": "succeq",
    r"positive[\s-]+definite|pd": "succ",
    r"invertible|non-?singular": "invertible",
    r"positive": ">",
    r"negative": "<",
    r"non-?negative": ">=",
    r"non-?zero": "!=",
}
_PROPERTY = re.compile(
    rf"(?:so|thus|hence|therefore|here|and|also|that|since|because)?\s*(?P<subject>\S.*?)\s+(?:is|are)\s+(?:always\s+|also\s+|then\s+)?"
    rf"(?P<what>{'|'.join(_PROPERTIES)})",
    re.IGNORECASE,
)


class UnknownPart(Misasked):
    """A part that the derivation's result does not have."""


class Marker:
    """Marks one working against a derivation."""

    def __init__(self, working: Working, mistakes: Callable[[], Table] | None = None, part: str | None = None) -> None:
        """`mistakes` is asked at the first wrong link; `part` is the only result that is wanted, where there are
        several.

        Raises UnknownPart.
        """
        asked, self.choices = questions(working), choice_questions(working)
        self.working = working
        self.matcher = Matcher(working)
        self.wanted_choices = [question.part for question in self.choices if question.part == part]
        self.judges = [] if self.wanted_choices else [Judge(q, explains=False) for q in _wanted(asked, part)]
        self.context = MarkingContext(working, unknowns_of(working, asked))
        diagnosing = Diagnosing(asked, mistakes)
        equations = Equations(self.context, self.matcher, self._result_for, diagnosing.of_equation)
        self.links = Links(self.context, self.matcher, equations, diagnosing, self._reach)
        self.reached: dict[str, None] = {}
        self.answered: set[str] = set()  # questions, rightly or not

    def marked(self, text: str) -> Marked:
        """Mark a whole text. Raises nothing, whatever the text is."""
        with allowance(WORK_ON_ALL):
            labels = {each.label for question in self.choices for each in question.alternatives if len(each.label) == 1}
            found = pieces(text, self.context.names, labels)
            said = self._said(found, text)
            lines = tuple(_with_prose([self.links.line(piece) for piece in found], said))
        marks = {line.mark for line in lines} - {None, Mark.EXPRESSION}
        results = [judge.question.part for judge in self.judges]
        by_words = self._is_answered_by_words(results)
        wanted = [question.part for question in self.choices] if by_words else [*results, *self.wanted_choices]
        missing = tuple(part for part in wanted if part not in self.reached)
        outcome = Outcome.ANSWERED if by_words else Outcome.COMPLETE
        if any(mark is not None and mark.is_open for mark in marks):
            outcome = Outcome.UNREAD
        if any(mark is not None and not (mark.is_good or mark.is_open) for mark in marks):
            outcome = Outcome.FLAWED
        if missing and Mark.WRONG_ANSWER not in marks:
            outcome = Outcome.UNFINISHED
        steps = len(self.working.route)
        stands_at = steps if not missing else min(self.links.stands_at, steps - 1)
        return Marked(lines, outcome, tuple(self.reached), missing, stands_at, steps, self.context.shown())

    def _is_answered_by_words(self, results: Sequence[str]) -> bool:
        """Whether the questions are what a working answers, where each of the results has a name, and is the ground of
        an answer: it answers all of them, or it answers some and comes to none of the results; but not where it comes
        to all of these.
        """
        reached = [part for part in results if part in self.reached]
        are_all_answered = all(question.part in self.reached for question in self.choices)
        return (
            bool(self.answered) and all(results) and len(reached) < len(results) and (are_all_answered or not reached)
        )

    def _result_for(self, unknown: Symbol) -> Term | None:
        return next((j.question.value for j in self.judges if j.question.unknown == unknown), None)

    # -- words ---------------------------------------------------------------------------------------------------------

    def _answers(self, piece: Piece) -> bool:
        return any(each.part for each in judged(Prose(piece.text, (piece.line,)), self.choices))

    def _said(self, found: Sequence[Piece], text: str) -> list[Said]:
        """What the words say: a question is answered where what is left open by all that is rightly said is one option;
        a yes-or-no or a direction that stays open is not marked, while of several options one may be excluded alone.
        """
        titles = [piece for piece in found if _is_heading(piece, text) and not self._answers(piece)]
        hiding = frozenset(piece.line for piece in found if piece.hides)
        prose = _paragraphs([piece for piece in found if piece not in titles], hiding)
        discourse = Discourse()
        last = found[-1].line if found else 0
        said = [
            each
            for one in prose
            for each in judged(replace(one, is_last=last in one.lines), self.choices, self._property, discourse)
        ]
        for question in (each for each in self.choices if any(one.part == each.part for one in said)):
            part = question.part
            self.answered.add(part)
            right = [set(each.leaves) for each in said if each.part == part and each.link.mark.is_good]
            if len(left := set.intersection(*right) if right else set()) == 1:
                self.reached[part] = None
            elif left and question.cause:
                said = [_leaving_open(each, left) if each.part == part else each for each in said]
        return said

    def _property(self, clause: str) -> Link | None:
        """The mark of `XᵀX is positive semidefinite`, `A is invertible`, `λ is positive`; None of anything else."""
        said = _PROPERTY.fullmatch(clause)
        if said is None:
            return None
        try:
            side = self.links.sides(read_chain(said["subject"], self.context.names))[-1]
        except Unreadable:
            return None
        if not isinstance(side, Term):
            return None
        sign = next(sign for word, sign in _PROPERTIES.items() if re.fullmatch(word, said["what"].lower()))
        right = side if SIGNS[sign].unary else zero(side.shape)
        link = self.links.inequality(side, sign, right, supposed=False)
        return replace(link, left=clause, sign="", right="")

    # -- how far -------------------------------------------------------------------------------------------------------

    def _reach(self, head: Term, right: Term) -> None:
        """Note the results that a chain about something comes to."""
        for judge in self.judges:
            question = judge.question
            if question.part in self.reached or right.shape != question.value.shape:
                continue
            about = question.is_asked(head) or (question.unknown is None and self._is_worth(head, question))
            if about and judge.judged(Reading("", "", (right,), ())).correct:
                self.reached[question.part] = None

    def _is_worth(self, side: Term, question: Question) -> bool:
        asked = question.asked
        return asked is not None and any(self.context.are_equal(side, other) for other in (question.value, asked))


def _leaving_open(said: Said, left: set[str]) -> Said:
    """What is true, and yet no answer."""
    if not said.link.mark.is_good:
        return said
    reason = f"true, but it leaves {said.part!r} open: {' or '.join(sorted(left))}"
    return replace(said, link=replace(said.link, mark=Mark.NOT_MARKED, reason=reason))


_SET_AS_TITLE = re.compile(r"\\(?:sub)*section\*?\{|#|\(?\d+(?:\.\d+)*[.)]?\s|\*\*.*\*\*$")


def _is_heading(piece: Piece, text: str) -> bool:
    """Whether words stand alone on a line, with no full stop, as a title does, and assert nothing: numbered or set as
    one, or in capitals and known.
    """
    lines = text.splitlines()
    whole = lines[piece.line - 1].strip() if 0 < piece.line <= len(lines) else ""
    if is_label(whole):
        return True
    if not piece.is_text or "$" in whole or whole.endswith((".", "!", "?", ";", ",")) or piece.text not in whole:
        return False
    words = re.findall(r"[A-Za-z]+", piece.text)
    long = [word for word in words if len(word) > 4]
    in_capitals = bool(long) and all(word[0].isupper() for word in long) and not unknown_words(words)
    is_set = _SET_AS_TITLE.match(whole) is not None and (len(words) > 1 or not unknown_words(words))
    return len(whole.split()) <= 10 and (in_capitals or is_set) and not asserts(words)


def _paragraphs(found: Sequence[Piece], hiding: frozenset[int]) -> Iterator[Prose]:
    """Words that stand together, the mathematics among them written as it is."""
    text, lines, before = "", list[int](), ""
    for piece in found:
        is_prose = piece.is_text or piece.in_prose
        if text and (not is_prose or piece.line > lines[-1] + 1):
            yield Prose(text, tuple(lines), before, hiding)
            text, lines, before = "", [], ""
        if is_prose:
            text += ("\n" if lines and piece.line > lines[-1] else " ") + piece.text
            lines += [piece.line] * (len(piece.text) + 1)
        else:
            before = piece.text
    if text:
        yield Prose(text, tuple(lines), before, hiding)


def _with_prose(lines: Sequence[MarkedLine], said: Sequence[Said]) -> Iterator[MarkedLine]:
    """The lines, and behind what stands on one the marks of what it says in words."""
    for place, line in enumerate(lines):
        yield line
        if place + 1 == len(lines) or lines[place + 1].line > line.line:
            following = lines[place + 1].line if place + 1 < len(lines) else math.inf
            for each in (each for each in said if line.line <= each.line < following):
                yield MarkedLine(each.line, each.link.left, (each.link,))


def _wanted(asked: tuple[Question, ...], part: str | None) -> list[Question]:
    """The results that a working is to reach: the one that is named, or the main one, or else all."""
    whole = [question for question in asked if not question.within]
    if part is not None:
        named = [question for question in asked if question.part == part]
        if not named:
            parts = ", ".join(question.part for question in asked if question.part)
            raise UnknownPart(f"there is no part {part!r}; there {f'are {parts}' if parts else 'is only one'}")
        return named
    return [question for question in whole if not question.part] or whole
