"""Terms as LaTeX."""

from __future__ import annotations

from fractions import Fraction

from engine.notation.alphabet import GREEK
from engine.notation.primitives import ATOM, FACTOR, PRODUCT, SUM, Written, decimal
from engine.notation.writer import Writer
from engine.terms import Definition, Size, Term
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula, Relation
from engine.terms.records import FUNCTIONS

_COMMANDS = {name: function.latex for name, function in FUNCTIONS.items() if function.latex} | {"det": r"\det"}
_RELATIONS = {
    Relation.NOT_EQUAL: r"\ne",
    Relation.AT_MOST: r"\le",
    Relation.POSITIVE_DEFINITE: r"\succ 0",
    Relation.POSITIVE_SEMIDEFINITE: r"\succeq 0",
    Relation.INVERTIBLE: r"\text{ is invertible}",
    Relation.FREE_OF: r"\text{ does not depend on }",
    Relation.EQUIVALENT: r"\iff",
    Relation.IMPLIES: r"\implies",
}


class LatexWriter(Writer):
    minus = "-"
    infinity = r"\infty"
    element_of = r"\in"
    times_dot = r"\cdot"
    identity = "I"
    ones = r"\mathbf{1}"
    hadamard_sign = r"\odot"
    maps_to = r"\mapsto"
    kronecker_sign = r"\otimes"
    hadamard_quotient_sign = r"\oslash"
    dots = r"\dots"
    tilde = r"\sim"
    pi = r"\pi"
    naturals = r"\mathbb{N}"
    integers = r"\mathbb{Z}"
    at_most = r"\le"
    less = "<"
    reals = r"\mathbb{R}"
    greater = ">"
    at_least = r"\ge"

    def name(self, name: str) -> str:
        stem, _, below = name.partition("_")
        ornaments = ("'" * stem.count("'")) + ("^*" if stem.endswith("*") else "")
        letter = _letter(stem.rstrip("*'~"))
        shown = (rf"\tilde{{{letter}}}" if "~" in stem else letter) + ornaments
        return f"{shown}_{{{', '.join(_letter(part) for part in below.split('_'))}}}" if below else shown

    def parenthesised(self, text: str) -> str:
        tall = r"\frac" in text or r"\sum" in text
        return rf"\left({text}\right)" if tall else f"({text})"

    def fraction(self, above: str, below: str) -> Written:
        return Written(rf"\frac{{{above}}}{{{below}}}", PRODUCT)

    def alone_above(self, factor: Term) -> str:
        return self.write(factor).text

    def raised(self, base: str, exponent: Term) -> str:
        shown = self.small.write(exponent).text
        return f"{_one_script(base)}^{shown if len(shown) == 1 else '{' + shown + '}'}"

    def raised_entrywise(self, base: str, exponent: Term) -> str:
        return rf"{_one_script(base)}^{{\odot {self.small.at(exponent, ATOM)}}}"

    @property
    def small(self) -> LatexWriter:
        """The writer of what is set small: with slashes, not with lines."""
        return _SMALL

    def transposed(self, base: str) -> str:
        return rf"{_one_script(base)}^\top"

    def root(self, base: Term) -> Written:
        return Written(rf"\sqrt{{{self.write(base).text}}}", FACTOR)

    def subscript(self, base: str, below: str) -> str:
        if base.endswith("}") and "_{" in base:
            return f"{base[:-1]}, {below}}}"
        return f"{base}_{{{below}}}"

    def joined(self, factors: list[str]) -> str:
        text = factors[0]
        for left, right in zip(factors, factors[1:], strict=False):
            text += (
                r" \cdot " if right[0].isdigit() else " " if left[-1].isalpha() and right[0].isalpha() else ""
            ) + right
        return text

    def norm(self, inner: str) -> str:
        return rf"\lVert {inner} \rVert"

    def absolute(self, inner: str) -> str:
        return rf"\left\lvert {inner} \right\rvert" if r"\frac" in inner else rf"\lvert {inner} \rvert"

    def applied(self, function: str, inner: str) -> str:
        return _COMMANDS.get(function, rf"\operatorname{{{function}}}") + self.parenthesised(inner)

    def sum_sign(self, index: str, length: str) -> str:
        return rf"\sum_{{{index}=1}}^{{{length}}}"

    def limit_sign(self, variable: str, target: str) -> str:
        return rf"\lim_{{{variable} \to {target}}}"

    def argmin_sign(self, variable: str) -> str:
        return rf"\operatorname*{{arg\,min}}_{{{variable}}}"

    def expected(self, inner: str, over: str) -> str:
        return rf"\mathbb{{E}}{'_{' + over + '}' if over else ''}" + _bracketed(inner)

    def spread(self, name: str, inner: str, over: str) -> str:
        return rf"\operatorname{{{name}}}{'_{' + over + '}' if over else ''}" + self.parenthesised(inner)

    def nabla(self, order: int, variable: str, body: str) -> str:
        subscript = f"_{{{variable}}}" if variable else ""
        power = f"^{order}" if order > 1 else ""
        return rf"\nabla{subscript}{power} {body}"

    def rate(self, order: int, body: str, variable: str, partial: bool = False) -> Written:
        d = r"\partial" if partial else r"\mathrm{d}"
        power = f"^{order}" if order > 1 else ""
        return Written(rf"\frac{{{d}{power} {body}}}{{{d} {variable}{power}}}", PRODUCT)

    def at_values(self, body: str, values: str) -> str:
        return rf"\left[{body}\right]_{{{values}}}"

    def rows(self, rows: list[list[str]]) -> str:
        return r"\begin{pmatrix} " + r" \\ ".join(" & ".join(row) for row in rows) + r" \end{pmatrix}"

    def number(self, value: Fraction) -> Written:
        shown = decimal(value)
        level = SUM if value < 0 else ATOM
        if shown is not None or value.denominator == 1:
            return Written(shown or str(value), level)
        sign = "-" if value < 0 else ""
        return Written(rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}", SUM if value < 0 else PRODUCT)

    def relation(self, relation: Relation) -> str:
        return _RELATIONS.get(relation, relation.value)

    def words(self, text: str) -> str:
        return rf"\text{{{text}}}"

    def space(self, size: Size, width: Size) -> str:
        sizes = [self.size(size)] if width == 1 else [self.size(size), self.size(width)]
        exponent = r" \times ".join(sizes)
        return rf"\mathbb{{R}}^{{{exponent}}}"


