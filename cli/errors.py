"""Errors as people and programs get them: what is wrong, where, and what to try."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from engine.common.errors import WorkingsError

if TYPE_CHECKING:
    from engine.reading import Unreadable

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


def tell(message: str, tip: str = "", place: tuple[str, ...] = ()) -> None:
    """`error:` what, the place with a caret under it, `tip:` what to try."""
    print(f"error: {message}", file=sys.stderr)
    for line in place:
        print(f"  {line}", file=sys.stderr)
    if tip:
        print(f"tip: {tip}", file=sys.stderr)


def _message(error: WorkingsError) -> str:
    """What is wrong: of a text that cannot be read, without the tip that its message ends with."""
    return getattr(error, "message", None) or str(error)


def _place(error: WorkingsError | Unreadable) -> tuple[str, ...]:
    text = getattr(error, "text", "")
    return tuple(error.pointed(text).split("\n")) if text else ()  # type: ignore[union-attr]  # only Unreadable has a text


def _as_data(error: WorkingsError) -> dict[str, Any]:
    place = {name: getattr(error, name) for name in ("text", "start", "end") if hasattr(error, name)}
    return {"kind": error.kind, "message": _message(error), "tip": error.tip or None, **place}
