"""`mark` and `hint`: a student's whole working, line by line, and what to do next."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli.shared import (
    NO,
    UNDECIDED,
    YES,
    Given,
    Json,
    Let,
    Name,
    console,
    fail,
    known_derivation,
    mistakes_of,
    print_json,
    text_of,
    worked_out,
)

if TYPE_CHECKING:
    from engine.marking.marks import Marked
    from engine.working import Working

LARGEST = 100_000

Part = Annotated[
    str | None, typer.Option("--part", help="Which part of the result is to be reached, where it has several.")
]


def mark(
    name: Name,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A working, plain or LaTeX; - reads standard input.")],
    part: Part = None,
    given: Given = None,
    let: Let = None,
    as_json: Json = False,
) -> None:
    """Mark a whole working: does each line follow, where is the first that does not, and which mistake was it?

    Plain text, Unicode and LaTeX are read, with words between; a sentence that answers a question is marked, too. Exits with 0
    only where the result is reached and every line holds, and with 3 where something that is said is not marked.

    For instance: workings mark ridge homework.tex
    """
    known_derivation(name)
    text = text_of(None, file)
    working = worked_out(name, given, let)
    marked = _marked(name, working, text, part, given, let)
    if as_json:
        from engine.rendering.marking import SCHEMA, marked_data

        print_json({"schema": SCHEMA, "name": name, **marked_data(marked)})
    else:
        from engine.rendering.marking import show

        show(marked, console())
    raise typer.Exit({"complete": YES, "unread": UNDECIDED}.get(marked.outcome.value, NO))


def hint(
    name: Name,
    answer: Annotated[str | None, typer.Argument(help="What you have so far; - reads standard input.")] = None,
    file: Annotated[str | None, typer.Option("--file", metavar="FILE", help="Read what you have from a file.")] = None,
    more: Annotated[bool, typer.Option("--more", help="Show the next line, too.")] = False,
    part: Part = None,
    as_json: Json = False,
) -> None:
    """Say what to do next, without doing it: from where your last good line stands, or from the beginning.

    For instance: workings hint ridge 'X^T (X w - t)/n + 2 lambda w = 0'
    """
    known_derivation(name)
    working = worked_out(name)
    marked = None
    if answer is not None or file is not None:
        marked = _marked(name, working, text_of(answer, file), part, None, None)
    from engine.marking.hints import hint as next_move
    from engine.rendering.hints import hint_data, hint_lines

    found = next_move(working, marked)
    if as_json:
        print_json(hint_data(name, found, more))
        return
    for line in hint_lines(found, len(working.route), more):
        print(line)


def _marked(
    name: str, working: Working, text: str, part: str | None, given: list[str] | None, let: list[str] | None
) -> Marked:
    from engine.marking.lines import LONGEST_LINE, MOST_LINES
    from engine.marking.marking import Marker, UnknownPart

    lines = text.splitlines()
    if len(text) > LARGEST or len(lines) > MOST_LINES:
        fail(f"a working of more than {MOST_LINES} lines or {LARGEST:,} characters is not marked")
    if long := next((number for number, line in enumerate(lines, 1) if len(line) > LONGEST_LINE), 0):
        fail(f"line {long} is longer than {LONGEST_LINE:,} characters")
    try:
        return Marker(working, partial(mistakes_of, name, given, let), part).marked(text)
    except UnknownPart as error:
        fail(str(error))
