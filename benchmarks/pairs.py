"""Pairs of expressions whose equality is known: what a judge must get right, every one of them.

`ANSWERS` are answers to the catalogue's results, with the verdict that each deserves; `QUESTIONS` are pairs with
declarations, over the traps that checkers of answers fall into.
"""

from __future__ import annotations

from dataclasses import dataclass

RIGHT, WRONG, SHAPE, UNREAD = "correct", "incorrect", "ill-typed", "unreadable"


@dataclass(frozen=True)
class Answer:
    name: str
    answer: str
    verdict: str
    part: str | None = None


@dataclass(frozen=True)
class Pair:
    left: str
    right: str
    equal: bool
    let: tuple[str, ...] = ()


def _answers(name: str, part: str | None, right: tuple[str, ...], wrong: tuple[str, ...]) -> list[Answer]:
    return [Answer(name, text, RIGHT, part) for text in right] + [Answer(name, text, WRONG, part) for text in wrong]


ANSWERS = [
    *_answers(
        "fgm-output",
        None,
        ("w^T x - ε ||w||^2", "x'w - epsilon w'w", r"\mathbf w^\top \mathbf x - \varepsilon \lVert \mathbf w \rVert_2^2",
         "w'(x - εw)", "Σ_j w_j x_j - ε Σ_j w_j^2", "f(x') = wᵀx − ε‖w‖²"),
        ("w^T x + ε ||w||^2", "w^T x - ε ||w||", "w'x - ε^2 w'w", "f(x')", "w^T x", "w'x - ε ||x||^2", "w^T x'"),
    ),
    *_answers(
        "ridge",
        None,
        ("inv(X.T*X + 2*lam*n*I)*X.T*t", "(X^T X + 2 n λ I)^-1 X^T t", "(XᵀX + 2λnI)⁻¹Xᵀt",
         r"\left(X^\top X + 2\lambda n \mathbf I\right)^{-1} X^\top \mathbf t", "w* = X' (X X' + 2nλ I)^{-1} t",
         "(X'X/n + 2λ I)^-1 X't/n", r"\hat{w}_{ridge} = \frac{1}{n}(\frac{1}{n}X^TX + 2\lambda I_d)^{-1} X^Tt",
         "1/(2nλ) (X' - X'X (X'X + 2nλ I)^-1 X') t"),
        ("(X'X + nλ I)^-1 X't", "(X'X)^-1 X't", "(X'X + 2λ I)^-1 X't", "X't",
         "(X'X + 2nλ I) w = X't", "argmin_w g(w)", "1.0000001 (X'X + 2nλ I)^-1 X't", "((X'X)^-1 + I/(2nλ)) X't",
         "(X'X - 2nλ I)^-1 X't", "-(X'X + 2nλ I)^-1 X't"),
    ),
    Answer("ridge", "(X X' + 2nλ I)^-1 X't", SHAPE),
    Answer("ridge", "(X'X + 2nλ)^-1 X't", SHAPE),
    Answer("ridge", "t'X (X'X + 2nλ I)^-1", SHAPE),
    Answer("ridge", "X't / (X'X + 2nλ I)", SHAPE),
    Answer("ridge", "(X'X + 2nλ I^-1 X't", UNREAD),
    Answer("ridge", "(X'X + 2nμ I)^-1 X't", RIGHT),  # read with μ for λ, and says so
    *_answers(
        "fgm-epsilon",
        None,
        ("(X'X + 2λn) x/(X't)", "ε = x (XᵀX + 2λn)/(Xᵀt)", r"\frac{(X^TX + 2\lambda n)x}{X^T t}", "x ||X||^2/(X't) + 2λ n x/(X't)",
         "ε* = (X'X + 2nλ I) x (t'X)^-1"),
        ("(X'X + λn) x/(X't)", "x/w*", "ε X't = x (X'X + 2λn)", "x X't/(X'X + 2λn)", "(X'X + 2λ) x/(X't)", "2λn x/(X't)"),
    ),
    *_answers(
        "fgsm-epsilon",
        None,
        ("x sign(X't)", r"x\,\mathrm{sign}(X^\top t)", "x sgn(t'X)", "x X't/|X't|", "x |X't|/(X't)", r"\operatorname{sign}(X^Tt) x"),
        ("x", "|x|", "x sign(X'X + 2λn)", "-x sign(X't)", "x sign(X'X + 2λn) X't"),
    ),
    *_answers(
        "minibatch-variance",
        None,
        ("σ²/B", r"\frac{\sigma^2}{B}", "sigma**2/B", "(σ/√B)^2", "B^-1 sigma^2"),
        ("σ²", "σ/B", "σ²/B²", "Bσ²", "Var(g_1)/B", "B Var(g_B) = σ²"),
    ),
    *_answers(
        "batch-size-learning-rate",
        None,
        ("a w²/(a² w² + σ²/B)", "B a w^2/(B a^2 w^2 + σ^2)", "η = 1/(a + σ²/(a B w²))", r"\frac{1}{a}\cdot\frac{1}{1+\frac{\sigma^2}{a^2w^2B}}"),
        ("1/a", "a w²/(a² w² + σ²)", "B/a", "w²/(a w² + σ²/B)", "a w²/(a²w² + σ²/B²)"),
    ),
    *_answers(
        "batch-size-regimes",
        "steps",
        ("S_min (1 + B_noise/B)", r"S(B) = S_{\min}\left(1 + \frac{B_{\mathrm{noise}}}{B}\right)", "S_min + S_min σ²/(a² w² B)"),
        ("S_min", "S_min (1 + B/B_noise)", "S(B)", "S_min B_noise/B"),
    ),
    *_answers("batch-size-regimes", "elasticity", ("-B_noise/(B_noise + B)", "-1/(1 + B/B_noise)"), ("-1/2", "-B/(B + B_noise)")),
    *_answers("batch-size-regimes", "point C", ("B_noise", "σ²/(a w)^2"), ("σ²/w²", "E_min/S_min^2")),
    *_answers(
        "compute-optimal-model-size",
        "exponent of N",
        ("α_C/α_N", "1/(1 + α_N/α_S + α_N/α_B)", r"\frac{\alpha_S\alpha_B}{\alpha_S\alpha_B + \alpha_N\alpha_B + \alpha_N\alpha_S}"),
        ("α_N/α_C", "1/(1 + α_S/α_N + α_B/α_N)", "0.684", "α_C"),
    ),
    *_answers("compute-optimal-model-size", "N", ("N*(1) (C/C*(1))^(α_C/α_N)",), ("N*(1) C^(α_C/α_N)", "N*(1) (C/C*(1))^(α_N/α_C)")),
    *_answers(
        "dropout-bias-variance",
        None,
        (r"\frac{1}{2N}\sum_{i=1}^N \mathrm{Var}(\tilde y_{m,i}) + \frac{1}{2N}\sum_{i=1}^N (\mathbb{E}[\tilde y_{m,i}] - t_i)^2",
         "1/(2N) Σ_i (Var(ỹ_{m,i}) + (E[ỹ_{m,i}] − t_i)²)"),
        ("1/(2N) Σ_i (E[ỹ_{m,i}] - t_i)²", "1/N Σ_i (Var(ỹ_{m,i}) + (E[ỹ_{m,i}] − t_i)²)", "E[J_m]",
         "1/(2N) Σ_i (Var(ỹ_{m,i}) - (E[ỹ_{m,i}] − t_i)²)"),
    ),
    *_answers(
        "dropout-bias-variance",
        "variance",
        ("(1-p)/(2 p N) Σ_i Σ_j w_j² X_ij²", "1/(2N) sum_i Var(y~_{m,i})", r"\frac{1-p}{2Np}\|X\,\mathrm{w}\|^2 - \frac{1-p}{2Np}\|Xw\|^2 + \frac{1-p}{2Np}\sum_{i,j} w_j^2X_{ij}^2"),
        ("(1-p)/(2 p N) ||X w||^2", "p(1-p)/(2N) Σ_i Σ_j w_j² X_ij²", "(1-p)/(2 p) Σ_i Σ_j w_j² X_ij²"),
    ),
    *_answers(
        "gaussian-dropout-sigma",
        None,
        ("√((1−p)/p)", "√(1−p)/√p", "sqrt(1/p - 1)", r"\sqrt{\frac{1-p}{p}}", "((1-p)/p)^0.5", "(p/(1-p))^(-1/2)", "√(p(1-p))/p",
         "(1-p)/√(p(1-p))", "exp(ln((1-p)/p)/2)", "|(1-p)/p|^{1/2}"),
        ("(1-p)/p", "√(p/(1-p))", "√(1-p)", "-√((1-p)/p)", "σ² = (1-p)/p", "√(1-p)/p", "√(p(1-p))", "√((1-p)/p) + 10^-40",
         "√((1-p)/p) (1 + exp(-1000))"),
    ),
    *_answers(
        "kernel-ridge",
        None,
        ("x'X'(XX' + 2nλI)^-1 t", "x^T (X^T X + 2 n λ I)^-1 X^T t", "t'(XX' + 2nλI)^-1 X x"),
        ("x'X'(XX' + nλI)^-1 t", "x'X'(XX')^-1 t", "x'X' t/(2nλ)"),
    ),
    *_answers(
        "softmax-cross-entropy",
        None,
        ("softmax(z) - y", "p - y", "p(z) - y", "-(y - exp(z)/sum(exp(z)))", r"\frac{1}{\sum_j \exp(z_j)} \exp(z) - y", "sum(y) softmax(z) - y"),
        ("y - softmax(z)", "exp(z) - y", "softmax(z) ⊙ y", "softmax(z) - y/n", "n softmax(z) - y"),
    ),
    *_answers("gaussian-maximum-likelihood", "mean", ("1/n sum_{i=1}^n x_i", "sum(x)/n"), ("sum(x)", "sum(x)/(n+1)", "x_1")),
    *_answers(
        "gaussian-maximum-likelihood",
        "variance",
        ("q(m)/n", "1/n sum_i (x_i - m)^2", "sum_i (x_i - mean(x))^2/n", "||x||^2/n - m^2"),
        ("1/(n-1) sum_i (x_i - m)^2", "n/q(m)", "sum_i (x_i - m)^2", "sum_i x_i^2/n", "sqrt(q(m)/n)"),
    ),
    *_answers(
        "gaussian-kl",
        None,
        ("ln(τ/σ) + (σ^2 + (μ - ν)^2)/(2τ^2) - 1/2", "1/2 (σ^2/τ^2 + (μ - ν)^2/τ^2 - 1 - ln(σ^2/τ^2))"),
        ("ln(σ/τ) + (σ^2 + (μ - ν)^2)/(2τ^2) - 1/2", "ln(τ/σ) + (σ^2 + (μ - ν)^2)/(2σ^2) - 1/2", "ln(τ/σ) + (μ - ν)^2/(2τ^2)"),
    ),
    *_answers(
        "noisy-quadratic-risk",
        "risk",
        ("ησ^2/(2B(2 - aη))", "η σ^2/(4B - 2Baη)"),
        ("ησ^2/(B(2 - aη))", "ησ^2/(4B)", "ησ^2/(2B(2 + aη))"),
    ),
    *_answers("noisy-quadratic-risk", "variance", ("ησ^2/(aB(2 - aη))",), ("η^2σ^2/(aB(2 - aη))", "ησ^2/(2aB)")),
    *_answers("multivariate-gaussian", "mean", ("X ones(n)/n", "1/n X 𝟏"), ("X 𝟏", "X 𝟏/(n+1)", "X 𝟏/(2n)")),
    *_answers("multivariate-gaussian", "covariance", ("S/n", "(n S^-1)^-1"), ("S", "S/(n-1)", "n S^-1", "n S")),
    *_answers(
        "multivariate-gaussian-kl",
        None,
        ("1/2 (ln(det(Sigma_2)/det(Sigma_1)) - d + tr(Sigma_2^-1 Sigma_1) + (mu_2 - mu_1)^T Sigma_2^-1 (mu_2 - mu_1))",
         "1/2 (tr(Sigma_1 Sigma_2^-1) - ln det(Sigma_2^-1 Sigma_1) - d + (mu_1 - mu_2)^T Sigma_2^-1 (mu_1 - mu_2))"),
        ("1/2 (ln(det(Sigma_2)/det(Sigma_1)) + tr(Sigma_2^-1 Sigma_1) + (mu_2 - mu_1)^T Sigma_2^-1 (mu_2 - mu_1))",
         "1/2 (ln(det(Sigma_1)/det(Sigma_2)) - d + tr(Sigma_1^-1 Sigma_2) + (mu_2 - mu_1)^T Sigma_1^-1 (mu_2 - mu_1))"),
    ),
    *_answers("he-variance", None, ("2/n", "2 n^-1", "v = 2/n"), ("1/n", "√(2/n)", "1/(2n)", "n/2")),
    *_answers("xavier-variance", "forward", ("1/n", "n^(-1)"), ("1/√n", "2/n", "n", "-1/n")),
    *_answers("xavier-variance", "both ways", ("2/(n + m)", "1/((n + m)/2)"), ("1/(n + m)", "2/(nm)", "1/(2n) + 1/(2m)")),
]  # fmt: skip

