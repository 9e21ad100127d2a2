"""Mistakes with equations, brackets, powers, roots, signs and logs."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from engine.grading.misconceptions.registry import Alternatives, Side, Target, mistake
from engine.grading.misconceptions.shapes import (
    argument_alone,
    base_alone,
    is_power,
    one_factor_left_out,
    one_term_left_out,
    power_term_by_term,
    scaled_summands,
    without,
)
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
from engine.rules.calculus.derivatives import differentiate
from engine.rules.calculus.optimisation import larger_absolute_value
from engine.rules.probability.expectations import square_of_two_parts
from engine.rules.scope import Scope
from engine.terms import (
    HALF,
    MINUS_ONE,
    ONE,
    Add,
    Apply,
    Multiply,
    Number,
    Power,
    SquaredNorm,
    Symbol,
    Term,
    add,
    factors,
    multiply,
    negate,
    power,
    summands,
)
from engine.terms.formulas import Formula

_CLEARED = (clear_denominators, multiply_both_sides)


@mistake(
    "term-not-multiplied", r"\tfrac an + b = c \Rightarrow a + b = nc",
    "When a denominator is cleared, every term is multiplied by it: one was left as it was.", *_CLEARED,
)  # fmt: skip
def _not_multiplied(term: Term, _: Scope) -> Alternatives:
    for place, each in enumerate(summands(term)):
        for k, factor in enumerate(factors(each)):
            if isinstance(factor, Symbol) and factor.is_scalar:
                others = summands(term)
                yield add(*others[:place], multiply(*without(factors(each), k)), *others[place + 1 :])


@mistake(
    "one-side-multiplied", r"\tfrac an = b \Rightarrow a = b",
    "Both sides are multiplied when a denominator is cleared: one side was left as it was.",
    *_CLEARED, divide_both_sides, place=Target.LINE,
)  # fmt: skip
def _one_side(before: Side, after: Side) -> Iterator[Side]:
    if not isinstance(before, Formula) or not isinstance(after, Formula):
        return
    yield Formula(after.left, after.relation, before.right)
    yield Formula(before.left, after.relation, after.right)


@mistake(
    "sign-not-changed", r"a + b = 0 \Rightarrow a = b",
    "A term that goes to the other side changes its sign: it kept it.", separate, isolate, add_to_both_sides,
    place=Target.LINE,
)  # fmt: skip
def _sign_kept(_: Side, after: Side) -> Iterator[Side]:
    if isinstance(after, Formula) and isinstance(after.right, Term):
        for other in scaled_summands(after.right, MINUS_ONE):
            yield Formula(after.left, after.relation, other)


mistake(
    "multiplied-instead-of-divided", r"Aw = b \Rightarrow w = Ab",
    "To solve for the unknown, divide by what stands before it (multiply by its inverse): it was multiplied by it.",
    isolate, divide_both_sides, cancel,
)(base_alone(-1))  # fmt: skip


@mistake(
    "upside-down", r"aw = b \Rightarrow w = \tfrac ab",
    "A quotient is upside down: what belongs below stands above.",
    isolate, divide_both_sides, cancel, insert, simplify, split_fraction, distribute, expand,
)  # fmt: skip
def _upside_down(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Multiply) and term.is_scalar and any(is_power(factor, -1, -2) for factor in term.factors):
        yield power(term, MINUS_ONE)


mistake(
    "root-forgotten", r"w^2 = a \Rightarrow w = a",
    "The square on the left asks for a root on the right: it was forgotten.", positive_root, root_of_square,
)(base_alone(Fraction(1, 2)))  # fmt: skip


mistake(
    "root-term-by-term", r"\sqrt{a + b} = \sqrt a + \sqrt b",
    "The root of a sum is not the sum of the roots.", positive_root, root_of_square, simplify,
)(power_term_by_term(Fraction(1, 2)))  # fmt: skip


@mistake(
    "exponent-not-inverted", r"w^a = b \Rightarrow w = b^a",
    "To undo a power, raise to one over its exponent: the exponent was used as it stood, or with the other sign.",
    invert_power, power_laws,
)  # fmt: skip
def _exponent(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Power) and term.exponent.free:
        yield power(term.base, negate(term.exponent))
        yield power(term.base, power(term.exponent, MINUS_ONE))


_REWRITES = (expand, distribute, simplify, collect, clear_denominators, cancel, insert, separate, common_denominator)


mistake(
    "square-of-a-sum", r"(a + b)^2 = a^2 + b^2",
    "The square of a sum has the product 2ab in it, too.", expand, square_of_two_parts, simplify, place=Target.BEFORE,
)(power_term_by_term(2))  # fmt: skip


@mistake(
    "first-term-only", r"c(a + b) = ca + b",
    "A factor before brackets belongs to every term in them: it was given to one alone.",
    *_REWRITES, place=Target.BEFORE,
)  # fmt: skip
def _first_only(term: Term, _: Scope) -> Alternatives:
    if not isinstance(term, Multiply):
        return
    for place, factor in enumerate(term.factors):
        outer = without(term.factors, place)
        if isinstance(factor, Add) and outer and all(each.is_scalar for each in outer):
            for k, _each in enumerate(factor.terms):
                given = multiply(*outer, factor.terms[k])
                yield add(*factor.terms[:k], given, *factor.terms[k + 1 :])


@mistake(
    "brackets-forgotten", r"-(a + b) = -a + b",
    "What is inserted needs brackets: the sign before it belongs to every term of it.", insert, unfold, expand,
)  # fmt: skip
def _brackets(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Add) and len(term.terms) > 1:
        yield from scaled_summands(term, MINUS_ONE)


mistake(
    "inverse-of-a-sum", r"(a + b)^{-1} = a^{-1} + b^{-1}",
    "The inverse of a sum is not the sum of the inverses.", isolate, cancel, simplify, split_fraction,
)(power_term_by_term(-1))  # fmt: skip


@mistake(
    "cancelled-in-a-sum", r"\frac{ab + c}{a} = b + c",
    "Only a factor of everything above can be cancelled: here it was cancelled in one term alone.", cancel, simplify,
    place=Target.BEFORE,
)  # fmt: skip
def _cancelled(term: Term, _: Scope) -> Alternatives:
    if not isinstance(term, Multiply):
        return
    for place, factor in enumerate(term.factors):
        for k, below in enumerate(term.factors):
            if isinstance(factor, Add) and is_power(below, -1) and k != place:
                rest = tuple(f for n, f in enumerate(term.factors) if n not in (place, k))
                for m, each in enumerate(factor.terms):
                    if below.base in factors(each):
                        divided = multiply(each, below)
                        yield multiply(*rest, add(*factor.terms[:m], divided, *factor.terms[m + 1 :]))


@mistake(
    "cancelled-away", r"\frac{a}{ab} = \tfrac1b \text{ with one } a \text{ too few or too many}",
    "A factor was cancelled once too often, or once too seldom.", cancel, simplify, vague=True,
)  # fmt: skip
def _cancelled_away(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Multiply):
        for place, factor in enumerate(term.factors):
            if factor.is_scalar and not isinstance(factor, Number):
                yield multiply(*without(term.factors, place))
                yield multiply(factor, term)


mistake(
    "factor-lost", r"ab + c \to a + c",
    "A factor was lost on the way from one line to the next.", vague=True,
)(one_factor_left_out(lambda factor: factor.is_scalar and factor != MINUS_ONE))  # fmt: skip


mistake(
    "term-lost", r"a + b \to a",
    "A term was lost on the way from one line to the next.", vague=True,
)(one_term_left_out())  # fmt: skip


@mistake(
    "sign-lost", r"-a + c \to a + c",
    "A sign was lost on the way from one line to the next.", vague=True,
)  # fmt: skip
def _sign_lost(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Multiply) and any(isinstance(f, Number) and f.value < 0 for f in term.factors):
        yield negate(term)


@mistake(
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


@mistake(
    "norm-not-squared", r"w^\top w = \lVert w \rVert",
    "wᵀw is the square of the norm, not the norm.", as_norm, as_inner_product,
)  # fmt: skip
def _norm(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, SquaredNorm):
        yield power(term, HALF)


mistake(
    "absolute-value-forgotten", r"a\,\operatorname{sign}(a) = a",
    "a·sign(a) is |a|: without the bars it is wrong where a is negative.", sign_and_absolute_value,
    absolute_value_of_product, quotient_by_absolute_value, larger_absolute_value,
)(argument_alone("abs"))  # fmt: skip


mistake(
    "sign-of-forgotten", r"\operatorname{sign}(a) \to a",
    "The sign of a quantity is wanted, not the quantity itself.", unfold, insert, sign_of_product,
    sign_and_absolute_value,
)(argument_alone("sign"))  # fmt: skip


@mistake(
    "sign-dropped", r"\frac{a}{|a|} = 1",
    "a/|a| is the sign of a, not 1.", quotient_by_absolute_value, sign_of_product, sign_and_absolute_value,
)  # fmt: skip
def _sign_dropped(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Apply) and term.function == "sign":
        yield ONE


@mistake(
    "log-of-a-product", r"\ln(ab) = \ln a \cdot \ln b",
    "The log of a product is the sum of the logs, not their product.", log_laws,
)  # fmt: skip
def _log_of_product(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Add) and len(term.terms) == 2:
        yield multiply(*term.terms)


@mistake(
    "log-of-a-power", r"\ln a^b = \ln a",
    "The exponent of a power comes before its log: it was forgotten.", log_laws,
)  # fmt: skip
def _log_of_power(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Multiply) and any(isinstance(factor, Apply) for factor in term.factors):
        yield multiply(*(factor for factor in term.factors if isinstance(factor, Apply)))
