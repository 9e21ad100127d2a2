"""Means, variances and covariances of what somebody types: a table of known answers, counted outcomes, and chance
itself.
"""

import json
import time
from fractions import Fraction
from itertools import combinations, product
from math import comb, factorial, prod

import numpy as np
import pytest
from flint import fmpq
from typer.testing import CliRunner

import workings
from cli.errors import MISUSED, UNDECIDED, YES
from cli.main import app
from engine.asking.formulas import Unasked, formula, formulas
from engine.asking.moments import covariance_of, mean_of, variance_of
from engine.certificates.certificate import certificate, recertified
from engine.grading.judging import Judge
from engine.grading.questions import questions
from engine.kernel import DerivationError, NotApplicable, NotDecided
from engine.notation.plain import plain
from engine.reading import Unreadable
from engine.reading.declarations import declared
from engine.terms import ONE, Symbol, term
from engine.terms.laws import (
    AnyLaw,
    AnyVector,
    Binomial,
    Draws,
    Exponential,
    Multinomial,
    NormalVector,
    Poisson,
    Uniform,
)
from engine.worlds.drawing import filled_world
from engine.worlds.moments import joint_moment, moment
from engine.worlds.values import Matrix, Undefined


def worked(text, let, given=(), total=()):
    """The working for `E …`, `Var …` or `Cov … , …`."""
    kind, _, rest = text.partition(" ")
    if kind == "Cov":
        return covariance_of(*formulas(tuple(rest.split(" , ")), let), given, total)
    return {"E": mean_of, "Var": variance_of}[kind](formula(rest, let), given, total)


def is_answer(working, text):
    return Judge(questions(working)[0]).verdict(text).correct


def result(working):
    return working.results[0].step.claim.right


ANY, GAUSS = "x_i ~ any law with mean mu, variance s^2 iid", "x_i ~ Normal(mu, s^2) iid"
FULL = "x_i ~ any law with mean mu, variance s^2, third central moment c, fourth central moment k iid"
VECTOR, SOME = "x: n ~ Normal(mu, S)", "x: n ~ any law with mean mu, covariance S"
OUT, BACK = "s_i: n ~ draws of B without replacement", "s_i: n ~ draws of B with replacement"
PAIR = ("x ~ any law with mean mu, variance s^2", "y ~ any law with mean nu, variance t^2")
THINNED = ("N ~ Poisson(lambda)", "k ~ Binomial(N, p)")
SPREAD = "sum_i (x_i - 1/n sum_j x_j)^2/(n-1)"
LEAST = "(X^T X)^-1 X^T (X w + e)"
REGRESSION = ("X: n×d", "w: d", "e: n ~ Normal(0, s^2)")

