"""The pages show what the project does: their Python runs, their terminal output is today's, and their links lead
somewhere.
"""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import _with_leading_minus, app
from derivations import load
from engine.documents.structured import as_data

ROOT = Path(__file__).parent.parent
PAGES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in ROOT.glob("docs/*.md")}
PAGES |= {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")}

PYTHON = re.compile(r"```python\n(.*?)```", re.S)
SHOWN = re.compile(r"```text\n\$ workings ([^\n]*)\n(.*?)```", re.S)
FENCED = re.compile(r"^```.*?^```$", re.S | re.M)
CSV = re.compile(r"```csv\n(.*?)```", re.S)
TO_A_FILE = " > judged"
WIDEST, LONGEST_README = 150, 150


def found(pattern: re.Pattern[str]) -> list:
    """All that a pattern finds, a page at a time, named by the page and how many it is there."""
    return [
        pytest.param(page, match, id=f"{page}-{number}")
        for page, text in sorted(PAGES.items())
        for number, match in enumerate(pattern.finditer(text), 1)
    ]


# -- what is shown -----------------------------------------------------------------------------------------------------


def code_and_output(block: str) -> tuple[str, str]:
    """A block of Python, and what the comment at its end says that it prints."""
    lines = block.strip().splitlines()
    count = len(lines)
    while lines[count - 1].startswith("# "):
        count -= 1
    return "\n".join(lines[:count]), "\n".join(line.removeprefix("# ") for line in lines[count:])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Stands in a folder with the files that the pages speak of."""
    fill(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fill(folder: Path) -> None:
    """An export in which one number was changed, a working, a table of answers, and a derivation of one's own."""
    data = as_data(load("ridge").run())
    data["parts"][1]["steps"][3]["evidence"]["worlds"] = 99
    (folder / "changed.json").write_text(json.dumps(data), encoding="utf-8")
    shutil.copy(ROOT / "tests" / "document" / "minibatch-variance.tex", folder)
    (folder / "answers.csv").write_text(CSV.search(PAGES["docs/instructor.md"])[1], encoding="utf-8")
    own = next(block for block in PYTHON.findall(PAGES["docs/author.md"]) if '@derivation("best-multiple"' in block)
    (folder / "best_multiple.py").write_text(own, encoding="utf-8")


@pytest.mark.parametrize(("page", "match"), found(PYTHON))
def test_python_in_the_pages_prints_what_its_comment_says(page, match, folder, capsys):
    code, output = code_and_output(match[1])
    assert output, "a block ends with a comment that says what it prints"
    exec(compile(code, page, "exec"), {"__name__": "__main__"})  # the project's own page, not anybody's input
    assert capsys.readouterr().out.strip() == output


def output_of(command: str) -> str:
    """What a command prints, or the error that it ends with; what is left to see where it writes to a file."""
    command, elsewhere, _ = command.partition(TO_A_FILE)
    done = CliRunner().invoke(app, _with_leading_minus(shlex.split(command)), env={"COLUMNS": "90"})
    seen = done.stderr if elsewhere or not done.stdout else done.stdout
    return "\n".join(line.rstrip() for line in seen.strip().splitlines())


@pytest.mark.parametrize(("page", "match"), found(SHOWN))
def test_output_in_the_pages_is_todays(page, match, folder):
    assert output_of(match[1]) == match[2].strip()


def test_blocks_are_found_on_the_pages_that_have_them():
    shown = {page for page, text in PAGES.items() if SHOWN.search(text)}
    assert shown >= {
        "README.md",
        "docs/student.md",
        "docs/instructor.md",
        "docs/author.md",
        "docs/trust.md",
        "docs/input.md",
    }
    assert len(SHOWN.findall(PAGES["README.md"])) >= 3
    assert PYTHON.search(PAGES["docs/python.md"]) and PYTHON.search(PAGES["docs/author.md"])


QUESTIONS = re.findall(r"^\| `workings (.+)` \| `(.+)` \|$", PAGES["docs/student.md"], re.M)


@pytest.mark.parametrize(("question", "result"), QUESTIONS)
def test_the_questions_of_the_table_have_these_results(question, result):
    words = _with_leading_minus(shlex.split(question.replace("\\|", "|")))
    done = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    assert result in done.stdout.rpartition("Result")[2]


def test_the_table_of_questions_is_found():
    assert len(QUESTIONS) >= 10


def test_the_pairs_that_judges_are_compared_on_are_as_many_as_it_says(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import answers

    count = len(answers.cases())
    said, table = re.search(r"Over (\d+) pairs[^|]*\n((?:\|.*\n)+)", PAGES["docs/benchmarks.md"]).groups()
    assert int(said) == count
    judges = [[int(cell) for cell in row.split("|")[2:5]] for row in table.splitlines()[2:]]
    assert len(judges) == 3 and judges[0] == [count, 0, 0]
    assert [sum(numbers) for numbers in judges] == [count] * 3


# -- the pages themselves ----------------------------------------------------------------------------------------------


def test_the_readme_is_short():
    assert len(PAGES["README.md"].splitlines()) <= LONGEST_README


@pytest.mark.parametrize("page", sorted(PAGES))
def test_lines_are_not_too_wide(page):
    """But those of a table, which cannot be broken."""
    wide = [line for line in PAGES[page].splitlines() if len(line) > WIDEST and not line.startswith("|")]
    assert not wide


def anchors(text: str) -> set[str]:
    """What GitHub calls the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", sorted(PAGES))
def test_links_lead_to_files_and_headings(page):
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", FENCED.sub("", PAGES[page])):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        if not target.exists() or anchor and anchor not in anchors(target.read_text(encoding="utf-8")):
            broken.append(link)
    assert not broken


def test_files_that_the_pages_name_are_there():
    named = {
        path
        for text in PAGES.values()
        for path in re.findall(r"`((?:engine|derivations|cli|workings|tests)/[\w./-]*)`", text)
    }
    assert not [path for path in sorted(named) if not (ROOT / path).exists()]
