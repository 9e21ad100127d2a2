"""A working as LaTeX: a document of its own, or a fragment for somebody's."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.kernel import Step
from engine.rendering.evidence import hypotheses, marks, strength
from engine.rendering.inline import latex_sentence
from engine.rendering.latex import LatexWriter, relation_sign
from engine.rendering.typeset import broken, width
from engine.rendering.walk import Citations, Line, Walk, lines
from engine.terms import Symbol
from engine.working import Answer, Let, Passage, Remark, Suppose, Working

PAGE = 76.0  # of a line of text, in widths of a letter
LONGEST_REASON = 46.0
NO_TAG = r"\notag"
GAP = 3.0  # between the mathematics and the reasons
PACKAGES = ("amsmath", "amssymb", "amsthm", "hyperref")
_PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[margin=24mm]{geometry}
\usepackage[fleqn]{amsmath}
\usepackage{amssymb,amsthm}
\usepackage[hidelinks]{hyperref}
\allowdisplaybreaks
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\theoremstyle{remark}
\newtheorem*{remark*}{Remark}
"""


class BoldLatexWriter(LatexWriter):
    """Vectors and matrices in bold."""

    def symbol(self, symbol: Symbol) -> str:
        shown = self.name(symbol.name)
        if symbol.is_scalar:
            return shown
        stem, bar, below = shown.partition("_")
        return rf"\boldsymbol{{{stem}}}" + bar + below


@dataclass(frozen=True)
class Row:
    """A line of an align environment: left of the relation, from the relation on, the reason, and a number if it is cited."""

    left: str
    right: str
    reason: str
    label: str


class LatexPage(Walk):
    """Collects the lines of a section for a working."""

    def __init__(self, working: Working, bold: bool = False, detail: bool = False) -> None:
        self.write_term: Callable[..., str] = BoldLatexWriter() if bold else LatexWriter()
        self.citations = Citations(working)
        self.name, self.detail = working.name, detail
        self.text: list[str] = []
        self.open = False  # whether an align environment is open

    def add(self, *texts: str) -> None:
        self._close()
        self.text.extend(texts)

    def _close(self) -> None:
        if self.open:
            self.text[-1] = self.text[-1].removesuffix(r" \\")
            self.text.append(r"\end{align}")
            self.open = False

    # -- parts -------------------------------------------------------------------------------------------------------------

    def header(self, working: Working) -> None:
        source = f"assignment {working.source} $\\cdot$ " if working.source else ""
        self.add(rf"\section{{{latex_sentence(working.title)}}}\label{{sec:{working.name}}}")
        self.add(rf"\textit{{\small {source}{latex_sentence(strength(working))}}}\par")

    def premises(self, working: Working) -> None:
        premises = working.premises
        self.add(r"\textbf{Given}")
        given = [self.write_term(definition) for definition in premises.definitions]
        if given:
            rows = [r"  & " + (r" \\ & \qquad ".join(broken(each, PAGE - 6))) for each in given]
            self.add(r"\begin{align*}", " \\\\\n".join(rows), r"\end{align*}")
        symbols = ", ".join(f"${self.write_term(declaration)}$" for declaration in premises.declarations)
        assuming = ", ".join(f"${self.write_term(hypothesis)}$" for hypothesis in premises.hypotheses)
        self.add(
            r"\begin{sloppypar}\noindent where "
            + symbols
            + (f", assuming {assuming}" if assuming else "")
            + r".\end{sloppypar}"
        )
        for name, title in dict.fromkeys((lemma.name, lemma.title) for lemma in working.lemmas):
            self.add(rf"It uses \hyperref[sec:{name}]{{\texttt{{{name}}}}} ({latex_sentence(title)}).\par")

    def passage(self, passage: Passage) -> None:
        rows = [self._row(line, number) for number, line in enumerate(lines(passage))]
        if passage.heading:
            heading = latex_sentence(passage.heading)
            if self.open:
                self.text.append(rf"\intertext{{\textbf{{{heading}}}}}")
            else:
                self.add(rf"\par\smallskip\textbf{{{heading}}}\nopagebreak")
        if not self.open:
            self.text.append(r"\begin{align}")
            self.open = True
        self._laid_out(rows)
        self._close()

    def _row(self, line: Line, number: int) -> Row:
        write = self.write_term
        relation = _relation(line)
        left = write(line.left) if line.left is not None else ""
        right = f"{relation} {write(line.right)}" if line.right is not None else ""
        if line.relation is None and line.right is not None:
            right = rf"\phantom{{\iff}}\; {write(line.right)}"
        if line.step is None:
            return Row(left, right, "", "")
        label = self.citations.number(line.step)
        return Row(left, right, self._reason(line.step), "" if label is None else f"eq:{self.name}:{label}")

    def _reason(self, step: Step) -> str:
        """The reason, with the numbers of the lines that it cites, and what the evidence is where it is not exact."""
        cited = [self.citations.number(line) for line in self.citations.cited_by(step)]
        numbers = ", ".join(rf"\eqref{{eq:{self.name}:{number}}}" for number in cited if number is not None)
        text = latex_sentence(step.reason)
        if numbers and step.reason.startswith("insert "):
            text = f"insert {numbers}"
        elif numbers:
            text += f" {numbers}"
        return " ".join([text, *(f"[{latex_sentence(mark)}]" for mark in marks(step))])

    def _laid_out(self, rows: Sequence[Row]) -> None:
        """Reasons at the right where they fit beside the widest line that has one there; else on a line of their own."""
        left = min(max(width(row.left) for row in rows), PAGE / 3)
        room = PAGE - left - 4
        longest = _reason_column(rows, room)
        for row in rows:
            pieces = broken(row.right, room) if row.right else [""]
            lead = row.left
            if width(row.left) > left:
                self.text.append(rf"  & {lead} \notag \\")
                lead = ""
            tag = rf"\label{{{row.label}}}" if row.label else NO_TAG
            if 0 < _length(row.reason) <= longest and width(row.right) <= room - longest - GAP:
                self.text.append(rf"  {lead} & {pieces[0]} && \text{{\small {row.reason}}} {tag} \\")
                continue
            self._below(row, lead, pieces, tag, room)

    def _below(self, row: Row, lead: str, pieces: list[str], tag: str, room: float) -> None:
        """A line with its reason under it, none of which makes the column of the reasons start further right."""
        for number, piece in enumerate(pieces):
            indent = r"\qquad " if number else ""
            shown = rf"\makebox[0pt][l]{{$\displaystyle {indent}{piece}$}}" if piece else ""
            self.text.append(rf"  {lead if number == 0 else ''} & {shown} {tag if number == 0 else NO_TAG} \\")
        if row.reason:
            box = rf"\parbox[t]{{{(room - 8) / PAGE:.2f}\linewidth}}{{\raggedright\small {row.reason}}}"
            self.text.append(rf"  & \qquad \makebox[0pt][l]{{{box}}} {NO_TAG} \\")

    def let(self, let: Let) -> None:
        self.add(rf"\par\smallskip Let $\displaystyle {self.write_term(let.definition)}$.\par")

    def suppose(self, suppose: Suppose) -> None:
        self.add(rf"\par\smallskip Suppose ${self.write_term(suppose.hypothesis)}$.\par")

    def remark(self, remark: Remark) -> None:
        self.add(r"\begin{remark*}" + latex_sentence(remark.text) + r"\end{remark*}")

    def answer(self, answer: Answer) -> None:
        self.add(rf"\par\smallskip\textit{{{latex_sentence(answer.question)}}}\par")
        for option in answer.options:
            shown = latex_sentence(option)
            mark = r"$\rightarrow$~" if option == answer.chosen else r"\phantom{$\rightarrow$~}"
            self.add(mark + (rf"\textbf{{{shown}}}" if option == answer.chosen else shown) + r"\par")
        because = ", ".join(f"${self.write_term(step.claim.formula)}$" for step in answer.because)
        self.add(rf"because {because}.\par")

    def results(self, working: Working) -> None:
        self.add(r"\par\smallskip\textbf{Result}")
        for result in working.results:
            formula = self.write_term(result.step.claim.formula)
            pieces = broken(formula, PAGE - 10)
            shown = (
                pieces[0]
                if len(pieces) == 1
                else r"\begin{aligned} & " + r" \\ & \quad ".join(pieces) + r"\end{aligned}"
            )
            given = [self.write_term(formula) for formula in hypotheses(result.step)]
            lead = rf"\text{{{latex_sentence(result.name)}: }}\;" if result.name else ""
            condition = rf"\quad\text{{if }} {', '.join(given)}" if given else ""
            self.add(
                rf"\[ {lead}\boxed{{{shown}}} \]" if not condition else rf"\[ {lead}\boxed{{{shown}}} {condition} \]"
            )


