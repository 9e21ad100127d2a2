"""Questions of one's own: gradients, Jacobians, Hessians, minimisers, means and variances of what somebody types."""

import json
import re

import pytest
from typer.testing import CliRunner

from cli.errors import MISUSED, UNDECIDED, YES
from cli.main import app
from engine.asking.formulas import Unasked, formula
from engine.asking.minima import minimum_of
from engine.asking.moments import mean_of, variance_of
from engine.asking.slopes import gradient_of, hessian_of
from engine.grading.judging import Judge
from engine.grading.questions import questions
from engine.kernel import DerivationError, NotDecided
from engine.notation.plain import plain

VECTORS = ("a: n", "b: n", "x: n", "A: n×n", "S: n×n symmetric", "X: m×n")


def answer(working, part: int = 0):
    return questions(working)[part]


def is_answer(working, text: str) -> bool:
    """Whether a text is the answer, in whatever form."""
    return Judge(answer(working)).verdict(text).correct


GRADIENTS = [  # beside the table of benchmarks/gradient_cases.py
    ("||x||^4", "x", VECTORS, "4 ||x||^2 x"),
    ("mu x^2 + lambda x", "x", (), "2 mu x + lambda"),
    ("x^c", "x", ("x > 0",), "c x^(c-1)"),
    ("sin(x)^2 + cos(x)^2", "x", (), "0"),
    ("erf(x) + asinh(x) + atan(x)", "x", (), "2/sqrt(pi) exp(-x^2) + 1/sqrt(1 + x^2) + 1/(1 + x^2)"),
    ("x_1 x_2", "x", ("x: 2",), r"\begin{pmatrix} x_2 \\ x_1 \end{pmatrix}"),
    ("tr(diag(x) A)", "x", VECTORS, "diag(A)"),
    # a symmetric matrix changes among symmetric ones, however the function is written
    ("a^T S b", "S", VECTORS, "(a b^T + b a^T)/2"),
    ("a^T S^T b", "S", VECTORS, "(a b^T + b a^T)/2"),
    ("tr(A S)", "S", VECTORS, "(A + A^T)/2"),
    ("||A S||_F^2", "S", VECTORS, "A^T A S + S A^T A"),
    ("(a^T S b)^2", "S", VECTORS, "a^T S b (a b^T + b a^T)"),
    ("a^T diag(A x)  diag(x) b", "x", VECTORS, "A^T (a ⊙ x ⊙ b) + a ⊙ b ⊙ (A x)"),
    ("sum(sqrt(x))", "x", ("x: n",), "1/2 x^⊙(-1/2)"),
    ("sum(log2(x))", "x", ("x: n",), "1/ln(2) (𝟏 ⊘ x)"),
    ("sum_i sum_j X_ij^2", "X", VECTORS, "2 X"),
    ("sum_{i=1}^n sum_{j=1}^i x_i x_j", "x", VECTORS, "x + sum(x) 𝟏"),
    # one letter for two sums, one of which is in the other
    ("sum_i (sum_i c x_i) x_i", "x", VECTORS, "2 c sum(x) 𝟏"),
    ("sum_i x_i sum_i x_i a_i", "x", VECTORS, "(a^T x) 𝟏 + sum(x) a"),
    ("-sum_i a_i ln(exp(x_i)/sum_i exp(x_i))", "x", VECTORS, "sum(a) softmax(x) - a"),
    ("sum_i (x_i - 1/n sum_i x_i)^2", "x", VECTORS, "2 x - 2 sum(x)/n 𝟏"),
]


@pytest.mark.parametrize(("text", "wrt", "let", "wanted"), GRADIENTS)
def test_gradients(text, wrt, let, wanted):
    working = gradient_of(formula(text, let), wrt)
    assert is_answer(working, wanted), plain(answer(working).value)
    assert all(step.evidence.worlds >= 4 for step in working.steps)


