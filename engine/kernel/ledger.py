"""What the kernel takes for the engine's own: rules that are believed for their argument, where no finite number of worlds can
show what they claim, and the premises that such a rule may be run on. Each is known by the place where it stands: what a rule
says of itself makes it nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import MappingProxyType


def _by_name(*places: str) -> Mapping[str, str]:
    """Where the rules stand, by their names: that of the function, with spaces."""
    return MappingProxyType({place.partition(":")[2].replace("_", " "): place for place in places})


_STRUCTURAL = _by_name(
    "engine.rules.order.prover:read_off",
    "engine.rules.order.prover:free_of",
    "engine.rules.calculus.limits:limit",
    "engine.rules.calculus.limits:limit_of_power",
    "engine.rules.calculus.optimisation:minimiser",
    "engine.rules.calculus.optimisation:minimiser_by_sign_of_slope",
    "engine.rules.calculus.optimisation:minimiser_of_log",
    "engine.rules.calculus.optimisation:minimum_of_maximum",
    "engine.rules.calculus.optimisation:minimum_on_constraint",
    "engine.rules.calculus.optimisation:lagrange_multiplier",
    "engine.rules.algebra.specialising:specialise",
)
# Rules that write what a step says into something else: a limit that they put its value for is shown by that step.
_INSERTING = _by_name(
    "engine.rules.algebra.rewriting:insert",
    "engine.rules.algebra.rewriting:insert_back",
    "engine.rules.algebra.rewriting:from_ratio",
    "engine.rules.algebra.equations:rewrite_equation",
)
_AGAIN = "engine.certificates.rereading:AGAIN"  # the same rules, run again for a line that is read, by name
_CONTEXTS = ("engine.rules.scope:Scope", "engine.certificates.certificate:Stated")


def structural_rules() -> frozenset[str]:
    """The names of the engine's structural rules."""
    return frozenset(_STRUCTURAL)


def is_own_rule(rule: object, name: str) -> bool:
    """Whether a rule is the engine's rule of that name, itself or run again."""
    if any(name in places and rule is _at(places[name]) for places in (_STRUCTURAL, _INSERTING)):
        return True
    again = _at(_AGAIN)
    return isinstance(again, Mapping) and name in again and rule is again[name]


def is_own_context(context: object) -> bool:
    """Whether premises are of a kind that answers alike whoever asks."""
    return any(type(context) is _at(place) for place in _CONTEXTS)


def _at(place: str) -> object:
    """What stands at a place, if it was ever loaded."""
    module, _, name = place.partition(":")
    return getattr(sys.modules.get(module), name, None)
