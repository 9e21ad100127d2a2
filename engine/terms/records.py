"""What is known of each standard function, as far as it is said in terms: one record each. How it is computed is registered
under the same name in `engine.worlds.functions`; its slope is a rule's, so that worlds can test the one by the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

from engine.terms import ONE, TWO, Apply, Term, add_entrywise, filled, hadamard_power, negate
from engine.terms.formulas import Formula, at_most, less, nonnegative, nonzero_entries, positive

Formulas = tuple[Formula, ...]
Terms = tuple[Term, ...]


def _everywhere(*arguments: Term) -> Formulas:
    return ()


def _nothing(*arguments: Term) -> Terms:
    return ()


@dataclass(frozen=True)
class Function:
    """Under which formulas a function has a value, with which arguments whole, and under which further ones a slope."""

    defined: Callable[..., Formulas] = _everywhere
    smooth: Callable[..., Formulas] = _everywhere
    whole: tuple[int, ...] = ()  # places of arguments
    branchless: bool = False  # a quotient of entire functions
    breaks: Callable[..., Terms] = _nothing  # at whose zeros it may become another function
    stepwise: bool = False  # rather, wherever these are whole numbers
    jumps: bool = False  # its value there is one of its own
    never_zero: bool = False
    inverse: str = ""

    @property
    def pieces(self) -> bool:
        """Whether it is another function on either side of a place."""
        return self.breaks is not _nothing and self.defined is _everywhere


def _nonzero(argument: Term) -> Formulas:
    return (nonzero_entries(argument),)


def _gaps(*arguments: Term) -> Terms:
    """The differences of any two."""
    return tuple(add_entrywise(v, negate(u)) for u, v in combinations(arguments, 2))


def _apart(*arguments: Term) -> Formulas:
    """Of two, that neither overtakes the other."""
    return _nonzero(*_gaps(*arguments)) if len(arguments) == 2 else ()


def _rest(argument: Term) -> Term:
    """1 − u², which is positive between −1 and 1."""
    return add_entrywise(ONE, negate(hadamard_power(argument, TWO)))


def _one(argument: Term) -> Term:
    return filled(ONE, argument.shape)


def _beyond_one(argument: Term) -> Terms:
    return (add_entrywise(argument, negate(_one(argument))),)


def _itself(argument: Term) -> Terms:
    return (argument,)


_ANALYTIC = Function(branchless=True)
_POSITIVE = Function(branchless=True, never_zero=True)
_ARC = Function(
    lambda u: (nonnegative(_rest(u)),), smooth=lambda u: (positive(_rest(u)),), breaks=lambda u: (_rest(u),)
)
FUNCTIONS = {
    **dict.fromkeys(("sin", "cos", "sinh", "tanh", "erf"), _ANALYTIC),
    **dict.fromkeys(("cosh", "sigmoid"), _POSITIVE),
    **dict.fromkeys(("atan", "asinh"), Function()),
    **dict.fromkeys(("asin", "acos"), _ARC),
    **dict.fromkeys(("max", "min"), Function(smooth=_apart, breaks=_gaps)),
    **dict.fromkeys(("floor", "ceil"), Function(breaks=_itself, stepwise=True, jumps=True)),
    "exp": Function(branchless=True, never_zero=True, inverse="log"),
    "softplus": Function(never_zero=True),
    "log": Function(lambda u: (positive(u),), breaks=_itself, inverse="exp"),
    "abs": Function(smooth=_nonzero, breaks=_itself),
    "sign": Function(smooth=_nonzero, breaks=_itself, jumps=True),
    "tan": Function(lambda u: _nonzero(Apply("cos", (u,))), branchless=True),
    "acosh": Function(lambda u: (at_most(_one(u), u),), smooth=lambda u: (less(_one(u), u),), breaks=_beyond_one),
    "atanh": Function(lambda u: (positive(_rest(u)),), breaks=lambda u: (_rest(u),)),
    "factorial": Function(lambda u: (nonnegative(u),), whole=(0,), breaks=_itself, jumps=True, never_zero=True),
    "binomial": Function(whole=(1,), breaks=lambda n, k: (k, n, add_entrywise(n, negate(k))), jumps=True),
}
