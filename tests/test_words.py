"""Questions answered in words: those that the document asks, right and wrong, through the command line; and sentences
of a working.
"""

import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

import derivations
import engine.documents
from cli.errors import MISUSED, NO, UNDECIDED, YES
from cli.main import app
from engine.grading.choices import choice_questions
from engine.grading.naming import named_by
from engine.grading.sentences import allowed
from engine.marking.hints import hint
from engine.marking.marking import Marker
from engine.marking.marks import Mark, Outcome
from engine.marking.prose import Prose, judged

SCHEMA = json.loads(Path(engine.documents.__file__).with_name("judgement.schema.json").read_text(encoding="utf-8"))
runner = CliRunner(env={"COLUMNS": "100"})


def run(*words: str, text: str | None = None):
    return runner.invoke(app, list(words), input=text)


# -- the document's questions ------------------------------------------------------------------------------------------

DOCUMENT = [
    # section, derivation, part, right answers, wrong answers
    ("1.2.3", "fgm-epsilon", "robust", ["yes", "Yes, because |ε*| grows", "more robust"], ["no", "less robust"]),
    ("1.2.4", "fgsm-epsilon", "robust", ["no", "No.", "equally robust"], ["yes", "more robust"]),
    (
        "2.1.1",
        "batch-size-learning-rate",
        "learning rate",
        ["it grows", "it increases", "larger", "it should be increased"],
        ["it falls", "it stays the same", "smaller", "it does not change"],
    ),
    ("2.1.1", "minibatch-variance", "noise", ["it falls", "it decreases"], ["it grows", "constant"]),
    (
        "2.1.2a",
        "batch-size-regimes",
        "efficient",
        ["C", "c", "(C)", "Point C", "C is the best one"],
        ["A", "B", "point B"],
    ),
    ("2.1.2b", "batch-size-regimes", "regime at A", ["noise dominated", "noise-dominated"], ["curvature dominated"]),
    ("2.1.2b", "batch-size-regimes", "regime at B", ["curvature dominated"], ["noise dominated"]),
    ("2.1.2b", "batch-size-regimes", "remedy at A", ["seek parallel compute"], ["use higher order optimizers"]),
    (
        "2.1.2b",
        "batch-size-regimes",
        "remedy at B",
        ["use higher order optimizers", "higher-order optimisers"],
        ["parallel compute"],
    ),
    (
        "2.2a",
        "compute-optimal-model-size",
        "option",
        ["C", "C.", "increase the model size", "option C: increase the model size"],
        ["A", "B", "train the same model with the same batch size for more steps"],
    ),
]


@pytest.mark.parametrize(("section", "name", "part", "right", "wrong"), DOCUMENT, ids=lambda each: str(each)[:30])
def test_each_question_of_the_document_is_judged(section, name, part, right, wrong):
    for answers, verdict, status in ((right, "correct", YES), (wrong, "incorrect", NO)):
        for answer in answers:
            done = run("check", name, answer, "--part", part, "--json")
            found = json.loads(done.stdout)
            jsonschema.validate(found, SCHEMA)
            assert (found["verdict"], done.exit_code) == (verdict, status), answer
            assert found["option"] and found["because"]


def test_the_line_that_decides_is_told():
    shown = run("check", "fgm-epsilon", "no").stdout
    working = derivations.load("fgm-epsilon").run()
    (question,) = choice_questions(working)
    wrong = [each.against for each in question.alternatives if each.label == "no"]
    assert all(f"because    {line}" in shown for line in wrong) and "d|ε*(λ)|/dλ > 0" not in shown
    right = run("check", "fgm-epsilon", "yes").stdout
    assert question.because and all(f"because    {line}" in right for line in question.because)


