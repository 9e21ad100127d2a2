"""Ridge regression: least squares with a penalty on the size of the weights."""

from engine.author import (
    POSITIVE,
    ZERO,
    ArgMin,
    At,
    Identity,
    Proof,
    clear_denominators,
    collect,
    common_factor,
    derivation,
    differentiate,
    evaluate_at,
    gradient,
    hessian,
    insert,
    insert_back,
    isolate,
    minimiser,
    norm2,
    positive_definite,
    positive_semidefinite,
    push_through,
    separate,
    unfold,
)


@derivation("ridge", title="Ridge regression in closed form", source="1.2.2")
def ridge(proof: Proof) -> None:
    n, d = proof.size("n"), proof.size("d")
    X, t, w = proof.matrix("X", n, d), proof.vector("t", n), proof.vector("w", d)
    lam = proof.scalar("lambda", POSITIVE)
    g = proof.given("g", norm2(X @ w - t) / (2 * n) + lam * norm2(w), w)

    slope = proof.derive(gradient(g(w), w), "The gradient").by(differentiate, collect(w))
    stationary = slope.set_to(0, about=w).by(separate(w), clear_denominators, common_factor, isolate(w))

    curvature = proof.derive(hessian(g(w), w), "The Hessian").by(insert(slope.step), differentiate)
    convex = proof.shown(positive_definite(hessian(g(w), w)), curvature)
    minimum = proof.conclude(proof.fact(minimiser(stationary.step, convex), ArgMin(g(w), w), "The minimum"))

    without_penalty = proof.derive(At(curvature.value, lam, ZERO), "Without the penalty").by(evaluate_at)
    flat = proof.shown(positive_semidefinite(At(curvature.value, lam, ZERO)), without_penalty)
    proof.remark(
        "The document gives ∇²g = XᵀX/n. The penalty adds 2λI: only that makes the Hessian definite and the minimum unique. "
        "At λ = 0 a stationary point is still a global minimum, but the only one just where XᵀX is invertible."
    )

    proof.idea(
        "The penalty makes the objective strictly convex, so that it is least at the one point where its gradient is zero.",
        stationary,
        convex,
    )
    proof.outline(
        "The gradient is zero",
        slope.line(differentiate),
        stationary.line(separate),
        stationary.line(clear_denominators),
        stationary,
        "It is the minimum",
        curvature,
        convex,
        minimum,
        "Without the penalty",
        without_penalty,
        flat,
    )


@derivation("kernel-ridge", title="Ridge regression through the Gram matrix", source="")
def kernel_ridge(proof: Proof) -> None:
    n, d = proof.size("n"), proof.size("d")
    X, t, x = proof.matrix("X", n, d), proof.vector("t", n), proof.vector("x", d)
    lam = proof.scalar("lambda", POSITIVE)
    weights = proof.let("w*", proof.form(ridge))
    gram = X @ X.T + 2 * lam * n * Identity(n)

    dual = proof.derive(X.T @ gram.I @ t, "The same weights, from inner products of examples alone").by(push_through)
    prediction = proof.derive(x.T @ weights, "The prediction").by(unfold, insert_back(dual.step))
    proof.conclude(prediction)

    proof.idea(
        "Pushed through the inverse, Xᵀ leaves the Gram matrix behind: the examples enter by their inner products alone.",
        dual,
        prediction,
    )
    proof.outline(dual, prediction.line(unfold), prediction)
