"""Ridge regression: least squares with a penalty on the size of the weights."""

from engine.author import (
    POSITIVE,
    ZERO,
    ArgMin,
    At,
    Draft,
    Line,
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
    invertible,
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
    minimum = proof.conclude(proof.fact(minimiser(stationary.step, convex), ArgMin(g(w), w), "The minimum"))

    plain: tuple[Draft | Line, ...] = ()
    with proof.attempt():
        plain = plain_regression(proof)
    proof.remark(
        "The document writes w(XᵀX/n + 2λI): the column w stands on the wrong side of the matrix, where the "
        "product is not defined."
    )
    proof.remark(
        "The document gives ∇²g = XᵀX/n. The penalty adds 2λI: only that makes the Hessian definite and the "
        "minimum unique for "
        "every X. At λ = 0 a stationary point is still a global minimum, but the only one just where XᵀX is invertible."
    )

    proof.idea(
        "The penalty makes the objective strictly convex, so that it is least at the one point where its "
        "gradient is zero.",
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
        *plain[-1:],
    )


def plain_regression(proof: Proof) -> tuple[Draft | Line, ...]:
    """The case λ = 0, which the question quotes: what it needs is that XᵀX is invertible."""
    X, w = proof["X"], proof["w"]
    loss = proof.given("g_0", At(proof["g"](w), proof["lambda"], ZERO), w)
    with proof.case(invertible(X.T @ X)):
        worked_out = proof.derive(loss(w), "Without the penalty: λ = 0").by(unfold, unfold, evaluate_at)
        slope = proof.derive(gradient(loss(w), w)).by(insert(worked_out.step), differentiate, collect(w))
        stationary = slope.set_to(0, about=w).by(separate(w), clear_denominators, isolate(w))
        curvature = proof.derive(hessian(loss(w), w)).by(insert(slope.step), differentiate)
        proof.shown(positive_semidefinite(hessian(loss(w), w)), curvature)
        convex = proof.shown(positive_definite(hessian(loss(w), w)), curvature)
        minimum = proof.fact(minimiser(stationary.step, convex), ArgMin(loss(w), w))
        proof.keep("λ = 0", minimum)
    return curvature, convex, minimum


@derivation("kernel-ridge", title="Ridge regression through the Gram matrix", source="")
def kernel_ridge(proof: Proof) -> None:
    n, d = proof.size("n"), proof.size("d")
    proof.matrix("X", n, d), proof.vector("t", n), proof.scalar("lambda", POSITIVE)
    x = proof.vector("x", d)
    weights = proof.let("w*", proof.form(ridge))

    dual = proof.derive(weights, "The weights from inner products of examples alone").by(unfold, pull_through)
    prediction = proof.derive(x.T @ weights, "The prediction").by(insert(dual.step))
    proof.conclude(prediction)

    proof.idea(
        "Pushed through the inverse, Xᵀ leaves the Gram matrix behind: the examples enter by their inner "
        "products alone.",
        dual,
        prediction,
    )
    proof.outline(dual, prediction)
