"""A working as people write it, plain or LaTeX → its pieces of mathematics, each with the line it stands on."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from engine.grading.lexicon import Sense, meanings, spelled_out
from engine.grading.naming import ALONE
from engine.notation.spelling import FUNCTIONS, OPERATORS, OTHER_FUNCTIONS
from engine.reading.laws import LAWS
from engine.reading.names import Names

MOST_LINES = 400
LONGEST_LINE = 4_000
_DISPLAYS = (
    r"align|aligned|alignat|equation|gather|gathered|split|eqnarray|multline|displaymath|flalign|document|proof|center"
)
_BEGIN_OR_END = re.compile(rf"\\(?:begin|end)\{{(?:{_DISPLAYS})\*?\}}(?:\[\w\]|\{{\d+\}})?|\\\[|\\\]|\$\$")
_OPENS = re.compile(rf"\\begin\{{(?:{_DISPLAYS})\*?\}}|\\\[")
_CLOSES = re.compile(rf"\\end\{{(?:{_DISPLAYS})\*?\}}|\\\]")
_ROWS_WITHIN = re.compile(r"\\begin\{(cases|\w*matrix\*?|array)\}.*?(?:\\end\{\1\}|$)")
_NOTHING = re.compile(
    r"\\(?:tag\*?|label|eqref|ref|vspace|hspace)\{[^{}]*\}|\\(?:notag|nonumber|displaystyle|qquad|quad|[,;:!])(?![A-Za-z])"
)
_TEXT = re.compile(r"\\(?:(?:sub)*section\*?|text|intertext|shortintertext|mbox|textbf|textit|textrm|emph|textsf)\s*\{")
_BRACE = re.compile(r"\\(?P<kind>underbrace|overbrace|underline|overline|boxed|cancel)\s*\{")
_NUMBERING = re.compile(
    r"^\s*(?:\d+(?:\.\d+)+\.?\s+|\(?(?:\d{1,2}|[a-h]|i{1,3}|iv|v)[.)]\s+|[•]\s*|[①-⑳]\s*|Step \d+[.:]?\s+)"
)
_BULLET = re.compile(r"^\s*[-*]\s+(?=\S)")
_TRAILING = re.compile(r"(?:\s{2,}|\t)\(?(?:\d{1,2}|\*{1,3})\)\s*$|\s*[①-⑳]\s*$|\s*\\textcircled\{\d+\}\s*$")
_ARROW = re.compile(
    r"\\(?:Longrightarrow|Longleftrightarrow|Rightarrow|Leftrightarrow|implies|iff|therefore)(?![A-Za-z])|[∴⟹⟺⇒⇔]|<?==?>(?!=)|,?\s*\bi\.\s?e\.,?"
)
_SIGN = re.compile(r"=|<|>|≤|≥|≠|∈|∼|~|\\(?:leq?|geq?|neq?|in|sim|succeq?|preceq?)(?![A-Za-z])|[≻⪰]")
_WORD = re.compile(r"[A-Za-z][A-Za-z’'-]*")
_CONTINUES = re.compile(r"^\s*(?:[+−]|-(?!\s*[->])|\\cdot|\\times|·)")
_UNFINISHED = re.compile(r"(?:[+=−·]|-|\\cdot|\\times)\s*$")
_GOES_ON = re.compile(r"[\s,;:.(]*(?:so|thus|hence|therefore|then|which|and)\b")
_SHORT_WORDS = frozenset(("so", "if", "as", "by", "or", "is", "we", "an", "in", "to", "of", "at", "on", "be", "it"))


_PLACE = r"(?:\d+(?:\.\d+)*[a-h]?|[a-h]|[ivx]{1,4})"
_PART = (
    rf"(?:parts?|questions?|problems?|exercises?|sections?|tasks?|homework)\b\.?\s*(?:\(?{_PLACE}\b[.):]*\s*){{0,3}}"
)
_LABEL = re.compile(
    rf"\W*(?:(?:answers?|ans|solutions?|proof)\b\W*)?(?:(?:to|of|for)\s+)?(?:the\s+)?(?:{_PART})*\W*"
    rf"|\(?(?:\d+(?:\.\d+){{2,}}|q\d+)[.):]*\s*(?:\({_PLACE}\))?|\(?(?-i:[a-h]|[ivx]{{1,4}})\)[.:]?",
    re.IGNORECASE,
)
_WORTH = re.compile(r"\[\s*\d+\s*(?:pts?|points?|marks?)\s*\]\s*$")


def is_label(line: str) -> bool:
    """Whether a line only names a part of what is asked: 1.2.3, (a), Part b, Solution:, Answer to question 3."""
    bare = _WORTH.sub("", line).strip()
    return any(letter.isalnum() for letter in bare) and _LABEL.fullmatch(bare) is not None


@dataclass(frozen=True)
class Piece:
    """Mathematics, or text between it, and the line (from 1) on which it begins.

    An `aside` is what a brace says of a part of a line. `after` is the last word before, in lower case.
    """

    line: int
    text: str
    is_text: bool = False
    aside: bool = False
    after: str = ""
    in_prose: bool = False
    hides: bool = False  # words in which a formula may stand that is not read


def pieces(text: str, names: Names, labels: Container[str] = ()) -> list[Piece]:
    """The pieces in their order; mathematics that goes on over several lines is one piece, on the line it begins.

    A line that is only one of the `labels` answers, and is text.
    """
    found: list[Piece] = []
    said = before = ""
    for piece in _raw(text, names, labels):
        if piece.is_text:
            before = piece.text
            words = [word.lower() for word in _WORD.findall(piece.text)]
            said = next((word for word in reversed(words) if word != "that"), said)  # assume that …
            found.append(piece)
            continue
        place = _last_mathematics(found)
        goes_on = _CONTINUES.match(piece.text) or (place == len(found) - 1 and _UNFINISHED.search(found[place].text))
        if place is not None and goes_on and not piece.aside and not piece.in_prose:
            found[place] = replace(found[place], text=f"{found[place].text} {piece.text}")
        else:
            found.append(replace(piece, after=said, in_prose=piece.in_prose or _names_a_case(piece, before)))
        said = before = ""
    return found


def _names_a_case(piece: Piece, before: str) -> bool:
    """Whether `λ = 0` stands behind `for` or `the case of`, within a sentence."""
    return _OF_A_CASE.search(before) is not None and _CASE.fullmatch(piece.text) is not None


_OF_A_CASE = re.compile(
    r"\b(?:for|if|when|unless|at|with|case(?:\s+of)?|vs\.?|versus|against|under|every|all|any|let|suppose|assume|assuming|set|take)"
    r"\W*$",
    re.IGNORECASE,
)
_CASE = re.compile(r"\\?\w{1,7}\s*(?:=|<|>|≤|≥|≠)\s*[\w./−-]{1,5}")


def _last_mathematics(found: list[Piece]) -> int | None:
    return next((k for k in range(len(found) - 1, -1, -1) if not (found[k].is_text or found[k].aside)), None)


def _raw(text: str, names: Names, labels: Container[str]) -> Iterator[Piece]:
    in_display = in_dollars = False
    last = len(text.rstrip().splitlines())
    for number, whole in enumerate(text.splitlines()[:MOST_LINES], 1):
        line = re.sub(r"(?<!\\)%.*", "", whole[:LONGEST_LINE])
        dollars = line.count("$$")
        shown = in_display or in_dollars or dollars > 0 or _OPENS.search(line) is not None
        in_display = (in_display or _OPENS.search(line) is not None) and _CLOSES.search(line) is None
        in_dollars ^= dollars % 2 == 1
        if answer := _answer(line, labels, is_last=number == last):
            yield Piece(number, answer, True)
            continue
        if is_label(line):
            yield Piece(number, line.strip(), True)
            continue
        for row in _rows(_BEGIN_OR_END.sub(" ", line)):
            if "$" in row.replace("\\$", "") and not shown:
                yield from _with_dollars(number, row)
            else:
                yield from _mixed(number, row, names)


def _answer(line: str, labels: Container[str], is_last: bool) -> str:
    """A line that names an option alone, with its letter: a small one is a part of the work, but at its end."""
    bare = re.sub("[()]", "", _NUMBERING_BEFORE.sub("", spelled_out(line).strip()))
    alone = ALONE.fullmatch(bare.rstrip(".!"))
    if alone is None or alone["label"].upper() not in labels or not (alone["label"].isupper() or is_last):
        return ""
    start, end = alone.span("label")
    is_whole = is_last or len(bare.strip(".!")) == 1
    return bare[:start] + bare[start:end].upper() + bare[end:].rstrip(".!") + "." * (is_whole or bare[-1] in ".!")


_NUMBERING_BEFORE = re.compile(r"\d+(?:\.\d+)*[.)]?\s+")


def _rows(line: str) -> list[str]:
    r"""The parts of a line between \\, those of a matrix or of cases kept together."""
    whole = _ROWS_WITHIN.sub(lambda match: match.group().replace("\\\\", "\0"), line)
    return [row.replace("\0", "\\\\") for row in re.split(r"\\\\(?:\[[^\]]*\])?", whole)]


def _with_dollars(number: int, part: str) -> Iterator[Piece]:
    r"""Prose with $…$ in it."""
    for place, piece in enumerate(re.split(r"(?<!\\)\$", part)):
        if place % 2 == 0:
            if any(letter.isalpha() for letter in piece):
                yield Piece(number, piece.strip(), True)
            continue
        for shown in _ARROW.split(_cleaned(piece)):
            if shown.strip():
                yield Piece(number, shown.strip(), not _SIGN.search(shown), in_prose=True)


def _mixed(number: int, part: str, names: Names) -> Iterator[Piece]:
    r"""Mathematics with `\text{…}` in it, or with plain words before and after it."""
    part, claims = _without_braces(part)
    for piece, is_text in _text_apart(part):
        if is_text:
            if any(letter.isalpha() for letter in piece):
                yield Piece(number, piece.strip(), True)
            continue
        for shown in _ARROW.split(_cleaned(piece)):
            yield from _plain(number, shown.strip(), names)
    for claim in claims:
        shown = _cleaned(claim)
        if not _TEXT.search(shown) and not any(_is_prose(m.group(), shown, m.end(), names) for m in _words(shown)):
            yield Piece(number, shown, aside=True)


def _text_apart(part: str) -> Iterator[tuple[str, bool]]:
    start = 0
    while (match := _TEXT.search(part, start)) is not None:
        end = _closing(part, match.end() - 1)
        if any(m.start() <= match.start() < m.end() for m in _ROWS_WITHIN.finditer(part)):
            start = match.end()
            continue
        inner = part[match.end() : end]
        name = inner.strip()
        if name in _KNOWN or (len(name) < 3 and name.isalpha() and name.lower() not in _SHORT_WORDS):
            start = end
            continue
        yield part[: match.start()], False
        yield inner, True
        part, start = part[end + 1 :], 0
    yield part, False


_KNOWN = frozenset(
    (*FUNCTIONS, *OTHER_FUNCTIONS, *OPERATORS, "var", "cov", *LAWS, "ridge", "noise", "min", "max", "sgn", "opt")
)


def _closing(text: str, opening: int) -> int:
    """Where the brace that opens at a place is closed; the end, if nowhere."""
    depth = 0
    for place in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return place
    return len(text)


def _cleaned(piece: str) -> str:
    """Mathematics without what only sets it."""
    piece = _NOTHING.sub(" ", piece).replace("&", " ")
    piece = _TRAILING.sub("", _NUMBERING.sub("", piece))
    if _BULLET.match(piece) and _SIGN.search(piece):
        piece = _BULLET.sub("", piece)
    return piece.strip().rstrip(",;").rstrip().removesuffix(".").strip()


def _without_braces(text: str) -> tuple[str, list[str]]:
    r"""\underbrace{a}_{b} as a, and the equations a = b that such braces claim."""
    claims: list[str] = []
    while (match := _BRACE.search(text)) is not None:
        end = _closing(text, match.end() - 1)
        inside, rest = text[match.end() : end], text[end + 1 :]
        note = re.match(r"\s*[_^]\s*(\{|\S)", rest) if match["kind"].endswith("brace") else None
        if note is not None:
            is_group = note.group(1) == "{"
            stop = _closing(rest, note.start(1)) if is_group else note.start(1) + 1
            label, rest = rest[note.start(1) + is_group : stop], rest[stop + is_group :]
            if not _BRACE.search(inside):
                claims.append(f"{inside} = {label}")
        text = f"{text[: match.start()]}({inside}){rest}"
    return text, claims


def _words(text: str) -> list[re.Match[str]]:
    return [m for m in _WORD.finditer(text) if not m.start() or text[m.start() - 1] not in "\\_^{'"]


def _plain(number: int, line: str, names: Names) -> Iterator[Piece]:
    """A line of mathematics that may have words before it (`so`, `hence we get`) and a reason behind it."""
    if not _SIGN.search(line) and any(_is_prose(m.group(), line, m.end(), names) for m in _words(line)):
        yield Piece(number, line, True)
        return
    colon = re.match(r"(?P<said>[^:=<>]*):(?!=)\s*(?P<rest>.+)", line)
    if colon is not None and any(_is_prose(m.group(), line, m.end(), names) for m in _words(colon["said"])):
        yield Piece(number, colon["said"], True)
        line = colon["rest"]
    start = 0
    while (match := _WORD.match(line, start)) is not None and _is_prose(match.group(), line, match.end(), names):
        start = match.end() + len(line[match.end() :]) - len(line[match.end() :].lstrip(" ,:"))
    before, rest = line[:start], line[start:]
    end = _reason_start(rest, names)
    mathematics, after = rest[:end].rstrip(" ,;:("), rest[end:]
    if any(_is_prose(m.group(), rest, m.end(), names) and _is_english(m.group()) for m in _words(mathematics)):
        yield Piece(number, line, True, hides=True)
        return
    if before.strip():
        yield Piece(number, before.strip(), True)
    if mathematics.strip():
        yield Piece(number, mathematics.strip())
    if after[:1] in (".", "?") and _SIGN.search(after):
        yield Piece(number, after[0], True)
        yield from _plain(number, after[1:].strip(), names)
    elif _GOES_ON.match(after) and _SIGN.search(after):
        yield from _plain(number, after.strip(" ,;:.("), names)
    elif after.strip():
        yield Piece(number, after.strip(), True)


def _is_prose(word: str, line: str, end: int, names: Names) -> bool:
    if word in _KNOWN or names.get(word) is not None or names.begins(word):
        return False
    if word in ("a", "I", "A"):
        return line[end : end + 1] == " " and bool(re.match(r" [a-z]{3,}", line[end:]))
    return len(word) > 1 and not re.match(r"\s*[(_^=/]|\.[TI]\b", line[end:]) and not _is_product(word, names)


def _is_english(word: str) -> bool:
    """Whether a word is none that a formula has: it is known, and names no thing."""
    return meanings().get(word.lower(), Sense.THING) not in (Sense.THING, Sense.CAUSE)


def _is_product(word: str, names: Names) -> bool:
    """Whether a word may be names side by side, as in `nB`, `X'X` or `XTX`."""
    letters = [letter for letter in word if letter not in "'’-"]
    return len(letters) <= 4 and all(names.get(letter) is not None or letter == "T" for letter in letters)


_CONNECTIVES = re.compile(
    "by|because|since|using|where|for|if|as|thus|so|hence|therefore|with|from|assuming|given|which|and|"
    "is|are|holds|when|due|after|that|the|this|then|note|insert|plug|substitute|divide|multiply|collect|expand"
)


def _reason_start(text: str, names: Names) -> int:
    """Where a reason in words begins behind the mathematics."""
    for match in _words(text):
        if _CONNECTIVES.fullmatch(match.group().lower()) and _is_prose(match.group(), text, match.end(), names):
            before = text[: match.start()]
            return min(len(before.rstrip(" (,;[—–-")), _sentence_end(text))
    return _sentence_end(text)


def _sentence_end(text: str) -> int:
    """Where a question mark stands, or a full stop before another sentence."""
    end = re.search(r"\?|\.\s+(?=[A-Z][a-z]+\b)", text)
    return end.start() if end is not None else len(text)
