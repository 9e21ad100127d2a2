"""What people write, in their own spellings: each row is a text, its declarations, and how it is read."""

from __future__ import annotations

import pytest

from engine.asking.formulas import formulas
from engine.grading.equality import equal
from engine.grading.verdicts import Verdict
from engine.notation.latex import latex
from engine.notation.plain import plain
from engine.reading import IllTyped, Names, Unreadable, read
from engine.reading.declarations import declared, premises
from engine.reading.macros import expanded
from engine.terms import Symbol
from workings.grader import Grader

MATRICES = "A: n×n; B: n×n; C: n×n; Sigma: n×n; X: n×d; w: d; v: n; x: n; y: n; p: n; m: n; mu; a; b; beta: d"


def reading_of(text, let=MATRICES):
    return read(text, Names(declared([let]), free=True))


def shown(text, let=MATRICES):
    return plain(reading_of(text, let).settled().value)


@pytest.mark.parametrize(
    ("text", "let", "wanted"),
    [
        (r"\frac{a_ib}{2}", "a: n; i: positive integer; b", "aᵢb/2"),
        (r"\frac{w^TS_Bw}{w^TS_Ww}", "w: d; S_B: d×d; S_W: d×d", "wᵀS_B w/(wᵀS_W w)"),
        (r"v^T_1 x - \mu^{T}_{1} x + \sigma^2_1", "mu_1: n; x: n; v_1: n; sigma_1", "v₁ᵀx − μ₁ᵀx + σ₁²"),
        (r"\mathbf{C B C}^{T}", MATRICES, "CBCᵀ"),
        (r"\mathbf{CBC}^{T}", MATRICES, "CBCᵀ"),
        (r"\boldsymbol{X\beta}", MATRICES, "Xβ"),
        (r"{\bf v}^T x + \text{13} \left(a\right)!", MATRICES, "vᵀx + 13 factorial(a)"),
        (r"\dbinom{n}{2} + \tbinom n2", "n: positive integer", "binomial(n, 2) + binomial(n, 2)"),
        (r"\log_a b + \arcsinh b", MATRICES, "ln(b)/ln(a) + asinh(b)"),
        (r"x^t\Sigma x", MATRICES, "xᵀΣx"),
        (r"\left[\begin{array}{cc} a & b \\ b & a \end{array}\right]", MATRICES, "[[a, b], [b, a]]"),
        (r"\hat c + \tilde z + \bar q + c^\star + c_{ridge}", MATRICES, "ĉ + z̃ + q̄ + c* + c_ridge"),
        (r"\|w - w^*\|^2 + \hat w^T w", MATRICES, "‖w − w*‖² + ŵᵀw"),
        (r"\bar{x}", MATRICES, "𝟏ᵀx/n"),
        (r"\bar{X}", MATRICES, "Xᵀ·𝟏/n"),
        ("（a+b）", MATRICES, "a + b"),
        (r"|\Sigma|", MATRICES, "det(Σ)"),
        (r"e^{v}", MATRICES, "exp(v)"),
        ("y*log(p)", MATRICES, "y ⊙ ln(p)"),
        ("2*y*p - y/p", MATRICES, "2y ⊙ p − y ⊘ p"),
        ("sum((x-m)^2)", MATRICES, "𝟏ᵀ(x − m)^⊙2"),
        ("mean((x - mean(x))^2)", MATRICES, "𝟏ᵀ(x − (𝟏ᵀx)·𝟏/n)^⊙2/n"),
        (r"\hat c = \arg\,\max_w -\|w\|^2 - \|w - \beta\|^2", MATRICES, "argmin_w (‖w‖² + ‖w − β‖²)"),
    ],
)  # fmt: skip
def test_tex_as_people_write_it(text, let, wanted):
    assert shown(text, let) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (r"\sum_i y_i \log p_i + (1-y_i)\log(1-p_i)", "Σ_{i=1}^{n} (yᵢ ln(pᵢ) + (1 − yᵢ) ln(1 − pᵢ))"),
        (r"-\sum_{i=1}^n y_i + x_i + a", "−(Σ_{i=1}^{n} (yᵢ + xᵢ)) + a"),
        (r"\sum_i x_i + \sum_i y_i", "Σ_{i=1}^{n} xᵢ + Σ_{i=1}^{n} yᵢ"),
        (r"\sum_i x_i + y_i + \sum_j y_j + a", "Σ_{i=1}^{n} (xᵢ + yᵢ) + Σ_{j=1}^{n} yⱼ + a"),
        (r"\sum_i \sum_j A_{ij} + y_i + a", "Σ_{i=1}^{n} (Σ_{j=1}^{n} Aᵢⱼ + yᵢ) + a"),
        (r"\sum_{i,j} A_{ij} + y_i + x_j", "Σ_{i=1}^{n} Σ_{j=1}^{n} (Aᵢⱼ + yᵢ + xⱼ)"),
        (r"|\sum_i x_i| + x_1", "|Σ_{i=1}^{n} xᵢ| + x₁"),
        (r"\sum_i e^{-x_i} + a^{-2}", "Σ_{i=1}^{n} exp(−xᵢ) + 1/a²"),
        (r"(\sum_i x_i) + a", "Σ_{i=1}^{n} xᵢ + a"),
    ],
)
def test_an_index_does_not_leave_its_sum(text, wanted):
    assert shown(text) == wanted


