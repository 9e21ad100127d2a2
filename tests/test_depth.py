"""Three depths: an idea in three lines and a sentence, an answer in a dozen lines, and all of it."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner

import derivations
from cli.errors import MISUSED, NO, YES
from cli.main import _with_leading_minus, app
from engine.author import (
    ArgMin,
    DerivationError,
    Proof,
    Symbol,
    Term,
    cancel,
    common_factor,
    derivation,
    differentiate,
    expand,
    gradient,
    hessian,
    insert,
    isolate,
    minimiser,
    nonzero,
    norm2,
    positive,
    separate,
    total,
)
from engine.documents import reasons
from engine.documents.evidence import extent, marks, needs, strength
from engine.documents.excerpt import at_depth, usual_depth
from engine.documents.html import article
from engine.documents.latex_document import fragment
from engine.documents.markdown import markdown
from engine.documents.structured import as_data, reread
from engine.documents.terminal import show
from engine.documents.walk import Citations, lines
from engine.notation.plain import plain
from engine.proofs.coherence import Incoherent, holds_together
from engine.proofs.depth import ROOM, Depth
from engine.proofs.figures import Figure
from engine.proofs.working import Choice, Idea, Let, Passage, Remark, Result, Suppose, Working, against, joined
from engine.reading.givens import givens
from engine.rules import all_rules

NAMES = derivations.names()
SHORT = ("fgm-output", "kernel-ridge", "softmax-cross-entropy", "gaussian-kl", "multivariate-gaussian-kl")
runner = CliRunner(env={"COLUMNS": "100"})


def run(*words: str, stdin: str | None = None) -> Any:
    return runner.invoke(app, _with_leading_minus(list(words)), input=stdin)


@cache
def whole(name: str) -> Working:
    return derivations.load(name).run()


def passages(working: Working) -> list[Passage]:
    return [part for part in working.parts if isinstance(part, Passage)]


def written(working: Working) -> int:
    """How many lines of mathematics a reader sees."""
    return sum(len(lines(passage)) for passage in passages(working))


def assert_fits(working: Working) -> None:
    """At every depth no more than there is room for, all of it coherent, and something of each result's derivation."""
    for depth, room in ROOM.items():
        shown = at_depth(working, depth)
        holds_together(shown)
        assert 0 < written(shown) == shown.length <= room, depth
        assert shown.results == working.results and strength(shown) == strength(working)
    assert at_depth(at_depth(working, Depth.IDEA), Depth.FULL) is working


# -- how much is shown -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_an_idea_has_three_lines_and_a_sentence_and_a_working_a_dozen(name):
    assert_fits(whole(name))
    sentence = whole(name).idea.sentence
    assert whole(name).idea.lines and whole(name).outline
    assert sentence.endswith(".") and not re.search(r"[.!?] [A-Z]", sentence) and 40 < len(sentence) < 220


@pytest.mark.parametrize("name", NAMES)
def test_where_the_author_chose_nothing_no_more_is_shown(name):
    assert_fits(replace(whole(name), idea=Idea(), outline=()))


REPLAYED = {
    "fgm-output": ["f = w^T x + 1", "x' = x + epsilon * x"],
    "ridge": ["g = ||X w - t||^2 + λ ||w||^2", "g = ||X w - t||^2/(2n) + λ ||w||^2 + w^T w"],
    "minibatch-variance": ["g_B = 2/B sum_{i=1}^B g_i", "epsilon ~ Normal(0, 4 sigma^2)"],
    "batch-size-regimes": ["S = 2 c/Delta(B)"],
    "compute-optimal-model-size": ["ell_N = (N_c/N)^(3 alpha_N)", "ell_S = 2 (S_c/S)^alpha_S"],
    "dropout-bias-variance": ["m ~ Normal(1, p)"],
    "noisy-quadratic-risk": ["epsilon ~ any law with mean 0, variance sigma^2/B", "L = a w^2"],
    "xavier-variance": ["W ~ any law with mean 0, variance v"],
    "he-variance": ["W ~ any law with mean 0, variance v"],
    "gaussian-kl": ["r = ln(tau) - (x - mu)^2"],
}


