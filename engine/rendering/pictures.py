"""Figures as pictures, with matplotlib."""

from __future__ import annotations

import io
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from engine.figures import Curve, Figure
from engine.rendering.latex import latex

FORMATS = ("svg", "png", "pdf")
_COLOURS = ("#0b57a4", "#b3541e", "#2e7d32", "#6a3d9a")
_SETTINGS: Any = {
    "svg.hashsalt": "workings",
    "mathtext.fontset": "cm",
    "font.size": 11,
    "axes.grid": True,
    "grid.alpha": 0.25,
}


def picture(figure: Figure, form: str) -> bytes:
    """The figure in one of the formats; the same figure gives the same bytes."""
    with matplotlib.rc_context(_SETTINGS):
        canvas = Canvas(figsize=(7.2, 4.8), layout="constrained")
        axes = canvas.add_subplot()
        _draw(figure, axes)
        title = figure.working.title
        derived = f"\n${latex(figure.derived)}$" if figure.derived else ""
        axes.set_title(title + derived, fontsize=12)
        if figure.caption:
            canvas.supxlabel(figure.caption, fontsize=9, color="#555555")
        file = io.BytesIO()
        metadata = {"svg": {"Date": None, "Title": title}, "pdf": {"CreationDate": None}}.get(form)
        canvas.savefig(file, format=form, dpi=150, metadata=metadata)
        return file.getvalue()


def _draw(figure: Figure, axes: Axes) -> None:
    colours = iter(_COLOURS)
    for curve in figure.curves:
        xs, ys = zip(*figure.sampled(curve), strict=True)
        look = {"color": "#777777", "linestyle": "--"} if curve.dashed else {"color": next(colours), "linewidth": 2.0}
        axes.plot(xs, ys, label=_label(curve), **look)
    for point in figure.points:
        x, y = figure.placed(point)
        axes.plot([x], [y], "o", color="#222222")
        right = x > axes.get_xlim()[1] / 30 if figure.x.logarithmic else x > sum(axes.get_xlim()) / 2
        offset, side = ((0, 26), "center") if right else ((8, 10), "left")  # clear of a curve that falls to the right
        axes.annotate(point.label, (x, y), xytext=offset, textcoords="offset points", horizontalalignment=side)
    axes.set_xscale("log" if figure.x.logarithmic else "linear")
    axes.set_yscale("log" if figure.y.logarithmic else "linear")
    axes.set_xlabel(figure.x.label)
    axes.set_ylabel(figure.y.label)
    axes.legend(frameon=False)


def _label(curve: Curve) -> str:
    return f"{curve.label}:  ${latex(curve.derived)}$" if curve.derived else curve.label
