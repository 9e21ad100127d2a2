"""Derivations replayed from other premises, against closed forms known beforehand, lemmas included."""

import json
import re
from contextlib import suppress
from fractions import Fraction

import pytest

import workings
from derivations import entries, load
from engine.author import (
    INVERTIBLE,
    ONE,
    POSITIVE_DEFINITE,
    UNIT_INTERVAL,
    AnyLaw,
    ArgMin,
    Bernoulli,
    DerivationError,
    Derivative,
    Expectation,
    Limit,
    Proof,
    Symbol,
    Term,
    Variance,
    derivation,
    differentiate,
    equation,
    gradient,
    insert,
    norm2,
    ones,
    restate,
    sqrt,
    total,
    unfold,
)
from engine.certificates.certificate import certificate, recertified
from engine.common.errors import Misasked, WorkingsError
from engine.documents.excerpt import at_depth
from engine.grading.judging import Judge
from engine.grading.questions import questions
from engine.grading.wrong_answers import table_from
from engine.kernel import Conclusion, NotApplicable, Refuted, Rule, Step, infer
from engine.proofs.depth import Depth
from engine.proofs.derivation import UnknownPremise
from engine.proofs.working import Passage, Working
from engine.reading.givens import givens
from engine.terms import Identity

WEIGHTS = "S: n×n symmetric positive definite"

