"""Gradients, Hessians and Jacobians of formulas that somebody types."""

from __future__ import annotations

from engine.asking.conditions import under_conditions
from engine.asking.formulas import Formula, Unasked, stated
from engine.derivation import Draft
from engine.kernel import DerivationError, Move, NothingToDo
from engine.premises import Formula as Hypothesis
from engine.rendering.plain import plain
from engine.rules.algebra import collect, factor, insert, simplify
from engine.rules.calculus import differentiate
from engine.terms import Symbol, Term, gradient, hessian, show_shape
from engine.working import Working


def gradient_of(asked: Formula, wrt: str, scalar: bool | None = None) -> Working:
    """The gradient of a scalar, of its variable's shape; of a vector, the Jacobian, whose rows are its entries.

    `scalar` says which is wanted. Raises Unasked, and DerivationError where a part of the formula has no rule.
    """
    if scalar is not None and asked.body.is_scalar != scalar:
        shape = show_shape(asked.body.shape)
        raise Unasked(
            f"a {'gradient' if scalar else 'Jacobian'} is of a {'scalar' if scalar else 'vector'}; this is {shape}"
        )
    return under_conditions(lambda assumed: _gradient(asked, asked.symbol(wrt), assumed))


def _gradient(asked: Formula, variable: Symbol, assumed: tuple[Hypothesis, ...]) -> Working:
    proof, function = stated(asked, (variable,), assumed)
    what = "gradient" if asked.body.is_scalar else "Jacobian"
    slope = proof.derive(gradient(function(variable), variable), f"The {what}")
    _brief(slope.by(differentiate), variable)
    proof.conclude(slope)
    return proof.finished(what.lower(), f"The {what} of {_title(asked.body)}", "")


def hessian_of(asked: Formula, wrt: str) -> Working:
    """The matrix of second derivatives of a scalar with respect to a vector or a scalar. Raises what `gradient_of` does."""
    variable = asked.symbol(wrt)
    if not asked.body.is_scalar or variable.cols != 1:
        shapes = f"{show_shape(asked.body.shape)} by {variable.name}, {show_shape(variable.shape)}"
        raise Unasked(f"a Hessian is of a scalar by a vector or a scalar, not of {shapes}")
    return under_conditions(lambda assumed: _hessian(asked, variable, assumed))


def _hessian(asked: Formula, variable: Symbol, assumed: tuple[Hypothesis, ...]) -> Working:
    proof, function = stated(asked, (variable,), assumed)
    slope = proof.derive(gradient(function(variable), variable), "The gradient")
    _brief(slope.by(differentiate), variable)
    bend = proof.derive(hessian(function(variable), variable), "The Hessian").by(insert(slope.step))
    _brief(bend.by(differentiate), variable)
    proof.conclude(bend)
    return proof.finished("hessian", f"The Hessian of {_title(asked.body)}", "")


def _brief(draft: Draft, variable: Symbol) -> None:
    """Bring the last line into the shortest form that a rule makes of it."""
    for _ in range(4):
        best: Move | None = None
        length = _length(draft.value)
        for move in (simplify(), collect(variable), factor()):
            try:
                outcome = move.rule.function(draft.current, draft.proof.scope, *move.arguments)
            except (NothingToDo, DerivationError):
                continue
            made = outcome.formula.right
            if isinstance(made, Term) and _length(made) < length:
                best, length = move, _length(made)
        if best is None:
            return
        draft.by(best)


def _length(term: Term) -> int:
    return len(plain(term))


def _title(body: Term) -> str:
    text = plain(body)
    return text if len(text) <= 60 else text[:59] + "…"