@pytest.mark.parametrize(
    ("name", "part", "answer"),
    [
        ("compute-optimal-model-size", "option", "A"),
        ("batch-size-regimes", "efficient", "B"),
        ("fgsm-epsilon", "robust", "yes"),
    ],
)
def test_a_wrong_option_is_told_what_is_against_it(name, part, answer):
    question = next(each for each in choice_questions(derivations.load(name).run()) if each.part == part)
    option = next(each for each in question.alternatives if each.label == answer)
    assert (
        option.against.startswith("it would mean ")
        and option.against.split("mean ")[1].split(", but")[0] in option.claims
    )
    assert json.loads(run("check", name, answer, "--part", part, "--json").stdout)["because"] == [option.against]
    marked = Marker(derivations.load(name).run()).marked(f"{answer}.")
    assert option.against in marked.lines[-1].links[0].reason


@pytest.mark.parametrize(
    ("name", "answer", "status", "told"),
    [
        ("batch-size-regimes", "C", YES, "correct (efficient)"),  # an option that is no symbol there
        ("batch-size-regimes", "B", MISUSED, "--part 'efficient'"),  # B is a symbol, too
        ("batch-size-regimes", "c", MISUSED, "--part 'efficient'"),  # and so is c
        ("compute-optimal-model-size", "C", MISUSED, "--part 'option'"),
        ("batch-size-regimes", "noise dominated", MISUSED, "--part 'regime at A' or --part 'regime at B'"),
        ("batch-size-regimes", "A: noise dominated", YES, "correct (regime at A)"),
        ("batch-size-learning-rate", "it grows", YES, "correct (learning rate)"),
        ("fgsm-epsilon", "no", YES, "correct (robust)"),
        ("fgm-epsilon", "x (X^T X + 2 lambda n)/(X^T t)", YES, "correct"),  # a formula is one
    ],
)
def test_an_option_is_told_apart_from_a_formula_or_asked_back(name, answer, status, told):
    done = run("check", name, answer)
    assert done.exit_code == status and told in " ".join(done.stdout.split())


def test_a_part_that_is_answered_by_nothing_says_what_may_be():
    done = run("check", "batch-size-regimes", "D", "--part", "efficient")
    assert done.exit_code == MISUSED and "A; B; C" in done.stdout


@pytest.mark.parametrize(
    ("name", "part", "answer", "status", "told"),
    [
        ("batch-size-regimes", "regime at B", "curvature", YES, "correct"),
        ("batch-size-regimes", "regime at B", "noise", NO, "incorrect"),
        ("batch-size-regimes", "regime at B", "less noise", MISUSED, "names none"),
        ("batch-size-regimes", "remedy at A", "parallel", YES, "correct"),
        ("compute-optimal-model-size", "option", "larger", MISUSED, "names none"),
        ("compute-optimal-model-size", "option", "C: larger batch", MISUSED, "unreadable"),
        (
            "compute-optimal-model-size",
            "option",
            "C, because the floor falls",
            MISUSED,
            "'because the floor falls' is not judged here: give the option alone",
        ),
    ],
)
def test_a_word_that_only_one_option_has_names_it_and_what_is_not_understood_is_told(name, part, answer, status, told):
    done = run("check", name, answer, "--part", part)
    assert done.exit_code == status and told in " ".join(done.stdout.split())


def test_a_question_that_other_premises_leave_open_is_undecided():
    done = run("check", "fgm-epsilon", "yes", "--part", "robust", "--given", "f(x) = w* x + 2")
    assert done.exit_code == UNDECIDED and "undecided (robust)" in done.stdout


@pytest.mark.parametrize("answer", ["yes and no", "Yes, because |ε*| shrinks", "yes: it is less robust"])
def test_an_answer_that_takes_itself_back_names_no_option(answer):
    done = run("check", "fgm-epsilon", answer, "--part", "robust")
    assert done.exit_code == MISUSED and "correct" not in done.stdout


