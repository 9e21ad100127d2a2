"""Recursions that somebody types, v_{t+1} = ρ v_t + c: the state after t steps, and where it stays."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from engine.asking.brevity import brief, shorter
from engine.asking.conditions import Assumed, under_conditions
from engine.asking.formulas import TypedFormula, Unasked, formula, unreadable
from engine.asking.minima import solved
from engine.kernel import ConditionMissing, DerivationError
from engine.notation.plain import plain
from engine.notation.spelling import SMALL, plain_subscript
from engine.proofs.derivation import Proof
from engine.proofs.working import Working
from engine.reading.names import in_italics, spelled_name
from engine.rules.algebra.equations import rewrite_equation
from engine.rules.algebra.recursions import linear_factor, linear_recursion
from engine.rules.algebra.rewriting import cancel, factor, simplify, unfold
from engine.terms import ZERO, Iterate, Symbol, Term, zero
from engine.terms.declarations import POSITIVE_INTEGER, Declaration
from engine.terms.formulas import equation

_RECURSION = re.compile(
    r"\s*(?P<name>\\?[A-Za-zα-ωΑ-Ω]+\d*'?)\s*(?:_\s*\{?|\[)\s*(?P<index>[a-z])\s*(?P<offset>[+\-−]\s*1)?\s*[\]}]?\s*"
    r"(?:=|:=|←)\s*(?P<body>.+)",
    re.DOTALL,
)
HINT = "a recursion was expected, as in v_{t+1} = rho v_t + c"


@dataclass(frozen=True)
class Recursion:
    """A state, what a step makes of it, its start, and the name of the number of steps."""

    state: Symbol
    body: TypedFormula
    start: Term
    index: Symbol


def recursion(text: str, let: tuple[str, ...] = (), start: str | None = None) -> Recursion:
    """Read a recursion of the first order, and where it starts (else v₀). Raises Unreadable, Unasked."""
    text = SMALL.sub(lambda run: f"_{{{plain_subscript(run.group())}}}", text)  # vₜ₊₁ is v_{t+1}
    text = in_italics(text)
    match = _RECURSION.fullmatch(text)
    if match is None:
        raise unreadable(HINT, text)
    name, index, offset = match["name"], match["index"], match["offset"] or ""
    if offset and "+" not in offset:
        raise unreadable("the newer state stands on the left: v_{t+1} = … v_t, or v_t = … v_{t-1}", text)
    body, count = _older(name, index, bool(offset)).subn(lambda _: f" {name} ", match["body"])
    if re.search(rf"(?<![A-Za-z\\]){re.escape(name)}\s*[_\[]", body):
        raise unreadable(f"only {name} one step before can stand on the right", text)
    asked = formula(body, let)
    state = next((d.symbol for d in asked.declarations if d.symbol.name == spelled_name(name)), None)
    if count == 0 or state is None:
        raise unreadable(f"{name} does not depend on what it was before", text)
    if Symbol(index) in asked.body.free:
        raise Unasked(f"the step depends on {index} itself: only constant coefficients are summed")
    changing = next((symbol.name for symbol in asked.body.free if index in symbol.name.split("_")[1:]), None)
    if changing is not None:
        constant = changing.partition("_")[0]
        raise Unasked(f"{changing} changes with {index}: only constants are summed (write {constant} if it is one)")
    begin = _start(name, state, start, let)
    known = {declaration.symbol for declaration in asked.declarations}
    extra = tuple(d for d in begin.declarations if d.symbol not in known)
    every = (*asked.declarations, *extra, Declaration(Symbol(index), POSITIVE_INTEGER))
    return Recursion(state, TypedFormula(asked.body, every, asked.notes), begin.body, Symbol(index))


def _older(name: str, index: str, ahead: bool) -> re.Pattern[str]:
    """How the state one step before is written: v_t behind v_{t+1} =, v_{t-1} behind v_t =."""
    before = "" if ahead else r"\s*[-−]\s*1"
    bare = rf"|_{index}(?![A-Za-z])" if ahead else ""
    stem = rf"(?<![A-Za-z\\]){re.escape(name)}" if not name.startswith("\\") else re.escape(name)
    return re.compile(rf"{stem}\s*(?:_\s*\{{\s*{index}{before}\s*\}}|\[\s*{index}{before}\s*\]{bare})")


def _start(name: str, state: Symbol, start: str | None, let: tuple[str, ...]) -> TypedFormula:
    if start is None:
        symbol = Symbol(f"{state.name}_0", *state.shape)
        return TypedFormula(symbol, (Declaration(symbol),), ())
    left, equals, right = start.partition("=")
    if equals and not re.fullmatch(rf"\s*{re.escape(name)}\s*(_\s*\{{?\s*0\s*\}}?|\[\s*0\s*\]|₀)\s*", left):
        raise unreadable(f"the start is said as {name}_0 = …", start)
    begin = formula(right if equals else start, let)
    return replace(begin, body=zero(state.shape)) if begin.body == ZERO else begin


def after_steps(asked: Recursion) -> Working:
    """The state after t steps, in closed form, and where it stays as it is. DerivationError if no step is linear."""
    return under_conditions(lambda assumed: _after_steps(asked, assumed))


def _after_steps(asked: Recursion, assumed: Assumed) -> Working:
    proof = Proof({})
    for declaration in asked.body.declarations:
        proof.declare(declaration.symbol, declaration.domain, declaration.law, declaration.indices)
    proof.assume(*(condition.formula for condition in assumed))
    iterated = Iterate(asked.body.body, asked.state, asked.start, asked.index)
    state = proof.given(asked.state.name, iterated, asked.index, indexed=True)
    closed = proof.derive(state(asked.index), f"After {asked.index} steps").by(unfold, linear_recursion)
    brief(closed, (simplify(), cancel(), factor()))
    proof.conclude(closed, "state")
    count = len(proof.parts)
    unchanged = proof.solve(equation(asked.state, asked.body.body), asked.state, "It stays as it is where")
    try:
        solved(unchanged, asked.state)
        unchanged.by(rewrite_equation(*shorter(proof, unchanged.value, (cancel(), factor(), simplify()))))
        proof.conclude(unchanged, "steady state")
        if (factor_ := linear_factor(asked.body.body, asked.state, proof.scope)) is not None:
            tends = f"|{plain(factor_)}| < 1" if factor_.is_scalar else f"the powers of {plain(factor_)} tend to 0"
            proof.remark(f"The state comes there as {asked.index} grows if {tends}.")
    except ConditionMissing:
        raise
    except (Unasked, DerivationError):
        del proof.parts[count:]
    return proof.finished("recursion", f"The recursion {asked.state} ↦ {asked.body.title}", "")
