"""Every rule has a faulty twin, the mistake that a person would make. The kernel refutes each one."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from engine.documents.examples import SampleSymbols, counted, crossing, minimised
from engine.kernel import Outcome, Rule, infer
from engine.kernel.evidence import ConditionMissing, DerivationError, NotApplicable, NotDecided, Refuted
from engine.rules.algebra import arrays, equations, kronecker, powers, recursions, rewriting, sums
from engine.rules.calculus import derivatives, differentials, limits, optimisation
from engine.rules.order import prover
from engine.rules.probability import covariance, expectations, families, moments, quadratic_forms, random_vectors
from engine.terms import (
    INFINITY,
    ONE,
    ZERO,
    Apply,
    ArgMin,
    Covariance,
    Derivative,
    Determinant,
    Differential,
    Each,
    Expectation,
    Identity,
    Kronecker,
    Limit,
    Ones,
    Term,
    Unit,
    Variance,
    absolute,
    diagonal,
    exp,
    gradient,
    hadamard,
    hadamard_power,
    hessian,
    log,
    maximum,
    norm2,
    ones,
    sign,
    sqrt,
    total,
    trace,
    vec,
)
from engine.terms.formulas import Formula, Relation, equation, minimises, positive_definite
from engine.terms.standard import softmax_of


@dataclass(frozen=True)
class Twin:
    """A rule's subject, the rule as it should be, and what the mistaken rule makes of the subject."""

    mistake: str
    rule: Rule
    subject: Callable[[SampleSymbols], Term]
    faulty: Callable[[SampleSymbols], Term]
    arguments: Callable[[SampleSymbols], tuple[object, ...]] = lambda b: ()


def d(body, variable):
    return Differential(body, variable)


