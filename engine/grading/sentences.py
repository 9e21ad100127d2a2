"""What a sentence says of a question with options: which of them it leaves open.

A clause is turned into the meanings of its words, a letter each, and those are read by a grammar: a subject grows, a
larger cause makes it smaller, a point is not the best, an option's own words. Where any word is not known, or the whole
of the clause does not fit, nothing is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from engine.grading.choices import Alternative, ChoiceQuestion, Direction
from engine.grading.lexicon import FINITE, OPPOSITES, Meaning, in_one_spelling, meanings, spelled_out, stem, synonyms


@dataclass(frozen=True)
class Token:
    meaning: Meaning
    word: str


# -- words -------------------------------------------------------------------------------------------------------------
# ----------

_LABEL = r"(?<!\w)(?:(?i:points?|options?|choice|answer)\s+)?\(?(?P<label>{})(?=\)?\W|\)?$)\)?"
_ARTICLE = re.compile(r"A\s+(?!is\b|are\b|has\b|and\b|or\b|nor\b|lies\b|belongs\b|gives\b|needs\b|should\b|not\b)\w+")
_UNREAD_SIGNS = re.compile(r"[\d<>^/\\+~∞√]|=(?!\s*$)")


def speaks_of(clause: str, question: ChoiceQuestion) -> bool:
    clause = in_one_spelling(clause)
    return any(_word(each).search(clause) for word in question.about for each in _names(word))


def asks(text: str, question: ChoiceQuestion) -> bool:
    """Whether a question in a text is this one: no words but its own and those that change nothing."""
    text = _NUMBER_BEFORE.sub("", in_one_spelling(spelled_out(text)).lower())
    own = _words_of(in_one_spelling(spelled_out(question.question))) | {
        each.lower() for each in synonyms(question.cause)
    }
    words = set(re.findall(r"[^\W\d_]+", text))
    strange = {word for word in words - own - _ASKING if meanings().get(word) not in (Meaning.PLAIN, Meaning.LINKING)}
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
_COMPARING = (Meaning.UP, Meaning.DOWN, Meaning.SAME, Meaning.STEADY, Meaning.VARY, Meaning.BEST, Meaning.WORST)


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
def _patterns(question: ChoiceQuestion) -> tuple[tuple[re.Pattern[str], Meaning], ...]:
    """How the subject and the cause of a question may be written, the longest first."""
    written = [
        *((each, Meaning.SUBJECT) for word in question.about for each in synonyms(word)),
        *((each, Meaning.OPPOSITE) for word in question.about for each in OPPOSITES.get(word, "").split()),
        *((each, Meaning.CAUSE) for each in synonyms(question.cause) if question.cause),
    ]
    return tuple((_word(word), meaning) for word, meaning in sorted(written, key=lambda each: -len(each[0])))


def tokens(clause: str, question: ChoiceQuestion) -> tuple[Token, ...] | None:
    """The words of a clause with their meanings for a question; None where one is not known, or is mathematics."""
    text = in_one_spelling(spelled_out(clause))
    labels = "|".join(each.label for each in question.alternatives if len(each.label) == 1)
    label = re.compile(_LABEL.format(labels)) if labels else None
    found: list[Token] = []
    place = 0
    while place < len(text):
        token, end = _token_at(text, place, question, label)
        if token is not None:
            found.append(token)
        elif end == place:
            return None
        place = end
    return tuple(found)


def _token_at(
    text: str, place: int, question: ChoiceQuestion, label: re.Pattern[str] | None
) -> tuple[Token | None, int]:
    """The word at a place, and where it ends; at the place itself, where it is not known."""
    if label is not None and (named := label.match(text, place)) and not _ARTICLE.match(text, named.start("label")):
        return Token(Meaning.OPTION, named["label"]), named.end()
    for pattern, role in _patterns(question):
        if written := pattern.match(text, place):
            return Token(role, written.group()), written.end()
    word = re.compile(r"[^\W\d_]+").match(text, place)
    if word is None:
        return None, place if _UNREAD_SIGNS.match(text, place) else place + 1
    if stem(word.group()) in _own_words(question):
        return Token(Meaning.WORD, stem(word.group())), word.end()
    meaning: Meaning | None = meanings().get(word.group().lower())
    is_letter = len(word.group()) == 1 and word.group() not in ("a", "s") and not _ARTICLE.match(text, place)
    if word.group().lower() in _words_of(question.question) and meaning in (None, *_OF_WORKINGS):
        meaning = Meaning.PLAIN
    if meaning is None or meaning in _OF_WORKINGS or is_letter:
        return None, place
    return Token(meaning, word.group().lower()), word.end()


_OF_WORKINGS = (Meaning.THING, Meaning.FINITE, Meaning.DOING)


@cache
def _words_of(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]{2,}", text.lower()))


@cache
def _own_words(question: ChoiceQuestion) -> frozenset[str]:
    """The words that only its options have."""
    if any(each.direction for each in question.alternatives):
        return frozenset()
    words = {word for each in question.alternatives for word in _words_of(each.words)}
    return frozenset(stem(word) for word in words if meanings().get(word) in (None, *_OF_WORKINGS))


def _code(found: Sequence[Token]) -> str:
    return "".join(token.meaning.value for token in found if token.meaning not in (Meaning.PLAIN, Meaning.LINKING))


# -- sentences ---------------------------------------------------------------------------------------------------------


def allowed(clause: str, question: ChoiceQuestion, about: bool = False) -> list[Alternative] | None:
    """The options that a clause leaves open; None where it says nothing of them, or is not understood whole.

    With `about`, the clause is known to speak of the question; else it must have one of its words.
    """
    found = tokens(clause, question)
    if found is None or re.search(r"\bor\b", clause):
        return None
    about = about or re.match(r"\W*(?:so\s+|the\s+)*(?:answer|option|choice)\b", clause, re.IGNORECASE) is not None
    return _open(found, question, about)


def _open(found: Sequence[Token], question: ChoiceQuestion, about: bool) -> list[Alternative] | None:
    if any(each.direction for each in question.alternatives):
        return _by_direction(_code(found), question, about)
    by_label = _by_label(found, question, about) if any(t.meaning is Meaning.OPTION for t in found) else None
    has_words = any(token.meaning is Meaning.WORD for token in found)
    chosen = (Meaning.OPTION, Meaning.ADVISE, Meaning.BEST)
    told = chosen if question.alternatives[0].label else (Meaning.SUBJECT,)
    about = about or any(token.meaning in told for token in found)
    by_words = _by_words(found, question) if has_words and about else None
    labels = {token.word for token in found if token.meaning is Meaning.OPTION}
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
    found = tokens(clause, question)
    return found is not None and re.fullmatch("(?:W?U?C|W?CU)?", _code(found)) is not None


_JUDGED = (
    (r"[DF]S", "F"),
    (r"[UG]?S", "G"),
    (r"NON?O", "NOO"),  # neither A nor B
)
_OPTION_CLAUSE = re.compile(r"(?P<n>N*)(?P<one>O+)(?P<m>N*)(?P<said>[GF]?)(?:M(?P<other>O+))?|[GR](?P<k>N*)(?P<best>O)")


def _by_label(found: Sequence[Token], question: ChoiceQuestion, about: bool) -> list[Alternative] | None:
    """`C`, `C is the best choice`, `the best one is C`, `A is not good`, `neither A nor B`, `B is worse than C`."""
    code = _code(found).replace("w", "")
    for pattern, instead in _JUDGED:
        code = re.sub(pattern, instead, code)
    read = _OPTION_CLAUSE.fullmatch(code)
    if read is None:
        return None
    labels = [token.word for token in found if token.meaning is Meaning.OPTION]
    if not (about or read["said"] or read["best"] or "w" in _code(found)):
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


def _facts(found: Sequence[Token]) -> Facts:
    """What is said of each thing that options speak of: that there is more of it, less or the same, or just it."""
    facts: list[tuple[str, str]] = []
    pending = ""
    for token in found:
        if token.meaning in (Meaning.UP, Meaning.DOWN, Meaning.STEADY):
            facts += [(pending, "")] if pending else []
            pending = token.meaning.value
        elif token.meaning is Meaning.WORD:
            facts.append((pending, token.word))
            pending = ""
    if pending and facts and not facts[-1][0]:
        facts[-1] = (pending, facts[-1][1])
        pending = ""
    return frozenset([*facts, (pending, "")] if pending else facts)


def _without_case(found: Sequence[Token]) -> list[Token]:
    """A clause without `as compute grows`."""
    spoken = [token for token in found if token.meaning not in (Meaning.PLAIN, Meaning.LINKING)]
    code = _code(spoken)
    cases = [range(*case.span()) for case in re.finditer("W[UD]?S[UD]?", code)]
    return [token for place, token in enumerate(spoken) if not any(place in case for case in cases)]


@cache
def _facts_of(option: Alternative, question: ChoiceQuestion) -> Facts:
    return _facts(tokens(option.words, question) or ())


def _by_words(found: Sequence[Token], question: ChoiceQuestion) -> list[Alternative] | None:
    """The options that say what a clause says of the things in it; none, where it says something else of them than
    every option.
    """
    found = _without_case(found)
    said = _facts(found)
    code = re.sub(r"[UDEewWOSGRC]", "", _code(found))
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


# -- clauses -----------------------------------------------------------------------------------------------------------
# ------------

_BREAK = re.compile(
    r"(?P<sentence>\n(?=[A-Z])|(?<!\bi\.e)(?<!\be\.g)(?<!\bvs)(?<!\bcf)[.!?](?=\s|$)|;|\n\s*\n)|"
    r"[()]|(?P<comma>,(?=\s))|(?P<colon>:(?=\s))|(?P<and>\band(?=(?:\s+\S+){1,4}?\s+(?:is|are|has|have|does|do|needs?|stays?|gets?|becomes?)\b))|—|\b(?:because|since|meaning(?:\s+that)?|such\s+that|so\s+that|hence|thus|therefore|whereas|whilst"
    r"|although|though|but)\b",
    re.IGNORECASE,
)
_OPENS_A_CASE = re.compile(
    r"\W*(?:(?:so|and|hence|thus|therefore)\s+)?(?:as|when|if|while|whenever|once|with|without|for|under"
    r"|the\s+(?:larger|bigger|greater|more|higher|stronger|smaller|lower|less|weaker|fewer))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Clause:
    """A clause, the place where it starts, whether it begins a sentence, whether as a question, and what ends it."""

    text: str
    start: int
    begins: bool
    is_asked: bool
    is_reason: bool  # it stands behind `because`, `so that`, `hence`
    end: str  # the sign or the word that ends it


def clauses(text: str) -> Iterator[Clause]:
    """The clauses of a text; a case that is named first stands with what is said of it."""
    start, begins, before = 0, True, ""
    for match in (*_BREAK.finditer(text), None):
        end = match.start() if match is not None else len(text)
        clause = text[start:end]
        if match is not None and match["comma"] and _OPENS_A_CASE.match(clause) and ", " not in clause:
            continue
        if match is not None and (match["colon"] or match["and"]) and not FINITE & set(clause.lower().split()):
            continue
        bare = clause.strip(" \n\t–-,;:.")
        if any(letter.isalpha() for letter in bare):
            ends = next((m for m in _BREAK.finditer(text, end) if m["sentence"] is not None), None)
            is_asked = ends is not None and ends["sentence"] == "?"
            place = start + len(clause) - len(clause.lstrip())
            yield Clause(bare, place, begins, is_asked, before.isalpha(), match.group() if match is not None else "")
            begins = False
        if match is not None:
            start, before = match.end(), re.sub(r"\b(?:and|but)\b|\s", "", match.group().lower())
            begins = begins or match["sentence"] is not None


# -- an answer alone ---------------------------------------------------------------------------------------------------

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
    cuts = sorted({match.start() for match in _BREAK.finditer(bare)}, reverse=True)
    cut = next((cut for cut in cuts if named_by(bare[:cut], question) is not None), len(bare))
    return bare[cut:].strip(" \n,;:.()")


def _by_own_word(bare: str, question: ChoiceQuestion) -> list[Alternative]:
    """The option that has all the words, and a word among them that no other has: `curvature`, `parallel compute`."""
    written = re.findall(r"[^\W_]+", bare)
    words = {stem(word) for word in written if word.isupper() or meanings().get(word.lower()) is not Meaning.PLAIN}
    having = {each: {*map(stem, _words_of(each.words))} for each in question.alternatives}
    own = {word for word in words & _own_words(question) if sum(word in has for has in having.values()) == 1}
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
