"""`list`: the catalogue by topic."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any

import typer

import derivations
from cli.shared import Json, print_json
from derivations.outside import installed

NARROW = 80  # a terminal in which a title stands below its name

ShowEvidence = Annotated[bool, typer.Option("--evidence", help="Show on what evidence each rests, too.")]


def list_(evidence: ShowEvidence = False, as_json: Json = False) -> None:
    """Show the catalogue by topic: every derivation's name, title and source, and the parts that an answer may name."""
    entries = derivations.entries()
    others = installed()
    if as_json:
        offered = [{"name": name, "package": package} for name, package in others.items()]
        more = {"installed": offered} if others else {}
        print_json({"schema": "workings.catalogue/1", "derivations": list(entries), **more})
        return
    width = max(40, shutil.get_terminal_size((100, 24)).columns)
    column = max(len(entry["name"]) for entry in entries) + 4
    for topic in dict.fromkeys(entry["topic"] for entry in entries):
        print(topic)
        for line in chain.from_iterable(_lines(e, evidence, width, column) for e in entries if e["topic"] == topic):
            print(line)
    for name, package in others.items():
        print(f"{name}  (from the package {package})")


def _lines(entry: dict[str, Any], evidence: bool, width: int, column: int) -> Iterator[str]:
    """A derivation's name, and beside it (in a narrow terminal below) what it is."""
    source = f" ({entry['source']})" if entry["source"] else ""
    said = [entry["title"] + source]
    if entry["parts"]:
        said.append(f"parts: {', '.join(entry['parts'])}")
    if evidence:
        said.append(entry["strength"])
    if width < NARROW:
        yield f"  {entry['name']}"
        column = 4
    pieces = chain.from_iterable(textwrap.wrap(line, width - column) for line in said)
    for number, piece in enumerate(pieces):
        yield (f"  {entry['name']}" if number == 0 and width >= NARROW else "").ljust(column) + piece