TWINS = [
    Twin(
        "the transpose is forgotten",
        kronecker.kronecker_laws,
        lambda b: Kronecker(b.A, b.G) @ vec(b.G @ b.A),
        lambda b: vec(b.G @ b.G @ b.A @ b.A),
    ),
    Twin(
        "the Kronecker product has no other order",
        kronecker.kronecker_laws,
        lambda b: Kronecker(b.A, b.G) @ Kronecker(b.G, b.A),
        lambda b: Kronecker(b.G @ b.A, b.A @ b.G),
    ),
    Twin(
        "the second factor moves too",
        differentials.differential_of_kronecker_product,
        lambda b: d(Kronecker(b.A, b.A), b.A),
        lambda b: Kronecker(d(b.A, b.A), b.A),
    ),
    Twin(
        "a ⊙ b is no inner product",
        arrays.diagonal_laws,
        lambda b: diagonal(b.t) @ b.u,
        lambda b: b.t @ b.t.T @ b.u,
    ),
    Twin(
        "the row is not the column",
        arrays.without_indices,
        lambda b: Each(total(b.A[b.i, b.j] * b.u[b.j], b.j, b.n), b.i, b.n),
        lambda b: b.A.T @ b.u,
    ),
    Twin(
        "the other factor is not differentiated",
        differentials.differential_of_hadamard_product,
        lambda b: d(hadamard(b.A @ b.u, b.u), b.u),
        lambda b: hadamard(b.A @ d(b.u, b.u), b.u),
    ),
    Twin(
        "the power is not lowered at each entry",
        differentials.differential_of_hadamard_power,
        lambda b: d(hadamard_power(b.u, ONE + ONE + ONE), b.u),
        lambda b: 3 * hadamard(hadamard_power(b.u, ONE + ONE + ONE), d(b.u, b.u)),
    ),
    Twin(
        "a diagonal is no outer product",
        differentials.differential_of_diagonal,
        lambda b: d(diagonal(b.u), b.u),
        lambda b: d(b.u, b.u) @ ones(1, b.n),
    ),
    Twin(
        "the softmax is not normalised twice",
        arrays.as_softmax,
        lambda b: exp(b.u) / (ones(1, b.n) @ exp(b.u)),
        lambda b: arrays.softmax_of(b.u) / (ones(1, b.n) @ exp(b.u)),
    ),
    Twin("a cross term is dropped", rewriting.expand, lambda b: (b.a + b.b) ** 2, lambda b: b.a**2 + b.b**2),
    Twin("factors are swapped", rewriting.expand, lambda b: b.A @ (b.G + b.A), lambda b: b.G @ b.A + b.A @ b.A),
    Twin("I is forgotten", rewriting.collect, lambda b: b.A @ b.u + b.c * b.u, lambda b: (b.A + b.c * b.G @ b.G.I @ b.A) @ b.u, lambda b: (b.u,)),
    Twin("a sign is lost", rewriting.collect, lambda b: b.A @ b.u - b.c * b.u, lambda b: (b.A + b.c * Identity(b.n)) @ b.u, lambda b: (b.u,)),
    Twin("a term is cancelled out of a sum", rewriting.cancel, lambda b: b.c * b.a / (b.c * (b.c + b.y)), lambda b: b.a / (1 + b.y)),
    Twin("denominators are added", rewriting.common_denominator, lambda b: b.a / b.c + b.b / b.y, lambda b: (b.a + b.b) / (b.c + b.y)),
    Twin("the denominator is split", rewriting.split_fraction, lambda b: (b.a + b.b) / b.c, lambda b: b.a / b.c + b.b),
    Twin("factored with the wrong sign", rewriting.factor, lambda b: b.a**2 - b.b**2, lambda b: (b.a - b.b) ** 2),
    Twin("(AB)ᵀ = AᵀBᵀ", rewriting.transpose_laws, lambda b: (b.A @ b.G).T, lambda b: b.A.T @ b.G.T),
    Twin("(AB)⁻¹ = A⁻¹B⁻¹", rewriting.inverse_laws, lambda b: (b.A @ b.G).I, lambda b: b.A.I @ b.G.I),
    Twin("inverse of a sum as sum of inverses", rewriting.inverse_laws, lambda b: ((b.c * b.A) @ b.G).I, lambda b: b.A.I + b.G.I),
    Twin("the transpose is left behind", rewriting.push_through, lambda b: b.X.T @ (b.X @ b.X.T + b.c * Identity(b.n)).I, lambda b: (b.X.T @ b.X + b.c * Identity(b.d)).I @ b.X.T @ b.A),
    Twin("the sizes are not changed", rewriting.pull_through, lambda b: (b.X.T @ b.X + b.c * Identity(b.d)).I @ b.X.T, lambda b: b.X.T @ (b.X @ b.X.T + 2 * b.c * Identity(b.n)).I),
    Twin("‖u‖² = Σu", rewriting.as_norm, lambda b: b.w.T @ b.w, lambda b: total(b.w[b.i], b.i, b.d)),
    Twin("‖u + v‖² = ‖u‖² + ‖v‖²", rewriting.as_inner_product, lambda b: norm2(b.w + b.v), lambda b: b.w.T @ b.w + b.v.T @ b.v),
    Twin("Σ(·)² for (Σ·)²", sums.split_sum, lambda b: total(b.t[b.i] + b.u[b.i], b.i, b.n) ** 2, lambda b: total((b.t[b.i] + b.u[b.i]) ** 2, b.i, b.n)),
    Twin("n is lost", sums.sum_of_constant, lambda b: total(b.c, b.i, b.n), lambda b: b.c),
    Twin("1/n for n", sums.sum_of_constant, lambda b: total(b.c, b.i, b.n), lambda b: b.c / b.n),
    Twin("the constant is left squared", sums.constant_factor_of_sum, lambda b: total(b.c * b.t[b.i], b.i, b.n), lambda b: b.c**2 * total(b.t[b.i], b.i, b.n)),
    Twin("exponents are added", powers.power_laws, lambda b: (b.c**b.a) ** b.b, lambda b: b.c ** (b.a + b.b)),
    Twin("√(x²) = x for any x", powers.root_of_square, lambda b: sqrt(b.c**2) + sqrt(b.x**2), lambda b: b.c + b.x),
    Twin("the log of a sum", powers.log_laws, lambda b: log(b.c * b.y), lambda b: log(b.c + b.y)),
    Twin("log xᵃ = (log x)ᵃ", powers.log_laws, lambda b: log(b.c**3), lambda b: log(b.c) ** 3),
    Twin("the bars are lost", powers.absolute_value_of_product, lambda b: absolute(b.c * b.x), lambda b: b.c * b.x),
    Twin("sign keeps the size", powers.sign_of_product, lambda b: sign(b.c * b.x), lambda b: b.c * sign(b.x)),
    Twin("a·sign a = a", powers.sign_and_absolute_value, lambda b: b.x * sign(b.x), lambda b: b.x),
    Twin("a/|a| = 1", powers.quotient_by_absolute_value, lambda b: b.y / absolute(b.y) + b.x, lambda b: 1 - b.x),
    Twin("the 2 of the power rule is lost", differentials.differential_of_power, lambda b: d(b.x**2, b.x), lambda b: b.x * d(b.x, b.x)),
    Twin("the exponent is not lowered", differentials.differential_of_power, lambda b: d(b.x**3, b.x), lambda b: 3 * b.x**3 * d(b.x, b.x)),
    Twin("one factor only", differentials.differential_of_product, lambda b: d(b.x * exp(b.x), b.x), lambda b: d(b.x, b.x) * exp(b.x)),
    Twin("the order of factors", differentials.differential_of_product, lambda b: d(b.A @ b.G, b.A), lambda b: b.G @ d(b.A, b.A)),
    Twin("a term is forgotten", differentials.differential_of_sum, lambda b: d(b.x + b.x**2, b.x), lambda b: d(b.x, b.x)),
    Twin("the factor 2 is lost", differentials.differential_of_squared_norm, lambda b: d(norm2(b.X @ b.w - b.t), b.w), lambda b: (b.X @ b.w - b.t).T @ d(b.X @ b.w - b.t, b.w)),
    Twin("the minus of d A⁻¹ is lost", differentials.differential_of_inverse, lambda b: d(b.A.I, b.A), lambda b: b.A.I @ d(b.A, b.A) @ b.A.I),
    Twin("d A⁻¹ = −dA A⁻²", differentials.differential_of_inverse, lambda b: d(b.A.I, b.A), lambda b: -d(b.A, b.A) @ b.A.I @ b.A.I),
    Twin("the inverse is forgotten", differentials.differential_of_determinant, lambda b: d(Determinant(b.A), b.A), lambda b: Determinant(b.A) * trace(d(b.A, b.A))),
    Twin("the transpose of dA is lost", differentials.differential_of_transpose, lambda b: d(b.A.T, b.A), lambda b: d(b.A, b.A)),
    Twin("the trace is multiplied", differentials.differential_of_trace, lambda b: d(trace(b.A @ b.G), b.A), lambda b: trace(d(b.A, b.A)) * trace(b.G)),
    Twin("the inner derivative is lost", differentials.differential_of_function, lambda b: d(exp(b.a * b.x), b.x), lambda b: exp(b.a * b.x) * d(b.x, b.x)),
    Twin("d|x| = dx", differentials.differential_of_function, lambda b: d(absolute(b.h - 2 * b.h), b.h), lambda b: d(b.h - 2 * b.h, b.h)),
    Twin("d A² = 2A dA, as if matrices commuted", differentials.differential_of_matrix_power, lambda b: d(b.A**2, b.A), lambda b: 2 * b.A @ d(b.A, b.A)),
    Twin("one of three factors is not moved", differentials.differential_of_matrix_power, lambda b: d(b.A**3, b.A), lambda b: d(b.A, b.A) @ b.A**2 + b.A**2 @ d(b.A, b.A)),
    Twin("another entry moves", differentials.differential_of_entry, lambda b: d((b.A @ b.u)[ONE], b.u), lambda b: d(b.u, b.u)[ONE]),
    Twin("the square of each entry loses its 2", differentials.differential_of_column, lambda b: d(Each(b.u[b.i] ** 2, b.i, b.n), b.u), lambda b: Each(b.u[b.i] * d(b.u, b.u)[b.i], b.i, b.n)),
    Twin("d tanh = 1 − tanh", differentials.differential_of_function, lambda b: d(Apply("tanh", (b.x,)), b.x), lambda b: (1 - Apply("tanh", (b.x,))) * d(b.x, b.x)),
    Twin("d max(x², −h) = dx", differentials.differential_of_function, lambda b: d(maximum(b.x**2, -b.h), b.x), lambda b: d(b.x, b.x)),
    Twin("a constant has a differential", differentials.differential_of_constant, lambda b: d(b.a, b.x), lambda b: b.a * d(b.x, b.x)),
    Twin("Xᵀ is lost from a gradient", derivatives.differentiate, lambda b: gradient(norm2(b.A @ b.u - b.t), b.u), lambda b: 2 * (b.A @ b.u - b.t)),
    Twin("A instead of Aᵀ", derivatives.differentiate, lambda b: gradient(norm2(b.A @ b.u - b.t), b.u), lambda b: 2 * b.A @ (b.A @ b.u - b.t)),
    Twin("the wrong leading coefficient", limits.limit, lambda b: Limit(b.c * b.h / (2 * b.h + b.y), b.h, INFINITY), lambda b: b.c),
    Twin("a limit of the wrong order", limits.limit, lambda b: Limit(b.c * b.h / (b.h**2 + b.y), b.h, INFINITY), lambda b: b.c),
    Twin("a constant's mean is squared", expectations.linearity_of_expectation, lambda b: Expectation(b.a * b.m[1]), lambda b: b.a**2 * Expectation(b.m[1])),
    Twin("E of a product of dependent factors", expectations.expectation_of_independent_factors, lambda b: Expectation(b.m[1] * b.e[1]) + Expectation(b.m[1] ** 2), lambda b: Expectation(b.m[1]) * Expectation(b.e[1]) + Expectation(b.m[1]) ** 2),
    Twin("1 − p for p", expectations.mean_of_law, lambda b: Expectation(b.m[1]), lambda b: 1 - b.p),
    Twin("p for p(1 − p)", expectations.variance_of_law, lambda b: Variance(b.m[1]), lambda b: b.p),
    Twin("σ for σ²", expectations.variance_of_law, lambda b: Variance(b.e[1]), lambda b: b.c),
    Twin("c for c²", expectations.variance_of_multiple, lambda b: Variance(b.c * b.m[1]), lambda b: b.c * Variance(b.m[1])),
    Twin("the shift is kept", expectations.variance_of_shift, lambda b: Variance(b.m[1] + b.c), lambda b: Variance(b.m[1]) + b.c),
    Twin("(Σw)² for Σw²", expectations.variance_of_independent_sum, lambda b: Variance(total(b.t[b.i] * b.m[b.i], b.i, b.n)), lambda b: b.p * (1 - b.p) * total(b.t[b.i], b.i, b.n) ** 2),
    Twin("standard deviations add", expectations.variance_of_independent_sum, lambda b: Variance(total(b.m[b.i], b.i, b.n)), lambda b: total(sqrt(Variance(b.m[b.i])), b.i, b.n) ** 2),
    Twin("the mean square is the squared mean", expectations.second_moment, lambda b: Expectation(b.e[1] ** 2), lambda b: Expectation(b.e[1]) ** 2),
    Twin("bias is not squared", expectations.bias_and_variance, lambda b: Expectation((b.m[1] - b.a) ** 2), lambda b: Variance(b.m[1]) + (Expectation(b.m[1]) - b.a)),
    Twin("the cross term keeps no 2", expectations.square_of_two_parts, lambda b: (b.a + b.b) ** 2, lambda b: b.a**2 + b.a * b.b + b.b**2, lambda b: (b.a,)),
    Twin("the mean is added once", expectations.add_and_subtract_mean, lambda b: Expectation((b.m[1] - b.a) ** 2), lambda b: Expectation((b.m[1] + Expectation(b.m[1]) - b.a) ** 2), lambda b: (b.m[1],)),
    Twin("only the variance within", expectations.total_variance, lambda b: Variance(b.m[1] * b.e[1]), lambda b: Expectation(Variance(b.m[1] * b.e[1], (b.e,)), (b.m,)), lambda b: (b.m,)),
    Twin("not centred", expectations.centred, lambda b: Expectation(b.m[1] - Expectation(b.m[1])), lambda b: Expectation(b.m[1])),
    Twin("the fourth moment of a Gaussian is σ⁴", moments.moment_of_law, lambda b: Expectation(b.e[1] ** 4), lambda b: (b.a**2 + b.c**2) ** 2 ),
    Twin("a factor leaves once", moments.moment_of_law, lambda b: Expectation(b.m[1] ** 2), lambda b: b.p**2),
    Twin("as if it were independent of what its law is given by", moments.conditional_mean_first, lambda b: Expectation(b.k * b.N), lambda b: b.p * b.c**2),
    Twin("only the variance given the rest", moments.variance_given_others, lambda b: Variance(b.k), lambda b: b.c * b.p * (1 - b.p)),
    Twin("the square of the mean is forgotten", moments.variance_by_moments, lambda b: Variance(b.m[1] * b.e[1]), lambda b: Expectation((b.m[1] * b.e[1]) ** 2)),
    Twin("dependent, as if they were not", moments.covariance_by_moments, lambda b: Covariance(b.e[1], b.e[1] ** 2), lambda b: b.a * b.c**2),
    Twin("the covariance is forgotten", moments.product_by_covariance, lambda b: Expectation((b.t.T @ b.g) * (b.u.T @ b.g)), lambda b: (b.t.T @ b.t) * (b.u.T @ b.t)),
    Twin("each value once", moments.mean_over_values, lambda b: Expectation(exp(b.m[1])), lambda b: exp(b.p)),
    Twin("only equal indices", families.equal_and_different_indices, lambda b: Expectation(total(b.e[b.i], b.i, b.n) ** 2), lambda b: b.n * (b.a**2 + b.c**2)),
    Twin("one g repeated", families.equal_and_different_indices, lambda b: Expectation(total(b.e[b.i], b.i, b.n) ** 2), lambda b: b.n**2 * (b.a**2 + b.c**2)),
    Twin("the pairs are counted with i = j", families.equal_and_different_indices, lambda b: Expectation(total(b.e[b.i], b.i, b.n) ** 2), lambda b: b.n * (b.a**2 + b.c**2) + b.n**2 * b.a**2),
    Twin("draws as if independent", families.equal_and_different_indices, lambda b: Expectation(counted(b).body ** 2), lambda b: b.d / b.n * (1 - b.d / b.n) * norm2(b.t) + (b.d / b.n * total(b.t[b.i], b.i, b.n)) ** 2),
    Twin("no covariance", covariance.variance_of_sum, lambda b: Variance(b.e[1] + b.m[1] * b.e[1]), lambda b: Variance(b.e[1]) + Variance(b.m[1] * b.e[1])),
    Twin("the covariances once", covariance.variance_of_sum, lambda b: Variance(b.e[1] + b.m[1] * b.e[1]), lambda b: Variance(b.e[1]) + Variance(b.m[1] * b.e[1]) + Covariance(b.e[1], b.m[1] * b.e[1])),
    Twin("a factor is squared in a covariance", covariance.covariance_term_by_term, lambda b: Covariance(b.a * b.e[1], b.e[1]), lambda b: b.a**2 * Variance(b.e[1])),
    Twin("A on one side", covariance.variance_of_linear_map, lambda b: Variance(b.A @ b.g), lambda b: b.A @ b.S),
    Twin("AᵀΣA for AΣAᵀ", covariance.variance_of_linear_map, lambda b: Variance(b.A @ b.g), lambda b: b.A.T @ b.S @ b.A),
    Twin("the covariance of independent ones", covariance.covariance_of_independent_terms, lambda b: Covariance(b.m[1], b.e[1]), lambda b: b.p * b.a),
    Twin("a product of sums of covariances", covariance.covariance_of_sums, lambda b: Covariance(total(b.t[b.i] * b.e[b.i], b.i, b.n), total(b.u[b.i] * b.e[b.i], b.i, b.n)), lambda b: b.c**2 * total(b.t[b.i], b.i, b.n) * total(b.u[b.i], b.i, b.n)),
    Twin("only the entries with themselves", random_vectors.covariance_sum_by_sum, lambda b: Variance(total(b.g[b.i], b.i, b.n)), lambda b: trace(b.S)),
    Twin("only the variance between", covariance.given_rest_first, lambda b: Variance(b.k * b.N), lambda b: Variance(Expectation(b.k * b.N, (b.k,)))),
    Twin("only the covariance within", covariance.total_covariance, lambda b: Covariance(b.m[1] * b.e[1], b.m[1]), lambda b: Expectation(Covariance(b.m[1] * b.e[1], b.m[1], (b.e,)), (b.m,)), lambda b: (b.m,)),
    Twin("no correction for a finite population", covariance.variance_of_counts, counted, lambda b: b.d / b.n * (norm2(b.t) - total(b.t[b.i], b.i, b.n) ** 2 / b.n)),
    Twin("tr(A²) for tr(AΣ)", random_vectors.mean_of_product_of_vectors, lambda b: Expectation(b.g.T @ b.A @ b.g), lambda b: trace(b.A @ b.A) + b.t.T @ b.A @ b.t),
    Twin("the mean is forgotten", random_vectors.mean_of_product_of_vectors, lambda b: Expectation(b.g.T @ b.A @ b.g), lambda b: trace(b.A @ b.S)),
    Twin("the mean of a square is the square of the mean, of vectors", random_vectors.mean_of_product_of_vectors, lambda b: Expectation(b.g @ b.g.T), lambda b: b.t @ b.t.T),
    Twin("2μᵀ for 4μᵀ", random_vectors.covariance_of_quadratic_forms, lambda b: Variance(b.g.T @ b.S @ b.g), lambda b: 2 * trace(b.S @ b.S @ b.S @ b.S) + 2 * b.t.T @ b.S @ b.S @ b.S @ b.t),
    Twin("A taken to be symmetric", random_vectors.covariance_of_quadratic_forms, lambda b: Variance(b.g.T @ b.A @ b.g), lambda b: 2 * trace(b.A @ b.S @ b.A @ b.S) + 4 * b.t.T @ b.A @ b.S @ b.A @ b.t),
    Twin("one pair of three", random_vectors.moments_by_pairs, lambda b: Expectation((b.t.T @ b.g) ** 2 * (b.u.T @ b.g) ** 2), lambda b: (b.t.T @ b.S @ b.t + (b.t.T @ b.t) ** 2) * (b.u.T @ b.S @ b.u + (b.u.T @ b.t) ** 2)),
    Twin("σ² for each entry of u", random_vectors.matrix_of_independent_entries, lambda b: Variance(b.W @ b.v), lambda b: b.c * b.d * Identity(b.n)),
    Twin("I of WᵀW without the rows", random_vectors.matrix_of_independent_entries, lambda b: Expectation(b.W.T @ b.W), lambda b: b.c * Identity(b.d)),
    Twin("Aᵀ for A", random_vectors.in_matrices, lambda b: total(total(b.t[b.i] * b.A[b.i, b.j] * b.u[b.j], b.i, b.n), b.j, b.n), lambda b: b.u.T @ b.A @ b.t),
    Twin("tr(A²) for ‖A‖²", random_vectors.in_matrices, lambda b: total(total(b.A[b.i, b.j] ** 2, b.i, b.n), b.j, b.n), lambda b: trace(b.A @ b.A)),
    Twin("tr I = 1", random_vectors.trace_laws, lambda b: trace(b.c * b.A + Identity(b.n)), lambda b: b.c * trace(b.A) + 1),
    Twin("one term too many", recursions.geometric_sum, lambda b: total((b.c + 1) ** b.i, b.i, b.n), lambda b: (1 - (b.c + 1) ** (b.n + 1)) / -b.c),
    Twin("from the first power on", recursions.geometric_sum, lambda b: total((b.c + 1) ** (b.n - b.i), b.i, b.n), lambda b: (b.c + 1) * (1 - (b.c + 1) ** b.n) / -b.c),
    Twin("Aᵀ for A, in a sum over rows", sums.sum_over_rows, lambda b: total(b.t[b.i] * b.A.T @ Unit(b.i, b.n), b.i, b.n), lambda b: b.A @ b.t),
    Twin("Σ e_i is no e", sums.sum_over_rows, lambda b: total(b.a * Unit(b.i, b.n), b.i, b.n), lambda b: b.a * b.n * Unit(ONE, b.n)),
    Twin("⊙ as an inner product", arrays.as_diagonal, lambda b: hadamard(b.t, b.u), lambda b: b.t @ b.t.T @ b.u, lambda b: (b.u,)),
    Twin("a mask is squared", quadratic_forms.mask_as_linear_map, lambda b: Variance(hadamard(b.m, b.u)), lambda b: Variance(b.m) @ diagonal(b.u)),
    Twin("only the covariances", quadratic_forms.variance_of_bilinear_form, lambda b: Variance(b.g.T @ b.e), lambda b: b.c**2 * trace(b.S)),
    Twin("as if Gaussian", quadratic_forms.variance_of_quadratic_form, lambda b: Variance(b.m.T @ b.m), lambda b: 2 * (b.p * (1 - b.p)) ** 2 * b.n + 4 * b.p**2 * b.p * (1 - b.p) * b.n),
    Twin("only the diagonal of a softmax", differentials.differential_of_softmax, lambda b: d(softmax_of(b.u), b.u), lambda b: hadamard(softmax_of(b.u), d(b.u, b.u))),
    Twin("the columns of a softmax", differentials.differential_of_softmax, lambda b: d(softmax_of(b.A), b.A), lambda b: hadamard(softmax_of(b.A), d(b.A, b.A)) - hadamard(softmax_of(b.A), Ones(b.n, b.n) @ hadamard(softmax_of(b.A), d(b.A, b.A)))),
    Twin("v for −v", optimisation.larger_absolute_value, lambda b: maximum(absolute(b.x + b.c), absolute(b.x - b.c)), lambda b: maximum(b.x + b.c, b.x - b.c)),
]  # fmt: skip


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.mistake)
def test_a_mistake_is_refuted_and_the_rule_is_not(twin):
    b = SampleSymbols()
    subject = twin.subject(b)
    assert infer(twin.rule, subject, b.proof.scope, *twin.arguments(b)).evidence.worlds >= 8
    assert refuses(twin.rule, Formula(subject, Relation.EQUAL, twin.faulty(b)), b), f"{twin.mistake} survives"


