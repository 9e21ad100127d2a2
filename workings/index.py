"""Writes the catalogue's index, `derivations/catalogue.json`: `python -m workings.index`."""

from __future__ import annotations

import json
import re
from importlib import import_module
from inspect import cleandoc
from typing import Any

from derivations import defined_in
from derivations.catalogue import INDEX, ORDER
from engine.documents.evidence import strength
from engine.notation.plain import plain


def index() -> dict[str, Any]:
    """The index as data, from running every derivation."""
    return {"schema": "workings.catalogue/1", "derivations": [_entry(name, module) for name, module in ORDER.items()]}


def _entry(name: str, module: str) -> dict[str, Any]:
    working = defined_in(module)[name].run()
    return {
        "name": name,
        "module": module,
        "topic": _topic(module),
        "title": working.title,
        "source": working.source,
        "strength": strength(working),
        "kind": working.strength.kind.value,
        "figures": [{"name": figure.name, "caption": figure.caption} for figure in working.figures],
        "cited": [[plain(law), law.citation] for law in working.cited],
        "results": [plain(result.step.claim.formula) for result in working.results],
        "parts": [name for name in (*(r.name for r in working.results), *(c.name for c in working.choices)) if name],
    }


def _topic(module: str) -> str:
    """What a module is about: what its docstring begins with."""
    return re.split("[:.]", cleandoc(import_module(f"derivations.{module}").__doc__ or ""))[0]


def text() -> str:
    return json.dumps(index(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    INDEX.write_text(text(), encoding="utf-8")
