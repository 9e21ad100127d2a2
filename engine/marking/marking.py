"""Marks a working line by line: each link between two sides is judged in worlds, relative to what stands before it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from engine.certification import Grounds, certify
from engine.comparison import Comparison, Outcome, Reference, closure
from engine.conditions import conditions_of
from engine.grading.counterexamples import counterexample, large_counterexample
from engine.grading.judging import Judge
from engine.grading.questions import Question, deep, questions
from engine.grading.verdicts import Counterexample, Diagnosis
from engine.kernel import Claim, ConditionMissing, DerivationError, NotDecided, Refuted
from engine.marking.lines import Piece, pieces
from engine.marking.marks import Line, Link, Mark, Marked
from engine.marking.marks import Outcome as Result
from engine.marking.matching import Matcher
from engine.premises import Declaration, Domain, Formula, Relation
from engine.reading import IllTyped, Names, Reading, Unreadable
from engine.reading.building import fitted, open_sizes
from engine.reading.declarations import declared
from engine.reading.reader import Chain, read_chain
from engine.rendering.plain import plain
from engine.rules.order import prove
from engine.scope import Scope
from engine.terms import Definition, Summation, Symbol, Term, show_shape, substitute
from engine.terms import replace as replace_term
from engine.values import Undecided, Unsupported, allowance
from engine.working import Let, Working

WORK = 60_000  # what one link may cost
_SIGNS = {
    "=": Relation.EQUAL,
    "!=": Relation.NOT_EQUAL,
    "<": Relation.LESS,
    "<=": Relation.AT_MOST,
    ">": Relation.LESS,
    ">=": Relation.AT_MOST,
    "succ": Relation.POSITIVE_DEFINITE,
    "succeq": Relation.POSITIVE_SEMIDEFINITE,
}
_SHOWN = {"=>": "⇒", "<=>": "⇔", "!=": "≠", "<=": "≤", ">=": "≥", "succ": "≻", "succeq": "⪰"}
_ARROWS = ("=>", "<=>")
_DECLARES = re.compile(r"~|∼|\\sim\b|∈|\\in\b")

Diagnose = Callable[[Term, Term, "Marker"], tuple[Diagnosis, ...]]


def no_diagnosis(*_: object) -> tuple[Diagnosis, ...]:
    """For marks alone."""
    return ()


@dataclass
class Equation:
    """What an unknown is said to obey, and whether that leans on a wrong line."""

    formula: Formula
    unknown: Symbol
    tainted: bool


class Marker:
    """Marks one working against a derivation."""

    def __init__(self, working: Working, diagnose: Diagnose = no_diagnosis) -> None:
        premises = working.premises
        self.working, self.diagnose = working, diagnose
        self.matcher = Matcher(working)
        self.judges = [Judge(question, explains=False) for question in questions(working) if not question.within]
        self.declarations = {d.symbol: d for d in (*premises.declarations, *_indices(working))}
        lets = (part.definition for part in working.parts if isinstance(part, Let))
        self.definitions = {d.name: d for d in (*premises.definitions, *lets)}
        self.hypotheses = premises.hypotheses
        self.unknowns = {step.claim.unknown for step in working.steps} | {j.question.unknown for j in self.judges}
        self.equation: Equation | None = None
        self.last: Term | None = None
        self.tainted = False
        self.claimed: list[tuple[Term, Term]] = []  # what wrong lines said a term is
        self.reached: dict[str, None] = {}
        self.stands_at = 0

    @property
    def names(self) -> Names:
        return Names(self.declarations.values(), self.definitions.values())

    def marked(self, text: str) -> Marked:
        """Mark a whole text. Raises nothing, whatever the text is."""
        lines = tuple(self._line(piece) for piece in self._pieces(text))
        bad = any(line.mark is not None and line.mark.is_bad for line in lines)
        gap = any(line.mark in (Mark.ONE_WAY, Mark.TRUE, Mark.UNREAD, Mark.UNDECIDED) for line in lines)
        wanted = [judge.question.part for judge in self.judges]
        missing = tuple(part for part in wanted if part not in self.reached)
        done = Result.FLAWED if bad or gap else Result.COMPLETE
        outcome = Result.UNFINISHED if missing else done
        steps = len(self.working.steps)
        stands_at = steps if not missing else min(self.stands_at, steps - 1)
        assumed = (*map(plain, self.working.premises.declarations), *map(plain, self.hypotheses))
        return Marked(lines, outcome, tuple(self.reached), missing, stands_at, steps, assumed)

    def _pieces(self, text: str) -> list[Piece]:
        return pieces(text, self.names)

    # -- lines -------------------------------------------------------------------------------------------------------------

    def _line(self, piece: Piece) -> Line:
        base = Line(piece.line, piece.text)
        if piece.is_text:
            return replace(base, is_text=True)
        if _DECLARES.search(piece.text) and (declaring := self._declared(piece.text)) is not None:
            return replace(base, links=(declaring,))
        try:
            chain = read_chain(piece.text, self.names)
            links = tuple(self._links(chain))
        except IllTyped as trouble:
            link = Link(piece.text, "", "", Mark.SHAPES, trouble.message)
            self.tainted = True
            return replace(base, links=(link,), trouble=trouble)
        except Unreadable as trouble:
            return replace(base, trouble=trouble)
        return replace(base, links=links, notes=chain.notes)

    def _declared(self, text: str) -> Link | None:
        """The mark of a line that says what a symbol is; None where it is no declaration."""
        try:
            found = declared([text])
        except Unreadable:
            return None
        link = Link(text, "", "", Mark.DEFINITION)
        for declaration in found:
            known = next((d for s, d in self.declarations.items() if s.name == declaration.symbol.name), None)
            if known is None:
                self.declarations[declaration.symbol] = declaration
            elif known.law is not None and declaration.law is not None and known.law != declaration.law:
                reason = f"the premises say {plain(known)}"
                return replace(link, mark=Mark.WRONG, reason=reason)
        return link

    def _links(self, chain: Chain) -> Iterator[Link]:
        sides = self._sides(chain)
        if len(sides) == 1 and isinstance(sides[0], Term):
            yield self._alone(sides[0])
            return
        defined = self._defined(chain, sides)
        if defined is not None:
            yield defined
            sides, signs = sides[1:], chain.signs[1:]
        else:
            signs = chain.signs
        for place, sign in enumerate(signs):
            left, right = sides[place], sides[place + 1]
            if sign in _ARROWS:
                continue
            if left is None:
                left = self.last
            if not isinstance(right, Term) or not isinstance(left, Term):
                raise Unreadable("nothing stands before this sign", *chain.spans[place + 1])
            link = self._link(left, sign, right)
            self.last = right
            yield link

    def _sides(self, chain: Chain) -> list[Term | str | None]:
        """The sides, identities in them of the size that the others ask for, names for the unknown read as it."""
        sides: list[Term | str | None] = []
        for side in chain.sides:
            unknown = self._unknown_named(side) if isinstance(side, str) else None
            sides.append(unknown if unknown is not None else side)
        shapes = [side.shape for side in sides if isinstance(side, Term) and not side.is_scalar]
        if sides[0] is None and self.last is not None:
            shapes.append(self.last.shape)
        shape = shapes[0] if shapes else (1, 1)
        made = [fitted(side, shape) if isinstance(side, Term) else side for side in sides]
        for side, span in zip(made, chain.spans, strict=True):
            if isinstance(side, Term) and open_sizes(side):
                raise IllTyped("the size of I is not known from its place", *span, "write I_n or I_d")
        return made

    def _unknown_named(self, label: str) -> Symbol | None:
        """The unknown that w*, ŵ or w_ridge is a name for."""
        stem = re.split(r"[_^*★'{(]|hat|bar", label.lstrip("\\"))[0]
        return next((u for u in self.unknowns if u is not None and u.name == stem), None)

    def _defined(self, chain: Chain, sides: list[Term | str | None]) -> Link | None:
        """The mark of `S = …` for a name that is declared nowhere: from here on it is one."""
        label, value = sides[0], sides[1] if len(sides) > 1 else None
        if not isinstance(label, str) or chain.signs[0] != "=" or not isinstance(value, Term):
            if isinstance(label, str):
                raise Unreadable(f"{label} is not declared here", *chain.spans[0])
            return None
        name = re.sub(r"[{}\\]", "", label).split("(")[0]
        self.definitions[name] = Definition(name, (), value)
        self.last = value
        return Link(label, "=", plain(value), Mark.DEFINITION)

    def _alone(self, side: Term) -> Link:
        """An expression without a sign: it stands for the next value of the chain, or begins one."""
        if self.last is not None and self.last.shape == side.shape:
            link = self._equality(self.last, side)
            if link.mark.is_good:
                self.last = side
                return link
        self.last = side
        return Link(plain(side), "", "", Mark.TRUE, step=self._stand(self.matcher.step_of_value(side, self.stands_at)))

    # -- links -------------------------------------------------------------------------------------------------------------

    def _link(self, left: Term, sign: str, right: Term) -> Link:
        if left.shape != right.shape and sign not in ("succ", "succeq"):
            self.tainted = True
            reason = f"the left side is {show_shape(left.shape)}, the right side {show_shape(right.shape)}"
            return Link(plain(left), _SHOWN.get(sign, sign), plain(right), Mark.SHAPES, reason)
        if sign == "=":
            return self._equality(left, right)
        return self._inequality(left, sign, right)

    def _equality(self, left: Term, right: Term) -> Link:
        base = Link(plain(left), "=", plain(right), Mark.FOLLOWS)
        reference = Reference(right, self.declarations.values(), self.hypotheses)
        found = self._compared(reference, left)
        unknown = self._unknown_in(left, right)
        if found.outcome is Outcome.EQUAL:
            link = replace(base, needs=self._needs(right), carried=self.tainted and self.last == left)
            step = None if link.carried else self._stand(self.matcher.step_of_value(right, self.stands_at))
            if unknown is not None and isinstance(left, Symbol):
                self._conclude(left, right)
            if not link.carried:
                self.tainted = False if self.last != left else self.tainted
                self._reach(left, right)
            return replace(link, step=step)
        if unknown is not None and found.outcome is not Outcome.UNDECIDED:
            return self._as_equation(base, Formula(left, Relation.EQUAL, right), unknown)
        if found.outcome is Outcome.UNDECIDED:
            return replace(base, mark=Mark.UNDECIDED, reason=found.reason)
        if self._follows_from_what_was_claimed(left, right):
            return replace(base, carried=True)
        if found.outcome in (Outcome.UNDEFINED, Outcome.BEYOND):
            return replace(base, mark=Mark.UNDEFINED, reason=found.reason or "the two sides are not defined alike")
        self.tainted = True
        self.claimed.append((left, right))
        shown = self._counterexample(left, right, reference, found)
        return replace(base, mark=Mark.WRONG, counterexample=shown, diagnosis=self.diagnose(left, right, self))

    def _compared(self, reference: Reference, term: Term) -> Comparison:
        with allowance(WORK):
            return reference.compared(term)

    def _counterexample(
        self, left: Term, right: Term, reference: Reference, found: Comparison
    ) -> Counterexample | None:
        with allowance(WORK):
            shown = counterexample(left, right, reference.stage(left), left.free | right.free)
        return shown or (large_counterexample(left, right, found.world) if found.world is not None else None)

    def _follows_from_what_was_claimed(self, left: Term, right: Term) -> bool:
        """Whether a link is right if a wrong line before it were."""
        for claimed, value in self.claimed:
            moved = [replace_term(side, claimed, value) for side in (left, right)]
            if moved == [left, right] or moved[0].shape != moved[1].shape:
                continue
            reference = Reference(moved[1], self.declarations.values(), self.hypotheses)
            if self._compared(reference, moved[0]).outcome is Outcome.EQUAL:
                return True
        return False

    def _needs(self, term: Term) -> tuple[str, ...]:
        """What a term needs to have a value, and nobody has said."""
        scope = self._scope
        found = []
        for condition in conditions_of(term):
            if condition.formula.free and condition.indices == () and scope.discharge(condition) is None:
                found.append(plain(condition.formula))
        return tuple(dict.fromkeys(found))

    @property
    def _scope(self) -> Scope:
        return Scope(self.declarations, self.definitions, self.hypotheses, prove)

    def _inequality(self, left: Term, sign: str, right: Term) -> Link:
        base = Link(plain(left), _SHOWN.get(sign, sign), plain(right), Mark.FOLLOWS)
        relation = _SIGNS[sign]
        if sign in (">", ">="):
            left, right = right, left
        formula = Formula(left, relation) if relation.unary else Formula(left, relation, right)
        claim = Claim(formula.left, relation, formula.right, self._assumed(formula))
        try:
            with allowance(WORK):
                certify(claim, Grounds("mark", structural=True))
        except Refuted as refuted:
            return replace(base, mark=Mark.WRONG, reason=str(refuted))
        except (DerivationError, Unsupported, Undecided) as error:
            return replace(base, mark=Mark.UNDECIDED, reason=str(error))
        return base

    def _assumed(self, *formulas: Formula) -> frozenset[Declaration | Formula]:
        terms = [side for formula in (*formulas, *self.hypotheses) for side in formula.sides]
        return closure(terms, self.declarations) | frozenset(self.hypotheses)

    # -- equations -----------------------------------------------------------------------------------------------------------

    def _unknown_in(self, *sides: Term) -> Symbol | None:
        """The symbol that an equation is about: one that the derivation solves for."""
        inside = {node for side in sides for node in deep(side) if isinstance(node, Symbol)}
        context = self.equation.unknown if self.equation is not None else None
        if context in inside:
            return context
        found = [u for u in self.unknowns if u is not None and u in inside]
        return next((u for u in found if any(u in side.free for side in sides)), found[0] if found else None)

    def _as_equation(self, base: Link, equation: Formula, unknown: Symbol) -> Link:
        context = self.equation if self.equation is not None and self.equation.unknown == unknown else None
        link = self._after(base, context, equation, unknown)
        good = link.mark in (Mark.FOLLOWS, Mark.ONE_WAY, Mark.STEP, Mark.TRUE) and not link.carried
        self.equation = Equation(equation, unknown, tainted=not good)
        if good and equation.left == unknown and isinstance(equation.right, Term):
            self._reach(unknown, equation.right)
        if good:
            link = replace(link, needs=tuple(n for side in equation.sides for n in self._needs(side)))
        return link

    def _after(self, base: Link, context: Equation | None, equation: Formula, unknown: Symbol) -> Link:
        """An equation, as it follows from the one before it, or as a line of the derivation."""
        refuted = ""
        if context is not None:
            both, refuted = self._related(context.formula, equation, unknown, Relation.EQUIVALENT)
            if both is None:
                return replace(base, mark=Mark.UNDECIDED, reason=refuted)
            forward = both or self._related(context.formula, equation, unknown, Relation.IMPLIES)[0]
            if forward:
                mark = Mark.FOLLOWS if both else Mark.ONE_WAY
                step = None if context.tainted else self._stand(self.matcher.step_of_equation(equation))
                return replace(base, mark=mark, carried=context.tainted, step=step, reason="" if both else refuted)
        number = self._line_of(equation, unknown)
        if number is not None:
            mark = Mark.STEP if context is None or context.tainted else Mark.TRUE
            return replace(base, mark=mark, step=self._stand(number))
        if context is None and self._holds_at_the_result(equation, unknown):
            return replace(base, mark=Mark.TRUE, reason="true of the result")
        assert isinstance(equation.left, Term) and isinstance(equation.right, Term)
        diagnosis = self._diagnosed(context, equation, unknown)
        return replace(
            base, mark=Mark.WRONG, reason=refuted or self._shown_false(equation, unknown), diagnosis=diagnosis
        )

    def _related(self, first: Formula, second: Formula, unknown: Symbol, relation: Relation) -> tuple[bool | None, str]:
        """Whether one equation follows from another, and where it does not; None where that cannot be decided."""
        claim = Claim(first, relation, second, self._assumed(first, second), unknown)
        try:
            with allowance(20 * WORK):
                certify(claim, Grounds("mark", structural=True))
        except Refuted as refuted:
            return False, _where(refuted)
        except ConditionMissing as missing:
            return False, f"undefined: {missing.condition}"
        except (NotDecided, DerivationError, Unsupported, Undecided) as error:
            return None, str(error)
        return True, ""

    def _line_of(self, equation: Formula, unknown: Symbol) -> int | None:
        """The line of the derivation that an equation is, or is as good as."""
        number = self.matcher.step_of_equation(equation)
        if number is not None:
            return number
        for number, other in self.matcher.equations_in(unknown):
            if self._related(other, equation, unknown, Relation.EQUIVALENT)[0]:
                return number
        return None

    def _result_for(self, unknown: Symbol) -> Term | None:
        return next((j.question.value for j in self.judges if j.question.unknown == unknown), None)

    def _holds_at_the_result(self, equation: Formula, unknown: Symbol) -> bool:
        value = self._result_for(unknown)
        if value is None:
            return False
        left, right = (substitute(side, {unknown: value}) for side in equation.sides)
        reference = Reference(right, self.declarations.values(), self.hypotheses)
        return self._compared(reference, left).outcome is Outcome.EQUAL

    def _shown_false(self, equation: Formula, unknown: Symbol) -> str:
        return f"it does not hold where {plain(unknown)} is the result" if self._result_for(unknown) is not None else ""

    def _diagnosed(self, context: Equation | None, equation: Formula, unknown: Symbol) -> tuple[Diagnosis, ...]:
        return ()

    # -- how far -----------------------------------------------------------------------------------------------------------

    def _stand(self, step: int | None) -> int | None:
        if step is not None:
            self.stands_at = max(self.stands_at, step)
        return step

    def _conclude(self, left: Term, right: Term) -> None:
        self._reach(left, right)

    def _reach(self, left: Term, right: Term) -> None:
        """Note the results that a side comes to."""
        for judge in self.judges:
            question = judge.question
            about = question.is_asked(left) or (question.unknown is None and self._is_worth(left, question))
            fits = question.part not in self.reached and about and right.shape == question.value.shape
            if fits and judge.judged(Reading("", "", (right,), ())).correct:
                self.reached[question.part] = None

    def _is_worth(self, side: Term, question: Question) -> bool:
        if question.asked is None or side.shape != question.value.shape:
            return False
        reference = Reference(question.value, self.declarations.values(), self.hypotheses)
        return self._compared(reference, side).outcome is Outcome.EQUAL


def _indices(working: Working) -> Iterable[Declaration]:
    """The indices that the working sums over: a line may speak of one of their terms."""
    found: dict[str, Declaration] = {}
    taken = {d.symbol.name for d in working.premises.declarations}
    for step in working.steps:
        for side in step.claim.formula.sides:
            for node in deep(side):
                if isinstance(node, Summation) and node.index.name not in taken:
                    domain = Domain(whole=True, index_up_to=node.length)
                    found.setdefault(node.index.name, Declaration(node.index, domain))
    return found.values()


def _where(refuted: Refuted) -> str:
    text = str(refuted)
    return text[text.find("for example in") :] if "for example in" in text else text
