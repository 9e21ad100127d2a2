"""`export`: derivations as files for people and programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

import derivations
from cli.files import Force, Output, may_write, write
from cli.shared import Given, Let, complete_name, fail, known_derivation, worked_out
from engine.depth import Depth

if TYPE_CHECKING:
    from engine.working import Working


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
        help="How much to show: the idea (three lines and a sentence), the working (at most a dozen lines), or all of it. "
        "Where nothing is said: the working where all would be more; of JSON, all.",
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
    let: Let = None,
) -> None:
    """Write derivations as a LaTeX document, a web page, Markdown or JSON. Several make one document, lemmas first.

    For instance: workings export ridge -f latex -o ridge.tex
    """
    if not names and not every:
        fail("name a derivation, or give --all")
    if names and every:
        fail("give names or --all, not both")
    check(format_, fragment, bold, detail, depth)
    if given and (every or len(names or ()) != 1):
        fail("--given replays one derivation: name just that one")
    chosen = dict.fromkeys(known_derivation(name) for name in names or ())
    order = [name for name in derivations.names() if every or name in chosen]  # the catalogue has lemmas first
    order += [name for name in chosen if name not in order]
    may_write(output, force)
    workings = [worked_out(name, given, let) for name in order]
    pictures = _pictures(workings, output) if format_ is Format.MARKDOWN else NONE
    for path in pictures.values():
        may_write(str(path), force)
    text = written(workings, format_, fragment, bold, detail, depth, pictures)
    _write_pictures(workings, pictures)
    write(output, text.encode("utf-8"))


Pictures = Mapping[tuple[str, str], Path]  # by the names of the working and of its figure
NONE: Pictures = MappingProxyType({})


def _pictures(workings: list[Working], output: str) -> Pictures:
    """The files beside the output that its pictures go to; none, where the output is no file."""
    path = Path(output)
    if output == "-" or (path.exists() and not path.is_file()):
        return NONE
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
        from engine.rendering.svg import picture

        for working in workings:
            for figure in working.figures:
                write(str(pictures[working.name, figure.name]), picture(working, figure).encode())


def check(format_: Format, fragment: bool, bold: bool, detail: bool, depth: Depth | None) -> None:
    """The command ends where a format does not take an option, or options contradict each other."""
    if format_ is not Format.LATEX and (fragment or bold):
        fail("--fragment and --bold are for LaTeX alone")
    if format_ is Format.JSON and detail:
        fail("--detail is for pages that people read: JSON holds all of it")
    check_depth(detail, depth)


def check_depth(detail: bool, depth: Depth | None) -> None:
    """The command ends where what is inside of lines is to be shown that are not."""
    if detail and depth not in (None, Depth.FULL):
        fail(f"--detail shows what is inside of every line, and --depth {depth} does not show every line")


def shown(working: Working, depth: Depth | None, full: bool) -> Working:
    """As much of a working as is asked for; where nothing is, as is usual, or all of it."""
    from engine.rendering.excerpt import at_depth, usual_depth

    return at_depth(working, depth or (Depth.FULL if full else usual_depth(working)))


def written(
    workings: list[Working],
    format_: Format,
    fragment: bool,
    bold: bool,
    detail: bool,
    depth: Depth | None,
    pictures: Pictures = NONE,
) -> str:
    """The text of a document, which links to the pictures that are files of their own."""
    workings = [shown(working, depth, full=detail or format_ is Format.JSON) for working in workings]
    if format_ is Format.JSON:
        from engine.rendering.structured import collected

        return json.dumps(collected(workings), ensure_ascii=False, indent=2) + "\n"
    if format_ is Format.HTML:
        from engine.rendering.html import page

        return page(workings, detail)
    if format_ is Format.MARKDOWN:
        from engine.rendering.markdown import markdown

        return markdown(workings, detail, {names: quote(path.name) for names, path in pictures.items()})
    from engine.rendering import latex_document

    if fragment:
        names = {working.name for working in workings}
        return "\n".join(latex_document.fragment(working, bold, detail, names) for working in workings)
    return latex_document.document(workings, bold, detail)
