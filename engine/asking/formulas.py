"""A formula that somebody types, with what its symbols are, as the premise of a working."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NoReturn

from engine.asking.conditions import Assumed
from engine.asking.shapes import shapes
from engine.asking.sizes import completed
from engine.common.errors import Misasked
from engine.kernel.conditions import Condition
from engine.notation.plain import plain
from engine.proofs.derivation import Proof
from engine.reading import Names, Unreadable, read
from engine.reading.building import fitted
from engine.reading.declarations import declared
from engine.reading.errors import IllTyped
from engine.reading.grammar import AT_EACH_ENTRY
from engine.reading.names import spelled_name
from engine.reading.ranges import range_of
from engine.reading.reader import Reading
from engine.rules.order.prover import prove
from engine.rules.scope import Scope
from engine.terms import INDEXED, Definition, Symbol, Term, show_shape
from engine.terms.declarations import POSITIVE, POSITIVE_INTEGER, REAL, Declaration, Domain
from engine.terms.formulas import Formula, equation, nonzero, positive

NAMES = ("f", "g", "h", "F", "G", "H", "q")


class Unasked(Misasked):
    """A question that cannot be asked so; the message says why."""


@dataclass(frozen=True)
class TypedFormula:
    """What was typed, as a term, with the declarations of all its symbols."""

    body: Term
    declarations: tuple[Declaration, ...]
    notes: tuple[str, ...]
    constraints: tuple[Formula, ...] = ()

    @property
    def title(self) -> str:
        """The formula, as long as a title may be."""
        text = plain(self.body)
        return text if len(text) <= 60 else text[:59] + "…"

    def symbol(self, name: str) -> Symbol:
        """Raises Unasked for a symbol that is not in the formula."""
        names = Names(self.declarations)
        found = names.get(spelled_name(name))
        if isinstance(found, Symbol) and self.body.has(found):
            return found
        known = ", ".join(sorted(symbol.name for symbol in self.body.free))
        raise Unasked(f"{name} is not in the formula, which has {known or 'no symbols'}")


def formula(text: str, let: Iterable[str] = (), subject_to: Iterable[str] = ()) -> TypedFormula:
    """Read a formula, and equations that are to hold. A single letter that is not declared is a real number.

    Raises Unreadable.
    """
    return formulas((text,), let, subject_to)[0]


def formulas(
    texts: tuple[str, ...], let: Iterable[str] = (), subject_to: Iterable[str] = (), scalar: bool = False
) -> tuple[TypedFormula, ...]:
    """Read formulas in the same symbols, under the same equations; `scalar` where they are to be numbers.

    Where they make no sense with numbers for the letters that are not declared, but do in one way with vectors or a
    matrix of the declared sizes, these are taken. Raises Unreadable.
    """
    let, subject_to = tuple(let), tuple(subject_to)
    trouble: IllTyped | None = None
    try:
        found = _formulas(texts, let, subject_to)
        if not scalar or all(each.body.is_scalar for each in found):
            return found
    except IllTyped as error:
        trouble, found = error, ()
    return _shaped(texts, let, subject_to, scalar) or found or _raised(trouble)


def _shaped(
    texts: tuple[str, ...], let: tuple[str, ...], subject_to: tuple[str, ...], scalar: bool
) -> tuple[TypedFormula, ...]:
    """The one reading with the fewest letters that are no numbers; none where there are several."""
    for alike in shapes((*texts, *subject_to), declared(completed("; ".join(texts), let)[0])):
        found: list[tuple[TypedFormula, ...]] = []
        for more in alike:
            try:
                reading = _formulas(texts, (*let, *more), subject_to)
            except Unreadable:
                continue
            fits = not scalar or all(each.body.is_scalar for each in reading)
            if fits and not any(note.endswith(AT_EACH_ENTRY) for each in reading for note in each.notes):
                noted = tuple(f"{each} is assumed, so that the shapes fit" for each in more)
                found.append(tuple(replace(each, notes=(*noted, *each.notes)) for each in reading))
        if found:
            return found[0] if len(found) == 1 else ()
    return ()


def _raised(trouble: IllTyped | None) -> NoReturn:
    assert trouble is not None
    raise trouble


def _formulas(texts: tuple[str, ...], let: tuple[str, ...], subject_to: tuple[str, ...]) -> tuple[TypedFormula, ...]:
    let, filled = completed("; ".join((*texts, *subject_to)), let)
    known = declared(let)
    readings = [_expression(text, known) for text in texts]
    sizes = {size for each in known for size in each.symbol.shape}
    bodies = [reading.value for reading in readings]
    known = tuple(each if each.symbol in sizes else _as_index(each, bodies) for each in known)
    every = (*known, *_undeclared([reading.value for reading in readings], known))
    equations: list[Formula] = []
    for constraint in subject_to:
        equations.append(_equation(constraint, every))
        every = (*every, *_undeclared(equations[-1].sides, every))
    return tuple(TypedFormula(r.value, every, (*_noted(r.notes, every), *filled), tuple(equations)) for r in readings)


def _noted(notes: Iterable[str], every: tuple[Declaration, ...]) -> Iterator[str]:
    """The notes, of a number that turned out to be whole as what it is."""
    whole = {f"{d.symbol} is taken to be a real number": d.symbol for d in every if d.domain == POSITIVE_INTEGER}
    for note in notes:
        yield f"{whole[note]} is taken to be a positive whole number" if note in whole else note


def _expression(text: str, known: tuple[Declaration, ...]) -> Reading:
    reading = _read(text, known)
    if len(reading.sides) > 1 or reading.label:
        raise unreadable("one expression was expected, not an equation", text)
    return reading


def _read(text: str, known: tuple[Declaration, ...]) -> Reading:
    try:
        return read(text, Names(known, free=True)).settled()
    except Unreadable as trouble:
        trouble.text = text
        raise


def unreadable(message: str, text: str) -> Unreadable:
    trouble = Unreadable(message, 0, len(text))
    trouble.text = text
    return trouble


def _equation(text: str, known: tuple[Declaration, ...]) -> Formula:
    """A constraint. Raises Unreadable for what is no equation, or has sides that do not fit."""
    reading = _read(text, known)
    sides = (*((_read(reading.label, known).value,) if reading.label else ()), *reading.sides)
    if len(sides) != 2:
        raise unreadable("a constraint is an equation, as in a^T x = 1", text)
    left, right = (fitted(side, other.shape) for side, other in zip(sides, reversed(sides), strict=True))
    if left.shape != right.shape:
        raise unreadable(f"the sides are {show_shape(left.shape)} and {show_shape(right.shape)}", text)
    return equation(left, right)


def _undeclared(terms: Iterable[Term], known: tuple[Declaration, ...]) -> tuple[Declaration, ...]:
    terms = tuple(terms)
    free = frozenset().union(*(term.free for term in terms)) - {d.symbol for d in known}
    return tuple(Declaration(s, _domain(s, terms)) for s in sorted(free, key=lambda symbol: symbol.name))


def _domain(symbol: Symbol, bodies: Iterable[Term]) -> Domain:
    """Of a symbol that nobody declared: of an index, as far as what it indexes goes; whole, of a length; else real."""
    bodies = tuple(bodies)
    if any(isinstance(node, INDEXED) and node.length.has(symbol) for body in bodies for node in body.walk()):
        return POSITIVE_INTEGER
    lengths = {length for body in bodies if (length := range_of(body, symbol)) is not None}
    return Domain(whole=True, index_up_to=lengths.pop()) if len(lengths) == 1 else REAL


def _as_index(declaration: Declaration, bodies: Iterable[Term]) -> Declaration:
    """The declaration of a positive whole number that stands as an index: it goes as far as what it indexes."""
    if declaration.domain != POSITIVE_INTEGER or declaration.law is not None:
        return declaration
    domain = _domain(declaration.symbol, bodies)
    return declaration if domain == REAL else replace(declaration, domain=domain)


def _without_what_follows(conditions: list[Condition], scope: Scope) -> list[Condition]:
    """The conditions less those that the declarations and the others show: b/a > 0 where a > 0 and b > 0."""
    kept = list(conditions)
    for condition in conditions:
        others = [other for other in kept if other != condition]
        hypotheses = (*scope.hypotheses, *(other.formula for other in others))
        if not condition.indices and prove(condition, replace(scope, hypotheses=hypotheses)) is not None:
            kept = others
    return kept


def stated(
    asked: TypedFormula, parameters: tuple[Symbol, ...], assumed: Assumed, least_in: Symbol | None = None
) -> tuple[Proof, Definition]:
    """A proof with the formula as its premise, under a name that is not taken.

    The symbol that it is to be `least_in` runs over its natural domain: x > 0, where there is an ln x.
    """
    proof, (definition,) = all_stated((asked,), parameters, assumed, least_in)
    return proof, definition


def all_stated(
    asked: tuple[TypedFormula, ...], parameters: tuple[Symbol, ...], assumed: Assumed, least_in: Symbol | None = None
) -> tuple[Proof, tuple[Definition, ...]]:
    """A proof with formulas in the same symbols as its premises."""
    proof = Proof({})
    natural = least_in is not None and any(condition.formula == positive(least_in) for condition in assumed)
    for declaration in asked[0].declarations:
        symbol, domain = declaration.symbol, declaration.domain
        natural_domain = POSITIVE if natural and symbol == least_in and domain == REAL else domain
        proof.declare(symbol, natural_domain, declaration.law, declaration.indices)
    taken = {declaration.symbol.name for declaration in asked[0].declarations}
    names = [name for name in NAMES if name not in taken]
    for index in dict.fromkeys(index for condition in assumed for index in condition.indices):
        proof.declare(index.symbol, index.domain)
    for condition in assumed:
        random = sorted(s.name for s in condition.formula.free if s in proof.declarations and proof.declarations[s].law)
        if random:
            raise Unasked(f"{condition.formula} would have to hold for every value of {random[0]}, which is random")
    told = (positive(least_in), nonzero(least_in)) if natural and least_in is not None else ()
    needed = [condition for condition in assumed if condition.formula not in told]
    proof.assume(*(condition.formula for condition in _without_what_follows(needed, proof.scope)))
    pairs = zip(names, asked, strict=False)
    return proof, tuple(proof.given(name, each.body, *parameters) for name, each in pairs)