@pytest.mark.parametrize(("name", "premise"), [(name, each) for name, every in REPLAYED.items() for each in every])
def test_from_other_premises_the_lines_are_kept_and_the_sentence_is_not(name, premise):
    working = derivations.load(name).replay(**givens([premise], []))
    assert_fits(working)
    assert working.idea.sentence == "" and working.idea.lines and working.outline


def test_from_other_premises_lines_may_stand_in_another_order():
    """A weighted mean is a sum of unequal terms: its variance is taken term by term before a factor leaves it."""

    def weighted(proof: Proof) -> Term:
        weights, i = proof.vector("c", proof["B"]), Symbol("i")
        return total(weights[i] * proof["g"](i), i, proof["B"])

    working = derivations.load("minibatch-variance").replay(g_B=weighted)
    assert_fits(working)
    chosen = [id(line) for line in working.outline]
    assert chosen != [id(step) for step in working.steps if id(step) in chosen]


OWN = {
    "a file to start from": ["derive", "FILE"],
    "gradient": ["gradient", "v^T tanh(W x)", "--wrt", "W", "--let", "v: m", "--let", "W: m×n", "--let", "x: n"],
    "minimise": [
        *("minimise", "||X w - t||^2 + lambda ||w||^2", "--wrt", "w", "--let", "X: n×d", "--let", "t: n"),
        *("--let", "w: d", "--let", "lambda > 0"),
    ],
    "variance": [
        "variance",
        "1/B sum_{i=1}^B e_i",
        "--let",
        "e_i ~ Normal(0, s^2) iid",
        "--let",
        "B: positive integer",
    ],
    "mean": ["mean", "(x + y + x y)^2", "--let", "x ~ Normal(0, 1)", "--let", "y ~ Normal(m, 1)"],
    "recursion": ["recursion", "m_t = beta m_{t-1} + (1 - beta) g", "--start", "m_0 = 0"],
}


@pytest.mark.parametrize("words", OWN.values(), ids=OWN)
def test_what_nobody_wrote_an_outline_for_fits_too(words, tmp_path):
    path = str(tmp_path / "best_multiple.py")
    run("new", "best-multiple", "-o", path)
    words = [path if word == "FILE" else word for word in words]
    data = {depth: json.loads(run(*words, "--json", "--depth", depth).stdout) for depth in Depth}
    printed = {depth: sum(map(_printed, data[depth]["parts"])) for depth in Depth}
    assert 0 < printed[Depth.IDEA] <= 3 and 0 < printed[Depth.WORKING] <= 12
    assert printed[Depth.IDEA] <= printed[Depth.WORKING] <= printed[Depth.FULL]
    assert all(data[depth]["results"] == data[Depth.FULL]["results"] for depth in Depth)


def _printed(part: dict[str, Any]) -> int:
    steps = part.get("steps", [])
    return len(steps) + bool(steps and steps[0]["claim"]["relation"] in "⇔⇒")


# -- which lines -------------------------------------------------------------------------------------------------------

IDEAS = {
    "ridge": ["∇g(w) = 0 ⇔ w = (XᵀX + 2λnI)⁻¹Xᵀt", "∇²g(w) ≻ 0"],
    "fgm-epsilon": ["f(x′) = 0 ⇔ ε = x(XᵀX + 2λn)/(Xᵀt)", "|ε*(λ)| − |ε*(0)| > 0"],
    "fgsm-epsilon": ["sign(w*) = sign(Xᵀt)", "f(x′) = 0 ⇔ ε = x sign(Xᵀt)"],
    "batch-size-regimes": [
        "S(B) = S_min · (1 + B_noise/B)",
        "e(B) = −B_noise/(B_noise + B)",
        "B_noise is the unique minimiser of K(B) over B",
    ],
    "compute-optimal-model-size": [
        "Lα_S/(α_N + α_S) is the unique minimiser of C_u(u) over u",
        "N*(L*(C)) = N*(1)(C/C*(1))^(α_C/α_N)",
        "1/2 < [r_N]_{α_N = 0.076, α_S = 0.76, α_B = 0.21}",
    ],
}


