"""What each derivation shows: its lines, what they stand on, its lemmas, answers and results."""

import pytest

from derivations import load, names
from engine.author import (
    ZERO,
    DerivationError,
    Proof,
    at_most,
    derivation,
    equation,
    negative,
    nonnegative,
    positive,
    restate,
    simplify,
)
from engine.kernel import infer
from engine.kernel.evidence import Kind, Refuted
from engine.notation.plain import plain
from engine.proofs.working import Passage, Remark
from engine.terms import Term, absolute, sign, sqrt
from engine.terms.formulas import Formula

LINES = {
    "fgm-output": ["∇f(x) = w", "x′ = x − ε∇f(x)", "x − εw", "wᵀ(x − εw)", "wᵀx − ε‖w‖²"],
    "ridge": [
        "Xᵀ(Xw − t)/n + 2λw",
        "∇g(w) = 0",
        "(XᵀX/n + 2λI)w = Xᵀt/n",
        "w = (XᵀX + 2λnI)⁻¹Xᵀt",
        "XᵀX/n + 2λI",
        "∇²g(w) ≻ 0",
        "(XᵀX + 2λnI)⁻¹Xᵀt is the unique minimiser of g(w) over w",
        "∇²g₀(w) ⪰ 0",
        "(XᵀX)⁻¹Xᵀt is the unique minimiser of g₀(w) over w",
    ],
    "fgm-epsilon": [
        "f(x′) = 0",
        "ε = xw*/w*²",
        "ε = x/w*",
        "ε = x(XᵀX + 2λn)/(Xᵀt)",
        "2n|x|/|Xᵀt|",
        "d|ε*(λ)|/dλ > 0",
        "2λn|x|/|Xᵀt|",
        "d|w*|/dλ < 0",
    ],
    "fgsm-epsilon": ["xw* − ε|w*|", "ε = x sign(w*)", "sign(Xᵀt)", "ε = x sign(Xᵀt)", "0"],
    "minibatch-variance": ["aw", "Var(Σ_{i=1}^{B} gᵢ)/B²", "1/B² · Σ_{i=1}^{B} Var(gᵢ)", "σ²/B"],
    "batch-size-learning-rate": [
        "a((1 − ηa)²w² + η²σ²/B)/2",
        "η = aw²/(a²w² + σ²/B)",
        "d²R(η)/dη² > 0",
        "dη*(b)/db > 0",
        "η*(B + 1) − η*(B) > 0",
        "1/a",
    ],
    "batch-size-regimes": [
        "Δ_max/(1 + B_noise/B)",
        "S_min · (1 + B_noise/B)",
        "1",
        "−B_noise/(B_noise + B)",
        "−1",
        "−1/2",
        "B_noise is the unique minimiser of K(B) over B",
        "2S_min",
        "2E_min",
        "(κ − 1)/(1 + κ)",
    ],
    "compute-optimal-model-size": [
        "u = Lα_S/(α_N + α_S)",
        "C_u(Lα_S/(α_N + α_S)) ≤ C_train(N, B(L), S)",
        "ℓ_N(N)",
        "210/307",
        "76/307",
        "21/307",
    ],
    "dropout-bias-variance": [
        "1/(2N) · Σ_{i=1}^{N} Var(ỹ_{m,i}) + 1/(2N) · Σ_{i=1}^{N} (E[ỹ_{m,i}] − tᵢ)²",
        "Σ_{j=1}^{d} wⱼXᵢⱼ",
        "(1 − p)/p · Σ_{j=1}^{d} wⱼ²Xᵢⱼ²",
    ],
    "kernel-ridge": ["(XᵀX + 2λnI)⁻¹Xᵀt", "xᵀXᵀ(XXᵀ + 2λnI)⁻¹t"],
    "softmax-cross-entropy": ["exp(z)/(Σ_{j=1}^{n} exp(zⱼ)) − y", "p(z) − y"],
    "gaussian-maximum-likelihood": [
        "μ = 1/n · Σ_{i=1}^{n} xᵢ",
        "v = q(m)/n",
        "n(v − q(m)/n)/(2v²)",
        "q(m)/n is the unique minimiser of ℓ(v) over v",
    ],
    "gaussian-kl": ["ln(τ) − ln(σ) − 1/2 + (σ² + (μ − ν)²)/(2τ²)"],
    "noisy-quadratic-risk": ["v(1 − aη)² + η²σ²/B", "v = ησ²/(aB(2 − aη))", "av/2", "ησ²/(2B(2 − aη))"],
    "multivariate-gaussian": [
        "2nΣ⁻¹μ − 2Σ⁻¹X·𝟏",
        "X·𝟏/n is the unique minimiser of q(μ) over μ",
        "nΣ⁻¹/2 − Σ⁻¹SΣ⁻¹/2",
        "Σ = S/n",
    ],
    "multivariate-gaussian-kl": ["(ln(det(Σ₂)) − ln(det(Σ₁)))/2 + (tr(Σ₂⁻¹Σ₁) + (μ₁ᵀ − μ₂ᵀ)Σ₂⁻¹(μ₁ − μ₂) − d)/2"],
    "he-variance": ["Σ_{i=1}^{n} E[Wᵢ²]E[mᵢ²]E[uᵢ²]", "vqn/2", "v = 2/n"],
    "xavier-variance": ["Σ_{i=1}^{n} Var(Wᵢ) Var(xᵢ)", "vqn", "v = 1/n", "vrm", "v = 1/m", "v = 2/(n + m)"],
    "gaussian-dropout-sigma": ["σ² Σ_{j=1}^{d} wⱼ²Xᵢⱼ²", "σ² = (1 − p)/p", "σ = √((1 − p)/p)", "E[J_m]"],
}
LEMMAS = {
    "fgm-epsilon": {"ridge", "fgm-output"},
    "fgsm-epsilon": {"ridge"},
    "batch-size-learning-rate": {"minibatch-variance"},
    "batch-size-regimes": {"batch-size-learning-rate", "minibatch-variance"},
    "gaussian-dropout-sigma": {"dropout-bias-variance"},
    "kernel-ridge": {"ridge"},
}
ANSWERS = {
    "fgm-epsilon": {"robust": "yes"},
    "fgsm-epsilon": {"robust": "no"},
    "minibatch-variance": {"noise": "it falls"},
    "batch-size-learning-rate": {"learning rate": "it grows"},
    "batch-size-regimes": {
        "efficient": "C",
        "regime at A": "noise dominated",
        "remedy at A": "seek parallel compute",
        "regime at B": "curvature dominated",
        "remedy at B": "use higher order optimizers",
    },
    "compute-optimal-model-size": {"option": "C: increase the model size"},
}


