"""Many answers, one after the other: rows in, judgements out in the same order, whatever is wrong with a row."""

from __future__ import annotations

import csv
import json
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TextIO

from engine.grading.processes import pool

AnswerRow = dict[str, Any]
CHUNK = 32
MOST_GROUPS = 1_000
LONGEST_LINE = 100_000
LONGEST_RECORD = 50  # lines
MOMENT = 0.05  # seconds


class BadRow(ValueError):
    """A row that cannot be used."""


class BadFile(ValueError):
    """A file in which no row can be found."""


def rows(file: TextIO, wanted: tuple[str, ...]) -> Iterator[AnswerRow | BadRow]:
    """The rows of a file of JSON lines, or of a CSV file whose header has the wanted columns. Raises BadFile."""
    lines = _lines(file)
    first = next((line for line in lines if line.strip()), "").lstrip("\ufeff")
    if not first:
        return
    if first.lstrip().startswith("["):
        raise BadFile("one JSON object a line was expected, not a list")
    if first.lstrip().startswith("{"):
        yield _json_row(first)
        for line in lines:
            if line.strip():
                yield _json_row(line)
        return
    separator, columns = _header(first, wanted)
    for number, record in _records(lines):
        try:
            cells = next(csv.reader([record], delimiter=separator, strict=True), [])
        except csv.Error as error:
            yield BadRow(f"line {number}: {error}")
            continue
        if len(cells) == len(columns):
            yield dict(zip(columns, cells, strict=True))
        elif cells:
            yield BadRow(
                f"line {number}: {len(cells)} cells under {len(columns)} columns: are quotation marks missing?"
            )


def _header(line: str, wanted: tuple[str, ...]) -> tuple[str, list[str]]:
    """What separates the cells, and the names of the columns."""
    for separator in (",", ";", "\t"):
        columns = [name.strip().lower() for name in next(csv.reader([line], delimiter=separator), [])]
        if set(wanted) <= set(columns):
            return separator, columns
    raise BadFile(f"a header with the columns {', '.join(wanted)} was expected, not {line.strip()[:60]!r}")


