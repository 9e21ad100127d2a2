"""Questions about a formula that somebody types: `gradient`, `minimise`, `mean` and the like."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from inspect import Signature, cleandoc, signature
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.export import Bold, Detail, Format, Fragment, HowMuch
from cli.files import Force, Output, may_write, write
from cli.shared import Json, LetOption, console, fail, print_json, text_of
from workings import questions
from workings.library import check_options, export, shown

if TYPE_CHECKING:
    from engine.proofs.working import Working
else:
    Working = Any  # annotations are looked up for the options' sake, and the engine is not loaded for that

Text = Annotated[str, typer.Argument(metavar="FORMULA", help="Plain text, Unicode or LaTeX; - reads standard input.")]
Second = Annotated[str, typer.Argument(metavar="FORMULA", help="The other formula, in the same symbols.")]
Wrt = Annotated[str, typer.Option("--wrt", metavar="SYMBOL", help="With respect to which symbol.")]
SubjectTo = Annotated[
    list[str] | None,
    typer.Option(
        "--subject-to", metavar="EQUATION", help="An equation that is linear in the symbol, as in 'a^T x = 1'."
    ),
]
KnownSymbol = Annotated[
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
RecursionText = Annotated[
    str, typer.Argument(metavar="RECURSION", help="As in v_{t+1} = rho v_t + c; - reads standard input.")
]
Start = Annotated[str | None, typer.Option("--start", metavar="EQUATION", help="Where it starts, as in 'v_0 = 0'.")]
As = Annotated[
    Format | None, typer.Option("--format", "-f", help="Write it as `export` does, instead of showing it here.")
]

LAWS = """Laws: x ~ Normal(mu, s^2), Bernoulli(p), Binomial(n, p), Poisson(mean), Exponential(rate), Uniform(a, b), Rademacher,
Categorical(0: 1/2, 1: 1/3, 5: 1/6), any law with mean mu, variance s^2 (then, if known: third central moment c, fourth central
moment k). x_i ~ … iid is a family as long as the sum. Of vectors: x: n ~ Normal(mu, S), x: n ~ any law with mean mu, covariance S,
k: n ~ Multinomial(N, p), s: n ~ draws of B with replacement (or without): how often each of n is drawn."""  # noqa: E501, as it is printed


@dataclass(frozen=True)
class Shown:
    """How an answer is to be shown: the options of `derive` and of `export`."""

    detail: Detail = False
    depth: HowMuch = None
    as_json: Json = False
    format_: As = None
    fragment: Fragment = False
    bold: Bold = False
    output: Output = "-"
    force: Force = False

    def check(self) -> None:
        """The command ends where they contradict each other, or where the file may not be written."""
        if self.as_json and (self.format_ is not None or self.output != "-"):
            fail("--json is for standard output; -f json -o FILE writes a file")
        if self.format_ is None and self.output == "-" and (self.fragment or self.bold):
            fail("--fragment and --bold are for LaTeX: add -f latex")
        if not self.as_json:
            check_options(self.written_as, self.fragment, self.bold, self.detail, self.depth)
        may_write(self.output, self.force)

    @property
    def written_as(self) -> Format:
        return self.format_ or Format.LATEX

    def show(self, working: Working) -> None:
        if self.format_ is not None or self.output != "-":
            text = export(
                working, self.written_as, depth=self.depth, fragment=self.fragment, bold=self.bold, detail=self.detail
            )
            write(self.output, text.encode("utf-8"))
        elif self.as_json:
            from engine.documents.structured import as_data

            print_json(as_data(shown(working, self.depth, full=True)))
        else:
            from engine.documents.terminal import show

            show(shown(working, self.depth, full=self.detail), console(), self.detail)


def _answering(question: Callable[..., Working]) -> Callable[..., None]:
    """The command that shows what a question comes to, with the options of how to show it besides its own."""
    asked, shown = (list(signature(each, eval_str=True).parameters.values()) for each in (question, Shown))

    def run(**options: Any) -> None:
        page = Shown(**{option.name: options.pop(option.name) for option in shown})
        page.check()
        page.show(question(**options))

    command: Any = run
    command.__signature__ = Signature([*asked, *shown])  # what typer reads the options from
    command.__doc__ = cleandoc(question.__doc__ or "")
    return run


def _note(said: str) -> None:
    print(f"note: {said}", file=sys.stderr)


# -- the questions -----------------------------------------------------------------------------------------------------


def _gradient(formula: Text, wrt: Wrt, let: LetOption = None) -> Working:
    """The gradient of a scalar, of its variable's shape, derived line by line in matrix notation.

    A single letter that is not declared is a real number. What must hold for it (an inverse that exists) is stated.

    For instance: workings gradient '||X w - t||^2' --wrt w --let 'X: n×d' --let 't: n' --let 'w: d'
    """
    return questions.gradient(text_of(formula, None), wrt=wrt, let=let or (), noted=_note)


def _jacobian(formula: Text, wrt: Wrt, let: LetOption = None) -> Working:
    """The Jacobian of a vector by a vector: a row for each entry of the vector, a column for each of the variable.

    For instance: workings jacobian 'A x / ||x||' --wrt x --let 'A: m×n' --let 'x: n'
    """
    return questions.jacobian(text_of(formula, None), wrt=wrt, let=let or (), noted=_note)


def _hessian(formula: Text, wrt: Wrt, let: LetOption = None) -> Working:
    """The matrix of second derivatives of a scalar by a vector.

    For instance: workings hessian 'ln(1 + exp(-a^T x))' --wrt x --let 'a: n' --let 'x: n'
    """
    return questions.hessian(text_of(formula, None), wrt=wrt, let=let or (), noted=_note)


def _minimise(formula: Text, wrt: Wrt, subject_to: SubjectTo = None, let: LetOption = None) -> Working:
    """Where a formula is least: where its gradient is zero, and whether convexity, or the sign of the slope, shows it.

    For instance: workings minimise '||X w - t||^2 + lambda ||w||^2' --wrt w --let 'X: n×d' --let 't: n' --let 'w: d'
    --let 'lambda > 0'

    Under an equation, by Lagrange: workings minimise 'w^T S w' --wrt w --subject-to 'sum(w) = 1' --let 'S: n×n positive
    definite' --let 'w: n'
    """
    text = text_of(formula, None)
    return questions.minimise(text, wrt=wrt, subject_to=subject_to or (), let=let or (), noted=_note)


def _recursion(recursion: RecursionText, start: Start = None, let: LetOption = None) -> Working:
    """The state after t steps of a linear recursion with constant coefficients, and where it stays as it is.

    For instance: workings recursion 'm_t = beta m_{t-1} + (1 - beta) g' --start 'm_0 = 0'

    A vector: workings recursion 'w_{t+1} = w_t - eta (A w_t - b)' --let 'A: n×n symmetric' --let 'w: n' --let 'b: n'
    """
    return questions.recursion(text_of(recursion, None), start=start, let=let or (), noted=_note)


def _mean(formula: Text, let: LetOption = None, given: KnownSymbol = None, total: Total = None) -> Working:
    """The mean of a formula in random symbols.

    For instance: workings mean 'sum_j m_j w_j x_j / p' --let 'm_j ~ Bernoulli(p) iid' --let 'p in (0,1)'
    """
    text = text_of(formula, None)
    return questions.mean(text, let=let or (), given=given or (), total=total or (), noted=_note)


def _variance(formula: Text, let: LetOption = None, given: KnownSymbol = None, total: Total = None) -> Working:
    """The variance of a formula in random symbols; of a column, its covariance matrix.

    For instance: workings variance '1/B sum_{i=1}^B e_i' --let 'e_i ~ Normal(0, s^2) iid' --let 'B: positive integer'
    --let 's > 0'
    """
    text = text_of(formula, None)
    return questions.variance(text, let=let or (), given=given or (), total=total or (), noted=_note)


def _covariance(
    first: Text, second: Second, let: LetOption = None, given: KnownSymbol = None, total: Total = None
) -> Working:
    """The covariance of two formulas in random symbols; of two columns, the matrix of all covariances.

    For instance: workings covariance 'A x' 'x^T B x' --let 'x: n ~ Normal(mu, S)' --let 'A: m×n' --let 'B: n×n'
    """
    if first == second == "-":
        fail("only one of the two formulas can be read from standard input")
    one, other = text_of(first, None), text_of(second, None)
    return questions.covariance(one, other, let=let or (), given=given or (), total=total or (), noted=_note)


for _question in (_mean, _variance, _covariance):
    _question.__doc__ = f"{cleandoc(_question.__doc__ or '')}\n\n{LAWS}"

COMMANDS: dict[str, Callable[..., None]] = {
    question.__name__.removeprefix("_"): _answering(question)
    for question in (_gradient, _jacobian, _hessian, _minimise, _mean, _variance, _covariance, _recursion)
}
