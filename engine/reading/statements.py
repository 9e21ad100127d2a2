"""Declarations and premises as tokens: what stands before a sign, and what behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from engine.notation.alphabet import GREEK
from engine.reading.errors import Unreadable
from engine.reading.names import Names, spelled_name
from engine.reading.parser import part_of
from engine.reading.reader import Reading, read
from engine.reading.tokens import CLOSING, OPENING, Token, tokens

LONGEST = 400  # characters
SIGNS = ("~", ":", "in")
RELATIONS = ("=", "!=", "<", "<=", ">", ">=", "succ", "succeq")
_LETTER_LIKE = {"R": "ℝ", "N": "ℕ", "Z": "ℤ"}


@dataclass(frozen=True)
class Phrase:
    """Some tokens of a text."""

    text: str
    tokens: tuple[Token, ...]

    @property
    def start(self) -> int:
        return self.tokens[0].start if self.tokens else 0

    @property
    def end(self) -> int:
        return self.tokens[-1].end if self.tokens else len(self.text)

    @property
    def source(self) -> str:
        return self.text[self.start : self.end]

    @property
    def kinds(self) -> list[str]:
        return [token.kind for token in self.tokens]

    @property
    def words(self) -> list[str]:
        return [token.text for token in self.tokens]

    def __getitem__(self, places: slice) -> Phrase:
        return Phrase(self.text, self.tokens[places])

    def __len__(self) -> int:
        return len(self.tokens)

    def places(self, wanted: Callable[[Token], bool]) -> Iterator[int]:
        """Where the tokens of a kind stand, outside of brackets."""
        depth = 0
        for place, token in enumerate(self.tokens):
            depth += (token.kind in OPENING) - (token.kind in CLOSING)
            if depth == 0 and wanted(token):
                yield place

    def split(self, *kinds: str) -> list[Phrase]:
        """The parts between tokens of some kinds, outside of brackets."""
        cuts = list(self.places(lambda token: token.kind in kinds))
        return [self[a + 1 : b] for a, b in zip([-1, *cuts], [*cuts, len(self)], strict=True)]

    def trouble(self, message: str, hint: str = "") -> Unreadable:
        found = Unreadable(message, self.start, self.end, hint)
        found.text = self.text
        return found

    def read(self, names: Names) -> Reading:
        """The part as a formula. An error has its place in the whole text."""
        if not self.tokens:
            raise self.trouble("something is missing here")
        try:
            return read(self.source, names)
        except Unreadable as error:
            error.start, error.end, error.text = error.start + self.start, error.end + self.start, self.text
            raise

    def number(self) -> Fraction | None:
        """The number that it is; None where it is none."""
        try:
            return Fraction("".join("-" if token.kind == "-" else token.text for token in self.tokens))
        except (ValueError, ZeroDivisionError):
            return None


def statements(text: str) -> Iterator[Phrase]:
    """The single statements of a text, between ; or on lines of their own."""
    if len(text) > LONGEST:
        raise Unreadable(f"a declaration of more than {LONGEST} characters", LONGEST, LONGEST + 1)
    text = text.replace("\n", ";").replace("i.i.d.", "iid   ")
    found = Phrase(text, tuple(_without_fonts(tokens(text, statement=True)[:-1])))
    parts = [each for part in found.split(";") if part.tokens for each in _apart_at_commas(part)]
    yield from parts or [Phrase(text, ())]


def is_sign(token: Token) -> bool:
    """Whether a token may stand between what is declared and what is said of it."""
    return token.kind in (*SIGNS, *RELATIONS) or (token.kind == "name" and token.text in ("in", "is"))


def _apart_at_commas(part: Phrase) -> Iterator[Phrase]:
    """`X: n×d, t: n` as two statements, where `a, b > 0` and `S: n×n, symmetric` are one."""
    begun, pieces = 0, list(part.places(lambda token: token.kind == ","))
    for place, end in zip(pieces, [*pieces, len(part)][1:], strict=True):
        before = part[begun:place]
        if "..." in part.kinds or not any(before.places(is_sign)):
            continue
        behind = part[place + 1 : end]
        signs = [behind.kinds[k] for k in behind.places(is_sign)]
        is_moment = "~" in before.kinds and signs == ["="]
        is_letter = len(behind) == 1 and behind.kinds == ["name"] and not {":", "~", "in"} & set(before.kinds)
        if (signs and not is_moment) or is_letter:
            yield before
            begun = place + 1
    yield part[begun:]


def _without_fonts(found: list[Token]) -> Iterator[Token]:
    """The tokens, \\mathbf{w} as w and \\mathbb{R} as ℝ."""
    place = 0
    while place < len(found):
        token = found[place]
        place += 1
        if token.kind != "font":
            yield token
            continue
        braced = found[place].kind == "{" and [t.kind for t in found[place + 2 : place + 3]] == ["}"]
        letter = found[place + braced] if place + braced < len(found) else token
        blackboard = _LETTER_LIKE.get(letter.text) if token.text in ("mathbb", "mathds") else None
        end = found[place + 2].end if braced else letter.end
        yield letter._replace(text=blackboard or letter.text, start=token.start, end=end)
        place += 3 if braced else 1


@dataclass(frozen=True)
class WrittenName:
    """A name on the left of a sign, and the indices that it is written with: m of m_ij, with i and j."""

    whole: str
    stem: str
    indices: tuple[str, ...] = ()


INDICES = frozenset("ijk")


def without_indices(text: str, letters: Iterable[str] = ()) -> str:
    """g of g_i, xi of ξᵢⱼ: a name less the indices i, j, k, or other `letters`, that it is written with."""
    try:
        name = name_of(next(statements(text)))
    except Unreadable:
        return text
    return name.stem if name.indices and set(name.indices) <= {*INDICES, *letters} else text


def names_of(part: Phrase) -> list[WrittenName]:
    """The names between commas. Raises Unreadable."""
    return [name_of(each) for each in part.split(",")]


def name_of(part: Phrase) -> WrittenName:
    """A name with its marks and subscripts; ^{(i)} is an index, too."""
    kinds, words = part.kinds, part.words
    accented = kinds[:1] == ["accent"]
    place = 1 if accented else 0
    braced = accented and kinds[1:2] == ["{"]
    place += braced
    if kinds[place : place + 1] != ["name"]:
        raise part.trouble(f"a name was expected here, not {part.source.strip()!r}", HINT)
    stem = words[place] + (words[0] if accented else "")
    place += 1 + braced
    below = ""
    while place < len(part):
        sign = kinds[place]
        end = _script_end(part, place + 1) if sign in ("_", "^") else place + 1
        inside = [t for t in part.tokens[place + 1 : end] if t.kind not in ("{", "}", "(", ")", ",")]
        if sign == "_" or (sign == "^" and kinds[place + 1 : place + 3] in (["{", "("], ["(", "name"])):
            below += "".join(token.text for token in inside)
        elif sign in ("'", "*", "★"):
            stem += "'" if sign == "'" else "*"
        elif sign == "^" and inside and all(token.kind in ("*", "★", "'") for token in inside):
            stem += "".join("'" if token.kind == "'" else "*" for token in inside)
        else:
            raise part.trouble(f"a name was expected here, not {part.source.strip()!r}", HINT)
        place = end
    whole = spelled_name(f"{stem}_{below}" if below else stem)
    letters = tuple(below) if below.isalpha() and len(below) <= 2 else ()
    return WrittenName(whole, spelled_name(stem), letters)


def _script_end(part: Phrase, place: int) -> int:
    if part.kinds[place : place + 1] not in (["{"], ["("]):
        return place + 1
    depth = 0
    for end in range(place, len(part)):
        depth += (part.kinds[end] in OPENING) - (part.kinds[end] in CLOSING)
        if depth == 0:
            return end + 1
    raise part.trouble("a bracket is never closed")


HINT = "for instance 'X: n×d', 't: n', 'lambda > 0', 'p in (0,1)', 'N: positive integer', 'm_j ~ Bernoulli(p) iid'"


_ARTICLES = frozenset("a an of with has and is matrix vector length dimension".split())
_TIMES = ("*", "x", "by", ",")


def phrase_of(part: Phrase) -> str:
    """Words as a phrase of the tables, without articles and hyphens; "" where something else is among them."""
    if any(token.kind not in ("name", "-", ",") for token in part.tokens):
        return "?"
    words = [token.text for token in part.tokens if token.kind == "name"]
    return " ".join(word for word in words if word not in _ARTICLES)


def sizes_and_words(part: Phrase) -> tuple[list[Phrase], str]:
    """n×d, (n, d), ℝ^{n×d} as sizes, and the words behind them."""
    if part.kinds[:2] == ["name", "^"] and part.words[0] in ("ℝ", "R"):
        part = part[2:]
    if part.kinds[:1] == ["{"] or part.kinds[:1] == ["("]:
        end = next(part.places(lambda token: token.kind in ("}", ")")), len(part))
        inside, rest = part[1:end], part[end + 1 :]
        sizes, words = sizes_and_words(inside)
        return sizes, " ".join(filter(None, (words, phrase_of(rest))))
    part = _apart(part)
    begun = next((place for place in range(len(part)) if _is_size(part, place)), 0)
    before, part = part[:begun], part[begun:]
    end = _end_of_size(part, 0)
    sizes = [part[:end]]
    if part.words[end : end + 1] and part.words[end] in _TIMES and _is_size(part, end + 1):
        second = _end_of_size(part, end + 1)
        sizes.append(part[end + 1 : second])
        end = second
    return sizes, " ".join(filter(None, (phrase_of(before), phrase_of(part[end:]))))


def _apart(part: Phrase) -> Phrase:
    """The x of nxd and 2x2 as a token of its own."""
    found: list[Token] = []
    for token in part.tokens[:3]:
        before, x, behind = token.text.partition("x")
        is_sign = token.kind == "name" and x and len(before) <= 2 and 0 < len(behind) <= 2
        if is_sign and (before or (found and found[-1].kind == "number")):
            cuts = (0, len(before), len(before) + 1, len(token.text))
            found += [part_of(token, a, b) for a, b in zip(cuts, cuts[1:], strict=False) if a < b]
        else:
            found.append(token)
    return Phrase(part.text, (*found, *part.tokens[3:]))


def _is_size(part: Phrase, place: int) -> bool:
    """Whether a size begins at a place: a number, or a letter (a word is a property)."""
    word = part.words[place : place + 1]
    is_word = bool(word) and word[0] in _ARTICLES and part.kinds[place + 1 : place + 2] == ["name"]
    is_letter = bool(word) and (len(word[0]) <= 2 or word[0] in GREEK) and not is_word
    return part.kinds[place : place + 1] in (["name"], ["number"]) and (word[0].isdecimal() or is_letter)


def _end_of_size(part: Phrase, place: int) -> int:
    end = place + 1
    while part.kinds[end : end + 1] == ["_"]:
        end += 4 if part.kinds[end + 1 : end + 2] == ["{"] else 2
    return min(end, len(part))
