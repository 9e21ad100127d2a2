"""Many answers, one after the other: rows in, judgements out in the same order, whatever is wrong with a row."""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TextIO

Row = dict[str, Any]
CHUNK = 32
MOST_GROUPS = 1_000
LONGEST_LINE = 100_000


class BadRow(ValueError):
    """A row that cannot be used."""


def rows(file: TextIO) -> Iterator[Row | BadRow]:
    """The rows of a file of JSON lines, or of a CSV file with a header."""
    lines = _lines(file)
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip().startswith("{"):
        yield _json_row(first)
        for line in lines:
            if line.strip():
                yield _json_row(line)
        return
    header = next(csv.reader([first.lstrip("\ufeff")]), [])
    columns = [name.strip().lower() for name in header]
    reader = csv.reader(lines, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(str(error))
            continue
        if not cells:
            continue
        if len(cells) != len(columns):
            yield BadRow(
                f"{len(cells)} cells under {len(columns)} columns: is a quotation mark missing around a comma?"
            )
        else:
            yield dict(zip(columns, cells, strict=True))


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        whole = line
        while whole and not whole.endswith("\n") and (whole := file.readline(LONGEST_LINE)):
            pass  # what is beyond the longest line is dropped: it is no answer any more
        yield line.replace("\0", "\ufffd")


def _json_row(line: str) -> Row | BadRow:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return BadRow(f"no JSON: {error}")
    return row if isinstance(row, dict) else BadRow("a JSON object was expected")


def judged(
    found: Iterable[Row | BadRow], judge: Callable[[Row], dict[str, Any]], jobs: int
) -> Iterator[dict[str, Any]]:
    """What `judge` makes of each row, in order; a few rows at a time are held, never all."""
    numbered = ((number, row) for number, row in enumerate(found, 1))
    if jobs <= 1:
        for number, row in numbered:
            yield _outcome(number, row, judge)
        return
    with ProcessPoolExecutor(jobs) as pool:
        waiting: deque[Future[list[dict[str, Any]]]] = deque()
        try:
            while True:
                while len(waiting) < 3 * jobs and (chunk := list(islice(numbered, CHUNK))):
                    waiting.append(pool.submit(_outcomes, chunk, judge))
                if not waiting:
                    return
                yield from waiting.popleft().result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _outcomes(chunk: list[tuple[int, Row | BadRow]], judge: Callable[[Row], dict[str, Any]]) -> list[dict[str, Any]]:
    return [_outcome(number, row, judge) for number, row in chunk]


def _outcome(number: int, row: Row | BadRow, judge: Callable[[Row], dict[str, Any]]) -> dict[str, Any]:
    if isinstance(row, BadRow):
        return {"row": number, "verdict": "unreadable", "reason": str(row)}
    kept = {"id": row["id"]} if "id" in row else {}
    try:
        return {"row": number, **kept, **judge(row)}
    except BadRow as trouble:
        return {"row": number, **kept, "verdict": "unreadable", "reason": str(trouble)}


def text_of(row: Row, column: str) -> str:
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
    ungrouped: int = 0

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
        elif len(self.groups) < MOST_GROUPS:
            self.groups[key] = (1, verdict, reading["plain"])
        else:
            self.ungrouped += 1

    def lines(self, most: int = 10) -> Iterator[str]:
        """The summary for a person."""
        total = sum(self.verdicts.values())
        counts = ", ".join(f"{count} {verdict}" for verdict, count in self.verdicts.items())
        yield f"{total} answer{'s' * (total != 1)}" + (f": {counts}" if counts else "")
        common = sorted(self.groups.items(), key=lambda item: -item[1][0])
        for (name, _), (count, verdict, text) in common[:most]:
            if count > 1:
                yield f"  {count:>5} × {verdict:<10} {name.strip() + ': ' if name.strip() else ''}{text}"
        if self.ungrouped:
            yield f"  {self.ungrouped} more were too many different ones to be grouped"
