"""Derivations of one's own: from a file, from an installed package, from the starting file that `new` writes."""

import json
import sys
import textwrap

import pytest
from typer.testing import CliRunner

from cli.errors import MISUSED, NO, UNDECIDED, YES
from cli.main import app
from derivations import outside


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outside.load.cache_clear()
    return tmp_path


def run(*words: str, stdin: str = ""):
    return CliRunner().invoke(app, list(words), input=stdin)


def test_the_starting_file_runs_as_it_is_and_by_every_command(folder):
    assert run("new", "best-multiple").exit_code == YES
    mine = "./best_multiple.py:best-multiple"
    assert "xᵀy/(xᵀx) is the unique minimiser of f(c) over c" in run("derive", mine).stdout
    assert run("derive", "best_multiple.py").exit_code == YES  # it defines just one
    assert run("check", mine, "x'y/(x'x)").exit_code == YES
    wrong = run("check", mine, "2 x'y/(x'x)", "--json")
    assert wrong.exit_code == NO and "off-by-a-factor" in [d["name"] for d in json.loads(wrong.stdout)["diagnosis"]]
    assert run("mark", mine, "-", stdin="2 x'x c = 2 x'y\nc = x'y/(x'x)").exit_code == YES
    assert run("hint", mine).stdout.startswith("Step 1 of")
    assert (
        run("export", mine, "-o", "mine.tex").exit_code == YES
        and "best multiple" in (folder / "mine.tex").read_text().lower()
    )
    assert run("verify", mine, "ridge").exit_code == YES
    replayed = run("derive", mine, "--given", "f = ||y - 2 c x||^2")
    assert "xᵀy/(2xᵀx)" in replayed.stdout and "from another f" in replayed.stdout


@pytest.mark.parametrize("name", ["../x", "Abc", "a_b", "", "1a", "a" * 80])
def test_a_name_for_a_new_file_is_a_plain_one(name, folder):
    assert run("new", name).exit_code == MISUSED and not list(folder.iterdir())


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (None, MISUSED, "mine.py cannot be read: there is no such file"),
        ("", MISUSED, "defines not just one derivation: name it, as in mine.py:NAME; it has none"),
        ("def f(:", MISUSED, "mine.py, line 1: invalid syntax"),
        ("import nothing_of_that_name", MISUSED, "mine.py, line 1: ModuleNotFoundError"),
        ("\nraise ValueError('mine')", MISUSED, "mine.py, line 2: ValueError: mine"),
        ("proof.sze('n')", MISUSED, "mine.py, line 5: AttributeError: 'Proof' object has no attribute 'sze'"),
        ("proof.shown(positive(proof.scalar('a')))", UNDECIDED, "mine.py, line 5: it does not follow that a > 0"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_line(text, code, message, folder):
    if text is not None:
        whole = (
            text
            if not text.startswith("proof")
            else (
                "from engine.author import derivation, positive\n\n"
                "@derivation('mine', title='Mine', source='')\ndef mine(proof):\n" + textwrap.indent(text, "    ")
            )
        )
        (folder / "mine.py").write_text(whole)
    done = run("derive", "mine.py")
    assert (
        done.exit_code == code
        and message in done.stderr
        and done.stderr.startswith("error: ")
        and done.stderr.count("\n") <= 2
    )
    assert "Traceback" not in done.stderr
    verified = run("verify", "mine.py")
    assert (
        verified.exit_code in ((UNDECIDED,) if code == UNDECIDED else (NO, MISUSED))
        and "Traceback" not in verified.output
    )


def test_an_installed_package_offers_derivations(folder, monkeypatch):
    assert run("new", "best-multiple", "-o", "their_module.py").exit_code == YES
    about = folder / "theirs-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[workings.derivations]\nbest-multiple = their_module\nbroken = their_module:nothing\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    assert "best-multiple  (from the package theirs)" in run("list").stdout
    assert json.loads(run("list", "--json").stdout)["installed"][0] == {"name": "best-multiple", "package": "theirs"}
    assert "xᵀy/(xᵀx)" in run("derive", "best-multiple").stdout
    broken = run("derive", "broken")
    assert broken.exit_code == MISUSED and "cannot be loaded from their_module:nothing" in broken.stderr
    missing = run("derive", "best-multple")
    assert missing.exit_code == MISUSED and "did you mean best-multiple?" in missing.stderr
    sys.modules.pop("their_module", None)


def _file_of_ones_own(folder, *lines):
    """A file with one derivation, `mine`, of a number x."""
    file = folder / "mine.py"
    head = ("from engine.author import *", "", "@derivation('mine', title='Mine', source='')", "def mine(proof):")
    file.write_text("\n".join((*head, "    x = proof.scalar('x')", *(f"    {line}" for line in lines), "")))
    return file


@pytest.mark.parametrize(
    ("premise", "message"), [("f=((", "this ( is never closed"), ("f=zz", "zz is not declared here")]
)
def test_an_unreadable_premise_is_told_once(tmp_path, premise, message):
    """And not a second time as the way in which the command ended."""
    file = _file_of_ones_own(tmp_path, "f = proof.given('f', x**2, x)", "proof.conclude(proof.derive(f(x)).by(unfold))")
    told = CliRunner().invoke(app, ["derive", f"{file}:mine", "--given", premise])
    assert told.exit_code == MISUSED
    assert message in told.stderr and "Exit" not in told.stderr


def test_a_derivation_without_premises_says_that_it_has_none(tmp_path):
    file = _file_of_ones_own(tmp_path, "proof.conclude(proof.derive(x + x).by(simplify))")
    told = CliRunner().invoke(app, ["derive", f"{file}:mine", "--given", "f=x"])
    assert "no premise named f: it has none" in told.stderr
