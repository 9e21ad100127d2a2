"""What a working is beyond its steps: its lines meet, and speak of what its premises declare and of nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from engine.kernel import DerivationError, Step
from engine.premises import Declaration
from engine.rendering.plain import plain
from engine.terms import Call, Definition, Entry, Symbol, is_standard
from engine.working import Answer, Let, Passage, Premises, Working


class Incoherent(DerivationError):
    """A working that does not hold together: `place` is where in it, `message` is why."""

    def __init__(self, message: str, place: str) -> None:
        self.message, self.place = message, place
        super().__init__(message)


def holds_together(working: Working) -> None:
    """Raises Incoherent unless lines meet, speak of the premises that the working names, and conclude something."""
    premises = _Premises(working.premises)
    for number, part in enumerate(working.parts):
        match part:
            case Let():
                premises.name(part.definition, f"parts[{number}]")
            case Passage():
                _meet(part, f"parts[{number}]")
                for place, step in enumerate(part.steps):
                    premises.bear(step, f"parts[{number}].steps[{place}]")
            case Answer() if part.chosen not in part.options or not part.because:
                raise Incoherent("an answer is one of its options, and leans on a line", f"parts[{number}]")
    if not working.results:
        raise Incoherent("it concludes nothing: proof.conclude(…) says what the result is", "results")
    for number, result in enumerate(working.results):
        premises.bear(result.step, f"results[{number}]")
    _are_lines(working, "idea.lines", working.idea.lines)
    _are_lines(working, "outline", working.outline)


def _are_lines(working: Working, place: str, chosen: Iterable[Step | str]) -> None:
    lines = set(map(id, working.steps))
    for number, item in enumerate(chosen):
        if not isinstance(item, str) and id(item) not in lines:
            raise Incoherent("what is chosen to be shown is a line of the working", f"{place}[{number}]")


def _meet(passage: Passage, place: str) -> None:
    try:
        if not passage.steps:
            raise DerivationError("a passage without lines")
        _ = passage.result
    except DerivationError as error:
        raise Incoherent(str(error), place) from error


class _Premises:
    """What lines may speak of, each thing written in a way of its own."""

    def __init__(self, premises: Premises) -> None:
        self.named: dict[str, Definition] = {}
        self.declared: dict[str, Declaration] = {}
        self.written: dict[str, str] = {}
        for declaration in premises.declarations:
            self._written(declaration.symbol.name, "premises")
            self.declared[declaration.symbol.name] = declaration
        for definition in premises.definitions:
            self.name(definition, "premises")

    def name(self, definition: Definition, place: str) -> None:
        """Raises Incoherent for a name that something else has. Values with an index, v_t, may be of a symbol v."""
        name = definition.name
        if self.named.get(name, definition) != definition or (name in self.declared and not definition.indexed):
            raise Incoherent(f"two different things are both written {plain(Symbol(name))}", place)
        self._written(name, place)
        self.named[name] = definition

    def _written(self, name: str, place: str) -> None:
        shown = plain(Symbol(name))
        if self.written.setdefault(shown, name) != name:
            raise Incoherent(f"two different things are both written {shown}", place)

    def bear(self, step: Step, place: str) -> None:
        """Raises Incoherent for a name or symbol that the premises do not have, or have otherwise.

        What else a line assumes needs no looking for: its claim says it, and so does the result.
        """
        for node in (node for side in step.claim.formula.sides for node in side.walk()):
            if isinstance(node, Call) and not self._is_defined(node.definition):
                raise Incoherent(f"{node.definition.name} is not defined so by the premises", place)
            if isinstance(node, Entry) and isinstance(node.base, Symbol) and node.base.name in self.named:
                raise Incoherent(f"two different things are both written {plain(node)}", place)
        for assumption in step.claim.assumptions:
            if isinstance(assumption, Declaration) and not self._is_declared(assumption, step):
                raise Incoherent(f"{assumption.symbol.name} is not declared so by the premises", place)

    def _is_declared(self, declaration: Declaration, step: Step) -> bool:
        """By the premises; or as the index of a sum alone, which a condition under that sum speaks of."""
        known = self.declared.get(declaration.symbol.name)
        bound = declaration.domain.index_up_to is not None and declaration.symbol not in step.claim.formula.free
        return known == declaration or (known is None and bound)

    def _is_defined(self, definition: Definition) -> bool:
        return self.named.get(definition.name, definition if is_standard(definition) else None) == definition
