"""Files that a command writes: whole or not at all, and not over another unless told to."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from cli.shared import fail

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
        return
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
