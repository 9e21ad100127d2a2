"""`export`: derivations as files for people and programs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

import derivations
from cli.files import Force, Output, may_write, write
from cli.shared import Given, LetOption, complete_name, fail
from engine.proofs.depth import Depth
from workings.library import check_options, derive, known_name, shown
from workings.library import export as written

if TYPE_CHECKING:
    from engine.proofs.working import Working


class Format(StrEnum):
    LATEX = "latex"
    HTML = "html"
    MARKDOWN = "markdown"
    JSON = "json"


Fragment = Annotated[bool, typer.Option("--fragment", help="LaTeX for a document of your own: no preamble.")]
Bold = Annotated[bool, typer.Option("--bold", help="Vectors and matrices in bold, in LaTeX.")]
Detail = Annotated[
    bool, typer.Option("--detail", help="Show what happens inside each line, and the conditions it needs.")
]
HowMuch = Annotated[
    Depth | None,
    typer.Option(
        "--depth",
        help="How much to show: the idea (three lines and a sentence), the working (at most a dozen lines), "
        "or all of it. Where nothing is said: the working where all would be more; of JSON, all.",
        show_default=False,
    ),
]


def export(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of derivations.", autocompletion=complete_name)
    ] = None,
    format_: Annotated[Format, typer.Option("--format", "-f", help="What to write.")] = Format.LATEX,
    output: Output = "-",
    every: Annotated[bool, typer.Option("--all", help="All derivations, in one document.")] = False,
    fragment: Fragment = False,
    bold: Bold = False,
    detail: Detail = False,
    depth: HowMuch = None,
    force: Force = False,
    given: Given = None,
    let: LetOption = None,
) -> None:
    """Write derivations as a LaTeX document, a web page, Markdown or JSON. Several make one document, lemmas first.

    For instance: workings export ridge -f latex -o ridge.tex
    """
    if not names and not every:
        fail("name a derivation, or give --all")
    if names and every:
        fail("give names or --all, not both")
    check_options(format_, fragment, bold, detail, depth)
    if given and (every or len(names or ()) != 1):
        fail("--given replays one derivation: name just that one")
    chosen = dict.fromkeys(known_name(name) for name in names or ())
    order = [name for name in derivations.names() if every or name in chosen]  # the catalogue has lemmas first
    order += [name for name in chosen if name not in order]
    may_write(output, force)
    every_line = detail or format_ is Format.JSON
    workings = [shown(derive(name, given or (), let or ()), depth, full=every_line) for name in order]
    pictures = _pictures(workings, output) if format_ is Format.MARKDOWN else {}
    for path in pictures.values():
        may_write(str(path), force)
    links = {names: quote(path.name) for names, path in pictures.items()}
    text = written(workings, format_, depth=depth, detail=detail, fragment=fragment, bold=bold, pictures=links)
    _write_pictures(workings, pictures)
    write(output, text.encode("utf-8"))


Pictures = dict[tuple[str, str], Path]  # by the names of the working and of its figure


def _pictures(workings: list[Working], output: str) -> Pictures:
    """The files beside the output that its pictures go to; none, where the output is no file."""
    path = Path(output)
    if output == "-" or (path.exists() and not path.is_file()):
        return {}
    several = len(workings) > 1
    return {
        (working.name, figure.name): path.with_name(
            "-".join([path.stem, *[working.name] * several, figure.name]) + ".svg"
        )
        for working in workings
        for figure in working.figures
    }


def _write_pictures(workings: list[Working], pictures: Pictures) -> None:
    if pictures:
        from engine.documents.svg import picture

        for working in workings:
            for figure in working.figures:
                write(str(pictures[working.name, figure.name]), picture(working, figure).encode())
