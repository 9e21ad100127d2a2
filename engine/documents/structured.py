"""A working as plain data, for programs: the form that `--json` prints and `derivation.schema.json` describes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from engine.certificates.certificate import Refused, certificate, recertified
from engine.documents.evidence import conditions, inside, strength
from engine.documents.excerpt import at_depth
from engine.documents.reasons import why
from engine.kernel import Step
from engine.kernel.evidence import Evidence
from engine.notation.latex import latex
from engine.notation.plain import plain
from engine.proofs.depth import Depth
from engine.proofs.figures import Figure, Values
from engine.proofs.sampling import Sampled, sampled
from engine.proofs.working import Choice, Let, Option, Part, Passage, Remark, Result, Suppose, Working, joined
from engine.terms import Definition, Symbol, Term
from engine.terms.claims import Claim
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula

SCHEMA = "workings.derivation/2"
COLLECTION = "workings.derivations/2"

Data = dict[str, Any]


def as_data(working: Working) -> Data:
    """The working as dictionaries, lists, strings and numbers; its certificate is of the whole, whatever is shown."""
    premises = working.premises
    return {
        "schema": SCHEMA,
        "name": working.name,
        "title": working.title,
        "source": working.source,
        "depth": working.depth.value,
        "strength": {"text": strength(working), **evidence_data(working.whole.strength)},
        "idea": working.idea.sentence,
        "premises": {
            "symbols": [{"name": d.symbol.name, **spelled(d)} for d in premises.declarations],
            "definitions": [definition_data(definition) for definition in premises.definitions],
            "hypotheses": [spelled(hypothesis) for hypothesis in premises.hypotheses],
            "conventions": [
                {"words": each.words, "meaning": each.meaning, "source": each.source} for each in premises.conventions
            ],
        },
        "lemmas": [{"name": lemma.name, "claim": claim_data(lemma.step.claim)} for lemma in working.lemmas],
        "parts": [part_data(part, working) for part in working.parts],
        "results": [result_data(result) for result in working.results],
        "questions": [choice_data(choice) for choice in working.choices],
        "certificate": certificate(working.whole),
    }


def collected(workings: Sequence[Working]) -> Data:
    """Several workings as one object; one as it is."""
    data = [as_data(working) for working in workings]
    return data[0] if len(data) == 1 else {"schema": COLLECTION, "derivations": data}


def members(data: Any) -> Iterator[tuple[str, Any]]:
    """The derivations in what `collected` wrote, each with its place."""
    if isinstance(data, dict) and data.get("schema") == COLLECTION and isinstance(data.get("derivations"), list):
        yield from ((f"derivations[{number}]", each) for number, each in enumerate(data["derivations"]))
    else:
        yield "", data


def reread(data: Any) -> Working:
    """The working that `as_data` wrote, certified again: nothing in the data is believed.

    Raises Refused, with the place, where its certificate does not hold, or where anything else in it is not what the
    certificate comes to.
    """
    if "certificate" not in data:
        raise Refused("it has no certificate, from which to certify it again")
    working = recertified(data["certificate"])
    _named_apart(data["certificate"]["table"])
    data = {"depth": Depth.FULL.value, "idea": "", **data}  # a file from before there were depths lacks them
    shown = as_data(at_depth(working, _depth(data["depth"])))
    place, found, wanted = next(_differences(data, shown), ("", None, None))
    if place:
        raise Refused(f"the file has {_short(found)}, its certificate comes to {_short(wanted)}", place)
    return working


def _depth(said: Any) -> Depth:
    """Raises Refused for what is none."""
    try:
        return Depth(said)
    except ValueError:
        raise Refused(f"{_short(said)} is none of {', '.join(Depth)}", "depth") from None


_NAME = re.compile(r"[A-Za-z]+[0-9]*~?(_[A-Za-z0-9]+)?'*\*?")


def _named_apart(table: list[list[Any]]) -> None:
    """Raises Refused where a name is none, or where two things would be written alike."""
    taken: dict[str, str] = {}
    for _, name, *_ in (row for row in table if row[0] in ("Symbol", "Definition")):
        if len(name) > 40 or not _NAME.fullmatch(name):
            raise Refused(f"{_short(name)} is no name")
        shown = plain(Symbol(name))
        if taken.setdefault(shown, name) != name:
            raise Refused(f"two different things are both written {shown}")


def _differences(found: Any, wanted: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two pieces of data differ, outside of the certificate, which is only read."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        for key in dict.fromkeys((*wanted, *found)):
            if (place, key) != ("", "certificate"):
                inner = f"{place}.{key}" if place else str(key)
                yield from _differences(found.get(key, _NOTHING), wanted.get(key, _NOTHING), inner)
    elif isinstance(found, list) and isinstance(wanted, list):
        for number in range(max(len(found), len(wanted))):
            mine, other = (each[number] if number < len(each) else _NOTHING for each in (found, wanted))
            yield from _differences(mine, other, f"{place}[{number}]")
    elif type(found) is not type(wanted) or found != wanted:
        yield place, found, wanted


_NOTHING = object()


def _short(value: Any) -> str:
    text = "nothing" if value is _NOTHING else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:79] + "…"


def spelled(thing: Term | Formula | Definition | Declaration) -> Data:
    return {"plain": plain(thing), "latex": latex(thing)}


def definition_data(definition: Definition) -> Data:
    return {"name": definition.name, **spelled(definition), "citation": definition.citation}


def part_data(part: Part, working: Working) -> Data:
    match part:
        case Passage():
            return {"kind": "passage", "heading": part.heading, "steps": [step_data(step) for step in part.steps]}
        case Let():
            return {"kind": "let", **definition_data(part.definition)}
        case Suppose():
            return {"kind": "suppose", **spelled(part.hypothesis)}
        case Choice():
            return {"kind": "question", **choice_data(part)}
        case Remark():
            return {"kind": "remark", "text": part.text}
        case Figure():
            return {"kind": "figure", **figure_data(working, part)}


def figure_data(working: Working, figure: Figure) -> Data:
    """A figure with its terms, its values, and the places that its curves go through."""
    return {
        "name": figure.name,
        "caption": figure.caption,
        "x": {"label": figure.x.label, "logarithmic": figure.x.logarithmic},
        "y": {"label": figure.y.label, "logarithmic": figure.y.logarithmic},
        "values": values_data(figure.values),
        "curves": [curve_data(figure, curve) for curve in sampled(working, figure)],
    }


def curve_data(figure: Figure, drawn: Sampled) -> Data:
    curve, over = drawn.curve, figure.range_of(drawn.curve)
    marked = zip(curve.points, drawn.marked, strict=True)
    return {
        "label": curve.label,
        **spelled(curve.term),
        "against": spelled(curve.against or over.symbol),
        "over": {"name": over.symbol.name, "low": str(over.low), "high": str(over.high), "by_factors": over.by_factors},
        "values": values_data(curve.values),
        "dashed": curve.dashed,
        "runs": [[list(place) for place in run] for run in drawn.runs],
        "points": [{"label": point.label, "at": spelled(point.at), "place": list(place)} for point, place in marked],
    }


def values_data(values: Values) -> dict[str, str | list[str]]:
    return {name: [str(each) for each in value] if isinstance(value, tuple) else str(value) for name, value in values}


def result_data(result: Result) -> Data:
    parts = [{"name": name, **spelled(value)} for name, value in result.parts]
    return {"name": result.name, "claim": claim_data(result.step.claim), "parts": parts}


def choice_data(choice: Choice) -> Data:
    """A question: its options, each shown, refuted or open, and why; `answer` is the place of the one that is shown."""
    return {
        "name": choice.name,
        "question": choice.question,
        "options": [option_data(option) for option in choice.options],
        "answer": choice.options.index(choice.chosen) if choice.chosen is not None else None,
        "because": [spelled(step.claim.formula) for step in choice.because],
        "why": [
            {"text": reason.text, "because": [spelled(step.claim.formula) for step in reason.because]}
            for reason in choice.why
        ],
    }


def option_data(option: Option) -> Data:
    refuted = option.refuted
    return {
        "label": option.label,
        "words": option.words,
        "claims": [spelled(claim) for claim in option.claims],
        "shown": option.is_shown,
        "refuted": refuted and {"claim": spelled(refuted.formula), "where": refuted.where},
    }


def step_data(step: Step) -> Data:
    return {
        "claim": claim_data(step.claim),
        "rule": step.rule.name,
        "computed": all(line.rule.computes for line in joined(step)),
        "reason": why(step),
        "conditions": [spelled(condition.claim.formula) for condition in conditions(step)],
        "using": [spelled(earlier.claim.formula) for line in joined(step) for earlier in line.using],
        "evidence": evidence_data(step.evidence),
        "detail": [step_data(smaller) for smaller in inside(step)],
    }


def claim_data(claim: Claim) -> Data:
    """A claim with its sides, and what it assumes; a relation with one side has `null` on the right."""
    assumptions = sorted(claim.assumptions, key=lambda a: (isinstance(a, Formula), plain(a)))
    return {
        **spelled(claim.formula),
        "left": spelled(claim.left),
        "relation": claim.relation.value,
        "right": None if claim.right is None else spelled(claim.right),
        "assumptions": [spelled(assumption) for assumption in assumptions],
    }


def evidence_data(evidence: Evidence) -> Data:
    return {
        "kind": evidence.kind.value,
        "worlds": evidence.worlds,
        "bits": evidence.bits,
        "log10_bound": None if evidence.bound is None else round(evidence.bound, 2),
        "citation": evidence.citation,
        **({"shown_by": list(evidence.shown_by)} if evidence.shown_by else {}),
    }
