"""The standard functions of scalars: exactly where the value is rational and easily known, else as a ball."""

from __future__ import annotations

from collections.abc import Callable

from flint import arb, fmpq, fmpz

from engine.terms.records import FUNCTIONS
from engine.worlds.values import Scalar, Undecided, Undefined, Unsupported, ball, certainly_zero, sign_of

HIGHEST_FACTORIAL = 1000
MOST_BITS = 50_000


def _log(value: Scalar) -> Scalar:
    if sign_of(value) <= 0:
        raise Undefined("the log of a number that is not positive")
    return fmpq(0) if value == 1 else ball(value).log()


def _absolute(value: Scalar) -> Scalar:
    return -value if sign_of(value) < 0 else value


def _maximum(*values: Scalar) -> Scalar:
    best = values[0]
    for value in values[1:]:
        best = value if sign_of(value - best) > 0 else best
    return best


def _minimum(*values: Scalar) -> Scalar:
    return -_maximum(*(-value for value in values))


def _analytic(compute: Callable[[arb], arb], at_zero: int) -> Callable[[Scalar], Scalar]:
    """A function of a ball, whose value at 0 is a whole number."""
    return lambda value: fmpq(at_zero) if certainly_zero(value) else _finite(compute(ball(value)))


def _finite(value: arb) -> arb:
    if not value.is_finite():
        raise Undecided("a function near a pole")
    return value


def _within_one(compute: Callable[[arb], arb], name: str) -> Callable[[Scalar], Scalar]:
    """asin or acos: from −1 to 1."""

    def value_of(value: Scalar) -> Scalar:
        if sign_of(1 - value) < 0 or sign_of(value + 1) < 0:
            raise Undefined(f"the {name} of a number that is not between −1 and 1")
        return fmpq(0) if value == (1 if name == "acos" else 0) else _finite(compute(ball(value)))

    return value_of


def _acosh(value: Scalar) -> Scalar:
    if sign_of(value - 1) < 0:
        raise Undefined("the acosh of a number below 1")
    return fmpq(0) if value == 1 else _finite(ball(value).acosh())


def _atanh(value: Scalar) -> Scalar:
    if sign_of(1 - value) <= 0 or sign_of(value + 1) <= 0:
        raise Undefined("the atanh of a number that is not between −1 and 1")
    return fmpq(0) if certainly_zero(value) else _finite(ball(value).atanh())


def _floor(value: Scalar) -> Scalar:
    if isinstance(value, fmpq):
        return fmpq(value.floor())
    whole = value.floor().unique_fmpz()
    if whole is None:
        raise Undecided("the floor of a number close to a whole one")
    return fmpq(whole)


def _whole(value: Scalar, what: str) -> int:
    if not isinstance(value, fmpq) or value.q != 1:
        raise Undefined(f"{what} that is not a whole number")
    if abs(value) > HIGHEST_FACTORIAL:
        raise Unsupported(f"{what} as high as {value}")
    return int(value.p)


def _factorial(value: Scalar) -> Scalar:
    whole = _whole(value, "a factorial of a number")
    if whole < 0:
        raise Undefined("the factorial of a negative number")
    return fmpq(fmpz.fac_ui(fmpz(whole)))


def _binomial(above: Scalar, below: Scalar) -> Scalar:
    chosen = _whole(below, "a binomial of a number")
    if isinstance(above, fmpq) and above.height_bits() * abs(chosen) > MOST_BITS:
        raise Unsupported("a binomial with too many digits")
    result: Scalar = fmpq(1 if chosen >= 0 else 0)
    for k in range(chosen):
        result = result * (above - k) / (k + 1)
    return result


VALUES: dict[str, Callable[..., Scalar]] = {
    "exp": _analytic(arb.exp, 1),
    "log": _log,
    "abs": _absolute,
    "sign": lambda value: fmpq(sign_of(value)),
    "max": _maximum,
    "min": _minimum,
    "floor": _floor,
    "ceil": lambda value: -_floor(-value),
    "sin": _analytic(arb.sin, 0),
    "cos": _analytic(arb.cos, 1),
    "tan": _analytic(arb.tan, 0),
    "asin": _within_one(arb.asin, "asin"),
    "acos": _within_one(arb.acos, "acos"),
    "atan": _analytic(arb.atan, 0),
    "sinh": _analytic(arb.sinh, 0),
    "cosh": _analytic(arb.cosh, 1),
    "tanh": _analytic(arb.tanh, 0),
    "asinh": _analytic(arb.asinh, 0),
    "acosh": _acosh,
    "atanh": _atanh,
    "erf": _analytic(arb.erf, 0),
    "sigmoid": lambda value: fmpq(1, 2) if certainly_zero(value) else _finite(1 / (1 + ball(-value).exp())),
    "softplus": lambda value: _finite(ball(value).exp().log1p()),
    "factorial": _factorial,
    "binomial": _binomial,
}

if VALUES.keys() != FUNCTIONS.keys():
    raise TypeError(f"with a value or a record only: {', '.join(sorted(VALUES.keys() ^ FUNCTIONS.keys()))}")
