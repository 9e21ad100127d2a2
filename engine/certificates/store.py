"""What was computed once, kept in the user's cache folder for as long as the code is the same.

Losing it costs time and nothing else: a folder that cannot be written, a file that is cut short, changed or was written
by another version are as good as none. Several processes may write at once; a file appears whole or not at all. Whoever
may write in the folder is trusted: what is kept is not certified again when it is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from engine.certificates.serial import from_data, to_data
from engine.common.files import write_whole

Kept = TypeVar("Kept")


def kept(
    name: str,
    compute: Callable[[], Kept],
    write: Callable[[Kept], Any] = to_data,
    read: Callable[[Any], Kept] = from_data,
) -> Kept:
    """The value kept under a name; computed, and kept, where there is none that can be read."""
    path = _folder() / f"{name}-{_code()}.json"
    try:
        digest, _, text = path.read_text(encoding="utf-8").partition("\n")
        if digest != _digest(text):
            raise ValueError("this is not as it was written")
        return read(json.loads(text))
    except Exception:  # whatever stands there: it is computed again
        value = compute()
        text = json.dumps(write(value), ensure_ascii=False, separators=(",", ":"))
        with suppress(OSError):
            _write(path, f"{_digest(text)}\n{text}")
        return value


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _folder() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("workings", appauthor=False)


@cache
def _code() -> str:
    """A digest of the code that what is kept came from: the engine and the catalogue."""
    root = next(folder for folder in Path(__file__).resolve().parents if folder.name == "engine").parent
    digest = hashlib.sha256()
    for folder in ("engine", "derivations"):
        for path in sorted((root / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:20]


def _write(path: Path, text: str) -> None:
    """Write a file whole, and drop what earlier code kept under the same name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode())
    name = path.name.rsplit("-", 1)[0]
    for other in path.parent.glob(f"{name}-????????????????????.json"):
        if other != path:
            with suppress(OSError):
                other.unlink()
