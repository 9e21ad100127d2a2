"""Reading: all spellings of a thing are one term, everything is read or refused, and errors point at their place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derivations
from engine.grading.questions import questions
from engine.notation.latex import latex
from engine.notation.plain import plain
from engine.proofs.working import Let
from engine.reading import IllTyped, Names, Unreadable, read
from engine.reading.declarations import declared
from engine.terms import ONE, ZERO, ArgMin, Definition, Identity, Symbol, norm2, total
from engine.terms.declarations import POSITIVE, POSITIVE_INTEGER, UNIT_INTERVAL, Declaration, Domain
from engine.terms.formulas import Formula
from engine.terms.laws import Bernoulli
from engine.worlds.comparison import Agreement, Reference

n, d = Symbol("n"), Symbol("d")
X, t, w, x, v = Symbol("X", n, d), Symbol("t", n), Symbol("w", d), Symbol("x", d), Symbol("v", d)
A, B = Symbol("A", n, n), Symbol("B", n, n)
lam, p, a, b = Symbol("lambda"), Symbol("p"), Symbol("a"), Symbol("b")
m = Symbol("m", d)
f = Definition("f", (x,), w.T @ x)
starred = Definition("w*", (), ArgMin(norm2(X @ w - t), w))
attacked = Definition("x'", (), x - a * w)
noise = Definition("B_noise", (), a / b)
NAMES = Names(
    [
        *(Declaration(size, POSITIVE_INTEGER) for size in (n, d)),
        *(Declaration(symbol) for symbol in (X, t, w, x, v, A, B, a, b)),
        Declaration(lam, POSITIVE),
        Declaration(p, UNIT_INTERVAL),
        Declaration(m, law=Bernoulli(p)),
    ],
    [f, starred, attacked, noise],
)
i, j = Symbol("i"), Symbol("j")


def term_of(text: str):
    return read(text, NAMES).value


@pytest.mark.parametrize(
    ("wanted", "texts"),
    [
        (X.T @ X, ["X^T X", "X'X", "X.T*X", "XᵀX", r"X^\top X", r"X^{\intercal}X", "transpose(X) X", "XTX", "X^TX", "X.T @ X", r"\mathbf{X}^{\mathsf T}\mathbf X", r"X^\mathrm{T}X", "X′X"]),
        (A.I, ["A^-1", "A^{-1}", "A⁻¹", "inv(A)", "A.I", "A**-1", "A^(-1)", "A^−1", "A.inv()"]),
        (A.I.T, ["A^-T", "A^{-T}", "(A^-1)^T", "A⁻ᵀ"]),
        (lam * w, ["λw", "lambda w", r"\lambda w", "lam*w", "λ·w", r"\lambda \cdot w", r"\lambda\,\mathbf{w}", "lambda*w", r"\lambda\boldsymbol w", "lambdaw"]),
        (norm2(w), ["||w||^2", "‖w‖²", r"\lVert w\rVert_2^2", r"\|w\|^2", r"\left\|w\right\|^{2}", "norm(w)^2", "|w|^2", "‖w‖₂²"]),
        (a / 2, ["a/2", r"\frac a2", r"\frac12 a", r"\tfrac{1}{2}a", r"\dfrac{a}{2}", "½a", "0.5a", "2^-1 a", ".5 a", "5e-1 a"]),
        (a / b, ["a/b", r"\frac{a}{b}", r"\frac ab", "a÷b", "a b^-1"]),
        (w.T @ x, ["w'x", "w·x", r"\langle w, x\rangle", r"w^\top x", r"w\cdot x"]),
        (total(w[j] ** 2, j, d), ["sum_{j=1}^{d} w_j^2", r"\sum_{j=1}^d w_j^2", "Σ_j w_j²", "sum(w_j^2, j, 1, d)", "sum(w_j^2, j=1..d)", "∑_{j=1}^d w_j^2", "sum_j w_j^2"]),
        (X[i, j], ["X_ij", "X_{ij}", "X_{i,j}", "X_{i j}", "X[i,j]"]),
        (starred(), ["w*", "w^*", "w^{*}", r"w^\star", r"w^{\ast}"]),
        (attacked(), ["x'", "x′", r"x^\prime", "x^{'}"]),
        (noise(), ["B_noise", r"B_{\mathrm{noise}}", r"B_{\text{noise}}", "B_{noise}"]),
        (f(w), ["f(w)", r"f\left(w\right)"]),
    ],
)  # fmt: skip
def test_spellings_of_one_term(wanted, texts):
    names = Names([*NAMES.declarations.values(), Declaration(i), Declaration(j)], NAMES.definitions.values())
    assert {text: read(text, names).value for text in texts} == dict.fromkeys(texts, wanted)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("X^T X + 2λn I", "XᵀX + 2λnI"),
        ("(X X' + 2λn I)^-1 t", "(XXᵀ + 2λnI)⁻¹t"),
        ("a/b a", "aa/b"),
        ("1/2n", "n/2"),
        ("-a^2", "−a²"),
        ("2^-a", "2^(−a)"),
        ("a^b^2", "a^(b²)"),
        ("ln 2a", "ln(2a)"),
        ("ln a ln b", "ln(a) ln(b)"),
        ("sin^2 a", "sin(a)²"),
        ("log_2 a", "ln(a)/ln(2)"),
        ("||a| - |b||", "|(|a| − |b|)|"),
        ("|a||b|", "|a| |b|"),
        ("e^{-a}", "exp(−a)"),
        ("√a b", "√ab"),
        ("√(a)^2", "(√a)²"),
        (r"\sqrt{a}^2", "(√a)²"),
        ("√a^2", "√(a²)"),
        ("√((a)^2)", "√(a²)"),
        ("√(a b)", "√(ab)"),
        (r"\sqrt[3]{a}", "a^(1/3)"),
        ("a'", "a"),
        ("[[1, a], [b, 2]]", "[[1, a], [b, 2]]"),
        (r"\begin{bmatrix} 1 & a \\ b & 2 \end{bmatrix}", "[[1, a], [b, 2]]"),
        (r"$a$", "a"),
        (r"\[a.\]", "a"),
        (r"\boxed{a}", "a"),
        ("a + b.", "a + b"),
        ("E[m_1]", "E[m₁]"),
        (r"\mathbb{E}\left[m_1\right]", "E[m₁]"),
        (r"\operatorname{Var}(m_1)", "Var(m₁)"),
        ("Cov(m_1, m_2)", "Cov(m₁, m₂)"),
        ("max(a, b) + min(a, b)", "max(a, b) + min(a, b)"),
        ("3!", "factorial(3)"),
        (r"\binom{n}{2}", "binomial(n, 2)"),
        ("π a", "πa"),
        ("1e-3 a", "a/1000"),
    ],
)
def test_how_a_text_is_read(text, shown):
    assert plain(term_of(text)) == shown


def test_declared_names_win_over_everything():
    names = Names([Declaration(Symbol(name)) for name in ("I", "e", "E", "S", "ln", "sum", "T", "pi", "lambda")])
    for name in ("I", "e", "E", "S", "ln", "sum", "T", "pi", "lambda"):
        assert read(name, names).value == Symbol(name)
    assert read("e^T", names).value == Symbol("e") ** Symbol("T")
    assert read("I E", names).value == Symbol("I") * Symbol("E")
    assert read("XT", Names([Declaration(Symbol("XT"))])).value == Symbol("XT")


def test_a_name_is_a_transpose_only_where_nothing_else_fits_and_then_it_is_said():
    assert read("XT t", NAMES).notes == ("XT is read as Xᵀ",)
    assert read("x'w", NAMES).notes == ("x' is read as a transpose, because the x' that is declared does not fit",)
    assert read("w'x'", NAMES).value == w.T @ attacked()
    assert read("1/2n", NAMES).has_open_quotient and not read("1/(2n)", NAMES).notes


def test_the_size_of_an_identity_is_found_from_its_place():
    assert term_of("X'X + I") == X.T @ X + Identity(d)
    assert term_of("2(λI + X X')") == 2 * (lam * Identity(n) + X @ X.T)
    assert term_of("w'x + I") == w.T @ x + 1
    assert term_of("I_n") == Identity(n)
    with pytest.raises(IllTyped, match="the size of I is not known"):
        read("tr(I)", NAMES).settled()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1^T t", "𝟏ᵀt"),
        ("1ᵀt", "𝟏ᵀt"),
        (r"1^{\top} X w/n", "𝟏ᵀXw/n"),
        ("1_n^T X 1", "𝟏ᵀX·𝟏"),
        ("2 1^T t", "2·𝟏ᵀt"),
        ("t'(I - 1 1'/n) t", "tᵀ(I − 𝟏·𝟏ᵀ/n)t"),
        ("t^T(I - 11^T/n) t", "tᵀ(I − 𝟏·𝟏ᵀ/n)t"),
        ("11 t", "11t"),
        ("1 - 1^2 a", "1 − a"),
        ("X 1_d + e_1 - e_n", "X·𝟏 + e₁ − eₙ"),
        ("e_1^T t", "e₁ᵀt"),
        ("e^2 a", "exp(2)a"),
    ],
)
def test_ones_and_unit_vectors_have_the_size_of_their_place(text, shown):
    assert plain(read(text, NAMES).settled().value) == shown


@pytest.mark.parametrize(
    ("text", "message"),
    [("1_n 1^T", "size of 𝟏"), ("e_1", "size of e is not"), ("e_x", "a place is a number"), ("1^T a", "size of 𝟏")],
)
def test_ones_and_unit_vectors_of_no_known_size_are_refused(text, message):
    with pytest.raises(IllTyped, match=message):
        read(text, NAMES).settled()


def test_a_left_side_that_is_only_a_name_is_a_label():
    for text in ("w = a w", r"\hat{w}_{ridge} = a w", "w_{ridge}^* = a w", "y := a w", "f(q) = a w"):
        assert read(text, NAMES).value == a * w
    assert read(r"\hat v_{best} = a w", NAMES).label == r"\hat v_{best}"
    assert read(r"\hat w_{ridge} = a w", NAMES).sides == (starred(), a * w)  # where a w* is defined, that is meant
    assert read("a w = λ w", NAMES).sides == (a * w, lam * w)


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("", (0, 1), "nothing to read", ""),
        ("a +", (3, 4), "something is missing at the end", "could stand here"),
        ("a + * b", (4, 5), "* cannot stand here", ""),
        ("(a + b", (0, 1), "never closed", ""),
        ("a + b)", (5, 6), "closes nothing", ""),
        ("(a + b]", (6, 7), "closes nothing", ""),
        ("a + lambbda", (4, 11), "lambbda is not declared", "did you mean lambda"),
        ("q", (0, 1), "q is not declared", "known here"),
        ("a i", (2, 3), "i is not declared", "an index stands below a letter"),
        ("2 3", (0, 3), "side by side", "missing"),
        ("a 2", (0, 3), "side by side", "missing"),
        ("a2", (0, 2), "a2 is not declared", "a*2, a^2 or a_2"),
        ("1,000 a", (1, 2), "a comma within a number", "write 1000"),
        ("1{,}000 a", (2, 3), "a comma within a number", "write 1000"),
        ("a + х", (4, 5), "Cyrillic", "Latin"),
        ("a\u200fb", (1, 2), "invisible character", "delete it"),
        ("a\0", (1, 2), "invisible character", "delete it"),
        ("a ± b", (2, 3), "±", ""),
        ("a ≈ b", (2, 3), "approximations", ""),
        (r"\foo a", (0, 4), "command \\foo", ""),
        (r"\fracc{a}{b}", (0, 6), "command \\fracc", "did you mean \\frac"),
        ("a < b", (2, 3), "inequality", ""),
        ("Σ_k a", (2, 3), "how far k runs", "sum_{k=1}^n"),
        ("sin", (3, 4), "what sin is taken of is missing", ""),
        ("sin^-1 a", (0, 7), "may be an inverse or 1/sin", ""),
        ("9^9^9^9", None, "too high", ""),
        ("((((a^9)^9)^9)^9)^9", None, "too many digits", ""),
        ("(" * 100, None, "within one another", ""),
        ("(" * 10_000, None, "longer than", ""),
        ("a+" * 500_000, None, "longer than", ""),
        ("a" + "'" * 500, None, "too many marks", ""),
        ("1" * 100, None, "digits", ""),
        ("1/0", None, "division by zero", ""),
        ("log_q a", (4, 5), "q is not declared", ""),
    ],
)
def test_what_cannot_be_read_is_pointed_at(text, place, message, hint):
    with pytest.raises(Unreadable) as caught:
        read(text, NAMES).settled()
    trouble = caught.value
    assert not isinstance(trouble, IllTyped)
    assert message in trouble.message and hint in trouble.tip
    if place is not None:
        assert (trouble.start, trouble.end) == place


@pytest.mark.parametrize(
    ("text", "part", "message", "hint"),
    [
        ("a + X w t", "X w t", "cannot multiply", "inner product of two columns"),
        ("(X'X + 2nλ)^-1 X't", "X'X + 2nλ", "cannot add", "is an I missing?"),
        ("X^-1 t", "X^-1", "not square", ""),
        ("t/X", "X", "cannot divide", "inverse"),
        ("a^w", "a^w", "an exponent is a scalar", ""),
        ("max(X, t)", "max(X, t)", "arguments of one shape", ""),
        ("tr(X)", "tr(X)", "no trace", ""),
        ("w_{1,2}", "w_{1,2}", "takes 1 indices", ""),
    ],
)
def test_shapes_that_do_not_fit_are_pointed_at(text, part, message, hint):
    with pytest.raises(IllTyped) as caught:
        read(text, NAMES)
    trouble = caught.value
    assert message in trouble.message and hint in trouble.tip
    assert text[trouble.start : trouble.end] == part


def test_the_caret_stands_under_its_place():
    with pytest.raises(Unreadable) as caught:
        read("a + х + b", NAMES)
    assert caught.value.pointed("a + х + b") == "a + х + b\n    ^"
    long = "a + " * 60 + "х"
    with pytest.raises(Unreadable) as caught:
        read(long, NAMES)
    shown, carets = caught.value.pointed(long, 40).split("\n")
    assert len(shown) <= 42 and shown[carets.index("^")] == "х"


# -- round trips -------------------------------------------------------------------------------------------------------

scalars = st.sampled_from([a, b, lam, p, n, ONE * 3, w.T @ x, norm2(w)])
columns = st.sampled_from([w, x, v, X.T @ t])


def combined(inner):
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda s: s[0] + s[1]),
        pairs.map(lambda s: s[0] - s[1]),
        pairs.map(lambda s: s[0] * s[1]),
        pairs.map(lambda s: s[0] / s[1] if s[1] != ZERO else s[0]),
        st.tuples(inner, st.sampled_from([-2, -1, 2, 3])).map(lambda s: s[0] ** s[1] if s[0] != ZERO else s[0]),
        pairs.map(lambda s: (s[0] * w + s[1] * x).T @ v),
        inner.map(lambda s: norm2(s * w - x)),
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(scalars, combined, max_leaves=7))
def test_what_is_written_is_read_back(term):
    """Plain text and LaTeX of random terms are read as terms of the same value."""
    from engine.worlds.comparison import Agreement, Reference

    reference = Reference(term, NAMES.declarations.values())
    for text in (plain(term), latex(term)):
        found = reference.compared(read(text, NAMES).fitted(term.shape).settled().value).outcome
        assert found in (Agreement.EQUAL, Agreement.UNDECIDED), text


@pytest.mark.parametrize("name", derivations.names())
def test_results_of_the_catalogue_are_read_back(name):
    """In its own symbol table, each result that is written is the term that was derived."""
    from engine.grading import Judge, questions

    for question in questions(derivations.load(name).run()):
        for text in (plain(question.value), latex(question.value)):
            assert Judge(question).verdict(text).correct, text


@pytest.mark.parametrize("name", derivations.names())
def test_every_formula_of_every_line_is_read_back(name):
    """In plain text and in LaTeX, in the derivation's own symbol table: to the same tree, or to one of the same value."""
    from engine.worlds.comparison import Agreement, Reference

    working = derivations.load(name).run()
    later = (part.definition for part in working.parts if isinstance(part, Let))
    names = Names(working.premises.declarations, (*working.premises.definitions, *later))
    for claim in (step.claim for step in working.steps):
        hypotheses = [a for a in claim.assumptions if isinstance(a, Formula)]
        for side in claim.formula.sides:
            for text in (plain(side), latex(side)):
                found = read(text, names).fitted(side.shape).settled().value
                if found != side:
                    reference = Reference(side, working.premises.declarations, hypotheses)
                    assert reference.compared(found).outcome is Agreement.EQUAL, text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("df(w)/da", "df(w)/da"),
        (r"\frac{\mathrm{d} a^2}{\mathrm{d} a}", "d(a²)/da"),
        (r"\frac{\mathrm d^2 (a^3)}{\mathrm d a^2}", "d²(a³)/da²"),
    ],
)
def test_derivatives(text, shown):
    scalars = Names([Declaration(a), Declaration(b), Declaration(w), Declaration(x)], [f])
    assert plain(read(text, scalars).value) == shown


