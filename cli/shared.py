"""What the commands share: options, names that complete, texts as they come in, JSON and progress as they go out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TextIO

import typer

import derivations
from engine.common.errors import Misasked

if TYPE_CHECKING:
    from rich.console import Console

LARGEST_TEXT = 1_000_000


def complete_name(incomplete: str) -> Iterator[str]:
    return (name for name in derivations.names() if name.startswith(incomplete))


Name = Annotated[
    str, typer.Argument(help="A derivation's name, as `workings list` shows it.", autocompletion=complete_name)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")]
Given = Annotated[
    list[str] | None,
    typer.Option(
        "--given", help="Replay from a premise of your own: 'g = …', or 'xi ~ Normal(0, 2 sigma^2)'.", metavar="PREMISE"
    ),
]
LetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--let",
        help="Declare a symbol: 'X: n×d', 'lambda > 0', 'p in (0,1)', 'm_j ~ Bernoulli(p) iid'.",
        metavar="SYMBOL",
    ),
]


def console() -> Console:
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def fail(message: str, tip: str = "") -> NoReturn:
    """End the command: it was not asked rightly."""
    raise Misasked(message, tip)


def print_json(data: dict[str, Any]) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))


@contextmanager
def waiting(description: str) -> Iterator[None]:
    """Tells what takes a while, on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(description):
        yield


def with_progress(items: Iterable[Any], description: str, total: int | None = None) -> Iterator[Any]:
    """The items as they come, with a progress bar on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as progress:
        yield from progress.track(items, description=description, total=total)


def text_of(answer: str | None, file: str | None) -> str:
    """What was given as an argument, in a file or, for -, on standard input. Raises Misasked if it cannot be read."""
    if (answer is None) == (file is None):
        fail("give the answer either as an argument, or with --file, or - for standard input")
    if file is None and answer != "-":
        assert answer is not None
        return answer
    with opened("-" if file is None else file) as stream:
        text = stream.read(LARGEST_TEXT)
    return text.removesuffix("\n")


@contextmanager
def opened(path: str) -> Iterator[TextIO]:
    """A file, or standard input for -; what is no UTF-8 shows as replacement characters."""
    if path == "-":
        stream = sys.stdin
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
        yield stream
        return
    try:
        with Path(path).open(encoding="utf-8", errors="replace", newline="") as stream:
            yield stream
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}")
