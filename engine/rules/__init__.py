"""The rules: each a named law with a sentence, its conditions and the function that computes the next line."""

from __future__ import annotations

from types import ModuleType

from engine.kernel import Rule


def files() -> tuple[ModuleType, ...]:
    """The files of rules. Each registers its own when it is loaded."""
    from engine.rules import (
        algebra,
        arrays,
        calculus,
        covariance,
        differentials,
        equations,
        factors,
        families,
        forms,
        kronecker,
        limits,
        moments,
        optimisation,
        powers,
        probability,
        prover,
        recursions,
        specialising,
        sums,
        vectors,
    )

    algebraic = (algebra, arrays, equations, factors, kronecker, powers, recursions, sums)
    of_calculus = (calculus, differentials, limits, optimisation)
    of_probability = (covariance, families, forms, moments, probability, vectors)
    return (*algebraic, *of_calculus, *of_probability, prover, specialising)


def all_rules() -> dict[str, Rule]:
    """Every rule that a derivation may use, by name, in the order of the alphabet."""
    from engine.rules.registry import RULES

    files()
    return dict(sorted(RULES.items()))
