"""A working as LaTeX: a document of its own, or a fragment for somebody's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from engine.documents import pgfplots
from engine.documents.aligned import PAGE, Block, Row, aligned
from engine.documents.evidence import MEANINGS, extent, hypotheses, inside, marks, needs, strength
from engine.documents.inline import latex_sentence
from engine.documents.typeset import broken
from engine.documents.walk import Citations, Line, Walk, answered, cited, lines, linked, verdict
from engine.kernel import Step
from engine.notation.latex import LatexWriter, relation_sign
from engine.proofs.figures import Figure
from engine.proofs.working import Choice, Idea, Let, Passage, Remark, Suppose, Working, against
from engine.terms import Symbol
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

    def __init__(
        self, working: Working, bold: bool = False, detail: bool = False, beside: Collection[str] = ()
    ) -> None:
        """`beside` are the names of the workings in the same document: they can be linked to."""
        self.write_term: Callable[..., str] = BoldLatexWriter() if bold else LatexWriter()
        self.citations = Citations(working)
        self.name, self.detail, self.beside = working.name, detail, beside
        self.text: list[str] = []
        self.waiting: list[Block] = []  # passages that follow one another
        self.needed: dict[Formula, None] = {}

    def add(self, *texts: str) -> None:
        self.text.extend(aligned(self.waiting))
        self.waiting = []
        self.text.extend(texts)

    # -- parts -------------------------------------------------------------------------------------------------------------

    def header(self, working: Working) -> None:
        self.add(rf"\section{{{latex_sentence(working.title)}}}\label{{sec:{working.name}}}")
        if working.source:
            self.add(rf"\textit{{\small assignment {latex_sentence(working.source)}}}\par")

    def premises(self, working: Working) -> None:
        premises = working.premises
        self.add(r"\textbf{Given}")
        given = [self.write_term(definition) for definition in premises.definitions]
        if given:
            rows = [r"  & " + (r" \\ & \qquad ".join(broken(each, PAGE - 6))) for each in given]
            self.add(r"\begin{align*}", " \\\\\n".join(rows), r"\end{align*}")
        for source, names in cited(premises.definitions).items():
            shown = ", ".join(f"${self.write_term(name)}$" for name in names)
            self.add(rf"{shown}: {latex_sentence(f'cited from {source}')}.\par")
        symbols = ", ".join(f"${self.write_term(declaration)}$" for declaration in premises.declarations)
        assuming = ", ".join(f"${self.write_term(hypothesis)}$" for hypothesis in premises.hypotheses)
        self.add(
            r"\begin{sloppypar}\noindent where "
            + symbols
            + (f", assuming {assuming}" if assuming else "")
            + r".\end{sloppypar}"
        )
        for each in premises.conventions:
            self.add(latex_sentence(f"“{each.words}” is taken to mean: {each.meaning} ({each.source}).") + r"\par")
        for name, title in dict.fromkeys((lemma.name, lemma.title) for lemma in working.lemmas):
            shown = rf"\texttt{{{name}}}"
            linked_name = rf"\hyperref[sec:{name}]{{{shown}}}" if name in self.beside else shown
            self.add(rf"It uses {linked_name} ({latex_sentence(title)}).\par")

    def idea(self, idea: Idea) -> None:
        self.add(rf"\par\smallskip {latex_sentence(idea.sentence)}")

    def passage(self, passage: Passage) -> None:
        rows: list[Row] = []
        for line in lines(passage):
            rows.append(self._row(line))
            if line.step is not None:
                self.needed |= dict.fromkeys(needs(line.step))
                rows += self._inside(line.step) if self.detail else []
        self.waiting.append(Block(latex_sentence(passage.heading), tuple(rows)))

    def _inside(self, step: Step) -> list[Row]:
        """The smaller steps of a line, each a whole formula, set in."""
        found = []
        for line in (line for passage in linked(inside(step)) for line in lines(passage)):
            row = self._row(line)
            found.append(Row("", rf"\qquad\textstyle {row.left} {row.right}", row.reason, ""))
        if needs(step):
            needed = ", ".join(f"${self.write_term(formula)}$" for formula in needs(step))
            found.append(Row("", rf"\qquad\text{{\small needs {needed}}}", "", ""))
        return found

    def _row(self, line: Line) -> Row:
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
        sentence, cited = self.citations.reason(step)
        numbers = [", ".join(rf"\eqref{{eq:{self.name}:{number}}}" for number in cited)] if cited else []
        noted = (f"[{latex_sentence(mark)}]" for mark in marks(step))
        return " ".join(filter(None, [latex_sentence(sentence), *numbers, *noted]))

    def let(self, let: Let) -> None:
        source = let.definition.citation
        cited_from = f" ({latex_sentence(f'cited from {source}')})" if source else ""
        self.add(rf"\par\smallskip Let $\displaystyle {self.write_term(let.definition)}${cited_from}.")

    def suppose(self, suppose: Suppose) -> None:
        self.add(rf"\par\smallskip Suppose ${self.write_term(suppose.hypothesis)}$.")

    def remark(self, remark: Remark) -> None:
        self.add(r"\begin{remark*}" + latex_sentence(remark.text) + r"\end{remark*}")

    def choice(self, working: Working, choice: Choice) -> None:
        self.add(rf"\par\smallskip\textit{{{latex_sentence(choice.question)}}}\par")
        for option in choice.options:
            shown = latex_sentence(option.said)
            mark = rf"\makebox[1.5em][l]{{{_VERDICTS[verdict(option)]}}}"
            self.add(mark + (rf"\textbf{{{shown}}}" if option.is_shown else shown) + r"\par")
            if (contrary := against(working, choice, option)) is not None:
                self._grounds(f"it would mean {self._contrary(*contrary)}")
            elif option is choice.chosen:
                self._grounds(f"because {self._claims(choice.because)}")
        for reason in choice.why:
            said = rf"{latex_sentence(reason.text)} [{self._claims(reason.because)}]"
            self.add(rf"\begin{{sloppypar}}\noindent {said}\end{{sloppypar}}")

    def _grounds(self, said: str) -> None:
        """Why an option is right, or refuted, on a line below it."""
        self.add(rf"{{\small\raggedright\leftskip=1.5em {said}\par}}")

    def _contrary(self, claim: Formula, fact: Formula | None) -> str:
        return f"${self.write_term(claim)}$" + (
            f", but ${self.write_term(fact)}$" if fact is not None else ", which fails"
        )

    def _claims(self, steps: Sequence[Step]) -> str:
        grounds = self.citations.grounds(steps)
        return ", ".join(
            f"${self.write_term(formula)}$" + (f" ({latex_sentence(why)})" if why else "") for formula, why in grounds
        )

    def figure(self, working: Working, figure: Figure) -> None:
        self.add(*pgfplots.block(working, figure, self.write_term))

    def results(self, working: Working) -> None:
        self.add(rf"\par\smallskip\textbf{{Result}}\footnote{{{self._evidence(working)}}}")
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
            for name, value in result.parts:
                self.add(rf"{latex_sentence(name)}: $\displaystyle {self.write_term(value)}$\par")
        for choice in working.choices:
            self.add(rf"\par\textbf{{{latex_sentence(answered(choice))}}}\par")

    def _evidence(self, working: Working) -> str:
        meanings = "; ".join(rf"\emph{{{kind.value}}}: {MEANINGS[kind]}" for kind in working.whole.counts)
        shown = f", {extent(working)}" if extent(working) else ""
        needed = ", ".join(f"${self.write_term(formula)}$" for formula in self.needed)
        conditions = f" What its lines need follows from the premises: {needed}." if needed else ""
        return latex_sentence(strength(working)) + rf"{shown}. A line is {meanings}.{conditions}"


def _relation(line: Line) -> str:
    return relation_sign(line.relation) if line.relation is not None else ""


def fragment(working: Working, bold: bool = False, detail: bool = False, beside: Collection[str] = ()) -> str:
    """What goes into a document of one's own; its first line says which packages it needs. `beside`: see `LatexPage`."""
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