CASES = [
    # laws
    ("E k", ("k ~ Binomial(n, p)",), "n p"),
    ("Var k", ("k ~ Binomial(n, p)",), "n p (1 - p)"),
    ("E k (k - 1)", ("k ~ Binomial(n, p)",), "n (n - 1) p^2"),
    ("E x", ("x ~ Uniform(a, b)",), "(a + b)/2"),
    ("Var x", ("x ~ Uniform(a, b)",), "(b - a)^2/12"),
    ("E x^8", ("x ~ Uniform(0, 1)",), "1/9"),
    ("E x", ("x ~ Exponential(r)",), "1/r"),
    ("Var x", ("x ~ Exponential(r)",), "1/r^2"),
    ("E x^5", ("x ~ Exponential(r)",), "120/r^5"),
    ("Var k", ("k ~ Poisson(lambda)",), "lambda"),
    ("E k^3", ("k ~ Poisson(lambda)",), "lambda + 3 lambda^2 + lambda^3"),
    ("E e^7 + e^8", ("e ~ Rademacher",), "1"),
    ("Var c", ("c ~ Categorical(0: 1/2, 1: 1/3, 5: 1/6)",), "113/36"),
    ("E x^4", ("x ~ Normal(mu, s^2)",), "mu^4 + 6 mu^2 s^2 + 3 s^4"),
    ("E x^8", ("x ~ Normal(0, s^2)",), "105 s^8"),
    ("E x^3", ("x ~ any law with mean mu, variance s^2, third central moment c",), "mu^3 + 3 mu s^2 + c"),
    ("E exp(t e)", ("e ~ Rademacher",), "(exp(t) + exp(-t))/2"),
    # independent variables
    ("Var x y", PAIR, "s^2 t^2 + s^2 nu^2 + mu^2 t^2"),
    ("E x^3 y^2", ("x ~ Poisson(a)", "y ~ Exponential(r)"), "2 (a + 3 a^2 + a^3)/r^2"),
    ("Cov x + y , x - y", PAIR, "s^2 - t^2"),
    ("Cov x , x^2", ("x ~ Normal(mu, s^2)",), "2 mu s^2"),
    ("Cov x , y", PAIR, "0"),
    ("Var (x + e)^2", ("x ~ Normal(0, s^2)", "e ~ Rademacher"), "2 s^4 + 4 s^2"),
    # families of symbolic length
    ("E (sum_i x_i)^2", (ANY,), "n s^2 + n^2 mu^2"),
    ("E (sum_i a_i x_i)(sum_i b_i x_i)", (ANY,), "s^2 sum_{i=1}^n a_i b_i + mu^2 (sum_{i=1}^n a_i)(sum_{i=1}^n b_i)"),
    ("Cov sum_i a_i x_i , sum_i b_i x_i", (ANY,), "s^2 sum_{i=1}^n a_i b_i"),
    ("Cov x_i , 1/n sum_j x_j", (ANY,), "s^2/n"),
    ("Var x_i - 1/n sum_j x_j", (ANY,), "s^2 (n - 1)/n"),
    ("Var 1/n sum_i x_i^2", ("x_i ~ Normal(0, s^2) iid",), "2 s^4/n"),
    ("Var 1/n sum_i x_i^2", (FULL,), "(k + 4 mu c + 4 mu^2 s^2 - s^4)/n"),
    (f"E {SPREAD}", (ANY,), "s^2"),
    (f"Var {SPREAD}", (GAUSS,), "2 s^4/(n - 1)"),
    (f"Var {SPREAD}", (FULL,), "k/n - s^4 (n - 3)/(n (n - 1))"),
    (f"Cov {SPREAD} , 1/n sum_i x_i", (FULL,), "c/n"),
    ("Var (sum_i x_i)^2", ("x_i ~ Normal(0, s^2) iid",), "2 n^2 s^4"),
    ("E (sum_i x_i)^4", ("x_i ~ Rademacher iid",), "3 n^2 - 2 n"),
    ("E (sum_i a_i x_i)^4", ("x_i ~ Rademacher iid",), "3 (sum_{i=1}^n a_i^2)^2 - 2 sum_{i=1}^n a_i^4"),
    ("Var sum_i x_i y_i", (GAUSS, "y_i ~ Normal(nu, t^2) iid"), "n (s^2 t^2 + s^2 nu^2 + mu^2 t^2)"),
    ("Var sum_i sum_j A_ij x_i x_j", ("x_i ~ Normal(0, s^2)", "A: n×n symmetric"), "2 s^4 tr(A^2)"),
    ("Var x_1 + x_2", (ANY,), "2 s^2"),
    ("Var sum_i z x_i", ("z ~ Bernoulli(p)", "x_i ~ Normal(0, s^2) iid"), "n p s^2"),
    ("E sum_i x_i", ("x_i ~ Normal(mu_i, s_i^2)",), "sum_{i=1}^n mu_i"),
    # random vectors
    ("E A x + b", (SOME, "A: m×n", "b: m"), "A mu + b"),
    ("Var A x + b", (SOME, "A: m×n", "b: m"), "A S A^T"),
    ("Cov A x , B x", (SOME, "A: m×n", "B: k×n"), "A S B^T"),
    ("Cov x , y", (SOME, "y: n ~ Normal(nu, R)"), "0"),
    ("Var x - y", (SOME, "y: n ~ Normal(nu, R)"), "S + R"),
    ("Cov a^T x , b^T x", (SOME, "a: n", "b: n"), "a^T S b"),
    ("E (a^T x)(b^T x)", (SOME, "a: n", "b: n"), "a^T S b + a^T mu mu^T b"),
    ("E x x^T", (SOME,), "S + mu mu^T"),
    ("E x^T A x", (SOME, "A: n×n"), "tr(A S) + mu^T A mu"),
    ("E tr(A x x^T)", (SOME, "A: n×n"), "tr(A S) + mu^T A mu"),
    ("E ||A x - b||^2", (SOME, "A: m×n", "b: m"), "tr(A S A^T) + ||A mu - b||^2"),
    ("E x^T A x", ("x: n ~ Uniform(-1, 1)", "A: n×n"), "tr(A)/3"),
    ("E (x - mu)^T S^-1 (x - mu)", (VECTOR, "S: n×n positive definite"), "n"),
    ("Var (x - mu)^T S^-1 (x - mu)", (VECTOR, "S: n×n positive definite"), "2 n"),
    ("Var x^T A x", (VECTOR, "A: n×n symmetric"), "2 tr(A S A S) + 4 mu^T A S A mu"),
    ("Var x^T A x", ("x: n ~ Normal(0, S)", "A: n×n"), "tr(A S A S) + tr(A S A^T S)"),
    ("Cov x^T A x , x^T B x", (VECTOR, "A: n×n symmetric", "B: n×n symmetric"), "2 tr(A S B S) + 4 mu^T A S B mu"),
    ("Cov x^T A x , b^T x", (VECTOR, "A: n×n symmetric", "b: n"), "2 mu^T A S b"),
    ("Cov B x , x^T A x", (VECTOR, "A: n×n symmetric", "B: m×n"), "2 B S A mu"),
    ("E ||x||^4", ("x: n ~ Normal(0, s^2 I)",), "s^4 n (n + 2)"),
    ("E (a^T x)^4", ("x: n ~ Normal(0, S)", "a: n"), "3 (a^T S a)^2"),
    ("E x_1 x_2", (SOME,), "S_{12} + mu_1 mu_2"),
    (f"E {LEAST}", REGRESSION, "w"),
    (f"Var {LEAST}", REGRESSION, "s^2 (X^T X)^-1"),
    ("E (a^T x)^2 (b^T x)^2", ("x: n ~ Normal(0, S)", "a: n", "b: n"), "a^T S a b^T S b + 2 (a^T S b)^2"),
    ("Var (a^T x)(b^T x)", ("x: n ~ Normal(0, S)", "a: n", "b: n"), "a^T S a b^T S b + (a^T S b)^2"),
    ("E (a^T x)(b^T x)^2", (VECTOR, "a: n", "b: n"), "a^T mu (b^T mu)^2 + a^T mu b^T S b + 2 b^T mu a^T S b"),
    ("Var sum_i a_i x_i", (SOME, "a: n"), "a^T S a"),
    ("Cov x_i , sum_j x_j", (SOME,), "sum_{j=1}^n S_ij"),
    ("Var W u", ("W: m×n ~ any law with mean mu, variance s^2", "u: n"), "s^2 ||u||^2 I_m"),
    ("E ||W u||^2", ("W: m×n ~ Normal(0, s^2)", "u: n"), "m s^2 ||u||^2"),
    ("E ||W x||^2", ("W: m×n ~ Normal(0, s^2)", "x: n ~ Normal(0, t^2 I)"), "m n s^2 t^2"),
    ("E W A W^T", ("W: m×n ~ Normal(0, s^2)", "A: n×n"), "s^2 tr(A) I_m"),
    ("Var u^T W v", ("W: m×n ~ Uniform(-1, 1)", "u: m", "v: n"), "||u||^2 ||v||^2/3"),
    # batches
    ("E 1/B sum_i s_i x_i", (OUT,), "1/n sum_{i=1}^n x_i"),
    ("E 1/B sum_i s_i x_i", (BACK,), "1/n sum_{i=1}^n x_i"),
    ("Var 1/B sum_i s_i x_i", (OUT,), "(n - B)/(n - 1) 1/B (1/n sum_{i=1}^n x_i^2 - (1/n sum_{i=1}^n x_i)^2)"),
    ("Var 1/B sum_i s_i x_i", (BACK,), "1/B (1/n sum_{i=1}^n x_i^2 - (1/n sum_{i=1}^n x_i)^2)"),
    ("Cov s_1 , s_2", (OUT,), "-B (n - B)/(n^2 (n - 1))"),
    ("Var 1/B sum_i s_i g_i", (OUT, "g_i: n ~ any law with mean mu, variance t^2"), "t^2/B"),
    ("Var sum_i x_i k_i", ("k: n ~ Multinomial(N, p)", "x: n"), "N (sum_{i=1}^n p_i x_i^2 - (sum_{i=1}^n p_i x_i)^2)"),
    # laws given by others
    ("E k", THINNED, "lambda p"),
    ("Var k", THINNED, "lambda p"),
    ("Cov k , N", THINNED, "lambda p"),
    ("E k^2 N", THINNED, "lambda p + lambda^2 p + lambda p^2 (2 lambda + lambda^2)"),
    ("Var k + N", THINNED, "lambda (1 + 3 p)"),
    ("Var sum_i x_i", ("y ~ Exponential(r)", "x_i ~ Normal(y, s^2) iid"), "n s^2 + n^2/r^2"),
    ("E (sum_i x_i)^2", ("z_i ~ Poisson(a)", "x_i ~ Normal(z_i, s^2)"), "n s^2 + n a + n^2 a^2"),
    ("Var y", ("z ~ Normal(mu, t^2)", "y ~ Normal(z, s^2)"), "s^2 + t^2"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "let", "wanted"), CASES, ids=[f"{text}; {', '.join(let)}" for text, let, _ in CASES])
