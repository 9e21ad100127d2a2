"""Misconceptions, each refuted by the kernel; what they lead to; and that a mistake is named only where it was made."""

import json
import sys
from functools import cache, partial
from pathlib import Path

import pytest

import derivations
from engine.author import POSITIVE, equation
from engine.certificates.store import kept
from engine.grading.judging import Judge
from engine.grading.misconceptions.registry import MISCONCEPTIONS
from engine.grading.mistakes import RECOGNISED, Table, fingerprint, reference_of
from engine.grading.questions import questions
from engine.grading.replays import Memory, Replay, mistaken, replayed
from engine.grading.wrong_answers import table
from engine.kernel import Claim, ConditionMissing, Refuted
from engine.kernel.certification import Grounds, certify
from engine.rules import all_rules
from engine.rules.algebra.equations import positive_root
from engine.rules.algebra.rewriting import transpose_laws
from engine.terms import ONE, Symbol, Variance, exp, power
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula, Relation
from engine.worlds.degrees import TRANSCENDENTAL, degree
from engine.worlds.values import Unsupported, allowance, spend

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from mistakes import WRONG, is_rightly_named, judged

FAST = ("fgm-output", "ridge", "fgm-epsilon", "fgsm-epsilon", "minibatch-variance", "dropout-bias-variance")


@cache
def table_of(name: str) -> Table:
    return table(partial(derivations.load, name))


# -- misconceptions ----------------------------------------------------------------------------------------------------


@cache
def sites():
    """All lines of the catalogue, and two that it does not have: a transpose of square matrices, a root of a sum."""
    proof = Replay({}, lambda _: None, Memory())
    n, h, a, b = proof.size("n"), *(proof.scalar(name, POSITIVE) for name in "hab")
    A, B = proof.matrix("A", n, n), proof.matrix("B", n, n)
    proof.derive((A @ B).T).by(transpose_laws)
    proof.solve(equation(h**2, a + b), h).by(positive_root(h))
    return [
        *proof.sites,
        *(site for name in derivations.names() for site in replayed(derivations.load(name).original).sites),
    ]


def is_refuted(site, formula) -> bool:
    """Whether the claim that a mistake makes of a line fails in a world."""
    assumptions = frozenset((*site.scope.background, *site.scope.hypotheses))
    try:
        certify(
            Claim(formula.left, formula.relation, formula.right, assumptions, site.scope.unknown),
            Grounds("mistake", structural=False),
        )
    except (Refuted, ConditionMissing):
        return True
    return False


def test_there_are_many_and_each_says_what_a_tutor_would():
    assert len(MISCONCEPTIONS) >= 30
    rules = set(all_rules().values())
    for name, misconception in MISCONCEPTIONS.items():
        assert set(misconception.rules) <= rules, name
        assert misconception.rules or misconception.vague, name
        assert misconception.sentence.endswith(".") and len(misconception.sentence) < 140, name
        assert misconception.law and name not in RECOGNISED


@pytest.mark.parametrize("name", MISCONCEPTIONS)
def test_the_kernel_refutes_a_step_with_this_mistake(name):
    """On some line of the catalogue the mistake can be made, and the claim that it makes is false."""
    tried = 0
    for site in sites():
        for misconception, formula in mistaken(site):
            if misconception.name == name and tried < 30:
                tried += 1
                if is_refuted(site, formula):
                    return
    pytest.fail(f"none of {tried} lines with it is refuted")


@pytest.mark.parametrize("name", derivations.names())
def test_a_replay_without_a_mistake_comes_to_the_result(name):
    asked = {question.part: question for question in questions(derivations.load(name).run())}
    values = replayed(derivations.load(name).original).values
    assert set(values) == set(asked)
    for part, question in asked.items():
        reference = reference_of(question)
        assert fingerprint(reference, values[part]) == fingerprint(reference, question.value)


# -- naming ------------------------------------------------------------------------------------------------------------
# -----------


@pytest.mark.parametrize("name", FAST)
def test_mistakes_are_named_and_none_wrongly(name):
    outcomes = list(judged(name, {name: table_of(name)}))
    named = [wrong for wrong, judgement, _ in outcomes if judgement.diagnosis]
    rightly = [wrong for wrong, judgement, _ in outcomes if is_rightly_named(wrong, judgement)]
    assert named == rightly and len(WRONG[name]) - len(rightly) <= 2
    assert all(len(judgement.diagnosis) <= 3 for _, judgement, _ in outcomes)


@pytest.mark.parametrize("name", FAST)
def test_no_mistake_leads_to_the_right_answer(name):
    found = table_of(name)
    for question in questions(derivations.load(name).run()):
        reference = reference_of(question)
        assert fingerprint(reference, question.value) not in found.answers.get(question.part, {})


