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


class Bench:
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


Example = Callable[[Bench], Step]


def _unfold(b: Bench) -> Step:
    f = b.proof.given("f", b.x**2 + 1, b.x)
    return b.step(rewriting.unfold, f(b.a))


def _fold(b: Bench) -> Step:
    f = b.proof.given("f", b.x**2 + 1, b.x)
    return b.step(rewriting.fold, 3 * (b.a**2 + 1), f(b.a))


def _squares(b: Bench) -> Step:
    return b.step(rewriting.expand, (b.a + b.b) * (b.a - b.b))


def _stationary(b: Bench, f: Term) -> tuple[Step, Step, ArgMin]:
    """Where a function of x with derivative 2(x − a) is stationary, and that it is strictly convex."""
    slope = b.step(derivatives.differentiate, gradient(f, b.x))
    zero = b.step(equations.rewrite_equation, equation(gradient(f, b.x), ZERO), slope, about=b.x)
    solved = chain(zero, b.step(equations.isolate, zero.claim.right, b.x, about=b.x))
    inserted = b.step(rewriting.insert, hessian(f, b.x), slope)
    bent = chain(inserted, b.step(derivatives.differentiate, inserted.after))
    return solved, b.step(prover.read_off, positive(hessian(f, b.x)), bent), ArgMin(f, b.x)


def _minimiser(b: Bench, f: Term) -> Step:
    solved, convex, objective = _stationary(b, f)
    return b.step(optimisation.minimiser, objective, solved, convex)


def _crossing(b: Bench) -> Step:
    falling, rising = 1 - b.x, b.x - b.c
    falls = b.step(derivatives.differentiate, Derivative(falling, b.x))
    rises = b.step(derivatives.differentiate, Derivative(rising, b.x))
    return b.step(
        optimisation.crossing,
        ArgMin(maximum(falling, rising), b.x),
        b.step(equations.isolate, equation(falling, rising), b.x, about=b.x),
        b.step(prover.read_off, negative(Derivative(falling, b.x)), falls),
        b.step(prover.read_off, positive(Derivative(rising, b.x)), rises),
    )


def _by_sign(b: Bench) -> Step:
    """Where h + c/h is least: its slope is (h + √c)/h² times h − √c."""
    f = b.h + b.c / b.h
    slope = b.step(derivatives.differentiate, gradient(f, b.h))
    factored = chain(slope, b.step(optimisation.split_off_root, slope.after, b.h, sqrt(b.c)))
    assert isinstance(factored.after, Multiply)
    share = b.step(prover.read_off, positive(multiply(*factored.after.factors[:-1])))
    return b.step(optimisation.minimiser_by_sign, ArgMin(f, b.h), factored, share)


def _on_constraint(b: Bench) -> Step:
    """x² where x = a: the Lagrangian x² − 2a(x − a) is least at a, which meets the equation."""
    f, multiplier, beyond = b.x**2, -2 * b.a, b.x - b.a
    best = _minimiser(b, f + multiplier * beyond)
    assert isinstance(best.claim.right, ArgMin)
    point = best.claim.left
    assert isinstance(point, Term)
    feasible = b.step(rewriting.restate, substitute(beyond, {b.x: point}), ZERO)
    opened = b.step(rewriting.restate, best.claim.right.body, f + multiplier * beyond)
    return b.step(optimisation.lagrange, f, equation(beyond, ZERO), best, feasible, opened, multiplier)


def counted(b: Bench) -> Term:
    """The variance of a sum over what is drawn from more than one."""
    b.proof.assume(nonzero(b.n - 1))
    return Variance(total(b.t[b.i] * b.s[b.i], b.i, b.n))


