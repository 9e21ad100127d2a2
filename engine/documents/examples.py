"""An example of every rule, small enough to see through. Each is worked out and certified when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.kernel import Rule, Step, chain, infer
from engine.proofs.derivation import Proof
from engine.rules.algebra import arrays, equations, factors, kronecker, powers, recursions, rewriting, sums
from engine.rules.algebra.specialising import specialise
from engine.rules.calculus import derivatives, differentials, limits, optimisation
from engine.rules.order import prover
from engine.rules.probability import covariance, expectations, families, moments, quadratic_forms, random_vectors
from engine.terms import (
    INFINITY,
    ONE,
    ZERO,
    ArgMin,
    At,
    Covariance,
    Derivative,
    Determinant,
    Diagonal,
    Differential,
    Each,
    Entry,
    Expectation,
    Hadamard,
    HadamardPower,
    Identity,
    Iterate,
    Kronecker,
    Limit,
    Multiply,
    Ones,
    SquaredNorm,
    Symbol,
    Term,
    Unit,
    Variance,
    absolute,
    exp,
    gradient,
    hadamard,
    hessian,
    log,
    maximum,
    multiply,
    norm2,
    power,
    sign,
    sqrt,
    substitute,
    total,
    trace,
    transpose,
    vec,
)
from engine.terms.declarations import INVERTIBLE, POSITIVE, POSITIVE_SEMIDEFINITE, UNIT_INTERVAL
from engine.terms.formulas import Formula, Relation, equation, negative, nonzero, positive, positive_definite
from engine.terms.laws import Bernoulli, Binomial, Draws, Normal, NormalVector, Poisson
from engine.terms.standard import softmax_of


class SampleSymbols:
    """Symbols to try rules on: vectors and matrices of sizes n and d, numbers of every sign, random families."""

    def __init__(self) -> None:
        proof = self.proof = Proof({})
        n, d = proof.size("n"), proof.size("d")
        self.X, self.Y = proof.matrix("X", n, d), proof.matrix("Y", n, d)
        self.A, self.G = proof.matrix("A", n, n, INVERTIBLE), proof.matrix("G", n, n, INVERTIBLE)
        self.t, self.u = proof.vector("t", n), proof.vector("u", n)
        self.v, self.w = proof.vector("v", d), proof.vector("w", d)
        self.a, self.b, self.x = (proof.scalar(name) for name in "abx")
        self.c, self.h, self.y = (proof.scalar(name, POSITIVE) for name in "chy")
        self.p, self.r = proof.scalar("p", UNIT_INTERVAL), proof.scalar("r", UNIT_INTERVAL)
        self.n, self.d, self.i, self.j = n, d, Symbol("i"), Symbol("j")
        self.m = proof.random("m", Bernoulli(self.p), n)
        self.e = proof.random("e", Normal(self.a, self.c**2), n)
        self.S = proof.matrix("S", n, n, POSITIVE_SEMIDEFINITE)
        self.g = proof.random("g", NormalVector(self.t, self.S), n)
        self.s = proof.random("s", Draws(self.d, self.n, replaced=False), n)
        self.W = proof.random("W", Normal(ZERO, self.c), n, d)
        self.N = proof.random("N", Poisson(self.c))
        self.k = proof.random("k", Binomial(self.N, self.p))

    def step(self, rule: Rule, subject: Term | Formula | None, *arguments: Any, about: Symbol | None = None) -> Step:
        assert subject is not None
        return infer(rule, subject, self.proof.scope.about(about), *arguments)


def _unfold(b: SampleSymbols) -> Step:
    f = b.proof.given("f", b.x**2 + 1, b.x)
    return b.step(rewriting.unfold, f(b.a))


def _fold(b: SampleSymbols) -> Step:
    f = b.proof.given("f", b.x**2 + 1, b.x)
    return b.step(rewriting.fold, 3 * (b.a**2 + 1), f(b.a))


def _squares(b: SampleSymbols) -> Step:
    return b.step(rewriting.expand, (b.a + b.b) * (b.a - b.b))


def _stationary(b: SampleSymbols, f: Term) -> tuple[Step, Step, ArgMin]:
    """Where a function of x with derivative 2(x − a) is stationary, and that it is strictly convex."""
    slope = b.step(derivatives.differentiate, gradient(f, b.x))
    zero = b.step(equations.rewrite_equation, equation(gradient(f, b.x), ZERO), slope, about=b.x)
    solved = chain(zero, b.step(equations.isolate, zero.claim.right, b.x, about=b.x))
    inserted = b.step(rewriting.insert, hessian(f, b.x), slope)
    bent = chain(inserted, b.step(derivatives.differentiate, inserted.after))
    return solved, b.step(prover.read_off, positive(hessian(f, b.x)), bent), ArgMin(f, b.x)


def minimised(b: SampleSymbols, f: Term) -> Step:
    """Where such a function is least."""
    solved, convex, objective = _stationary(b, f)
    return b.step(optimisation.minimiser, objective, solved, convex)


def crossing(b: SampleSymbols) -> Step:
    """Where the larger of 1 − x and x − c is least."""
    falling, rising = 1 - b.x, b.x - b.c
    falls = b.step(derivatives.differentiate, Derivative(falling, b.x))
    rises = b.step(derivatives.differentiate, Derivative(rising, b.x))
    return b.step(
        optimisation.minimum_of_maximum,
        ArgMin(maximum(falling, rising), b.x),
        b.step(equations.isolate, equation(falling, rising), b.x, about=b.x),
        b.step(prover.read_off, negative(Derivative(falling, b.x)), falls),
        b.step(prover.read_off, positive(Derivative(rising, b.x)), rises),
    )


def _by_sign(b: SampleSymbols) -> Step:
    """Where h + c/h is least: its slope is (h + √c)/h² times h − √c."""
    f = b.h + b.c / b.h
    slope = b.step(derivatives.differentiate, gradient(f, b.h))
    factored = chain(slope, b.step(optimisation.split_off_root, slope.after, b.h, sqrt(b.c)))
    assert isinstance(factored.after, Multiply)
    share = b.step(prover.read_off, positive(multiply(*factored.after.factors[:-1])))
    return b.step(optimisation.minimiser_by_sign_of_slope, ArgMin(f, b.h), factored, share)


def _on_constraint(b: SampleSymbols) -> Step:
    """x² where x = a: the Lagrangian x² − 2a(x − a) is least at a, which meets the equation."""
    f, multiplier, beyond = b.x**2, -2 * b.a, b.x - b.a
    best = minimised(b, f + multiplier * beyond)
    assert isinstance(best.claim.right, ArgMin)
    point = best.claim.left
    assert isinstance(point, Term)
    feasible = b.step(rewriting.restate, substitute(beyond, {b.x: point}), ZERO)
    opened = b.step(rewriting.restate, best.claim.right.body, f + multiplier * beyond)
    return b.step(optimisation.lagrange_multiplier, f, equation(beyond, ZERO), best, feasible, opened, multiplier)


def counted(b: SampleSymbols) -> Term:
    """The variance of a sum over what is drawn from more than one."""
    b.proof.assume(nonzero(b.n - 1))
    return Variance(total(b.t[b.i] * b.s[b.i], b.i, b.n))


_APPLIED: dict[Rule, Callable[[SampleSymbols], tuple[Any, ...]]] = {  # a rule, what it is applied to, its arguments
    recursions.linear_recursion: lambda b: (Iterate(b.p * b.x + b.c, b.x, b.a, b.n),),
    optimisation.split_off_root: lambda b: (b.x**2 - b.a**2, b.x, b.a),
    rewriting.insert: lambda b: (exp((b.a + b.b) * (b.a - b.b)), _squares(b)),
    rewriting.insert_back: lambda b: (b.a**2 - b.b**2, _squares(b)),
    rewriting.from_ratio: lambda b: (b.y, b.step(rewriting.simplify, b.y / b.c * b.c / b.c)),
    rewriting.evaluate_at: lambda b: (At(b.x**2 + b.x, b.x, ONE + ONE),),
    rewriting.restate: lambda b: (b.a + b.b, b.b + b.a),
    rewriting.simplify: lambda b: (b.a + b.b + b.a,),
    rewriting.distribute: lambda b: (b.c * (b.a + b.b),),
    rewriting.collect: lambda b: (b.X.T @ (b.X @ b.w - b.t) + b.c * b.w, b.w),
    rewriting.factor: lambda b: (b.a * b.b + b.a * b.c,),
    rewriting.cancel: lambda b: (b.c * b.a / (b.c * (1 + b.y)),),
    rewriting.common_denominator: lambda b: (b.a / b.c + b.b / b.y,),
    rewriting.split_fraction: lambda b: ((b.a + b.b) / b.c,),
    rewriting.as_norm: lambda b: (b.w.T @ b.w,),
    rewriting.as_inner_product: lambda b: (norm2(b.w - b.v),),
    rewriting.transpose_laws: lambda b: ((b.A @ b.X).T,),
    rewriting.inverse_laws: lambda b: ((b.A @ b.G).I,),
    rewriting.push_through: lambda b: (b.X.T @ (b.X @ b.X.T + b.c * Identity(b.n)).I @ b.t,),
    rewriting.pull_through: lambda b: ((b.X.T @ b.X + b.c * Identity(b.d)).I @ b.X.T @ b.t,),
    sums.constant_factor_of_sum: lambda b: (total(b.c * b.t[b.i], b.i, b.n),),
    sums.split_sum: lambda b: (total(b.t[b.i] + b.u[b.i], b.i, b.n),),
    sums.sum_of_constant: lambda b: (total(b.c, b.i, b.n),),
    powers.power_laws: lambda b: ((b.c * b.y) ** b.a,),
    powers.simplify_in_powers: lambda b: (b.c ** (b.a / b.y + b.a / b.y),),
    powers.root_of_square: lambda b: (sqrt(b.c**2),),
    powers.log_laws: lambda b: (log(b.c * b.y**3),),
    powers.absolute_value_of_product: lambda b: (absolute(b.c * b.x),),
    powers.sign_of_product: lambda b: (sign(b.c * b.x),),
    powers.sign_and_absolute_value: lambda b: (b.x * sign(b.x),),
    powers.quotient_by_absolute_value: lambda b: (b.c / absolute(b.c),),
    differentials.differential_of_constant: lambda b: (Differential(b.a, b.x),),
    differentials.differential_of_sum: lambda b: (Differential(b.w + b.v, b.w),),
    differentials.differential_of_product: lambda b: (Differential(b.X @ b.w, b.w),),
    differentials.differential_of_transpose: lambda b: (Differential(transpose(b.X), b.X),),
    differentials.differential_of_trace: lambda b: (Differential(trace(b.A @ b.G), b.A),),
    differentials.differential_of_squared_norm: lambda b: (Differential(SquaredNorm(b.X @ b.w - b.t), b.w),),
    differentials.differential_of_entry: lambda b: (Differential(Entry(b.A @ b.u, (ONE,)), b.u),),
    differentials.differential_of_column: lambda b: (Differential(Each(Entry(b.u, (b.i,)) ** 2, b.i, b.n), b.u),),
    differentials.differential_of_hadamard_product: lambda b: (Differential(Hadamard((b.t, b.u)), b.u),),
    differentials.differential_of_hadamard_power: lambda b: (Differential(HadamardPower(b.u, ONE + ONE + ONE), b.u),),
    differentials.differential_of_diagonal: lambda b: (Differential(Diagonal(b.A @ b.u), b.u),),
    differentials.differential_of_kronecker_product: lambda b: (Differential(Kronecker(b.A, b.G), b.A),),
    differentials.differential_of_vec: lambda b: (Differential(vec(b.A @ b.G), b.A),),
    kronecker.kronecker_laws: lambda b: (Kronecker(b.A, b.G) @ vec(b.G @ b.A),),
    arrays.without_indices: lambda b: (Each(b.c * b.t[b.i] * b.u[b.i] ** 2, b.i, b.n),),
    arrays.as_diagonal: lambda b: (b.X.T @ hadamard(b.t, b.u), b.u),
    factors.common_matrix_factor: lambda b: (b.X.T @ b.t - b.c * b.X.T @ b.u,),
    recursions.geometric_sum: lambda b: (total((b.c + 1) ** (b.n - b.i), b.i, b.n),),
    quadratic_forms.mask_as_linear_map: lambda b: (Expectation(hadamard(b.m, b.u)),),
    quadratic_forms.variance_of_bilinear_form: lambda b: (Variance(b.g.T @ b.e),),
    quadratic_forms.variance_of_quadratic_form: lambda b: (Variance(b.e.T @ b.e),),
    sums.in_vectors: lambda b: (total(b.t[b.i] * b.u[b.i], b.i, b.n),),
    sums.sum_over_rows: lambda b: (total(b.t[b.i] * b.X.T @ Unit(b.i, b.n), b.i, b.n),),
    arrays.diagonal_laws: lambda b: (Diagonal(b.t) @ b.u,),
    arrays.as_softmax: lambda b: (exp(b.u) / (Ones(1, b.n) @ exp(b.u)),),
    differentials.differential_of_matrix_power: lambda b: (Differential(b.A**3, b.A),),
    differentials.differential_of_inverse: lambda b: (Differential(b.A.I, b.A),),
    differentials.differential_of_determinant: lambda b: (Differential(Determinant(b.A), b.A),),
    differentials.differential_of_power: lambda b: (Differential(power(b.x, ONE + ONE + ONE), b.x),),
    differentials.differential_of_function: lambda b: (Differential(exp(b.a * b.x), b.x),),
    differentials.differential_of_expectation: lambda b: (Differential(Expectation(b.x * b.m[1]), b.x),),
    differentials.differential_of_softmax: lambda b: (Differential(softmax_of(b.u), b.u),),
    differentials.differential_of_name: lambda b: (Differential(b.proof.given("f", b.x**2, b.x)(b.x), b.x),),
    derivatives.differentiate: lambda b: (gradient(norm2(b.X @ b.w - b.t), b.w),),
    limits.limit: lambda b: (Limit(b.c * b.h / (b.h + b.y), b.h, INFINITY),),
    limits.limit_of_power: lambda b: (Limit(b.a + (b.c / b.h) ** b.y, b.h, INFINITY),),
    expectations.linearity_of_expectation: lambda b: (Expectation(b.a * b.m[1] + b.b),),
    expectations.centred: lambda b: (Expectation(b.m[1] - Expectation(b.m[1])),),
    expectations.bias_and_variance: lambda b: (Expectation((b.m[1] - b.a) ** 2),),
    expectations.mean_of_law: lambda b: (Expectation(b.m[1]),),
    expectations.expectation_of_independent_factors: lambda b: (Expectation(b.m[1] * b.e[1]),),
    expectations.second_moment: lambda b: (Expectation(b.m[1] ** 2),),
    expectations.add_and_subtract_mean: lambda b: (Expectation((b.m[1] - b.a) ** 2), b.m[1]),
    expectations.square_of_two_parts: lambda b: ((b.a + b.b + b.c) ** 2, b.a + b.b),
    expectations.as_variance: lambda b: (Expectation((b.m[1] - Expectation(b.m[1])) ** 2),),
    expectations.definition_of_variance: lambda b: (Variance(b.m[1]),),
    expectations.variance_of_multiple: lambda b: (Variance(b.a * b.m[1]),),
    expectations.variance_of_shift: lambda b: (Variance(b.m[1] + b.a),),
    expectations.variance_of_independent_sum: lambda b: (Variance(total(b.m[b.i], b.i, b.n)),),
    expectations.variance_of_law: lambda b: (Variance(b.m[1]),),
    expectations.total_variance: lambda b: (Variance(b.m[1] * b.e[1]), b.m),
    moments.moment_of_law: lambda b: (Expectation(b.e[1] ** 4),),
    moments.conditional_mean_first: lambda b: (Expectation(b.k**2 * b.N),),
    moments.variance_given_others: lambda b: (Variance(b.k),),
    moments.variance_by_moments: lambda b: (Variance(b.m[1] * b.e[1]),),
    moments.covariance_by_moments: lambda b: (Covariance(b.e[1], b.e[1] ** 2),),
    moments.product_by_covariance: lambda b: (Expectation((b.t.T @ b.g) * (b.u.T @ b.g)),),
    moments.mean_over_values: lambda b: (Expectation(exp(b.m[1])),),
    families.equal_and_different_indices: lambda b: (Expectation(total(b.e[b.i], b.i, b.n) ** 2),),
    families.in_entries: lambda b: (Expectation((b.t.T @ b.e) ** 2),),
    families.one_letter_for_index: lambda b: (total(b.t[b.j], b.j, b.n) + total(b.u[b.i], b.i, b.n),),
    covariance.variance_of_sum: lambda b: (Variance(b.e[1] + b.m[1] * b.e[1]),),
    covariance.covariance_term_by_term: lambda b: (Covariance(b.a * b.e[1] + b.m[1], b.e[1]),),
    covariance.variance_of_linear_map: lambda b: (Variance(b.A @ b.g),),
    covariance.covariance_of_independent_terms: lambda b: (Covariance(b.m[1], b.e[1]),),
    covariance.covariance_of_sums: lambda b: (
        Covariance(total(b.t[b.i] * b.e[b.i], b.i, b.n), total(b.u[b.i] * b.e[b.i], b.i, b.n)),
    ),
    random_vectors.covariance_sum_by_sum: lambda b: (Variance(total(b.g[b.i], b.i, b.n)),),
    covariance.given_rest_first: lambda b: (Variance(b.k * b.N),),
    random_vectors.covariance_of_entries: lambda b: (Covariance(b.g[1], b.g[1]),),
    covariance.total_mean: lambda b: (Expectation(b.m[1] * b.e[1]), b.m),
    covariance.total_covariance: lambda b: (Covariance(b.m[1] * b.e[1], b.m[1]), b.m),
    covariance.variance_of_counts: lambda b: (counted(b),),
    random_vectors.mean_of_product_of_vectors: lambda b: (Expectation(b.g.T @ b.A @ b.g),),
    random_vectors.covariance_of_quadratic_forms: lambda b: (Variance(b.g.T @ b.S @ b.g),),
    random_vectors.moments_by_pairs: lambda b: (Expectation((b.t.T @ b.g) * (b.u.T @ b.g) ** 2),),
    random_vectors.matrix_of_independent_entries: lambda b: (Variance(b.W @ b.v),),
    random_vectors.in_matrices: lambda b: (total(total(b.t[b.i] * b.A[b.i, b.j] * b.u[b.j], b.i, b.n), b.j, b.n),),
    random_vectors.trace_laws: lambda b: (trace(b.c * b.A + Identity(b.n)),),
    optimisation.minimiser_of_log: lambda b: (
        ArgMin(exp((b.x - b.a) ** 2), b.x),
        minimised(b, log(exp((b.x - b.a) ** 2))),
    ),
    optimisation.minimum_on_constraint: lambda b: (
        b.b**2,
        equation(b.b, b.x - b.a),
        minimised(b, (b.x - b.a) ** 2),
        b.step(equations.separate, equation(b.b - b.x, -b.a), b.b, about=b.b),
    ),
    optimisation.larger_absolute_value: lambda b: (maximum(absolute(b.x + b.c), absolute(b.x - b.c)),),
    prover.read_off: lambda b: (positive_definite(b.X.T @ b.X + b.c * Identity(b.d)),),
    prover.free_of: lambda b: (Formula(b.a * b.c, Relation.FREE_OF, b.x),),
    prover.free_in_worlds: lambda b: (Formula((b.a + b.x) ** 2 - 2 * b.a * b.x - b.x**2, Relation.FREE_OF, b.x),),
    specialise: lambda b: (_squares(b).claim.formula, _squares(b), {"b": ONE}),
}
_MADE: dict[Rule, Callable[[SampleSymbols], Step]] = {  # of equations in an unknown, and what takes several steps
    optimisation.minimiser_by_sign_of_slope: _by_sign,
    optimisation.lagrange_multiplier: _on_constraint,
    equations.odd_root: lambda b: b.step(equations.odd_root, equation(b.c * b.x**3, b.y), b.x, about=b.x),
    equations.undo_function: lambda b: b.step(equations.undo_function, equation(b.c * exp(b.x), b.y), b.x, about=b.x),
    equations.drop_factor: lambda b: b.step(equations.drop_factor, equation(b.c * (b.x - b.a), ZERO), b.x, about=b.x),
    rewriting.unfold: _unfold,
    rewriting.fold: _fold,
    rewriting.expand: _squares,
    equations.separate: lambda b: b.step(equations.separate, equation(b.c * b.x - b.a, ZERO), b.x, about=b.x),
    equations.clear_denominators: lambda b: b.step(equations.clear_denominators, equation(b.x / b.c, b.a), about=b.x),
    equations.common_factor: lambda b: b.step(equations.common_factor, equation(2 * b.A @ b.u, 4 * b.t), about=b.u),
    equations.isolate: lambda b: b.step(equations.isolate, equation(b.A @ b.u, b.t), b.u, about=b.u),
    equations.positive_root: lambda b: b.step(equations.positive_root, equation(b.h**2, b.c), b.h, about=b.h),
    equations.divide_both_sides: lambda b: b.step(
        equations.divide_both_sides, equation(b.c * b.x, b.c * b.a), b.c, about=b.x
    ),
    equations.multiply_both_sides: lambda b: b.step(equations.multiply_both_sides, equation(b.x, b.a), b.c, about=b.x),
    equations.add_to_both_sides: lambda b: b.step(
        equations.add_to_both_sides, equation(b.x - b.a, ZERO), b.a, about=b.x
    ),
    equations.invert_power: lambda b: b.step(equations.invert_power, equation(b.c * b.h**b.y, b.p), b.h, about=b.h),
    equations.rewrite_equation: lambda b: b.step(
        equations.rewrite_equation, equation((b.a + b.b) * (b.a - b.b), ZERO), _squares(b), about=b.a
    ),
    optimisation.minimiser: lambda b: minimised(b, (b.x - b.a) ** 2),
    optimisation.minimum_of_maximum: crossing,
}


def example(rule: Rule) -> Step | None:
    """The example of a rule, certified; None for a rule that has none."""
    setting = SampleSymbols()
    if rule in _APPLIED:
        return setting.step(rule, *_APPLIED[rule](setting))
    return _MADE[rule](setting) if rule in _MADE else None
