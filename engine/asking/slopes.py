"""Gradients, Hessians and Jacobians of formulas that somebody types."""

from __future__ import annotations

from engine.asking.brevity import DraftSteps, brief
from engine.asking.conditions import Assumed, under_conditions
from engine.asking.formulas import TypedFormula, Unasked, stated
from engine.kernel import Move
from engine.proofs.derivation import Proof
from engine.proofs.draft import Draft
from engine.proofs.working import Working
from engine.rules.algebra.arrays import as_softmax, diagonal_laws, without_indices
from engine.rules.algebra.factors import common_matrix_factor
from engine.rules.algebra.kronecker import kronecker_laws
from engine.rules.algebra.rewriting import collect, expand, factor, insert, simplify, unfold
from engine.rules.algebra.sums import constant_factor_of_sum, in_vectors, split_sum, sum_of_constant, sum_over_rows
from engine.rules.calculus.derivatives import differentiate
from engine.rules.probability.families import one_letter_for_index
from engine.rules.probability.random_vectors import trace_laws
from engine.terms import Call, Each, Kronecker, Summation, Symbol, Term, Unit, gradient, hessian, show_shape

STACKED = "Matrices are stacked column by column: this is the derivative of vec(f) with respect to vec({variable})."
ROWS = "Row i is the derivative of entry i of f, column j that with respect to entry j of {variable}."
INDEXED = "There is no matrix notation for this here: it is written with indices; eᵢ is 1 in place i and 0 elsewhere."


def gradient_of(asked: TypedFormula, wrt: str, scalar: bool | None = None) -> Working:
    """The gradient of a scalar, of its variable's shape; of a vector or matrix, the Jacobian, whose rows are its
    entries.

    `scalar` says which is wanted. Raises Unasked, and DerivationError where a part of the formula has no rule.
    """
    if scalar is not None and asked.body.is_scalar != scalar:
        shape = show_shape(asked.body.shape)
        raise Unasked(
            f"a gradient is of a scalar; this is {shape}: its Jacobian is what `workings jacobian` gives"
            if scalar
            else "a Jacobian is of a vector or matrix; the derivative of a scalar is what `workings gradient` gives"
        )
    return under_conditions(lambda assumed: _gradient(asked, asked.symbol(wrt), assumed))


def _gradient(asked: TypedFormula, variable: Symbol, assumed: Assumed) -> Working:
    proof, function = stated(asked, (variable,), assumed)
    what = "gradient" if asked.body.is_scalar else "Jacobian"
    slope = _slope(proof, function(variable), variable, f"The {what}")
    proof.conclude(slope)
    if not asked.body.is_scalar and not variable.is_scalar:
        layout = ROWS if (asked.body.cols, variable.cols) == (1, 1) else STACKED
        proof.remark(layout.format(variable=variable))
    return proof.finished(what.lower(), f"The {what} of {asked.title}", "")


def hessian_of(asked: TypedFormula, wrt: str) -> Working:
    """The matrix of second derivatives of a scalar, a matrix as variable stacked. Raises what `gradient_of` does."""
    if not asked.body.is_scalar:
        raise Unasked(f"a Hessian is of a scalar; this is {show_shape(asked.body.shape)}")
    return under_conditions(lambda assumed: _hessian(asked, asked.symbol(wrt), assumed))


def _hessian(asked: TypedFormula, variable: Symbol, assumed: Assumed) -> Working:
    proof, function = stated(asked, (variable,), assumed)
    slope = _slope(proof, function(variable), variable, "The gradient")
    bend = proof.derive(hessian(function(variable), variable), "The Hessian").by(insert(slope.step))
    worked_out(bend, variable)
    proof.conclude(bend)
    if variable.cols != 1:
        proof.remark(STACKED.format(variable=variable).replace("vec(f)", "the gradient's vec"))
    return proof.finished("hessian", f"The Hessian of {asked.title}", "")


def _slope(proof: Proof, value: Term, variable: Symbol, heading: str) -> Draft:
    """The derivative of a name's value, whose Kronecker products are taken apart first."""
    assert isinstance(value, Call)
    opened = None
    if any(isinstance(node, Kronecker) for node in value.unfolded.walk()):
        opened = proof.derive(value, "The function").by(unfold, kronecker_laws)
    slope = proof.derive(gradient(value, variable), heading)
    if opened is not None:
        slope.by(insert(opened.step))
    worked_out(slope, variable)
    if any(isinstance(node, (Unit, Each)) for node in slope.value.walk()):
        proof.remark(INDEXED)
    return slope


def worked_out(slope: Draft, variable: Symbol) -> None:
    """The derivative, in matrix notation where there is one, as short as the rules make it."""
    slope.by(differentiate).by_all((without_indices, sum_over_rows, constant_factor_of_sum, sum_of_constant))
    laws = diagonal_laws(), kronecker_laws(), as_softmax(), trace_laws()
    moves = simplify(), expand(), *laws, collect(variable), factor(), common_matrix_factor()
    is_indexed = any(isinstance(node, (Summation, Each)) for node in slope.value.walk())
    brief(slope, (*moves, *_of_sums()) if is_indexed else moves)


def _of_sums() -> tuple[Move | DraftSteps, ...]:
    """What makes sums that are left shorter: like ones united, taken apart and closed, written in whole vectors."""
    apart = split_sum(), constant_factor_of_sum(), sum_of_constant(), one_letter_for_index()
    whole = without_indices(), sum_over_rows(), simplify()
    return one_letter_for_index(), apart, (expand(), *apart, *whole), in_vectors(), (in_vectors(), as_softmax())
