"""The marks of a line: each of its links, an equality, an equation, an inequality or a property, judged in worlds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from engine.grading.mistakes import recognised
from engine.grading.verdicts import Diagnosis
from engine.kernel import Claim, DerivationError, Refuted
from engine.kernel.certification import Grounds, certify
from engine.marking.context import WORK, MarkingContext
from engine.marking.diagnosing import Diagnosing
from engine.marking.equations import Equations
from engine.marking.lines import Piece
from engine.marking.marks import Link, Mark, MarkedLine
from engine.marking.matching import Matcher
from engine.notation.plain import plain
from engine.reading import IllTyped, Unreadable
from engine.reading.building import fitted
from engine.reading.declarations import declared
from engine.reading.grammar import RELATIONS
from engine.reading.reader import Chain, read_chain, refuse_open_sizes
from engine.terms import Call, Derivative, Expectation, Number, Symbol, Term, Variance, show_shape
from engine.terms import replace as replace_term
from engine.terms.formulas import Formula, Relation
from engine.worlds.comparison import Comparison, Outcome
from engine.worlds.values import Undecided, Unsupported, allowance

SIGNS = RELATIONS | {
    "succ": Relation.POSITIVE_DEFINITE,
    "succeq": Relation.POSITIVE_SEMIDEFINITE,
    "invertible": Relation.INVERTIBLE,
}
_SHOWN = {"!=": "≠", "<=": "≤", ">=": "≥", "succ": "≻", "succeq": "⪰"}
OWN_CASE = "the premises do not give this: what is said of such a case is not judged"
_DECLARES = re.compile(r"~|∼|\\sim\b|∈|\\in\b")
_CASES = ("if", "when", "for", "unless", "suppose", "supposing", "assume", "assuming")
_ASSUMES = ("assume", "assuming", "suppose", "supposing", "given", "provided")
_SUPPOSES = (*_CASES, "provided", "given", "let", "where")


class Links:
    """Marks the lines of a working one after the other, link by link: each goes on from those before it."""

    def __init__(
        self,
        context: MarkingContext,
        matcher: Matcher,
        equations: Equations,
        diagnosing: Diagnosing,
        reach: Callable[[Term, Term], None],
    ) -> None:
        """`reach` is told what each chain of equalities is about, and what it comes to."""
        self.reach = reach
        self.context, self.matcher, self.equations, self.diagnosing = context, matcher, equations, diagnosing
        self.head: Term | None = None  # what the chain at hand is about
        self.last: Term | None = None  # what it has come to
        self.is_last_wrong = False
        self.is_lost = False  # whether what stands before is not read
        self.claimed: list[tuple[Term, Term]] = []  # what wrong links said that a term is
        self.stands_at = 0  # the step of the derivation
        self.stated_needs: set[str] = set()  # which needs

    # -- lines ---------------------------------------------------------------------------------------------------------

    def line(self, piece: Piece) -> MarkedLine:
        base = MarkedLine(piece.line, piece.text)
        if piece.is_text:
            if piece.hides:
                self._lose()
            return replace(base, is_text=True)
        if _DECLARES.search(piece.text) and (declaring := self._declared(piece.text)) is not None:
            return replace(base, links=(declaring,))
        try:
            chain = read_chain(piece.text, self.context.names)
            links = tuple(self._links(chain, piece))
        except IllTyped as trouble:
            self.is_last_wrong = True
            link = Link(piece.text, "", "", Mark.SHAPES, trouble.message)
            return replace(base, links=(link,), trouble=trouble)
        except Unreadable as trouble:
            self._lose()
            return replace(base, trouble=trouble)
        if any(link.mark.is_bad for link in links):
            if piece.after not in _ASSUMES and _only_mentions(chain, piece):
                return replace(base, is_text=True)
            if piece.after in (*_ASSUMES, *_CASES):
                return replace(base, links=(Link(piece.text, "", "", Mark.NOT_MARKED, OWN_CASE),))
        return replace(base, links=links, notes=chain.notes)

    def _lose(self) -> None:
        """What is not read may be what the next line goes on from: no chain runs through it."""
        self.head = self.last = None
        self.is_lost = True

    def _declared(self, text: str) -> Link | None:
        """The mark of a line that says what a symbol is; None where it is no declaration."""
        try:
            found = declared([text.rstrip(" ,;.")])
        except Unreadable:
            return None
        link = Link(text, "", "", Mark.DEFINITION)
        for declaration in found:
            known = next((d for s, d in self.context.declarations.items() if s.name == declaration.symbol.name), None)
            if known is None:
                self.context.declarations[declaration.symbol] = declaration
            elif known.symbol.shape != declaration.symbol.shape:
                return replace(link, mark=Mark.SHAPES, reason=f"the premises say {plain(known)}")
            elif known.law is not None and declaration.law is not None and known.law != declaration.law:
                return replace(link, mark=Mark.WRONG, reason=f"the premises say {plain(known)}")
        return link

    def _links(self, chain: Chain, piece: Piece) -> Iterator[Link]:
        sides = self.sides(chain)
        if len(sides) == 1 and isinstance(sides[0], Term):
            yield self._alone(sides[0])
            return
        signs = list(chain.signs)
        if isinstance(sides[0], str):
            yield self._defined(sides[0], chain, sides[1])
            sides, signs = sides[1:], signs[1:]
        if piece.aside:
            yield self._aside(sides)
            return
        if isinstance(sides[0], Term):
            self.head, self.is_last_wrong = (sides[0], self.is_last_wrong and self.last == sides[0])
        left = sides[0] if sides[0] is not None else self.last
        for place, sign in enumerate(signs):
            right = sides[place + 1]
            if not isinstance(right, Term) or not isinstance(left, Term):
                before = (
                    "what stands before this sign is not read" if self.is_lost else "nothing stands before this sign"
                )
                raise Unreadable(before, *chain.spans[place + 1])
            link = self.link(left, sign, right, supposed=piece.after in _SUPPOSES)
            yield replace(link, goes_on=place > 0 or sides[0] is None)
            if sign == "=" and self.head is not None:
                self.reach(self.head, right)
            left = self.last = right

    def sides(self, chain: Chain) -> list[Term | str | None]:
        """The sides, identities in them of the size that the others ask for."""
        shapes = [side.shape for side in chain.sides if isinstance(side, Term) and not side.is_scalar]
        if chain.sides[0] is None and self.last is not None:
            shapes.append(self.last.shape)
        sides: list[Term | str | None] = []
        for side, span in zip(chain.sides, chain.spans, strict=True):
            made = fitted(side, shapes[0] if shapes else (1, 1)) if isinstance(side, Term) else side
            if isinstance(made, Symbol) and _is_primed(chain.text[slice(*span)]) and len(sides) == 0:
                made = f"{made.name}'"  # a new name: nobody transposes a number
            elif isinstance(made, str):
                made = self.context.unknown_named(re.split(r"[_^*★'{(]", made)[0]) or made
            if isinstance(made, Term):
                refuse_open_sizes(made, *span)
            sides.append(made)
        return sides

    def _defined(self, label: str, chain: Chain, value: Term | str | None) -> Link:
        """The mark of `S = …` for a name that is declared nowhere: from here on it is one."""
        if chain.signs[0] != "=" or not isinstance(value, Term):
            raise Unreadable(f"{label} is not declared here", *chain.spans[0])
        name, *arguments = re.split(r"[(,)]", re.sub(r"[{}\\]", "", label))
        parameters = [self.context.names.get(argument.strip()) for argument in arguments if argument.strip()]
        symbols = tuple(parameter for parameter in parameters if isinstance(parameter, Symbol))
        self.context.define(name, symbols, value)
        self.head = self.last = value
        return Link(label, "=", plain(value), Mark.DEFINITION)

    def _alone(self, side: Term) -> Link:
        """An expression without a sign: it stands for the next value of the chain, or begins one."""
        if self.last is not None and self.last.shape == side.shape and self.context.are_equal(self.last, side):
            link = self.equality(self.last, side)
            if self.head is not None:
                self.reach(self.head, side)
        else:
            self.head, self.is_last_wrong = side, False
            link = Link(plain(side), "", "", Mark.EXPRESSION, step=self.stand(self.matcher.step_of_value(side, 0)))
        self.last = side
        return link

    def _aside(self, sides: Sequence[Term | str | None]) -> Link:
        """What a brace claims of a part of a line: the chain goes on without it."""
        before = self.head, self.last, self.is_last_wrong
        left, right = sides[0], sides[-1]
        if not isinstance(left, Term) or not isinstance(right, Term):
            raise Unreadable("a brace that says nothing", 0, 1)
        link = self.link(left, "=", right, supposed=False)
        self.head, self.last, self.is_last_wrong = before
        return link

    # -- links ---------------------------------------------------------------------------------------------------------

    def link(self, left: Term, sign: str, right: Term, supposed: bool) -> Link:
        if left.shape != right.shape and sign not in ("succ", "succeq"):
            self.is_last_wrong = True
            reason = f"the left side is {show_shape(left.shape)}, the right side {show_shape(right.shape)}"
            return Link(plain(left), _SHOWN.get(sign, sign), plain(right), Mark.SHAPES, reason)
        if sign == "=":
            return self.equality(left, right)
        return self.inequality(left, sign, right, supposed)

    def equality(self, left: Term, right: Term) -> Link:
        base = Link(plain(left), "=", plain(right), Mark.FOLLOWS, carried=self.is_last_wrong)
        found = self.context.compared(left, right)
        if found.outcome is Outcome.EQUAL:
            return self._following(base, left, right)
        if found.outcome is Outcome.UNDECIDED:
            return replace(base, mark=Mark.UNDECIDED, reason=found.reason)
        known = self.context.equal_by_what_was_found(left, right)
        if known is not None:
            return replace(self._following(base, left, right), reason=f"with {known}")
        for (one, other), said in self.context.at_optima(left, right):
            if self.context.are_equal(one, other):
                return replace(self._following(base, one, other), reason=f"with {said}")
        unknown = self.equations.unknown_in(left, right)
        equation = Formula(left, Relation.EQUAL, right)
        if unknown is not None and not self._is_identity(equation):
            return self._equation(base, equation, unknown)
        if self._follows_from_what_was_claimed(left, right):
            return replace(base, carried=True)
        return self._wrong(base, left, right, found)

    def _is_identity(self, equation: Formula) -> bool:
        """Whether an equation with an unknown in it says what something is, for all values: f(x) = …, ∇g(w) = …"""
        left, right = equation.sides
        says = _is_value_of_something(left) and not _is_value_of_something(right)
        return says and right.free != frozenset() and self.matcher.step_of_equation(equation) is None

    def _following(self, base: Link, left: Term, right: Term) -> Link:
        step = None if base.carried else self.stand(self.matcher.step_of_value(right, self.stands_at))
        before = self.context.needs(left)
        return replace(base, step=step, needs=self._unstated(n for n in self.context.needs(right) if n not in before))

    def _equation(self, base: Link, equation: Formula, unknown: Symbol) -> Link:
        base, before = replace(base, carried=False), self.equations.last
        slopes = [value for claimed, value in self.claimed if isinstance(claimed, Derivative) and value.has(unknown)]
        link = self.equations.marked(base, equation, unknown, slopes)
        for (left, right), said in self.context.at_optima(*equation.sides) if link.mark.is_bad else ():
            after, self.equations.last = self.equations.last, before
            other = self.equations.marked(base, Formula(left, Relation.EQUAL, right), unknown)
            if not other.mark.is_bad and left.has(unknown):
                link = replace(other, reason=f"with {said}")
                break
            self.equations.last = after
        if link.mark.is_bad and (taken_back := self._as_claimed(equation)) is not None:
            after, self.equations.last = self.equations.last, before
            other = self.equations.marked(base, taken_back, unknown)
            self.equations.last = after
            if not other.mark.is_bad:
                link = replace(other, mark=Mark.FOLLOWS, carried=True, reason="", step=None)
        self.stand(link.step)
        if link.mark.is_bad:
            self.is_last_wrong = True
            return link
        return replace(link, needs=self._unstated(self.context.needs(*equation.sides)))

    def _as_claimed(self, equation: Formula) -> Formula | None:
        """An equation with what a wrong line before it said of a side taken back."""
        left, right = equation.sides
        for claimed, value in reversed(self.claimed):
            if value in (left, right):
                sides = [claimed if side == value else side for side in (left, right)]
                return Formula(sides[0], Relation.EQUAL, sides[1])
        return None

    def _unstated(self, needs: Iterator[str] | tuple[str, ...]) -> tuple[str, ...]:
        """What a line needs that no line before did."""
        found = tuple(need for need in needs if need not in self.stated_needs)
        self.stated_needs.update(found)
        return found

    def _wrong(self, base: Link, left: Term, right: Term, found: Comparison) -> Link:
        self.is_last_wrong = True
        self.claimed.append((left, right))
        shown = self.context.counterexample(left, right, found)
        wrong = replace(base, mark=Mark.WRONG, carried=False, counterexample=shown)
        if found.outcome in (Outcome.UNDEFINED, Outcome.BEYOND):
            return replace(wrong, mark=Mark.UNDEFINED, reason=found.reason or "the two sides are not defined alike")
        premise = self.context.premises.get(left.definition.name) if isinstance(left, Call) else None
        if premise is not None and isinstance(left, Call) and left.arguments == premise.parameters:
            wrong = replace(wrong, reason=f"the premises say {plain(premise)}")
        misplaced = self._misplaced(left, right)
        return replace(wrong, diagnosis=misplaced or self.diagnosing.of_identity(left, right, self.head or left))

    def _misplaced(self, left: Term, right: Term) -> tuple[Diagnosis, ...]:
        """A letter on the right that stands for one alike, if with that one the line is right: x′ for x, w for w*."""
        atoms = dict.fromkeys(node for node in right.walk() if _is_letter(node))
        known = [*self.context.declarations, *(d() for d in self.context.definitions.values() if not d.parameters)]
        for atom in atoms:
            for other in known:
                if other == atom or other.shape != atom.shape or _stem(other) != _stem(atom):
                    continue
                if self.context.are_equal(left, replace_term(right, atom, other)):
                    return recognised("misplaced", f"{plain(atom)} stands where {plain(other)} belongs")
        return ()

    def _follows_from_what_was_claimed(self, left: Term, right: Term) -> bool:
        """Whether a link is right if a wrong one before it were."""
        for claimed, value in self.claimed:
            moved = [replace_term(side, claimed, value) for side in (left, right)]
            if moved != [left, right] and self.context.are_equal(*moved):
                return True
        return False

    def inequality(self, left: Term, sign: str, right: Term, supposed: bool) -> Link:
        base = Link(plain(left), _SHOWN.get(sign, sign), plain(right), Mark.FOLLOWS)
        relation = SIGNS[sign]
        if sign in (">", ">="):
            left, right = right, left
        formula = Formula(left, relation) if relation.unary else Formula(left, relation, right)
        claim = Claim(formula.left, relation, formula.right, self.context.assumed(formula))
        try:
            with allowance(WORK):
                certify(claim, Grounds("mark", structural=True))
        except Refuted as refuted:
            if supposed and self._is_ruled_out(formula):
                return replace(base, mark=Mark.NOT_MARKED, reason=OWN_CASE)
            if supposed:
                self.context.hypotheses = (*self.context.hypotheses, formula)
                return replace(base, mark=Mark.DEFINITION, reason="assumed from here on")
            return replace(base, mark=Mark.WRONG, reason=str(refuted))
        except (DerivationError, Unsupported, Undecided) as error:
            return replace(base, mark=Mark.UNDECIDED, reason=str(error))
        return base

    def _is_ruled_out(self, formula: Formula) -> bool:
        """Whether what is supposed was seen nowhere where the premises hold: its contrary was, everywhere."""
        contrary = {Relation.LESS: Relation.AT_MOST, Relation.AT_MOST: Relation.LESS}.get(formula.relation)
        if contrary is None or not isinstance(formula.left, Term) or not isinstance(formula.right, Term):
            return False
        claim = Claim(formula.right, contrary, formula.left, self.context.assumed(formula))
        try:
            with allowance(WORK):
                certify(claim, Grounds("mark", structural=True))
        except (DerivationError, Unsupported, Undecided):
            return False
        return True

    def stand(self, step: int | None) -> int | None:
        if step is not None:
            self.stands_at = max(self.stands_at, step)
        return step


def _is_letter(node: Term) -> bool:
    """A symbol, or a name without arguments."""
    return isinstance(node, Symbol) or (isinstance(node, Call) and not node.arguments)


def _stem(letter: Term) -> str:
    """The letter without its decoration."""
    name = letter.definition.name if isinstance(letter, Call) else getattr(letter, "name", "")
    return re.split(r"[_^*′'~]", name)[0].casefold()


def _is_value_of_something(side: Term) -> bool:
    """Whether a side is a function at its argument, or a derivative, mean or variance."""
    return isinstance(side, (Derivative, Expectation, Variance)) or (isinstance(side, Call) and bool(side.arguments))


def _only_mentions(chain: Chain, piece: Piece) -> bool:
    """Whether a formula within a sentence only names a case, as λ = 0 does."""
    sides = [side for side in chain.sides if isinstance(side, Term)]
    return piece.in_prose and len(sides) == 2 and all(isinstance(side, (Symbol, Number)) for side in sides)


def _is_primed(text: str) -> bool:
    return text.rstrip().endswith(("'", "′", r"^\prime", r"^{\prime}"))
