"""How formulas, definitions, declarations and laws are written, in any notation."""

from __future__ import annotations

from dataclasses import replace

from engine.notation.terms import TermWriter
from engine.terms import SCALAR, ArgMin, Definition, Entry, Number, Symbol, Term, is_zero
from engine.terms.declarations import POSITIVE_INTEGER, Declaration, Domain, Structure
from engine.terms.formulas import Formula, Relation
from engine.terms.laws import AnyLaw, AnyVector, Categorical, Draws, Law, Normal, NormalVector


class Writer(TermWriter):
    """Writes terms, formulas, definitions and declarations in one notation."""

    def __call__(self, thing: Term | Formula | Definition | Declaration) -> str:
        if isinstance(thing, Formula):
            return self.formula(thing)
        if isinstance(thing, Definition):
            return self.definition(thing)
        if isinstance(thing, Declaration):
            return self.declaration(thing)
        return self.write(thing).text

    def formula(self, formula: Formula) -> str:
        left, right, relation = formula.left, formula.right, formula.relation
        if relation.joins_formulas:
            assert right is not None
            return f"{self(left)} {self.relation(relation)} {self(right)}"
        assert isinstance(left, Term)
        if relation.unary:
            return f"{self(left)} {self.relation(relation)}"
        assert isinstance(right, Term)
        if relation in (Relation.MINIMISER, Relation.UNIQUE_MINIMISER) and isinstance(right, ArgMin):
            which = self.words(f" {relation.value} ")
            return f"{self(left)}{which}{self(right.body)}{self.words(' over ')}{self.name(right.variable.name)}"
        if relation in (Relation.LESS, Relation.AT_MOST):
            everywhere = "" if left.is_scalar else self.words(" at every entry")
            if is_zero(left) or (isinstance(left, Number) and isinstance(right, Symbol)):
                sign = self.greater if relation is Relation.LESS else self.at_least
                return f"{self(right)} {sign} {'0' if is_zero(left) else self(left)}{everywhere}"
            return f"{self(left)} {self.relation(relation)} {self(right)}{everywhere}"
        return f"{self(left)} {self.relation(relation)} {self(right)}"

    def definition(self, definition: Definition) -> str:
        return f"{self(definition(*definition.parameters))} = {self(definition.body)}"

    def declaration(self, declaration: Declaration) -> str:
        symbol, domain = declaration.symbol, declaration.domain
        if declaration.law is not None:
            return self._law(declaration)
        if domain.index_up_to is not None:
            return f"{self(symbol)} = 1, {self.dots}, {self(domain.index_up_to)}"
        if symbol.shape != SCALAR:
            return self._shaped(symbol, domain)
        return f"{self(symbol)} {self._interval(domain)}"

    def _shaped(self, symbol: Symbol, domain: Domain) -> str:
        text = f"{self(symbol)} {self.element_of} {self.space(*symbol.shape)}"
        if domain.structure is not Structure.GENERAL:
            text += self.words(f", {domain.structure.value}")
        if domain.lower is not None or domain.upper is not None:
            text += self.words(", each entry ") + self._interval(domain)
        return text

    def _interval(self, domain: Domain) -> str:
        if domain.whole:
            return self._whole(domain)
        if domain.lower is not None and domain.upper is not None:
            opened, closed = "[" if domain.includes_lower else "(", "]" if domain.includes_upper else ")"
            ends = f"{self.number(domain.lower).text}, {self.number(domain.upper).text}"
            return f"{self.element_of} {opened}{ends}{closed}"
        if domain.lower is not None:
            sign = self.at_least if domain.includes_lower else self.greater
            return f"{sign} {self.number(domain.lower).text}"
        if domain.upper is not None:
            return f"{self.at_most if domain.includes_upper else self.less} {self.number(domain.upper).text}"
        return f"{self.element_of} {self.reals}"

    def _whole(self, domain: Domain) -> str:
        if domain == POSITIVE_INTEGER:
            return f"{self.element_of} {self.naturals}"
        bounds = self._interval(replace(domain, whole=False)) if (domain.lower, domain.upper) != (None, None) else ""
        return f"{self.element_of} {self.integers}" + (self.words(", ") + bounds if bounds else "")

    def _law(self, declaration: Declaration) -> str:
        symbol, law = declaration.symbol, declaration.law
        assert law is not None
        shown = self(symbol)
        if symbol.shape != SCALAR and not law.joint:
            indices = declaration.indices or tuple(Symbol(name) for name in "ij"[: 1 if symbol.cols == 1 else 2])
            shown = self(Entry(symbol, indices))
        text = f"{shown} {self.tilde} {self._named_law(law)}"
        if law.joint:
            return text + self.words(", ") + f"{shown} {self.element_of} {self.space(*symbol.shape)}"
        return text + self.words(" independent")

    def _named_law(self, law: Law) -> str:
        match law:
            case Normal() | NormalVector():
                name = "N"
            case AnyLaw() | AnyVector():
                return self._any_law(law)
            case Draws():
                words = self.words(f" draws {'with' if law.replaced else 'without'} replacement from ")
                return f"{self(law.count)}{words}{self(law.population)}"
            case Categorical():
                pairs = zip(law.values, law.probabilities, strict=True)
                inner = ", ".join(f"{self(value)}: {self(chance)}" for value, chance in pairs)
                return f"{self.words('Categorical')}({inner})"
            case _:
                name = type(law).__name__
        inner = ", ".join(self(parameter) for parameter in law.parameters)
        return self.words(name) + (f"({inner})" if inner else "")

    def _any_law(self, law: AnyLaw | AnyVector) -> str:
        names = ("mean", "variance", "third central moment", "fourth central moment")
        given = (
            [law.mean, law.variance, law.third, law.fourth] if isinstance(law, AnyLaw) else [law.mean, law.covariance]
        )
        if isinstance(law, AnyVector):
            names = ("mean", "covariance", "", "")
        told = [(name, self(value)) for name, value in zip(names, given, strict=False) if value is not None]
        parts = [f"{self.words(name + ' ')}{value}" for name, value in told]
        return self.words("any law with ") + self.words(", ").join(parts[:-1]) + self.words(" and ") + parts[-1]
