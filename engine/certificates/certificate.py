"""A working as data that need not be believed: reading it certifies every step again.

What worlds can tell is the kernel's to certify; what they cannot, `engine.certificates.rereading` has the rules show
again.

A step is written as its formula, its rule's name and sentence, its reason, the steps it leans on, its conditions and
what was declared around it. Its evidence is not written: whoever reads the data finds it anew. Everything that a step
leans on is in the data, down to the premises, lemmas from other workings included.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from string import Formatter
from typing import Any

from engine.certificates.afresh import looked_at_afresh, obeyed_together
from engine.certificates.serial import Corrupt, Oversized, Rows, fitted, readable, references, to_data
from engine.common.errors import WorkingsError
from engine.kernel import (
    CHAIN,
    HYPOTHESIS,
    Conclusion,
    ConditionMissing,
    DerivationError,
    NotApplicable,
    NotDecided,
    Refutation,
    Rule,
    Step,
    assume,
    chain,
    infer,
    refute,
)
from engine.kernel.conditions import Condition
from engine.kernel.ledger import is_own_rule
from engine.proofs.coherence import Incoherent, holds_together
from engine.proofs.figures import Axis, Curve, Figure, Point, Range
from engine.proofs.working import (
    Choice,
    Convention,
    Idea,
    Lemma,
    Let,
    Option,
    Passage,
    Premises,
    Reason,
    Remark,
    Result,
    Suppose,
    Working,
)
from engine.terms import ShapeError, Symbol
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula
from engine.worlds.values import Unsupported, allowance

WORK = 60e6  # what certifying one step may cost, in the units of `allowance`
_ASKED = (Choice, Option, Reason)
_PICTURED = (Figure, Curve, Point, Range, Axis)
_PLAIN = (Working, Premises, Convention, Passage, Let, Suppose, Remark, Lemma, Result, Idea, *_ASKED, *_PICTURED)
readable(*_PLAIN)


class Refused(WorkingsError):
    """Data whose working is not certified: `place` is where in it, `message` is why. Its kind is `undecided` where
    nothing of it is seen to be wrong, and something cannot be shown again.
    """

    kind = "does-not-hold"

    def __init__(self, message: str, place: str = "", kind: str = "does-not-hold") -> None:
        self.message, self.place, self.kind = message, place, kind
        super().__init__(f"{place}: {message}" if place else message)


class Unfamiliar(Corrupt):
    """A rule that is none of this version's."""


NOT_SHOWN = (NotDecided, NotApplicable, ConditionMissing, Unsupported, Unfamiliar, Oversized)


@dataclass(frozen=True)
class WrittenStep:
    """What is written of a step."""

    formula: Formula
    unknown: Symbol | None
    rule: Rule
    reason: str
    using: tuple[Step, ...]
    conditions: tuple[Step, ...]
    inside: tuple[Step, ...]
    background: tuple[Declaration, ...]
    run_on: tuple[Any, ...] | None = None  # the subject and the arguments of one of the engine's structural rules


# -- writing -----------------------------------------------------------------------------------------------------------


def certificate(working: Working) -> dict[str, Any]:
    """The working as plain data for `json.dumps`."""
    shown = set(map(id, displayed(working)))

    def step(step: Step) -> list[Any]:
        inside = step.detail if id(step) in shown else ()
        background = tuple(sorted(step.background, key=repr))
        return _fields(
            WrittenStep(
                step.claim.formula,
                step.claim.unknown,
                step.rule,
                step.reason,
                step.using,
                step.conditions,
                inside,
                background,
                _written(step.run_on) if step.run_on is not None and is_own_rule(step.rule, step.rule.name) else None,
            )
        )

    def rule(rule: Rule) -> list[Any]:
        return [rule.name, rule.law, rule.sentence, rule.conditions, rule.structural, rule.computes]

    def refutation(refutation: Refutation) -> list[Any]:
        return [refutation.formula, refutation.given, tuple(sorted(refutation.background, key=repr))]

    spelled: dict[type, Callable[[Any], list[Any]]] = dict.fromkeys(_PLAIN, _fields)
    return to_data(working, spelled | {Step: step, Rule: rule, Refutation: refutation})


_NAMED = "{}"  # marks values by name