class SmallLatexWriter(LatexWriter):
    """Exponents: a/b and not one above the other."""

    @property
    def small(self) -> LatexWriter:
        return self

    def fraction(self, above: str, below: str) -> Written:
        return Written(f"{above}/{below}", PRODUCT)

    def alone_above(self, factor: Term) -> str:
        return self.at(factor, PRODUCT)

    def below_line(self, factors: tuple[Term, ...]) -> str:
        return self.at(factors[0], FACTOR) if len(factors) == 1 else self.parenthesised(self._side(factors))

    def number(self, value: Fraction) -> Written:
        if value.denominator == 1 or decimal(value) is not None:
            return super().number(value)
        sign = "-" if value < 0 else ""
        return Written(f"{sign}{abs(value.numerator)}/{value.denominator}", SUM if value < 0 else PRODUCT)


def _letter(part: str) -> str:
    if part == "epsilon":
        return r"\varepsilon"
    if part in GREEK:
        return "\\" + part
    return part if len(part) <= 1 or part.isdigit() else rf"\mathrm{{{part}}}"


def _bracketed(inner: str) -> str:
    return rf"\left[{inner}\right]" if r"\frac" in inner or r"\sum" in inner else f"[{inner}]"


def relation_sign(relation: Relation) -> str:
    """A relation in math mode."""
    return _RELATIONS.get(relation, relation.value)


_SMALL = SmallLatexWriter()
_WRITER = LatexWriter()


def latex(thing: Term | Formula | Definition | Declaration) -> str:
    """A term, formula, definition or declaration as LaTeX, for math mode."""
    return _WRITER(thing)


def _one_script(base: str) -> str:
    """What is to be raised, in braces where it has a star already: TeX sets no second superscript."""
    return f"{{{base}}}" if base.endswith("^*") or "^*_" in base else base
