"""A working as Markdown that GitHub renders: mathematics in fences of its own, where nothing in it is taken for markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType

from engine.documents.captions import caption
from engine.documents.evidence import extent, hypotheses, inside, marks, needs, strength
from engine.documents.inline import Kind, segments
from engine.documents.reasons import why
from engine.documents.walk import Citations, Line, Walk, answered, cited, lines, linked, verdict
from engine.kernel import Step
from engine.notation.latex import latex, relation_sign
from engine.proofs.figures import Figure
from engine.proofs.working import Choice, Idea, Let, Option, Passage, Remark, Suppose, Working, against

Addresses = Mapping[tuple[str, str], str]  # of pictures, by the names of a working and of its figure
NOWHERE: Addresses = MappingProxyType({})


class MarkdownPage(Walk):
    """Collects the paragraphs of a working."""

    def __init__(
        self, working: Working, detail: bool = False, beside: Collection[str] = (), pictures: Addresses = NOWHERE
    ) -> None:
        """`beside` are the names of the workings on the same page: they can be linked to."""
        self.pictures = pictures
        self.citations, self.detail, self.beside = Citations(working), detail, beside
        self.paragraphs: list[str] = []

    def fenced(self, *rows: str) -> None:
        body = " \\\\\n".join(rows)
        self.paragraphs.append(f"```math\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n```")

    def header(self, working: Working) -> None:
        source = f" (assignment {working.source})" if working.source else ""
        shown = f"; {extent(working)}" if extent(working) else ""
        self.paragraphs += [
            f"## {working.title}{source}",
            f'<a id="{working.name}"></a>*{prose(strength(working))}{shown}*',
        ]

    def premises(self, working: Working) -> None:
        premises = working.premises
        self.paragraphs.append("**Given**")
        if premises.definitions:
            self.fenced(*(f"& {latex(definition)}" for definition in premises.definitions))
        for source, names in cited(premises.definitions).items():
            self.paragraphs.append(
                f"{', '.join(inline(latex(name)) for name in names)}: {prose(f'cited from {source}')}"
            )
        symbols = ", ".join(inline(latex(declaration)) for declaration in premises.declarations)
        assuming = ", ".join(inline(latex(hypothesis)) for hypothesis in premises.hypotheses)
        self.paragraphs.append(f"where {symbols}" + (f", assuming {assuming}." if assuming else "."))
        self.paragraphs += [
            prose(f"“{each.words}” is taken to mean: {each.meaning} ({each.source}).") for each in premises.conventions
        ]
        for name, title in dict.fromkeys((lemma.name, lemma.title) for lemma in working.lemmas):
            link = f"[`{name}`](#{name})" if name in self.beside else f"`{name}`"
            self.paragraphs.append(f"It uses {link} ({title}).")

    def idea(self, idea: Idea) -> None:
        self.paragraphs.append(prose(idea.sentence))

    def passage(self, passage: Passage) -> None:
        if passage.heading:
            self.paragraphs.append(f"**{prose(passage.heading)}**")
        self.fenced(*(self._row(line) for line in lines(passage)))
        for number, step in enumerate(passage.steps, 1):
            if self.detail and (inside(step) or needs(step)):
                self._inside(step, number)

    def _inside(self, step: Step, number: int) -> None:
        """What happens inside a line, folded."""
        self.paragraphs.append(f"<details><summary>Inside line {number}: {prose(why(step))}</summary>")
        for smaller in linked(inside(step)):
            self.fenced(*(self._row(line) for line in lines(smaller)))
        if needs(step):
            self.paragraphs.append("It needs " + ", ".join(inline(latex(formula)) for formula in needs(step)) + ".")
        self.paragraphs.append("</details>")

    def _row(self, line: Line) -> str:
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

    def let(self, let: Let) -> None:
        source = f" (cited from {prose(let.definition.citation)})" if let.definition.citation else ""
        self.paragraphs.append(f"Let {inline(latex(let.definition))}{source}.")

    def suppose(self, suppose: Suppose) -> None:
        self.paragraphs.append(f"Suppose {inline(latex(suppose.hypothesis))}.")

    def remark(self, remark: Remark) -> None:
        self.paragraphs.append(f"> **Remark.** {prose(remark.text)}")

    def choice(self, working: Working, choice: Choice) -> None:
        options = [
            f"- {verdict(o)} {f'**{prose(o.said)}**' if o.is_shown else prose(o.said)}{_grounds(working, choice, o)}"
            for o in choice.options
        ]
        self.paragraphs += [f"*{prose(choice.question)}*", "\n".join(options)]
        self.paragraphs += [f"{prose(reason.text)} ({_claims(working, reason.because)})" for reason in choice.why]

    def figure(self, working: Working, figure: Figure) -> None:
        address = self.pictures.get((working.name, figure.name))
        if address is not None:
            self.paragraphs.append(f"![{_literal(figure.caption)}]({address})")
        told = caption(working, figure, lambda formula: inline(latex(formula)), prose)
        self.paragraphs.append(f"**Figure.** {told}")

    def results(self, working: Working) -> None:
        self.paragraphs.append("**Result**")
        for result in working.results:
            name = _text(result.name) + r"\text{: }" if result.name else ""
            given = [latex(formula) for formula in hypotheses(result.step)]
            condition = rf"\quad \text{{if }} {', '.join(given)}" if given else ""
            self.paragraphs.append(f"```math\n{name}\\boxed{{{latex(result.step.claim.formula)}}}{condition}\n```")
            self.paragraphs += [f"{prose(name)}: {inline(latex(value))}" for name, value in result.parts]
        self.paragraphs += [f"**{prose(answered(choice))}**" for choice in working.choices]


def _grounds(working: Working, choice: Choice, option: Option) -> str:
    """Why an option is right, or refuted, on a line below it."""
    said = ""
    if (contrary := against(working, choice, option)) is not None:
        claim, fact = contrary
        instead = f", but {inline(latex(fact))}" if fact is not None else ", which fails"
        said = f"it would mean {inline(latex(claim))}{instead}"
    elif option is choice.chosen:
        said = f"because {_claims(working, choice.because)}"
    return f"<br>{said}" if said else ""


def _claims(working: Working, steps: Sequence[Step]) -> str:
    grounds = Citations(working).grounds(steps)
    return ", ".join(inline(latex(formula)) + (f" ({prose(why)})" if why else "") for formula, why in grounds)


def inline(formula: str) -> str:
    """A formula within a line."""
    return f"$`{formula}`$"


def prose(text: str) -> str:
    """A sentence with its mathematics between dollars, and nothing else in it taken for markup."""
    written = {Kind.TEXT: _literal, Kind.MATHEMATICS: inline, Kind.CODE: "`{}`".format}
    return "".join(written[kind](part) for kind, part in segments(text))


def _text(sentence: str) -> str:
    """A sentence inside of mathematics: MathJax reads no command in the text of a formula."""
    written: dict[Kind, Callable[[str], str]] = {
        Kind.TEXT: _words,
        Kind.MATHEMATICS: r"{{\textstyle {}}}".format,
        Kind.CODE: r"\texttt{{{}}}".format,
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