def test_several_are_answered_by_name_and_in_a_batch(tmp_path):
    done = run("check", "batch-size-regimes", "regime at A: noise dominated; efficient: A", "--json")
    parts = json.loads(done.stdout)["parts"]
    assert [(each["part"], each["verdict"]) for each in parts] == [
        ("regime at A", "correct"),
        ("efficient", "incorrect"),
    ]
    rows = tmp_path / "rows.csv"
    rows.write_text(
        "name,part,answer\nfgm-epsilon,robust,yes\nfgm-epsilon,robust,no\nfgm-epsilon,,x\n", encoding="utf-8"
    )
    judged_rows = [json.loads(line) for line in run("check", "--batch", str(rows)).stdout.splitlines()]
    assert [each["verdict"] for each in judged_rows] == ["correct", "incorrect", "incorrect"]


# -- what sentences say ------------------------------------------------------------------------------------------------

ROBUST, RATE, EFFICIENT, OPTION = (
    ("fgm-epsilon", 0),
    ("batch-size-learning-rate", 0),
    ("batch-size-regimes", 0),
    ("compute-optimal-model-size", 0),
)
SENTENCES = [
    # question, clause, the options that it leaves open (None: it says nothing of them)
    (ROBUST, "weight decay makes the model more robust", ["yes"]),
    (ROBUST, "weight decay does not make the model more robust", ["no", "no"]),
    (ROBUST, "the model is equally robust", ["no"]),
    (ROBUST, "the model is less robust", ["no"]),
    (ROBUST, "|ε*| grows", ["yes"]),
    (ROBUST, "|ε*| shrinks as λ grows", ["no"]),
    (ROBUST, "|ε*| does not depend on λ", ["no"]),
    (ROBUST, "the weights are smaller", None),
    (ROBUST, "robustness is a property of the model", None),
    (RATE, "the optimal learning rate increases", ["it grows"]),
    (RATE, "a larger batch allows a larger learning rate", ["it grows"]),
    (RATE, "as the batch size increases the learning rate decreases", ["it falls"]),
    (RATE, "the learning rate never decreases", ["it grows", "it stays the same"]),
    (RATE, "the learning rate is unchanged", ["it stays the same"]),
    (RATE, "the batch size increases", None),
    (RATE, "a larger learning rate gives us more confidence", None),
    (EFFICIENT, "Point C is most efficient", ["C"]),
    (EFFICIENT, "point B is less efficient than point C", ["A", "C"]),
    (EFFICIENT, "A is not a good choice", ["B", "C"]),
    (EFFICIENT, "the best trade-off is at point C", ["C"]),
    (EFFICIENT, "at point A we could better off by trading resource for larger batch size", None),
    (OPTION, "C is the best choice", ["C: increase the model size"]),
    (OPTION, "C grows", None),
]


@pytest.mark.parametrize(("which", "clause", "open_"), SENTENCES, ids=lambda each: str(each)[:40])
def test_a_clause_leaves_open_the_options_that_it_does_not_exclude(which, clause, open_):
    name, place = which
    question = choice_questions(derivations.load(name).run())[place]
    found = allowed(clause, question)
    assert (found and [each.label if each.label in ("yes", "no") else each.said for each in found]) == open_


def test_a_letter_is_an_option_as_it_is_written():
    question = choice_questions(derivations.load("batch-size-regimes").run())[0]
    assert named_by("C", question, loosely=False).said == "C"
    assert named_by("c", question, loosely=False) is None and named_by("c", question).said == "C"


# -- in a working ------------------------------------------------------------------------------------------------------

RIGHT = "ε* = (X^T X + 2 n λ) x/(X^T t)\n\n"
WORKINGS = [
    # what is said after the right formula, the marks of it, outcome, exit status
    ("Yes, weight decay makes the model more robust, because |ε*| grows.", ["answer"] * 3, Outcome.COMPLETE, YES),
    (
        "No, weight decay does not make the model more robust, because |ε*| shrinks.",
        ["wrong-answer"] * 3,
        Outcome.FLAWED,
        NO,
    ),
    ("Yes, because |ε*| shrinks.", ["answer", "wrong-answer"], Outcome.FLAWED, NO),
    ("Yes. The weights are sparse.", ["answer", "not-marked"], Outcome.UNREAD, UNDECIDED),
    ("So we are done with the first part.", [], Outcome.COMPLETE, YES),
    (
        r"Yes, since $|\epsilon^*|$ needs to be bigger in the case of weight decay.",
        ["answer"] * 2,
        Outcome.COMPLETE,
        YES,
    ),
]


