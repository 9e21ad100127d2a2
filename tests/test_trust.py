"""What independent people got past an earlier state: each false line that was once certified is refused, or comes out
true.
"""

import dataclasses
import json
from fractions import Fraction

import pytest
from flint import fmpq
from typer.testing import CliRunner

from cli.errors import MISUSED, NO, YES
from cli.main import app
from engine.asking.formulas import Unasked, formula
from engine.asking.minima import minimum_of
from engine.author import (
    POSITIVE,
    Derivative,
    Expectation,
    Normal,
    Number,
    Variance,
    common_factor,
    derivation,
    differentiate,
    equation,
    exp,
    expand,
    gradient,
    hessian,
    insert,
    isolate,
    mean_of_law,
    minimiser,
    minimum_of_maximum,
    minimum_on_constraint,
    negative,
    nonnegative,
    nonzero,
    positive,
    read_off,
    restate,
    second_moment,
    separate,
    sign,
    unfold,
    variance_of_law,
)
from engine.certificates.certificate import Refused
from engine.documents.structured import as_data, reread
from engine.grading.judging import Judge
from engine.grading.questions import questions
from engine.kernel import Conclusion
from engine.kernel.evidence import DerivationError, NotDecided, Refuted
from engine.notation.plain import plain
from engine.rules.calculus.optimisation import _is_half_space
from engine.terms import ONE, ZERO, Apply, ArgMin, Symbol, hadamard, maximum, multiply, norm2, ones, term
from engine.terms.declarations import POSITIVE_INTEGER, Declaration, Domain
from engine.terms.formulas import Formula, minimises
from engine.worlds.truth import obeyed
from engine.worlds.values import Matrix
from engine.worlds.world import World

X = Symbol("x")


def run(*words: str):
    return CliRunner().invoke(app, list(words))


def written(function):
    return derivation("mine", title="Mine", source="")(function)


# -- minimisers lie where their variable may ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wrt", "let"),
    [
        ("||A + I||_F^2", "A", ("A: n×n positive definite",)),
        ("||S - A||_F^2", "S", ("S: n×n positive definite", "A: n×n symmetric")),
        ("||A||_F^2", "A", ("A: n×n invertible",)),
        ("(x + 1)^2", "x", ("x > 0",)),
    ],
)
def test_no_minimiser_lies_outside_of_the_domain(text, wrt, let):
    with pytest.raises((DerivationError, NotDecided, Unasked)):
        minimum_of(formula(text, let), wrt)


@pytest.mark.parametrize(
    ("text", "let", "wanted"),
    [
        ("||S - A||_F^2", ("S: n×n symmetric", "A: n×n"), "(A + A^T)/2"),
        ("tr(S B) + ||S||_F^2", ("S: n×n symmetric", "B: n×n"), "-(B + B^T)/4"),
    ],
)
def test_among_symmetric_matrices_the_best_is_symmetric(text, let, wanted):
    assert Judge(questions(minimum_of(formula(text, let), "S"))[0]).verdict(wanted).correct


def test_where_the_point_must_lie_is_stated():
    for let in (("x > 0",), ("x > 0", "a: real")):  # as a condition: what was declared stays as it was
        working = minimum_of(formula("(x - a)^2", let), "x")
        assert "a ∈ ℝ" in [plain(d) for d in working.premises.declarations]
        assert "a > 0" in [plain(h) for h in working.results[0].step.claim.assumptions if isinstance(h, Formula)]


# -- laws --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "law",
    [
        "Normal(0, -1)",
        "Normal(0, -s^2)",
        "Bernoulli(2)",
        "Bernoulli(-1/2)",
        "Poisson(-3)",
        "Exponential(-1)",
        "Binomial(-2, p)",
        "Binomial(5/2, p)",
        "Binomial(n, 3/2)",
        "Categorical(0: 3/2, 1: -1/2)",
        "any law with mean 0, variance -1",
        "any law with mean 0, variance 1, third central moment 0, fourth central moment 0",
    ],
)
def test_there_is_no_such_law(law):
    refused = run("variance", "x", "--let", f"x ~ {law}")
    assert refused.exit_code == MISUSED and "there is no such law of x" in refused.stderr


def test_what_a_law_needs_of_its_parameters_is_stated():
    assert "assuming p ≤ 1" in run("mean", "x", "--let", "p > 0", "--let", "x ~ Bernoulli(p)").stdout
    refused = run("derive", "minibatch-variance", "--given", "epsilon ~ Normal(0, -1)")
    assert refused.exit_code == NO and "there is no such law" in refused.stderr


