"""Whole workings: what follows, where a working breaks, what is carried forward, and how far it stands."""

import json
import re
from functools import cache, partial
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import derivations
import engine.documents
from cli.errors import MISUSED, NO, YES
from cli.main import app
from engine.documents.hints import hint_lines
from engine.marking.hints import hint
from engine.marking.marking import Marker, UnknownPart
from engine.marking.marks import Mark, Outcome
from engine.notation.plain import plain
from engine.terms.formulas import Formula, Relation

DOCUMENT = Path(__file__).parent / "document"
SCHEMA = json.loads(Path(engine.documents.__file__).with_name("marking.schema.json").read_text(encoding="utf-8"))


def marked(name: str, text: str, part: str | None = None):
    return Marker(derivations.load(name).run(), part=part).marked(text)


def links(found):
    return [(line.line, link) for line in found.lines for link in line.links]


@cache
def document(name: str):
    return marked(name, (DOCUMENT / f"{name}.tex").read_text(encoding="utf-8"))


# -- the document, with its own slips: nobody tells the engine where they are ------------------------------------------

FINDINGS = {
    # name: outcome, and each wrong link with its line, from the left side to the right one
    "fgm-output": ("complete", []),
    "ridge": ("flawed", [(11, "∇²g(w) = XᵀX/n")]),
    "fgm-epsilon": (
        "flawed",
        [
            (3, "f(x′) = w* x′ − ε|w*|²"),  # x′ where x belongs; that it is 0 is then carried
            (7, r"w \in \mathbb{R}^n"),
            (7, r"x \in \mathbb{R}^n"),
        ],
    ),
    "fgsm-epsilon": ("unfinished", [(5, "wx/(w sign(w)) = sign(XᵀX + 2λn)x/sign(XᵀX)")]),
    "minibatch-variance": ("flawed", [(3, "Var(g_B) = 1/B · Σ_{i=1}^{B} Var(gᵢ)"), (3, "Bσ²/B = σ²/B")]),
    "dropout-bias-variance": ("complete", []),
    "gaussian-dropout-sigma": (
        "flawed",
        [
            (7, "E[mᵢⱼ] = 1/p"),
            (23, "1/p² · Σ_{j=1}^{d} Var(mᵢⱼ)(wⱼXᵢⱼ)² = (p − p²)/p · Σ_{j=1}^{d} (wⱼXᵢⱼ)²"),
            (25, "(p − p²)/p · Σ_{j=1}^{d} (wⱼXᵢⱼ)² = (1 − p)/p · Σ_{j=1}^{d} (wⱼXᵢⱼ)²"),
        ],
    ),
}


@pytest.mark.parametrize("name", FINDINGS)
def test_the_documents_slips_are_found_where_they_are_and_nowhere_else(name):
    outcome, wrong = FINDINGS[name]
    found = document(name)
    assert found.outcome.value == outcome
    bad = [
        (line, f"{link.left} {link.sign} {link.right}".strip(" ,")) for line, link in links(found) if link.mark.is_bad
    ]
    assert bad == wrong
    assert found.first_bad == (wrong[0][0] if wrong else None)


@pytest.mark.parametrize(
    ("name", "remark", "line"),
    [
        ("ridge", "The document gives ∇²g = XᵀX/n", 11),
        ("minibatch-variance", "1/B where the variance of a multiple gives 1/B²", 3),
        ("fgm-epsilon", "Its w and x are scalars, not in ℝⁿ", 7),
        ("fgsm-epsilon", "sign(XᵀX + 2λn)·x/sign(XᵀX)", 5),
        ("gaussian-dropout-sigma", "(p − p²)/p for Var ỹ_m", 23),
        ("dropout-bias-variance", "drops the factor 2", None),
        ("gaussian-dropout-sigma", "1/p where E[m] = p", 7),  # it writes that in the next section: there, line 7
    ],
)
def test_what_the_derivations_remark_on_is_what_is_found(name, remark, line):
    remarks = " ".join(part.text for part in derivations.load(name).run().parts if hasattr(part, "text"))
    assert remark in remarks
    if line is not None:
        assert line in [number for number, link in links(document(name)) if link.mark.is_bad]