@pytest.mark.parametrize(("said", "marks", "outcome", "status"), WORKINGS, ids=lambda each: str(each)[:30])
def test_a_sentence_that_answers_a_question_is_marked(said, marks, outcome, status, tmp_path):
    found = Marker(derivations.load("fgm-epsilon").run()).marked(RIGHT + said)
    kinds = (Mark.ANSWER, Mark.WRONG_ANSWER, Mark.NOT_MARKED)
    assert [line.mark.key for line in found.lines if line.mark in kinds] == marks
    assert found.outcome is outcome
    file = tmp_path / "working.txt"
    file.write_text(RIGHT + said, encoding="utf-8")
    done = run("mark", "fgm-epsilon", str(file))
    assert done.exit_code == status
    if outcome is Outcome.UNREAD:
        assert "every line holds" not in done.stdout and "not marked: line 3" in done.stdout


@pytest.mark.parametrize(
    ("name", "formula", "said"),
    [
        ("fgm-epsilon", RIGHT, "Weight decay hurts robustness."),
        ("fgm-epsilon", RIGHT, "Nein, das Modell wird nicht robuster."),
        ("fgm-epsilon", RIGHT, "Hence |ε*| increases as λ decreases."),
        ("fgm-epsilon", RIGHT, "Hence |ε*| increases exponentially in λ."),
        ("fgm-epsilon", RIGHT, "One might think that the model is more robust, but this is false."),
        ("fgm-epsilon", RIGHT, "We get robustness for free."),
        ("fgm-epsilon", RIGHT, r"\section*{Answer} No."),
        ("minibatch-variance", "Var(g_B) = σ^2/B\n\n", "Doubling the batch size quarters the variance."),
    ],
)
def test_what_is_said_and_not_understood_keeps_a_working_from_being_complete(name, formula, said):
    working = derivations.load(name).run()
    assert Marker(working).marked(formula).outcome is Outcome.COMPLETE
    assert Marker(working).marked(formula + said).outcome in (Outcome.UNREAD, Outcome.FLAWED)


@pytest.mark.parametrize(
    "said",
    ["1.2.3 Adversarial Attack under Weight Decay", "Is it more robust?", "So we are done.", "by the chain rule"],
)
def test_titles_questions_and_narration_claim_nothing(said):
    assert Marker(derivations.load("fgm-epsilon").run()).marked(f"{said}\n\n{RIGHT}").outcome is Outcome.COMPLETE


def test_what_a_matrix_is_said_to_be_is_judged():
    text = (
        "∇²g(w) = XᵀX/n + 2λI, which is positive definite because XᵀX is positive semidefinite.\n"
        "Here XᵀX is invertible.\n"
    )
    found = Marker(derivations.load("ridge").run()).marked(text + "w = (X^T X + 2 n λ I)^-1 X^T t")
    said = [line.mark for line in found.lines if line.mark is not None and not line.links[0].sign]
    assert said == [Mark.FOLLOWS, Mark.FOLLOWS, Mark.WRONG] and found.outcome is Outcome.FLAWED


def test_a_question_may_be_the_part_that_is_to_be_reached():
    working = derivations.load("batch-size-regimes").run()
    answered = (
        "Point A: noise dominated. To accelerate training there: seek parallel compute.\nPoint C is most efficient."
    )
    found = Marker(working, part="efficient").marked(answered)
    assert found.reached.index("efficient") >= 0 and not found.missing
    assert Marker(working, part="efficient").marked("Point B is most efficient.").outcome is not Outcome.COMPLETE