def _law(proof):
    mu, s = proof.scalar("mu"), proof.scalar("s", POSITIVE)
    return mu, proof.random("x", Normal(mu, s**2))


def test_a_mean_moves_with_what_its_law_is_given_by():
    def forgotten(proof):
        mu, x = _law(proof)
        proof.conclude(proof.derive(gradient(Expectation(x), mu)).by(differentiate))

    def seen(proof):
        mu, x = _law(proof)
        f = proof.given("f", Expectation(x**2), mu)
        slope = proof.derive(gradient(f(mu), mu))
        proof.conclude(slope.by(unfold, second_moment, mean_of_law, variance_of_law, differentiate))

    with pytest.raises(Refuted, match="is false"):
        written(forgotten).run()
    assert plain(written(seen).run().results[0].step.claim.right) == "2μ"


def test_an_equation_is_solved_through_the_laws_that_its_unknown_gives():
    def steady(proof):
        v, q = proof.scalar("v", POSITIVE), proof.scalar("q", POSITIVE)
        x = proof.random("x", Normal(ZERO, v))
        proof.conclude(proof.solve(equation(Variance(x), q), v).by(variance_of_law))

    assert plain(written(steady).run().results[0].step.claim.formula) == "Var(x) = q ⇔ v = q"


@pytest.mark.parametrize(
    ("law", "text", "wanted"),
    [("Normal(0, I)", "z^T A z", "tr(A)"), ("Normal(0, I_n)", "||z||^2", "n"), ("Normal(m1, S1)", "z", "m_1")],
)
def test_i_is_the_identity_in_a_law_and_numbered_names_are_names(law, text, wanted):
    shown = run("mean", text, "--let", f"z: n ~ {law}", "--let", "A: n×n").stdout
    assert shown.rstrip().endswith("= " + wanted.replace("m_1", "m₁"))


# -- how a working holds together --------------------------------------------------------------------------------------


def test_a_lemma_of_other_premises_is_no_result_here():
    @derivation("positive", title="", source="")
    def lemma(proof):
        c = proof.scalar("c", POSITIVE)
        proof.conclude(proof.derive(c + c).by(restate(2 * c)))

    def borrowed(proof):
        c = proof.scalar("c")
        proof.derive((c + 1) ** 2).by(expand)
        proof.conclude(proof.use(lemma))

    with pytest.raises(DerivationError, match="c is not declared so by the premises"):
        written(borrowed).run()


def test_two_things_are_not_written_alike():
    def let_as_symbol(proof):
        a = proof.scalar("a")
        b = proof.let("a", a + 1)
        proof.conclude(proof.derive(b).by(unfold))

    def given_twice(proof):
        x = proof.scalar("x")
        proof.given("f", x**2, x), proof.given("f", x**3, x)

    def greek_twice(proof):
        proof.scalar("sigma"), proof.scalar("σ")

    for clash, message in (
        (let_as_symbol, "two different things are both written a"),
        (given_twice, "f is given twice"),
        (greek_twice, "σ is declared twice"),
    ):
        with pytest.raises(DerivationError, match=message):
            written(clash).run()


def test_a_working_concludes_something():
    with pytest.raises(DerivationError, match="it concludes nothing"):
        written(lambda proof: None).run()


def test_the_lines_of_a_passage_cannot_be_changed():
    def changed(proof):
        x = proof.scalar("x")
        proof.derive((x + 1) ** 2).by(expand).steps.extend(())

    with pytest.raises(AttributeError):
        written(changed).run()


# -- equalities far out ------------------------------------------------------------------------------------------------


def test_a_piece_that_ends_far_out_is_seen():
    def claimed(proof):
        x = proof.scalar("x")
        first = proof.derive(sign(10**9 - x)).by(restate(ONE))
        proof.conclude(proof.shown(nonnegative(10**9 - x), first))

    with pytest.raises(Refuted):
        written(claimed).run()


def test_a_polynomial_in_a_size_is_tried_at_more_sizes_than_it_has_zeros():
    def claimed(proof):
        n = proof.size("n")
        x = proof.vector("x", n)
        proof.conclude(proof.derive(multiply(*(n - k for k in range(1, 13)), norm2(x))).by(restate(ZERO)))

    with pytest.raises(Refuted):
        written(claimed).run()


