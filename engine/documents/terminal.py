"""A working in a terminal: mathematics down the left, reasons down the right."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from engine.documents.evidence import extent, inside, marks, needs, strength
from engine.documents.reasons import why
from engine.documents.walk import Walk, lines, linked, verdict
from engine.kernel import Step
from engine.notation.plain import plain
from engine.proofs.figures import Figure
from engine.proofs.working import Option, Passage, Premises, Working
from engine.terms import Definition, Term
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula

NARROW = 76  # below this many columns, reasons stand under the mathematics
LEFT = 2


@dataclass(frozen=True)
class Row:
    """A line of mathematics, the column at which its relation stands, and why it holds."""

    mathematics: str
    reason: str = ""
    indent: int = 0


# -- what a working says, as rows -------------------------------------------------------------------------------------


def rows(passage: Passage, sentence: Callable[[Step], str] = why) -> Iterator[Row]:
    """The lines of a passage with the columns at which their relations stand; `sentence` says why a line holds."""
    every = lines(passage)
    chained = every[0].left is not None and every[0].relation is not None
    indent = min(cell_len(plain(every[0].left)), 24) + 1 if chained and every[0].left is not None else 0
    for line in every:
        because = reason(line.step, sentence) if line.step is not None else ""
        if chained:
            assert line.right is not None and line.relation is not None
            lead = plain(line.left) if line.left is not None else " " * (indent - 1)
            yield Row(f"{lead} {line.relation.value} {plain(line.right)}", because, indent + 2)
        elif line.left is not None:
            yield Row(plain(line.left), because)
        else:
            assert line.right is not None
            sign = f"{line.relation.value}  " if line.relation is not None else "   "
            yield Row(sign + plain(line.right), because, 3)


def reason(step: Step, sentence: Callable[[Step], str]) -> str:
    """Why a line holds, with what its evidence is where it is not exact."""
    return " ".join(filter(None, [sentence(step), *(f"[{mark}]" for mark in marks(step))]))


# -- laid out ----------------------------------------------------------------------------------------------------------


class Page:
    """Collects styled lines for a width."""

    def __init__(self, console: Console, detail: bool) -> None:
        self.console, self.detail = console, detail
        self.width = max(40, console.width)
        self.after: type | None = None  # what was just written, if another of its kind goes on with it

    def line(self, text: str = "", style: str = "") -> None:
        self.console.print(Text(text, style=style, no_wrap=True, overflow="ignore"), soft_wrap=True)
        self.after = None

    def wrapped(self, text: str, indent: int, style: str = "", hyphens: bool = True) -> None:
        """Lines that fit, which may end in the hyphen of a word."""
        lead = " " * indent
        for piece in textwrap.wrap(
            text, self.width, initial_indent=lead, subsequent_indent=lead, break_on_hyphens=hyphens
        ):
            self.line(piece, style)

    def mathematics(self, text: str, indent: int, hanging: int) -> None:
        room = self.width - indent
        hanging = min(hanging, room // 3)
        lead = min(len(text) - len(text.lstrip()), room // 3)
        for number, piece in enumerate(broken(" " * lead + text.lstrip(), room, hanging)):
            self.line(" " * indent + (" " * hanging if number else "") + piece, "bold")

    def row(self, row: Row, column: int, indent: int = LEFT) -> None:
        """Mathematics with its reason at a column, or below where there is no room."""
        fits = indent + cell_len(row.mathematics) <= column - 2
        room = self.width - column
        if self.width >= NARROW and fits and row.reason:
            pieces = textwrap.wrap(row.reason, room) or [""]
            gap = " " * (column - indent - cell_len(row.mathematics))
            first = Text(" " * indent) + Text(row.mathematics, "bold") + Text(gap) + Text(pieces[0], "dim")
            self.console.print(first, soft_wrap=True)
            for piece in pieces[1:]:
                self.line(" " * column + piece, "dim")
            return
        self.mathematics(row.mathematics, indent, row.indent)
        if row.reason:
            self.wrapped(row.reason, min(column, self.width // 3) if self.width >= NARROW else indent + 8, "dim")


_BREAKS = re.compile(r" (?=[=+−·⇔≤<>≻⪰] )|(?<=\))(?=\()")


def broken(text: str, width: int, hanging: int) -> list[str]:
    """The text in pieces that fit: broken before a relation or a sign, as far outside of brackets as can be."""
    if cell_len(text) <= width:
        return [text]
    spots = [match.start() for match in _BREAKS.finditer(text) if 0 < match.start() <= width]
    spots = [spot for spot in spots if text[:spot].strip()]
    if spots:
        outermost = min(_rank(text, spot) for spot in spots)
        spot = max(spot for spot in spots if _rank(text, spot) == outermost)
    else:
        spot = text.rfind(" ", len(text) - len(text.lstrip()) + 1, width)
        spot = spot if spot > 0 else width
    return [text[:spot], *broken(text[spot:].lstrip(), max(width - hanging, 20), 0)]


def _rank(text: str, spot: int) -> tuple[int, bool]:
    """How deep in brackets a spot is, and, as deep, a factor after a term."""
    before = text[:spot]
    depth = sum(before.count(c) for c in "([{") - sum(before.count(c) for c in ")]}") + before.count("‖") % 2
    return depth, text[spot] == "(" or text[spot + 1] == "·"


def show(working: Working, console: Console, detail: bool = False) -> None:
    """Print a working: header, premises, lines, answers, remarks, results."""
    TerminalPage(console, detail, working).write(working)


def text(working: Working, width: int = 100) -> str:
    """What `show` prints, without colours."""
    file = io.StringIO()
    console = Console(
        file=file, width=width, highlight=False, markup=False, emoji=False, color_system=None, force_jupyter=False
    )
    show(working, console)
    return file.getvalue()


class TerminalPage(Page, Walk):
    """A working in a terminal."""

    def __init__(self, console: Console, detail: bool, working: Working) -> None:
        Page.__init__(self, console, detail)
        Walk.__init__(self, working)
        self.column = _reason_column(working, self.width)
        self.sentence = self.citations.sentence

    def add(self, *texts: str) -> None:
        for text in texts:
            self.wrapped(text, 0)

    def prose(self, text: str) -> str:
        return text

    def inline(self, thing: Term | Formula | Definition | Declaration) -> str:
        return plain(thing)

    def paragraph(self, kind: str, words: str) -> None:
        if kind in ("let", "suppose"):
            self._premise(words.removesuffix("."))
        elif kind in ("idea", "remark"):
            self.line()
            self.wrapped(f"Remark. {words}" if kind == "remark" else words, 0, "italic")
        elif kind == "answer":
            self.boxed.extend(textwrap.wrap(words, self.width - 10, subsequent_indent="  "))
        elif kind in ("cited", "reason"):
            self.wrapped(words, 8 if kind == "cited" else LEFT + 2)
        else:
            self.wrapped(words.removesuffix(".").removeprefix("It "), 8)

    def _premise(self, text: str) -> None:
        """What is given or supposed on the way: several that follow one another go together."""
        if self.after is not Premises:
            self.line()
        self.mathematics(text, 0, 6)
        self.after = Premises

    def header(self, working: Working) -> None:
        source = f"assignment {working.source}" if working.source else ""
        gap = self.width - cell_len(working.title) - cell_len(source)
        if gap >= 2 and source:
            self.line(working.title + " " * gap + source, "bold")
        else:
            self.wrapped(working.title, 0, "bold")
            self.wrapped(source, 0)
        self.wrapped(strength(working), 0, "dim")
        if extent(working):
            self.wrapped(f"{extent(working)}; --depth full shows all", 0, "dim")

    def heading(self, title: str) -> None:
        self.line()
        self.lead = f"{title} ".ljust(8)

    def given(self, definitions: Sequence[Definition]) -> None:
        for definition in definitions:
            self.mathematics(self.lead + plain(definition), 0, 10)
            self.lead = " " * 8

    def symbols(self, premises: Premises) -> None:
        symbols = [plain(declaration) for declaration in premises.declarations]
        lines = _joined(symbols, self.width - 8) if symbols else ()
        for number, piece in enumerate(piece for line in lines for piece in textwrap.wrap(line, self.width - 8)):
            self.line((self.lead if not number else " " * 8) + piece)
        if premises.hypotheses:
            self.wrapped("assuming " + self.joined(premises.hypotheses), 8)

    def link(self, name: str) -> str:
        return f"`{name}`"

    def passage(self, passage: Passage) -> None:
        if passage.heading or self.after is not Passage:
            self.line()
        self.wrapped(passage.heading, 0)
        shown = list(rows(passage, self.sentence))
        starts_with_equation = len(shown) > len(passage.steps)
        for number, row in enumerate(shown):
            self.row(row, self.column)
            if self.detail and not (starts_with_equation and number == 0):
                self._detail(passage.steps[number - starts_with_equation])
        self.after = Passage

    def _detail(self, step: Step) -> None:
        """What happens inside a line: its smaller steps, and the conditions it needs."""
        for passage in linked(inside(step)):
            for row in rows(passage):
                self.row(row, self.column, indent=8)
        if needs(step):
            self.wrapped("needs " + self.joined(needs(step)), 8, "dim")

    def options(self, question: str, options: Iterable[tuple[Option, str]]) -> None:
        self.line()
        self.wrapped(question, 0)
        for option, grounds in options:
            self.wrapped(f"{verdict(option)} {option.said}", LEFT, "bold" if option.is_shown else "dim")
            self.wrapped(grounds, LEFT + 2, "dim")

    def figure(self, working: Working, figure: Figure) -> None:
        which = f" --figure {figure.name}" if len(working.figures) > 1 else ""
        told = f"Figure: {figure.caption}"
        command = f"(workings plot {working.name}{which} -o FILE.svg)"
        self.line()
        if cell_len(told) + 1 + cell_len(command) <= self.width:
            self.line(f"{told} {command}", "dim")
        else:
            self.wrapped(told, 0, "dim")
            self.wrapped(command, 4, "dim", hyphens=False)

    def results(self, working: Working) -> None:
        self.line()
        self.boxed: list[str] = []
        self.found(working)
        self._box(self.boxed)

    def result(self, name: str, formula: Formula, conditions: Sequence[Formula]) -> None:
        self._hanging((f"{name}: " if name else "") + plain(formula), 10, "")
        if conditions:
            given = self.joined(conditions)
            self.boxed.extend(textwrap.wrap(f"if {given}", self.width - 10, initial_indent="  "))

    def part(self, name: str, value: Term) -> None:
        self._hanging(f"{name}: {plain(value)}", 12, "  ")

    def _box(self, lines: Sequence[str]) -> None:
        if not self.console.is_terminal:
            for number, line in enumerate(lines):
                self.line(("        " if number else "Result  ") + line)
            return
        width = max(cell_len(line) for line in lines)
        self.line("┌─" + "─" * width + "─┐")
        for line in lines:
            self.line("│ " + line + " " * (width - cell_len(line)) + " │", "bold")
        self.line("└─" + "─" * width + "─┘")

    def _hanging(self, text: str, narrower: int, lead: str) -> None:
        pieces = broken(text, self.width - narrower, 2)
        self.boxed.extend(lead + ("  " if number else "") + piece for number, piece in enumerate(pieces))


def _joined(items: list[str], width: int) -> Iterator[str]:
    """The items in lines, never broken inside one that fits."""
    line = ""
    for item in items:
        if line and cell_len(line) + 2 + cell_len(item) > width - 1:
            yield line + ","
            line = item
        else:
            line = f"{line}, {item}" if line else item
    yield line


def _reason_column(working: Working, width: int) -> int:
    """Where reasons start: behind most of the lines, and with room enough for themselves."""
    widths = [
        LEFT + cell_len(row.mathematics) for part in working.parts if isinstance(part, Passage) for row in rows(part)
    ]
    most = max((w for w in widths if w <= width * 0.55), default=24)
    return max(most + 3, 28)