@pytest.mark.parametrize(
    ("text", "wrt", "wanted"),
    [
        ("A x", "x", "A"),
        ("x x^T b", "x", "x^T b I_n + x b^T"),
        ("x/||x||", "x", "I_n/||x|| - x x^T/||x||^3"),
        ("A x (a^T x)", "x", "a^T x A + A x a^T"),
    ],
)
def test_jacobians(text, wrt, wanted):
    assert is_answer(gradient_of(formula(text, VECTORS), wrt, scalar=False), wanted)


def test_a_jacobian_is_not_written_as_a_gradient():
    formulas = [formula("A x", VECTORS), formula("a^T x", VECTORS)]
    written = [plain(gradient_of(asked, "x").results[0].step.claim.left) for asked in formulas]
    assert written == ["∂f(x)/∂x", "∇f(x)"]


@pytest.mark.parametrize(
    ("text", "wrt", "wanted"),
    [
        ("x^T S x", "x", "2 S"),
        ("||A x - b||^2", "x", "2 A^T A"),
        ("(a^T x)^2", "x", "2 a a^T"),
        ("exp(a^T x)", "x", "exp(a^T x) a a^T"),
        ("logsumexp(x)", "x", "diag(softmax(x)) - softmax(x) softmax(x)^T"),
        ("sum(softplus(A x))", "x", "A^T diag(sigmoid(A x) ⊙ (𝟏 - sigmoid(A x))) A"),
        ("||X||_F^2", "X", "2 I_n ⊗ I_m"),
        ("tr(X A X^T)", "X", "(A + A^T) ⊗ I_m"),
    ],
)
def test_hessians(text, wrt, wanted):
    working = hessian_of(formula(text, VECTORS), wrt)
    assert is_answer(working, wanted), plain(answer(working).value)


@pytest.mark.parametrize(
    ("text", "let", "needed"),
    [
        ("y acosh(x)", ("x > 0",), ["x ≥ 1"]),
        ("y acosh(x)", ("x > 2",), []),
        ("y acosh(x^2 + 1)", (), []),
        ("y asin(x)", (), ["1 − x² ≥ 0"]),
        ("y acos(2 x)", (), ["1 − (2x)² ≥ 0"]),
        ("y atanh(x)", (), ["1 − x² > 0"]),
        ("y log(x)", (), ["x > 0"]),
        ("y tan(x)", (), ["cos(x) ≠ 0"]),
        ("y factorial(x)", (), ["x ≥ 0", "x = floor(x)"]),
        ("y factorial(n)", ("n ∈ ℕ",), []),
        ("y binomial(x, z)", (), ["z = floor(z)"]),
        ("y binomial(x, n)", ("n ∈ ℕ",), []),
        ("y asinh(x) + erf(y) + atan(x)", (), []),
    ],
)
def test_an_answer_is_told_with_where_its_functions_have_a_value(text, let, needed):
    working = gradient_of(formula(text, let), "y")
    assert [plain(hypothesis) for hypothesis in working.premises.hypotheses] == needed


def test_what_is_in_indices_is_said_to_be():
    def remarks(working):
        return " ".join(part.text for part in working.parts if hasattr(part, "text"))

    assert "written with indices" in remarks(gradient_of(formula("a^T vec(X)", ("X: 2×3", "a: 6")), "X"))
    assert "indices" not in remarks(gradient_of(formula("sum_i a_i x_i^2", VECTORS), "x"))
    assert "vec(f) with respect to vec(X)" in remarks(gradient_of(formula("A X", ("X: n×m", "A: n×n")), "X"))


@pytest.mark.parametrize(
    ("text", "wrt", "let", "wanted"),
    [
        (
            "||X w - t||^2/(2n) + lambda ||w||^2",
            "w",
            ("X: n×d", "t: n", "w: d", "lambda > 0"),
            "(X'X + 2 n lambda I)^-1 X' t",
        ),
        ("a x^2 + b x + c", "x", ("a > 0",), "-b/(2a)"),
        ("||X w - t||^2", "w", ("X: n×d", "t: n", "w: d"), "(X'X)^-1 X' t"),
    ],
)
def test_minimisers(text, wrt, let, wanted):
    assert is_answer(minimum_of(formula(text, let), wrt), wanted)


