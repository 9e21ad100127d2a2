"""A LaTeX document's own commands, expanded: \\newcommand with arguments, \\def without, \\DeclareMathOperator.

Depth and size are bounded, and nothing else is followed. What is taken out leaves its line breaks, so that lines keep
their numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.reading.errors import Unreadable

DEEPEST, LONGEST, MOST = 20, 200_000, 200
_DEFINES = re.compile(
    r"\\(?:(?:re|provide)?newcommand|renewcommand|providecommand|DeclareMathOperator|def)(?P<star>\*?)\s*"
    r"\{?\\(?P<name>[A-Za-z]+)\}?\s*(?:\[(?P<count>\d)\])?\s*(?=\{)"
)
_COMMAND = re.compile(r"\\(?P<name>[A-Za-z]+)")
_PREAMBLE = re.compile(r"^.*?\\begin\{document\}", re.DOTALL)
_END = re.compile(r"\\end\{document\}.*", re.DOTALL)


@dataclass(frozen=True)
class Macro:
    count: int
    body: str


def expanded(text: str) -> str:
    """A text with its own commands expanded, and without its preamble. Raises Unreadable where that is too large."""
    if "\\" not in text:
        return text
    macros, text = _definitions(text)
    text = _PREAMBLE.sub(_line_breaks, text) if "\\begin{document}" in text else text
    text = _END.sub(_line_breaks, text)
    for _ in range(DEEPEST):
        once = _expanded_once(text, macros)
        if once == text:
            return text
        text = once
    raise Unreadable("commands that stand for one another without end", 0, 1)


def _line_breaks(match: re.Match[str]) -> str:
    return "\n" * match.group().count("\n")


def _definitions(text: str) -> tuple[dict[str, Macro], str]:
    """The commands that a text defines, and the text without their definitions."""
    macros: dict[str, Macro] = {}
    while (match := _DEFINES.search(text)) is not None and len(macros) < MOST:
        end = _group_end(text, match.end())
        body = text[match.end() + 1 : end - 1]
        if "DeclareMathOperator" in match.group():
            body = rf"\operatorname{{{body}}}"
        macros[match["name"]] = Macro(int(match["count"] or 0), body)
        text = text[: match.start()] + "\n" * text[match.start() : end].count("\n") + text[end:]
    return macros, text


def _group_end(text: str, place: int) -> int:
    """Where the group that opens at a place ends."""
    depth = 0
    for end in range(place, len(text)):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        if depth == 0:
            return end + 1
    raise Unreadable("this { is never closed", place, place + 1)


def _expanded_once(text: str, macros: dict[str, Macro]) -> str:
    found: list[str] = []
    place = length = 0
    for match in _COMMAND.finditer(text):
        macro = macros.get(match["name"])
        if macro is None or match.start() < place:
            continue
        arguments, end = _arguments(text, match.end(), macro.count)
        body = macro.body
        for number, argument in enumerate(arguments, 1):
            body = body.replace(f"#{number}", argument)
        apart = " " if body[-1:].isalpha() and text[end : end + 1].isalpha() else ""
        found += [text[place : match.start()], body + apart]
        length += len(body)
        place = end
        if length > LONGEST:
            raise Unreadable("commands that stand for too much", match.start(), match.end())
    return "".join((*found, text[place:]))


def _arguments(text: str, place: int, count: int) -> tuple[list[str], int]:
    """What a command is applied to: groups, or single signs."""
    found: list[str] = []
    for _ in range(count):
        while text[place : place + 1].isspace():
            place += 1
        end = _group_end(text, place) if text[place : place + 1] == "{" else place + 1
        command = _COMMAND.match(text, place)
        end = command.end() if command is not None else end
        inside = text[place:end]
        found.append(inside[1:-1] if inside.startswith("{") else inside)
        place = end
    return found, place
