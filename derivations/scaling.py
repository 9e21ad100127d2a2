"""Neural scaling laws: how to spend more compute."""

from fractions import Fraction

from engine.author import (
    ONE,
    POSITIVE,
    Applicable,
    ArgMin,
    At,
    Definition,
    Draft,
    Line,
    Number,
    Proof,
    Symbol,
    Term,
    absolute,
    at_most,
    cancel,
    clear_denominators,
    derivation,
    differentiate,
    equation,
    evaluate_at,
    exponent_over,
    gradient,
    hessian,
    insert,
    insert_back,
    invert_power,
    isolate,
    less,
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


@derivation("compute-optimal-model-size", title="Where new compute should go: model size, batch or steps", source="2.2")
def compute_optimal_model_size(proof: Proof) -> None:
    L, N, S, C = (proof.scalar(name, POSITIVE) for name in ("L", "N", "S", "C"))
    N_c, S_c, B_c = (proof.scalar(name, POSITIVE) for name in ("N_c", "S_c", "B_c"))
    alpha_N, alpha_S, alpha_B = (proof.scalar(f"alpha_{x}", POSITIVE) for x in "NSB")
    u = proof.scalar("u", POSITIVE)
    proof.assume(positive(L - u))

    capacity = proof.given("ell_N", (N_c / N) ** alpha_N, N, citation=KAPLAN)
    training = proof.given("ell_S", (S_c / S) ** alpha_S, S, citation=KAPLAN)
    batch = proof.given("B", B_c * L ** (-1 / alpha_B), L, citation=KAPLAN)
    proof.remark(
        "The loss is L = ℓ_N(N) + ℓ_S(S). Let u be the part of it that is due to the size of the model; "
        "then L − u is due to the number of steps, and every way to reach L is one u between 0 and L."
    )

    size = proof.solve(equation(capacity(N), u), N, "The size that leaves u").by(
        unfold, power_laws, invert_power(N), power_laws
    )
    steps = proof.solve(equation(training(S), L - u), S, "The steps that leave the rest").by(
        unfold, power_laws, invert_power(S), power_laws
    )
    compute = proof.given("C_u", 6 * size.value * batch(L) * steps.value, u)

    logs = proof.derive(log(compute(u)), "The log of the compute").by(unfold(compute), log_laws)
    slope = proof.derive(gradient(log(compute(u)), u), "Its slope").by(insert(logs.step), differentiate)
    stationary = slope.set_to(0, about=u).by(clear_denominators, isolate(u))
    curvature = proof.derive(hessian(log(compute(u)), u), "Its curvature").by(insert(slope.step), differentiate)
    convex = proof.shown(positive(hessian(log(compute(u)), u)), curvature)
    cheapest_log = proof.fact(minimiser(stationary.step, convex), ArgMin(log(compute(u)), u), "The cheapest way")
    cheapest = proof.fact(minimiser_of_log(cheapest_log), ArgMin(compute(u), u))
    constraint = equation(L, capacity(N) + training(S))
    proof.fact(minimum_on_constraint(constraint, cheapest, size.step, steps.step), 6 * N * batch(L) * S)

    share = stationary.value
    best_size = proof.given("N*", At(size.value, u, share), L)
    best_steps = proof.given("S*", At(steps.value, u, share), L)
    best_compute = proof.given("C*", 6 * best_size(L) * batch(L) * best_steps(L), L)
    worked_out = (evaluate_at, simplify_in_powers, power_laws)
    size_law = power_law(proof, best_size, L, "The best size of the model", *worked_out)
    steps_law = power_law(proof, best_steps, L, "The best number of steps", *worked_out)
    batch_law = power_law(proof, batch, L, "The batch", simplify)
    inserted = (insert(law) for law in (size_law, batch_law, steps_law))
    compute_law = power_law(proof, best_compute, L, "The compute that it takes", *inserted, simplify)

    alpha_C, one = proof.let("alpha_C", 1 / (1 / alpha_N + 1 / alpha_S + 1 / alpha_B)), best_compute(ONE)
    reached = proof.solve(equation(best_compute(L), C), L, "The loss that a compute C reaches").by(insert(compute_law))
    reached.by(invert_power(L), shows=equation(L, (C / one) ** -alpha_C))
    loss = proof.given("L*", reached.value, C)
    laws = {
        "N": (best_size, size_law, alpha_N),
        "B": (batch, batch_law, alpha_B),
        "S": (best_steps, steps_law, alpha_S),
    }
    for name, (function, law, alpha) in laws.items():
        grown = proof.derive(function(loss(C)), f"So {name} grows with the compute as")
        grown.by(insert(proof.instance(law, L=loss(C)), "the power law above at that loss"), unfold(loss))
        grown.by(power_laws, shows=function(ONE) * (C / one) ** (alpha_C / alpha))
        proof.conclude(grown, name, parts={f"exponent of {name}": exponent_over(C, grown.value)})
    if not proof.replaced:  # the exponents were measured for these laws, and for no others
        where_compute_goes(proof)


def power_law(proof: Proof, function: Definition, L: Symbol, heading: str, *moves: Applicable) -> Line:
    """f(L) = f(1)·Lᵃ, by working out f(1) and f(L)."""
    at_one = proof.derive(function(ONE), f"{heading} at L = 1").by(unfold(function), *moves)
    proof.know(at_one)
    return proof.derive(function(L), heading).by(unfold(function), *moves, insert_back(at_one.step)).step


def where_compute_goes(proof: Proof) -> None:
    """The three exponents with the measured values of Kaplan et al., and which is the largest."""
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
    proof.shown(more["N"], found["N"])
    proof.answer(
        "With more compute, which is the best option?",
        {
            "A: train the same model for more steps": more["S"],
            "B: train the same model with a larger batch": more["B"],
            "C: increase the model size": more["N"],
        },
    )
    proof.remark(
        "More than half of every further order of magnitude of compute goes into the model, by the exponents above."
    )