def lines(name: str) -> set[str]:
    """Everything that stands on a line: claims, and their sides."""
    found = set()
    for step in load(name).run().steps:
        found |= {plain(step.claim.formula), plain(step.claim.left)}
        if step.claim.right is not None:
            found.add(plain(step.claim.right))
    return found


@pytest.mark.parametrize("name", names())
def test_every_line_that_is_to_be_shown_is_shown(name):
    assert set(LINES[name]) <= lines(name)


@pytest.mark.parametrize("name", names())
def test_later_results_use_earlier_ones(name):
    assert {lemma.name for lemma in load(name).run().lemmas} == LEMMAS.get(name, set())


@pytest.mark.parametrize("name", names())
def test_one_option_is_shown_by_the_lines_and_every_other_one_refuted(name):
    working = load(name).run()
    assert {choice.name: choice.chosen.said for choice in working.choices}.keys() == ANSWERS.get(name, {}).keys()
    for choice in working.choices:
        assert choice.chosen.said.startswith(ANSWERS[name][choice.name])
        assert [step.claim.formula for step in choice.because] == list(choice.chosen.claims)
        for option in choice.options:
            assert (option.refuted is None) == (option is choice.chosen)
            assert option is choice.chosen or option.refuted.where.startswith("the world with")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"yes": positive, "no": negative}, "answered by 0"),  # neither
        ({"yes": nonnegative, "no": lambda square: at_most(ZERO, square + 1)}, "answered by 2"),  # both
        (
            {"yes": nonnegative, "no": lambda square: equation(square, square + 0)},
            "nothing refutes",
        ),  # not shown, and true
    ],
)
def test_a_question_that_is_not_decided_is_refused(options, why):
    @derivation("square", title="A square", source="")
    def square(proof):
        x = proof.scalar("x")
        worked_out = proof.derive((x - 1) * (x - 1)).by(simplify)
        proof.conclude(worked_out)
        claims = {text: claim(worked_out.subject) for text, claim in options.items()}
        proof.ask("sign", "Is it positive?", claims, worked_out)

    with pytest.raises(DerivationError, match=why):
        square.run()