def test_what_the_document_has_right_is_not_marked_wrong():
    fgm = document("fgm-epsilon")
    assert [link.mark for line, link in links(fgm) if line in (9, 11, 12)] == [Mark.FOLLOWS] * 5
    assumed = next(link for line, link in links(fgm) if line == 14)
    assert assumed.mark is Mark.DEFINITION and "assumed" in assumed.reason
    gaussian = document("gaussian-dropout-sigma")
    by_sigma = next(link for line, link in links(gaussian) if line == 27 and link.left.startswith("Var"))
    assert by_sigma.mark is Mark.FOLLOWS and "σ = √((1 − p)/p)" in by_sigma.reason


# -- marks -------------------------------------------------------------------------------------------------------------

WORKINGS = [
    # name, text, the marks of the links, outcome
    ("ridge", "∇g(w) = X'(Xw - t)/n + 2λw\nX'(Xw - t)/n + 2λw = 0\n(X'X + 2nλI)w = X't\nw = (X'X + 2nλI)^-1 X't",
     ["follows", "step", "follows", "follows"], "complete"),
    ("ridge", "∇g(w) = X'(Xw - t)/n + 2λw\nX'(Xw - t)/n + 2λw = 0\n(X'X + 2λI)w = X't\nw = (X'X + 2λI)^-1 X't",
     ["follows", "step", "wrong", "follows"], "unfinished"),
    ("ridge", "Let S = X^T X + 2nλI.\nX^T(Xw - t)/n + 2λw = 0 so S w = X^T t\nhence w = S^-1 X^T t",
     ["definition", "step", "follows", "follows"], "complete"),
    ("ridge", "(X'X + 2nλI)w = X't\nw = (X'X + 2λI)^-1 X't\nw = (X'X + 2nλI)^-1 X't", ["step", "wrong", "step"], "flawed"),
    ("ridge", "X'X w + 2nλ w = X't\nX'X X'X w + 2nλ X'X w = X'X X't\nw = (X'X + 2nλI)^-1 X't", ["step", "one-way", "true"], "flawed"),
    ("ridge", "w = 3", ["shapes"], "unfinished"),
    ("ridge", "w = (X'X + 2nλ)^-1 X't", ["shapes"], "unfinished"),
    ("ridge", "0 = 0\n1 = 2\nλ > 0\nλ < 0", ["follows", "wrong", "follows", "wrong"], "unfinished"),
    ("minibatch-variance", "Var(g_B) = Var(1/B sum_{i=1}^B g_i)\n= 1/B^2 sum_{i=1}^B Var(g_i) by independence\n= 1/B^2 * B σ^2\n= σ^2/B",
     ["follows"] * 4, "complete"),
    ("minibatch-variance", "Var(g_B) = 1/B sum_{i=1}^B Var(g_i)\n= σ^2\n= σ^2", ["wrong", "follows", "follows"], "unfinished"),
    ("minibatch-variance", r"\underbrace{Var(g_B)}_{\sigma^2} = σ^2/B", ["follows", "wrong"], "flawed"),
    ("fgm-output", r"\begin{align} f(x') &= w^T x' \\ &= w^T (x - \epsilon \nabla f(x)) && \text{by definition} \\ "
     r"&= w^T x - \epsilon w^T w \label{eq:1} \tag{3} \\ &= w^T x - \epsilon \|w\|^2 \end{align}", ["follows"] * 4, "complete"),
    ("fgm-epsilon", "w* x - ε w*^2 = 0\nε w*^2 = w* x\nε = x/w*\nε = x (X'X + 2nλ)/(X't)", ["step", "follows", "follows", "follows"], "complete"),
    ("batch-size-learning-rate", "R(η) = 1/2 a E[(w - η g_B)^2]\n= 1/2 a ((w - η a w)^2 + η^2 σ^2/B)\ndR/dη = a(-(w - ηaw) a w + η σ^2/B) = 0\n"
     "η (a^2 w^2 + σ^2/B) = a w^2\nη* = a w^2/(a^2 w^2 + σ^2/B)", ["follows", "follows", "follows", "step", "follows", "follows"], "complete"),
    ("ridge", "Setting it to zero: X'X w/n + 2λ w = X't/n\nMultiplying by n: (X'X + 2nλ I) w = X't\nTherefore w* = (X'X + 2nλ I)^{-1} X't.",
     ["step", "follows", "follows"], "complete"),
    ("ridge", "∇g(w) = X'(Xw - t)/n + λw\nw = (X'X + nλ I)^-1 X't", ["wrong", "follows"], "unfinished"),
    ("batch-size-learning-rate", "w' = w - η g_B\nE[w'] = (1 - ηa) w\nR(η) = a/2 ((1 - ηa)^2 w^2 + η^2 σ^2/B)\n"
     "R'(η) = a(-a(1 - ηa) w^2 + η σ^2/B) = 0\nη = a w^2 / (a^2 w^2 + σ^2/B)",
     ["definition", "follows", "follows", "follows", "step", "follows"], "complete"),
    ("gaussian-dropout-sigma", "Var(y~_m_i) = (1-p)/p sum_j w_j^2 X_ij^2\nVar(y~_xi_i) = sum_j w_j^2 X_ij^2 sigma^2\n"
     "These agree if sigma^2 = (1-p)/p, i.e. sigma = sqrt((1-p)/p).", ["follows", "follows", "step", "follows"], "complete"),
    ("gaussian-dropout-sigma", "Var(y~_m_i) = sum_j w_j^2 X_ij^2 p(1-p)/p^2\nVar(y~_xi_i) = sum_j w_j^2 X_ij^2 σ^2\nσ^2 = (1-p)/p\nσ = sqrt((1-p)/p)",
     ["follows", "follows", "step", "follows"], "complete"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "marks", "outcome"), WORKINGS)
