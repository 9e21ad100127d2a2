"""Documents that `export` wrote, read again: nothing in them is believed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import derivations
from cli.shared import fail

if TYPE_CHECKING:
    from engine.proofs.working import Working

LARGEST = 64_000_000  # bytes of a document


def is_document(word: str) -> bool:
    """Whether a word names a file rather than a derivation."""
    if word.endswith(".py") or ".py:" in word:
        return False
    return word == "-" or word.endswith(".json") or "/" in word or "\\" in word


def recertified(path: str) -> Iterator[dict[str, Any]]:
    """What certifying each derivation in a document again gives. The command ends where it is no document."""
    from engine.certificates.certificate import Refused
    from engine.documents.structured import SCHEMA, members, reread

    for place, data in members(_parsed(path)):
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            fail(f"{path} is no derivation that `workings export -f json` wrote: its schema is not {SCHEMA}")
        name = str(data.get("name"))[:80]
        try:
            yield {**_said(name, reread(data)), "file": path}
        except Refused as refused:
            where = ".".join(part for part in (place, refused.place) if part)
            error = f"{path}: {where}: {refused.message}"
            verdict = "not verified" if refused.kind == "undecided" else "does not hold"
            yield {"name": name, "holds": False, "verdict": verdict, "place": where, "error": error}


def _said(name: str, working: Working) -> dict[str, Any]:
    """What is said of a working that is certified again: it holds, given the citations that the catalogue lacks."""
    from engine.documents.tables import verified
    from engine.notation.plain import plain

    known = {(law, source) for entry in derivations.entries() for law, source in entry["cited"]}
    given = [(plain(law), law.citation) for law in working.cited if (plain(law), law.citation) not in known]
    outcome = verified(name, working)
    if not given:
        return outcome
    return {**outcome, "holds": False, "verdict": "given", "given": [f"{law} ({source})" for law, source in given]}


def _parsed(path: str) -> Any:
    try:
        text = _read(path)
        return json.loads(text)
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        fail(f"{path} is not UTF-8 text")
    except RecursionError:
        fail(f"{path} is nested too deep to be a derivation")
    except json.JSONDecodeError as error:
        fail(f"{path}, line {error.lineno}, column {error.colno}: this is no JSON: {error.msg}")
    except ValueError as error:
        fail(f"{path}: this is no derivation: {error}")


def _read(path: str) -> str:
    if path == "-":
        raw = sys.stdin.buffer.read(LARGEST + 1)
    else:
        with Path(path).open("rb") as file:
            raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        fail(f"{path} is larger than {LARGEST // 1_000_000} MB")
    return raw.decode("utf-8")
