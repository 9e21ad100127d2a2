"""What the prover shows, as steps: signs, definiteness, invertibility, independence."""

from __future__ import annotations

from engine.kernel import Conclusion, ConditionMissing, NotApplicable, Refuted, Step, assume, infer
from engine.kernel.conditions import Condition
from engine.rules.order.bounds import Reader
from engine.rules.registry import rule
from engine.rules.scope import Scope
from engine.terms import Add, Multiply, Symbol, Term, replace, scaled
from engine.terms.formulas import Formula, Relation


@rule(
    r"A^\top A \succeq 0,\quad cI \succ 0 \ (c > 0),\quad P + Q \succ 0 \ (P \succeq 0, Q \succ 0),\quad x^2 \ge 0",
    "{why}",
    structural=True,
)
def read_off(subject: Formula, scope: Scope, *earlier: Step) -> Conclusion:
    """A sign, a definiteness or an invertibility that the structure of a term shows, or of what it equals."""
    reader = Reader(scope)
    found = _with_values(subject, earlier)
    if not reader.shows(found):
        raise NotApplicable(f"it does not follow that {subject}" + (f": that is {found}" if found != subject else ""))
    using = tuple(assume(known, scope) for known in dict.fromkeys(reader.leaned))
    return Conclusion(subject, {"why": why(found)}, (*earlier, *dict.fromkeys(reader.used), *using))


def _with_values(subject: Formula, earlier: tuple[Step, ...]) -> Formula:
    """The formula with what earlier steps found in place of what they started from."""
    left, right = subject.left, subject.right
    for step in earlier:
        old, new = step.claim.left, step.claim.right
        if step.claim.relation is not Relation.EQUAL or not isinstance(old, Term) or not isinstance(new, Term):
            raise NotApplicable(f"{step.claim.formula} is no equality to read a sign off")
        left = replace(left, old, new) if isinstance(left, Term) else left
        right = replace(right, old, new) if isinstance(right, Term) else right
    return Formula(left, subject.relation, right)


@rule(r"x \notin f \;\Rightarrow\; f \text{ is free of } x", "{symbol} does not occur in it", structural=True)
def free_of(subject: Formula, scope: Scope, *earlier: Step) -> Conclusion:
    """That a term does not depend on a symbol: the symbol is not in it, or not in what it was found to equal."""
    formula = _with_values(subject, earlier)
    if not (isinstance(formula.left, Term) and isinstance(subject.right, Symbol)) or formula.left.has(subject.right):
        raise NotApplicable(f"{subject.right} stands in {formula.left}")
    return Conclusion(subject, {"symbol": str(subject.right)}, earlier)


@rule(r"f \text{ is free of } x", "the same for all values of {symbol} that were tried")
def free_in_worlds(subject: Formula, scope: Scope) -> Conclusion:
    """That a term has the same value whatever a symbol is, though the symbol stands in it: worlds alone say so."""
    return Conclusion(subject, {"symbol": str(subject.right)})


def why(formula: Formula) -> str:
    """A few words for the reader."""
    if formula.relation is Relation.POSITIVE_DEFINITE:
        return _why_definite(formula.left)
    if formula.relation is Relation.POSITIVE_SEMIDEFINITE:
        return "of the form AᵀA, or a sum of such"
    if formula.relation is Relation.INVERTIBLE:
        return "positive definite, or a product of invertible factors"
    return "by the signs of its parts"


def _why_definite(left: Term | Formula) -> str:
    if isinstance(left, Add):
        return "a positive semidefinite part plus a positive definite one"
    matrix = scaled(left)[1] if isinstance(left, Multiply) else left
    if isinstance(matrix, Multiply):
        return "of the form AᵀA or AᵀPA, and invertible"
    return "a positive multiple of a positive definite matrix" if matrix != left else "positive definite"


def prove(condition: Condition, scope: Scope) -> Step | None:
    """The step that shows a condition, or None: what a scope's prover is."""
    inner = scope.with_indices(condition.indices)
    formula = condition.formula
    if formula in inner.hypotheses:
        return assume(formula, inner)
    try:
        return infer(read_off, formula, inner)
    except (NotApplicable, Refuted, ConditionMissing):
        return None