# -- what is read ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("gradient", "foo(x)", "--wrt", "x"), MISUSED, "there is no function foo here"),
        (("gradient", "f(x)", "--wrt", "x"), MISUSED, "there is no function f here"),
        (("recursion", "m_t = b m_{t-1} + g_t"), MISUSED, "g_t changes with t"),
        (("gradient", r"\sigma(w^T x)", "--wrt", "w", "--let", "w, x: n"), YES, "(1 − sigmoid(wᵀx))x"),
        (("gradient", "tr(W₁ A)", "--wrt", "W₁", "--let", "W₁: d×d", "--let", "A: d×d"), YES, "∇f(W₁) = Aᵀ"),
        (("gradient", "||X w - t||^2", "--wrt", "w", "--let", "X: n×d"), YES, "∇f(w) = 2Xᵀ(Xw − t)"),
        (("gradient", "sqrt(x)", "--wrt", "x"), YES, "= 1/(2 √x)"),
        (("check", "xavier-variance", "Var(W_i) = 1/sqrt(n)"), MISUSED, "i is not declared"),
    ],
)
def test_how_a_formula_is_read(words, code, message):
    done = run(*words)
    assert done.exit_code == code and message in (done.stdout + done.stderr)


@pytest.mark.parametrize(
    ("text", "wrt", "let", "shown"),
    [
        ("sum_{i=1}^n ||x - z_i||^2", "x", ("x: d", "z_i: d"), "∇f(x) = 2nx − 2zᵀ·𝟏"),
        ("1/n sum_{i=1}^n x_i^T A x_i", "A", ("A: d×d", "x_i: d", "n: positive integer"), "∇f(A) = xᵀx/n"),
        ("sum_{i=1}^n (y_i - w^T x_i)^2", "w", ("w: d", "x_i: d", "y: n"), "∇f(w) = −2xᵀ(y − xw)"),
        ("−sum(Y ⊙ ln(softmax(X W)))", "W", ("X: n×d", "W: d×k", "Y: n×k"), "Xᵀ(softmax(XW) ⊙ Y·𝟏𝟏ᵀ − Y)"),
        ("tr(X^-k)", "X", ("X: n×n invertible", "k: positive integer"), "∇f(X) = −k(Xᵀ)^(−1 − k)"),
        ("tr(X^20)", "X", ("X: n×n",), "∇f(X) = 20(Xᵀ)¹⁹"),
    ],
)
def test_gradients_that_came_out_wrong_or_not_at_all(text, wrt, let, shown):
    done = run("gradient", text, "--wrt", wrt, *(word for each in let for word in ("--let", each)))
    assert done.exit_code == YES and shown in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("recursion", "m_t = beta m_{t-1} + (1 - beta) g", "--start", "m_0 = 0"),
        ("hessian", "logsumexp(x)", "--wrt", "x", "--let", "x: n"),
        ("jacobian", "softmax(X)", "--wrt", "X", "--let", "X: 2×3"),
    ],
)
def test_what_is_exported_is_certified_again(words, tmp_path):
    path = tmp_path / "working.json"
    assert run(*words, "-f", "json", "-o", str(path)).exit_code == YES
    assert json.loads(path.read_text()) and run("verify", str(path)).exit_code == YES


# -- what a second round got past it -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("mean y --given x --let x~Normal(y,1) --let y~Normal(0,1)", "Bayes"),
        ("variance y --given x --let x~Normal(y,1) --let y~Exponential(r)", "Bayes"),
        ("mean b --given k --let k~Binomial(10,b) --let b~Bernoulli(1/2)", "Bayes"),
        ("minimise (x+500)^2-10000000*x/sqrt(x^2) --wrt x", "only where x² > 0"),
        ("minimise (k-(m-5)^2/2)^2 --wrt k --let k:positive-integer --let m:positive-integer", "need not be one"),
        ("mean x --let x~Poisson(y) --let y~Normal(-3,1)", "may not obey y ≥ 0"),
        ("mean b --let b~Bernoulli(v) --let v~Normal(3,1)", "may not obey"),
        ("mean b --let b~Bernoulli(v) --let v~Categorical(2:1/2,3:1/2)", "would have to hold"),
        ("mean b --let b~Binomial(N,p) --let N~Categorical(1/2:1/2,3:1/2)", "not a whole number"),
        ("mean x^2 --let x~Normal(0,v) --let v~Rademacher", "may not obey v ≥ 0"),
        ("mean x^2 --let x~Normal(0,v) --let v~Categorical(-1:1/2,2:1/2)", "may not obey v ≥ 0"),
        ("mean x --let x~Uniform(1,0)", "1 ≤ 0"),
        ("mean x --let x~Binomial(N,p) --let N>0", "not a whole number"),
        ("equal sign(x-y)^2 1", "incorrect"),
        ("equal floor(x+y)+1 ceil(x+y)", "incorrect"),
        ("equal sum(sign(x)^⊙2) n --let x:n", "incorrect"),
    ],
)
def test_no_false_answer_to_a_plain_question(words, message):
    found = run(*(word.replace("-integer", " integer") for word in words.split()))
    assert found.exit_code != YES
    assert message in found.output
    assert "right if" not in found.output


