"""What a working says in words: sentences that answer a question are judged; what else claims something is not marked.

A paragraph is cut into clauses. A clause that speaks of a question with options, or is its yes or no, says which of its options
it leaves open. Another clause that asserts something (it has a finite verb, and is no narration of what is being done)
is claimed and not judged: nothing of it may count as right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.grading.choices import Alternative, ChoiceQuestion, allowed, speaks_of, spelled_out
from engine.marking.marks import Link, Mark


@dataclass(frozen=True)
class Prose:
    """Words of a working, mathematics among them written out, the line that each of their characters stands on, and the
    mathematics that stands directly before them: what `which` and `it` speak of.
    """

    text: str
    lines: tuple[int, ...]
    before: str = ""


@dataclass(frozen=True)
class Said:
    """A clause with its mark, on its line; `part` is the question that it answers."""

    line: int
    link: Link
    part: str = ""


@dataclass
class _Context:
    """What earlier clauses spoke of: the questions of the last one that named any, and the last word it was named by."""

    questions: list[ChoiceQuestion] = field(default_factory=list)


_IT = re.compile(r"^(?:and\s+)?(?:which|it|this|that)(?:\s+matrix)?(?=\s+is\b)", re.IGNORECASE)
_BREAK = re.compile(
    r"(?P<sentence>\n(?=[A-Z])|(?<!\bi\.e)(?<!\be\.g)(?<!\bvs)(?<!\bcf)[.!?](?=\s|$)|;|\n\s*\n)|"
    r"[()]|,(?=\s)|—|\b(?:because|since|meaning(?:\s+that)?|such\s+that|so\s+that|hence|thus|therefore|whereas|whilst"
    r"|although|though|but)\b",
    re.IGNORECASE,
)


def judged(
    prose: Prose, asked: Sequence[ChoiceQuestion], claim: Callable[[str], Link | None] = lambda _: None
) -> Iterator[Said]:
    """The clauses of a paragraph that answer a question, or claim something: marked by `claim`, where that can be judged."""
    context = _Context()
    for clause, start, begins in _clauses(prose.text):
        line = prose.lines[min(start, len(prose.lines) - 1)]
        answers = list(_answers(spelled_out(clause), begins, spelled_out(prose.text), asked, context))
        for question, open_ in answers:
            yield Said(line, _link(spelled_out(clause), question, open_), question.part)
        if not answers and _claims(clause):
            unmarked = Link(clause, "", "", Mark.NOT_MARKED, "nothing here judges what this says")
            yield Said(line, claim(_IT.sub(lambda _: prose.before, clause, count=1)) or unmarked)


def _clauses(text: str) -> Iterator[tuple[str, int, bool]]:
    """The clauses of a text, with the place of each and whether a sentence begins with it."""
    start, begins = 0, True
    for match in (*_BREAK.finditer(text), None):
        end = match.start() if match is not None else len(text)
        clause = text[start:end]
        bare = clause.strip(" \n\t–-,;:.")
        if any(letter.isalpha() for letter in bare):
            yield bare, start + len(clause) - len(clause.lstrip()), begins
            begins = False
        if match is not None:
            start = match.end()
            begins = begins or match["sentence"] is not None


def _answers(
    clause: str, begins: bool, paragraph: str, asked: Sequence[ChoiceQuestion], context: _Context
) -> Iterator[tuple[ChoiceQuestion, tuple[Alternative, ...]]]:
    """The questions that a clause answers, each with the options it leaves open."""
    first = re.match(r"(?:so\s+|the\s+answer\s+is\s+)?(yes|no)\b", clause, re.IGNORECASE) if begins else None
    if first is not None:
        question = _asking_yes_or_no(paragraph, asked)
        if question is not None:
            label = first[1].lower()
            yield question, tuple(each for each in question.alternatives if each.label == label)
            clause = clause[first.end() :]
    spoken = [question for question in asked if speaks_of(clause, question)]
    if spoken:
        context.questions = spoken
    goes_on = not spoken and re.match(
        r"\W*(?:and\s+)?(?:it|this|that|which|they|these|potential)\b", clause, re.IGNORECASE
    )
    for question in asked:
        known = question in spoken or (bool(goes_on) and question in context.questions)
        open_ = allowed(clause, question, about=known and question not in spoken)
        if open_ is not None and (known or len(question.alternatives[0].label) == 1):
            yield question, tuple(open_)


def _asking_yes_or_no(paragraph: str, asked: Sequence[ChoiceQuestion]) -> ChoiceQuestion | None:
    asking = [question for question in asked if any(each.label == "yes" for each in question.alternatives)]
    about = [question for question in asking if speaks_of(paragraph, question)]
    return (about or asking)[0] if len(about or asking) == 1 else None


def _link(clause: str, question: ChoiceQuestion, open_: tuple[Alternative, ...]) -> Link:
    is_right = any(each.is_right for each in open_)
    because = ", ".join(question.because)
    reason = f"answers '{question.part}': {because}"
    return Link(clause, "", "", Mark.ANSWER if is_right else Mark.WRONG_ANSWER, reason)


# -- what claims something ---------------------------------------------------------------------------------------------------------

_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|do|does|did|can|cannot|could|will|would|must|may|might|should|shall|need(?:s|ed)?"
    r"|grows?|increases?|rises?|shrinks?|decreases?|falls?|drops?|reduces?|makes?|becomes?|remains?|stays?|holds?|equals?"
    r"|depends?|vanish(?:es)?|converges?|diverges?|minimi[sz]es?|maximi[sz]es?|exists?|belongs?|helps?|causes?|leads?|allows?"
    r"|requires?|means|implies|shows|proves|guarantees?|dominates?|suggests?|affects?|changes?|matters?|contributes?|costs?)\b"
    r"|n['’]t\b",
    re.IGNORECASE,
)
_NARRATES = re.compile(
    r"^\W*(?:(?:so|now|then|thus|hence|therefore|next|first(?:ly)?|finally|again|here|also|and|recall(?:\s+that)?)\s+)*"
    r"(?:where|(?:we|one|i|you)\b(?!\s+(?:can\s+|may\s+|should\s+)?(?:expect|know|believe|conclude|claim|say|see\s+that))"
    r"|lets?|set(?:ting)?|tak(?:e|ing)|us(?:e|ing)|insert(?:ing)?|plug(?:ging)?|substitut(?:e|ing)|multiply(?:ing)?"
    r"|divid(?:e|ing)|expand(?:ing)?|collect(?:ing)?|solv(?:e|ing)|differentiat(?:e|ing)|simplify(?:ing)?|consider(?:ing)?"
    r"|suppose|assum(?:e|ing)|note|noting|defin(?:e|ing)|denot(?:e|ing)|writ(?:e|ing)|comput(?:e|ing)|find(?:ing)?)\b",
    re.IGNORECASE,
)
_CASE = re.compile(r"^\W*(?:if|when|as|while|whenever|once|where)\b", re.IGNORECASE)
_LEADS_ON = re.compile(
    r"\b(?:is|are|becomes?|equals?|gives?|yields?|we\s+(?:get|have|obtain|find)|have|means|shows?|implies|follows|that|as)\W*$",
    re.IGNORECASE,
)


def _claims(clause: str) -> bool:
    """Whether a clause asserts something in words: not where it says what is being done, or leads on to a formula."""
    verbs = len(_FINITE.findall(clause))
    names_a_case = _CASE.match(clause) is not None and verbs == 1
    return verbs > 0 and not (names_a_case or _NARRATES.match(clause) or _LEADS_ON.search(clause))