@pytest.mark.parametrize("name", IDEAS)
def test_an_idea_is_these_lines(name):
    assert [plain(step.claim.formula) for step in at_depth(whole(name), Depth.IDEA).steps] == IDEAS[name]


@pytest.mark.parametrize("name", NAMES)
def test_what_the_author_chose_is_shown_and_nothing_else(name):
    """Each chosen line ends one that is shown, and what is shown joins all lines of a passage up to there."""
    for depth, chosen in ((Depth.IDEA, whole(name).idea.lines), (Depth.WORKING, whole(name).outline)):
        shown = at_depth(whole(name), depth)
        wanted = [line for line in chosen if not isinstance(line, str)]
        assert [id(joined(step)[-1]) for step in shown.steps] == [id(line) for line in wanted]
        for passage in passages(shown):
            inside = [id(line) for step in passage.steps for line in joined(step)]
            assert any(inside == [id(s) for s in each.steps][: len(inside)] for each in passages(whole(name)))
        assert [p.heading for p in passages(shown) if p.heading] == [each for each in chosen if isinstance(each, str)]


def test_without_an_author_lines_that_results_and_answers_are_come_first():
    bare = replace(whole("batch-size-regimes"), idea=Idea(), outline=())
    shown = [plain(step.claim.formula) for step in at_depth(bare, Depth.WORKING).steps]
    for part in bare.parts:
        for step in part.because if isinstance(part, Choice) else ():
            assert plain(step.claim.formula) in shown
    assert "B_noise is the unique minimiser of K(B) over B" in shown
    assert {"E_min = B_noise S_min", "d²K(B)/dB² > 0"} <= set(shown)  # which results lean on
    assert not any("κ" in each or "Δ_max =" in each for each in shown)  # which none does, or what it leans on


def test_without_an_author_a_long_passage_keeps_the_lines_that_nothing_tidies_up():
    working = whole("softmax-cross-entropy")
    loss = passages(working)[0]
    alone = replace(working, parts=(loss,), results=(Result("", loss.result),), idea=Idea(), outline=())
    shown = at_depth(alone, Depth.IDEA).steps
    assert [joined(step)[-1].rule.name for step in loss.steps if step in (joined(s)[-1] for s in shown)] == [
        "unfold",
        "constant factor of sum",
        "insert",
    ]


def test_of_too_many_lines_the_ends_of_passages_stay():
    every = replace(whole("batch-size-regimes"), outline=whole("batch-size-regimes").steps)
    ends = {id(passage.steps[-1]) for passage in passages(every)}
    assert_fits(every)
    assert all(id(joined(step)[-1]) in ends for step in at_depth(every, Depth.WORKING).steps)


# -- what goes with them -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "named", "supposed"),
    [
        ("fgm-epsilon", ["ε*(λ) = x(XᵀX + 2λn)/(Xᵀt)"], ["x ≠ 0", "λ > 0"]),
        ("batch-size-regimes", [], []),
        ("gaussian-maximum-likelihood", ["m = 1/n · Σ_{i=1}^{n} xᵢ", "ℓ(v) = n ln(v)/2 + q(m)/(2v)"], ["q(m) > 0"]),
    ],
)
def test_names_and_hypotheses_stay_where_something_shown_speaks_of_them(name, named, supposed):
    working = at_depth(whole(name), Depth.WORKING)
    assert [plain(part.definition) for part in working.parts if isinstance(part, Let)] == named
    assert [plain(part.hypothesis) for part in working.parts if isinstance(part, Suppose)] == supposed


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_given_but_the_premises(name):
    for depth in Depth:
        shown = at_depth(whole(name), depth)
        assert shown.premises == whole(name).premises
        printed = run("derive", name, "--depth", depth).stdout
        for part in shown.parts:
            if isinstance(part, Let):
                assert f"\nLet {plain(part.definition)}"[:60] in printed


