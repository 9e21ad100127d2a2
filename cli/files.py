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
    if output != "-" and Path(output).exists() and not force:
        fail(f"{output} exists: --force writes over it")


def write(output: str, content: bytes) -> None:
    """Write to a file, or to standard output. The command ends where the file cannot be written."""
    if output == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
    else:
        _save(Path(output), content)


def _save(path: Path, content: bytes) -> None:
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(temporary)
        if not isinstance(error, OSError):
            raise
        fail(f"{path} cannot be written: {error.strerror}")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