def test_a_fourth_moment_is_at_least_the_square_of_the_variance():
    found = run("variance", "x^2", "--let", "x ~ any law with mean 0, variance s^2, fourth central moment 0")
    assert (found.exit_code, "fourth moment" in found.output) == (MISUSED, True)


def test_a_requirement_that_fails_only_for_tiny_numbers_is_stated():
    found = run("variance", "x", "--let", "x ~ Normal(0, s^2 - 1/10^12)")
    assert "assuming s² − 1/1000000000000 ≥ 0" in found.output
    assert "assuming" not in run("variance", "x", "--let", "x ~ Normal(0, s^2)").output


def test_a_whole_number_is_at_least_the_least_of_its_kind():
    square = run("minimise", "(k-(m-5)^2)^2", "--wrt", "k", "--let", "k, m: positive integer")
    assert square.exit_code == YES and "(m − 5)² is the unique minimiser" in square.stdout
    assert "if 1 ≤ (m − 5)²" in square.stdout
    below = run("minimise", "(k-(m-5))^2", "--wrt", "k", "--let", "k, m: positive integer")
    assert "if 1 ≤ m − 5" in below.output
    above = run("minimise", "(k-(m+5))^2", "--wrt", "k", "--let", "k, m: positive integer")
    assert above.exit_code == YES and "if" not in above.stdout.partition("Result")[2]


MIXED = ("b ~ Bernoulli(v)", "v ~ Categorical(0: 1/4, 1/2: 1/4, 1: 1/2)")


@pytest.mark.parametrize(
    ("condition", "one_side"), [(X - 1, True), (3 - 2 * X, True), (X**2, False), (X**-2, False), (X**-1, False)]
)
def test_a_half_space_is_where_something_linear_is_positive(condition, one_side):
    assert _is_half_space(positive(condition), X) == one_side


def _crossing_outside(proof):
    """c² − 10⁻¹² is positive in the worlds, but not for every c."""
    x, c = proof.scalar("x", POSITIVE), proof.scalar("c")
    point = c**2 - Number(Fraction(1, 10**12))
    u, v = point - x, x - point
    falls = proof.shown(negative(Derivative(u, x)), proof.derive(Derivative(u, x)).by(differentiate))
    rises = proof.shown(positive(Derivative(v, x)), proof.derive(Derivative(v, x)).by(differentiate))
    meet = proof.solve(equation(u, v), x).by(isolate(x))
    proof.conclude(proof.fact(minimum_of_maximum(meet.step, falls, rises), ArgMin(maximum(u, v), x)))


def test_where_two_curves_meet_must_lie_in_the_domain():
    with pytest.raises(DerivationError, match="condition that is not given"):
        written(_crossing_outside).run()


def test_laws_whose_parameters_are_random_and_always_fit_are_taken():
    for let in (("b ~ Bernoulli(v)", "v ~ Uniform(0,1)"), ("b ~ Poisson(v)", "v ~ Exponential(r)"), MIXED):
        assert run("mean", "b", *(word for each in let for word in ("--let", each))).exit_code == YES
    assert run("minimise", "(k-m)^2", "--wrt", "k", "--let", "k, m: positive integer").exit_code == YES
    assert run("minimise", "nu^2", "--wrt", "nu", "--subject-to", "nu = xi + zeta + eta").exit_code == YES


def _shown_order(proof):
    x = proof.scalar("x")
    proof.solve(nonnegative(x**2), x).by(read_off, shows=(x - 1000) ** 2 - Number(1) / 10**9)


def _shown_equation(proof):
    x, a = proof.scalar("x"), proof.scalar("a")
    proof.solve(equation(a * x + a, ZERO), x).by(separate(x), shows=equation(x, -ONE))


