"""Which line of a derivation a person's line is: compared by form, once both are tidied."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel import Step
from engine.proofs.working import Let, Working
from engine.rules.order.prover import prove
from engine.rules.scope import Scope
from engine.rules.tidy import tidy
from engine.terms import Add, Term
from engine.terms.formulas import Formula, Relation


def scope_of(working: Working) -> Scope:
    """The premises of a working, with the names that it gives on its way."""
    premises = working.premises
    lets = (part.definition for part in working.parts if isinstance(part, Let))
    return Scope(
        {d.symbol: d for d in premises.declarations},
        {d.name: d for d in (*premises.definitions, *lets)},
        premises.hypotheses,
        prove,
    )


class Matcher:
    """Finds lines of a derivation."""

    def __init__(self, working: Working) -> None:
        self.scope = scope_of(working)
        self.values: dict[str, list[int]] = {}
        self.equations: list[tuple[int, Formula]] = []
        for number, step in enumerate(working.route, 1):
            self._note(step, number)
        self._forms = [(number, self.equation_form(equation)) for number, equation in self.equations]

    def _note(self, step: Step, number: int) -> None:
        left, right = step.claim.left, step.claim.right
        if isinstance(right, Term) and step.claim.relation is Relation.EQUAL:
            self.values.setdefault(self.form(right), []).append(number)
        elif step.claim.relation.joins_formulas:
            assert isinstance(left, Formula) and isinstance(right, Formula)
            if not self.equations or self.equations[-1][1] != left:
                self.equations.append((number - 1, left))
            self.equations.append((number, right))

    def form(self, term: Term) -> str:
        """Alike for terms that differ in the order of sums and products alone."""
        return _sorted(tidy(term, self.scope))

    def equation_form(self, equation: Formula) -> frozenset[str]:
        return frozenset(self.form(side) for side in equation.sides)

    def step_of_value(self, term: Term, after: int) -> int | None:
        """The line, the next after one if there is any, that comes to a term; the last of neighbours that do."""
        found = self.values.get(self.form(term), [])
        number = next((number for number in found if number > after), found[-1] if found else None)
        while number is not None and number + 1 in found:
            number += 1
        return number

    def step_of_equation(self, equation: Formula) -> int | None:
        form = self.equation_form(equation)
        return next((number for number, other in self._forms if other == form), None)

    def equation(self, number: int) -> Formula:
        """The equation on a line."""
        return next(equation for line, equation in self.equations if line == number)

    def equations_in(self, unknown: object) -> Iterator[tuple[int, Formula]]:
        for number, equation in self.equations:
            if unknown in equation.free:
                yield number, equation


def _sorted(term: Term) -> str:
    if isinstance(term, Add):
        return "+(" + ", ".join(sorted(_sorted(part) for part in term.terms)) + ")"
    if not term.children:
        return repr(term)
    inner = ", ".join(_sorted(child) for child in term.children)
    own = {name: getattr(term, name) for name in (*term.bound, *term.fixed)}
    applied = getattr(term, "function", "") or getattr(getattr(term, "definition", None), "name", "")
    return f"{type(term).__name__}:{applied}{own or ''}({inner})"