def test_known_answers(text, let, wanted):
    working = worked(text, let)
    assert is_answer(working, wanted), plain(result(working))
    assert all(step.evidence.worlds >= 4 for step in working.steps)


@pytest.mark.parametrize(
    ("text", "let", "wrong"),
    [
        ("Var 1/B sum_i s_i x_i", (OUT,), "1/B (1/n sum_{i=1}^n x_i^2 - (1/n sum_{i=1}^n x_i)^2)"),
        (f"Var {SPREAD}", (GAUSS,), "2 s^4/n"),
        ("Var x^T A x", (VECTOR, "A: n×n"), "2 tr(A S A S) + 4 mu^T A S A mu"),
        ("Var A x", (SOME, "A: n×n"), "A^T S A"),
        ("E (sum_i x_i)^2", (ANY,), "n (s^2 + mu^2)"),
        ("Var k", THINNED, "lambda p (1 - p)"),
    ],
)
def test_near_misses_are_no_answers(text, let, wrong):
    assert not is_answer(worked(text, let), wrong)


@pytest.mark.parametrize(
    ("text", "let", "given", "total", "wanted"),
    [
        ("E x z", ("x ~ Normal(mu, s^2)", "z ~ Bernoulli(p)"), ("z",), (), "mu z"),
        ("Var x z", ("x ~ Normal(mu, s^2)", "z ~ Bernoulli(p)"), ("z",), (), "s^2 z^2"),
        ("Var x z", ("x ~ Normal(mu, s^2)", "z ~ Bernoulli(p)"), (), ("z",), "p s^2 + p (1-p) mu^2"),
        ("E x y z", ("x ~ Poisson(a)", "y ~ Normal(0, 1)", "z ~ Bernoulli(p)"), ("y", "z"), (), "a y z"),
        ("Cov x z , x", ("x ~ Normal(mu, s^2)", "z ~ Bernoulli(p)"), ("z",), (), "s^2 z"),
        ("Cov x z , x", ("x ~ Normal(mu, s^2)", "z ~ Bernoulli(p)"), (), ("z",), "s^2 p"),
        ("E k", THINNED, ("N",), (), "N p"),
        ("Var k", THINNED, ("N",), (), "N p (1 - p)"),
        ("Var k", THINNED, (), ("N",), "lambda p"),
        ("E k", THINNED, (), ("N",), "lambda p"),
        ("Var sum_i m_i x_i", ("m_i ~ Bernoulli(p) iid", "x_i ~ Normal(0, s^2) iid"), ("m_i",), (), "s^2 sum_{i=1}^n m_i^2"),
    ],
)  # fmt: skip
def test_conditional_and_total(text, let, given, total, wanted):
    working = worked(text, let, given, total)
    assert is_answer(working, wanted), plain(result(working))
    if total:
        assert any(step.rule.name.startswith("total") for step in working.steps)


