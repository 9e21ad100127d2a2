"""What a notebook shows of a step, and of a working."""

from __future__ import annotations

from engine.documents.evidence import worth
from engine.documents.html import article, prose, style
from engine.documents.mathml import mathml
from engine.kernel import Step
from engine.notation.latex import latex
from engine.proofs.working import Working


def cell(working: Working) -> str:
    """What a notebook shows of a working: the article with its own style, which touches nothing else."""
    return f"<style>\n{style('article.css')}</style>\n{article(working, level=3)}"


def line(step: Step) -> str:
    """What a notebook shows of a step: its claim, its reason, its evidence."""
    noted = f"{prose(step.reason)} ({prose(worth(step.evidence))})"
    return f"<p>{mathml(latex(step.claim.formula))} &emsp; {noted}</p>"
