"""Scalars by SymPy's algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.rules.bridge import Bridge
from engine.rules.order.bounds import is_positive
from engine.rules.scope import Scope
from engine.terms import Term


def open_bridge(scope: Scope) -> Bridge:
    """A conversation with SymPy about scalars of a scope."""
    return Bridge(scope, is_positive)


def through_sympy(term: Term, scope: Scope, function: Callable[[Any, Any], Any]) -> Term:
    """What a SymPy function (given the module and the expression) makes of a scalar term."""
    return open_bridge(scope).through(term, function)
