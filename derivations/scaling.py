"""Neural scaling laws: how to spend more compute."""

from fractions import Fraction

from engine.author import (
    INFINITY,
    ONE,
    POSITIVE,
    Applicable,
    ArgMin,
    At,
    Axis,
    Definition,
    Draft,
    Formula,
    Limit,
    Line,
    Number,
    Proof,
    Symbol,
    Term,
    absolute,
    at_most,
    because,
    between,
    cancel,
    clear_denominators,
    curve,
    derivation,
    differentiate,
    equation,
    evaluate_at,
    exponent_over,
    family,
    fold,
    gradient,
    hessian,
    insert,
    insert_back,
    invert_power,
    isolate,
    less,
    limit_of_power,
    log,
    log_laws,
    minimiser,
    minimiser_of_log,
    minimum_on_constraint,
    positive,
    power_laws,
    simplify,
    simplify_in_powers,
    unfold,
)

KAPLAN = "Kaplan et al. 2020, Scaling Laws for Neural Language Models"
MCCANDLISH = "McCandlish et al. 2018, An Empirical Model of Large-Batch Training"
MEASURED: dict[str, int | Fraction] = {
    **{"N_c": 65 * 10**12, "S_c": 2_100, "B_c": 2 * 10**8},
    **{"alpha_N": Fraction("0.076"), "alpha_S": Fraction("0.76"), "alpha_B": Fraction("0.21")},
}
COMPUTE = Axis("C = 6NBS, the compute in operations", logarithmic=True)
BEST = "the author's reading of what improves the model most; any share below 1 would do for the half"
QUESTION = "With more compute, and training from scratch: which is the best option?"


