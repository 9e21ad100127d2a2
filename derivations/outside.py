"""Derivations from outside of the catalogue: a file of one's own, or an installed package's entry points."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.derivation import Derivation

GROUP = "workings.derivations"


class Unusable(Exception):
    """A file or a package that gives no such derivation; the message says why."""


def is_file(name: str) -> bool:
    """Whether a name is that of a file, `my_result.py`, or of a derivation in one, `my_result.py:name`."""
    return name.endswith(".py") or ".py:" in name


def installed() -> dict[str, str]:
    """The names that installed packages offer, each with its package."""
    from importlib.metadata import entry_points

    return {point.name: point.dist.name if point.dist else "" for point in entry_points(group=GROUP)}


@cache
def load(name: str) -> Derivation:
    """Raises KeyError for a name that nobody offers, and Unusable for one that gives no derivation."""
    if is_file(name):
        return _in_file(name)
    from importlib.metadata import entry_points

    point = next(iter(entry_points(group=GROUP, name=name)), None)
    if point is None:
        raise KeyError(name)
    try:
        found = point.load()
    except (
        Exception
    ) as error:  # somebody else's package: whatever is wrong with it is told, not shown as a fault of ours
        raise Unusable(f"{name} cannot be loaded from {point.value}: {type(error).__name__}: {error}") from error
    return _derivation(found, name, point.value)


def _in_file(name: str) -> Derivation:
    path, _, wanted = name.partition(".py:") if ".py:" in name else (name.removesuffix(".py"), "", "")
    path += ".py"
    found = _defined(_module(Path(path)))
    if not wanted and len(found) == 1:
        return next(iter(found.values()))
    if wanted in found:
        return found[wanted]
    known = ", ".join(found) or "none"
    which = f"no derivation named {wanted!r}" if wanted else f"not just one derivation: name it, as in {path}:NAME"
    raise Unusable(f"{path} defines {which}; it has {known}")


def _defined(module: ModuleType) -> dict[str, Derivation]:
    """The derivations of a module by their names and by the names of their functions."""
    from engine.derivation import Derivation

    found = [d for d in vars(module).values() if isinstance(d, Derivation) and d.function.__module__ == module.__name__]
    return {d.name: d for d in found}


def _module(path: Path) -> ModuleType:
    """The file, run as a module. Raises Unusable, with the line, for whatever it raises."""
    if not path.is_file():
        raise Unusable(f"{path} cannot be read: there is no such file")
    spec = importlib.util.spec_from_file_location(f"workings_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise Unusable(f"{path}, line {error.lineno}: {error.msg}") from error
    except Exception as error:
        raise Unusable(f"{path}{line_of(error, path)}: {type(error).__name__}: {error}") from error
    return module


def line_of(error: BaseException, path: str | Path) -> str:
    """The line of a file that an error came from, as `, line 7`; "" where it came from elsewhere."""
    whole = Path(path).resolve()
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename).resolve() == whole]
    return f", line {lines[-1]}" if lines else ""


def told(error: BaseException, name: str) -> str:
    """An error in a derivation of one's own: the file, the line, what is wrong."""
    from engine.kernel import DerivationError

    path = name.partition(".py")[0] + ".py"
    kind = "" if isinstance(error, (DerivationError, Unusable)) else f"{type(error).__name__}: "
    return f"{path}{line_of(error, path)}: {kind}{error}"


def _derivation(found: Any, name: str, where: str) -> Derivation:
    from engine.derivation import Derivation

    if isinstance(found, ModuleType):
        found = _defined(found).get(name)
    if not isinstance(found, Derivation):
        raise Unusable(f"{where} is no derivation named {name!r}")
    return found
