"""`plot`: pictures drawn from what was derived."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import derivations
from cli.files import Force, Output, may_write, write
from cli.shared import Given, LetOption, console, fail
from workings.library import derive, known, known_name

if TYPE_CHECKING:
    from engine.proofs.figures import Figure
    from engine.proofs.working import Working

FORMATS = ("svg", "png", "pdf")


def complete_figure(incomplete: str) -> Iterator[str]:
    return (
        entry["name"] for entry in derivations.entries() if entry["figures"] and entry["name"].startswith(incomplete)
    )


FigureName = Annotated[
    str | None,
    typer.Argument(
        help="A derivation that has a figure; all figures are listed where none is given.",
        autocompletion=complete_figure,
    ),
]
Which = Annotated[str | None, typer.Option("--figure", help="Which of its figures.", metavar="NAME")]


def plot(
    name: FigureName = None,
    which: Which = None,
    output: Output = "-",
    force: Force = False,
    given: Given = None,
    let: LetOption = None,
) -> None:
    """Draw what a derivation found; every point is the value of a derived formula. SVG, PNG or PDF, by the file's name.

    For instance: workings plot batch-size-regimes -o regimes.svg
    """
    if name is None:
        _list()
        return
    form = "svg" if output == "-" else Path(output).suffix.lstrip(".").lower()
    if form not in FORMATS:
        fail(f"{output}: a picture's name ends in .svg, .png or .pdf")
    known_name(name)
    if output == "-" and sys.stdout.isatty():
        fail("a terminal shows no pictures: -o FILE.svg writes one")
    may_write(output, force)
    working = derive(name, given or (), let or ())
    write(output, _picture(working, _chosen(name, working, which), form))


def _list() -> None:
    """The figures of the catalogue, from its index: nothing is derived for it."""
    rows = [
        (entry["name"], figure["name"], figure["caption"])
        for entry in derivations.entries()
        for figure in entry["figures"]
    ]
    page = console()
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for name, figure, caption in rows:
        page.print(f"{name:{widths[0]}}  {figure:{widths[1]}}  {caption}", soft_wrap=True)


def _chosen(name: str, working: Working, which: str | None) -> Figure:
    """The figure that is meant; the command ends where there is none, or more than one."""
    figures = {figure.name: figure for figure in working.figures}
    if not figures:
        fail(f"{name} has no figure (`workings plot` shows what has)")
    if which is None and len(figures) > 1:
        fail(f"{name} has {len(figures)} figures: --figure {' or '.join(figures)}")
    return figures[known(which, figures, "figure", "`workings plot`")] if which is not None else working.figures[0]


def _picture(working: Working, figure: Figure, form: str) -> bytes:
    if form == "svg":
        from engine.documents.svg import picture

        return picture(working, figure).encode()
    try:
        from engine.documents.pictures import drawn
    except ImportError:
        fail(f"a picture as {form.upper()} needs matplotlib", "pip install 'workings[plot]'; an SVG needs nothing")
    return drawn(working, figure, form)
