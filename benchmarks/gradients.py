"""Gradients beside SymPy's `diff` and tensorgrad: `python benchmarks/gradients.py` (`--cases` lists every answer).

All cases of `gradient_cases.py`. Central differences by NumPy, of the formula as it is written there for NumPy, check
the known answer and what each engine finds, at three random points of small sizes. Time: from a formula that has been
read to the gradient (ours: the whole working, certified), once for each case, in a process that has worked out other
gradients before.
"""

from __future__ import annotations

import inspect
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
from answers import patience
from gradient_cases import CASES, Case

from engine.asking.formulas import TypedFormula, formula
from engine.asking.slopes import gradient_of
from engine.notation.plain import plain
from engine.reading import Names, read
from engine.terms import (
    Add,
    Apply,
    Call,
    Derivative,
    Determinant,
    Diagonal,
    DiagonalOf,
    Each,
    Entry,
    Explicit,
    Hadamard,
    HadamardPower,
    Identity,
    Kronecker,
    Multiply,
    Number,
    Ones,
    Pi,
    Power,
    Size,
    SquaredNorm,
    Summation,
    Symbol,
    Term,
    Trace,
    Transpose,
    Unit,
    Vec,
    Zero,
)
from engine.terms.declarations import Declaration, Structure

POINTS = 3
STEP, TOLERANCE = 1e-6, 1e-6
PATIENCE = 30  # seconds for one gradient
WARMING = ("a^T X b + ||x||^2", "ln det(S) + exp(a^T x)")

Values = Mapping[Symbol, Any]  # of every symbol: a float, or an array of two dimensions


# -- a term as numbers, by NumPy ---------------------------------------------------------------------------------------

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "max": np.maximum,
    "min": np.minimum,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "softplus": lambda z: np.log(1 + np.exp(z)),
}


def number(term: Term, values: Values) -> Any:
    """A term in floating point: a float, or an array of two dimensions."""

    def of(inner: Term) -> Any:
        return number(inner, values)

    def size(length: Size) -> int:
        return length if isinstance(length, int) else int(values[length])

    match term:
        case Number():
            return float(term.value)
        case Pi():
            return np.pi
        case Symbol():
            return values[term]
        case Identity():
            return np.eye(size(term.size))
        case Zero():
            return np.zeros((size(term.height), size(term.width)))
        case Ones():
            return np.ones((size(term.height), size(term.width)))
        case Unit():
            return np.eye(size(term.size))[:, [int(of(term.place)) - 1]]
        case Add():
            return sum((of(part) for part in term.terms[1:]), start=of(term.terms[0]))
        case Multiply():
            return _product(term, of)
        case Power() if term.is_scalar:
            return of(term.base) ** of(term.exponent)
        case Power():
            return np.linalg.matrix_power(of(term.base), round(of(term.exponent)))
        case HadamardPower():
            return of(term.base) ** of(term.exponent)
        case Hadamard():
            return np.prod(np.array([of(factor) for factor in term.factors]), axis=0)
        case Transpose():
            return of(term.inner).T
        case Trace():
            return np.trace(of(term.inner))
        case Determinant():
            return np.linalg.det(of(term.inner))
        case SquaredNorm():
            return float(np.sum(of(term.inner) ** 2))
        case Kronecker():
            return np.kron(of(term.left), of(term.right))
        case Vec():
            return of(term.inner).reshape(-1, 1, order="F")
        case Explicit():
            return np.array([of(entry) for entry in term.entries]).reshape(term.height, term.width)
        case Diagonal():
            return np.diag(of(term.inner)[:, 0])
        case DiagonalOf():
            return np.diag(of(term.inner))[:, None]
        case Apply():
            function = _FUNCTIONS.get(term.function) or getattr(np, term.function)
            return function(*(of(argument) for argument in term.arguments))
        case Entry():
            row, *column = (int(of(index)) - 1 for index in term.indices)
            return of(term.base)[row, column[0] if column else 0]
        case Summation() | Each():
            parts = [number(term.body, {**values, term.index: k}) for k in range(1, int(of(term.length)) + 1)]
            return sum(parts[1:], start=parts[0]) if isinstance(term, Summation) else np.array(parts)[:, None]
        case Call():
            return of(term.unfolded)
    raise TypeError(f"no number for {type(term).__name__}")


def _product(term: Multiply, of: Callable[[Term], Any]) -> Any:
    scale, matrix = 1.0, None
    for run, is_scalar in term.chains:
        product = of(run[0])
        for factor in run[1:]:
            product = product @ of(factor)
        if is_scalar:
            scale = scale * (product.item() if isinstance(product, np.ndarray) else product)
        else:
            matrix = product
    return scale if matrix is None else scale * matrix