# what may be typed behind --given and --let, the part of the result, and its value, worked out by hand beforehand
OTHER_PREMISES = {
    "fgm-output": [
        ("f = 3 w^T x", "", "", "3 w^T x - 9 epsilon ||w||^2"),
        ("f = w^T x + b", "b: real", "", "w^T x + b - epsilon ||w||^2"),
        ("f = ||x - w||^2/2", "", "", "(1 - epsilon)^2 ||x - w||^2/2"),
        ("f = (w^T x)^2/2", "", "", "(w^T x)^2 (1 - epsilon ||w||^2)^2/2"),
        ("f = x^T A x/2 + w^T x", "A: d×d symmetric", "", "(x - epsilon (A x + w))^T A (x - epsilon (A x + w))/2 + w^T (x - epsilon (A x + w))"),
        ("f = tanh(w^T x)", "", "", "tanh(w^T x - epsilon (1 - tanh(w^T x)^2) ||w||^2)"),
        ("f = ln(1 + exp(-w^T x))", "", "", "ln(1 + exp(-w^T x - epsilon ||w||^2/(1 + exp(w^T x))))"),
        ("x' = x + epsilon w", "", "", "w^T x + epsilon ||w||^2"),
        ("f = 2 w^T x; x' = x - epsilon w", "", "", "2 w^T x - 2 epsilon ||w||^2"),
        ("x' = x - epsilon w/(1 + ||w||^2)", "", "", "w^T x - epsilon ||w||^2/(1 + ||w||^2)"),
    ],
    "ridge": [
        ("g = ||X w - t||^2/(2n) + lambda ||w||^2/2", "", "", "(X^T X + lambda n I)^-1 X^T t"),
        ("g = ||X w - t||^2 + lambda^2 ||w||^2", "", "", "(X^T X + lambda^2 I)^-1 X^T t"),
        ("g = ||X w - t||^2/(2n) + lambda ||w||^2 + mu ||w||^2", "mu > 0", "", "(X^T X + 2 n (lambda + mu) I)^-1 X^T t"),
        ("g = ||X w - t||^2/(2n) + lambda ||w||^2 + mu ||w - v||^2", "mu > 0; v: d", "", "(X^T X + 2 n (lambda + mu) I)^-1 (X^T t + 2 n mu v)"),
        ("g = (X w - t)^T S (X w - t)/(2n) + lambda ||w||^2", WEIGHTS, "", "(X^T S X + 2 lambda n I)^-1 X^T S t"),
        ("g = ||X w - t||^2/(2n) + lambda ||G w||^2", "G: d×d invertible", "", "(X^T X + 2 lambda n G^T G)^-1 X^T t"),
        ("g = (X w - t)^T diag(c) (X w - t)/(2n) + lambda ||w||^2", "c: n positive", "", "(X^T diag(c) X + 2 lambda n I)^-1 X^T diag(c) t"),
        ("g = ||X w - t||^2/(2n) + lambda ||w||^2 + b^T w", "b: d", "", "(X^T X + 2 lambda n I)^-1 (X^T t - n b)"),
        ("g = sum_{i=1}^n c_i (X w - t)_i^2 + lambda ||w||^2", "c: n positive", "", "(X^T diag(c) X + lambda I)^-1 X^T diag(c) t"),
        (r"g = \frac{1}{2n}\|Xw-t\|^2 + \frac{\lambda}{2}\|w\|^2", "", "", "(X^T X + n lambda I)^-1 X^T t"),
        ("g = (t - X w)^T (t - X w) + lambda w^T w", "", "", "(X^T X + lambda I)^-1 X^T t"),
        ("g = 1/n ||X w - t||^2 + lambda/n ||w||^2", "", "", "(X^T X + lambda I)^-1 X^T t"),
        ("g = sum_{i=1}^n ((X w)_i - t_i)^2/(2n) + lambda sum_{j=1}^d w_j^2", "", "", "(X^T X + 2 n lambda I)^-1 X^T t"),
        ("g = ||X w - t||^2/(2n) + ||w||^2/lambda", "", "", "(X^T X + 2 n/lambda I)^-1 X^T t"),
        ("g = ||X w - t - Z v||^2/(2n) + lambda ||w||^2", "Z: n×k; v: k", "", "(X^T X + 2 n lambda I)^-1 X^T (t + Z v)"),
        ("g = ||X w - t||^2/(2n) + lambda w^T P w", "P: d×d symmetric positive definite", "", "(X^T X + 2 n lambda P)^-1 X^T t"),
    ],
    "fgm-epsilon": [
        ("g = ||X w - t||^2/(2n) + lambda w^2/2", "", "", "(X^T X + lambda n) x/(X^T t)"),
        ("g = ||X w - t||^2 + lambda w^2", "", "", "(X^T X + lambda) x/(X^T t)"),
        ("g = ||X w - t||^2/(2n) + lambda^2 w^2", "", "", "(X^T X + 2 lambda^2 n) x/(X^T t)"),
        ("g = ||X w - t||^2/(2n) + lambda w^2 + mu w^2", "mu > 0", "", "(X^T X + 2 n (lambda + mu)) x/(X^T t)"),
        ("g = k ||X w - t||^2/(2n) + lambda w^2", "k > 0", "", "(k X^T X + 2 n lambda) x/(k X^T t)"),
        ("f = 3 w* x", "", "", "(X^T X + 2 n lambda) x/(3 X^T t)"),
        ("f = -w* x", "", "", "-(X^T X + 2 n lambda) x/(X^T t)"),
        ("x' = x - 2 epsilon w*", "", "", "(X^T X + 2 n lambda) x/(2 X^T t)"),
        ("g = ||X w - t||^2/(2n) + lambda w^2/2; f = 2 w* x", "", "", "(X^T X + n lambda) x/(2 X^T t)"),
        ("w* = X^T t/(X^T X + n lambda)", "", "", "(X^T X + n lambda) x/(X^T t)"),
        ("g = sum_{i=1}^n (X_i w - t_i)^2/(2n) + lambda w^2", "", "", "(X^T X + 2 n lambda) x/(X^T t)"),
        ("g = (X w - t)^T (X w - t) + n lambda w^2", "", "", "(X^T X + n lambda) x/(X^T t)"),
        (r"g = \frac{1}{2n}\|Xw-t\|^2 + \frac{\lambda}{2}w^2", "", "", "(X^T X + n lambda) x/(X^T t)"),
        ("f = x w*/2", "", "", "2 (X^T X + 2 n lambda) x/(X^T t)"),
        ("g = ||X w - t||^2/(2n) + lambda w^2 + lambda^2 w^2", "", "", "(X^T X + 2 n (lambda + lambda^2)) x/(X^T t)"),
    ],
    "fgsm-epsilon": [
        ("g = ||X w - t||^2/(2n) + lambda w^2/2", "", "", "x sign(X^T t)"),
        ("g = ||X w - t||^2 + lambda^2 w^2", "", "", "x sign(X^T t)"),
        ("g = ||X w - t||^2/(2n) + lambda w^2 + mu w^2", "mu > 0", "", "x sign(X^T t)"),
        ("g = k ||X w - t||^2/(2n) + lambda w^2", "k > 0", "", "x sign(X^T t)"),
        ("f = 3 w* x", "", "", "x sign(X^T t)"),
        ("f = -2 w* x", "", "", "-x sign(X^T t)"),
        ("x' = x - 2 epsilon sign(w*)", "", "", "x sign(X^T t)/2"),
        ("x' = x + epsilon sign(w*)", "", "", "-x sign(X^T t)"),
        ("g = ||X w - t||^2 + lambda w^2; f = 2 w* x", "", "", "x sign(X^T t)"),
        ("w* = X^T t/n", "", "", "x sign(X^T t)"),
        ("g = sum_{i=1}^n (X_i w - t_i)^2/(2n) + lambda w^2", "", "", "x sign(X^T t)"),
        ("g = (X w - t)^T (X w - t) + n lambda w^2", "", "", "x sign(X^T t)"),
        ("f = x w*/2", "", "", "x sign(X^T t)"),
    ],
    "minibatch-variance": [
        ("epsilon ~ Normal(0, 4 sigma^2)", "", "", "4 sigma^2/B"),
        ("epsilon ~ Normal(0, k sigma^2)", "k > 0", "", "k sigma^2/B"),
        ("epsilon ~ Normal(mu, sigma^2)", "mu: real", "", "sigma^2/B"),
        ("epsilon ~ Uniform(-sigma, sigma)", "", "", "sigma^2/(3B)"),
        ("epsilon ~ Rademacher", "", "", "1/B"),
        ("epsilon ~ Bernoulli(1/2)", "", "", "1/(4B)"),
        ("epsilon ~ Exponential(1/sigma)", "", "", "sigma^2/B"),
        ("epsilon ~ any law with mean 0, variance s^2", "s > 0", "", "s^2/B"),
        ("g = a w + sigma epsilon_i; epsilon ~ Rademacher", "", "", "sigma^2/B"),
        ("g_B = sum_{i=1}^B g_i", "", "", "B sigma^2"),
        ("g_B = sum_{i=1}^B c_i g_i", "c: B", "", "sigma^2 sum_{i=1}^B c_i^2"),
        ("L = a w^4", "", "", "sigma^2/B"),
        ("L = a w^4; epsilon ~ Uniform(0, sigma)", "", "", "sigma^2/(12B)"),
        ("epsilon_i ~ Normal(0, s_i^2)", "s: B", "", "1/B^2 sum_{i=1}^B s_i^2"),
    ],
    "batch-size-learning-rate": [
        ("L = a w^2", "", "", "2 a w^2/(4 a^2 w^2 + sigma^2/B)"),
        ("epsilon ~ Normal(0, 4 sigma^2)", "", "", "a w^2/(a^2 w^2 + 4 sigma^2/B)"),
        ("epsilon ~ Normal(0, k sigma^2)", "k > 0", "", "a w^2/(a^2 w^2 + k sigma^2/B)"),
        ("epsilon ~ Uniform(-sigma, sigma)", "", "", "a w^2/(a^2 w^2 + sigma^2/(3B))"),
        ("epsilon ~ Rademacher", "", "", "a w^2/(a^2 w^2 + 1/B)"),
        ("epsilon ~ any law with mean 0, variance s^2", "s > 0", "", "a w^2/(a^2 w^2 + s^2/B)"),
        ("L = a w^2/2 + c", "c: real", "", "a w^2/(a^2 w^2 + sigma^2/B)"),
        ("L = a w^2/2 + lambda w^2/2", "lambda > 0", "", "(a + lambda) w^2/((a + lambda)^2 w^2 + sigma^2/B)"),
        ("L = a w^2; epsilon ~ Normal(0, 4 sigma^2)", "", "", "2 a w^2/(4 a^2 w^2 + 4 sigma^2/B)"),
        ("epsilon ~ Uniform(-a, a)", "", "", "a w^2/(a^2 w^2 + a^2/(3B))"),
        ("epsilon ~ Categorical(-1: 1/2, 1: 1/2)", "", "", "a w^2/(a^2 w^2 + 1/B)"),
        ("g_i = a w + 2 epsilon_i", "", "", "a w^2/(a^2 w^2 + 4 sigma^2/B)"),
        ("L = a (w^2 + 1)/2", "", "", "a w^2/(a^2 w^2 + sigma^2/B)"),
        ("L(w) = 3/2 a w^2", "", "", "3 a w^2/(9 a^2 w^2 + sigma^2/B)"),
    ],
    "batch-size-regimes": [
        ("epsilon ~ Normal(0, 4 sigma^2)", "", "point C", "4 sigma^2/(a^2 w^2)"),
        ("epsilon ~ Normal(0, k sigma^2)", "k > 0", "point C", "k sigma^2/(a^2 w^2)"),
        ("epsilon ~ Uniform(-sigma, sigma)", "", "point C", "sigma^2/(3 a^2 w^2)"),
        ("epsilon ~ Rademacher", "", "point C", "1/(a^2 w^2)"),
        ("L = a w^2", "", "point C", "sigma^2/(4 a^2 w^2)"),
        ("L = a w^2", "", "steps", "(c/(a w^2)) (1 + sigma^2/(4 a^2 w^2 B))"),
        ("L = a w^2/2 + lambda w^2/2", "lambda > 0", "point C", "sigma^2/((a + lambda)^2 w^2)"),
        ("L = a w^2; epsilon ~ Uniform(-sigma, sigma)", "", "point C", "sigma^2/(12 a^2 w^2)"),
        ("S = 2 c/Delta(B)", "", "steps", "(4 c/(a w^2)) (1 + sigma^2/(a^2 w^2 B))"),
        ("L = a (w^2 + 1)/2", "", "point C", "sigma^2/(a^2 w^2)"),
        ("g_i = a w + 2 epsilon_i", "", "point C", "4 sigma^2/(a^2 w^2)"),
        ("epsilon ~ any law with mean 0, variance s^2", "s > 0", "point C", "s^2/(a^2 w^2)"),
        ("B_noise = 2 sigma^2/(a^2 w^2)", "", "point C", "sigma^2/(a^2 w^2)"),
        ("L = a w^2/2; epsilon ~ Normal(0, 2 sigma^2)", "", "steps", "(2 c/(a w^2)) (1 + 2 sigma^2/(a^2 w^2 B))"),
    ],
    "compute-optimal-model-size": [
        ("ell_N = (N_c/N)^(2 alpha_N)", "", "exponent of N", "(1/(2 alpha_N))/(1/(2 alpha_N) + 1/alpha_S + 1/alpha_B)"),
        ("ell_N = 3 (N_c/N)^alpha_N", "", "exponent of N", "(1/alpha_N)/(1/alpha_N + 1/alpha_S + 1/alpha_B)"),
        ("B = B_c/L", "", "exponent of B", "1/(1/alpha_N + 1/alpha_S + 1)"),
        ("ell_S = (S_c/S)^(alpha_S/2)", "", "exponent of S", "(2/alpha_S)/(1/alpha_N + 2/alpha_S + 1/alpha_B)"),
        ("ell_N = N_c/N", "", "exponent of N", "1/(1 + 1/alpha_S + 1/alpha_B)"),
        ("ell_N = N_c/N; ell_S = S_c/S", "", "exponent of N", "1/(2 + 1/alpha_B)"),
        ("B = B_c", "", "exponent of N", "(1/alpha_N)/(1/alpha_N + 1/alpha_S)"),
        ("B = B_c L^(-2)", "", "exponent of N", "(1/alpha_N)/(1/alpha_N + 1/alpha_S + 2)"),
        ("B = B_c L^(-1/alpha_B)/2", "", "exponent of N", "(1/alpha_N)/(1/alpha_N + 1/alpha_S + 1/alpha_B)"),
        ("ell_N(N) = sqrt(N_c/N)", "", "exponent of N", "2/(2 + 1/alpha_S + 1/alpha_B)"),
    ],
    "dropout-bias-variance": [
        ("m ~ Bernoulli(1/2)", "", "closed form", "1/(8 N p^2) sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + 1/(2N) sum_{i=1}^N (1/(2p) sum_{j=1}^d w_j X_ij - t_i)^2"),
        ("m ~ Uniform(0, 2 p)", "", "closed form", "1/(6 N) sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + 1/(2N) sum_{i=1}^N (sum_{j=1}^d w_j X_ij - t_i)^2"),
        ("m ~ Normal(1, s^2)", "s > 0", "closed form", "s^2/(2 N p^2) sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + 1/(2N) sum_{i=1}^N (1/p sum_{j=1}^d w_j X_ij - t_i)^2"),
        ("m ~ Rademacher", "", "closed form", "1/(2 N p^2) sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + 1/(2N) sum_{i=1}^N t_i^2"),
        ("y~_m = sum_{j=1}^d m_ij w_j X_ij", "", "closed form", "p (1 - p)/(2 N) sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + 1/(2N) sum_{i=1}^N (p sum_{j=1}^d w_j X_ij - t_i)^2"),
        ("J_m = 1/N sum_{i=1}^N (y~_{m,i} - t_i)^2", "", "closed form", "(1 - p)/(N p) sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + 1/N sum_{i=1}^N (sum_{j=1}^d w_j X_ij - t_i)^2"),
        ("m ~ Bernoulli(q); y~_m = 1/q sum_{j=1}^d m_ij w_j X_ij", "q in (0,1)", "closed form", "(1 - q)/(2 N q) sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + 1/(2N) sum_{i=1}^N (sum_{j=1}^d w_j X_ij - t_i)^2"),
        ("J_m = 1/(2N) sum_{i=1}^N (y~_{m,i} - t_i)^2 + lambda ||w||^2", "lambda > 0", "closed form", "(1 - p)/(2 N p) sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + 1/(2N) sum_{i=1}^N (sum_{j=1}^d w_j X_ij - t_i)^2 + lambda ||w||^2"),
        ("y~_m(i) = 1/p sum_{j=1}^d m_ij w_j X_ij + b", "b: real", "closed form", "(1-p)/(2 N p) sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + 1/(2N) sum_{i=1}^N (sum_{j=1}^d w_j X_ij + b - t_i)^2"),
        ("m ~ Normal(p, p (1-p))", "", "closed form", "(1-p)/(2 N p) sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + 1/(2N) sum_{i=1}^N (sum_{j=1}^d w_j X_ij - t_i)^2"),
        ("m_ij ~ Bernoulli(1 - p)", "", "closed form", "(1-p)/(2 N p) sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + 1/(2N) sum_{i=1}^N ((1-p)/p sum_{j=1}^d w_j X_ij - t_i)^2"),
        ("J_m = sum_{i=1}^N (y~_{m,i} - t_i)^2", "", "closed form", "(1-p)/p sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + sum_{i=1}^N (sum_{j=1}^d w_j X_ij - t_i)^2"),
    ],
    "gaussian-dropout-sigma": [
        ("xi ~ Normal(0, 2 sigma^2)", "", "", "sqrt((1 - p)/(2 p))"),
        ("xi ~ Normal(0, k sigma^2)", "k > 0", "", "sqrt((1 - p)/(k p))"),
        ("xi ~ Uniform(-sigma, sigma)", "", "", "sqrt(3 (1 - p)/p)"),
        ("xi ~ any law with mean 0, variance sigma^2", "", "", "sqrt((1 - p)/p)"),
        ("m ~ Uniform(0, 2 p)", "", "", "1/sqrt(3)"),
        ("m ~ Normal(p, p (1 - p))", "", "", "sqrt((1 - p)/p)"),
        ("m ~ Normal(p, s^2)", "s > 0", "", "s/p"),
        ("m ~ Uniform(0, 2 p); xi ~ Normal(0, 2 sigma^2)", "", "", "1/sqrt(6)"),
        ("y~_xi = sum_{j=1}^d (1 + sigma xi_ij) w_j X_ij; xi ~ Normal(0, 1)", "", "", "sqrt((1 - p)/p)"),
        ("y~_xi = sum_{j=1}^d (1 + sigma xi_ij) w_j X_ij; xi ~ Rademacher", "", "", "sqrt((1 - p)/p)"),
        ("y~_m = sum_{j=1}^d m_ij w_j X_ij; y~_xi = sum_{j=1}^d (p + xi_ij) w_j X_ij", "", "", "sqrt(p (1 - p))"),
        ("m ~ Uniform(0, 2 p)", "", "expected loss", "1/(6 N) sum_{i=1}^N sum_{j=1}^d w_j^2 X_ij^2 + 1/(2N) sum_{i=1}^N (sum_{j=1}^d w_j X_ij - t_i)^2"),
        ("xi ~ Uniform(-sqrt(3) sigma, sqrt(3) sigma)", "", "", "sqrt((1-p)/p)"),
        ("m ~ Binomial(2, p/2)", "", "", "sqrt((2-p)/(2p))"),
        ("m ~ Poisson(p)", "", "", "sqrt(1/p)"),
        ("m ~ Exponential(1/p)", "", "", "1"),
        ("xi ~ Normal(0, p sigma^2)", "", "", "sqrt(1-p)/p"),
        (r"\xi_{ij} ~ Normal(0, 2\sigma^2)", "", "", "sqrt((1-p)/(2p))"),
        ("J_m = sum_{i=1}^N (y~_{m,i} - t_i)^2; J_xi = sum_{i=1}^N (y~_{xi,i} - t_i)^2", "", "", "sqrt((1-p)/p)"),
    ],
    "kernel-ridge": [
        ("g = ||X w - t||^2 + lambda ||w||^2", "", "", "x^T X^T (X X^T + lambda I)^-1 t"),
        ("g = ||X w - t||^2/(2n) + lambda ||w||^2/2", "", "", "x^T X^T (X X^T + lambda n I)^-1 t"),
        ("g = ||X w - t||^2/(2n) + lambda ||w||^2 + mu ||w||^2", "mu > 0", "", "x^T X^T (X X^T + 2 n (lambda + mu) I)^-1 t"),
        ("g = ||X w - t||^2/(2n) + lambda^2 ||w||^2", "", "", "x^T X^T (X X^T + 2 n lambda^2 I)^-1 t"),
        ("g = (X w - t)^T S (X w - t)/(2n) + lambda ||w||^2", WEIGHTS, "", "x^T X^T (S X X^T + 2 n lambda I)^-1 S t"),
        ("g = ||X w - t||^2/(2n) + lambda ||w||^2/n", "", "", "x^T X^T (X X^T + 2 lambda I)^-1 t"),
    ],
}  # fmt: skip

