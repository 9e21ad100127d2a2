"""Adversarial attacks on linear models: the fast gradient method (FGM) and its signed form (FGSM)."""

from derivations.ridge import ridge
from engine.author import (
    POSITIVE,
    ZERO,
    ArgMin,
    Derivative,
    Proof,
    Term,
    absolute,
    absolute_of_product,
    as_norm,
    cancel,
    derivation,
    differentiate,
    equation,
    expand,
    gradient,
    insert,
    isolate,
    nonzero,
    norm2,
    over_absolute,
    positive,
    separate,
    sign,
    sign_of_product,
    sign_times_itself,
    simplify,
    unfold,
)


@derivation("fgm-output", title="Output of a linear model under the FGM attack", source="1.1.2")
def fgm_output(proof: Proof) -> None:
    d = proof.size("d")
    w, x = proof.vector("w", d), proof.vector("x", d)
    epsilon = proof.scalar("epsilon")
    f = proof.given("f", w.T @ x, x)
    attacked = proof.let("x'", x - epsilon * gradient(f(x), x))

    slope = proof.derive(gradient(f(x), x), "The gradient").by(differentiate)
    moved = proof.derive(attacked, "The attacked input").by(unfold, insert(slope.step))
    output = proof.derive(f(attacked), "The output").by(unfold(f), insert(moved.step), expand, as_norm)
    proof.conclude(output)

    proof.idea(
        "The gradient of a linear model is its weight vector: the attack moves the input against it, and the output falls "
        "by ε‖w‖².",
        slope,
        moved,
        output,
    )
    proof.outline(slope, moved, output.line(insert), output)


def ridge_weight_in_one_dimension(proof: Proof) -> Term:
    """The premises of 1.2.3 and 1.2.4: the weight w* is that of ridge regression, with a single feature."""
    n = proof.size("n")
    X, t, w = proof.vector("X", n), proof.vector("t", n), proof.scalar("w")
    lam = proof.scalar("lambda", POSITIVE)
    g = proof.given("g", norm2(X * w - t) / (2 * n) + lam * w**2, w)
    proof.assume(nonzero(X.T @ t))
    return proof.let("w*", ArgMin(g(w), w))


@derivation("fgm-epsilon", title="How far FGM must move to fool a ridge model", source="1.2.3")
def fgm_epsilon(proof: Proof) -> None:
    weight = ridge_weight_in_one_dimension(proof)
    x, epsilon = proof.scalar("x"), proof.scalar("epsilon")
    f = proof.given("f", weight * x, x)
    attacked = proof.let("x'", x - epsilon * gradient(f(x), x))

    trained = proof.derive(weight, "The weight").by(unfold, insert(proof.use(ridge, d=1), "`ridge` for d = 1"))
    proof.know(trained)
    output = proof.use(fgm_output, d=1, w=weight)
    fooled = proof.solve(equation(f(attacked), ZERO), epsilon, "Output zero").by(
        insert(output, "`fgm-output` for d = 1"),
        separate(epsilon),
        isolate(epsilon),
        cancel,
        insert(trained.step),
        simplify,
    )
    proof.conclude(fooled)

    distance = proof.let("epsilon*", fooled.value)
    lam = proof["lambda"]
    proof.assume(nonzero(x))
    size = proof.derive(absolute(distance), "Its size").by(unfold, absolute_of_product)
    growth = proof.derive(Derivative(absolute(distance), lam), "As the penalty grows").by(
        insert(size.step), differentiate
    )
    further = proof.shown(positive(Derivative(absolute(distance), lam)), growth)
    proof.answer(
        "Does weight decay make the model more robust under the FGM attack?",
        {
            "Yes: the input must be moved further, the larger λ is": positive(Derivative(absolute(distance), lam)),
            "No: the distance does not depend on λ": equation(Derivative(absolute(distance), lam), ZERO),
        },
    )
    proof.remark(
        "The document assumes Xᵀt > 0; Xᵀt ≠ 0 is enough, since only |ε*| matters. Its w and x are scalars, not in ℝⁿ."
    )

    proof.idea(
        "The penalty makes the weight smaller, so that a step of the same size moves the output less: the input must be "
        "moved further to bring it to zero.",
        fooled,
        further,
    )
    proof.outline(
        "The step that brings the output to zero",
        trained,
        fooled.line(insert, 0),
        fooled.line(cancel),
        fooled,
        "It grows with the penalty",
        size,
        growth,
        further,
    )


@derivation("fgsm-epsilon", title="How far FGSM must move to fool a ridge model", source="1.2.4")
def fgsm_epsilon(proof: Proof) -> None:
    weight = ridge_weight_in_one_dimension(proof)
    x, epsilon = proof.scalar("x"), proof.scalar("epsilon")
    f = proof.given("f", weight * x, x)
    attacked = proof.let("x'", x - epsilon * sign(gradient(f(x), x)))

    trained = proof.derive(weight, "The weight").by(unfold, insert(proof.use(ridge, d=1), "`ridge` for d = 1"))
    proof.know(trained)
    slope = proof.derive(gradient(f(x), x), "The gradient").by(differentiate)
    moved = proof.derive(attacked, "The attacked input").by(unfold, insert(slope.step))
    output = proof.derive(f(attacked), "The output").by(unfold(f), insert(moved.step), expand, sign_times_itself)
    direction = proof.derive(sign(weight), "The sign of the weight").by(insert(trained.step), sign_of_product)
    fooled = proof.solve(equation(f(attacked), ZERO), epsilon, "Output zero").by(
        insert(output.step), separate(epsilon), isolate(epsilon), over_absolute, insert(direction.step)
    )
    proof.conclude(fooled)

    distance = proof.let("epsilon*", fooled.value)
    lam = proof["lambda"]
    growth = proof.derive(Derivative(distance, lam), "As the penalty grows").by(unfold, differentiate)
    proof.answer(
        "Does weight decay make the model more robust under the FGSM attack?",
        {
            "Yes: the input must be moved further, the larger λ is": positive(Derivative(absolute(distance), lam)),
            "No: the distance does not depend on λ": equation(Derivative(distance, lam), ZERO),
        },
    )
    proof.remark(
        "The document writes ε = sign(XᵀX + 2λn)·x/sign(XᵀX); the signs of XᵀX cancel, what is left is that of Xᵀt."
    )

    proof.idea(
        "The attack sees only the sign of the weight, and the penalty makes the weight smaller without changing its sign.",
        direction,
        fooled,
    )
    proof.outline(
        "The weight, and the output under attack",
        trained,
        moved,
        output,
        "The penalty does not change the sign of the weight",
        direction,
        "The step that brings the output to zero",
        fooled.line(isolate),
        fooled.line(over_absolute),
        fooled,
        growth,
    )
