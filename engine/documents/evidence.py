"""What evidence is worth, in words that all writers share."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from engine.kernel import Step
from engine.kernel.evidence import Evidence, Kind
from engine.proofs.working import Working, joined
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula, Relation

_EXPONENT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

MEANINGS = {
    Kind.PROVED: "for all sizes and values, by normal forms or a proof tree walked again, and seen in worlds",
    Kind.EXACT: "both sides are the same number, in exact arithmetic, in every world",
    Kind.ENCLOSED: "the two sides were enclosed in the same tiny ball, to so many bits, in every world",
    Kind.STRUCTURAL: "no finite number of worlds can show it: shown by the form of the terms, and tested in worlds",
    Kind.CITED: "it says what a law from the literature says",
}
WORLDS = (
    "A world is a model of the premises: every size a small whole number, every symbol an exact rational that obeys "
    "its domain, every random symbol a law known by its moments. A line that fails in one is refused."
)


def strength(working: Working) -> str:
    """`8 steps: 7 exact in 12 worlds (chance of a false pass < 10⁻⁴⁰), 1 structural`: of all lines, shown or not."""
    working = working.whole
    parts = [_counted(kind, working) for kind in working.counts]
    steps = len(working.steps)
    weakest = working.strength.kind
    lemmas = f"; its lemmas are {weakest.value}" if weakest not in working.counts else ""
    return f"{steps} step{'s' if steps != 1 else ''}: " + ", ".join(parts) + lemmas


def _counted(kind: Kind, working: Working) -> str:
    """How many steps have a kind of evidence; apart, those that rest on the word of a rule that is not the engine's."""
    every = [step.evidence for step in working.steps if step.evidence.kind is kind]
    groups = Counter(_on_whose_word(evidence) for evidence in every)
    text = ", ".join(f"{count} {kind.value}{word}" for word, count in sorted(groups.items()))
    if kind is Kind.PROVED and len(working.counts) == 1:
        text += f", and seen in {min(e.worlds for e in every)} worlds"
    if kind is Kind.EXACT:
        text += f" in {min(e.worlds for e in every)} worlds" + chance(every)
    if kind is Kind.ENCLOSED:
        text += f" to {min(e.bits for e in every if e.bits is not None)} bits"
    return text


def _on_whose_word(evidence: Evidence) -> str:
    return f" by {', '.join(evidence.shown_by)} (not the engine's)" if evidence.shown_by else ""


def chance(evidence: Sequence[Evidence]) -> str:
    """The bound on a false pass of any of these steps, of those that have one."""
    bounds = [e.bound for e in evidence if e.bound is not None]
    if not bounds:
        return ""
    limited = "" if len(bounds) == len(evidence) else f" in {len(bounds)} of them"
    together = math.ceil(max(bounds) + math.log10(len(bounds)))
    return f" (chance of a false pass < 10{str(together).translate(_EXPONENT)}{limited})"


def worth(evidence: Evidence) -> str:
    """The evidence for one step: `exact in 12 worlds (chance of a false pass < 10⁻⁷)`."""
    match evidence.kind:
        case Kind.PROVED:
            return f"proved, and seen in {evidence.worlds} worlds"
        case Kind.EXACT:
            return f"exact in {evidence.worlds} worlds" + chance([evidence])
        case Kind.ENCLOSED:
            return f"enclosed to {evidence.bits} bits in {evidence.worlds} worlds"
        case Kind.STRUCTURAL:
            return f"structural{_on_whose_word(evidence)}, tested in {evidence.worlds} worlds"
        case Kind.CITED:
            return f"cited from {evidence.citation}" + (f", and{word}" if (word := _on_whose_word(evidence)) else "")


def extent(working: Working) -> str:
    """`shown in 12 of 90 lines`; nothing, where all are."""
    shown, every = working.length, working.whole.length
    return f"shown in {shown} of {every} lines" if shown < every else ""


def inside(step: Step) -> tuple[Step, ...]:
    """The smaller steps of a line: those that it joins, or those in which its rule works."""
    lines = joined(step)
    return lines if len(lines) > 1 else step.detail


def marks(step: Step) -> tuple[str, ...]:
    """What a reader must know of a line at once: that it is not proved, or that no rule computed it."""
    kind, found = step.evidence.kind, []
    if kind is not Kind.PROVED:
        told = f"cited: {step.evidence.citation}" if kind is Kind.CITED else kind.value
        found.append(told + _on_whose_word(step.evidence))
    return (*found, *(() if all(line.rule.computes for line in joined(step)) else ("restated",)))


def needs(step: Step) -> tuple[Formula, ...]:
    """The conditions of a step, without those that only say that numbers of rows, columns or terms are not zero."""
    return tuple(condition.claim.formula for condition in conditions(step) if not _about_sizes(condition))


def conditions(step: Step) -> tuple[Step, ...]:
    """What a line needs, all that it joins included."""
    every = (condition for line in joined(step) for condition in line.conditions)
    return tuple({condition.claim.formula: condition for condition in every}.values())


def _about_sizes(condition: Step) -> bool:
    declared = [a for a in condition.claim.assumptions if isinstance(a, Declaration)]
    return condition.claim.relation is Relation.NOT_EQUAL and all(d.domain.whole for d in declared)


def hypotheses(step: Step) -> tuple[Formula, ...]:
    """What a claim assumes beyond the declarations of its symbols, in a fixed order."""
    return tuple(sorted((a for a in step.claim.assumptions if isinstance(a, Formula)), key=repr))
