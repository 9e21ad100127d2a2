"""What a sentence says of a question with options: which of them it leaves open.

A clause is turned into the meanings of its words, a letter each, and those are read by a grammar: a subject grows, a
larger cause makes it smaller, a point is not the best, an option's own words. Where any word is not known, or the whole
of the clause does not fit, nothing is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from engine.grading.choices import Alternative, ChoiceQuestion, Direction
from engine.grading.lexicon import Sense
from engine.grading.tagging import TaggedWord, code_of, tagged


def allowed(clause: str, question: ChoiceQuestion, about: bool = False) -> list[Alternative] | None:
    """The options that a clause leaves open; None where it says nothing of them, or is not understood whole.

    With `about`, the clause is known to speak of the question; else it must have one of its words.
    """
    found = tagged(clause, question)
    if found is None or re.search(r"\bor\b", clause):
        return None
    about = about or re.match(r"\W*(?:so\s+|the\s+)*(?:answer|option|choice)\b", clause, re.IGNORECASE) is not None
    return _open(found, question, about)


def _open(found: Sequence[TaggedWord], question: ChoiceQuestion, about: bool) -> list[Alternative] | None:
    if any(each.direction for each in question.alternatives):
        return _by_direction(code_of(found), question, about)
    by_label = _by_label(found, question, about) if any(t.meaning is Sense.OPTION for t in found) else None
    has_words = any(token.meaning is Sense.WORD for token in found)
    chosen = (Sense.OPTION, Sense.ADVISE, Sense.BEST)
    told = chosen if question.alternatives[0].label else (Sense.SUBJECT,)
    about = about or any(token.meaning in told for token in found)
    by_words = _by_words(found, question) if has_words and about else None
    labels = {token.word for token in found if token.meaning is Sense.OPTION}
    if labels and by_label is None and not any(each.label in labels for each in by_words or ()):
        return None  # a letter with the words of another option
    if by_label is None or by_words is None:
        return by_label if not has_words else by_words
    return [each for each in by_label if each in by_words]


_REWRITES = (
    (r"([SsC])\1+", r"\1"),
    (r"N(?:U(S?)N?D|D(S?)N?U)S?", r"E\1\2"),  # neither more nor less
    (r"NV", "E"),  # does not change
    (r"MW?ZC", ""),  # than without
    (r"MW?C|W?ZC|WDC|WCD(?=.*[UDEV])", "-"),
    (r"^(.*[UDEV].*)WCD", r"\1-"),
    (r"^(.*[UDEV].*)WCU|WUC|WCU(?=.*[UDEV])", r"\1+"),
    (r"WC", "+"),
    (r"^DC(?=.)", "-"),
    (r"^U?C(?=.)", "+"),
    (r"(?<=[EV])C|W(?![Ss])", ""),
)  # `+` is a cause that is there or grows, `-` one that is not there or shrinks
_MAIN = re.compile("(N*)([Ss]?)(N*)([UDEV])([Ss]?)(N*)")
_TURNED = {Direction.UP: Direction.DOWN, Direction.DOWN: Direction.UP, Direction.SAME: Direction.SAME}
_DIRECTIONS = {"U": Direction.UP, "D": Direction.DOWN, "E": Direction.SAME, "V": Direction.SAME}


def _by_direction(code: str, question: ChoiceQuestion, about: bool) -> list[Alternative] | None:
    """The options of a quantity that grows, falls or stays the same as its cause grows. Where it is the same as
    something that is not told, that is nobody's mistake.
    """
    is_steady = "e" in code
    code = re.sub(r"[RG]", "", code).replace("e", "E")
    for pattern, instead in _REWRITES:
        code = re.sub(pattern, instead, code)
    main = _MAIN.fullmatch(re.sub(r"[+-]", "", code, count=1))
    if main is None or (main[2] and main[5]):
        return None
    subject = main[2] or main[5]
    if not subject and (not about or "+" in code[:1] or "-" in code[:1]):
        return None
    said = _DIRECTIONS[main[4]]
    if ("-" in code) != (subject == "s"):
        said = _TURNED[said]
    denied = (len(main[1] + main[3] + main[6]) + (main[4] == "V")) % 2 == 1
    left = [each for each in question.alternatives if (each.direction is said) != denied]
    is_compared = about or not is_steady or any(sign in code for sign in "+-")
    return left if is_compared or any(each.is_right for each in left) else None


def is_own_case(clause: str, question: ChoiceQuestion) -> bool:
    """Whether a clause names no case but the question's own: `with weight decay`, `as the batch grows`."""
    found = tagged(clause, question)
    return found is not None and re.fullmatch("(?:W?U?C|W?CU)?", code_of(found)) is not None