_EXAMPLES: dict[str, Example] = {
    "linear recursion": lambda b: b.step(recursions.linear_recursion, Iterate(b.p * b.x + b.c, b.x, b.a, b.n)),
    "split off a root": lambda b: b.step(optimisation.split_off_root, b.x**2 - b.a**2, b.x, b.a),
    "minimiser by the sign of the slope": _by_sign,
    "Lagrange": _on_constraint,
    "odd root": lambda b: b.step(equations.odd_root, equation(b.c * b.x**3, b.y), b.x, about=b.x),
    "undo a function": lambda b: b.step(equations.undo_function, equation(b.c * exp(b.x), b.y), b.x, about=b.x),
    "drop a factor": lambda b: b.step(equations.drop_factor, equation(b.c * (b.x - b.a), ZERO), b.x, about=b.x),
    "unfold": _unfold,
    "fold": _fold,
    "insert": lambda b: b.step(rewriting.insert, exp((b.a + b.b) * (b.a - b.b)), _squares(b)),
    "insert back": lambda b: b.step(rewriting.insert_back, b.a**2 - b.b**2, _squares(b)),
    "from a ratio": lambda b: b.step(rewriting.from_ratio, b.y, b.step(rewriting.simplify, b.y / b.c * b.c / b.c)),
    "evaluate at": lambda b: b.step(rewriting.evaluate_at, At(b.x**2 + b.x, b.x, ONE + ONE)),
    "restate": lambda b: b.step(rewriting.restate, b.a + b.b, b.b + b.a),
    "simplify": lambda b: b.step(rewriting.simplify, b.a + b.b + b.a),
    "expand": _squares,
    "distribute": lambda b: b.step(rewriting.distribute, b.c * (b.a + b.b)),
    "collect": lambda b: b.step(rewriting.collect, b.X.T @ (b.X @ b.w - b.t) + b.c * b.w, b.w),
    "factor": lambda b: b.step(rewriting.factor, b.a * b.b + b.a * b.c),
    "cancel": lambda b: b.step(rewriting.cancel, b.c * b.a / (b.c * (1 + b.y))),
    "common denominator": lambda b: b.step(rewriting.common_denominator, b.a / b.c + b.b / b.y),
    "split fraction": lambda b: b.step(rewriting.split_fraction, (b.a + b.b) / b.c),
    "norm": lambda b: b.step(rewriting.as_norm, b.w.T @ b.w),
    "inner product": lambda b: b.step(rewriting.as_inner_product, norm2(b.w - b.v)),
    "transpose laws": lambda b: b.step(rewriting.transpose_laws, (b.A @ b.X).T),
    "inverse laws": lambda b: b.step(rewriting.inverse_laws, (b.A @ b.G).I),
    "push through": lambda b: b.step(rewriting.push_through, b.X.T @ (b.X @ b.X.T + b.c * Identity(b.n)).I @ b.t),
    "pull through": lambda b: b.step(rewriting.pull_through, (b.X.T @ b.X + b.c * Identity(b.d)).I @ b.X.T @ b.t),
    "constant factor of a sum": lambda b: b.step(sums.pull_out_of_sum, total(b.c * b.t[b.i], b.i, b.n)),
    "sum of a sum": lambda b: b.step(sums.split_sum, total(b.t[b.i] + b.u[b.i], b.i, b.n)),
    "sum of a constant": lambda b: b.step(sums.constant_sum, total(b.c, b.i, b.n)),
    "power laws": lambda b: b.step(powers.power_laws, (b.c * b.y) ** b.a),
    "simplify in powers": lambda b: b.step(powers.simplify_in_powers, b.c ** (b.a / b.y + b.a / b.y)),
    "root of a square": lambda b: b.step(powers.root_of_square, sqrt(b.c**2)),
    "log laws": lambda b: b.step(powers.log_laws, log(b.c * b.y**3)),
    "absolute value of a product": lambda b: b.step(powers.absolute_of_product, absolute(b.c * b.x)),
    "sign of a product": lambda b: b.step(powers.sign_of_product, sign(b.c * b.x)),
    "sign and absolute value": lambda b: b.step(powers.sign_times_itself, b.x * sign(b.x)),
    "quotient by an absolute value": lambda b: b.step(powers.over_absolute, b.c / absolute(b.c)),
    "separate": lambda b: b.step(equations.separate, equation(b.c * b.x - b.a, ZERO), b.x, about=b.x),
    "clear denominators": lambda b: b.step(equations.clear_denominators, equation(b.x / b.c, b.a), about=b.x),
    "common factor": lambda b: b.step(equations.common_factor, equation(2 * b.A @ b.u, 4 * b.t), about=b.u),
    "isolate": lambda b: b.step(equations.isolate, equation(b.A @ b.u, b.t), b.u, about=b.u),
    "positive root": lambda b: b.step(equations.positive_root, equation(b.h**2, b.c), b.h, about=b.h),
    "divide both sides": lambda b: b.step(equations.divide_both_sides, equation(b.c * b.x, b.c * b.a), b.c, about=b.x),
    "multiply both sides": lambda b: b.step(equations.multiply_both_sides, equation(b.x, b.a), b.c, about=b.x),
    "add to both sides": lambda b: b.step(equations.add_to_both_sides, equation(b.x - b.a, ZERO), b.a, about=b.x),
    "invert a power": lambda b: b.step(equations.invert_power, equation(b.c * b.h**b.y, b.p), b.h, about=b.h),
    "set equal": lambda b: b.step(
        equations.rewrite_equation, equation((b.a + b.b) * (b.a - b.b), ZERO), _squares(b), about=b.a
    ),
    "differential of a constant": lambda b: b.step(differentials.differential_of_constant, Differential(b.a, b.x)),
    "differential of a sum": lambda b: b.step(differentials.differential_of_sum, Differential(b.w + b.v, b.w)),
    "differential of a product": lambda b: b.step(differentials.differential_of_product, Differential(b.X @ b.w, b.w)),
    "differential of a transpose": lambda b: b.step(
        differentials.differential_of_transpose, Differential(transpose(b.X), b.X)
    ),
    "differential of a trace": lambda b: b.step(
        differentials.differential_of_trace, Differential(trace(b.A @ b.G), b.A)
    ),
    "differential of a squared norm": lambda b: b.step(
        differentials.differential_of_squared_norm, Differential(SquaredNorm(b.X @ b.w - b.t), b.w)
    ),
    "differential of an entry": lambda b: b.step(
        differentials.differential_of_entry, Differential(Entry(b.A @ b.u, (ONE,)), b.u)
    ),
    "differential of a column": lambda b: b.step(
        differentials.differential_of_column, Differential(Each(Entry(b.u, (b.i,)) ** 2, b.i, b.n), b.u)
    ),
    "differential of a Hadamard product": lambda b: b.step(
        differentials.differential_of_hadamard_product, Differential(Hadamard((b.t, b.u)), b.u)
    ),
    "differential of a Hadamard power": lambda b: b.step(
        differentials.differential_of_hadamard_power, Differential(HadamardPower(b.u, ONE + ONE + ONE), b.u)
    ),
    "differential of a diagonal": lambda b: b.step(
        differentials.differential_of_diagonal, Differential(Diagonal(b.A @ b.u), b.u)
    ),
    "differential of a Kronecker product": lambda b: b.step(
        differentials.differential_of_kronecker_product, Differential(Kronecker(b.A, b.G), b.A)
    ),
    "differential of a vec": lambda b: b.step(differentials.differential_of_vec, Differential(vec(b.A @ b.G), b.A)),
    "Kronecker products": lambda b: b.step(kronecker.kronecker_laws, Kronecker(b.A, b.G) @ vec(b.G @ b.A)),
    "without indices": lambda b: b.step(arrays.without_indices, Each(b.c * b.t[b.i] * b.u[b.i] ** 2, b.i, b.n)),
    "as a diagonal": lambda b: b.step(arrays.as_diagonal, b.X.T @ hadamard(b.t, b.u), b.u),
    "common matrix factor": lambda b: b.step(factors.common_matrix_factor, b.X.T @ b.t - b.c * b.X.T @ b.u),
    "geometric sum": lambda b: b.step(recursions.geometric_sum, total((b.c + 1) ** (b.n - b.i), b.i, b.n)),
    "mask as a linear map": lambda b: b.step(quadratic_forms.mask_as_linear_map, Expectation(hadamard(b.m, b.u))),
    "variance of a bilinear form": lambda b: b.step(quadratic_forms.variance_of_bilinear_form, Variance(b.g.T @ b.e)),
    "variance of a quadratic form of independent entries": lambda b: b.step(
        quadratic_forms.variance_of_form_of_entries, Variance(b.e.T @ b.e)
    ),
    "sum of entries": lambda b: b.step(sums.in_vectors, total(b.t[b.i] * b.u[b.i], b.i, b.n)),
    "sum over rows": lambda b: b.step(sums.sum_over_rows, total(b.t[b.i] * b.X.T @ Unit(b.i, b.n), b.i, b.n)),
    "laws of diagonals": lambda b: b.step(arrays.diagonal_laws, Diagonal(b.t) @ b.u),
    "softmax": lambda b: b.step(arrays.as_softmax, exp(b.u) / (Ones(1, b.n) @ exp(b.u))),
    "differential of a matrix power": lambda b: b.step(
        differentials.differential_of_matrix_power, Differential(b.A**3, b.A)
    ),
    "differential of an inverse": lambda b: b.step(differentials.differential_of_inverse, Differential(b.A.I, b.A)),
    "differential of a determinant": lambda b: b.step(
        differentials.differential_of_determinant, Differential(Determinant(b.A), b.A)
    ),
    "differential of a power": lambda b: b.step(
        differentials.differential_of_power, Differential(power(b.x, ONE + ONE + ONE), b.x)
    ),
    "differential of a function": lambda b: b.step(
        differentials.differential_of_function, Differential(exp(b.a * b.x), b.x)
    ),
    "differential of an expectation": lambda b: b.step(
        differentials.differential_of_expectation, Differential(Expectation(b.x * b.m[1]), b.x)
    ),
    "differential of a softmax": lambda b: b.step(
        differentials.differential_of_softmax, Differential(softmax_of(b.u), b.u)
    ),
    "differential of a name": lambda b: b.step(
        differentials.differential_of_name, Differential(b.proof.given("f", b.x**2, b.x)(b.x), b.x)
    ),
    "differentiate": lambda b: b.step(derivatives.differentiate, gradient(norm2(b.X @ b.w - b.t), b.w)),
    "limit": lambda b: b.step(limits.limit, Limit(b.c * b.h / (b.h + b.y), b.h, INFINITY)),
    "limit of a power": lambda b: b.step(limits.limit_of_power, Limit(b.a + (b.c / b.h) ** b.y, b.h, INFINITY)),
    "linearity of expectation": lambda b: b.step(expectations.linearity, Expectation(b.a * b.m[1] + b.b)),
    "centred": lambda b: b.step(expectations.centred, Expectation(b.m[1] - Expectation(b.m[1]))),
    "bias and variance": lambda b: b.step(expectations.bias_and_variance, Expectation((b.m[1] - b.a) ** 2)),
    "mean of a law": lambda b: b.step(expectations.mean_of_law, Expectation(b.m[1])),
    "expectation of independent factors": lambda b: b.step(
        expectations.independent_product, Expectation(b.m[1] * b.e[1])
    ),
    "second moment": lambda b: b.step(expectations.second_moment, Expectation(b.m[1] ** 2)),
    "add and subtract the mean": lambda b: b.step(
        expectations.add_and_subtract_mean, Expectation((b.m[1] - b.a) ** 2), b.m[1]
    ),
    "square of two parts": lambda b: b.step(expectations.square_of_two_parts, (b.a + b.b + b.c) ** 2, b.a + b.b),
    "variance": lambda b: b.step(expectations.as_variance, Expectation((b.m[1] - Expectation(b.m[1])) ** 2)),
    "definition of variance": lambda b: b.step(expectations.unfold_variance, Variance(b.m[1])),
    "variance of a multiple": lambda b: b.step(expectations.variance_of_multiple, Variance(b.a * b.m[1])),
    "variance of a shift": lambda b: b.step(expectations.variance_of_shift, Variance(b.m[1] + b.a)),
    "variance of an independent sum": lambda b: b.step(
        expectations.variance_of_independent_sum, Variance(total(b.m[b.i], b.i, b.n))
    ),
    "variance of a law": lambda b: b.step(expectations.variance_of_law, Variance(b.m[1])),
    "total variance": lambda b: b.step(expectations.total_variance, Variance(b.m[1] * b.e[1]), b.m),
    "moment of a law": lambda b: b.step(moments.moment_of_law, Expectation(b.e[1] ** 4)),
    "conditional mean first": lambda b: b.step(moments.conditional_mean_first, Expectation(b.k**2 * b.N)),
    "variance given others": lambda b: b.step(moments.variance_given_others, Variance(b.k)),
    "variance by moments": lambda b: b.step(moments.variance_by_moments, Variance(b.m[1] * b.e[1])),
    "covariance by moments": lambda b: b.step(moments.covariance_by_moments, Covariance(b.e[1], b.e[1] ** 2)),
    "product by covariance": lambda b: b.step(
        moments.product_by_covariance, Expectation((b.t.T @ b.g) * (b.u.T @ b.g))
    ),
    "mean over finitely many values": lambda b: b.step(moments.mean_over_values, Expectation(exp(b.m[1]))),
    "equal and different indices": lambda b: b.step(
        families.equal_and_different_indices, Expectation(total(b.e[b.i], b.i, b.n) ** 2)
    ),
    "products as sums over entries": lambda b: b.step(families.in_entries, Expectation((b.t.T @ b.e) ** 2)),
    "one letter for an index": lambda b: b.step(
        families.one_letter, total(b.t[b.j], b.j, b.n) + total(b.u[b.i], b.i, b.n)
    ),
    "variance of a sum": lambda b: b.step(covariance.variance_of_sum, Variance(b.e[1] + b.m[1] * b.e[1])),
    "covariance, term by term": lambda b: b.step(
        covariance.covariance_term_by_term, Covariance(b.a * b.e[1] + b.m[1], b.e[1])
    ),
    "variance of a linear map": lambda b: b.step(covariance.variance_of_linear_map, Variance(b.A @ b.g)),
    "covariance of independent terms": lambda b: b.step(
        covariance.covariance_of_independent, Covariance(b.m[1], b.e[1])
    ),
    "covariance of sums over one index": lambda b: b.step(
        covariance.covariance_of_sums,
        Covariance(total(b.t[b.i] * b.e[b.i], b.i, b.n), total(b.u[b.i] * b.e[b.i], b.i, b.n)),
    ),
    "covariance, sum by sum": lambda b: b.step(
        random_vectors.covariance_sum_by_sum, Variance(total(b.g[b.i], b.i, b.n))
    ),
    "given the rest first": lambda b: b.step(covariance.given_rest_first, Variance(b.k * b.N)),
    "covariance of two entries": lambda b: b.step(random_vectors.covariance_of_entries, Covariance(b.g[1], b.g[1])),
    "total mean": lambda b: b.step(covariance.total_mean, Expectation(b.m[1] * b.e[1]), b.m),
    "total covariance": lambda b: b.step(covariance.total_covariance, Covariance(b.m[1] * b.e[1], b.m[1]), b.m),
    "variance of a sum of counts": lambda b: b.step(covariance.variance_of_counts, counted(b)),
    "mean of a product of two vectors": lambda b: b.step(
        random_vectors.mean_of_two_vectors, Expectation(b.g.T @ b.A @ b.g)
    ),
    "covariance of quadratic forms of a Gaussian vector": lambda b: b.step(
        random_vectors.covariance_of_gaussian_forms, Variance(b.g.T @ b.S @ b.g)
    ),
    "Gaussian moments by pairs": lambda b: b.step(
        random_vectors.gaussian_pairs, Expectation((b.t.T @ b.g) * (b.u.T @ b.g) ** 2)
    ),
    "matrix of independent entries": lambda b: b.step(random_vectors.independent_entries, Variance(b.W @ b.v)),
    "sums in whole matrices": lambda b: b.step(
        random_vectors.in_matrices, total(total(b.t[b.i] * b.A[b.i, b.j] * b.u[b.j], b.i, b.n), b.j, b.n)
    ),
    "trace laws": lambda b: b.step(random_vectors.trace_laws, trace(b.c * b.A + Identity(b.n))),
    "minimiser": lambda b: _minimiser(b, (b.x - b.a) ** 2),
    "minimiser through an increasing function": lambda b: b.step(
        optimisation.minimiser_of_log, ArgMin(exp((b.x - b.a) ** 2), b.x), _minimiser(b, log(exp((b.x - b.a) ** 2)))
    ),
    "minimum on a constraint": lambda b: b.step(
        optimisation.minimum_on_constraint,
        b.b**2,
        equation(b.b, b.x - b.a),
        _minimiser(b, (b.x - b.a) ** 2),
        b.step(equations.separate, equation(b.b - b.x, -b.a), b.b, about=b.b),
    ),
    "minimum of a maximum": _crossing,
    "larger absolute value": lambda b: b.step(
        optimisation.larger_absolute, maximum(absolute(b.x + b.c), absolute(b.x - b.c))
    ),
    "read off": lambda b: b.step(prover.read_off, positive_definite(b.X.T @ b.X + b.c * Identity(b.d))),
    "independence": lambda b: b.step(prover.free_of, Formula(b.a * b.c, Relation.FREE_OF, b.x)),
    "specialise": lambda b: b.step(specialise, _squares(b).claim.formula, _squares(b), {"b": ONE}),
}


def example(name: str) -> Step | None:
    """The example of a rule, certified; None for a rule that has none."""
    make = _EXAMPLES.get(name)
    return make(Bench()) if make else None
