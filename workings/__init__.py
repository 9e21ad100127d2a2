"""Derives results of machine-learning theory step by step, certifies every step, and judges what people write of them.

    >>> import workings
    >>> ridge = workings.derive("ridge")
    >>> print(ridge.result)
    (XᵀX + 2λnI)⁻¹Xᵀt is the unique minimiser of g(w) over w
    >>> workings.check("ridge", "inv(X'X + 2 n lambda I) X' t").verdict.value
    'correct'
    >>> workings.equal("x + x", "2x").verdict.value
    'correct'

What is not used is not loaded: a name is imported when it is first asked for (PEP 562; types stand in `__init__.pyi`).
Every error is a `WorkingsError`. A derivation is written with `engine.author`; `workings.derivation` is its decorator.
"""

from importlib import import_module
from typing import Any

from workings._own_modules import refuse_others

refuse_others()
del refuse_others

_HOMES = {
    "derivations": "load",
    "engine.common.errors": "Misasked WorkingsError",
    "engine.proofs.depth": "Depth",
    "engine.proofs.derivation": "Derivation derivation",
    "engine.grading.verdicts": "Counterexample Diagnosis Judgement Verdict",
    "engine.kernel": "DerivationError NotDecided Step",
    "engine.marking.hints": "Hint",
    "engine.marking.marks": "Mark Marked Outcome",
    "engine.reading": "Unreadable",
    "engine.terms": "ShapeError",
    "engine.proofs.working": "Working",
    "workings.library": "catalogue derive export",
    "workings.grader": "Checked Grader check equal hint mark",
    "workings.questions": "covariance gradient hessian jacobian mean minimise recursion variance",
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)  # noqa: PLE0605, it is made of the table above, so that no name stands twice


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"workings has no {name!r}")
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
