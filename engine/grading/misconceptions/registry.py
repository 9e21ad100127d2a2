"""What a misconception is, and all of them by name.

None is tied to a result. A mistake is made at one place: `before` the rule, in what it is applied to; `after` it, in
what it gave; or with the `line` as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from engine.kernel import Rule
from engine.rules.scope import Scope
from engine.terms import Term
from engine.terms.formulas import Formula

Alternatives = Iterator[Term]
Side = Term | Formula | None  # what stands before a rule, or what it gave
AtNode = Callable[[Term, Scope], Alternatives]
Faulty = TypeVar("Faulty", bound=Callable[..., Iterator[Any]])


class Target(Enum):
    BEFORE = "before"
    AFTER = "after"
    LINE = "line"


@dataclass(frozen=True)
class Misconception:
    """A faulty variant of some rules: `law` is what is believed, `sentence` what a kind tutor would say."""

    name: str
    law: str
    sentence: str
    rules: tuple[Rule, ...]
    place: Target
    function: Callable[..., Iterator[Any]]
    vague: bool = False  # whether it says where, but not why


MISCONCEPTIONS: dict[str, Misconception] = {}


def mistake(
    name: str, law: str, sentence: str, *rules: Rule, place: Target = Target.AFTER, vague: bool = False
) -> Callable[[Faulty], Faulty]:
    """A misconception whose function gives what is written in place of a term, or of a line."""

    def noted(function: Faulty) -> Faulty:
        assert name not in MISCONCEPTIONS, name
        MISCONCEPTIONS[name] = Misconception(name, law, sentence, rules, place, function, vague)
        return function

    return noted


def everywhere(term: Term, function: AtNode, scope: Scope) -> Alternatives:
    """The term with the mistake made at one of its places, one alternative a place."""
    for other in function(term, scope):
        if other.shape == term.shape and other != term:
            yield other
    children = term.children
    for place, child in enumerate(children):
        for other in everywhere(child, function, scope):
            try:
                yield term.rebuild((*children[:place], other, *children[place + 1 :]))
            except (ValueError, ZeroDivisionError):
                continue
