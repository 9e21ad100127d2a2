"""What is declared, defined and assumed, as the author of a derivation writes it down."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from engine.kernel import DerivationError, Line, Step
from engine.kernel.conditions import Condition
from engine.proofs.draft import Draft
from engine.proofs.figures import Figure
from engine.proofs.instances import GENERAL, Instance
from engine.proofs.parameters import Lawless, required
from engine.proofs.working import Choice, Convention, Let, Premises, Remark, Suppose
from engine.rules.algebra.specialising import whole_where_needed
from engine.rules.order.prover import prove
from engine.rules.scope import Scope
from engine.terms import Definition, Operand, ShapeError, Size, Symbol, Term, show_shape, term
from engine.terms.declarations import POSITIVE_INTEGER, REAL, Declaration, Domain
from engine.terms.formulas import Formula
from engine.terms.laws import Law
from engine.terms.records import FUNCTIONS


class Setting:
    """The premises of a working, as they are written: symbols, definitions and hypotheses, of which some may be replaced."""

    def __init__(self, replaced: Mapping[str, Callable[[Any], Any]], at: Instance = GENERAL) -> None:
        self.replaced, self.at = dict(replaced), at
        self.replaceable: set[str] = set()  # the names of the premises, those of the lemmas included
        self.used: set[str] = set()
        self.indices: tuple[Symbol, ...] = ()  # those of the premise that is being replaced
        self.declarations: dict[Symbol, Declaration] = {d.symbol: d for d in at.declarations}
        self.definitions: dict[str, Definition] = {d.name: d for d in at.definitions}
        self.hypotheses: list[Formula] = list(at.hypotheses)
        self.conventions: list[Convention] = []
        self.facts: list[Line] = list(at.facts)
        self.parts: list[Draft | Remark | Let | Suppose | Choice | Figure] = []
        self._scope: Scope | None = None
        self._proved: dict[Condition, Step | None] = {}

    def declare(
        self, symbol: Symbol, domain: Domain = REAL, law: Law | None = None, indices: tuple[Symbol, ...] = ()
    ) -> Symbol:
        """The symbol; where the derivation is run at a value of it, that value, and nothing is declared.

        Raises DerivationError where a name is declared twice in different ways, or would read as something else.
        """
        _readable(symbol.name)
        if symbol.name in self.at.terms:
            return cast(Symbol, self._value(symbol, domain))
        declaration = Declaration(symbol, domain, law, indices)
        clash = next((s for s, d in self.declarations.items() if str(s) == str(symbol) and d != declaration), None)
        if clash is not None:
            raise DerivationError(f"{symbol} is declared twice")
        self.declarations[symbol] = declaration
        if law is not None:
            try:
                further = required(declaration, self.declarations.values())
            except Lawless as error:
                raise DerivationError(str(error)) from None
            self.hypotheses.extend(hypothesis for hypothesis in further if hypothesis not in self.hypotheses)
        self._scope = None
        return symbol

    def _value(self, symbol: Symbol, domain: Domain) -> Term:
        """The value that a symbol has here: what is shown of it is certified of the value, whatever the symbol's domain.

        Raises ShapeError, and NotApplicable for a number that is to be whole and need not be.
        """
        value = self.at.terms[symbol.name]
        if value.shape != symbol.shape:
            raise ShapeError(f"{symbol} is {show_shape(symbol.shape)}, {value} is {show_shape(value.shape)}")
        whole_where_needed(symbol, domain, value, self.scope)
        return value

    def size(self, name: str) -> Symbol:
        """A positive whole number: a number of rows, of columns, of terms in a sum."""
        return self.declare(Symbol(name), POSITIVE_INTEGER)

    def index(self, name: str, size: Size) -> Symbol:
        """A whole number from 1 to a size, fixed but arbitrary."""
        return self.declare(Symbol(name), Domain(whole=True, index_up_to=term(size)))

    def scalar(self, name: str, domain: Domain = REAL) -> Symbol:
        return self.declare(Symbol(name), domain)

    def vector(self, name: str, size: Size, domain: Domain = REAL) -> Symbol:
        """A column vector."""
        return self.declare(Symbol(name, size), domain)

    def matrix(self, name: str, rows: Size, columns: Size, domain: Domain = REAL) -> Symbol:
        return self.declare(Symbol(name, rows, columns), domain)

    def random(self, name: str, law: Law, *sizes: Size, indices: tuple[Symbol, ...] = ()) -> Symbol:
        """A random scalar, or a family of independent ones; the law may be replaced."""
        symbol = Symbol(name, *sizes)
        return self.declare(symbol, REAL, self._replaced(name, law, indices), indices)

    def given(
        self, name: str, body: Operand, *parameters: Term, indexed: bool = False, citation: str = ""
    ) -> Definition:
        """A named premise, with its parameters or indices; what it stands for may be replaced."""
        _readable(name)
        original = term(body)
        symbols = tuple(p for p in parameters if isinstance(p, Symbol))
        body = term(self._replaced(name, original, symbols if indexed else ()))
        if body.shape != original.shape:
            raise ShapeError(f"{name} is {show_shape(original.shape)}, the premise given {show_shape(body.shape)}")
        definition = Definition(name, symbols, body, indexed, "" if name in self.replaced else citation)
        if self.definitions.get(name, definition) != definition:
            raise DerivationError(f"{name} is given twice")
        self.definitions[name] = definition
        if self._begun:
            self.parts.append(Let(definition))
        self._scope = None
        return definition

    def let(self, name: str, body: Operand, citation: str = "") -> Term:
        """A name for a term."""
        return self.given(name, body, citation=citation)()

    def assume(self, *hypotheses: Formula) -> None:
        """Hypotheses, which the lines that need them lean on from here."""
        self.hypotheses.extend(hypotheses)
        if self._begun:
            self.parts.extend(Suppose(hypothesis) for hypothesis in hypotheses)
        self._scope = None

    def take(self, words: str, meaning: str, *, source: str) -> None:
        """What words of a question are taken to mean: a premise, with whose reading it is."""
        self.conventions.append(Convention(words, meaning, source))

    def _replaced(self, name: str, original: Any, indices: tuple[Symbol, ...] = ()) -> Any:
        self.replaceable.add(name)
        if name not in self.replaced:
            return original
        self.used.add(name)
        self.indices = indices
        try:
            return self.replaced[name](self)
        finally:
            self.indices = ()

    def __getitem__(self, name: str) -> Any:
        """A declared symbol or defined name, for whoever writes a premise of their own."""
        if name in self.at.terms:
            return self.at.terms[name]
        for symbol in self.declarations:
            if symbol.name == name:
                return symbol
        if name in self.definitions:
            return self.definitions[name]
        raise KeyError(name)

    @property
    def scope(self) -> Scope:
        """The premises so far, with what was already proved from them: more premises take nothing of it away."""
        if self._scope is None:
            self._scope = Scope(
                dict(self.declarations),
                dict(self.definitions),
                tuple(self.hypotheses),
                prove,
                facts=tuple(self.facts),
                proved={condition: step for condition, step in self._proved.items() if step is not None},
            )
            self._proved = self._scope.proved
        return self._scope

    @property
    def _begun(self) -> bool:
        """Whether the premises are over and the working has begun."""
        return any(isinstance(part, Draft) for part in self.parts)

    @property
    def premises(self) -> Premises:
        """What was declared, defined and assumed before the working began, and how words are taken."""
        later = {part.definition.name for part in self.parts if isinstance(part, Let)}
        given = tuple(definition for name, definition in self.definitions.items() if name not in later)
        supposed = {part.hypothesis for part in self.parts if isinstance(part, Suppose)}
        assumed = tuple(hypothesis for hypothesis in self.hypotheses if hypothesis not in supposed)
        return Premises(tuple(self.declarations.values()), given, assumed, tuple(self.conventions))


def _readable(name: str) -> None:
    """Raises DerivationError for a name that reads as a number, a formula or a function of its own."""
    if _NAME.fullmatch(name) is None or name in FUNCTIONS:
        raise DerivationError(
            f"{name!r} reads as something else: a name is a letter or a word, as in w, w*, B_noise or x_1"
        )


_NAME = re.compile(r"[^\W\d_]+[~'′]*\w*[*'′]*")
