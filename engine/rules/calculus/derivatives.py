"""Gradients, Jacobians and derivatives: the differential pushed down, and what d(variable) is multiplied by read off.

The differential d f of a term is linear in d w. Each rule of `differentials` says what d of one kind of node is; applied
until only d w is left, they give d f = ⟨G, d w⟩, and G is the gradient (Magnus and Neudecker's method).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from engine.kernel import NotApplicable, Rule, infer
from engine.kernel.conditions import conditions_of
from engine.rules.calculus.adjoints import cofactor
from engine.rules.calculus.differentials import (
    PUSHES,
    differential_of_determinant,
    differential_of_inverse,
    differential_of_squared_norm,
)
from engine.rules.registry import Rewritten, rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import rewritten, tidy
from engine.terms import (
    HALF,
    Derivative,
    Differential,
    Multiply,
    Symbol,
    Term,
    add,
    multiply,
    replace,
    runs,
    summands,
    transpose,
)
from engine.terms.formulas import Formula, Relation


@rewriting(
    r"\mathrm{d}f = \langle G, \mathrm{d}w \rangle \;\Rightarrow\; \nabla f = G",
    "differentiate with respect to {variable}{laws}",
)
def differentiate(term: Term, scope: Scope) -> Rewritten | None:
    """The innermost derivatives in a term worked out: the differential pushed down, the gradient read off."""
    inner = [node for node in term.walk() if isinstance(node, Derivative) and not _has_derivative(node.body)]
    if not inner:
        return None
    pushed: list[Push] = []
    inverted: dict[Formula, None] = {}
    for node in dict.fromkeys(inner):
        moves, slope = _worked_out(node, scope)
        pushed.extend(moves)
        inverted |= dict.fromkeys(each for _, before in moves for each in _inverted_in(before))
        term = replace(term, node, slope)
    laws = dict.fromkeys(rule.sentence for rule, _ in pushed if rule in _TELLING)
    for matrix in dict.fromkeys(node.variable for node in inner if _is_symmetric(node.variable, scope)):
        laws[f"{matrix} changes among symmetric matrices"] = None
    return Rewritten(
        tidy(term, scope),
        slots={
            "variable": ", ".join(dict.fromkeys(str(node.variable) for node in inner)),
            "laws": ": " + ", ".join(laws) if laws else "",
        },
        conditions=tuple(inverted),  # of the steps inside, whose inverses may be turned or united in the end
        inside=lambda: tuple(infer(rule, before, scope) for rule, before in pushed),
    )


def _inverted_in(term: Term) -> Iterator[Formula]:
    """That the matrices are invertible of which a term has an inverse."""
    for condition in conditions_of(term):
        if condition.formula.relation is Relation.INVERTIBLE and not condition.indices:
            yield condition.formula


_TELLING = (differential_of_squared_norm, differential_of_inverse, differential_of_determinant)


def _has_derivative(term: Term) -> bool:
    return any(isinstance(node, Derivative) for node in term.walk())


Push = tuple[Rule, Term]  # a rule and the term that it is applied to


def _worked_out(node: Derivative, scope: Scope) -> tuple[list[Push], Term]:
    """How the differential of a derivative's body is pushed down, level by level, and the derivative."""
    current: Term = Differential(node.body, node.variable)
    moved = Differential(node.variable, node.variable)
    pushed: list[Push] = []
    while any(isinstance(inner, Differential) and inner != moved for inner in current.walk()):
        rule, lower = _one_level_down(current, scope, moved)
        pushed.append((rule, current))
        current = lower
    slope = tidy(cofactor(current, moved, node), scope)
    if node.variable.is_scalar:
        slope = rewritten(slope, lambda inner: _variable_last(inner, node.variable), scope)
    return pushed, _symmetric_part(slope, node, scope) if _is_symmetric(node.variable, scope) else slope


def _variable_last(term: Term, variable: Symbol) -> Term | None:
    """A product of which (Xw − t)ᵀX, for a scalar w, is written Xᵀ(Xw − t): as the gradient for a vector w is."""
    if not isinstance(term, Multiply):
        return None
    turned = [
        tuple(transpose(factor) for factor in reversed(run))
        if len(run) > 1 and run[0].has(variable) and not run[-1].has(variable) and multiply(*run).is_scalar
        else run
        for run in runs(term.factors)
    ]
    return multiply(*(factor for run in turned for factor in run))


def _is_symmetric(variable: Symbol, scope: Scope) -> bool:
    return scope.domain(variable).structure.is_symmetric


def _symmetric_part(slope: Term, node: Derivative, scope: Scope) -> Term:
    """½(G + Gᵀ): ⟨G, dS⟩ is the same for both where dS is symmetric. Raises NotApplicable for a Jacobian."""
    if not node.body.is_scalar:
        raise NotApplicable(
            f"the entries of {node.variable}, which is symmetric, do not change one by one, and a Jacobian has a column for each: "
            f"declare {node.variable} without 'symmetric' to let them"
        )
    turned = tidy(transpose(slope), scope)
    if Counter(summands(slope)) == Counter(summands(turned)):
        return slope
    return tidy(add(*(multiply(HALF, part) for part in (*summands(slope), *summands(turned)))), scope)


def _one_level_down(current: Term, scope: Scope, moved: Term) -> tuple[Rule, Term]:
    for rule in PUSHES:
        try:
            lower = rule.function(current, scope).formula.right
        except NotApplicable:
            continue
        assert isinstance(lower, Term)
        return rule, lower
    stuck = next(n for n in current.walk() if isinstance(n, Differential) and n != moved)
    raise NotApplicable(f"no rule gives the differential of {stuck.body}")