def _instance_of_nonzero(proof):
    a, b = proof.scalar("a"), proof.scalar("b")
    proof.assume(nonzero(a))
    proof.instance(proof.shown(positive(a**2)), a=b - 1000)


def _instance_of_size(proof):
    k, b = proof.size("k"), proof.scalar("b")
    proof.instance(proof.shown(nonnegative(k - 1)), k=(b - 1000) ** 2 + Number(1) / 2)


def _fact_beyond_its_domain(proof):
    x, y = proof.scalar("x", POSITIVE), proof.scalar("y")
    f = proof.given("f", sign(x), x)
    proof.know(proof.derive(f(x)).by(unfold, restate(ONE)))
    proof.shown(positive(f((y - 1000) ** 2)))


def _tie(proof):
    x, y = proof.scalar("x"), proof.scalar("y")
    proof.derive(sign(x - y) ** 2).by(restate(ONE))


def _zero_entry(proof):
    n = proof.size("n")
    x = proof.vector("x", n)
    proof.derive(hadamard(sign(x), sign(x))).by(restate(ones(n)))


def _other_constraint(proof):
    """0 is the best of all x with x + z = 0 for x², but this objective has y in it, which nothing ties to the
    constraint.
    """
    x, y, z = (proof.scalar(name) for name in "xyz")
    f = proof.given("f", x**2, x)
    slope = proof.derive(gradient(f(x), x)).by(differentiate)
    best = slope.set_to(0, about=x).by(separate(x), common_factor, isolate(x))
    bend = proof.derive(hessian(f(x), x)).by(insert(slope.step), differentiate)
    least = proof.fact(minimiser(best.step, proof.shown(positive(hessian(f(x), x)), bend)), ArgMin(f(x), x))
    fixed = proof.solve(equation(y - 3, ZERO), y).by(separate(y))
    value = x**2 + (y - 3) ** 2 * ((y - 1000) ** 2 - Number(1) / 10**6)
    proof.fact(minimum_on_constraint(equation(x + z, ZERO), least, fixed.step), value)


def _size_beyond_all_tried(proof):
    n = proof.size("n")
    x = proof.vector("x", n)
    proof.derive(maximum(n, term(1000)) * norm2(x)).by(restate(1000 * norm2(x)))


def _number_as_a_name(proof):
    proof.scalar("2")


def _function_as_a_name(proof):
    x = proof.scalar("x")
    proof.given("exp", x**2, x)


@pytest.mark.parametrize(
    ("attack", "message"),
    [
        (_shown_order, "only equal terms"),
        (_shown_equation, "is false"),
        (_instance_of_nonzero, "1000 ≠ 0"),
        (_instance_of_size, "need not be one"),
        (_fact_beyond_its_domain, "does not follow"),
        (_tie, "is false"),
        (_zero_entry, "is false"),
        (_other_constraint, "do not follow from"),
        (_size_beyond_all_tried, "looked at"),
        (_number_as_a_name, "reads as something else"),
        (_function_as_a_name, "reads as something else"),
    ],
)
def test_no_false_line_in_a_file_of_ones_own(attack, message):
    with pytest.raises(DerivationError, match=message):
        written(attack).run()


def _forged(rule, formula, subject, **slots):
    """A working as somebody might write its file: a rule's name beside a formula that the rule never made."""
    lying = dataclasses.replace(rule, function=lambda *_: Conclusion(formula(), slots))

    def function(proof):
        proof.conclude(proof.fact(lying, subject(proof)))

    return written(function).run()


BY_SIGNS = "by the signs of its parts"


@pytest.mark.parametrize(
    ("rule", "formula", "slots"),
    [
        (read_off, positive((X - 1000) ** 2 - Number(Fraction(1, 10**9))), {"why": BY_SIGNS}),
        (read_off, nonzero(X - Number(Fraction(7, 3))), {"why": BY_SIGNS}),
        (
            minimiser,
            minimises(ZERO, ArgMin(X**2 - 10**7 * exp(-((X - 1000) ** 2)), X), unique=True),
            {"convexity": "strictly convex"},
        ),
    ],
)
@pytest.mark.parametrize("named", [False, True])
def test_a_structural_line_of_a_file_is_shown_again(rule, formula, slots, named):
    def subject(proof):
        proof.scalar("x")
        return formula.right if formula.right is not None and rule is minimiser else formula

    data = json.loads(json.dumps(as_data(_forged(rule, lambda: formula, subject, **slots))))
    for row in data["certificate"]["table"]:
        if named and row[0] == "Step":
            row[-1] = [row[1]]  # the rule is said to have been run on what it is to show
    with pytest.raises(Refused, match=f"'{rule.name}' does not show"):
        reread(data)


