"""Questions with options, as a grader asks them: which option some words are, and what a sentence says of one.

What a sentence says is the set of options that it leaves open: `more robust` one, `not more robust` all the others. It is
right where the right option is among them. Words that say nothing of any option are nobody's answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from engine.premises import Formula, Relation
from engine.rendering.plain import plain
from engine.serial import readable
from engine.terms import Term, is_zero
from engine.working import Choice, Passage, Working


class Direction(Enum):
    """What an option says of a quantity: that it grows, falls, or stays the same."""

    UP = "up"
    DOWN = "down"
    SAME = "same"


@dataclass(frozen=True)
class Alternative:
    """An option with what it claims, as text, and whether it is the right one."""

    label: str
    words: str
    claims: tuple[str, ...]
    is_right: bool
    direction: Direction | None

    @property
    def said(self) -> str:
        return ": ".join(filter(None, (self.label, self.words)))


@dataclass(frozen=True)
class ChoiceQuestion:
    """A question that is answered in words; `because` are the lines that decide it, as text."""

    part: str
    question: str
    alternatives: tuple[Alternative, ...]
    because: tuple[str, ...]
    about: tuple[str, ...] = ()

    @property
    def right(self) -> Alternative:
        return next(alternative for alternative in self.alternatives if alternative.is_right)


readable(Direction, Alternative, ChoiceQuestion)


def choice_questions(working: Working) -> tuple[ChoiceQuestion, ...]:
    """The questions of a working that its lines decide."""
    numbers = _line_numbers(working)
    return tuple(_asked(choice, numbers) for choice in working.choices if choice.chosen is not None)


def _line_numbers(working: Working) -> dict[Formula, int]:
    """The line on which each formula stands, or on which a passage has come to it from its first side."""
    found: dict[Formula, int] = {}
    count = 0
    for passage in (part for part in working.parts if isinstance(part, Passage)):
        for step in passage.steps:
            count += 1
            found.setdefault(step.claim.formula, count)
        found.setdefault(passage.result.claim.formula, count)
    return found


def _asked(choice: Choice, numbers: dict[Formula, int]) -> ChoiceQuestion:
    directions = _directions_of(choice)
    alternatives = tuple(
        Alternative(option.label, option.words, tuple(map(plain, option.claims)), option.is_shown, direction)
        for option, direction in zip(choice.options, directions, strict=True)
    )
    because = (step.claim.formula for step in choice.because)
    lines = tuple(plain(f) + (f" (line {numbers[f]})" if f in numbers else "") for f in because)
    return ChoiceQuestion(choice.name, choice.question, alternatives, lines, choice.about)


def _directions_of(choice: Choice) -> list[Direction | None]:
    """What each option says of one slope or difference; nothing where they are not about one."""
    signs = [_sign(option.claims[0]) for option in choice.options]
    subjects = {sign[0] for sign in signs if sign is not None}
    together = len(subjects) == 1 and None not in signs
    return [sign[1] if sign is not None and together else None for sign in signs]


def _sign(claim: Formula) -> tuple[Term, Direction] | None:
    """The term that a claim gives a sign, or says to be 0."""
    left, right = claim.left, claim.right
    if not isinstance(left, Term) or not isinstance(right, Term):
        return None
    if claim.relation is Relation.EQUAL and is_zero(right):
        return left, Direction.SAME
    if claim.relation is Relation.LESS and (is_zero(left) or is_zero(right)):
        return (right, Direction.UP) if is_zero(left) else (left, Direction.DOWN)
    return None


# -- an answer alone ---------------------------------------------------------------------------------------------------------

_POLITE = re.compile(r"^(?:(?:the\s+)?answer(?:\s+is)?|option|point|choice|it\s+is|it)\b[:\s]*", re.IGNORECASE)


@dataclass(frozen=True)
class Named:
    """What an answer says, and the options that it leaves open: `no` may be said of several."""

    said: str
    alternatives: tuple[Alternative, ...]

    @property
    def is_right(self) -> bool:
        return any(alternative.is_right for alternative in self.alternatives)


def named_by(text: str, question: ChoiceQuestion, loosely: bool = True) -> Named | None:
    """The option that a text names: by its letter, by yes or no, or in words; None where it names none.

    Strictly, a letter is one only as it is written (a lower one may be a symbol), and words must be the option's.
    """
    bare = _POLITE.sub("", text.strip().strip("$\"'“”.!"), count=1).strip("().: ")
    first = re.split(r"[\s,.;:()]", bare, maxsplit=1)[0]
    stands_alone = bare == first or bare[len(first)] in ".:),"
    label = first.lower() if first.lower() in ("yes", "no") else first
    if label not in (labels := {each.label for each in question.alternatives}) and loosely and stands_alone:
        label = first.upper()
    if label in labels - {""} and (bare == first or loosely or len(label) > 1):
        return _unless_taken_back(
            [each for each in question.alternatives if each.label == label], bare[len(first) :], question
        )
    said = (_stems(bare), _stems(text))
    exact = [each for each in question.alternatives if each.words and _stems(each.words) in said]
    if exact or not loosely:
        return _named(exact)
    return _named(allowed(bare, question, about=True) or ())


def _unless_taken_back(found: list[Alternative], rest: str, question: ChoiceQuestion) -> Named | None:
    """Options that a label names; none, where what stands behind it names another, as in `yes and no`, `yes: it shrinks`."""
    if found[0].label in ("yes", "no") and re.search(r"\b(?:yes|no)\b", rest, re.IGNORECASE):
        return None
    open_ = allowed(spelled_out(rest), question)
    return _named(found) if open_ is None or any(each in open_ for each in found) else None


def _named(alternatives: Iterable[Alternative]) -> Named | None:
    found = tuple(alternatives)
    if not found:
        return None
    labels = {each.label for each in found}
    return Named(
        found[0].said if len(found) == 1 else " or ".join(labels if len(labels) == 1 else (e.said for e in found)),
        found,
    )


# -- what a sentence says -------------------------------------------------------------------------------------------------------

_VERBS = {
    Direction.UP: r"grow(?:s|n)?|grew|increase[sd]?|rise[sn]?|rose|go(?:es)?\s+up|improve[sd]?|enlarge[sd]?",
    Direction.DOWN: r"shrink(?:s)?|shrank|shrunk|decrease[sd]?|falls?|fell|fallen|drop(?:s|ped)?|decline[sd]?|diminish(?:es|ed)?"
    r"|reduce[sd]?|lower(?:s|ed)|go(?:es)?\s+down|vanish(?:es)?|weaken(?:s|ed)?",
}
_COMPARATIVES = {
    Direction.UP: r"more|larger|bigger|greater|higher|longer|further|stronger",
    Direction.DOWN: r"less|smaller|lower|fewer|shorter|weaker",
}
_SAME = re.compile(
    r"\b(?:unchanged|constant|fixed|identical|invariant|equal(?:ly)?|(?:the\s+)?same|independent|regardless|no\s+effect|no\s+influence"
    r"|(?:does|do|did|is|are|will|would)(?:\s+not|n['’]t)\s+(?:\w+\s+)?(?:change|depend|affect|matter|influence|alter|vary)\w*"
    r"|not\s+(?:change|depend|affect|matter|influence|alter|vary)\w*|no\s+longer\s+depends?|stays\s+put|as\s+\w+\s+as\s+before)\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not(?!\s+only)|never|cannot|no|nor|neither|without|hardly)\b|n['’]t\b", re.IGNORECASE)
_CONDITION = re.compile(
    r"\b(?:as|when|if|while|with|once|whenever|for)\b[^,;]*?\b(?:increas\w+|grow\w*|ris\w+|decreas\w+|fall\w*|shrink\w*)\b"
    r"(?:\s+from\b[^,;]*)?",
    re.IGNORECASE,
)
_DOES = re.compile(
    r"\s+(?:gives?|give|is|are|makes?|leads?|means|will|can|helps?|allows?|shows?)\b", re.IGNORECASE
)  # what a subject does
_APPROVED = r"best|most\s+\w+|good|optimal|right|correct|preferable|better|ideal|efficient"
_FAULTED = r"less\s+\w+|worse|worst|bad|poor|wrong|inefficient|least\s+\w+|ruled\s+out|suboptimal"


_TEX = {r"\\(?:var)?epsilon": "ε", r"\\eta": "η", r"\\lambda": "λ", r"\^\{?(?:\\ast|\\star|\*)\}?": "*", r"[${}]": ""}


def spelled_out(clause: str) -> str:
    """A clause with its letters as they are printed."""
    for tex, letter in _TEX.items():
        clause = re.sub(tex, letter, clause)
    return clause


def allowed(clause: str, question: ChoiceQuestion, about: bool = False) -> list[Alternative] | None:
    """The options that a clause leaves open; None where it says nothing of them.

    With `about`, the clause is known to speak of the question; else it must have one of its words.
    """
    found = _by_label(clause, question)
    if found is None and (about or speaks_of(clause, question)):
        found = _by_direction(clause, question, about) or _by_words(clause, question)
    return found


def speaks_of(clause: str, question: ChoiceQuestion) -> bool:
    return any(_word(word).search(clause) for word in question.about)


def _word(word: str) -> re.Pattern[str]:
    """A word, in its plural too; a letter as it is written."""
    if len(word) == 1 and word.isalpha() and word.isascii():
        return re.compile(rf"(?<![\w\\]){word}(?!\w)")
    if len(word) < 3:  # a letter, with a star perhaps, is no part of a word
        return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    start, end = (r"\b" if word[0].isalnum() else ""), (r"\w*" if word[-1].isalnum() else "")
    return re.compile(rf"{start}{re.escape(word)}{end}", re.IGNORECASE)


def _by_direction(clause: str, question: ChoiceQuestion, about: bool) -> list[Alternative] | None:
    options = {each.direction: each for each in question.alternatives if each.direction is not None}
    if not options:
        return None
    said = _CONDITION.sub(" ", clause)
    if not about and not speaks_of(said, question):
        return None
    same = _SAME.search(said)
    if same is not None and (Direction.SAME in options):
        return [options[Direction.SAME]]
    found = set(_directions(said, question, about))
    if len(found) != 1:
        return None
    direction, denied = found.pop()
    return [each for each in question.alternatives if (each.direction is direction) != denied] or None


def _directions(said: str, question: ChoiceQuestion, about: bool) -> Iterator[tuple[Direction, bool]]:
    """Each direction that is said, and whether it is denied: by verbs; where there are none, by comparatives of the subject."""
    verbs = [(d, m) for d, verbs in _VERBS.items() for m in re.finditer(rf"\b(?:{verbs})\b", said, re.IGNORECASE)]
    if verbs:
        yield from ((direction, _is_denied(said, match)) for direction, match in verbs)
        return
    for direction, words in _COMPARATIVES.items():
        for match in re.finditer(rf"\b(?:{words})\b", said, re.IGNORECASE):
            behind = said[match.end() :].lstrip()
            of_it = any(
                (found := _word(word).search(behind)) and found.start() == 0 and not _DOES.match(behind[found.end() :])
                for word in question.about
            )
            is_predicate = re.search(
                r"\b(?:be|is|are|was|becomes?|gets?|stays?|remains?)\s+(?:\w+\s+)?$", said[: match.start()]
            )
            if of_it or is_predicate or about:
                yield direction, _is_denied(said, match)


def _is_denied(said: str, match: re.Match[str]) -> bool:
    return len(_NOT.findall(said[: match.start()])) % 2 == 1


def _by_label(clause: str, question: ChoiceQuestion) -> list[Alternative] | None:
    """`C is the best choice`, `the best one is C`, `A is not a good choice`, `B is less efficient`, `Point C`."""
    for each in (each for each in question.alternatives if len(each.label) == 1):
        named = rf"(?:(?:point|option|choice|answer)\s+)?\(?{each.label}\)?"
        if re.fullmatch(
            rf"(?:so|thus|hence|the\s+answer\s+is|answer:?)?\s*{named}", clause.strip(" .:"), re.IGNORECASE
        ):
            return [each] if re.search(rf"\b{each.label}\b", clause) else None
        judged = re.search(
            rf"^\W*(?:\w+\s+){{0,3}}?{named}\s+(?:is|are|would\s+be|has|gives)\b(?P<said>[^,;]*)|"
            rf"\b(?P<before>{_APPROVED})\b[^,;]*?\b(?:is|:|at)\s*{named}\s*$|\b(?:choose|pick|prefer|take|recommend)\s+{named}\b",
            clause,
        )
        if judged is None:
            continue
        said = judged["said"] or ""
        if judged["said"] is not None and not re.search(rf"\b(?:{_APPROVED}|{_FAULTED})\b", said):
            continue
        denied = bool(_NOT.search(said)) != bool(re.search(rf"\b(?:{_FAULTED})\b", said))
        return [other for other in question.alternatives if (other is each) != denied]
    return None


def _by_words(clause: str, question: ChoiceQuestion) -> list[Alternative] | None:
    said = set(_stems(clause))
    named = [
        each for each in question.alternatives if each.words and not each.direction and _content(each.words) <= said
    ]
    if len(named) != 1:
        return None
    denied = bool(_NOT.search(clause))
    return [each for each in question.alternatives if (each is named[0]) != denied]


_STOP = frozenset(["the", "a", "an", "of", "for", "with", "and", "to", "in", "it", "is", "use", "seek", "by", "as"])


def _stems(text: str) -> list[str]:
    """The words of a text, in lower case, without plurals and with one spelling."""
    words = re.findall(r"[a-z]+", re.sub(r"[-–_]", " ", text.lower()).replace("optimis", "optimiz"))
    return [word.removesuffix("s") if len(word) > 3 else word for word in words]


def _content(text: str) -> frozenset[str]:
    return frozenset(_stems(text)) - _STOP


def spoken_of(clause: str, asked: Sequence[ChoiceQuestion]) -> list[ChoiceQuestion]:
    """The questions that a clause speaks of."""
    return [question for question in asked if speaks_of(clause, question)]
