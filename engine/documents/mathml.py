"""Formulas as MathML, converted from their LaTeX piece by piece, so that a narrow page can break a wide one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape

from latex2mathml.converter import convert

from engine.documents.typeset import WORDS, broken, width

PIECE = 30.0  # about as many widths of a letter as a phone's line holds


class Inconvertible(ValueError):
    """LaTeX that the converter does not know; it would show the command as it stands."""


def mathml(latex: str) -> str:
    """A formula in a sentence."""
    return _joined(broken(latex, PIECE), displayed=False)


def display(latex: str) -> str:
    """A formula on a line of its own."""
    return _joined(broken(latex, PIECE), displayed=True)


def law(latex: str) -> str:
    """A rule's law, which may be broken between its parts."""
    return _joined(re.split(r"(?<=,\\quad )|(?=\\;\\Rightarrow)|(?=\\ \()", latex), displayed=False)


def _joined(pieces: Sequence[str], displayed: bool) -> str:
    """The pieces, each with its width, by which a narrow page makes it smaller still."""
    shown = ""
    for number, piece in enumerate(pieces):
        words = number > 0 and piece.startswith(WORDS)
        text = piece.replace(WORDS, WORDS.rstrip(), 1) if words else "{} " + piece if number else piece
        made = _converted(text, displayed)  # a sign at the start stands between two terms
        shown += (" " if words else "<wbr>") if number else ""
        shown += made.replace("<math", f'<math style="--w:{max(width(piece), 1):.0f}"', 1)
    return shown


@lru_cache(maxsize=10_000)
def _converted(latex: str, displayed: bool) -> str:
    """Raises Inconvertible where a command would be shown as it stands."""
    made = str(convert(_prepared(latex, displayed)))
    if "\\" in made:
        raise Inconvertible(latex)
    made = re.sub(r"&#x0*([0-9A-Fa-f]+);", lambda match: escape(chr(int(match.group(1), 16))), made)
    made = made.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")
    made = made.replace(' display="inline"', ' displaystyle="true"' if displayed else "")
    return _mended(made)


_GROUP = r"\{((?:[^{}]|\{[^{}]*\})*)\}"
_PREPARED = (
    (re.compile(r"\\operatorname\*\{arg\\,min\}_" + _GROUP), r"\\underset{\1}{\\operatorname{argmin}}"),
    (re.compile(r"\\mathrm\{(\w)\}"), r"\\text{\1}"),
    (re.compile(r"\\(iff|implies)"), r"\\;\\\1\\;"),
)
_STACKED = ((re.compile(r"\\lim_" + _GROUP), r"\\underset{\1}{\\lim}"), (re.compile(r"\\sum_"), r"\\sum\\limits_"))


def _prepared(latex: str, displayed: bool) -> str:
    """The formula in the commands that the converter treats well; bars as brackets that belong together."""
    for pattern, prepared in (*_PREPARED, *(_STACKED if displayed else ())):
        latex = pattern.sub(prepared, latex)
    latex = latex.replace(":=", r"\coloneq ")
    for bar in ("vert", "Vert"):
        opening, closing = rf"\l{bar}", rf"\r{bar}"
        if latex.count(opening) == latex.count(closing) and rf"\left{opening}" not in latex:
            latex = latex.replace(opening, rf"\left{opening}").replace(closing, rf"\right{closing}")
    return latex


_SPELT = re.compile(r'(?:<mi mathvariant="normal">\w</mi>){2,}')


def _mended(made: str) -> str:
    """Names in one piece, and names and relations as what they are: the converter has letters and operators."""
    made = _SPELT.sub(lambda match: f"<mi>{''.join(re.findall(r'>(.)<', match.group()))}</mi>", made)
    made = re.sub(r"<mo>(\w{2,})</mo>", r"<mi>\1</mi>", made)
    return re.sub(r"<mi>([⪰⪯])</mi>", r"<mo>\1</mo>", made)