def test_no_line_is_restated_and_every_line_is_certified():
    steps = [step for name in names() for step in load(name).run().steps]
    assert sum(not step.rule.computes for step in steps) == 0
    assert all(step.evidence.worlds >= 4 for step in steps)
    cited = [step for step in steps if step.evidence.kind is Kind.CITED]
    assert {step.evidence.citation.split(" et al.")[0] for step in cited} == {"Kaplan", "McCandlish"}


def test_remarks_say_where_the_document_departs():
    told = {n: " ".join(p.text for p in load(n).run().parts if isinstance(p, Remark)) for n in names()}
    for name in ("ridge", "fgm-epsilon", "fgsm-epsilon", "minibatch-variance", "dropout-bias-variance"):
        assert "The document" in told[name]


def test_conditions_are_those_that_are_needed_and_no_more():
    result = load("fgm-epsilon").run().results[0].step
    assert [plain(a) for a in result.claim.assumptions if isinstance(a, Formula)] == ["Xᵀt ≠ 0"]
    (sigma, losses) = load("gaussian-dropout-sigma").run().results
    needed = [plain(a) for a in sigma.step.claim.assumptions if isinstance(a, Formula)]
    assert needed == ["Σ_{j=1}^{d} wⱼ²Xᵢⱼ² ≠ 0"]
    assert [plain(a) for a in losses.step.claim.assumptions if isinstance(a, Formula)] == ["σ = √((1 − p)/p)"]


def test_results_are_the_known_ones_and_not_near_misses():
    step = load("fgm-epsilon").run().results[0].step
    X, t, lam, n, x = (symbol(step, name) for name in ("X", "t", "lambda", "n", "x"))
    same(step, step.claim.right.right, x * (X.T @ X + 2 * lam * n) / (X.T @ t))
    differ(step, step.claim.right.right, x * (X.T @ X + lam * n) / (X.T @ t))
    signed = load("fgsm-epsilon").run().results[0].step
    same(signed, signed.claim.right.right, x * sign(X.T @ t))
    differ(signed, signed.claim.right.right, absolute(x) * sign(X.T @ t))
    dropout = load("gaussian-dropout-sigma").run().results[0].step
    p = symbol(dropout, "p")
    same(dropout, dropout.claim.right.right, sqrt(1 - p) / sqrt(p))
    differ(dropout, dropout.claim.right.right, sqrt(p * (1 - p)))


def test_the_answer_changes_with_the_premise():
    """With the gradient's sign in the attack of `fgm-epsilon`, the distance is free of λ: then the answer is no."""
    replayed = load("fgm-epsilon").replay(**{"x'": lambda p: p["x"] - p["epsilon"] * sign(p["w*"]())})
    assert [choice.chosen.said for choice in replayed.choices] == ["no: the same ε is enough"]


def symbol(step, name):
    return next(a.symbol for a in step.claim.assumptions if hasattr(a, "symbol") and a.symbol.name == name)


def scope_of(step):
    proof = Proof({})
    for assumption in step.claim.assumptions:
        if isinstance(assumption, Formula):
            proof.assume(assumption)
        else:
            proof.declarations[assumption.symbol] = assumption
    return proof.scope


def same(step, found: Term, known: Term) -> None:
    assert infer(restate, found, scope_of(step), known).evidence.worlds >= 8


def differ(step, found: Term, known: Term) -> None:
    with pytest.raises(Refuted):
        infer(restate, found, scope_of(step), known)


def test_every_passage_is_one_chain():
    for name in names():
        for part in load(name).run().parts:
            if isinstance(part, Passage):
                assert part.result.claim.left == part.steps[0].claim.left
