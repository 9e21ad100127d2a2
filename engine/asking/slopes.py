"""Gradients, Hessians and Jacobians of formulas that somebody types."""

from __future__ import annotations

from engine.asking.brevity import brief
from engine.asking.conditions import Assumed, under_conditions
from engine.asking.formulas import Formula, Unasked, stated
from engine.derivation import Draft
from engine.rules.algebra import collect, constant_sum, factor, insert, pull_out_of_sum, simplify
from engine.rules.arrays import as_softmax, diagonal_laws, without_indices
from engine.rules.calculus import differentiate
from engine.terms import Symbol, gradient, hessian, show_shape
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


def _gradient(asked: Formula, variable: Symbol, assumed: Assumed) -> Working:
    proof, function = stated(asked, (variable,), assumed)
    what = "gradient" if asked.body.is_scalar else "Jacobian"
    slope = proof.derive(gradient(function(variable), variable), f"The {what}")
    _worked_out(slope, variable)
    proof.conclude(slope)
    return proof.finished(what.lower(), f"The {what} of {asked.title}", "")


def hessian_of(asked: Formula, wrt: str) -> Working:
    """The matrix of second derivatives of a scalar with respect to a vector or a scalar. Raises what `gradient_of` does."""
    variable = asked.symbol(wrt)
    if not asked.body.is_scalar or variable.cols != 1:
        shapes = f"{show_shape(asked.body.shape)} by {variable.name}, {show_shape(variable.shape)}"
        raise Unasked(f"a Hessian is of a scalar by a vector or a scalar, not of {shapes}")
    return under_conditions(lambda assumed: _hessian(asked, variable, assumed))


def _hessian(asked: Formula, variable: Symbol, assumed: Assumed) -> Working:
    proof, function = stated(asked, (variable,), assumed)
    slope = proof.derive(gradient(function(variable), variable), "The gradient")
    _worked_out(slope, variable)
    bend = proof.derive(hessian(function(variable), variable), "The Hessian").by(insert(slope.step))
    _worked_out(bend, variable)
    proof.conclude(bend)
    return proof.finished("hessian", f"The Hessian of {asked.title}", "")


def _worked_out(slope: Draft, variable: Symbol) -> None:
    """The derivative, in matrix notation where there is one, as short as the rules make it."""
    slope.by(differentiate).by_all((without_indices, pull_out_of_sum, constant_sum))
    brief(slope, (simplify(), diagonal_laws(), as_softmax(), collect(variable), factor()))
