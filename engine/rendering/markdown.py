"""A working as Markdown that GitHub renders: mathematics in fences of its own, where nothing in it is taken for markup."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from engine.figures import Figure
from engine.kernel import Step
from engine.rendering.captions import caption
from engine.rendering.evidence import extent, hypotheses, inside, marks, needs, strength
from engine.rendering.inline import Kind, latex_sentence, segments
from engine.rendering.latex import latex, relation_sign
from engine.rendering.reasons import why
from engine.rendering.walk import Citations, Line, Walk, answered, lines, linked, verdict
from engine.working import Choice, Idea, Let, Passage, Remark, Suppose, Working

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
        relation = relation_sign(line.relation) if line.relation is not None else r"\phantom{\iff}"
        right = f"{relation} {latex(line.right)}" if line.right is not None else ""
        if line.step is None:
            return f"{left} & {right}"
        number = self.citations.number(line.step)
        tag = "" if number is None else rf" \quad ({number})"
        reason = self._reason(line.step)
        return rf"{left} & {right}" + (rf" && \text{{{reason}}}{tag}" if reason else "")

    def _reason(self, step: Step) -> str:
        sentence, cited = self.citations.reason(step)
        numbers = [", ".join(f"({number})" for number in cited)] if cited else []
        noted = (f"[{mark}]" for mark in marks(step))
        return " ".join(filter(None, [latex_sentence(sentence), *numbers, *noted]))

    def let(self, let: Let) -> None:
        self.paragraphs.append(f"Let {inline(latex(let.definition))}.")

    def suppose(self, suppose: Suppose) -> None:
        self.paragraphs.append(f"Suppose {inline(latex(suppose.hypothesis))}.")

    def remark(self, remark: Remark) -> None:
        self.paragraphs.append(f"> **Remark.** {prose(remark.text)}")

    def choice(self, choice: Choice) -> None:
        options = [f"- {verdict(o)} {f'**{prose(o.said)}**' if o.is_shown else prose(o.said)}" for o in choice.options]
        self.paragraphs += [f"*{prose(choice.question)}*", "\n".join(options)]
        if choice.because:
            self.paragraphs.append(f"because {_claims(choice.because)}.")
        self.paragraphs += [f"{prose(reason.text)} ({_claims(reason.because)})" for reason in choice.why]

    def figure(self, working: Working, figure: Figure) -> None:
        address = self.pictures.get((working.name, figure.name))
        if address is not None:
            self.paragraphs.append(f"![{_literal(figure.caption)}]({address})")
        told = caption(working, figure, lambda formula: inline(latex(formula)), prose)
        self.paragraphs.append(f"**Figure.** {told}")

    def results(self, working: Working) -> None:
        self.paragraphs.append("**Result**")
        for result in working.results:
            name = rf"\text{{{latex_sentence(result.name)}: }}" if result.name else ""
            given = [latex(formula) for formula in hypotheses(result.step)]
            condition = rf"\quad \text{{if }} {', '.join(given)}" if given else ""
            self.paragraphs.append(f"```math\n{name}\\boxed{{{latex(result.step.claim.formula)}}}{condition}\n```")
            self.paragraphs += [f"{prose(name)}: {inline(latex(value))}" for name, value in result.parts]
        self.paragraphs += [f"**{prose(answered(choice))}**" for choice in working.choices]


def _claims(steps: Sequence[Step]) -> str:
    return ", ".join(inline(latex(step.claim.formula)) for step in steps)


def inline(formula: str) -> str:
    """A formula within a line."""
    return f"$`{formula}`$"


def prose(text: str) -> str:
    """A sentence with its mathematics between dollars, and nothing else in it taken for markup."""
    written = {Kind.TEXT: _literal, Kind.MATHEMATICS: inline, Kind.CODE: "`{}`".format}
    return "".join(written[kind](part) for kind, part in segments(text))


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
    return "\n\n".join(paragraphs) + "\n"
