"""A working as one HTML file: native MathML, nothing fetched, no script; each line folds out to what it stands on."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from html import escape
from importlib.resources import files
from typing import ClassVar

from engine.documents.captions import caption, legend
from engine.documents.evidence import MEANINGS, WORLDS, conditions, extent, hypotheses, inside, marks, strength, worth
from engine.documents.inline import Mode, segments
from engine.documents.mathml import display, law, mathml
from engine.documents.svg import inline as picture
from engine.documents.svg import key, looks
from engine.documents.walk import PassageLine, Walk, lines, linked, verdict
from engine.kernel import Step
from engine.notation.latex import latex, relation_sign
from engine.proofs.figures import Figure
from engine.proofs.working import Option, Passage, Working
from engine.terms import Definition, Term
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula


class HtmlArticle(Walk):
    """Collects the elements of a working."""

    COMMA = "\u2060, "  # no line starts with one
    FRAMES: ClassVar = {
        "": "<p>%s</p>",
        "cited": '<p class="grounds">%s</p>',
        "idea": '<p class="idea">%s</p>',
        "remark": '<p class="remark"><b>Remark.</b> %s</p>',
        "reason": '<p class="reason">%s</p>',
        "part": '<p class="part">%s</p>',
        "answer": '<p class="result">%s</p>',
    }

    def __init__(self, working: Working, level: int = 1, unfolded: bool = False, beside: Collection[str] = ()) -> None:
        super().__init__(working, beside)
        self.name, self.level, self.unfolded = working.name, level, unfolded
        self.elements: list[str] = []

    def add(self, *texts: str) -> None:
        self.elements.extend(texts)

    def prose(self, text: str) -> str:
        return prose(text)

    def inline(self, thing: Term | Formula | Definition | Declaration) -> str:
        return mathml(latex(thing))

    def display(self, thing: Definition) -> str:
        return shown(thing)

    def aside(self, words: str) -> str:
        return f'<span class="condition">[\u2060{words}\u2060]</span>'

    def heading(self, title: str) -> None:
        level = self.level + 1
        self.add(f"<h{level}>{prose(title)}</h{level}>")

    # -- parts ---------------------------------------------------------------------------------------------------------

    def header(self, working: Working) -> None:
        source = f"assignment {escape(working.source)} · " if working.source else ""
        extent_of = f" · {extent(working)}" if extent(working) else ""
        self.add(
            f'<header><h{self.level} id="{working.name}-title">{prose(working.title)}</h{self.level}>',
            f'<p class="strength">{source}{prose(strength(working))}{extent_of}</p></header>',
        )

    def given(self, definitions: Sequence[Definition]) -> None:
        if definitions:
            self.add(bulleted(map(shown, definitions), "given"))

    def link(self, name: str) -> str:
        return f'<a href="#{name}"><code>{name}</code></a>' if name in self.beside else f"<code>{name}</code>"

    def passage(self, passage: Passage) -> None:
        if passage.heading:
            self.heading(passage.heading)
        self.add(self.listed(passage, numbered=True))

    def listed(self, passage: Passage, numbered: bool) -> str:
        return f'<ol class="lines">{"".join(self._line(line, numbered) for line in lines(passage))}</ol>'

    def _line(self, line: PassageLine, numbered: bool) -> str:
        left = f'<span class="left">{shown(line.left)}</span>' if line.left is not None else ""
        sign = f"{{}} {relation_sign(line.relation)} " if line.relation is not None else ""
        right = display(sign + latex(line.right)) if line.right is not None else ""
        formula = left + (f'<span class="right">{right}</span>' if right else "")
        if line.step is None:
            return f'<li><div class="line">{formula}</div></li>'
        number = self.citations.number(line.step) if numbered else None
        here = f' id="{self.name}-{number}"' if number is not None else ""
        tag = f'<span class="number">({number})</span>' if number is not None else ""
        sentence, cited = self.citations.reason(line.step)
        numbers = [", ".join(f"({each})" for each in cited)] if cited else []
        noted = (f'<span class="mark">{prose(mark)}</span>' for mark in marks(line.step))
        why = " ".join(filter(None, [prose(sentence), *numbers, *noted]))
        fold = " open" if self.unfolded else ""
        return (
            f'<li{here}><details{fold}><summary class="line"><span class="mathematics">{formula}</span>'
            f'<span class="why">{why}</span>{tag}</summary>{self._inside(line.step)}</details></li>'
        )

    def _inside(self, step: Step) -> str:
        """What a line stands on."""
        entries = [
            (
                "rule",
                f"{escape(step.rule.name)}: {law(step.rule.law)}" if step.rule.computes else "restated by the author",
            )
        ]
        _, cited = self.citations.reason(step)
        links = [f'<a href="#{self.name}-{number}">({number})</a>' for number in cited]
        if links:
            entries.append(("leans on", ", ".join(links)))
        for title, formulas in (
            ("needs", [condition.claim.formula for condition in conditions(step)]),
            ("if", hypotheses(step)),
        ):
            if formulas:
                entries.append((title, self.joined(formulas)))
        entries.append(("evidence", prose(worth(step.evidence))))
        if smaller := inside(step):
            lists = "".join(self.listed(passage, numbered=False) for passage in linked(smaller))
            entries.append(("inside", lists))
        return "<dl>" + "".join(f"<dt>{title}</dt><dd>{body}</dd>" for title, body in entries) + "</dl>"

    def options(self, question: str, options: Iterable[tuple[Option, str]]) -> None:
        looks = {"→": ("chosen", "<b>{}</b>"), "✗": ("refuted", "{}"), " ": ("open", "{}")}
        items = ""
        for option, grounds in options:
            look, shown = looks[verdict(option)]
            below = f'<div class="grounds">{grounds}</div>' if grounds else ""
            items += f'<li class="{look}">{shown.format(prose(option.said))}{below}</li>'
        self.add(f'<p class="question">{question}</p><ul class="options">{items}</ul>')

    def figure(self, working: Working, figure: Figure) -> None:
        curves = zip(figure.curves, looks(figure), strict=True)
        entries = (key(look) + legend(working, figure, curve, self.inline, prose) for curve, look in curves)
        told = f"<b>Figure.</b> {caption(working, figure, self.inline, prose)}"
        self.add(
            f'<figure id="{self.name}-{figure.name}">{picture(working, figure)}'
            f"<figcaption>{bulleted(entries, 'legend')}<p>{told}</p></figcaption></figure>"
        )

    def result(self, name: str, formula: Formula, conditions: Sequence[Formula]) -> None:
        lead = f"{prose(name)}: " if name else ""
        condition = f' <span class="condition">if {self.joined(conditions)}</span>' if conditions else ""
        self.add(f'<p class="result">{lead}<span class="box">{shown(formula)}</span>{condition}</p>')


def shown(thing: Term | Formula | Definition) -> str:
    """A formula on a line of its own."""
    return display(latex(thing))


def prose(text: str) -> str:
    """A sentence with its mathematics."""
    written: dict[Mode, Callable[[str], str]] = {
        Mode.TEXT: lambda words: re.sub(r"^(?=[,.;:])", "\u2060", escape(words)),  # no line starts with a comma
        Mode.MATHEMATICS: mathml,
        Mode.CODE: lambda code: f"<code>{escape(code)}</code>",
    }
    return "".join(written[kind](part) for kind, part in segments(text))


def bulleted(items: Iterable[str], kind: str) -> str:
    return f'<ul class="{kind}">' + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def article(working: Working, level: int = 1, unfolded: bool = False, beside: Collection[str] = ()) -> str:
    """A working as an element of its own, its title a heading of this level. `beside`: see `Walk`."""
    page = HtmlArticle(working, level, unfolded, beside)
    page.write(working)
    body = "\n".join(page.elements)
    return f'<article class="working" id="{working.name}" aria-labelledby="{working.name}-title">\n{body}\n</article>'


def style(name: str) -> str:
    """A style sheet that stands beside this file."""
    return files("engine.documents").joinpath(name).read_text(encoding="utf-8")


def page(workings: Sequence[Working], unfolded: bool = False) -> str:
    """One file; of several workings, with a list of contents."""
    title = workings[0].title if len(workings) == 1 else "Workings"
    kinds = dict.fromkeys(kind for working in workings for kind in working.whole.counts)
    legend = "".join(f"<dt>{kind.value}</dt><dd>{MEANINGS[kind]}</dd>" for kind in kinds)
    level, names = (1 if len(workings) == 1 else 2), {working.name for working in workings}
    articles = "\n".join(article(working, level, unfolded, names) for working in workings)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<style>
{style("page.css")}{style("article.css")}</style>
</head>
<body>
<main>
{_contents(workings) if len(workings) > 1 else ""}
<p class="hint">{_unfolding(workings)}</p>
{articles}
</main>
<footer><h2>What the evidence is worth</h2><dl>{legend}</dl><p>{escape(WORLDS)}</p></footer>
</body>
</html>
"""


def _unfolding(workings: Sequence[Working]) -> str:
    joined = "the lines that are shown as one, " if any(map(extent, workings)) else ""
    return f"Each line unfolds to {joined}the rule it was computed by, what it needs, and its evidence."


def _contents(workings: Sequence[Working]) -> str:
    links = (f'<a href="#{working.name}">{prose(working.title)}</a>' for working in workings)
    return f'<h1>Workings</h1><nav aria-label="Contents">{bulleted(links, "contents")}</nav>'
