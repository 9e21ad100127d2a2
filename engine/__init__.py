"""A symbolic derivation engine. Terms are what mathematics speaks of; rules compute terms from terms; the kernel, which
knows no rule, certifies every line that a rule made, in random models of its premises; a derivation is the frozen
record of such lines, and everything else (printing, exporting, judging answers, marking workings) only reads it.

Nothing below a printer imports one. Here stands who writes what, loaded when it is first asked for.
"""

from typing import Any

from engine.common.writing import writer


@writer("plain")
def _plain(subject: Any) -> str:
    from engine.notation.plain import plain

    return plain(subject)


@writer("latex")
def _latex(subject: Any) -> str:
    from engine.notation.latex import latex

    return latex(subject)


@writer("line of a notebook")
def _line(step: Any) -> str:
    from engine.documents.notebook import line

    return line(step)


@writer("cell of a notebook")
def _cell(working: Any) -> str:
    from engine.documents.notebook import cell

    return cell(working)


@writer("text")
def _text(working: Any) -> str:
    from engine.documents.terminal import text

    return text(working)
