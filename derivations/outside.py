"""Derivations from outside of the catalogue: a file of one's own, or an installed package's entry points."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from derivations.catalogue import names
from engine.common.errors import WorkingsError

if TYPE_CHECKING:
    from engine.proofs.derivation import Derivation

GROUP = "workings.derivations"


class Unusable(WorkingsError):
    """A file or a package that gives no such derivation; the message says why."""


def is_file(name: str) -> bool:
    """Whether a name is that of a file, `my_result.py`, or of a derivation in one, `my_result.py:name`."""
    return name.endswith(".py") or ".py:" in name


def installed() -> dict[str, str]:
    """The names that installed packages offer, each with its package; not those that the catalogue has, too."""
    from importlib.metadata import entry_points

    points = (point for point in entry_points(group=GROUP) if point.name not in names())
    return {point.name: point.dist.name if point.dist else "" for point in points}


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
    """The derivations of a module by their names. Raises Unusable where two have the same."""
    from engine.proofs.derivation import Derivation

    every = (value for value in vars(module).values() if isinstance(value, Derivation))
    found: dict[str, Derivation] = {}
    for defined in (each for each in every if each.function.__module__ == module.__name__):
        if found.setdefault(defined.name, defined) is not defined:
            raise Unusable(f"{module.__file__} has two derivations named {defined.name}")
    return found


def _module(path: Path) -> ModuleType:
    """The file, run as a module. Raises Unusable, with the line, for whatever it raises."""
    if not path.is_file():
        raise Unusable(f"{path} cannot be read: {'it is a folder' if path.is_dir() else 'there is no such file'}")
    spec = importlib.util.spec_from_file_location(f"workings_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)  # for what stands beside the file; behind everything else, so that it hides nothing
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        where = f", line {error.lineno}" if error.lineno else ""
        raise Unusable(f"{path}{where}: {error.msg}") from error
    except (Exception, SystemExit) as error:
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
    from engine.terms import ShapeError

    path = name.partition(".py")[0] + ".py"
    kind = "" if isinstance(error, (DerivationError, ShapeError, Unusable)) else f"{type(error).__name__}: "
    return f"{path}{line_of(error, path)}: {kind}{error}"


def _derivation(found: Any, name: str, where: str) -> Derivation:
    from engine.proofs.derivation import Derivation

    if isinstance(found, ModuleType):
        found = _defined(found).get(name)
    if not isinstance(found, Derivation):
        raise Unusable(f"{where} is no derivation named {name!r}")
    return found