def _written(argument: Any) -> Any:
    """An argument of a rule, values by name as pairs."""
    if isinstance(argument, Mapping):
        return (_NAMED, *argument.items())
    return tuple(map(_written, argument)) if isinstance(argument, tuple) else argument


def _unwritten(argument: Any) -> Any:
    if not isinstance(argument, tuple):
        return argument
    return dict(argument[1:]) if argument[:1] == (_NAMED,) else tuple(map(_unwritten, argument))


def _fields(item: Any) -> list[Any]:
    return [getattr(item, field.name) for field in fields(item)]


def displayed(working: Working) -> Iterator[Step]:
    """The lines of a working, and the smaller steps inside them."""
    waiting = list(reversed(working.steps))
    while waiting:
        step = waiting.pop()
        yield step
        waiting.extend(reversed(step.detail))


# -- reading -----------------------------------------------------------------------------------------------------------


def recertified(data: Any) -> Working:
    """The working that `certificate` wrote, every step of it made again by the kernel.

    Raises Refused, with the place, where a step does not hold, lacks a condition or does not meet its neighbour, where
    a line speaks of other premises than the working's, and where the data is no working at all.
    """
    rows: Rows | None = None
    doubtful: dict[int, str] = {}  # steps that are not shown again, by their rows, and why not

    def step(*parts: Any) -> Step:
        made, doubt = _step(*parts)
        if doubt and rows is not None:
            doubtful[len(rows.made)] = doubt
        return made

    try:
        rows = Rows(data, {"Step": step, "Rule": _rule, "Refutation": _refutation})
        working = rows.value()
        if not isinstance(working, Working):
            raise Corrupt("the root is no working")
    except Exception as error:  # whatever goes wrong with data that nobody vouches for, it is not certified
        told = isinstance(error, (Corrupt, DerivationError, ShapeError, Unsupported))
        message = str(error) if told else f"its parts do not fit together ({type(error).__name__})"
        place = _place(data, len(rows.made)) if rows else ""
        raise Refused(message, place, "undecided" if isinstance(error, NOT_SHOWN) else Refused.kind) from error
    try:
        holds_together(working)
        for number, result in enumerate(working.results):
            _is_of_something(result, f"results[{number}]")
    except Incoherent as error:
        raise Refused(error.message, error.place) from error
    if doubtful:
        first, *others = ((_place(data, row), why) for row, why in doubtful.items())
        more = "".join(f"; {place}: {why}" for place, why in others)
        raise Refused(first[1] + more, first[0], "undecided")
    return working


def _is_of_something(result: Result, place: str) -> None:
    """Raises Refused where no world obeys all that a result assumes: then it says nothing."""
    try:
        with allowance(WORK):
            obeyed_together(result.step.claim.assumptions)
    except (NotDecided, Unsupported) as error:
        raise Refused(str(error), place, "undecided") from error


@dataclass(frozen=True)
class Stated:
    """What the kernel may ask about a step that is read: what was declared around it, and its conditions."""

    background: frozenset[Declaration]
    conditions: tuple[Step, ...] = ()

    def declaration(self, symbol: Symbol) -> Declaration:
        """Raises DerivationError for a symbol that was not declared."""
        for declaration in self.background:
            if declaration.symbol == symbol:
                return declaration
        raise DerivationError(f"{symbol.name} is used but not declared")

    def discharge(self, condition: Condition) -> Step | None:
        return next((step for step in self.conditions if step.claim.formula == condition.formula), None)


def _step(*parts: Any) -> tuple[Step, str]:
    """The kernel's own step for what is written of one; and why its rule does not show it again, where it does not."""
    written: WrittenStep = fitted(WrittenStep, parts)
    with allowance(WORK):
        made, doubt = _made(written)
    if made.claim.formula != written.formula:
        raise DerivationError(f"{written.formula} is not what its steps give: {made.claim.formula}")
    if made.rule is not CHAIN:  # which is as good as what it joins
        with allowance(WORK):
            looked_at_afresh(made.claim, made.background)
    if made.evidence.shown_by and not doubt:
        doubt = f"{written.formula} rests on '{', '.join(made.evidence.shown_by)}', which is not run again"
    return made, doubt


@dataclass(frozen=True)
class WrittenRefutation:
    """What is written of a refutation: the world is found anew."""

    formula: Formula
    given: tuple[Step, ...]
    background: tuple[Declaration, ...]


