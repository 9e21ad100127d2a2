"""What a working says in words: sentences that answer a question are judged; what else claims something is not marked.

A paragraph is cut into clauses. A clause that speaks of a question with options, or is its yes or no, says which of its
options it leaves open, if every word of it is understood. Of the others, only those are harmless that say what is being
done or lead on to a formula, in words known to be: whatever else is said is not marked, and nothing of it may count as
right. A question claims nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from engine.grading.choices import Alternative, ChoiceQuestion
from engine.grading.clauses import Clause, clauses
from engine.grading.lexicon import FINITE, Sense, meanings, spelled_out
from engine.grading.naming import ALONE, YES_OR_NO
from engine.grading.sentences import allowed, is_own_case
from engine.grading.tagging import asks, speaks_of
from engine.marking.marks import Link, Mark


@dataclass(frozen=True)
class Prose:
    """Words of a working, mathematics among them written out, the line that each of their characters stands on, and the
    mathematics that stands directly before them: what `which` and `it` speak of.
    """

    text: str
    lines: tuple[int, ...]
    before: str = ""
    hiding: frozenset[int] = frozenset()  # lines in whose words a formula stands that is not read
    is_last: bool = True


@dataclass(frozen=True)
class Said:
    """A clause and its mark, on a line; `part` is the question that it answers, `leaves` the options it leaves open."""

    line: int
    link: Link
    part: str = ""
    leaves: tuple[str, ...] = ()


@dataclass
class Discourse:
    """What earlier clauses spoke of: the questions of the last one that named any, and what is still asked."""

    questions: list[ChoiceQuestion] = field(default_factory=list)
    asked: str = ""

    def ask(self, clause: Clause) -> None:
        self.asked = clause.text if clause.begins else f"{self.asked} {clause.text}"

    def answerable(self, asked: Sequence[ChoiceQuestion]) -> list[ChoiceQuestion]:
        """The questions that a word alone may answer here: where one was asked, those that it is."""
        return [question for question in asked if not self.asked or asks(self.asked, question)]


_THAT = re.compile(r"^(?:and\s+)?(?:which|it|this|that)(?:\s+matrix)?(?=\s+is\b)", re.IGNORECASE)
_IT = re.compile(r"\W*(?:and\s+)?(?:it|this|that|which|they|these)\b", re.IGNORECASE)


def judged(
    prose: Prose,
    asked: Sequence[ChoiceQuestion],
    claim: Callable[[str], Link | None] = lambda _: None,
    discourse: Discourse | None = None,
) -> list[Said]:
    """The clauses of a paragraph that answer a question, or claim something: marked by `claim`, where that can be
    judged.

    What is said of a case that is not the question's own answers nothing. `discourse` is what stands before the
    paragraph.
    """
    said: list[Said] = []
    before = first = 0
    is_supposed = False
    for clause, found in _judged(prose, asked, claim, discourse or Discourse()):
        is_fragment = clause.begins and not found and _NAMES_A_CASE.match(clause.text) is not None
        if clause.begins:
            before, first = first, len(said)
        start = before if is_fragment else first
        sentence = said[start:]
        answered = [question for question in asked if any(each.part == question.part for each in sentence)]
        if answered and not any(each.part for each in found):
            if all(is_own_case(clause.text, question) for question in answered):
                continue
            if not clause.is_reason and (not found or _NAMES_A_CASE.match(clause.text)):
                said[start:] = [_of_a_case(each) if each.part else each for each in sentence]
        is_supposed = is_supposed or _SUPPOSES_A_VALUE.match(clause.text) is not None
        said += [_of_a_case(each) if each.part and is_supposed else each for each in found]
    return said


def _of_a_case(said: Said) -> Said:
    link = replace(said.link, mark=Mark.NOT_MARKED, reason="this is said of a case that nothing here judges")
    return replace(said, link=link, leaves=())


_SUPPOSES_A_VALUE = re.compile(
    r"\W*(?:now\s+)?(?:let|set|take|suppose|supposing|assume|assuming)\b.*=\s*[\d.]+\W*$", re.IGNORECASE
)
_NAMES_A_CASE = re.compile(
    r"\W*(?:(?:and|but|or|at\s+least|only|just|except|even)\s+)*(?:if|when|whenever|for|unless|provided|providing"
    r"|(?:as|so)\s+long\s+as|given|assuming|under|while|until|where|in|at|with|without)\b",
    re.IGNORECASE,
)


_WOULD = re.compile(r"\b(?:would|could|might)\b(?!\s+(?:expect|say|think|need|be\s+needed))", re.IGNORECASE)


def _judged(
    prose: Prose, asked: Sequence[ChoiceQuestion], claim: Callable[[str], Link | None], discourse: Discourse
) -> Iterator[tuple[Clause, list[Said]]]:
    """The clauses that ask nothing, each with what it says."""
    text = spelled_out(prose.text)
    labels = {each.label for question in asked for each in question.alternatives}
    for clause in clauses(prose.text):
        line = prose.lines[min(clause.start, len(prose.lines) - 1)]
        if clause.is_asked:
            discourse.ask(clause)
        if clause.is_asked or _THOUGHT.match(clause.text):
            continue
        is_last = prose.is_last and not re.search(r"\w", prose.text[clause.start + len(clause.text) :])
        is_imagined = _WOULD.search(clause.text) is not None
        spelled = replace(clause, text=spelled_out(clause.text))
        answers = [] if is_imagined else list(_answers(spelled, asked, discourse, text, is_last))
        found = [
            Said(
                line,
                _link(spelled_out(clause.text), question, open_),
                question.part,
                tuple(e.label or e.words for e in open_),
            )
            for question, open_ in answers
        ]
        is_hidden = line in prose.hiding and _SIGN.search(_CASES.sub("", clause.text)) is not None
        if not answers and (is_imagined or is_hidden or _label_alone(clause) or _claims(clause.text, labels)):
            unmarked = Link(clause.text, "", "", Mark.NOT_MARKED, "nothing here judges what this says")
            found.append(Said(line, claim(_THAT.sub(lambda _: prose.before, clause.text, count=1)) or unmarked))
        yield clause, found


def _answers(
    clause: Clause, asked: Sequence[ChoiceQuestion], discourse: Discourse, paragraph: str, is_last: bool
) -> Iterator[tuple[ChoiceQuestion, tuple[Alternative, ...]]]:
    """The questions that a clause answers, each with the options it leaves open."""
    text = clause.text
    if (first := YES_OR_NO.match(text)) and (clause.begins or first.end() == len(text)):
        question = _said_yes_or_no_to(text[first.end() :], paragraph, discourse.answerable(asked))
        discourse.asked = ""
        if question is not None:
            yield question, tuple(each for each in question.alternatives if each.label == first["label"].lower())
            discourse.questions, text = [question], text[first.end() :]
    if label := _label_alone(clause):
        labelled = [question for question in asked if any(each.label == label for each in question.alternatives)]
        others = [question for question in asked if question not in labelled and speaks_of(label, question)]
        if others and not is_last:  # a title, perhaps, above what is said of that point
            discourse.questions = others
        elif len(labelled) == 1 and discourse.answerable(labelled):
            yield labelled[0], tuple(each for each in labelled[0].alternatives if each.label == label)
            discourse.questions, discourse.asked = labelled, ""
            return
    spoken = [question for question in asked if speaks_of(text, question)]
    discourse.questions = spoken or discourse.questions
    for question in asked:
        goes_on = not spoken and question in discourse.questions and (_IT.match(text) or not question.cause)
        open_ = allowed(text, question, about=bool(goes_on))
        if open_ is not None:
            yield question, tuple(open_)


def _label_alone(clause: Clause) -> str:
    """The letter that is all that a sentence says; `Point A` on a line of its own, with more below it, is what that is
    about.
    """
    alone = ALONE.fullmatch(clause.text) if clause.begins else None
    is_whole = clause.end[:1] in (".", "!") or (clause.end.strip() == "" and len(clause.text) == 1)
    is_whole = is_whole or (clause.end == "" and clause.start > 0)
    return alone["label"] if alone and is_whole else ""


def _said_yes_or_no_to(rest: str, paragraph: str, asked: Sequence[ChoiceQuestion]) -> ChoiceQuestion | None:
    """The question that a yes or no answers, if what its clause says besides is understood, or names no other case."""
    asking = [question for question in asked if any(each.label == "yes" for each in question.alternatives)]
    about = [question for question in asking if speaks_of(paragraph, question)] or asking
    if len(about) != 1:
        return None
    rest = rest.strip(" ,:–-")
    is_read = is_own_case(rest, about[0]) or allowed(rest, about[0], about=True) is not None
    return about[0] if is_read else None


def _link(clause: str, question: ChoiceQuestion, open_: tuple[Alternative, ...]) -> Link:
    is_right = any(each.is_right for each in open_)
    because = ", ".join(question.grounds(open_))
    reason = f"answers '{question.part}': {because}"
    return Link(clause, "", "", Mark.ANSWER if is_right else Mark.WRONG_ANSWER, reason)


# -- what claims something ---------------------------------------------------------------------------------------------

_SIGN = re.compile(r"[=<>≤≥≠]")
_CASES = re.compile(r"\\?\w{1,7}\s*[=<>≤≥≠]\s*[\w.]{1,5}(?=[\W]|$)")

_NARRATES = re.compile(
    r"^\W*(?:(?:so|now|then|thus|hence|therefore|next|first(?:ly)?|finally|again|here|also|and|recall(?:\s+that)?)\s+)*"
    r"(?:where|(?:we|one|i|you)\b(?!\s+(?:can\s+|may\s+|should\s+)?(?:expect|know|believe|conclude|claim|say|see\s+that)|\s+(?:should|must|need|would|could|might))"
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


_THOUGHT = re.compile(
    r"\W*(?:one|you|we|some|people)\s+(?:might|could|may)\s+(?:think|expect|believe|guess|say)\b", re.IGNORECASE
)
_TELLS = re.compile(r"\bthat\b.*\w+\W+(?:is|are|was|has|have|does|do|holds|must|can|will)\W+\w", re.IGNORECASE)
_ASSERTING = (Sense.UP, Sense.DOWN, Sense.VARY, Sense.BEST, Sense.WORST)


def unknown_words(words: Iterable[str]) -> list[str]:
    return [word for word in words if word.lower() not in meanings()]


def asserts(words: Iterable[str]) -> bool:
    """Whether words that stand as a title may yet answer: yes, no, more, the same."""
    answering = (Sense.NOT, Sense.UP, Sense.DOWN, Sense.SAME, Sense.VARY, Sense.WORST)
    return any(word.lower() == "yes" or meanings().get(word.lower()) in answering for word in words)


def _claims(clause: str, labels: Container[str] = ()) -> bool:
    """Whether a clause may assert something in words: it has a word that is not known, denies, advises, names an
    option, or has a verb and does not say what is being done, name a case or lead on to a formula.
    """
    words = re.findall(r"(?<![\w\\])[^\W\d_]{2,}", re.sub(r"\\[A-Za-z]+|\{[^{}]*\}|[_^]\S+", " ", clause))
    known = [meanings().get(word.lower()) for word in words if word.isascii() or len(word) > 3]
    named = {letter for letter in re.findall(r"\b[A-Z]\b", clause) if letter in labels}
    if (
        clause in labels
        or (len(named) > 1 and len(named) + len(words) == len(re.findall(r"\w+", clause)))
        or None in known
        or Sense.NOT in known
    ):
        return True
    told = sum(meaning in _ASSERTING for meaning in known)
    verbs = sum(word.lower() in FINITE for word in words) + told
    names_a_case = _CASE.match(clause) is not None and verbs == 1
    narrates = _NARRATES.match(clause) and not told and not _TELLS.search(clause)
    return verbs > 0 and not (names_a_case or narrates or _LEADS_ON.search(clause))
