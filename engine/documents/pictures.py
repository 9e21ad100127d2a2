"""Figures as PNG and PDF, with matplotlib."""

from __future__ import annotations

import io
import re
import textwrap
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from engine.documents.captions import caption, legend
from engine.documents.inline import Mode, segments
from engine.documents.plotting import Label, Plot, Scale
from engine.documents.svg import Look, looks
from engine.notation.latex import latex
from engine.proofs.figures import Axis, Figure
from engine.proofs.working import Working
from engine.terms.formulas import Formula

_SETTINGS: Any = {"mathtext.fontset": "cm", "font.size": 11, "axes.grid": True, "grid.alpha": 0.25}
_SIZE = (7.2, 5.4)
_PER_LINE = 95


def drawn(working: Working, figure: Figure, form: str) -> bytes:
    """The figure as `png` or `pdf`; the same figure gives the same bytes."""
    with matplotlib.rc_context(_SETTINGS):
        canvas = Canvas(figsize=_SIZE, layout="constrained")
        axes = canvas.add_subplot()
        _draw(working, figure, axes)
        axes.set_title(working.title, fontsize=12)
        told = textwrap.fill(caption(working, figure), _PER_LINE)
        canvas.supxlabel(told, fontsize=9, color="#555555", x=0.02, horizontalalignment="left")
        file = io.BytesIO()
        canvas.savefig(file, format=form, dpi=150, metadata={"CreationDate": None} if form == "pdf" else None)
        return file.getvalue()


def _draw(working: Working, figure: Figure, axes: Axes) -> None:
    plot = Plot.of(working, figure, 36, 22)
    for curve, look in zip(plot.curves, looks(figure), strict=True):
        for number, run in enumerate(curve.runs):
            xs, ys = zip(*run, strict=True)
            words = legend(working, figure, curve.curve, _formula, _prose) if number == 0 else None
            axes.plot(xs, ys, label=words, **_line(look))
        for x, y in curve.marked:
            axes.plot([x], [y], "o", color="#222222")
    for label in plot.labels:
        _annotate(label, axes)
    _lay_out(axes, "x", figure.x, plot.x)
    _lay_out(axes, "y", figure.y, plot.y)
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2)


def _lay_out(axes: Axes, name: str, axis: Axis, scale: Scale) -> None:
    axes.set(
        **{
            f"{name}scale": "log" if axis.logarithmic else "linear",
            f"{name}lim": (scale.low, scale.high),
            f"{name}label": _prose(axis.label),
        }
    )
    side = axes.xaxis if name == "x" else axes.yaxis
    side.set_ticks([float(number) for number in scale.numbers], [_prose(number) for number in scale.written])
    side.set_minor_locator(matplotlib.ticker.NullLocator())


def _line(look: Look) -> dict[str, Any]:
    if look.colour == "currentColor":
        return {"color": "#444444", "linestyle": "--"}
    dashes = {"dashes": tuple(map(float, look.pattern.split()))} if look.pattern else {}
    return {"color": look.colour, "linewidth": 2.0, **dashes}


def _annotate(label: Label, axes: Axes) -> None:
    across, up = label.side
    axes.annotate(
        label.words,
        label.place,
        xytext=(across * label.distance * 11, up * label.distance * 11),
        textcoords="offset points",
        horizontalalignment={1: "left", 0: "center", -1: "right"}[across],
        verticalalignment={1: "bottom", 0: "center", -1: "top"}[up],
    )


def _formula(formula: Formula) -> str:
    return _mathtext(latex(formula))


def _prose(text: str) -> str:
    return "".join(_mathtext(part) if kind is Mode.MATHEMATICS else part for kind, part in segments(text))


def _mathtext(tex: str) -> str:
    """The part of LaTeX that matplotlib reads: it does not know bars that open or close."""
    return f"${re.sub(_BAR, '|', tex)}$"


_BAR = re.compile(r"(?:\\left|\\right)?\\[lr]vert(?![a-z])")