@pytest.mark.parametrize("name", NAMES)
def test_the_lines_of_an_idea_stand_together(name):
    """With what is named and supposed for them, and before any picture, question or remark."""
    kinds = [isinstance(part, (Passage, Let, Suppose)) for part in at_depth(whole(name), Depth.IDEA).parts]
    assert kinds == sorted(kinds, reverse=True)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("depth", Depth)
def test_a_hypothesis_is_written_where_a_later_line_or_answer_leans_on_it(name, depth):
    printed = run("derive", name, "--depth", depth).stdout
    parts = at_depth(whole(name), depth).parts
    supposed = [
        f"Suppose {plain(p.hypothesis)}" for k, p in enumerate(parts) if isinstance(p, Suppose) and needed(k, parts)
    ]
    assert re.findall("^Suppose .*$", printed, re.M) == supposed


def needed(place: int, parts: tuple[Any, ...]) -> bool:
    later = [step for part in parts[place + 1 :] if isinstance(part, Passage) for step in part.steps]
    later += [step for part in parts[place + 1 :] if isinstance(part, Choice) for step in part.because]
    return any(parts[place].hypothesis in step.claim.assumptions for step in later)


def test_the_case_of_the_sign_supposes_no_penalty_that_nothing_uses():
    assert "Suppose λ > 0" not in run("derive", "fgsm-epsilon", "--depth", "full").stdout
    assert "Suppose λ > 0" in run("derive", "fgm-epsilon", "--depth", "full").stdout


def test_a_hypothesis_that_nothing_shown_leans_on_goes():
    working = whole("fgm-epsilon")
    unasked = tuple(part for part in working.parts if not isinstance(part, Choice))
    (solved,) = (passage.steps[-1] for passage in passages(working) if passage.heading == "Output zero")
    shown = at_depth(replace(working, parts=unasked, outline=(solved,)), Depth.WORKING)
    assert [type(part) for part in shown.parts] == [Passage, Figure, Remark, Remark]


def test_a_name_that_nothing_shown_speaks_of_goes():
    names = {part.definition.name for part in whole("batch-size-regimes").parts if isinstance(part, Let)}
    shown = {
        part.definition.name
        for part in at_depth(whole("batch-size-regimes"), Depth.WORKING).parts
        if isinstance(part, Let)
    }
    assert names - shown == {"q"}


@pytest.mark.parametrize("name", NAMES)
def test_remarks_stay_in_a_working_and_questions_at_every_depth(name):
    full, working, idea = (at_depth(whole(name), depth).parts for depth in (Depth.FULL, Depth.WORKING, Depth.IDEA))
    remarks = [part for part in full if isinstance(part, Remark)]
    assert [part for part in working if isinstance(part, Remark)] == remarks
    assert not any(isinstance(part, Remark) for part in idea)
    answers = [part for part in full if isinstance(part, Choice)]
    assert [part for part in working if isinstance(part, Choice)] == answers
    short = [part for part in idea if isinstance(part, Choice)]
    assert [(a.question, a.chosen, a.because) for a in short] == [(a.question, a.chosen, a.because) for a in answers]
    assert all(part.options == (part.chosen,) for part in short)


REASONS = [
    ("ridge", "∇²g(w) = XᵀX/n + 2λI", "insert ∇g(w); differentiate with respect to w"),
    ("ridge", "∇g(w) = 0 ⇔ (XᵀX/n + 2λI)w = Xᵀt/n", "insert ∇g(w)"),
    ("fgm-epsilon", "w* = Xᵀt/(XᵀX + 2λn)", "by the definition of w*; `ridge` for d = 1"),
    ("fgm-output", "f(x′) = wᵀ(x − εw)", "by the definition of f; insert x′"),
    ("batch-size-regimes", "(S(B)/S_min − 1)(E(B)/E_min − 1) = 1", "by the definition of E; insert S(B) and E_min"),
    (
        "batch-size-learning-rate",
        "a(E[w − ηg_B]² + Var(w − ηg_B))/2 = a((1 − ηa)²w² + η²σ²/B)/2",
        "a constant does not vary; a constant factor leaves squared; `minibatch-variance`; …",
    ),
    ("dropout-bias-variance", "1/p · Σ_{j=1}^{d} wⱼXᵢⱼE[mᵢⱼ] = Σ_{j=1}^{d} wⱼXᵢⱼ", "the law: E[mᵢⱼ] = p"),
]


