"""A working as LaTeX: a document of its own, or a fragment for somebody's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import ClassVar

from engine.documents import pgfplots
from engine.documents.aligned import PAGE, AlignedRow, Block, aligned
from engine.documents.evidence import MEANINGS, extent, inside, marks, needs, strength
from engine.documents.inline import latex_sentence
from engine.documents.typeset import broken
from engine.documents.walk import PassageLine, Walk, lines, linked, verdict
from engine.kernel import Step
from engine.notation.latex import LatexWriter, relation_sign
from engine.proofs.figures import Figure
from engine.proofs.working import Option, Passage, Working
from engine.terms import Definition, Symbol, Term
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula

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
\setlength{\topskip}{1\topskip plus 60pt}
\renewcommand{\topfraction}{0.9}
\renewcommand{\textfraction}{0.07}
\renewcommand{\floatpagefraction}{0.8}
\theoremstyle{remark}
\newtheorem*{remark*}{Remark}
"""


_VERDICTS = {"→": r"$\rightarrow$", "✗": r"$\times$", " ": ""}
_ROOM_FOR_A_SECTION = r"\par\vskip 0pt plus 6\baselineskip\penalty-100\vskip 0pt plus -6\baselineskip"


class BoldLatexWriter(LatexWriter):
    """Vectors and matrices in bold."""

    def symbol(self, symbol: Symbol) -> str:
        shown = self.name(symbol.name)
        if symbol.is_scalar:
            return shown
        stem, bar, below = shown.partition("_")
        return rf"\boldsymbol{{{stem}}}" + bar + below


