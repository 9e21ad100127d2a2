"""The commands `check` and `equal`, batches, premises of one's own, and what is kept between commands."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

import derivations
import engine.documents
from cli.errors import MISUSED, NO, YES
from cli.main import app
from engine.certificates.serial import Corrupt, from_data, to_data
from engine.certificates.store import kept
from engine.grading import questions
from engine.grading.batches import BadRow, Summary, judged, rows
from workings.grader import Grader

runner = CliRunner(env={"COLUMNS": "90"})
SCHEMA = json.loads(Path(engine.documents.__file__).with_name("judgement.schema.json").read_text(encoding="utf-8"))
RIGHT, WRONG = "(X^T X + 2 n λ I)^-1 X^T t", "(X^T X + n λ I)^-1 X^T t"


def run(*words: str, text: str | None = None):
    return runner.invoke(app, list(words), input=text)


# -- verdicts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "status", "first"),
    [
        (RIGHT, YES, "correct"),
        (WRONG, NO, "incorrect: it has another value"),
        ("X w t", NO, "ill-typed: cannot multiply w (d×1) by t (n×1)"),
        ("(X^T X", MISUSED, "unreadable: this ( is never closed"),
        ("", MISUSED, "unreadable: there is nothing to read"),
    ],
)
def test_check_says_its_verdict_first_and_exits_with_it(answer, status, first):
    done = run("check", "ridge", answer)
    assert (done.exit_code, done.stdout.splitlines()[0]) == (status, first)


def test_the_place_is_under_the_text_that_was_typed():
    lines = run("check", "ridge", "X^T foo").stdout.splitlines()
    assert lines[1:3] == ["  X^T foo", "      ^^^"]


@pytest.mark.parametrize("answer", [RIGHT, WRONG, "X w t", "((", "w = 1", "(X'X + 2nλI) w = X't", "λ\u200f"])
def test_json_is_as_its_schema_says(answer):
    done = run("check", "ridge", answer, "--json")
    data = json.loads(done.stdout)
    jsonschema.validate(data, SCHEMA)
    assert data["name"] == "ridge"
    equal = json.loads(run("equal", "X", answer, "--let", "X: n×d", "--json").stdout)
    jsonschema.validate(equal, SCHEMA)


def test_the_reading_is_echoed_in_plain_text_and_latex():
    reading = json.loads(run("check", "ridge", "w* = " + RIGHT, "--json").stdout)["reading"]
    assert reading == {"plain": "(XᵀX + 2nλI)⁻¹Xᵀt", "latex": r"(X^\top X + 2n\lambda I)^{-1}X^\top t", "label": "w*"}


def test_an_answer_from_a_file_or_standard_input(tmp_path):
    path = tmp_path / "answer.tex"
    path.write_text(r"\left(X^\top X + 2\lambda n I\right)^{-1}" + "\n" + r"X^\top t" + "\n", encoding="utf-8")
    assert run("check", "ridge", "--file", str(path)).exit_code == YES
    assert run("check", "ridge", "-", text=RIGHT + "\n").exit_code == YES
    assert run("equal", "x + x", "-", text="2x").exit_code == YES


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["check"], "a derivation's name and an answer are needed"),
        (["check", "ridge"], "give the answer either as an argument"),
        (["check", "ridge", "1", "--file", "x"], "give the answer either as an argument"),
        (["check", "rigde", "1"], "did you mean ridge?"),
        (["check", "ridge", "--file", "/nowhere/at/all"], "cannot be read: No such file"),
        (["check", "ridge", "--file", "/"], "cannot be read: Is a directory"),
        (
            ["check", "dropout-bias-variance", "1", "--part", "noise"],
            "there is no part 'noise'; there are variance, bias",
        ),
        (["check", "ridge", "1", "--part", "noise"], "there is only one"),
        (["check", "ridge", "1", "--let", "x > 0"], "--let declares symbols for --given"),
        (["check", "ridge", "1", "--batch", "x"], "a batch has its answers in its rows"),
        (["equal", "1"], "two expressions are needed"),
        (["equal", "1", "2", "--batch", "x"], "a batch has its expressions in its rows"),
        (["equal", "1", "2", "--let", "x ~ Foo(3)"], "the law Foo is not known here"),
        (["check", "--batch", "/nowhere"], "cannot be read"),
        (["derive", "ridge", "--given", "g"], "a premise is given as 'name = …'"),
        (["derive", "ridge", "--given", "h = 3"], "ridge has no premise named h: it has g"),
        (["derive", "ridge", "--given", "g = w"], "g is 1×1, the premise given d×1"),
        (["derive", "ridge", "--given", "g = ||X w||^2 + mu"], "mu is not declared here"),
    ],
)
def test_what_is_not_asked_rightly_is_told(words, message):
    done = run(*words)
    assert done.exit_code == MISUSED and message in done.stderr and "Traceback" not in done.stderr


def test_parts_by_option_and_by_name():
    assert (
        run("check", "dropout-bias-variance", "(1-p)/(2pN) Σ_i Σ_j w_j² X_ij²", "--part", "variance").exit_code == YES
    )
    done = run("check", "compute-optimal-model-size", "exponent of N: α_C/α_N; exponent of B: α_C/α_S")
    assert done.exit_code == NO
    assert [line.split(":")[0] for line in done.stdout.splitlines() if not line.startswith(" ")] == [
        "correct (exponent of N)",
        "incorrect (exponent of B)",
    ]
    assert "not answered: " in done.stderr


def test_equal_takes_declarations():
    inverse = ["equal", "(A B)^-1", "B^-1 A^-1", "--let", "A: n×n invertible", "--let", "B: n×n invertible"]
    assert run(*inverse).exit_code == YES
    assert run("equal", "sqrt(x^2)", "x").exit_code == NO
    assert run("equal", "sqrt(x^2)", "x", "--let", "x > 0").exit_code == YES


# -- premises of one's own ---------------------------------------------------------------------------------------------


def test_a_derivation_is_replayed_from_a_premise_that_was_typed():
    done = run("derive", "ridge", "--given", "g = ||X w - t||^2 + mu ||w||^2", "--let", "mu > 0")
    assert done.exit_code == YES
    assert done.stdout.splitlines()[-1] == "Result  (XᵀX + μI)⁻¹Xᵀt is the unique minimiser of g(w) over w"
    assert run("check", "ridge", "(X'X + λI)^-1 X't", "--given", "g = ||X w - t||^2 + λ ||w||^2").exit_code == YES
    assert run("check", "ridge", RIGHT, "--given", "g(w) = ||X w - t||^2 + λ ||w||^2").exit_code == NO


def test_a_law_is_a_premise_too():
    done = run("derive", "minibatch-variance", "--given", "epsilon ~ Normal(0, 4 sigma^2)")
    assert done.exit_code == YES and "Result  Var(g_B) = 4σ²/B\n        noise: it falls" in done.stdout


def test_a_premise_that_lemmas_have_too_is_theirs():
    halved = ("--given", "g = ||X w - t||^2/(2n) + lambda w^2/2")
    done = run("derive", "fgm-epsilon", *halved)
    assert done.exit_code == YES and "uses `ridge` (Ridge regression in closed form, from another g)" in done.stdout
    assert run("check", "fgm-epsilon", "(X'X + nλ)x/(X't)", *halved).exit_code == YES
    assert run("check", "fgm-epsilon", "(X'X + 2nλ)x/(X't)", *halved).exit_code == NO
    gram = run("derive", "kernel-ridge", "--given", "g = ||X w - t||^2 + lambda ||w||^2").stdout
    assert gram.rstrip().endswith("xᵀw* = xᵀXᵀ(XXᵀ + λI)⁻¹t")
    assert run("export", "fgm-epsilon", *halved, "-o", "-").exit_code == YES


def test_the_example_of_the_help_works():
    assert "xi ~ Normal(0, 2 sigma^2)" in " ".join(run("derive", "--help").stdout.replace("│", " ").split())
    done = run("derive", "gaussian-dropout-sigma", "--given", "xi ~ Normal(0, 2 sigma^2)")
    assert done.exit_code == YES and "σ = √((1 − p)/(2p))" in done.stdout


def test_a_premise_from_which_the_result_does_not_follow():
    done = run("derive", "ridge", "--given", "g = ||X w - t||^2/(2n)")
    assert done.exit_code == NO and "XᵀX is invertible" in done.stderr
    done = run("derive", "fgm-epsilon", "--given", "g = ||X w - t||^2/(2n) - lambda w^2")
    assert done.exit_code == NO and "in `ridge`: " in done.stderr and "XᵀX − 2λn ≠ 0" in done.stderr


def test_a_premise_that_cannot_be_read_is_pointed_at():
    done = run("derive", "ridge", "--given", "g = ||X w - t||^2 + lambda ||w|")
    assert done.exit_code == MISUSED
    lines = done.stderr.splitlines()
    assert lines[1] == "  g = ||X w - t||^2 + lambda ||w|" and "^" in lines[2]


# -- batches -----------------------------------------------------------------------------------------------------------
# --------------


BATCH = f"""id,name,answer
1,ridge,{RIGHT}
2,ridge,{WRONG}
3,ridge,"inv(X.T*X + lam*n*I)*X.T*t"
4,nothing,1
5,ridge
6,minibatch-variance,σ²/B
7,ridge,((
"""


def objects(stdout: str) -> list[dict]:
    return [json.loads(line) for line in stdout.splitlines()]


def test_a_batch_is_judged_row_by_row_in_order_and_goes_on_after_bad_rows(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text(BATCH, encoding="utf-8")
    done = run("check", "--batch", str(path))
    found = objects(done.stdout)
    assert [row["row"] for row in found] == [1, 2, 3, 4, 5, 6, 7]
    assert [row.get("id") for row in found] == ["1", "2", "3", "4", None, "6", "7"]
    wanted = ["correct", "incorrect", "incorrect", "unreadable", "unreadable", "correct", "unreadable"]
    assert [row["verdict"] for row in found] == wanted
    assert done.exit_code == NO
    assert "7 answers: 2 correct, 2 incorrect, 3 unreadable" in done.stderr
    assert "2 × incorrect  ridge: (XᵀX + nλI)⁻¹Xᵀt" in done.stderr


def test_a_batch_of_json_lines_from_standard_input_and_with_several_processes():
    lines = [{"answer": RIGHT if k % 3 else WRONG, "id": k} for k in range(80)]
    text = "\n".join(json.dumps(line) for line in lines) + "\n[1]\n{broken\n"
    one, two = (run("check", "ridge", "--batch", "-", "--jobs", jobs, text=text) for jobs in ("1", "2"))
    assert one.stdout == two.stdout and one.stderr == two.stderr
    found = objects(two.stdout)
    assert [row.get("id") for row in found[:80]] == list(range(80))
    assert [row["verdict"] for row in found[80:]] == ["unreadable", "unreadable"]


def test_a_batch_of_pairs():
    text = 'left,right,let\n(A B)^T,B^T A^T,A: n×n; B: n×n\nA B,B A,"A: n×n; B: n×n"\nx,x,x ~ Foo(1)\n'
    done = run("equal", "--batch", "-", text=text)
    assert [row["verdict"] for row in objects(done.stdout)] == ["correct", "incorrect", "unreadable"]


def test_a_batch_of_right_answers_exits_with_yes():
    assert run("check", "ridge", "--batch", "-", text=f"answer\n{RIGHT}\n").exit_code == YES
    assert run("check", "ridge", "--batch", "-", text="").exit_code == YES


def test_rows_are_not_read_before_they_are_wanted():
    """However long the file is, only a few rows of it are held."""
    read: list[int] = []

    def lines():
        for number in range(100_000):
            read.append(number)
            yield {"answer": str(number)}

    found = judged(lines(), lambda row: {"verdict": "correct"}, jobs=1)
    for _ in range(10):
        next(found)
    assert len(read) <= 11


def test_what_is_wrong_with_a_row_is_told():
    found = list(rows(io.StringIO('answer,name\n"a,b",c\nd\n"e"f,g\nh,"i\nj"\n'), ("answer",)))
    assert found[0] == {"answer": "a,b", "name": "c"}
    assert isinstance(found[1], BadRow) and "1 cells under 2 columns" in str(found[1])
    assert {"answer": "h", "name": "i\nj"} in found
    assert [type(row) for row in rows(io.StringIO('{"a": 1}\n3\n' + "x" * 300_000 + "\n"), ("a",))] == [
        dict,
        BadRow,
        BadRow,
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ridge,X^T t\n", "a header with the columns name, answer was expected, not 'ridge,X^T t'"),
        ('[{"name": "ridge", "answer": "1"}]\n', "one JSON object a line was expected, not a list"),
        ("nonsense\n1\n", "a header with the columns name, answer was expected"),
    ],
)
def test_a_file_without_rows_is_told(text, message):
    done = run("check", "--batch", "-", text=text)
    assert done.exit_code == MISUSED and message in done.stderr and not done.stdout


def test_cells_may_be_separated_by_semicolons_or_tabs():
    for separator in (";", "\t"):
        done = run("check", "--batch", "-", text=f"name{separator}answer\nminibatch-variance{separator}σ²/B\n")
        assert done.exit_code == YES


def test_a_quotation_mark_that_is_never_closed_spoils_its_own_row():
    text = "name,answer\n" + 'ridge,"X^T t\n' + "minibatch-variance,σ²/B\n" * 200
    found = objects(run("check", "--batch", "-", text=text).stdout)
    assert [row["verdict"] for row in found] == ["unreadable"] + ["correct"] * 200
    assert "line 2" in found[0]["reason"]


def test_rows_that_make_no_sense_do_not_end_a_batch():
    odd = [{"name": "ridge", "answer": "1", "part": 7}, {"name": "ridge", "answer": None}, {"name": 3, "answer": "1"}]
    odd += [{"name": "ridge", "answer": "sqrt " * 200 + "t"}, {"name": "ridge", "answer": "1", "given": "g = 1"}]
    text = "".join(json.dumps(row) + "\n" for row in odd) + '{"name": "minibatch-variance", "answer": "σ²/B"}\n'
    for jobs in ("1", "2"):
        found = objects(run("check", "--batch", "-", "--jobs", jobs, text=text).stdout)
        assert [row["verdict"] for row in found] == ["unreadable"] * 5 + ["correct"]


def test_rows_are_answered_as_they_come():
    command = [
        sys.executable,
        "-c",
        "from cli.main import main; import sys; "
        "sys.argv = ['workings', 'check', 'minibatch-variance', '--batch', '-', '--jobs', '2']; main()",
    ]
    environment = os.environ | {"PYTHONPATH": str(Path(derivations.__file__).parents[1]), "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write('{"answer": "σ²/B"}\n')
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["verdict"] == "correct"  # before the input has ended
        process.stdin.close()
        assert process.wait(timeout=30) == YES


def test_progress_is_shown_on_a_terminal_and_leaves_the_output_alone():
    import pty

    shown, terminal = pty.openpty()
    script = "from cli.main import main; import sys; sys.argv = ['workings', 'check', 'ridge', '--batch', '-']; main()"
    environment = os.environ | {"PYTHONPATH": str(Path(derivations.__file__).parents[1]), "PYTHONIOENCODING": "utf-8"}
    text = "".join(json.dumps({"answer": f"{k} X^T t"}) + "\n" for k in range(5)).encode()
    command = [sys.executable, "-c", script]
    seen: list[bytes] = []

    def read():  # a terminal that nobody reads fills up, and whoever writes to it waits
        with suppress(OSError):
            while chunk := os.read(shown, 10_000):
                seen.append(chunk)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    done = subprocess.run(
        command, input=text, stdout=subprocess.PIPE, stderr=terminal, env=environment, check=False, timeout=60
    )
    os.close(terminal)
    reader.join(10)
    assert [row["row"] for row in objects(done.stdout.decode())] == [1, 2, 3, 4, 5]
    assert b"judging" in b"".join(seen)


def test_answers_given_often_are_counted_however_many_rare_ones_there_are():
    summary = Summary()
    for k in range(5_000):
        summary.add({"verdict": "incorrect", "name": "ridge", "reading": {"plain": str(k)}, "fingerprint": str(k)})
        if k > 2_000:
            summary.add({"verdict": "incorrect", "name": "ridge", "reading": {"plain": "x"}, "fingerprint": "x"})
    assert len(summary.groups) <= 1_000
    assert any("2999 × incorrect  ridge: x" in line for line in summary.lines())


def test_an_answer_may_begin_with_a_minus():
    for words in (
        ["check", "batch-size-regimes", "--part", "elasticity", "-B_noise/(B_noise+B)"],
        ["equal", "-x^2", "-(x^2)"],
    ):
        script = "import sys; from cli.main import main; sys.argv = ['workings', *sys.argv[1:]]; main()"
        environment = os.environ | {
            "PYTHONPATH": str(Path(derivations.__file__).parents[1]),
            "PYTHONIOENCODING": "utf-8",
        }
        done = subprocess.run(
            [sys.executable, "-c", script, *words], capture_output=True, env=environment, check=False, timeout=60
        )
        assert done.returncode == YES, done.stderr


def test_the_summary_counts_equal_answers_of_one_verdict_together():
    summary = Summary()
    for verdict, fingerprint in (
        ("incorrect", "a"),
        ("incorrect", "a"),
        ("correct", "b"),
        ("undecided", "a"),
        ("correct", ""),
    ):
        reading = {"plain": "2x"}
        summary.add({"verdict": verdict, "name": "ridge", "part": "", "reading": reading, "fingerprint": fingerprint})
    assert list(summary.lines()) == ["5 answers: 2 incorrect, 2 correct, 1 undecided", "      2 × incorrect  ridge: 2x"]
    assert len(summary.groups) == 3


@pytest.mark.parametrize(
    ("name", "part", "alike", "others"),
    [
        (
            "noisy-quadratic-risk",
            "risk",
            ("eta sigma^2/(2 B (2 - a eta))", "sigma^2/(B (4/eta - 2 a))"),
            ("eta sigma^2/(B (2 - a eta))", "eta sigma^2/(2 B)", "0", "eta"),
        ),
        (
            "fgsm-epsilon",
            None,
            ("-x sign(X^T t)", "x sign(-X^T t)"),
            ("|x|", "x", "-x", "x sign(X^T t)", "-|x|", "x^2"),
        ),
        ("minibatch-variance", None, ("sigma^2/B", "(sigma^2/B^2) B"), ("sigma/B", "sigma^3/B")),
    ],
)
def test_different_answers_are_counted_apart(name, part, alike, others):
    """Whatever the premises ask of the fixed worlds, and whatever pieces there are."""
    grader = Grader(name, fingerprints=True)
    prints = [grader.check(text, part).judgements[0].fingerprint for text in (*alike, *others)]
    assert "" not in prints and prints[0] == prints[1] and len(set(prints)) == len(prints) - 1


@pytest.mark.parametrize("answer", ["ln(-sigma^2)", "sigma^2/(B - B)", "ln(sigma) + sqrt(-sigma)"])
def test_what_has_no_value_in_a_fixed_world_has_no_fingerprint(answer):
    judged = Grader("minibatch-variance", fingerprints=True).check(answer).judgements[0]
    assert not judged.correct and judged.fingerprint == ""


# -- what is kept ------------------------------------------------------------------------------------------------------
# -----------------


@pytest.mark.parametrize("name", derivations.names())
def test_what_a_derivation_asks_survives_being_written_down(name):
    asked = questions(derivations.load(name).run())
    assert from_data(json.loads(json.dumps(to_data(asked)))) == asked


@pytest.mark.parametrize(
    "data",
    [None, 3, {}, {"table": [], "root": {"@": 0}}, {"table": [["Exit"]], "root": {"@": 0}}, {"table": [["Symbol"]], "root": {"@": 0}},
     {"table": [["Add", [{"@": 0}]]], "root": {"@": 0}}, {"table": [["Number", 3]], "root": {"@": -1}},
     {"table": [["Relation", "FOO"]], "root": {"@": 0}}],
)  # fmt: skip
def test_data_that_is_no_term_is_refused(data):
    with pytest.raises(Corrupt):
        from_data(data)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "workings"


def test_what_was_computed_is_kept_and_computed_again_where_it_is_lost(folder):
    computed: list[int] = []

    def compute():
        computed.append(1)
        return ("a", "b")

    assert kept("thing", compute) == kept("thing", compute) == ("a", "b") and len(computed) == 1
    (path,) = folder.iterdir()
    written = path.read_text(encoding="utf-8")
    digest, _, data = written.partition("\n")
    unlike = (
        "",
        "{",
        "null",
        data,
        f"{digest}\n",
        f"{digest}\nnull",
        f"{digest}\n" + data.replace("b", "c"),
        written[:-1],
    )
    for count, text in enumerate(unlike, 2):
        path.write_text(text, encoding="utf-8")
        assert kept("thing", compute) == ("a", "b") and len(computed) == count
    path.write_bytes(b"\xff\xfe")
    assert kept("thing", compute) == ("a", "b") and path.read_text(encoding="utf-8") == written
    path.unlink()
    path.mkdir()
    assert kept("thing", compute) == ("a", "b")
    path.rmdir()
    kept("thing", compute)
    path.rename(path.with_name("thing-00000000000000000000.json"))
    kept("thing", compute)
    assert [other.name for other in folder.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "text", ['{"table":3,"root":0}', "[1]", '"x"', "0", '{"table":[],"root":[]}', '{"answers":{},"lines":[]}']
)
def test_a_malformed_file_is_read_as_absent(folder, text):
    """With its digest: as another version, or somebody else, may have written it."""
    answer = Grader("minibatch-variance").check("sigma^2/B + 1")
    assert not answer.correct
    for path in folder.iterdir():
        path.write_text(f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}", encoding="utf-8")
    assert Grader("minibatch-variance").check("sigma^2/B + 1").as_data() == answer.as_data()


def test_a_folder_that_cannot_be_written_is_no_trouble(folder, monkeypatch):
    folder.parent.joinpath("workings").write_text("a file where the folder should be", encoding="utf-8")
    assert kept("thing", lambda: ("a",)) == ("a",)
    if os.geteuid() != 0:
        folder.unlink()
        folder.mkdir(mode=stat.S_IRUSR | stat.S_IXUSR)
        assert kept("thing", lambda: ("a",)) == ("a",)


def test_check_needs_no_sympy_once_the_result_is_kept(folder):
    script = (
        "import sys; from cli.main import main; sys.argv = ['workings', 'check', 'minibatch-variance', 'σ²/B']\n"
        "try: main()\n"
        "finally: print('sympy' in sys.modules, file=sys.stderr)"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(derivations.__file__).parents[1]), "PYTHONIOENCODING": "utf-8"}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, env=environment, check=False, timeout=60
        )
        assert done.returncode == YES
    assert done.stderr.split() == [b"False"]