# -- what a third round got past it ------------------------------------------------------------------------------------

NORMAL = "x_i ~ Normal(mu, s^2) iid"


def said_of(*words: str, code: int = YES) -> str:
    done = run(*words)
    assert done.exit_code == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def lets(*texts: str) -> list[str]:
    return [word for text in texts for word in ("--let", text)]


@pytest.mark.parametrize(
    ("formula_", "let"),
    [
        ("sum_{i=1}^N x_i", ("N ~ Poisson(lambda)", NORMAL)),
        ("sum_{i=1}^N x_i", (NORMAL, "N ~ Poisson(lambda)")),
        ("N^2", ("N ~ Poisson(lambda)", "x: N ~ Normal(0, s^2) iid")),
        ("sum_{i=1}^n x_i", ("n ~ Categorical(1: p, 2: 1-p)", NORMAL)),
    ],
)
def test_a_random_number_of_terms_is_refused(formula_, let):
    assert "a random number of entries or terms" in said_of("mean", formula_, *lets(*let), code=MISUSED)


@pytest.mark.parametrize(
    ("words", "let", "result"),
    [
        (("variance", "y + 1/B sum_{b=1}^B x_b"), ("x_b ~ Normal(0, s^2) iid", "y ~ Normal(0, t^2)"), "Var(f) = t² + s²/B"),
        (("mean", "y + sum_{t=1}^T x_t^2"), ("x_t ~ Normal(0, 3) iid", "y ~ Normal(0, 1)"), "E[f] = 3T"),
        (("gradient", "sum_{b=1}^B ||w - x_b||^2", "--wrt", "w"), ("w: d", "x_b: d"), "∇f(w) = 2Bw − 2xᵀ·𝟏"),
        (("variance", "x"), ("v ~ Exponential(r)", "x ~ Normal(mu, v)"), "Var(f) = 1/r"),
        (("variance", "(z^3 + (-z)^3)/2"), ("z ~ Normal(0, 1)",), "Var(f) = 0"),
        (("variance", "sum_i (x_i - mean(x))^2/(n - 1)"), (NORMAL,), "Var(f) = 2s⁴/(n − 1)"),
        (("mean", "||x - mean(x) 1_n||^2/(n - 1)"), (NORMAL,), "E[f] = s²"),
        (("variance", "x^T (I - 11^T/n) x/(n - 1)"), (NORMAL,), "Var(f) = 2s⁴/(n − 1)"),
        (("recursion", r"\mu_{k+1} = r \mu_k + c"), (), "μ = c/(1 − r)"),
        (("recursion", r"\theta_{t+1} = \theta_t - \eta (\theta_t - c)"), (), "θ = c"),
        (("minimise", "n + 100/n", "--wrt", "n"), ("n: positive integer",), "10 is the unique minimiser"),
        (("mean", "1/(2 n (n-1)) sum_{i=1}^n sum_{j=1}^n (x_i - x_j)^2"), (NORMAL,), "E[f] = s²\n          if n − 1 ≠ 0\n"),
        (("minimise", "||w||^2", "--wrt", "w", "--subject-to", "sum_{i=1}^n w_i = 1"), ("w: n",), "w* = 𝟏/n"),
        (("minimise", "sum_i w_i^2 v_i", "--wrt", "w", "--subject-to", "sum(w) = 1"), ("w: n", "v: n", "v_i > 0"), "w* = diag(v)⁻¹·𝟏/(𝟏ᵀ diag(v)⁻¹·𝟏)"),
        (("minimise", "w^T S w", "--wrt", "w", "--subject-to", "sum(w) = 1"), ("S: n×n positive semidefinite", "w: n"), "S is invertible"),
        (("mean", "x^T A x"), ("x: n ~ Bernoulli(p) iid", "A: n×n"), "E[f] = p tr(A)(1 − p) + p²·𝟏ᵀA·𝟏"),
        (("mean", "1^T A x"), ("x: n ~ Poisson(l) iid", "A: n×n"), "E[f] = l·𝟏ᵀA·𝟏"),
        (("gradient", "1^T ln(X) 1", "--wrt", "X"), ("X: n×m", "X_ij > 0"), "∇f(X) = 𝟏 ⊘ X\nnote"),
        (("minimise", "a x^2 + b/x", "--wrt", "x"), ("x > 0",), "over x\n          if a > 0, b > 0\n"),
        (("minimise", "sum_{i=1}^n a_i (w - b_i)^2", "--wrt", "w"), ("a, b: n", "a_i > 0"), "aᵀb/(𝟏ᵀa) is the unique minimiser"),
        (("minimise", "(p-1)^2", "--wrt", "p"), ("p in [0,1]",), "1 is the unique minimiser"),
        (("gradient", "exp(exp(x^3))", "--wrt", "x"), (), "= 3x² exp(exp(x³)) exp(x³)"),
        (("gradient", r"\|Xw-y\|^2_2", "--wrt", "w"), ("X: n×d", "w: d", "y: n"), "∇f(w) = 2Xᵀ(Xw − y)"),
        (("gradient", "−ln|S|", "--wrt", "S"), ("S: d×d positive definite",), "∇f(S) = −S⁻¹"),
    ],
)  # fmt: skip
def test_what_is_asked_is_answered(words, let, result):
    assert result in said_of(*words, *lets(*let)).rpartition("Result")[2]


