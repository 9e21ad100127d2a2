"""A formula that somebody types, with what its symbols are, as the premise of a working."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.asking.conditions import Assumed
from engine.asking.sizes import completed
from engine.derivation import Proof
from engine.premises import REAL, Declaration, Domain, positive
from engine.reading import Names, Unreadable, read
from engine.reading.declarations import declared
from engine.reading.ranges import range_of
from engine.rendering.plain import plain
from engine.terms import Definition, Symbol, Term

NAMES = ("f", "g", "h", "F", "G", "H", "q")


class Unasked(Exception):
    """A question that cannot be asked so; the message says why."""


@dataclass(frozen=True)
class Formula:
    """What was typed, as a term, with the declarations of all its symbols."""

    body: Term
    declarations: tuple[Declaration, ...]
    notes: tuple[str, ...]

    @property
    def title(self) -> str:
        """The formula, as long as a title may be."""
        text = plain(self.body)
        return text if len(text) <= 60 else text[:59] + "…"

    def symbol(self, name: str) -> Symbol:
        """Raises Unasked for a symbol that is not in the formula."""
        names = Names(self.declarations)
        found = names.get(name)
        if isinstance(found, Symbol) and self.body.has(found):
            return found
        known = ", ".join(sorted(symbol.name for symbol in self.body.free))
        raise Unasked(f"{name} is not in the formula, which has {known or 'no symbols'}")


def formula(text: str, let: Iterable[str] = ()) -> Formula:
    """Read a formula. A single letter that is not declared is a real number. Raises Unreadable."""
    let, filled = completed(text, let)
    known = declared(let)
    try:
        reading = read(text, Names(known, free=True)).settled()
    except Unreadable as trouble:
        trouble.text = text
        raise
    if len(reading.sides) > 1 or reading.label:
        equation = Unreadable("one expression was expected, not an equation", 0, len(text))
        equation.text = text
        raise equation
    body = reading.value
    free = sorted(body.free - {d.symbol for d in known}, key=lambda symbol: symbol.name)
    return Formula(body, (*known, *(Declaration(s, _domain(s, body)) for s in free)), (*reading.notes, *filled))


def _domain(symbol: Symbol, body: Term) -> Domain:
    """Of a symbol that nobody declared: of an index, as far as what it indexes goes; else a real number."""
    length = range_of(body, symbol)
    return REAL if length is None else Domain(whole=True, index_up_to=length)


def _narrowed(declaration: Declaration, assumed: Assumed) -> Domain:
    """The domain of a symbol that was declared, or of one that is assumed to be positive (at every entry)."""
    if declaration.law is None and any(c.formula == positive(declaration.symbol) for c in assumed):
        return replace(declaration.domain, lower=Fraction(0), includes_lower=False)
    return declaration.domain


def stated(asked: Formula, parameters: tuple[Symbol, ...], assumed: Assumed) -> tuple[Proof, Definition]:
    """A proof with the formula as its premise, under a name that is not taken."""
    proof = Proof({})
    for declaration in asked.declarations:
        proof.declare(declaration.symbol, _narrowed(declaration, assumed), declaration.law, declaration.indices)
    taken = {declaration.symbol.name for declaration in asked.declarations}
    name = next(name for name in NAMES if name not in taken)
    for index in dict.fromkeys(index for condition in assumed for index in condition.indices):
        proof.declare(index.symbol, index.domain)
    declared = {positive(declaration.symbol) for declaration in asked.declarations}
    proof.assume(*(condition.formula for condition in assumed if condition.formula not in declared))
    return proof, proof.given(name, asked.body, *parameters)