# -- what it cannot do -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "let", "error", "message"),
    [
        ("E x", (), Unasked, "nothing in it is random"),
        ("E exp(x)", ("x ~ Normal(0, 1)",), NotDecided, "a function of x that is no polynomial"),
        ("E 1/k", ("k ~ Poisson(lambda)",), Unasked, "would have to hold for every value of k"),
        ("E x^3", ("x ~ any law with mean mu, variance s^2",), DerivationError, "no rule gives E[x³]"),
        ("Var 1/n sum_i x_i^2", (ANY,), NotApplicable, "moments that the law of x does not give"),
        ("E x_i x_j", (ANY,), Unasked, "no rule gives E[xᵢxⱼ]"),
        ("E x^20", ("x ~ Normal(0, 1)",), DerivationError, "no rule gives E[x²⁰]"),
        ("Var x^T A x", (SOME, "A: n×n"), NotApplicable, "no rule gives Var(xᵀAx): it depends on moments"),
        ("E x x^T A x", (SOME, "A: n×n"), NotApplicable, "no rule gives E[xxᵀAx]: it depends on moments"),
        ("E (a^T x)^3", (SOME, "a: n"), NotApplicable, "no rule gives E[(aᵀx)³]: it depends on moments"),
        ("Var x x^T", (VECTOR,), Unasked, "of a scalar or of a column"),
        ("E sum_{i=1}^N x_i", ("N ~ Poisson(lambda)", "x_i: n ~ Normal(0, 1)"), NotDecided, "a sum whose length"),
        ("E (sum_i x_i)^7", ("x_i ~ Uniform(0, 1) iid",), Unasked, "no rule gives E[(Σ_{i=1}^{n} xᵢ)⁷]"),
    ],
)
def test_what_is_beyond_it_is_named(text, let, error, message):
    with pytest.raises(error) as caught:
        worked(text, let)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("given", "total", "message"),
    [
        (("q",), (), "q is not random here; x and z are"),
        (("x", "z"), (), "nothing else is random"),
        (("x",), ("z",), "either given something or split by it"),
    ],
)
def test_what_is_given_must_be_random(given, total, message):
    with pytest.raises(Unasked, match=message):
        worked("E x z", ("x ~ Normal(mu, s^2)", "z ~ Bernoulli(p)"), given, total)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x ~ Foo", "the law Foo is not known"),
        ("e ~ Rademacher(2)", "takes no parameters"),
        ("x ~ Uniform(1)", "takes 2 parameters"),
        ("x ~ any law with mean mu", "its mean and its variance"),
        ("x ~ any law with mean mu, spread s", "no moment of a law"),
        ("c ~ Categorical(0: 1/2, 1: 1/3)", "add up to"),
        ("c ~ Categorical(0: 1/2, 0: 1/2)", "stands twice"),
        ("c ~ Categorical(1, 2)", "values with probabilities"),
        ("A: n×n; x: n ~ Normal(0, A A)", "a covariance matrix is symmetric"),
        ("mu: n; x: n ~ Normal(mu, s^2)", "the parameters of this law are numbers"),
        ("m: k; x: n ~ Normal(m, S)", "m is k×1, not n×1"),
        ("s ~ draws of B without replacement", "the law of a vector"),
        ("x ~ any law with mean mu, covariance S", "a covariance matrix is that of a vector"),
        ("s: n ~ draws of B from m without replacement", "the draws are from"),
        ("m ~ Bernoulli(p); m ~ Bernoulli(q)", "m is declared twice"),
        ("x ~ Normal(x, 1)", "the law of x is given by x itself"),
        ("x ~ Normal(y, 1); y ~ Normal(x, 1)", "is given, through"),
    ],
)
def test_a_law_that_cannot_be_read_says_so(text, message):
    with pytest.raises(Unreadable, match=message.replace("(", r"\(")):
        declared([text])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x ~ Uniform(a, b)", "x ~ Uniform(a, b) independent"),
        ("k ~ Binomial(n, p)", "k ~ Binomial(n, p) independent"),
        ("e_i ~ Rademacher iid", "eᵢ ~ Rademacher independent"),
        (r"x \sim \mathcal{N}(0, 1)", "x ~ N(0, 1) independent"),
        ("x ~ any law with mean mu and variance s^2", "x ~ any law with mean μ and variance s² independent"),
        ("x: n ~ Normal(mu, Sigma)", "x ~ N(μ, Σ), x ∈ ℝⁿ"),
        ("x: n ~ Normal(0, s^2 I)", "x ~ N(0, s²I), x ∈ ℝⁿ"),
        ("x: n ~ any law with mean mu, covariance S", "x ~ any law with mean μ and covariance S, x ∈ ℝⁿ"),
        ("s_i: n ~ 3 draws without replacement", "s ~ 3 draws without replacement from n, s ∈ ℝⁿ"),
        ("c ~ Categorical(0: p, 1: 1 - p)", "c ~ Categorical(0: p, 1: 1 − p) independent"),
        ("k: m ~ Multinomial(N, p)", "k ~ Multinomial(N, p), k ∈ ℝᵐ"),
    ],
)
def test_laws_are_read_and_printed(text, shown):
    assert plain(declared([text])[-1]) == shown


