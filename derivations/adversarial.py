"""Adversarial attacks on linear models: the fast gradient method (FGM) and its signed form (FGSM)."""

from fractions import Fraction

from derivations.ridge import ridge
from engine.author import (
    NONNEGATIVE,
    ZERO,
    ArgMin,
    Axis,
    Because,
    Derivative,
    Draft,
    Line,
    Proof,
    Term,
    absolute,
    absolute_value_of_product,
    as_norm,
    because,
    between,
    cancel,
    derivation,
    differentiate,
    equation,
    expand,
    family,
    gradient,
    insert,
    isolate,
    negative,
    nonzero,
    norm2,
    positive,
    quotient_by_absolute_value,
    separate,
    sign,
    sign_and_absolute_value,
    sign_of_product,
    simplify,
    unfold,
)

FGM_QUESTION = "Does weight decay (λ > 0 against λ = 0) make the model more robust under the FGM attack?"
FGSM_QUESTION = "Does weight decay (λ > 0 against λ = 0) make the model more robust under the FGSM attack?"


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
        "The gradient of a linear model is its weight vector: the attack moves the input against it, and the "
        "output falls "
        "by ε‖w‖².",
        slope,
        moved,
        output,
    )
    proof.outline(slope, moved, output.line(insert), output)


def ridge_weight_in_one_dimension(proof: Proof) -> Term:
    """The premises of 1.2.3 and 1.2.4: the weight w* is that of ridge regression, with a single
    feature; λ = 0 is no penalty.
    """
    n = proof.size("n")
    X, t, w = proof.vector("X", n), proof.vector("t", n), proof.scalar("w")
    lam = proof.scalar("lambda", NONNEGATIVE)
    g = proof.given("g", norm2(X * w - t) / (2 * n) + lam * w**2, w)
    proof.assume(nonzero(X.T @ t))
    return proof.let("w*", ArgMin(g(w), w))


def trained_weight(proof: Proof, weight: Term) -> Draft:
    """The closed form of the weight: `ridge` with a single feature, for every λ ≥ 0."""
    here = {name: proof[name] for name in ("X", "t", "lambda")}
    trained = proof.derive(weight, "The weight")
    trained.by(unfold, insert(proof.use(ridge, anew=True, d=1, **here), "`ridge` for d = 1"))
    proof.know(trained)
    return trained


@derivation("fgm-epsilon", title="The ε with which FGM fools a ridge model", source="1.2.3")
def fgm_epsilon(proof: Proof) -> None:
    weight = ridge_weight_in_one_dimension(proof)
    x, epsilon = proof.scalar("x"), proof.scalar("epsilon")
    f = proof.given("f", weight * x, x)
    attacked = proof.let("x'", x - epsilon * gradient(f(x), x))

    trained = trained_weight(proof, weight)
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
    further: tuple[Draft | Line, ...] = ()
    with proof.attempt("robust", FGM_QUESTION):
        further = more_robust_with_decay(proof, fooled.value, trained, output)
    proof.remark(
        "The document sets w*x′ − ε‖w*‖² to zero, with x′ where x belongs: f(x′) is w*x − ε‖w*‖². Its next "
        "line has x again."
    )
    proof.remark(
        "The document assumes Xᵀt > 0; Xᵀt ≠ 0 is enough, since only |ε*| matters. Its w and x are scalars, not in ℝⁿ."
    )

    proof.idea(
        "The penalty makes the weight smaller; the shift of the output, εw*², falls as its square, and the "
        "output xw* only as "
        "the weight itself: a larger ε is needed to bring it to zero.",
        fooled,
        *further[3:4],
    )
    proof.outline(
        "The step that brings the output to zero",
        trained,
        fooled.line(insert, 0),
        fooled.line(cancel),
        fooled,
        "It grows with the penalty",
        *further,
    )


def more_robust_with_decay(proof: Proof, found: Term, trained: Draft, output: Line) -> tuple[Draft | Line, ...]:
    """The distance that fools the model with weight decay, against that without."""
    lam, x = proof["lambda"], proof["x"]
    distance = proof.given("epsilon*", found, lam)
    proof.assume(nonzero(x))
    size = proof.derive(absolute(distance(lam)), "Its size").by(unfold, sign_of_product, absolute_value_of_product)
    without = proof.derive(absolute(distance(ZERO)), "Without the penalty").by(
        unfold, sign_of_product, absolute_value_of_product
    )
    gain = proof.derive(absolute(distance(lam)) - absolute(distance(ZERO)), "What the penalty adds")
    gain.by(insert(size.step), insert(without.step), expand)
    growth = proof.derive(Derivative(absolute(distance(lam)), lam), "As the penalty grows")
    growth.by(insert(size.step), differentiate)
    proof.draw(
        "distance",
        "The ε with which FGM brings the output to zero, against the weight of the penalty",
        *family(size.value, "x", (Fraction(1, 2), 1, 2)),
        over=between(Fraction(1, 100), lam, 4),
        axes=(Axis("λ, the weight of the penalty"), Axis("|ε*|, the ε that it takes")),
        n=4,
        X=(1, 2, 3, 4),
        t=(1, 1, 2, 3),
    )
    why = () if proof.replaced else [why_more_robust(proof, trained, output)]
    with proof.case(positive(lam)):
        decided = proof.ask(
            "robust",
            FGM_QUESTION,
            {
                "yes: it takes a larger ε": (positive(gain.subject), positive(growth.subject)),
                "no: the same ε is enough": (equation(gain.subject, ZERO), equation(growth.subject, ZERO)),
                "no: a smaller ε is enough": (negative(gain.subject), negative(growth.subject)),
            },
            gain,
            growth,
            why=why,
            about=["robust", "ε*", "ε", "epsilon", "distance", "perturbation"],
        )
    return size, gain, growth, *decided.because


