"""The grammar: one table from token to parse function."""

from __future__ import annotations

from engine.reading import products, scripts
from engine.reading.applications import named
from engine.reading.attributes import attribute, is_attribute
from engine.reading.brackets import angle_product, between_bars, bracketed, fraction, matrix_environment, root, rounded
from engine.reading.numbers import number
from engine.reading.operators import limit, nabla, summation
from engine.reading.parser import BEHIND, ENTRYWISE, PRODUCT, SUM, Grammar, Infix
from engine.reading.rates import partial
from engine.terms.formulas import Relation

RELATIONS = {
    "=": Relation.EQUAL,
    "!=": Relation.NOT_EQUAL,
    "<": Relation.LESS,
    "<=": Relation.AT_MOST,
    ">": Relation.LESS,
    ">=": Relation.AT_MOST,
}
GRAMMAR = Grammar(
    prefixes={
        **dict.fromkeys(("+", "-"), products.signed),
        "number": number,
        **dict.fromkeys(("name", "font", "accent"), named),
        "d": partial,
        **dict.fromkeys(("(", "{", "["), bracketed),
        **dict.fromkeys(("|", "||"), between_bars),
        **dict.fromkeys(("frac", "binom"), fraction),
        **dict.fromkeys(("floor(", "ceil("), rounded),
        "<(": angle_product,
        "begin": matrix_environment,
        "sqrt": root,
        "sum": summation,
        "lim": limit,
        "nabla": nabla,
    },
    infixes={
        **dict.fromkeys(("+", "-"), Infix(SUM, products.summed)),
        **dict.fromkeys(("⊙", "⊘", "⊗"), Infix(ENTRYWISE, products.entrywise)),
        **dict.fromkeys(products.SIGNS, Infix(PRODUCT, products.multiplied)),
        "^": Infix(BEHIND, scripts.raised_to),
        "_": Infix(BEHIND, scripts.subscripted),
        "!": Infix(BEHIND, scripts.factorial),
        **dict.fromkeys(("'", "ᵀ"), Infix(BEHIND, scripts.transposed)),
        ".": Infix(BEHIND, attribute, is_attribute),
        "[": Infix(BEHIND, scripts.entry_in_brackets, scripts.is_index),
    },
    side_by_side=Infix(PRODUCT, products.multiplied, products.continues_a_product),
)
