"""Equations about an unknown: whether each follows from the one before, or is a line of the derivation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.grading.questions import deep
from engine.grading.verdicts import Diagnosis
from engine.kernel import Claim, ConditionMissing, DerivationError, Refuted
from engine.kernel.certification import Grounds, certify
from engine.marking.context import WORK, MarkingContext
from engine.marking.marks import Link, Mark
from engine.marking.matching import Matcher
from engine.notation.plain import plain
from engine.terms import Call, Derivative, Symbol, Term, substitute, zero
from engine.terms.formulas import Formula, Relation
from engine.worlds.values import Undecided, Unsupported, allowance

Results = Callable[[Symbol], Term | None]  # the result for an unknown
Diagnose = Callable[[Formula, Symbol], tuple[Diagnosis, ...]]


@dataclass(frozen=True)
class Equation:
    """What an unknown is said to obey, and whether that leans on a wrong line."""

    formula: Formula
    unknown: Symbol
    tainted: bool


class Equations:
    """Marks equations, each relative to the last."""

    def __init__(self, context: MarkingContext, matcher: Matcher, result: Results, diagnose: Diagnose) -> None:
        self.context, self.matcher, self.result, self.diagnose = context, matcher, result, diagnose
        self.last: Equation | None = None

    def unknown_in(self, *sides: Term) -> Symbol | None:
        """The symbol that an equation is about: one that the derivation solves for."""
        inside = {node for side in sides for node in deep(side) if isinstance(node, Symbol)}
        if self.last is not None and self.last.unknown in inside:
            return self.last.unknown
        found = [unknown for unknown in self.context.unknowns if unknown in inside]
        return next((u for u in found if any(u in side.free for side in sides)), found[0] if found else None)

    def marked(self, base: Link, equation: Formula, unknown: Symbol, slopes: Sequence[Term] = ()) -> Link:
        """The mark of an equation; what it says is taken for granted by the next.

        `slopes` are what wrong lines said that derivatives are: that such a one is zero may be meant without a word.
        """
        before = self.last if self.last is not None and self.last.unknown == unknown else None
        link = self._after(base, before, equation, unknown)
        for slope in slopes if link.mark is Mark.WRONG else ():
            meant = Formula(slope, Relation.EQUAL, zero(slope.shape))
            if self._related(meant, equation, unknown, Relation.EQUIVALENT)[0]:
                link = replace(base, carried=True)
        good = link.mark in (Mark.FOLLOWS, Mark.ONE_WAY, Mark.STEP, Mark.TRUE) and not link.carried
        self.last = Equation(equation, unknown, tainted=not good)
        if good and equation.left == unknown and isinstance(equation.right, Term):
            self.context.found[unknown] = equation.right
        return link

    def _after(self, base: Link, before: Equation | None, equation: Formula, unknown: Symbol) -> Link:
        refuted = ""
        if before is not None:
            both, refuted = self._related(before.formula, equation, unknown, Relation.EQUIVALENT)
            if both is None:
                return replace(base, mark=Mark.UNDECIDED, reason=refuted)
            if both or self._related(before.formula, equation, unknown, Relation.IMPLIES)[0]:
                step = None if before.tainted else self.matcher.step_of_equation(equation)
                mark, reason = (Mark.FOLLOWS, "") if both else (Mark.ONE_WAY, refuted)
                return replace(base, mark=mark, carried=before.tainted, step=step, reason=reason)
        number = self._line_of(equation, unknown)
        if number is not None:
            mark = Mark.STEP if before is None or before.tainted else Mark.TRUE
            return replace(base, mark=mark, step=number)
        value = self.result(unknown)
        if before is None and value is not None and self._holds_at(equation, unknown, value):
            return replace(base, mark=Mark.TRUE, reason="true of the result")
        elsewhere = f"it does not hold where {plain(unknown)} is the result" if value is not None else ""
        wrong = replace(base, mark=Mark.WRONG, reason=elsewhere, diagnosis=self.diagnose(equation, unknown))
        given = before.formula if before is not None else None
        if given is None and value is not None:
            given = Formula(unknown, Relation.EQUAL, value)
        if given is not None:
            wrong = replace(wrong, counterexample=self.context.counterexample_after(given, equation, unknown))
        return wrong if wrong.counterexample is not None else replace(wrong, reason=refuted or elsewhere)

    def _related(self, first: Formula, second: Formula, unknown: Symbol, relation: Relation) -> tuple[bool | None, str]:
        """Whether one equation follows from another, and where it does not; None where that cannot be decided."""
        claim = Claim(first, relation, second, self.context.assumed(first, second), unknown)
        try:
            with allowance(20 * WORK):
                certify(claim, Grounds("mark", structural=True))
        except Refuted as refuted:
            return False, _where(refuted)
        except ConditionMissing as missing:
            return False, f"undefined: {missing.condition}"
        except (DerivationError, Unsupported, Undecided) as error:
            return None, str(error)
        return True, ""

    def _line_of(self, equation: Formula, unknown: Symbol) -> int | None:
        """The line of the derivation that an equation is, or is as good as."""
        number = self.matcher.step_of_equation(equation)
        if number is not None:
            return number
        alike = (
            number
            for number, other in self.matcher.equations_in(unknown)
            if self._related(other, equation, unknown, Relation.EQUIVALENT)[0]
        )
        first = next(alike, None)
        if first is None or _is_worked_out(self.matcher.equation(first)) or not _is_worked_out(equation):
            return first
        return next((number for number in alike if _is_worked_out(self.matcher.equation(number))), first)

    def _holds_at(self, equation: Formula, unknown: Symbol, value: Term) -> bool:
        return self.context.are_equal(*(substitute(side, {unknown: value}) for side in equation.sides))


def _is_worked_out(equation: Formula) -> bool:
    """Whether no derivative and no name with arguments stands in it."""
    nodes = (node for side in equation.sides for node in side.walk())
    return not any(isinstance(node, Derivative) or (isinstance(node, Call) and node.arguments) for node in nodes)


def _where(refuted: Refuted) -> str:
    text = str(refuted)
    return text[text.find("for example in") :] if "for example in" in text else text