# the same, where the question after the result has no answer from these premises
WITHOUT_AN_ANSWER = {
    "fgm-epsilon": [
        ("f = w* x + b", "b: real", "", "x (X^T X + 2 n lambda)/(X^T t) + b (X^T X + 2 n lambda)^2/(X^T t)^2"),
        ("g = ||X w - t||^2/(2n) + mu w^2", "mu > 0", "", "(X^T X + 2 n mu) x/(X^T t)"),
        ("g = ||X w - t||^2/(2n)", "", "", "X^T X x/(X^T t)"),
        ("w* = X^T t/n", "", "", "n x/(X^T t)"),
        ("x' = x - epsilon w*/|w*|", "", "", "x sign(X^T t)"),
    ],
    "fgsm-epsilon": [
        ("f = w* x + b", "b: real", "", "x sign(X^T t) + b (X^T X + 2 n lambda)/|X^T t|"),
        ("x' = x - epsilon w*", "", "", "(X^T X + 2 n lambda) x/(X^T t)"),
    ],
    "batch-size-learning-rate": [
        ("L = a (w - b)^2/2", "b: real", "", "a (w - b)^2/(a^2 (w - b)^2 + sigma^2/B)"),
        ("epsilon ~ Normal(mu, sigma^2)", "mu: real", "", "w (a w + mu)/((a w + mu)^2 + sigma^2/B)"),
        ("g_B = sum_{i=1}^B g_i", "", "", "a w^2/(a^2 w^2 B + sigma^2)"),
    ],
    "kernel-ridge": [
    ],
}  # fmt: skip