def refuses(rule: Rule, formula: Formula, b: SampleSymbols, unknown=None) -> bool:
    """Whether a rule that claims a formula of its left side is refuted."""
    faulty = Rule(
        rule.name, rule.law, "", lambda *_: Outcome(formula, unknown=unknown), rule.conditions, rule.structural
    )
    with pytest.raises(Refuted) as caught:
        infer(faulty, formula.left, b.proof.scope)
    return bool(caught.value.world.values)


EQUATIONS = {
    "a sign is lost on moving a term": (
        lambda b: (equation(b.c * b.x - b.a, ZERO), equation(b.c * b.x, -b.a), b.x),
        lambda b: (equations.separate, b.x),
    ),
    "one side only is multiplied": (
        lambda b: (equation(b.x / b.c, b.a), equation(b.x, b.a), b.x),
        lambda b: (equations.clear_denominators,),
    ),
    "n is lost when a denominator is cleared": (
        lambda b: (
            equation((b.X.T @ b.X / b.n + b.c * Identity(b.d)) @ b.w, b.X.T @ b.t / b.n),
            equation((b.X.T @ b.X + b.c * Identity(b.d)) @ b.w, b.X.T @ b.t),
            b.w,
        ),
        lambda b: (equations.clear_denominators,),
    ),
    "the inverse on the wrong side": (
        lambda b: (equation(b.A @ b.G @ b.u, b.t), equation(b.u, b.A.I @ b.G.I @ b.t), b.u),
        lambda b: (equations.isolate, b.u),
    ),
    "the negative root is lost": (lambda b: (equation(b.x**2, b.c), equation(b.x, sqrt(b.c)), b.x), lambda b: None),
    "a root is gained by squaring": (lambda b: (equation(b.x, b.c), equation(b.x**2, b.c**2), b.x), lambda b: None),
    "the exponent is not inverted": (
        lambda b: (equation(b.c * b.h**3, b.y), equation(b.h, (b.y / b.c) ** 3), b.h),
        lambda b: None,
    ),
    "divided by what is subtracted": (
        lambda b: (equation(b.c * b.x, b.a), equation(b.x, b.a - b.c), b.x),
        lambda b: (equations.isolate, b.x),
    ),
    "added to one side": (
        lambda b: (equation(b.x - b.a, b.b), equation(b.x, b.b), b.x),
        lambda b: (equations.add_to_both_sides, b.a),
    ),
}


