"""Structural steps that somebody else has written: what worlds only test, their rules show again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from engine.kernel import HYPOTHESIS, Conclusion, Context, DerivationError, NotApplicable, Rule, Step, genuine
from engine.rules.algebra.specialising import specialise
from engine.rules.calculus.limits import limit, limit_of_power
from engine.rules.calculus.optimisation import (
    lagrange_multiplier,
    minimiser,
    minimiser_by_sign_of_slope,
    minimiser_of_log,
    minimum_of_maximum,
    minimum_on_constraint,
)
from engine.rules.order.prover import free_of, prove, read_off
from engine.rules.scope import Scope
from engine.rules.tidy import tidy
from engine.terms import Call, Term
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula, Relation

RunOn = tuple[Any, ...]  # the subject of a rule, and its arguments


def shown_again(
    rule: Rule, run_on: RunOn, written: Conclusion, background: frozenset[Declaration]
) -> tuple[Formula, ...]:
    """What a structural rule, run again on what a step says that it was run on, needs beyond the conditions that are
    written.

    Raises NotApplicable where the rule does not come to what the step says.
    """
    found = _found(rule, run_on, written, background)
    scope = _scope(run_on, written, background)
    if not _alike(found.formula, written.formula, scope):
        raise NotApplicable(f"'{rule.name}' does not show {written.formula}")
    known = written.conditions
    return tuple(c for c in found.conditions if not any(_alike(c, other, scope) for other in known))


def _found(rule: Rule, run_on: RunOn, written: Conclusion, background: frozenset[Declaration]) -> Conclusion:
    try:
        subject, *arguments = run_on
        outcome: Conclusion = rule.function(subject, _scope(run_on, written, background), *arguments)
        return outcome
    except DerivationError as error:
        raise NotApplicable(f"'{rule.name}' does not show {written.formula}: {error}") from error
    except (TypeError, AttributeError, AssertionError, LookupError, ValueError) as error:  # a file may say anything
        raise NotApplicable(
            f"'{rule.name}' does not show {written.formula}: it cannot have been run on that"
        ) from error


def _scope(run_on: RunOn, written: Conclusion, background: frozenset[Declaration]) -> Scope:
    """What is declared around a step, the hypotheses that it leans on, and the equalities that its prover may use."""
    using = tuple(map(genuine, written.using))
    calls = (node for side in written.formula.sides for node in side.walk() if isinstance(node, Call))
    return Scope(
        {d.symbol: d for d in sorted(background, key=repr)},
        {call.definition.name: call.definition for call in calls},
        tuple(step.claim.formula for step in using if step.rule.name == HYPOTHESIS.name),
        prove,
        facts=tuple(step for step in using if step.claim.relation is Relation.EQUAL and not _is_among(step, run_on)),
    )


def _is_among(step: Step, run_on: RunOn) -> bool:
    return any(part is step for part in run_on)


def _again(rule: Rule) -> Rule:
    """The rule for a step that is written to be by it: it is run again, and what is written stays."""

    def run(subject: Term | Formula, context: Context, written: Conclusion) -> Conclusion:
        if written.run_on is None:
            raise NotApplicable(f"'{rule.name}' does not show {written.formula}: what it was run on is not written")
        further = shown_again(rule, written.run_on, written, context.background)
        return replace(written, conditions=(*written.conditions, *further))

    return replace(rule, function=run)


_STRUCTURAL = (
    minimum_of_maximum, free_of, lagrange_multiplier, limit, limit_of_power, minimiser, minimiser_by_sign_of_slope,
    minimiser_of_log, minimum_on_constraint, read_off, specialise,
)  # fmt: skip
AGAIN: Mapping[str, Rule] = MappingProxyType({rule.name: _again(rule) for rule in _STRUCTURAL})


def _alike(found: Formula, written: Formula, scope: Scope) -> bool:
    """Whether two formulas are the same but for the order of terms and factors."""
    if found == written:
        return True
    if found.relation is not written.relation or len(found.sides) != len(written.sides):
        return False
    pairs = zip(found.sides, written.sides, strict=True)
    return all(isinstance(a, Term) and tidy(a, scope) == tidy(b, scope) for a, b in pairs)