def test_the_documents_own_words_are_judged():
    """2.1.1 and 2.1.2 as they are handed in; what no question asks is listed, and counts for nothing."""
    questions = choice_questions(derivations.load("batch-size-regimes").run())
    said = (
        "Point C is most efficient because at point A, we could better off by trading resource for larger batch size. "
        "Point A: Regime: noise dominated. Potential way to accelerate training: seek parallel compute. "
        "Point B: Regime: curvature dominated. Potential way to accelerate training: use higher order optimizer."
    )
    found = list(judged(Prose(said, (1,) * len(said)), questions))
    answered = [(each.part, each.link.mark) for each in found if each.part]
    assert answered == [
        ("efficient", Mark.ANSWER),
        ("regime at A", Mark.ANSWER),
        ("remedy at A", Mark.ANSWER),
        ("regime at B", Mark.ANSWER),
        ("remedy at B", Mark.ANSWER),
    ]


@pytest.mark.parametrize(
    "answer", [r"\boxed{C}", r"$\boxed{\text{C}}$", "**C**", "(C)", "Option C.", "$C$", "C)", "neither A nor B"]
)
def test_what_only_sets_an_answer_is_read_through(answer):
    done = run("check", "batch-size-regimes", answer, "--part", "efficient")
    assert done.exit_code == YES


def test_another_option_denied_answers_nothing_and_the_right_one_denied_is_wrong():
    left = run("check", "batch-size-regimes", "not A", "--part", "efficient")
    assert left.exit_code == MISUSED and "leaves open which it is: B or C" in left.stdout
    assert run("check", "batch-size-regimes", "not C", "--part", "efficient").exit_code == NO
    assert run("check", "fgsm-epsilon", "no more robust, no less robust", "--part", "robust").exit_code == YES
    assert run("check", "fgm-epsilon", "neither more nor less robust", "--part", "robust").exit_code == NO


@pytest.mark.parametrize(
    "label",
    [
        "1.2.3",
        "(a)",
        "Part (b)",
        "Part b",
        "Solution:",
        "Answer to question 3",
        r"\section{Solution}",
        "2.1.2 Efficient",
    ],
)
def test_a_line_that_names_a_part_is_a_heading(label):
    assert Marker(derivations.load("fgm-epsilon").run()).marked(f"{label}\n\n{RIGHT}").outcome is Outcome.COMPLETE


@pytest.mark.parametrize("answer", ["1.2.3 No", "2. No", "Answer: no"])
def test_an_answer_is_no_heading(answer):
    assert Marker(derivations.load("fgm-epsilon").run()).marked(f"{RIGHT}{answer}").outcome is Outcome.FLAWED


def test_questions_answered_in_words_alone_may_be_all_that_is_asked():
    regimes = derivations.load("batch-size-regimes").run()
    points = (
        "Point A is noise dominated: seek parallel compute.\n"
        "Point B is curvature dominated: use higher order optimizers.\n"
    )
    assert Marker(regimes).marked("Point C is the most efficient.\n" + points).outcome is Outcome.ANSWERED
    assert Marker(regimes).marked(points).missing == ("efficient",)
    wrong = Marker(regimes).marked("Point B is the most efficient.\n" + points)
    assert wrong.outcome is Outcome.FLAWED and wrong.missing == ("efficient",)
    assert Marker(regimes).marked("C is the most efficient, as weeds are green.\n" + points).outcome is Outcome.UNREAD
    assert (
        Marker(derivations.load("fgm-epsilon").run()).marked("Yes.").outcome is Outcome.UNFINISHED
    )  # a formula is asked


