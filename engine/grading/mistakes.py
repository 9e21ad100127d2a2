"""Which mistake leads to a wrong answer: a table of what each would lead to, looked up by the answer's fingerprint.

Nothing here decides whether an answer is right: that was judged before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from engine.grading.misconceptions.registry import MISCONCEPTIONS
from engine.grading.questions import Question
from engine.grading.verdicts import Diagnosis, Judgement, Verdict
from engine.notation.plain import plain
from engine.terms import HALF, MINUS_ONE, Number, Term, Transpose, multiply, power
from engine.terms.formulas import Formula
from engine.worlds.comparison import Agreement, Reference
from engine.worlds.values import Scalar, Undecided, Undefined, Unsupported, allowance, entries_of

MOST_SHOWN = 3
VAGUE = 2
LARGEST_FACTOR = 100
WORK = 30_000  # what a fingerprint may cost

Slip = tuple[
    str, int | None, str, str
]  # the mistake's name, the line it was made on, the rule, and what the sentence needs
Explanation = tuple[Slip, ...]  # the mistakes that lead to an answer together
Answers = dict[str, dict[str, list[Explanation]]]  # part → fingerprint → what leads there


@dataclass
class Table:
    """What leads to which wrong answer, and on one line, from which value to which wrong one."""

    answers: Answers = field(default_factory=dict)
    lines: dict[str, list[Explanation]] = field(default_factory=dict)

    def add(self, part: str, fingerprint: str, explanation: Explanation) -> None:
        _add(self.answers.setdefault(part, {}).setdefault(fingerprint, []), explanation)

    def add_line(self, right: str, wrong: str, explanation: Explanation) -> None:
        _add(self.lines.setdefault(f"{right} {wrong}", []), explanation)

    def take(self, other: Table) -> None:
        """Add all that another table has."""
        for part, found in other.answers.items():
            for fingerprint, explanations in found.items():
                for explanation in explanations:
                    self.add(part, fingerprint, explanation)
        for key, explanations in other.lines.items():
            for explanation in explanations:
                _add(self.lines.setdefault(key, []), explanation)

    def as_data(self) -> dict[str, Any]:
        return {"answers": self.answers, "lines": self.lines}

    @classmethod
    def from_data(cls, data: Any) -> Table:
        """What `as_data` gave. Raises ValueError for anything else."""
        table = cls()
        try:
            for part, found in data["answers"].items():
                for fingerprint, rows in found.items():
                    table.answers.setdefault(part, {})[fingerprint] = [_explanation(row) for row in rows]
            table.lines = {key: [_explanation(row) for row in rows] for key, rows in data["lines"].items()}
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError("no table of mistakes") from error
        return table


def _explanation(row: Any) -> Explanation:
    slips = tuple(
        (str(name), None if step is None else int(step), str(rule), str(more)) for name, step, rule, more in row
    )
    if any(name not in MISCONCEPTIONS and name not in RECOGNISED for name, *_ in slips):
        raise ValueError("a mistake that nobody knows")
    return slips


def _add(found: list[Explanation], explanation: Explanation) -> None:
    """Note an explanation; of one mistake at several places, the first."""
    names = [name for name, *_ in explanation]
    same = [other for other in found if [name for name, *_ in other] == names]
    found[:] = [other for other in found if other not in same] + [min((explanation, *same), key=_rank)]
    found.sort(key=_rank)
    del found[2 * MOST_SHOWN :]


def _rank(explanation: Explanation) -> tuple[int, int, bool, list[int], str]:
    """One mistake before two, telling ones before vague ones, those in a lemma last, early ones before late ones."""
    vague = max(_vagueness(name) for name, *_ in explanation)
    in_lemma = any(name not in RECOGNISED and more for name, _, _, more in explanation)
    return (len(explanation), vague, in_lemma, [step or 0 for _, step, *_ in explanation], repr(explanation))


def _vagueness(name: str) -> int:
    if name in MISCONCEPTIONS:
        return VAGUE if MISCONCEPTIONS[name].vague else 0
    return (
        1
        if name in ("other-convention", "sign", "inverted", "symbol-swapped", "standard-deviation", "another-part")
        else 3
    )


RECOGNISED = {
    "other-convention": "Your answer is right for another convention: {}.",
    "sign": "Your answer has the wrong sign: it is −1 times the result.",
    "inverted": "Your answer is upside down: it is 1 over the result.",
    "transposed": "Your answer is the transpose of the result.",
    "symbol-swapped": "A symbol is swapped: your answer has {}.",
    "one-dimension-only": "Your answer is right for {} only: "
    "in more dimensions the order of factors and their shapes matter.",
    "standard-deviation": "Your answer is the standard deviation: the variance was asked, which is its square.",
    "misplaced": "{}: with that, this line is right.",
    "another-part": "Your answer is right for {}.",
    "off-by-a-factor": "Your answer is {} times the result.",
}


def _told(explanation: Explanation, of_all: bool = True) -> Iterator[Diagnosis]:
    """What a tutor would say of each mistake of an explanation; `of_all` of one of a whole working, not of a line."""
    for place, (name, step, rule, more) in enumerate(explanation):
        if name in RECOGNISED:
            yield Diagnosis(name, RECOGNISED[name].format(more), step, rule)
            continue
        lemma = f" of {more}" if more else ""
        where = f"At step {step}{lemma}: " if step is not None else ""
        after = (
            " From there your work is consistent."
            if of_all and place == len(explanation) - 1 and step is not None
            else ""
        )
        yield Diagnosis(name, f"{where}{MISCONCEPTIONS[name].sentence}{after}", None if more else step, rule)


def recognised(name: str, what: str) -> tuple[Diagnosis, ...]:
    """A mistake that is seen on the line itself."""
    return tuple(_told(((name, None, "", what),)))


def explained(explanations: list[Explanation], of_all: bool = True) -> tuple[Diagnosis, ...]:
    """The explanations that are ranked first: two mistakes together only where one alone explains nothing, and one that
    says where but not why only where no other does.
    """
    fewest = min((len(explanation) for explanation in explanations), default=0)
    chosen = [explanation for explanation in explanations if len(explanation) == fewest]
    telling = [explanation for explanation in chosen if not any(_vagueness(name) == VAGUE for name, *_ in explanation)]
    chosen = telling or chosen
    return tuple(d for each in chosen[: MOST_SHOWN // max(1, fewest)] for d in _told(each, of_all))


def diagnosed(judgement: Judgement, question: Question, reference: Reference, table: Table) -> tuple[Diagnosis, ...]:
    """What would have led to an answer that was judged wrong; nothing where nothing is known to."""
    if judgement.reading is None or not judgement.is_wrong:
        return ()
    answer = judgement.reading.sides[-1]
    if judgement.verdict is Verdict.ILL_TYPED:
        return tuple(_told((("transposed", None, "", ""),))) if _is_transposed(answer, reference) else ()
    only_if = judgement.holds_if if judgement.in_one_dimension else ""
    return of_answer(answer, question.part, reference, table, only_if)


def of_answer(answer: Term, part: str, reference: Reference, table: Table, only_if: str = "") -> tuple[Diagnosis, ...]:
    """What would have led to a wrong answer to a part, which is right `only_if` a size is 1."""
    explanations = list(table.answers.get(part, {}).get(fingerprint(reference, answer), ()))
    if _is_transposed(answer, reference):
        _add(explanations, (("transposed", None, "", ""),))
    if only_if:
        _add(explanations, (("one-dimension-only", None, "", only_if),))
    factor = _factor(answer, reference)
    if factor is None:
        return explained(explanations)
    told = explained([each for each in explanations if each[0][0] not in ("off-by-a-factor", "sign")])
    return (*told[: MOST_SHOWN - 1], *_told((_factor_slip(factor),)))


def _factor_slip(factor: str) -> Slip:
    return ("sign" if factor == "−1" else "off-by-a-factor", None, "", factor)


def _is_transposed(answer: Term, reference: Reference) -> bool:
    turned = Transpose(answer)
    if answer.is_scalar or turned.shape != reference.value.shape:
        return False
    with allowance(WORK):
        return reference.compared(turned).outcome is Agreement.EQUAL


def _factor(answer: Term, reference: Reference) -> str | None:
    """The number that an answer is too large by, if it is rational or the root of a rational number."""
    try:
        with allowance(WORK):
            world, wanted = next(reference.values(answer).numbered(3))
            if wanted is None:
                return None
            ratio = _ratio(entries_of(world.apart().value(answer)), entries_of(wanted))
            for factor in _numbers_near(ratio) if ratio is not None else ():
                if reference.compared(multiply(power(factor, MINUS_ONE), answer)).outcome is Agreement.EQUAL:
                    return plain(factor)
    except (StopIteration, Undefined, Undecided, Unsupported):
        pass
    return None


def _ratio(above: Iterable[Scalar], below: Iterable[Scalar]) -> Scalar | None:
    pairs = zip(above, below, strict=True)
    return next((a / b for a, b in pairs if isinstance(a, (fmpq, arb)) and isinstance(b, (fmpq, arb)) and b != 0), None)


def _numbers_near(ratio: Scalar) -> Iterator[Term]:
    """A rational number, or the root of one, that a ratio is, or seems to be."""
    if isinstance(ratio, fmpq):
        factor = Fraction(int(ratio.p), int(ratio.q))
        if factor not in (0, 1) and max(abs(factor.numerator), factor.denominator) <= LARGEST_FACTOR:
            yield Number(factor)
    elif isinstance(ratio, arb) and ratio != 0:
        square = Fraction(float((ratio * ratio).mid())).limit_denominator(LARGEST_FACTOR)
        if 0 < square <= LARGEST_FACTOR and square != 1:
            root = power(Number(square), HALF)
            yield from (root, multiply(MINUS_ONE, root))


def reference_of(question: Question) -> Reference:
    return Reference(question.value, question.declarations, question.hypotheses)


def fingerprint(reference: Reference | None, value: Term | Formula | None) -> str:
    """The fingerprint of a term; "" for what has none."""
    if reference is None or not isinstance(value, Term):
        return ""
    try:
        with allowance(WORK):
            return reference.fingerprint_where_defined(lambda world: world.value(value))
    except (Undefined, Undecided, Unsupported, KeyError):
        return ""