def test_a_term_without_the_index_between_is_asked_about():
    with pytest.raises(Unreadable, match="reach as far as this") as caught:
        reading_of(r"\sum_i x_i + \mu + y_i")
    assert "a term without i lies between (+mu)" in caught.value.tip
    assert any("reads on to the last term" in note for note in reading_of(r"\sum_i x_i + y_i").notes)


def test_the_square_of_a_column_is_what_fits_its_place():
    squared = reading_of("(x - m)^2")
    assert plain(squared.fitted((1, 1)).settled().value) == "‖x − m‖²"
    assert plain(squared.fitted((Symbol("n"), 1)).settled().value) == "(x − m)^⊙2"
    with pytest.raises(Unreadable, match="squared norm or that of each entry") as caught:
        squared.settled()
    assert "‖x − m‖²" in caught.value.tip and "(x − m)^⊙2" in caught.value.tip


def test_what_is_read_in_one_of_several_ways_is_noted():
    for text in (r"\frac{x^10}{2}", r"A^-1 {x}", r"x^t x", "y*p", r"\bar x", r"e^{v}"):
        assert reading_of(text, f"{MATRICES}").notes, text
    assert not reading_of(r"\frac{a^{10}}{2}").notes


def test_letters_are_shown_with_their_marks():
    assert [plain(Symbol(name)) for name in ("x-", "w^_ridge", "y~", "x.")] == ["x̄", "ŵ_ridge", "ỹ", "ẋ"]
    assert [latex(Symbol(name)) for name in ("x-", "y^_i")] == [r"\bar{x}", r"\hat{y}_{i}"]


def test_a_number_has_no_mean():
    with pytest.raises(IllTyped, match="mean takes a column"):
        reading_of("mean(a)")


ARRAYS = "A: n×n; B: n×n; X: n×d; y: n; x: n; mu: n; lam; v: n; w: d"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # SymPy
        ("Trace(A) + Determinant(B)", "tr(A) + det(B)"),
        ("Inverse(A)*x + A**2*B*Transpose(A)*x", "A⁻¹x + A²BAᵀx"),
        ("Matrix([[1, 2], [3, 4]])", "[[1, 2], [3, 4]]"),
        ("Identity(d)*w", "w"),
        # NumPy and PyTorch
        ("np.linalg.solve(X.T @ X + lam*np.eye(d), X.T @ y)", "(XᵀX + λI)⁻¹Xᵀy"),
        ("np.linalg.inv(A) @ x", "A⁻¹x"),
        ("((x - mu)**2).mean()", "𝟏ᵀ(x − μ)^⊙2/n"),
        ("(x - mu).pow(2).sum()", "𝟏ᵀ(x − μ)^⊙2"),
        ("mu**2*np.exp(x)", "μ^⊙2 ⊙ exp(x)"),
        ("torch.trace(A.t() @ B)", "tr(AᵀB)"),
        ("np.log(np.linalg.det(A))", "ln(det(A))"),
        ("x.dot(y) + np.outer(x, y)[0, 0]", "xᵀy + (xyᵀ)₁₁"),
        ("1/(1 + np.exp(-X @ w))", "𝟏 ⊘ (𝟏 + exp(−Xw))"),
        ("-np.sum(y*np.log(x) + (1-y)*np.log(1-x))", "−𝟏ᵀ(y ⊙ ln(x) + (𝟏 − y) ⊙ ln(𝟏 − x))"),
        ("np.maximum(x, 0)", "max(x, 0)"),
        ("x @ y", "xᵀy"),
        ("A*np.eye(n)", "A ⊙ I"),
        # MATLAB, Julia, matrixcalculus
        ("(y.*v)'*x", "(y ⊙ v)ᵀx"),
        ("x./y*2", "2(x ⊘ y)"),
        ("sum(x.^2) .+ 1", "𝟏ᵀx^⊙2 + 1"),
        ("logdet(A) + norm2(x) + vector(1)'*x", "ln(det(A)) + ‖x‖ + 𝟏ᵀx"),
        ("exp.(x)", "exp(x)"),
        # R
        ("t(X) %*% y + crossprod(X) %*% w", "Xᵀy + XᵀXw"),
        ("solve(A) %*% x + solve(A, y)*2", "A⁻¹x + 2A⁻¹y"),
        # Mathematica
        ("Tr[A.B] + Log[Det[A]]", "tr(AB) + ln(det(A))"),
        ("Inverse[A].x", "A⁻¹x"),
        ("(x - y).(x - y)", "(x − y)ᵀ(x − y)"),
        # none
        ("A*B", "AB"),
        ("A.T", "Aᵀ"),
        ("A - diag(A)", "A − diag(diag(A))"),
    ],
)
def test_lines_of_tools(text, wanted):
    assert shown(text, ARRAYS) == wanted