COMPARED = [
    # derivation, a sentence that is right of the result, wrong, or neither
    ("fgm-epsilon", "As λ decreases, |ε*| shrinks.", "answer"),
    ("fgm-epsilon", "As λ decreases, |ε*| grows.", "wrong-answer"),
    ("fgm-epsilon", "The larger λ, the less robust the model.", "wrong-answer"),
    ("fgm-epsilon", "For λ = 0 the perturbation is smaller.", "answer"),
    ("fgm-epsilon", "Without weight decay a larger perturbation is required.", "wrong-answer"),
    ("fgm-epsilon", "The model is not less robust.", "not-marked"),
    ("fgm-epsilon", "A larger ε is a larger perturbation.", "not-marked"),
    ("fgm-epsilon", "We check that |ε*| shrinks.", "not-marked"),
    ("minibatch-variance", "The variance of each gradient is the same.", "not-marked"),
    ("minibatch-variance", "As the batch size decreases the noise increases.", "answer"),
    ("batch-size-learning-rate", "The learning rate is fixed.", "not-marked"),
    ("compute-optimal-model-size", "The batch size grows as compute grows.", "not-marked"),
    ("compute-optimal-model-size", "We should train a smaller model.", "wrong-answer"),
    ("batch-size-regimes", "Point B is less efficient than point C.", "answer"),
    ("batch-size-regimes", "C is not the most efficient.", "wrong-answer"),
]


@pytest.mark.parametrize(("name", "said", "mark"), COMPARED, ids=lambda each: str(each)[:40])
def test_what_is_compared_with_what_is_heard(name, said, mark):
    marked = Marker(derivations.load(name).run()).marked(said)
    assert [line.mark.key for line in marked.lines if line.mark is not None] == [mark]


