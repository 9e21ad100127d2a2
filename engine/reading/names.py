"""The symbol table that a text is read in: what a name stands for here, and which name was meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from engine.notation import spelling
from engine.notation.plain import plain
from engine.terms import Definition, Symbol
from engine.terms.declarations import Declaration

Meant = Symbol | Definition


def spelled_name(name: str) -> str:
    """A name as declarations have it: λ and \\lambda are lambda, S_{min} is S_min, x1 is x_1, \\mathbf{w} is w."""
    name = in_italics(name)
    name = spelling.SMALL.sub(lambda run: "_" + spelling.plain_subscript(run.group()), name)
    name = name.strip().lstrip("\\").replace("{", "").replace("}", "")
    numbered = spelling.NUMBERED.fullmatch(name)
    stem, bar, below = (numbered["stem"], "_", numbered["digits"]) if numbered else name.partition("_")
    stem = spelling.GREEK_LETTERS.get(stem, spelling.VARIANTS.get(stem, spelling.ALIASES.get(stem, stem)))
    return stem + bar + spelling.GREEK_LETTERS.get(below, below)


_UPRIGHT = re.compile(
    r"\\(?:mathbf|boldsymbol|bm|mathrm|mathit)(?:\s*\{\s*(?P<inside>\\?\w+)\s*\}|\s+(?P<letter>\\?\w))"
)
_OPTIMUM = re.compile(r"(?P<stem>[^*^_]+?(?:_[^*^_]+?)??)(?P<star>[*^]?)(?:_(?P<word>r|ridge|opt|min|star|best))?[*^]?")


def in_italics(text: str) -> str:
    """A text with its \\mathbf{w} and the like as w."""
    return _UPRIGHT.sub(lambda match: match["inside"] or match["letter"], text)


MOST_KEPT = 4_096


class Names:
    """Declared symbols and defined names. Where `free`, a single letter that is not declared is a real number; w*,
    w_opt and the like are read as w where w is an unknown.
    """

    def __init__(
        self,
        declarations: Iterable[Declaration],
        definitions: Iterable[Definition] = (),
        free: bool = False,
        unknowns: Iterable[Symbol] = (),
    ) -> None:
        self.declarations = {d.symbol: d for d in declarations}
        self.definitions = {d.name: d for d in definitions}
        self.symbols = {symbol.name: symbol for symbol in self.declarations}
        self.free = free
        self.unknowns = {unknown.name: unknown for unknown in unknowns}
        self.meanings: dict[str, Symbol] = {}  # what a person's own letters stand for
        self._found: dict[str, Meant | None] = {}

    def get(self, name: str) -> Meant | None:
        """What a name stands for, in the spelling of the declarations (`lambda`, `x'`, `y~_m`); None for nothing."""
        if name not in self._found:
            if len(self._found) > MOST_KEPT:
                self._found.clear()
            self._found[name] = self._get(name)
        return self._found[name]

    def _get(self, name: str) -> Meant | None:
        found = self.meanings.get(name) or self.symbols.get(name) or self.definitions.get(name)
        if found is None and (spelled := spelled_name(name)) != name:
            return self.get(spelled)
        return found if found is not None else self._optimum(name)

    def _optimum(self, name: str) -> Meant | None:
        """What w_ridge, w_r* or w_opt stands for where a w* is defined, or where w* is how an unknown w is written."""
        match = _OPTIMUM.fullmatch(name)
        if match is None or not (match["star"] or match["word"]):
            return None
        return self.definitions.get(match["stem"] + "*") or self.unknowns.get(match["stem"])

    def begins(self, text: str) -> bool:
        """Whether a declared name is this text with marks or a subscript behind it."""
        return text in self._stems

    @cached_property
    def _stems(self) -> frozenset[str]:
        """The beginnings of the declared names, before a mark or a subscript."""
        cuts = ((name, k) for name in self.spelled for k in range(1, len(name)))
        return frozenset(name[:k] for name, k in cuts if name[k] in "_'*~^")

    @cached_property
    def spelled(self) -> frozenset[str]:
        return frozenset((*self.symbols, *self.definitions, *self.meanings))

    def random(self, name: str) -> Symbol | None:
        """The random symbol of a name."""
        symbol = self.symbols.get(name)
        return symbol if symbol is not None and self.declarations[symbol].law is not None else None

    def nearest(self, name: str, applied: bool = False) -> str | None:
        """The declared name, or the function where it is `applied`, that is spelt most like another."""
        lowered = {known.lower(): known for known in self.spelled}
        if name.lower() in lowered:
            return lowered[name.lower()]
        functions = [*spelling.FUNCTIONS, *spelling.OTHER_FUNCTIONS, *spelling.OPERATORS] if applied else []
        known = [*self.spelled, *functions]
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.65)
        return near[0] if near else None

    def shown(self) -> str:
        """The names that can be used, for a message."""
        names = [plain(symbol) for symbol in self.symbols.values()]
        names += [plain(d(*d.parameters)) for d in self.definitions.values()]
        return ", ".join(names)

    @property
    def as_declared(self) -> Names:
        """The table without letters that nobody declared, and without unknowns by other names."""
        return Names(self.declarations.values(), self.definitions.values()).called(self.meanings)

    def called(self, meanings: Mapping[str, Symbol]) -> Names:
        """The table where a person's letters stand for symbols, too."""
        found = Names(self.declarations.values(), self.definitions.values(), self.free, self.unknowns.values())
        found.meanings = {**self.meanings, **meanings}
        return found

    def without(self, *names: str) -> Names:
        """The table without some names."""
        declarations = (d for s, d in self.declarations.items() if s.name not in names)
        return Names(
            declarations,
            (d for d in self.definitions.values() if d.name not in names),
            self.free,
            self.unknowns.values(),
        )
