"""Which option an answer names: by its letter, by yes or no, or in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.grading.choices import Alternative, ChoiceQuestion
from engine.grading.clauses import BREAK, clauses
from engine.grading.lexicon import Sense, meanings, spelled_out, stem
from engine.grading.sentences import allowed
from engine.grading.tagging import own_words, words_of

_LETTER = re.compile(
    r"(?:(?:the\s+)?(?:answer|option|point|choice)(?:\s+is)?[:\s]*)?\(?(?P<letter>[a-z])[).]*", re.IGNORECASE
)
ALONE = re.compile(
    r"(?:(?:so|hence|thus|therefore)\s+)?(?:(?:the\s+)?(?:answer|option|point|choice)(?:\s+is)?[:\s]*)?\(?(?P<label>[A-Z])\)?",
    re.IGNORECASE,
)
YES_OR_NO = re.compile(
    r"\W*(?:(?:so|hence|thus|therefore|the\s+answer(?:\s+to\s+the\s+question)?\s+is|answer)\W+)*(?P<label>yes|no)\b(?=\W|$)(?!\s+[a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Named:
    """What an answer says, and the options that it leaves open: `no` may be said of several."""

    said: str
    alternatives: tuple[Alternative, ...]

    @property
    def is_right(self) -> bool:
        return any(alternative.is_right for alternative in self.alternatives)

    @property
    def is_open(self) -> bool:
        """Whether it leaves the right option open, and others beside it: it may be true, but answers nothing."""
        labels = {each.label for each in self.alternatives}
        return self.is_right and len(self.alternatives) > 1 and (len(labels) > 1 or "" in labels)


def named_by(text: str, question: ChoiceQuestion, loosely: bool = True) -> Named | None:
    """The option that a text names: by its letter, by yes or no, or in words; None where it names none, or has a word
    that is not understood: what is not read whole is not judged.

    Strictly, a letter is one only as it is written (a lower one may be a symbol), and words must be the option's.
    """
    bare = spelled_out(text).strip(" \n.!\"'“”")
    exact = [each for each in question.alternatives if _is_said(each, bare, loosely)]
    if exact or not loosely:
        return _named(exact)
    open_: list[Alternative] | None = None
    for left in _left_open(bare, question):
        if left is None:
            return _named(_by_own_word(bare, question))
        open_ = [each for each in (question.alternatives if open_ is None else open_) if each in left]
    return _named(open_ or ())


def not_understood(text: str, question: ChoiceQuestion) -> str:
    """What stands behind the part of an answer that names an option, where that is not understood; else nothing."""
    bare = spelled_out(text).strip(" \n.!\"'“”")
    cuts = sorted({match.start() for match in BREAK.finditer(bare)}, reverse=True)
    cut = next((cut for cut in cuts if named_by(bare[:cut], question) is not None), len(bare))
    return bare[cut:].strip(" \n,;:.()")


def _by_own_word(bare: str, question: ChoiceQuestion) -> list[Alternative]:
    """The option that has all the words, and a word among them that no other has: `curvature`, `parallel compute`."""
    written = re.findall(r"[^\W_]+", bare)
    words = {stem(word) for word in written if word.isupper() or meanings().get(word.lower()) is not Sense.PLAIN}
    having = {each: {*map(stem, words_of(each.words))} for each in question.alternatives}
    own = {word for word in words & own_words(question) if sum(word in has for has in having.values()) == 1}
    return [each for each, has in having.items() if own and words <= has]


def _is_said(option: Alternative, bare: str, loosely: bool) -> bool:
    letter = _LETTER.fullmatch(bare)
    if letter is not None and option.label:
        return (letter["letter"].upper() if loosely else letter["letter"]) == option.label
    said = [*map(stem, re.findall(r"[^\W_]+", bare))]
    labels = ([option.label] if option.label else [], ["option", option.label.lower()])
    own = [*map(stem, re.findall(r"[^\W_]+", option.words))]
    return bool(said) and said in (
        [*map(str.lower, labels[0])],
        own,
        *([*map(str.lower, each), *own] for each in labels),
    )


def _left_open(bare: str, question: ChoiceQuestion) -> Iterator[list[Alternative] | None]:
    """What each clause of an answer leaves open; None for one that is not understood."""
    if first := YES_OR_NO.match(bare):
        yield [each for each in question.alternatives if each.label == first["label"].lower()] or None
        bare = bare[first.end() :]
    for clause in clauses(bare):
        yield None if clause.is_asked else allowed(clause.text, question, about=True)


def _named(alternatives: Sequence[Alternative]) -> Named | None:
    """Options with what is said of them all: their label, where they share one."""
    if not alternatives:
        return None
    labels = {each.label for each in alternatives}
    one = (
        alternatives[0].said
        if len(alternatives) == 1
        else " or ".join(labels if len(labels) == 1 else (each.said for each in alternatives))
    )
    return Named(one, tuple(alternatives))