# what another premise takes away is named
TAKEN_AWAY = [
    ("fgm-output", "x' = x - epsilon w/||w||", "", "‖w‖ ≠ 0"),
    ("ridge", "g = ||X w - t||^2/(2n) - lambda ||w||^2", "", "XᵀX − 2λnI is invertible"),
    ("ridge", "g = ||X w - t||^2/(2n)", "", "XᵀX is invertible"),
    ("ridge", "g = ||X w - t||^2/(2n) + lambda ||G w||^2", "G: n×d", "XᵀX + 2λnGᵀG is invertible"),
    ("ridge", "g = ||X w - t||^2/(2n) + lambda sum_j |w_j|", "", "wⱼ ≠ 0"),
    ("kernel-ridge", "g = ||X w - t||^2/(2n) - lambda ||w||^2", "", "in `ridge`: … XᵀX − 2λnI is invertible"),
    ("kernel-ridge", "g = ||X w - t||^2/(2n)", "", "in `ridge`: … XᵀX is invertible"),
    ("kernel-ridge", "g = ||X w - t||^2/(2n) + lambda ||w - v||^2", "v: d", "pulled through an inverse in …(Xᵀt + 2λnv)"),
    ("fgm-epsilon", "g = ||X w - t||^2/(2n) - lambda w^2", "", "in `ridge`: … XᵀX − 2λn ≠ 0"),
    ("fgm-epsilon", "g = ||X w - t||^2/(2n) + w^2/lambda", "", "in `ridge`: … λ ≠ 0"),  # λ = 0 is no penalty
    ("fgm-epsilon", "g = (X w - t)^T S (X w - t)/(2n) + lambda w^2", WEIGHTS, "w*² ≠ 0, where w* = XᵀSt"),
    ("fgm-epsilon", "g = ||X w - t||^2/(2n) + lambda (w - v)^2", "v: real", "w*² ≠ 0, where w* = (…2λvn"),
    ("fgm-epsilon", "g = ||X w - t||^2/(2n) + lambda |w|", "", "in `ridge`: … w ≠ 0"),
    ("fgm-epsilon", "g = ||X w - t||^2/(2n) + lambda w^4", "", "in `ridge`: … not linear in w"),
    ("fgm-epsilon", "f = b", "b: real", "ε does not stand in b = 0"),
    ("fgsm-epsilon", "g = ||X w - t||^2/(2n) - lambda w^2", "", "in `ridge`: … XᵀX − 2λn ≠ 0"),
    ("fgsm-epsilon", "g = (X w - t)^T S (X w - t)/(2n) + lambda w^2", WEIGHTS, "|w*| ≠ 0, where w* = XᵀSt"),
    ("fgsm-epsilon", "x' = x", "", "ε does not stand in f(x′) = 0"),
    ("minibatch-variance", "L = |w|", "", "w ≠ 0"),
    ("batch-size-learning-rate", "L = a w", "", "η does not stand in −a² = 0"),
    ("batch-size-learning-rate", "L = -a w^2/2", "", "d²R(η)/dη² > 0: that is −a³w² − aσ²/B > 0"),
    ("batch-size-learning-rate", "L = |w|", "", "in `minibatch-variance`: … w ≠ 0"),
    ("batch-size-learning-rate", "epsilon ~ Normal(0, sigma^2 w^2)", "", "aw²σ²/B + a³w² ≠ 0"),
    ("batch-size-regimes", "L = a w", "", "in `batch-size-learning-rate`: η does not stand in −a² = 0"),
    ("batch-size-regimes", "S = c/Delta(B)^2", "", "E_min is finite"),
    ("batch-size-regimes", "epsilon ~ Normal(0, sigma^2 w^2)", "", "in `batch-size-learning-rate`: … aw²σ²/B + a³w² ≠ 0"),
    ("compute-optimal-model-size", "ell_N = ln(N)", "", "ln(N) = u is no multiple of a power of N"),
    ("compute-optimal-model-size", "ell_N = u_0 + (N_c/N)^alpha_N", "u_0 > 0", "u₀ + … = u is no multiple of a power of N"),
    ("dropout-bias-variance", "J_m = 1/N sum_{i=1}^N |y~_{m,i} - t_i|", "", "Var(ỹ_{m,i}) stands in 0 of the terms"),
    ("gaussian-dropout-sigma", "m ~ Bernoulli(1/2)", "", "E[ỹ_{ξ,i}] = E[ỹ_{m,i}] would have to hold"),
    ("gaussian-dropout-sigma", "m ~ Binomial(2, p)", "", "E[ỹ_{ξ,i}] = E[ỹ_{m,i}] would have to hold"),
    ("gaussian-dropout-sigma", "xi ~ Normal(mu, sigma^2)", "mu: real", "E[ỹ_{ξ,i}] = E[ỹ_{m,i}] would have to hold"),
    ("gaussian-dropout-sigma", "J_xi = sum_{i=1}^N (y~_{xi,i} - t_i)^2", "", "E[J_ξ] = E[J_m] would have to hold"),
    ("gaussian-dropout-sigma", "xi ~ Normal(0, 1)", "", "σ does not stand in"),
    ("gaussian-dropout-sigma", "xi ~ Normal(0, sigma)", "", "no multiple of σ²"),
]  # fmt: skip


