"""Who writes a thing down: a term, a formula, a step and a working can be shown, and do not know by whom.

Those who write stand above what they write, and are registered here by the form they write, in `engine/__init__.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Writes = Callable[[Any], str]
_WRITERS: dict[str, Writes] = {}


def writer(form: str) -> Callable[[Writes], Writes]:
    """Registers the function that writes in a form."""

    def registered(function: Writes) -> Writes:
        _WRITERS[form] = function
        return function

    return registered


def written(subject: object, form: str) -> str:
    """A thing in a form, as `engine/__init__.py` names them: a term in plain text or LaTeX, a step as a line of a page
    …
    """
    return _WRITERS[form](subject)
