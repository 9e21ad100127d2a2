"""The rules: each a named law with a sentence, its conditions and the function that computes the next line."""

from __future__ import annotations

from engine.kernel import Rule


def all_rules() -> dict[str, Rule]:
    """Every rule that a derivation may use, by name, in the order of the alphabet."""
    import engine.derivation
    from engine.rules import algebra, arrays, calculus, equations, kronecker, optimisation, order, powers, probability
    from engine.rules.registry import RULES

    assert all(
        (engine.derivation, algebra, arrays, calculus, equations, kronecker, optimisation, order, powers, probability)
    )
    return dict(sorted(RULES.items()))