@pytest.mark.parametrize(
    ("name", "answer", "mistake", "words"),
    [
        ("ridge", "(X'X + λI)^-1 X't", "other-convention", "g(w) = ‖Xw − t‖² + λ‖w‖², where here"),
        ("ridge", "t'X (X'X + 2nλI)^-1", "transposed", "the transpose of the result"),
        ("ridge", "-(X'X + 2nλI)^-1 X't", "sign", "−1 times the result"),
        ("ridge", "3 (X'X + 2nλI)^-1 X't", "off-by-a-factor", "3 times the result"),
        ("ridge", "(X'X + 2λI)^-1 X't", "term-not-multiplied", "At step 5: When a denominator is cleared"),
        ("ridge", "(X'X + 2nλI)^-1 X'X X't/(1 + t't)", "", ""),
        ("minibatch-variance", "σ/sqrt(B)", "standard-deviation", "the variance was asked"),
        ("minibatch-variance", "σ^2/a", "symbol-swapped", "a for B"),
        ("fgm-epsilon", "X't/(x (X'X + 2nλ))", "inverted", "1 over the result"),
        ("fgm-epsilon", "x (X'X + 2λ)/(X't)", "term-not-multiplied", "of ridge: When a denominator is cleared"),
        ("fgsm-epsilon", "x", "sign-dropped", "the sign of a, not 1"),
    ],
)
def test_what_is_named(name, answer, mistake, words):
    question = questions(derivations.load(name).run())[0]
    judgement = Judge(question, mistakes=lambda: table_of(name)).verdict(answer)
    assert judgement.trouble is None and not judgement.correct
    if not mistake:
        assert judgement.diagnosis == ()
        return
    said = {diagnosis.name: diagnosis.sentence for diagnosis in judgement.diagnosis}
    assert words in said[mistake]


def test_what_is_right_in_one_dimension_only_is_told_so():
    question = questions(derivations.load("ridge").run())[0]
    judgement = Judge(question, mistakes=Table).verdict("(t' X X' t) / (t' X (X'X + 2nλI) X' t) X' t")
    assert [diagnosis.name for diagnosis in judgement.diagnosis] == ["one-dimension-only"]


def test_right_and_unread_answers_ask_for_no_table():
    def asked():
        raise AssertionError("the table was asked for")

    judge = Judge(questions(derivations.load("ridge").run())[0], mistakes=asked)
    assert judge.verdict("(X'X + 2nλI)^-1 X't").correct
    assert judge.verdict("(X'X +").trouble is not None
    assert not judge.verdict("X'X w = X't - 2nλ w").correct  # true, but not solved: no mistake


# -- the table ---------------------------------------------------------------------------------------------------------


def test_a_table_is_the_same_however_many_processes_make_it():
    assert table(partial(derivations.load, "fgm-epsilon"), 2).as_data() == table_of("fgm-epsilon").as_data()


def test_a_table_is_kept_and_read_again(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = []

    def compute() -> Table:
        made.append(1)
        return table_of("fgm-output")

    def get() -> dict:
        return kept("mistakes-test", compute, Table.as_data, Table.from_data).as_data()

    first = get()
    assert json.dumps(get()) == json.dumps(first) and len(made) == 1
    for nonsense in (
        "",
        "{",
        "[]",
        '{"answers": {"": {"x": [[["nonsense", 1, "", ""]]]}}, "lines": {}}',
        '{"answers": 3, "lines": {}}',
    ):
        for path in tmp_path.rglob("mistakes-test-*"):
            path.write_text(nonsense, encoding="utf-8")
        assert json.dumps(get()) == json.dumps(first)
    assert len(made) == 6


def test_a_folder_that_cannot_be_written_does_no_harm(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/nowhere")
    assert kept("mistakes-test", lambda: table_of("fgm-output"), Table.as_data, Table.from_data).answers


# -- what this leans on in the trusted core ----------------------------------------------------------------------------


def test_work_within_work_counts_for_both():
    with pytest.raises(Unsupported), allowance(100):  # noqa: PT012, the loop is what is tested
        for _ in range(3):
            with allowance(60):
                spend(50)
    with allowance(100):
        with pytest.raises(Unsupported), allowance(1_000):
            spend(101)
        with pytest.raises(Unsupported):
            spend(1)


def test_a_degree_is_a_number():
    x, y = Symbol("x"), Symbol("y")
    for each in (power(exp(x), -ONE), power(exp(x), -ONE) + 1 / y, 1 / (1 + exp(x)), (1 / x + exp(y)) ** 2):
        assert degree(each, {}, 1, lambda _: 2) == TRANSCENDENTAL


def test_a_fingerprint_tells_pieces_apart():
    """x and −x·sign(a) are worth the same wherever a is negative: two worlds would not do."""
    question = questions(derivations.load("fgsm-epsilon").run())[0]
    reference, names = reference_of(question), question.names
    from engine.reading import read

    prints = {
        fingerprint(reference, read(text, names).value) for text in ("x", "-x", "x sign(X't)", "-x sign(X't)", "x^2/x")
    }
    assert len(prints) == 4 and "" not in prints


def test_an_undefined_value_has_no_fingerprint():
    a = Symbol("a")
    reference = reference_of(questions(derivations.load("minibatch-variance").run())[0])
    assert fingerprint(reference, power(a - a, -ONE)) == ""
    assert fingerprint(reference, Formula(a, Relation.LESS, ONE)) == ""
    assert isinstance(Declaration(a), Declaration) and fingerprint(None, a) == "" and Variance(a).shape == a.shape
