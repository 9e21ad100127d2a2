"""A marked working: for a person, line by line, and as plain data for programs (`marking.schema.json` describes it)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from rich.console import Console

from engine.documents.judgements import diagnosis_data, trouble_data
from engine.documents.terminal import Page, Row
from engine.grading.verdicts import Counterexample
from engine.marking.marks import Link, Mark, Marked, MarkedLine, Outcome

SCHEMA = "workings.marking/1"
COLUMN = 58  # at which verdicts stand
INDENT = 8
SIGNS = {
    Mark.ONE_WAY: "⇒",
    Mark.TRUE: "~",
    **dict.fromkeys((Mark.FOLLOWS, Mark.STEP, Mark.ANSWER), "✓"),
    **dict.fromkeys((Mark.WRONG, Mark.WRONG_ANSWER, Mark.UNDEFINED, Mark.SHAPES), "✗"),
    **dict.fromkeys((Mark.NOT_MARKED, Mark.UNDECIDED, Mark.UNREAD), "?"),
    **dict.fromkeys((Mark.DEFINITION, Mark.EXPRESSION), " "),
}
_VERBS = {
    Mark.WRONG: "does not follow",
    Mark.WRONG_ANSWER: "answers a question wrongly",
    Mark.SHAPES: "has shapes that do not fit",
    Mark.UNDEFINED: "is somewhere undefined",
    Mark.UNREAD: "cannot be read",
    Mark.UNDECIDED: "is not decided",
    Mark.ONE_WAY: "follows one way only",
    Mark.NOT_MARKED: "says something that is not marked",
    Mark.TRUE: "is true, but follows from nothing before it",
}


class MarkedPage(Page):
    """Each line with its number, its sign, and what is to be said of it."""

    def show(self, marked: Marked) -> None:
        for line in marked.lines:
            self.marked_line(line)
        self.line()
        for text in ending(marked):
            self.wrapped(text, 0, "bold" if text.startswith(marked.outcome.value) else "")
        if marked.assumptions:
            self.wrapped("assumed: " + "; ".join(marked.assumptions), 0, "dim")

    def marked_line(self, line: MarkedLine) -> None:
        number = f"{line.line:>4}"
        if line.is_text:
            for place, piece in enumerate(textwrap.wrap(line.text, self.width - INDENT)):
                self.line(f"{number if place == 0 else '    '}  | {piece}", "dim")
            return
        if line.trouble is not None:
            self.line(f"{number}  {SIGNS[line.mark or Mark.UNREAD]}")
            for text in line.trouble.pointed(line.text, max(20, self.width - INDENT - 2)).split("\n"):
                self.line(" " * INDENT + text, "dim")
            hint = f" ({line.trouble.tip})" if line.trouble.tip else ""
            self.wrapped(f"{(line.mark or Mark.UNREAD).value}: {line.trouble.message}{hint}", INDENT + 2)
            return
        for place, link in enumerate(line.links):
            self.link(link, number if place == 0 else " " * 4)
        for note in line.notes:
            self.wrapped(f"note: {note}", INDENT, "dim")

    def link(self, link: Link, number: str) -> None:
        sign = SIGNS[link.mark] if not link.carried or link.mark.is_bad else "↪"
        lead = "    " if link.goes_on else link.left
        formula = f"{lead} {link.sign} {link.right}".rstrip() if link.sign else link.left
        self.row(Row(f"{number}  {sign} {formula}", _said(link), INDENT + 2), COLUMN, 0)
        for text in _facts(link):
            self.wrapped(text, INDENT + 2)


def _said(link: Link) -> str:
    """The mark of a link in words."""
    said = link.mark.value
    if link.carried and link.mark.is_good:
        said = "follows, from the wrong line"
    if link.step is not None:
        said = f"step {link.step}" if link.mark is Mark.STEP else f"{said} (step {link.step})"
    return said


def _facts(link: Link) -> Iterator[str]:
    if link.reason:
        yield link.reason
    if link.counterexample is not None:
        yield shown_apart(link.counterexample)
    for need in link.needs:
        yield f"needs {need}, which nobody has said"
    for diagnosis in link.diagnosis:
        yield f"perhaps: {diagnosis.sentence} ({diagnosis.name})"


def shown_apart(shown: Counterexample) -> str:
    where = ", ".join(f"{name} = {value}" for name, value in shown.values) or "all values"
    return f"at {where}: left {shown.answer}, right {shown.result}"


def ending(marked: Marked) -> Iterator[str]:
    """What the working comes to."""
    unfit = [line for line in marked.lines if line.mark is not None and not _is_fine(line)]
    first = next((line for line in unfit if line.mark is not None and not line.mark.is_open), None)
    if marked.outcome is Outcome.COMPLETE:
        yield "complete: it reaches the result, and every line holds."
    elif marked.outcome is Outcome.ANSWERED:
        has_formula = any(link.sign for line in marked.lines for link in line.links)
        bare = "" if has_formula else "; no formula is given"
        yield f"answered: every question is answered ({', '.join(marked.reached)}), and every line holds{bare}."
    elif marked.outcome is Outcome.UNREAD:
        open_ = dict.fromkeys(str(line.line) for line in marked.lines if line.mark is not None and line.mark.is_open)
        lines = ", ".join(open_)
        yield f"unread: every line that was marked holds, and what is asked is reached; not marked: line {lines}."
    elif marked.outcome is Outcome.FLAWED and first is not None:
        assert first.mark is not None
        but = "it reaches the result, but " if not marked.missing else ""
        yield f"flawed: {but}line {first.line} {_VERBS.get(first.mark, first.mark.value)}."
    elif marked.outcome is Outcome.UNFINISHED:
        missing = ", ".join(filter(None, marked.missing))
        result = f"the result ({missing})" if missing else "the result"
        yield f"unfinished: {result} is not reached; it stands at step {marked.stands_at} of {marked.steps}."
        if marked.first_bad is not None:
            yield f"The first line that is wrong is line {marked.first_bad}."


def _is_fine(line: MarkedLine) -> bool:
    return line.mark is not None and (line.mark.is_good or line.mark is Mark.EXPRESSION)


def show(marked: Marked, console: Console) -> None:
    """Print a marked working."""
    MarkedPage(console, detail=False).show(marked)


# -- as data -----------------------------------------------------------------------------------------------------------


def marked_data(marked: Marked) -> dict[str, Any]:
    """A marked working as dictionaries, lists, strings and numbers."""
    return {
        "outcome": marked.outcome.value,
        "first_bad": marked.first_bad,
        "lines": [_line_data(line) for line in marked.lines],
        "diagnosis": [diagnosis_data(diagnosis) for diagnosis in marked.diagnosis],
        "reached": list(marked.reached),
        "missing": list(marked.missing),
        "stands_at": marked.stands_at,
        "steps": marked.steps,
        "assumptions": list(marked.assumptions),
    }


def _line_data(line: MarkedLine) -> dict[str, Any]:
    return {
        "line": line.line,
        "text": line.text,
        "mark": line.mark.key if line.mark is not None else "text",
        "links": [_link_data(link) for link in line.links],
        "error": trouble_data(line.trouble) if line.trouble is not None else None,
        "notes": list(line.notes),
    }


def _link_data(link: Link) -> dict[str, Any]:
    shown = link.counterexample
    return {
        "left": link.left,
        "sign": link.sign,
        "right": link.right,
        "mark": link.mark.key,
        "step": link.step,
        "carried": link.carried,
        "reason": link.reason,
        "needs": list(link.needs),
        "counterexample": shown and {"values": dict(shown.values), "left": shown.answer, "right": shown.result},
        "diagnosis": [diagnosis_data(diagnosis) for diagnosis in link.diagnosis],
    }
