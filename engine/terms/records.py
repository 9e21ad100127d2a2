"""What is known of each standard function, as far as it is said in terms: one record each. How it is computed is registered
under the same name in `engine.worlds.functions`, so that worlds can test its slope by its value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from engine.terms.arrays import add_entrywise, filled, hadamard, hadamard_power
from engine.terms.core import HALF, MINUS_ONE, ONE, TWO, Pi, Term, multiply, negate, power, zero
from engine.terms.declarations import NONNEGATIVE, POSITIVE, REAL, UNIT_INTERVAL, Domain
from engine.terms.formulas import Formula, at_most, less, nonnegative, nonzero_entries, positive
from engine.terms.functions import function

Formulas = tuple[Formula, ...]
Terms = tuple[Term, ...]


def _everywhere(*arguments: Term) -> Formulas:
    return ()


def _nowhere(*arguments: Term) -> Terms:
    return ()


@dataclass(frozen=True)
class Function:
    """Its slope, its range, under which formulas it has a value and under which further ones a slope, how it is written."""

    slope: Callable[[Term], Term] | None = None  # at each entry, where u is a vector or matrix
    range: Domain = REAL
    defined: Callable[..., Formulas] = _everywhere
    smooth: Callable[..., Formulas] = _everywhere
    whole: tuple[int, ...] = ()  # places of arguments
    branchless: bool = False  # a quotient of entire functions
    breaks: Callable[..., Terms] = _nowhere  # at whose zeros it may become another function
    stepwise: bool = False  # rather, wherever these are whole numbers
    jumps: bool = False  # its value there is one of its own
    inverse: str = ""
    root_at_zero: bool = False  # and nowhere else
    typed: str = ""  # names that people type for it, besides its own
    written: str = ""  # as what it is written, and typed, too; its name, where nothing is said
    latex: str = ""  # the command, where there is one

    @property
    def pieces(self) -> bool:
        """Whether it is another function on either side of a place."""
        return self.breaks is not _nowhere and self.defined is _everywhere

    @property
    def never_zero(self) -> bool:
        low = self.range.lower
        return low is not None and (low > 0 or (low == 0 and not self.range.includes_lower))


_exp, _sin, _cos, _tan, _sinh, _cosh, _tanh, _sigmoid, _sign = map(
    function, ("exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sigmoid", "sign")
)


def _nonzero(argument: Term) -> Formulas:
    return (nonzero_entries(argument),)


def _gaps(*arguments: Term) -> Terms:
    """The differences of any two."""
    return tuple(add_entrywise(v, negate(u)) for u, v in combinations(arguments, 2))


def _apart(*arguments: Term) -> Formulas:
    """Of two, that neither overtakes the other."""
    return _nonzero(*_gaps(*arguments)) if len(arguments) == 2 else ()


def _itself(argument: Term) -> Terms:
    return (argument,)


def _one_plus(argument: Term) -> Term:
    return add_entrywise(ONE, argument)


def _square(argument: Term) -> Term:
    return hadamard_power(argument, TWO)


def _rest(argument: Term) -> Term:
    """1 − u², which is positive between −1 and 1."""
    return _one_plus(negate(_square(argument)))


def _one(argument: Term) -> Term:
    return filled(ONE, argument.shape)


def _within_one(u: Term) -> Formulas:
    return (nonnegative(_rest(u)),)


def _inside_one(u: Term) -> Formulas:
    return (positive(_rest(u)),)


def _ends(u: Term) -> Terms:
    return (_rest(u),)


_ROOT = negate(HALF)  # of what stands below
_TO_ONE = Domain(Fraction(-1), Fraction(1))
_UP_TO_ONE = Domain(Fraction(-1), Fraction(1), includes_lower=True, includes_upper=True)
FUNCTIONS = {
    "exp": Function(_exp, POSITIVE, branchless=True, inverse="log", latex=r"\exp"),
    "log": Function(
        lambda u: hadamard_power(u, MINUS_ONE),
        REAL,
        lambda u: (positive(u),),
        breaks=_itself,
        inverse="exp",
        written="ln",
        latex=r"\ln",
    ),
    "sin": Function(_cos, _UP_TO_ONE, branchless=True),
    "cos": Function(lambda u: negate(_sin(u)), _UP_TO_ONE, branchless=True),
    "tan": Function(lambda u: _one_plus(_square(_tan(u))), REAL, lambda u: _nonzero(_cos(u)), branchless=True),
    "asin": Function(
        lambda u: hadamard_power(_rest(u), _ROOT), REAL, _within_one, _inside_one, breaks=_ends, typed="arcsin"
    ),
    "acos": Function(
        lambda u: negate(hadamard_power(_rest(u), _ROOT)), REAL, _within_one, _inside_one, breaks=_ends, typed="arccos"
    ),
    "atan": Function(lambda u: hadamard_power(_one_plus(_square(u)), MINUS_ONE), typed="arctan"),
    "sinh": Function(_cosh, branchless=True),
    "cosh": Function(_sinh, Domain(Fraction(1), includes_lower=True), branchless=True),
    "tanh": Function(lambda u: _rest(_tanh(u)), _TO_ONE, branchless=True, root_at_zero=True),
    "asinh": Function(lambda u: hadamard_power(_one_plus(_square(u)), _ROOT), typed="arcsinh arsinh"),
    "acosh": Function(
        None,
        REAL,
        lambda u: (at_most(_one(u), u),),
        lambda u: (less(_one(u), u),),
        breaks=lambda u: (add_entrywise(u, negate(_one(u))),),
        typed="arccosh arcosh",
    ),
    "atanh": Function(None, REAL, _inside_one, breaks=_ends, typed="arctanh artanh"),
    "erf": Function(
        lambda u: multiply(TWO, power(Pi(), _ROOT), _exp(negate(_square(u)))),
        _TO_ONE,
        branchless=True,
        root_at_zero=True,
    ),
    "sigmoid": Function(
        lambda u: hadamard(_sigmoid(u), _one_plus(negate(_sigmoid(u)))), UNIT_INTERVAL, branchless=True
    ),
    "softplus": Function(_sigmoid, POSITIVE),
    "floor": Function(breaks=_itself, stepwise=True, jumps=True),
    "ceil": Function(breaks=_itself, stepwise=True, jumps=True, typed="ceiling"),
    "max": Function(smooth=_apart, breaks=_gaps, latex=r"\max"),
    "min": Function(smooth=_apart, breaks=_gaps),
    "abs": Function(_sign, NONNEGATIVE, smooth=_nonzero, breaks=_itself, root_at_zero=True),
    "sign": Function(
        lambda u: zero(u.shape), _UP_TO_ONE, smooth=_nonzero, breaks=_itself, jumps=True, root_at_zero=True, typed="sgn"
    ),
    "factorial": Function(None, POSITIVE, lambda u: (nonnegative(u),), whole=(0,), breaks=_itself, jumps=True),
    "binomial": Function(
        whole=(1,), breaks=lambda n, k: (k, n, add_entrywise(n, negate(k))), jumps=True, typed="binom"
    ),
}
