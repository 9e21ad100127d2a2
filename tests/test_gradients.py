"""The table of gradients with known answers: against NumPy's central differences, and against the known answers as
text.
"""

import sys
from pathlib import Path

import numpy as np
import pytest

from engine.asking.formulas import formula
from engine.asking.slopes import gradient_of
from engine.grading.judging import Judge
from engine.grading.questions import questions
from engine.worlds.world import World

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from gradient_cases import CASES
from gradients import _flat, agree, check_known, differences, drawn, number
from test_numerics import floats, rational

from engine.worlds.values import Matrix

IDS = [f"{case.wrt} in {case.text}" for case in CASES]


def test_there_are_enough_cases_and_their_answers_are_right():
    assert len(CASES) >= 80
    check_known([formula(case.text, case.let) for case in CASES])


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_gradient_is_that_of_central_differences_and_the_known_one(case):
    asked = formula(case.text, case.let)
    working = gradient_of(asked, case.wrt)
    found = working.results[0].step.claim.right
    for seed in (1, 2):
        values = drawn(asked, seed)
        assert agree(number(found, values), differences(case, asked, values))
    judge = Judge(questions(working)[0])
    verdict = judge.verdict(case.known)
    assert verdict.correct or verdict.reason == "too high a degree in n"  # layer norm, with eight means: not decided
    assert not judge.verdict(f"3/2 ({case.known})").correct and not judge.verdict(f"-({case.known})").correct
    assert all(step.evidence.worlds >= 4 for step in working.steps)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_formula_means_in_a_world_what_it_means_to_numpy(case):
    asked = formula(case.text, case.let)
    values = drawn(asked, 3)
    exact = {
        symbol: Matrix([[rational(entry) for entry in row] for row in value])
        if isinstance(value, np.ndarray)
        else rational(value)
        for symbol, value in values.items()
    }
    world = World(0, exact, {declaration.symbol: declaration for declaration in asked.declarations})
    by_name = {symbol.name: _flat(value) for symbol, value in values.items()}
    names = case.numeric.__code__.co_varnames[: case.numeric.__code__.co_argcount]
    wanted = np.asarray(case.numeric(*(by_name[name.rstrip("_")] for name in names)))
    assert np.allclose(floats(world.value(asked.body)), wanted, rtol=1e-9)
    assert np.allclose(np.asarray(number(asked.body, values)).squeeze(), wanted, rtol=1e-9)
