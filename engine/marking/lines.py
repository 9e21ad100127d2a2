"""A working as people write it, plain or LaTeX → its pieces of mathematics, each with the line it stands on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.reading.names import Names
from engine.reading.notation import FUNCTIONS, OPERATORS, OTHER_FUNCTIONS

MOST_LINES = 400
_DISPLAYS = (
    r"align|aligned|alignat|equation|gather|gathered|split|eqnarray|multline|displaymath|flalign|document|proof|center"
)
_BEGIN_OR_END = re.compile(rf"\\(?:begin|end)\{{(?:{_DISPLAYS})\*?\}}(?:\[\w\])?|\\\[|\\\]|\$\$")
_NOTHING = re.compile(
    r"\\(?:tag\*?|label|eqref|ref|vspace|hspace)\{[^{}]*\}|\\(?:notag|nonumber|displaystyle|qquad|quad|[,;:!])(?![A-Za-z])"
)
_TEXT = re.compile(r"\\(?:text|intertext|shortintertext|mbox|textbf|textit|textrm|emph)\s*\{")
_BRACE = re.compile(r"\\(?:underbrace|overbrace|underline|overline|boxed|cancel)\s*\{")
_NUMBERING = re.compile(r"^\s*(?:\(?(?:\d{1,2}|[a-h]|i{1,3}|iv|v)[.)]\s+|[-*•]\s+(?=\S)|[①-⑳]\s*|Step \d+[.:]?\s+)")
_TRAILING = re.compile(r"(?:\s{2,}|\t)\(?(?:\d{1,2}|\*{1,3})\)\s*$|\s*[①-⑳]\s*$|\s*\\textcircled\{\d+\}\s*$")
_ARROWS = {"\\Longrightarrow": "\\Rightarrow", "\\implies": "\\Rightarrow", "∴": "\\Rightarrow ", "⟹": "⇒", "==>": "=>"}
_RELATION = re.compile(r"=|⇔|⇒|⟺|\\iff|\\Rightarrow|\\Leftrightarrow|<|>|≤|≥|≠|\\leq?\b|\\geq?\b|\\neq?\b")
_WORD = re.compile(r"[A-Za-z][A-Za-z’'-]*")
_CONTINUES = re.compile(r"^\s*(?:[+−]|-(?!\s*[->])|\\cdot|\\times|·)")
_UNFINISHED = re.compile(r"(?:[+=−·]|-|\\cdot|\\times)\s*$")


@dataclass(frozen=True)
class Piece:
    """Mathematics, or text between it, and the line (from 1) on which it begins."""

    line: int
    text: str
    is_text: bool = False


def pieces(text: str, names: Names) -> list[Piece]:
    """The pieces in their order; mathematics that goes on over several lines is one piece, on the line it begins."""
    found: list[Piece] = []
    for piece in _raw(text, names):
        last = found[-1] if found else None
        goes_on = last is not None and not last.is_text and not piece.is_text
        if goes_on and last is not None and (_CONTINUES.match(piece.text) or _UNFINISHED.search(last.text)):
            found[-1] = Piece(last.line, f"{last.text} {piece.text}")
        else:
            found.append(piece)
    return found


def _raw(text: str, names: Names) -> Iterator[Piece]:
    in_display = False
    for number, line in enumerate(text.splitlines()[:MOST_LINES], 1):
        line = re.sub(r"(?<!\\)%.*", "", line)
        has_dollars = "$" in line.replace("$$", "").replace("\\$", "")
        opens = len(re.findall(r"\\begin\{|\\\[", line)) + line.count("$$")
        closes = len(re.findall(r"\\end\{|\\\]", line))
        whole = in_display or opens > 0
        in_display = (
            (in_display or opens > 0)
            and closes == 0
            and not (line.count("$$") and in_display)
            and line.count("$$") != 2
        )
        line = _BEGIN_OR_END.sub(" ", line)
        for part in re.split(r"\\\\(?:\[[^\]]*\])?", line) if not re.search(r"\\begin", line) else [line]:
            if has_dollars and not whole:
                yield from _with_dollars(number, part)
            else:
                yield from _mixed(number, part, names)


def _with_dollars(number: int, part: str) -> Iterator[Piece]:
    for place, piece in enumerate(re.split(r"(?<!\\)\$", part)):
        shown = _cleaned(piece)
        if not shown:
            continue
        is_text = place % 2 == 0 or not _RELATION.search(shown)
        yield Piece(number, piece.strip() if is_text else shown, is_text)


def _mixed(number: int, part: str, names: Names) -> Iterator[Piece]:
    """Mathematics with `\\text{…}` in it, or with plain words before and after it."""
    for piece, is_text in _text_apart(part):
        piece = _cleaned(piece) if not is_text else piece.strip()
        if not piece:
            continue
        yield from [Piece(number, piece, True)] if is_text else _plain(number, piece, names)


def _text_apart(part: str) -> Iterator[tuple[str, bool]]:
    start = 0
    while (match := _TEXT.search(part, start)) is not None:
        end = _closing(part, match.end() - 1)
        inner = part[match.end() : end]
        if inner.strip() in _KNOWN or (len(inner.strip()) < 3 and inner.strip().isalpha()):
            start = end
            continue
        yield part[: match.start()], False
        yield inner, True
        part, start = part[end + 1 :], 0
    yield part, False


_KNOWN = frozenset(
    (*FUNCTIONS, *OTHER_FUNCTIONS, *OPERATORS, "var", "cov", "Ber", "Bernoulli", "ridge", "noise", "min", "max", "sgn")
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
    piece = _without_braces(_NOTHING.sub(" ", piece)).replace("&", " ")
    for old, new in _ARROWS.items():
        piece = piece.replace(old, new)
    piece = _TRAILING.sub("", _NUMBERING.sub("", piece))
    return piece.strip().rstrip(",;").rstrip().removesuffix(".").strip()


def _without_braces(text: str) -> str:
    r"""\underbrace{a}_{b} as a."""
    while (match := _BRACE.search(text)) is not None:
        end = _closing(text, match.end() - 1)
        rest = text[end + 1 :]
        note = re.match(r"\s*[_^]\s*(\{|\S)", rest)
        if note is not None:
            rest = rest[_closing(rest, note.start(1)) + 1 :] if note.group(1) == "{" else rest[note.end() :]
        text = text[: match.start()] + "(" + text[match.end() : end] + ")" + rest
    return text


def _plain(number: int, line: str, names: Names) -> Iterator[Piece]:
    """A line of mathematics that may have words before it (`so`, `hence we get`) and a reason behind it."""
    start = 0
    while (match := _WORD.match(line, start)) is not None and _is_prose(match.group(), line, match.end(), names):
        start = match.end() + len(line[match.end() :]) - len(line[match.end() :].lstrip(" ,:"))
    before, rest = line[:start], line[start:]
    end = _reason_start(rest, names)
    mathematics, after = rest[:end].rstrip(" ,;:("), rest[end:]
    if not _RELATION.search(mathematics) and (before.strip() or len(_WORD.findall(mathematics)) > 3):
        yield Piece(number, line, True)
        return
    if before.strip():
        yield Piece(number, before.strip(), True)
    if mathematics.strip():
        yield Piece(number, mathematics.strip())
    if after.strip():
        yield Piece(number, after.strip(), True)


def _is_prose(word: str, line: str, end: int, names: Names) -> bool:
    if word in _KNOWN or names.get(word) is not None or names.begins(word):
        return False
    if word in ("a", "I", "A"):
        return line[end : end + 1] == " " and bool(re.match(r" [a-z]{3,}", line[end:]))
    return len(word) > 1 and not re.match(r"\s*[(_^=]|\.[TI]\b", line[end:]) and not _is_product(word, names)


def _is_product(word: str, names: Names) -> bool:
    """Whether a word may be names side by side, as in `nB`."""
    return len(word) <= 3 and all(names.get(letter) is not None for letter in word)


_CONNECTIVES = re.compile(
    "by|because|since|using|where|for|if|as|thus|so|hence|therefore|with|from|assuming|given|which|and|"
    "is|are|holds|when|due|after|that|the|this|then|note|insert|plug|substitute|divide|multiply|collect|expand"
)


def _reason_start(text: str, names: Names) -> int:
    """Where a reason in words begins behind the mathematics."""
    for match in _WORD.finditer(text):
        if match.start() and text[match.start() - 1] in "\\_^{'":
            continue
        if _CONNECTIVES.fullmatch(match.group().lower()) and _is_prose(match.group(), text, match.end(), names):
            before = text[: match.start()]
            return len(before.rstrip(" (,;[—–-"))
    return len(text)