@pytest.mark.parametrize("text", ["x.sum(axis=0)", "np.einsum('ij,j->i', A, x)", "np.exp", "a. b", "A.foo()", "x @ w"])
def test_lines_of_tools_that_are_not_read(text):
    with pytest.raises(Unreadable):
        reading_of(text, ARRAYS)


def test_a_declared_name_is_no_word_of_a_tool():
    assert shown("np t", "np; t") == "np t"
    assert shown("Trace(t)", "Trace; t") == "Trace t"


# -- declarations and premises -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (["X ∈ ℝ^{n×d}, t: n"], ["n ∈ ℕ", "d ∈ ℕ", "X ∈ ℝⁿˣᵈ", "t ∈ ℝⁿ"]),
        (["x^{(i)}: d"], ["n ∈ ℕ", "d ∈ ℕ", "x ∈ ℝⁿˣᵈ"]),
        ([r"x_i \in \mathbb{R}^d"], ["n ∈ ℕ", "d ∈ ℕ", "x ∈ ℝⁿˣᵈ"]),
        (["U: m×m orthogonal"], ["m ∈ ℕ", "U ∈ ℝᵐˣᵐ", "UᵀU = I"]),
        (["A: m×n full column rank"], ["m ∈ ℕ", "n ∈ ℕ", "A ∈ ℝᵐˣⁿ", "AᵀA is invertible"]),
        (["D: n×n diagonal"], ["n ∈ ℕ", "D ∈ ℝⁿˣⁿ", "D = diag(diag(D))"]),
        (["s: n > 0"], ["n ∈ ℕ", "s ∈ ℝⁿ, each entry > 0"]),
        (["k = 1, …, n", "2 ≤ k ≤ n"], ["n ∈ ℕ", "k = 1, …, n", "k ≥ 2", "k ≤ n"]),
        (["sum(Y) = 0; Y: n"], ["n ∈ ℕ", "Y ∈ ℝⁿ", "𝟏ᵀY = 0"]),
        (["1^T y = 1", "y: n"], ["n ∈ ℕ", "y ∈ ℝⁿ", "𝟏ᵀy = 1"]),
        (["X^T X = n I", "X: n×d"], ["n ∈ ℕ", "d ∈ ℕ", "X ∈ ℝⁿˣᵈ", "XᵀX = nI"]),
        ([r"\alpha = K^{-1} y", "K: 2×2", "y: 2"], ["K ∈ ℝ²ˣ²", "y ∈ ℝ²", "alpha := K⁻¹y"]),
        (["f(x) = a x^2"], ["a ∈ ℝ", "f := ax²"]),
        (["x: N", "t: N"], ["N ∈ ℕ", "x ∈ ℝᴺ", "t ∈ ℝᴺ"]),
        ([r"x \in \mathbb{N}"], ["x ∈ ℕ"]),
        (["p in (0, 1]", "0 <= q < 1"], ["p ∈ (0, 1]", "q ∈ [0, 1)"]),
        (["x: n ~ Normal(mu, S); S: n×n positive definite"], ["n ∈ ℕ", "μ ∈ ℝⁿ", "S ∈ ℝⁿˣⁿ, symmetric positive definite", "x ~ N(μ, S), x ∈ ℝⁿ"]),
        (["m_i: d ~ Bernoulli(p) iid"], ["d ∈ ℕ", "p ∈ (0, 1)", "mᵢ ~ Bernoulli(p) independent"]),
        (["A: n×n, A ≻ 0"], ["n ∈ ℕ", "A ∈ ℝⁿˣⁿ, symmetric positive definite"]),
        (["X: real n×d matrix", "v: vector of length n", "B: symmetric n×n"], ["n ∈ ℕ", "d ∈ ℕ", "X ∈ ℝⁿˣᵈ", "v ∈ ℝⁿ", "B ∈ ℝⁿˣⁿ, symmetric"]),
    ],
)  # fmt: skip
def test_declarations_and_premises_are_one_language(texts, wanted):
    said = premises(texts)
    definitions = [f"{each.name} := {plain(each.body)}" for each in said.definitions]
    assert [*map(plain, said.declarations), *map(plain, said.hypotheses), *definitions] == wanted