class LatexPage(Walk):
    """Collects the lines of a section for a working."""

    FRAMES: ClassVar = {
        "": r"%s\par",
        "cited": r"%s.\par",
        "where": r"\begin{sloppypar}\noindent %s\end{sloppypar}",
        "idea": r"\par\smallskip %s",
        "let": r"\par\smallskip %s",
        "suppose": r"\par\smallskip %s",
        "remark": r"\begin{remark*}%s\end{remark*}",
        "question": r"\par\smallskip\textit{%s}\par",
        "grounds": r"{\small\raggedright\leftskip=1.5em %s\par}",
        "reason": r"\begin{sloppypar}\noindent %s\end{sloppypar}",
        "answer": r"\par\textbf{%s}\par",
    }

    def __init__(
        self, working: Working, bold: bool = False, detail: bool = False, beside: Collection[str] = ()
    ) -> None:
        super().__init__(working, beside)
        self.write_term: Callable[..., str] = BoldLatexWriter() if bold else LatexWriter()
        self.name, self.detail = working.name, detail
        self.text: list[str] = []
        self.waiting: list[Block] = []  # passages that follow one another
        self.needed: dict[Formula, None] = {}

    def add(self, *texts: str) -> None:
        self.text.extend(aligned(self.waiting))
        self.waiting = []
        self.text.extend(texts)

    def prose(self, text: str) -> str:
        return latex_sentence(text)

    def inline(self, thing: Term | Formula | Definition | Declaration) -> str:
        return f"${self.write_term(thing)}$"

    def display(self, thing: Term | Definition) -> str:
        return rf"$\displaystyle {self.write_term(thing)}$"

    def heading(self, title: str) -> None:
        self.add(rf"\textbf{{{title}}}")

    # -- parts ---------------------------------------------------------------------------------------------------------

    def header(self, working: Working) -> None:
        self.add(rf"\section{{{latex_sentence(working.title)}}}\label{{sec:{working.name}}}")
        if working.source:
            self.add(rf"\textit{{\small assignment {latex_sentence(working.source)}}}\par")

    def given(self, definitions: Sequence[Definition]) -> None:
        if definitions:
            rows = [r"  & " + (r" \\ & \qquad ".join(broken(self.write_term(each), PAGE - 6))) for each in definitions]
            self.add(r"\begin{align*}", " \\\\\n".join(rows), r"\end{align*}")

    def link(self, name: str) -> str:
        shown = rf"\texttt{{{name}}}"
        return rf"\hyperref[sec:{name}]{{{shown}}}" if name in self.beside else shown

    def passage(self, passage: Passage) -> None:
        rows: list[AlignedRow] = []
        for line in lines(passage):
            rows.append(self._row(line))
            if line.step is not None:
                self.needed |= dict.fromkeys(needs(line.step))
                rows += self._inside(line.step) if self.detail else []
        self.waiting.append(Block(latex_sentence(passage.heading), tuple(rows)))

    def _inside(self, step: Step) -> list[AlignedRow]:
        """The smaller steps of a line, each a whole formula, set in."""
        found = []
        for line in (line for passage in linked(inside(step)) for line in lines(passage)):
            row = self._row(line)
            found.append(AlignedRow("", rf"\qquad\textstyle {row.left} {row.right}", row.reason, ""))
        if needs(step):
            needed = self.joined(needs(step))
            found.append(AlignedRow("", rf"\qquad\text{{\small needs {needed}}}", "", ""))
        return found

    def _row(self, line: PassageLine) -> AlignedRow:
        write = self.write_term
        relation = _relation(line)
        left = write(line.left) if line.left is not None else ""
        right = f"{relation} {write(line.right)}" if line.right is not None else ""
        if line.relation is None and line.right is not None:
            right = rf"\phantom{{\iff}}\; {write(line.right)}"
        if line.step is None:
            return AlignedRow(left, right, "", "")
        label = self.citations.number(line.step)
        return AlignedRow(left, right, self._reason(line.step), "" if label is None else f"eq:{self.name}:{label}")

    def _reason(self, step: Step) -> str:
        """The reason, with the numbers of the lines that it cites, and what the evidence is where it is not exact."""
        sentence, cited = self.citations.reason(step)
        numbers = [", ".join(rf"\eqref{{eq:{self.name}:{number}}}" for number in cited)] if cited else []
        noted = (f"[{latex_sentence(mark)}]" for mark in marks(step))
        return " ".join(filter(None, [latex_sentence(sentence), *numbers, *noted]))

    def options(self, question: str, options: Iterable[tuple[Option, str]]) -> None:
        self.paragraph("question", question)
        for option, grounds in options:
            shown = latex_sentence(option.said)
            mark = rf"\makebox[1.5em][l]{{{_VERDICTS[verdict(option)]}}}"
            self.add(mark + (rf"\textbf{{{shown}}}" if option.is_shown else shown) + r"\par")
            if grounds:
                self.paragraph("grounds", grounds)

    def figure(self, working: Working, figure: Figure) -> None:
        self.add(*pgfplots.block(working, figure, self.write_term))

    def results(self, working: Working) -> None:
        self.add(rf"\par\smallskip\textbf{{Result}}\footnote{{{self._evidence(working)}}}")
        self.found(working)

    def result(self, name: str, formula: Formula, conditions: Sequence[Formula]) -> None:
        shown, *more = broken(self.write_term(formula), PAGE - 10)
        if more:
            shown = r"\begin{aligned} & " + r" \\ & \quad ".join((shown, *more)) + r"\end{aligned}"
        lead = rf"\text{{{latex_sentence(name)}: }}\;" if name else ""
        condition = rf" \quad\text{{if }} {', '.join(map(self.write_term, conditions))}" if conditions else ""
        self.add(rf"\[ {lead}\boxed{{{shown}}}{condition} \]")

    def part(self, name: str, value: Term) -> None:
        self.paragraph("part", f"{latex_sentence(name)}: {self.display(value)}")

    def _evidence(self, working: Working) -> str:
        meanings = "; ".join(rf"\emph{{{kind.value}}}: {MEANINGS[kind]}" for kind in working.whole.counts)
        shown = f", {extent(working)}" if extent(working) else ""
        needed = self.joined(self.needed)
        conditions = f" What its lines need follows from the premises: {needed}." if needed else ""
        return latex_sentence(strength(working)) + rf"{shown}. A line is {meanings}.{conditions}"


def _relation(line: PassageLine) -> str:
    return relation_sign(line.relation) if line.relation is not None else ""


def fragment(working: Working, bold: bool = False, detail: bool = False, beside: Collection[str] = ()) -> str:
    """What goes into a document of one's own; its first line says which packages it needs. `beside`: see `Walk`."""
    page = LatexPage(working, bold, detail, beside)
    page.write(working)
    needed = (*PACKAGES, f"{pgfplots.PACKAGE} ({pgfplots.SETTING})") if working.figures else PACKAGES
    packages = f"% needs the packages {', '.join(needed)}, and \\newtheorem*{{remark*}}{{Remark}}\n"
    return packages + "\n".join(page.text) + "\n"


def document(workings: Sequence[Working], bold: bool = False, detail: bool = False) -> str:
    """A document that stands alone; of several workings, with a table of contents."""
    drawn = any(working.figures for working in workings)
    pictures = [rf"\usepackage{{{pgfplots.PACKAGE}}}{pgfplots.SETTING}"] if drawn else []
    parts = [_PREAMBLE.rstrip("\n"), *pictures, r"\begin{document}"]
    if len(workings) > 1:
        parts += [r"\tableofcontents", r"\clearpage"]
    names = {working.name for working in workings}
    for working in workings:
        parts += [_ROOM_FOR_A_SECTION, *fragment(working, bold, detail, names).split("\n")[1:]]
    return "\n".join([*parts, r"\end{document}", ""])