I, J = Symbol("i"), Symbol("j")


def point_of(working: Working) -> Term:
    """The minimiser that a working concludes."""
    found = working.results[0].step.claim.left
    assert isinstance(found, Term)
    return found


def solution_of(working: Working) -> Term:
    """The right side of the equation that a working comes to."""
    return working.results[0].step.claim.right.right


def assert_equal(found: Term, known: Term, step: Step) -> None:
    """The kernel certifies that two terms are equal under the assumptions of a step; and not if one is doubled."""
    proof = Proof({})
    for assumption in step.claim.assumptions:
        if hasattr(assumption, "symbol"):
            proof.declarations[assumption.symbol] = assumption
        else:
            proof.assume(assumption)
    infer(restate, found, proof.scope, known)
    with pytest.raises(Refuted):
        infer(restate, found, proof.scope, 2 * known)


def ridge_with(objective):
    working = load("ridge").replay(g=objective)
    return working, working.results[0].step


def test_ridge_with_the_sum_of_squares():
    working, step = ridge_with(lambda p: norm2(p["X"] @ p["w"] - p["t"]) + p["lambda"] * norm2(p["w"]))
    X, t, d, lam = (symbol_of(step, name) for name in ("X", "t", "d", "lambda"))
    assert_equal(point_of(working), (X.T @ X + lam * Identity(d)).I @ X.T @ t, step)


