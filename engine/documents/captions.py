"""What is said beside a picture: the words of its author, the formulas that are drawn, and the chosen values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Context, Decimal
from fractions import Fraction

from engine.documents.typeset import width
from engine.notation.latex import latex
from engine.notation.plain import plain
from engine.proofs.coherence import derived
from engine.proofs.figures import Curve, Exact, Figure, Values
from engine.proofs.working import Working
from engine.terms import Symbol
from engine.terms.formulas import Formula

LONGEST = 40.0  # of a formula beside a picture, in widths of a letter
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

Typesetting = Callable[[str], str]  # of a sentence with its mathematics
FormulaWriter = Callable[[Formula], str]


def caption(working: Working, figure: Figure, formula: FormulaWriter = plain, prose: Typesetting = str) -> str:
    """What stands under the picture: what is drawn for several values stands here, what is drawn once in the legend."""
    shared = _shown(working, _families(figure), formula)
    text = prose(figure.caption) + (": " + ", ".join(shared) if shared else "")
    return text + (", " + prose(f"for {listed(figure.values)}") if figure.values else "") + "."


def legend(
    working: Working, figure: Figure, curve: Curve, formula: FormulaWriter = plain, prose: Typesetting = str
) -> str:
    """What a curve is: its label, its own values, and its formula, if it is the only one of that."""
    words = ", ".join(part for part in (curve.label, listed(curve.values)) if part)
    own = [] if curve in _families(figure) else _shown(working, [curve], formula)
    return ": ".join(part for part in (prose(words) if words else "", ", ".join(own)) if part)


def listed(values: Values) -> str:
    """a = 2, w = 1"""
    return ", ".join(f"{plain(Symbol(name))} = {shown(value)}" for name, value in values)


def shown(value: Exact, longest: int = 5) -> str:
    """A number as people write it: 0.076, 2100, 6.5·10¹³; of a vector, its entries. So many digits are written out."""
    if isinstance(value, tuple):
        return f"({','.join(map(shown, value))})"
    return ("−" if value < 0 else "") + _digits(abs(value), longest)


def _digits(value: Fraction, longest: int) -> str:
    exact = Context(prec=40).divide(Decimal(value.numerator), Decimal(value.denominator)).normalize()
    if Fraction(exact) != value:
        return str(value)
    figures, exponent = "".join(map(str, exact.as_tuple().digits)), exact.adjusted()
    if len(figures) > 4 or -4 <= exponent < longest:
        return f"{exact:f}"
    power = f"10{str(exponent).translate(_SUPERSCRIPTS)}"
    return power if figures == "1" else ".".join(filter(None, (figures[0], figures[1:]))) + f"·{power}"


def _families(figure: Figure) -> tuple[Curve, ...]:
    """The curves whose term is drawn more than once."""
    terms = [curve.term for curve in figure.curves]
    return tuple(curve for curve in figure.curves if terms.count(curve.term) > 1)


def _shown(working: Working, curves: Iterable[Curve], formula: FormulaWriter) -> list[str]:
    """The formulas that say what the curves are, each once, without those too long to stand beside a picture."""
    found = (derived(working, term) for term in dict.fromkeys(curve.term for curve in curves))
    return [formula(each) for each in found if each is not None and width(latex(each)) <= LONGEST]