_JUDGED = (
    (r"[DF]S", "F"),
    (r"[UG]?S", "G"),
    (r"NON?O", "NOO"),  # neither A nor B
)
_OPTION_CLAUSE = re.compile(r"(?P<n>N*)(?P<one>O+)(?P<m>N*)(?P<said>[GF]?)(?:M(?P<other>O+))?|[GR](?P<k>N*)(?P<best>O)")


def _by_label(found: Sequence[TaggedWord], question: ChoiceQuestion, about: bool) -> list[Alternative] | None:
    """`C`, `C is the best choice`, `the best one is C`, `A is not good`, `neither A nor B`, `B is worse than C`."""
    code = code_of(found).replace("w", "")
    for pattern, instead in _JUDGED:
        code = re.sub(pattern, instead, code)
    read = _OPTION_CLAUSE.fullmatch(code)
    if read is None:
        return None
    labels = [token.word for token in found if token.meaning is Sense.OPTION]
    if not (about or read["said"] or read["best"] or "w" in code_of(found)):
        return None
    before, behind = (labels, []) if not read["other"] else (labels[: len(read["one"])], labels[len(read["one"]) :])
    denied = bool(len((read["n"] or "") + (read["m"] or "") + (read["k"] or "")) % 2)
    if behind:
        if not read["said"]:
            return None
        faulted = before if (read["said"] == "F") != denied else behind
        return [each for each in question.alternatives if each.label not in faulted]
    denied ^= read["said"] == "F"
    if len(labels) > 1 and not denied:
        return None
    return [each for each in question.alternatives if (each.label in labels) != denied]


Facts = frozenset[tuple[str, str]]


def _facts(found: Sequence[TaggedWord]) -> Facts:
    """What is said of each thing that options speak of: that there is more of it, less or the same, or just it."""
    facts: list[tuple[str, str]] = []
    pending = ""
    for token in found:
        if token.meaning in (Sense.UP, Sense.DOWN, Sense.STEADY):
            facts += [(pending, "")] if pending else []
            pending = token.meaning.value
        elif token.meaning is Sense.WORD:
            facts.append((pending, token.word))
            pending = ""
    if pending and facts and not facts[-1][0]:
        facts[-1] = (pending, facts[-1][1])
        pending = ""
    return frozenset([*facts, (pending, "")] if pending else facts)


def _without_case(found: Sequence[TaggedWord]) -> list[TaggedWord]:
    """A clause without `as compute grows`."""
    spoken = [token for token in found if token.meaning not in (Sense.PLAIN, Sense.LINKING)]
    code = code_of(spoken)
    cases = [range(*case.span()) for case in re.finditer("W[UD]?S[UD]?", code)]
    return [token for place, token in enumerate(spoken) if not any(place in case for case in cases)]


@cache
def _facts_of(option: Alternative, question: ChoiceQuestion) -> Facts:
    return _facts(tagged(option.words, question) or ())


def _by_words(found: Sequence[TaggedWord], question: ChoiceQuestion) -> list[Alternative] | None:
    """The options that say what a clause says of the things in it; none, where it says something else of them than
    every option.
    """
    found = _without_case(found)
    said = _facts(found)
    code = re.sub(r"[UDEewWOSGRC]", "", code_of(found))
    if not said or code.strip("N"):
        return None
    is_directed = all(direction for direction, _ in said) and any(direction in "UD" for direction, _ in said)
    named = [
        each
        for each in question.alternatives
        if said == (own := _facts_of(each, question)) or (is_directed and said < own)
    ]
    if not named and not all(
        any(thing == other for _, other in _facts_of(each, question))
        for each in question.alternatives
        for _, thing in said
    ):
        return None
    return [each for each in question.alternatives if (each in named) != (len(code) % 2 == 1)]
