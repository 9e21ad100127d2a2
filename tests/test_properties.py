"""Random well-shaped terms: every rule that applies preserves value, and what is printed is printed."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.kernel import infer
from engine.kernel.evidence import ConditionMissing, DerivationError, NotApplicable
from engine.notation.latex import latex
from engine.notation.plain import plain
from engine.proofs.derivation import Proof
from engine.rules.algebra import powers, rewriting, sums
from engine.rules.calculus import derivatives
from engine.rules.probability import expectations
from engine.terms import (
    Derivative,
    Expectation,
    Identity,
    Number,
    Symbol,
    Term,
    Variance,
    absolute,
    add,
    each,
    multiply,
    norm2,
    power,
    substitute,
    total,
    trace,
    transpose,
)
from engine.terms.declarations import INVERTIBLE, POSITIVE, UNIT_INTERVAL
from engine.terms.indices import with_indices_apart
from engine.terms.laws import Bernoulli

PROOF = Proof({})
n, d = PROOF.size("n"), PROOF.size("d")
X, A = PROOF.matrix("X", n, d), PROOF.matrix("A", n, n, INVERTIBLE)
t, w = PROOF.vector("t", n), PROOF.vector("w", d)
x, y = PROOF.scalar("x"), PROOF.scalar("y")
c, p = PROOF.scalar("c", POSITIVE), PROOF.scalar("p", UNIT_INTERVAL)
m = PROOF.random("m", Bernoulli(p), n)
i = Symbol("i")

numbers = st.builds(lambda a, b: Number(Fraction(a, b)), st.integers(-3, 3).filter(bool), st.integers(1, 3))
scalar_leaves = st.sampled_from([x, y, c, p, 1 / c, t[1], trace(A)]) | numbers


def scalars(depth: int) -> st.SearchStrategy[Term]:
    if depth == 0:
        return scalar_leaves
    inner = scalars(depth - 1)
    return st.one_of(
        scalar_leaves,
        st.builds(add, inner, inner),
        st.builds(multiply, inner, inner),
        st.builds(lambda a: power(a, Number(Fraction(2))), inner),
        st.builds(norm2, vectors(depth - 1)),
        st.builds(lambda u, v: transpose(u) @ v, vectors(depth - 1), vectors(depth - 1)),
        st.builds(lambda a: total(a * t[i], i, n), inner),
        st.builds(absolute, inner),
    )


def vectors(depth: int) -> st.SearchStrategy[Term]:
    leaves = st.sampled_from([t, X @ w, A @ t])
    if depth == 0:
        return leaves
    inner = vectors(depth - 1)
    return st.one_of(
        leaves,
        st.builds(add, inner, inner),
        st.builds(multiply, scalars(depth - 1), inner),
        st.builds(lambda v: A @ v, inner),
        st.builds(lambda v: (A.T @ A + c * Identity(n)).I @ v, inner),
        st.builds(lambda v: transpose(transpose(v) @ A), inner),
    )


terms = scalars(3) | vectors(3)
quick = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

REWRITING = [
    rewriting.simplify,
    rewriting.expand,
    rewriting.as_norm,
    rewriting.as_inner_product,
    rewriting.transpose_laws,
    rewriting.inverse_laws,
    sums.constant_factor_of_sum,
    sums.split_sum,
    sums.sum_of_constant,
    rewriting.distribute,
    rewriting.factor,
    rewriting.cancel,
    powers.power_laws,
    powers.absolute_value_of_product,
    powers.root_of_square,
    expectations.linearity_of_expectation,
]


@quick
@given(terms, st.sampled_from(REWRITING))
def test_every_rule_that_applies_preserves_value(term, rule):
    try:
        step = infer(rule, term, PROOF.scope)
    except (NotApplicable, ConditionMissing, ZeroDivisionError):
        return
    assert step.evidence.worlds >= 8  # and no Refuted was raised


@quick
@given(scalars(2), st.sampled_from([x, c, w, t]))
def test_derivatives_are_right(term, variable):
    try:
        step = infer(derivatives.differentiate, Derivative(term, variable), PROOF.scope)
    except (NotApplicable, ConditionMissing):
        return
    assert not any(isinstance(node, Derivative) for node in step.after.walk())


INSIDE = total(x * t[i], i, n)


@pytest.mark.parametrize(
    "term",
    [total(INSIDE * t[i], i, n), total(each(t[i] * x, i, n)[i] * INSIDE * t[i], i, n), total(INSIDE**2 * t[i], i, n)],
)
def test_a_sum_inside_another_may_have_the_same_letter(term):
    infer(derivatives.differentiate, Derivative(term, t), PROOF.scope)
    with pytest.raises(NotApplicable):
        infer(expectations.variance_of_independent_sum, Variance(substitute(term, {t: m})), PROOF.scope)


def test_indices_apart_keep_the_value_and_the_letters_outside():
    nested = total(total(t[i], i, n) * t[i] * total(t[Symbol("j")], Symbol("j"), n), i, n)
    apart = with_indices_apart(nested, (i,))
    assert plain(apart) == "Σ_{l=1}^{n} (Σ_{k=1}^{n} tₖ)tₗ Σ_{j=1}^{n} tⱼ"
    assert with_indices_apart(apart, (i,)) is apart


@quick
@given(scalars(2), scalars(2))
def test_means_and_variances_are_right(a, b):
    random_one = a * m[1] + b * m[1] * m[1]
    for rule, subject in (
        (expectations.linearity_of_expectation, Expectation(random_one)),
        (expectations.second_moment, Expectation(random_one**2)),
        (expectations.variance_of_multiple, Variance(a * m[1])),
        (expectations.variance_of_shift, Variance(m[1] + b)),
        (expectations.bias_and_variance, Expectation((m[1] - b) ** 2)),
    ):
        try:
            infer(rule, subject, PROOF.scope)
        except (NotApplicable, ConditionMissing):
            continue


@quick
@given(terms)
def test_every_term_is_printed(term):
    for text in (plain(term), latex(term)):
        assert text and text.count("(") == text.count(")") and text.count("{") == text.count("}")


@quick
@given(scalars(2), scalars(1))
def test_substitution_is_evaluation_elsewhere(term, value):
    """f[x := v] in a world is f where x is worth v there."""
    from engine.worlds.drawing import drawn

    world = drawn(PROOF.scope.background, frozenset((n, d)), 1, 4, 0)
    try:
        here = world.value(substitute(term, {x: value}))
        there = world.value(term, {x: world.value(value)})
    except (ArithmeticError, ZeroDivisionError):
        return
    assert str(here) == str(there)


def test_substitution_does_not_capture():
    f = total(x * t[i], i, n)
    moved = substitute(f, {x: Symbol("i")})
    assert Symbol("i") in moved.free


def test_a_wrong_rule_would_be_seen():
    """The property above can fail: a rule that drops a term is refuted on some of these terms."""
    from engine.kernel import Conclusion, Rule
    from engine.kernel.evidence import Refuted
    from engine.terms.formulas import equation

    careless = Rule("careless", "", "", lambda term, *_: Conclusion(equation(term, term.terms[0])))
    try:
        infer(careless, x + y, PROOF.scope)
    except Refuted:
        return
    except DerivationError as error:
        raise AssertionError("refused for another reason") from error
    raise AssertionError("a false line was accepted")