def test_ridge_with_weighted_examples_and_a_prior_mean():
    def objective(p):
        S, prior = p.matrix("S", p["n"], p["n"], POSITIVE_DEFINITE), p.vector("w_0", p["d"])
        error = p["X"] @ p["w"] - p["t"]
        return error.T @ S @ error / 2 + p["lambda"] * norm2(p["w"] - prior) / 2

    working, step = ridge_with(objective)
    X, t, d, lam, S, prior = (symbol_of(step, name) for name in ("X", "t", "d", "lambda", "S", "w_0"))
    assert_equal(point_of(working), (X.T @ S @ X + lam * Identity(d)).I @ (X.T @ S @ t + lam * prior), step)


def test_ridge_with_a_tikhonov_matrix():
    def objective(p):
        G = p.matrix("Gamma", p["d"], p["d"], INVERTIBLE)
        return norm2(p["X"] @ p["w"] - p["t"]) / (2 * p["n"]) + p["lambda"] * p["w"].T @ G.T @ G @ p["w"]

    working, step = ridge_with(objective)
    X, t, n, lam, G = (symbol_of(step, name) for name in ("X", "t", "n", "lambda", "Gamma"))
    assert_equal(point_of(working), (X.T @ X + 2 * lam * n * G.T @ G).I @ X.T @ t, step)


def test_ridge_without_a_penalty_lacks_a_condition():
    with pytest.raises(DerivationError, match="XᵀX.* is invertible"):
        load("ridge").replay(g=lambda p: norm2(p["X"] @ p["w"] - p["t"]) / (2 * p["n"]))


def test_variance_of_a_weighted_mean():
    def weighted(p):
        weights = p.vector("c", p["B"])
        return total(weights[I] * p["g"](I), I, p["B"])

    working = load("minibatch-variance").replay(g_B=weighted)
    step = working.results[0].step
    c, B, sigma = (symbol_of(step, name) for name in ("c", "B", "sigma"))
    assert_equal(step.claim.right, sigma**2 * total(c[I] ** 2, I, B), step)


@pytest.mark.parametrize("law", ["any law with mean 1", "Gaussian"])
def test_gaussian_dropout_with_any_law(law):
    def noisy(p):
        r = p.random("r", AnyLaw(ONE, p["sigma"] ** 2), p["N"], p["d"])
        return total(r[I, J] * p["w"][J] * p["X"][I, J], J, p["d"])

    replaced = {"y~_xi": noisy} if law != "Gaussian" else {}
    working = load("gaussian-dropout-sigma").replay(**replaced)
    step = working.results[0].step
    p = symbol_of(step, "p")
    assert_equal(solution_of(working), sqrt((1 - p) / p), step)


def test_dropout_that_differs_by_feature_has_no_sigma_free_of_the_data():
    gaussian = load("gaussian-dropout-sigma")

    def law(proof):
        keep = proof.vector("q", proof["d"], UNIT_INTERVAL)
        return Bernoulli(keep[J])

    def output(proof):
        return total(proof["m"][I, J] / proof["q"][J] * proof["w"][J] * proof["X"][I, J], J, proof["d"])

    with pytest.raises(DerivationError, match="no σ does for all inputs and weights.*depends on w"):
        gaussian.replay(**{"m": law, "y~_m": output})


def test_a_premise_that_is_not_there():
    with pytest.raises(DerivationError, match="no premise named h"):
        load("ridge").replay(h=lambda p: p["w"])


def symbol_of(step: Step, name: str) -> Symbol:
    return next(a.symbol for a in step.claim.assumptions if hasattr(a, "symbol") and a.symbol.name == name)


# -- the table ---------------------------------------------------------------------------------------------------------


def texts(joined: str) -> tuple[str, ...]:
    return tuple(joined.split("; ")) if joined else ()


def replayed(name: str, given: str, let: str) -> Working:
    return load(name).replay(**givens(texts(given), texts(let)))


def rows(table):
    return [pytest.param(name, *row, id=f"{name}: {row[0]}") for name, cases in table.items() for row in cases]