def why_more_robust(proof: Proof, trained: Draft, output: Line) -> Because:
    """That the penalty makes the weight smaller, and what that does to a step."""
    lam, weight = proof["lambda"], proof["w*"]()
    weighs = proof.derive(absolute(weight), "The size of the weight").by(
        insert(trained.step), absolute_value_of_product
    )
    shrinking = proof.derive(Derivative(absolute(weight), lam)).by(insert(weighs.step), differentiate)
    return because(
        "The penalty shrinks |w*|, so that a step of the same size moves the output less: the shift εw*² "
        "falls as the square "
        "of the weight, the output xw* only as the weight.",
        proof.shown(negative(shrinking.subject), shrinking),
        output,
    )


@derivation("fgsm-epsilon", title="The ε with which FGSM fools a ridge model", source="1.2.4")
def fgsm_epsilon(proof: Proof) -> None:
    weight = ridge_weight_in_one_dimension(proof)
    x, epsilon = proof.scalar("x"), proof.scalar("epsilon")
    f = proof.given("f", weight * x, x)
    attacked = proof.let("x'", x - epsilon * sign(gradient(f(x), x)))

    trained = trained_weight(proof, weight)
    slope = proof.derive(gradient(f(x), x), "The gradient").by(differentiate)
    moved = proof.derive(attacked, "The attacked input").by(unfold, insert(slope.step))
    output = proof.derive(f(attacked), "The output").by(
        unfold(f), insert(moved.step), sign_of_product, expand, sign_and_absolute_value
    )
    direction = proof.derive(sign(weight), "The sign of the weight").by(insert(trained.step), sign_of_product)
    fooled = proof.solve(equation(f(attacked), ZERO), epsilon, "Output zero").by(
        insert(output.step),
        separate(epsilon),
        isolate(epsilon),
        cancel,
        quotient_by_absolute_value,
        insert(direction.step),
        insert(trained.step),
    )
    proof.conclude(fooled)
    unchanged: tuple[Draft, ...] = ()
    with proof.attempt("robust", FGSM_QUESTION):
        unchanged = no_more_robust_with_decay(proof, fooled.value, direction)
    proof.remark(
        "The document writes ε = sign(XᵀX + 2λn)·x/sign(XᵀX): both signs are 1, and x alone would be left, "
        "which is wrong where "
        "Xᵀt < 0; below the line the sign of Xᵀt belongs. What increases from 0 is λ, not x."
    )

    proof.idea(
        "The attack sees only the sign of the weight, and the penalty makes the weight smaller without "
        "changing its sign.",
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
        fooled.line(quotient_by_absolute_value),
        fooled,
        *unchanged,
    )


def no_more_robust_with_decay(proof: Proof, found: Term, direction: Draft) -> tuple[Draft, ...]:
    """The distance that fools the model with weight decay is that without."""
    lam = proof["lambda"]
    distance = proof.given("epsilon*", found, lam)
    proof.assume(nonzero(proof["x"]))
    gain = proof.derive(absolute(distance(lam)) - absolute(distance(ZERO)), "What the penalty adds").by(
        unfold, simplify
    )
    growth = proof.derive(Derivative(absolute(distance(lam)), lam), "As the penalty grows").by(unfold, differentiate)
    with proof.case(positive(lam)):
        proof.ask(
            "robust",
            FGSM_QUESTION,
            {
                "yes: it takes a larger ε": (positive(gain.subject), positive(growth.subject)),
                "no: the same ε is enough": (
                    direction.step.claim.formula,
                    equation(gain.subject, ZERO),
                    equation(growth.subject, ZERO),
                ),
                "no: a smaller ε is enough": (negative(gain.subject), negative(growth.subject)),
            },
            why=[
                because(
                    "The signed step has the same size whatever the weight is, and shifts the output by ε|w*|: as the "
                    "output, it "
                    "falls as the weight. Of that only the sign is left, which is "
                    "the same for every λ ≥ 0.",
                    direction,
                )
            ],
            about=["robust", "ε*", "ε", "epsilon", "distance", "perturbation"],
        )
    return gain, growth
