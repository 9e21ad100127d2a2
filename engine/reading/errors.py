"""What cannot be read: where, why, and what to try."""

from __future__ import annotations

import unicodedata

from engine.common.errors import WorkingsError


class Unreadable(WorkingsError, ValueError):
    """A text that is no mathematics here: the message, the place (from `start` to before `end`) and a hint."""

    kind = "unreadable"
    text = ""  # what was read, where somebody said so

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        self.message, self.start, self.end = message, start, max(end, start + 1)
        self.tip = hint
        super().__init__(message + (f" ({hint})" if hint else ""))

    def pointed(self, text: str, width: int = 78) -> str:
        """The part of the text around the place, on one line, and carets under the place on the next."""
        left = max(0, min(self.start - width // 2, len(text) - width))
        shown, carets = "", ""
        for place in range(left, min(len(text), left + width)):
            character = _shown(text[place])
            shown += character
            carets += ("^" if self.start <= place < self.end else " ") * _columns(character)
        before = "…" if left else ""
        after = "…" if left + width < len(text) else ""
        if self.start >= len(text):
            carets += "^"
        return f"{before}{shown}{after}\n{' ' * len(before)}{carets.rstrip()}"


class Hopeless(Unreadable):
    """A text that is too deep or too entangled: no other way of reading it is tried."""


class IllTyped(Unreadable):
    """A text that can be read, but whose shapes do not fit."""

    kind = "ill-typed"


def _shown(character: str) -> str:
    """A character that cannot be seen, or that would move the cursor, as a replacement character."""
    if character in "\n\t\r ":
        return " "
    return "\ufffd" if unicodedata.category(character)[0] == "C" else character


def _columns(text: str) -> int:
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
