"""Figures as LaTeX: coordinates for the package pgfplots, which draws them in the document's own letters."""

from __future__ import annotations

from collections.abc import Iterator

from engine.documents.captions import FormulaWriter, caption, legend
from engine.documents.inline import latex_sentence
from engine.documents.plotting import Label, Plot, Scale
from engine.documents.svg import Look, looks
from engine.proofs.figures import Axis, Figure
from engine.proofs.sampling import Sample
from engine.proofs.working import Working
from engine.terms.formulas import Formula

PACKAGE = "pgfplots"
SETTING = r"\pgfplotsset{compat=1.18}"
WIDTH, HEIGHT = 0.74, 0.4  # of the axes, in widths of a line
LETTERS = 46.0  # in a line of small words, in ems


def block(working: Working, figure: Figure, write: FormulaWriter) -> Iterator[str]:
    """The lines of a picture with its legend and its caption, here or, where there is no room, on top of a page."""

    def formula(each: Formula) -> str:
        return f"${write(each)}$"

    plot = Plot.of(working, figure, WIDTH * LETTERS, HEIGHT * LETTERS)
    yield r"\begin{figure}[!htbp]\centering\small"
    yield r"\begin{tikzpicture}"
    yield rf"\begin{{axis}}[scale only axis, width={WIDTH}\linewidth, height={HEIGHT}\linewidth, font=\small,"
    yield "  " + _axis("x", figure.x, plot.x)
    yield "  " + _axis("y", figure.y, plot.y)
    yield "  grid=major, grid style={black!12}, axis lines=left, axis line style={-}, clip mode=individual]"
    for curve, look in zip(plot.curves, looks(figure), strict=True):
        for run in curve.runs:
            yield rf"\addplot[{_line(look)}] coordinates {{{' '.join(map(_pair, run))}}};"
    for curve in plot.curves:
        for place in curve.marked:
            yield rf"\addplot[only marks, mark=*, mark size=2pt] coordinates {{{_pair(place)}}};"
    yield from map(_node, plot.labels)
    yield r"\end{axis}\end{tikzpicture}"
    yield r"\par\smallskip " + "\n\\quad ".join(_entries(working, figure, formula))
    yield rf"\par\smallskip\textit{{Figure.}} {caption(working, figure, formula, latex_sentence)}"
    yield r"\end{figure}"


def _axis(name: str, axis: Axis, scale: Scale) -> str:
    numbers = ", ".join(f"{float(number):.6g}" for number in scale.numbers)
    written = ", ".join(f"{{{latex_sentence(number)}}}" for number in scale.written)
    return (
        f"{name}mode={'log' if axis.logarithmic else 'linear'}, {name}min={scale.low:.6g}, {name}max={scale.high:.6g}, "
        f"{name}label={{{latex_sentence(axis.label)}}}, {name}tick={{{numbers}}}, {name}ticklabels={{{written}}},"
    )


def _entries(working: Working, figure: Figure, formula: FormulaWriter) -> Iterator[str]:
    """The legend, entry by entry; only a long one may be broken over lines."""
    for curve, look in zip(figure.curves, looks(figure), strict=True):
        line = rf"\tikz[baseline=-0.6ex]{{\draw[{_line(look)}] (0,0) -- (1.8em,0);}}"
        entry = f"{line}~{legend(working, figure, curve, formula, latex_sentence)}"
        yield rf"\mbox{{{entry}}}" if len(legend(working, figure, curve)) < LETTERS else entry


def _line(look: Look) -> str:
    if look.colour == "currentColor":
        return "densely dashed, black!70"
    red, green, blue = (int(look.colour[k : k + 2], 16) for k in (1, 3, 5))
    dashes = f", dash pattern={_dashes(look.pattern)}" if look.pattern else ""
    return f"thick, color={{rgb,255:red,{red};green,{green};blue,{blue}}}{dashes}"


def _dashes(pattern: str) -> str:
    on, off = pattern.split()
    return f"on {on}pt off {off}pt"


def _pair(place: Sample) -> str:
    return f"({place[0]:.6g},{place[1]:.6g})"


def _node(label: Label) -> str:
    """The words of a marked place, on the side where there is room."""
    across, up = label.side
    anchor = " ".join(w for w in ({1: "south", 0: "", -1: "north"}[up], {1: "west", 0: "", -1: "east"}[across]) if w)
    shift = f"xshift={across * label.distance:.1f}em, yshift={up * label.distance:.1f}em"
    place = f"(axis cs:{label.place[0]:.6g},{label.place[1]:.6g})"
    return rf"\node[anchor={anchor}, inner sep=1pt, {shift}] at {place} {{{latex_sentence(label.words)}}};"