def _reason_column(rows: Sequence[Row], room: float) -> float:
    """How wide the reasons at the right may be so that most lines have theirs beside them; 0 for none."""
    best, most = 0.0, 0
    for length in sorted({_length(row.reason) for row in rows if 0 < _length(row.reason) <= LONGEST_REASON}):
        beside = [r for r in rows if 0 < _length(r.reason) <= length and width(r.right) <= room - length - GAP]
        if len(beside) >= most:
            best, most = length, len(beside)
    return best


def _length(reason: str) -> float:
    return (
        0.92 * width(re.sub(r"\\eqref\{[^}]*\}", "(10)", reason).replace("$", "").replace(" ", "i")) if reason else 0.0
    )


def _relation(line: Line) -> str:
    return relation_sign(line.relation) if line.relation is not None else ""


def fragment(working: Working, bold: bool = False, detail: bool = False) -> str:
    """What goes into a document of one's own; its first line says which packages it needs."""
    page = LatexPage(working, bold, detail)
    page.write(working)
    needs = f"% needs the packages {', '.join(PACKAGES)}, and \\newtheorem*{{remark*}}{{Remark}}\n"
    return needs + "\n".join(page.text) + "\n"


def document(workings: Sequence[Working], bold: bool = False, detail: bool = False) -> str:
    """A document that stands alone; of several workings, with a table of contents."""
    parts = [_PREAMBLE, r"\begin{document}"]
    if len(workings) > 1:
        parts += [r"\tableofcontents", r"\clearpage"]
    parts += ["\n".join(fragment(working, bold, detail).split("\n")[1:]) for working in workings]
    return "\n".join([*parts, r"\end{document}", ""])
