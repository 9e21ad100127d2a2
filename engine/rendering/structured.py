"""A working as plain data, for programs: the form that `--json` prints and `derivation.schema.json` describes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from engine.certificate import Refused, certificate, recertified
from engine.claims import Claim, Evidence
from engine.kernel import Step
from engine.premises import Declaration, Formula
from engine.rendering.evidence import strength
from engine.rendering.latex import latex
from engine.rendering.plain import plain
from engine.terms import Definition, Symbol, Term
from engine.working import Answer, Let, Part, Passage, Remark, Suppose, Working

SCHEMA = "workings.derivation/1"
COLLECTION = "workings.derivations/1"

Data = dict[str, Any]


def as_data(working: Working) -> Data:
    """The working as dictionaries, lists, strings and numbers."""
    premises = working.premises
    return {
        "schema": SCHEMA,
        "name": working.name,
        "title": working.title,
        "source": working.source,
        "strength": {"text": strength(working), **evidence_data(working.strength)},
        "premises": {
            "symbols": [{"name": d.symbol.name, **spelled(d)} for d in premises.declarations],
            "definitions": [definition_data(definition) for definition in premises.definitions],
            "hypotheses": [spelled(hypothesis) for hypothesis in premises.hypotheses],
        },
        "lemmas": [{"name": lemma.name, "claim": claim_data(lemma.step.claim)} for lemma in working.lemmas],
        "parts": [part_data(part) for part in working.parts],
        "results": [{"name": result.name, "claim": claim_data(result.step.claim)} for result in working.results],
        "certificate": certificate(working),
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
    place, found, wanted = next(_differences(data, as_data(working)), ("", None, None))
    if place:
        raise Refused(f"the file has {_short(found)}, its certificate comes to {_short(wanted)}", place)
    return working


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


def part_data(part: Part) -> Data:
    match part:
        case Passage():
            return {"kind": "passage", "heading": part.heading, "steps": [step_data(step) for step in part.steps]}
        case Let():
            return {"kind": "let", **definition_data(part.definition)}
        case Suppose():
            return {"kind": "suppose", **spelled(part.hypothesis)}
        case Answer():
            because = [spelled(step.claim.formula) for step in part.because]
            options = list(part.options)
            return {
                "kind": "answer",
                "question": part.question,
                "options": options,
                "chosen": part.chosen,
                "because": because,
            }
        case Remark():
            return {"kind": "remark", "text": part.text}


def step_data(step: Step) -> Data:
    return {
        "claim": claim_data(step.claim),
        "rule": step.rule.name,
        "computed": step.rule.computes,
        "reason": step.reason,
        "conditions": [spelled(condition.claim.formula) for condition in step.conditions],
        "using": [spelled(earlier.claim.formula) for earlier in step.using],
        "evidence": evidence_data(step.evidence),
        "detail": [step_data(smaller) for smaller in step.detail],
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
