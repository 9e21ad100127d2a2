"""`plot`: pictures drawn from what was derived."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from cli.files import Force, Output, may_write, write
from cli.shared import fail, known, worked_out


def complete_figure(incomplete: str) -> Iterator[str]:
    from derivations.figures import FIGURES

    return (name for name in FIGURES if name.startswith(incomplete))


FigureName = Annotated[
    str | None,
    typer.Argument(
        help="A derivation that has a picture; all are listed where none is given.", autocompletion=complete_figure
    ),
]


def plot(name: FigureName = None, output: Output = "-", force: Force = False) -> None:
    """Draw what a derivation found; every point is the value of a derived formula. SVG, PNG or PDF, by the file's name.

    For instance: workings plot batch-size-regimes -o regimes.svg
    """
    from derivations.figures import FIGURES

    if name is None:
        print("\n".join(FIGURES))
        return
    figure = FIGURES[known(name, FIGURES, "picture", "`workings plot`")]
    form = "svg" if output == "-" else Path(output).suffix.lstrip(".").lower()
    if form not in ("svg", "png", "pdf"):
        fail(f"{output}: a picture's name ends in .svg, .png or .pdf")
    if output == "-" and sys.stdout.isatty():
        fail("a terminal shows no pictures: -o FILE.svg writes one")
    may_write(output, force)
    try:
        from engine.rendering.pictures import picture
    except ImportError:
        fail("pictures need matplotlib: pip install 'workings[plot]'")
    write(output, picture(figure(worked_out(name)), form))
