"""Judging answers: the table of pairs, what is shown with a wrong one, and texts that nobody meant."""

from __future__ import annotations

import random
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derivations
from engine.grading import Judge, Verdict, questions
from engine.grading.equality import equal
from engine.grading.parts import judged_parts
from engine.reading import Names, read
from engine.terms import Symbol, sqrt, term, total
from engine.terms.declarations import POSITIVE, POSITIVE_INTEGER, Declaration
from engine.worlds.comparison import Agreement, Reference

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import fuzz
from pairs import ANSWERS, QUESTIONS


def asked(name: str):
    return questions(derivations.load(name).run())


@pytest.fixture(scope="module")
def judges():
    return {name: Judge(asked(name)[0]) for name in fuzz.GOOD}


# -- the table ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", derivations.names())
def test_answers_to_the_catalogue_get_the_verdict_they_deserve(name):
    table = [answer for answer in ANSWERS if answer.name == name]
    found = {(a.part, a.answer): judged_parts(a.answer, asked(name), a.part, Judge)[0].verdict.value for a in table}
    assert found == {(a.part, a.answer): a.verdict for a in table}
    assert "correct" in found.values() and "incorrect" in found.values()


@pytest.mark.parametrize("pair", QUESTIONS, ids=lambda pair: f"{pair.left} ? {pair.right}")
def test_pairs_are_judged_rightly_both_ways_round(pair):
    wanted = Verdict.CORRECT if pair.equal else Verdict.INCORRECT
    for left, right in ((pair.left, pair.right), (pair.right, pair.left)):
        judged = equal(left, right, pair.let)
        assert judged.verdict is wanted, judged
        if not pair.equal:
            assert judged.counterexample is not None


def test_the_table_is_long_enough():
    assert len(ANSWERS) + len(QUESTIONS) >= 120
    assert {answer.name for answer in ANSWERS} == set(derivations.names())


WHERE = [
    ("x/x", "1", (), ["x ≠ 0"]),
    ("1", "x/x", (), ["x ≠ 0"]),
    ("x/x", "1", ("x > 0",), []),
    ("1/x", "1/x", (), []),  # both ask for it
    ("(x^2-1)/(x-1)", "x+1", (), ["x − 1 ≠ 0"]),
    ("x^3/x^2", "x", (), ["x ≠ 0"]),
    ("x y/(x y)", "1", (), ["x ≠ 0", "y ≠ 0"]),
    ("1/(x y)", "(1/x)(1/y)", (), []),
    ("a/(2b)", "a/b/2", (), []),
    ("1/(x-y) + 1/(y-x)", "0", (), ["x − y ≠ 0"]),
    ("tan x cos x", "sin x", (), ["cos(x) ≠ 0"]),
    ("2 asin(1/2)", "pi/3", (), []),  # what speaks of numbers alone holds, or nothing would have a value
    ("binomial(n, k^2) - binomial(n, k k)", "0", ("n, k: positive integer",), []),
    ("A A^-1", "I", ("A: n×n",), ["A is invertible"]),
    ("(X'X)^-1 X'X", "I_d", ("X: n×d",), ["XᵀX is invertible"]),
    ("log((x-1)^2)", "2 log(x-1)", ("x > 0",), ["x − 1 > 0"]),  # an open set on which both have a value
    ("ln(a b)", "ln a + ln b", (), ["a > 0", "b > 0"]),
    ("sqrt(x)^2", "sqrt(x^2)", (), ["x ≥ 0"]),
    ("A A^-1", "I", ("A: n×n invertible",), []),
    ("(A B)^-1", "B^-1 A^-1", ("A, B: n×n",), []),
    ("(c A)^-1", "A^-1/c", ("A: n×n",), []),
    ("X (X^T X + l I)^-1", "(X X^T + l I)^-1 X", ("X: n×d", "l > 0"), []),
]


@pytest.mark.parametrize(("left", "right", "let", "where"), WHERE)
def test_where_both_sides_have_a_value(left, right, let, where):
    judged = equal(left, right, let)
    assert judged.correct and list(judged.where) == where
    assert sorted(equal(right, left, let).where) == sorted(where)


