"""Figures as SVG, written by hand: in a page, whose colours and letters they take, or as files of their own."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from engine.documents.captions import caption, legend
from engine.documents.plotting import LETTER, Label, Plot
from engine.proofs.figures import Figure
from engine.proofs.sampling import Sample
from engine.proofs.working import Working

COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#b0558a",
    "#8a7000",
    "#5f7f9f",
)  # told apart by most eyes, on light and dark
PATTERNS = ("", "7 3", "2 3")  # of lines, where there are more curves than colours
WIDEST = 0.62  # how wide a letter is at most, on the average, in whichever letters a page has, in ems
LINE = 1.45  # from one line of words to the next, in ems


@dataclass(frozen=True)
class Look:
    """How the line of a curve is drawn."""

    colour: str
    pattern: str

    @property
    def attributes(self) -> str:
        dashes = f' stroke-dasharray="{self.pattern}"' if self.pattern else ""
        return f'fill="none" stroke="{self.colour}" stroke-width="2" stroke-linejoin="round"{dashes}'


def looks(figure: Figure) -> tuple[Look, ...]:
    """The looks of the curves: colours in turn, and for the dashed ones, that of the words."""
    found, count = [], 0
    for curve in figure.curves:
        if curve.dashed:
            found.append(Look("currentColor", "5 4"))
        else:
            found.append(Look(COLOURS[count % len(COLOURS)], PATTERNS[count // len(COLOURS) % len(PATTERNS)]))
            count += 1
    return tuple(found)


def key(look: Look) -> str:
    """A piece of a curve's line, to stand before its legend."""
    return (
        f'<svg class="key" viewBox="0 0 28 8" width="28" height="8" aria-hidden="true">{_path("M0 4H28", look)}</svg>'
    )


def inline(working: Working, figure: Figure) -> str:
    """The picture alone, for a page that has its legend and its caption beside it."""
    size = PlotSize(400, 270, 13.5)
    drawing = Drawing(working, figure, size)
    return (
        f'<svg class="picture" viewBox="0 0 {size.width} {size.height}" role="img" font-size="{size.letters}" '
        f'fill="currentColor"><title>{escape(caption(working, figure))}</title>{"".join(drawing.elements())}</svg>'
    )


def picture(working: Working, figure: Figure) -> str:
    """A file of its own: with the title, the legend and the caption."""
    letters, width = 14, 640
    drawing = Drawing(working, figure, PlotSize(width, 400, letters), top=2 * LINE * letters)
    beside, under = _entries(working, figure, drawing), _lines(working, figure, drawing)
    height = round(drawing.size.height + LINE * letters * (len(beside) + len(under) + 0.8))
    y, below = drawing.size.height + 0.6 * LINE * letters, []
    for row in beside:
        below += [
            _path(f"M{x:.0f} {y - 4:.1f}h28", look) + _text(words, (x + 36, y), "start") for x, words, look in row
        ]
        y += LINE * letters
    for words in under:
        below.append(_text(words, (drawing.left, y + 2), "start", ' font-size="12.3" fill-opacity=".8"'))
        y += LINE * letters
    title = _text(working.title, (width / 2, 1.6 * letters), "middle", ' font-size="16"')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="DejaVu Sans, Verdana, sans-serif" font-size="{letters}" color="#1b1b1b" '
        f'fill="currentColor"><title>{escape(working.title)}</title>'
        f'<rect width="{width}" height="{height}" fill="#fff"/>{"".join([title, *drawing.elements(), *below])}</svg>\n'
    )


def _entries(working: Working, figure: Figure, drawing: Drawing) -> list[list[tuple[float, str, Look]]]:
    """The legend in rows, each entry with where it starts: as many side by side as there is room for."""
    rows: list[list[tuple[float, str, Look]]] = []
    end = drawing.right + 1
    for curve, look in zip(figure.curves, looks(figure), strict=True):
        words = legend(working, figure, curve)
        wide = 36 + (len(words) + 3) * LETTER * drawing.size.letters
        if end + wide > drawing.right:
            rows.append([])
            end = drawing.left
        rows[-1].append((end, words, look))
        end += wide
    return rows


def _lines(working: Working, figure: Figure, drawing: Drawing) -> list[str]:
    """The caption in lines."""
    return textwrap.wrap(caption(working, figure), int((drawing.right - drawing.left) / (12.3 * LETTER)))


@dataclass(frozen=True)
class PlotSize:
    """Of a picture, and of its letters."""

    width: float
    height: float
    letters: float