# -- declarations ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("X: n×d", ["n ∈ ℕ", "d ∈ ℕ", "X ∈ ℝⁿˣᵈ"]),
        ("X: n x d", ["n ∈ ℕ", "d ∈ ℕ", "X ∈ ℝⁿˣᵈ"]),
        ("A: 2x2", ["A ∈ ℝ²ˣ²"]),
        ("S: n×n symmetric positive definite", ["n ∈ ℕ", "S ∈ ℝⁿˣⁿ, symmetric positive definite"]),
        ("t: n", ["n ∈ ℕ", "t ∈ ℝⁿ"]),
        ("lambda > 0", ["λ > 0"]),
        ("λ >= 0", ["λ ≥ 0"]),
        ("p in (0,1)", ["p ∈ (0, 1)"]),
        ("N: positive integer", ["N ∈ ℕ"]),
        ("m_j ~ Bernoulli(p) iid", ["n ∈ ℕ", "p ∈ (0, 1)", "mⱼ ~ Bernoulli(p) independent"]),
        ("xi: n ~ Normal(0, sigma^2)", ["n ∈ ℕ", "σ > 0", "ξᵢ ~ N(0, σ²) independent"]),
        ("x", ["x ∈ ℝ"]),
        ("X: n×d; t: n", ["n ∈ ℕ", "d ∈ ℕ", "X ∈ ℝⁿˣᵈ", "t ∈ ℝⁿ"]),
    ],
)
def test_declarations(text, shown):
    assert [plain(declaration) for declaration in declared([text])] == shown


