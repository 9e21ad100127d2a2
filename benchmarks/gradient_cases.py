"""Gradients and Jacobians with known answers: Petersen and Pedersen's Matrix Cookbook, chapter 2 (2012), and machine
learning.

Each row has a formula, the symbol, the declarations, the known answer, and the formula once more for NumPy (vectors as
one-dimensional arrays): central differences of the latter check the known answer and those of the engines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

inv, det, tr, norm = np.linalg.inv, np.linalg.det, np.trace, np.linalg.norm


@dataclass(frozen=True)
class Case:
    text: str
    wrt: str
    let: tuple[str, ...]
    known: str
    numeric: Callable[..., Any]


def _of(let: str, *rows: tuple[str, str, str, Callable[..., Any]]) -> list[Case]:
    declared = tuple(part.strip() for part in let.split(";"))
    return [Case(text, wrt, declared, known, numeric) for text, wrt, known, numeric in rows]


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def softmax(z: Any) -> Any:
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def logdet(matrix: Any) -> Any:
    return np.linalg.slogdet(matrix)[1]


def times(matrix: Any, k: int) -> Any:
    return np.linalg.matrix_power(matrix, k)


def _vec(matrix: Any) -> Any:
    return matrix.flatten(order="F")


def relu(z: Any) -> Any:
    return np.maximum(z, 0)


CASES: list[Case] = [
    # linear and quadratic forms
    *_of(
        "a: n; b: n; x: n; A: n×n; B: n×n; S: n×n symmetric",
        ("a^T x", "x", "a", lambda a, x: a @ x),
        ("x^T A x", "x", "(A + A^T) x", lambda A, x: x @ A @ x),
        ("x^T S x", "x", "2 S x", lambda S, x: x @ S @ x),
        ("(x - a)^T S (x - b)", "x", "S (2x - a - b)", lambda a, b, S, x: (x - a) @ S @ (x - b)),
        ("(A x + a)^T S (B x + b)", "x", "A^T S (B x + b) + B^T S (A x + a)",
         lambda a, b, A, B, S, x: (A @ x + a) @ S @ (B @ x + b)),
        ("(a^T x)(b^T x)", "x", "a b^T x + b a^T x", lambda a, b, x: (a @ x) * (b @ x)),
        ("(a^T x)/(b^T x)", "x", "a/(b^T x) - a^T x b/(b^T x)^2", lambda a, b, x: (a @ x) / (b @ x)),
        ("(x^T A x)/(x^T x)", "x", "(A + A^T) x/||x||^2 - 2 x^T A x x/||x||^4", lambda A, x: x @ A @ x / (x @ x)),
    ),
    *_of(
        "x: m; s: n; A: m×n; W: m×m symmetric",
        ("(x - A s)^T W (x - A s)", "s", "-2 A^T W (x - A s)", lambda x, s, A, W: (x - A @ s) @ W @ (x - A @ s)),
        ("(x - A s)^T W (x - A s)", "x", "2 W (x - A s)", lambda x, s, A, W: (x - A @ s) @ W @ (x - A @ s)),
        ("(x - A s)^T W (x - A s)", "A", "-2 W (x - A s) s^T", lambda x, s, A, W: (x - A @ s) @ W @ (x - A @ s)),
        ("||x - A s||^2", "A", "-2 (x - A s) s^T", lambda x, s, A: norm(x - A @ s) ** 2),
        ("||x - A s||", "s", "-A^T (x - A s)/||x - A s||", lambda x, s, A: norm(x - A @ s)),
    ),
    *_of(
        "a: m; b: n; c: n; d: m; X: m×n; D: m×m",
        ("a^T X b", "X", "a b^T", lambda a, b, X: a @ X @ b),
        ("b^T X^T a", "X", "a b^T", lambda a, b, X: b @ X.T @ a),
        ("b^T X^T X c", "X", "X (b c^T + c b^T)", lambda b, c, X: b @ X.T @ X @ c),
        ("b^T X^T D X c", "X", "D^T X b c^T + D X c b^T", lambda b, c, X, D: b @ X.T @ D @ X @ c),
        ("(X b + d)^T D (X b + d)", "X", "(D + D^T)(X b + d) b^T", lambda b, d, X, D: (X @ b + d) @ D @ (X @ b + d)),
        ("||X b - d||^2", "X", "2 (X b - d) b^T", lambda b, d, X: norm(X @ b - d) ** 2),
    ),
    # traces
    *_of(
        "X: n×n; A: n×n; B: n×n; a: n; b: n; k: positive integer",
        ("tr(X)", "X", "I", lambda X: tr(X)),
        ("tr(X A)", "X", "A^T", lambda X, A: tr(X @ A)),
        ("tr(A X B)", "X", "A^T B^T", lambda X, A, B: tr(A @ X @ B)),
        ("tr(A X^T B)", "X", "B A", lambda X, A, B: tr(A @ X.T @ B)),
        ("tr(X^2)", "X", "2 X^T", lambda X: tr(X @ X)),
        ("tr(X^2 B)", "X", "(X B + B X)^T", lambda X, B: tr(X @ X @ B)),
        ("tr(A X B X)", "X", "A^T X^T B^T + B^T X^T A^T", lambda X, A, B: tr(A @ X @ B @ X)),
        ("tr(X^5)", "X", "5 (X^4)^T", lambda X: tr(times(X, 5))),
        ("tr(X^k)", "X", "k (X^(k-1))^T", lambda X, k: tr(times(X, k))),
        ("tr(A X^k)", "X", "sum_{r=1}^k (X^(k-r) A X^(r-1))^T", lambda X, A, k: tr(A @ times(X, k))),
        ("a^T X^k b", "X", "sum_{r=1}^k (X^(r-1))^T a b^T (X^(k-r))^T", lambda X, a, b, k: a @ times(X, k) @ b),
        ("a^T X^3 b", "X", "a b^T (X^2)^T + X^T a b^T X^T + (X^2)^T a b^T", lambda X, a, b: a @ times(X, 3) @ b),
    ),
    *_of(
        "X: m×n; A: p×m; B: n×p; C: m×m; D: n×n; P: n×q; Y: m×n",
        ("tr(X^T C X)", "X", "C X + C^T X", lambda X, C: tr(X.T @ C @ X)),
        ("tr(C X X^T)", "X", "C X + C^T X", lambda X, C: tr(C @ X @ X.T)),
        ("tr(X D X^T)", "X", "X D^T + X D", lambda X, D: tr(X @ D @ X.T)),
        ("tr(X^T X)", "X", "2 X", lambda X: tr(X.T @ X)),
        ("tr(P^T X^T C X P)", "X", "C^T X P P^T + C X P P^T", lambda X, C, P: tr(P.T @ X.T @ C @ X @ P)),
        ("tr(X^T C X D)", "X", "C X D + C^T X D^T", lambda X, C, D: tr(X.T @ C @ X @ D)),
        ("tr(A X D X^T A^T)", "X", "A^T A X D^T + A^T A X D", lambda X, A, D: tr(A @ X @ D @ X.T @ A.T)),
        ("||A X B||_F^2", "X", "2 A^T A X B B^T", lambda X, A, B: norm(A @ X @ B) ** 2),
        ("||X||_F^2", "X", "2 X", lambda X: norm(X) ** 2),
        ("||X - Y||_F", "X", "(X - Y)/||X - Y||_F", lambda X, Y: norm(X - Y)),
        ("tr(X^T C X X^T C X)", "X", "2 C X X^T C X + 2 C^T X X^T C^T X",
         lambda X, C: tr(X.T @ C @ X @ X.T @ C @ X)),
    ),
    # determinants and inverses
    *_of(
        "X: n×n invertible; A: n×n invertible; B: n×n invertible; a: n; b: n",
        ("det(X)", "X", "det(X) X^-T", lambda X: det(X)),
        ("det(A X B)", "X", "det(A X B) X^-T", lambda X, A, B: det(A @ X @ B)),
        ("det(X)^3", "X", "3 det(X)^3 X^-T", lambda X: det(X) ** 3),
        ("det(X^-1)", "X", "-det(X^-1) X^-T", lambda X: det(inv(X))),
        ("a^T X^-1 b", "X", "-X^-T a b^T X^-T", lambda X, a, b: a @ inv(X) @ b),
        ("tr(A X^-1 B)", "X", "-(X^-1 B A X^-1)^T", lambda X, A, B: tr(A @ inv(X) @ B)),
        ("tr(A X^-2)", "X", "-(X^-1 A X^-2 + X^-2 A X^-1)^T", lambda X, A: tr(A @ inv(X) @ inv(X))),
        ("tr((X + A)^-1)", "X", "-((X + A)^-2)^T", lambda X, A: tr(inv(X + A))),
        ("||X^-1 a||^2", "X", "-2 X^-T X^-1 a (X^-1 a)^T", lambda X, a: norm(inv(X) @ a) ** 2),
    ),
    *_of(
        "X: m×n; C: m×m positive definite; A: n×n; S: n×n positive definite; n: positive integer; x: n; a: n",
        ("ln det(S)", "S", "S^-1", lambda S: logdet(S)),
        ("det(X^T X)", "X", "2 det(X^T X) X (X^T X)^-1", lambda X: det(X.T @ X)),
        ("ln det(X^T X)", "X", "2 X (X^T X)^-1", lambda X: logdet(X.T @ X)),
        ("det(X^T C X)", "X", "2 det(X^T C X) C X (X^T C X)^-1", lambda X, C: det(X.T @ C @ X)),
        ("ln det(X^T C X)", "X", "2 C X (X^T C X)^-1", lambda X, C: logdet(X.T @ C @ X)),
        ("tr((X^T C X)^-1 A)", "X", "-C X (X^T C X)^-1 (A + A^T) (X^T C X)^-1",
         lambda X, C, A: tr(inv(X.T @ C @ X) @ A)),
        ("sqrt((x - a)^T S^-1 (x - a))", "x", "S^-1 (x - a)/sqrt((x - a)^T S^-1 (x - a))",
         lambda x, a, S: np.sqrt((x - a) @ inv(S) @ (x - a))),
        ("-1/2 ln det(2 pi S) - 1/2 (x - a)^T S^-1 (x - a)", "a", "S^-1 (x - a)",
         lambda x, a, S: -logdet(2 * np.pi * S) / 2 - (x - a) @ inv(S) @ (x - a) / 2),
        ("-1/2 ln det(2 pi S) - 1/2 (x - a)^T S^-1 (x - a)", "S", "-1/2 S^-1 + 1/2 S^-1 (x - a)(x - a)^T S^-1",
         lambda x, a, S: -logdet(2 * np.pi * S) / 2 - (x - a) @ inv(S) @ (x - a) / 2),
    ),
    # entry by entry
    *_of(
        "a: n; b: n; x: n; A: m×n; v: m",
        ("b^T (x ⊙ a)", "x", "a ⊙ b", lambda a, b, x: b @ (x * a)),
        ("||x ⊙ a||^2", "x", "2 (a ⊙ a ⊙ x)", lambda a, x: norm(x * a) ** 2),
        ("a^T (b ⊘ x)", "x", "-(a ⊙ b) ⊘ (x ⊙ x)", lambda a, b, x: a @ (b / x)),
        ("a^T x^⊙3", "x", "3 (a ⊙ x ⊙ x)", lambda a, x: a @ x**3),
        ("sum(exp(x))", "x", "exp(x)", lambda x: np.exp(x).sum()),
        ("sum(x ⊙ ln(x))", "x", "𝟏 + ln(x)", lambda x: (x * np.log(x)).sum()),
        ("||x||_1", "x", "sign(x)", lambda x: np.abs(x).sum()),
        ("v^T tanh(A x)", "x", "A^T (v - v ⊙ tanh(A x)^⊙2)", lambda v, A, x: v @ np.tanh(A @ x)),
        ("v^T sigmoid(A x)", "x", "A^T (v ⊙ sigmoid(A x) ⊙ (𝟏 - sigmoid(A x)))", lambda v, A, x: v @ sigmoid(A @ x)),
        ("sum(softplus(A x))", "x", "A^T sigmoid(A x)", lambda A, x: np.log(1 + np.exp(A @ x)).sum()),
        ("v^T relu(A x)", "x", "A^T (v ⊙ (𝟏 + sign(A x)))/2", lambda v, A, x: v @ relu(A @ x)),
        ("a^T diag(x) b", "x", "a ⊙ b", lambda a, b, x: a @ np.diag(x) @ b),
        ("sum_i a_i x_i^2", "x", "2 (a ⊙ x)", lambda a, x: (a * x**2).sum()),
        ("sum_i sum_j a_i x_i x_j b_j", "x", "b^T x a + a^T x b",
         lambda a, b, x: (a @ x) * (b @ x)),
        ("sum(sin(x) ⊙ cos(a ⊙ x))", "x", "cos(x) ⊙ cos(a ⊙ x) - a ⊙ sin(x) ⊙ sin(a ⊙ x)",
         lambda a, x: (np.sin(x) * np.cos(a * x)).sum()),
    ),
    *_of(
        "X: m×n; Y: m×n; A: n×n; a: n; b: m; Z: n×n",
        ("sum(Y ⊙ X)", "X", "Y", lambda X, Y: (Y * X).sum()),
        ("||Y - exp(X)||_F^2", "X", "-2 (Y - exp(X)) ⊙ exp(X)", lambda X, Y: norm(Y - np.exp(X)) ** 2),
        ("tr(Y^T (X ⊙ X))", "X", "2 (Y ⊙ X)", lambda X, Y: tr(Y.T @ (X * X))),
        ("b^T (X ⊙ Y) a", "X", "Y ⊙ (b a^T)", lambda X, Y, a, b: b @ (X * Y) @ a),
        ("a^T diag(Z)", "Z", "diag(a)", lambda Z, a: a @ np.diag(Z)),
        ("||diag(Z A)||^2", "Z", "2 diag(diag(Z A)) A^T", lambda Z, A: norm(np.diag(Z @ A)) ** 2),
        ("sum(tanh(X) ⊘ Y)", "X", "(1 - tanh(X)^⊙2) ⊘ Y", lambda X, Y: (np.tanh(X) / Y).sum()),
    ),
    # machine learning
    *_of(
        "X: n×d; t: n; w: d; y: n; lambda > 0; n: positive integer",
        ("||X w - t||^2/(2n) + lambda ||w||^2", "w", "X^T (X w - t)/n + 2 lambda w",
         lambda X, t, w, lambda_: norm(X @ w - t) ** 2 / (2 * len(t)) + lambda_ * w @ w),
        ("sum_i ln(1 + exp(-y_i sum_j X_ij w_j))", "w", "-X^T (y ⊙ sigmoid(-y ⊙ X w))",
         lambda X, y, w: np.log(1 + np.exp(-y * (X @ w))).sum()),
        ("sum(softplus(X w)) - t^T X w", "w", "X^T (sigmoid(X w) - t)",
         lambda X, t, w: np.log(1 + np.exp(X @ w)).sum() - t @ X @ w),
        ("sum(exp(X w)) - t^T X w", "w", "X^T (exp(X w) - t)", lambda X, t, w: np.exp(X @ w).sum() - t @ X @ w),
    ),
    *_of(
        "x: n; y: m; z: m; W: m×n; V: k×m; u: k; b: m",
        ("ln(sum(exp(z)))", "z", "softmax(z)", lambda z: np.log(np.exp(z).sum())),
        ("logsumexp(W x)", "x", "W^T softmax(W x)", lambda W, x: np.log(np.exp(W @ x).sum())),
        ("-y^T ln(softmax(z))", "z", "sum(y) softmax(z) - y", lambda y, z: -y @ np.log(softmax(z))),
        ("-y^T ln(softmax(W x + b))", "W", "(sum(y) softmax(W x + b) - y) x^T",
         lambda y, W, x, b: -y @ np.log(softmax(W @ x + b))),
        ("-y^T ln(softmax(W x + b))", "b", "sum(y) softmax(W x + b) - y",
         lambda y, W, x, b: -y @ np.log(softmax(W @ x + b))),
        ("y^T softmax(z)", "z", "y ⊙ softmax(z) - y^T softmax(z) softmax(z)", lambda y, z: y @ softmax(z)),
        ("||tanh(W x + b) - y||^2", "W", "2 ((tanh(W x + b) - y) ⊙ (1 - tanh(W x + b)^⊙2)) x^T",
         lambda W, x, b, y: norm(np.tanh(W @ x + b) - y) ** 2),
        ("u^T tanh(V tanh(W x))", "W", "((V^T (u ⊙ (1 - tanh(V tanh(W x))^⊙2))) ⊙ (1 - tanh(W x)^⊙2)) x^T",
         lambda u, V, W, x: u @ np.tanh(V @ np.tanh(W @ x))),
        ("u^T V relu(W x)", "W", "((V^T u) ⊙ (𝟏 + sign(W x))) x^T/2", lambda u, V, W, x: u @ V @ relu(W @ x)),
        ("u^T V sigmoid(W x)", "V", "u sigmoid(W x)^T", lambda u, V, W, x: u @ V @ sigmoid(W @ x)),
    ),
    *_of(
        "Q: n×k; K: m×k; V: m×d; G: n×d; A: n×r; B: r×d; Y: n×d",
        ("tr(G^T softmax(Q K^T) V)", "V", "softmax(Q K^T)^T G", lambda Q, K, V, G: tr(G.T @ softmax(Q @ K.T) @ V)),
        ("tr(G^T softmax(Q K^T) V)", "Q",
         "(softmax(Q K^T) ⊙ (G V^T - (softmax(Q K^T) ⊙ G V^T) ones(m) ones(m)^T)) K",
         lambda Q, K, V, G: tr(G.T @ softmax(Q @ K.T) @ V)),
        ("tr(G^T softmax(Q K^T) V)", "K",
         "(softmax(Q K^T) ⊙ (G V^T - (softmax(Q K^T) ⊙ G V^T) ones(m) ones(m)^T))^T Q",
         lambda Q, K, V, G: tr(G.T @ softmax(Q @ K.T) @ V)),
        ("||A B - Y||_F^2", "A", "2 (A B - Y) B^T", lambda A, B, Y: norm(A @ B - Y) ** 2),
        ("||A B - Y||_F^2", "B", "2 A^T (A B - Y)", lambda A, B, Y: norm(A @ B - Y) ** 2),
    ),
    # Kronecker products and vec (Magnus and Neudecker)
    *_of(
        "A: 2×2; B: 3×3; C: 6×6; X: 3×3; Y: 3×2; D: 3×2; a: 6; x: 2; y: 3; b: 6; c: 4",
        ("tr(A ⊗ X)", "X", "tr(A) I", lambda A, X: tr(np.kron(A, X))),
        ("||A ⊗ X||_F^2", "X", "2 ||A||_F^2 X", lambda A, X: norm(np.kron(A, X)) ** 2),
        ("vec(Y)^T (A ⊗ B) vec(Y)", "Y", "B Y A^T + B^T Y A", lambda A, B, Y: _vec(Y) @ np.kron(A, B) @ _vec(Y)),
        ("||vec(B Y A) - vec(D)||^2", "Y", "2 B^T (B Y A - D) A^T", lambda A, B, Y, D: norm(B @ Y @ A - D) ** 2),
        ("a^T vec(Y)", "Y", r"\begin{pmatrix} a_1 & a_4 \\ a_2 & a_5 \\ a_3 & a_6 \end{pmatrix}",
         lambda a, Y: a @ _vec(Y)),
        ("a^T (x ⊗ y)", "x", "(I_2 ⊗ y^T) a", lambda a, x, y: a @ np.kron(x, y)),
        ("c^T (x ⊗ x)", "x", "(I_2 ⊗ x^T) c + (x^T ⊗ I_2) c", lambda c, x: c @ np.kron(x, x)),
        ("x ⊗ x", "x", "I_2 ⊗ x + x ⊗ I_2", lambda x: np.kron(x, x)),
        ("B Y A", "Y", "A^T ⊗ B", lambda A, B, Y: B @ Y @ A),
        ("X^2", "X", "X^T ⊗ I_3 + I_3 ⊗ X", lambda X: X @ X),
        ("Y x", "Y", "x^T ⊗ I_3", lambda Y, x: Y @ x),
        ("exp(Y)", "Y", "diag(vec(exp(Y)))", lambda Y: np.exp(Y)),
    ),
    *_of(
        "X: n×n invertible",
        ("X^-1", "X", "-(X^-T ⊗ X^-1)", lambda X: inv(X)),
    ),
    *_of(
        "a: n; x: n; s > 0; n: positive integer; epsilon > 0; A: m×n; B: n×n",
        ("a^T x/(||a|| ||x||)", "x", "a/(||a|| ||x||) - a^T x x/(||a|| ||x||^3)",
         lambda a, x: a @ x / (norm(a) * norm(x))),
        ("exp(-||x - a||^2/(2 s^2))", "x", "-exp(-||x - a||^2/(2 s^2)) (x - a)/s^2",
         lambda a, x, s: np.exp(-(norm(x - a) ** 2) / (2 * s**2))),
        ("(1 + a^T x)^3", "x", "3 (1 + a^T x)^2 a", lambda a, x: (1 + a @ x) ** 3),
        ("ln(1 + exp(-a^T x))", "x", "-a/(1 + exp(a^T x))", lambda a, x: np.log(1 + np.exp(-a @ x))),
        # Jacobians, whose rows are the entries of what is differentiated
        ("A x", "x", "A", lambda A, x: A @ x),
        ("x x^T a", "x", "x^T a I + x a^T", lambda a, x: x * (x @ a)),
        ("x/||x||", "x", "I/||x|| - x x^T/||x||^3", lambda x: x / norm(x)),
        ("tanh(A x)", "x", "diag(1 - tanh(A x)^⊙2) A", lambda A, x: np.tanh(A @ x)),
        ("x ⊙ (B x)", "x", "diag(B x) + diag(x) B", lambda B, x: x * (B @ x)),
        ("softmax(x)", "x", "diag(softmax(x)) - softmax(x) softmax(x)^T", lambda x: softmax(x)),
        ("softmax(A x)", "x", "(diag(softmax(A x)) - softmax(A x) softmax(A x)^T) A", lambda A, x: softmax(A @ x)),
        ("(x - mean(x) ones(n))/sqrt(||x - mean(x) ones(n)||^2/n + epsilon)", "x",
         "(I - ones(n) ones(n)^T/n)/sqrt(||x - mean(x) ones(n)||^2/n + epsilon)"
         " - (x - mean(x) ones(n))(x - mean(x) ones(n))^T/(n (||x - mean(x) ones(n)||^2/n + epsilon)^(3/2))",
         lambda x, epsilon: (x - x.mean()) / np.sqrt(x.var() + epsilon)),
    ),
]  # fmt: skip