@pytest.mark.parametrize(
    "text", ["X: blue", "x: n; A = x x; A: 2×3", "p in (1, 0)", "A ≻ 0", "x ~ Foo(1)", "k = 1, …", "x: n; x = 1^T x"]
)
def test_premises_that_cannot_be_read(text):
    with pytest.raises(Unreadable):
        premises([text])


def test_a_premise_holds_where_two_sides_are_compared():
    sides = "g - mean(g ⊙ Y) Y", "g - mean(g ⊙ Y) Y + mean(g ⊙ Y) mean(Y)"
    assert equal(*sides, ("g: n", "Y: n", "sum(Y) = 0")).correct
    assert not equal(*sides, ("g: n", "Y: n")).correct
    assert equal("y^T K^-1 y", "alpha^T y", ("y: n", "K: n×n positive definite", "alpha = K^-1 y")).correct


# -- a person's letters, and components --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "note"),
    [
        ("ridge", r"\hat\beta = (X^TX + 2n\lambda I_p)^{-1}X^Ty", "read with β for w, y for t"),
        ("ridge", "(A^T A + 2 n α I)^-1 A^T y", "read with A for X, α for λ, y for t"),
        ("ridge", "(X'X + 2λn I_n)^-1 X't", "an identity is read as the one that fits, whatever size stands below it"),
        ("gaussian-kl", r"\log\frac{\sigma_2}{\sigma_1} + \frac{\sigma_1^2 + (\mu_1 - \mu_2)^2}{2\sigma_2^2} - \frac12", "read with μ₁ for μ, μ₂ for ν, σ₁ for σ, σ₂ for τ"),
        ("minibatch-variance", "s^2/n", "read with s for σ, n for B"),
        ("softmax-cross-entropy", "p_i - y_i", "compared for each i"),
        ("softmax-cross-entropy", r"\partial L/\partial z_k = p_k - y_k", "compared for each k"),
    ],
)  # fmt: skip
def test_answers_in_letters_of_ones_own(name, text, note):
    found = Grader(name).check(text).judgements[0]
    assert found.correct and note in found.notes


def test_letters_are_not_matched_by_what_makes_an_answer_right():
    swapped = r"\log\frac{\sigma_1}{\sigma_2} + \frac{\sigma_2^2 + (\mu_1 - \mu_2)^2}{2\sigma_1^2} - \frac12"
    assert Grader("gaussian-kl").check(swapped).verdict is Verdict.INCORRECT
    assert Grader("softmax-cross-entropy").check("y_i - p_i").verdict is Verdict.INCORRECT


@pytest.mark.parametrize("text", ["X' y z", "foo bar", "(X'X + 2 q r I)^-1 X' s t"])
def test_letters_that_fit_nothing_are_not_matched(text):
    assert Grader("ridge").check(text).verdict is Verdict.UNREADABLE


def test_a_working_in_letters_of_ones_own():
    text = r"""$J(w) = \frac{1}{2n} \|Xw - y\|^2 + \lambda \|w\|^2$
    $\nabla_w J = \frac1n X'(Xw - y) + 2\lambda w$
    $\hat w_{ridge} = (X'X + 2n\lambda I_n)^{-1}X'y$"""
    marked = Grader("ridge").mark(text)
    assert marked.outcome.value == "complete"
    assert "read with y for t" in marked.lines[0].notes


def test_a_working_in_components():
    text = r"""\frac{\partial p_i}{\partial z_k} = p_i (1\{i=k\} - p_k)
    \frac{\partial L}{\partial z_k} = - y_k (1 - p_k) + \sum_{i\neq k} y_i p_k = - y_k + \sum_i y_i p_k = p_k - y_k"""
    marked = Grader("softmax-cross-entropy").mark(text)
    assert marked.outcome.value == "complete"