class Drawing:
    """A figure's frame, curves and labels, as elements."""

    def __init__(self, working: Working, figure: Figure, size: PlotSize, top: float = 10.0) -> None:
        self.figure, self.size, self.top = figure, size, top
        self.right, self.bottom = size.width - 14, size.height - 3.6 * size.letters
        probe = Plot.of(working, figure, 1, 1)
        widest = max(map(len, probe.y.written), default=1)
        self.left = (2.3 + LETTER * widest * 1.1) * size.letters
        width, height = (self.right - self.left) / size.letters, (self.bottom - top) / size.letters
        self.plot = Plot(figure, probe.curves, probe.x, probe.y, width, height)

    def elements(self) -> Iterator[str]:
        yield from self._frame()
        for curve, look in zip(self.plot.curves, looks(self.figure), strict=True):
            yield from (_path(self._through(run), look) for run in curve.runs)
        for curve in self.plot.curves:
            for place in curve.marked:
                x, y = self._at(place)
                yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
        yield from map(self._label, self.plot.labels)

    def _frame(self) -> Iterator[str]:
        plot, em = self.plot, self.size.letters
        grid = ""
        for number, share in plot.x.marks:
            x = self._across(share)
            grid += f"M{x:.1f} {self.top:.1f}V{self.bottom:.1f}"
            yield _text(number, (x, self.bottom + 1.25 * em), "middle")
        for number, share in plot.y.marks:
            y = self._up(share)
            grid += f"M{self.left:.1f} {y:.1f}H{self.right:.1f}"
            yield _text(number, (self.left - 0.4 * em, y + 0.35 * em), "end")
        box = f"M{self.left:.1f} {self.top:.1f}V{self.bottom:.1f}H{self.right:.1f}"
        yield f'<path d="{grid}" fill="none" stroke="currentColor" stroke-opacity=".15"/>'
        yield f'<path d="{box}" fill="none" stroke="currentColor" stroke-opacity=".6"/>'
        middle = (self.left + self.right) / 2
        yield _text(self.figure.x.label, (middle, self.bottom + 2.9 * em), "middle")
        x, y = 1.1 * em, max((self.top + self.bottom) / 2, WIDEST * em * len(self.figure.y.label) / 2)
        yield _text(self.figure.y.label, (x, y), "middle", f' transform="rotate(-90 {x:.1f} {y:.1f})"')

    def _label(self, label: Label) -> str:
        (x, y), em = self._at(label.place), self.size.letters
        across, up = label.side
        below = {1: 0.0, 0: 0.35, -1: 0.75}[up] * em  # from a side of the words to the line on which they stand
        place = x + across * label.distance * em, y - up * label.distance * em + below
        return _text(label.words, place, {1: "start", 0: "middle", -1: "end"}[across], ' class="label"')

    def _through(self, places: Sequence[Sample]) -> str:
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in map(self._at, places))

    def _at(self, place: Sample) -> Sample:
        x, y = self.plot.at(place)
        return self._across(x), self._up(y)

    def _across(self, share: float) -> float:
        return self.left + share * (self.right - self.left)

    def _up(self, share: float) -> float:
        return self.bottom - share * (self.bottom - self.top)


def _path(way: str, look: Look) -> str:
    return f'<path d="{way}" {look.attributes}/>'


def _text(words: str, place: Sample, anchor: str, more: str = "") -> str:
    x, y = place
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{_raised(words)}</text>'


_SMALL = re.compile(r"([_^])(\((?:[^()]|\([^()]*\))*\)|\{[^{}]*\}|[\w−]+)")


def _raised(words: str) -> str:
    """Plain mathematics with its subscripts below the line and its exponents above: S_min, (C/N)^(α_C/α_N)."""
    found, before = "", 0.0
    for piece, level, size in _pieces(words, 0.0, 1.0):
        if level == before == 0.0:
            found += escape(piece)
        elif piece:
            found += (
                f'<tspan dy="{(before - level) / size:.2f}em" font-size="{100 * size:.0f}%">{escape(piece)}</tspan>'
            )
            before = level
    return found


def _pieces(words: str, level: float, size: float) -> Iterator[tuple[str, float, float]]:
    """The words in pieces that stand on one line each: how high it is, in ems, and how large its letters are."""
    end = 0
    for match in _SMALL.finditer(words):
        yield words[end : match.start()], level, size
        sign, small = match.groups()
        inner = small[1:-1] if small[0] in "({" else small
        yield from _pieces(inner, level + size * (0.4 if sign == "^" else -0.25), 0.72 * size)
        end = match.end()
    yield words[end:], level, size
