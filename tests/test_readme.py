"""The README shows what the project does: its Python runs, and its terminal output is today's."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import _with_leading_minus, app
from derivations import load
from engine.rendering.structured import as_data

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.S)


@pytest.mark.parametrize("block", BLOCKS, ids=["replay", "own derivation"])
def test_python_in_the_readme_prints_what_its_comment_says(block, capsys):
    exec(compile(block, "README.md", "exec"), {"__name__": "__main__"})  # the project's own page, not anybody's input
    assert capsys.readouterr().out.strip() == block.strip().splitlines()[-1].removeprefix("# ")


SHOWN = {
    block.split("\n", 1)[0]: block.split("\n", 1)[1]
    for block in re.findall(r"```text\n\$ workings (.*?)```", README, re.S)
}


def output_of(command: str, folder: Path | None = None) -> str:
    run = [sys.executable, "-c", "from cli.main import main; main()", *shlex.split(command)]
    environment = {**os.environ, "COLUMNS": "90", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        run, capture_output=True, text=True, env=environment, encoding="utf-8", cwd=folder
    ).stdout.strip()


def test_the_derivation_in_the_readme_is_todays():
    assert output_of("derive ridge") in README


@pytest.fixture
def folder(tmp_path):
    """A folder with the files that the README speaks of: an export in which one number was changed, and a working."""
    data = as_data(load("ridge").run())
    data["parts"][1]["steps"][3]["evidence"]["worlds"] = 99
    (tmp_path / "changed.json").write_text(json.dumps(data), encoding="utf-8")
    shutil.copy(Path(__file__).parent / "document" / "minibatch-variance.tex", tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", SHOWN)
def test_output_in_the_readme_is_todays(command, folder):
    assert output_of(command, folder) == SHOWN[command].strip()


QUESTIONS = re.findall(r"^\| `workings (.+)` \| `(.+)` \|$", README, re.M)


@pytest.mark.parametrize(("question", "result"), QUESTIONS)
def test_the_questions_of_the_table_have_these_results(question, result):
    words = _with_leading_minus(shlex.split(question.replace("\\|", "|")))
    done = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    assert result in done.stdout.rpartition("Result")[2]


def test_the_table_of_questions_is_found():
    assert len(QUESTIONS) >= 10


def test_the_pairs_that_judges_are_compared_on_are_as_many_as_it_says(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent.parent / "benchmarks"))
    import answers

    count = len(answers.cases())
    said, table = re.search(r"Over (\d+) pairs[^|]*\n((?:\|.*\n)+)", README).groups()
    assert int(said) == count
    judges = [[int(cell) for cell in row.split("|")[2:5]] for row in table.splitlines()[2:]]
    assert len(judges) == 3 and judges[0] == [count, 0, 0]
    assert [sum(numbers) for numbers in judges] == [count] * 3
