"""That `engine`, `derivations` and `cli` are this project's own: common names, which somebody else's module may have,
too.
"""

from importlib.util import find_spec
from pathlib import Path

OWN = ("engine", "derivations", "cli")


def refuse_others() -> None:
    """Raises ImportError where one of the packages that stand beside this one is hidden by another of the same name."""
    beside = Path(__file__).resolve().parent.parent
    for name in OWN:
        spec = find_spec(name)
        found = Path(spec.origin).resolve() if spec is not None and spec.origin else None
        if found != beside / name / "__init__.py":
            raise ImportError(
                f"workings needs its own package {name!r}, and finds {found or 'none'} instead: "
                f"rename that one, or run from another folder or in an environment of its own"
            )
