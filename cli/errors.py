"""Errors as people and programs get them: what is wrong, where, and what to try."""

from __future__ import annotations

import json
import sys

from engine.common.errors import WorkingsError

YES, NO, MISUSED, UNDECIDED, FAULT, INTERRUPTED = 0, 1, 2, 3, 70, 130
STATUS = {"misasked": MISUSED, "unreadable": MISUSED, "ill-typed": MISUSED, "does-not-hold": NO, "undecided": UNDECIDED}
SCHEMA = "workings.error/1"


def told(error: WorkingsError, as_json: bool) -> int:
    """Tell an error, on standard error or as JSON on standard output; and the exit status that it has."""
    if as_json:
        print(json.dumps({"schema": SCHEMA, "error": _as_data(error)}, ensure_ascii=False, indent=2))
    else:
        tell(_message(error), error.tip, _place(error))
    return STATUS[error.kind]


def tell(message: str, tip: str = "", place: str = "") -> None:
    """`error:` what, the place with a caret under it, `tip:` what to try."""
    print(f"error: {message}", file=sys.stderr)
    for line in place.splitlines():
        print(f"  {line}", file=sys.stderr)
    if tip:
        print(f"tip: {tip}", file=sys.stderr)


def _message(error: WorkingsError) -> str:
    """What is wrong: of a text that cannot be read, without the tip that its message ends with."""
    return getattr(error, "message", None) or str(error)


def _place(error: WorkingsError) -> str:
    """The text that it is about, and on the next line carets under the place."""
    if error.kind == "misasked":  # of no text; nothing is loaded for it
        return ""
    from engine.reading import Unreadable

    return error.pointed(error.text) if isinstance(error, Unreadable) and error.text else ""


def _as_data(error: WorkingsError) -> dict[str, object]:
    place = {name: getattr(error, name) for name in ("text", "start", "end") if hasattr(error, name)}
    return {"kind": error.kind, "message": _message(error), "tip": error.tip or None, **place}
