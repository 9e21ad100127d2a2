"""Whether a formula holds in a world."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from flint import fmpq

from engine.terms import ArgMin, Derivative, Symbol, Term
from engine.terms.declarations import Domain, Structure
from engine.terms.formulas import Formula, Relation
from engine.worlds.meanings import quadratic_parts
from engine.worlds.values import Matrix, Polynomial, Scalar, Undefined, entries_of, same, sign_of
from engine.worlds.world import SAMPLE, Value, World, atom, is_definite, map_entries, moved, moved_along, rational


@dataclass(frozen=True)
class Truth:
    """Whether a formula holds in a world, what its sides are there, and to how many bits it was seen."""

    true: bool
    left: Value
    right: Value
    bits: int | None = None  # None: exactly


def truth(formula: Formula, world: World) -> Truth:
    """Whether a formula between terms holds in a world."""
    assert isinstance(formula.left, Term)
    relation = formula.relation
    if relation is Relation.FREE_OF:
        return _free_of(formula, world)
    if relation in (Relation.MINIMISER, Relation.UNIQUE_MINIMISER):
        return _minimises(formula, world)
    left = world.value(formula.left)
    if relation.unary:
        return Truth(_UNARY[relation](left), left, None)
    assert isinstance(formula.right, Term)
    right = world.value(formula.right)
    if relation in (Relation.EQUAL, Relation.NOT_EQUAL):
        equal, bits = same(world.reduced(left), world.reduced(right))
        return Truth(equal == (relation is Relation.EQUAL), left, right, bits)
    lowest = min(map(sign_of, entries_of(right - left)))  # of vectors and matrices, at every entry
    return Truth(lowest > 0 or (lowest == 0 and relation is Relation.AT_MOST), left, right)


def indices_of(hypothesis: Formula, world: World) -> dict[Symbol, range]:
    """The indices in a hypothesis, each with the values that it runs through."""
    lasts = {d.symbol: d.domain.index_up_to for s in hypothesis.free if (d := world.declarations.get(s)) is not None}
    return {index: range(1, int(world.value(last)) + 1) for index, last in lasts.items() if last is not None}


def obeyed(hypothesis: Formula, world: World) -> bool:
    """Whether a hypothesis holds in a world: at every value of the indices in it."""
    indices = indices_of(hypothesis, world)
    if not indices:
        return truth(hypothesis, world).true
    places = (dict(zip(indices, map(fmpq, at), strict=True)) for at in product(*indices.values()))
    return all(truth(hypothesis, world.changed(at)).true for at in places)


def _invertible(value: Value) -> bool:
    return sign_of(value.determinant() if isinstance(value, Matrix) else value) != 0


_UNARY: dict[Relation, Callable[[Value], bool]] = {
    Relation.POSITIVE_DEFINITE: lambda value: is_definite(value, strictly=True),
    Relation.POSITIVE_SEMIDEFINITE: lambda value: is_definite(value, strictly=False),
    Relation.INVERTIBLE: _invertible,
}


def _free_of(formula: Formula, world: World) -> Truth:
    """Compared with the value where the symbol has another value of the same domain."""
    assert isinstance(formula.left, Term) and isinstance(formula.right, Symbol)
    here, symbol = world.value(formula.left), formula.right
    domain = world.declarations[symbol].domain
    draw = random.Random(f"{world.number} another {symbol.name}")
    other = map_entries(world.value(symbol), lambda entry: _another(entry, domain, draw))
    there = world.value(formula.left, {symbol: other})
    equal, bits = same(here, there)
    return Truth(equal, here, there, bits)


def _another(entry: Scalar, domain: Domain, draw: random.Random) -> Scalar:
    """Another number of the same domain, drawn for itself: a common factor would change no ratio."""
    if domain.whole:
        return entry + draw.randrange(1, 9)
    if domain.upper is not None:
        share = fmpq(draw.randrange(1, SAMPLE), SAMPLE)
        return entry + share * (rational(domain.upper) - entry)
    return entry + atom(draw) if domain.lower is not None else entry * atom(draw, draw.choice((1, -1)))


def _minimises(formula: Formula, world: World) -> Truth:
    """Of a quadratic: stationary, and its second derivative definite (unique) or semidefinite. Of any other:
    nothing is less (for the unique one: or equal) at points near and far in the domain.
    """
    assert isinstance(formula.left, Term) and isinstance(formula.right, ArgMin)
    objective, variable = formula.right.body, formula.right.variable
    unique = formula.relation is Relation.UNIQUE_MINIMISER
    point = world.value(formula.left)
    if not admits(world, variable, point):
        return Truth(False, point, None)
    parts = quadratic_parts(objective, variable, world)
    if parts is None:
        return _least_of_some(objective, variable, point, unique, world)
    slope = world.value(Derivative(objective, variable), {variable: point})
    stationary, bits = same(slope, map_entries(slope, lambda _: fmpq(0)))
    return Truth(stationary and is_definite(parts[0], strictly=unique), point, slope, bits if stationary else None)


def _least_of_some(objective: Term, variable: Symbol, point: Value, unique: bool, world: World) -> Truth:
    least = world.value(objective, {variable: point})
    draw = random.Random(f"{world.number} beside {variable.name}")
    ways = world.ways(variable, point)
    whole = world.declarations[variable].domain.whole
    tried = 0
    far = (fmpq(1), fmpq(2), fmpq(40))
    for distance in far if whole else (fmpq(1, 10**12), fmpq(1, 10**6), fmpq(1, 50), *far):
        for sign in (1, -1):
            shares = [fmpq(1) if whole else atom(draw, draw.choice((1, -1))) for _ in ways]
            change = moved_along(point, ways, shares)
            beside = moved(point, change, sign * distance)
            if not admits(world, variable, beside):
                continue
            tried += 1
            rise = sign_of(world.value(objective, {variable: beside}) - least)
            if rise < 0 or (rise == 0 and unique):
                return Truth(False, point, beside)
    if not tried:
        raise Undefined(f"no point beside {point} in the domain")
    return Truth(True, point, None)


def admits(world: World, symbol: Symbol, value: Value) -> bool:
    """Whether a symbol may have a value: in its domain, and with every hypothesis about it true."""
    domain = world.declarations[symbol].domain
    if not all(_in_interval(entry, domain) for entry in entries_of(value)):
        return False
    if not _has_structure(value, domain.structure):
        return False
    about = [hypothesis for hypothesis in world.hypotheses if symbol in hypothesis.free]
    return not about or all(obeyed(hypothesis, world.changed({symbol: value})) for hypothesis in about)


def _has_structure(value: Value, structure: Structure) -> bool:
    match structure:
        case Structure.SYMMETRIC:
            return not isinstance(value, Matrix) or same(value, value.T)[0]
        case Structure.POSITIVE_DEFINITE | Structure.POSITIVE_SEMIDEFINITE:
            return is_definite(value, strictly=structure is Structure.POSITIVE_DEFINITE)
        case Structure.INVERTIBLE:
            return _invertible(value)
    return True


def _in_interval(value: Scalar, domain: Domain) -> bool:
    if isinstance(value, Polynomial):
        return True
    if domain.lower is not None:
        above = sign_of(value - rational(domain.lower))
        if above < 0 or (above == 0 and not domain.includes_lower):
            return False
    if domain.upper is not None:
        below = sign_of(rational(domain.upper) - value)
        if below < 0 or (below == 0 and not domain.includes_upper):
            return False
    return not domain.whole or (isinstance(value, fmpq) and value.q == 1)