@pytest.mark.parametrize(
    ("words", "let", "condition"),
    [
        (("gradient", "sum_{k=0}^n x^k", "--wrt", "x"), ("n: positive integer",), "if x ≠ 0"),
        (("gradient", "sum_{k=1}^K y_k log(p_k)", "--wrt", "p"), ("y: K", "p: K"), "if pₖ > 0"),
        (("minimise", "exp(x) - a x", "--wrt", "x"), ("a: real",), "if a > 0"),
        (("minimise", "exp(x) - a x", "--wrt", "x"), (), "if a > 0"),
        (("minimise", "x^T A x - 2 b^T x", "--wrt", "x"), ("A: n×n positive semidefinite", "x, b: n"), "if A is invertible"),
        (("minimise", "(x - k)^2", "--wrt", "x"), ("x > 0", "k: integer"), "if k > 0"),
        (("gradient", "sqrt(x)", "--wrt", "x"), ("x >= 0",), "if x > 0"),
        (("gradient", "tan(x)", "--wrt", "x"), (), "if cos(x) ≠ 0"),
        (("gradient", "det(A X B)", "--wrt", "X", "--detail"), ("A, X, B: n×n",), "if AXB is invertible\n"),
    ],
)  # fmt: skip
def test_what_must_hold_is_said_beside_the_result(words, let, condition):
    assert condition in said_of(*words, *lets(*let)).rpartition("Result")[2]


@pytest.mark.parametrize(
    ("words", "let", "premise"),
    [
        (("mean", "k_1 + k_2"), ("k: 2 ~ Multinomial(N, p)",), "𝟏ᵀp = 1"),
        (("mean", "sum_{i=1}^n x_i"), ("p: n", "x_i ~ Bernoulli(p_i) independent"), "p ≥ 0 at every entry"),
        (("minimise", "p^2", "--wrt", "p"), ("p in [0,1]",), "p ∈ [0, 1]"),
        (("minimise", "p^2", "--wrt", "p"), ("0 <= p < 1",), "p ∈ [0, 1)"),
        (("gradient", "a x", "--wrt", "x"), ("a <= 2",), "a ≤ 2"),
        (("gradient", "sum_{k=1}^n x^k", "--wrt", "x"), (), "n ∈ ℕ"),
        (("gradient", "k x", "--wrt", "x"), ("k: integer",), "k ∈ ℤ"),
        (("gradient", "k x", "--wrt", "x"), (r"k \in \mathbb{N}",), "k ∈ ℕ"),
        (
            ("gradient", "q^T x", "--wrt", r"\mathbf{x}"),
            ("q_i > 0", "q: n", r"\mathbf{x}: n"),
            "q ∈ ℝⁿ, each entry > 0",
        ),
        (("gradient", "k x", "--wrt", "x"), ("k: nonnegative integer",), "k ∈ ℤ, ≥ 0"),
    ],
)
def test_premises_are_printed_as_they_are(words, let, premise):
    assert premise in said_of(*words, *lets(*let)).partition("\nThe ")[0]