def _refutation(*parts: Any) -> Refutation:
    written: WrittenRefutation = fitted(WrittenRefutation, parts)
    with allowance(WORK):
        return refute(written.formula, Stated(frozenset(written.background)), *written.given)


def _made(written: WrittenStep) -> tuple[Step, str]:
    from engine.certificates.rereading import AGAIN

    context = Stated(frozenset(written.background), written.conditions)
    if written.rule.name == CHAIN.name:
        if len(written.using) != 2:
            raise Corrupt("a chain has two steps")
        return chain(*written.using), ""
    if written.rule.name == HYPOTHESIS.name:
        return assume(written.formula, context), ""
    outcome = Conclusion(
        written.formula,
        _slots(written.rule.sentence, written.reason),
        written.using,
        tuple(step.claim.formula for step in written.conditions),
        (lambda: written.inside) if written.inside else None,
        written.unknown,
        _unwritten(written.run_on),
    )
    as_written = replace(written.rule, function=lambda *_: outcome)
    if written.rule.name not in AGAIN:
        return infer(as_written, written.formula.left, context), ""
    try:
        return infer(AGAIN[written.rule.name], written.formula.left, context, outcome), ""
    except NotApplicable as error:
        return infer(as_written, written.formula.left, context), str(error)  # which says if it is false


@cache
def _known_rules() -> dict[str, Rule]:
    """The rules by name; of what they compute, nothing is used."""
    from engine.rules import all_rules

    return {**all_rules(), CHAIN.name: CHAIN, HYPOTHESIS.name: HYPOTHESIS}


@dataclass(frozen=True)
class WrittenRule:
    """What is written of a rule: its function is not, since nothing of it is believed."""

    name: str
    law: str
    sentence: str
    conditions: tuple[str, ...]
    structural: bool
    computes: bool


def _rule(*parts: Any) -> Rule:
    read: WrittenRule = fitted(WrittenRule, parts)
    known = _known_rules().get(read.name)
    if known is None:
        raise Unfamiliar(f"there is no rule {read.name[:40]!r} here with that law and that sentence")
    if _fields(read) != [getattr(known, field.name) for field in fields(read)]:
        raise Corrupt(f"there is no rule {read.name[:40]!r} here with that law and that sentence")
    return Rule(read.name, read.law, read.sentence, _unknown, read.conditions, read.structural, read.computes)


def _unknown(*_: Any) -> Conclusion:
    raise TypeError("what a rule that is read computes is not known")


def _slots(sentence: str, reason: str) -> dict[str, str]:
    """What a rule's sentence was filled with to give a reason. Raises Corrupt where it cannot have been."""
    pattern, seen = "", set()
    try:
        for words, slot, _, _ in Formatter().parse(sentence):
            pattern += re.escape(words)
            if slot is not None:
                pattern += f"(?P={slot})" if slot in seen else f"(?P<{slot}>.*)"
                seen.add(slot)
        found = re.fullmatch(pattern, reason, re.S)
    except (ValueError, re.error):
        found = None
    if found is None:
        raise Corrupt(f"the reason {reason[:80]!r} is not what its rule says: {sentence[:80]!r}")
    return found.groupdict()


def _place(data: Any, row: int) -> str:
    """Which line of the working the step in a row of the table is, or which leans on it."""
    try:
        table = data["table"]
        _, _, _, _, _, parts, results, *_ = table[data["root"]["@"]]
        tops = {
            f"parts[{number}].steps[{place}]": step["@"]
            for number, part in enumerate(parts)
            if table[part["@"]][0] == "Passage"
            for place, step in enumerate(table[part["@"]][1])
        } | {f"results[{number}]": table[result["@"]][2]["@"] for number, result in enumerate(results)}
    except (KeyError, IndexError, TypeError, ValueError):
        return f"certificate.table[{row}]"
    for place, top in tops.items():
        if top == row:
            return place
    return next(
        (f"{place}, what it leans on" for place, top in tops.items() if _leans(table, top, row)),
        f"certificate.table[{row}]",
    )


def _leans(table: list[Any], top: int, row: int) -> bool:
    """Whether one row refers to another, itself or through others."""
    seen, waiting = {top}, [top]
    while waiting:
        here = table[waiting.pop()]
        for place in references(here) if isinstance(here, list) else ():
            if place == row:
                return True
            if place not in seen and 0 <= place < len(table):
                seen.add(place)
                waiting.append(place)
    return False
