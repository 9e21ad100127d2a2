"""A working as plain data, for programs: the form that `--json` prints and `derivation.schema.json` describes."""

from __future__ import annotations

from typing import Any

from engine.claims import Claim, Evidence
from engine.kernel import Step
from engine.premises import Declaration, Formula
from engine.rendering.latex import latex
from engine.rendering.plain import plain
from engine.rendering.terminal import strength
from engine.terms import Definition, Term
from engine.working import Answer, Let, Part, Passage, Remark, Suppose, Working

SCHEMA = "workings.derivation/1"

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
    }


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
    }