def assert_result(name: str, given: str, let: str, part: str, wanted: str) -> None:
    """The result is worth what was worked out by hand, and is as far worked out as from the derivation's own premises."""
    asked = {question.part: question for question in questions(replayed(name, given, let))}[part]
    original = {question.part: question for question in questions(load(name).run())}[part]
    assert Judge(asked).verdict(wanted).correct, asked.value
    assert operators(asked.value) <= operators(original.value), asked.value


def operators(value: Term) -> set[type]:
    kinds = (ArgMin, Derivative, Expectation, Limit, Variance)
    return {type(node) for node in value.walk() if isinstance(node, kinds)}


@pytest.mark.parametrize(("name", "given", "let", "part", "wanted"), rows(OTHER_PREMISES))
def test_the_result_from_other_premises(name, given, let, part, wanted):
    assert_result(name, given, let, part, wanted)


@pytest.mark.parametrize(("name", "given", "let", "part", "wanted"), rows(WITHOUT_AN_ANSWER))
def test_a_question_without_an_answer_does_not_stand_in_the_way(name, given, let, part, wanted):
    assert_result(name, given, let, part, wanted)


@pytest.mark.parametrize(("name", "given", "let", "named"), TAKEN_AWAY)
def test_what_another_premise_takes_away_is_named(name, given, let, named):
    with pytest.raises(DerivationError, match=".*".join(map(re.escape, named.split("…")))):
        replayed(name, given, let)


def test_each_of_the_ten_has_five_other_premises():
    documents = [entry["name"] for entry in entries() if entry["source"]]
    assert len(documents) == 10 and all(len(OTHER_PREMISES[name]) >= 5 for name in documents)


# -- lemmas ------------------------------------------------------------------------------------------------------------

HALVED = "g = ||X w - t||^2/(2n) + lambda w^2/2"


def test_a_lemma_is_shown_as_replayed_and_said_to_be():
    working = replayed("fgm-epsilon", HALVED, "")
    ridge, output = working.lemmas
    assert ridge.title == "Ridge regression in closed form, from another g"
    assert output.title == load("fgm-output").title
    step = ridge.step
    X, t, n, lam = (symbol_of(step, name) for name in ("X", "t", "n", "lambda"))
    assert_equal(step.claim.left, X.T @ t / (X.T @ X + lam * n), step)


def test_a_lemma_from_its_own_premises_is_the_general_one():
    (_, output) = replayed("fgm-epsilon", HALVED, "").lemmas
    assert output.title == load("fgm-output").title and output.step.rule.name == "specialise"


QUESTIONS = [
    ("fgm-epsilon", "g = ||X w - t||^2/(2n)", "", "robust", "no: the same ε is enough"),
    ("fgm-epsilon", "g = ||X w - t||^2/(2n) + 3 lambda w^2", "", "robust", "yes: it takes a larger ε"),
    ("batch-size-learning-rate", "L = a (w - 1)^2/2", "w > 1", "learning rate", "it grows"),
    ("batch-size-learning-rate", "epsilon ~ Normal(1, sigma^2)", "w > 0", "learning rate", "it grows"),
    ("compute-optimal-model-size", "ell_N = (N_c/N)^(2 alpha_N)", "", "option", "C: increase the model size"),
    ("compute-optimal-model-size", "B(L) = B_c L^(-2/alpha_B)", "", "option", "C: increase the model size"),
    ("compute-optimal-model-size", "B = B_c", "", "option", "C: increase the model size"),
    ("compute-optimal-model-size", "C_train(N,b,S) = 6 N b S^2", "", "option", "C: increase the model size"),
]


@pytest.mark.parametrize(("name", "given", "let", "question", "answer"), QUESTIONS)
def test_a_question_is_answered_from_other_premises(name, given, let, question, answer):
    (choice,) = (choice for choice in replayed(name, given, let).choices if choice.name == question)
    assert choice.chosen.said == answer


def test_a_declared_symbol_may_be_narrowed_and_not_made_another():
    with pytest.raises(WorkingsError, match="w is declared by the derivation, and not so"):
        replayed("batch-size-learning-rate", "L = a (w - 1)^2/2", "w: n")


@pytest.mark.parametrize(
    ("name", "given", "let"),
    [
        ("batch-size-learning-rate", "epsilon ~ Normal(mu, sigma^2)", "mu: real"),
        ("minibatch-variance", "g_B = 1/B sum_{i=1}^B g_1", ""),
    ],
)
def test_a_question_that_other_premises_do_not_decide_stays_open(name, given, let):
    (choice,) = replayed(name, given, let).choices
    assert choice.chosen is None and choice.question


def test_headings_are_the_authors_of_his_own_premises():
    headings = [
        part.heading
        for part in at_depth(replayed("minibatch-variance", "g_B = sum_{i=1}^B g_i", ""), Depth.WORKING).parts
        if isinstance(part, Passage)
    ]
    assert [heading for heading in headings if heading] == ["The true gradient", "The mean", "The variance"]


def test_a_lemma_is_replayed_once_in_a_run(monkeypatch):
    lemma = load("minibatch-variance")
    lemma.run()
    runs, function = [], lemma.function
    monkeypatch.setattr(lemma, "function", lambda proof: (runs.append(proof), function(proof)))
    replayed("batch-size-regimes", "epsilon ~ Normal(0, 4 sigma^2)", "")
    assert len(runs) == 1


def test_a_premise_that_only_a_lemma_of_a_lemma_has():
    working = replayed("batch-size-regimes", "epsilon ~ Normal(0, k sigma^2)", "k > 0")
    assert any(declaration.symbol.name == "k" for declaration in working.premises.declarations)
    with pytest.raises(UnknownPremise, match="batch-size-regimes has no premise named h: it has .*L.*epsilon, g, g_B"):
        replayed("batch-size-regimes", "h = 1", "")


