"""Files that a command writes: whole or not at all, and not over another unless told to."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.shared import fail
from engine.common.files import write_whole

Output = Annotated[str, typer.Option("--output", "-o", metavar="PATH", help="A file; - is standard output.")]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that exists.")]


def may_write(output: str, force: bool) -> None:
    """The command ends where a file exists that it may not write over, before any work is done."""
    if not output:
        fail("a file's name is missing; - is standard output")
    if output == "-" or force:
        return
    try:
        exists = Path(output).is_file()
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}")
    if exists:
        fail(f"{output} exists: --force writes over it")


def write(output: str, content: bytes) -> None:
    """Write to a file, or to standard output. The command ends where the file cannot be written."""
    if output == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
    else:
        try:
            _save(Path(output).resolve(), content)
        except OSError as error:
            fail(f"{output} cannot be written: {error.strerror}")


def _save(path: Path, content: bytes) -> None:
    """Write a file whole, or leave all as it was; what is no file, such as /dev/null, is written to. Raises OSError."""
    if path.exists() and not path.is_file():
        path.write_bytes(content)
    else:
        write_whole(path, content, 0o666 & ~_umask())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
