"""`mark` and `hint`: a student's whole working, line by line, and what to do next."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.errors import NO, UNDECIDED, YES
from cli.shared import Given, Json, LetOption, Name, console, print_json, text_of, waiting
from workings.grader import Grader

PartOption = Annotated[
    str | None, typer.Option("--part", help="Which part of the result is to be reached, where it has several.")
]


def mark(
    name: Name,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A working, plain or LaTeX; - reads standard input.")],
    part: PartOption = None,
    given: Given = None,
    let: LetOption = None,
    as_json: Json = False,
) -> None:
    """Mark a whole working: does each line follow, where is the first that does not, and which mistake was it?

    Plain text, Unicode and LaTeX are read, with words between; a sentence that answers a question is marked, too. Exits
    with 0 only where the result is reached, or all questions that it decides are answered, and every line holds; with 3
    where something that is said is not marked.

    For instance: workings mark ridge homework.tex
    """
    grader = Grader(name, given or (), let or (), waiting=waiting)
    marked = grader.mark(text_of(None, file), part)
    if as_json:
        from engine.documents.marking import SCHEMA, marked_data

        print_json({"schema": SCHEMA, "name": name, **marked_data(marked)})
    else:
        from engine.documents.marking import show

        show(marked, console())
    raise typer.Exit({"complete": YES, "answered": YES, "unread": UNDECIDED}.get(marked.outcome.value, NO))


def hint(
    name: Name,
    answer: Annotated[str | None, typer.Argument(help="What you have so far; - reads standard input.")] = None,
    file: Annotated[str | None, typer.Option("--file", metavar="FILE", help="Read what you have from a file.")] = None,
    more: Annotated[bool, typer.Option("--more", help="Show the next line, too.")] = False,
    part: PartOption = None,
    as_json: Json = False,
) -> None:
    """Say what to do next, without doing it: from where your last good line stands, or from the beginning.

    For instance: workings hint ridge 'X^T (X w - t)/n + 2 lambda w = 0'
    """
    grader = Grader(name, waiting=waiting)
    found = grader.hint(None if answer is None and file is None else text_of(answer, file), part)
    from engine.documents.hints import hint_data, hint_lines

    if as_json:
        print_json(hint_data(name, found, more))
        return
    for line in hint_lines(found, len(grader.working.route), more):
        print(line)
