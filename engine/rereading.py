"""Structural steps that somebody else has written: what worlds only test, their rules show again from what the steps lean on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from engine.kernel import HYPOTHESIS, DerivationError, NotApplicable, Outcome, Rule, Step
from engine.premises import Declaration, Formula, Relation
from engine.rules.limits import limit, limit_of_power
from engine.rules.optimisation import crossing, minimiser, minimiser_by_sign, minimiser_of_log, minimum_on_constraint
from engine.rules.prover import free_of, prove, read_off
from engine.rules.tidy import tidy
from engine.scope import Scope
from engine.terms import Call, Term

Using = tuple[Step, ...]


def shown_again(
    rule: str, formula: Formula, using: Using, conditions: tuple[Formula, ...], background: frozenset[Declaration]
) -> tuple[Formula, ...]:
    """What a structural rule, run again on what a step leans on, needs beyond the conditions that the step has.

    Nothing is run of rules whose arguments are not written. Raises NotApplicable where the rule does not come to what the step says.
    """
    if rule not in _AGAIN:
        return ()
    hypotheses = tuple(step.claim.formula for step in using if step.rule.name == HYPOTHESIS.name)
    calls = (node for side in formula.sides for node in side.walk() if isinstance(node, Call))
    definitions = {call.definition.name: call.definition for call in calls}
    scope = Scope({d.symbol: d for d in sorted(background, key=repr)}, definitions, hypotheses, prove)
    trouble = f"'{rule}' does not show {formula}"
    for attempt in _AGAIN[rule](formula, using, scope):
        try:
            found = attempt()
        except TypeError:  # too few steps to lean on, or too many
            continue
        except DerivationError as error:
            trouble = f"'{rule}' does not show {formula}: {error}"
            continue
        if _alike(found.formula, formula, scope):
            return tuple(c for c in found.conditions if not any(_alike(c, known, scope) for known in conditions))
    raise NotApplicable(trouble)


Attempts = Iterator[Callable[[], Outcome]]


def _read_off(formula: Formula, using: Using, scope: Scope) -> Attempts:
    """With the first few equalities put in beforehand, and the others as what the prover may lean on."""
    equalities = tuple(step for step in using if step.claim.relation is Relation.EQUAL)
    for count in range(len(equalities) + 1):
        leaning = replace(scope, facts=equalities[count:], proved={})
        yield partial(read_off.function, formula, leaning, *equalities[:count])


def _about_the_right(rule: str) -> Callable[[Formula, Using, Scope], Attempts]:
    """Of rules whose subject is the right side: what is minimised, or what is at least the left side."""

    def attempts(formula: Formula, using: Using, scope: Scope) -> Attempts:
        yield partial(_BY_NAME[rule].function, formula.right, scope, *using)

    return attempts


def _on_constraint(formula: Formula, using: Using, scope: Scope) -> Attempts:
    if using:
        constraint, *rest = using
        yield partial(minimum_on_constraint.function, formula.right, scope, constraint.claim.formula, *rest)


def _of_the_left(rule: Rule) -> Callable[[Formula, Using, Scope], Attempts]:
    """Of rules that rewrite the left side, and lean on nothing."""

    def attempts(formula: Formula, using: Using, scope: Scope) -> Attempts:
        yield partial(rule.function, formula.left, scope)

    return attempts


def _independence(formula: Formula, using: Using, scope: Scope) -> Attempts:
    yield partial(free_of.function, formula, scope, *using)


_BY_NAME = {rule.name: rule for rule in (minimiser, minimiser_by_sign, minimiser_of_log, crossing)}
_AGAIN: dict[str, Callable[[Formula, Using, Scope], Attempts]] = {
    read_off.name: _read_off,
    minimum_on_constraint.name: _on_constraint,
    **{rule.name: _of_the_left(rule) for rule in (limit, limit_of_power)},
    free_of.name: _independence,
    **{name: _about_the_right(name) for name in _BY_NAME},
}


def _alike(found: Formula, written: Formula, scope: Scope) -> bool:
    """Whether two formulas are the same but for the order of terms and factors."""
    if found == written:
        return True
    if found.relation is not written.relation or len(found.sides) != len(written.sides):
        return False
    pairs = zip(found.sides, written.sides, strict=True)
    return all(isinstance(a, Term) and tidy(a, scope) == tidy(b, scope) for a, b in pairs)