def test_marks(name, text, marks, outcome):
    found = marked(name, text)
    assert [link.mark.key for _, link in links(found)] == marks
    assert found.outcome.value == outcome


def test_work_that_is_carried_forward_is_told_from_work_that_is_wrong_again():
    good = marked("ridge", "(X'X + 2λI)w = X't\nw = (X'X + 2λI)^-1 X't")
    assert [link.carried for _, link in links(good)] == [False, True]
    again = marked("ridge", "(X'X + 2λI)w = X't\nw = X't (X'X)^-1")
    assert again.lines[1].mark is Mark.SHAPES
    worse = marked("ridge", "(X'X + 2λI)w = X't\nw = (X'X + 3λI)^-1 X't")
    assert [link.mark for _, link in links(worse)] == [Mark.WRONG, Mark.WRONG]


def test_a_wrong_link_comes_with_values_at_which_it_fails():
    link = links(marked("ridge", "(X'X + 2nλI)w = X't\nw = (X'X + 2λI)^-1 X't"))[1][1]
    assert link.counterexample is not None and link.counterexample.answer != link.counterexample.result
    assert "w" in dict(link.counterexample.values)


def test_what_a_line_needs_and_nobody_said_is_named_once():
    found = marked("minibatch-variance", "g_B = g_B w/w\n= w g_B/w")
    assert [link.needs for _, link in links(found)] == [("w ≠ 0",), ()]
    found = marked("fgm-epsilon", "ε = x/w*")  # the derivation supposes Xᵀt ≠ 0
    assert not links(found)[0][1].needs


def test_lines_are_numbered_as_in_the_file_and_words_are_kept():
    found = marked("ridge", "My solution.\n\n\nFirst the slope:\n   ∇g(w) = X'(Xw - t)/n + 2λw   (by the chain rule)\n")
    assert [(line.line, line.is_text) for line in found.lines] == [(1, True), (4, True), (5, False), (5, True)]


def test_how_far_a_working_stands():
    assert marked("ridge", "∇g(w) = X'(Xw - t)/n + 2λw").stands_at == 1
    assert marked("ridge", "(X'X + 2λnI)w = X't").stands_at == 5
    assert marked("ridge", "w = (X'X + 2λnI)^-1 X't").stands_at == 10


def test_a_part_may_be_what_is_to_be_reached():
    text = "E[J_m] = 1/(2N) sum_{i=1}^N var(y~_m_i) + 1/(2N) sum_{i=1}^N (E[y~_m_i] - t_i)^2"
    assert marked("dropout-bias-variance", text).outcome is Outcome.COMPLETE
    assert marked("dropout-bias-variance", text, "closed form").outcome is Outcome.UNFINISHED
    with pytest.raises(UnknownPart, match="there are variance, bias², closed form"):
        marked("dropout-bias-variance", text, "nonsense")


# -- hints -------------------------------------------------------------------------------------------------------------
# ----------


@pytest.mark.parametrize("name", derivations.names())
def test_a_hint_does_not_show_what_comes_of_the_rule(name):
    working = derivations.load(name).run()
    for number, step in enumerate(working.route, 1):
        results = come_of(step.claim)
        said = " ".join(hint_lines(hint(working, at(number - 1, working)), len(working.route), more=False))
        assert not any(len(result) > 5 and result in said for result in results), (number, said)
        more = " ".join(hint_lines(hint(working, at(number - 1, working)), len(working.route), more=True))
        assert all(result in more for result in results)


