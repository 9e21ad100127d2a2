"""The rules: each a named law with a sentence, its conditions and the function that computes the next line."""

from __future__ import annotations

from types import ModuleType

import engine.rules.entrywise
import engine.rules.products  # these register how they tidy what `tidy` comes to
from engine.kernel import Rule


def files() -> tuple[ModuleType, ...]:
    """The files of rules. Each registers its own when it is loaded."""
    from engine.rules.algebra import (
        arrays,
        equations,
        factors,
        kronecker,
        powers,
        recursions,
        rewriting,
        specialising,
        sums,
    )
    from engine.rules.calculus import derivatives, differentials, limits, optimisation
    from engine.rules.order import prover
    from engine.rules.probability import covariance, expectations, families, moments, quadratic_forms, random_vectors

    algebraic = (rewriting, arrays, equations, factors, kronecker, powers, recursions, sums)
    of_calculus = (derivatives, differentials, limits, optimisation)
    of_probability = (covariance, families, quadratic_forms, moments, expectations, random_vectors)
    return (*algebraic, *of_calculus, *of_probability, prover, specialising)


def all_rules() -> dict[str, Rule]:
    """Every rule that a derivation may use, by name, in the order of the alphabet."""
    from engine.rules.registry import RULES

    files()
    return dict(sorted(RULES.items()))
