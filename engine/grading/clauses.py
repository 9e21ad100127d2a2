"""The clauses of a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.grading.lexicon import FINITE

BREAK = re.compile(
    r"(?P<sentence>\n(?=[A-Z])|(?<!\bi\.e)(?<!\be\.g)(?<!\bvs)(?<!\bcf)[.!?](?=\s|$)|;|\n\s*\n)|"
    r"[()]|(?P<comma>,(?=\s))|(?P<colon>:(?=\s))|(?P<and>\band(?=(?:\s+\S+){1,4}?\s+(?:is|are|has|have|does|do|needs?|stays?|gets?|becomes?)\b))|—|\b(?:because|since|meaning(?:\s+that)?|such\s+that|so\s+that|hence|thus|therefore|whereas|whilst"
    r"|although|though|but)\b",
    re.IGNORECASE,
)
_OPENS_A_CASE = re.compile(
    r"\W*(?:(?:so|and|hence|thus|therefore)\s+)?(?:as|when|if|while|whenever|once|with|without|for|under"
    r"|the\s+(?:larger|bigger|greater|more|higher|stronger|smaller|lower|less|weaker|fewer))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Clause:
    """A clause, the place where it starts, whether it begins a sentence, whether as a question, and what ends it."""

    text: str
    start: int
    begins: bool
    is_asked: bool
    is_reason: bool  # it stands behind `because`, `so that`, `hence`
    end: str  # the sign or the word that ends it


def clauses(text: str) -> Iterator[Clause]:
    """The clauses of a text; a case that is named first stands with what is said of it."""
    start, begins, before = 0, True, ""
    for match in (*BREAK.finditer(text), None):
        end = match.start() if match is not None else len(text)
        clause = text[start:end]
        if match is not None and match["comma"] and _OPENS_A_CASE.match(clause) and ", " not in clause:
            continue
        if match is not None and (match["colon"] or match["and"]) and not FINITE & set(clause.lower().split()):
            continue
        bare = clause.strip(" \n\t–-,;:.")
        if any(letter.isalpha() for letter in bare):
            ends = next((m for m in BREAK.finditer(text, end) if m["sentence"] is not None), None)
            is_asked = ends is not None and ends["sentence"] == "?"
            place = start + len(clause) - len(clause.lstrip())
            yield Clause(bare, place, begins, is_asked, before.isalpha(), match.group() if match is not None else "")
            begins = False
        if match is not None:
            start, before = match.end(), re.sub(r"\b(?:and|but)\b|\s", "", match.group().lower())
            begins = begins or match["sentence"] is not None
