"""An earlier result at other values of its symbols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.kernel import Conclusion, NotApplicable, Step
from engine.rules.registry import rule
from engine.rules.scope import Scope
from engine.rules.tidy import tidy
from engine.terms import Symbol, Term, substitute
from engine.terms.declarations import Declaration, Domain, Structure
from engine.terms.domains import in_domain
from engine.terms.formulas import Formula
from engine.worlds.breakpoints import is_whole


@rule(r"A(x) \;\Rightarrow\; A(a)", "{name}", structural=True)
def specialise(subject: Formula, scope: Scope, lemma: Step, values: Mapping[str, Term]) -> Conclusion:
    """An earlier result at other values of its symbols, sizes included."""
    if subject != lemma.claim.formula:
        raise NotApplicable(f"{subject} is not what was found: {lemma.claim.formula}")
    declared = {a.symbol: a for a in lemma.claim.assumptions if isinstance(a, Declaration)}
    symbols = {symbol.name: symbol for symbol in declared}
    mapping = {symbols[name]: value for name, value in values.items()}

    def moved(side: Term | Formula | None) -> Any:
        if isinstance(side, Formula):
            return Formula(moved(side.left), side.relation, moved(side.right))
        return None if side is None else tidy(substitute(side, mapping), scope)

    formula = moved(subject)
    where = ", ".join(f"{name} = {value}" for name, value in values.items())
    inside = [
        c for symbol, value in mapping.items() for c in _in_its_domain(symbol, declared[symbol].domain, value, scope)
    ]
    for symbol, declaration in declared.items():
        here = symbol if symbol in mapping else substitute(symbol, mapping)
        if symbol not in mapping and isinstance(here, Symbol) and here in scope.declarations:
            inside += _as_declared(declaration, mapping, here, scope)
    supposed = sorted((a for a in lemma.claim.assumptions if isinstance(a, Formula)), key=repr)
    conditions = (*inside, *map(moved, supposed))
    return Conclusion(formula, {"name": f"the same for {where}"}, conditions=conditions)


def _as_declared(
    declaration: Declaration, mapping: Mapping[Symbol, Term], here: Symbol, scope: Scope
) -> tuple[Formula, ...]:
    """What must hold of a symbol that is declared here, too, for what was found of it. Raises NotApplicable where that
    is no matter of its value.
    """
    domain, last = declaration.domain, declaration.domain.index_up_to
    theirs = domain if last is None else replace(domain, index_up_to=tidy(substitute(last, mapping), scope))
    law = None if declaration.law is None else declaration.law.at(mapping)
    ours = scope.declaration(here)
    if law != ours.law or theirs.index_up_to != ours.domain.index_up_to:
        raise NotApplicable(f"{here} is not declared as it was where this was found")
    return () if theirs == ours.domain else _in_its_domain(here, theirs, here, scope)


def _in_its_domain(symbol: Symbol, domain: Domain, value: Term, scope: Scope) -> tuple[Formula, ...]:
    """What says that a value is one that a symbol may have. Raises NotApplicable where it need not be whole or
    symmetric.
    """
    whole_where_needed(symbol, domain, value, scope)
    symmetric = isinstance(value, Symbol) and scope.domain(value).structure.is_symmetric
    if domain.structure is Structure.SYMMETRIC and not symmetric:
        raise NotApplicable(f"{symbol} is symmetric, and {value} need not be")
    return in_domain(value, domain)


def whole_where_needed(symbol: Symbol, domain: Domain, value: Term, scope: Scope) -> None:
    """Raises NotApplicable where a symbol is a whole number, and a value for it need not be one."""
    wholes = frozenset(inner for inner in value.free if scope.domain(inner).whole)
    if domain.whole and not is_whole(value, wholes):
        raise NotApplicable(f"{symbol} is a whole number, and {value} need not be one")
