"""Accuracy and speed of judging, beside Math-Verify, SymPy's simplify and mitxgraders: `python benchmarks/answers.py`.

One process, warm: every judge sees all pairs once before it is timed. The pairs are those of `pairs.py`; each judge
gets them in the form that it reads (LaTeX, SymPy expressions with their assumptions). What it cannot express counts
neither for nor against its speed, and as not judged for its accuracy. The others are optional: `pip install
'.[benchmarks]'`.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pairs import ANSWERS, QUESTIONS
from sympy_terms import as_sympy

import derivations
from engine.grading import Judge, Question, questions
from engine.notation.latex import latex
from engine.reading import Names, Unreadable, read
from engine.reading.declarations import declared
from engine.terms import Add, Apply, Multiply, Number, Pi, Power, Symbol, Term
from engine.terms.declarations import REAL, Declaration

PATIENCE = 5  # seconds for one pair


@dataclass(frozen=True)
class Case:
    """A pair as terms, with the question that it makes and the text that is judged."""

    question: Question
    text: str
    right: Term
    equal: bool


def case(left: str, right: str, let: Iterable[str], equal: bool) -> Case:
    """A pair of texts with declarations, as terms of fitting shapes."""
    known = declared(let)
    first, second = (read(text, Names(known, free=True)) for text in (left, right))
    first, second = first.fitted(second.value.shape), second.fitted(first.value.shape)
    free = (first.value.free | second.value.free) - {d.symbol for d in known}
    every = (*known, *(Declaration(symbol, REAL) for symbol in sorted(free, key=lambda s: s.name)))
    return Case(Question("", first.value, None, None, every, (), free=True), right, second.value, equal)


def cases() -> list[Case]:
    """All pairs whose answer is a term: answers that are equations or unreadable are not for the other judges."""
    found: list[Case] = []
    asked = {name: questions(derivations.load(name).run()) for name in {answer.name for answer in ANSWERS}}
    for answer in ANSWERS:
        question = next(q for q in asked[answer.name] if answer.part is None or q.part == answer.part)
        with suppress(Unreadable):
            reading = read(answer.answer, question.names)
            sides = reading.sides[1:] if question.is_asked(reading.sides[0]) else reading.sides
            fitted = reading.fitted(question.value.shape)
            unfinished = question.unfinished(fitted.value) is not None
            if len(sides) == 1 and not unfinished and fitted.value.shape == question.value.shape:
                found.append(Case(question, answer.answer, fitted.value, answer.verdict == "correct"))
    found += [case(pair.left, pair.right, pair.let, pair.equal) for pair in QUESTIONS]
    return found


# -- the judges: a case → a function that judges it (what is timed), or None for what cannot be expressed --------------


def ours(case: Case) -> Callable[[], bool]:
    judge = Judge(case.question, explains=False)
    return lambda: judge.verdict(case.text).correct


def is_plain(case: Case) -> bool:
    """Whether a pair is of numbers alone: to Math-Verify XᵀX is a product of three numbers, and E[x] is E times x."""
    return all(
        isinstance(node, (Number, Pi, Symbol, Add, Multiply, Power, Apply)) and node.is_scalar
        for side in (case.question.value, case.right)
        for node in side.walk()
    )


def math_verify(case: Case) -> Callable[[], bool] | None:
    from math_verify import LatexExtractionConfig, parse, verify

    if not is_plain(case):
        return None
    gold, answer = (f"${latex(side)}$" for side in (case.question.value, case.right))
    settings: Any = {"extraction_config": [LatexExtractionConfig()], "parsing_timeout": None}
    wanted = parse(gold, **settings)

    def judged() -> bool:
        from math_verify import parser

        for cached in vars(parser).values():
            if hasattr(cached, "cache_clear"):
                cached.cache_clear()  # two answers are seldom the same text
        return bool(verify(wanted, parse(answer, **settings), timeout_seconds=None))

    return judged


def sympy_simplify(case: Case) -> Callable[[], bool] | None:
    import sympy

    try:
        left, right = (as_sympy(side, case.question.declarations) for side in (case.question.value, case.right))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None

    def judged() -> bool:
        difference = sympy.simplify(left - right)
        return bool(
            difference == 0 or getattr(difference, "is_zero_matrix", False) or isinstance(difference, sympy.ZeroMatrix)
        )

    return judged


def mitx_graders(case: Case) -> Callable[[], bool] | None:
    from mitxgraders import FormulaGrader

    names = [symbol.name for symbol in case.question.declarations]
    grader = FormulaGrader(answers=str(case.question.value), variables=names)
    return lambda: bool(grader(None, str(case.right))["ok"])


# -- measuring ---------------------------------------------------------------------------------------------------------


@contextmanager
def patience(seconds: int) -> Iterator[None]:
    def late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _timed(judged: Callable[[], bool]) -> float:
    forget()
    start = time.perf_counter()
    judged()
    return time.perf_counter() - start


def forget() -> None:
    """Let SymPy forget what it has just simplified: the next answer is another."""
    from sympy.core.cache import clear_cache

    clear_cache()


@dataclass
class Measured:
    """How a judge did: on which pairs, by their numbers, it was right or wrong, and how long each took."""

    right: set[int]
    wrong: set[int]
    took: dict[int, float]


def measured(judge: Callable[[Case], Callable[[], bool] | None], every: list[Case]) -> Measured:
    found = Measured(set(), set(), {})
    for number, case in enumerate(every):
        try:
            with patience(PATIENCE):
                judged = judge(case)
                if judged is None:
                    continue
                verdict = judged()
                found.took[number] = min(_timed(judged) for _ in range(3))
        except Exception:  # another's fault, or its time is up: not judged
            continue
        (found.right if verdict == case.equal else found.wrong).add(number)
    return found


def main() -> None:
    every = cases()
    print(f"{len(every)} pairs, {sum(map(is_plain, every))} of them of plain numbers")
    own = measured(ours, every)
    print(f"  {'workings':<15} {_accuracy(own, every)}  {len(own.took) / sum(own.took.values()):>7.0f}/s")
    judges = {"Math-Verify": ("math_verify", math_verify), "SymPy simplify": ("sympy", sympy_simplify)}
    judges["mitxgraders"] = ("mitxgraders", mitx_graders)
    for name, (module, judge) in judges.items():
        try:
            __import__(module)
        except ImportError:
            print(f"  {name:<15} is not installed")
            continue
        found = measured(judge, every)
        both = found.took.keys() & own.took.keys()
        seconds, own_seconds = (sum(side.took[k] for k in both) for side in (found, own))
        print(
            f"  {name:<15} {_accuracy(found, every)}  {len(both) / seconds:>7.0f}/s  on these, workings judges "
            f"{len(both) / own_seconds:.0f}/s: {seconds / own_seconds:.0f} times as many"
        )


def _accuracy(found: Measured, every: list[Case]) -> str:
    rest = len(every) - len(found.right) - len(found.wrong)
    return f"{len(found.right):>4} right {len(found.wrong):>3} wrong {rest:>3} not expressed"


if __name__ == "__main__":
    main()
