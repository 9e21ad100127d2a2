"""Questions about a formula that somebody types: `gradient`, `minimise`, `mean` and the like."""

from __future__ import annotations

from collections.abc import Callable
from inspect import cleandoc
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli.export import Format, written
from cli.files import Force, Output, may_write, write
from cli.shared import NO, UNDECIDED, Json, Let, console, fail, print_json, reading, text_of

if TYPE_CHECKING:
    from engine.asking.formulas import Formula
    from engine.working import Working

Text = Annotated[str, typer.Argument(metavar="FORMULA", help="Plain text, Unicode or LaTeX; - reads standard input.")]
Wrt = Annotated[str, typer.Option("--wrt", metavar="SYMBOL", help="With respect to which symbol.")]
Detail = Annotated[
    bool, typer.Option("--detail", help="Show what happens inside each step, and the conditions it needs.")
]
SubjectTo = Annotated[
    list[str] | None,
    typer.Option(
        "--subject-to", metavar="EQUATION", help="An equation that is linear in the symbol, as in 'a^T x = 1'."
    ),
]
As = Annotated[
    Format | None, typer.Option("--format", "-f", help="Write it as `export` does, instead of showing it here.")
]


Second = Annotated[str, typer.Argument(metavar="FORMULA", help="The other formula, in the same symbols.")]
Given = Annotated[
    list[str] | None,
    typer.Option(
        "--given", metavar="SYMBOL", help="A random symbol that is known; the answer may have it. Repeatable."
    ),
]
Total = Annotated[
    list[str] | None,
    typer.Option(
        "--total", metavar="SYMBOL", help="Work it out by the law of total mean or variance, given this first."
    ),
]

Asked = TypeVar("Asked")
Answer = Callable[["Formula", str], "Working"]
Chance = Callable[[tuple["Formula", ...], list[str] | None, list[str] | None], "Working"]

LAWS = """Laws: x ~ Normal(mu, s^2), Bernoulli(p), Binomial(n, p), Poisson(mean), Exponential(rate), Uniform(a, b), Rademacher,
Categorical(0: 1/2, 1: 1/3, 5: 1/6), any law with mean mu, variance s^2 (then, if known: third central moment c, fourth central
moment k). x_i ~ … iid is a family as long as the sum. Of vectors: x: n ~ Normal(mu, S), x: n ~ any law with mean mu, covariance S,
k: n ~ Multinomial(N, p), s: n ~ draws of B with replacement (or without): how often each of n is drawn."""


def _about_a_symbol(answer: Answer, does: str) -> Callable[..., None]:
    """A command that takes a formula and the symbol that it is about; `does` is its help."""

    def command(
        formula: Text,
        wrt: Wrt,
        let: Let = None,
        detail: Detail = False,
        as_json: Json = False,
        format_: As = None,
        output: Output = "-",
        force: Force = False,
    ) -> None:
        _answer((formula,), let, lambda asked: answer(asked[0], wrt), detail, as_json, format_, output, force)

    command.__doc__ = does
    return command


def _minimise(
    formula: Text,
    wrt: Wrt,
    subject_to: SubjectTo = None,
    let: Let = None,
    detail: Detail = False,
    as_json: Json = False,
    format_: As = None,
    output: Output = "-",
    force: Force = False,
) -> None:
    """Where a formula is least: where its gradient is zero, and whether convexity, or the sign of the slope, shows it.

    For instance: workings minimise '||X w - t||^2 + lambda ||w||^2' --wrt w --let 'X: n×d' --let 't: n' --let 'w: d' --let 'lambda > 0'

    Under an equation, by Lagrange: workings minimise 'w^T S w' --wrt w --subject-to 'sum(w) = 1' --let 'S: n×n positive definite' --let 'w: n'
    """
    _answer(
        (formula,), let, lambda asked: _minimiser(asked[0], wrt), detail, as_json, format_, output, force, subject_to
    )


def _recursion(
    recursion: Annotated[
        str, typer.Argument(metavar="RECURSION", help="As in v_{t+1} = rho v_t + c; - reads standard input.")
    ],
    start: Annotated[
        str | None, typer.Option("--start", metavar="EQUATION", help="Where it starts, as in 'v_0 = 0'.")
    ] = None,
    let: Let = None,
    detail: Detail = False,
    as_json: Json = False,
    format_: As = None,
    output: Output = "-",
    force: Force = False,
) -> None:
    """The state after t steps of a linear recursion with constant coefficients, and where it stays as it is.

    For instance: workings recursion 'm_t = beta m_{t-1} + (1 - beta) g' --start 'm_0 = 0'

    A vector: workings recursion 'w_{t+1} = w_t - eta (A w_t - b)' --let 'A: n×n symmetric' --let 'w: n' --let 'b: n'
    """
    from engine.asking.recursions import after_steps
    from engine.asking.recursions import recursion as read_recursion

    may_write(output, force)
    text = text_of(recursion, None)
    asked = reading(lambda: _worked_out(lambda: read_recursion(text, tuple(let or ()), start)))
    for note in asked.body.notes:
        typer.echo(f"note: {note}", err=True)
    _show(_worked_out(lambda: after_steps(asked)), detail, as_json, format_, output)


def _about_chance(answer: Chance, does: str) -> Callable[..., None]:
    """A command that takes a formula in random symbols; `does` is its help."""

    def command(
        formula: Text,
        let: Let = None,
        given: Given = None,
        total: Total = None,
        detail: Detail = False,
        as_json: Json = False,
        format_: As = None,
        output: Output = "-",
        force: Force = False,
    ) -> None:
        _answer((formula,), let, lambda asked: answer(asked, given, total), detail, as_json, format_, output, force)

    command.__doc__ = f"{cleandoc(does)}\n\n{LAWS}"
    return command


