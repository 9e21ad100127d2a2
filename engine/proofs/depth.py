"""How much of a working is shown."""

from __future__ import annotations

from enum import StrEnum


class Depth(StrEnum):
    """An idea is a few lines and a sentence; a working is an answer as it is handed in; full is every line."""

    IDEA = "idea"
    WORKING = "working"
    FULL = "full"


ROOM = {Depth.IDEA: 3, Depth.WORKING: 12}  # lines of mathematics, as they are written
