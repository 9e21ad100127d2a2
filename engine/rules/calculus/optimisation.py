"""Stationary points, minimisers, and minima under a constraint."""

from __future__ import annotations

import math
from typing import Any

from engine.kernel import Conclusion, NotApplicable, Step, assume
from engine.rules.algebra.scalars import open_bridge, through_sympy
from engine.rules.registry import Rewritten, rewriting, rule
from engine.rules.scope import Scope
from engine.rules.tidy import tidy
from engine.terms.arithmetic import Add, Multiply, add, multiply
from engine.terms.core import ONE, ZERO, Symbol, Term, is_zero, zero
from engine.terms.domains import in_domain
from engine.terms.formulas import Formula, Relation, at_most, equation, minimises, negative, nonnegative, positive
from engine.terms.functions import Apply, log, maximum
from engine.terms.operators import ArgMin, Call, Derivative, gradient
from engine.terms.substitution import rewrite, substitute
from engine.worlds.breakpoints import is_whole
from engine.worlds.degrees import degree


@rule(
    r"\nabla g(w^*) = 0,\ \nabla^2 g \succ 0 \;\Rightarrow\; w^* = \operatorname*{arg\,min} g",
    "stationary, and the objective is {convexity}",
    conditions=(
        "the second derivative is ≻ 0 everywhere (⪰ 0: a minimiser, perhaps not the only one)",
        "the point lies in the domain",
    ),
    structural=True,
)
def minimiser(subject: ArgMin, scope: Scope, stationary: Step, convex: Step) -> Conclusion:
    """The only stationary point of a convex function is its minimiser; the unique one if strictly convex."""
    slope = gradient(subject.body, subject.variable)
    point = _stationary_point(stationary, slope, subject.variable)
    strict = _convexity(convex, gradient(slope, subject.variable))
    _on_an_interval(subject.variable, stationary, convex)
    return Conclusion(
        minimises(point, subject, unique=strict),
        {"convexity": "strictly convex" if strict else "convex"},
        using=(stationary, convex),
        conditions=_inside(point, subject.variable, scope),
    )


def _stationary_point(step: Step, slope: Term, variable: Symbol) -> Term:
    before, after = step.claim.left, step.claim.right
    if not isinstance(before, Formula) or not isinstance(after, Formula) or before.left != slope:
        raise NotApplicable(f"{step.claim.formula} does not say where {slope} = 0")
    point = after.right
    if not (isinstance(before.right, Term) and is_zero(before.right) and step.claim.relation is Relation.EQUIVALENT):
        raise NotApplicable(f"{step.claim.formula} does not say where {slope} = 0")
    if after.left != variable or not isinstance(point, Term) or point.has(variable):
        raise NotApplicable(f"{after} is not solved for {variable}")
    return point


def _convexity(step: Step, curvature: Term) -> bool:
    """True for strict convexity. Raises NotApplicable where the step is not about this second derivative."""
    claim = step.claim
    if claim.relation in (Relation.POSITIVE_DEFINITE, Relation.POSITIVE_SEMIDEFINITE) and claim.left == curvature:
        return claim.relation is Relation.POSITIVE_DEFINITE
    if claim.relation in (Relation.LESS, Relation.AT_MOST) and claim.left == ZERO and claim.right == curvature:
        return claim.relation is Relation.LESS
    raise NotApplicable(f"{claim.formula} says nothing of {curvature}")


def _on_an_interval(variable: Symbol, *shown: Step) -> None:
    """What is shown must hold on all of the domain, which is an interval, a half-space or all of space."""
    for assumption in (a for step in shown for a in step.claim.assumptions):
        if isinstance(assumption, Formula) and variable in assumption.free and not _is_half_space(assumption, variable):
            raise NotApplicable(f"it is shown only where {assumption}")


def _is_half_space(hypothesis: Formula, variable: Symbol) -> bool:
    """Whether an inequality is linear in a variable: then all of its points are on one side of a plane."""
    if hypothesis.relation not in (Relation.LESS, Relation.AT_MOST):
        return False
    degrees = (degree(side, {variable: (1, 0)}, 0, lambda _: 1) for side in hypothesis.sides)
    return all(up <= 1 and down == 0 for up, down in degrees)