def test_what_is_not_known_to_be_convex_is_said_not_to_be():
    working = minimum_of(formula("(x - 1)^2 - 2 (x - c)^2"), "x")
    assert any("not proved" in part.text for part in working.parts if hasattr(part, "text"))
    assert working.results[0].step.claim.relation.joins_formulas  # where the gradient is zero, and no minimum


@pytest.mark.parametrize(
    ("answer_of", "text", "let", "wanted"),
    [
        (mean_of, "sum_j m_j w_j x_j / p", ("m_j ~ Bernoulli(p) iid", "p in (0,1)"), "sum_{j=1}^n w_j x_j"),
        (variance_of, "sum_j m_j w_j x_j / p", ("m_j ~ Bernoulli(p) iid", "p in (0,1)"), "(1-p)/p sum_{j=1}^n w_j^2 x_j^2"),
        (variance_of, "1/B sum_{i=1}^B e_i", ("e_i ~ Normal(0, s^2) iid", "B: positive integer", "s > 0"), "s^2/B"),
        (mean_of, "(a z + b)^2", ("z ~ Normal(mu, s^2)", "s > 0"), "(a mu + b)^2 + a^2 s^2"),
        (variance_of, "a x + b y + c", ("x ~ Normal(0, s^2)", "y ~ Bernoulli(p)", "s > 0", "p in (0,1)"), "a^2 s^2 + b^2 p (1-p)"),
        (variance_of, "sum_i (sum_i e_i) x_i", ("e_i ~ Normal(0, s^2) iid", "s > 0"), "n s^2 (sum_i x_i)^2"),
        (variance_of, "sum_i x_i sum_i e_i x_i", ("e_i ~ Normal(0, s^2) iid", "s > 0"), "s^2 (sum_i x_i)^2 sum_i x_i^2"),
        (mean_of, "sum_i (sum_i e_i) e_i", ("e_i ~ Normal(0, s^2) iid", "s > 0"), "n s^2"),
        (mean_of, "x y", ("x ~ Normal(mu, s^2)", "y ~ Bernoulli(p)", "s > 0", "p in (0,1)"), "mu p"),
    ],
)  # fmt: skip
def test_moments(answer_of, text, let, wanted):
    working = answer_of(formula(text, let))
    assert is_answer(working, wanted), plain(answer(working).value)


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: gradient_of(formula("floor(x)"), "x"), DerivationError, "no rule gives the differential of floor(x)"),
        (lambda: gradient_of(formula("x y"), "z"), Unasked, "z is not in the formula, which has x, y"),
        (lambda: hessian_of(formula("A x", VECTORS), "x"), Unasked, "a Hessian is of a scalar; this is n×1"),
        (
            lambda: gradient_of(formula("A x", VECTORS), "x", scalar=True),
            Unasked,
            "a gradient is of a scalar; this is n×1",
        ),
        (lambda: mean_of(formula("x")), Unasked, "nothing in it is random"),
        (lambda: mean_of(formula("exp(z)", ("z ~ Normal(0, 1)",))), NotDecided, "cannot be evaluated"),
        (lambda: minimum_of(formula("exp(x) + x^2"), "x"), Unasked, "no rule solves exp(x) + 2x = 0 for x"),
    ],
)
def test_what_is_beyond_it_is_said_with_the_part_that_is(ask, error, message):
    with pytest.raises(error, match=re.escape(message)):
        ask()


def test_what_must_hold_is_stated():
    working = gradient_of(formula("ln(a^T x)", VECTORS), "x")
    assert [plain(hypothesis) for hypothesis in working.premises.hypotheses] == ["aᵀx > 0"]
    assert (
        "aᵀx > 0"
        in CliRunner().invoke(app, ["gradient", "ln(a^T x)", "--wrt", "x", "--let", "a: n", "--let", "x: n"]).stdout
    )


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["gradient", "-x^2", "--wrt", "x"], YES, "= −2x"),
        (["gradient", "x^2", "--wrt", "x", "-f", "latex"], YES, r"\documentclass"),
        (["gradient", "x +", "--wrt", "x"], MISUSED, "something is missing at the end"),
        (["gradient", "x = 2", "--wrt", "x"], MISUSED, "one expression was expected"),
        (["gradient", "x^2"], 2, "--wrt"),
        (["gradient", "ceil(x)", "--wrt", "x"], UNDECIDED, "no rule gives the differential"),
        (["gradient", "x^2/(y (c-c))", "--wrt", "x"], UNDECIDED, "would divide by 0"),
        (["jacobian", "x^2", "--wrt", "x"], MISUSED, "a Jacobian is of a vector"),
        (["mean", "x"], MISUSED, "declare a law"),
        (["minimise", "x^2", "--wrt", "x", "-o", "/nowhere/x.tex"], MISUSED, "cannot be written"),
    ],
)
def test_the_commands(words, code, message):
    done = CliRunner().invoke(app, words) if words[1][0] != "-" else run_whole(words)
    assert done.exit_code == code and message in done.stdout + done.stderr


