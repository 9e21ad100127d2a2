"""How a rule is made of a function, and the register of all rules."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from engine.kernel import Conclusion, NothingToDo, Rule
from engine.rules.scope import Scope
from engine.rules.tidy import rewritten
from engine.terms import Term, rewrite
from engine.terms.formulas import Formula, Relation

RULES: dict[str, Rule] = {}

TermFunction = Callable[..., Any]


def register(rule: Rule) -> Rule:
    assert rule.name not in RULES, rule.name
    RULES[rule.name] = rule
    return rule


def printed(function: Callable[..., Any]) -> str:
    """The name of a rule, as it prints: its function's, with spaces."""
    return function.__name__.replace("_", " ")


def imported(rule: Rule) -> str:
    """The name of a rule, as its author imports it."""
    return rule.name.replace(" ", "_")


def rule(
    law: str, sentence: str, *, conditions: tuple[str, ...] = (), structural: bool = False, computes: bool = True
) -> Callable[[Callable[..., Conclusion]], Rule]:
    """A rule from a function (subject, scope, *arguments) → Conclusion."""

    def made(function: Callable[..., Conclusion]) -> Rule:
        return register(Rule(printed(function), law, sentence, function, conditions, structural, computes))

    return made


def rewriting(
    law: str, sentence: str, *, conditions: tuple[str, ...] = (), structural: bool = False
) -> Callable[[TermFunction], Rule]:
    """A rule from a function (term, scope, *arguments) → an equal term, or None where it has nothing to do.

    The function may give an `Conclusion` without a formula's left side by `Rewritten`. Applied to an equation, the rule
    rewrites both of its sides.
    """

    def made(function: TermFunction) -> Rule:
        name = printed(function)

        def apply(subject: Term | Formula, scope: Scope, *arguments: Any) -> Conclusion:
            return _rewritten(name, function, subject, scope, arguments)

        apply.__doc__ = function.__doc__

        return register(Rule(name, law, sentence, apply, conditions, structural))

    return made


def node_rewriting(
    law: str,
    sentence: str,
    *kinds: type[Term],
    conditions: tuple[str, ...] = (),
    tidied: bool = True,
    lead: str = "",
    between: str = ", ",
) -> Callable[[TermFunction], Rule]:
    """A rule from a function (node, scope, *arguments) → an equal term, by `Rewritten` with what it leans on, or None.

    It is applied to every node, or to those of some kinds, children first; what comes of it is tidied, unless said
    otherwise. What several nodes put into one slot of the sentence stands there behind the `lead`, with something
    `between`.
    """

    def made(function: TermFunction) -> Rule:
        @wraps(function)
        def apply(term: Term, scope: Scope, *arguments: Any) -> Rewritten:
            met: list[Rewritten] = []

            def at(node: Term) -> Term | None:
                if kinds and not isinstance(node, kinds):
                    return None
                found = _as_rewritten(function(node, scope, *arguments))
                if found is None:
                    return None
                met.append(found)
                return found.term

            new = rewritten(term, at, scope) if tidied else rewrite(term, at)
            slots: dict[str, dict[str, None]] = {}
            for slot, words in (item for each in met for item in each.rest.get("slots", {}).items()):
                slots.setdefault(slot, {}).update(dict.fromkeys((words,) if isinstance(words, str) else words))
            needed = dict.fromkeys(condition for each in met for condition in each.rest.get("conditions", ()))
            said = {slot: lead + between.join(words) for slot, words in slots.items()}
            return Rewritten(new, slots=said, conditions=tuple(needed))

        return rewriting(law, sentence, conditions=conditions)(apply)

    return made


class Rewritten:
    """What a rewriting function may give instead of a bare term: the term, and what it leans on."""

    def __init__(self, term: Term, **rest: Any) -> None:
        self.term, self.rest = term, rest


def _rewritten(
    name: str, function: TermFunction, subject: Term | Formula, scope: Scope, arguments: tuple[Any, ...]
) -> Conclusion:
    if isinstance(subject, Term):
        new = _as_rewritten(function(subject, scope, *arguments))
        if new is None or new.term == subject:
            raise NothingToDo(f"'{name}' changes nothing in {subject}")
        return Conclusion(Formula(subject, Relation.EQUAL, new.term), **new.rest)
    old = (subject.left, subject.right)
    sides = [_as_rewritten(function(side, scope, *arguments)) for side in old]
    changed = [side for side, before in zip(sides, old, strict=True) if side is not None and side.term != before]
    if not changed:
        raise NothingToDo(f"'{name}' changes nothing in {subject}")
    terms: list[Any] = [before if side is None else side.term for side, before in zip(sides, old, strict=True)]
    after = Formula(terms[0], subject.relation, terms[1])
    return Conclusion(Formula(subject, Relation.EQUIVALENT, after), unknown=scope.unknown, **_merged(changed))


def _merged(sides: list[Rewritten]) -> dict[str, Any]:
    """What two rewritten sides lean on, together; the reason is that of the first."""
    rest = dict(sides[0].rest)
    for side in sides[1:]:
        for key in ("using", "conditions"):
            rest[key] = (*rest.get(key, ()), *side.rest.get(key, ()))
    return rest


def _as_rewritten(result: Term | Rewritten | None) -> Rewritten | None:
    return Rewritten(result) if isinstance(result, Term) else result
