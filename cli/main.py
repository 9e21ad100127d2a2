"""The commands of `workings`. What a command does not need is not imported."""

from __future__ import annotations

import errno
import inspect
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

import derivations
from cli.answers import check, equal
from cli.asking import COMMANDS
from cli.documents import is_document, recertified
from cli.errors import FAULT, INTERRUPTED, MISUSED, NO, YES, tell, told
from cli.export import HowMuch, export
from cli.listing import list_
from cli.plot import plot
from cli.shared import Given, Json, LetOption, Name, complete_name, console, print_json, with_progress
from cli.starting import new
from cli.working import hint, mark
from engine.common.errors import Misasked, WorkingsError
from workings import library

HEADINGS = {
    "Learn": ("list", "derive", "plot", "explain", "hint"),
    "Check": ("check", "mark", "equal", "verify"),
    "Ask": tuple(COMMANDS),
    "Author": ("export", "new"),
}
UsageError: Any = typer.BadParameter.__bases__[0]  # typer keeps its own copy of click, and does not name this one


class Commands(TyperGroup):
    """The commands under their headings, and every error in one style, as JSON where that is asked for."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        column = max(map(len, self.commands))
        for heading, names in HEADINGS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(column), _first_sentence(self.commands[name])) for name in names])

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for names in HEADINGS.values() for name in names]

    def invoke(self, ctx: Any) -> Any:
        as_json = "--json" in ctx.args
        try:
            return super().invoke(ctx)
        except WorkingsError as error:
            raise typer.Exit(told(error, as_json)) from None
        except UsageError as error:
            called = error.ctx.command_path if error.ctx is not None else "workings"
            raise typer.Exit(told(Misasked(error.format_message(), f"{called} --help"), as_json)) from None


def _first_sentence(command: Any) -> str:
    return " ".join(inspect.cleandoc(command.help or "").split("\n\n")[0].split())


app = typer.Typer(
    name="workings",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Derives results of machine-learning theory step by step, and certifies every step.\n\n"
    "Try: `workings list`, `workings derive ridge`, `workings check ridge 'X^T t'`, `workings verify`, "
    "`workings explain collect`.",
)

NamesOrFiles = Annotated[
    list[str] | None,
    typer.Argument(
        help="Names of derivations, or files that `export -f json` wrote (- is standard input); all derivations, where "
        "none is given.",
        autocompletion=complete_name,
        metavar="[NAME|FILE.json]...",
    ),
]


def complete_rule(incomplete: str) -> Iterator[str]:
    from engine.rules import all_rules

    return (name for name in all_rules() if name.startswith(incomplete))


RuleName = Annotated[
    str | None, typer.Argument(help="A rule's name; all, where none is given.", autocompletion=complete_rule)
]


# -- the commands ------------------------------------------------------------------------------------------------------


def show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"workings {version('workings')}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


@app.command()
def derive(
    name: Name,
    detail: Annotated[
        bool, typer.Option("--detail", help="Show what happens inside each step, and the conditions it needs.")
    ] = False,
    depth: HowMuch = None,
    given: Given = None,
    let: LetOption = None,
    as_json: Json = False,
) -> None:
    """Derive a result from its premises, line by line; each line is computed by a rule and certified.

    For instance: workings derive ridge --given 'g = ||X w - t||^2 + lambda ||w||^2'
    """
    library.check_depth(detail, depth)
    working = library.shown(library.derive(name, given or (), let or ()), depth, full=detail or as_json)
    if as_json:
        from engine.documents.structured import as_data

        print_json(as_data(working))
        return
    from engine.documents.terminal import show

    show(working, console(), detail)


@app.command()
def verify(names: NamesOrFiles = None, as_json: Json = False) -> None:
    """Derive again, certify every step again, and show the evidence as a table.

    A file that `export -f json` wrote is certified again from what it says, whoever wrote it. Exits with 1 if a step
    does not hold, and says which one and where it fails.

    For instance: workings verify ridge.json
    """
    words = list(dict.fromkeys(names or derivations.names()))
    files = [word for word in words if is_document(word)]
    named = [library.known_name(word) for word in words if word not in files]
    for name in named:
        if not library.is_catalogued(name):
            derivations.load(name)
    outcomes = _verified_all(named)
    for file in files:
        outcomes += recertified(file)
    if as_json:
        print_json({"schema": "workings.verification/1", "derivations": outcomes})
    else:
        from engine.documents.tables import WORDS, verification

        verification(outcomes, console())
        if any("file" in outcome for outcome in outcomes):
            print(WORDS, file=sys.stderr)
    raise typer.Exit(YES if all(outcome["holds"] for outcome in outcomes) else NO)


def _verified_all(names: list[str]) -> list[dict[str, Any]]:
    """What verifying each name gives, in the order of the names; modules go to processes of their own."""
    modules = {entry["name"]: entry["module"] for entry in derivations.entries()}
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(modules.get(name, name), []).append(name)
    found: dict[str, dict[str, Any]] = {}
    for outcomes in with_progress(_worked_through(list(groups.values())), "deriving", len(groups)):
        found |= {outcome["name"]: outcome for outcome in outcomes}
    return [found[name] for name in names]


def _worked_through(groups: list[list[str]]) -> Iterator[list[dict[str, Any]]]:
    processes = min(os.cpu_count() or 1, len(groups))
    if processes <= 1:
        yield from map(_verified, groups)
        return
    from concurrent.futures import as_completed

    from engine.grading.processes import pool

    with pool(processes) as workers:
        for future in as_completed([workers.submit(_verified, group) for group in groups]):
            yield future.result()


def _verified(names: list[str]) -> list[dict[str, Any]]:
    from derivations import outside
    from engine.documents.tables import verified
    from engine.kernel import DerivationError

    outcomes: list[dict[str, Any]] = []
    for name in names:
        try:
            outcomes.append(verified(name, derivations.load(name).run()))
        except (DerivationError, outside.Unusable) as error:
            outcomes.append({"name": name, "holds": False, "error": str(error)})
        except Exception as error:
            if name in derivations.names():
                raise
            outcomes.append({"name": name, "holds": False, "error": outside.told(error, name)})
    return outcomes


@app.command()
def explain(rule: RuleName = None, as_json: Json = False) -> None:
    """Show a rule's law, its sentence, the conditions it needs, and a certified example.

    For instance: workings explain collect
    """
    from engine.documents.tables import explained, explained_data, rules_table
    from engine.rules import all_rules

    rules = all_rules()
    if rule is None:
        if as_json:
            print_json({"schema": "workings.rules/1", "rules": [explained_data(each) for each in rules.values()]})
        else:
            rules_table(list(rules.values()), console())
        return
    wanted = rules[library.known(rule, rules, "rule", "`workings explain`")]
    if as_json:
        print_json({"schema": "workings.rules/1", "rules": [explained_data(wanted)]})
    else:
        explained(wanted, console())


app.command("list")(list_)
app.command()(check)
app.command()(equal)
app.command()(export)
app.command()(plot)
app.command()(mark)
app.command()(new)
for name, command in COMMANDS.items():
    app.command(name)(command)
app.command()(hint)

PLAIN: dict[str, Callable[[], None]] = {"list": list_, "verify": verify}


# -- starting and stopping ---------------------------------------------------------------------------------------------


def main() -> None:
    """Run the command line; whatever happens, no traceback."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends the command in silence, and is no "no"
    if sys.stdout is None:  # closed by who called
        tell("standard output is closed")
        sys.exit(MISUSED)
    _printable_everywhere()
    sys.argv[1:] = _with_leading_minus(sys.argv[1:])
    try:
        if (
            len(sys.argv) == 2 and sys.argv[1] in PLAIN
        ):  # a bare command needs no parser: that loads a validation library
            PLAIN[sys.argv[1]]()
        else:
            app(standalone_mode=True)
    except typer.Exit as end:
        sys.exit(end.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except OSError as error:
        if error.errno not in _NO_ROOM or os.environ.get("WORKINGS_DEBUG"):
            _fault(error)
        _cannot_write(error)
    except Exception as error:
        _fault(error)


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def _fault(error: Exception) -> NoReturn:
    """End the command where something went wrong that nobody foresaw."""
    if os.environ.get("WORKINGS_DEBUG"):
        raise error
    tell(
        f"a fault of its own: {type(error).__name__}: {error}",
        "please report it, with the command; WORKINGS_DEBUG=1 shows where it happened",
    )
    sys.exit(FAULT)


def _cannot_write(error: OSError) -> NoReturn:
    """End the command where standard output takes no more: what is still waiting to be written has nowhere to go."""
    tell(f"the output cannot be written: {error.strerror or error}")
    sys.stderr.flush()
    os._exit(MISUSED)


def _with_leading_minus(words: list[str]) -> list[str]:
    """Some commands take expressions, and -x is one, not an option: its sign is written as a minus sign."""
    letters = _SHORT_OPTIONS.get(words[0]) if words else None
    if letters is None or "--" in words:
        return words
    return ["−" + w[1:] if re.match(rf"-(?![-{letters}]$|-\w|j\d+$|$)", w) else w for w in words]


_SHORT_OPTIONS = {"check": "hj", "equal": "hj", "hint": "h"} | dict.fromkeys(COMMANDS, "hfo")


def _printable_everywhere() -> None:
    """A stream that cannot show ∇ shows a question mark instead of failing."""
    for stream in (sys.stdout, sys.stderr):  # either may be None: closed
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