# -- points, and central differences -----------------------------------------------------------------------------------


def drawn(asked: TypedFormula, seed: int) -> dict[Symbol, Any]:
    """A value for every symbol, positive ones so that logs and roots have values; m the largest size, so that XᵀX is
    invertible.
    """
    draw = np.random.default_rng(seed)
    values: dict[Symbol, Any] = {}
    for declaration in sorted(asked.declarations, key=lambda d: not d.domain.whole):
        symbol = declaration.symbol
        if declaration.domain.whole:
            values[symbol] = int(draw.integers(*((5, 8) if symbol.name == "m" else (2, 5))))
        elif symbol.is_scalar:
            values[symbol] = float(draw.uniform(0.3, 1.5))
        else:
            height, width = (s if isinstance(s, int) else values[s] for s in symbol.shape)
            values[symbol] = _structured(declaration, draw.uniform(0.2, 1.4, (height, width)))
    return values


def _structured(declaration: Declaration, matrix: Any) -> Any:
    match declaration.domain.structure:
        case Structure.SYMMETRIC:
            return matrix + matrix.T
        case Structure.POSITIVE_DEFINITE:
            return matrix @ matrix.T + np.eye(len(matrix))
        case Structure.INVERTIBLE:
            return matrix + 2 * np.eye(len(matrix))
    return matrix


def differences(case: Case, asked: TypedFormula, values: Values) -> Any:
    """The gradient (or Jacobian) by central differences of the formula as NumPy has it."""
    wanted = [name.rstrip("_") for name in inspect.signature(case.numeric).parameters]
    by_name = {symbol.name: value for symbol, value in values.items()}

    def numeric(changed: Any) -> Any:
        given = {**by_name, case.wrt: changed}
        return np.asarray(case.numeric(*(_flat(given[name]) for name in wanted)))

    at = values[asked.symbol(case.wrt)]
    slopes = []
    for column, row in np.ndindex(at.T.shape):  # matrices are stacked column by column
        moved = np.zeros_like(at)
        moved[row, column] = STEP
        slopes.append(((numeric(at + moved) - numeric(at - moved)) / (2 * STEP)).flatten(order="F"))
    found = np.array(slopes)
    if not asked.body.is_scalar:
        return found.T
    free = found.reshape(at.shape, order="F")
    domain = next(d.domain for d in asked.declarations if d.symbol.name == case.wrt)
    return (free + free.T) / 2 if domain.structure.is_symmetric else free


def _flat(value: Any) -> Any:
    return value[:, 0] if isinstance(value, np.ndarray) and value.shape[1] == 1 else value


def agree(found: Any, wanted: Any) -> bool:
    found, wanted = np.asarray(found, float), np.asarray(wanted, float)
    if found.shape != wanted.shape:
        return False
    return bool(np.all(np.abs(found - wanted) <= TOLERANCE * (1 + np.abs(wanted).max())))


# -- the engines: a gradient, or None where it has none ----------------------------------------------------------------

Gradient = Callable[[Values], Any]  # its number at a point


@dataclass
class Answer:
    """What an engine found: the text, whether that is in closed form, its numbers, and how long it took in seconds."""

    text: str
    closed: bool
    at: Gradient
    seconds: float


def ours(case: Case, asked: TypedFormula) -> Answer:
    start = time.perf_counter()
    working = gradient_of(asked, case.wrt)
    seconds = time.perf_counter() - start
    found = working.results[0].step.claim.right
    assert isinstance(found, Term)
    indexed = any(isinstance(node, (Each, Unit, Derivative)) for node in found.walk())
    return Answer(plain(found), not indexed, lambda values: number(found, values), seconds)


def sympy_diff(case: Case, asked: TypedFormula) -> Answer | None:
    import sympy
    from answers import forget
    from sympy_terms import as_sympy, numbers

    body, variable = (as_sympy(term, asked.declarations) for term in (asked.body, asked.symbol(case.wrt)))
    forget()
    start = time.perf_counter()
    found = body.diff(variable)
    seconds = time.perf_counter() - start
    closed = not found.has(sympy.Derivative, sympy.Sum) and "Array" not in sympy.srepr(found)
    transposed = not asked.body.is_scalar  # SymPy's columns are the entries of what is differentiated

    def at(values: Values) -> Any:
        slope = np.asarray(numbers(found, asked.declarations, values), float)
        if slope.ndim > 2:  # of a product of arrays, in which a column has a second index
            slope = slope.reshape([length for length in slope.shape if length > 1])
        if slope.ndim > 2:
            raise ValueError("an array of more than two dimensions, whose layout is another")
        return slope.T if transposed else slope

    return Answer(str(found), closed, at, seconds)


