"""Ridge regression: least squares with a penalty on the size of the weights."""

from engine.author import (
    POSITIVE,
    ZERO,
    ArgMin,
    At,
    Proof,
    clear_denominators,
    collect,
    common_factor,
    derivation,
    differentiate,
    evaluate_at,
    gradient,
    hessian,
    in_vectors,
    insert,
    isolate,
    minimiser,
    norm2,
    positive_definite,
    positive_semidefinite,
    pull_through,
    separate,
    unfold,
)


@derivation("ridge", title="Ridge regression in closed form", source="1.2.2")
def ridge(proof: Proof) -> None:
    n, d = proof.size("n"), proof.size("d")
    X, t, w = proof.matrix("X", n, d), proof.vector("t", n), proof.vector("w", d)
    lam = proof.scalar("lambda", POSITIVE)
    g = proof.given("g", norm2(X @ w - t) / (2 * n) + lam * norm2(w), w)

    slope = proof.derive(gradient(g(w), w), "The gradient").by(differentiate, collect(w), in_vectors)
    stationary = slope.set_to(0, about=w).by(separate(w), clear_denominators, common_factor, isolate(w))

    curvature = proof.derive(hessian(g(w), w), "The Hessian").by(insert(slope.step), differentiate)
    convex = proof.shown(positive_definite(hessian(g(w), w)), curvature)
    proof.conclude(proof.fact(minimiser(stationary.step, convex), ArgMin(g(w), w), "The minimum"))

    with proof.aside():
        without_penalty = proof.derive(At(curvature.value, lam, ZERO), "Without the penalty").by(evaluate_at)
        proof.shown(positive_semidefinite(At(curvature.value, lam, ZERO)), without_penalty)
    proof.remark(
        "The document gives ∇²g = XᵀX/n. The penalty adds 2λI: only that makes the Hessian definite and the minimum unique. "
        "At λ = 0 a stationary point is still a global minimum, but the only one just where XᵀX is invertible."
    )


@derivation("kernel-ridge", title="Ridge regression through the Gram matrix", source="")
def kernel_ridge(proof: Proof) -> None:
    n, d = proof.size("n"), proof.size("d")
    proof.matrix("X", n, d), proof.vector("t", n), proof.scalar("lambda", POSITIVE)
    x = proof.vector("x", d)
    weights = proof.let("w*", proof.form(ridge))

    dual = proof.derive(weights, "The weights from inner products of examples alone").by(unfold, pull_through)
    proof.conclude(proof.derive(x.T @ weights, "The prediction").by(insert(dual.step)))
