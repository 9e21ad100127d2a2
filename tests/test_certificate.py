"""Exported derivations are certified again from what they say: whatever was changed in one, or forged, is refused."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource
from typer.testing import CliRunner

import derivations
import engine.documents
import engine.kernel.steps as kernel
from cli.errors import MISUSED, NO, YES
from cli.main import app
from engine.author import (
    POSITIVE,
    ArgMin,
    Axis,
    Number,
    Proof,
    between,
    curve,
    derivation,
    differentiate,
    divide_both_sides,
    equation,
    expand,
    gradient,
    hessian,
    insert,
    minimiser,
    minimum_on_constraint,
    norm2,
    point,
    positive,
    separate,
    unfold,
)
from engine.certificates.certificate import Refused, certificate
from engine.certificates.rereading import shown_again
from engine.documents.examples import SampleSymbols, minimised
from engine.documents.structured import as_data, collected, members, reread
from engine.kernel import Kind, NotApplicable, Step
from engine.proofs.figures import Figure, exact
from engine.proofs.working import Passage, Working
from engine.terms import TWO, Definition, Symbol, Term, term
from engine.terms import replace as replace_term
from engine.terms.declarations import REAL
from engine.terms.formulas import Formula

runner = CliRunner(env={"COLUMNS": "100"})


@cache
def exported(name: str) -> str:
    return json.dumps(as_data(derivations.load(name).run()), ensure_ascii=False)


@pytest.mark.parametrize("name", derivations.names())
def test_a_derivation_is_certified_again_from_its_export_alone(name):
    data = json.loads(exported(name))
    again = json.loads(json.dumps(as_data(reread(data))))
    assert {**again, "certificate": None} == {**data, "certificate": None}


def test_no_rule_is_asked_but_what_shows_structure(monkeypatch):
    text = exported("ridge")
    for rule in {step.rule for step in derivations.load("ridge").run().steps if not step.rule.structural}:
        monkeypatch.setitem(rule.__dict__, "function", lambda *_: pytest.fail("a rule was asked"))
    reread(json.loads(text))


# -- what is shown is what was certified -------------------------------------------------------------------------------


def leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(data, dict):
        for key, value in data.items():
            if path or key != "certificate":
                yield from leaves(value, (*path, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from leaves(value, (*path, number))
    else:
        yield path


def spelled(path: tuple[Any, ...]) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)[1:]


def changed(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return 1 if value is None else not value
    return value + 1 if isinstance(value, (int, float)) else value + "′"


SOME_LEAVES = random.Random(4).sample(sorted(leaves(json.loads(exported("ridge"))), key=spelled), 60)


@pytest.mark.parametrize("path", SOME_LEAVES, ids=spelled)
def test_a_change_anywhere_is_refused_with_its_place(path):
    data = json.loads(exported("ridge"))
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = changed(inner[path[-1]])
    if path == ("schema",):
        assert [place for place, _ in members(data)] == [""]
    with pytest.raises(Refused) as refused:
        reread(data)
    assert refused.value.place == spelled(path)


@pytest.mark.parametrize("key", ["steps", "conditions"])
def test_what_is_left_out_is_missed(key):
    data = json.loads(exported("ridge"))
    step = data["parts"][0]["steps"][0]
    del (data["parts"][0] if key == "steps" else step)[key][-1]
    with pytest.raises(Refused, match="the file has nothing"):
        reread(data)


# -- forgeries: documents that agree with themselves -------------------------------------------------------------------


def forged(step: Step, **changes: Any) -> Step:
    """A step that no kernel made."""
    return replace(step, **changes, seal=kernel._SEAL)


def with_line(working: Working, part: int, place: int, change: Callable[[Step], Step]) -> Working:
    passage = working.parts[part]
    assert isinstance(passage, Passage)
    steps = list(passage.steps)
    old, new = steps[place], change(steps[place])
    steps[place] = new
    parts = list(working.parts)
    parts[part] = replace(passage, steps=tuple(steps))
    outline = tuple(new if item is old else item for item in working.outline)
    idea = replace(working.idea, lines=tuple(new if line is old else line for line in working.idea.lines))
    return replace(working, parts=tuple(parts), outline=outline, idea=idea)


def moved(thing: Any, old: Term, new: Term) -> Any:
    if isinstance(thing, Formula):
        return Formula(moved(thing.left, old, new), thing.relation, moved(thing.right, old, new))
    return thing if thing is None else replace_term(thing, old, new)


def ridge() -> Working:
    return derivations.load("ridge").run()


def doubled(step: Step) -> Step:
    claim = step.claim
    return forged(step, claim=replace(claim, right=moved(claim.right, term(2), term(3))))


@pytest.mark.parametrize(("part", "place"), [(0, 0), (0, 1), (1, 1), (1, 2), (2, 1)])
def test_a_false_line_is_refused_with_a_world_in_which_it_fails(part, place):
    data = as_data(with_line(ridge(), part, place, doubled))
    with pytest.raises(Refused, match=rf"parts\[{part}\]\.steps\[{place}\]: .*is false, for example in"):
        reread(data)


def test_a_false_result_is_refused():
    working = ridge()
    claim = working.results[0].step.claim
    t = next(d.symbol for d in working.premises.declarations if d.symbol.name == "t")
    step = forged(working.results[0].step, claim=replace(claim, left=moved(claim.left, t, 2 * t)))
    data = as_data(replace(working, results=(replace(working.results[0], step=step),)))
    with pytest.raises(Refused, match=r"results\[0\]: .*is false"):
        reread(data)


def test_a_condition_that_was_dropped_is_missed():
    data = as_data(with_line(ridge(), 1, 3, lambda step: forged(step, conditions=())))
    with pytest.raises(Refused, match=r"parts\[1\]\.steps\[3\]: .*needs a condition that is not given: .* invertible"):
        reread(data)


def test_a_condition_shown_from_other_premises_counts_for_nothing():
    def loosened(step: Step) -> Step:
        """λ may be anything, but the condition is still shown for λ > 0."""
        background = frozenset(replace(d, domain=REAL) if d.symbol.name == "lambda" else d for d in step.background)
        return forged(step, background=background)

    with pytest.raises(Refused, match=r"parts\[1\]\.steps\[3\]: lambda is declared in two different ways"):
        reread(as_data(with_line(ridge(), 1, 3, loosened)))


def test_other_premises_than_those_of_the_lines_are_refused():
    working = ridge()
    premises = working.premises
    body = norm2(premises.declarations[4].symbol)
    other = replace(premises, definitions=(replace(premises.definitions[0], body=body),))
    with pytest.raises(Refused, match=r"parts\[0\]\.steps\[0\]: g is not defined so by the premises"):
        reread(as_data(replace(working, premises=other)))
    wider = tuple(replace(d, domain=REAL) if d.symbol.name == "lambda" else d for d in premises.declarations)
    with pytest.raises(Refused, match="lambda is not declared so by the premises"):
        reread(as_data(replace(working, premises=replace(premises, declarations=wider))))


def test_a_line_left_out_breaks_the_passage():
    working = ridge()
    passage = working.parts[1]
    assert isinstance(passage, Passage)
    parts = (working.parts[0], replace(passage, steps=(passage.steps[0], *passage.steps[2:])), *working.parts[2:])
    data = as_data(working) | {"certificate": certificate(replace(working, parts=parts))}
    with pytest.raises(Refused, match=r"parts\[1\]: these steps do not meet"):
        reread(data)


@derivation("pictured", title="A square", source="")
def pictured(proof: Proof) -> None:
    a, b = proof.scalar("a"), proof.scalar("b", POSITIVE)
    line = proof.derive(proof.given("f", (a + b) ** 2, a)(a)).by(unfold, expand)
    proof.conclude(line)
    drawn = curve(line.value, "", point("P", 0))
    proof.draw("square", "A square", drawn, over=between(-1, a, 1), axes=(Axis("a"), Axis("f")), b=1)


def of_curve(**changes: Any) -> Callable[[Figure], Figure]:
    return lambda figure: replace(figure, curves=(replace(figure.curves[0], **changes),))


def with_values(**values: int) -> Callable[[Figure], Figure]:
    return lambda figure: replace(figure, values=exact(values))


a, b = Symbol("a"), Symbol("b")
SQUARE = pictured.run().figures[0].curves[0].term


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (of_curve(term=5 * b), "no line derives 5b"),
        (of_curve(term=b), "no line derives b"),
        (
            of_curve(term=Definition("f", (a,), 5 * a)(a)),
            r"no line derives f\(a\)",
        ),  # a name of the working, for another
        (of_curve(term=Definition("h", (), SQUARE)()), "no line derives h"),  # derived, by a name of nobody's
        (of_curve(against=5 * b), "no line derives 5b"),
        (of_curve(points=(point("P", b),)), "P is put at b, which no line derives"),
        (of_curve(points=(point("P", 2),)), "there is no curve at P"),
        (of_curve(over=between(-1, Symbol("a", 2), 1)), "a does not run"),
        (with_values(), "b has no value"),
        (with_values(b=-1), "b may not have the value"),
        (lambda figure: replace(figure, name="../square"), "a name of its own"),
        (lambda figure: replace(figure, curves=()), "it has no curves"),
        (lambda figure: replace(figure, caption="Another"), "the file has"),
    ],
)
def test_a_figure_that_is_not_derived_is_refused(change, message):
    working = pictured.run()
    data = json.loads(json.dumps(as_data(working)))
    assert reread(data).figures == working.figures
    parts = tuple(change(part) if isinstance(part, Figure) else part for part in working.parts)
    with pytest.raises(Refused, match=message):
        reread(data | {"certificate": certificate(replace(working, parts=parts))})


def test_stronger_evidence_than_there_is_is_refused():
    working = ridge()
    last = len(working.parts) - 1
    place = next(
        n for n, part in enumerate(working.parts) if isinstance(part, Passage) and part.heading == "The minimum"
    )
    assert place < last

    def upgraded(step: Step) -> Step:
        return forged(step, evidence=replace(step.evidence, kind=Kind.EXACT))

    with pytest.raises(Refused) as refused:
        reread(as_data(with_line(working, place, 0, upgraded)))
    assert refused.value.place in (f"parts[{place}].steps[0].evidence.kind", "strength.text")


# -- hostile data ------------------------------------------------------------------------------------------------------


def with_rows(*rows: list[Any]) -> dict[str, Any]:
    """The export of ridge with other first rows in its certificate."""
    data = json.loads(exported("ridge"))
    data["certificate"] = {"table": list(rows), "root": {"@": len(rows) - 1}}
    return data


DOUBLING = [["Symbol", "x", 1, 1], *(["Add", [{"@": k}, {"@": k}]] for k in range(60))]
NESTED = [["Symbol", "x", 1, 1], *(["Transpose", {"@": k}] for k in range(5_000))]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (DOUBLING, "more than 20,000 parts"),
        (NESTED, "or 100 within one another"),
        ([["Symbol", "x", 10**9, 1]], "height of Symbol cannot be"),
        ([["Number", {"q": "1/0"}]], "neither a number nor a reference"),
        ([["Number", {"q": "9" * 5_000}]], "neither a number nor a reference"),
        ([["Number", {"q": "1e999999999"}]], "neither a number nor a reference"),
        ([["Path", "/etc/passwd"]], "Path is nothing that can be made of data"),
        ([["Number", {"@": 0}]], "neither a number nor a reference"),
        ([["Number", {"@": -1}]], "neither a number nor a reference"),
        ([["Rule", "r", "", "", [], False, True], ["Step", {"@": 0}]], "there is no rule 'r' here"),
        ([7], "a row is a name and its parts"),
        ([["Symbol", "x", 1, 1]], "the root is no working"),
    ],
)
def test_hostile_data_is_refused_at_once(rows, message):
    with pytest.raises(Refused, match=re.escape(message)):
        reread(with_rows(*rows))


@pytest.mark.parametrize("certificate", [None, [], {}, {"table": 3, "root": 0}, {"table": []}, "x"])
def test_what_is_no_certificate_is_refused(certificate):
    with pytest.raises(Refused):
        reread(json.loads(exported("ridge")) | {"certificate": certificate})


@pytest.mark.parametrize("seed", range(30))
def test_whatever_is_changed_in_a_certificate_nothing_uncertified_is_shown(seed):
    """A random change is refused, or it changes nothing that is shown."""
    draw = random.Random(seed)
    data = json.loads(exported("fgm-output"))
    table = data["certificate"]["table"]
    row = draw.randrange(len(table))
    table[row] = draw.choice(
        [table[draw.randrange(row + 1)], [*table[row][:-1]], [*table[row], 0], None, table[row][::-1]]
    )
    with suppress(Refused):
        again = json.loads(json.dumps(as_data(reread(data))))
        shown = json.loads(exported("fgm-output"))
        assert {**again, "certificate": None} == {**shown, "certificate": None}


@pytest.mark.parametrize(
    ("old", "new", "message"), [("lambda", "n + 1", "is no name"), ("lambda", "phi", "the file has")]
)
def test_other_names_are_refused(old, new, message):
    data = json.loads(exported("ridge"))
    for row in data["certificate"]["table"]:
        if row[:2] == ["Symbol", old]:
            row[1] = new
    with pytest.raises(Refused, match=message):
        reread(data)


# -- on the command line -----------------------------------------------------------------------------------------------


def run(*words: str, stdin: str | None = None):
    return runner.invoke(app, list(words), input=stdin)


def test_verify_takes_what_export_wrote(tmp_path):
    path = tmp_path / "both.json"
    assert run("export", "ridge", "fgm-output", "-f", "json", "-o", str(path)).exit_code == YES
    done = run("verify", str(path))
    assert done.exit_code == YES and [line.split()[0] for line in done.stdout.splitlines()[1:]] == [
        "fgm-output",
        "ridge",
    ]
    from_stdin = run("verify", "-", stdin=exported("ridge"))
    assert from_stdin.exit_code == YES and "ridge" in from_stdin.stdout


def test_a_file_from_before_a_field_was_added_is_still_read():
    def older(part):
        if isinstance(part, list):
            return [older(each) for each in (part[:-1] if part[:1] == ["Domain"] and len(part) == 8 else part)]
        return {key: older(value) for key, value in part.items()} if isinstance(part, dict) else part

    before = exported("ridge")
    now = json.dumps(older(json.loads(before)))
    assert len(now) < len(json.dumps(json.loads(before)))
    assert run("verify", "-", stdin=now).exit_code == YES


def test_a_file_that_gives_no_derivation_is_no_failure_of_one(tmp_path):
    (tmp_path / "bad.py").write_text("this is no Python", encoding="utf-8")
    for name in (tmp_path / "nosuch.py", tmp_path / "bad.py"):
        done = CliRunner().invoke(app, ["verify", str(name)])
        assert done.exit_code == MISUSED and name.name in done.stderr and not done.stdout


def test_verify_refuses_what_was_changed_and_says_where(tmp_path):
    path = tmp_path / "all.json"
    data = json.loads(json.dumps(collected([derivations.load(name).run() for name in ("fgm-output", "ridge")])))
    data["derivations"][1]["parts"][0]["steps"][1]["reason"] = "obvious"
    path.write_text(json.dumps(data), encoding="utf-8")
    done = run("verify", str(path), "--json")
    assert done.exit_code == NO
    good, bad = json.loads(done.stdout)["derivations"]
    assert good["holds"] and bad["place"] == "derivations[1].parts[0].steps[1].reason"
    assert "obvious" in bad["error"] and len(run("verify", str(path)).stdout.splitlines()) == 3


def test_the_words_of_a_rule_are_this_versions():
    forged = (
        exported("ridge")
        .replace("collect {symbol}", "because 1 = 2, {symbol}")
        .replace('"collect w"', '"because 1 = 2, w"')
    )
    done = run("verify", "-", stdin=forged)
    assert done.exit_code == NO and "there is no rule 'collect' here with that law and that sentence" in done.stdout


def test_a_file_says_which_file_it_is_and_what_is_not_certified(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(exported("ridge"), encoding="utf-8")
    done = run("verify", str(path), "ridge")
    assert done.exit_code == YES and "ridge (mine.json)" in done.stdout and "the exporter's" in done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this is no JSON"),
        ("{", "line 1, column 2: this is no JSON"),
        ("[" * 100_000, "nested too deep"),
        ("{}", "is no derivation that `workings export -f json` wrote"),
        ("[1]", "is no derivation that `workings export -f json` wrote"),
        ('{"schema": "workings.derivation/9"}', "is no derivation that"),
        ('{"schema": "workings.derivations/2", "derivations": [3]}', "is no derivation that"),
        ("1" * 5_000, "this is no derivation"),
    ],
)
def test_what_is_no_export_is_told_in_one_line(text, message):
    done = run("verify", "-", stdin=text)
    assert (
        done.exit_code == MISUSED
        and message in done.stderr
        and done.stderr.startswith("error: ")
        and done.stderr.count("\n") <= 2
    )


def test_a_file_that_is_not_there_or_no_text(tmp_path):
    path = tmp_path / "x.json"
    assert "No such file" in run("verify", str(path)).stderr
    path.write_bytes(b"\xff\xfe\x00")
    done = run("verify", str(path))
    assert done.exit_code == MISUSED and "is not UTF-8 text" in done.stderr


# -- the published schemas ---------------------------------------------------------------------------------------------


def test_one_and_several_obey_the_published_schemas():
    folder = Path(engine.documents.__file__).parent
    schemas = {path.name: json.loads(path.read_text("utf-8")) for path in folder.glob("*.schema.json")}
    registry = Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in schemas.items())
    both = json.loads(json.dumps(collected([derivations.load(name).run() for name in derivations.names()])))
    jsonschema.Draft202012Validator(schemas["derivations.schema.json"], registry=registry).validate(both)
    both["derivations"][0]["certificate"]["table"][0] = []
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schemas["derivations.schema.json"], registry=registry).validate(both)


def test_a_condition_that_only_the_rule_knows_of_is_missed():
    """That c² − 10⁻¹² > 0 holds in the worlds, but not of every c: without it, the point may lie outside of x > 0."""

    @derivation("mine", title="Mine", source="")
    def mine(proof):
        x, c = proof.scalar("x", POSITIVE), proof.scalar("c")
        point = c**2 - Number(Fraction(1, 10**12))
        proof.assume(positive(point))
        f = proof.given("f", (x - point) ** 2, x)
        slope = proof.derive(gradient(f(x), x)).by(differentiate)
        best = slope.set_to(0, about=x).by(divide_both_sides(TWO), separate(x))
        bend = proof.derive(hessian(f(x), x)).by(insert(slope.step), differentiate)
        convex = proof.shown(positive(hessian(f(x), x)), bend)
        proof.conclude(proof.fact(minimiser(best.step, convex), ArgMin(f(x), x)))

    working = mine.run()
    assert reread(as_data(working))
    last = len(working.parts) - 1
    dropped = with_line(working, last, 0, lambda step: forged(step, conditions=()))
    step = dropped.parts[last].steps[0]
    result = replace(dropped.results[0], step=step)
    with pytest.raises(Refused, match="needs a condition that is not given"):
        reread(as_data(replace(dropped, results=(result,))))


def test_a_rule_that_comes_to_something_else_does_not_show_it():
    """0 is the least value of b² where b = x − a; that 10⁻⁹ were, no world tells from it."""
    b = SampleSymbols()
    best = minimised(b, (b.x - b.a) ** 2)
    solved = kernel.infer(separate(b.b).rule, equation(b.b - b.x, -b.a), b.proof.scope.about(b.b), b.b)
    subject, constraint = b.b**2, equation(b.b, b.x - b.a)
    honest = kernel.infer(minimum_on_constraint, subject, b.proof.scope, constraint, best, solved)
    background = b.proof.scope.background

    def shown(formula: Formula) -> tuple[Formula, ...]:
        assert honest.run_on == (subject, constraint, best, solved)
        return shown_again(
            minimum_on_constraint, honest.run_on, kernel.Outcome(formula, using=honest.using), background
        )

    assert shown(honest.claim.formula) == ()
    least = honest.claim.left
    assert isinstance(least, Term)
    with pytest.raises(NotApplicable, match="does not show"):
        shown(replace(honest.claim.formula, left=least + Number(Fraction(1, 10**9))))
