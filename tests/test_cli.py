"""The command line: what it prints, on which stream, and how it exits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import cli.main
import derivations
from cli.errors import FAULT, INTERRUPTED, MISUSED, NO, UNDECIDED, YES
from cli.main import app
from engine.kernel.evidence import NotDecided, Refuted
from engine.rules import all_rules
from engine.terms import ONE, TWO
from engine.terms.claims import Claim
from engine.terms.formulas import Relation
from engine.worlds.truth import Truth
from engine.worlds.world import World

runner = CliRunner(env={"COLUMNS": "100"})


def run(*words: str) -> Any:
    return runner.invoke(app, list(words))


def command(*words: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command as a process of its own."""
    script = [sys.executable, "-c", "import sys; from cli.main import main; sys.argv[0] = 'workings'; main()", *words]
    clean = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    repository = str(Path(cli.main.__file__).parents[1])
    paths = {"PYTHONSAFEPATH": "1", "PYTHONPATH": repository}
    return subprocess.run(
        script, capture_output=True, cwd=cwd, env=clean | paths | environment, check=False, timeout=60
    )


# -- list --------------------------------------------------------------------------------------------------------------


def test_the_list_names_all_by_topic_with_title_source_and_parts() -> None:
    listed = run("list")
    assert listed.exit_code == YES
    lines = listed.stdout.splitlines()
    for entry in derivations.entries():
        place = next(number for number, line in enumerate(lines) if line.startswith(f"  {entry['name']} "))
        said = " ".join(" ".join(lines[place : place + 4]).split())
        assert entry["title"] + (f" ({entry['source']})" if entry["source"] else "") in said
        assert entry["topic"] in [line for line in lines[:place] if not line.startswith(" ")][-1]
        assert not entry["parts"] or f"parts: {', '.join(entry['parts'])}" in said
    assert len(lines) > len(derivations.names()) >= 19
    assert "chance of a false pass" not in listed.stdout
    assert "25 steps: 25 proved, and seen in" in run("list", "--evidence").stdout


def test_the_list_as_json() -> None:
    data = json.loads(run("list", "--json").stdout)
    assert data["schema"] == "workings.catalogue/1"
    assert [entry["name"] for entry in data["derivations"]] == list(derivations.names())