def run_whole(words):
    """The command as it is started, with its leading minus."""
    from cli.main import _with_leading_minus

    return CliRunner().invoke(app, _with_leading_minus(words))


def test_what_is_inside_a_line_is_shown_wherever_the_line_is():
    power = ["gradient", "tr(X^20)", "--wrt", "X", "--let", "X: n×n"]
    assert CliRunner().invoke(app, power).exit_code == YES
    assert CliRunner().invoke(app, [*power, "--json"]).exit_code == YES  # an index below a number has it for a bound


def test_json_is_a_derivation_like_any_other():
    done = CliRunner().invoke(app, ["gradient", "x^2", "--wrt", "x", "--json"])
    data = json.loads(done.stdout)
    assert data["schema"] == "workings.derivation/2" and data["title"] == "The gradient of x²"
    again = CliRunner().invoke(app, ["verify", "-"], input=done.stdout)
    assert again.exit_code == YES


ASKED = ("gradient", "a^T x", "--wrt", "x", "--let", "a: n", "--let", "x: n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--json", "-f", "html"), "--json is for standard output"),
        (("--bold",), "add -f latex"),
        (("--fragment", "-f", "markdown"), "for LaTeX alone"),
        (("--detail", "-f", "json"), "JSON holds all of it"),
    ],
)
def test_options_that_contradict_each_other_are_told(options, said):
    answer = CliRunner().invoke(app, [*ASKED, *options])
    told = json.loads(answer.stdout)["error"]["message"] if "--json" in options else answer.stderr
    assert answer.exit_code == MISUSED and said in told and (answer.stdout == "") == ("--json" not in options)


def test_an_answer_is_written_as_a_document_is():
    assert r"\documentclass" in CliRunner().invoke(app, [*ASKED, "-f", "latex"]).stdout
    fragment = CliRunner().invoke(app, [*ASKED, "-f", "latex", "--fragment", "--bold"]).stdout
    assert r"\documentclass" not in fragment and r"\boldsymbol{a}" in fragment


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["gradient", "sum_i log(a_i) x_i", "--wrt", "x", "--let", "a_i > 0"], "a ∈ ℝⁿ, each entry > 0"),
        (["gradient", "sum_i p_i x_i", "--wrt", "x", "--let", "p_i in (0,1)"], "p ∈ ℝⁿ, each entry ∈ (0, 1)"),
        (
            ["gradient", "sum_i (y_i - w^T x_i)^2", "--wrt", "w", "--let", "x_i: d", "--let", "w: d", "--let", "y_i"],
            "∇f(w) = −2xᵀ(y − xw)",
        ),
        (["mean", "W_12", "--let", "W_ij ~ Normal(0,s^2) iid"], "say how many"),
        (["gradient", "sum_k Y_ik", "--wrt", "Y", "--let", "Y: n×k"], "another letter"),
        (["recursion", "v_{t+1} = rho v_t"], "state: vₜ = ρ^t v₀\n        steady"),
    ],
)
def test_what_is_said_of_an_indexed_letter_is_said_of_each(words, message):
    assert message in CliRunner().invoke(app, words).output


def test_there_are_as_many_rows_as_there_are_not_as_each_is_long():
    words = ["gradient", "sum_i (y_i - w^T x_i)^2", "--wrt", "w", "--let", "x_i: d", "--let", "w: d"]
    assert "x ∈ ℝⁿˣᵈ" in CliRunner().invoke(app, words).output


