"""Mistakes that people make, as faulty variants of rules: what is written in place of what the rule would give.

None is tied to a result. A mistake is made at one place: `before` the rule, in what it is applied to; `after` it, in what
it gave; or with the `line` as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any, TypeVar

from engine.kernel import Rule
from engine.rules.algebra.equations import (
    add_to_both_sides,
    clear_denominators,
    divide_both_sides,
    invert_power,
    isolate,
    multiply_both_sides,
    positive_root,
    separate,
)
from engine.rules.algebra.powers import (
    absolute_value_of_product,
    log_laws,
    power_laws,
    quotient_by_absolute_value,
    root_of_square,
    sign_and_absolute_value,
    sign_of_product,
)
from engine.rules.algebra.rewriting import (
    as_inner_product,
    as_norm,
    cancel,
    collect,
    common_denominator,
    distribute,
    expand,
    insert,
    simplify,
    split_fraction,
    transpose_laws,
    unfold,
)
from engine.rules.algebra.sums import constant_factor_of_sum, sum_of_constant
from engine.rules.calculus.derivatives import differentiate
from engine.rules.calculus.optimisation import larger_absolute_value
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
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    Add,
    Apply,
    Call,
    Derivative,
    Expectation,
    Multiply,
    Number,
    Power,
    SquaredNorm,
    Summation,
    Symbol,
    Term,
    Transpose,
    Variance,
    add,
    multiply,
    negate,
    power,
)
from engine.terms.formulas import Formula
from engine.terms.laws import Bernoulli

Alternatives = Iterator[Term]
Line = Term | Formula | None  # what stands before a rule, or what it gave
AtNode = Callable[[Term, Scope], Alternatives]
Variant = TypeVar("Variant", bound=Callable[..., Iterator[Any]])


class Place(Enum):
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
    place: Place
    function: Callable[..., Iterator[Any]]
    vague: bool = False  # whether it says where, but not why


MISCONCEPTIONS: dict[str, Misconception] = {}


def _mistake(
    name: str, law: str, sentence: str, *rules: Rule, place: Place = Place.AFTER, vague: bool = False
) -> Callable[[Variant], Variant]:
    def noted(function: Variant) -> Variant:
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


# -- small helpers -----------------------------------------------------------------------------------------------------


def _factors(term: Term) -> tuple[Term, ...]:
    return term.factors if isinstance(term, Multiply) else (term,)


def _summands(term: Term) -> tuple[Term, ...]:
    return term.terms if isinstance(term, Add) else (term,)


def _without(items: tuple[Term, ...], place: int) -> tuple[Term, ...]:
    return items[:place] + items[place + 1 :]


def _scaled_summands(term: Term, scale: Term) -> Alternatives:
    """The sum with one of its terms scaled; a single term is a sum of one."""
    terms = _summands(term)
    for place, each in enumerate(terms):
        yield add(*terms[:place], multiply(scale, each), *terms[place + 1 :])


def _is_power(term: Term, *exponents: Fraction | int) -> bool:
    return isinstance(term, Power) and isinstance(term.exponent, Number) and term.exponent.value in exponents


# -- derivatives -------------------------------------------------------------------------------------------------------


@_mistake(
    "exponent-not-brought-down", r"\mathrm{d}\,u^2 = u\,\mathrm{d}u",
    "The derivative of a square has a factor 2: it was forgotten in one term.", differentiate,
)  # fmt: skip
def _no_two(term: Term, _: Scope) -> Alternatives:
    yield from _scaled_summands(term, HALF)


@_mistake(
    "a-half-ignored", r"\mathrm{d}\,\tfrac12 u^2 = 2u\,\mathrm{d}u",
    "The factor in front of a square was left out when it was differentiated: one term is twice too large.", differentiate,
)  # fmt: skip
def _two_too_many(term: Term, _: Scope) -> Alternatives:
    yield from _scaled_summands(term, TWO)


@_mistake(
    "other-variable", r"\partial f / \partial y \text{ for } \partial f / \partial x",
    "It was differentiated with respect to another variable.", differentiate, place=Place.BEFORE,
)  # fmt: skip
def _other_variable(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Derivative):
        others = {
            node
            for node in unfolded(term.body).walk()
            if isinstance(node, Symbol) and node.shape == term.variable.shape
        }
        for other in sorted(others - {term.variable}, key=lambda symbol: symbol.name):
            yield Derivative(unfolded(term.body), other)


def unfolded(term: Term) -> Term:
    """A term with what its names stand for."""
    inner = term.map(unfolded)
    return unfolded(inner.unfolded) if isinstance(inner, Call) else inner


@_mistake(
    "term-not-differentiated", r"\mathrm{d}(u + v) = \mathrm{d}u",
    "A sum is differentiated term by term: one term was left out.", differentiate,
)  # fmt: skip
def _term_lost(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Add):
        for place in range(len(term.terms)):
            yield add(*_without(term.terms, place))


@_mistake(
    "inner-derivative-sign", r"\mathrm{d}f(-u) = f'(-u)\,\mathrm{d}u",
    "The derivative of what stands inside changes the sign of a term here: that was forgotten.", differentiate,
)  # fmt: skip
def _inner_sign(term: Term, _: Scope) -> Alternatives:
    yield from _scaled_summands(term, MINUS_ONE)


@_mistake(
    "inner-derivative-forgotten", r"\mathrm{d}f(cu) = f'(cu)\,\mathrm{d}u",
    "By the chain rule the derivative of what stands inside is a factor: it was forgotten.", differentiate,
    place=Place.LINE,
)  # fmt: skip
def _inner_factor(before: Line, after: Line) -> Iterator[Line]:
    if isinstance(after, Term) and isinstance(before, Term):
        for slope in (node for node in before.walk() if isinstance(node, Derivative)):
            for factor in _inner_slopes(slope):
                yield from _scaled_summands(after, power(factor, MINUS_ONE))


def _inner_slopes(slope: Derivative) -> Iterator[Term]:
    """The c of each f(cu + b) that is differentiated with respect to u."""
    for node in slope.body.walk():
        inner = node.argument if isinstance(node, Apply) else node.base if isinstance(node, Power) else None
        for each in _summands(inner) if inner is not None else ():
            constants = [f for f in _factors(each) if f.is_scalar and not f.has(slope.variable)]
            if constants and each.has(slope.variable):
                yield multiply(*constants)


@_mistake(
    "quotient-rule-square", r"\mathrm{d}\tfrac1u = -\tfrac{\mathrm{d}u}{u}",
    "The derivative of 1/u has the square of u below: the square was forgotten.", differentiate,
)  # fmt: skip
def _not_squared(term: Term, _: Scope) -> Alternatives:
    if _is_power(term, -2):
        assert isinstance(term, Power)
        yield power(term.base, MINUS_ONE)


@_mistake(
    "transpose-forgotten", r"\nabla\, a^\top w = a^\top",
    "A gradient has the shape of its variable: a transpose was forgotten.", differentiate, transpose_laws,
)  # fmt: skip
def _no_transpose(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Transpose):
        yield term.inner


# -- equations ---------------------------------------------------------------------------------------------------------

_CLEARED = (clear_denominators, multiply_both_sides)


@_mistake(
    "term-not-multiplied", r"\tfrac an + b = c \Rightarrow a + b = nc",
    "When a denominator is cleared, every term is multiplied by it: one was left as it was.", *_CLEARED,
)  # fmt: skip
def _not_multiplied(term: Term, _: Scope) -> Alternatives:
    for place, each in enumerate(_summands(term)):
        factors = _factors(each)
        for k, factor in enumerate(factors):
            if isinstance(factor, Symbol) and factor.is_scalar:
                others = _summands(term)
                yield add(*others[:place], multiply(*_without(factors, k)), *others[place + 1 :])


@_mistake(
    "one-side-multiplied", r"\tfrac an = b \Rightarrow a = b",
    "Both sides are multiplied when a denominator is cleared: one side was left as it was.", *_CLEARED, divide_both_sides,
    place=Place.LINE,
)  # fmt: skip
def _one_side(before: Line, after: Line) -> Iterator[Line]:
    if not isinstance(before, Formula) or not isinstance(after, Formula):
        return
    yield Formula(after.left, after.relation, before.right)
    yield Formula(before.left, after.relation, after.right)


@_mistake(
    "sign-not-changed", r"a + b = 0 \Rightarrow a = b",
    "A term that goes to the other side changes its sign: it kept it.", separate, isolate, add_to_both_sides,
    place=Place.LINE,
)  # fmt: skip
def _sign_kept(_: Line, after: Line) -> Iterator[Line]:
    if isinstance(after, Formula) and isinstance(after.right, Term):
        for other in _scaled_summands(after.right, MINUS_ONE):
            yield Formula(after.left, after.relation, other)


@_mistake(
    "multiplied-instead-of-divided", r"Aw = b \Rightarrow w = Ab",
    "To solve for the unknown, divide by what stands before it (multiply by its inverse): it was multiplied by it.",
    isolate, divide_both_sides, cancel,
)  # fmt: skip
def _no_inverse(term: Term, _: Scope) -> Alternatives:
    if _is_power(term, -1):
        assert isinstance(term, Power)
        yield term.base


@_mistake(
    "upside-down", r"aw = b \Rightarrow w = \tfrac ab",
    "A quotient is upside down: what belongs below stands above.",
    isolate, divide_both_sides, cancel, insert, simplify, split_fraction, distribute, expand,
)  # fmt: skip
def _upside_down(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Multiply) and term.is_scalar and any(_is_power(factor, -1, -2) for factor in term.factors):
        yield power(term, MINUS_ONE)


@_mistake(
    "root-forgotten", r"w^2 = a \Rightarrow w = a",
    "The square on the left asks for a root on the right: it was forgotten.", positive_root, root_of_square,
)  # fmt: skip
def _no_root(term: Term, _: Scope) -> Alternatives:
    if _is_power(term, Fraction(1, 2)):
        assert isinstance(term, Power)
        yield term.base


@_mistake(
    "root-term-by-term", r"\sqrt{a + b} = \sqrt a + \sqrt b",
    "The root of a sum is not the sum of the roots.", positive_root, root_of_square, simplify,
)  # fmt: skip
def _root_of_sum(term: Term, _: Scope) -> Alternatives:
    if _is_power(term, Fraction(1, 2)):
        assert isinstance(term, Power)
        if isinstance(term.base, Add):
            yield add(*(power(each, HALF) for each in term.base.terms))


@_mistake(
    "exponent-not-inverted", r"w^a = b \Rightarrow w = b^a",
    "To undo a power, raise to one over its exponent: the exponent was used as it stood, or with the other sign.",
    invert_power, power_laws,
)  # fmt: skip
def _exponent(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Power) and term.exponent.free:
        yield power(term.base, negate(term.exponent))
        yield power(term.base, power(term.exponent, MINUS_ONE))


# -- algebra -----------------------------------------------------------------------------------------------------------

_REWRITES = (expand, distribute, simplify, collect, clear_denominators, cancel, insert, separate, common_denominator)


@_mistake(
    "square-of-a-sum", r"(a + b)^2 = a^2 + b^2",
    "The square of a sum has the product 2ab in it, too.", expand, square_of_two_parts, simplify, place=Place.BEFORE,
)  # fmt: skip
def _square_of_sum(term: Term, _: Scope) -> Alternatives:
    if _is_power(term, 2):
        assert isinstance(term, Power)
        if isinstance(term.base, Add):
            yield add(*(power(each, TWO) for each in term.base.terms))


@_mistake(
    "first-term-only", r"c(a + b) = ca + b",
    "A factor before brackets belongs to every term in them: it was given to one alone.", *_REWRITES, place=Place.BEFORE,
)  # fmt: skip
def _first_only(term: Term, _: Scope) -> Alternatives:
    if not isinstance(term, Multiply):
        return
    for place, factor in enumerate(term.factors):
        outer = _without(term.factors, place)
        if isinstance(factor, Add) and outer and all(each.is_scalar for each in outer):
            for k, _each in enumerate(factor.terms):
                given = multiply(*outer, factor.terms[k])
                yield add(*factor.terms[:k], given, *factor.terms[k + 1 :])


@_mistake(
    "brackets-forgotten", r"-(a + b) = -a + b",
    "What is inserted needs brackets: the sign before it belongs to every term of it.", insert, unfold, expand,
)  # fmt: skip
def _brackets(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Add) and len(term.terms) > 1:
        yield from _scaled_summands(term, MINUS_ONE)


@_mistake(
    "inverse-of-a-sum", r"(a + b)^{-1} = a^{-1} + b^{-1}",
    "The inverse of a sum is not the sum of the inverses.", isolate, cancel, simplify, split_fraction,
)  # fmt: skip
def _inverse_of_sum(term: Term, _: Scope) -> Alternatives:
    if _is_power(term, -1):
        assert isinstance(term, Power)
        if isinstance(term.base, Add):
            yield add(*(power(each, MINUS_ONE) for each in term.base.terms))


@_mistake(
    "cancelled-in-a-sum", r"\frac{ab + c}{a} = b + c",
    "Only a factor of everything above can be cancelled: here it was cancelled in one term alone.", cancel, simplify,
    place=Place.BEFORE,
)  # fmt: skip
def _cancelled(term: Term, _: Scope) -> Alternatives:
    if not isinstance(term, Multiply):
        return
    for place, factor in enumerate(term.factors):
        for k, below in enumerate(term.factors):
            if isinstance(factor, Add) and _is_power(below, -1) and k != place:
                assert isinstance(below, Power)
                rest = tuple(f for n, f in enumerate(term.factors) if n not in (place, k))
                for m, each in enumerate(factor.terms):
                    if below.base in _factors(each):
                        divided = multiply(each, below)
                        yield multiply(*rest, add(*factor.terms[:m], divided, *factor.terms[m + 1 :]))


@_mistake(
    "cancelled-away", r"\frac{a}{ab} = \tfrac1b \text{ with one } a \text{ too few or too many}",
    "A factor was cancelled once too often, or once too seldom.", cancel, simplify, vague=True,
)  # fmt: skip
def _cancelled_away(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Multiply):
        for place, factor in enumerate(term.factors):
            if factor.is_scalar and not isinstance(factor, Number):
                yield multiply(*_without(term.factors, place))
                yield multiply(factor, term)


@_mistake(
    "factor-lost", r"ab + c \to a + c",
    "A factor was lost on the way from one line to the next.", vague=True,
)  # fmt: skip
def _factor_lost(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Multiply):
        for place, factor in enumerate(term.factors):
            if factor.is_scalar and factor != MINUS_ONE:
                yield multiply(*_without(term.factors, place))


@_mistake(
    "term-lost", r"a + b \to a",
    "A term was lost on the way from one line to the next.", vague=True,
)  # fmt: skip
def _term_dropped(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Add):
        for place in range(len(term.terms)):
            yield add(*_without(term.terms, place))


@_mistake(
    "sign-lost", r"-a + c \to a + c",
    "A sign was lost on the way from one line to the next.", vague=True,
)  # fmt: skip
def _sign_lost(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Multiply) and any(isinstance(f, Number) and f.value < 0 for f in term.factors):
        yield negate(term)


@_mistake(
    "order-exchanged", r"(AB)^\top = A^\top B^\top",
    "A transpose turns the order of a product round.", transpose_laws, expand, differentiate,
)  # fmt: skip
def _exchanged(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Multiply):
        matrices = [factor for factor in term.factors if not factor.is_scalar]
        scalars = [factor for factor in term.factors if factor.is_scalar]
        if len(matrices) > 1:
            try:
                yield multiply(*scalars, *reversed(matrices))
            except ValueError:
                return


@_mistake(
    "norm-not-squared", r"w^\top w = \lVert w \rVert",
    "wᵀw is the square of the norm, not the norm.", as_norm, as_inner_product,
)  # fmt: skip
def _norm(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, SquaredNorm):
        yield power(term, HALF)


@_mistake(
    "absolute-value-forgotten", r"a\,\operatorname{sign}(a) = a",
    "a·sign(a) is |a|: without the bars it is wrong where a is negative.", sign_and_absolute_value,
    absolute_value_of_product, quotient_by_absolute_value, larger_absolute_value,
)  # fmt: skip
def _bars(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Apply) and term.function == "abs":
        yield term.argument


@_mistake(
    "sign-of-forgotten", r"\operatorname{sign}(a) \to a",
    "The sign of a quantity is wanted, not the quantity itself.", unfold, insert, sign_of_product,
    sign_and_absolute_value,
)  # fmt: skip
def _not_its_sign(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Apply) and term.function == "sign":
        yield term.argument


@_mistake(
    "sign-dropped", r"\frac{a}{|a|} = 1",
    "a/|a| is the sign of a, not 1.", quotient_by_absolute_value, sign_of_product, sign_and_absolute_value,
)  # fmt: skip
def _sign_dropped(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Apply) and term.function == "sign":
        yield ONE


# -- means and variances -----------------------------------------------------------------------------------------------


@_mistake(
    "constant-not-squared", r"\operatorname{Var}(cX) = c\operatorname{Var}(X)",
    "A constant leaves a variance squared: it came out as it was.", variance_of_multiple,
)  # fmt: skip
def _not_squared_constant(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Power) and isinstance(term.exponent, Number) and term.exponent.value in (2, -2):
        yield power(term.base, Number(term.exponent.value / 2))


@_mistake(
    "one-constant-not-squared", r"\operatorname{Var}(acX) = a^2c\operatorname{Var}(X)",
    "Every constant leaves a variance squared: one of them was left inside or taken out once too seldom.", variance_of_multiple,
)  # fmt: skip
def _constant_lost(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Multiply):
        for place, factor in enumerate(term.factors):
            if _is_power(factor, 2, -2):
                yield multiply(*_without(term.factors, place))


@_mistake(
    "fully-dependent", r"\operatorname{Var}\bigl(\sum X_i\bigr) = n \sum \operatorname{Var}(X_i)",
    "The variances of independent terms add up: here the sum was treated as one term taken that many times.",
    variance_of_independent_sum,
)  # fmt: skip
def _dependent(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Summation):
        yield multiply(term.length, term)


@_mistake(
    "second-moment-for-variance", r"\operatorname{Var}(X) = \operatorname{E}[X^2]",
    "The variance is the mean of the square less the square of the mean: that was not taken away.", variance_of_multiple, unfold,
    variance_of_independent_sum, variance_of_shift, place=Place.BEFORE,
)  # fmt: skip
def _second_moment(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Variance):
        yield add(term, power(Expectation(term.body), TWO))


@_mistake(
    "sum-dropped", r"\operatorname{Var}\bigl(\sum X_i\bigr) = \operatorname{Var}(X_i)",
    "A sum of n equal terms is n times one of them: the number of terms was forgotten.", sum_of_constant,
    place=Place.BEFORE,
)  # fmt: skip
def _sum_dropped(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Summation) and not term.body.has(term.index):
        yield term.body


@_mistake(
    "number-of-terms-squared", r"\sum_{i=1}^n c = n^2 c",
    "A sum of n equal terms is n times one of them, not n² times.", sum_of_constant, place=Place.BEFORE,
)  # fmt: skip
def _terms_squared(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Summation) and not term.body.has(term.index):
        yield multiply(term.length, term)


@_mistake(
    "deviation-for-variance", r"\operatorname{Var}(X) = \sigma",
    "σ is the standard deviation: the variance is σ².", variance_of_law,
)  # fmt: skip
def _deviation(term: Term, _: Scope) -> Alternatives:
    if _is_power(term, 2):
        assert isinstance(term, Power)
        yield term.base


@_mistake(
    "bernoulli-variance", r"\operatorname{Var}(m) = p",
    "The variance of a Bernoulli variable is p(1 − p): p itself is its mean and its second moment.", variance_of_law,
)  # fmt: skip
def _bernoulli_variance(term: Term, scope: Scope) -> Alternatives:
    for p in _keep_probabilities(scope):
        spread = multiply(p, add(ONE, negate(p)))
        if isinstance(term, Multiply) and set(_factors(spread)) <= set(term.factors):
            rest = [factor for factor in term.factors if factor not in _factors(spread)]
            yield from (multiply(*rest, wrong) for wrong in (p, power(p, TWO), add(ONE, negate(p))))


@_mistake(
    "keep-and-drop", r"\operatorname{E}[m] = 1 - p",
    "p is the probability that a variable is kept (that m is 1), 1 − p that it is dropped: they were exchanged.",
    mean_of_law, variance_of_law, unfold,
)  # fmt: skip
def _keep_and_drop(term: Term, scope: Scope) -> Alternatives:
    if term in _keep_probabilities(scope):
        yield add(ONE, negate(term))


def _keep_probabilities(scope: Scope) -> list[Term]:
    return [d.law.p for d in scope.declarations.values() if isinstance(d.law, Bernoulli)]


@_mistake(
    "variance-forgotten", r"\operatorname{E}[X^2] = (\operatorname{E}X)^2",
    "The mean of a square is the square of the mean plus the variance: the variance was forgotten.", second_moment,
    bias_and_variance, square_of_two_parts, as_variance,
)  # fmt: skip
def _variance_forgotten(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Add):
        for place, each in enumerate(term.terms):
            if any(isinstance(node, Variance) for node in each.walk()):
                yield add(*_without(term.terms, place))


@_mistake(
    "mean-forgotten", r"\operatorname{E}[X^2] = \operatorname{Var}(X)",
    "The mean of a square is the variance plus the square of the mean: that square was forgotten.", second_moment,
    bias_and_variance, definition_of_variance,
)  # fmt: skip
def _mean_forgotten(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Add):
        for place, each in enumerate(term.terms):
            if any(isinstance(node, Expectation) for node in each.walk()):
                yield add(*_without(term.terms, place))


@_mistake(
    "shift-in-variance", r"\operatorname{Var}(X + c) = \operatorname{Var}(X) + c",
    "A constant does not vary: added to a variable, it adds nothing to the variance.", variance_of_shift,
    place=Place.BEFORE,
)  # fmt: skip
def _shift(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Variance) and isinstance(term.body, Add):
        for each in term.body.terms:
            yield add(term, each)
            yield add(term, power(each, TWO))


@_mistake(
    "constant-in-a-mean", r"\operatorname{E}[cX] = \operatorname{E}[X]",
    "A constant factor of a mean stays: it was lost.", linearity_of_expectation, constant_factor_of_sum,
)  # fmt: skip
def _mean_factor(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Multiply):
        for place, factor in enumerate(term.factors):
            if factor.is_scalar and factor != MINUS_ONE and not isinstance(factor, (Expectation, Summation)):
                yield multiply(*_without(term.factors, place))


# -- logs --------------------------------------------------------------------------------------------------------------


@_mistake(
    "log-of-a-product", r"\ln(ab) = \ln a \cdot \ln b",
    "The log of a product is the sum of the logs, not their product.", log_laws,
)  # fmt: skip
def _log_of_product(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Add) and len(term.terms) == 2:
        yield multiply(*term.terms)


@_mistake(
    "log-of-a-power", r"\ln a^b = \ln a",
    "The exponent of a power comes before its log: it was forgotten.", log_laws,
)  # fmt: skip
def _log_of_power(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Multiply) and any(isinstance(factor, Apply) for factor in term.factors):
        yield multiply(*(factor for factor in term.factors if isinstance(factor, Apply)))