def _about_two(answer: Chance, does: str) -> Callable[..., None]:
    """A command that takes two formulas in random symbols; `does` is its help."""

    def command(
        first: Text,
        second: Second,
        let: Let = None,
        given: Given = None,
        total: Total = None,
        detail: Detail = False,
        as_json: Json = False,
        format_: As = None,
        output: Output = "-",
        force: Force = False,
    ) -> None:
        both = (first, second)
        _answer(both, let, lambda asked: answer(asked, given, total), detail, as_json, format_, output, force)

    command.__doc__ = f"{cleandoc(does)}\n\n{LAWS}"
    return command


def _gradient(asked: Formula, wrt: str) -> Working:
    from engine.asking.slopes import gradient_of

    return gradient_of(asked, wrt, scalar=True)


def _jacobian(asked: Formula, wrt: str) -> Working:
    from engine.asking.slopes import gradient_of

    return gradient_of(asked, wrt, scalar=False)


def _hessian(asked: Formula, wrt: str) -> Working:
    from engine.asking.slopes import hessian_of

    return hessian_of(asked, wrt)


def _minimiser(asked: Formula, wrt: str) -> Working:
    if asked.constraints:
        from engine.asking.constrained import constrained_minimum_of

        return constrained_minimum_of(asked, wrt)
    from engine.asking.minima import minimum_of

    return minimum_of(asked, wrt)


def _mean(asked: tuple[Formula, ...], given: list[str] | None, total: list[str] | None) -> Working:
    from engine.asking.moments import mean_of

    return mean_of(asked[0], given or (), total or ())


def _variance(asked: tuple[Formula, ...], given: list[str] | None, total: list[str] | None) -> Working:
    from engine.asking.moments import variance_of

    return variance_of(asked[0], given or (), total or ())


def _covariance(asked: tuple[Formula, ...], given: list[str] | None, total: list[str] | None) -> Working:
    from engine.asking.moments import covariance_of

    return covariance_of(asked[0], asked[1], given or (), total or ())


COMMANDS: dict[str, Callable[..., None]] = {
    "gradient": _about_a_symbol(
        _gradient,
        """The gradient of a scalar, of its variable's shape, derived line by line in matrix notation.

        A single letter that is not declared is a real number. What must hold for it (an inverse that exists) is stated.

        For instance: workings gradient '||X w - t||^2' --wrt w --let 'X: n×d' --let 't: n' --let 'w: d'
        """,
    ),
    "jacobian": _about_a_symbol(
        _jacobian,
        """The Jacobian of a vector by a vector: a row for each entry of the vector, a column for each of the variable.

        For instance: workings jacobian 'A x / ||x||' --wrt x --let 'A: m×n' --let 'x: n'
        """,
    ),
    "hessian": _about_a_symbol(
        _hessian,
        """The matrix of second derivatives of a scalar by a vector.

        For instance: workings hessian 'ln(1 + exp(-a^T x))' --wrt x --let 'a: n' --let 'x: n'
        """,
    ),
    "minimise": _minimise,
    "recursion": _recursion,
    "mean": _about_chance(
        _mean,
        """The mean of a formula in random symbols.

        For instance: workings mean 'sum_j m_j w_j x_j / p' --let 'm_j ~ Bernoulli(p) iid' --let 'p in (0,1)'
        """,
    ),
    "variance": _about_chance(
        _variance,
        """The variance of a formula in random symbols; of a column, its covariance matrix.

        For instance: workings variance '1/B sum_{i=1}^B e_i' --let 'e_i ~ Normal(0, s^2) iid' --let 'B: positive integer' --let 's > 0'
        """,
    ),
    "covariance": _about_two(
        _covariance,
        """The covariance of two formulas in random symbols; of two columns, the matrix of all covariances.

        For instance: workings covariance 'A x' 'x^T B x' --let 'x: n ~ Normal(mu, S)' --let 'A: m×n' --let 'B: n×n'
        """,
    ),
}


def _answer(
    texts: tuple[str, ...],
    let: list[str] | None,
    answer: Callable[[tuple[Formula, ...]], Working],
    detail: bool,
    as_json: bool,
    format_: Format | None,
    output: str,
    force: bool,
    subject_to: list[str] | None = None,
) -> None:
    from engine.asking.formulas import formulas

    may_write(output, force)
    asked = reading(lambda: formulas(tuple(text_of(text, None) for text in texts), let or (), subject_to or ()))
    for note in dict.fromkeys(note for each in asked for note in each.notes):
        typer.echo(f"note: {note}", err=True)
    _show(_worked_out(lambda: answer(asked)), detail, as_json, format_, output)


def _worked_out(answer: Callable[[], Asked]) -> Asked:
    """What was asked for, or the end of the command with the reason why there is none."""
    from engine.asking.formulas import Unasked
    from engine.kernel import DerivationError, NotDecided
    from engine.terms import ShapeError

    try:
        return answer()
    except (Unasked, ShapeError) as error:
        fail(str(error))
    except NotDecided as error:
        fail(f"not decided: {error}", UNDECIDED)
    except DerivationError as error:
        fail(str(error), NO)


def _show(working: Working, detail: bool, as_json: bool, format_: Format | None, output: str) -> None:
    if format_ is not None or output != "-":
        write(output, written([working], format_ or Format.LATEX, False, False, detail).encode("utf-8"))
    elif as_json:
        from engine.rendering.structured import as_data

        print_json(as_data(working))
    else:
        from engine.rendering.terminal import show

        show(working, console(), detail)
