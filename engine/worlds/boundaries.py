"""Worlds on every piece of some terms: between the places where one of them may become another function, and on the spot.

Through a few drawn worlds go lines, one for each symbol, and the ends of the pieces on them are solved for (`engine.worlds.lines`). What
could not be solved for is told: two terms that are equal in all these worlds are then only equal wherever anybody looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, combinations, islice, product

from flint import fmpq

from engine import terms
from engine.terms import Number, Symbol, Term, substitute
from engine.terms.declarations import POSITIVE, Declaration, Domain
from engine.terms.records import FUNCTIONS
from engine.worlds.breakpoints import End, is_whole
from engine.worlds.design import Stage
from engine.worlds.drawing import Impossible, obeying
from engine.worlds.features import nodes
from engine.worlds.survey import BASES, Found, Survey, can_change
from engine.worlds.truth import admits
from engine.worlds.values import Undecided, Undefined, Unsupported
from engine.worlds.world import Value, World, map_entries, rational

MOST_WORLDS = 300
MOST_EDGES = 20


@dataclass(frozen=True)
class Pieces:
    """Worlds on all pieces that were found, worlds on the ends of pieces (and close to them), and the terms of which it is not known
    where they are zero, or whole.
    """

    between: tuple[World, ...] = ()
    spots: tuple[Found, ...] = ()
    unsettled: tuple[Term, ...] = ()


def pieces(stage: Stage, sides: Sequence[Term], ends: Iterable[End]) -> Pieces:
    """The pieces of some terms between their ends."""
    domains = {declaration.symbol: declaration.domain for declaration in stage.declarations}
    every = chain.from_iterable(_without_chance(end, stage) for end in ends)
    open_ones = dict.fromkeys(end for end in every if not _is_none(end, domains))
    indexed = tuple(end for end in open_ones if end.index is not None)
    survey = Survey(stage, sides, tuple(end for end in open_ones if end.index is None), indexed)
    between: list[World] = []
    spots: list[Found] = []
    for found in islice(survey.worlds(), MOST_WORLDS):
        for world in obeying_worlds(stage, (found.world,)):
            if found.on is None:
                between.append(world)
            elif not any(map(_has_slope, sides)):  # there is none there
                spots.append(Found(world, found.on))
    unsettled = dict.fromkeys(end.inside for end in survey.ends if not survey.is_settled(end))
    return Pieces(tuple(between), tuple(spots), tuple(unsettled))


def _is_none(end: End, domains: Mapping[Symbol, Domain]) -> bool:
    """Whether nothing ends here, by what is declared: a term is positive, a base is raised to whole numbers only."""
    if end.exponent is not None and is_whole(
        end.exponent, {symbol for symbol, domain in domains.items() if domain.whole}
    ):
        return True
    return not end.whole and _is_positive(end.inside, domains)


def _has_slope(term: Term) -> bool:
    return any(isinstance(node, (terms.Derivative, terms.Differential)) for node in nodes(term))


def obeying_worlds(stage: Stage, worlds: Iterable[World]) -> Iterator[World]:
    """The worlds, made such that they obey the hypotheses, as far as that can be."""
    for world in worlds:
        with suppress(Impossible, Undefined, Undecided):
            yield obeying(world, stage.hypotheses)


def _without_chance(end: End, stage: Stage) -> Iterator[End]:
    """An end where each random number has one of its values: those of a finite law are 0 and ±1 in most."""
    laws = [d.symbol for d in stage.declarations if d.law is not None and d.symbol.is_scalar]
    laws = [symbol for symbol in laws if symbol in end.inside.free]
    for values in product((0, 1, -1), repeat=len(laws)):
        numbers = {symbol: Number(Fraction(value)) for symbol, value in zip(laws, values, strict=True)}
        yield replace(end, inside=substitute(end.inside, numbers))


def _is_positive(term: Term, domains: Mapping[Symbol, Domain], strictly: bool = True) -> bool:
    """Whether a term is seen to be positive (or, not `strictly`, not negative) by its signs alone."""
    match term:
        case Number(value=value):
            return value > 0 or (value == 0 and not strictly)
        case Symbol() if term in domains and (lower := domains[term].lower) is not None:
            return lower > 0 or (lower == 0 and not (strictly and domains[term].includes_lower))
        case terms.Add(terms=parts):
            return all(_is_positive(part, domains, False) for part in parts) and (
                not strictly or any(_is_positive(part, domains) for part in parts)
            )
        case terms.Multiply(factors=factors) if all(factor.is_scalar for factor in factors):
            return all(_is_positive(factor, domains, strictly) for factor in factors)
        case terms.Power(base=base, exponent=exponent) if base.is_scalar:
            even = isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value % 2 == 0
            return (even and not strictly) or _is_positive(base, domains, strictly)
        case terms.Apply(function=name):
            return FUNCTIONS[name].never_zero
        case terms.Call():
            return _is_positive(term.unfolded, domains, strictly)
        case terms.At(body=body, symbol=symbol, value=value):
            known = {symbol: POSITIVE} if _is_positive(value, domains) else {}
            return _is_positive(body, {**domains, **known}, strictly)
        case terms.Pi():
            return True
    return False


# -- edges of domains --------------------------------------------------------------------------------------------------------


def at_edges(stage: Stage, symbols: frozenset[Symbol]) -> Iterator[World]:
    """Worlds in which some symbols are on ends of their domains, 0 or ±1, alone and together."""
    declared = [d for d in stage.declarations if d.symbol in symbols and can_change(d) and d.symbol not in stage.sizes]
    world = stage.world(BASES[0], 1)
    if world is None:
        return
    edges = {declaration.symbol: _edges(declaration, world) for declaration in sorted(declared, key=repr)}
    groups = chain.from_iterable(combinations(edges, count) for count in range(1, len(edges) + 1))
    together = (
        dict(zip(group, values, strict=True))
        for group in groups
        for values in product(*(edges[symbol] for symbol in group))
    )
    yield from obeying_worlds(stage, map(world.changed, islice(together, MOST_EDGES)))


def _edges(declaration: Declaration, world: World) -> list[Value]:
    symbol, domain = declaration.symbol, declaration.domain
    ends = [rational(end) for end in (domain.lower, domain.upper) if end is not None]
    numbers = dict.fromkeys((*ends, fmpq(0), fmpq(1), fmpq(-1)))
    found: list[Value] = []
    for value in (_all_of(number, world[symbol]) for number in numbers):
        with suppress(Undefined, Undecided, Unsupported):
            found += [value] if admits(world, symbol, value) else []
    return found


def _all_of(number: fmpq, like: Value) -> Value:
    return map_entries(like, lambda _: number)