@pytest.mark.parametrize("words", [["list"], ["--help"], ["derive", "--help"]])
def test_what_needs_no_mathematics_does_not_load_it(words: list[str]) -> None:
    """Listing and helping take a fraction of the time of importing SymPy, since they never do."""
    script = (
        "import sys; from cli.main import main; sys.argv = ['workings', *sys.argv[1:]]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([m for m in ('sympy', 'flint', 'engine.kernel') if m in sys.modules], file=sys.stderr)"
    )
    repository = str(Path(cli.main.__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": repository}
    done = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, env=environment, check=False, timeout=60
    )
    assert done.stderr.split() == [b"[]"]


# -- derive ------------------------------------------------------------------------------------------------------------


def test_derive_prints_the_working() -> None:
    derived = run("derive", "ridge")
    assert derived.exit_code == YES
    assert derived.stdout.startswith("Ridge regression in closed form")
    assert "w = (XᵀX + 2λnI)⁻¹Xᵀt" in derived.stdout and "XᵀX/n + 2λI" in derived.stdout


def test_detail_says_more() -> None:
    brief, long = run("derive", "ridge").stdout, run("derive", "ridge", "--detail").stdout
    assert "d of a sum, term by term" in long and "d of a sum, term by term" not in brief


def test_derive_as_json() -> None:
    data = json.loads(run("derive", "minibatch-variance", "--json").stdout)
    assert data["schema"] == "workings.derivation/2"
    assert data["results"][0]["claim"]["plain"] == "Var(g_B) = σ²/B"
    steps = [step for part in data["parts"] if part["kind"] == "passage" for step in part["steps"]]
    assert all(step["evidence"]["worlds"] >= 4 for step in steps)


def test_an_unknown_name_gets_the_nearest_ones() -> None:
    derived = run("derive", "rigde")
    assert derived.exit_code == MISUSED and derived.stdout == ""
    assert "did you mean ridge?" in derived.stderr
    assert "fgm-epsilon" in run("derive", "epsilon").stderr


@pytest.mark.parametrize("words", [["derive"], ["derive", "ridge", "--nonsense"], ["nonsense"], ["explain", "a", "b"]])
def test_a_command_that_was_not_asked_rightly_exits_2(words: list[str]) -> None:
    asked = run(*words)
    assert asked.exit_code == MISUSED and asked.stdout == "" and asked.stderr


# -- verify ------------------------------------------------------------------------------------------------------------


def test_verify_shows_the_evidence() -> None:
    verified = run("verify", "ridge", "fgm-output")
    assert verified.exit_code == YES
    rows = [line.split() for line in verified.stdout.splitlines()]
    assert rows[0][:3] == ["derivation", "steps", "proved"]
    assert [row[0] for row in rows[1:]] == ["ridge", "fgm-output"]


def test_verify_as_json() -> None:
    data = json.loads(run("verify", "ridge", "--json").stdout)
    assert data["schema"] == "workings.verification/1"
    assert data["derivations"][0]["name"] == "ridge" and data["derivations"][0]["holds"]
    assert data["derivations"][0]["kinds"] == {"proved": 25}


class Failing:
    """A derivation that ends with an error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def run(self) -> None:
        raise self.error


def refuted() -> Refuted:
    claim = Claim(ONE, Relation.EQUAL, TWO, frozenset())
    world = World(3, {}, {})
    return Refuted(claim, world, Truth(False, world.value(ONE), world.value(TWO)))


def fails_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derivations, "load", lambda name: Failing(error))  # type: ignore[arg-type]  # a stand-in that only fails


def test_a_refuted_step_is_told_with_its_world(monkeypatch: pytest.MonkeyPatch) -> None:
    fails_with(refuted(), monkeypatch)
    verified = run("verify", "ridge")
    assert verified.exit_code == NO
    assert "ridge does not hold: 1 = 2 is false, for example in" in verified.stdout
    derived = run("derive", "ridge")
    assert derived.exit_code == NO and "1 = 2 is false" in derived.stderr


def test_what_no_world_settles_exits_3(monkeypatch: pytest.MonkeyPatch) -> None:
    fails_with(NotDecided("1 = 2 could not be settled"), monkeypatch)
    derived = run("derive", "ridge")
    assert derived.exit_code == UNDECIDED and "could not be settled" in derived.stderr


# -- explain -----------------------------------------------------------------------------------------------------------


def test_explain_shows_a_rule() -> None:
    explained = run("explain", "collect")
    assert explained.exit_code == YES
    assert "Aw + cw = (A + cI)w" in explained.stdout and "example" in explained.stdout


def test_explain_without_a_rule_shows_all() -> None:
    explained = run("explain")
    assert all(any(line.startswith(name) for line in explained.stdout.splitlines()) for name in all_rules())
    assert "did you mean collect?" in run("explain", "colect").stderr


def test_every_rule_has_a_certified_example() -> None:
    data = json.loads(run("explain", "--json").stdout)
    assert data["schema"] == "workings.rules/1"
    assert [rule["name"] for rule in data["rules"]] == list(all_rules())
    assert [rule["name"] for rule in data["rules"] if rule["example"] is None] == []


# -- starting and stopping ---------------------------------------------------------------------------------------------


def test_version_and_help_teach() -> None:
    assert run("--version").stdout.startswith("workings ")
    helped = run("--help").stdout
    assert all(word in helped for word in ("list", "derive", "verify", "explain", "workings derive ridge"))


def test_names_are_completed() -> None:
    assert list(cli.main.complete_name("fg")) == ["fgm-output", "fgm-epsilon", "fgsm-epsilon"]
    assert "collect" in list(cli.main.complete_rule("col"))


def test_a_fault_of_its_own_exits_70_in_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["workings", "derive", "ridge"])
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.delenv("WORKINGS_DEBUG", raising=False)
    fails_with(RuntimeError("no such thing"), monkeypatch)
    with pytest.raises(SystemExit) as stop:
        cli.main.main()
    assert stop.value.code == FAULT
    errors = capsys.readouterr().err
    assert "RuntimeError: no such thing" in errors and "report" in errors and "Traceback" not in errors


def test_ctrl_c_leaves_no_traceback() -> None:
    repository = str(Path(cli.main.__file__).parents[1])
    script = (
        "from cli.start import main; import sys; sys.argv = ['workings', 'verify']; print(end='.', flush=True); main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": repository},
        start_new_session=True,
    )
    assert process.stdout is not None and process.stdout.read(1) == b"."
    time.sleep(0.4)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    errors = process.communicate(timeout=30)[1]
    assert process.returncode == INTERRUPTED and b"Traceback" not in errors


def test_works_in_a_folder_with_an_engine_and_a_cli_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "cli").mkdir()
    for name in ("engine.py", "derivations.py", "cli/__init__.py"):
        (tmp_path / name).write_text("raise ImportError('the wrong one')")
    derived = command("derive", "fgm-output", cwd=tmp_path)
    assert derived.returncode == YES and "Result  f(x′) = wᵀx − ε‖w‖²" in derived.stdout.decode()


def test_a_stream_without_mathematics_still_gets_the_working() -> None:
    derived = command("derive", "fgm-output", PYTHONIOENCODING="ascii")
    assert derived.returncode == YES and b"Given" in derived.stdout and b"Traceback" not in derived.stderr


def test_a_pipe_that_closes_early_is_met_in_silence() -> None:
    code = 'from cli.main import main; import sys; sys.argv = ["workings", "derive", "ridge"]; main()'
    script = f"{sys.executable} -c '{code}'"
    repository = str(Path(cli.main.__file__).parents[1])
    piped = subprocess.run(
        ["bash", "-c", f"{script} | head -n 1"],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONPATH": repository},
        timeout=60,
    )
    assert piped.stdout.startswith(b"Ridge regression") and piped.stderr == b""


def test_the_same_command_prints_the_same() -> None:
    first, second = (command("derive", "ridge", PYTHONHASHSEED=seed).stdout for seed in "12")
    assert first == second