@pytest.mark.parametrize("mistake", EQUATIONS)
def test_a_mistake_in_an_equation_is_refuted(mistake):
    b = SampleSymbols()
    make, rule = EQUATIONS[mistake]
    before, after, unknown = make(b)
    right = rule(b)
    if right is not None:
        assert infer(right[0], before, b.proof.scope.about(unknown), *right[1:]).evidence.worlds >= 8
    assert refuses(equations.isolate, Formula(before, Relation.EQUIVALENT, after), b, unknown)


STRUCTURAL = {
    "a point that is on the constraint is not the least there": lambda b: Formula(
        b.b**2 + b.a**2, Relation.AT_MOST, b.x**2 + (b.x - b.a) ** 2
    ),
    "a maximum, by the sign of its slope": lambda b: minimises(sqrt(b.c), ArgMin(-b.h - b.c / b.h, b.h), unique=True),
    "half of the minimiser": lambda b: minimises(b.a / 2, ArgMin((b.x - b.a) ** 2, b.x), unique=True),
    "a maximum is no minimum": lambda b: minimises(b.a, ArgMin(-((b.x - b.a) ** 2), b.x), unique=True),
    "a saddle is no minimum": lambda b: minimises(ZERO, ArgMin(b.x**3, b.x), unique=False),
    "convex is not strictly convex": lambda b: minimises(b.w, ArgMin(norm2(b.X @ (b.v - b.w)), b.v), unique=True),
    "where they do not meet": lambda b: minimises(ZERO, ArgMin(maximum(1 - b.x, b.x - b.c), b.x), unique=True),
    "XᵀX is not definite": lambda b: positive_definite(b.X.T @ b.X),
    "a matrix is not definite": lambda b: positive_definite(b.A + b.A.T),
    "the Hessian of a difference": lambda b: positive_definite(hessian(norm2(b.X @ b.w) - b.c * norm2(b.w), b.w)),
    "a square may be zero or not, a number is not positive": lambda b: Formula(ZERO, Relation.LESS, b.x),
    "a derivative of the wrong sign": lambda b: Formula(ZERO, Relation.LESS, Derivative(exp(-b.h), b.h)),
    "it depends on x after all": lambda b: Formula(b.a * b.x, Relation.FREE_OF, b.x),
}


