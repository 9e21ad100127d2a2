"""What to do next, from where a working stands: a rule without its result."""

from __future__ import annotations

from dataclasses import dataclass

from engine.grading.verdicts import Diagnosis
from engine.kernel import Step
from engine.marking.marks import Marked
from engine.proofs.working import Passage, Working


@dataclass(frozen=True)
class Hint:
    """The next line of a derivation: which rule makes it, in which passage.

    `first_bad` is the line of the working to be mended first; `mistake` names what led there, where that is known.
    """

    number: int
    step: Step
    heading: str = ""
    first_bad: int | None = None
    mistake: Diagnosis | None = None


def hint(working: Working, marked: Marked | None = None, mistake: Diagnosis | None = None) -> Hint | None:
    """The hint for a working that was marked, or for a wrong answer whose mistake is known; None where nothing is left.

    With nothing marked, the first move.
    """
    stands_at, first_bad = 0, None
    if marked is not None:
        if not marked.missing:
            return None
        stands_at, first_bad = _good_until(marked), marked.first_bad
        mistake = mistake or next(iter(marked.diagnosis), None)
    number = mistake.step if mistake is not None and mistake.step is not None and first_bad is None else stands_at + 1
    passage = next(part for part, last in _passages(working) if number <= last)
    return Hint(number, working.route[number - 1], passage.heading, first_bad, mistake)


def _good_until(marked: Marked) -> int:
    """The furthest line of the derivation that is reached before the first wrong line."""
    before = [line for line in marked.lines if marked.first_bad is None or line.line < marked.first_bad]
    steps = [link.step for line in before for link in line.links if link.step is not None and link.mark.is_good]
    return min(max(steps, default=0), marked.steps - 1)


def _passages(working: Working) -> list[tuple[Passage, int]]:
    """The passages, each with the number of its last line."""
    found: list[tuple[Passage, int]] = []
    count = 0
    for part in working.parts:
        if isinstance(part, Passage) and not part.of_case:
            count += len(part.steps)
            found.append((part, count))
    return found