def test_an_answer_that_needs_more_than_the_result_says_where():
    assert verdict("fgm-epsilon", "x^2 (X^T X + 2 lambda n)/(x X^T t)").where == ("x ≠ 0",)
    assert verdict("fgm-epsilon", "x (X^T X + 2 lambda n)/(X^T t)").where == ()


# -- what is shown -----------------------------------------------------------------------------------------------------


def verdict(name: str, text: str, part: str | None = None):
    return judged_parts(text, asked(name), part, Judge)[0]


def test_a_wrong_answer_comes_with_the_simplest_counterexample():
    shown = verdict("ridge", "(X'X + nλ I)^-1 X't").counterexample
    assert dict(shown.values) == {"d": "1", "n": "1", "X": "[1]", "λ": "2", "t": "[3]"}
    assert (shown.answer, shown.result) == ("[1]", "[3/5]")


@pytest.mark.parametrize(
    ("name", "text", "assumption"),
    [
        ("ridge", "(X'X + 2λ I)^-1 X't", "n = 1"),
        ("minibatch-variance", "σ²", "B = 1"),
        ("minibatch-variance", "σ/B", "σ = 1"),
        ("fgm-output", "w'x + ε w'w", "ε = 0"),
        ("batch-size-regimes", "point C: σ²/w²", "a = 1"),
    ],
)
def test_the_assumption_that_an_answer_lacks_is_told(name, text, assumption):
    assert verdict(name, text).holds_if == assumption


@pytest.mark.parametrize(
    ("left", "right", "let", "assumption"),
    [
        ("√(x²)", "x", ("x",), "x > 0"),
        ("√(x²)", "-x", ("x",), "x < 0"),
        ("A^2", "tr(A) A - det(A) I", ("A: n×n",), "n = 2"),
        ("A B", "B A", ("A: n×n", "B: n×n"), "n = 1"),
        ("max(x, x^2)", "x", ("x > 0",), "x < 1"),
        ("|q| + floor(1/(1 + (q-1)^2))", "q", ("q",), "q = 0"),  # not q > 0: the counterexample has q = 1
        ("|q| + floor(1/(1 + (q-2)^2))", "q", ("q",), "q = 0"),
        ("x + exp(-5000)", "x^2", ("x",), ""),  # not x = 1, where the rest drowns in few bits
        ("x^2 + exp(-10^6)", "1", ("x",), ""),
        ("x + exp(-50)(x - 1)", "x^2", ("x",), "x = 1"),
    ],
)
def test_further_assumptions(left, right, let, assumption):
    judged = equal(left, right, let)
    assert judged.holds_if == assumption


def test_what_is_not_defined_everywhere_is_compared_where_it_is():
    judged = equal("(X'X)^-1 X'X X'", "(X'X)^-1 (X'X) X'", ("X: n×d",))
    assert judged.correct and judged.worlds < 13
    assert "compared where it is" in judged.notes[0]


def test_true_but_unsolved_is_said_to_be():
    assert verdict("ridge", "(X'X + 2nλ I) w = X't").reason == "true, but not solved for w"
    assert verdict("minibatch-variance", "B Var(g_B) = σ²").reason == "true, but not solved for Var(g_B)"
    assert verdict("gaussian-dropout-sigma", "σ² = (1-p)/p").reason == "true, but not solved for σ"
    assert verdict("ridge", "w = (X't - X'X w)/(2nλ)").reason == "true, but not solved: w still stands on the right"
    assert verdict("ridge", "X = X").reason == "true, but it says nothing of w"
    assert verdict("ridge", "(X'X + nλ I) w = X't").reason == "this equation does not hold where w is the result"


def test_what_restates_the_question_is_no_answer():
    assert verdict("fgm-output", "f(x')").reason == "true, but not worked out: f(x′) still stands in it"
    assert verdict("ridge", "argmin_w g(w)").reason == "true, but not worked out: argmin_w g(w) still stands in it"
    assert verdict("minibatch-variance", "Var(g_1)/B").reason == "true, but not worked out: Var(g₁) still stands in it"
    assert verdict("fgm-epsilon", "ε*").verdict is Verdict.INCORRECT