def test_the_root_of_a_square_is_taken_factor_by_factor():
    working = replayed("batch-size-regimes", "B_noise = 2 sigma^2/(a^2 w^2)", "")
    knee = next(result for result in working.results if result.name == "point C").step.claim.left
    assert str(knee) == "σ²/(a²w²)"


def test_a_size_at_a_number_is_that_number():
    @derivation("columns", title="", source="")
    def columns(proof):
        n, d = proof.size("n"), proof.size("d")
        X, w = proof.matrix("X", n, d), proof.vector("w", d)
        f = proof.given("f", (X @ w).T @ (X @ w) + (ones(d).T @ w) ** 2, w)
        proof.conclude(proof.derive(gradient(f(w), w)).by(differentiate))

    @derivation("one-column", title="", source="")
    def one_column(proof):
        n = proof.size("n")
        X, w = proof.vector("X", n), proof.scalar("w")
        f = proof.given("f", (X * w).T @ (X * w) + w**2, w)
        proof.conclude(proof.derive(gradient(f(w), w)).by(insert(proof.use(columns, d=1))))

    step = one_column.replay(f=lambda p: 3 * (p["X"] * p["w"]).T @ (p["X"] * p["w"])).results[0].step
    X, w = symbol_of(step, "X"), symbol_of(step, "w")
    assert_equal(step.claim.right, 6 * w * X.T @ X, step)
    with pytest.raises(DerivationError, match="d is a whole number, and 1/2 need not be one"):
        Proof({"f": lambda p: p["w"].T @ p["w"]}).use(columns, d=Fraction(1, 2))


def test_what_is_known_of_a_value_is_known_in_the_lemma():
    """f is attacked at w*, which is not zero: the lemma, which speaks of any w, would not know it."""
    (_, output) = lemmas_until_the_end("fgm-epsilon", "x' = x - epsilon w*/|w*|")
    assert output.title.endswith("from another x'")


def lemmas_until_the_end(name: str, given: str):
    proof = Proof(givens([given]))
    with suppress(DerivationError):
        load(name).function(proof)
    return proof.lemmas


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("fgm-epsilon", HALVED),
        ("fgm-epsilon", "f = 3 w* x"),
        ("fgsm-epsilon", "f = -2 w* x"),
        ("batch-size-learning-rate", "epsilon ~ Uniform(-sigma, sigma)"),
        ("batch-size-regimes", "L = a w^2"),
        ("gaussian-dropout-sigma", "m ~ Uniform(0, 2 p)"),
        ("kernel-ridge", "g = (X w - t)^T (X w - t) + lambda ||w||^2"),
    ],
)
def test_what_is_replayed_is_certified_again(name, given):
    working = replayed(name, given, "")
    data = json.loads(json.dumps(certificate(working)))
    assert recertified(data).strength == working.strength


def test_a_mistake_in_a_replayed_lemma_is_named():
    table = table_from(load("fgm-epsilon"), givens([HALVED]))
    (question,) = questions(replayed("fgm-epsilon", HALVED, ""))
    found = Judge(question, mistakes=lambda: table).verdict("(X^T X + 2 n lambda) x/(X^T t)").diagnosis
    assert any(each.name == "a-half-ignored" and "At step 1 of ridge" in each.sentence for each in found)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("y~_m = 1", "y~_m"),
        ("ỹ_{m,i} = 1", "y~_m"),
        (r"\tilde{y}_m = 1", "y~_m"),
        ("y~_m(i) = 1", "y~_m"),
        ("xi~Normal(0, 1)", "xi"),
        (r"\xi_{ij} ~ Normal(0, 1)", "xi"),
        (r"\xi \sim Normal(0, 1)", "xi"),
        ("g(w) = 1", "g"),
        ("m ~ any law with mean = p, variance = 1", "m"),
    ],
)
def test_the_name_of_a_premise(text, name):
    assert list(givens([text])) == [name]


UNIFORM, MEAN = "epsilon ~ Uniform(-sigma, sigma)", "g_B = 1/B sum_{i=1}^B g_i"


@pytest.mark.parametrize(
    ("given", "let", "message"),
    [
        ((), "epsilon ~ Normal(0, 4)", "nothing to declare them for"),
        ("g = x", "epsilon ~ Normal(0, 4)", "ε is declared by the derivation, and not so"),
        (MEAN, "epsilon: B ~ Normal(0, 4) iid", "ε is declared by the derivation, and not so"),
        (UNIFORM, "epsilon ~ Normal(0, 4)", "ε is given as a premise"),
        (UNIFORM, "c > 1", "--let declares c, and no premise speaks of it"),
        (UNIFORM, "z: 3", "--let declares z, and no premise speaks of it"),
        (UNIFORM, ("sigma > 1", "c > 1"), "--let declares c, and no premise speaks of it"),
    ],
)
def test_nothing_is_declared_in_vain(given, let, message):
    with pytest.raises(Misasked, match=message):
        workings.derive("minibatch-variance", given, let)


def test_what_is_declared_for_a_premise_counts():
    narrowed = workings.derive("minibatch-variance", UNIFORM, "sigma > 1")
    assert [str(hypothesis) for hypothesis in narrowed.premises.hypotheses] == ["σ > 1"]
    workings.derive("minibatch-variance", "epsilon ~ Uniform(-c, c)", "c > 1")


def test_a_shape_that_a_rule_makes_is_not_the_users():
    """What does not fit within a rule is the rule's: nobody has typed it."""

    def clumsy(subject, context):
        return Conclusion(equation(subject, subject + Identity(Symbol("n"))))

    @derivation("mine", title="Mine", source="")
    def mine(proof):
        x = proof.scalar("x")
        f = proof.given("f", x + 1, x)
        proof.conclude(proof.derive(f(x)).by(unfold, Rule("clumsy", "", "so", clumsy)))

    with pytest.raises(NotApplicable, match="'clumsy' makes what does not fit: "):
        workings.derive(mine, "f = x + 2")
