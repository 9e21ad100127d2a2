"""Where a function is zero, enclosed: an interval on which a ball excludes zero is left out, others are halved."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

from flint import arb, fmpq

from engine.terms.declarations import Domain
from engine.worlds.values import Scalar, Undecided, Undefined, Unsupported, ball, sign_of, spend
from engine.worlds.world import rational

FAR_ENOUGH = fmpq(32)  # how far out what is no quotient is enclosed
TOLERANCE = fmpq(1, 2**40)
NARROW, COARSE = fmpq(1, 2**30), fmpq(1, 4)
PARTS, TOUCHING = 32, 160  # a stretch is looked at in parts; what touches zero is as small as 2 to the minus so much
MOST_INTERVALS = 96
MOST_HALVINGS = 80
MOST_DIGITS = 4000
EXPONENTS = 10**12


class NotSolved(Unsupported):
    """Where a term is zero on a line is not known."""


@dataclass(frozen=True)
class Zeros:
    """Where a term is zero on a line; all such places, or those that were looked for."""

    places: list[Scalar]
    complete: bool = True


def lower_end(value: Scalar) -> fmpq:
    return value if isinstance(value, fmpq) else _as_rational(value.lower())


def upper_end(value: Scalar) -> fmpq:
    return value if isinstance(value, fmpq) else _as_rational(value.upper())


def _as_rational(value: arb) -> fmpq:
    mantissa, exponent = value.mid().man_exp()
    if abs(int(exponent)) > MOST_DIGITS:
        if exponent < 0:
            return fmpq(0)
        raise NotSolved("a place too far out")
    return fmpq(mantissa) * fmpq(2) ** int(exponent)


def enclosed(value: Callable[[Scalar], Scalar], domain: Domain) -> Zeros:
    """Balls in which all zeros lie up to `FAR_ENOUGH`; farther out, those where its sign is seen to change.

    Raises NotSolved where they are too wide.
    """
    low = -FAR_ENOUGH if domain.lower is None else rational(domain.lower)
    high = FAR_ENOUGH if domain.upper is None else rational(domain.upper)
    waiting = [(low, fmpq(0)), (fmpq(0), high)] if low < 0 < high else [(low, high)]
    narrow: list[tuple[fmpq, fmpq]] = []
    for _ in range(MOST_HALVINGS):
        left: list[tuple[fmpq, fmpq]] = []
        for interval in waiting:
            if _may_vanish(value, *interval):
                (narrow if _is_narrow(interval, TOLERANCE) else left).append(interval)
        if not left or len(left) + len(narrow) > MOST_INTERVALS:
            narrow += left
            break
        spend(len(left) * 20)
        waiting = list(chain.from_iterable(_halves(*interval) for interval in left))
    found = [_looked_into(value, low, high) for low, high in _joined(sorted(narrow))]
    places = [place for each in found for place in each.places]
    return Zeros([*places, *_beyond(value, domain)], all(each.complete for each in found))


def _looked_into(value: Callable[[Scalar], Scalar], low: fmpq, high: fmpq) -> Zeros:
    """The zeros in a stretch on which a ball does not exclude them: it, where it is narrow; else where the sign changes in it, or the
    place where the value touches zero.
    """
    if _is_narrow((low, high), NARROW):
        return Zeros([_spanning(low, high)])
    if not _is_narrow((low, high), COARSE):
        raise NotSolved("a stretch on which it may be zero")
    places = [low + (high - low) * fmpq(k, PARTS) for k in range(PARTS + 1)]
    sizes = [value(place) for place in places]
    signs = list(map(_sign_seen, sizes))
    changes = [k for k in range(PARTS) if signs[k] * signs[k + 1] < 0]
    if changes:
        return Zeros([_between_signs(value, places[k], places[k + 1], signs[k]) for k in changes], False)
    step = (high - low) / PARTS
    place = min(zip(map(log_size, sizes), places, strict=True))[1]
    for _ in range(TOUCHING // 2):
        step /= 2
        near = (place - step, place, place + step)
        place = min((log_size(value(x)), x) for x in near)[1]
    touches = log_size(value(place)) < 8 - TOUCHING
    return Zeros([place] if touches else [], touches)


def _sign_seen(value: Scalar) -> int:
    """The sign of a value; 0 where none is seen."""
    return 1 if value > 0 else -1 if value < 0 else 0


def log_size(value: Scalar) -> float:
    """log₂ of the size of a value, roughly."""
    mantissa, exponent = ball(value).mid().man_exp()
    digits = abs(int(mantissa))
    if not digits:
        return -math.inf
    return max(-EXPONENTS, min(int(exponent), EXPONENTS)) + math.log2(digits)


def _joined(intervals: list[tuple[fmpq, fmpq]]) -> list[tuple[fmpq, fmpq]]:
    """Those that touch as one."""
    found: list[tuple[fmpq, fmpq]] = []
    for low, high in intervals:
        found.append((found.pop()[0], high) if found and low <= found[-1][1] else (low, high))
    return found


def _is_narrow(interval: tuple[fmpq, fmpq], tolerance: fmpq) -> bool:
    low, high = interval
    return bool(high - low <= tolerance * max(abs(low), abs(high), fmpq(1)))


def _beyond(value: Callable[[Scalar], Scalar], domain: Domain) -> Iterator[fmpq]:
    """Places farther out where the sign changes from one power of two to the next."""
    for side in (1, -1):
        if (domain.upper if side > 0 else domain.lower) is None:
            before = 0
            for power in range(5, 21):
                place = side * fmpq(2) ** power
                with suppress(Undefined, Undecided, Unsupported):
                    here = sign_of(value(place))
                    if before and here and here != before:
                        yield _between_signs(value, place / 2, place, before)
                    before = here


def _between_signs(value: Callable[[Scalar], Scalar], low: fmpq, high: fmpq, sign_at_low: int) -> fmpq:
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _sign_seen(value(middle)) == sign_at_low else (low, middle)
    return high


def _may_vanish(value: Callable[[Scalar], Scalar], low: fmpq, high: fmpq) -> bool:
    try:
        return bool(value(_spanning(low, high)).contains(0))
    except Undefined:
        return False
    except (Undecided, AttributeError):
        return True


def _spanning(low: fmpq, high: fmpq) -> arb:
    return arb((low + high) / 2, (high - low) / 2)


def _halves(low: fmpq, high: fmpq) -> tuple[tuple[fmpq, fmpq], tuple[fmpq, fmpq]]:
    middle = (low + high) / 2
    return (low, middle), (middle, high)