def _inside(point: Term, variable: Symbol, scope: Scope) -> tuple[Formula, ...]:
    """What says that a point is one of those that the variable runs through. Raises NotApplicable where nothing can."""
    domain = scope.domain(variable)
    wholes = frozenset(symbol for symbol in point.free if scope.domain(symbol).whole)
    if domain.index_up_to is not None or (domain.whole and not is_whole(point, wholes)):
        raise NotApplicable(f"{variable} is a whole number, and {point} need not be one")
    return in_domain(point, domain)


@rewriting(r"g(x) = h(x)\,(x - a) \text{ where } g(a) = 0", "the factor {factor} taken out")
def split_off_root(term: Term, scope: Scope, variable: Symbol, root: Term) -> Rewritten:
    """A scalar that is zero where a symbol has a value, as a product with their difference."""
    bridge, factor = open_bridge(scope), variable - root
    whole, part = bridge.to_sympy(term), bridge.to_sympy(factor)
    roots, back = _as_powers(bridge.sympy, part)
    quotient = bridge.sympy.together(whole.subs(roots)) / part.subs(roots)
    rest = bridge.sympy.factor(bridge.sympy.cancel(quotient)).subs(back)
    return Rewritten(tidy(bridge.from_sympy(rest), scope) * factor, slots={"factor": str(factor)})


def _as_powers(sympy: Any, expression: Any) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """What stands under roots, as powers of new symbols, so that all is rational; and these as the roots again."""
    roots = [p for p in expression.atoms(sympy.Pow) if p.exp.is_Rational and not p.exp.is_Integer]
    symbols = {s for root in roots for s in root.base.free_symbols if s.is_positive}
    order = math.lcm(*(int(root.exp.q) for root in roots))
    new = {s: sympy.Dummy(positive=True) for s in symbols}
    return {s: d**order for s, d in new.items()}, {d: s ** sympy.Rational(1, order) for s, d in new.items()}


@rule(
    r"g'(x) = h(x)(x - x^*),\ h > 0 \;\Rightarrow\; x^* = \operatorname*{arg\,min} g",
    "it falls before {point} and rises behind it",
    conditions=("the point lies in the domain",),
    structural=True,
)
def minimiser_by_sign_of_slope(subject: ArgMin, scope: Scope, factored: Step, sign: Step) -> Conclusion:
    """A function whose slope is a positive multiple of x − x* is least at x*, and only there."""
    slope, product = factored.claim.left, factored.claim.right
    if slope != gradient(subject.body, subject.variable) or factored.claim.relation is not Relation.EQUAL:
        raise NotApplicable(f"{factored.claim.formula} is not about the slope of {subject.body}")
    factors = list(product.factors) if isinstance(product, Multiply) else [product]
    gap = factors.pop()
    share = multiply(*factors) if factors else ONE
    if sign.claim.formula != positive(share) or not isinstance(gap, Add) or gap.terms[0] != subject.variable:
        raise NotApplicable(f"it is not shown that {share} > 0")
    point = -add(*gap.terms[1:])
    if point.has(subject.variable):
        raise NotApplicable(f"{point} is no point")
    _on_an_interval(subject.variable, factored, sign)
    inside = _inside(point, subject.variable, scope)
    return Conclusion(
        minimises(point, subject, unique=True), {"point": str(point)}, using=(factored, sign), conditions=inside
    )


