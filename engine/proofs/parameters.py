"""What must hold of the parameters of a declared law, as far as it does not follow from what is declared of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flint import fmpq

from engine.common.errors import WorkingsError
from engine.rules.probability.laws import RECORDS
from engine.terms import ONE, Term, each, term
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula, Relation
from engine.terms.laws import Categorical, Law
from engine.worlds.breakpoints import is_whole
from engine.worlds.drawing import Impossible, filled_world, obeying
from engine.worlds.truth import admits, truth
from engine.worlds.values import Undecided, Undefined, Unsupported
from engine.worlds.world import World

TRIED = 8
FAR_OUT = (-200, 200)  # powers of two


class Lawless(WorkingsError, ValueError):
    """Parameters that no law has."""


def required(declaration: Declaration, declarations: Iterable[Declaration]) -> tuple[Formula, ...]:
    """What must hold of the parameters of a declared law, and does not follow from what is declared of them.

    Raises Lawless where it never holds.
    """
    law = declaration.law
    assert law is not None
    record = RECORDS[type(law)]
    counted = record.counted(law)
    if not is_whole(counted, frozenset(d.symbol for d in declarations if d.domain.whole or _counts(d.law))):
        raise Lawless(f"there is no such law of {declaration.symbol}: {counted} is not a whole number")
    declarations = tuple(declarations)
    every = [wanted for _, wanted in record.requires(law)]
    law = law.at({index: ONE for index in declaration.indices})
    others = (each for each in declarations if each.symbol != declaration.symbol)  # the law itself would make it hold
    worlds = list(_worlds(map(_as_a_value, others)))
    random = {d.symbol for d in declarations if d.law is not None}
    found: list[Formula] = []
    for (what, wanted), of_entry in zip(record.requires(law), every, strict=True):
        tried = (*worlds, *_far_out(worlds[0], wanted))
        seen = [holds for world in tried if (holds := _holds(wanted, world)) is not None]
        bounded = wanted.relation.unary or any(not side.free for side in wanted.sides)  # not one parameter by another
        if seen and not any(seen) and bounded and not _can_hold(wanted, worlds[0]):
            raise Lawless(f"there is no such law of {declaration.symbol}: for {what}, {wanted} would have to hold")
        if not all(seen) and not random.isdisjoint(wanted.free):
            raise Lawless(f"the law of {declaration.symbol} is given by what may not obey {wanted}")
        if not all(seen):
            found.append(_at_every_entry(of_entry, declaration) if len(declaration.indices) == 1 else wanted)
    return tuple(found)


def _at_every_entry(wanted: Formula, declaration: Declaration) -> Formula:
    """A requirement of the entry with an index, as one of the whole column."""
    (index,), length = declaration.indices, term(declaration.symbol.rows)
    if not any(side.has(index) for side in wanted.sides):
        return wanted
    left, right = (each(side, index, length) for side in wanted.sides)
    return Formula(left, wanted.relation, right)


def _can_hold(wanted: Formula, world: World) -> bool:
    if wanted.relation is Relation.EQUAL and wanted.free:  # probabilities that nothing else fixes
        return True
    try:
        return bool(obeying(world, (wanted,)))
    except (Impossible, Undefined, Unsupported, Undecided):
        return False


def _counts(law: Law | None) -> bool:
    """Whether all values of a law are whole numbers."""
    if isinstance(law, Categorical):
        return all(is_whole(value, frozenset()) for value in law.values)
    return law is not None and RECORDS[type(law)].whole


def _as_a_value(declaration: Declaration) -> Declaration:
    """A random symbol as one that may have each value that its law gives it; of any law whatever, nothing is said."""
    law = declaration.law
    domain = RECORDS[type(law)].domain(law) if law is not None else None
    return Declaration(declaration.symbol, domain) if domain is not None else declaration


def _holds(wanted: Formula, world: World) -> bool | None:
    """Whether a requirement holds in a world; None where that is not seen: the parameter may be random itself."""
    try:
        return truth(wanted, world).true
    except (Undefined, Unsupported, Undecided):
        return None


def _worlds(declarations: Iterable[Declaration]) -> Iterator[World]:
    declared = frozenset(declarations)
    whole = [declaration.symbol for declaration in declared if declaration.domain.whole]
    for number in range(TRIED):
        world = filled_world(declared, {symbol: 2 + number % 3 for symbol in whole}, number, "law")
        world.values.update({symbol: fmpq(1) for symbol in whole if _is_index(symbol, declared)})
        yield world


def _far_out(world: World, wanted: Formula) -> Iterator[World]:
    """Worlds in which a number that a requirement speaks of is tiny or huge: there s² − 10⁻¹² is negative, too."""
    for symbol in sorted(wanted.free & world.values.keys(), key=lambda symbol: symbol.name):
        value, declared = world[symbol], world.declarations[symbol]
        if isinstance(value, fmpq) and declared.law is None and not declared.domain.whole:
            changed = (value * fmpq(2) ** power for power in FAR_OUT)
            yield from (world.changed({symbol: new}) for new in changed if admits(world, symbol, new))


def _is_index(symbol: Term, declared: frozenset[Declaration]) -> bool:
    return any(d.symbol == symbol and d.domain.index_up_to is not None for d in declared)
