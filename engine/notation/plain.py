"""Terms as one line of Unicode text: `(XᵀX + 2λnI)⁻¹Xᵀt`."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from engine.notation.alphabet import GREEK
from engine.notation.primitives import ATOM, FACTOR, PRODUCT, SUM, Written, decimal
from engine.notation.writer import Writer
from engine.terms import Definition, Number, Size, Symbol, Term
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula, Relation
from engine.terms.records import FUNCTIONS

_SUPERSCRIPTS = dict(
    zip("0123456789-+()=nidjkmtxabcABDEGHIJKLMNOPRTUVW", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾⁼ⁿⁱᵈʲᵏᵐᵗˣᵃᵇᶜᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ", strict=True)
)
_SUBSCRIPTS = dict(zip("0123456789aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))


def _mapped(text: str, table: dict[str, str]) -> str | None:
    return "".join(table[c] for c in text) if all(c in table for c in text) else None


class PlainWriter(Writer):
    minus = "−"
    infinity = "∞"
    element_of = "∈"
    times_dot = "·"
    identity = "I"
    ones = "𝟏"
    hadamard_sign = "⊙"
    maps_to = "↦"
    kronecker_sign = "⊗"
    hadamard_quotient_sign = "⊘"
    dots = "…"
    tilde = "~"
    pi = "π"
    naturals = "ℕ"
    integers = "ℤ"
    at_most = "≤"
    less = "<"
    reals = "ℝ"
    greater = ">"
    at_least = "≥"

    def name(self, name: str) -> str:
        stem, _, below = name.partition("_")
        star = "*" if stem.endswith("*") else ""
        primes = len(stem) - len(stem.rstrip("'"))
        tilde = "\u0303" if "~" in stem else ""
        stem = stem.rstrip("*'~")
        shown = unicodedata.normalize("NFC", GREEK.get(stem, stem) + tilde) + "′" * primes + star
        if not below:
            return shown
        if below.isdecimal():
            return shown + (_mapped(below, _SUBSCRIPTS) or "")
        return shown + "_" + "_".join(GREEK.get(part, part) for part in below.split("_"))

    def parenthesised(self, text: str) -> str:
        return f"({text})"

    def fraction(self, above: str, below: str) -> Written:
        return Written(f"{above}/{below}", PRODUCT)

    def below_line(self, factors: tuple[Term, ...]) -> str:
        if len(factors) == 1:
            return self.at(factors[0], FACTOR)
        return self.parenthesised(self._side(factors))

    def with_trailing(self, front: str, behind: str, is_fraction: bool) -> str:
        return f"{front} · {behind}" if is_fraction else f"{front} {behind}"

    def raised(self, base: str, exponent: Term) -> str:
        if isinstance(exponent, Number) and exponent.value.denominator == 1:
            return base + (_mapped(str(exponent.value), _SUPERSCRIPTS) or "")
        inner = self.write(exponent)
        return f"{base}^{inner.text if inner.level >= ATOM else self.parenthesised(inner.text)}"

    def raised_entrywise(self, base: str, exponent: Term) -> str:
        inner = self.write(exponent)
        return f"{base}^⊙{inner.text if inner.level >= ATOM else self.parenthesised(inner.text)}"

    def transposed(self, base: str) -> str:
        return base + "ᵀ"

    def root(self, base: Term) -> Written:
        inner = self.write(base).text
        return Written("√" + (inner if isinstance(base, Symbol) else self.parenthesised(inner)), FACTOR)

    def subscript(self, base: str, below: str) -> str:
        small = _mapped(below, _SUBSCRIPTS)
        bracketed = base.endswith((")", "]"))
        if small is not None and ("_" not in base or bracketed):
            return base + small
        stem, _, before = (base, "", "") if bracketed else base.partition("_")
        if before:
            return f"{stem}_{{{before},{below}}}"
        return f"{base}_{{{below}}}" if len(below) > 1 else f"{base}_{below}"

    def joined(self, factors: list[str]) -> str:
        text = factors[0]
        for left, right in zip(factors, factors[1:], strict=False):
            text += self._between(left, right) + right
        return text

    @staticmethod
    def _between(left: str, right: str) -> str:
        """Nothing where two factors cannot be misread side by side; else a space or a dot."""
        if right[0].isdigit():
            return "·"
        long_left = re.search(r"(_\w+|_\{[^}]*\}|\*|\^\S+)$|^[A-Za-zα-ωΑ-Ω]{2,}$", left)
        if long_left:
            return " · " if right[0] == "(" else " "
        name_after_letter = left[-1].isascii() and left[-1].isalpha() and re.match(r"[A-Za-z][*′]*[_(]", right)
        if name_after_letter or re.match(r"[A-Za-zα-ωΑ-Ω]{2,}|√", right) or (left[-1] == "|" and right[0] == "|"):
            return " "
        return ""

    def norm(self, inner: str) -> str:
        return f"‖{self._without_bars(inner)}‖"

    def absolute(self, inner: str) -> str:
        return f"|{self._without_bars(inner)}|"

    def _without_bars(self, inner: str) -> str:
        """In parentheses where it has bars itself: which ones belong together could not be told."""
        return self.parenthesised(inner) if "|" in inner or "‖" in inner else inner

    def applied(self, function: str, inner: str) -> str:
        known = FUNCTIONS.get(function)
        return f"{known.written if known is not None and known.written else function}({inner})"

    def sum_sign(self, index: str, length: str) -> str:
        return f"Σ_{{{index}=1}}^{{{length}}}"

    def limit_sign(self, variable: str, target: str) -> str:
        return f"lim_{{{variable}→{target}}}"

    def argmin_sign(self, variable: str) -> str:
        return f"argmin_{variable}"

    def expected(self, inner: str, over: str) -> str:
        return f"E_{{{over}}}[{inner}]" if over else f"E[{inner}]"

    def spread(self, name: str, inner: str, over: str) -> str:
        return f"{name}_{{{over}}}({inner})" if over else f"{name}({inner})"

    def nabla(self, order: int, variable: str, body: str) -> str:
        power = "" if order == 1 else _mapped(str(order), _SUPERSCRIPTS)
        return f"∇{power}{'_' + variable if variable else ''}{body}"

    def rate(self, order: int, body: str, variable: str, partial: bool = False) -> Written:
        d = "∂" if partial else "d"
        power = "" if order == 1 else _mapped(str(order), _SUPERSCRIPTS)
        gap = " " if re.match("[A-Za-z]{2}", body) else ""
        return Written(f"{d}{power}{gap}{body}/{d}{variable}{power}", PRODUCT)

    def at_values(self, body: str, values: str) -> str:
        return f"[{body}]_{{{values}}}"

    def rows(self, rows: list[list[str]]) -> str:
        return "[" + ", ".join("[" + ", ".join(row) + "]" for row in rows) + "]"

    def number(self, value: Fraction) -> Written:
        shown = decimal(value)
        if shown is None and value.denominator != 1:
            return Written(
                f"{self.minus if value < 0 else ''}{abs(value.numerator)}/{value.denominator}",
                SUM if value < 0 else PRODUCT,
            )
        shown = shown or str(value)
        return Written(shown.replace("-", self.minus), SUM if value < 0 else ATOM)

    def relation(self, relation: Relation) -> str:
        return relation.value

    def words(self, text: str) -> str:
        return text

    def space(self, size: Size, width: Size) -> str:
        sizes = [self.size(size)] if width == 1 else [self.size(size), self.size(width)]
        small = [_mapped(part, _SUPERSCRIPTS) for part in sizes]
        if all(small):
            return "ℝ" + "ˣ".join(part or "" for part in small)
        return "ℝ^{" + "×".join(sizes) + "}"


_WRITER = PlainWriter()


def plain(thing: Term | Formula | Definition | Declaration) -> str:
    """A term, formula, definition or declaration as one line of Unicode text."""
    return _WRITER(thing)