@rule(
    r"x^* = \operatorname*{arg\,min} f + \nu^\top h,\ h(x^*) = "
    r"0 \;\Rightarrow\; f(x^*) \le f(x) \text{ where } h(x) = 0",
    "where {constraint} the objective is the Lagrangian, which is least at this point",
    structural=True,
)
def lagrange_multiplier(
    subject: Term, scope: Scope, constraint: Formula, best: Step, feasible: Step, opened: Step, multiplier: Term
) -> Conclusion:
    """A point that minimises f + νᵀh over all of space and meets h = 0 is where f is least among those that do."""
    lagrangian, point, beyond = best.claim.right, best.claim.left, constraint.left
    if best.claim.relation not in (Relation.MINIMISER, Relation.UNIQUE_MINIMISER) or not isinstance(lagrangian, ArgMin):
        raise NotApplicable(f"{best.claim.formula} gives no minimiser")
    assert isinstance(point, Term) and isinstance(beyond, Term)
    variable = lagrangian.variable
    written = subject + multiplier.T * beyond
    told, same = opened.claim.right, opened.claim.left == lagrangian.body and opened.claim.relation is Relation.EQUAL
    if not same or not isinstance(told, Term) or tidy(told, scope) != tidy(written, scope) or multiplier.has(variable):
        raise NotApplicable(f"it is not shown that {lagrangian.body} = {written}")
    met = substitute(beyond, {variable: point})
    if constraint != equation(beyond, zero(beyond.shape)) or feasible.claim.formula != equation(met, zero(met.shape)):
        raise NotApplicable(f"it is not shown that {point} meets {constraint}")
    least = substitute(subject, {variable: point})
    using = (assume(constraint, scope), best, feasible, opened)
    return Conclusion(at_most(least, subject), {"constraint": str(constraint)}, using=using)


@rule(
    r"w^* = \operatorname*{arg\,min} \log f \;\Rightarrow\; w^* = \operatorname*{arg\,min} f",
    "the log is increasing, so both are least at the same point",
    conditions=("the objective is positive",),
    structural=True,
)
def minimiser_of_log(subject: ArgMin, scope: Scope, of_log: Step) -> Conclusion:
    """Where log f is least, f is."""
    claim = of_log.claim
    unique = claim.relation is Relation.UNIQUE_MINIMISER
    if claim.right != ArgMin(log(subject.body), subject.variable) or not (
        unique or claim.relation is Relation.MINIMISER
    ):
        raise NotApplicable(f"{claim.formula} does not say where the log of {subject.body} is least")
    assert isinstance(claim.left, Term)
    return Conclusion(minimises(claim.left, subject, unique), using=(of_log,), conditions=(positive(subject.body),))


@rule(
    r"h(x) = c \iff x = x(u) \text{ for a } u,\ u^* = "
    r"\operatorname*{arg\,min}_u f(x(u)) \;\Rightarrow\; f(x(u^*)) \le f(x) \text{ where } h(x) = c",
    "where {constraint}: every way to meet that has its {parameter}, and the best one is known",
    conditions=("the solved equations give every point of the constraint",),
    structural=True,
)
def minimum_on_constraint(subject: Term, scope: Scope, constraint: Formula, best: Step, *solved: Step) -> Conclusion:
    """The least value of an objective under an equality constraint, whose points the solved equations give by one
    parameter.
    """
    along = best.claim.right
    if best.claim.relation is not Relation.UNIQUE_MINIMISER or not isinstance(along, ArgMin):
        raise NotApplicable(f"{best.claim.formula} gives no unique minimiser")
    resolved = dict(_resolved(step) for step in solved)
    if not _give_all_points(constraint, along.variable, solved, scope):
        raise NotApplicable(f"{' and '.join(str(step.claim.left) for step in solved)} do not follow from {constraint}")
    if tidy(_top(substitute(subject, resolved)), scope) != tidy(_top(along.body), scope):
        raise NotApplicable(f"on the constraint, {subject} is not {along.body}")
    assert isinstance(best.claim.left, Term)
    least = substitute(along.body, {along.variable: best.claim.left})
    slots = {"parameter": str(along.variable), "constraint": str(constraint)}
    return Conclusion(at_most(least, subject), slots, using=(assume(constraint, scope), best, *solved))


