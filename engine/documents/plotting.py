"""Where things stand in a picture: the ends of its axes, the numbers along them, and where a label has room.

Places are shares of the picture's width and height, from its lower left corner; lengths of words are in letters.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from engine.documents.captions import shown
from engine.proofs.figures import Axis, Figure
from engine.proofs.sampling import Sample, Sampled, sampled
from engine.proofs.working import Working

MARGIN, ROOM = 0.04, 0.2  # beyond what is drawn, as a share of it; and above and below, where there are labels
LETTER = 0.5  # how wide a letter is, in ems
MOST_NUMBERS = 7  # along an axis

Box = tuple[float, float, float, float]  # left, below, right, above


@dataclass(frozen=True)
class Scale:
    """An axis from one number to another."""

    low: float
    high: float
    logarithmic: bool

    @classmethod
    def around(cls, values: Iterable[float], axis: Axis, margin: float = MARGIN) -> Scale:
        """The scale on which all of the values lie, with a margin."""
        found = list(values)
        low, high = min(found), max(found)
        if low == high:
            low, high = (low / 2, high * 2) if axis.logarithmic else (low - 1, high + 1)
        if axis.logarithmic:
            beyond = (high / low) ** margin
            return cls(low / beyond, high * beyond, True)
        beyond = (high - low) * margin
        return cls(low - beyond, high + beyond, False)

    def at(self, value: float) -> float:
        """Where a number is, as a share of the axis."""
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    @cached_property
    def numbers(self) -> tuple[Fraction, ...]:
        """The numbers that are written along the axis."""
        return tuple(self._decades() if self.logarithmic else self._multiples())

    @cached_property
    def written(self) -> tuple[str, ...]:
        """How they are written: the powers of ten all alike, once one of them is large."""
        large = self.logarithmic and any(number >= 10**5 for number in self.numbers)
        return tuple(shown(number, 2 if large else 5) for number in self.numbers)

    @property
    def marks(self) -> Iterator[tuple[str, float]]:
        """The numbers as they are written, and where on the axis."""
        return zip(self.written, (self.at(float(number)) for number in self.numbers), strict=True)

    def _multiples(self) -> Iterator[Fraction]:
        rough = (self.high - self.low) / (MOST_NUMBERS - 1)
        size = Fraction(10) ** math.floor(math.log10(rough))
        step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
        yield from (step * k for k in range(math.ceil(self.low / step), math.floor(self.high / step) + 1))

    def _decades(self) -> Iterator[Fraction]:
        """Powers of ten, each so many of them; within few of them, multiples, too."""
        first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
        if last - first >= 2:
            every = -(-(last - first + 1) // MOST_NUMBERS)
            yield from (Fraction(10) ** k for k in range(first, last + 1) if k % every == 0)
            return
        multiples = (1, 2, 5) if self.high / self.low > 10 else range(1, 10)
        found = (m * Fraction(10) ** k for k in range(first - 1, last + 1) for m in multiples)
        yield from (number for number in found if self.low <= number <= self.high)


@dataclass(frozen=True)
class Label:
    """Words beside a place: on which side of it, from −1 to 1 each way, and how far off, in ems."""

    words: str
    place: Sample
    side: tuple[int, int]
    distance: float


@dataclass(frozen=True)
class Plot:
    """A figure's curves on its two scales; `width` and `height` are those of the picture, in ems."""

    figure: Figure
    curves: tuple[Sampled, ...]
    x: Scale
    y: Scale
    width: float
    height: float

    @classmethod
    def of(cls, working: Working, figure: Figure, width: float, height: float) -> Plot:
        curves = sampled(working, figure)
        places = [place for curve in curves for place in (*curve.places, *curve.marked)]
        x = Scale.around((place[0] for place in places), figure.x)
        margin = ROOM if any(curve.marked for curve in curves) else MARGIN
        y = Scale.around((place[1] for place in places), figure.y, margin)
        return cls(figure, curves, x, y, width, height)

    def at(self, place: Sample) -> Sample:
        return self.x.at(place[0]), self.y.at(place[1])

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """The labels of the marked places, each where it covers nothing; those with the least room choose first."""
        marked = [pair for curve in self.curves for pair in zip(curve.curve.points, curve.marked, strict=True)]
        dots = [self._ems(self.at(place)) for _, place in marked]
        ways = [[Label(point.label, place, *way) for way in _WAYS] for point, place in marked]
        ways.sort(key=lambda choices: sum(self._cost(label, [], dots) < 10 for label in choices))
        found: list[Label] = []
        for choices in ways:
            found.append(min(choices, key=lambda label: self._cost(label, found, dots)))
        return tuple(found)

    def _cost(self, label: Label, others: Sequence[Label], dots: Sequence[Sample]) -> float:
        """How much a label covers, how far it reaches out of the picture, and how far off its place it is."""
        box = self._box(label)
        outside = max(0.0, -box[0], -box[1], box[2] - self.width, box[3] - self.height)
        own, near = self._ems(self.at(label.place)), _wider(box, 1.0)  # so near, a label seems to be of that place
        covered = sum(_overlap(box, self._box(other)) for other in others)
        covered += sum(_within(dot, near) for dot in dots if dot != own)
        crossed = sum(_within(place, _wider(box, 0.3)) for place in self._dense)
        return 100 * (outside + covered) + 10 * crossed + label.distance

    def _box(self, label: Label) -> Box:
        """The corners of a label, in ems."""
        wide, high = LETTER * len(label.words), 1.3
        x, y = self._ems(self.at(label.place))
        left = x + label.side[0] * label.distance + (label.side[0] - 1) / 2 * wide
        below = y + label.side[1] * label.distance + (label.side[1] - 1) / 2 * high
        return left, below, left + wide, below + high

    def _ems(self, share: Sample) -> Sample:
        return share[0] * self.width, share[1] * self.height

    @cached_property
    def _dense(self) -> list[Sample]:
        """Places on the curves that leave no gap as wide as a letter, in ems."""
        found = []
        for run in (run for curve in self.curves for run in curve.runs):
            for start, end in pairwise([self._ems(self.at(place)) for place in run]):
                parts = max(1, math.ceil(math.dist(start, end) / 0.25))
                found += [
                    (start[0] + (end[0] - start[0]) * k / parts, start[1] + (end[1] - start[1]) * k / parts)
                    for k in range(parts)
                ]
        return found


_SIDES = ((1, 1), (0, 1), (-1, 1), (1, 0), (-1, 0), (1, -1), (0, -1), (-1, -1))
_WAYS = tuple((side, distance) for distance in (0.5, 1.0, 1.6, 2.2) for side in _SIDES)


def _wider(box: Box, by: float) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _within(place: Sample, box: Box) -> bool:
    return box[0] <= place[0] <= box[2] and box[1] <= place[1] <= box[3]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