# -- counted, without the engine ---------------------------------------------------------------------------------------


def value_of(working, **numbers):
    """What a result is worth for values of its symbols, by exact arithmetic."""
    declarations = working.premises.declarations
    sizes = {d.symbol: int(numbers[d.symbol.name]) for d in declarations if d.domain.whole and d.symbol.name in numbers}
    world = filled_world(frozenset(declarations), sizes, 2, "counted")
    for declaration in declarations:
        given = numbers.get(declaration.symbol.name)
        if isinstance(given, (list, tuple)):
            world.values[declaration.symbol] = Matrix(
                [[fmpq(e.numerator, e.denominator)] for e in map(Fraction, given)]
            )
        elif given is not None:
            world.values[declaration.symbol] = fmpq(Fraction(given).numerator, Fraction(given).denominator)
    found = world.value(result(working))
    return Fraction(int(found.p), int(found.q))


def spread(outcomes):
    """Mean and variance of numbers with their probabilities."""
    mean = sum(p * x for x, p in outcomes)
    return mean, sum(p * (x - mean) ** 2 for x, p in outcomes)


POPULATION = (Fraction(1), Fraction(-2), Fraction(7, 2), Fraction(5))


@pytest.mark.parametrize(("law", "samples"), [(OUT, list(combinations(POPULATION, 2))), (BACK, list(product(POPULATION, repeat=2)))])  # fmt: skip
def test_batches_are_as_if_all_were_listed(law, samples):
    mean, variance = spread([(sum(sample) / 2, Fraction(1, len(samples))) for sample in samples])
    numbers = {"n": 4, "B": 2, "x": POPULATION}
    assert value_of(worked("E 1/B sum_i s_i x_i", (law,)), **numbers) == mean
    assert value_of(worked("Var 1/B sum_i s_i x_i", (law,)), **numbers) == variance
    third = sum((sum(sample) / 2) ** 3 for sample in samples) / len(samples)
    assert value_of(worked("E (1/B sum_i s_i x_i)^3", (law,)), **numbers) == third