def _records(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The records of a CSV file with the numbers of their first lines; a quotation mark that is never closed spoils its
    own line, not all that come after it.
    """
    waiting: deque[str] = deque()
    source, number = iter(lines), 1
    while True:
        record, count = "", 0
        while count == 0 or (record.count('"') % 2 and count < LONGEST_RECORD):
            if count == len(waiting):
                line = next(source, None)
                if line is None:
                    break
                waiting.append(line)
            record += waiting[count]
            count += 1
        if not count:
            return
        used = 1 if record.count('"') % 2 else count
        yield number + 1, "".join(list(waiting)[:used])
        for _ in range(used):
            waiting.popleft()
        number += used


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        whole = line
        while whole and not whole.endswith("\n") and (whole := file.readline(LONGEST_LINE)):
            pass  # what is beyond the longest line is dropped: it is no answer any more
        yield line.replace("\0", "\ufffd")


def _json_row(line: str) -> AnswerRow | BadRow:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return BadRow(f"no JSON: {error}")
    return row if isinstance(row, dict) else BadRow("a JSON object was expected")


def judged(
    found: Iterable[AnswerRow | BadRow], judge: Callable[[AnswerRow], dict[str, Any]], jobs: int
) -> Iterator[dict[str, Any]]:
    """What `judge` makes of each row, in order; a few rows at a time are held, never all."""
    numbered = ((number, row) for number, row in enumerate(found, 1))
    if jobs <= 1:
        for number, row in numbered:
            yield _outcome(number, row, judge)
        return
    with pool(jobs) as workers:
        waiting: deque[Future[list[dict[str, Any]]]] = deque()
        for chunk in _chunks(numbered):
            if chunk:
                waiting.append(workers.submit(_outcomes, chunk, judge))
            while waiting and (waiting[0].done() or len(waiting) >= 3 * jobs):
                yield from waiting.popleft().result()
        for future in waiting:
            yield from future.result()


def _chunks(numbered: Iterator[tuple[int, AnswerRow | BadRow]]) -> Iterator[list[tuple[int, AnswerRow | BadRow]]]:
    """The rows a few at a time; as many as have come, when no more come for a moment."""
    coming: queue.Queue[Any] = queue.Queue(maxsize=4 * CHUNK)
    end = object()

    def read() -> None:
        try:
            for item in numbered:
                coming.put(item)
            coming.put(end)
        except BaseException as error:
            coming.put(error)

    threading.Thread(target=read, daemon=True).start()
    chunk: list[tuple[int, AnswerRow | BadRow]] = []
    while True:
        try:
            item = coming.get(timeout=MOMENT)
        except queue.Empty:
            yield chunk
            chunk = []
            continue
        if isinstance(item, BaseException):
            raise item
        if item is end:
            yield chunk
            return
        chunk.append(item)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []


def _outcomes(
    chunk: list[tuple[int, AnswerRow | BadRow]], judge: Callable[[AnswerRow], dict[str, Any]]
) -> list[dict[str, Any]]:
    return [_outcome(number, row, judge) for number, row in chunk]


def _outcome(number: int, row: AnswerRow | BadRow, judge: Callable[[AnswerRow], dict[str, Any]]) -> dict[str, Any]:
    if isinstance(row, BadRow):
        return {"row": number, "verdict": "unreadable", "reason": str(row)}
    kept = {"id": row["id"]} if "id" in row else {}
    try:
        return {"row": number, **kept, **judge(row)}
    except BadRow as trouble:
        return {"row": number, **kept, "verdict": "unreadable", "reason": str(trouble)}
    except Exception as fault:  # the other rows are judged all the same
        reason = f"a fault of the program: {type(fault).__name__}: {fault}"
        return {"row": number, **kept, "verdict": "undecided", "reason": reason}


def text_of(row: AnswerRow, column: str) -> str:
    """A cell that must be there. Raises BadRow."""
    value = row.get(column)
    if not isinstance(value, str):
        raise BadRow(f"a text under {column!r} was expected; there is {', '.join(map(repr, row)) or 'nothing'}")
    return value


@dataclass
class Summary:
    """How many answers got which verdict, and how often the same answer was given."""

    verdicts: dict[str, int] = field(default_factory=dict)
    groups: dict[tuple[str, str], tuple[int, str, str]] = field(default_factory=dict)  # how often, verdict, as written
    forgotten: int = 0

    def add(self, outcome: dict[str, Any]) -> None:
        verdict = outcome["verdict"]
        self.verdicts[verdict] = self.verdicts.get(verdict, 0) + 1
        reading = outcome.get("reading")
        if not reading or not outcome.get("fingerprint"):
            return
        key = (" ".join(outcome.get(part) or "" for part in ("name", "part", "left")), outcome["fingerprint"])
        if key in self.groups:
            count, verdict, text = self.groups[key]
            self.groups[key] = (count + 1, verdict, text)
        else:
            if len(self.groups) >= MOST_GROUPS:
                self._forget_the_rarest()
            self.groups[key] = (1, verdict, reading["plain"])

    def _forget_the_rarest(self) -> None:
        """Make room: what was given often is kept, however late it comes."""
        ordered = sorted(self.groups.items(), key=lambda item: -item[1][0])
        self.forgotten += len(ordered) - MOST_GROUPS // 2
        self.groups = dict(ordered[: MOST_GROUPS // 2])

    def lines(self, most: int = 10) -> Iterator[str]:
        """The summary for a person."""
        total = sum(self.verdicts.values())
        counts = ", ".join(f"{count} {verdict}" for verdict, count in self.verdicts.items())
        yield f"{total} answer{'s' * (total != 1)}" + (f": {counts}" if counts else "")
        common = sorted(self.groups.items(), key=lambda item: -item[1][0])
        for (name, _), (count, verdict, text) in common[:most]:
            if count > 1:
                yield f"  {count:>5} × {verdict:<10} {name.strip() + ': ' if name.strip() else ''}{text}"
        if self.forgotten:
            yield f"  (of {self.forgotten} rare ones not all were counted: there are too many different answers)"