@pytest.mark.parametrize("mistake", STRUCTURAL)
def test_a_mistake_of_structure_is_refuted(mistake):
    b = SampleSymbols()
    formula = STRUCTURAL[mistake](b)
    assert refuses(prover.read_off, formula, b)


def test_the_true_ones_of_structure_hold():
    assert minimised(SampleSymbols(), (SampleSymbols().x - SampleSymbols().a) ** 2).evidence.worlds >= 8
    assert crossing(SampleSymbols()).evidence.worlds >= 8


def test_a_minimum_on_a_constraint_is_of_the_objective_along_it():
    b = SampleSymbols()
    best = minimised(b, (b.x - b.a) ** 2)
    solved = infer(equations.separate, equation(b.b - b.x, -b.a), b.proof.scope.about(b.b), b.b)
    rule, constraint = optimisation.minimum_on_constraint, equation(b.b, b.x - b.a)
    assert infer(rule, b.b**2, b.proof.scope, constraint, best, solved).evidence.worlds >= 4
    with pytest.raises(NotApplicable, match="on the constraint"):
        infer(rule, b.b**2 + b.b, b.proof.scope, constraint, best, solved)


def test_the_prover_does_not_show_what_is_false():
    b = SampleSymbols()
    for formula in (positive_definite(b.X.T @ b.X), Formula(ZERO, Relation.LESS, b.x), positive_definite(b.A)):
        with pytest.raises(DerivationError):
            infer(prover.read_off, formula, b.proof.scope)


def test_a_claim_of_another_kind_needs_a_structural_rule():
    b = SampleSymbols()
    claim = Formula(ZERO, Relation.LESS, b.c)
    bare = Rule("bare", "", "", lambda *_: Outcome(claim))
    with pytest.raises(DerivationError, match="structural"):
        infer(bare, claim, b.proof.scope)


def test_missing_conditions_are_named():
    b = SampleSymbols()
    with pytest.raises(ConditionMissing, match="x ≠ 0"):
        infer(rewriting.simplify, b.x / b.x, b.proof.scope)
    with pytest.raises(ConditionMissing, match="is invertible"):
        infer(rewriting.simplify, b.w + (b.X.T @ b.X).I @ b.X.T @ b.t + b.w, b.proof.scope)
    with pytest.raises((ConditionMissing, NotDecided)):
        infer(rewriting.simplify, log(b.x) + log(b.x), b.proof.scope)