DICE = {Fraction(0): Fraction(1, 2), Fraction(1): Fraction(1, 3), Fraction(5): Fraction(1, 6)}


def tosses(count):
    """All outcomes of a few independent tosses, with their probabilities."""
    for values in product(DICE, repeat=count):
        yield values, prod(DICE[value] for value in values)


def test_the_variance_of_the_sample_variance_is_as_if_all_samples_were_listed():
    def statistic(values):
        mean = sum(values) / len(values)
        return sum((value - mean) ** 2 for value in values) / (len(values) - 1)

    mean, variance = spread(list(DICE.items()))
    third, fourth = (sum(p * (x - mean) ** k for x, p in DICE.items()) for k in (3, 4))
    for n in (2, 3, 4):
        wanted = spread([(statistic(values), p) for values, p in tosses(n)])
        numbers = {"n": n, "mu": mean, "c": third, "k": fourth}
        working = worked(f"Var {SPREAD}", (FULL.replace("s^2", "v"),))
        assert (variance, value_of(working, **numbers, v=variance)) == wanted


def test_products_of_sums_are_as_if_all_were_listed():
    let = ("x_i ~ Categorical(0: 1/2, 1: 1/3, 5: 1/6) iid",)
    a, b = (Fraction(2), Fraction(-1), Fraction(3)), (Fraction(1), Fraction(1, 2), Fraction(4))
    wanted = sum(
        p * sum(u * x for u, x in zip(a, values, strict=True)) ** 2 * sum(v * x * x for v, x in zip(b, values, strict=True))
        for values, p in tosses(3)
    )  # fmt: skip
    assert value_of(worked("E (sum_i a_i x_i)^2 (sum_i b_i x_i^2)", let), n=3, a=a, b=b) == wanted


def test_thinning_is_as_if_all_outcomes_were_listed():
    p, outcomes = Fraction(1, 3), []
    for size, chance in ((2, Fraction(1, 4)), (5, Fraction(3, 4))):
        for k in range(size + 1):
            outcomes.append((k, size, chance * comb(size, k) * p**k * (1 - p) ** (size - k)))
    let = ("N ~ Categorical(2: 1/4, 5: 3/4)", "k ~ Binomial(N, p)")
    mean, variance = spread([(k, chance) for k, _, chance in outcomes])
    assert value_of(worked("E k", let), p=p) == mean
    assert value_of(worked("Var k", let), p=p) == variance
    assert value_of(worked("E k^3 N", let), p=p) == sum(chance * k**3 * size for k, size, chance in outcomes)


def test_gaussian_forms_are_as_many_draws_have_them():
    rng = np.random.default_rng(7)
    mean, root = np.array([0.5, -1.0, 2.0]), np.array([[1.0, 0, 0], [0.5, 1.2, 0], [-0.3, 0.4, 0.8]])
    A = np.array([[1.0, 2.0, 0.0], [-1.0, 0.5, 1.0], [0.0, 3.0, -2.0]])
    x = mean + rng.standard_normal((2_000_000, 3)) @ root.T
    forms = np.einsum("ki,ij,kj->k", x, A, x)
    S, sym = root @ root.T, A + A.T
    working = worked("Var x^T A x", (VECTOR, "A: n×n"))
    assert is_answer(working, "tr((A + A^T) S (A + A^T) S)/2 + mu^T (A + A^T) S (A + A^T) mu")
    assert forms.var() == pytest.approx(np.trace(sym @ S @ sym @ S) / 2 + mean @ sym @ S @ sym @ mean, rel=0.02)
    assert is_answer(worked("Cov x , x^T A x", (VECTOR, "A: n×n")), "S (A + A^T) mu")
    seen = ((x - x.mean(0)) * (forms - forms.mean())[:, None]).mean(0)
    assert seen == pytest.approx(S @ sym @ mean, rel=0.05, abs=0.1)


