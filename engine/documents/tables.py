"""Tables and cards in the terminal: what was verified, and what a rule says."""

from __future__ import annotations

import textwrap
from inspect import cleandoc
from pathlib import PurePath
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from engine.documents.evidence import chance, strength
from engine.documents.examples import example
from engine.kernel import Rule
from engine.notation.latex import latex
from engine.notation.plain import plain
from engine.proofs.working import Working
from engine.rules.registry import imported


def verified(name: str, working: Working) -> dict[str, Any]:
    """One row of the verification of a working."""
    evidence = [step.evidence for step in working.steps]
    return {
        "name": name,
        "holds": True,
        "verdict": "holds",
        "steps": len(working.steps),
        "kinds": {kind.value: count for kind, count in working.counts.items()},
        "worlds": min(e.worlds for e in evidence),
        "chance": chance([e for e in evidence if e.bound is not None]).strip(" ()").rpartition("< ")[2],
        "strength": strength(working),
    }


HEADINGS = ("derivation", "steps", "proved", "exact", "enclosed", "struct.", "cited", "worlds", "chance <")


WORDS = (
    "Certified are formulas, conditions and evidence, with numbers drawn afresh, structural lines by their rules. "
    "Titles, headings, remarks, the words of answers, and which rule made a line that is not structural, are the "
    "exporter's."
)


def verification(outcomes: list[dict[str, Any]], console: Console) -> None:
    """Print the evidence, a row a derivation; where the columns do not fit, a paragraph a derivation."""
    holding = [outcome for outcome in outcomes if "steps" in outcome]
    table = [HEADINGS, *(_cells(outcome) for outcome in holding)]
    widths = [max(cell_len(row[k]) for row in table) for k in range(len(HEADINGS))]
    if sum(widths) + len(widths) <= console.width:
        for row in table if holding else []:
            cells = [cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
            console.print(Text(" ".join(cells).rstrip(), "bold" if row is HEADINGS else ""), soft_wrap=True)
    else:
        for outcome in holding:
            console.print(Text(outcome["name"], "bold"))
            console.print(Text("  " + outcome["strength"]))
    for outcome in outcomes:
        if "given" in outcome:
            console.print(
                Text(f"{outcome['name']} holds, given {'; '.join(outcome['given'])}", "yellow"), soft_wrap=True
            )
        elif not outcome["holds"]:
            said = {"not verified": "is not verified"}.get(outcome["verdict"], outcome["verdict"])
            console.print(Text(f"{outcome['name']} {said}: {outcome['error']}", "red"), soft_wrap=True)


def _cells(outcome: dict[str, Any]) -> tuple[str, ...]:
    kinds = (str(outcome["kinds"].get(kind, "")) for kind in ("proved", "exact", "enclosed", "structural", "cited"))
    name = f"{outcome['name']} ({PurePath(outcome['file']).name})" if "file" in outcome else outcome["name"]
    return (name, str(outcome["steps"]), *kinds, str(outcome["worlds"]), outcome["chance"])


def rules_table(rules: list[Rule], console: Console) -> None:
    """Print all rules, name and sentence."""
    width = max(len(rule.name) for rule in rules) + 2
    for rule in rules:
        text = summary(rule) + (" [structural]" if rule.structural else "")
        if console.width < width + 30:
            console.print(Text(rule.name, "bold"))
            console.print(Padding(Text(text), (0, 0, 0, 4)))
            continue
        pieces = textwrap.wrap(text, console.width - width - 1)
        console.print(Text(rule.name.ljust(width), "bold") + Text(pieces[0]), soft_wrap=True)
        for piece in pieces[1:]:
            console.print(Text(" " * width + piece), soft_wrap=True)


def summary(rule: Rule) -> str:
    """What a rule does, in its own first sentence."""
    return " ".join(cleandoc(rule.function.__doc__ or rule.sentence).partition("\n\n")[0].split())


def import_line(rule: Rule) -> str:
    """How the author of a derivation gets a rule."""
    return f"from engine.author import {imported(rule)}"


def explained(rule: Rule, console: Console) -> None:
    """Print a rule: what it does, its law, its conditions, how it is imported, an example that the kernel certified."""
    console.print(Text(rule.name, "bold"))
    console.print(Text(summary(rule)), soft_wrap=True)
    console.print(Text(f"\n  law         {rule.law}"), soft_wrap=True)
    console.print(Text(f"  sentence    {rule.sentence}"), soft_wrap=True)
    for condition in rule.conditions:
        console.print(Text(f"  needs       {condition}"), soft_wrap=True)
    if rule.structural:
        console.print(Text("  evidence    structural: shown by the form of the terms, and tested in worlds"))
    console.print(Text(f"  import      {import_line(rule)}"), soft_wrap=True)
    step = example(rule)
    if step is not None:
        console.print(Text(f"  example     {plain(step.claim.formula)}"), soft_wrap=True)
        console.print(Text(f"              {step.reason}", "dim"), soft_wrap=True)


def explained_data(rule: Rule) -> dict[str, Any]:
    step = example(rule)
    return {
        "name": rule.name,
        "summary": summary(rule),
        "law": rule.law,
        "sentence": rule.sentence,
        "conditions": list(rule.conditions),
        "structural": rule.structural,
        "import": import_line(rule),
        "example": None if step is None else {"plain": plain(step.claim.formula), "latex": latex(step.claim.formula)},
    }
