"""`check` and `equal`: verdicts on what people write, one at a time or in batches."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.errors import MISUSED, NO, UNDECIDED, YES
from cli.shared import Given, Json, LetOption, complete_name, fail, opened, print_json, text_of, waiting, with_progress
from engine.common.errors import Misasked, WorkingsError
from workings.grader import Grader
from workings.grader import equal as judged_equal
from workings.library import is_catalogued, known_name

if TYPE_CHECKING:
    from engine.grading import Judgement

Batch = Annotated[
    str | None,
    typer.Option("--batch", metavar="FILE", help="Judge the rows of a CSV or JSON-lines file; - is standard input."),
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, max=256, help="How many processes judge a batch.")]

STATUS = {"correct": YES, "incorrect": NO, "ill-typed": NO, "unreadable": MISUSED, "undecided": UNDECIDED}


def check(
    name: Annotated[
        str | None,
        typer.Argument(help="A derivation's name, as `workings list` shows it.", autocompletion=complete_name),
    ] = None,
    answer: Annotated[str | None, typer.Argument(help="The final expression; - reads standard input.")] = None,
    file: Annotated[str | None, typer.Option("--file", metavar="FILE", help="Read the answer from a file.")] = None,
    part: Annotated[
        str | None, typer.Option("--part", help="Which part of the result is answered, where it has several.")
    ] = None,
    given: Given = None,
    let: LetOption = None,
    batch: Batch = None,
    jobs: Jobs = 1,
    as_json: Json = False,
) -> None:
    """Judge a final expression: is it the derived result, in any equal form? If not, what shows it?

    Plain text, Unicode and LaTeX are read. A result with parts takes them by name: 'variance: …; bias: …'.
    A batch has the columns name and answer (and part, id).

    For instance: workings check ridge '(X^T X + 2 n λ I)^-1 X^T t'
    """
    if batch is not None:
        if answer is not None or file is not None or given:
            fail("a batch has its answers in its rows: give no answer, no --file and no --given with --batch")
        if name is not None:
            known_name(name)
        _run_batch(batch, partial(_judged_row, name, part), jobs, ("answer",) if name else ("name", "answer"))
    if name is None:
        fail("a derivation's name and an answer are needed, as in: workings check ridge '…'")
    grader = Grader(name, given or (), let or (), waiting=waiting)
    text = text_of(answer, file)
    checked = grader.check(text, part)
    if as_json:
        from engine.documents.judgements import SCHEMA

        print_json({"schema": SCHEMA, "name": name, **checked.as_data()})
    else:
        _show(checked.judgements, text)
        if checked.unanswered:
            print(f"  not answered: {', '.join(checked.unanswered)}", file=sys.stderr)
    raise typer.Exit(STATUS[checked.verdict.value])


def equal(
    left: Annotated[str | None, typer.Argument(help="An expression.")] = None,
    right: Annotated[str | None, typer.Argument(help="Another; - reads standard input.")] = None,
    let: LetOption = None,
    batch: Batch = None,
    jobs: Jobs = 1,
    as_json: Json = False,
) -> None:
    """Judge whether two expressions are equal for all values of what is declared.

    A single letter that is not declared is any real number. A batch has the columns left, right and let (several
    declarations between semicolons).

    For instance: workings equal '(A B)^-1' 'B^-1 A^-1' --let 'A: n×n invertible' --let 'B: n×n invertible'
    """
    if batch is not None:
        if left is not None or right is not None:
            fail("a batch has its expressions in its rows: give none with --batch")
        _run_batch(batch, partial(_equal_row, tuple(let or ())), jobs, ("left", "right"))
    if left is None or right is None:
        fail("two expressions are needed, as in: workings equal 'x + x' '2x'")
    text = text_of(right, None)
    judgement = judged_equal(left, text, let=let or ())
    if as_json:
        from engine.documents.judgements import SCHEMA, judgement_data, reading_data

        compared = reading_data(judgement.compared) if judgement.compared else None
        print_json({"schema": SCHEMA, **judgement_data(judgement), "left": compared})
    else:
        _show((judgement,), text)
    raise typer.Exit(STATUS[judgement.verdict.value])


# -- one answer --------------------------------------------------------------------------------------------------------


def _show(judgements: Iterable[Judgement], text: str) -> None:
    from engine.documents.judgements import judgement_lines

    width = max(40, shutil.get_terminal_size((100, 24)).columns)
    colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for judgement in judgements:
        for number, line in enumerate(judgement_lines(judgement, text, width)):
            bright = number == 0 and colours
            print(f"\033[{'32' if judgement.correct else '31'};1m{line}\033[0m" if bright else line)


# -- batches -----------------------------------------------------------------------------------------------------------


def _run_batch(
    path: str, judge: Callable[[dict[str, Any]], dict[str, Any]], jobs: int, wanted: tuple[str, ...]
) -> None:
    """Judge a file's rows, print one JSON object a line, and end the command."""
    from engine.grading.batches import BadFile, Summary, judged, rows

    summary = Summary()
    try:
        with opened(path) as stream:
            for outcome in with_progress(judged(rows(stream, wanted), judge, jobs), "judging"):
                print(json.dumps(outcome, ensure_ascii=False), flush=True)
                summary.add(outcome)
    except BadFile as trouble:
        fail(f"{path}: {trouble}")
    finally:
        for line in summary.lines():
            print(line, file=sys.stderr)
    raise typer.Exit(YES if set(summary.verdicts) <= {"correct"} else NO)


def _judged_row(name: str | None, part: str | None, row: dict[str, Any]) -> dict[str, Any]:
    from engine.grading.batches import BadRow, text_of

    chosen = name if name is not None and not row.get("name") else text_of(row, "name")
    if not is_catalogued(chosen) and chosen != name:
        raise BadRow(f"there is no derivation named {chosen!r}")
    if "given" in row:
        raise BadRow("a premise of one's own is not judged in a batch: use --given with one answer")
    which = text_of(row, "part") if row.get("part") else part
    try:
        return {"name": chosen, **_batch_grader(chosen).check(text_of(row, "answer"), which).as_data()}
    except Misasked as error:
        raise BadRow(str(error)) from None


@cache
def _batch_grader(name: str) -> Grader:
    """One for each process and name: equal answers are judged once."""
    return Grader(name, fingerprints=True, waiting=waiting)


def _equal_row(let: tuple[str, ...], row: dict[str, Any]) -> dict[str, Any]:
    from engine.documents.judgements import judgement_data
    from engine.grading.batches import BadRow, text_of
    from engine.grading.equality import equal as judged

    more = row.get("let") or ()
    declarations = (more,) if isinstance(more, str) else tuple(more)
    if not all(isinstance(text, str) for text in declarations):
        raise BadRow("let is a text, or a list of texts")
    try:
        left = text_of(row, "left")
        judgement = judged(left, text_of(row, "right"), (*let, *declarations), fingerprints=True)
        return {"left": left, **judgement_data(judgement)}
    except WorkingsError as trouble:
        raise BadRow(str(trouble)) from None