# -- moments in worlds -------------------------------------------------------------------------------------------------


def as_fraction(value):
    return Fraction(int(value.p), int(value.q)) if isinstance(value, fmpq) else Fraction(value)


A, B, P = Symbol("a"), Symbol("b"), Symbol("p")


def worth_of(**values):
    def value(parameter):
        if isinstance(parameter, Symbol):
            return values[parameter.name]
        return fmpq(parameter.value.numerator, parameter.value.denominator)

    return value


@pytest.mark.parametrize("order", range(1, 9))
def test_moments_of_laws_by_counting(order):
    third = Fraction(1, 3)
    worth = worth_of(a=fmpq(5), p=fmpq(1, 3), b=fmpq(1, 3))
    counted = sum(comb(5, k) * third**k * (1 - third) ** (5 - k) * k**order for k in range(6))
    assert as_fraction(moment(Binomial(A, P), order, worth, None)) == counted
    assert as_fraction(moment(Exponential(A), order, worth, None)) == Fraction(factorial(order), 5**order)
    uniform = (5 ** (order + 1) - third ** (order + 1)) / (order + 1) / (5 - third)
    assert as_fraction(moment(Uniform(B, A), order, worth, None)) == uniform
    bell = [1, 1, 2, 5, 15, 52, 203, 877, 4140]
    assert as_fraction(moment(Poisson(ONE), order, worth, None)) == bell[order]


@pytest.mark.parametrize("orders", [(1,), (2,), (1, 1), (2, 1), (2, 3), (1, 1, 1), (2, 1, 3)])
def test_joint_moments_of_counts_by_listing_all_samples(orders):
    n, size, rows = 4, 3, [(row + 1, k) for row, k in enumerate(orders)]

    def listed(samples):
        samples = list(samples)
        counts = ([sample.count(who) for who in range(n)] for sample in samples)
        return Fraction(sum(prod(c[row - 1] ** k for row, k in rows) for c in counts), len(samples))

    worth = worth_of(a=fmpq(size), b=fmpq(n))
    assert as_fraction(joint_moment(Draws(A, B, True), rows, worth, None)) == listed(product(range(n), repeat=size))
    assert as_fraction(joint_moment(Draws(A, B, False), rows, worth, None)) == listed(combinations(range(n), size))
    chances = [Fraction(1, 2), Fraction(1, 4), Fraction(1, 6), Fraction(1, 12)]
    wanted = sum(
        prod(chances[who] for who in sample) * prod(sample.count(row - 1) ** k for row, k in rows)
        for sample in product(range(n), repeat=size)
    )
    column = Matrix([[fmpq(p.numerator, p.denominator)] for p in chances])
    worth = worth_of(a=fmpq(size), p=column)
    assert as_fraction(joint_moment(Multinomial(A, P), rows, worth, None)) == wanted


def test_gaussian_moments_go_by_pairs():
    covariance = Matrix([[fmpq(2), fmpq(3)], [fmpq(3), fmpq(7)]])
    worth = worth_of(a=Matrix([[fmpq(0)], [fmpq(0)]]), b=covariance)
    law = NormalVector(A, B)
    assert joint_moment(law, [(1, 2), (2, 2)], worth, None) == 2 * 7 + 2 * 9
    assert joint_moment(law, [(1, 3), (2, 1)], worth, None) == 3 * 2 * 3
    assert joint_moment(law, [(1, 1), (2, 2)], worth, None) == 0
    crooked = worth_of(a=Matrix([[fmpq(0)], [fmpq(0)]]), b=Matrix([[fmpq(2), fmpq(3)], [fmpq(4), fmpq(7)]]))
    with pytest.raises(Undefined, match="not symmetric"):
        joint_moment(law, [(1, 1)], crooked, None)


def test_what_a_law_leaves_open_is_different_in_every_world():
    let = ("x ~ any law with mean mu, variance s^2",)
    working = worked("E x^2", let)
    assert is_answer(working, "mu^2 + s^2")
    law = AnyLaw(term(0), term(1))
    seen = {moment(law, 3, worth_of(), lambda what, k=k: fmpq(k)) for k in range(1, 5)}
    assert len(seen) == 4
    vector = AnyVector(A, B)
    worth = worth_of(a=Matrix([[fmpq(1)], [fmpq(2)]]), b=Matrix([[fmpq(2), fmpq(3)], [fmpq(3), fmpq(7)]]))
    assert joint_moment(vector, [(1, 1), (2, 1)], worth, None) == 3 + 2
    assert joint_moment(vector, [(1, 1), (2, 2)], worth, lambda what: fmpq(len(what))) == len("(0, 1, 1)")


