"""What somebody else claims, looked at in worlds that nobody can know: their numbers are drawn from the system's
entropy.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from flint import ctx

from engine.kernel import Claim, NotDecided
from engine.kernel.certification import HIGHEST_BITS, holds
from engine.proofs.parameters import Lawless, required
from engine.terms import ONE, Derivative, Differential, Limit, Term, add
from engine.terms.declarations import Assumption, Declaration
from engine.terms.formulas import Formula, Relation, equation
from engine.terms.laws import Categorical
from engine.worlds.design import Stage, staged
from engine.worlds.extents import bits_for, extent
from engine.worlds.features import BALL_BITS, features, nodes
from engine.worlds.truth import admits
from engine.worlds.unforeseen import fresh_on
from engine.worlds.values import Undecided, Undefined, Unsupported, precision
from engine.worlds.world import World

WANTED, DRAWS = 3, 24  # worlds drawn afresh, and how often it is tried


def looked_at_afresh(claim: Claim, background: frozenset[Declaration] = frozenset()) -> None:
    """Raises Refuted where a claim fails in a world drawn afresh, and NotDecided where none obeys its premises, or it
    has no value there that can be told with as many bits as its sides take.
    """
    bits = max(features(side).bits for side in claim.formula.sides)
    while bits <= HIGHEST_BITS:
        try:
            with precision(bits):
                needed = _bits_needed(claim, staged(claim, background))
        except Undecided:
            needed = 2 * bits
        except Unsupported as error:
            raise NotDecided(f"{claim.formula} cannot be evaluated: {error}") from None
        if needed <= bits:
            return
        bits = needed
    raise NotDecided(f"{claim.formula} could not be settled with {HIGHEST_BITS} bits")


def _bits_needed(claim: Claim, stage: Stage) -> int:
    """How many bits let nothing be swallowed in a claim that holds afresh; 0 where it does so exactly."""
    found: list[int] = []
    for world in _models(stage, f"the premises of {claim.formula}"):
        with suppress(Undefined):
            bits = holds(claim, world.apart())
            if bits != 0:
                found.append(0 if bits is None else max(_bits(side, world.apart()) for side in claim.formula.sides))
        if len(found) == WANTED:
            break
    if not found:
        raise NotDecided(f"{claim.formula} has no value in worlds drawn afresh")
    if max(found) and not claim.formula.free:
        raise NotDecided(f"{claim.formula} agrees to {ctx.prec} bits, which nothing shows to be more")
    return max(found)


def _bits(side: Term, world: World) -> int:
    """Of what is no limit, and no slope, which is known to few bits however many there are; not without end: of what is
    zero there are never enough.
    """
    inexact = any(isinstance(node, (Limit, Derivative, Differential)) for node in nodes(side))
    return 0 if inexact else min(bits_for(extent(side, world)), HIGHEST_BITS // 2)


def obeyed_together(assumptions: Iterable[Assumption]) -> None:
    """Raises NotDecided where no world drawn afresh obeys all that is assumed."""
    every = frozenset(assumptions)
    terms = [side for a in every if isinstance(a, Formula) for side in a.sides]
    terms += [a.symbol for a in every if isinstance(a, Declaration)]
    if terms:
        with precision(BALL_BITS):
            next(_models(staged(Claim(terms[0], Relation.EQUAL, terms[0], every)), "all premises together"))


def _under_laws(stage: Stage) -> Stage:
    """The worlds in which every law is one: its variance is not negative, its probabilities add up."""
    wanted: list[Formula] = []
    for declaration in stage.declarations:
        if declaration.law is not None:
            try:
                wanted += required(declaration, stage.declarations)
            except Lawless as error:
                raise NotDecided(str(error)) from None
        if isinstance(declaration.law, Categorical):
            wanted.append(equation(add(*declaration.law.probabilities), ONE))
    return replace(stage, hypotheses=tuple(dict.fromkeys((*stage.hypotheses, *wanted))))


def _models(stage: Stage, premises: str) -> Iterator[World]:
    """Worlds drawn afresh in which every symbol lies where it is said to. Raises NotDecided where there are none."""
    stage, found = _under_laws(stage), False
    given = [declaration.symbol for declaration in stage.declarations if declaration.law is None]
    for _ in range(DRAWS):
        with suppress(Undefined, Undecided, Unsupported, ValueError):
            world = fresh_on(stage, secrets.randbits(64))
            if world is not None and all(admits(world, symbol, world[symbol]) for symbol in given):
                found = True
                yield world
    if not found:
        raise NotDecided(f"no values were found that obey {premises}")
