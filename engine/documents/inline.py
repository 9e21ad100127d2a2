"""A sentence with mathematics in it, as LaTeX text: what is mathematics goes between dollars."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from enum import Enum

from engine.notation.spelling import GREEK_LETTERS, SUBSCRIPTS, SUPERSCRIPTS

_COMMANDS = zip(
    "·×∇≠≤≥≻⪰⇔⇒∞→∈Σ…~⊙⊘⊗↦",
    "cdot times nabla ne le ge succ succeq iff implies infty to in sum dots sim odot oslash otimes mapsto".split(),
    strict=True,
)
_SIGNS = {sign: rf"\{command} " for sign, command in _COMMANDS} | {
    **{sign: rf"\{sign}" for sign in "%&#"},
    **{sign: rf"\mathbb{{{letter}}}" for sign, letter in zip("ℕℝℤ", "NRZ", strict=True)},
    **{"−": "-", "ᵀ": r"^\top ", "′": "'", "½": r"\tfrac12 ", "𝟏": r"\mathbf{1}", "{": "{", "}": "}", "*": "^*"},
}
_NAMES = frozenset(
    ["tr", "det", "max", "min", "sign", "exp", "ln", "lim", "argmin", "E", "Var", "Cov", "diag", "vec", "softmax"]
)
_MATHEMATICAL = re.compile(r"[^\x00-\x7f“”’—–①②③④]|[=+<>|^_\[\]*/]|\d|[A-Za-z]\(.*\)")
_FILE_NAME = re.compile(r"_\w*_|\^\w+\^|[A-Za-z]{2,}_[A-Za-z]{2,}")  # my_file.py: no name with a subscript
_TEXT = {"—": "---", "–": "--", "“": "``", "”": "''", "’": "'", "①": "(1)", "②": "(2)", "③": "(3)", "④": "(4)"}
_ESCAPED = {c: "\\" + c for c in "&%$#_{}"} | {
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
}


_RELATIONS = frozenset("=<>≤≥≠→")


class Mode(Enum):
    TEXT, MATHEMATICS, CODE = range(3)


def segments(text: str) -> Iterator[tuple[Mode, str]]:
    """The sentence in pieces: text as it is, mathematics as LaTeX for math mode, and what stands between backticks."""
    for part in re.split(r"(`[^`]*`)", text):
        if part.startswith("`") and len(part) > 1:
            yield Mode.CODE, part[1:-1]
        else:
            yield from _prose(part)


def latex_sentence(text: str) -> str:
    """The sentence as LaTeX for text mode."""
    written: dict[Mode, Callable[[str], str]] = {
        Mode.TEXT: _escaped,
        Mode.MATHEMATICS: "${}$".format,
        Mode.CODE: lambda code: rf"\texttt{{{_escaped(code)}}}",
    }
    return "".join(written[kind](part) for kind, part in segments(text))


def _prose(text: str) -> Iterator[tuple[Mode, str]]:
    words = re.split(r"(\s+)", text)
    flags = [_is_mathematics(words, place) and not _is_point(words, place) for place in range(len(words))]
    run = ""
    for place, word in enumerate(words):
        between = word.isspace() and run and place + 1 < len(words) and flags[place + 1]
        if flags[place] or between:
            run += word
            if word.endswith((":", ",", ";")):
                yield from _run(run)
                run = ""
            continue
        yield from _run(run)
        yield Mode.TEXT, word
        run = ""
    yield from _run(run)


def _run(run: str) -> Iterator[tuple[Mode, str]]:
    if run:
        end = len(run.rstrip(",.;:"))
        if run[:end].endswith(")") and run.count(")") > run.count("("):
            end -= 1
        yield Mode.MATHEMATICS, mathematics(run[:end])
        yield Mode.TEXT, run[end:]


def _is_point(words: list[str], place: int) -> bool:
    """The letter of `point A`, `A (on the left)`, `at A` where no value follows, an option `A: …`, or all of it."""
    if re.fullmatch(r"[A-Z][,.;:]?", words[place]) is None:
        return False
    before = words[place - 2].lower() if place > 1 else ""
    if place + 1 == len(words) and (not before or before.endswith(":")):
        return True
    after = words[place + 2] if place + 2 < len(words) else ""
    has_value = after in _RELATIONS
    if before in ("point", "points") or re.match(r"\((?!\d+\))", after):
        return True
    return (before == "at" and not has_value) or (words[place][1:] == ":" and (place == 0 or before == "option:"))


def _is_mathematics(words: list[str], place: int) -> bool:
    word = words[place].strip(",.;:()")
    if not words[place].strip():
        return False
    if _FILE_NAME.search(word):
        return False
    if word in _NAMES:
        return place + 2 < len(words) and _is_mathematics(words, place + 2)
    if _MATHEMATICAL.search(words[place]) or words[place] in ("-", "/"):
        return True
    if word in ("a", "I", "A"):
        beside = [words[k] for k in (place - 2, place + 2) if 0 <= k < len(words)]
        return any(re.fullmatch(r"[=+−<>≤≥≠·]", other) for other in beside)
    after_equals = place > 1 and words[place - 2] in ("=", "+", "−") and len(word) <= 2
    return (len(word) == 1 and word.isalpha()) or after_equals


def mathematics(text: str) -> str:
    """A line of Unicode mathematics, sign by sign, for math mode."""
    text = "".join(_accented(character) for character in text)
    text = re.sub(r"√\(([^()]*(?:\([^()]*\)[^()]*)*)\)", lambda m: rf"\sqrt{{{m.group(1)}}}", text)
    text = re.sub(r"\^\(((?:[^()]|\([^()]*\))*)\)", r"^{\1}", text)
    text = re.sub(r"√(\w)", r"\\sqrt{\1}", text).replace("√", r"\surd ")
    text = re.sub(r"‖([^‖]*)‖", r"\\lVert \1 \\rVert ", text)
    text = re.sub(r"(?<![\w)\]}])\|([^|\s]+)\|", r"\\lvert \1\\rvert ", text)
    text = re.sub(r"\^⊙(\w+|\([^()]*\))", r"^{⊙ \1}", text)
    found, place = "", 0
    while place < len(text):
        character = text[place]
        for table, sign in ((SUPERSCRIPTS, "^"), (SUBSCRIPTS, "_")):
            end = place
            while end < len(text) and text[end] in table and text[end] != "ᵀ":
                end += 1
            if end > place:
                found += f"{sign}{{{''.join(table[c] for c in text[place:end])}}}"
                place = end
                break
        else:
            word = re.match(r"[A-Za-z]{2,}", text[place:])
            if character == "\\" and (command := re.match(r"\\[a-zA-Z]+\s?", text[place:])):
                found += command.group()
                place += command.end()
                continue
            if word is not None:
                found += rf"{{\mathrm{{{word.group()}}}}}" if found.endswith("_") else _word(word.group())
                place += word.end()
                continue
            if character in GREEK_LETTERS and not _SUM.match(text, place):
                name = GREEK_LETTERS[character]
                found += r"\varepsilon " if name == "epsilon" else rf"\{name} "
            else:
                found += _SIGNS.get(character, character)
            place += 1
    return re.sub(r"(\\?\w+(?:_\{[^}]*\})?) ?\^\*\^", r"{\1^*}^", found)


_SUM = re.compile(r"Σ(?:_\{[^}]*=| +[\w(])")  # with a range, or before what is summed: else a letter


def _accented(character: str) -> str:
    """ỹ as \\tilde{y}, and the like."""
    parts = unicodedata.normalize("NFD", character)
    command = _ACCENTS.get(parts[1:])
    return rf"\{command}{{{parts[0]}}}" if command else character


_ACCENTS = {"\u0303": "tilde", "\u0304": "bar", "\u0302": "hat", "\u0307": "dot"}


def _word(word: str) -> str:
    if word in _NAMES:
        return rf"\operatorname{{{word}}} "
    return word if len(word) == 2 or word.isupper() else rf"\mathrm{{{word}}}"


def _escaped(text: str) -> str:
    return "".join(_TEXT.get(c) or _ESCAPED.get(c) or c for c in text)