def tensorgrad_slope(case: Case, asked: TypedFormula) -> Answer | None:
    from tensorgrad_terms import NotExpressed, slope

    variable = asked.symbol(case.wrt)
    try:
        work_out = slope(asked.body, variable, asked.declarations)
    except NotExpressed:
        return None
    start = time.perf_counter()
    found = work_out()
    seconds = time.perf_counter() - start

    def at(values: Values) -> Any:
        stacked = found.at(asked.declarations, values)
        return stacked.reshape(values[variable].shape, order="F") if asked.body.is_scalar else stacked

    return Answer(str(found.tensor), False, at, seconds)  # a network of tensors, with named edges


# -- measuring ---------------------------------------------------------------------------------------------------------


@dataclass
class Measured:
    right: dict[int, Answer] = field(default_factory=dict)
    wrong: dict[int, Answer] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)


def measured(engine: Callable[[Case, TypedFormula], Answer | None], asked: list[TypedFormula]) -> Measured:
    found = Measured()
    for number_, (case, question) in enumerate(zip(CASES, asked, strict=True)):
        try:
            with patience(PATIENCE):
                answer = engine(case, question)
                if answer is None:
                    found.refused[number_] = "not expressed"
                    continue
                right = all(_right_at(answer, case, question, seed) for seed in range(POINTS))
        except Exception as error:  # another's fault, or its time is up
            found.refused[number_] = f"{type(error).__name__}: {error}"
            continue
        (found.right if right else found.wrong)[number_] = answer
    return found


def _right_at(answer: Answer, case: Case, asked: TypedFormula, seed: int) -> bool:
    values = drawn(asked, seed)
    return agree(answer.at(values), differences(case, asked, values))


def check_known(asked: list[TypedFormula]) -> None:
    """The known answers against central differences: a table with a slip in it would measure nothing."""
    for case, question in zip(CASES, asked, strict=True):
        reading = read(case.known, Names(question.declarations, free=True))
        shape = question.symbol(case.wrt).shape if question.body.is_scalar else None
        known = (reading.fitted(shape) if shape else reading.settled()).value
        for seed in range(POINTS):
            values = drawn(question, seed)
            wanted = differences(case, question, values)
            assert agree(number(known, values), wanted), f"{case.text} by {case.wrt}: {case.known}"


def main() -> None:
    asked = [formula(case.text, case.let) for case in CASES]
    check_known(asked)
    print(f"{len(CASES)} cases; the known answers agree with central differences")
    for text in WARMING:
        gradient_of(formula(text, ("a: n", "x: n", "X: n×n", "b: n", "S: n×n positive definite")), "x")
    own = measured(ours, asked)
    engines = {"workings": own, "SymPy diff": measured(sympy_diff, asked)}
    if find_spec("tensorgrad"):
        engines["tensorgrad"] = measured(tensorgrad_slope, asked)
    for name, found in engines.items():
        _report(name, found, own)
        if "--cases" in sys.argv:
            _list_answers(found)
    if "tensorgrad" not in engines:
        print("  tensorgrad   is not installed: pip install tensorgrad")


def _list_answers(found: Measured) -> None:
    for number_, case in enumerate(CASES):
        answer = found.right.get(number_) or found.wrong.get(number_)
        said = f"{answer.seconds * 1e3:6.1f} ms  {answer.text}" if answer else found.refused[number_][:150]
        print(f"    {'' if number_ in found.right else 'NOT RIGHT '}∇_{case.wrt} {case.text}\n      {said}")


def _report(name: str, found: Measured, own: Measured) -> None:
    closed = sum(answer.closed for answer in found.right.values())
    line = f"  {name:<12} {len(found.right):>3} right, {closed:>3} of them in closed form, "
    line += f"{len(found.wrong):>2} wrong, {len(found.refused):>2} without an answer"
    if found.right:
        took = statistics.median(answer.seconds for answer in found.right.values())
        line += f"; median {took * 1e3:.1f} ms"
        both = found.right.keys() & own.right.keys()
        if found is not own and both:
            mine = statistics.median(own.right[k].seconds for k in both)
            line += f", of workings on these {mine * 1e3:.1f} ms"
    print(line)


if __name__ == "__main__":
    main()
