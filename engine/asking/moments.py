"""Means and variances of formulas in random symbols that somebody types."""

from __future__ import annotations

from engine.asking.brevity import brief
from engine.asking.conditions import Assumed, under_conditions
from engine.asking.formulas import Formula, Unasked, stated
from engine.derivation import Applicable
from engine.rules.algebra import cancel, constant_sum, expand, factor, pull_out_of_sum, simplify, split_sum, unfold
from engine.rules.probability import (
    independent_product,
    linearity,
    mean_of_law,
    second_moment,
    variance_of_independent_sum,
    variance_of_law,
    variance_of_multiple,
    variance_of_shift,
)
from engine.terms import Covariance, Expectation, Term, Variance
from engine.working import Working

TAKEN_APART: tuple[Applicable, ...] = (
    linearity,
    variance_of_shift,
    variance_of_multiple,
    variance_of_independent_sum,
    mean_of_law,
    variance_of_law,
    independent_product,
    second_moment,
)
PUT_TOGETHER: tuple[Applicable, ...] = (split_sum, pull_out_of_sum, constant_sum, simplify)


def mean_of(asked: Formula) -> Working:
    """The mean over all random symbols. Raises Unasked where there are none, or where one is left that no rule takes."""
    return under_conditions(lambda assumed: _moment(asked, Expectation, "mean", assumed))


def variance_of(asked: Formula) -> Working:
    """The variance over all random symbols. Raises what `mean_of` does."""
    if not asked.body.is_scalar:
        raise Unasked("a variance is of a scalar; that of a vector is a covariance matrix")
    return under_conditions(lambda assumed: _moment(asked, Variance, "variance", assumed))


def _moment(asked: Formula, operator: type[Expectation] | type[Variance], what: str, assumed: Assumed) -> Working:
    if not any(declaration.law for declaration in asked.declarations):
        raise Unasked("nothing in it is random: declare a law, as in --let 'm_j ~ Bernoulli(p) iid'")
    proof, function = stated(asked, (), assumed)
    draft = proof.derive(operator(function()), f"The {what}").by(unfold)
    draft.by_all(TAKEN_APART)
    if _left(draft.value) is not None:
        draft.by(expand).by_all(TAKEN_APART)
    left = _left(draft.value)
    if left is not None:
        raise Unasked(f"no rule gives {left}")
    draft.by_all(PUT_TOGETHER)
    brief(draft, (cancel(), factor()) if _has_no_sum(draft.value) else ())
    proof.conclude(draft)
    return proof.finished(what, f"The {what} of {asked.title}", "")


def _left(term: Term) -> Term | None:
    """A mean or variance that still stands in a term."""
    return next((node for node in term.walk() if isinstance(node, (Expectation, Variance, Covariance))), None)


def _has_no_sum(term: Term) -> bool:
    return not any(node.bound for node in term.walk())
