"""What stands behind a dot: x.T, A.inv(), (x - m).pow(2).sum()."""

from __future__ import annotations

from engine.reading.errors import Unreadable
from engine.reading.functions import METHODS, apply
from engine.reading.parser import Parser
from engine.terms import Term, transpose

_WITHOUT_ARGUMENTS = ("T", "mT", "I", "inv", "inverse", "transpose")


def is_attribute(p: Parser, base: Term) -> bool:
    """Whether a name stands right behind the dot here, and not one that is declared (a factor in A.B)."""
    name = p.ahead()
    if name.kind != "name" or name.spaced:
        return False
    return name.text in _WITHOUT_ARGUMENTS or p.meant(name.text) is None


def attribute(p: Parser, base: Term, start: int) -> Term:
    p.take()
    name = p.take()
    arguments: list[Term] = []
    called = p.taken("(")
    if called and not p.taken(")"):
        arguments = p.listed(")")
    if name.text in ("T", "mT") and not called:
        return transpose(base)
    if name.text == "I" and not called:
        return apply(p, "inv", [base], start)
    if (called and name.text in METHODS) or name.text in _WITHOUT_ARGUMENTS:
        return apply(p, name.text, [base, *arguments], start)
    raise Unreadable(f".{name.text} is not known here", name.start - 1, name.end, ".T and .I are")
