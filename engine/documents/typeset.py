"""How wide a formula will be on paper, and where a wide one is broken: before signs, as far outside of brackets as can
be.
"""

from __future__ import annotations

import re

_FRACTION = re.compile(r"\\frac\{")
WORDS = r"\text{ "  # of a relation that is written in words
_WIDE = dict.fromkeys(
    [rf"\{font}" for font in ["operatorname", "mathrm", "mathbb", "mathbf", "boldsymbol", "tilde", "text"]], 0.0
) | {
    **dict.fromkeys((r"\left", r"\right"), 0.3),
    **dict.fromkeys((r"\Bigl", r"\Bigr"), 0.5),
    **dict.fromkeys((r"\lVert", r"\rVert"), 0.9),
    **dict.fromkeys((r"\iff", r"\implies"), 3.2),
    **{r"\top": 0.8, r"\sqrt": 1.4, r"\nabla": 1.5, r"\quad": 2.0, r"\sum": 2.2, r"\lim": 2.6},
}
_LETTERS = {"{": 0.0, "}": 0.0, " ": 0.0, "+": 2.1, "-": 2.1, "=": 2.4, ",": 0.8, "(": 0.75, ")": 0.75, "|": 0.55}


def width(formula: str) -> float:
    """About how wide a formula is, in units of a letter's width."""
    total, place, scale = 0.0, 0, [1.0]
    while place < len(formula):
        character = formula[place]
        if formula.startswith(r"\frac{", place):
            above, middle = _group(formula, place + 5)
            below, end = _group(formula, middle)
            total += (max(width(above), width(below)) + 0.6) * scale[-1]
            place = end
            continue
        if character in "^_" and place + 1 < len(formula):
            inner, end = _group(formula, place + 1)
            total += 0.68 * width(inner) * scale[-1]
            place = end
            continue
        if character == "\\":
            command = re.match(r"\\([A-Za-z]+|.)", formula[place:])
            assert command is not None
            total += _WIDE.get(command.group(), 1.15) * scale[-1]
            place += command.end()
            continue
        total += _LETTERS.get(character, 1.05)
        place += 1
    return total


def _group(formula: str, place: int) -> tuple[str, int]:
    """The group in braces at a place, or the command or character there; and where it ends."""
    if place >= len(formula):
        return "", place
    if formula[place] != "{":
        command = re.match(r"\\([A-Za-z]+|.)(\{[^{}]*\})?", formula[place:])
        return (command.group(), place + command.end()) if command else (formula[place], place + 1)
    depth = 0
    for end in range(place, len(formula)):
        depth += {"{": 1, "}": -1}.get(formula[end], 0)
        if depth == 0:
            return formula[place + 1 : end], end + 1
    return formula[place + 1 :], len(formula)


def broken(formula: str, room: float) -> list[str]:
    """The formula in lines that fit into the room, as far as it has signs to break before."""
    if width(formula) <= room:
        return [formula]
    for deepest in (0, 1, 2, 3):
        spots = [spot for spot, depth in _spots(formula) if depth <= deepest]
        text = formula if deepest == 0 else _unstretched(formula)
        if deepest:
            spots = [spot for spot, depth in _spots(text) if depth <= deepest]
        fitting = [spot for spot in spots if width(text[:spot]) <= room]
        if fitting:
            spot = fitting[-1]
            return [text[:spot].rstrip(), *broken(text[spot:], room)]
    opened = _opened(formula)
    return broken(opened, room) if opened is not None else [formula]


def _opened(formula: str) -> str | None:
    """The widest fraction with a sum above its line as 1/b times that sum, which can be broken."""
    found: list[tuple[float, str]] = []
    for place in _outermost_fractions(formula):
        above, middle = _group(formula, place + len(r"\frac"))
        below, end = _group(formula, middle)
        if _spots(_unstretched(above)):
            opened = rf"\frac{{1}}{{{below}}}\Bigl({_unstretched(above)}\Bigr)"
            found.append((width(above), formula[:place] + opened + formula[end:]))
    return max(found)[1] if found else None


def _outermost_fractions(formula: str) -> list[int]:
    """Where the fractions begin that stand in no braces."""
    starts = (match.start() for match in _FRACTION.finditer(formula))
    return [start for start in starts if formula.count("{", 0, start) == formula.count("}", 0, start)]


def _unstretched(formula: str) -> str:
    """Brackets of a fixed size: a pair of \\left and \\right cannot stand on two lines."""
    return formula.replace(r"\left", r"\Bigl").replace(r"\right", r"\Bigr")


def _spots(formula: str) -> list[tuple[int, int]]:
    """Where a line may end, and how deep in brackets: before a sign, a sum or words, never inside of braces."""
    found: list[tuple[int, int]] = []
    braces = brackets = 0
    for place, character in enumerate(formula):
        if character in "{}":
            braces += 1 if character == "{" else -1
        elif braces == 0 and character in "([":
            if place and formula[place - 1] not in "\\tl^_" and brackets == 0 and formula[place - 1] in ")]}":
                found.append((place, 1))
            brackets += 1
        elif braces == 0 and character in ")]":
            brackets -= 1
        elif braces == 0 and place and formula.startswith(WORDS, place):
            found.append((place, brackets))
        elif braces == 0 and place and formula[place - 1] == " ":
            stretched = formula[:place].count(r"\left") - formula[:place].count(r"\right")
            if (character in "+-=" or formula.startswith(r"\iff", place)) and not stretched:
                found.append((place, brackets))
            elif formula.startswith((r"\sum", r"\cdot"), place) and not stretched:
                found.append((place, brackets + 2))
    return found
