"""A person's text (plain, Unicode or LaTeX) → a term, in the symbol table of a derivation."""

from engine.reading.errors import IllTyped, Unreadable
from engine.reading.names import Names
from engine.reading.reader import Reading, read

__all__ = ["IllTyped", "Names", "Reading", "Unreadable", "read"]