@derivation("compute-optimal-model-size", title="Where new compute should go: model size, batch or steps", source="2.2")
def compute_optimal_model_size(proof: Proof) -> None:
    L, N, S, b, C = (proof.scalar(name, POSITIVE) for name in ("L", "N", "S", "b", "C"))
    N_c, S_c, B_c = (proof.scalar(name, POSITIVE) for name in ("N_c", "S_c", "B_c"))
    alpha_N, alpha_S, alpha_B = (proof.scalar(f"alpha_{x}", POSITIVE) for x in "NSB")
    B_noise, u = proof.scalar("B_noise", POSITIVE), proof.scalar("u", POSITIVE)
    proof.assume(positive(L - u))

    capacity = proof.given("ell_N", (N_c / N) ** alpha_N, N, citation=KAPLAN)
    training = proof.given("ell_S", (S_c / S) ** alpha_S, S, citation=KAPLAN)
    loss = proof.given("loss", capacity(N) + training(S), N, S, citation=KAPLAN)
    batch = proof.given("B", B_c * L ** (-1 / alpha_B), L, citation=KAPLAN)
    spent = proof.given("C_train", 6 * N * b * S, N, b, S, citation=KAPLAN)
    useful = proof.given("S_eff", S / (1 + B_noise / b), b, S, citation=MCCANDLISH)

    proof.remark(
        "Let u be the part of a loss L that is due to the size of the model; then L − u is due to the number of steps, "
        "and every way to reach L is one u between 0 and L."
    )

    size = proof.solve(equation(capacity(N), u), N, "The size that leaves u").by(
        unfold, power_laws, invert_power(N), power_laws
    )
    steps = proof.solve(equation(training(S), L - u), S, "The steps that leave the rest").by(
        unfold, power_laws, invert_power(S), power_laws
    )
    compute = proof.given("C_u", spent(size.value, batch(L), steps.value), u)

    logs = proof.derive(log(compute(u)), "The log of the compute").by(unfold(compute), unfold(spent), log_laws)
    slope = proof.derive(gradient(log(compute(u)), u), "Its slope").by(insert(logs.step), differentiate)
    stationary = slope.set_to(0, about=u).by(clear_denominators, isolate(u))
    curvature = proof.derive(hessian(log(compute(u)), u), "Its curvature").by(insert(slope.step), differentiate)
    convex = proof.shown(positive(hessian(log(compute(u)), u)), curvature)
    cheapest_log = proof.fact(minimiser(stationary.step, convex), ArgMin(log(compute(u)), u), "The cheapest way")
    cheapest = proof.fact(minimiser_of_log(cheapest_log), ArgMin(compute(u), u))
    constraint = equation(L, loss(N, S))
    proof.fact(minimum_on_constraint(constraint, cheapest, size.step, steps.step), spent(N, batch(L), S))

    share = stationary.value
    best_size = proof.given("N*", At(size.value, u, share), L)
    best_steps = proof.given("S*", At(steps.value, u, share), L)
    best_compute = proof.given("C*", spent(best_size(L), batch(L), best_steps(L)), L)
    worked_out = (evaluate_at, simplify_in_powers, power_laws)
    size_law = power_law(proof, best_size, L, "The best size of the model", *worked_out)
    steps_law = power_law(proof, best_steps, L, "The best number of steps", *worked_out)
    batch_law = power_law(proof, batch, L, "The batch", simplify)
    inserted = (insert(law) for law in (size_law, batch_law, steps_law))
    compute_law = power_law(proof, best_compute, L, "The compute that it takes", unfold(spent), *inserted, simplify)

    alpha_C, one = proof.let("alpha_C", 1 / (1 / alpha_N + 1 / alpha_S + 1 / alpha_B)), best_compute(ONE)
    reached = proof.solve(equation(best_compute(L), C), L, "The loss that a compute C reaches").by(insert(compute_law))
    reached.by(invert_power(L), shows=equation(L, (C / one) ** -alpha_C))
    best_loss = proof.given("L*", reached.value, C)
    laws = {
        "N": (best_size, size_law, alpha_N),
        "B": (batch, batch_law, alpha_B),
        "S": (best_steps, steps_law, alpha_S),
    }
    best: dict[str, Draft] = {}
    for name, (function, law, alpha) in laws.items():
        grown = proof.derive(function(best_loss(C)), f"So {name} grows with the compute as")
        grown.by(insert(proof.instance(law, L=best_loss(C)), "the power law above at that loss"), unfold(best_loss))
        grown.by(power_laws, shows=function(ONE) * (C / one) ** (alpha_C / alpha))
        grows = grown.value.has(C)
        proof.conclude(grown, name, {f"exponent of {name}": exponent_over(C, grown.value)} if grows else {})
        best[name] = grown
    proof.draw(
        "allocation",
        "What is best for a compute, with the constants that Kaplan et al. measured",
        curve(best["N"].value, "parameters"),
        curve(best["B"].value, "tokens a batch"),
        curve(best["S"].value, "steps"),
        over=between(10**17, C, 10**25, by_factors=True),
        axes=(COMPUTE, Axis("N, B and S", logarithmic=True)),
        **MEASURED,
    )
    with proof.attempt():
        one_model(proof)
    most: tuple[Draft | Line, ...] = ()
    with proof.attempt("option", QUESTION):
        most = best_use_of_compute(proof, loss, training, useful, best_loss)

    proof.idea(
        "At the cheapest share of the loss, model, batch and steps grow as powers of the compute, and measured, the "
        "exponent of the model is more than half: it gets most of what is new.",
        cheapest,
        best["N"],
        *most[-1:],
    )
    proof.outline(
        "The model and the steps that a loss L takes, u of it left by the model",
        size,
        steps,
        "The cheapest share",
        slope,
        cheapest,
        "What it costs, and what a compute C then buys",
        compute_law,
        best["N"],
        "The same model, trained for longer; and the exponent of the model, as measured",
        *most,
    )


def best_use_of_compute(
    proof: Proof, loss: Definition, training: Definition, useful: Definition, best_loss: Definition
) -> tuple[Draft | Line, ...]:
    """The document's question: by which of three ways the loss goes on falling, and where most of new compute goes."""
    C = proof["C"]
    at_most_so_good = the_same_model(proof, loss, training, useful)
    vanishing = proof.derive(Limit(best_loss(C), C, INFINITY), "With the right size of the model, the loss vanishes")
    vanishing.by(unfold(best_loss), limit_of_power)

    half = proof["ell_N"](proof["N"]) / 2
    proof.take("the best option", "what can halve the loss that the size of the model leaves, ℓ_N(N)", source=BEST)
    falls = [less(each.subject, half) for each in (*at_most_so_good, vanishing)]
    goes: list[tuple[Formula, ...]] = [()] * 3
    most: tuple[Draft | Line, ...] = ()
    if not proof.replaced:  # the exponents were measured for these laws, and for no others
        goes, most = where_compute_goes(proof)
    proof.ask(
        "option",
        QUESTION,
        {
            "A: train the same model with the same batch size for more steps": (falls[0], *goes[0]),
            "B: train the same model with a larger batch, for the same number of steps": (falls[1], *goes[1]),
            "C: increase the model size": (falls[2], *goes[2]),
        },
        vanishing,
        why=[
            because(
                "Trained for more steps, the same model comes no lower than the loss that its size leaves.",
                at_most_so_good[0],
            ),
            because(
                "A larger batch only makes up for gradient noise: it is worth no more than the same steps without "
                "noise, and "
                "that floor stays.",
                at_most_so_good[1],
            ),
            because("A model that grows with the compute has no floor.", vanishing),
        ],
        about=["option", "choice", "compute"],
    )
    return (at_most_so_good[0], *most)


