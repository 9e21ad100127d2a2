"""What people import: every name is there and loaded when used, its examples are true, every error is of one base
class.
"""

import ast
import doctest
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import engine
import workings
from engine.common.errors import WorkingsError

HOUSE = Path(workings.__file__).parent.parent
PUBLIC = ("workings", "workings.grader", "workings.library", "workings.questions")


def run(code: str, folder: Path = HOUSE) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": f"{folder}:{HOUSE}", "PATH": "", "HOME": str(folder), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=folder, check=False
    )


def test_the_stub_declares_the_names_that_are_loaded():
    stub = ast.parse(Path(workings.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    declared = {alias.asname: node.module for node in stub.body for alias in node.names}
    assert declared == workings._HOME


@pytest.mark.parametrize("name", workings.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name):
    assert getattr(workings, name).__doc__, name


def test_nothing_is_loaded_before_it_is_used():
    heavy = "[m for m in ('sympy', 'flint', 'rich', 'engine.kernel', 'derivations.ridge') if m in sys.modules]"
    done = run(f"import sys, workings; workings.catalogue(); print({heavy}); workings.nothing")
    assert done.stdout == "[]\n" and "workings has no 'nothing'" in done.stderr


@pytest.mark.parametrize("module", PUBLIC)
def test_the_examples_are_true(module):
    failed, tried = doctest.testmod(import_module(module))
    assert tried and not failed


ASKED_WRONGLY = [
    (lambda: workings.derive("rigde"), "misasked", "did you mean ridge?"),
    (lambda: workings.derive("ridge", given="g = (("), "unreadable", ""),
    (lambda: workings.derive("ridge", given="h = 1"), "misasked", ""),
    (lambda: workings.derive("ridge", given="g = X + t"), "ill-typed", ""),
    (lambda: workings.derive("ridge", given="g = ||X w - t||^2/(2n)"), "does-not-hold", ""),
    (lambda: workings.derive("ridge", let="S: n×n"), "misasked", ""),
    (lambda: workings.check("ridge", "w", part="nothing"), "misasked", ""),
    (lambda: workings.mark("ridge", "x\n" * 100_000), "misasked", ""),
    (lambda: workings.export("ridge", "docx"), "misasked", "latex"),
    (lambda: workings.equal("x", "x", let="((("), "unreadable", ""),
    (lambda: workings.gradient("x y", wrt="z"), "misasked", ""),
    (lambda: workings.gradient("x +", wrt="x"), "unreadable", ""),
    (lambda: workings.minimise("x", wrt="x"), "misasked", ""),
    (lambda: workings.load("./nowhere.py"), "misasked", ""),
]


@pytest.mark.parametrize(("ask", "kind", "tip"), ASKED_WRONGLY, ids=range(len(ASKED_WRONGLY)))
def test_every_error_is_of_one_base_class(ask, kind, tip):
    with pytest.raises(WorkingsError) as caught:
        ask()
    assert caught.value.kind == kind and str(caught.value) and tip in caught.value.tip


def test_what_was_assumed_in_reading_is_told():
    told = []
    workings.gradient("x^2/2n", wrt="x", noted=told.append)
    with pytest.warns(UserWarning, match="taken to be a real number"):
        workings.gradient("x^2/2n", wrt="x")
    assert told


@pytest.mark.parametrize("name", ["engine", "derivations"])
def test_a_module_of_somebody_elses_is_told_in_one_line(tmp_path, name):
    (tmp_path / f"{name}.py").write_text("")
    last = run("import workings", tmp_path).stderr.strip().splitlines()[-1]
    assert last.startswith(f"ImportError: workings needs its own package '{name}', and finds ")


def test_the_engine_says_what_it_is():
    assert "kernel" in (engine.__doc__ or "")