@pytest.mark.parametrize(("name", "formula", "reason"), REASONS, ids=[row[1] for row in REASONS])
def test_a_line_that_joins_several_has_what_is_telling_of_their_reasons(name, formula, reason):
    steps = {plain(step.claim.formula): step for step in at_depth(whole(name), Depth.WORKING).steps}
    assert reasons.why(steps[formula]) == reason and len(joined(steps[formula])) > 1


def test_what_is_put_in_is_told_in_full_where_the_page_does_not_show_it():
    shown = re.sub(r"\s+", " ", run("derive", "fgm-epsilon").stdout)
    assert "insert |ε*(λ)| and |ε*(0)| = |x|XᵀX/|Xᵀt|" in shown  # the first stands above, the other does not
    assert "as found above" not in shown
    page = article(at_depth(whole("batch-size-regimes"), Depth.WORKING))
    said = re.sub(r"<[^>]*>", "", page)
    assert "and Emin=BnoiseSmin" in said.replace(" =", "=").replace("= ", "=")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("depth", Depth)
def test_no_reason_of_a_page_points_above_where_nothing_stands(name, depth):
    """`as found above` is said only of what a line of the page comes to."""
    working = at_depth(whole(name), depth)
    ends = {
        plain(s.claim.left) for p in passages(working) for s in (*p.steps, p.result) if isinstance(s.claim.left, Term)
    }
    printed = re.sub(r"\s+", " ", run("derive", name, "--depth", depth).stdout)
    for inserted in re.findall(r"insert (\S+) as found above", printed):
        assert inserted in ends


# -- questions and premises --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "depth", "bare"),
    [
        ("minibatch-variance", Depth.IDEA, [False]),
        ("minibatch-variance", Depth.FULL, [True, True]),
        ("fgm-epsilon", Depth.WORKING, [True, True, False, False]),
    ],
)
def test_what_decides_is_given_a_reason_where_the_page_does_not_show_it(name, depth, bare):
    working = at_depth(whole(name), depth)
    citations, choice = Citations(working), working.choices[0]
    decide = [*choice.because, *(step for reason in choice.why for step in reason.because)]
    grounds = citations.grounds(decide)
    assert [why == "" for _, why in grounds] == bare == [citations.line(step) is not None for step in decide]
    assert [formula for formula, _ in grounds] == [step.claim.formula for step in decide]


OPTIONS = [
    ("fgm-epsilon", "no: the same ε is enough", "it would mean |ε*(λ)| − |ε*(0)| = 0, but |ε*(λ)| − |ε*(0)| > 0"),
    ("batch-size-regimes", "✗ A", "it would mean B_noise/θ is the unique minimiser of K(B) over B, but B_noise is the"),
    (
        "compute-optimal-model-size",
        "A: train the same model with the same batch size for more steps",
        "it would mean lim_{S→∞} loss(N, S) < ℓ_N(N)/2, but lim_{S→∞} loss(N, S) = ℓ_N(N)",
    ),
]


@pytest.mark.parametrize(("name", "option", "grounds"), OPTIONS)
def test_a_refuted_option_says_what_it_would_mean_and_what_holds_instead(name, option, grounds):
    shown = re.sub(r"\s+", " ", run("derive", name).stdout)
    assert f"{option} {grounds}" in shown
    for write in (fragment, article, lambda working: markdown([working])):
        text = write(at_depth(whole(name), Depth.WORKING))
        wrong = [option for choice in whole(name).choices for option in choice.options if option.refuted is not None]
        assert text.count("it would mean") == len(wrong)


@pytest.mark.parametrize("name", [name for name in NAMES if whole(name).choices])
def test_what_holds_instead_is_a_certified_line_of_the_same_thing(name):
    working = whole(name)
    certified = {step.claim.formula for p in passages(working) for step in (*p.steps, p.result)}
    for choice in working.choices:
        certified |= {step.claim.formula for step in choice.because}
        for option in choice.options:
            contrary = against(working, choice, option)
            assert (contrary is None) == (option.refuted is None)
            if contrary is not None and option.refuted is not None:
                claim, fact = contrary
                assert claim == option.refuted.formula and fact in certified and fact != claim