@pytest.mark.parametrize(
    "text",
    ["", "X: n×d invertible", "p in (1,0)", "p ~ Foo(2)", "x > y", "X: blue", "m ~ Bernoulli(p, q)", "1x: n", "x: n; x: d", "A: 20×20"],
)  # fmt: skip
def test_a_declaration_that_cannot_be_read_says_so(text):
    with pytest.raises(Unreadable):
        declared([text])


# -- what workings write -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "same"),
    [
        ("fgm-output", r"f(\mathbf{x}; \mathbf{w})", "f(x)"),
        ("fgm-output", r"\nabla_{\mathbf{x}} f(x; w, \epsilon)", "∇f(x)"),
        ("fgm-epsilon", r"w_{\text{ridge}}^*", "w*"),
        ("fgm-epsilon", r"\hat{w}", "w*"),
        ("fgm-epsilon", "w_r^*", "w*"),
        ("minibatch-variance", r"\text{var}(g_B(w))", "Var(g_B)"),
        ("minibatch-variance", "g_i(w)", "g_i"),
        ("gaussian-dropout-sigma", r"E[(m_{ij})^2] - E^2(m_{ij})", "Var(m_ij)"),
        ("gaussian-dropout-sigma", r"\tilde{y}_\xi^{(i)}", "y~_xi_i"),
        ("gaussian-dropout-sigma", r"\sum_j w_j x_j^{(i)}", "sum_{j=1}^d w_j X_ij"),
        ("ridge", r"\frac{\partial g}{\partial w}", "∇g(w)"),
        ("ridge", "dg/dw", "∇g(w)"),
        ("batch-size-learning-rate", "dR/dη", "∇R(η)"),
    ],
)
def test_what_is_written_in_workings_is_read(name, text, same):
    asked = questions(derivations.load(name).run())[0]
    i, j = (
        Declaration(Symbol(letter), Domain(whole=True, index_up_to=Symbol(size)))
        for letter, size in (("i", "N"), ("j", "d"))
    )
    names = Names({d.symbol.name: d for d in (i, j, *asked.declarations)}.values(), asked.definitions)
    left, right = read(text, names).value, read(same, names).value
    reference = Reference(right, names.declarations.values(), asked.hypotheses)
    assert left == right or reference.compared(left).outcome is Agreement.EQUAL


def test_an_unknown_may_be_written_as_an_optimum():
    names = Names([Declaration(w), Declaration(a)], unknowns=[a])
    for text in ("a*", r"\hat a", "a^*", "a_opt", r"a_{\text{min}}"):
        assert read(f"{text} + 1", names).value == a + 1
    with pytest.raises(Unreadable):
        read("w_opt + 1", names)


def test_what_stands_behind_a_semicolon_is_a_name():
    with pytest.raises(Unreadable, match="a name was expected behind the ;"):
        read("f(x; 2 x)", NAMES)
