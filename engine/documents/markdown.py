"""A working as Markdown for GitHub: mathematics in fences of its own, where nothing in it is taken for markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import ClassVar

from engine.documents.captions import caption
from engine.documents.evidence import extent, inside, marks, needs, strength
from engine.documents.inline import Mode, segments
from engine.documents.reasons import why
from engine.documents.walk import PassageLine, Walk, lines, linked, verdict
from engine.kernel import Step
from engine.notation.latex import latex, relation_sign
from engine.proofs.figures import Figure
from engine.proofs.working import Option, Passage, Working
from engine.terms import Definition, Term
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula

Addresses = Mapping[tuple[str, str], str]  # of pictures, by the names of a working and of its figure
NOWHERE: Addresses = MappingProxyType({})


class MarkdownPage(Walk):
    """Collects the paragraphs of a working."""

    FRAMES: ClassVar = {"": "%s", "remark": "> **Remark.** %s", "answer": "**%s**"}

    def __init__(
        self, working: Working, detail: bool = False, beside: Collection[str] = (), pictures: Addresses = NOWHERE
    ) -> None:
        super().__init__(working, beside)
        self.pictures, self.detail = pictures, detail
        self.paragraphs: list[str] = []

    def add(self, *texts: str) -> None:
        self.paragraphs.extend(texts)

    def prose(self, text: str) -> str:
        return prose(text)

    def inline(self, thing: Term | Formula | Definition | Declaration) -> str:
        return inline(latex(thing))

    def fenced(self, *rows: str) -> None:
        body = " \\\\\n".join(rows)
        self.add(f"```math\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n```")

    def aside(self, words: str) -> str:
        return f"({words})"

    def heading(self, title: str) -> None:
        self.add(f"**{prose(title)}**")

    def header(self, working: Working) -> None:
        source = f" (assignment {working.source})" if working.source else ""
        shown = f"; {extent(working)}" if extent(working) else ""
        self.add(f"## {working.title}{source}", f'<a id="{working.name}"></a>*{prose(strength(working))}{shown}*')

    def given(self, definitions: Sequence[Definition]) -> None:
        if definitions:
            self.fenced(*(f"& {latex(definition)}" for definition in definitions))

    def link(self, name: str) -> str:
        return f"[`{name}`](#{name})" if name in self.beside else f"`{name}`"

    def passage(self, passage: Passage) -> None:
        if passage.heading:
            self.heading(passage.heading)
        self.fenced(*(self._row(line) for line in lines(passage)))
        for number, step in enumerate(passage.steps, 1):
            if self.detail and (inside(step) or needs(step)):
                self._inside(step, number)

    def _inside(self, step: Step, number: int) -> None:
        """What happens inside a line, folded."""
        self.add(f"<details><summary>Inside line {number}: {prose(why(step))}</summary>")
        for smaller in linked(inside(step)):
            self.fenced(*(self._row(line) for line in lines(smaller)))
        if needs(step):
            self.add("It needs " + self.joined(needs(step)) + ".")
        self.add("</details>")

    def _row(self, line: PassageLine) -> str:
        left = latex(line.left) if line.left is not None else ""
        relation = relation_sign(line.relation) if line.relation is not None else r"\qquad"
        right = f"{relation} {latex(line.right)}" if line.right is not None else ""
        if line.step is None:
            return f"{left} & {right}"
        number = self.citations.number(line.step)
        tag = "" if number is None else rf" \quad ({number})"
        reason = self._reason(line.step)
        return rf"{left} & {right}" + (f" && {reason}{tag}" if reason else "")

    def _reason(self, step: Step) -> str:
        sentence, cited = self.citations.reason(step)
        numbers = [", ".join(f"({number})" for number in cited)] if cited else []
        noted = (f"[{mark}]" for mark in marks(step))
        return r"\ ".join(filter(None, [_text(sentence), *(_words(each) for each in (*numbers, *noted))]))

    def options(self, question: str, options: Iterable[tuple[Option, str]]) -> None:
        said = [(option, prose(option.said), f"<br>{grounds}" if grounds else "") for option, grounds in options]
        rows = (f"- {verdict(o)} {f'**{words}**' if o.is_shown else words}{below}" for o, words, below in said)
        self.add(f"*{question}*", "\n".join(rows))

    def figure(self, working: Working, figure: Figure) -> None:
        address = self.pictures.get((working.name, figure.name))
        if address is not None:
            self.add(f"![{_literal(figure.caption)}]({address})")
        told = caption(working, figure, self.inline, prose)
        self.add(f"**Figure.** {told}")

    def result(self, name: str, formula: Formula, conditions: Sequence[Formula]) -> None:
        lead = _text(name) + r"\text{: }" if name else ""
        condition = rf"\quad \text{{if }} {', '.join(map(latex, conditions))}" if conditions else ""
        self.add(f"```math\n{lead}\\boxed{{{latex(formula)}}}{condition}\n```")


def inline(formula: str) -> str:
    """A formula within a line."""
    return f"$`{formula}`$"


def prose(text: str) -> str:
    """A sentence with its mathematics between dollars, and nothing else in it taken for markup."""
    written = {Mode.TEXT: _literal, Mode.MATHEMATICS: inline, Mode.CODE: "`{}`".format}
    return "".join(written[kind](part) for kind, part in segments(text))


def _text(sentence: str) -> str:
    """A sentence inside of mathematics: MathJax reads no command in the text of a formula."""
    written: dict[Mode, Callable[[str], str]] = {
        Mode.TEXT: _words,
        Mode.MATHEMATICS: r"{{\textstyle {}}}".format,
        Mode.CODE: r"\texttt{{{}}}".format,
    }
    pieces = groupby((piece for piece in segments(sentence) if piece[1]), lambda piece: piece[0])
    return "".join(written[kind]("".join(text for _, text in group)) for kind, group in pieces)


def _words(text: str) -> str:
    return r"\text{" + re.sub(r"([{}$])", r"\\\1", text) + "}"


def _literal(text: str) -> str:
    return re.sub(r"([\\*_<>#`$\[\]|])", r"\\\1", text)


def markdown(workings: Sequence[Working], detail: bool = False, pictures: Addresses = NOWHERE) -> str:
    """One page; of several workings, with a list of contents. `pictures`: where those of its figures are."""
    paragraphs = []
    if len(workings) > 1:
        paragraphs.append("\n".join(f"- [{working.title}](#{working.name})" for working in workings))
    for working in workings:
        page = MarkdownPage(working, detail, {each.name for each in workings}, pictures)
        page.write(working)
        paragraphs += page.paragraphs
    return _allowed("\n\n".join(paragraphs)) + "\n"


def _allowed(text: str) -> str:
    """Names of operators in commands that GitHub lets through: \\operatorname, \\phantom and \\mbox it refuses."""
    return re.sub(r"\\operatorname\*?\{([^{}]*)\}", r"\\mathop{\\mathrm{\1}}", text)