OWN_QUESTIONS = [
    # derivation, what is said behind the right formula or alone, the marks of it, outcome
    ("fgm-epsilon", "Is the model less robust? Yes.", ["not-marked"], "unread"),
    ("fgm-epsilon", "Does |ε*| shrink with λ? Yes.", ["not-marked"], "unread"),
    ("fgm-epsilon", "Is weight decay useless against FGM? Yes.", ["not-marked"], "unread"),
    ("fgm-epsilon", "Question: is the model equally robust?\nYes.", ["not-marked"], "unread"),
    ("fgm-epsilon", "Does weight decay leave ε* unchanged?\nAnswer: yes.", ["not-marked"], "unread"),
    ("fgm-epsilon", "Is the model less robust?\n\nNo.", ["not-marked"], "unread"),
    ("fgm-epsilon", "Is it more robust with λ = 0? Yes.", ["not-marked"], "unread"),
    ("fgsm-epsilon", "Is the robustness the same? No.", ["not-marked"], "unread"),
    ("fgsm-epsilon", "Is the robustness the same? Yes.", ["not-marked"], "unread"),
    ("fgm-epsilon", "Is the model more robust? Yes.", ["answer"], "complete"),
    (
        "fgm-epsilon",
        "Does weight decay (λ > 0 against λ = 0) make the model more robust? No.",
        ["wrong-answer"],
        "flawed",
    ),
    ("batch-size-regimes", "Which point is the least efficient? A.", ["not-marked"], "unfinished"),
    ("batch-size-regimes", "Which point is the most efficient? A.", ["wrong-answer"], "flawed"),
]
CASES = [
    ("fgm-epsilon", "Yes. But only for λ < 0.", ["not-marked"] * 2, "unread"),
    ("fgm-epsilon", "Yes - for λ<0", ["not-marked"], "unread"),
    ("fgm-epsilon", "Set λ = 0. Yes.", ["not-marked"], "unread"),
    ("fgm-epsilon", "For n = 1 we get ε* = (XᵀX + 2λ)x/(Xᵀt)", ["not-marked"], "unread"),
    ("fgm-epsilon", "Is the FGM attack more robust under weight decay? Yes.", ["not-marked"], "unread"),
    ("fgm-epsilon", "Yes, for λ < 0.", ["not-marked"] * 2, "unread"),
    ("fgm-epsilon", "Yes, for x = 0.", ["not-marked"], "unread"),
    ("fgm-epsilon", "Yes, for λ = 0.", ["not-marked"], "unread"),
    ("fgm-epsilon", "Yes, if n is large.", ["not-marked"], "unread"),
    ("fgm-epsilon", "Yes, if Xᵀt = 0.", ["not-marked"] * 2, "unread"),
    ("fgm-epsilon", "Assume Xᵀt = 0. Yes, more robust.", ["not-marked"] * 3, "unread"),
    ("fgm-epsilon", "The model is more robust, for λ < 0.", ["not-marked"] * 2, "unread"),
    ("batch-size-learning-rate", "The learning rate increases, if σ = 0.", ["not-marked"], "unread"),
    ("fgm-epsilon", "Yes, for λ > 0.", ["definition", "answer"], "complete"),
    ("fgm-epsilon", "Yes, with weight decay.", ["answer"], "complete"),
    ("fgm-epsilon", "The case of λ > 0 is more robust.", ["answer"], "complete"),
    ("fgm-epsilon", "Yes. (λ > 0 vs. λ = 0)", ["answer"], "complete"),
    ("fgm-epsilon", "Let λ = 0.", [], "complete"),
    ("fgm-epsilon", "This gives λ = 3.", ["wrong"], "flawed"),
    ("fgm-epsilon", "This gives a value of λ = 3.", ["wrong"], "flawed"),
    (
        "fgsm-epsilon",
        "No, because the sign of x^T x + 2λn remains positive when λ increases from 0 to > 0.",
        ["answer", "not-marked"],
        "unread",
    ),
    ("fgsm-epsilon", "The sign of w* is that of Xᵀt for every λ ≥ 0.", ["not-marked"], "unread"),
    ("fgm-epsilon", "Yes.\nVar(Y) = Zorro", ["answer", "unread"], "unread"),
    ("fgm-epsilon", "|eps*| shrinks.", ["wrong-answer"], "flawed"),
    ("fgm-epsilon", "|epsilon*| grows as lambda increases.", ["answer"], "complete"),
]
LETTERS = [
    ("batch-size-regimes", "A and C", ["not-marked"], "unfinished"),
    ("batch-size-regimes", "(b)", ["wrong-answer"], "flawed"),
    ("batch-size-regimes", "Point A.\nNoise dominated.", ["not-marked", "answer"], "unfinished"),
    ("batch-size-regimes", "Point A\n\nRegime: noise dominated.\n\nC", ["not-marked", "answer"], "unfinished"),
    ("batch-size-regimes", "A", ["wrong-answer"], "flawed"),
    ("batch-size-regimes", "3. C", ["answer"], "unfinished"),
    ("batch-size-regimes", "(c)", ["answer"], "unfinished"),
    ("batch-size-regimes", "Point C.", ["answer"], "unfinished"),
    ("compute-optimal-model-size", "C", ["answer"], "answered"),
    ("compute-optimal-model-size", "A", ["wrong-answer"], "flawed"),
    ("compute-optimal-model-size", "C\nbecause it is best", ["answer", "not-marked"], "unread"),
]
FORMULAS = {
    "fgm-epsilon": RIGHT,
    "fgsm-epsilon": "ε* = x sign(X^T t)\n\n",
    "batch-size-learning-rate": "η* = a w^2/(a^2 w^2 + σ^2/B)\n\n",
    "batch-size-regimes": "S(B) = S_min (1 + B_noise/B)\n\n",
    "compute-optimal-model-size": "",
}


@pytest.mark.parametrize(
    ("name", "said", "marks", "outcome"), [*OWN_QUESTIONS, *CASES, *LETTERS], ids=lambda each: str(each)[:50]
)
def test_what_is_not_understood_is_not_marked_and_never_wrong(name, said, marks, outcome):
    """An answer to a question of one's own, or for a case, is none to the derivation's; what only names a case claims
    nothing.
    """
    formula = FORMULAS[name]
    found = Marker(derivations.load(name).run()).marked(formula + said)
    after = formula.count("\n")
    assert [line.mark.key for line in found.lines if line.mark is not None and line.line > after] == marks
    assert found.outcome.value == outcome


