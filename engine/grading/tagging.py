"""The words of a clause, each with what it means for a question with options."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from engine.grading.choices import ChoiceQuestion
from engine.grading.lexicon import OPPOSITES, Sense, in_one_spelling, meanings, spelled_out, stem, synonyms


@dataclass(frozen=True)
class TaggedWord:
    meaning: Sense
    word: str


_LABEL = r"(?<!\w)(?:(?i:points?|options?|choice|answer)\s+)?\(?(?P<label>{})(?=\)?\W|\)?$)\)?"
_ARTICLE = re.compile(r"A\s+(?!is\b|are\b|has\b|and\b|or\b|nor\b|lies\b|belongs\b|gives\b|needs\b|should\b|not\b)\w+")
_UNREAD_SIGNS = re.compile(r"[\d<>^/\\+~∞√]|=(?!\s*$)")


def speaks_of(clause: str, question: ChoiceQuestion) -> bool:
    clause = in_one_spelling(clause)
    return any(_word(each).search(clause) for word in question.about for each in _names(word))


def asks(text: str, question: ChoiceQuestion) -> bool:
    """Whether a question in a text is this one: no words but its own and those that change nothing."""
    text = _NUMBER_BEFORE.sub("", in_one_spelling(spelled_out(text)).lower())
    own = words_of(in_one_spelling(spelled_out(question.question))) | {
        each.lower() for each in synonyms(question.cause)
    }
    words = set(re.findall(r"[^\W\d_]+", text))
    strange = {word for word in words - own - _ASKING if meanings().get(word) not in (Sense.PLAIN, Sense.LINKING)}
    compared, known = _compared(text), _compared(in_one_spelling(spelled_out(question.question)).lower())
    alike = all(
        behind in ("", *(other[1] for other in known))
        and (before not in own or len(before) < 4 or before in [other[0] for other in known])
        for before, behind in compared
    )
    return not strange and not _UNREAD_SIGNS.search(text) and alike and bool(compared) == bool(known)


def _compared(text: str) -> list[tuple[str, str]]:
    """What stands before each word that compares, and what behind it: the model, and robust."""
    words = ["", *re.findall(r"[^\W\d_]+", text), ""]
    places = [place for place, word in enumerate(words) if meanings().get(word) in _COMPARING]
    return [(words[place - 1], words[place + 1]) for place in places]


_NUMBER_BEFORE = re.compile(r"^\W*(?:\d+(?:\.\d+)*|[a-h])[.):]*\s")
_ASKING = frozenset(("why", "explain", "how", "what"))
_COMPARING = (Sense.UP, Sense.DOWN, Sense.SAME, Sense.STEADY, Sense.VARY, Sense.BEST, Sense.WORST)


def _names(word: str) -> tuple[str, ...]:
    return (*synonyms(word), *OPPOSITES.get(word, "").split())


@cache
def _word(word: str) -> re.Pattern[str]:
    """A word, in its plural too; a letter as it is written."""
    if len(word) == 1 and word.isascii():
        return re.compile(rf"(?<![\w\\]){word}(?!\w)")
    if len(word) < 3:  # a letter, with a star perhaps, is no part of a word
        return re.compile(rf"(?<!\w){re.escape(word)}(?![\w*])")
    spelled = re.sub(r"[ -]", "[ -]", word)
    return re.compile(rf"\b{spelled}s?\b", re.IGNORECASE)


@cache
def _patterns(question: ChoiceQuestion) -> tuple[tuple[re.Pattern[str], Sense], ...]:
    """How the subject and the cause of a question may be written, the longest first."""
    written = [
        *((each, Sense.SUBJECT) for word in question.about for each in synonyms(word)),
        *((each, Sense.OPPOSITE) for word in question.about for each in OPPOSITES.get(word, "").split()),
        *((each, Sense.CAUSE) for each in synonyms(question.cause) if question.cause),
    ]
    return tuple((_word(word), meaning) for word, meaning in sorted(written, key=lambda each: -len(each[0])))


def tagged(clause: str, question: ChoiceQuestion) -> tuple[TaggedWord, ...] | None:
    """The words of a clause with their meanings for a question; None where one is not known, or is mathematics."""
    text = in_one_spelling(spelled_out(clause))
    labels = "|".join(each.label for each in question.alternatives if len(each.label) == 1)
    label = re.compile(_LABEL.format(labels)) if labels else None
    found: list[TaggedWord] = []
    place = 0
    while place < len(text):
        token, end = _word_at(text, place, question, label)
        if token is not None:
            found.append(token)
        elif end == place:
            return None
        place = end
    return tuple(found)


def _word_at(
    text: str, place: int, question: ChoiceQuestion, label: re.Pattern[str] | None
) -> tuple[TaggedWord | None, int]:
    """The word at a place, and where it ends; at the place itself, where it is not known."""
    if label is not None and (named := label.match(text, place)) and not _ARTICLE.match(text, named.start("label")):
        return TaggedWord(Sense.OPTION, named["label"]), named.end()
    for pattern, role in _patterns(question):
        if written := pattern.match(text, place):
            return TaggedWord(role, written.group()), written.end()
    word = re.compile(r"[^\W\d_]+").match(text, place)
    if word is None:
        return None, place if _UNREAD_SIGNS.match(text, place) else place + 1
    if stem(word.group()) in own_words(question):
        return TaggedWord(Sense.WORD, stem(word.group())), word.end()
    meaning: Sense | None = meanings().get(word.group().lower())
    is_letter = len(word.group()) == 1 and word.group() not in ("a", "s") and not _ARTICLE.match(text, place)
    if word.group().lower() in words_of(question.question) and meaning in (None, *_OF_WORKINGS):
        meaning = Sense.PLAIN
    if meaning is None or meaning in _OF_WORKINGS or is_letter:
        return None, place
    return TaggedWord(meaning, word.group().lower()), word.end()


_OF_WORKINGS = (Sense.THING, Sense.FINITE, Sense.DOING)


@cache
def words_of(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]{2,}", text.lower()))


@cache
def own_words(question: ChoiceQuestion) -> frozenset[str]:
    """The words that only its options have."""
    if any(each.direction for each in question.alternatives):
        return frozenset()
    words = {word for each in question.alternatives for word in words_of(each.words)}
    return frozenset(stem(word) for word in words if meanings().get(word) in (None, *_OF_WORKINGS))


def code_of(found: Sequence[TaggedWord]) -> str:
    return "".join(token.meaning.value for token in found if token.meaning not in (Sense.PLAIN, Sense.LINKING))
