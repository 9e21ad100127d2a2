"""Recursions that somebody types: closed forms against what the steps themselves come to."""

from fractions import Fraction

import pytest
from typer.testing import CliRunner

from cli.main import app
from engine.asking.formulas import Unasked
from engine.asking.recursions import after_steps, recursion
from engine.grading.judging import Judge
from engine.grading.questions import questions
from engine.kernel import DerivationError
from engine.notation.plain import plain
from engine.reading import Unreadable

CASES = [  # (recursion, start, declarations, the state after t steps, where it stays)
    ("v_{t+1} = rho v_t + c", None, (), "rho^t v_0 + c (1 - rho^t)/(1 - rho)", "c/(1 - rho)"),
    ("m_t = beta m_{t-1} + (1 - beta) g", "m_0 = 0", (), "(1 - beta^t) g", "g"),
    (
        "v_{t+1} = (1 - a eta)^2 v_t + eta^2 s^2",
        "v_0 = 0",
        ("a > 0", "eta > 0"),
        "eta s^2 (1 - (1 - a eta)^(2t))/(a (2 - a eta))",
        "eta s^2/(a (2 - a eta))",
    ),
    ("x[t+1] = x[t]/2 + 1", "x[0] = 4", (), "2 + 2 (1/2)^t", "2"),
    ("x_{k+1} = x_k + a", "3", (), "3 + a k", None),
    ("x_n = 3 x_{n-1} - 2", "x_0 = 2", (), "1 + 3^n", "1"),
    ("y_{t+1} = -y_t + 1", "y_0 = 0", (), "(1 - (-1)^t)/2", "1/2"),
    ("x_{t+1} = M x_t + c", None, ("M: n×n", "x: n", "c: n"), "M^t x_0 + (I - M)^-1 (I - M^t) c", "(I - M)^-1 c"),
    ("w_{t+1} = w_t - eta (A w_t - b)", "w_0 = A^-1 b", ("A: n×n positive definite", "w: n", "b: n", "eta > 0"), "A^-1 b", "A^-1 b"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "start", "let", "closed", "steady"), CASES)
def test_closed_forms_and_steady_states(text, start, let, closed, steady):
    working = after_steps(recursion(text, let, start))
    state, *stays = questions(working)
    assert Judge(state).verdict(closed).correct, plain(state.value)
    assert not Judge(state).verdict(f"2 ({closed})").correct
    assert bool(stays) == (steady is not None)
    if stays:
        assert Judge(stays[0]).verdict(steady).correct, plain(stays[0].value)


def test_the_closed_form_is_what_the_steps_come_to():
    """Momentum with noise: the second moments of (w, u) under one step, as a linear map of three numbers."""
    a, eta, beta, noise = Fraction(1, 2), Fraction(1, 3), Fraction(2, 5), Fraction(1)
    step = [  # u' = βu + aw + ε, w' = w − ηu'; the state is (E w², E wu, E u²)
        [(1 - eta * a) ** 2, -2 * eta * beta * (1 - eta * a), (eta * beta) ** 2],
        [a * (1 - eta * a), beta * (1 - 2 * eta * a), -eta * beta**2],
        [a**2, 2 * a * beta, beta**2],
    ]
    drive = [eta**2 * noise, -eta * noise, noise]

    def after(count):
        state = [Fraction(1), Fraction(0), Fraction(0)]
        for _ in range(count):
            state = [
                sum(f * s for f, s in zip(row, state, strict=True)) + d for row, d in zip(step, drive, strict=True)
            ]
        return state

    rows = r" \\ ".join(" & ".join(f"{entry}" for entry in row) for row in step)
    column = r" \\ ".join(str(entry) for entry in drive)
    text = rf"x_{{t+1}} = \begin{{pmatrix}} {rows} \end{{pmatrix}} x_t + \begin{{pmatrix}} {column} \end{{pmatrix}}"
    working = after_steps(recursion(text, ("x: 3",), r"x_0 = \begin{pmatrix} 1 \\ 0 \\ 0 \end{pmatrix}"))
    from flint import fmpq

    from engine.terms.declarations import Declaration
    from engine.worlds.world import World

    step_ = working.results[0].step
    declared = {d.symbol: d for d in step_.claim.assumptions if isinstance(d, Declaration)}
    time = next(symbol for symbol in declared if symbol.name == "t")
    for count in (1, 2, 5):
        value = World(0, {time: fmpq(count)}, declared).value(step_.claim.right)
        assert [Fraction(int(e.p), int(e.q)) for e in value.entries()] == after(count)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("x_{t+1} = x_t^2", DerivationError, "not linear in x"),
        ("x_{t+1} = t x_t", Unasked, "depends on t itself"),
        ("x_{t+1} = x_t + x_{t-1}", Unreadable, "one step before"),
        ("x = 2 x", Unreadable, "a recursion was expected"),
        ("x_{t+1} = 3", Unreadable, "does not depend on what it was before"),
        ("x_{t-1} = 2 x_t", Unreadable, "the newer state stands on the left"),
        ("x_{t+1} = 2 x_t +", Unreadable, "missing"),
    ],
)
def test_what_is_no_linear_recursion_is_said(text, error, message):
    with pytest.raises(error, match=message):
        after_steps(recursion(text))


def test_the_command():
    words = ["recursion", "m_t = beta m_{t-1} + (1 - beta) g", "--start", "m_0 = 0"]
    shown = CliRunner().invoke(app, words)
    assert shown.exit_code == 0 and "1 − β ≠ 0" in shown.stdout and "Result" in shown.stdout
    for wrong, message in (
        (["recursion", "x + 2"], "a recursion was expected"),
        ([*words[:3], "q_0 = 1"], "said as m_0"),
    ):
        done = CliRunner().invoke(app, wrong)
        assert done.exit_code == 2 and message in done.stderr
    exported = CliRunner().invoke(app, [*words, "-f", "latex"])
    assert r"\mapsto" in exported.stdout