def come_of(claim) -> list[str]:
    """What a step comes to, written out."""
    if claim.relation in (Relation.MINIMISER, Relation.UNIQUE_MINIMISER):
        return [plain(claim.left)]
    if isinstance(claim.right, Formula):
        return [plain(side) for side in claim.right.sides]
    return [plain(claim.right)] if claim.right is not None else []


def at(step: int, working):
    """A marking that stands at a line of the derivation."""
    from engine.marking.marks import Link, Marked, MarkedLine

    link = Link("", "=", "", Mark.FOLLOWS, step=step or None)
    return Marked((MarkedLine(1, "", (link,)),), Outcome.UNFINISHED, (), ("",), step, len(working.steps))


def test_a_hint_goes_on_from_the_last_good_line():
    run = partial(CliRunner().invoke, app)
    first = run(["hint", "ridge"])
    assert first.exit_code == YES and first.stdout.startswith("Step 1 of 10 (the gradient): Differentiate")
    later = run(["hint", "ridge", "X^T (X w - t)/n + 2 lambda w = 0"])
    assert later.stdout.startswith("Step 4 of 10: The terms without w on the right.")
    wrong = run(["hint", "ridge", "(X^T X + 2 lambda I) w = X^T t"])
    assert wrong.stdout.startswith("Line 1 does not hold: mend that first.")
    assert "nothing is left" in run(["hint", "ridge", "w = (X^T X + 2 n lambda I)^-1 X^T t"]).stdout.lower()


# -- the command -------------------------------------------------------------------------------------------------------


def test_json_is_as_its_schema_says():
    done = CliRunner().invoke(app, ["mark", "ridge", str(DOCUMENT / "ridge.tex"), "--json"])
    data = json.loads(done.stdout)
    jsonschema.validate(data, SCHEMA)
    assert done.exit_code == NO and data["first_bad"] == 11 and data["outcome"] == "flawed"
    assert [each["name"] for each in data["diagnosis"]] == ["term-not-differentiated"]
    assert data["lines"][0]["mark"] == "text"


@pytest.mark.parametrize(
    ("words", "text", "code", "message"),
    [
        (["mark", "ridge", "-"], "", NO, "unfinished"),
        (["mark", "ridge", "/nowhere.tex"], None, MISUSED, "cannot be read"),
        (["mark", "ridge", "/"], None, MISUSED, "Is a directory"),
        (["mark", "rigde", "-"], "", MISUSED, "did you mean ridge"),
        (["mark", "ridge", "-", "--part", "x"], "w = w", MISUSED, "there is only one"),
        (["mark", "ridge", "-"], "w = 1\n" * 401, MISUSED, "more than 400 lines or 100,000 characters"),
        (["mark", "ridge", "-"], "w = " + "w + " * 1_000 + "w", MISUSED, "line 1 is longer than 4,000 characters"),
        (["mark", "fgm-output", "-"], "f(x') = w^T x - ε ||w||^2", YES, "complete"),
    ],
)
def test_the_command_ends_as_it_should(words, text, code, message):
    done = CliRunner().invoke(app, words, input=text)
    assert done.exit_code == code and message in done.stdout + done.stderr


PIECES = st.sampled_from(
    ["w", "X^T", "t", "=", " = ", "\n", "\\\\", "&", "\\Rightarrow ", "so ", "∇g(w)", "\\text{", "}", "{", "$", "$$", "\\begin{align}", "\\end{align}",
     "\\underbrace{", "}_{", "(", ")", "/n", " + ", "-", "2λ", "I", "^-1", "~", "∈", "let S = ", "S", "0", "=>", "<", "\\begin{cases}", "é", "\x00", "1/0"]
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_text_breaks_the_marker(text):
    found = marked("ridge", text)
    assert all(1 <= line.line <= text.count("\n") + 1 + text.count("\r") for line in found.lines)
    assert found.outcome in Outcome


def test_a_long_text_ends():
    text = "\n".join(f"(X'X + {k}λI)w = X't + {k} X't" for k in range(400))
    found = marked("ridge", text)
    assert len(found.lines) == 400 and all(
        re.fullmatch(r"wrong|undecided|one-way", line.mark.key) for line in found.lines
    )