@pytest.mark.parametrize("depth", Depth)
def test_laws_that_are_cited_are_said_to_be_among_the_premises(depth):
    cited = "ℓ_N, ℓ_S, loss, B, C_train: cited from Kaplan et al. 2020"
    assert cited in run("derive", "compute-optimal-model-size", "--depth", depth).stdout
    for format_ in ("latex", "html", "markdown"):
        text = run("export", "compute-optimal-model-size", "-f", format_, "--depth", depth).stdout
        assert text.index("Given") < text.index("cited from") < text.index("assuming")
    assert "cited from" not in run("derive", "ridge", "--depth", depth).stdout
    other = run("derive", "compute-optimal-model-size", "--given", "ell_N = (N_c/N)^(3 alpha_N)", "--depth", depth)
    assert "ℓ_S, loss, B, C_train: cited from" in other.stdout and "ℓ_N, ℓ_S, loss" not in other.stdout


def test_routine_is_of_rules_that_there_are():
    assert set(all_rules()) >= reasons.ROUTINE | reasons.KNOWN


@pytest.mark.parametrize("name", NAMES)
def test_a_joined_line_is_as_weak_and_needs_as_much_as_what_it_joins(name):
    for step in at_depth(whole(name), Depth.WORKING).steps:
        parts = joined(step)
        assert {mark for part in parts for mark in marks(part)} >= set(marks(step))
        assert bool(marks(step)) == any(marks(part) for part in parts)
        assert set(needs(step)) == {needed for part in parts for needed in needs(part)}
        assert step.claim.assumptions == frozenset().union(*(part.claim.assumptions for part in parts))


# -- what an author may choose -----------------------------------------------------------------------------------------


def best_multiple(choose: Any) -> Working:
    @derivation("mine", title="Mine", source="")
    def mine(proof: Proof) -> None:
        n = proof.size("n")
        x, y, c = proof.vector("x", n), proof.vector("y", n), proof.scalar("c")
        proof.assume(nonzero(x))
        f = proof.given("f", norm2(y - c * x), c)
        slope = proof.derive(gradient(f(c), c)).by(differentiate)
        best = slope.set_to(0, about=c).by(separate(c), common_factor, isolate(c))
        bend = proof.derive(hessian(f(c), c)).by(insert(slope.step), differentiate)
        convex = proof.shown(positive(hessian(f(c), c)), bend)
        least = proof.conclude(proof.fact(minimiser(best.step, convex), ArgMin(f(c), c)))
        choose(proof, slope, best, bend, convex, least)

    return mine.run()


@pytest.mark.parametrize(
    ("choose", "message"),
    [
        (lambda p, slope, best, *_: p.idea("So.", slope, *best.steps), "these take 6 lines, and there is room for 3"),
        (
            lambda p, slope, best, *_: p.outline(best, slope),
            "in the order in which they stand in the working, each once",
        ),
        (lambda p, slope, *_: p.outline(slope, slope), "each once"),
        (lambda p, slope, best, *_: p.outline(best.steps[1], "So", best), "'So' stands above the first line"),
        (lambda p, slope, *_: p.outline(p.suppose(nonzero(p["x"]))), "x ≠ 0 is no line of this working"),
    ],
)
def test_what_cannot_be_shown_is_told(choose, message):
    with pytest.raises(DerivationError, match=message):
        best_multiple(choose)


def test_what_came_to_no_line_is_left_out():
    working = best_multiple(
        lambda p, slope, best, *_: p.outline("Here", best.line(expand), slope.line(cancel), best, p.derive(p["c"]))
    )
    assert [item if isinstance(item, str) else plain(item.after) for item in working.outline] == [
        "Here",
        "c = xᵀy/(xᵀx)",
    ]
    assert [passage.heading for passage in passages(at_depth(working, Depth.WORKING))] == ["Here"]