def test_a_small_letter_above_more_is_a_part_of_the_work():
    found = Marker(derivations.load("batch-size-regimes").run()).marked("(a)\nPoint C is the most efficient.")
    assert [line.mark for line in found.lines if line.mark is not None] == [Mark.ANSWER]


def test_no_chain_runs_through_a_line_that_is_not_read():
    text = "Var(m_ij) = p (1-p)\nVar(Y) = Zorro\n= (1-p)/p"
    found = Marker(derivations.load("gaussian-dropout-sigma").run()).marked(text)
    assert [line.mark for line in found.lines] == [Mark.FOLLOWS, Mark.UNREAD, Mark.UNREAD]
    assert "what stands before this sign is not read" in found.lines[2].trouble.message


def test_a_right_formula_does_not_undo_that_the_questions_are_answered(tmp_path):
    points = (
        "Point A is noise dominated: seek parallel compute.\n"
        "Point B is curvature dominated: use higher order optimizers.\n"
    )
    file = tmp_path / "working.txt"
    file.write_text(FORMULAS["batch-size-regimes"] + "Point C is the most efficient.\n" + points, encoding="utf-8")
    done = run("mark", "batch-size-regimes", str(file))
    assert done.exit_code == YES and "answered" in done.stdout and "no formula is given" not in done.stdout


def test_a_wrong_answer_in_words_is_flawed_and_a_hint_still_goes_on():
    working = derivations.load("batch-size-regimes").run()
    found = Marker(working).marked("Point B is the most efficient.")
    assert found.outcome is Outcome.FLAWED and hint(working, found) is not None


# -- what is supposed ------------------------------------------------------------------------------------------------

EPSILON, NOISE, RATE = "ε* = (XᵀX + 2λn)x/(Xᵀt)", "Var(g_B) = σ²/B", "η* = aw²/(a²w² + σ²/B)"
SUPPOSED = [
    *(
        ("fgm-epsilon", EPSILON, f"Assume {case}. Then the model is more robust.", Outcome.UNREAD)
        for case in ("X^T t = 0", "that X^T t = 0", "lambda < 0", "lambda = -1", "X^T X = 0", "w* = 0")
    ),
    ("fgm-epsilon", EPSILON, "If X^T t = 0, the model is more robust.", Outcome.UNREAD),
    ("fgm-epsilon", EPSILON, "Assume X^T t ≠ 0. Then the model is more robust.", Outcome.COMPLETE),  # a premise
    ("fgm-epsilon", EPSILON, "Assume that X^T t > 0. Yes.", Outcome.COMPLETE),  # narrows, and may
    ("minibatch-variance", NOISE, "Assume sigma^2 = 0. Then the noise falls.", Outcome.UNREAD),
    ("minibatch-variance", NOISE, "Assume B < 1. Then the noise falls.", Outcome.UNREAD),
    ("batch-size-learning-rate", RATE, "Assume a < 0. The best learning rate grows with B.", Outcome.UNREAD),
    ("batch-size-learning-rate", RATE, "Assume a w = 0. The best learning rate grows with B.", Outcome.UNREAD),
    ("fgm-epsilon", EPSILON, "Suppose the opposite. Then epsilon would shrink. But it grows.", Outcome.UNREAD),
    ("fgm-epsilon", EPSILON, "We would expect the model to be more robust.", Outcome.COMPLETE),
    ("fgm-epsilon", EPSILON, "We find that ε* = 7.", Outcome.FLAWED),  # said, not supposed
]


@pytest.mark.parametrize(("name", "formula", "said", "outcome"), SUPPOSED)
def test_what_is_supposed_beside_the_premises_passes_nothing(name, formula, said, outcome):
    assert Marker(derivations.load(name).run()).marked(f"{formula}\n{said}\n").outcome is outcome
