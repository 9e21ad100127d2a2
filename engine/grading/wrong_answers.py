"""The table of wrong answers: a derivation is replayed with each misconception at each place where it can be had."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice, product
from weakref import WeakKeyDictionary

from engine.grading.conventions import changed_results, conventions
from engine.grading.mistakes import Explanation, Table, fingerprint, reference_of
from engine.grading.processes import pool
from engine.grading.questions import questions
from engine.grading.replays import BROKEN, LEMMA, Alter, Derailed, Memory, Replay, Site, mistaken, replayed
from engine.proofs.derivation import Derivation, Replacement, Variant
from engine.proofs.draft import Draft
from engine.terms import ArgMin, Term
from engine.terms.formulas import Formula

MOST_PAIRS = 400  # of mistakes made together
SITES_FOR_PAIRS = 16
SITES_AT_ONCE = 20

Load = Callable[[], Derivation]


def table(load: Load, processes: int = 1) -> Table:
    """The table of a derivation; several processes share the work."""
    if processes <= 1:
        return _Maker(load().original).table()
    found = Table()
    try:
        with pool(processes) as workers:
            for share in workers.map(partial(_share, load, processes), range(processes)):
                found.take(share)
    except OSError:  # no more processes here
        return table(load)
    return found


def table_from(derivation: Derivation, replaced: Mapping[str, Replacement]) -> Table:
    """The table of a derivation from other premises; of a long one, without replays: nobody waits for them."""
    maker = _Maker(Variant(derivation, replaced) if replaced else derivation.original)
    return maker.table() if len(maker.true.on_the_way) <= SITES_AT_ONCE else maker.recognised()


def _share(load: Load, processes: int, place: int) -> Table:
    return _Maker(load().original).table(place, processes)


class _Maker:
    """Replays one derivation with mistakes in it, and notes what they come to."""

    def __init__(self, variant: Variant) -> None:
        self.variant, self.memory = variant, Memory(lemmas=variant.lemmas)
        self.true = replayed(variant, memory=self.memory)
        self.working = variant.working
        self.questions = {question.part: question for question in questions(self.working)}
        self.references = {part: reference_of(question) for part, question in self.questions.items()}
        self.right = {part: fingerprint(self.references[part], value) for part, value in self.true.values.items()}
        self.lines = self.true.lines
        self.passages = _passages(self.true)
        self.found = Table()

    def table(self, place: int = 0, of: int = 1) -> Table:
        """The table, or the share of one of several makers."""
        groups = self._groups()
        for number, group in enumerate(groups):
            if number % of == place:
                self._follow({group.site.number: group.formula}, group.explanations)
        if len(self.true.on_the_way) <= SITES_FOR_PAIRS:
            for number, (first, second) in enumerate(_pairs(groups)):
                if number % of == place:
                    both = [(a[0], b[0]) for a, b in product(first.explanations, second.explanations) if _often(a, b)]
                    self._follow({first.site.number: first.formula, second.site.number: second.formula}, both)
        return self.recognised() if place == 0 else self.found

    def _groups(self) -> list[Group]:
        """Mistakes that make the same wrong value on the same passage lead to the same answer: one is followed."""
        groups: dict[object, Group] = {}
        reference = next(iter(self.references.values()), None)
        for site in self.true.on_the_way:
            true = fingerprint(reference, _found(site.formula))
            for explanation, formula in self._wrong_at(site):
                wrong = fingerprint(reference, _found(formula))
                if wrong and wrong == true:
                    continue
                if wrong and true:
                    self.found.add_line(true, wrong, explanation)
                key = (self.passages.get(site.number, -site.number), wrong) if wrong else (site.number, formula)
                explanations = groups.setdefault(key, Group(site, formula, [])).explanations
                if explanation not in explanations:
                    explanations.append(explanation)
        return list(groups.values())

    def _wrong_at(self, site: Site) -> Iterator[tuple[Explanation, Formula]]:
        """What may go wrong at a site: in a lemma, what may go wrong in its derivation."""
        if site.move.rule is LEMMA:
            yield from wrong_lemmas(*site.move.arguments)
            return
        line = self.lines.get(site.number)
        for misconception, formula in mistaken(site):
            yield ((misconception.name, line, site.move.rule.name, ""),), formula

    def _follow(self, changes: Mapping[int, Formula], explanations: Sequence[Explanation]) -> None:
        try:
            replay = replayed(self.variant, _with(changes), self.memory)
            self._note(replay.values, explanations)
        except (*BROKEN, Derailed):
            return

    def _note(self, values: Mapping[str, Term], explanations: Sequence[Explanation]) -> None:
        for part, value in values.items():
            reference = self.references.get(part)
            wrong = fingerprint(reference, value) if reference and value.shape == reference.value.shape else ""
            if wrong and wrong != self.right[part]:
                for explanation in explanations:
                    self.found.add(part, wrong, explanation)

    # -- what is no mistake of one step --------------------------------------------------------------------------------

    def recognised(self) -> Table:
        """The table, with the answers that are no mistake of one step."""
        for part, question in self.questions.items():
            for name, more, value in changed_results(question):
                self._note({part: value}, [((name, None, "", more),)])
        premises = self.working.premises
        for premise, replaced, text in conventions(premises.definitions, premises.declarations):
            if premise not in self.variant.replaced:
                try:
                    replay = replayed(self.variant.with_premise(premise, replaced), memory=self.memory)
                    self._note(replay.values, [(("other-convention", None, "", text),)])
                except (*BROKEN, Derailed):
                    continue
        return self.found


def _found(formula: Formula) -> Term | Formula | None:
    """The side of a line that says what was found: of a minimiser, the point."""
    return formula.left if isinstance(formula.right, ArgMin) else formula.right


@dataclass(frozen=True)
class Group:
    """Mistakes at one site, or on one passage, that come to the same."""

    site: Site
    formula: Formula
    explanations: list[Explanation]


OFTEN = frozenset(
    (
        "exponent-not-brought-down", "a-half-ignored", "term-not-multiplied", "one-side-multiplied", "sign-not-changed",
        "term-not-differentiated", "first-term-only", "constant-not-squared", "sum-dropped", "root-forgotten",
    )
)  # fmt: skip


def _often(*explanations: Explanation) -> bool:
    """Whether mistakes are ones that are often made, as two in one working are."""
    return all(name in OFTEN for explanation in explanations for name, *_ in explanation)


def _pairs(groups: list[Group]) -> Iterator[tuple[Group, Group]]:
    """Two mistakes that are often made, on different lines, near ones first."""
    frequent = [group for group in groups if any(_often(explanation) for explanation in group.explanations)]
    ordered = (
        (first, second)
        for reach in range(1, len(frequent))
        for first, second in zip(frequent, frequent[reach:], strict=False)
        if first.site.number < second.site.number
    )
    return islice(ordered, MOST_PAIRS)


def _passages(replay: Replay) -> dict[int, int]:
    """The passage that each site is on, where that is one of equal terms."""
    found: dict[int, int] = {}
    drafts = (part for part in replay.parts if isinstance(part, Draft))
    line = 0
    sites = {line: site for site, line in replay.lines.items()}
    for number, draft in enumerate(drafts):
        for _ in draft.steps:
            line += 1
            if line in sites and isinstance(draft.start, Term):
                found[sites[line]] = number
    return found


def _with(changes: Mapping[int, Formula]) -> Alter:
    return lambda site: changes.get(site.number)


_WRONG: WeakKeyDictionary[Variant, dict[str, tuple[tuple[Explanation, Formula], ...]]] = WeakKeyDictionary()


def wrong_lemmas(lemma: Variant, part: str) -> tuple[tuple[Explanation, Formula], ...]:
    """What a result is taken for after a mistake in its derivation: made once."""
    known = _WRONG.setdefault(lemma, {})
    if part not in known:
        known[part] = _wrong_lemmas(lemma, part)
    return known[part]


def _wrong_lemmas(lemma: Variant, part: str) -> tuple[tuple[Explanation, Formula], ...]:
    maker = _Maker(lemma)
    right = maker.true.claim(part)
    found: list[tuple[Explanation, Formula]] = []
    for group in maker._groups():
        explanations = [
            tuple((n, step, rule, more or lemma.derivation.name) for n, step, rule, more in each)
            for each in group.explanations
        ]
        with suppress(*BROKEN, Derailed):
            replay = replayed(lemma, _with({group.site.number: group.formula}), maker.memory)
            claim = replay.claim(part)
            if claim is not None and right is not None and claim != right:
                found += [(explanation, claim) for explanation in explanations]
    return tuple(found)