def test_a_working_whose_outline_is_not_of_its_lines_does_not_hold_together():
    other = whole("fgm-output").steps[0]
    with pytest.raises(Incoherent) as refused:
        holds_together(replace(whole("ridge"), outline=("Here", other)))
    assert refused.value.place == "outline[1]"
    with pytest.raises(Incoherent):
        holds_together(replace(whole("ridge"), idea=Idea("", (other,))))


# -- on the command line and in documents ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_where_nothing_is_said_a_long_working_is_shown_in_a_dozen_lines(name):
    assert usual_depth(whole(name)) is (Depth.FULL if name in SHORT else Depth.WORKING)


@pytest.mark.parametrize("format_", ["latex", "html", "markdown", "json"])
@pytest.mark.parametrize("depth", [None, *Depth])
def test_every_export_is_as_deep_as_is_asked(format_, depth):
    text = run("export", "batch-size-regimes", "-f", format_, *(["--depth", depth] if depth else [])).stdout
    depth = depth or (Depth.FULL if format_ == "json" else Depth.WORKING)
    if format_ == "json":
        assert (
            text
            == json.dumps(as_data(at_depth(whole("batch-size-regimes"), depth)), ensure_ascii=False, indent=2) + "\n"
        )
        assert json.loads(text)["depth"] == depth
    else:
        said = re.sub(r"<[^>]*>", "", text) if format_ == "html" else text
        assert (extent(at_depth(whole("batch-size-regimes"), depth)) or "steps:") in said
        assert ("A larger batch saves steps" in said) == (depth is Depth.IDEA)
        assert ("so both are least" in said or "from the ratio" in said) == (depth is not Depth.IDEA)


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["derive", "ridge"], 9),
        (["derive", "ridge", "--depth", "idea"], 3),
        (["derive", "ridge", "--depth", "full"], None),
        (["derive", "ridge", "--detail"], None),
        (["derive", "ridge", "--detail", "--depth", "full"], None),
        (["derive", "fgm-output"], None),
        (["derive", "fgm-output", "--depth", "working"], 4),
        (["minimise", "(x - 1)^2", "--wrt", "x", "--depth", "idea"], 3),
        (["minimise", "(x - 1)^2", "--wrt", "x"], None),
    ],
)
def test_the_terminal_says_how_much_is_shown(words, count):
    shown = run(*words)
    assert shown.exit_code == YES
    said = re.search(r"^shown in (\d+) of \d+ lines; --depth full shows all$", shown.stdout, re.M)
    assert (said and int(said.group(1))) == count


def test_lines_under_one_heading_stand_together_and_so_do_names_and_hypotheses():
    shown = run("derive", "fgm-epsilon").stdout
    assert re.search(
        r"^It grows with the penalty\n( .*\n)*  \|ε\*\(λ\)\| − \|ε\*\(0\)\| = .*\n( .*\n)*  d\|ε\*\(λ\)\|/dλ = ",
        shown,
        re.M,
    )
    assert "\n\nLet ε*(λ) = x(XᵀX + 2λn)/(Xᵀt)\nSuppose x ≠ 0\n\n" in shown


@pytest.mark.parametrize(
    "words", [["derive", "ridge"], ["export", "ridge"], ["gradient", "x^2", "--wrt", "x"], ["mean", "2", "-f", "latex"]]
)
@pytest.mark.parametrize("depth", ["idea", "working"])
def test_detail_of_what_is_not_shown_is_refused(words, depth):
    done = run(*words, "--detail", "--depth", depth)
    assert (
        done.exit_code == MISUSED
        and done.stdout == ""
        and done.stderr.startswith("error: ")
        and done.stderr.count("\n") <= 2
    )
    assert f"--depth {depth} does not show every line" in done.stderr


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("depth", ROOM)
def test_every_excerpt_fits_its_width(width, depth):
    for name in NAMES:
        page = io.StringIO()
        show(
            at_depth(whole(name), depth), Console(file=page, width=width, no_color=True, markup=False, highlight=False)
        )
        text = page.getvalue()
        assert max(map(cell_len, text.splitlines())) <= width and "\n\n\n" not in text, name
        assert ("Remark" in text) <= (depth is Depth.WORKING)