# -- whole documents ---------------------------------------------------------------------------------------------------

DOCUMENT = r"""\documentclass{article}
\newcommand{\norm}[1]{\left\lVert #1 \right\rVert}
\renewcommand{\vec}[1]{\mathbf{#1}}
\DeclareMathOperator*{\argmin}{arg\,min}
\def\lam{\lambda}
\begin{document}
\section{Ridge} % a comment
\begin{equation}\label{eq:1}
g(\vec w) = \frac{1}{2n}\norm{X \vec w - \vec t}^2 + \lam \norm{\vec w}^2 \tag{1}
\end{equation}
\begin{align*}
\nabla g(w) &= \frac1n X^\top (X w - t) + 2 \lam w \\[2pt]
 &= 0 \notag
\end{align*}
\[ \vec w^* = (X^T X + 2 \lam n I)^{-1} X^T t. \] \qed
\end{document}
"""


def test_a_document_is_marked_as_it_is():
    marked = Grader("ridge").mark(DOCUMENT)
    assert marked.outcome.value == "complete"
    assert [line.line for line in marked.lines if not line.is_text] == [9, 12, 13, 15]


def test_commands_of_a_document_are_bounded():
    assert expanded(r"\newcommand{\a}{b}\a c") == "b c"
    for text in (r"\newcommand{\a}{\a\a}\a", r"\newcommand{\a}[1]{#1#1}" + r"\a{" * 30 + "x" + "}" * 30, r"\def\a{"):
        with pytest.raises(Unreadable):
            expanded(text)
    assert expanded(r"\input{/etc/passwd} x") == r"\input{/etc/passwd} x"


@pytest.mark.parametrize("names", ["n, u", "p, i", "m, u", "x, i", "l, n", "e, t, a", "t, r", "l, a, m"])
def test_letters_side_by_side_are_read_back_as_such(names):
    """n·u is not ν: declared letters win, and what would read as a name is written with a sign."""
    table = Names(declared([names]))
    product = read("*".join(names.split(", ")), table).value
    free = Names(declared([names]), free=True)
    for written in (plain(product), latex(product)):
        assert read(written, free).value == product, written
    joined = names.replace(", ", "")
    if joined not in ("pi", "ln", "tr"):  # these are what they are
        assert read(joined, free).value == product


def test_a_word_of_declared_names_is_no_function():
    assert shown("CX(X^T C X)^-1", "C: n×n; X: n×d") == "CX(XᵀCX)⁻¹"


@pytest.mark.parametrize(
    ("text", "let", "wanted"),
    [
        (r"\frac{1}{N}\sum_{n=1}^N (t_n - w^T x_n)^2", ("x_n: d",), "1/N · Σ_{n=1}^{N} (tₙ − wᵀxᵀeₙ)²"),
        ("np.sum((X @ w - y)**2)", ("X: n×d",), "𝟏ᵀ(Xw − y)^⊙2"),
        (r"L = \frac{1}{2}\|y - Xw\|^2", ("X: n×d",), "‖y − Xw‖²/2"),
        (r"J(\theta) = \frac{1}{2m}\sum_{i=1}^m (\theta^T x^{(i)} - y^{(i)})^2", ("x^{(i)}: n",), "1/(2m) · Σ_{i=1}^{m} (θᵀxᵀeᵢ − yᵢ)²"),
        (r"\cos(a^Tx)", ("a: n",), "cos(aᵀx)"),
    ],
)  # fmt: skip
def test_letters_take_the_shape_that_fits_before_anything_is_forced(text, let, wanted):
    found = formulas((text,), let, (), scalar=True)[0]
    assert plain(found.body) == wanted
    assert not any("added at each entry" in note or "squared norm" in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (r"\nabla_w \frac{1}{2}\|X w - y\|^2", "∇_w(‖Xw − y‖²/2)"),
        (r"\frac{\partial}{\partial w} w^T X^T X w", "∇_w(wᵀXᵀXw)"),
        (r"{n \choose 2} {a \over b}", "binomial(n, 2)a/b"),
        (r"\sum x_i y_i", "Σ_{i=1}^{n} xᵢyᵢ"),
        (r"\mathbb{1}^T x", "𝟏ᵀx"),
        (r"a_1 a_2", "a₁a₂"),
    ],
)
def test_operators_and_old_commands(text, wanted):
    assert shown(text, "X: n×d; w: d; y: n; x: n; A: n×n; b") == wanted
