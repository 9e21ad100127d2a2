"""What is known of each standard function, as far as it is said in terms: one record each. How it is computed is registered
under the same name in `engine.worlds.functions`; its slope is a rule's, so that worlds can test the one by the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.terms import ONE, TWO, Apply, Term, add_entrywise, filled, hadamard_power, negate
from engine.terms.formulas import Formula, at_most, less, nonnegative, nonzero_entries, positive

Formulas = tuple[Formula, ...]


def _everywhere(*arguments: Term) -> Formulas:
    return ()


@dataclass(frozen=True)
class Function:
    """Under which formulas a function has a value, with which arguments whole, and under which further ones a slope."""

    defined: Callable[..., Formulas] = _everywhere
    smooth: Callable[..., Formulas] = _everywhere
    whole: tuple[int, ...] = ()  # places of arguments
    branchless: bool = False  # a quotient of entire functions
    pieces: bool = False
    jumps: bool = False
    inverse: str = ""


def _nonzero(argument: Term) -> Formulas:
    return (nonzero_entries(argument),)


def _apart(*arguments: Term) -> Formulas:
    """Of two, that neither overtakes the other."""
    return _nonzero(add_entrywise(arguments[1], negate(arguments[0]))) if len(arguments) == 2 else ()


def _rest(argument: Term) -> Term:
    """1 − u², which is positive between −1 and 1."""
    return add_entrywise(ONE, negate(hadamard_power(argument, TWO)))


def _one(argument: Term) -> Term:
    return filled(ONE, argument.shape)


_ANALYTIC = Function(branchless=True)
_ARC = Function(lambda u: (nonnegative(_rest(u)),), smooth=lambda u: (positive(_rest(u)),))
FUNCTIONS = {
    **dict.fromkeys(("sin", "cos", "sinh", "cosh", "tanh", "erf", "sigmoid"), _ANALYTIC),
    **dict.fromkeys(("atan", "asinh", "softplus"), Function()),
    **dict.fromkeys(("asin", "acos"), _ARC),
    **dict.fromkeys(("max", "min"), Function(smooth=_apart, pieces=True)),
    **dict.fromkeys(("floor", "ceil"), Function(pieces=True, jumps=True)),
    "exp": Function(branchless=True, inverse="log"),
    "log": Function(lambda u: (positive(u),), inverse="exp"),
    "abs": Function(smooth=_nonzero, pieces=True),
    "sign": Function(smooth=_nonzero, pieces=True, jumps=True),
    "tan": Function(lambda u: _nonzero(Apply("cos", (u,))), branchless=True),
    "acosh": Function(lambda u: (at_most(_one(u), u),), smooth=lambda u: (less(_one(u), u),)),
    "atanh": Function(lambda u: (positive(_rest(u)),)),
    "factorial": Function(lambda u: (nonnegative(u),), whole=(0,)),
    "binomial": Function(whole=(1,), pieces=True, jumps=True),
}
