"""How terms, formulas, premises and workings are written."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from itertools import product
from pathlib import Path

import jsonschema
import pytest
from rich.cells import cell_len
from rich.console import Console

import derivations
import engine.documents
from engine.documents.structured import as_data
from engine.documents.terminal import broken, show
from engine.notation.latex import latex
from engine.notation.plain import plain
from engine.terms import (
    INFINITY,
    ArgMin,
    At,
    Covariance,
    Definition,
    Derivative,
    Determinant,
    Differential,
    Expectation,
    Identity,
    Limit,
    Number,
    Symbol,
    Term,
    Trace,
    Variance,
    Zero,
    absolute,
    exp,
    gradient,
    hessian,
    log,
    maximum,
    norm2,
    sign,
    sqrt,
    total,
)
from engine.terms.declarations import POSITIVE, POSITIVE_DEFINITE, POSITIVE_INTEGER, UNIT_INTERVAL, Declaration, Domain
from engine.terms.formulas import (
    Formula,
    Relation,
    at_most,
    equation,
    invertible,
    less,
    nonzero,
    positive,
    positive_definite,
)
from engine.terms.laws import AnyLaw, Bernoulli, Normal
from engine.worlds.drawing import drawn
from engine.worlds.truth import truth
from engine.worlds.values import Undefined

n, d, i, j = (Symbol(name) for name in "ndij")
a, b, p, B = (Symbol(name) for name in "abpB")
lam, eps, sigma, eta, kappa = (Symbol(name) for name in ("lambda", "epsilon", "sigma", "eta", "kappa"))
S_min, B_noise, alpha_N, N_c = (Symbol(name) for name in ("S_min", "B_noise", "alpha_N", "N_c"))
X, A = Symbol("X", n, d), Symbol("A", d, d)
t, w, x = Symbol("t", n), Symbol("w", d), Symbol("x", d)
m = Symbol("m", n, d)

g = Definition("g", (w,), norm2(X @ w - t) / (2 * n) + lam * norm2(w))
f = Definition("f", (x,), w.T @ x)
f_i = Definition("g", (i,), t[i] * a, indexed=True)
x_adv = Definition("x'", (), x - eps * w)
w_star = Definition("w*", (), A.I @ x)
y = Definition("y~_m", (i,), t[i], indexed=True)

TERMS = [
    (g.body, "‖Xw − t‖²/(2n) + λ‖w‖²", r"\frac{\lVert X w - t \rVert^2}{2n} + \lambda\lVert w \rVert^2"),
    ((X.T @ X + 2 * lam * n * Identity(d)).I @ X.T @ t, "(XᵀX + 2λnI)⁻¹Xᵀt", r"(X^\top X + 2\lambda n I)^{-1}X^\top t"),
    (2 * X.T @ (X @ w - t) / n, "2Xᵀ(Xw − t)/n", r"\frac{2X^\top(X w - t)}{n}"),
    ((X.T @ X / n + 2 * lam * Identity(d)) @ w, "(XᵀX/n + 2λI)w", r"\left(\frac{X^\top X}{n} + 2\lambda I\right)w"),
    (a / (2 * n), "a/(2n)", r"\frac{a}{2n}"),
    (a / (b / 2), "a/(b/2)", r"\frac{a}{\frac{b}{2}}"),
    (a / 2 * b, "ab/2", r"\frac{a b}{2}"),
    (sigma**2 / B, "σ²/B", r"\frac{\sigma^2}{B}"),
    ((1 - p) / p, "(1 − p)/p", r"\frac{1 - p}{p}"),
    (1 / a, "1/a", r"\frac{1}{a}"),
    (1 / (a * b), "1/(ab)", r"\frac{1}{a b}"),
    (sqrt((1 - p) / p), "√((1 − p)/p)", r"\sqrt{\frac{1 - p}{p}}"),
    (sqrt(a), "√a", r"\sqrt{a}"),
    (-a + b, "−a + b", "-a + b"),
    (a - (b - p), "a − b + p", "a - b + p"),
    (a * (-b), "−ab", "-a b"),
    ((a + b) ** 2, "(a + b)²", "(a + b)^2"),
    (a**-2 * b, "b/a²", r"\frac{b}{a^2}"),
    (a ** (-1 / alpha_N), "a^(−1/α_N)", r"a^{-1/\alpha_{N}}"),
    ((N_c / a) ** alpha_N, "(N_c/a)^α_N", r"\left(\frac{N_{c}}{a}\right)^{\alpha_{N}}"),
    (Number(Fraction(-1, 2)) * a, "−a/2", r"-\frac{a}{2}"),
    (Number(Fraction(76, 1000)) * a, "19a/250", r"\frac{19a}{250}"),
    (Number(Fraction(1, 3)), "1/3", r"\frac{1}{3}"),
    (B * S_min, "B S_min", r"B S_{\mathrm{min}}"),
    (B_noise * S_min * (1 + a), "B_noise S_min · (1 + a)", r"B_{\mathrm{noise}}S_{\mathrm{min}}(1 + a)"),
    (absolute(a) * absolute(b), "|a| |b|", r"\lvert a \rvert\lvert b \rvert"),
    (absolute(a / b), "|a/b|", r"\left\lvert \frac{a}{b} \right\rvert"),
    (x.T @ w * sign(a), "xᵀw sign(a)", r"x^\top w\operatorname{sign}(a)"),
    (exp(a) * log(b), "exp(a) ln(b)", r"\exp(a)\ln(b)"),
    (maximum(a, b), "max(a, b)", r"\max(a, b)"),
    (X.T, "Xᵀ", r"X^\top"),
    ((X @ w).T, "(Xw)ᵀ", r"(X w)^\top"),
    (A.I.T, "(A⁻¹)ᵀ", r"(A^{-1})^\top"),
    (A.T.I, "(Aᵀ)⁻¹", r"(A^\top)^{-1}"),
    (Trace(A), "tr(A)", r"\operatorname{tr}(A)"),
    (Determinant(A), "det(A)", r"\det(A)"),
    (Zero(d, 1), "0", "0"),
    (w[j], "wⱼ", "w_{j}"),
    (X[i, j], "Xᵢⱼ", "X_{ij}"),
    ((X @ w)[i], "(Xw)ᵢ", "(X w)_{i}"),
    (total(w[j] * X[i, j], j, d), "Σ_{j=1}^{d} wⱼXᵢⱼ", r"\sum_{j=1}^{d} w_{j}X_{ij}"),
    (total(a + w[j], j, d), "Σ_{j=1}^{d} (a + wⱼ)", r"\sum_{j=1}^{d} (a + w_{j})"),
    (total(w[j], j, d) ** 2, "(Σ_{j=1}^{d} wⱼ)²", r"\left(\sum_{j=1}^{d} w_{j}\right)^2"),
    (1 / (2 * n) * total(t[i], i, n), "1/(2n) · Σ_{i=1}^{n} tᵢ", r"\frac{1}{2n} \sum_{i=1}^{n} t_{i}"),
    (total(t[i], i, n) * a, "(Σ_{i=1}^{n} tᵢ)a", r"\left(\sum_{i=1}^{n} t_{i}\right)a"),
    (f(x_adv()), "f(x′)", "f(x')"),
    (w_star() * a, "w* a", "w^*a"),
    (f_i(i), "gᵢ", "g_{i}"),
    (y(i), "ỹ_{m,i}", r"\tilde{y}_{m, i}"),
    (gradient(g(w), w), "∇g(w)", r"\nabla g(w)"),
    (hessian(g(w), w), "∇²g(w)", r"\nabla^2 g(w)"),
    (gradient(w.T @ x, x), "∇_x(wᵀx)", r"\nabla_{x} (w^\top x)"),
    (Derivative(lam * a, lam), "d(λa)/dλ", r"\frac{\mathrm{d} (\lambda a)}{\mathrm{d} \lambda}"),
    (Derivative(Derivative(eta**3, eta), eta), "d²(η³)/dη²", r"\frac{\mathrm{d}^2 (\eta^3)}{\mathrm{d} \eta^2}"),
    (Derivative(log(eta), eta), "d ln(η)/dη", r"\frac{\mathrm{d} \ln(\eta)}{\mathrm{d} \eta}"),
    (Differential(X @ w, w), "d(Xw)", "d(X w)"),
    (Differential(w, w), "dw", "dw"),
    (Expectation(a**2), "E[a²]", r"\mathbb{E}[a^2]"),
    (Expectation(a, (m,)), "E_{m}[a]", r"\mathbb{E}_{m}[a]"),
    (Variance(a / B), "Var(a/B)", r"\operatorname{Var}\left(\frac{a}{B}\right)"),
    (Covariance(a, b), "Cov(a, b)", r"\operatorname{Cov}(a, b)"),
    (At(lam * a + 1, lam, Number(Fraction(0))), "[λa + 1]_{λ = 0}", r"\left[\lambda a + 1\right]_{\lambda = 0}"),
    (Limit(a / B, B, INFINITY), "lim_{B→∞} a/B", r"\lim_{B \to \infty} \frac{a}{B}"),
    (ArgMin(g(w), w), "argmin_w g(w)", r"\operatorname*{arg\,min}_{w} g(w)"),
]


@pytest.mark.parametrize(("term", "text", "tex"), TERMS, ids=[row[1] for row in TERMS])
def test_a_term_is_written_as_people_write_it(term: Term, text: str, tex: str) -> None:
    assert (plain(term), latex(term)) == (text, tex)


FORMULAS = [
    (equation(gradient(g(w), w), Zero(d, 1)), "∇g(w) = 0", r"\nabla g(w) = 0"),
    (nonzero(a), "a ≠ 0", r"a \ne 0"),
    (positive(a - b), "a − b > 0", r"a - b > 0"),
    (less(a, b), "a < b", "a < b"),
    (at_most(a, b), "a ≤ b", r"a \le b"),
    (positive_definite(A), "A ≻ 0", r"A \succ 0"),
    (invertible(A), "A is invertible", r"A \text{ is invertible}"),
    (Formula(equation(a, b), Relation.EQUIVALENT, equation(b, a)), "a = b ⇔ b = a", r"a = b \iff b = a"),
    (
        Formula(w_star(), Relation.UNIQUE_MINIMISER, ArgMin(g(w), w)),
        "w* is the unique minimiser of g(w) over w",
        r"w^*\text{ is the unique minimiser of }g(w)\text{ over }w",
    ),
]


@pytest.mark.parametrize(("formula", "text", "tex"), FORMULAS, ids=[row[1] for row in FORMULAS])
def test_a_formula_is_written_as_people_write_it(formula: Formula, text: str, tex: str) -> None:
    assert (plain(formula), latex(formula)) == (text, tex)


PREMISES = [
    (Declaration(X), "X ∈ ℝⁿˣᵈ"),
    (Declaration(t), "t ∈ ℝⁿ"),
    (Declaration(Symbol("S", d, d), POSITIVE_DEFINITE), "S ∈ ℝᵈˣᵈ, symmetric positive definite"),
    (Declaration(n, POSITIVE_INTEGER), "n ∈ ℕ"),
    (Declaration(i, Domain(whole=True, index_up_to=n)), "i = 1, …, n"),
    (Declaration(a), "a ∈ ℝ"),
    (Declaration(lam, POSITIVE), "λ > 0"),
    (Declaration(p, UNIT_INTERVAL), "p ∈ (0, 1)"),
    (Declaration(kappa, Domain(lower=Fraction(1))), "κ > 1"),
    (Declaration(m, law=Bernoulli(p)), "mᵢⱼ ~ Bernoulli(p) independent"),
    (Declaration(t, law=Normal(a, sigma**2)), "tᵢ ~ N(a, σ²) independent"),
    (Declaration(b, law=AnyLaw(a, sigma**2)), "b ~ any law with mean a and variance σ² independent"),
    (g, "g(w) = ‖Xw − t‖²/(2n) + λ‖w‖²"),
    (x_adv, "x′ = x − εw"),
    (y, "ỹ_{m,i} = tᵢ"),
]


@pytest.mark.parametrize(("premise", "text"), PREMISES, ids=[row[1] for row in PREMISES])
def test_a_premise_is_written_as_people_write_it(premise: Declaration | Definition, text: str) -> None:
    assert plain(premise) == text


# -- no two terms are written alike ------------------------------------------------------------------------------------

ATOMS: list[Term] = [a, S_min, f(x), w[j], Number(Fraction(2)), Number(Fraction(-1, 2))]
JOINED: list[Callable[[Term, Term], Term]] = [
    lambda u, v: u + v,
    lambda u, v: u - v,
    lambda u, v: u * v,
    lambda u, v: u / v,
    lambda u, v: At(u, a, v),
    lambda u, v: norm2(u * x) * v,
]
CHANGED: list[Callable[[Term], Term]] = [
    lambda u: u**2,
    lambda u: 1 / u,
    sqrt,
    lambda u: u**-alpha_N,
    absolute,
    log,
    lambda u: total(u, j, d),
    lambda u: u * x.T @ w,
]


def grown(terms: list[Term]) -> list[Term]:
    """The terms with one more operation on top, in all ways."""
    found: dict[Term, None] = {}
    for joined, (left, right) in product(JOINED, [*product(terms, ATOMS), *product(ATOMS, terms)]):
        with suppress(ZeroDivisionError):
            found[joined(left, right)] = None
    for changed, term in product(CHANGED, terms):
        with suppress(ZeroDivisionError):
            found[changed(term)] = None
    return list(found)


def one_value(left: Term, right: Term) -> bool:
    declared = frozenset(
        [
            *(Declaration(size, POSITIVE_INTEGER) for size in (n, d)),
            *(Declaration(symbol) for symbol in (w, x)),
            *(Declaration(symbol, POSITIVE) for symbol in (a, S_min, alpha_N)),
            Declaration(j, Domain(whole=True, index_up_to=d)),
        ]
    )
    try:
        return truth(equation(left, right), drawn(declared, frozenset((n, d)), 1, 4, 0)).true
    except Undefined:
        return True


@pytest.mark.parametrize("writer", [plain, latex])
def test_terms_written_alike_mean_the_same(writer: Callable[[Term], str]) -> None:
    once = grown(ATOMS)
    by_text: dict[str, list[Term]] = {}
    for term in [*ATOMS, *once, *grown(once)]:
        by_text.setdefault(writer(term), []).append(term)
    assert len(by_text) > 5000
    misread = [text for text, (first, *others) in by_text.items() if not all(one_value(first, o) for o in others)]
    assert misread == []


# -- workings ----------------------------------------------------------------------------------------------------------


def printed(name: str, width: int, *, terminal: bool = False, detail: bool = False) -> str:
    page = io.StringIO()
    console = Console(file=page, width=width, force_terminal=terminal, no_color=True, markup=False, highlight=False)
    show(derivations.load(name).run(), console, detail)
    return page.getvalue()


def test_a_working_has_its_mathematics_left_and_its_reasons_right() -> None:
    lines = printed("ridge", 120).splitlines()
    assert lines[0].startswith("Ridge regression in closed form") and lines[0].endswith("assignment 1.2.2")
    assert lines[1] == "25 steps: 25 proved, and seen in 8 worlds"
    assert "Given   g(w) = ‖Xw − t‖²/(2n) + λ‖w‖²" in lines
    assert any("X ∈ ℝⁿˣᵈ, t ∈ ℝⁿ, w ∈ ℝᵈ, λ > 0" in line for line in lines)
    chain = [k for k, line in enumerate(lines) if line.startswith("  ∇g(w) = Xᵀ(Xw − t)/n + 2λw  ")]
    assert len(chain) == 1
    after = next(line for line in lines[chain[0] :] if line.startswith("        = (XᵀX/n + 2λI)w − Xᵀt/n  "))
    assert lines[chain[0]].index("differentiate") == after.index("collect w")
    assert any(line.startswith("  ⇔  w = (XᵀX + 2λnI)⁻¹Xᵀt") for line in lines)
    assert not any("[structural]" in line for line in lines)
    assert "[structural]" in printed("batch-size-regimes", 120)
    assert lines[-1] == "Result  (XᵀX + 2λnI)⁻¹Xᵀt is the unique minimiser of g(w) over w"


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("name", ["ridge", "batch-size-regimes", "dropout-bias-variance", "compute-optimal-model-size"])
def test_a_working_fits_its_width(name: str, width: int) -> None:
    lines = printed(name, width, detail=name == "ridge").splitlines()
    assert max(cell_len(line) for line in lines) <= width


def test_in_a_pipe_there_is_no_colour_and_no_box() -> None:
    text = printed("ridge", 80)
    assert "\x1b" not in text and not set(text) & set("─│┌┐└┘")
    assert "┌" in printed("ridge", 80, terminal=True)


def test_detail_shows_what_happens_inside_a_step_and_what_it_needs() -> None:
    text = printed("ridge", 100, detail=True)
    assert "d of a sum, term by term" in text and "needs XᵀX + 2λnI is invertible" in text
    assert "needs n ≠ 0" not in text  # sizes are not zero


def test_a_long_line_is_broken_outside_of_brackets_and_before_a_sign() -> None:
    text = "f = (a + b)² · (c + d)² + (e − g)² · h"
    assert broken(text, 30, 4) == ["f = (a + b)² · (c + d)²", "+ (e − g)² · h"]


@pytest.mark.parametrize("name", derivations.names())
def test_every_working_as_data_obeys_the_published_schema(name: str) -> None:
    schema = json.loads(Path(engine.documents.__file__).with_name("derivation.schema.json").read_text("utf-8"))
    data = as_data(derivations.load(name).run())
    jsonschema.Draft202012Validator(schema).validate(json.loads(json.dumps(data)))
    assert data["schema"] == "workings.derivation/2" and data["results"]


@pytest.mark.parametrize("name", derivations.names())
def test_everything_in_a_working_can_be_written(name: str) -> None:
    working = derivations.load(name).run()
    for step in working.steps:
        for written in (plain(step.claim.formula), latex(step.claim.formula), step.reason):
            assert written and "  " not in written and "None" not in written and "Symbol(" not in written
        assert latex(step.claim.formula).count("{") == latex(step.claim.formula).count("}")