def test_the_other_reading_of_a_quotient_is_told_where_it_would_be_right():
    judged = verdict("dropout-bias-variance", "1/2N Σ_i Var(ỹ_{m,i}) + 1/2N Σ_i (E[ỹ_{m,i}] - t_i)²")
    assert judged.verdict is Verdict.INCORRECT and "right if a/b c is meant as a/(b c)" in judged.reason


def test_parts_are_taken_by_name():
    both = judged_parts(
        "bias: 1/(2N) Σ_i (Σ_j w_j X_ij − t_i)²; variance: 0", asked("dropout-bias-variance"), None, Judge
    )
    assert [(j.part, j.verdict) for j in both] == [("bias²", Verdict.CORRECT), ("variance", Verdict.INCORRECT)]
    assert "there is no part 'noise'" in judged_parts("0", asked("dropout-bias-variance"), "noise", Judge)
    assert verdict("batch-size-regimes", "1").part == "trade-off"


def test_a_part_is_not_taken_for_the_whole():
    assert verdict("dropout-bias-variance", "1/(2N) Σ_i (E[ỹ_{m,i}] - t_i)²").verdict is Verdict.INCORRECT


# -- nothing is let pass -----------------------------------------------------------------------------------------------

n, s, y = Symbol("n"), Symbol("s"), Symbol("y")
NAMES = Names([Declaration(n, POSITIVE_INTEGER), Declaration(s, POSITIVE), Declaration(y)])


@pytest.mark.parametrize(
    "extra",
    ["10^-60", "exp(-1000)", "1 - tanh(300)", "1 - erf(12)", "π/2 - atan(exp(1000))", "√(1 + 10^-60) - 1", "cos(10^-40) - 1",
     "1/exp(exp(7))", "exp(-exp(8)) s", "10^-50*10^-50*10^-50 y^2", "(1 + exp(-500))^2 - 1"],
)  # fmt: skip
def test_what_is_too_small_to_be_seen_is_seen_all_the_same(extra):
    for base in ("√s", "exp(s)", "√2"):
        judged = Reference(read(base, NAMES).value, NAMES.declarations.values())
        found = judged.compared(read(f"{base} + {extra}", NAMES).value)
        assert found.outcome is Agreement.DIFFERENT, (base, extra)


def test_what_cannot_be_settled_is_not_called_equal():
    found = Reference(sqrt(s), NAMES.declarations.values()).compared(read("√s + exp(-exp(20))", NAMES).value)
    assert found.outcome is Agreement.UNDECIDED and "could not be settled" in found.reason


def test_an_answer_made_for_the_published_sizes_is_found_out():
    """A polynomial that is 0 at every size that the numbered worlds have: its degree asks for more sizes."""
    index = Symbol("i")
    reference = Reference(total(index, index, n), NAMES.declarations.values())
    vanishing = term(1)
    for k in range(1, 13):
        vanishing = vanishing * (n - k)
    assert reference.compared(reference.value + vanishing).outcome is Agreement.DIFFERENT
    assert reference.compared(reference.value + 0 * n).outcome is Agreement.EQUAL


def test_a_correct_answer_was_seen_in_a_world_from_the_systems_entropy(monkeypatch):
    """With the fresh worlds held back there is one world fewer; and they are other ones for another judge."""
    seeds = []
    monkeypatch.setattr(
        "engine.worlds.reference_values.secrets.randbits", lambda bits: seeds.append(bits) or random.getrandbits(bits)
    )
    judged = Judge(asked("ridge")[0]).verdict("(X'X + 2nλ I)^-1 X't")
    assert judged.worlds == 10 and seeds == [64] * len(seeds) and seeds


def test_an_answer_made_for_the_published_worlds_fails_in_the_fresh_one():
    """A polynomial that is 0 at every value that a symbol has in the numbered worlds is not 0 everywhere."""
    reference = Reference(s, NAMES.declarations.values())
    vanishing = term(1)
    for number in range(12):
        world, _ = next(reference.values(s + y).numbered(number))
        vanishing = vanishing * (int(world[y].q) * y - int(world[y].p))
    assert reference.compared(s + vanishing).outcome is Agreement.DIFFERENT


