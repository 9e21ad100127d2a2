"""Lines with their reasons as LaTeX align environments: columns, reasons beside or below, and what fits into one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.documents.typeset import broken, width

PAGE = 76.0  # of a line of text, in widths of a letter
LONGEST_REASON = 46.0
NO_TAG = r"\notag"
_FIRST = (
    r"\par\nopagebreak\nointerlineskip"  # a formula that begins a paragraph has an empty line before it: of no height
)
_CLOSER = r"\begingroup\abovedisplayskip=0pt"
GAP = 3.0  # between the mathematics and the reasons


@dataclass(frozen=True)
class AlignedRow:
    """A line of an align environment: left of the relation, from it on, the reason, and a label if it is cited."""

    left: str
    right: str
    reason: str = ""
    label: str = ""

    @cached_property
    def widths(self) -> tuple[float, float]:
        return width(self.left), width(self.right)

    @cached_property
    def length(self) -> float:
        """About how wide the reason is."""
        text = re.sub(r"\\eqref\{[^}]*\}", "(10)", self.reason).replace("$", "").replace(" ", "i")
        return 0.92 * width(text) if text else 0.0


@dataclass(frozen=True)
class Block:
    """The rows of a passage under its heading."""

    heading: str
    rows: tuple[AlignedRow, ...]


@dataclass(frozen=True)
class Columns:
    """How wide the left sides of an align are, and how long a reason may be to stand at the right of its line."""

    left: float
    longest_reason: float

    @property
    def room(self) -> float:
        """How much there is right of the left sides."""
        return PAGE - self.left - 4

    def beside(self, row: AlignedRow) -> bool:
        """Whether a row has its reason at its right."""
        return 0 < row.length <= self.longest_reason and row.widths[1] <= self.room - self.longest_reason - GAP

    @classmethod
    def of(cls, rows: Sequence[AlignedRow]) -> Columns:
        """The columns in which most rows have their reason beside them."""
        left = min(max(row.widths[0] for row in rows), PAGE / 3)
        lengths = sorted({row.length for row in rows if 0 < row.length <= LONGEST_REASON})
        return max((cls(left, length) for length in (0.0, *lengths)), key=lambda columns: columns.count(rows))

    def count(self, rows: Iterable[AlignedRow]) -> int:
        return sum(self.beside(row) for row in rows)


def aligned(blocks: Sequence[Block]) -> Iterator[str]:
    """The lines of LaTeX: consecutive passages in one environment, where no reason loses its place by it."""
    for number, group in enumerate(_grouped(blocks)):
        if group[0].heading:
            yield rf"\par\smallskip\textbf{{{group[0].heading}}}\nopagebreak"
        text = list(_environment(group))
        text[-1] = text[-1].rstrip("*").removesuffix(r" \\")
        environment = (r"\begin{align}", *text, r"\end{align}")
        if group[0].heading:
            yield from environment
        else:
            yield from (_CLOSER, *environment, r"\endgroup") if number else (_FIRST, *environment)


def _grouped(blocks: Sequence[Block]) -> list[list[Block]]:
    groups: list[list[Block]] = []
    for block in blocks:
        if groups and _go_together(groups[-1], block):
            groups[-1].append(block)
        else:
            groups.append([block])
    return groups


def _go_together(group: list[Block], block: Block) -> bool:
    above, below = [row for each in group for row in each.rows], list(block.rows)
    if any(row.left and not row.right for row in (*above, *below)):
        return False  # a formula as a whole stands in the column of left sides
    apart = sum(Columns.of(rows).count(rows) for rows in (above, below))
    similar = abs(max(row.widths[0] for row in above) - max(row.widths[0] for row in below)) < 10
    return similar and Columns.of(above + below).count(above + below) >= apart


def _environment(group: Sequence[Block]) -> Iterator[str]:
    columns = Columns.of([row for block in group for row in block.rows])
    for number, block in enumerate(group):
        if number:
            yield rf"\intertext{{\textbf{{{block.heading}}}}}" if block.heading else r"\noalign{\vspace{6pt}}"
        for row in block.rows:
            yield from _laid_out(row, columns)


def _laid_out(row: AlignedRow, columns: Columns) -> Iterator[str]:
    lead, tag = row.left, rf"\label{{{row.label}}}" if row.label else NO_TAG
    if row.widths[0] > columns.left:
        yield rf"  & {_without_width(lead)} {NO_TAG if row.right else tag} \\*"
        lead = ""
    if columns.beside(row):
        yield rf"  {lead} & {row.right} && \text{{\small {row.reason}}} {tag} \\"
    else:
        yield from _reason_below(row, lead, tag, columns.room)


def _reason_below(row: AlignedRow, lead: str, tag: str, room: float) -> Iterator[str]:
    """A line with its reason under it, none of which makes the column of the reasons start further right."""
    pieces = broken(row.right, room) if row.right else [""] if lead else []
    for number, piece in enumerate(pieces):
        shown = _without_width((r"\qquad " if number else "") + piece) if piece else ""
        yield rf"  {lead if number == 0 else ''} & {shown} {tag if number == 0 else NO_TAG} \\*"
    if row.reason:
        box = rf"\parbox[t]{{{(room - 8) / PAGE:.2f}\linewidth}}{{\raggedright\small {row.reason}}}"
        yield rf"  & \qquad \makebox[0pt][l]{{{box}}} {NO_TAG} \\"


def _without_width(formula: str) -> str:
    """A formula that makes no column wider."""
    return rf"\makebox[0pt][l]{{$\displaystyle {{}} {formula}$}}"
