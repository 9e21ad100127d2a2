"""What is known of each standard function, as far as it is said in terms: one record each. How it is computed is registered
under the same name in `engine.worlds.functions`, so that worlds can test its slope by its value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from engine.terms.arrays import add_entrywise, filled, hadamard, hadamard_power
from engine.terms.core import HALF, MINUS_ONE, ONE, TWO, Pi, Term, multiply, negate, power, zero
from engine.terms.declarations import NONNEGATIVE, POSITIVE, REAL, UNIT_INTERVAL, Domain
from engine.terms.formulas import Formula, at_most, less, nonnegative, nonzero_entries, positive
from engine.terms.functions import function

Formulas = tuple[Formula, ...]


@dataclass(frozen=True)
class Function:
    """Its slope, its range, under which formulas it has a value and under which further ones a slope, how it is written."""

    slope: Callable[[Term], Term] | None = None  # at each entry, where u is a vector or matrix
    range: Domain = REAL
    defined: Callable[..., Formulas] = lambda *arguments: ()
    smooth: Callable[..., Formulas] = lambda *arguments: ()
    whole: tuple[int, ...] = ()  # places of arguments
    branchless: bool = False  # a quotient of entire functions
    pieces: bool = False
    jumps: bool = False
    inverse: str = ""
    root_at_zero: bool = False  # and nowhere else
    typed: str = ""  # names that people type for it, besides its own
    written: str = ""  # as what it is written, and typed, too; its name, where nothing is said
    latex: str = ""  # the command, where there is one


_exp, _sin, _cos, _tan, _sinh, _cosh, _tanh, _sigmoid, _sign = map(
    function, ("exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sigmoid", "sign")
)


def _nonzero(argument: Term) -> Formulas:
    return (nonzero_entries(argument),)


def _apart(*arguments: Term) -> Formulas:
    """Of two, that neither overtakes the other."""
    return _nonzero(add_entrywise(arguments[1], negate(arguments[0]))) if len(arguments) == 2 else ()


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


_ROOT = negate(HALF)  # of what stands below
_TO_ONE = Domain(Fraction(-1), Fraction(1))
_UP_TO_ONE = Domain(Fraction(-1), Fraction(1), includes_lower=True, includes_upper=True)
FUNCTIONS = {
    "exp": Function(_exp, POSITIVE, branchless=True, inverse="log", latex=r"\exp"),
    "log": Function(
        lambda u: hadamard_power(u, MINUS_ONE),
        defined=lambda u: (positive(u),),
        inverse="exp",
        written="ln",
        latex=r"\ln",
    ),
    "sin": Function(_cos, _UP_TO_ONE, branchless=True),
    "cos": Function(lambda u: negate(_sin(u)), _UP_TO_ONE, branchless=True),
    "tan": Function(lambda u: _one_plus(_square(_tan(u))), defined=lambda u: _nonzero(_cos(u)), branchless=True),
    "asin": Function(lambda u: hadamard_power(_rest(u), _ROOT), REAL, _within_one, _inside_one, typed="arcsin"),
    "acos": Function(lambda u: negate(hadamard_power(_rest(u), _ROOT)), REAL, _within_one, _inside_one, typed="arccos"),
    "atan": Function(lambda u: hadamard_power(_one_plus(_square(u)), MINUS_ONE), typed="arctan"),
    "sinh": Function(_cosh, branchless=True),
    "cosh": Function(_sinh, Domain(Fraction(1), includes_lower=True), branchless=True),
    "tanh": Function(lambda u: _rest(_tanh(u)), _TO_ONE, branchless=True, root_at_zero=True),
    "asinh": Function(lambda u: hadamard_power(_one_plus(_square(u)), _ROOT), typed="arcsinh arsinh"),
    "acosh": Function(
        None, REAL, lambda u: (at_most(_one(u), u),), lambda u: (less(_one(u), u),), typed="arccosh arcosh"
    ),
    "atanh": Function(defined=_inside_one, typed="arctanh artanh"),
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
    "floor": Function(pieces=True, jumps=True),
    "ceil": Function(pieces=True, jumps=True, typed="ceiling"),
    "max": Function(smooth=_apart, pieces=True, latex=r"\max"),
    "min": Function(smooth=_apart, pieces=True),
    "abs": Function(_sign, NONNEGATIVE, smooth=_nonzero, pieces=True, root_at_zero=True),
    "sign": Function(
        lambda u: zero(u.shape), _UP_TO_ONE, smooth=_nonzero, pieces=True, jumps=True, root_at_zero=True, typed="sgn"
    ),
    "factorial": Function(range=POSITIVE, defined=lambda u: (nonnegative(u),), whole=(0,)),
    "binomial": Function(whole=(1,), pieces=True, jumps=True, typed="binom"),
}