# -- as a whole --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "let"),
    [
        ("Var x y", ("x ~ Uniform(a, b)", "y ~ Exponential(r)")),
        ("E c^3 k", ("c ~ Categorical(0: p, 1: 1 - p)", "k ~ Poisson(lambda)")),
        ("Var x^T A x", (VECTOR, "A: n×n")),
        ("Var 1/B sum_i s_i x_i", (OUT,)),
        ("Var sum_i x_i k_i", ("k: n ~ Multinomial(N, p)", "x: n")),
        ("E x^T A x", (SOME, "A: n×n")),
        ("Var 1/n sum_i x_i^2", (FULL,)),
        ("Var k", THINNED),
        ("E e^2 b^3", ("e ~ Rademacher", "b ~ Binomial(n, p)")),
    ],
)
def test_workings_are_certified_again_from_their_data(text, let):
    working = worked(text, let)
    again = recertified(json.loads(json.dumps(certificate(working))))
    assert again.premises.declarations == working.premises.declarations
    assert result(again) == result(working)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["covariance", "A x", "x", "--let", "x: n ~ Normal(mu, S)", "--let", "A: m×n"], YES, "Cov(f, g) = AS"),
        (["variance", "A x", "--let", "x: n ~ Normal(mu, S)", "--let", "A: m×n"], YES, "Var(f) = ASAᵀ"),
        (["mean", "x z", "--let", "x ~ Poisson(a)", "--let", "z ~ Rademacher", "--given", "z"], YES, "= az"),
        (["variance", "k", "--let", "N ~ Poisson(a)", "--let", "k ~ Binomial(N, p)", "--total", "N"], YES, "total variance"),
        (["covariance", "x", "--let", "x ~ Poisson(a)"], 2, "FORMULA"),
        (["covariance", "x", "x^2", "--let", "x ~ Poisson(a)", "-f", "latex"], YES, r"\operatorname{Cov}"),
        (["covariance", "x", "x x^T", "--let", "x: n ~ N(m, S)"], MISUSED, "of scalars or of columns"),
        (["mean", "x^3", "--let", "x ~ any law with mean 0, variance 1"], UNDECIDED, "no rule gives E[x³]"),
        (["mean", "exp(x)", "--let", "x ~ Exponential(r)"], UNDECIDED, "no polynomial"),
        (["mean", "x^14", "--let", "x ~ Normal(0, 1)"], UNDECIDED, "a moment of order 14, which is above 12"),
        (["variance", "x y", "--let", "x, y ~ any law with mean mu, variance s^2 iid"], YES, "= s²(2μ² + s²)"),
        (["variance", "x_1^2", "--let", "x_i: 2 ~ any law with mean mu, variance s^2, fourth central moment m iid"], YES, "4μ²s² + 4μκ₃ − s⁴ + m"),
        (["mean", "x", "--let", "x ~ Foo(1)"], MISUSED, "the law Foo is not known"),
        (["mean", "x", "--given", "x", "--let", "x ~ Poisson(a)"], MISUSED, "nothing else is random"),
        (["mean", "--help"], YES, "draws of B with replacement"),
        (["variance", "--help"], YES, "Categorical"),
        (["covariance", "--help"], YES, "any law with mean mu"),
    ],
)  # fmt: skip
def test_the_commands(words, code, message):
    done = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    assert done.exit_code == code, done.output
    assert message in " ".join((done.stdout + done.stderr).split())


SAMPLE_VARIANCE = "sum_i (x_i - mean(x))^2/(n-1)"


def test_the_variance_of_the_sample_variance():
    """It takes a fourth moment: where none is given, that is said at once."""
    law = "x_i ~ any law with mean mu, variance s^2{} iid"
    begun = time.perf_counter()
    with pytest.raises(DerivationError, match="it depends on moments that the law of x does not give"):
        workings.variance(SAMPLE_VARIANCE, let=law.format(""))
    assert time.perf_counter() - begun < 1
    found = workings.variance(SAMPLE_VARIANCE, let=law.format(", fourth central moment m"))
    assert is_answer(found, "m/n - s^4 (n-3)/(n (n-1))")


def test_json_can_be_verified():
    done = CliRunner().invoke(app, ["covariance", "x", "x^2", "--let", "x ~ Uniform(a, b)", "--json"])
    assert json.loads(done.stdout)["title"] == "The covariance of x and x²"
    assert CliRunner().invoke(app, ["verify", "-"], input=done.stdout).exit_code == YES
