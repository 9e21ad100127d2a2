"""How tools spell mathematics: a table of words each, what a text of theirs is known by, and whether * and / work at
each entry there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Dialect:
    """The words of a tool, as names of functions here; the modules that may stand before them."""

    name: str
    marks: str
    words: Mapping[str, str] = field(default_factory=dict)
    modules: frozenset[str] = frozenset()
    entrywise: bool = False
    first_index: int = 1

    def is_found_in(self, text: str) -> bool:
        return re.search(self.marks, text) is not None


def _same(names: str, **others: str) -> dict[str, str]:
    """Words that are spelt as here, and others."""
    return dict(zip(names.split(), names.split(), strict=True)) | others


NUMPY = Dialect(
    "numpy",
    r"\b(?:np|numpy|torch|F)\.|\.(?:sum|mean|pow|dot|matmul|mm|mv|square|exp|log|item)\(",
    _same(
        "inv solve dot outer matmul eye ones zeros trace det norm logdet square power multiply divide add subtract",
        inverse="inv",
        inner="dot",
        mm="matmul",
        mv="matmul",
        vdot="dot",
        identity="eye",
        diagonal="diag",
        t="transpose",
        pow="power",
        sub="subtract",
        mul="multiply",
        div="divide",
        maximum="max",
        minimum="min",
        absolute="abs",
        arctan="atan",
        reciprocal="reciprocal",
    ),
    modules=frozenset("np numpy torch linalg F nn functional jnp jax scipy special".split()),
    entrywise=True,
    first_index=0,
)
R = Dialect(
    "r", r"%\*%|%o%|\bt?crossprod\(|\bsolve\(", _same("crossprod tcrossprod solve", t="transpose"), entrywise=True
)
MATLAB = Dialect("matlab", r"\.[*/^']", _same("eye ones zeros trace det inv norm dot kron logdet"))
MATRIXCALCULUS = Dialect("matrixcalculus", r"\bvector\(|\bnorm2\(", _same("logdet vector", norm2="norm"))
SYMPY = Dialect(
    "sympy",
    r"\b(?:Trace|Determinant|Inverse|Transpose|Matrix|Identity|HadamardProduct|MatMul)\(",
    {
        "Trace": "tr",
        "Determinant": "det",
        "Inverse": "inv",
        "Transpose": "transpose",
        "Matrix": "matrix",
        "ImmutableMatrix": "matrix",
        "Identity": "eye",
        "OneMatrix": "ones",
        "ZeroMatrix": "zeros",
        "HadamardProduct": "multiply",
        "HadamardPower": "power",
        "MatMul": "matmul",
        "MatAdd": "add",
        "DotProduct": "dot",
        "KroneckerProduct": "kron",
        "Rational": "divide",
        "Abs": "abs",
        "Max": "max",
        "Min": "min",
    },
)
MATHEMATICA = Dialect(
    "mathematica",
    r"\b[A-Z][A-Za-z]+\[",
    {
        "Tr": "tr",
        "Det": "det",
        "Inverse": "inv",
        "Transpose": "transpose",
        "Norm": "norm",
        "Dot": "matmul",
        "Total": "total",
        "Mean": "mean",
        "IdentityMatrix": "eye",
        "DiagonalMatrix": "diag",
        "KroneckerProduct": "kron",
        **{name.capitalize(): name for name in "exp log sqrt sin cos tan sinh cosh tanh abs sign max min erf".split()},
        "LogisticSigmoid": "sigmoid",
    },
)
DIALECTS = (NUMPY, R, MATRIXCALCULUS, SYMPY, MATHEMATICA, MATLAB)
WORDS = {
    word: meant for dialect in reversed(DIALECTS) for word, meant in dialect.words.items() if len(word) > 1
}  # what needs no dialect to be known
_ANY = re.compile("|".join(dialect.marks for dialect in DIALECTS))
MODULES = frozenset().union(*(dialect.modules for dialect in DIALECTS))


def dialect_of(text: str) -> Dialect | None:
    """The tool that a text is a line of; None for mathematics."""
    if _ANY.search(text) is None:
        return None
    return next((dialect for dialect in DIALECTS if dialect.is_found_in(text)), None)
