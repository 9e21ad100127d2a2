"""Mistakes with means and variances."""

from __future__ import annotations

from engine.grading.misconceptions.registry import Alternatives, Target, mistake
from engine.grading.misconceptions.shapes import base_alone, is_power, one_factor_left_out, one_term_left_out
from engine.rules.algebra.rewriting import unfold
from engine.rules.algebra.sums import constant_factor_of_sum, sum_of_constant
from engine.rules.probability.expectations import (
    as_variance,
    bias_and_variance,
    definition_of_variance,
    linearity_of_expectation,
    mean_of_law,
    second_moment,
    square_of_two_parts,
    variance_of_independent_sum,
    variance_of_law,
    variance_of_multiple,
    variance_of_shift,
)
from engine.rules.scope import Scope
from engine.terms import (
    MINUS_ONE,
    ONE,
    TWO,
    Add,
    Expectation,
    Multiply,
    Number,
    Summation,
    Term,
    Variance,
    add,
    factors,
    multiply,
    negate,
    power,
)
from engine.terms.laws import Bernoulli


@mistake(
    "constant-not-squared", r"\operatorname{Var}(cX) = c\operatorname{Var}(X)",
    "A constant leaves a variance squared: it came out as it was.", variance_of_multiple,
)  # fmt: skip
def _not_squared_constant(term: Term, _: Scope) -> Alternatives:
    if is_power(term, 2, -2) and isinstance(term.exponent, Number):
        yield power(term.base, Number(term.exponent.value / 2))


mistake(
    "one-constant-not-squared", r"\operatorname{Var}(acX) = a^2c\operatorname{Var}(X)",
    "Every constant leaves a variance squared: one of them was left inside or taken out once too seldom.",
    variance_of_multiple,
)(one_factor_left_out(lambda factor: is_power(factor, 2, -2)))  # fmt: skip


@mistake(
    "fully-dependent", r"\operatorname{Var}\bigl(\sum X_i\bigr) = n \sum \operatorname{Var}(X_i)",
    "The variances of independent terms add up: here the sum was treated as one term taken that many times.",
    variance_of_independent_sum,
)  # fmt: skip
def _dependent(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Summation):
        yield multiply(term.length, term)


@mistake(
    "second-moment-for-variance", r"\operatorname{Var}(X) = \operatorname{E}[X^2]",
    "The variance is the mean of the square less the square of the mean: that was not taken away.",
    variance_of_multiple, unfold, variance_of_independent_sum, variance_of_shift, place=Target.BEFORE,
)  # fmt: skip
def _second_moment(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Variance):
        yield add(term, power(Expectation(term.body), TWO))


@mistake(
    "sum-dropped", r"\operatorname{Var}\bigl(\sum X_i\bigr) = \operatorname{Var}(X_i)",
    "A sum of n equal terms is n times one of them: the number of terms was forgotten.", sum_of_constant,
    place=Target.BEFORE,
)  # fmt: skip
def _sum_dropped(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Summation) and not term.body.has(term.index):
        yield term.body


@mistake(
    "number-of-terms-squared", r"\sum_{i=1}^n c = n^2 c",
    "A sum of n equal terms is n times one of them, not n² times.", sum_of_constant, place=Target.BEFORE,
)  # fmt: skip
def _terms_squared(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Summation) and not term.body.has(term.index):
        yield multiply(term.length, term)


mistake(
    "deviation-for-variance", r"\operatorname{Var}(X) = \sigma",
    "σ is the standard deviation: the variance is σ².", variance_of_law,
)(base_alone(2))  # fmt: skip


@mistake(
    "bernoulli-variance", r"\operatorname{Var}(m) = p",
    "The variance of a Bernoulli variable is p(1 − p): p itself is its mean and its second moment.", variance_of_law,
)  # fmt: skip
def _bernoulli_variance(term: Term, scope: Scope) -> Alternatives:
    for p in _keep_probabilities(scope):
        spread = multiply(p, add(ONE, negate(p)))
        if isinstance(term, Multiply) and set(factors(spread)) <= set(term.factors):
            rest = [factor for factor in term.factors if factor not in factors(spread)]
            yield from (multiply(*rest, wrong) for wrong in (p, power(p, TWO), add(ONE, negate(p))))


@mistake(
    "keep-and-drop", r"\operatorname{E}[m] = 1 - p",
    "p is the probability that a variable is kept (that m is 1), 1 − p that it is dropped: they were exchanged.",
    mean_of_law, variance_of_law, unfold,
)  # fmt: skip
def _keep_and_drop(term: Term, scope: Scope) -> Alternatives:
    if term in _keep_probabilities(scope):
        yield add(ONE, negate(term))


def _keep_probabilities(scope: Scope) -> list[Term]:
    return [d.law.p for d in scope.declarations.values() if isinstance(d.law, Bernoulli)]


mistake(
    "variance-forgotten", r"\operatorname{E}[X^2] = (\operatorname{E}X)^2",
    "The mean of a square is the square of the mean plus the variance: the variance was forgotten.", second_moment,
    bias_and_variance, square_of_two_parts, as_variance,
)(one_term_left_out(lambda term: any(isinstance(node, Variance) for node in term.walk())))  # fmt: skip


mistake(
    "mean-forgotten", r"\operatorname{E}[X^2] = \operatorname{Var}(X)",
    "The mean of a square is the variance plus the square of the mean: that square was forgotten.", second_moment,
    bias_and_variance, definition_of_variance,
)(one_term_left_out(lambda term: any(isinstance(node, Expectation) for node in term.walk())))  # fmt: skip


@mistake(
    "shift-in-variance", r"\operatorname{Var}(X + c) = \operatorname{Var}(X) + c",
    "A constant does not vary: added to a variable, it adds nothing to the variance.", variance_of_shift,
    place=Target.BEFORE,
)  # fmt: skip
def _shift(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Variance) and isinstance(term.body, Add):
        for each in term.body.terms:
            yield add(term, each)
            yield add(term, power(each, TWO))


mistake(
    "constant-in-a-mean", r"\operatorname{E}[cX] = \operatorname{E}[X]",
    "A constant factor of a mean stays: it was lost.", linearity_of_expectation, constant_factor_of_sum,
)(
    one_factor_left_out(lambda f: f.is_scalar and f != MINUS_ONE and not isinstance(f, (Expectation, Summation)))
)  # fmt: skip
