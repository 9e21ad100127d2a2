"""What is known of each kind of thing: one table a fact, an entry a kind, and whole by a check when it is loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

Fact = TypeVar("Fact", bound=Callable[..., Any])


class Kinds(dict[type, Fact]):
    """By the kind of a term, or of a law, the function that knows one fact about it: `table[type(term)](term, …)`."""

    def __init__(self, root: type, fact: str) -> None:
        self.root, self.fact = root, fact

    def of(self, *kinds: type) -> Callable[[Fact], Fact]:
        """Registers what is known of some kinds."""

        def registered(function: Fact) -> Fact:
            self.update(dict.fromkeys(kinds, function))
            return function

        return registered

    def __missing__(self, kind: type) -> NoReturn:
        raise TypeError(f"{kind.__name__} has no {self.fact}")

    def check_whole(self) -> None:
        """Raises TypeError where a kind has no entry: what is not said of it would be taken for nothing to say."""
        missing = sorted({kind.__name__ for kind in undivided(self.root) if kind not in self})
        if missing:
            raise TypeError(f"without a {self.fact}: {', '.join(missing)}")


def undivided(root: type) -> set[type]:
    """The kinds below a root that are not divided any further; itself, if it is not."""
    below: list[type] = root.__subclasses__()
    return {root}.union(*map(undivided, below)) - ({root} if below else set())