N = "n: positive integer"


@pytest.mark.parametrize(
    ("left", "right", "let"),
    [
        ("max(n, 2)", "n", (N,)),
        ("floor(1/n)", "0", (N,)),
        ("floor(2/n)", "0", (N,)),
        ("binomial(n, 13)", "0", (N,)),
        ("binomial(n, 20)", "0", (N,)),
        ("sum(max(0, i-8), i, 1, n)", "0", (N,)),
        ("sum(1, i, 1, n)", "n", ("n: integer",)),
        ("ceil(x)", "floor(x) + 1", ()),
        ("floor(x) + ceil(x)", "2floor(x) + 1", ()),
        ("sqrt((x+1000)^2)", "x + 1000", ()),
        ("max(x, -10^5)", "x", ()),
        ("|x + 10^9|", "x + 10^9", ()),
        ("floor(x/1000000)", "0", ("x > 0",)),
        ("floor(x + 1/10^9)", "floor(x)", ()),
        ("x/(1 + exp(-10000x))", "x", ()),
        ("erf(x + 20)", "1", ()),
        ("tanh(x + 1000)", "1", ()),
    ],
)
def test_where_a_function_changes_is_looked_at(left, right, let):
    assert equal(left, right, let).verdict is Verdict.INCORRECT


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        *(("minibatch-variance", f"σ²/B + {more}", None) for more in ("floor(1/B)", "max(0, 10-B)", "max(0, 1-|B-29|)", "binomial(B, 13)", "binomial(B, 100)")),
        ("minibatch-variance", "σ²/max(B, 10^5)", None),
        *(("ridge", f"(X'X + 2nλ I)^-1 X't {more}", None) for more in ("max(1, n-7)", "max(1, n-d-4)", "(1 + max(0, 1-|n-5|))", "cos(10^-60)")),
        ("fgm-output", "w'x - ε||w||² max(1, d-7)", None),
        ("fgm-output", "w'x - ε||w||² + max(0, ε - 10^9)", None),
        ("dropout-bias-variance", "(1-p)/(2pN) Σ_i Σ_j w_j² X_ij² + max(0, N-8)", "variance"),
        ("gaussian-dropout-sigma", "max(√((1-p)/p), 1/1000)", None),
        ("batch-size-regimes", "S_min(1 + B_noise/B) + exp(-500)", "steps"),
    ],
)  # fmt: skip
def test_answers_that_are_right_nearly_everywhere_are_wrong(name, text, part):
    judged = verdict(name, text, part)
    assert judged.verdict is Verdict.INCORRECT and judged.counterexample is not None and not judged.holds_if


@pytest.mark.parametrize("count", [11, 40])
def test_many_sizes_are_judged(count):
    let = [f"x_{k}: n_{k}" for k in range(1, count + 1)]
    norms = [f"||x_{k}||^2" for k in range(1, count + 1)]
    products = [f"x_{k}^T x_{k}" for k in range(count, 0, -1)]
    assert equal(" + ".join(norms), " + ".join(products), let).verdict is Verdict.CORRECT
    assert equal(" + ".join(norms), " + ".join(products[1:]), let).verdict is Verdict.INCORRECT
    wrong = equal(" + ".join(norms), " + ".join((*products[:-1], "n_1")), let)
    assert wrong.verdict is Verdict.INCORRECT and wrong.counterexample is not None


ROUND = "ABCDEFGHKLM"  # eleven sizes


def test_a_trace_of_eleven_factors_is_cyclic():
    let = tuple(f"{one}: {one.lower()}×{other.lower()}" for one, other in zip(ROUND, ROUND[1:] + "A", strict=True))
    assert equal("tr(A B C D E F G H K L M)", "tr(B C D E F G H K L M A)", let).verdict is Verdict.CORRECT
    assert equal("tr(A B C D E F G H K L M)", "tr(B C D E F G H K L M A)/2", let).verdict is Verdict.INCORRECT


