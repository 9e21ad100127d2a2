"""What the commands share: exit statuses, names that were meant, errors and JSON as people and programs get them."""

from __future__ import annotations

import difflib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TextIO

import typer

import derivations

if TYPE_CHECKING:
    from rich.console import Console

    from engine.derivation import Derivation
    from engine.grading.mistakes import Table
    from engine.reading import Unreadable
    from engine.working import Working

LARGEST_TEXT = 1_000_000
YES, NO, MISUSED, UNDECIDED, FAULT, INTERRUPTED = 0, 1, 2, 3, 70, 130


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
Let = Annotated[
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


def fail(message: str, code: int = MISUSED) -> NoReturn:
    print(f"workings: {message}", file=sys.stderr)
    raise typer.Exit(code)


def known(name: str, names: Iterable[str], what: str, hint: str) -> str:
    """The name, if it is one of the names; else the nearest ones are told, and the command ends."""
    choices = list(names)
    if name in choices:
        return name
    near = difflib.get_close_matches(name, choices, n=3, cutoff=0.5)
    near += [choice for choice in choices if len(name) > 2 and name in choice and choice not in near]
    guess = f"; did you mean {' or '.join(near[:3])}?" if near else ""
    fail(f"there is no {what} named {name!r}{guess} ({hint} shows them all)")


def known_derivation(name: str) -> str:
    """The name, if there is a derivation of it: in the catalogue, in a file, or in an installed package."""
    if name in derivations.names():
        return name
    from derivations import outside

    if outside.is_file(name):
        return name
    return known(name, [*derivations.names(), *outside.installed()], "derivation", "`workings list`")


def is_catalogued(name: str) -> bool:
    return name in derivations.names()


def print_json(data: dict[str, Any]) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))


def usable(name: str) -> Derivation:
    """The derivation of a name or file; the command ends where a file gives none."""
    from derivations.outside import Unusable

    try:
        return derivations.load(name)
    except Unusable as error:
        fail(str(error))


def worked_out(name: str, given: list[str] | None = None, let: list[str] | None = None) -> Working:
    """The working of a derivation, replayed where premises are given; the command ends where it does not hold."""
    from derivations.outside import told
    from engine.derivation import UnknownPremise
    from engine.kernel import DerivationError, NotDecided
    from engine.terms import ShapeError

    replaced = replacements(given, let)
    loaded = usable(name)
    try:
        return reading(lambda: loaded.replay(**replaced)) if replaced else loaded.run()
    except UnknownPremise as error:
        fail(str(error))
    except NotDecided as error:
        fail(f"{name} is not decided: {error}", UNDECIDED)
    except ShapeError as error:
        if not replaced:
            fail(told(error, name))
        fail(f"{name} does not fit the premise given: {error}")
    except DerivationError as error:
        message = str(error) if is_catalogued(name) else told(error, name)
        fail(f"{name} does not hold{' from the premise given' if replaced else ''}: {message}", NO)
    except typer.Exit:
        raise
    except Exception as error:
        if is_catalogued(name):
            raise
        fail(told(error, name))


_MISTAKES: dict[str, Table] = {}


def mistakes_of(name: str, given: list[str] | None = None, let: list[str] | None = None) -> Table:
    """What common mistakes lead to in a derivation: worked out once, and kept for as long as the code is the same."""
    from engine.grading.mistakes import Table

    if replaced := replacements(given, let):
        from engine.grading.wrong_answers import table_from

        return table_from(derivations.load(name), replaced)
    if not is_catalogued(name):
        from engine.grading.wrong_answers import table_from

        return table_from(derivations.load(name), {})
    if name not in _MISTAKES:
        from engine.store import kept

        _MISTAKES[name] = kept(f"mistakes-{name}", partial(_mistakes, name), Table.as_data, Table.from_data)
    return _MISTAKES[name]


def _mistakes(name: str) -> Table:
    from multiprocessing import parent_process

    from engine.grading.wrong_answers import table

    processes = (os.cpu_count() or 1) if parent_process() is None else 1
    with waiting("working out once what common mistakes lead to"):
        return table(partial(derivations.load, name), processes)


@contextmanager
def waiting(description: str) -> Iterator[None]:
    """Tells what takes a while, on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(description):
        yield


def replacements(given: list[str] | None, let: list[str] | None) -> dict[str, Callable[[Any], Any]]:
    if not given:
        if let:
            fail("--let declares symbols for --given; without it there is nothing to declare them for")
        return {}
    from engine.reading.givens import givens

    found: dict[str, Callable[[Any], Any]] = reading(lambda: givens(given, let or ()))
    return found


def reading(read: Callable[[], Any]) -> Any:
    """What is read; where it cannot be, the place is shown and the command ends."""
    from engine.reading import Unreadable

    try:
        return read()
    except Unreadable as trouble:
        tell(trouble)


def tell(trouble: Unreadable) -> NoReturn:
    """Show where a text cannot be read, on standard error."""
    print(f"workings: {trouble.message}", file=sys.stderr)
    if trouble.text:
        for line in trouble.pointed(trouble.text).split("\n"):
            print("  " + line, file=sys.stderr)
    if trouble.hint:
        print("  " + trouble.hint, file=sys.stderr)
    raise typer.Exit(MISUSED)


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
    """What was given as an argument, in a file or, for -, on standard input; the command ends where it cannot be read."""
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
