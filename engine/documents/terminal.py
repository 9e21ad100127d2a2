"""A working in a terminal: mathematics down the left, reasons down the right."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from engine.documents.evidence import extent, hypotheses, inside, marks, needs, strength
from engine.documents.reasons import why
from engine.documents.walk import Citations, Walk, answered, cited, lines, linked, verdict
from engine.kernel import Step
from engine.notation.plain import plain
from engine.proofs.figures import Figure
from engine.proofs.working import Choice, Idea, Let, Passage, Premises, Remark, Suppose, Working, against

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


# -- laid out ------------------------------------------------------------------------------------------------------------


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
        super().__init__(console, detail)
        self.column = _reason_column(working, self.width)
        self.sentence = Citations(working).sentence

    def header(self, working: Working) -> None:
        _header(working, self)

    def premises(self, working: Working) -> None:
        _premises(working, self)

    def idea(self, idea: Idea) -> None:
        self.line()
        self.wrapped(idea.sentence, 0, "italic")

    def passage(self, passage: Passage) -> None:
        _passage(passage, self)

    def let(self, let: Let) -> None:
        source = let.definition.citation
        self._premise(f"Let {plain(let.definition)}" + (f" (cited from {source})" if source else ""))

    def suppose(self, suppose: Suppose) -> None:
        self._premise("Suppose " + plain(suppose.hypothesis))

    def _premise(self, text: str) -> None:
        """What is given or supposed on the way: several that follow one another go together."""
        if self.after is not Premises:
            self.line()
        self.mathematics(text, 0, 6)
        self.after = Premises

    def remark(self, remark: Remark) -> None:
        self.line()
        self.wrapped("Remark. " + remark.text, 0, "italic")

    def choice(self, working: Working, choice: Choice) -> None:
        _choice(working, choice, self)

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
        _results(working, self)


def _header(working: Working, page: Page) -> None:
    source = f"assignment {working.source}" if working.source else ""
    gap = page.width - cell_len(working.title) - cell_len(source)
    if gap >= 2 and source:
        page.line(working.title + " " * gap + source, "bold")
    else:
        page.wrapped(working.title, 0, "bold")
        page.wrapped(source, 0)
    page.wrapped(strength(working), 0, "dim")
    if extent(working):
        page.wrapped(f"{extent(working)}; --depth full shows all", 0, "dim")


def _premises(working: Working, page: Page) -> None:
    premises = working.premises
    page.line()
    lead = "Given "
    for definition in premises.definitions:
        page.mathematics(lead.ljust(8) + plain(definition), 0, 10)
        lead = ""
    for source, names in cited(premises.definitions).items():
        page.wrapped(f"{', '.join(map(plain, names))}: cited from {source}", 8)
    symbols = [plain(declaration) for declaration in premises.declarations]
    lines = _joined(symbols, page.width - 8) if symbols else ()
    for number, piece in enumerate(piece for line in lines for piece in textwrap.wrap(line, page.width - 8)):
        page.line((lead if not number else "").ljust(8) + piece)
    if premises.hypotheses:
        page.wrapped("assuming " + ", ".join(plain(hypothesis) for hypothesis in premises.hypotheses), 8)
    for convention in premises.conventions:
        page.wrapped(f"“{convention.words}” is taken to mean: {convention.meaning} ({convention.source})", 8)
    for name, title in dict.fromkeys((lemma.name, lemma.title) for lemma in working.lemmas):
        page.wrapped(f"uses `{name}` ({title})", 8)


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


def _passage(passage: Passage, page: TerminalPage) -> None:
    if passage.heading or page.after is not Passage:
        page.line()
    page.wrapped(passage.heading, 0)
    shown = list(rows(passage, page.sentence))
    starts_with_equation = len(shown) > len(passage.steps)
    for number, row in enumerate(shown):
        page.row(row, page.column)
        if page.detail and not (starts_with_equation and number == 0):
            _detail(passage.steps[number - starts_with_equation], page)
    page.after = Passage


def _detail(step: Step, page: TerminalPage) -> None:
    """What happens inside a line: its smaller steps, and the conditions it needs."""
    for passage in linked(inside(step)):
        for row in rows(passage):
            page.row(row, page.column, indent=8)
    if needs(step):
        page.wrapped("needs " + ", ".join(plain(formula) for formula in needs(step)), 8, "dim")


def _choice(working: Working, choice: Choice, page: Page) -> None:
    page.line()
    page.wrapped(choice.question, 0)
    for option in choice.options:
        page.wrapped(f"{verdict(option)} {option.said}", LEFT, "bold" if option.is_shown else "dim")
        if (contrary := against(working, choice, option)) is not None:
            claim, fact = contrary
            shown = f", but {plain(fact)}" if fact is not None else ", which fails"
            page.wrapped(f"it would mean {plain(claim)}{shown}", LEFT + 2, "dim")
        elif option is choice.chosen:
            page.wrapped(f"because {_grounds(working, choice.because)}", LEFT + 2, "dim")
    for reason in choice.why:
        page.wrapped(f"{reason.text} [{_grounds(working, reason.because)}]", LEFT + 2)


def _grounds(working: Working, steps: Iterable[Step]) -> str:
    grounds = Citations(working).grounds(steps)
    return ", ".join(plain(formula) + (f" ({why})" if why else "") for formula, why in grounds)


def _results(working: Working, page: Page) -> None:
    page.line()
    lines: list[str] = []
    for result in working.results:
        lead = f"{result.name}: " if result.name else ""
        pieces = broken(lead + plain(result.step.claim.formula), page.width - 10, 2)
        lines.extend(piece if not number else "  " + piece for number, piece in enumerate(pieces))
        for name, value in result.parts:
            pieces = broken(f"{name}: {plain(value)}", page.width - 12, 2)
            lines.extend("  " + piece if not number else "    " + piece for number, piece in enumerate(pieces))
        given = [plain(formula) for formula in hypotheses(result.step)]
        if given:
            lines.extend(textwrap.wrap("if " + ", ".join(given), page.width - 10, initial_indent="  "))
    for choice in working.choices:
        lines.extend(textwrap.wrap(answered(choice), page.width - 10, subsequent_indent="  "))
    if not page.console.is_terminal:
        for number, line in enumerate(lines):
            page.line(("Result  " if number == 0 else "        ") + line)
        return
    width = max(cell_len(line) for line in lines)
    page.line("┌─" + "─" * width + "─┐")
    for line in lines:
        page.line("│ " + line + " " * (width - cell_len(line)) + " │", "bold")
    page.line("└─" + "─" * width + "─┘")