def _give_all_points(constraint: Formula, parameter: Symbol, solved: tuple[Step, ...], scope: Scope) -> bool:
    """Whether each point of a constraint solves the equations, for some value of the parameter.

    One equation is the constraint itself; of two, whose sum is the constraint, one says what the parameter is, p(x) =
    u.
    """
    equations = [step.claim.left for step in solved if step.claim.relation is Relation.EQUIVALENT]
    sums = [e for e in equations if isinstance(e, Formula) and e.relation is Relation.EQUAL]
    named = any(e.right == parameter and not _term(e.left).has(parameter) for e in sums)
    if len(sums) != len(solved) or len(sums) != 1 + named:
        return False
    beyond = tidy(add(*(_term(e.left) - _term(e.right) for e in sums)), scope)
    left, right = (_top(_term(side)) for side in (constraint.left, constraint.right))
    return beyond in (tidy(left - right, scope), tidy(right - left, scope))


def _term(side: Term | Formula | None) -> Term:
    """A side of an equation of terms. Raises NotApplicable for any other."""
    if not isinstance(side, Term):
        raise NotApplicable(f"{side} is no term")
    return side


def _resolved(step: Step) -> tuple[Symbol, Term]:
    """The symbol that an equation was solved for, and what it is."""
    solved = step.claim.right
    if not (isinstance(solved, Formula) and isinstance(solved.left, Symbol) and isinstance(solved.right, Term)):
        raise NotApplicable(f"{step.claim.formula} is not solved for a symbol")
    return solved.left, solved.right


@rule(
    r"u \text{ falls},\ v \text{ rises},\ u(x^*) = v(x^*) \;\Rightarrow\; x^* = \operatorname*{arg\,min} \max(u, v)",
    "one falls, the other rises: the larger is least where they meet",
    conditions=("the point lies in the domain",),
    structural=True,
)
def minimum_of_maximum(subject: ArgMin, scope: Scope, meeting: Step, falling: Step, rising: Step) -> Conclusion:
    """The larger of a falling and a rising function is least where the two are equal."""
    body, variable = _top(subject.body), subject.variable
    if not (isinstance(body, Apply) and body.function == "max" and len(body.arguments) == 2):
        raise NotApplicable(f"{subject.body} is no maximum of two")
    u, v = body.arguments
    wanted = (negative(Derivative(u, variable)), positive(Derivative(v, variable)))
    if (falling.claim.formula, rising.claim.formula) != wanted:
        raise NotApplicable(f"it is not shown that {wanted[0]} and {wanted[1]}")
    left, right = meeting.claim.left, meeting.claim.right
    if left != equation(u, v) or not isinstance(right, Formula) or right.left != variable:
        raise NotApplicable(f"{meeting.claim.formula} does not say where {u} = {v}")
    assert isinstance(right.right, Term)
    _on_an_interval(variable, meeting, falling, rising)
    inside = _inside(right.right, variable, scope)
    return Conclusion(minimises(right.right, subject, unique=True), using=(meeting, falling, rising), conditions=inside)


def _top(term: Term) -> Term:
    return _top(term.unfolded) if isinstance(term, Call) else term


@rewriting(
    r"\max(|u|, |v|) = \max(u, -v) \quad (u \ge v)", "max(|u|, |v|) = max(u, −v), since u ≥ v", conditions=("u ≥ v",)
)
def larger_absolute_value(term: Term, scope: Scope) -> Rewritten | None:
    """The larger of two absolute values, of which the first argument is the larger number."""
    needed: list[Formula] = []

    def opened(node: Term) -> Term | None:
        if not (isinstance(node, Apply) and node.function == "max" and len(node.arguments) == 2):
            return None
        first, second = node.arguments
        if not all(isinstance(a, Apply) and a.function == "abs" for a in node.arguments):
            return None
        assert isinstance(first, Apply) and isinstance(second, Apply)
        gap = tidy(first.argument - second.argument, scope)
        needed.append(nonnegative(through_sympy(gap, scope, lambda sympy, e: sympy.factor(e))))
        return maximum(first.argument, -second.argument)

    new = rewrite(term, opened)
    return Rewritten(new, conditions=tuple(needed)) if needed else None
