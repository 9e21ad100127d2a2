"""What stands in the catalogue, read from a file that neither imports the engine nor any derivation."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

INDEX = "catalogue.json"


@cache
def entries() -> tuple[dict[str, Any], ...]:
    """Name, module, topic, title, source, strength, figures, results and parts of every derivation, in the catalogue's order.

    They stand in a file that `python -m derivations.index` writes from the derivations themselves.
    """
    text = Path(__file__).with_name(INDEX).read_text(encoding="utf-8")
    return tuple(json.loads(text)["derivations"])


def names() -> tuple[str, ...]:
    return tuple(entry["name"] for entry in entries())