_AB = ("A: n×n", "B: n×n")
_INVERTIBLE = ("A: n×n invertible", "B: n×n invertible")
QUESTIONS = [
    # roots, logs and domains
    Pair("sqrt((1-p)/p)", "sqrt(1-p)/sqrt(p)", True, ("p in (0,1)",)),
    Pair("sqrt((1-p)/p)", "sqrt(1/p-1)", True, ("p in (0,1)",)),
    Pair("sqrt((1-p)/p)", "(1-p)/sqrt(p(1-p))", True, ("p in (0,1)",)),
    Pair("sqrt((1-p)/p)", "sqrt(p/(1-p))", False, ("p in (0,1)",)),
    Pair("sqrt((1-p)^2)", "1-p", True, ("p in (0,1)",)),
    Pair("sqrt((p-1)^2)", "p-1", False, ("p in (0,1)",)),
    Pair("sqrt(x^2)", "x", True, ("x > 0",)),
    Pair("sqrt(x^2)", "x", False, ("x",)),
    Pair("sqrt(x^2)", "|x|", True, ("x",)),
    Pair("|x|", "x", False, ("x",)),
    Pair("sqrt((x-1)^2)", "x - 1", False, ("x > 0",)),
    Pair("sqrt(x^2 - 2x + 1)", "x - 1", False, ("x > 0",)),
    Pair("sqrt(x^2 - 2x + 1)", "|x - 1|", True, ("x > 0",)),
    Pair("sqrt((100 - x)^2)", "100 - x", False, ("x > 0",)),
    Pair("log((x-1)^2)", "2 log|x - 1|", True, ("x > 0",)),
    Pair("log((x-1)^2)", "2 log(x - 1) + log 2", False, ("x > 0",)),
    Pair("(x y - 1)^(2 a)", "((x y - 1)^2)^a", False, ("x > 0", "y > 1", "a > 0")),
    Pair("|x|", "x sign(x)", True, ("x",)),
    Pair("|x y|", "|x| |y|", True),
    Pair("|x + y|", "|x| + |y|", False),
    Pair("|x - 100|", "100 - x", False, ("x",)),
    Pair("log(x y)", "log x + log y", True, ("x > 0", "y > 0")),
    Pair("log(x + y)", "log x + log y", False, ("x > 0", "y > 0")),
    Pair("log(x^3)", "3 log x", True, ("x > 0",)),
    Pair("exp(x + y)", "exp(x) exp(y)", True),
    Pair("exp(x y)", "exp(x)^y", True),
    Pair("e^x", "exp(x)", True),
    Pair("x^(a+b)", "x^a x^b", True, ("x > 0", "a", "b")),
    Pair("(x^a)^b", "x^(a^b)", False, ("x > 0", "a", "b")),
    Pair("(x^3)^(1/3)", "x", True, ("x > 0",)),
    # functions
    Pair("tanh(x)", "2 sigmoid(2x) - 1", True),
    Pair("tanh(x)", "(e^x - e^-x)/(e^x + e^-x)", True),
    Pair("sigmoid(x)", "1 - sigmoid(-x)", True),
    Pair("sigmoid(x)", "e^x/(1 + e^x)", True),
    Pair("sigmoid(x)", "tanh(x)/2", False),
    Pair("log(1 + e^x)", "x + log(1 + e^-x)", True),
    Pair("sin(x)^2 + cos(x)^2", "1", True),
    Pair("sin(2x)", "2 sin(x) cos(x)", True),
    Pair("sin(x + y)", "sin(x) + sin(y)", False),
    Pair("cosh(x)^2 - sinh(x)^2", "1", True),
    Pair("atan(x) + atan(1/x)", "π/2", True, ("x > 0",)),
    Pair("atan(x) + atan(1/x)", "π/2", False, ("x",)),
    Pair("max(x, y)", "(x + y + |x - y|)/2", True),
    Pair("min(x, y)", "x + y - max(x, y)", True),
    Pair("max(x, 0)", "x", False),
    Pair("floor(x)", "x", False),
    Pair("binomial(n, 2)", "n(n-1)/2", True, ("n: positive integer",)),
    Pair("n!", "n (n-1)!", True, ("n: positive integer",)),
    Pair("erf(x)", "-erf(-x)", True),
    Pair("erf(x)", "tanh(x)", False),
    # numbers, and no tolerance
    Pair("1/2^99", "1/2^98", False),
    Pair("x", "1.0000001 x", False),
    Pair("2.0", "2", True),
    Pair("0.333", "1/3", False),
    Pair("0.1 + 0.2", "0.3", True),
    Pair("1/3 + 1/6", "1/2", True),
    Pair("π", "3.14159265358979323846", False),
    Pair("√2 √2", "2", True),
    Pair("√2 + √3", "√(5 + 2√6)", True),
    Pair("√2", "1.41421356237309504880168872420969807856967187537694", False),
    Pair("x + 10^-50", "x", False),
    Pair("tanh(200)", "1", False),
    # fractions
    Pair("(x^2 - 1)/(x - 1)", "x + 1", True),
    Pair("1/(a + b)", "1/a + 1/b", False, ("a > 0", "b > 0")),
    Pair("a/b/c", "a/(b c)", True, ("a > 0", "b > 0", "c > 0")),
    Pair("(x+1)^2", "x^2 + 2x + 1", True),
    Pair("(x+1)^2", "x^2 + 1", False),
    Pair("(x+y)^5", "x^5+5x^4y+10x^3y^2+10x^2y^3+5x y^4+y^5", True),
    Pair("x (x-1)(x-2)(x-3)(x-4)", "0", False),
    Pair("n (n-1)(n-2)(n-3)(n-4)(n-5)(n-6)", "0", False, ("n: positive integer",)),
    # matrices
    Pair("A B", "B A", False, _AB),
    Pair("(A B)^T", "B^T A^T", True, _AB),
    Pair("(A B)^T", "A^T B^T", False, _AB),
    Pair("(A B)^-1", "B^-1 A^-1", True, _INVERTIBLE),
    Pair("(A B)^-1", "A^-1 B^-1", False, _INVERTIBLE),
    Pair("(A + B)^-1", "A^-1 + B^-1", False, _INVERTIBLE),
    Pair("tr(A B)", "tr(B A)", True, _AB),
    Pair("tr(A B)", "tr(A) tr(B)", False, _AB),
    Pair("tr(A B C)", "tr(C A B)", True, (*_AB, "C: n×n")),
    Pair("tr(A B C)", "tr(A C B)", False, (*_AB, "C: n×n")),
    Pair("det(A B)", "det(A) det(B)", True, _AB),
    Pair("det(A + B)", "det(A) + det(B)", False, _AB),
    Pair("det(2 A)", "2^n det(A)", True, ("A: n×n",)),
    Pair("det(2 A)", "2 det(A)", False, ("A: n×n",)),
    Pair("(A + B)^2", "A^2 + 2 A B + B^2", False, _AB),
    Pair("(A + B)^2", "A^2 + A B + B A + B^2", True, _AB),
    Pair("A^2", "tr(A) A - det(A) I", False, ("A: n×n",)),
    Pair("A^2", "tr(A) A - det(A) I", True, ("A: 2×2",)),
    Pair("A^2", "tr(A) A - det(A) I", False, ("A: 3×3",)),
    Pair("S^T", "S", True, ("S: n×n symmetric",)),
    Pair("A^T", "A", False, ("A: n×n",)),
    Pair("X^T (X X^T + c I)^-1", "(X^T X + c I)^-1 X^T", True, ("X: n×d", "c > 0")),
    Pair("X^T X", "X X^T", False, ("X: n×n",)),
    Pair("(A + u v^T)^-1", "A^-1 - A^-1 u v^T A^-1/(1 + v^T A^-1 u)", True, ("A: n×n symmetric positive definite", "u: n", "v: n")),
    Pair("||u + v||^2", "||u||^2 + 2u'v + ||v||^2", True, ("u: n", "v: n")),
    Pair("||u + v||", "||u|| + ||v||", False, ("u: n", "v: n")),
    Pair("||u||_1", "||u||_2", False, ("u: n",)),
    Pair("u'A u", "u'(A + A')u/2", True, ("A: n×n", "u: n")),
    Pair("u'v", "v'u", True, ("u: n", "v: n")),
    Pair("u v'", "v u'", False, ("u: n", "v: n")),
    Pair("[[1, 2], [3, 4]]^-1", "[[-2, 1], [3/2, -1/2]]", True),
    Pair(r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}^2", "[[a^2 + b c, a b + b d], [a c + c d, b c + d^2]]", True),
    Pair("||A||_F^2", "tr(A'A)", True, ("A: n×d",)),
    # sums, means and variances
    Pair("sum_{i=1}^{n} i", "n(n+1)/2", True, ("n: positive integer",)),
    Pair("sum_{i=1}^{n} i^2", "(sum_{i=1}^{n} i)^2", False, ("n: positive integer",)),
    Pair("sum_i (u_i - v_i)^2", "||u - v||^2", True, ("u: n", "v: n")),
    Pair("(sum_i u_i)^2", "sum_i u_i^2", False, ("u: n",)),
    Pair("E[m_1 + m_2]", "2p", True, ("m_j ~ Bernoulli(p) iid", "n: positive integer")[:1]),
    Pair("Var(sum_j m_j)", "n p (1-p)", True, ("m_j ~ Bernoulli(p) iid",)),
    Pair("Var(sum_j m_j)", "n^2 p (1-p)", False, ("m_j ~ Bernoulli(p) iid",)),
    Pair("E[m_1^2]", "p^2", False, ("m_j ~ Bernoulli(p) iid",)),
    Pair("E[x^4]", "3 s^2", True, ("x ~ Normal(0, s)",)),
    Pair("Var(a x + b)", "a^2 Var(x)", True, ("x ~ Any(mu, v)", "a", "b")),
]  # fmt: skip