def the_same_model(proof: Proof, loss: Definition, training: Definition, useful: Definition) -> tuple[Draft, Draft]:
    """What the loss of a model comes down to, however long it trains, and however large its batch is."""
    N, S, b = proof["N"], proof["S"], proof["b"]
    trained = proof.derive(Limit(loss(N, S), S, INFINITY), "The same model, trained for more and more steps")
    trained.by(unfold(loss), unfold(training), limit_of_power)
    batched = proof.derive(Limit(loss(N, useful(b, S)), b, INFINITY), "The same model, with a larger and larger batch")
    batched.by(
        unfold(loss), unfold(training), unfold(useful), limit_of_power, fold(proof["ell_S"](S)), fold(loss(N, S))
    )
    return trained, batched


def power_law(proof: Proof, function: Definition, L: Symbol, heading: str, *moves: Applicable) -> Line:
    """f(L) = f(1)·Lᵃ, by working out f(1) and f(L)."""
    at_one = proof.derive(function(ONE), f"{heading} at L = 1").by(unfold(function), *moves)
    proof.know(at_one)
    return proof.derive(function(L), heading).by(unfold(function), *moves, insert_back(at_one.step)).step


def one_model(proof: Proof) -> None:
    """The loss that a model of one size comes to, and what it takes: drawn for several, beside the
    least loss of all.
    """
    N, S, C = proof["N"], proof["S"], proof["C"]
    loss, spent, batch = proof["loss"], proof["C_train"], proof["B"]
    reached = proof.derive(loss(N, S), "The loss of a model of size N after S steps").by(unfold, unfold)
    taken = proof.derive(spent(N, batch(loss(N, S)), S), "The compute that they take")
    taken.by(unfold(spent), insert(reached.step), unfold)
    proof.draw(
        "loss",
        "The loss against the compute, for models of several sizes trained ever longer, and the least loss of all",
        *family(reached.value, "N", (10**6, 10**7, 10**8, 10**9, 10**10), against=taken.value),
        curve(proof["L*"](C), "the best size", dashed=True, over=between(10**15, C, 10**25, by_factors=True)),
        over=between(10**3, S, 10**8, by_factors=True),
        axes=(COMPUTE, Axis("L, the loss", logarithmic=True)),
        **MEASURED,
    )


def where_compute_goes(proof: Proof) -> tuple[list[tuple[Formula, ...]], tuple[Draft, Line]]:
    """That most of new compute goes into steps, into the batch, into the model: by the exponents as measured.

    And the model's exponent, with the line by which it is the largest.
    """
    alphas = {name: proof[f"alpha_{name}"] for name in "NSB"}
    measured = {"N": Fraction("0.076"), "S": Fraction("0.76"), "B": Fraction("0.21")}
    rounded = {"N": Fraction("0.684"), "B": Fraction("0.248"), "S": Fraction("0.068")}
    alpha_C = proof["alpha_C"]()
    exponents = {name: proof.let(f"r_{name}", alpha_C / alphas[name]) for name in "NBS"}

    proof.derive(exponents["N"] + exponents["B"] + exponents["S"], "The exponents add up to").by(unfold, unfold, cancel)
    values: dict[str, Term] = {}
    found: dict[str, Draft] = {}
    for name, exponent in exponents.items():
        value = exponent
        for other, number in measured.items():
            value = At(value, alphas[other], Number(number))
        values[name] = value
        found[name] = proof.derive(value, f"The exponent of {name} as measured").by(unfold, unfold, evaluate_at)
        proof.shown(at_most(absolute(value - Number(rounded[name])), Number(Fraction("0.0005"))), found[name])
    more = {name: less(Number(Fraction(1, 2)), value) for name, value in values.items()}
    largest = proof.shown(more["N"], found["N"])
    proof.remark(
        "More than half of every further order of magnitude of compute goes into the model, by the exponents above."
    )
    return [(more[name],) for name in "SBN"], (found["N"], largest)