@pytest.mark.parametrize(
    ("text", "shown", "slope"),
    [
        ("sum_i (x_i - 1/n sum_i x_i)^2", "Σ_{i=1}^{n} (xᵢ − 1/n · Σ_{j=1}^{n} xⱼ)²", "2x − 2(𝟏ᵀx)·𝟏/n"),
        ("sum_i (sum_i c x_i) x_i", "Σ_{i=1}^{n} (Σ_{j=1}^{n} cxⱼ)xᵢ", "2c·𝟏𝟏ᵀx"),
    ],
)
def test_a_sum_inside_another_has_its_own_letter_and_like_sums_are_seen(text, shown, slope):
    asked = formula(text, VECTORS)
    assert plain(asked.body) == shown
    assert plain(answer(gradient_of(asked, "x")).value) == slope


@pytest.mark.parametrize(
    ("text", "wrt", "let", "slope"),
    [
        ("sum_i sum_j A_ij (x_i - x_j)^2", "x", ("x: n", "A: n×n"), "2(x ⊙ A·𝟏 − Ax) − 2(Aᵀx − diag(x)Aᵀ·𝟏)"),
        ("sum_{i=1}^n sum_{j=1}^n A_ij ||x_i - x_j||^2", "x", ("x_i: d", "A: n×n"), "(2 diag(A·𝟏) − 2A + 2 diag(Aᵀ·𝟏) − 2Aᵀ)x"),
        ("sum_{i=1}^n sum_{j=1}^m M_ij (R_ij - u_i^T v_j)^2", "u", ("u_i, v_j: d", "M, R: n×m"), "−2((R − uvᵀ) ⊙ M)v"),
        ("sum_{i=1}^n sum_{k=1}^K r_ik ||x_i - m_k||^2", "m", ("x_i, m_k: d", "r: n×K"), "2 diag(rᵀ·𝟏)m − 2rᵀx"),
        ("1/2 sum_{i=1}^n (x_i - m)^T P (x_i - m)", "m", ("x_i: d", "m: d", "P: d×d symmetric"), "nPm − Pxᵀ·𝟏"),
        ("−sum_k y_k ln(exp(z_k)/sum_j exp(z_j))", "z", ("z, y: K",), "(𝟏ᵀy) softmax(z) − y"),
        ("sum_i sum_j (D_ij - x_i y_j)^2", "x", ("x: n", "y: m", "D: n×m"), "2(yᵀy)x − 2Dy"),
    ],
)  # fmt: skip
def test_double_sums_come_to_whole_matrices(text, wrt, let, slope):
    working = gradient_of(formula(text, let), wrt)
    assert plain(answer(working).value) == slope


@pytest.mark.parametrize(
    ("text", "let", "slope"),
    [
        ("||sum_{j=1}^n x_j||^2", ("x_i: d",), "2·𝟏𝟏ᵀx"),
        ("||sum_{i=1}^n c_i x_i||^2", ("x_i: d", "c: n"), "2ccᵀx"),
        ("sum_{i=1}^n ||x_i - 1/n sum_{j=1}^n x_j||^2", ("x_i: d",), "2x − 2·𝟏𝟏ᵀx/n"),
        ("sum_{i=1}^n ||y_i - sum_{j=1}^m A_ij x_j||^2", ("x_j: d", "A: n×m", "y_i: d"), "−2Aᵀ(y − Ax)"),
        ("sum_{i=1}^n (w^T x_i)^2", ("w: d", "x_i: d"), "2xwwᵀ"),
        ("sum_{i=1}^n (w^T x_i)(v^T x_i)", ("w, v: d", "x_i: d"), "xvwᵀ + xwvᵀ"),
        ("sum_{i=1}^n sum_{j=1}^n (x_i^T x_j)^2", ("x_i: d",), "4xxᵀx"),
    ],
)
def test_sums_over_rows_come_to_whole_matrices(text, let, slope):
    working = gradient_of(formula(text, let), "x")
    assert plain(answer(working).value) == slope