def test_a_condition_that_always_holds_is_not_stated():
    loose = said_of(
        "mean", "(sum_{k=1}^t beta^(t-k) g_k)^2", *lets("g_k ~ any law with mean mu, variance s^2 iid", "beta in (0,1)")
    )
    die = said_of("mean", "1/x", *lets("x ~ Categorical(1: 1/2, 3: 1/2)"))
    assert "assuming" not in loose + die and "if" not in loose.rpartition("Result")[2] + die.rpartition("Result")[2]


@pytest.mark.parametrize(
    ("words", "let", "message"),
    [
        (("mean", "1/x"), ("x ~ Normal(0, 1)",), "would have to hold for every value of x"),
        (("mean", "psi(x)^2"), (NORMAL,), "there is no function psi here"),
        (("minimise", "(phi(x) - y)^2", "--wrt", "x"), (), "there is no function phi here"),
        (("gradient", r"W^{(2)} x", "--wrt", "x"), (), "a number in brackets up here is a label"),
        (("mean", "sum_{i=1}^n sum_{j=i+1}^n x_i x_j"), (NORMAL,), "no rule gives E["),
        (("minimise", "−n ln(theta)", "--wrt", "theta"), ("theta > 0",), "no rule solves"),
        (("minimise", "x^2", "--wrt", "x"), ("x > 0",), "no values were found at which its solution lies where x may be"),
        (("minimise", "||x||^2", "--wrt", "x", "--subject-to", "x^T x = 1"), ("x: n",), "is not linear in x"),
        (("minimise", "||x||^2", "--wrt", "x", "--subject-to", "sum(x) = 1"), ("x: n positive",), "without bounds"),
    ],
)  # fmt: skip
def test_what_is_not_answered_is_told_why(words, let, message):
    assert message in said_of(*words, *lets(*let), code=MISUSED)


@pytest.mark.parametrize(
    ("left", "right"), [("max(x, 10^6)", "10^6"), ("max(x, 10^30)", "10^30"), ("relu(x - 10^9)", "0")]
)
def test_an_assumption_is_not_named_that_fails_far_out(left, right):
    said = said_of("equal", left, right, *lets("x"), code=NO)
    assert "x < 0, as far as was seen" in said and "x > 0" not in said


def test_a_hypothesis_with_an_index_holds_at_every_index():
    k, p, size = Symbol("k"), Symbol("p", Symbol("n")), Symbol("n")
    declared = {
        size: Declaration(size, POSITIVE_INTEGER),
        k: Declaration(k, Domain(whole=True, index_up_to=size)),
        p: Declaration(p),
    }
    for entries, all_positive in (((1, 2), True), ((1, -2), False), ((-1, 2), False)):
        column = Matrix([[fmpq(entry)] for entry in entries])
        for place in (1, 2):  # whichever value the index itself was drawn with
            world = World(0, {size: fmpq(2), k: fmpq(place), p: column}, declared)
            assert obeyed(positive(p[k]), world) is all_positive


@pytest.mark.parametrize(
    "body", [exp(exp(X**3)), exp(exp(5 * X**2)), exp(X**3), exp(exp(X**3)) * X - 7, Apply("sin", (exp(X**3),)) + 10**12]
)
def test_slopes_of_what_grows_fast_are_told_from_wrong_ones(body):
    def claimed(factor):
        def attempt(proof):
            proof.scalar("x")
            slope = proof.derive(Derivative(body, X), "The slope").by(differentiate)
            right = slope.value if factor == 1 else multiply(factor, slope.value)
            forged = dataclasses.replace(restate, function=lambda subject, *_: Conclusion(equation(subject, right)))
            proof.conclude(proof.derive(Derivative(body, X), "Again").by(forged))

        return written(attempt)

    assert claimed(term(1)).run()
    with pytest.raises((Refuted, NotDecided)):
        claimed(1 + Number(Fraction(1, 10**30))).run()


@pytest.mark.parametrize("form", ["html", "latex"])
def test_a_star_and_a_transpose_are_no_two_superscripts(form):
    page = said_of(
        "gradient", "(w - w*)^T A (w - w*)", "--wrt", "w", *lets("w, w*: n", "A: n×n"), "--detail", "-f", form
    )
    assert "^*^" not in page


@pytest.mark.parametrize("form", ["det(A X)", "det(X^3)", "det(X ⊙ A)", "ln det(X^T X)"])
def test_a_determinant_is_exported_with_its_inner_steps(form, tmp_path):
    path = tmp_path / "working.json"
    said_of("gradient", form, "--wrt", "X", *lets("A, X: n×n"), "-f", "json", "-o", str(path))
    assert run("verify", str(path)).exit_code == YES