@pytest.mark.parametrize("depth", ROOM)
def test_documents_of_an_excerpt_are_well_formed(depth):
    for name in NAMES:
        working = at_depth(whole(name), depth)
        tex, page = fragment(working), article(working)
        labels, cited = set(re.findall(r"\\label\{(eq:[^}]*)\}", tex)), set(re.findall(r"\\eqref\{([^}]*)\}", tex))
        assert labels == cited and tex.count(r"\boxed{") == len(working.results)
        assert {link for link in re.findall(r'href="#([^"]*)"', page)} <= set(re.findall(r' id="([^"]*)"', page))
        assert markdown([working]).count("```math") * 2 == markdown([working]).count("```")
        assert (r"\text{}" in tex) is False and (r"\text{}" in markdown([working])) is False


def test_a_line_of_a_web_page_unfolds_to_the_lines_that_it_joins():
    page = article(at_depth(whole("minibatch-variance"), Depth.IDEA))
    folds = page.split("<details")
    assert "a constant factor leaves squared" in page and "the terms are independent" in page
    assert len(folds) - 1 > 3  # the three lines, and those inside


# -- certified again ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", Depth)
def test_what_is_exported_at_any_depth_is_certified_again(depth, tmp_path):
    path = tmp_path / "regimes.json"
    run("export", "fgsm-epsilon", "-f", "json", "--depth", depth, "-o", str(path))
    done = run("verify", str(path), "--json")
    assert done.exit_code == YES
    assert json.loads(done.stdout)["derivations"][0]["steps"] == len(whole("fgsm-epsilon").steps)


def test_what_an_author_chose_is_in_the_certificate():
    again = reread(json.loads(json.dumps(as_data(whole("ridge")))))
    assert again.idea.sentence == whole("ridge").idea.sentence
    for one, other in zip(
        (*again.idea.lines, *again.outline), (*whole("ridge").idea.lines, *whole("ridge").outline), strict=True
    ):
        assert one == other if isinstance(one, str) else one.claim == other.claim


CHANGES = [
    ("depth", "full", "parts"),
    ("depth", "idea", "parts"),
    ("depth", "whole", "depth"),
    ("depth", None, "depth"),
    ("idea", "Because it is so.", "idea"),
]


@pytest.mark.parametrize(("key", "value", "place"), CHANGES)
def test_a_change_in_an_excerpt_is_refused_with_its_place(key, value, place):
    data = json.loads(json.dumps(as_data(at_depth(whole("fgm-output"), Depth.WORKING))))
    done = run("verify", "-", stdin=json.dumps({**data, key: value}))
    assert done.exit_code == NO and re.search(rf"-: {place}\b|: {place}\b", done.stdout)


def test_a_changed_line_of_an_excerpt_is_refused():
    data = json.loads(json.dumps(as_data(at_depth(whole("ridge"), Depth.WORKING))))
    data["parts"][1]["steps"][0]["reason"] = "obvious"
    done = run("verify", "-", stdin=json.dumps(data))
    assert done.exit_code == NO and "parts[1].steps[0].reason" in done.stdout


def test_a_file_from_before_there_were_depths_is_still_read():
    data = as_data(replace(whole("fgm-output"), idea=Idea(), outline=()))
    for key in ("depth", "idea"):
        del data[key]
    for row in data["certificate"]["table"]:
        if row[0] == "Working":
            del row[-2:]
    assert run("verify", "-", stdin=json.dumps(data)).exit_code == YES


def test_an_idea_says_what_of_the_premises_it_leaves_out():
    said = " ".join(run("derive", "batch-size-regimes", "--depth", "idea").stdout.split())
    assert "S(B) = c/Δ(B)" in said and "η*(B) =" not in said and "is taken to mean" not in said
    assert "Left out of the idea: 8 more premises, which these rest on" in said
    assert "Which regime" not in said and "regime at A: noise dominated" in said  # answers stand under Result
    assert "Left out" not in run("derive", "ridge", "--depth", "idea").stdout