@pytest.mark.parametrize(
    ("left", "right", "let"),
    [
        ("erf(10^100)", "1", ()),
        ("2000!", "1", ()),
        ("S^{1/2} S^{1/2}", "S", ("S: n×n symmetric positive definite",)),
        ("E[|z|]", "s sqrt(2/π)", ("z ~ Normal(0, s^2)", "s > 0")),
    ],
)
def test_what_is_out_of_reach_is_undecided_and_says_why(left, right, let):
    judged = equal(left, right, let)
    assert judged.verdict is Verdict.UNDECIDED and judged.reason


def test_the_weight_may_be_called_w_where_the_derivation_has_w_star():
    for text in (r"\epsilon w^\top w = w^\top x", "ε w = x"):
        assert verdict("fgm-epsilon", text).reason == "true with w* for w, but not solved for ε"
    assert verdict("fgm-epsilon", "x/w").reason == "true with w* for w, but not worked out: that still stands in it"


def test_what_is_right_for_another_part_is_told():
    judged = judged_parts("N: α_C/α_N", asked("compute-optimal-model-size"), None, Judge)[0]
    assert judged.reason == "it has another value; it is right for 'exponent of N'"
    assert verdict("compute-optimal-model-size", "N^* = N^*(1) (C/C^*(1))^{α_C/α_N}").verdict is Verdict.CORRECT


# -- texts that nobody meant -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", fuzz.HOSTILE, ids=lambda text: repr(text[:20]))
def test_hostile_texts_are_answered_soon(judges, text):
    for judge in judges.values():
        start = time.process_time()
        judge.verdict(text)
        assert time.process_time() - start < 5  # a hang, not a slow machine: benchmarks/fuzz.py measures


def test_random_and_mutated_texts_get_a_verdict(judges):
    for name, text in list(fuzz.texts(400, seed=random.randrange(10**9)))[-400:]:
        assert judges[name].verdict(text).verdict in Verdict, text


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gets_a_verdict(text):
    assert equal("x", text).verdict in Verdict


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(fuzz.WORDS), min_size=1, max_size=12).map(" ".join))
def test_what_cannot_be_read_is_called_unreadable(text):
    """No verdict other than unreadable or ill-typed comes without a reading."""
    judged = Judge(asked("ridge")[0]).verdict(text)
    if judged.verdict in (Verdict.CORRECT, Verdict.INCORRECT, Verdict.UNDECIDED):
        assert judged.reading is not None and judged.trouble is None
    if judged.verdict is Verdict.UNREADABLE:
        assert judged.trouble is not None and 0 <= judged.trouble.start <= len(text)


def test_answers_are_judged_from_several_threads_at_once():
    judge = Judge(asked("gaussian-dropout-sigma")[0])
    texts = {"√(1-p)/√p": True, "√(1-p)": False, "sqrt(1/p - 1)": True, "√((1-p)/p) + 10^-70": False}
    wrong = []

    def work() -> None:
        for _ in range(10):
            wrong.extend(text for text, right in texts.items() if judge.verdict(text).correct != right)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_nothing_is_kept_of_the_answers_that_were_judged():
    """The drawn worlds are shared by all answers and stay: what is computed for one answer must not stay in them."""
    stage = Reference(s, NAMES.declarations.values()).stage(read("s + 2y", NAMES).value)

    def kept() -> int:
        worlds = [stage.world(number, 0) for number in range(12)]
        return sum(len(values) for world in worlds for values, _ in world._caches.values())

    before = kept()
    for k in range(2, 12):
        value = read(f"s + {k} y", NAMES).value
        assert (
            Reference(value, NAMES.declarations.values()).compared(read(f"{k} y + s", NAMES).value).outcome
            is Agreement.EQUAL
        )
        Judge(asked("ridge")[0]).verdict(f"(X'X + {k} nλ I) w = X't")
    assert kept() == before


def test_judging_builds_no_sympy_object():
    import subprocess

    script = (
        "import sys; from engine.grading.equality import equal\n"
        "assert equal('tanh(x)', '2/(1+e^(-2x)) - 1').correct and not equal('A B', 'B A', ['A: n×n', 'B: n×n']).correct\n"
        "assert 'sympy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[1], timeout=60)
