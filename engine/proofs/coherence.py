"""What a working is beyond its steps: its lines meet, and speak of what its premises declare and of nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.kernel import DerivationError, Refutation, Step, genuine, genuine_refutation
from engine.proofs.figures import Curve, Figure
from engine.proofs.sampling import Undrawable, sampled
from engine.proofs.working import Choice, Let, Passage, Premises, Suppose, Working, joined
from engine.terms import Add, Call, Definition, Entry, Multiply, Number, Power, Symbol, Term
from engine.terms.claims import Claim
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula, Relation, equation
from engine.terms.standard import is_standard


class Incoherent(DerivationError):
    """A working that does not hold together: `place` is where in it, `message` is why."""

    def __init__(self, message: str, place: str) -> None:
        self.message, self.place = message, place
        super().__init__(message)


def holds_together(working: Working) -> None:
    """Raises Incoherent unless lines meet, speak of the premises that the working names, and conclude something.

    What shows but a part of a working speaks of what the whole defines, and cites its lines. Raises TypeError where one
    of them is none of the kernel's.
    """
    if not _ADDRESS.fullmatch(working.name):
        raise Incoherent("its name is of letters, digits, hyphens and points", "name")
    premises = _Premises(working.premises)
    for definition in working.whole.definitions if working.whole is not working else ():
        premises.name(definition, "premises")
    for number, part in enumerate(working.parts):
        match part:
            case Let():
                premises.name(part.definition, f"parts[{number}]")
            case Suppose():
                premises.suppose(part)
            case Passage():
                _meet(part, f"parts[{number}]")
                for place, step in enumerate(part.steps):
                    premises.bear(step, f"parts[{number}].steps[{place}]")
            case Choice():
                _answers(part, working, premises, f"parts[{number}]")
            case Figure():
                try:
                    _stands(part, working)
                except Undrawable as error:
                    raise Incoherent(f"figure {part.name}: {error}", f"parts[{number}]") from error
    if not working.results:
        raise Incoherent("it concludes nothing: proof.conclude(…) says what the result is", "results")
    for number, result in enumerate(working.results):
        premises.bear(result.step, f"results[{number}]")
    for lemma in working.lemmas:
        genuine(lemma.step)  # which speaks of premises of its own
    _shows_what_is_cited(working)
    for number, result in enumerate(working.intermediate):
        premises.bear(result.step, f"intermediate[{number}]")
    _are_lines(working, "idea.lines", working.idea.lines)
    _are_lines(working, "outline", working.outline)


def _shows_what_is_cited(working: Working) -> None:
    """Raises Incoherent where something behind the lines cites the literature, and no line or lemma does."""
    shown = {
        name for step in (*working.whole.steps, *(lemma.step for lemma in working.lemmas)) for name in _cites(step)
    }
    hidden = (name for step in working.whole.leaned_on for name in _cites(step) if name not in shown)
    if (name := next(hidden, None)) is not None:
        raise Incoherent(f"it leans on {name}, which no line of it cites", "results")


def _cites(step: Step) -> set[str]:
    return {each.evidence.citation for each in joined(step) if each.evidence.citation}


def _are_lines(working: Working, place: str, chosen: Iterable[Step | str]) -> None:
    lines = set(map(id, working.steps))
    for number, item in enumerate(chosen):
        if not isinstance(item, str) and id(item) not in lines:
            raise Incoherent("what is chosen to be shown is a line of the working", f"{place}[{number}]")


def _answers(choice: Choice, working: Working, premises: _Premises, place: str) -> None:
    """Raises Incoherent unless a question is answered by lines and lemmas of the working, and by worlds of its
    premises.
    """
    _decides(choice, place)
    shown = (step for option in choice.options for step in option.shown)
    cited = [*shown, *(step for reason in choice.why for step in reason.because)]
    for step in cited:
        premises.bear(step, place)
    lemmas = (lemma.step for lemma in working.lemmas)
    known = {id(line) for step in (*working.whole.steps, *lemmas) for line in joined(step)}
    if not all(id(line) in known for step in cited for line in joined(step)):
        raise Incoherent("what answers a question is a line of the working, or a lemma", place)
    for option in choice.options:
        if option.refuted is not None:
            premises.fail(option.refuted, place)


def _decides(choice: Choice, place: str) -> None:
    """Raises Incoherent unless what is said to be shown or refuted are the options' claims, and no two options are
    right.
    """
    for option in choice.options:
        if any(step.claim.formula not in option.claims for step in option.shown):
            raise Incoherent(f"the option {option.said!r} is not what is shown for it", place)
        if option.refuted is not None and option.refuted.formula not in option.claims:
            raise Incoherent(f"the option {option.said!r} is not what is refuted for it", place)
    right = [option for option in choice.options if option.is_shown]
    if len(right) > 1 or not all(option.claims for option in choice.options):
        raise Incoherent("one option is right at most, and each claims something", place)
    if right and any(option.refuted is None for option in choice.options if option is not right[0]):
        raise Incoherent("an option that is neither shown nor refuted", place)


def _meet(passage: Passage, place: str) -> None:
    try:
        if not passage.steps:
            raise DerivationError("a passage without lines")
        _ = passage.result
    except DerivationError as error:
        raise Incoherent(str(error), place) from error


# -- figures -----------------------------------------------------------------------------------------------------------


def without_what_cannot_be_drawn(working: Working) -> Working:
    """The working without the figures whose curves it does not derive, or for which their values do not suffice."""
    return replace(working, parts=tuple(p for p in working.parts if not isinstance(p, Figure) or _is_sound(p, working)))


def _is_sound(figure: Figure, working: Working) -> bool:
    try:
        _stands(figure, working)
    except Undrawable:
        return False
    return True


def _stands(figure: Figure, working: Working) -> None:
    """Raises Undrawable unless every curve is of a term that the working derives, and has values."""
    if not _NAME.fullmatch(figure.name) or [other.name for other in working.figures].count(figure.name) != 1:
        raise Undrawable("a name of its own is wanted, of small letters and hyphens")
    if not figure.curves:
        raise Undrawable("it has no curves")
    for curve in figure.curves:
        _is_of_derived_terms(figure, curve, working)
    sampled(working, figure)


_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")  # of a figure
_ADDRESS = re.compile(r"[\w.-]{1,80}")  # of a working


def _is_of_derived_terms(figure: Figure, curve: Curve, working: Working) -> None:
    for drawn in (curve.term, curve.against or figure.range_of(curve).symbol):
        if drawn != figure.range_of(curve).symbol and derived(working, drawn) is None:
            raise Undrawable(f"no line derives {drawn}")
    for point in curve.points:
        if not _is_placed(working, point.at):
            raise Undrawable(f"{point.label} is put at {point.at}, which no line derives")


def _is_placed(working: Working, place: Term) -> bool:
    """Whether a place on a curve is derived, or chosen by numbers in relation to what is."""
    if isinstance(place, Number) or derived(working, place) is not None:
        return True
    return isinstance(place, (Add, Multiply, Power)) and all(_is_placed(working, part) for part in place.children)


def derived(working: Working, term: Term) -> Formula | None:
    """The formula by which a working says what a term is worth: a result, a passage as a whole, or a line of it.

    None says what a symbol is worth: that is up to the premises.
    """
    if isinstance(term, Symbol):
        return None
    working = working.whole
    found = next((formula for claim in _told(working) for worth, formula in _worth(claim) if worth == term), None)
    if found is None and isinstance(term, Call) and term.definition in working.definitions:
        return equation(term, term.unfolded) if derived(working, term.unfolded) is not None else None
    return found


def _told(working: Working) -> Iterator[Claim]:
    yield from (result.step.claim for result in working.results)
    passages = [part for part in working.parts if isinstance(part, Passage)]
    yield from (passage.result.claim for passage in passages)
    yield from (step.claim for step in working.steps)


def _worth(claim: Claim) -> Iterator[tuple[Term, Formula]]:
    """The terms whose worth a claim says, each with how: as equal, as what an equation is solved by, as a minimiser."""
    formula, solved = claim.formula, claim.right
    if isinstance(solved, Formula) and claim.relation is Relation.EQUIVALENT:
        formula = solved if solved.left == claim.unknown else formula
    match formula:
        case Formula(Term() as left, Relation.EQUAL, Term() as right):
            yield from ((left, formula), (right, formula))
        case Formula(Term() as left, Relation.MINIMISER | Relation.UNIQUE_MINIMISER):
            yield left, formula


class _Premises:
    """What lines may speak of, each thing written in a way of its own."""

    def __init__(self, premises: Premises) -> None:
        self.named: dict[str, Definition] = {}
        self.declared: dict[str, Declaration] = {}
        self.written: dict[str, str] = {}
        self.supposed = set(premises.hypotheses)  # of every line from here on
        for declaration in premises.declarations:
            self._written(declaration.symbol.name, "premises")
            self.declared[declaration.symbol.name] = declaration
        for definition in premises.definitions:
            self.name(definition, "premises")

    def name(self, definition: Definition, place: str) -> None:
        """Raises Incoherent for a name that something else has. Values with an index, v_t, may be of a symbol v."""
        name = definition.name
        if self.named.get(name, definition) != definition or (name in self.declared and not definition.indexed):
            raise Incoherent(f"two different things are both written {Symbol(name)}", place)
        self._written(name, place)
        self.named[name] = definition

    def _written(self, name: str, place: str) -> None:
        shown = str(Symbol(name))
        if self.written.setdefault(shown, name) != name:
            raise Incoherent(f"two different things are both written {shown}", place)

    def suppose(self, part: Suppose) -> None:
        if not part.one_case:
            self.supposed.add(part.hypothesis)

    def bear(self, step: Step, place: str) -> None:
        """Raises Incoherent for a name or symbol that the premises do not have, or have otherwise.

        What else a line assumes needs no looking for: its claim says it, and so does the result.
        """
        self._speak_of(genuine(step).claim, place)

    def fail(self, refutation: Refutation, place: str) -> None:
        """Raises Incoherent unless the world in which a claim fails is one of these premises."""
        claim = genuine_refutation(refutation).claim
        self._speak_of(claim, place)
        forgotten = next(iter(sorted(self.supposed - claim.assumptions, key=repr)), None)
        if forgotten is not None:
            raise Incoherent(f"{claim.formula} is refuted where {forgotten} need not hold", place)

    def _speak_of(self, claim: Claim, place: str) -> None:
        for node in (node for side in claim.formula.sides for node in side.walk()):
            if isinstance(node, Call) and not self._is_defined(node.definition):
                raise Incoherent(f"{node.definition.name} is not defined so by the premises", place)
            if isinstance(node, Entry) and isinstance(node.base, Symbol) and node.base.name in self.named:
                raise Incoherent(f"two different things are both written {node}", place)
        for assumption in claim.assumptions:
            if isinstance(assumption, Declaration) and not self._is_declared(assumption, claim):
                raise Incoherent(f"{assumption.symbol.name} is not declared so by the premises", place)

    def _is_declared(self, declaration: Declaration, claim: Claim) -> bool:
        """By the premises; or as the index of a sum alone, which a condition under that sum speaks of."""
        known = self.declared.get(declaration.symbol.name)
        bound = declaration.domain.index_up_to is not None and declaration.symbol not in claim.formula.free
        return known == declaration or (known is None and bound)

    def _is_defined(self, definition: Definition) -> bool:
        return self.named.get(definition.name, definition if is_standard(definition) else None) == definition
